//! Calls of a key in a minute. A process decides by what it has counted itself and what the others had counted a moment ago:
//! each second it writes its own calls into Redis and reads those of the others there. One process is exact; of several, each
//! may let through what is left of the limit until it has heard of the others, which is at most a second. Without Redis each
//! process counts for itself.
//!
//! For each key and minute Redis holds a hash with one field for each process, which only that process writes: the sum of its calls.
//! So it does no harm to write again what may have arrived, when an answer got lost.

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
    /// Counted elsewhere, as Redis said.
    others: i64,
}

pub(super) struct Rates {
    /// The name of this process among those that count.
    process: String,
    windows: Mutex<HashMap<KeyId, Window>>,
}

/// What Redis is to be told about one key.
struct Report {
    key: KeyId,
    minute: i64,
    /// Counted here in this minute.
    own: i64,
}

impl Rates {
    /// For a process with a name that no other has.
    pub(super) fn new(process: String) -> Self {
        Self { process, windows: Mutex::default() }
    }

    /// Counts a call unless the limit is reached.
    ///
    /// # Errors
    /// What is left, which is nothing, if it is reached.
    pub(super) fn take(&self, key: &KeyId, limit: u32, now: OffsetDateTime) -> Result<Left, Left> {
        let (minute, limit) = (now.unix_timestamp().div_euclid(WINDOW), i64::from(limit));
        let reset_at = OffsetDateTime::from_unix_timestamp((minute + 1) * WINDOW).unwrap_or(now);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
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
        let counts = self.send(redis, &reports).await?;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        for (report, counts) in reports.iter().zip(counts) {
            if let Some(window) = windows.get_mut(&report.key).filter(|window| window.minute == report.minute) {
                window.others = (counts.iter().sum::<i64>() - report.own).max(0);
            }
        }
        Ok(())
    }

    /// For each key, what each process has counted.
    async fn send(&self, redis: &Redis, reports: &[Report]) -> Result<Vec<Vec<i64>>, RedisAway> {
        let mut pipeline = ::redis::pipe();
        for Report { key, minute, own } in reports {
            let name = redis.key(&minute_name(key, *minute));
            pipeline.cmd("HSET").arg(&name).arg(&self.process).arg(*own).ignore();
            pipeline.cmd("EXPIRE").arg(&name).arg(2 * WINDOW).ignore();
            pipeline.cmd("HVALS").arg(&name);
        }
        let mut connection = redis.connection();
        limited(async move { pipeline.query_async(&mut connection).await }).await
    }

    /// Keys in use in this minute; also those with nothing new, to hear of the others.
    fn reports(&self, minute: i64) -> Vec<Report> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, window| window.minute == minute);
        windows.iter().map(|(key, window)| Report { key: key.clone(), minute, own: window.own }).collect()
    }
}

/// The name of what is counted of a key in a minute, by process.
pub(super) fn minute_name(key: &KeyId, minute: i64) -> String {
    format!("minute_calls:{key}:{minute}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::TestApp;
    use time::{Duration, macros::datetime};

    fn rates(process: &str) -> Rates {
        Rates::new(process.to_owned())
    }

    fn key() -> KeyId {
        KeyId::from("key-0123456789ab".to_owned())
    }

    /// Counts so many calls, and says what is left of 10.
    fn take(rates: &Rates, app: &TestApp, calls: u32) -> Result<i64, i64> {
        let taken = (0..calls).map(|_| rates.take(&key(), 10, app.now())).last().unwrap();
        taken.map(|left| left.remaining).map_err(|left| left.remaining)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn calls_of_which_the_answer_got_lost_count_once() {
        let (app, rates, other) = (TestApp::start().await, rates("one"), rates("other"));
        let redis = &app.state().redis;
        assert_eq!(take(&rates, &app, 3), Ok(7));
        // Redis is told of them, and its answer does not arrive.
        drop(rates.send(redis, &rates.reports(app.now().unix_timestamp() / WINDOW)).await.unwrap());
        rates.exchange(redis, app.now()).await.unwrap();
        assert_eq!(take(&rates, &app, 1), Ok(6));
        assert_eq!(take(&other, &app, 1), Ok(9));
        other.exchange(redis, app.now()).await.unwrap();
        assert_eq!(take(&other, &app, 1), Ok(5), "the other has heard of the three that were told");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn processes_hear_of_each_other_and_what_they_wrote_ends() {
        let (app, one, other) = (TestApp::start().await, rates("one"), rates("other"));
        let redis = &app.state().redis;
        assert_eq!((take(&one, &app, 3), take(&other, &app, 4)), (Ok(7), Ok(6)));
        for rates in [&one, &other, &one] {
            rates.exchange(redis, app.now()).await.unwrap();
        }
        assert_eq!((take(&one, &app, 3), take(&other, &app, 3)), (Ok(0), Ok(0)));
        assert_eq!((take(&one, &app, 1), take(&other, &app, 1)), (Err(0), Err(0)));
        let name = redis.key(&minute_name(&key(), app.now().unix_timestamp() / WINDOW));
        let seconds: i64 = ::redis::cmd("TTL").arg(name).query_async(&mut redis.connection()).await.unwrap();
        assert!((1..=2 * WINDOW).contains(&seconds), "{seconds}");
    }

    #[test]
    fn limit_begins_anew_with_each_minute() {
        let (rates, key, now) = (rates("one"), key(), datetime!(2026-11-25 09:00:30 UTC));
        let reset_at = datetime!(2026-11-25 09:01 UTC);
        assert_eq!(rates.take(&key, 2, now), Ok(Left { remaining: 1, reset_at }));
        assert_eq!(rates.take(&key, 2, now), Ok(Left { remaining: 0, reset_at }));
        assert_eq!(rates.take(&key, 2, now), Err(Left { remaining: 0, reset_at }), "and what is refused is not counted");
        assert!(rates.take(&KeyId::from("key-ffffffffffff".to_owned()), 2, now).is_ok(), "another key");
        assert!(rates.take(&key, 2, now + Duration::seconds(30)).is_ok());
        assert_eq!(rates.reports(now.unix_timestamp() / 60 + 1).len(), 1, "minutes that are over are forgotten");
    }
}
