//! Structured logs.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing_subscriber::EnvFilter;

use super::redaction::Redacting;
use crate::error::AppError;

/// Starts logging to standard error, without what looks like a secret; `RUST_LOG` sets what is logged.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,lettre=warn"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Redacting(std::io::stderr()));
    let started = if json { logs.json().flatten_event(true).try_init() } else { logs.try_init() };
    if let Err(error) = started {
        eprintln!("logging was already started: {error}");
    }
}

/// A reference under which a customer's error is found in the log: unique in the process, short enough to read out.
pub fn reference() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{count:x}", std::process::id())
}

/// A row that the types cannot represent: a defect of ours, told to the log with the place where it is.
pub fn inconsistent(table: &str, what: &str, id: impl std::fmt::Display) -> AppError {
    let reference = reference();
    tracing::error!(table, what, %id, reference, "the database holds a value that is none");
    AppError::Internal { reference }
}
