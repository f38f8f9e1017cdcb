//! Notifications waiting to be sent: written in the transaction of the change, so that none is lost.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ids::CustomerId;

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
