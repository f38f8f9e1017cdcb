//! Why calls with a key are refused, and what mends it.

use std::net::IpAddr;

use time::OffsetDateTime;

use super::{KeyState, Limits, Mend, Refused, RefusedFrom};
use crate::{ids::KeyId, number::grouped, server::address::Network, when::When};

/// The most addresses shown for one reason.
const MOST_ADDRESSES: usize = 5;

/// So many rows of each reason are enough for [`explain`]: one may be without an address.
pub const ROWS_OF_A_REASON: i64 = 6;

/// Calls of one outcome from one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `valid`, or why they were refused.
    pub code: String,
    /// From where; empty where it is not known.
    pub ip: String,
    /// How many.
    pub calls: i64,
    /// When last.
    pub last_at: OffsetDateTime,
    /// How many calls had this outcome, from wherever.
    pub calls_in_all: i64,
    /// From how many known addresses.
    pub addresses: i64,
}

impl Recorded {
    /// As shown.
    pub fn shown(&self, now: OffsetDateTime, can_be_allowed: bool) -> RefusedFrom {
        RefusedFrom { ip: self.ip.clone(), count: calls(self.calls), last: When::new(self.last_at, now), can_be_allowed }
    }
}

/// Calls from one address, whatever became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallsFrom {
    /// From where; empty where it is not known.
    pub ip: String,
    /// How many.
    pub calls: i64,
    /// When last.
    pub last_at: OffsetDateTime,
    /// How many were refused.
    pub refused_in_all: i64,
    /// From how many known addresses.
    pub addresses: i64,
}

impl CallsFrom {
    /// As shown.
    pub fn shown(&self, now: OffsetDateTime) -> RefusedFrom {
        RefusedFrom { ip: self.ip.clone(), count: calls(self.calls), last: When::new(self.last_at, now), can_be_allowed: false }
    }
}

/// "1 call", "1,204 calls".
pub fn calls(count: i64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{} calls", grouped(count)) }
}

/// "and 1 more address", "and 1,204 more addresses"; empty if all of them are shown.
pub fn more_addresses(addresses: i64, shown: &[RefusedFrom]) -> String {
    let shown = shown.iter().filter(|from| !from.ip.is_empty()).count();
    match addresses.saturating_sub(i64::try_from(shown).unwrap_or(i64::MAX)) {
        ..=0 => String::new(),
        1 => "and 1 more address".to_owned(),
        count => format!("and {} more addresses", grouped(count)),
    }
}

/// Groups refused calls by their reason, the latest first, and says what mends each as the key stands now.
pub fn explain(recorded: &[Recorded], state: KeyState, limits: &Limits, successor: Option<&KeyId>, now: OffsetDateTime) -> Vec<Refused> {
    let mut codes: Vec<&str> = vec![];
    let mut latest: Vec<&Recorded> = recorded.iter().collect();
    latest.sort_by_key(|row| std::cmp::Reverse(row.last_at));
    for row in &latest {
        if !codes.contains(&row.code.as_str()) {
            codes.push(&row.code);
        }
    }
    codes
        .into_iter()
        .filter_map(|code| {
            let rows: Vec<&Recorded> = latest.iter().copied().filter(|row| row.code == code).collect();
            let first = rows.first()?;
            let from: Vec<RefusedFrom> = rows
                .iter()
                .filter(|row| !row.ip.is_empty())
                .take(MOST_ADDRESSES)
                .map(|row| row.shown(now, code == "wrong_address" && !state.is_final() && is_outside(&row.ip, limits)))
                .collect();
            let (title, text, mend) = reason(code, state, limits, successor, &from);
            let more = more_addresses(first.addresses, &from);
            Some(Refused {
                title: title.to_owned(),
                text,
                count: calls(first.calls_in_all),
                last: When::new(first.last_at, now),
                from,
                more,
                mend,
            })
        })
        .collect()
}

fn is_outside(ip: &str, limits: &Limits) -> bool {
    let Ok(ip) = ip.parse::<IpAddr>() else { return false };
    let inside = |network: &String| network.parse().is_ok_and(|network: Network| network.contains(ip.to_canonical()));
    !limits.networks.is_empty() && !limits.networks.iter().any(inside)
}

