//! What the pages read about calls with a key.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    ids::{CustomerId, KeyId},
    keys::model::{CallsFrom, Recorded},
};

/// Calls with a key since a moment, let in or refused, by address, the latest first; of many addresses the first `limit`.
pub(in crate::keys) async fn calls_since(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<CallsFrom>, sqlx::Error> {
    sqlx::query_as!(
        CallsFrom,
        r#"
        SELECT ip,
               sum(calls)::bigint AS "calls!",
               max(last_at) AS "last_at!",
               COALESCE(sum(sum(calls) FILTER (WHERE code <> 'valid')) OVER (), 0)::bigint AS "refused_in_all!",
               count(*) FILTER (WHERE ip <> '') OVER () AS "addresses!"
          FROM key_calls
         WHERE customer_id = $1
           AND key_id = $2
           AND hour >= date_trunc('hour', $3::timestamptz, 'UTC')
           AND last_at > $3
         GROUP BY ip
         ORDER BY 3 DESC, ip
         LIMIT $4
        "#,
        customer_id.as_uuid(),
        key_id.as_str(),
        since,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Refused calls with a key since a moment, by reason and address, the latest first; of many addresses the first `limit` of each
/// reason, so that none hides another.
pub(in crate::keys) async fn refused_since(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    key_id: &KeyId,
    since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Recorded>, sqlx::Error> {
    sqlx::query_as!(
        Recorded,
        r#"
        SELECT code,
               ip,
               calls AS "calls!",
               last_at AS "last_at!",
               calls_in_all AS "calls_in_all!",
               addresses AS "addresses!"
          FROM (
              SELECT code,
                     ip,
                     sum(calls)::bigint AS calls,
                     max(last_at) AS last_at,
                     (sum(sum(calls)) OVER of_reason)::bigint AS calls_in_all,
                     count(*) FILTER (WHERE ip <> '') OVER of_reason AS addresses,
                     row_number() OVER (PARTITION BY code ORDER BY max(last_at) DESC, ip) AS place
                FROM key_calls
               WHERE customer_id = $1
                 AND key_id = $2
                 AND hour >= $3
                 AND code <> 'valid'
               GROUP BY code, ip
              WINDOW of_reason AS (PARTITION BY code)
          ) refused
         WHERE place <= $4
         ORDER BY last_at DESC, code, ip
        "#,
        customer_id.as_uuid(),
        key_id.as_str(),
        since,
        limit,
    )
    .fetch_all(connection)
    .await
}
