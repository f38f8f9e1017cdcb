//! Limits on what strangers may try: signing in, asking for mails. Each attempt is counted in four places, in one round
//! trip to Redis: for the pair of account and address, for the address, for its network, for the account. Each count
//! leaks; once it is above its free attempts, the next attempt has to wait, twice as long each time up to a longest delay.
//!
//! Nobody is locked out. An attempt that comes too early is refused and not counted, so the delay ends; and what is tried
//! from elsewhere never delays the first attempt of an address of its own: attempts on an account from many addresses only
//! shorten the free attempts that each address has there ("pressure"), to one at a time. So the owner of an account under
//! attack gets in from their own address with the right password at once.
//!
//! When Redis is away the same is counted in the process, with half of the free attempts: strict, never open.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use super::{
    address::Network,
    entropy::sha256,
    redis::{self, RedisAway},
    scope::RequestScope,
};
use crate::error::AppError;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Proving who one is: passwords, codes.
    SignIn,
    /// Giving the second factor, after the first was right.
    SecondFactor,
    /// Having a mail sent to an address that anybody may type: codes, password resets, notices to a replaced address.
    Mail,
    /// Having invitations sent, as somebody who may.
    Invitation,
    /// Having the portal ask a customer's provider, or the name server of its domain.
    Sso,
    /// Asking for something that an authenticator shall sign: each is a row until it ends. The account is the address.
    Challenge,
    /// Opening tickets: each is announced to the staff by mail.
    Ticket,
    /// Writing in tickets.
    Reply,
}

/// How one count is limited.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Attempts without any delay.
    free: u32,
    /// One attempt is forgotten in so many seconds: the rate that goes on for ever.
    leak: u32,
    /// The longest delay in seconds; 0: never delays.
    longest: u32,
}

/// The first delay, in seconds, of an address that tries an account which is under attack from elsewhere.
const UNDER_PRESSURE: u32 = 60;

/// Counts that a process keeps at most while Redis is away.
const LOCAL_COUNTS: usize = 20_000;

impl Limited {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SecondFactor => "second-factor",
            Self::Mail => "mail",
            Self::Invitation => "invitation",
            Self::Sso => "sso",
            Self::Challenge => "challenge",
            Self::Ticket => "ticket",
            Self::Reply => "reply",
        }
    }

    /// For the pair, the address, the network, the account.
    fn rules(self) -> [Rule; 4] {
        let rule = |free, leak, longest| Rule { free, leak, longest };
        match self {
            // 5 tries, then about 6 an hour; an office of hundreds behind one address goes on, as only failures stay counted.
            Self::SignIn => [rule(5, 600, 900), rule(30, 60, 300), rule(90, 20, 300), rule(50, 60, 0)],
            // Whoever tries has the password already, so the account slows down as well, however many addresses take part:
            // 96 tries a day go on, and of 3,500 such days one is enough (three codes of a million are right at a time).
            Self::SecondFactor => [rule(5, 600, 900), rule(30, 60, 300), rule(90, 20, 300), rule(20, 900, 900)],
            // 5 mails, then one in 5 minutes; the account's own limit keeps its mailbox from being flooded.
            Self::Mail => [rule(5, 300, 900), rule(20, 60, 300), rule(60, 20, 300), rule(30, 120, 120)],
            // The account is the customer: 50 at once, then one in 5 minutes (288 a day).
            Self::Invitation => [rule(50, 300, 900), rule(100, 60, 300), rule(200, 20, 300), rule(50, 300, 900)],
            // A whole office signs in from one address on Monday morning; nothing is guessed here, so only the load is limited.
            Self::Sso => [rule(60, 5, 120), rule(120, 3, 120), rule(240, 2, 120), rule(600, 1, 60)],
            // Every visit of the sign-in page asks for one, and an office of hundreds may share an address.
            Self::Challenge => [rule(300, 2, 60), rule(300, 2, 60), rule(900, 1, 60), rule(900, 1, 0)],
            // The account is the person: 20 tickets, then one in 5 minutes; 60 replies, then one a minute. An office behind
            // one address has room for twenty such people.
            Self::Ticket => [rule(20, 300, 900), rule(400, 15, 300), rule(800, 8, 300), rule(20, 300, 900)],
            Self::Reply => [rule(60, 60, 300), rule(1_200, 3, 300), rule(2_400, 2, 300), rule(60, 60, 300)],
        }
    }
}

/// Counts an attempt, before it is made.
///
/// # Errors
/// `TooMany` if it comes too early; then it must not be made, and was not counted.
pub async fn attempt(request: &RequestScope, limited: Limited, account: &str) -> Result<(), AppError> {
    let keys = keys(request.address, limited, account);
    let now = milliseconds(request);
    let wait = match in_redis(request, limited, &keys, now).await {
        Ok(wait) => wait,
        Err(RedisAway) => request.state.local_counts.attempt(&keys, limited.rules(), now),
    };
    if wait <= 0 {
        return Ok(());
    }
    let retry_after_seconds = u32::try_from(wait.saturating_add(999) / 1_000).unwrap_or(u32::MAX);
    tracing::info!(limited = limited.name(), ip = request.ip, account = mark(account), retry_after_seconds, "an attempt came too early");
    Err(AppError::TooMany { retry_after_seconds })
}

/// Takes an attempt back that turned out to be right: only failures stay counted. The address starts afresh with this
/// account; its delay towards others stays.
pub async fn succeeded(request: &RequestScope, limited: Limited, account: &str) {
    let [pair, others @ ..] = keys(request.address, limited, account);
    let mut connection = request.state.redis.connection();
    let mut commands = ::redis::pipe();
    commands.atomic().del(request.state.redis.key(&pair)).ignore();
    for key in &others {
        commands.cmd("HINCRBYFLOAT").arg(request.state.redis.key(key)).arg("level").arg(-1).ignore();
    }
    if redis::limited(async move { commands.query_async::<()>(&mut connection).await }).await.is_err() {
        request.state.local_counts.succeeded(&pair, &others);
    }
}

