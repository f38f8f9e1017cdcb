//! The step between the first factor and the session.

use sqlx::{Postgres, Transaction};
use time::Duration;

use super::store;
use crate::{
    error::AppError,
    ids::UserId,
    server::{browser_secret, caller::Visitor, entropy::sha256, forms},
};

/// How long the second factor is waited for.
const LIFETIME: Duration = Duration::minutes(10);

/// Somebody who gave the first factor, and what they wanted.
pub(crate) struct Step<'a> {
    /// The person.
    pub(crate) user_id: UserId,
    /// The first factor: a word of the sign-in's.
    pub(crate) proof: &'a str,
    /// Whether they stay signed in for 30 days.
    pub(crate) keep: bool,
    /// Where they want to go.
    pub(crate) next: &'a str,
}

/// Keeps what was given so far, bound to this browser, and answers with the page that asks for the second factor.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn ask(
    visitor: &Visitor,
    mut transaction: Transaction<'static, Postgres>,
    step: Step<'_>,
) -> Result<&'static str, AppError> {
    let (state, now) = (visitor.state(), visitor.now());
    let secret = state.entropy.hex::<32>();
    let step = Step { next: forms::local_path(step.next).unwrap_or("/"), ..step };
    store::insert_step(&mut transaction, &sha256(secret.as_bytes()), &step, now, now + LIFETIME).await?;
    transaction.commit().await?;
    browser_secret::keep(&state.config, &secret, LIFETIME);
    Ok("/signin/second-factor")
}
