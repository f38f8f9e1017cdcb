//! The chain of one customer's trail, computed a second time: the database makes the hashes when rows are written
//! (`chain_audit_event` in the migrations), this finds out whether they still fit. The encoding is that of docs/audit.md.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

/// A row of the trail as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) customer_id: Uuid,
    pub(super) chain_version: i16,
    pub(super) chain_number: i64,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) audit_event_id: Uuid,
    pub(super) created_at: OffsetDateTime,
    pub(super) actor_kind: String,
    pub(super) actor_user_id: Option<Uuid>,
    pub(super) actor_name: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) details: Value,
    pub(super) ip: String,
    pub(super) session_id: Option<Uuid>,
}

/// Where a chain ends, or stood when its head was written down elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) chain_number: i64,
    pub(super) hash: Vec<u8>,
}

/// What is wrong with a row, or with the place where one should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its content is not what was hashed.
    Changed,
    /// It is as it was written, but stood elsewhere then.
    Moved { written_as: i64 },
    /// There is none with this number, but later ones.
    Missing,
    /// There is another one with this number.
    Repeated,
    /// It was hashed after another row than the one before it: that one was written anew, hash and all.
    Unlinked,
    /// It and those after it, up to the head, are gone.
    Truncated { head: i64 },
    /// It comes after the head.
    BeyondHead,
    /// It is the last one, and the head has another hash: it was written anew.
    NotTheHead,
    /// It is not the one whose hash was written down elsewhere: the chain was made anew.
    NotTheKept,
    /// It was hashed in an encoding that this version of Foyer does not know.
    UnknownVersion { version: i16 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("was changed after it was written"),
            Self::Moved { written_as } => write!(f, "was reordered: it was written as number {written_as}"),
            Self::Missing => f.write_str("is missing"),
            Self::Repeated => f.write_str("is there twice"),
            Self::Unlinked => f.write_str("does not follow from the row before it, which was replaced"),
            Self::Truncated { head } => write!(f, "is missing, and so is everything after it up to number {head}: the end was cut off"),
            Self::BeyondHead => f.write_str("comes after the head of the chain, which was set back"),
            Self::NotTheHead => f.write_str("is not the row that the head of the chain stands for: it was replaced"),
            Self::NotTheKept => f.write_str("is not the row whose hash was kept: the chain was rewritten"),
            Self::UnknownVersion { version } => write!(f, "has the unknown encoding {version}"),
        }
    }
}

/// What precedes the first row.
const START: [u8; 32] = [0; 32];

/// How far a chain has been followed.
pub(super) struct Follower {
    number: i64,
    hash: Vec<u8>,
}

impl Follower {
    pub(super) fn new() -> Self {
        Self { number: 0, hash: START.to_vec() }
    }

    /// The rows that were good so far.
    pub(super) fn number(&self) -> i64 {
        self.number
    }

    /// Goes on to the next row in the order of the numbers. Gives the number that the fault concerns; `count` is how
    /// many rows there are, and so how many places one may have come from.
    pub(super) fn follow(&mut self, row: &Row, count: i64) -> Result<(), (i64, Fault)> {
        let next = self.number + 1;
        if row.chain_number < next {
            return Err((row.chain_number, Fault::Repeated));
        }
        if row.chain_number > next {
            return Err((next, Fault::Missing));
        }
        if row.chain_version != 1 {
            return Err((next, Fault::UnknownVersion { version: row.chain_version }));
        }
        if row.hash_as(next) != *row.hash {
            let written_as = (1..=count).find(|number| row.hash_as(*number) == *row.hash);
            return Err((next, written_as.map_or(Fault::Changed, |written_as| Fault::Moved { written_as })));
        }
        if row.previous_hash != self.hash {
            return Err((next, Fault::Unlinked));
        }
        self.number = next;
        self.hash.clone_from(&row.hash);
        Ok(())
    }

