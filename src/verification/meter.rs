//! Counting calls against the plan, in the counters of the contract: one round trip to Redis checks and counts.
//!
//! While Redis is away, calls go on: they are kept in memory and added later, and the last known sum with what is kept decides
//! whether the plan is used up. What is kept is lost if the process dies before Redis is back.
//!
//! A counter that Redis does not hold is not 0: Redis may have come back empty in the middle of the month. It begins with the most that
//! is known of it, which is what PostgreSQL last stored (`usage::store_counters`) or the sum that this process last saw.

mod settling;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use time::{Date, OffsetDateTime};
use tokio::sync::Semaphore;

use super::{lookup, rates::Left};
use crate::{
    ids::CustomerId,
    plan::Plan,
    server::{
        redis::{RedisAway, limited},
        state::AppState,
    },
    usage::{model::Metric, stored_calls},
};

/// Counts `ARGV[1]` calls unless they go beyond `ARGV[2]`; answers whether it did, and the sum. Counters may hold fractions. One that is
/// missing begins with `ARGV[3]`; if that is empty, the answer is [`MISSING`] and nothing is counted. Nor is it in one that holds no
/// number, or is of another type: the answer is [`NO_NUMBER`] and no error, which would say that Redis is of no use to anybody.
const TAKE: &str = "local held = redis.pcall('GET', KEYS[1])
if not held then
    if ARGV[3] == '' then return {-1, 0} end
    redis.call('SET', KEYS[1], ARGV[3])
    held = ARGV[3]
end
if type(held) ~= 'string' or not held:find('^%-?%d+%.?%d*$') then return {-2, 0} end
local used = tonumber(held)
local cost = tonumber(ARGV[1])
if used + cost > tonumber(ARGV[2]) then return {0, math.floor(used)} end
if cost > 0 then used = tonumber(redis.call('INCRBYFLOAT', KEYS[1], cost)) end
return {1, math.floor(used)}";

const MISSING: i64 = -1;
const NO_NUMBER: i64 = -2;

/// Counters kept at most while Redis is away.
const KEPT: usize = 20_000;

/// After Redis or PostgreSQL did not answer, it is not asked again for so long: nobody's call waits for it meanwhile.
const REST: Duration = Duration::from_secs(1);

/// Calls that ask PostgreSQL at once what a counter begins with. An emptied Redis must not cost verification its connections.
const BEGUN_AT_ONCE: usize = 4;

/// The calls cannot be counted now: Redis is away, what a counter begins with is not known, or it holds no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Away;

impl From<RedisAway> for Away {
    fn from(_: RedisAway) -> Self {
        Self
    }
}

/// A customer's calls of the UTC month of a day, which is its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Counter {
    customer: CustomerId,
    month: Date,
}

impl Counter {
    fn of(customer: CustomerId, now: OffsetDateTime) -> Self {
        Self { customer, month: now.date().replace_day(1).unwrap_or(now.date()) }
    }

    fn name(self) -> String {
        Metric::ApiCalls.counter_name(self.customer, self.month)
    }
}

/// Calls that Redis was not told of.
#[derive(Default)]
struct Kept {
    calls: HashMap<Counter, i64>,
    /// Those that Redis may have been told of: the answer is not known.
    batch: Option<Arc<settling::Batch>>,
}

impl Kept {
    fn of(&self, counter: Counter) -> i64 {
        let sent = self.batch.as_ref().and_then(|batch| batch.calls.get(&counter));
        self.calls.get(&counter).copied().unwrap_or(0) + sent.copied().unwrap_or(0)
    }
}

/// Until when something is left alone: milliseconds since the meter began.
#[derive(Default)]
struct Rest(AtomicU64);

/// Whether calls were counted: the sum with them, or the sum without them if they go beyond the limit.
type Taken = Result<i64, i64>;

