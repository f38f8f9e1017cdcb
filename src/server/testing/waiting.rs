//! Waiting for what happens beside a request.

use std::time::{Duration, Instant};

/// Waits until something is so; how long it took. A long limit costs no time as long as the portal is right.
///
/// # Panics
/// If it is not so after `longest`.
pub async fn until(what: &str, longest: Duration, is_so: impl AsyncFn() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < longest, "not {what} after {longest:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    began.elapsed()
}