    /// Compares the last row with the head.
    pub(super) fn finish(&self, head: Option<&Head>) -> Result<(), (i64, Fault)> {
        let (number, hash) = head.map_or((0, START.as_slice()), |head| (head.chain_number, head.hash.as_slice()));
        match self.number.cmp(&number) {
            std::cmp::Ordering::Less => Err((self.number + 1, Fault::Truncated { head: number })),
            std::cmp::Ordering::Greater => Err((number + 1, Fault::BeyondHead)),
            std::cmp::Ordering::Equal if self.hash != hash => Err((number, Fault::NotTheHead)),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }
}

impl Row {
    /// The hash that the row would have with this number: SHA-256 of its fields in version 1 of the encoding.
    fn hash_as(&self, number: i64) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |value: Option<&[u8]>| {
            let length = value.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            hash.update(length.to_be_bytes());
            hash.update(value.unwrap_or_default());
        };
        let microseconds = i64::try_from(self.created_at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX);
        let mut details = String::new();
        write_canonical(&self.details, &mut details);
        field(Some(b"foyer-audit-1"));
        field(Some(self.customer_id.as_bytes()));
        field(Some(&number.to_be_bytes()));
        field(Some(&self.previous_hash));
        field(Some(self.audit_event_id.as_bytes()));
        field(Some(&microseconds.to_be_bytes()));
        field(Some(self.actor_kind.as_bytes()));
        field(self.actor_user_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(Some(self.actor_name.as_bytes()));
        field(Some(self.kind.as_bytes()));
        field(Some(self.subject.as_bytes()));
        field(Some(details.as_bytes()));
        field(Some(self.ip.as_bytes()));
        field(self.session_id.as_ref().map(|id| id.as_bytes().as_slice()));
        hash.finalize().into()
    }
}

/// JSON in one spelling: no white space, the names of an object in the order of their bytes.
fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_canonical(value, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                write_canonical(value, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    /// A chain of `length` rows.
    fn chain(length: i64) -> Vec<Row> {
        let mut rows: Vec<Row> = vec![];
        for number in 1..=length {
            let previous_hash = rows.last().map_or(START.to_vec(), |row| row.hash.clone());
            let mut row = Row {
                customer_id: Uuid::nil(),
                chain_version: 1,
                chain_number: number,
                previous_hash,
                hash: vec![],
                audit_event_id: Uuid::from_u128(u128::try_from(number).unwrap()),
                created_at: datetime!(2026-11-23 09:00:00.000001 UTC),
                actor_kind: "person".into(),
                actor_user_id: None,
                actor_name: "Olivia".into(),
                kind: "key.created".into(),
                subject: "CI".into(),
                details: json!({}),
                ip: String::new(),
                session_id: None,
            };
            row.hash = row.hash_as(number).to_vec();
            rows.push(row);
        }
        rows
    }

    fn check(rows: &[Row], head: &Row) -> Result<(), (i64, Fault)> {
        let mut follower = Follower::new();
        let head = Head { chain_number: head.chain_number, hash: head.hash.clone() };
        rows.iter().try_for_each(|row| follower.follow(row, 9))?;
        follower.finish(Some(&head))
    }

    #[test]
    fn whole_chain_passes() {
        let rows = chain(5);
        assert_eq!(check(&rows, &rows[4]), Ok(()));
        assert_eq!(Follower::new().finish(None), Ok(()));
    }

    #[test]
    fn each_way_to_break_a_chain_is_named() {
        let rows = chain(5);
        let broken = |change: &dyn Fn(&mut Vec<Row>)| {
            let mut changed = rows.clone();
            change(&mut changed);
            check(&changed, &rows[4]).unwrap_err()
        };
        assert_eq!(broken(&|rows| rows[2].subject = "ci".into()), (3, Fault::Changed));
        assert_eq!(broken(&|rows| rows[2].chain_version = 2), (3, Fault::UnknownVersion { version: 2 }));
        assert_eq!(broken(&|rows| drop(rows.remove(2))), (3, Fault::Missing));
        assert_eq!(broken(&|rows| rows.insert(2, rows[1].clone())), (2, Fault::Repeated));
        assert_eq!(broken(&|rows| drop(rows.pop())), (5, Fault::Truncated { head: 5 }));
        let swapped = broken(&|rows| {
            rows.swap(1, 2);
            (rows[1].chain_number, rows[2].chain_number) = (2, 3);
        });
        assert_eq!(swapped, (2, Fault::Moved { written_as: 3 }));
        let replace = |rows: &mut Vec<Row>, index: usize| {
            rows[index].actor_name = "Nobody".into();
            rows[index].hash = rows[index].hash_as(rows[index].chain_number).to_vec();
        };
        assert_eq!(broken(&|rows| replace(rows, 2)), (4, Fault::Unlinked));
        assert_eq!(broken(&|rows| replace(rows, 4)), (5, Fault::NotTheHead));
        assert_eq!(check(&rows, &rows[3]), Err((5, Fault::BeyondHead)));
    }

    #[test]
    fn no_field_can_flow_into_the_next() {
        let mut row = chain(1).remove(0);
        let hash = row.hash_as(1);
        (row.kind, row.subject) = ("key.create".into(), "dCI".into());
        assert_ne!(row.hash_as(1), hash);
    }

    #[test]
    fn json_has_one_spelling() {
        let value: Value = serde_json::from_str(r#"{ "b": [1, "x\n\"\u0001ü", null], "aa": {"Z": true, "a": -3}, "a": {} }"#).unwrap();
        let mut text = String::new();
        write_canonical(&value, &mut text);
        assert_eq!(text, r#"{"a":{},"aa":{"Z":true,"a":-3},"b":[1,"x\n\"\u0001ü",null]}"#);
    }
}
