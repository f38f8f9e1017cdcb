//! What is cleared away, and when: challenges of passkeys at their end, sessions, password resets, codes, sign-ins at
//! providers and unconfirmed addresses a day after it, portal sessions that the SaaS opened and sent notifications after 30
//! days, given-up ones after 90, mails of the development inbox after 30. The audit trail stays.

use sqlx::{PgConnection, postgres::PgQueryResult};
use time::{Duration, OffsetDateTime};

use super::{database::Scope, state::AppState};

/// Rows cleared from one table at once, so that no statement runs long; the rest follows in the next round.
const AT_ONCE: i64 = 5_000;

/// Clears away old rows. What cannot be cleared now is cleared in the next round.
pub async fn run(state: &AppState) {
    match clear(state).await {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "old rows cleared away"),
        Err(error) => tracing::warn!(%error, "old rows could not be cleared away"),
    }
}

async fn clear(state: &AppState) -> Result<u64, sqlx::Error> {
    let now = state.clock.now();
    let mut transaction = state.database.begin(Scope::Worker).await?;
    let connection = &mut *transaction;
    let sessions = sqlx::query!(
        "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    let portal_sessions = clear_portal_sessions(connection, now).await?;
    let resets = sqlx::query!(
        "DELETE FROM password_resets WHERE token_hash IN (SELECT token_hash FROM password_resets WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    let codes = sqlx::query!(
        "DELETE FROM signin_codes WHERE browser_hash IN (SELECT browser_hash FROM signin_codes WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    let steps = clear_steps(connection, now).await?;
    let sso_signins = clear_sso_signins(connection, now).await?;
    let addresses = sqlx::query!(
        "DELETE FROM email_changes WHERE user_id IN (SELECT user_id FROM email_changes WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    let challenges = clear_challenges(connection, now).await?;
    let notifications = sqlx::query!(
        "
        DELETE FROM outbox
         WHERE outbox_id IN (SELECT outbox_id FROM outbox WHERE sent_at < $1 OR failed_at < $2 LIMIT $3)
        ",
        now - Duration::days(30),
        now - Duration::days(90),
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    let mails = sqlx::query!(
        "DELETE FROM development_mails WHERE mail_id IN (SELECT mail_id FROM development_mails WHERE created_at < $1 LIMIT $2)",
        now - Duration::days(30),
        AT_ONCE,
    )
    .execute(&mut *connection)
    .await?;
    transaction.commit().await?;
    let cleared = [sessions, portal_sessions, resets, codes, steps, sso_signins, addresses, challenges, notifications, mails];
    Ok(cleared.iter().map(PgQueryResult::rows_affected).sum())
}

/// Sign-ins whose second factor was never given.
async fn clear_steps(connection: &mut PgConnection, now: OffsetDateTime) -> Result<PgQueryResult, sqlx::Error> {
    sqlx::query!(
        "DELETE FROM signin_steps WHERE browser_hash IN (SELECT browser_hash FROM signin_steps WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(connection)
    .await
}

/// Sign-ins at customers' providers.
async fn clear_sso_signins(connection: &mut PgConnection, now: OffsetDateTime) -> Result<PgQueryResult, sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sso_signins WHERE state_hash IN (SELECT state_hash FROM sso_signins WHERE expires_at < $1 LIMIT $2)",
        now - Duration::DAY,
        AT_ONCE,
    )
    .execute(connection)
    .await
}

/// Portal sessions stay as long as the session that came of them.
async fn clear_portal_sessions(connection: &mut PgConnection, now: OffsetDateTime) -> Result<PgQueryResult, sqlx::Error> {
    sqlx::query!(
        "
        DELETE FROM portal_sessions
         WHERE portal_session_id IN (
             SELECT p.portal_session_id
               FROM portal_sessions p
              WHERE p.created_at < $1
                AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.portal_session_id = p.portal_session_id)
              LIMIT $2
         )
        ",
        now - Duration::days(30),
        AT_ONCE,
    )
    .execute(connection)
    .await
}

/// Challenges of passkeys are of no use after their end.
async fn clear_challenges(connection: &mut PgConnection, now: OffsetDateTime) -> Result<PgQueryResult, sqlx::Error> {
    sqlx::query!(
        "
        DELETE FROM passkey_challenges
         WHERE challenge_hash IN (SELECT challenge_hash FROM passkey_challenges WHERE expires_at < $1 LIMIT $2)
        ",
        now,
        AT_ONCE,
    )
    .execute(connection)
    .await
}
