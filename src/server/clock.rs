//! The clock, injected so that tests can set it.

use std::sync::Arc;
#[cfg(test)]
use std::sync::Mutex;

use time::OffsetDateTime;

/// Tells the time in UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The machine's clock, to the microsecond that PostgreSQL stores.
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            let now = OffsetDateTime::now_utc();
            now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now)
        }))
    }

    /// A clock that stands still until it is moved.
    #[cfg(test)]
    pub fn manual(time: Arc<Mutex<OffsetDateTime>>) -> Self {
        Self(Arc::new(move || *time.lock().expect("no test panics while it holds the clock")))
    }

    /// The present moment.
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }
}
