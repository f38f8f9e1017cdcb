//! What keys are used for, counted in memory and written in batches: calls by hour, outcome and address, and the last use.

mod writing;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

use super::model::Code;
use crate::ids::KeyId;

pub(super) use writing::LAST_WRITE;

/// How often records are written.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// Addresses that one process records for one key in an hour; calls from further ones are recorded without their address.
const ADDRESSES: usize = 50;

/// Rows written at once, in one transaction. Preparing more would hold up every verification on the thread.
const AT_ONCE: usize = 500;

/// Rows that wait at most while they cannot be written, for each part of the map; further calls lose their address.
const WAITING: usize = 10_000;

/// Parts of the map, by the last digit of the key's id, so that calls with different keys seldom wait for each other.
const PARTS: usize = 16;

/// Parts written each time, at least; the others, too, while there is little to write. So whatever was recorded is on its way
/// after eight times [`INTERVAL`], and thousands of keys in use do not keep PostgreSQL busy: a process that dies loses the
/// records of 10 s at most, with fewer keys of 3 s.
const PARTS_EACH_TIME: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    /// Hours since 1970.
    hour: i64,
    code: Code,
    ip: Option<IpAddr>,
}

#[derive(Clone, Copy)]
struct Count {
    calls: i64,
    last_at: OffsetDateTime,
}

/// What was recorded of one key since it was last written.
#[derive(Default)]
struct Uses {
    /// The hour of `addresses`.
    hour: i64,
    addresses: HashSet<IpAddr>,
    rows: HashMap<Row, Count>,
    last: Option<(OffsetDateTime, Option<IpAddr>)>,
}

#[derive(Default)]
struct Part {
    keys: HashMap<KeyId, Uses>,
    rows: usize,
}

impl Part {
    /// Takes out what is to be written. What is known of the running hour's addresses stays.
    fn take(&mut self, batch: &mut Batch, now: OffsetDateTime) {
        let hour = now.unix_timestamp().div_euclid(3_600);
        self.rows = 0;
        self.keys.retain(|key, uses| {
            batch.rows.extend(uses.rows.drain().map(|(row, count)| (key.clone(), row, count)));
            batch.last.extend(uses.last.take().map(|(at, ip)| (key.clone(), at, ip)));
            uses.hour >= hour
        });
    }
}

#[derive(Default)]
pub(super) struct Records {
    parts: [Mutex<Part>; PARTS],
    /// Parts that were written since the process began.
    written: AtomicUsize,
}

/// What is taken out to be written: rows, and last uses.
#[derive(Default)]
struct Batch {
    rows: Vec<(KeyId, Row, Count)>,
    last: Vec<(KeyId, OffsetDateTime, Option<IpAddr>)>,
}

impl Records {
    fn part(&self, key: &KeyId) -> &Mutex<Part> {
        let digit = key.as_str().chars().next_back().and_then(|digit| digit.to_digit(16)).unwrap_or_default();
        self.parts.get(digit as usize).unwrap_or(&self.parts[0])
    }

    /// Records a call.
    pub(super) fn note(&self, key: &KeyId, code: Code, ip: Option<IpAddr>, now: OffsetDateTime) {
        let hour = now.unix_timestamp().div_euclid(3_600);
        let mut part = self.part(key).lock().unwrap_or_else(PoisonError::into_inner);
        let full = part.rows >= WAITING;
        if !part.keys.contains_key(key) {
            part.keys.insert(key.clone(), Uses::default());
        }
        let Some(uses) = part.keys.get_mut(key) else { return };
        if uses.hour != hour {
            uses.hour = hour;
            uses.addresses.clear();
        }
        let ip = ip.map(|ip| ip.to_canonical());
        let known =
            ip.filter(|ip| uses.addresses.contains(ip) || (!full && uses.addresses.len() < ADDRESSES && uses.addresses.insert(*ip)));
        let mut new = 0;
        let count = uses.rows.entry(Row { hour, code, ip: known }).or_insert_with(|| {
            new = 1;
            Count { calls: 0, last_at: now }
        });
        count.calls += 1;
        count.last_at = count.last_at.max(now);
        if code == Code::Valid {
            uses.last = Some((now, ip));
        }
        part.rows += new;
    }

