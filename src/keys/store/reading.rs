//! What the pages read about keys.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    ids::{CustomerId, KeyId},
    keys::model::{Environment, Life, Search, Secret},
    server::entropy::sha256,
};

/// A key as the pages show it.
pub(in crate::keys) struct KeyRow {
    pub(in crate::keys) key_id: KeyId,
    pub(in crate::keys) name: String,
    pub(in crate::keys) prefix: String,
    pub(in crate::keys) last_four: Option<String>,
    pub(in crate::keys) environment: String,
    pub(in crate::keys) created_by: String,
    pub(in crate::keys) created_at: OffsetDateTime,
    pub(in crate::keys) last_used_at: Option<OffsetDateTime>,
    pub(in crate::keys) last_used_ip: Option<String>,
    pub(in crate::keys) revoked_at: Option<OffsetDateTime>,
    pub(in crate::keys) disabled_at: Option<OffsetDateTime>,
    pub(in crate::keys) expires_at: Option<OffsetDateTime>,
    pub(in crate::keys) retires_at: Option<OffsetDateTime>,
    pub(in crate::keys) successor: Option<KeyId>,
    pub(in crate::keys) successor_prefix: Option<String>,
    pub(in crate::keys) successor_last_four: Option<String>,
    pub(in crate::keys) predecessor: Option<KeyId>,
    pub(in crate::keys) predecessor_prefix: Option<String>,
    pub(in crate::keys) predecessor_last_four: Option<String>,
    /// Accepted calls in each of the last 24 hours.
    pub(in crate::keys) hours: Vec<i64>,
    /// Refused calls in the same time.
    pub(in crate::keys) refused: i64,
    /// Rows of the whole list.
    pub(in crate::keys) total: i64,
}

impl KeyRow {
    pub(in crate::keys) fn life(&self) -> Life {
        Life { revoked_at: self.revoked_at, disabled_at: self.disabled_at, expires_at: self.expires_at, retires_at: self.retires_at }
    }
}

/// Which keys are wanted.
pub(in crate::keys) struct Wanted<'a> {
    /// One of them.
    pub(in crate::keys) only: Option<&'a KeyId>,
    /// In one of these states.
    pub(in crate::keys) states: &'a [&'a str],
    /// For this purpose.
    pub(in crate::keys) environment: Option<Environment>,
    /// A part of the name or of the key; empty is any.
    pub(in crate::keys) search: &'a Search,
    /// Rows of a page.
    pub(in crate::keys) limit: i64,
    /// Rows before it.
    pub(in crate::keys) offset: i64,
}

