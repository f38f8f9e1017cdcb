//! How long verifications take within the handler: a histogram that costs two additions for each.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Eight steps between one power of two and the next: values are exact to 12.5 %.
const STEPS: u32 = 3;

const BUCKETS: usize = (64 - STEPS as usize + 1) << STEPS;

/// Counts durations by their length.
pub(super) struct Histogram {
    buckets: Vec<AtomicU64>,
    longest: AtomicU64,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(), longest: AtomicU64::new(0) }
    }

    /// Adds one.
    pub(super) fn note(&self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(bucket(nanoseconds)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        if nanoseconds > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(nanoseconds, Ordering::Relaxed);
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum()
    }

    /// The length that so many of a thousand do not exceed.
    fn quantile(&self, of_thousand: u64) -> Duration {
        let wanted = (self.count() * of_thousand).div_ceil(1_000);
        let mut seen = 0;
        for (index, bucket) in self.buckets.iter().enumerate() {
            seen += bucket.load(Ordering::Relaxed);
            if seen >= wanted && seen > 0 {
                return Duration::from_nanos(end(index));
            }
        }
        Duration::ZERO
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, nearly_all] = [500, 990, 999].map(|share| self.quantile(share));
        let longest = Duration::from_nanos(self.longest.load(Ordering::Relaxed));
        write!(f, "p50 {half:?}, p99 {most:?}, p99.9 {nearly_all:?}, longest {longest:?}")
    }
}

fn bucket(value: u64) -> usize {
    let octave = value.checked_ilog2().unwrap_or(0);
    let index = match octave.checked_sub(STEPS) {
        None => value,
        Some(shift) => (u64::from(shift + 1) << STEPS) + ((value >> shift) & ((1 << STEPS) - 1)),
    };
    usize::try_from(index).unwrap_or(BUCKETS)
}

/// The largest value of a bucket.
fn end(index: usize) -> u64 {
    let (octave, step) = (index >> STEPS, (index & ((1 << STEPS) - 1)) as u64);
    match octave.checked_sub(1) {
        None => step,
        Some(shift) => (((1_u64 << STEPS) + step + 1) << shift).wrapping_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_falls_into_a_bucket_that_ends_close_above_it() {
        for value in (0..5_000).chain((10..64).map(|bit| (1_u64 << bit) - 1)).chain([u64::MAX]) {
            let end = end(bucket(value));
            assert!(bucket(value) < BUCKETS && end >= value && end - value <= value / 8, "{value}: {end}");
        }
    }

    #[test]
    fn quantiles_are_read_off() {
        let histogram = Histogram::new();
        assert_eq!(histogram.quantile(990), Duration::ZERO);
        for microseconds in 1..=1_000 {
            histogram.note(Duration::from_micros(microseconds));
        }
        let p99 = histogram.quantile(990).as_micros();
        assert!((990..=1_114).contains(&p99), "{p99}");
        assert_eq!(histogram.count(), 1_000);
    }
}
