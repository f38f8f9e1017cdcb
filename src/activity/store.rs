//! Every statement about the trail as its customer reads it. Entries are never changed, and later ones have higher numbers,
//! so a place in the list stays where it is.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::filter::{Filter, Place, Side};
use crate::{
    ids::{CustomerId, UserId},
    server::audit::ActorKind,
};

/// An entry as it is stored.
pub(super) struct Record {
    pub(super) customer_id: Uuid,
    pub(super) chain_version: i16,
    pub(super) chain_number: i64,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) audit_event_id: Uuid,
    pub(super) created_at: OffsetDateTime,
    pub(super) actor_kind: String,
    pub(super) actor_user_id: Option<Uuid>,
    pub(super) actor_name: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) details: Value,
    pub(super) ip: String,
    pub(super) session_id: Option<Uuid>,
}

/// Up to `limit` entries beside a place, the newest first.
pub(super) async fn list(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    filter: &Filter,
    side: Side,
    limit: i64,
) -> Result<Vec<Record>, sqlx::Error> {
    match side {
        Side::Older(place) => list_older(connection, customer_id, filter, place, limit).await,
        Side::Newer(place) => {
            let mut records = list_newer(connection, customer_id, filter, place, limit).await?;
            records.reverse();
            Ok(records)
        }
    }
}

async fn list_older(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    filter: &Filter,
    place: Place,
    limit: i64,
) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query_as!(
        Record,
        "
        SELECT customer_id, chain_version, chain_number, previous_hash, hash, audit_event_id, created_at,
               actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id
          FROM audit_events
         WHERE customer_id = $1
           AND created_at >= $2
           AND created_at < $3
           AND ($4::uuid IS NULL OR actor_user_id = $4)
           AND ($5::text IS NULL OR actor_kind = $5)
           AND ($6::text[] IS NULL OR area = ANY ($6))
           AND (created_at, chain_number) < ($7, $8)
         ORDER BY created_at DESC, chain_number DESC
         LIMIT $9
        ",
        customer_id.as_uuid(),
        filter.from,
        filter.until,
        filter.person.map(UserId::as_uuid),
        filter.kind.map(ActorKind::as_str),
        filter.areas.as_deref(),
        place.at,
        place.number,
        limit,
    )
    .fetch_all(connection)
    .await
}

async fn list_newer(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    filter: &Filter,
    place: Place,
    limit: i64,
) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query_as!(
        Record,
        "
        SELECT customer_id, chain_version, chain_number, previous_hash, hash, audit_event_id, created_at,
               actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id
          FROM audit_events
         WHERE customer_id = $1
           AND created_at >= $2
           AND created_at < $3
           AND ($4::uuid IS NULL OR actor_user_id = $4)
           AND ($5::text IS NULL OR actor_kind = $5)
           AND ($6::text[] IS NULL OR area = ANY ($6))
           AND (created_at, chain_number) > ($7, $8)
         ORDER BY created_at, chain_number
         LIMIT $9
        ",
        customer_id.as_uuid(),
        filter.from,
        filter.until,
        filter.person.map(UserId::as_uuid),
        filter.kind.map(ActorKind::as_str),
        filter.areas.as_deref(),
        place.at,
        place.number,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Everybody who has left an entry, by their latest name. Jumps from person to person in the index instead of reading
/// every entry.
pub(super) async fn list_people(connection: &mut PgConnection, customer_id: CustomerId) -> Result<Vec<(UserId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        WITH RECURSIVE people AS (
            (SELECT actor_user_id
               FROM audit_events
              WHERE customer_id = $1 AND actor_user_id IS NOT NULL
              ORDER BY actor_user_id
              LIMIT 1)
            UNION ALL
            SELECT (SELECT e.actor_user_id
                      FROM audit_events e
                     WHERE e.customer_id = $1 AND e.actor_user_id > people.actor_user_id
                     ORDER BY e.actor_user_id
                     LIMIT 1)
              FROM people
             WHERE people.actor_user_id IS NOT NULL
        )
        SELECT people.actor_user_id AS "user_id!: UserId",
               latest.actor_name
          FROM people
         CROSS JOIN LATERAL (
               SELECT e.actor_name
                 FROM audit_events e
                WHERE e.customer_id = $1 AND e.actor_user_id = people.actor_user_id
                ORDER BY e.created_at DESC, e.chain_number DESC
                LIMIT 1) latest
         ORDER BY lower(latest.actor_name), people.actor_user_id
        "#,
        customer_id.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.actor_name)).collect())
}

/// What an export will hold.
pub(super) struct Extent {
    /// Entries.
    pub(super) rows: i64,
    /// The highest number among them.
    pub(super) last: i64,
}

/// How many entries there are now, and where they end. As entries are only ever added, later ones do not belong to it.
pub(super) async fn measure(connection: &mut PgConnection, customer_id: CustomerId, filter: &Filter) -> Result<Extent, sqlx::Error> {
    sqlx::query_as!(
        Extent,
        r#"
        SELECT count(*) AS "rows!",
               COALESCE(max(chain_number), 0) AS "last!"
          FROM audit_events
         WHERE customer_id = $1
           AND created_at >= $2
           AND created_at < $3
           AND ($4::uuid IS NULL OR actor_user_id = $4)
           AND ($5::text IS NULL OR actor_kind = $5)
           AND ($6::text[] IS NULL OR area = ANY ($6))
        "#,
        customer_id.as_uuid(),
        filter.from,
        filter.until,
        filter.person.map(UserId::as_uuid),
        filter.kind.map(ActorKind::as_str),
        filter.areas.as_deref(),
    )
    .fetch_one(connection)
    .await
}

/// The entries after one number up to another, the oldest first.
pub(super) async fn list_from(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    filter: &Filter,
    (after, last): (i64, i64),
    limit: i64,
) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query_as!(
        Record,
        "
        SELECT customer_id, chain_version, chain_number, previous_hash, hash, audit_event_id, created_at,
               actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id
          FROM audit_events
         WHERE customer_id = $1
           AND created_at >= $2
           AND created_at < $3
           AND ($4::uuid IS NULL OR actor_user_id = $4)
           AND ($5::text IS NULL OR actor_kind = $5)
           AND ($6::text[] IS NULL OR area = ANY ($6))
           AND chain_number > $7
           AND chain_number <= $8
         ORDER BY chain_number
         LIMIT $9
        ",
        customer_id.as_uuid(),
        filter.from,
        filter.until,
        filter.person.map(UserId::as_uuid),
        filter.kind.map(ActorKind::as_str),
        filter.areas.as_deref(),
        after,
        last,
        limit,
    )
    .fetch_all(connection)
    .await
}
