//! Repeatable chance: the same area and index always give the same sequence.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use time::{Date, Duration, OffsetDateTime, Time};
use uuid::Uuid;

/// A seeded source of chance. Each customer and area has its own, so adding to one area leaves the others as they are.
pub(super) struct Random(StdRng);

impl Random {
    /// The source of one area ("invoices") and one customer (its index).
    pub(super) fn of(area: &str, index: usize) -> Self {
        // FNV-1a over the area's name: short, and stable between builds, which `DefaultHasher` does not promise.
        let area = area.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        Self(StdRng::seed_from_u64(area ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        if low >= high { low } else { self.0.random_range(low..=high) }
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// One of the items; the default for an empty list.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        if items.is_empty() {
            return T::default();
        }
        items.get(self.0.random_range(0..items.len())).copied().unwrap_or_default()
    }

    /// A version 7 id of that moment, so that ids sort like the rows they name.
    pub(super) fn uuid(&mut self, at: OffsetDateTime) -> Uuid {
        let mut tail = [0; 10];
        self.0.fill_bytes(&mut tail);
        let millis = u64::try_from(at.unix_timestamp() * 1000 + i64::from(at.millisecond())).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    /// `N` random bytes in lower-case hex.
    pub(super) fn hex<const N: usize>(&mut self) -> String {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        hex::encode(bytes)
    }

    /// A moment in the working hours of that day, but never after `latest`.
    pub(super) fn working_hours(&mut self, day: Date, latest: OffsetDateTime) -> OffsetDateTime {
        let moment = day.with_time(Time::MIDNIGHT).assume_utc() + Duration::seconds(self.between(7 * 3600, 18 * 3600));
        moment.min(latest)
    }
}
