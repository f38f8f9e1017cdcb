//! Every statement of verification.

use std::time::Duration;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::cache::Hash;
use crate::{
    ids::{CustomerId, KeyId},
    keys::model::Life,
};

/// A key as the look-up gives it.
pub(super) struct KeyRow {
    pub(super) lookup_hash: Vec<u8>,
    pub(super) key_id: KeyId,
    pub(super) customer_id: CustomerId,
    pub(super) plan: String,
    pub(super) closed: bool,
    pub(super) environment: String,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) allowed_networks: Vec<String>,
    pub(super) calls_per_minute: Option<i32>,
    pub(super) disabled_at: Option<OffsetDateTime>,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) retires_at: Option<OffsetDateTime>,
    pub(super) revoked_at: Option<OffsetDateTime>,
}

/// The keys behind these hashes, whoever they belong to; those that exist.
pub(super) async fn find_keys(connection: &mut PgConnection, hashes: &[Vec<u8>]) -> sqlx::Result<Vec<KeyRow>> {
    sqlx::query_as!(
        KeyRow,
        r#"
        SELECT lookup_hash AS "lookup_hash!",
               key_id AS "key_id!: KeyId",
               customer_id AS "customer_id!: CustomerId",
               plan AS "plan!",
               closed AS "closed!",
               environment AS "environment!",
               scopes,
               allowed_networks AS "allowed_networks!",
               calls_per_minute,
               disabled_at,
               expires_at,
               retires_at,
               revoked_at
          FROM find_keys($1)
        "#,
        hashes,
    )
    .fetch_all(connection)
    .await
}

/// A change, and the oldest transaction that was still running when it was asked for.
pub(super) struct ChangeRow {
    pub(super) oldest_running: i64,
    pub(super) transaction_id: Option<i64>,
    pub(super) credential_hash: Option<Vec<u8>>,
}

