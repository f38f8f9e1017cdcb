//! Limits on the calls of programs, counted in this process: a call to verify a key must wait for nothing. A pace is a
//! rate with a burst, kept as the one moment at which everything that was taken has been paid for (the generic cell rate
//! algorithm, ITU-T I.371), so a key costs a few bytes and a call a look into a table.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

/// Keys that are remembered at most. When there are more, those that have paid for everything are forgotten.
const REMEMBERED: usize = 20_000;

/// A pace for each key.
pub struct Paces<K> {
    interval: Duration,
    burst: Duration,
    paid_at: Mutex<HashMap<K, OffsetDateTime>>,
}

impl<K: Eq + Hash> Paces<K> {
    /// So many a second, and as many at once.
    pub fn per_second(rate: u32) -> Self {
        Self::new(Duration::SECOND / rate.max(1), Duration::SECOND)
    }

    /// One in every interval, and as many at once as the burst holds of them.
    pub fn new(interval: Duration, burst: Duration) -> Self {
        Self { interval, burst, paid_at: Mutex::default() }
    }

    /// Takes `cost` of the pace of a key. `Err` holds the seconds to wait, and then nothing was taken; what costs more than
    /// the whole burst passes when the key has nothing left to pay.
    ///
    /// # Errors
    /// If that is too fast, or too many keys have something to pay.
    pub fn take(&self, key: K, cost: u32, now: OffsetDateTime) -> Result<(), u32> {
        let mut paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_at.len() >= REMEMBERED && !paid_at.contains_key(&key) {
            paid_at.retain(|_, at| *at > now);
            if paid_at.len() >= REMEMBERED {
                return Err(1);
            }
        }
        let cost = self.interval * cost;
        let at = paid_at.entry(key).or_insert(now);
        let next = (*at).max(now) + cost;
        let wait = next - now - self.burst.max(cost);
        if wait.is_positive() {
            return Err(seconds(wait));
        }
        *at = next;
        Ok(())
    }

    /// The seconds to wait before one can be taken; 0 if it can.
    pub fn wait(&self, key: &K, now: OffsetDateTime) -> u32 {
        let paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = paid_at.get(key).map_or(Duration::ZERO, |at| *at + self.interval - now - self.burst);
        if wait.is_positive() { seconds(wait) } else { 0 }
    }

    /// Whether the key has taken something, as far as this is remembered.
    pub fn knows(&self, key: &K) -> bool {
        self.paid_at.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }
}

/// Rounded up, so that whoever waits so long is let through.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.whole_seconds()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn burst_passes_at_once_and_the_rate_goes_on_for_ever() {
        let paces = Paces::per_second(100);
        let taken = |now| (0..1_000).filter(|_| paces.take("svc", 1, now).is_ok()).count();
        assert_eq!(taken(START), 100);
        assert_eq!(paces.take("svc", 1, START), Err(1));
        assert_eq!(paces.take("other", 1, START), Ok(()), "nobody else waits");
        assert_eq!(taken(START + Duration::milliseconds(500)), 50);
        assert_eq!(taken(START + Duration::minutes(5)), 100, "what was not used is not saved up");
    }

    #[test]
    fn what_costs_more_counts_for_more() {
        let paces = Paces::per_second(100);
        assert_eq!((0..10).filter(|_| paces.take("svc", 40, START).is_ok()).count(), 2);
        assert_eq!(paces.take("other", 500, START), Ok(()), "once, and then it is paid for");
        assert_eq!(paces.take("other", 1, START), Err(5));
        assert_eq!(paces.take("other", 1, START + Duration::seconds(5)), Ok(()));
    }

    #[test]
    fn wait_that_was_answered_is_long_enough() {
        let paces = Paces::new(Duration::seconds(5), Duration::seconds(50));
        assert_eq!((0..20).filter(|_| paces.take(1, 1, START).is_ok()).count(), 10);
        let wait = paces.wait(&1, START);
        assert_eq!(paces.take(1, 1, START + Duration::seconds(i64::from(wait))), Ok(()));
        assert!(paces.knows(&1) && !paces.knows(&2));
    }

    #[test]
    fn full_table_forgets_only_who_has_paid() {
        let paces = Paces::per_second(1);
        assert!((0..REMEMBERED).all(|key| paces.take(key, 1, START).is_ok()));
        assert_eq!(paces.take(REMEMBERED, 1, START), Err(1));
        assert_eq!(paces.take(0, 1, START), Err(2), "whoever is in it is still counted: {}", paces.wait(&0, START));
        assert_eq!(paces.take(REMEMBERED, 1, START + Duration::seconds(1)), Ok(()));
    }
}