async fn in_redis(request: &RequestScope, limited: Limited, keys: &[String; 4], now: i64) -> Result<i64, RedisAway> {
    let mut command = ::redis::cmd("EVAL");
    command.arg(include_str!("rate_limit.lua")).arg(keys.len());
    for key in keys {
        command.arg(request.state.redis.key(key));
    }
    command.arg(now);
    for rule in limited.rules() {
        command.arg(rule.free).arg(u64::from(rule.leak) * 1_000).arg(u64::from(rule.longest) * 1_000);
    }
    command.arg(u64::from(UNDER_PRESSURE) * 1_000);
    let mut connection = request.state.redis.connection();
    redis::limited(async move { command.query_async::<i64>(&mut connection).await }).await
}

/// Where an attempt is counted. What stands for the account is hashed: Redis holds nobody's address. The tag in braces
/// keeps all of them on one node of a cluster, as one script touches them.
fn keys(address: Option<IpAddr>, limited: Limited, account: &str) -> [String; 4] {
    let account = mark(account);
    let network = address.map_or_else(|| "unknown".to_owned(), |address| Network::around(address).to_string());
    let address = address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    let key = |place: &str, what: &str| format!("{{limit}}:{}:{place}:{what}", limited.name());
    [key("pair", &format!("{account}:{address}")), key("address", &address), key("network", &network), key("account", &account)]
}

/// What stands for an account where its address must not stand: in Redis and in the log. Whoever suspects an account can
/// find its lines by it.
pub fn mark(account: &str) -> String {
    hex::encode(sha256(account.as_bytes()).get(..12).unwrap_or_default())
}

fn milliseconds(request: &RequestScope) -> i64 {
    i64::try_from(request.now.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// The counts of one process, for while Redis is away.
#[derive(Debug, Default)]
pub struct LocalCounts(Mutex<HashMap<String, Count>>);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    level: f64,
    at: i64,
    until: i64,
    forgotten_at: i64,
}

impl LocalCounts {
    /// As `rate_limit.lua`, with half of the free attempts.
    fn attempt(&self, keys: &[String; 4], rules: [Rule; 4], now: i64) -> i64 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() + keys.len() > LOCAL_COUNTS {
            counts.retain(|_, count| count.forgotten_at > now);
        }
        if counts.len() + keys.len() > LOCAL_COUNTS {
            return i64::from(UNDER_PRESSURE) * 1_000;
        }
        let before: Vec<Count> = keys.iter().zip(rules).map(|(key, rule)| leaked(counts.get(key), rule, now)).collect();
        let wait = before.iter().map(|count| count.until - now).max().unwrap_or_default();
        if wait > 0 {
            return wait;
        }
        let pressed = before.last().zip(rules.last()).is_some_and(|(count, rule)| count.level >= f64::from(rule.free / 2));
        for (place, ((key, rule), count)) in keys.iter().zip(rules).zip(before).enumerate() {
            let (free, first) = if place == 0 && pressed { (1, UNDER_PRESSURE) } else { ((rule.free / 2).max(1), 1) };
            let level = count.level + 1.0;
            let over = (level - f64::from(free)).min(30.0);
            let delay = if over < 0.0 { 0.0 } else { (f64::from(first) * over.exp2()).min(f64::from(rule.longest)) };
            let forgotten_at = count.at + (level * f64::from(rule.leak)).max(delay) as i64 * 1_000;
            let until = if delay > 0.0 { now + (delay * 1_000.0) as i64 } else { count.until };
            counts.insert(key.clone(), Count { level, until, forgotten_at, ..count });
        }
        0
    }

    fn succeeded(&self, pair: &str, others: &[String]) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.remove(pair);
        for key in others {
            if let Some(count) = counts.get_mut(key) {
                count.level = (count.level - 1.0).max(0.0);
            }
        }
    }
}

/// What is left of a count. Its time never goes back: requests that overlap may be counted in another order than they came in.
fn leaked(count: Option<&Count>, rule: Rule, now: i64) -> Count {
    let count = count.copied().unwrap_or(Count { at: now, ..Count::default() });
    let at = count.at.max(now);
    let forgotten = (at - count.at) as f64 / (f64::from(rule.leak) * 1_000.0);
    Count { level: (count.level - forgotten).max(0.0), at, ..count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_stand_in_no_key() {
        let keys = keys(Some("203.0.113.9".parse().unwrap()), Limited::SignIn, "olivia@northwind.example");
        assert!(keys.iter().all(|key| !key.contains("olivia") && key.starts_with("{limit}:sign-in:")), "{keys:?}");
    }

    #[test]
    fn full_table_of_counts_refuses_rather_than_forgets() {
        let counts = LocalCounts::default();
        let address = |number: usize| Some(IpAddr::from([10, (number >> 16) as u8, (number >> 8) as u8, number as u8]));
        let attempt = |number: usize, now| {
            let keys = keys(address(number), Limited::SignIn, &number.to_string());
            counts.attempt(&keys, Limited::SignIn.rules(), now)
        };
        assert!((0..LOCAL_COUNTS).any(|number| attempt(number, 0) > 0));
        assert!(counts.0.lock().unwrap().len() <= LOCAL_COUNTS);
        assert_eq!(attempt(LOCAL_COUNTS, 24 * 3_600 * 1_000), 0, "what has leaked makes room");
    }
}
