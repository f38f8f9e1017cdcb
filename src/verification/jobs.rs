//! Clearing up.

use super::store;
use crate::server::{database::Scope, state::AppState};

/// Rows cleared from one table at once; the rest follows in the next round.
const AT_ONCE: i64 = 20_000;

/// Clears away calls with keys that are older than 30 days, and changes of keys that every process has long heard of.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn clear_records(state: &AppState) -> Result<(), sqlx::Error> {
    let mut transaction = state.database.begin(Scope::Worker).await?;
    let rows = store::clear(&mut transaction, state.clock.now(), AT_ONCE).await?;
    transaction.commit().await?;
    if rows > 0 {
        tracing::info!(rows, "old records of keys cleared away");
    }
    Ok(())
}
