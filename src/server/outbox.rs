//! Notifications waiting to be sent: written in the transaction of the change, so that none is lost.
//!
//! A row goes through: due → queued (pushed to Redis) → sent, or given up after [`BACKOFF`] is used up. The row is the
//! truth and the queue only transport: what is queued but not sent for [`REQUEUE_AFTER`] is pushed again.

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::ids::CustomerId;

/// How long to wait after the first, second, … failed attempt; after the last one the notification is given up.
pub const BACKOFF: [Duration; 7] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::hours(1),
    Duration::hours(6),
    Duration::hours(24),
];

/// How long a queued notification may stay unsent before it is pushed again: Redis may have been emptied.
pub const REQUEUE_AFTER: Duration = Duration::seconds(60);

/// How many rows are claimed at once.
const BATCH: i64 = 50;

/// Something to tell somebody about, by mail.
#[derive(Clone, Debug)]
pub struct Notification {
    /// `team_invite`, `ticket_reply`, …: the queue entry's `type`.
    pub kind: &'static str,
    /// The queue entry, a JSON object.
    pub payload: Value,
}

impl Notification {
    /// A notification with its payload.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload }
    }
}

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id, also that of the mail.
    pub outbox_id: Uuid,
    /// The queue entry's `type`.
    pub kind: String,
    /// The queue entry.
    pub payload: Value,
    /// How often sending it has failed.
    pub attempts: i32,
}

impl Row {
    /// The entry as it stands in the queue: the payload with its `type` and `id`.
    pub fn entry(&self) -> String {
        let mut entry = match &self.payload {
            Value::Object(fields) => fields.clone(),
            _ => serde_json::Map::new(),
        };
        entry.insert("type".to_owned(), json!(self.kind));
        entry.insert("id".to_owned(), json!(self.outbox_id));
        Value::Object(entry).to_string()
    }
}

/// Writes a notification into the outbox of the running transaction.
///
/// # Errors
/// If the database does not answer.
pub async fn insert(
    connection: &mut PgConnection,
    customer_id: Option<CustomerId>,
    notification: &Notification,
    now: OffsetDateTime,
    id: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO outbox (outbox_id, customer_id, kind, payload, created_at, next_attempt_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ",
        id,
        customer_id.map(CustomerId::as_uuid),
        notification.kind,
        notification.payload,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same for many payloads of one kind in one statement; as many ids as payloads.
///
/// # Errors
/// If the database does not answer.
pub async fn insert_many(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    kind: &'static str,
    payloads: &[Value],
    now: OffsetDateTime,
    ids: &[Uuid],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO outbox (outbox_id, customer_id, kind, payload, created_at, next_attempt_at)
        SELECT id, $2, $3, payload, $4, $4
          FROM UNNEST($1::uuid[], $5::jsonb[]) AS mail (id, payload)
        ",
        ids,
        customer_id.as_uuid(),
        kind,
        now,
        payloads,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes over an entry that another system pushed to the queue, so that it is sent once and retried like our own.
///
/// # Errors
/// If the database does not answer.
pub async fn adopt(connection: &mut PgConnection, id: Uuid, kind: &str, payload: &Value, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO outbox (outbox_id, kind, payload, created_at, next_attempt_at, queued_at)
        VALUES ($1, $2, $3, $4, $4, $4)
        ON CONFLICT DO NOTHING
        ",
        id,
        kind,
        payload,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Claims rows that are to be pushed, oldest first; other workers skip them until the transaction ends.
///
/// # Errors
/// If the database does not answer.
pub async fn claim_due(connection: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        "
        SELECT outbox_id,
               kind,
               payload,
               attempts
          FROM outbox
         WHERE sent_at IS NULL
           AND failed_at IS NULL
           AND next_attempt_at <= $1
           AND (queued_at IS NULL OR queued_at <= $2)
         ORDER BY next_attempt_at, outbox_id
         LIMIT $3
           FOR UPDATE SKIP LOCKED
        ",
        now,
        now - REQUEUE_AFTER,
        BATCH,
    )
    .fetch_all(connection)
    .await
}

/// Notes that rows were pushed.
///
/// # Errors
/// If the database does not answer.
pub async fn mark_queued(connection: &mut PgConnection, ids: &[Uuid], now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE outbox SET queued_at = $2 WHERE outbox_id = ANY ($1)", ids, now).execute(connection).await?;
    Ok(())
}

/// Locks the row of a queue entry if it is to be sent now. `None` if that has happened, is happening in another
/// worker, or is due later.
///
/// # Errors
/// If the database does not answer.
pub async fn lock(connection: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        "
        SELECT outbox_id,
               kind,
               payload,
               attempts
          FROM outbox
         WHERE outbox_id = $1
           AND sent_at IS NULL
           AND failed_at IS NULL
           AND next_attempt_at <= $2
           FOR UPDATE SKIP LOCKED
        ",
        id,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Notes that the notification was sent and forgets its content, which may hold the secret of a link.
///
/// # Errors
/// If the database does not answer.
pub async fn mark_sent(connection: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE outbox SET sent_at = $2, payload = '{}', last_error = '' WHERE outbox_id = $1", id, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes a failed attempt: the next one is made later, or none any more.
///
/// # Errors
/// If the database does not answer.
pub async fn mark_failed(connection: &mut PgConnection, row: &Row, error: &str, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    let wait = usize::try_from(row.attempts).ok().and_then(|attempts| BACKOFF.get(attempts));
    let Some(wait) = wait else {
        return give_up(connection, row.outbox_id, error, now).await;
    };
    sqlx::query!(
        "
        UPDATE outbox
           SET attempts = attempts + 1,
               next_attempt_at = $2,
               queued_at = NULL,
               last_error = $3
         WHERE outbox_id = $1
        ",
        row.outbox_id,
        now + *wait,
        error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the notification will never be sent, and forgets its content.
///
/// # Errors
/// If the database does not answer.
pub async fn give_up(connection: &mut PgConnection, id: Uuid, error: &str, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        UPDATE outbox
           SET attempts = attempts + 1,
               failed_at = $2,
               payload = '{}',
               last_error = $3
         WHERE outbox_id = $1
        ",
        id,
        now,
        error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_entry_is_the_payload_with_type_and_id() {
        let row = Row {
            outbox_id: Uuid::nil(),
            kind: "team_invite".to_owned(),
            payload: json!({ "email": "a@b.example", "inviteUrl": "http://127.0.0.1:3000/invite/00" }),
            attempts: 0,
        };
        let entry: Value = serde_json::from_str(&row.entry()).unwrap();
        let expected = json!({
            "type": "team_invite",
            "id": "00000000-0000-0000-0000-000000000000",
            "email": "a@b.example",
            "inviteUrl": "http://127.0.0.1:3000/invite/00",
        });
        assert_eq!(entry, expected);
    }
}
