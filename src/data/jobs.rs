//! Deletions whose time has come, and reminders before it.

use time::Duration;

use super::{
    events::{self, Announcement},
    model::Step,
    store,
};
use crate::{
    error::AppError,
    ids::CustomerId,
    server::{database::Scope, state::AppState, tx::TenantTx},
};

/// Reminds owners and closes accounts. The worker does this every ten minutes; two workers at once do each step once.
/// A customer for whom a step fails does not hold up the others, and is tried again.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn close_due(state: &AppState) -> Result<(), sqlx::Error> {
    let mut transaction = state.database.begin(Scope::Worker).await?;
    let due = store::list_due(&mut transaction, state.clock.now() + Duration::WEEK).await?;
    transaction.commit().await?;
    for customer in due {
        if let Err(error) = advance(state, customer).await {
            tracing::error!(%customer, %error, "a step of a deletion failed");
        }
    }
    Ok(())
}

/// Takes the next step of one deletion, in one transaction.
async fn advance(state: &AppState, customer: CustomerId) -> Result<(), AppError> {
    let mut tx = TenantTx::of_job(state, customer).await?;
    store::lock(&mut tx, customer).await?;
    let Some(closure) = store::find_open(&mut tx, customer).await? else { return Ok(()) };
    let seconds_left = (closure.closes_at - tx.now()).whole_seconds();
    let Some(step) = Step::next(seconds_left, closure.week_told, closure.day_told) else { return Ok(()) };
    let (owners, name) = (store::owners(&mut tx, customer).await?, tx.customer_name().await?);
    let to = Announcement { owners: &owners, customer_name: &name, closes_at: closure.closes_at, config: &state.config };
    let now = tx.now();
    if step == Step::Close {
        store::close(&mut tx, closure.closure_id, customer, now).await?;
        return tx.commit(events::closed(&to)).await;
    }
    store::mark_told(&mut tx, closure.closure_id, customer, step == Step::DayNotice, now).await?;
    tx.commit(events::closure_near(&to)).await
}
