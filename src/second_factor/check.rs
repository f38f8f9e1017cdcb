//! Checking a second factor.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    model::{AppCode, RecoveryCode},
    seed::Seed,
    store,
};
use crate::{
    error::AppError,
    ids::UserId,
    server::{entropy::sha256, state::AppState, telemetry},
};

/// Accepts a code of the person's authenticator app, if it is right and was not accepted before: of several at once exactly
/// one is.
///
/// # Errors
/// If the database does not answer, or the secret cannot be read under this installation's key.
pub(crate) async fn accept(
    connection: &mut PgConnection,
    state: &AppState,
    user_id: UserId,
    code: &AppCode,
    now: OffsetDateTime,
) -> Result<bool, AppError> {
    let Some(stored) = store::find(connection, user_id).await?.filter(|stored| stored.confirmed) else { return Ok(false) };
    let seed = open(state, user_id, &stored.sealed_secret)?;
    match seed.step_of(code, now) {
        Some(step) => Ok(store::accept_step(connection, user_id, step).await?),
        None => Ok(false),
    }
}

/// Uses up a recovery code of the person, if it is one and was not used before: of several at once exactly one is. Gives how
/// many are left.
///
/// # Errors
/// If the database does not answer.
pub(super) async fn accept_recovery(
    connection: &mut PgConnection,
    user_id: UserId,
    code: &RecoveryCode,
    now: OffsetDateTime,
) -> Result<Option<i64>, AppError> {
    if !store::use_recovery_code(connection, user_id, &hash(code), now).await? {
        return Ok(None);
    }
    store::forget_wrong(connection, user_id).await?;
    Ok(Some(store::count_recovery_codes(connection, user_id).await?))
}

/// The form in which a recovery code is stored: its 80 bits make a slow hash needless (ASVS 5.0, 6.5.2).
pub(super) fn hash(code: &RecoveryCode) -> [u8; 32] {
    sha256(code.reveal().as_bytes())
}

/// Reads a stored secret.
pub(super) fn open(state: &AppState, user_id: UserId, sealed: &[u8]) -> Result<Seed, AppError> {
    Seed::open(&state.config.sealer, user_id, sealed).ok_or_else(|| {
        let reference = telemetry::reference();
        tracing::error!(user = %user_id, reference, "a second factor cannot be read: was SECRET_KEY changed?");
        AppError::Internal { reference }
    })
}
