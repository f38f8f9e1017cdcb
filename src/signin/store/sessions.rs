//! A person's own sessions. `bound` narrows them to those that the provider of one customer began: from such a session no
//! other one is in reach.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::ids::{CustomerId, SessionId, UserId};

/// The most sessions that are listed.
const LISTED: i64 = 50;

/// A session as stored.
pub(crate) struct StoredSession {
    pub(crate) session_id: SessionId,
    pub(crate) user_agent: String,
    pub(crate) ip: String,
    /// Whether the SaaS opened it for the person.
    pub(crate) opened_by_product: bool,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) last_seen_at: OffsetDateTime,
    /// Whether the provider of a customer began it.
    pub(crate) by_sso: bool,
    /// When it ends unless it is used before.
    pub(crate) ends_at: OffsetDateTime,
}

/// The sessions of a person that have not ended, the one used last first.
pub(crate) async fn list_sessions(
    connection: &mut PgConnection,
    user_id: UserId,
    bound: Option<CustomerId>,
    now: OffsetDateTime,
) -> Result<Vec<StoredSession>, sqlx::Error> {
    sqlx::query_as!(
        StoredSession,
        r#"
        SELECT session_id AS "session_id: SessionId",
               user_agent,
               ip,
               portal_session_id IS NOT NULL AS "opened_by_product!",
               created_at,
               last_seen_at,
               provider_customer_id IS NOT NULL AS "by_sso!",
               LEAST(expires_at, last_seen_at + make_interval(secs => idle_seconds)) AS "ends_at!"
          FROM sessions
         WHERE user_id = $1
           AND expires_at > $2
           AND last_seen_at + make_interval(secs => idle_seconds) > $2
           AND ($4::uuid IS NULL OR provider_customer_id = $4)
         ORDER BY last_seen_at DESC, session_id DESC
         LIMIT $3
        "#,
        user_id.as_uuid(),
        now,
        LISTED,
        bound.map(CustomerId::as_uuid),
    )
    .fetch_all(connection)
    .await
}

/// Ends a session of the person; gives its browser and address if there was one.
pub(crate) async fn delete_session(
    connection: &mut PgConnection,
    user_id: UserId,
    bound: Option<CustomerId>,
    session_id: SessionId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let ended = sqlx::query!(
        "
        DELETE FROM sessions
         WHERE user_id = $1
           AND session_id = $2
           AND ($3::uuid IS NULL OR provider_customer_id = $3)
        RETURNING user_agent, ip
        ",
        user_id.as_uuid(),
        session_id.as_uuid(),
        bound.map(CustomerId::as_uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(ended.map(|ended| (ended.user_agent, ended.ip)))
}

/// Ends all sessions of the person but one; gives how many.
pub(crate) async fn delete_other_sessions(
    connection: &mut PgConnection,
    user_id: UserId,
    bound: Option<CustomerId>,
    but: SessionId,
) -> Result<u64, sqlx::Error> {
    let ended = sqlx::query!(
        "DELETE FROM sessions WHERE user_id = $1 AND session_id <> $2 AND ($3::uuid IS NULL OR provider_customer_id = $3)",
        user_id.as_uuid(),
        but.as_uuid(),
        bound.map(CustomerId::as_uuid),
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected())
}
