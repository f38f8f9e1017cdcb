//! Calls of a key in a minute. A process decides by what it has counted itself and what the others had counted a moment ago:
//! each second it adds its own calls to a counter in Redis and takes the sum from there. One process is exact; of several, each
//! may let through what is left of the limit until it has heard of the others, which is at most a second. Without Redis each
//! process counts for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;

use crate::{
    ids::KeyId,
    server::redis::{Redis, RedisAway, limited},
};

/// Seconds of a window: the minutes of the clock.
const WINDOW: i64 = 60;

/// What is left of a limit, and when it begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) remaining: i64,
    pub(super) reset_at: OffsetDateTime,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    minute: i64,
    /// Counted here.
    own: i64,
    /// Of those, what Redis was told.
    told: i64,
    /// Counted elsewhere, as Redis said.
    others: i64,
}

#[derive(Default)]
pub(super) struct Rates(Mutex<HashMap<KeyId, Window>>);

/// What Redis is to be told about one key.
struct Report {
    key: KeyId,
    minute: i64,
    calls: i64,
}

impl Rates {
    /// Counts a call unless the limit is reached.
    ///
    /// # Errors
    /// What is left, which is nothing, if it is reached.
    pub(super) fn take(&self, key: &KeyId, limit: u32, now: OffsetDateTime) -> Result<Left, Left> {
        let (minute, limit) = (now.unix_timestamp().div_euclid(WINDOW), i64::from(limit));
        let reset_at = OffsetDateTime::from_unix_timestamp((minute + 1) * WINDOW).unwrap_or(now);
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !windows.contains_key(key) {
            windows.insert(key.clone(), Window::default());
        }
        let Some(window) = windows.get_mut(key) else { return Ok(Left { remaining: 0, reset_at }) };
        if window.minute != minute {
            *window = Window { minute, ..Window::default() };
        }
        let used = window.own + window.others;
        if used >= limit {
            return Err(Left { remaining: 0, reset_at });
        }
        window.own += 1;
        Ok(Left { remaining: limit - used - 1, reset_at })
    }

    /// Tells Redis what was counted here and hears what was counted elsewhere; forgets minutes that are over.
    pub(super) async fn exchange(&self, redis: &Redis, now: OffsetDateTime) -> Result<(), RedisAway> {
        let reports = self.reports(now.unix_timestamp().div_euclid(WINDOW));
        if reports.is_empty() {
            return Ok(());
        }
        let mut pipeline = ::redis::pipe();
        for report in &reports {
            let name = redis.key(&format!("calls:{}:{}", report.key, report.minute));
            pipeline.cmd("INCRBY").arg(&name).arg(report.calls).cmd("EXPIRE").arg(&name).arg(2 * WINDOW).ignore();
        }
        let mut connection = redis.connection();
        let sums = limited(async move { pipeline.query_async::<Vec<i64>>(&mut connection).await }).await?;
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (report, sum) in reports.iter().zip(sums) {
            if let Some(window) = windows.get_mut(&report.key).filter(|window| window.minute == report.minute) {
                window.told += report.calls;
                window.others = (sum - window.told).max(0);
            }
        }
        Ok(())
    }

    /// Keys in use in this minute; also those with nothing new, to hear of the others.
    fn reports(&self, minute: i64) -> Vec<Report> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, window| window.minute == minute);
        windows.iter().map(|(key, window)| Report { key: key.clone(), minute, calls: window.own - window.told }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    #[test]
    fn limit_begins_anew_with_each_minute() {
        let (rates, key, now) = (Rates::default(), KeyId::from("key-0123456789ab".to_owned()), datetime!(2026-11-25 09:00:30 UTC));
        let reset_at = datetime!(2026-11-25 09:01 UTC);
        assert_eq!(rates.take(&key, 2, now), Ok(Left { remaining: 1, reset_at }));
        assert_eq!(rates.take(&key, 2, now), Ok(Left { remaining: 0, reset_at }));
        assert_eq!(rates.take(&key, 2, now), Err(Left { remaining: 0, reset_at }), "and what is refused is not counted");
        assert!(rates.take(&KeyId::from("key-ffffffffffff".to_owned()), 2, now).is_ok(), "another key");
        assert!(rates.take(&key, 2, now + Duration::seconds(30)).is_ok());
        assert_eq!(rates.reports(now.unix_timestamp() / 60 + 1).len(), 1, "minutes that are over are forgotten");
    }
}
