//! Every statement about a person's profile.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::model::CHANGES_PER_DAY;
use crate::{
    field::EmailAddress,
    ids::{SessionId, UserId},
};

/// A new address that waits for its confirmation.
pub(super) struct Pending {
    pub(super) new_email: String,
    pub(super) expires_at: OffsetDateTime,
}

/// The new address of a person that waits for its confirmation.
pub(super) async fn find_pending(connection: &mut PgConnection, person: UserId, now: OffsetDateTime) -> sqlx::Result<Option<Pending>> {
    sqlx::query_as!(
        Pending,
        "
        SELECT new_email,
               expires_at
          FROM email_changes
         WHERE user_id = $1
           AND canceled_at IS NULL
           AND expires_at > $2
        ",
        person.as_uuid(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// The address that a token stands for.
pub(super) async fn find_by_token(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "SELECT new_email FROM email_changes WHERE token_hash = $1 AND canceled_at IS NULL AND expires_at > $2",
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Gives a person another name.
pub(super) async fn update_name(connection: &mut PgConnection, person: UserId, name: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE users SET name = $2, updated_at = $3 WHERE user_id = $1", person.as_uuid(), name, now).execute(connection).await?;
    Ok(())
}

/// A new address that begins to wait.
pub(super) struct NewChange<'a> {
    pub(super) user_id: UserId,
    pub(super) new_email: &'a EmailAddress,
    pub(super) token_hash: [u8; 32],
    pub(super) now: OffsetDateTime,
    pub(super) expires_at: OffsetDateTime,
}

/// Stores a new address in the place of an earlier one; `false` if the person has asked too often within 24 hours.
pub(super) async fn put_change(connection: &mut PgConnection, change: &NewChange<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "
        INSERT INTO email_changes (user_id, new_email, token_hash, created_at, expires_at, asked_since)
        VALUES ($1, $2, $3, $4, $5, $4)
        ON CONFLICT (user_id) DO UPDATE
           SET new_email = excluded.new_email,
               token_hash = excluded.token_hash,
               created_at = excluded.created_at,
               expires_at = excluded.expires_at,
               canceled_at = NULL,
               asked = CASE WHEN email_changes.asked_since > $6 THEN email_changes.asked + 1 ELSE 1 END,
               asked_since = CASE WHEN email_changes.asked_since > $6 THEN email_changes.asked_since ELSE excluded.asked_since END
         WHERE email_changes.asked_since <= $6
            OR email_changes.asked < $7
        ",
        change.user_id.as_uuid(),
        change.new_email.as_str(),
        change.token_hash.as_slice(),
        change.now,
        change.expires_at,
        change.now - Duration::DAY,
        CHANGES_PER_DAY,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When a person first asked of those times that are counted together.
pub(super) async fn asked_since(connection: &mut PgConnection, person: UserId) -> sqlx::Result<OffsetDateTime> {
    sqlx::query_scalar!("SELECT asked_since FROM email_changes WHERE user_id = $1", person.as_uuid()).fetch_one(connection).await
}

/// Drops the new address of a person; `false` if none was waiting.
pub(super) async fn cancel_change(connection: &mut PgConnection, person: UserId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE email_changes SET canceled_at = $2 WHERE user_id = $1 AND canceled_at IS NULL AND expires_at > $2",
        person.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A confirmed change.
pub(super) struct Confirmed {
    pub(super) user_id: UserId,
    pub(super) name: String,
    pub(super) old_email: String,
    pub(super) new_email: String,
}

/// Uses a token up; of several at once exactly one gets the change.
pub(super) async fn use_token(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> sqlx::Result<Option<Confirmed>> {
    sqlx::query_as!(
        Confirmed,
        r#"
        WITH used AS (
            DELETE FROM email_changes
             WHERE token_hash = $1 AND canceled_at IS NULL AND expires_at > $2
            RETURNING user_id, new_email
        )
        SELECT u.user_id AS "user_id: UserId",
               u.name,
               u.email AS old_email,
               used.new_email
          FROM used
          JOIN users u ON u.user_id = used.user_id
        "#,
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Gives a person the new address; `false` if somebody else has it.
pub(super) async fn update_email(connection: &mut PgConnection, change: &Confirmed, now: OffsetDateTime) -> sqlx::Result<bool> {
    let updated =
        sqlx::query!("UPDATE users SET email = $2, updated_at = $3 WHERE user_id = $1", change.user_id.as_uuid(), change.new_email, now)
            .execute(connection)
            .await;
    match updated {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("users_email_key") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Ends what was begun with the old address: every other session, links to choose a new password, codes to sign in.
pub(super) async fn end_others(connection: &mut PgConnection, person: UserId, kept: Option<SessionId>) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM sessions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2",
        person.as_uuid(),
        kept.map(SessionId::as_uuid),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM password_resets WHERE user_id = $1", person.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_codes WHERE user_id = $1", person.as_uuid()).execute(connection).await?;
    Ok(())
}
