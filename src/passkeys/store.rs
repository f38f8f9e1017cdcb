//! Every statement about passkeys and what authenticators are asked.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::model::MOST;
use crate::ids::{PasskeyId, SessionId, UserId};

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To add a passkey, in this session.
    Registration(SessionId),
    /// To sign in.
    SignIn,
    /// To prove once more who one is, in this session.
    Confirmation(SessionId),
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Registration(_) => "registration",
            Self::SignIn => "sign_in",
            Self::Confirmation(_) => "confirmation",
        }
    }

    fn session(self) -> Option<Uuid> {
        match self {
            Self::Registration(session) | Self::Confirmation(session) => Some(session.as_uuid()),
            Self::SignIn => None,
        }
    }
}

/// Keeps what an answer will be checked against.
pub(super) async fn insert_challenge(
    connection: &mut PgConnection,
    challenge_hash: &[u8; 32],
    purpose: Purpose,
    state: &Value,
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO passkey_challenges (challenge_hash, purpose, session_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        challenge_hash.as_slice(),
        purpose.as_str(),
        purpose.session(),
        state,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes what an answer is checked against: of several answers at once exactly one gets it.
pub(super) async fn take_challenge(
    connection: &mut PgConnection,
    challenge_hash: &[u8; 32],
    purpose: Purpose,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "
        DELETE FROM passkey_challenges
         WHERE challenge_hash = $1
           AND purpose = $2
           AND session_id IS NOT DISTINCT FROM $3
           AND expires_at > $4
        RETURNING state
        ",
        challenge_hash.as_slice(),
        purpose.as_str(),
        purpose.session(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A passkey as stored.
pub(super) struct StoredPasskey {
    pub(super) passkey_id: PasskeyId,
    pub(super) name: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) blocked_at: Option<OffsetDateTime>,
}

/// The passkeys of a person, the newest first.
pub(super) async fn list(connection: &mut PgConnection, person: UserId) -> sqlx::Result<Vec<StoredPasskey>> {
    sqlx::query_as!(
        StoredPasskey,
        r#"
        SELECT passkey_id AS "passkey_id: PasskeyId",
               name,
               created_at,
               last_used_at,
               blocked_at
          FROM passkeys
         WHERE user_id = $1
         ORDER BY created_at DESC, passkey_id DESC
        "#,
        person.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Whether a person has a passkey that works.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn has_any(connection: &mut PgConnection, person: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1 AND blocked_at IS NULL) AS "any!""#, person.as_uuid())
        .fetch_one(connection)
        .await
}

/// The names of a person's passkeys that work, the newest first.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn list_working(connection: &mut PgConnection, person: UserId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "SELECT name FROM passkeys WHERE user_id = $1 AND blocked_at IS NULL ORDER BY created_at DESC, passkey_id DESC",
        person.as_uuid()
    )
    .fetch_all(connection)
    .await
}

/// What the person's authenticators call their passkeys.
pub(super) async fn credential_ids(connection: &mut PgConnection, person: UserId) -> sqlx::Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!("SELECT credential_id FROM passkeys WHERE user_id = $1", person.as_uuid()).fetch_all(connection).await
}

/// A passkey to be stored.
pub(super) struct NewPasskey<'a> {
    pub(super) passkey_id: PasskeyId,
    pub(super) user_id: UserId,
    pub(super) credential_id: &'a [u8],
    pub(super) credential: Value,
    pub(super) name: &'a str,
    pub(super) created_at: OffsetDateTime,
}

/// How storing a passkey ended.
pub(super) enum Inserted {
    /// It is there.
    Added,
    /// The person has as many as they may.
    Full,
    /// Somebody has it already.
    Known,
}

/// Stores a passkey. Those that are added at once count one after the other.
pub(super) async fn insert(connection: &mut PgConnection, new: NewPasskey<'_>) -> sqlx::Result<Inserted> {
    sqlx::query!("SELECT user_id FROM users WHERE user_id = $1 FOR UPDATE", new.user_id.as_uuid()).fetch_optional(&mut *connection).await?;
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM passkeys WHERE user_id = $1"#, new.user_id.as_uuid())
        .fetch_one(&mut *connection)
        .await?;
    if count >= MOST {
        return Ok(Inserted::Full);
    }
    let done = sqlx::query!(
        "
        INSERT INTO passkeys (passkey_id, user_id, credential_id, credential, name, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (credential_id) DO NOTHING
        ",
        new.passkey_id.as_uuid(),
        new.user_id.as_uuid(),
        new.credential_id,
        new.credential,
        new.name,
        new.created_at,
    )
    .execute(connection)
    .await?;
    Ok(if done.rows_affected() == 1 { Inserted::Added } else { Inserted::Known })
}

/// Gives a passkey of the person another name; the earlier one, or `None` if they have no such passkey.
pub(super) async fn rename(connection: &mut PgConnection, person: UserId, id: PasskeyId, name: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "
        UPDATE passkeys AS p
           SET name = $3
          FROM (SELECT passkey_id, name FROM passkeys WHERE passkey_id = $2 AND user_id = $1 FOR UPDATE) AS earlier
         WHERE p.passkey_id = earlier.passkey_id
        RETURNING earlier.name
        ",
        person.as_uuid(),
        id.as_uuid(),
        name,
    )
    .fetch_optional(connection)
    .await
}

/// Removes a passkey of the person; its name, or `None` if they have no such passkey.
pub(super) async fn delete(connection: &mut PgConnection, person: UserId, id: PasskeyId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("DELETE FROM passkeys WHERE user_id = $1 AND passkey_id = $2 RETURNING name", person.as_uuid(), id.as_uuid())
        .fetch_optional(connection)
        .await
}

/// A passkey with which somebody proves who they are.
pub(super) struct UsedPasskey {
    pub(super) passkey_id: PasskeyId,
    pub(super) name: String,
    pub(super) credential: Value,
    pub(super) person_name: String,
    pub(super) person_email: String,
}

/// The passkey of the person that works and that their authenticator calls so. Whoever else uses it waits until the
/// transaction ends, so that its counter is never read twice.
pub(super) async fn find_for_use(connection: &mut PgConnection, person: UserId, credential_id: &[u8]) -> sqlx::Result<Option<UsedPasskey>> {
    sqlx::query_as!(
        UsedPasskey,
        r#"
        SELECT p.passkey_id AS "passkey_id: PasskeyId",
               p.name,
               p.credential,
               u.name AS person_name,
               u.email AS person_email
          FROM passkeys p
          JOIN users u ON u.user_id = p.user_id
         WHERE p.credential_id = $2
           AND p.user_id = $1
           AND p.blocked_at IS NULL
           FOR UPDATE OF p
        "#,
        person.as_uuid(),
        credential_id,
    )
    .fetch_optional(connection)
    .await
}

/// Notes a use, with the counter that came with it.
pub(super) async fn note_use(connection: &mut PgConnection, id: PasskeyId, credential: &Value, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE passkeys SET credential = $2, last_used_at = $3 WHERE passkey_id = $1", id.as_uuid(), credential, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Refuses a passkey from now on.
pub(super) async fn block(connection: &mut PgConnection, id: PasskeyId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE passkeys SET blocked_at = $2 WHERE passkey_id = $1", id.as_uuid(), now).execute(connection).await?;
    Ok(())
}