/// A page of keys with their calls of the last 24 hours, in one statement. The states are those of [`Life::state`]; a test
/// holds the two together.
#[expect(clippy::too_many_lines, reason = "one statement, column by column")]
pub(in crate::keys) async fn list(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    wanted: &Wanted<'_>,
    now: OffsetDateTime,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    let states: Vec<String> = wanted.states.iter().map(|state| (*state).to_owned()).collect();
    sqlx::query_as!(
        KeyRow,
        r#"
        WITH found AS (
            SELECT k.key_id,
                   k.name,
                   k.prefix,
                   k.last_four,
                   k.environment,
                   COALESCE(u.name, 'the service') AS created_by,
                   k.created_at,
                   k.last_used_at,
                   k.last_used_ip,
                   k.revoked_at,
                   k.disabled_at,
                   k.expires_at,
                   k.retires_at,
                   k.rotated_to,
                   count(*) OVER () AS total
              FROM api_keys k
              LEFT JOIN users u ON u.user_id = k.created_by
             WHERE k.customer_id = $1
               AND ($2::text IS NULL OR k.key_id = $2)
               AND CASE WHEN k.status = 'revoked' THEN 'revoked'
                        WHEN LEAST(k.expires_at, k.retires_at) <= $3 THEN 'expired'
                        WHEN k.disabled_at IS NOT NULL THEN 'disabled'
                        WHEN k.retires_at IS NOT NULL THEN 'ending'
                        ELSE 'active'
                   END = ANY ($4)
               AND ($5::text IS NULL OR k.environment = $5)
               AND ($6 = ''
                    OR position(lower($6) IN lower(k.name)) > 0
                    OR starts_with($6, k.prefix)
                    OR starts_with(lower(k.prefix), $7)
                    OR starts_with(lower(right(k.prefix, 8)), $7)
                    OR lower(k.last_four) = $8)
             ORDER BY k.created_at DESC, k.key_id
             LIMIT $9 OFFSET $10
        )
        SELECT f.key_id AS "key_id: KeyId",
               f.name,
               f.prefix,
               f.last_four,
               f.environment,
               f.created_by AS "created_by!",
               f.created_at,
               f.last_used_at,
               f.last_used_ip,
               f.revoked_at,
               f.disabled_at,
               f.expires_at,
               f.retires_at,
               after.key_id AS "successor?: KeyId",
               after.prefix AS "successor_prefix?",
               after.last_four AS "successor_last_four?",
               before.key_id AS "predecessor?: KeyId",
               before.prefix AS "predecessor_prefix?",
               before.last_four AS "predecessor_last_four?",
               calls.hours AS "hours!",
               calls.refused AS "refused!",
               f.total AS "total!"
          FROM found f
          LEFT JOIN api_keys after ON after.key_id = f.rotated_to AND after.customer_id = $1
          LEFT JOIN api_keys before ON before.rotated_to = f.key_id AND before.customer_id = $1
         CROSS JOIN LATERAL (
             SELECT array_agg(COALESCE(c.valid, 0) ORDER BY h.hour) AS hours,
                    COALESCE(sum(c.refused), 0)::bigint AS refused
               FROM generate_series($11::timestamptz, $11::timestamptz + interval '23 hours', interval '1 hour') AS h (hour)
               LEFT JOIN (
                   SELECT hour,
                          (sum(calls) FILTER (WHERE code = 'valid'))::bigint AS valid,
                          (sum(calls) FILTER (WHERE code <> 'valid'))::bigint AS refused
                     FROM key_calls
                    WHERE customer_id = $1
                      AND key_id = f.key_id
                      AND hour >= $11
                    GROUP BY hour
               ) c USING (hour)
         ) calls
         ORDER BY f.created_at DESC, f.key_id
        "#,
        customer_id.as_uuid(),
        wanted.only.map(KeyId::as_str),
        now,
        &states,
        wanted.environment.map(Environment::as_str),
        wanted.search.text,
        wanted.search.beginning.as_deref(),
        wanted.search.last_four.as_deref(),
        wanted.limit,
        wanted.offset,
        first_hour(now),
    )
    .fetch_all(connection)
    .await
}

/// The first of the last 24 hours, the current one among them.
pub(in crate::keys) fn first_hour(now: OffsetDateTime) -> OffsetDateTime {
    now.truncate_to_hour() - Duration::hours(23)
}

/// Whether a customer has keys that have ended, or ever had any.
pub(in crate::keys) async fn has_keys(connection: &mut PgConnection, customer_id: CustomerId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM api_keys WHERE customer_id = $1) AS "exists!""#, customer_id.as_uuid(),)
        .fetch_one(connection)
        .await
}

/// What the key of a secret is called.
pub(in crate::keys) async fn find_name(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    secret: &Secret,
) -> Result<Option<String>, sqlx::Error> {
    let hash = sha256(secret.reveal().as_bytes());
    sqlx::query_scalar!("SELECT name FROM api_keys WHERE customer_id = $1 AND lookup_hash = $2", customer_id.as_uuid(), hash.as_slice())
        .fetch_optional(connection)
        .await
}

/// What only the page of one key shows.
pub(in crate::keys) struct DetailRow {
    pub(in crate::keys) scopes: Option<Vec<String>>,
    pub(in crate::keys) allowed_networks: Vec<String>,
    pub(in crate::keys) calls_per_minute: Option<i32>,
    pub(in crate::keys) revoked_reason: Option<String>,
    pub(in crate::keys) leaked: bool,
    pub(in crate::keys) leaked_url: Option<String>,
    /// Whether no other key of the customer is accepted in the live environment.
    pub(in crate::keys) alone: bool,
}

/// The rest of a key.
pub(in crate::keys) async fn find_detail(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    now: OffsetDateTime,
) -> Result<Option<DetailRow>, sqlx::Error> {
    sqlx::query_as!(
        DetailRow,
        r#"
        SELECT k.scopes,
               k.allowed_networks,
               k.calls_per_minute,
               k.revoked_reason,
               k.leaked_at IS NOT NULL AS "leaked!",
               k.leaked_url,
               NOT EXISTS (
                   SELECT FROM api_keys other
                    WHERE other.customer_id = $1
                      AND other.key_id <> $2
                      AND other.environment = 'live'
                      AND other.status = 'active'
                      AND other.disabled_at IS NULL
                      AND COALESCE(LEAST(other.expires_at, other.retires_at) > $3, true)
               ) AS "alone!"
          FROM api_keys k
         WHERE k.customer_id = $1
           AND k.key_id = $2
        "#,
        customer_id.as_uuid(),
        key_id.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await
}