/// What changed in transactions from `since` on. At least one row; of more than `limit` changes only some.
pub(super) async fn list_changes(connection: &mut PgConnection, since: i64, limit: i64) -> sqlx::Result<Vec<ChangeRow>> {
    sqlx::query_as!(
        ChangeRow,
        r#"
        SELECT oldest_running AS "oldest_running!",
               transaction_id AS "transaction_id?",
               credential_hash AS "credential_hash?"
          FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_running) snapshot
          LEFT JOIN (
              SELECT transaction_id, credential_hash
                FROM credential_changes
               WHERE transaction_id >= $1
               LIMIT $2
          ) changes ON true
        "#,
        since,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Ends each statement of this transaction that waits for a lock, or runs, for longer.
pub(super) async fn limit_time(connection: &mut PgConnection, lock: Duration, statement: Duration) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT set_config('lock_timeout', $1, true) AS lock, set_config('statement_timeout', $2, true) AS statement",
        format!("{}ms", lock.as_millis()),
        format!("{}ms", statement.as_millis()),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Holds the rows of these keys until the transaction ends, so that nothing below waits; gives those that somebody else holds.
/// What is in neither is gone.
pub(super) async fn hold_keys(connection: &mut PgConnection, keys: &[String]) -> sqlx::Result<Vec<KeyId>> {
    sqlx::query_scalar!(
        r#"
        WITH held AS (
            SELECT key_id FROM api_keys WHERE key_id = ANY ($1) FOR NO KEY UPDATE SKIP LOCKED
        )
        SELECT key_id AS "key_id: KeyId"
          FROM api_keys
         WHERE key_id = ANY ($1)
           AND key_id NOT IN (SELECT key_id FROM held)
        "#,
        keys,
    )
    .fetch_all(connection)
    .await
}

/// Calls to be recorded, one array per column.
#[derive(Default)]
pub(super) struct CallColumns {
    pub(super) key_ids: Vec<String>,
    pub(super) hours: Vec<OffsetDateTime>,
    pub(super) codes: Vec<String>,
    pub(super) ips: Vec<String>,
    pub(super) calls: Vec<i64>,
    pub(super) last_at: Vec<OffsetDateTime>,
}

/// Adds calls to those recorded, of keys that are held, so that two processes never wait for each other; what belongs to a key
/// that is gone is left out.
pub(super) async fn add_calls(connection: &mut PgConnection, rows: &CallColumns) -> sqlx::Result<()> {
    sqlx::query!(
        "
        INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at)
        SELECT k.customer_id, c.key_id, c.hour, c.code, c.ip, c.calls, c.last_at
          FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
               AS c (key_id, hour, code, ip, calls, last_at)
          JOIN api_keys k ON k.key_id = c.key_id
            ON CONFLICT (customer_id, key_id, hour, code, ip)
            DO UPDATE SET calls = key_calls.calls + EXCLUDED.calls,
                          last_at = greatest(key_calls.last_at, EXCLUDED.last_at)
        ",
        &rows.key_ids,
        &rows.hours,
        &rows.codes,
        &rows.ips,
        &rows.calls,
        &rows.last_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When and from where keys were last used, one array per column.
#[derive(Default)]
pub(super) struct LastUseColumns {
    pub(super) key_ids: Vec<String>,
    pub(super) at: Vec<OffsetDateTime>,
    pub(super) ips: Vec<String>,
}

/// Notes last uses, of keys that are held.
pub(super) async fn note_last_use(connection: &mut PgConnection, rows: &LastUseColumns) -> sqlx::Result<()> {
    sqlx::query!(
        "
        UPDATE api_keys k
           SET last_used_at = u.at,
               last_used_ip = NULLIF(u.ip, '')
          FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS u (key_id, at, ip)
         WHERE k.key_id = u.key_id
           AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
        ",
        &rows.key_ids,
        &rows.at,
        &rows.ips,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A key that was found in public.
pub(super) struct LeakedRow {
    pub(super) key_id: KeyId,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) last_four: Option<String>,
    pub(super) customer_name: String,
    pub(super) revoked_at: Option<OffsetDateTime>,
    pub(super) disabled_at: Option<OffsetDateTime>,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) retires_at: Option<OffsetDateTime>,
    pub(super) leaked_at: Option<OffsetDateTime>,
}

impl LeakedRow {
    pub(super) fn life(&self) -> Life {
        Life { revoked_at: self.revoked_at, disabled_at: self.disabled_at, expires_at: self.expires_at, retires_at: self.retires_at }
    }
}

/// The key of this customer, locked until the transaction ends, so that of two reports at once the second sees the first.
pub(super) async fn lock_leaked(connection: &mut PgConnection, customer: CustomerId, hash: &Hash) -> sqlx::Result<Option<LeakedRow>> {
    sqlx::query_as!(
        LeakedRow,
        r#"
        SELECT k.key_id AS "key_id: KeyId",
               k.name,
               k.prefix,
               k.last_four,
               c.name AS customer_name,
               k.revoked_at,
               k.disabled_at,
               k.expires_at,
               k.retires_at,
               k.leaked_at
          FROM api_keys k
          JOIN customers c ON c.customer_id = k.customer_id
         WHERE k.customer_id = $1 AND k.lookup_hash = $2
           FOR UPDATE OF k
        "#,
        customer.as_uuid(),
        hash.as_slice(),
    )
    .fetch_optional(connection)
    .await
}

/// Notes that a key was found in public, when and where first, and revokes it if that is wanted.
pub(super) async fn mark_leaked(
    connection: &mut PgConnection,
    customer: CustomerId,
    key: &KeyId,
    url: Option<&str>,
    revoke: bool,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        UPDATE api_keys
           SET leaked_at = COALESCE(leaked_at, $3),
               leaked_url = COALESCE(leaked_url, $4),
               status = CASE WHEN $5 THEN 'revoked' ELSE status END,
               revoked_at = CASE WHEN $5 THEN $3 ELSE revoked_at END,
               revoked_reason = CASE WHEN $5 THEN 'Found in public by a secret scanner' ELSE revoked_reason END
         WHERE customer_id = $1 AND key_id = $2
        ",
        customer.as_uuid(),
        key.as_str(),
        now,
        url,
        revoke,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Clears away calls that are older than 30 days, and changes that every process has long heard of.
pub(super) async fn clear(connection: &mut PgConnection, now: OffsetDateTime, at_once: i64) -> sqlx::Result<u64> {
    let calls = sqlx::query!(
        "
        DELETE FROM key_calls
         WHERE (customer_id, key_id, hour, code, ip)
            IN (SELECT customer_id, key_id, hour, code, ip FROM key_calls WHERE hour < $1 LIMIT $2)
        ",
        now - time::Duration::days(30),
        at_once,
    )
    .execute(&mut *connection)
    .await?;
    let changes = sqlx::query!(
        "
        DELETE FROM credential_changes
         WHERE (transaction_id, credential_hash)
            IN (SELECT transaction_id, credential_hash FROM credential_changes WHERE changed_at < $1 LIMIT $2)
        ",
        now - time::Duration::DAY,
        at_once,
    )
    .execute(connection)
    .await?;
    Ok(calls.rows_affected() + changes.rows_affected())
}
