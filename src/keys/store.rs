//! Every statement about keys.

mod calls;
mod reading;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{Life, Limits, MadeKey, NewKey, Secret};
use crate::{
    ids::{CustomerId, KeyId, SessionId, UserId},
    server::entropy::sha256,
};

pub(super) use calls::{calls_since, refused_since};
pub(super) use reading::{DetailRow, KeyRow, Wanted, find_detail, find_name, first_hour, has_keys, list};

/// What of a key can be changed.
pub(super) struct StoredKey {
    pub(super) id: KeyId,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) last_four: Option<String>,
    pub(super) environment: String,
    pub(super) life: Life,
    pub(super) limits: Limits,
    pub(super) rotated_to: Option<KeyId>,
    pub(super) revoked_reason: Option<String>,
    pub(super) created_in: Option<SessionId>,
    pub(super) created_at: OffsetDateTime,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) end_told_days: Option<i16>,
}

/// One key, locked until the transaction ends, so that of several changes at once each sees the one before.
pub(super) async fn lock(connection: &mut PgConnection, customer_id: CustomerId, key_id: &KeyId) -> Result<Option<StoredKey>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT key_id AS "key_id: KeyId",
               name,
               prefix,
               last_four,
               environment,
               scopes,
               allowed_networks,
               calls_per_minute,
               revoked_at,
               disabled_at,
               expires_at,
               retires_at,
               rotated_to AS "rotated_to: KeyId",
               revoked_reason,
               created_in AS "created_in: SessionId",
               created_at,
               last_used_at,
               end_told_days
          FROM api_keys
         WHERE customer_id = $1
           AND key_id = $2
           FOR UPDATE
        "#,
        customer_id.as_uuid(),
        key_id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| StoredKey {
        id: row.key_id,
        name: row.name,
        prefix: row.prefix,
        last_four: row.last_four,
        environment: row.environment,
        life: Life { revoked_at: row.revoked_at, disabled_at: row.disabled_at, expires_at: row.expires_at, retires_at: row.retires_at },
        limits: Limits::stored(row.scopes, row.allowed_networks, row.calls_per_minute),
        rotated_to: row.rotated_to,
        revoked_reason: row.revoked_reason,
        created_in: row.created_in,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        end_told_days: row.end_told_days,
    }))
}

