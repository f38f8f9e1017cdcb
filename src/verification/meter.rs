//! Counting calls against the plan, in the counters of the contract: one round trip to Redis checks and counts.
//!
//! While Redis is away, calls go on: they are kept in memory and added later, and the last known sum with what is kept decides
//! whether the plan is used up. What is kept is lost if the process dies before Redis is back.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::sync::Cache;
use time::{Date, OffsetDateTime};

use super::rates::Left;
use crate::{
    ids::CustomerId,
    plan::Plan,
    server::redis::{Redis, RedisAway, limited},
    usage::model::Metric,
};

/// Counts `ARGV[1]` calls unless they go beyond `ARGV[2]`; answers whether it did, and the sum. Counters may hold fractions.
const TAKE: &str = "local used = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local cost = tonumber(ARGV[1])
if used + cost > tonumber(ARGV[2]) then return {0, math.floor(used)} end
if cost > 0 then used = tonumber(redis.call('INCRBYFLOAT', KEYS[1], cost)) end
return {1, math.floor(used)}";

/// Counters kept at most while Redis is away.
const KEPT: usize = 20_000;

/// After Redis did not answer, it is not asked again for so long: nobody's call waits for it meanwhile.
const REST: Duration = Duration::from_secs(1);

pub(super) struct Meter {
    began: Instant,
    /// Milliseconds since `began` until which Redis is left alone.
    rests_until: AtomicU64,
    /// Calls that Redis was not told of, by the counter's name.
    kept: Mutex<HashMap<String, i64>>,
    /// The last known sums.
    sums: Cache<String, i64>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), rests_until: AtomicU64::new(0), kept: Mutex::default(), sums: Cache::new(KEPT as u64) }
    }

    /// Counts `cost` calls, unless they go beyond the plan's limit.
    ///
    /// # Errors
    /// What is left of the month, if they do.
    pub(super) async fn take(&self, redis: &Redis, customer: CustomerId, plan: Plan, cost: u32, now: OffsetDateTime) -> Result<Left, Left> {
        let counter = Metric::ApiCalls.counter_name(customer, now.date());
        let limit = plan.limits().api_calls;
        let taken = match self.ask(redis, &counter, cost, limit).await {
            Ok(taken) => taken,
            Err(RedisAway) => self.keep(&counter, i64::from(cost), limit),
        };
        let left = |used: i64| Left { remaining: (limit - used).max(0), reset_at: first_of_next_month(now) };
        taken.map(left).map_err(left)
    }

    async fn ask(&self, redis: &Redis, counter: &str, cost: u32, limit: i64) -> Result<Result<i64, i64>, RedisAway> {
        if self.elapsed() < self.rests_until.load(Ordering::Relaxed) {
            return Err(RedisAway);
        }
        let mut command = ::redis::cmd("EVAL");
        command.arg(TAKE).arg(1).arg(redis.key(counter)).arg(cost).arg(limit);
        let mut connection = redis.connection();
        let (allowed, used) = limited(async move { command.query_async::<(i64, i64)>(&mut connection).await }).await.inspect_err(|_| {
            self.rests_until.store(self.elapsed() + REST.as_millis() as u64, Ordering::Relaxed);
        })?;
        self.sums.insert(counter.to_owned(), used);
        Ok(if allowed == 1 { Ok(used) } else { Err(used) })
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// As [`TAKE`], by what is known here; what is not known refuses nobody.
    fn keep(&self, counter: &str, cost: i64, limit: i64) -> Result<i64, i64> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.sums.get(counter).unwrap_or(0) + kept.get(counter).copied().unwrap_or(0);
        if used + cost > limit {
            return Err(used);
        }
        if kept.len() >= KEPT && !kept.contains_key(counter) {
            tracing::error!(counter, cost, "redis is away for too many customers at once: calls are not counted");
        } else {
            *kept.entry(counter.to_owned()).or_default() += cost;
        }
        Ok(used + cost)
    }

    /// Adds what was kept to the counters. After an answer that got lost it is added twice rather than not at all.
    pub(super) async fn settle(&self, redis: &Redis) -> Result<(), RedisAway> {
        let kept: Vec<(String, i64)> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().filter(|(_, calls)| **calls > 0).map(|(counter, calls)| (counter.clone(), *calls)).collect()
        };
        if kept.is_empty() {
            return Ok(());
        }
        let mut pipeline = ::redis::pipe();
        pipeline.atomic();
        for (counter, calls) in &kept {
            pipeline.cmd("INCRBYFLOAT").arg(redis.key(counter)).arg(*calls).ignore();
        }
        let mut connection = redis.connection();
        limited(async move { pipeline.query_async::<()>(&mut connection).await }).await?;
        let mut still = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, calls) in kept {
            self.sums.invalidate(&counter);
            if let Some(left) = still.get_mut(&counter) {
                *left -= calls;
            }
        }
        still.retain(|_, calls| *calls > 0);
        Ok(())
    }

    /// Calls that Redis was not told of.
    pub(super) fn kept(&self) -> i64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

/// When the plan's calls begin anew: the first of the next UTC month.
fn first_of_next_month(now: OffsetDateTime) -> OffsetDateTime {
    let (year, month) = (now.year(), now.month());
    let year = if month == time::Month::December { year + 1 } else { year };
    Date::from_calendar_date(year, month.next(), 1).unwrap_or(now.date()).midnight().assume_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn months_begin_at_midnight_utc() {
        assert_eq!(first_of_next_month(datetime!(2026-11-25 09:00 UTC)), datetime!(2026-12-01 00:00 UTC));
        assert_eq!(first_of_next_month(datetime!(2026-12-31 23:59 UTC)), datetime!(2027-01-01 00:00 UTC));
    }

    #[test]
    fn without_redis_the_last_known_sum_decides() {
        let meter = Meter::new();
        assert_eq!(meter.keep("unknown", 1_000_000, 10_000), Err(0), "more than the plan has is refused in any case");
        assert_eq!(meter.keep("unknown", 10_000, 10_000), Ok(10_000));
        assert_eq!(meter.keep("unknown", 1, 10_000), Err(10_000));
        meter.sums.insert("known".to_owned(), 9_999);
        assert_eq!(meter.keep("known", 1, 10_000), Ok(10_000));
        assert_eq!(meter.keep("known", 1, 10_000), Err(10_000));
        assert_eq!(meter.kept(), 10_001);
    }
}
