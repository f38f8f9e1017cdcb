//! Background work.

use tokio_util::sync::CancellationToken;

use super::state::AppState;

/// Works until it is told to stop.
pub async fn run(_state: AppState, stop: CancellationToken) {
    stop.cancelled().await;
}

/// Does everything that is due, once.
///
/// # Errors
/// If the database does not answer.
#[cfg(test)]
pub async fn run_once(_state: &AppState) -> Result<(), sqlx::Error> {
    Ok(())
}
