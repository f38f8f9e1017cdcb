//! A second factor that was wrong: counted for the person, who is told when somebody keeps trying. Whoever gets that far
//! has their first factor.

use sqlx::{Postgres, Transaction};

use super::{events, store};
use crate::{
    error::AppError,
    ids::UserId,
    server::{outbox, scope::RequestScope},
    signin::device,
};

/// So many wrong codes within a day, without a right one between them, and the person is told: as many as one sign-in has.
const TRIES: i32 = 5;

/// Notes a code that was refused and ends the transaction. The person is told once a day at most, however many try from
/// however many addresses, and whether or not they wait as the limits say. `proof` is the first factor that was given.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn refuse(
    request: &RequestScope,
    mut transaction: Transaction<'static, Postgres>,
    user_id: UserId,
    proof: &str,
) -> Result<(), AppError> {
    let (state, now) = (&request.state, request.now);
    let tries = store::count_wrong(&mut transaction, user_id, now).await?;
    if tries >= TRIES && store::note_warning(&mut transaction, user_id, now).await? {
        let (name, email) = store::find_person(&mut transaction, user_id).await?;
        let attempt = events::Attempt { proof, tries, ip: &request.ip, device: &device::in_words(&request.user_agent) };
        let notification = events::attacked(&state.config, &name, &email, &attempt);
        outbox::insert(&mut transaction, None, &notification, now, state.entropy.uuid(now)).await?;
        tracing::warn!(user = %user_id, ip = request.ip, tries, "a second factor is being tried; the person is told");
    }
    transaction.commit().await?;
    tracing::info!(user = %user_id, ip = request.ip, "a second factor was refused");
    Ok(())
}
