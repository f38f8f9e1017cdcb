//! The trail as a file: CSV for a spreadsheet, JSON for a program. Both hold every stored field under the name of its
//! column, so that the chain can be checked outside of the portal.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{sentence, store::Record};

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// One array of objects (RFC 8259).
    Json,
}

impl Format {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }

    /// What stands before the first entry.
    pub(super) fn beginning(self) -> String {
        match self {
            Self::Csv => COLUMNS.join(",") + "\r\n",
            Self::Json => "[".to_owned(),
        }
    }

    /// One entry; `first` if none was written before it.
    pub(super) fn entry(self, record: &Record, first: bool) -> Result<String, serde_json::Error> {
        match self {
            Self::Csv => Ok(csv(record)),
            Self::Json => {
                let separator = if first { "\n" } else { ",\n" };
                Ok(separator.to_owned() + &serde_json::to_string(&Object::of(record))?)
            }
        }
    }

    /// What stands after the last entry. A file without it is not whole.
    pub(super) fn end(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => "\n]\n",
        }
    }

    /// `activity-northwind-analytics-2026-11-23.csv`.
    pub(super) fn file_name(self, customer: &str, day: Date) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
        let words: String = customer.chars().map(plain).collect();
        let mut parts = vec!["activity"];
        parts.extend(words.split_whitespace());
        format!("{}-{day}.{}", parts.join("-"), self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Csv, Self::Json].into_iter().find(|format| format.as_str() == word).ok_or_else(|| "Choose CSV or JSON.".to_owned())
    }
}

/// The columns of a CSV file, in this order.
const COLUMNS: [&str; 16] = [
    "chain_number",
    "created_at",
    "actor_kind",
    "actor_name",
    "sentence",
    "kind",
    "subject",
    "details",
    "ip",
    "session_id",
    "actor_user_id",
    "audit_event_id",
    "customer_id",
    "chain_version",
    "previous_hash",
    "hash",
];

fn csv(record: &Record) -> String {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        record.chain_number.to_string(),
        stamp(record.created_at),
        record.actor_kind.clone(),
        record.actor_name.clone(),
        sentence::what(&record.kind, &record.subject, &record.details),
        record.kind.clone(),
        record.subject.clone(),
        record.details.to_string(),
        record.ip.clone(),
        id(record.session_id),
        id(record.actor_user_id),
        record.audit_event_id.to_string(),
        record.customer_id.to_string(),
        record.chain_version.to_string(),
        hex::encode(&record.previous_hash),
        hex::encode(&record.hash),
    ];
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell: quoted where RFC 4180 asks for it, and with an apostrophe before what a spreadsheet would take for a formula
/// (ASVS 5.0, 1.2.10; the wide signs are OWASP's).
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
    let safe = if formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

#[derive(Serialize)]
struct Object<'a> {
    chain_number: i64,
    created_at: String,
    actor_kind: &'a str,
    actor_name: &'a str,
    sentence: String,
    kind: &'a str,
    subject: &'a str,
    details: &'a Value,
    ip: &'a str,
    session_id: Option<Uuid>,
    actor_user_id: Option<Uuid>,
    audit_event_id: Uuid,
    customer_id: Uuid,
    chain_version: i16,
    previous_hash: String,
    hash: String,
}

impl<'a> Object<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            chain_number: record.chain_number,
            created_at: stamp(record.created_at),
            actor_kind: &record.actor_kind,
            actor_name: &record.actor_name,
            sentence: sentence::what(&record.kind, &record.subject, &record.details),
            kind: &record.kind,
            subject: &record.subject,
            details: &record.details,
            ip: &record.ip,
            session_id: record.session_id,
            actor_user_id: record.actor_user_id,
            audit_event_id: record.audit_event_id,
            customer_id: record.customer_id,
            chain_version: record.chain_version,
            previous_hash: hex::encode(&record.previous_hash),
            hash: hex::encode(&record.hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1,2", "\"'\r=1,2\""),
            ("＝1", "'＝1"),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn file_name_is_plain() {
        let day = date!(2026 - 11 - 23);
        assert_eq!(Format::Csv.file_name("Northwind Analytics", day), "activity-northwind-analytics-2026-11-23.csv");
        assert_eq!(Format::Json.file_name("../Ärger\r\n\"", day), "activity-rger-2026-11-23.json");
    }
}