fn reason(code: &str, state: KeyState, limits: &Limits, successor: Option<&KeyId>, from: &[RefusedFrom]) -> (&'static str, String, Mend) {
    let replace = || successor.map_or(Mend::Create, |id| Mend::Successor(id.clone()));
    let unless_final = |mend: Mend| if state.is_final() { replace() } else { mend };
    let (title, text, mend) = match code {
        "expired" if successor.is_some() => (
            "Overlap is over",
            "The key was rotated and its overlap has ended. Put its successor into the program that still calls with it.",
            replace(),
        ),
        "expired" => {
            ("Expired", "The key’s time is over. Create another key and put it into the program that still calls with this one.", replace())
        }
        "revoked" => {
            ("Revoked", "Somebody revoked the key, for good. Put another key into the program that still calls with it.", replace())
        }
        "disabled" if state == KeyState::Disabled => {
            ("Disabled", "The key is switched off. Enable it to let these calls in again.", Mend::Enable)
        }
        "disabled" => ("Disabled", "The key was switched off at that time.", unless_final(Mend::Mended)),
        "wrong_address" if from.iter().any(|from| from.can_be_allowed) => (
            "Address not allowed",
            "The key may only be used from the addresses in its settings. Allow the address if it is yours.",
            Mend::Address,
        ),
        "wrong_address" if limits.networks.is_empty() || !from.is_empty() => {
            ("Address not allowed", "The key was limited to other addresses at that time.", unless_final(Mend::Mended))
        }
        "wrong_address" => (
            "Address unknown",
            "The key is limited to addresses, and the service did not say where the call came from.",
            unless_final(Mend::Limits),
        ),
        "wrong_scope" if limits.scopes.is_none() => {
            ("Scope missing", "The key was limited to other scopes at that time. Now it may do everything.", unless_final(Mend::Mended))
        }
        "wrong_scope" => (
            "Scope missing",
            "The call needs a scope that the key does not have. Add it if the program should do this.",
            unless_final(Mend::Limits),
        ),
        "rate_limited" if limits.calls_per_minute.is_none() => (
            "Too many calls",
            "The key had a limit of calls per minute at that time. Now it has none of its own.",
            unless_final(Mend::Mended),
        ),
        "rate_limited" => (
            "Too many calls",
            "The key’s own limit of calls per minute was reached. Raise or remove it, or call less often.",
            unless_final(Mend::Limits),
        ),
        "over_limit" => ("Over the plan’s limit", "The calls of your plan are used up for this month.", unless_final(Mend::Upgrade)),
        _ => ("Refused", "The service refused the call.", unless_final(Mend::Mended)),
    };
    (title, text.to_owned(), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);

    fn row(code: &str, ip: &str, calls: i64, minutes_ago: i64) -> Recorded {
        let last_at = NOW - Duration::minutes(minutes_ago);
        Recorded { code: code.into(), ip: ip.into(), calls, last_at, calls_in_all: calls, addresses: 1 }
    }

    fn mend(code: &str, state: KeyState, limits: &Limits) -> Mend {
        explain(&[row(code, "198.51.100.4", 3, 5)], state, limits, None, NOW).remove(0).mend
    }

    #[test]
    fn each_reason_has_the_action_that_mends_it() {
        let tight = Limits { scopes: Some(vec![]), networks: vec!["10.0.0.0/8".into()], calls_per_minute: Some(5) };
        for (code, state, action) in [
            ("expired", KeyState::Expired, Mend::Create),
            ("revoked", KeyState::Revoked, Mend::Create),
            ("disabled", KeyState::Disabled, Mend::Enable),
            ("disabled", KeyState::Active, Mend::Mended),
            ("wrong_address", KeyState::Active, Mend::Address),
            ("wrong_scope", KeyState::Active, Mend::Limits),
            ("rate_limited", KeyState::Active, Mend::Limits),
            ("over_limit", KeyState::Active, Mend::Upgrade),
            ("wrong_scope", KeyState::Revoked, Mend::Create),
        ] {
            assert_eq!(mend(code, state, &tight), action, "{code} {state:?}");
        }
    }

    #[test]
    fn what_was_mended_says_so() {
        for code in ["wrong_address", "wrong_scope", "rate_limited"] {
            assert_eq!(mend(code, KeyState::Active, &Limits::default()), Mend::Mended, "{code}");
        }
    }

    #[test]
    fn calls_are_grouped_by_reason_the_latest_first() {
        let of_expired = |row: Recorded| Recorded { calls_in_all: 5, ..row };
        let rows =
            [of_expired(row("expired", "10.0.0.1", 2, 50)), row("disabled", "10.0.0.2", 1, 4), of_expired(row("expired", "", 3, 60))];
        let refused = explain(&rows, KeyState::Active, &Limits::default(), None, NOW);
        let seen: Vec<_> = refused.iter().map(|refused| (refused.title.as_str(), refused.count.as_str(), refused.from.len())).collect();
        assert_eq!(seen, [("Disabled", "1 call", 1), ("Expired", "5 calls", 1)]);
        assert!(refused.iter().all(|refused| refused.more.is_empty()), "what has no address is no further one");
    }

    #[test]
    fn list_that_is_cut_says_how_many_addresses_are_left_out() {
        let shown = [row("expired", "10.0.0.1", 2, 50).shown(NOW, false), row("expired", "", 2, 50).shown(NOW, false)];
        for (addresses, more) in [(0, ""), (1, ""), (2, "and 1 more address"), (1_205, "and 1,204 more addresses")] {
            assert_eq!(more_addresses(addresses, &shown), more);
        }
    }
}
