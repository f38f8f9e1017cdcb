//! Every statement about keys.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{Key, Life};
use crate::{
    ids::{CustomerId, KeyId, UserId},
    when::When,
};

struct KeyRow {
    key_id: KeyId,
    name: String,
    prefix: String,
    created_by: String,
    created_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    disabled_at: Option<OffsetDateTime>,
    expires_at: Option<OffsetDateTime>,
    retires_at: Option<OffsetDateTime>,
}

impl KeyRow {
    fn into_key(self, now: OffsetDateTime) -> Key {
        let life = self.life();
        Key {
            id: self.key_id,
            name: self.name,
            prefix: self.prefix,
            state: life.state(now),
            created_by: self.created_by,
            created: When::new(self.created_at, now),
            last_used: self.last_used_at.map(|at| When::new(at, now)),
            ends: life.revoked_at.or(life.ends_at()).map(|at| When::new(at, now)),
        }
    }

    fn life(&self) -> Life {
        Life { revoked_at: self.revoked_at, disabled_at: self.disabled_at, expires_at: self.expires_at, retires_at: self.retires_at }
    }
}

/// One page of the keys that work, or of those that no longer do, and how many there are.
pub(super) async fn list(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    inactive: bool,
    now: OffsetDateTime,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Key>, i64), sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT k.key_id AS "key_id: KeyId",
               k.name,
               k.prefix,
               COALESCE(u.name, 'the service') AS "created_by!",
               k.created_at,
               k.last_used_at,
               k.revoked_at,
               k.disabled_at,
               k.expires_at,
               k.retires_at,
               count(*) OVER () AS "total!"
          FROM api_keys k
          LEFT JOIN users u ON u.user_id = k.created_by
         WHERE k.customer_id = $1
           AND (k.status = 'revoked' OR COALESCE(LEAST(k.expires_at, k.retires_at) <= $3, false)) = $2
         ORDER BY k.created_at DESC, k.key_id
         LIMIT $4 OFFSET $5
        "#,
        customer_id.as_uuid(),
        inactive,
        now,
        limit,
        offset,
    )
    .fetch_all(connection)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let keys = rows.into_iter().map(|row| {
        KeyRow {
            key_id: row.key_id,
            name: row.name,
            prefix: row.prefix,
            created_by: row.created_by,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            disabled_at: row.disabled_at,
            expires_at: row.expires_at,
            retires_at: row.retires_at,
        }
        .into_key(now)
    });
    Ok((keys.collect(), total))
}

/// One key, locked until the transaction ends, so that of several changes at once each sees the one before.
pub(super) async fn find_for_update(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    now: OffsetDateTime,
) -> Result<Option<(Key, Life)>, sqlx::Error> {
    let row = sqlx::query_as!(
        KeyRow,
        r#"
        SELECT key_id AS "key_id: KeyId",
               name,
               prefix,
               '' AS "created_by!",
               created_at,
               last_used_at,
               revoked_at,
               disabled_at,
               expires_at,
               retires_at
          FROM api_keys
         WHERE customer_id = $1 AND key_id = $2
           FOR UPDATE
        "#,
        customer_id.as_uuid(),
        key_id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let life = row.life();
        (row.into_key(now), life)
    }))
}

/// A key to be stored.
pub(super) struct KeyInsert<'a> {
    pub(super) key_id: &'a KeyId,
    pub(super) customer_id: CustomerId,
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) lookup_hash: [u8; 32],
    pub(super) created_by: Option<UserId>,
    pub(super) created_at: OffsetDateTime,
}

/// Stores a new key.
pub(super) async fn insert(connection: &mut PgConnection, key: KeyInsert<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, 'active', $6, $7)
        ",
        key.key_id.as_str(),
        key.customer_id.as_uuid(),
        key.name,
        key.prefix,
        key.lookup_hash.as_slice(),
        key.created_by.map(UserId::as_uuid),
        key.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes a key for good.
pub(super) async fn revoke(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE api_keys SET status = 'revoked', revoked_at = $3 WHERE customer_id = $1 AND key_id = $2",
        customer_id.as_uuid(),
        key_id.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a key an end and a successor.
pub(super) async fn end_at(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    successor: &KeyId,
    at: Option<OffsetDateTime>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE api_keys SET retires_at = $4, rotated_to = $3 WHERE customer_id = $1 AND key_id = $2",
        customer_id.as_uuid(),
        key_id.as_str(),
        successor.as_str(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
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

/// The addresses of those who are told about keys: owners and developers.
pub(crate) async fn recipients(connection: &mut PgConnection, customer_id: CustomerId) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "
        SELECT u.email
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1 AND m.role IN ('owner', 'developer')
         ORDER BY u.email
         LIMIT 50
        ",
        customer_id.as_uuid(),
    )
    .fetch_all(connection)
    .await
}