    /// Takes out so many parts, and more of them while they fill no statement.
    fn take(&self, now: OffsetDateTime, at_least: usize) -> Batch {
        let mut batch = Batch::default();
        for taken in 0..PARTS {
            if taken >= at_least && batch.rows.len() >= AT_ONCE {
                break;
            }
            let next = self.written.fetch_add(1, Ordering::Relaxed) % PARTS;
            if let Some(part) = self.parts.get(next) {
                part.lock().unwrap_or_else(PoisonError::into_inner).take(&mut batch, now);
            }
        }
        batch
    }

    fn give_back(
        &self,
        rows: impl Iterator<Item = (KeyId, Row, Count)>,
        last: impl Iterator<Item = (KeyId, OffsetDateTime, Option<IpAddr>)>,
    ) {
        for (key, row, count) in rows {
            let mut part = self.part(&key).lock().unwrap_or_else(PoisonError::into_inner);
            let mut new = 0;
            let kept = part.keys.entry(key).or_default().rows.entry(row).or_insert_with(|| {
                new = 1;
                Count { calls: 0, last_at: count.last_at }
            });
            kept.calls += count.calls;
            kept.last_at = kept.last_at.max(count.last_at);
            part.rows += new;
        }
        for (key, at, ip) in last {
            let mut part = self.part(&key).lock().unwrap_or_else(PoisonError::into_inner);
            let kept = &mut part.keys.entry(key).or_default().last;
            if kept.is_none_or(|(later, _)| later < at) {
                *kept = Some((at, ip));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn key() -> KeyId {
        KeyId::from("key-0123456789ab".to_owned())
    }

    #[test]
    fn calls_from_many_addresses_are_recorded_without_those_beyond_the_bound() {
        let (records, now) = (Records::default(), datetime!(2026-11-25 09:30 UTC));
        for address in 0..500_u32 {
            records.note(&key(), Code::Valid, Some(IpAddr::from(address.to_be_bytes())), now);
        }
        assert_eq!(records.take(now, PARTS).rows.len(), ADDRESSES + 1);
        // The bound holds for the hour, not for the batch.
        records.note(&key(), Code::Valid, Some("203.0.113.9".parse().unwrap()), now);
        let batch = records.take(now, PARTS);
        assert!(batch.rows.iter().all(|(_, row, _)| row.ip.is_none()));
        assert_eq!(batch.last[0].2, Some("203.0.113.9".parse().unwrap()), "the last use tells its address all the same");
        records.note(&key(), Code::Valid, Some("203.0.113.9".parse().unwrap()), now + time::Duration::HOUR);
        assert!(records.take(now, PARTS).rows.iter().all(|(_, row, _)| row.ip.is_some()), "a new hour");
    }

    #[test]
    fn little_is_written_at_once_and_much_within_eight_times() {
        let now = datetime!(2026-11-25 09:30 UTC);
        let filled = |keys: u32| {
            let records = Records::default();
            for number in 0..keys {
                records.note(&KeyId::from(format!("key-{number:012x}")), Code::Valid, None, now);
            }
            records
        };
        assert_eq!(filled(400).take(now, PARTS_EACH_TIME).rows.len(), 400);
        let records = filled(16_000);
        let sizes: Vec<usize> = (0..8).map(|_| records.take(now, PARTS_EACH_TIME).rows.len()).collect();
        assert_eq!(sizes, [2_000; 8], "no time brings much more than another");
        assert!(records.take(now, PARTS).rows.is_empty());
    }

    #[test]
    fn what_could_not_be_written_is_kept_and_counted_once() {
        let (records, now) = (Records::default(), datetime!(2026-11-25 09:30 UTC));
        records.note(&key(), Code::Valid, None, now);
        let batch = records.take(now, PARTS);
        records.note(&key(), Code::Valid, None, now + time::Duration::SECOND);
        records.give_back(batch.rows.into_iter(), batch.last.into_iter());
        let batch = records.take(now, PARTS);
        assert_eq!(batch.rows.iter().map(|(_, _, count)| count.calls).collect::<Vec<_>>(), [2]);
        assert_eq!(batch.last[0].1, now + time::Duration::SECOND);
        assert!(records.take(now + time::Duration::HOUR, PARTS).rows.is_empty());
        assert!(records.parts.iter().all(|part| part.lock().unwrap().keys.is_empty()), "nothing stays of keys out of use");
    }
}
