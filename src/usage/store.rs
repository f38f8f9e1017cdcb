//! Every statement of usage.

use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::ids::CustomerId;

/// What was last stored of a counter of the running month.
#[derive(Deserialize)]
pub(crate) struct Snapshot {
    pub(super) metric: String,
    pub(super) quantity: i64,
    /// When it was read, in seconds since 1970.
    pub(super) seen: i64,
}

/// What the meters show besides the counters.
pub(super) struct StandingRow {
    pub(super) members: i64,
    pub(super) invited: i64,
    pub(super) snapshots: Json<Vec<Snapshot>>,
}

/// How many people a customer has, how many more are invited, and what was last stored of the counters of a month.
pub(super) async fn find_standing(
    connection: &mut PgConnection,
    customer: CustomerId,
    now: OffsetDateTime,
    period: &str,
) -> sqlx::Result<StandingRow> {
    sqlx::query_as!(
        StandingRow,
        r#"SELECT (SELECT count(*) FROM memberships WHERE customer_id = $1) AS "members!",
                  (SELECT count(*)
                     FROM invitations
                    WHERE customer_id = $1
                      AND accepted_at IS NULL
                      AND revoked_at IS NULL
                      AND expires_at > $2) AS "invited!",
                  (SELECT COALESCE(json_agg(s), '[]')
                     FROM (SELECT metric, quantity, floor(extract(epoch FROM seen_at))::bigint AS seen
                             FROM usage_snapshots
                            WHERE customer_id = $1
                              AND period = $3) AS s) AS "snapshots!: Json<Vec<Snapshot>>""#,
        customer.as_uuid(),
        now,
        period
    )
    .fetch_one(connection)
    .await
}

/// What was last stored of the counters of a month.
pub(super) async fn list_snapshots(connection: &mut PgConnection, customer: CustomerId, period: &str) -> sqlx::Result<Vec<Snapshot>> {
    sqlx::query_as!(
        Snapshot,
        r#"SELECT metric, quantity, floor(extract(epoch FROM seen_at))::bigint AS "seen!"
             FROM usage_snapshots
            WHERE customer_id = $1
              AND period = $2"#,
        customer.as_uuid(),
        period
    )
    .fetch_all(connection)
    .await
}

/// One day.
pub(super) struct DayRow {
    pub(super) day: Date,
    pub(super) api_calls: i64,
    pub(super) storage_mb: i64,
}

/// The days from `since` on that anything is stored for.
pub(super) async fn list_days(connection: &mut PgConnection, customer: CustomerId, since: Date) -> sqlx::Result<Vec<DayRow>> {
    sqlx::query_as!(
        DayRow,
        r#"SELECT day,
                  COALESCE(sum(quantity) FILTER (WHERE metric = 'api_calls'), 0)::bigint AS "api_calls!",
                  COALESCE(sum(quantity) FILTER (WHERE metric = 'storage_mb'), 0)::bigint AS "storage_mb!"
             FROM usage_daily
            WHERE customer_id = $1
              AND metric IN ('api_calls', 'storage_mb')
              AND day >= $2
            GROUP BY day
            ORDER BY day"#,
        customer.as_uuid(),
        since
    )
    .fetch_all(connection)
    .await
}

/// What was last seen of these customers' calls of a month, in the order of the arrays; 0 where nothing was.
pub(super) async fn list_stored_calls(connection: &mut PgConnection, customers: &[Uuid], periods: &[String]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"SELECT COALESCE(stored.quantity, 0) AS "quantity!"
             FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS wanted (customer_id, period, number)
             LEFT JOIN usage_snapshots stored
               ON stored.customer_id = wanted.customer_id
              AND stored.period = wanted.period
              AND stored.metric = 'api_calls'
            ORDER BY wanted.number"#,
        customers,
        periods
    )
    .fetch_all(connection)
    .await
}

/// The customers after `after` in the order of their ids, whose counters are to be stored.
pub(super) async fn list_customers(connection: &mut PgConnection, after: Uuid, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT customer_id
           FROM customers
          WHERE customer_id > $1
            AND status <> 'closed'
          ORDER BY customer_id
          LIMIT $2",
        after,
        limit
    )
    .fetch_all(connection)
    .await
}

/// Counters as they were seen, one array per column.
#[derive(Default)]
pub(super) struct Snapshots {
    pub(super) customers: Vec<Uuid>,
    pub(super) metrics: Vec<String>,
    pub(super) quantities: Vec<i64>,
}

/// Stores what the counters of a month held at `seen_at`. Calls of a month never become fewer, so less than is stored means that Redis
/// has lost some, and the counter is to go on from what is stored. Storage does become less.
pub(super) async fn upsert_snapshots(
    connection: &mut PgConnection,
    seen: &Snapshots,
    period: &str,
    seen_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO usage_snapshots (customer_id, metric, period, quantity, seen_at)
         SELECT customer_id, metric, $4, quantity, $5
           FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS seen (customer_id, metric, quantity)
             ON CONFLICT (customer_id, metric, period)
             DO UPDATE SET quantity = CASE
                               WHEN EXCLUDED.metric = 'api_calls' THEN greatest(usage_snapshots.quantity, EXCLUDED.quantity)
                               ELSE EXCLUDED.quantity
                           END,
                           seen_at = EXCLUDED.seen_at",
        &seen.customers,
        &seen.metrics,
        &seen.quantities,
        period,
        seen_at
    )
    .execute(connection)
    .await?;
    Ok(())
}