pub(super) struct Meter {
    began: Instant,
    redis_rests: Rest,
    /// What counters begin with cannot be had.
    beginnings_rest: Rest,
    /// It was said that a counter holds no number; nobody needs to read that more than once a second.
    complaints_rest: Rest,
    beginning: Semaphore,
    kept: Mutex<Kept>,
    /// The last known sums.
    sums: Cache<Counter, i64>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            redis_rests: Rest::default(),
            beginnings_rest: Rest::default(),
            complaints_rest: Rest::default(),
            beginning: Semaphore::new(BEGUN_AT_ONCE),
            kept: Mutex::default(),
            sums: Cache::new(KEPT as u64),
        }
    }

    /// Counts `cost` calls, unless they go beyond the plan's limit.
    ///
    /// # Errors
    /// What is left of the month, if they do.
    pub(super) async fn take(
        &self,
        state: &AppState,
        customer: CustomerId,
        plan: Plan,
        cost: u32,
        now: OffsetDateTime,
    ) -> Result<Left, Left> {
        let (counter, limit) = (Counter::of(customer, now), plan.limits().api_calls);
        let taken = match self.ask(state, counter, cost, limit).await {
            Ok(taken) => taken,
            Err(Away) => self.keep(counter, i64::from(cost), limit),
        };
        let left = |used: i64| Left { remaining: (limit - used).max(0), reset_at: first_of_next_month(now) };
        taken.map(left).map_err(left)
    }

    /// Counts in Redis. Only for a counter that is missing this takes more than one round trip.
    async fn ask(&self, state: &AppState, counter: Counter, cost: u32, limit: i64) -> Result<Taken, Away> {
        if let Some(taken) = self.ask_redis(state, counter, cost, limit, None).await? {
            return Ok(taken);
        }
        let Ok(Ok(_turn)) = tokio::time::timeout(lookup::TIME_LIMIT, self.beginning.acquire()).await else { return Err(Away) };
        // Another call with the same counter may have been first.
        if let Some(taken) = self.ask_redis(state, counter, cost, limit, None).await? {
            return Ok(taken);
        }
        let beginning = self.beginnings(state, &[counter]).await?.first().copied();
        self.ask_redis(state, counter, cost, limit, beginning).await?.ok_or(Away)
    }

    /// `None`: the counter is missing, and it is not known what it begins with.
    async fn ask_redis(
        &self,
        state: &AppState,
        counter: Counter,
        cost: u32,
        limit: i64,
        beginning: Option<i64>,
    ) -> Result<Option<Taken>, Away> {
        if self.is_resting(&self.redis_rests) {
            return Err(Away);
        }
        let mut command = ::redis::cmd("EVAL");
        command.arg(TAKE).arg(1).arg(state.redis.key(&counter.name())).arg(cost).arg(limit).arg(argument(beginning));
        let mut connection = state.redis.connection();
        let answer = limited(async move { command.query_async::<(i64, i64)>(&mut connection).await }).await;
        let (allowed, used) = answer.inspect_err(|_| self.rest(&self.redis_rests))?;
        match allowed {
            MISSING => return Ok(None),
            NO_NUMBER => {
                self.complain(counter);
                return Err(Away);
            }
            _ => self.sums.insert(counter, used),
        }
        Ok(Some(if allowed == 1 { Ok(used) } else { Err(used) }))
    }

    fn complain(&self, counter: Counter) {
        if !self.is_resting(&self.complaints_rest) {
            self.rest(&self.complaints_rest);
            tracing::error!(counter = counter.name(), "a usage counter does not hold a number: set it; until then calls are counted here");
        }
    }

    /// What these counters begin with.
    async fn beginnings(&self, state: &AppState, counters: &[Counter]) -> Result<Vec<i64>, Away> {
        if self.is_resting(&self.beginnings_rest) {
            return Err(Away);
        }
        let months: Vec<(CustomerId, Date)> = counters.iter().map(|counter| (counter.customer, counter.month)).collect();
        let Ok(Ok(stored)) = tokio::time::timeout(lookup::TIME_LIMIT, stored_calls(state, &months)).await else {
            tracing::warn!("redis holds no counter, and what was stored of it cannot be read: calls are counted here");
            self.rest(&self.beginnings_rest);
            return Err(Away);
        };
        Ok(counters.iter().zip(stored).map(|(counter, stored)| stored.max(self.sums.get(counter).unwrap_or(0))).collect())
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn rest(&self, until: &Rest) {
        until.0.store(self.elapsed() + REST.as_millis() as u64, Ordering::Relaxed);
    }

    fn is_resting(&self, until: &Rest) -> bool {
        self.elapsed() < until.0.load(Ordering::Relaxed)
    }

    /// As [`TAKE`], by what is known here; what is not known refuses nobody.
    fn keep(&self, counter: Counter, cost: i64, limit: i64) -> Taken {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.sums.get(&counter).unwrap_or(0) + kept.of(counter);
        if used + cost > limit {
            return Err(used);
        }
        if kept.calls.len() >= KEPT && !kept.calls.contains_key(&counter) {
            tracing::error!(counter = counter.name(), cost, "redis is away for too many customers at once: calls are not counted");
        } else if cost > 0 {
            *kept.calls.entry(counter).or_default() += cost;
        }
        Ok(used + cost)
    }

    /// Calls that Redis was not told of, or may not have been.
    pub(super) fn kept(&self) -> i64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.calls.values().sum::<i64>() + kept.batch.as_ref().map_or(0, |batch| batch.calls.values().sum())
    }
}

/// What a counter begins with, as the scripts take it.
fn argument(beginning: Option<i64>) -> String {
    beginning.map(|calls| calls.to_string()).unwrap_or_default()
}

/// When the plan's calls begin anew: the first of the next UTC month.
fn first_of_next_month(now: OffsetDateTime) -> OffsetDateTime {
    let (year, month) = (now.year(), now.month());
    let year = if month == time::Month::December { year + 1 } else { year };
    Date::from_calendar_date(year, month.next(), 1).unwrap_or(now.date()).midnight().assume_utc()
}