/// Stores a key that was changed.
pub(super) async fn save(connection: &mut PgConnection, customer_id: CustomerId, key: &StoredKey) -> Result<(), sqlx::Error> {
    let scopes = key.limits.scope_words();
    sqlx::query!(
        "
        UPDATE api_keys
           SET name = $3,
               scopes = $4,
               allowed_networks = $5,
               calls_per_minute = $6,
               status = CASE WHEN $7::timestamptz IS NULL THEN 'active' ELSE 'revoked' END,
               revoked_at = $7,
               revoked_reason = $8,
               disabled_at = $9,
               retires_at = $10,
               rotated_to = $11,
               end_told_days = $12
         WHERE customer_id = $1
           AND key_id = $2
        ",
        customer_id.as_uuid(),
        key.id.as_str(),
        key.name,
        scopes.as_deref(),
        &key.limits.networks,
        key.limits.calls_per_minute,
        key.life.revoked_at,
        key.revoked_reason,
        key.life.disabled_at,
        key.life.retires_at,
        key.rotated_to.as_ref().map(KeyId::as_str),
        key.end_told_days,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A key to be stored; of the secret its hash and what people recognize it by.
pub(super) struct KeyInsert<'a> {
    pub(super) key_id: &'a KeyId,
    pub(super) customer_id: CustomerId,
    pub(super) new: &'a NewKey,
    pub(super) secret: &'a Secret,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) created_by: Option<UserId>,
    pub(super) created_in: SessionId,
    pub(super) created_at: OffsetDateTime,
}

/// Stores a new key.
pub(super) async fn insert(connection: &mut PgConnection, key: KeyInsert<'_>) -> Result<(), sqlx::Error> {
    let scopes = key.new.limits.scope_words();
    let hash = sha256(key.secret.reveal().as_bytes());
    sqlx::query!(
        "
        INSERT INTO api_keys (key_id, customer_id, name, prefix, last_four, lookup_hash, status, environment, scopes,
                              allowed_networks, calls_per_minute, expires_at, created_by, created_in, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, $10, $11, $12, $13, $14)
        ",
        key.key_id.as_str(),
        key.customer_id.as_uuid(),
        key.new.name,
        key.secret.prefix(),
        key.secret.last_four(),
        hash.as_slice(),
        key.new.environment.as_str(),
        scopes.as_deref(),
        &key.new.limits.networks,
        key.new.limits.calls_per_minute,
        key.expires_at,
        key.created_by.map(UserId::as_uuid),
        key.created_in.as_uuid(),
        key.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The working key of this name and environment that was made last in a session after `since`, and not as the successor of
/// another.
pub(super) async fn find_latest(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    session: SessionId,
    since: OffsetDateTime,
    new: &NewKey,
) -> Result<Option<KeyId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT key_id AS "key_id: KeyId"
          FROM api_keys k
         WHERE customer_id = $1
           AND created_in = $2
           AND created_at > $3
           AND name = $4
           AND environment = $5
           AND status = 'active'
           AND NOT EXISTS (SELECT FROM api_keys before WHERE before.customer_id = $1 AND before.rotated_to = k.key_id)
         ORDER BY created_at DESC, key_id
         LIMIT 1
        "#,
        customer_id.as_uuid(),
        session.as_uuid(),
        since,
        new.name,
        new.environment.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// Makes the new keys of a customer wait for one another, so that two at once are not both the last that is possible.
pub(super) async fn wait_for_new_keys(connection: &mut PgConnection, customer_id: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('new key of ' || $1::text, 0))", customer_id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// How many keys work; the list is bounded so that no program fills it.
pub(super) async fn count_accepted(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    now: OffsetDateTime,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
          FROM api_keys
         WHERE customer_id = $1 AND status = 'active' AND COALESCE(LEAST(expires_at, retires_at) > $2, true)
        "#,
        customer_id.as_uuid(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// The addresses of those who are told about keys: owners, then developers; all of them, because no plan has room for more.
pub(crate) async fn recipients(connection: &mut PgConnection, customer_id: CustomerId) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "
        SELECT u.email
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1 AND m.role IN ('owner', 'developer')
         ORDER BY m.role <> 'owner', u.email
         LIMIT 500
        ",
        customer_id.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// The keys that a person made and that work without them, or would again once somebody enabled them; the latest first.
pub(crate) async fn list_made_by(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<MadeKey>, sqlx::Error> {
    sqlx::query_as!(
        MadeKey,
        r#"
        SELECT key_id AS "id: KeyId",
               name,
               disabled_at IS NOT NULL AS "disabled!"
          FROM api_keys
         WHERE customer_id = $1
           AND created_by = $2
           AND status = 'active'
           AND COALESCE(LEAST(expires_at, retires_at) > $3, true)
         ORDER BY created_at DESC, key_id
        "#,
        customer_id.as_uuid(),
        user.as_uuid(),
        now,
    )
    .fetch_all(connection)
    .await
}

/// Keys of all customers whose owners and developers are to be told that the end is near. A key that never lived longer than
/// the notice is not announced: whoever made it knows.
pub(super) async fn list_ending(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(CustomerId, KeyId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT customer_id AS "customer_id: CustomerId",
               key_id AS "key_id: KeyId"
          FROM (
              SELECT customer_id,
                     key_id,
                     expires_at,
                     created_at,
                     end_told_days,
                     CASE WHEN expires_at <= $1::timestamptz + interval '1 day' THEN 1
                          WHEN expires_at <= $1::timestamptz + interval '7 days' THEN 7
                          ELSE 14
                     END AS days
                FROM api_keys
               WHERE status = 'active'
                 AND rotated_to IS NULL
                 AND expires_at > $1
                 AND expires_at <= $1::timestamptz + interval '14 days'
          ) ending
         WHERE (end_told_days IS NULL OR end_told_days > days)
           AND expires_at > created_at + make_interval(days => days)
         ORDER BY expires_at, key_id
         LIMIT $2
        "#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.key_id)).collect())
}
