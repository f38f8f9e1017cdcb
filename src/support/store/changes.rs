//! Opening, answering and closing tickets.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::{
    ids::{CustomerId, MessageId, TicketId, UserId},
    support::model::{Side, TicketStatus},
};

/// The same text by the same person within this time is one message: the button was pressed twice, or the browser
/// repeated the form. Longer apart, somebody means it.
const REPEATED_WITHIN: Duration = Duration::seconds(10);

/// A ticket about to be changed.
pub(crate) struct Locked {
    pub(crate) subject: String,
    pub(crate) status: TicketStatus,
}

/// A ticket, locked until the transaction ends, so that of two changes at once the second sees the first.
pub(crate) async fn find_for_update(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
) -> Result<Option<Locked>, sqlx::Error> {
    sqlx::query_as!(
        Locked,
        r#"
        SELECT subject,
               status AS "status: TicketStatus"
          FROM tickets
         WHERE customer_id = $1 AND ticket_id = $2
           FOR UPDATE
        "#,
        customer_id.as_uuid(),
        ticket_id.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// Makes a person's new tickets wait for one another, so that a form sent twice at once opens one ticket.
pub(in crate::support) async fn wait_for_own_tickets(connection: &mut PgConnection, author: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('ticket by ' || $1::text, 0))", author.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// The ticket that this person has just opened with the same words.
pub(in crate::support) async fn find_just_opened(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    author: UserId,
    subject: &str,
    message: &str,
    now: OffsetDateTime,
) -> Result<Option<TicketId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT t.ticket_id AS "ticket_id: TicketId"
          FROM tickets t
          JOIN ticket_messages m ON m.ticket_id = t.ticket_id AND m.customer_id = t.customer_id
         WHERE t.customer_id = $1
           AND t.opened_by = $2
           AND t.subject = $3
           AND t.created_at > $5
           AND m.content = $4
         LIMIT 1
        "#,
        customer_id.as_uuid(),
        author.as_uuid(),
        subject,
        message,
        now - REPEATED_WITHIN,
    )
    .fetch_optional(connection)
    .await
}

/// Whether this person has just written the same message in the ticket.
pub(crate) async fn was_just_written(connection: &mut PgConnection, message: &NewMessage<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1
              FROM ticket_messages
             WHERE customer_id = $1
               AND ticket_id = $2
               AND author_id = $3
               AND content = $4
               AND created_at > $5
        ) AS "exists!"
        "#,
        message.customer_id.as_uuid(),
        message.ticket_id.as_str(),
        message.author_id.as_uuid(),
        message.content,
        message.now - REPEATED_WITHIN,
    )
    .fetch_one(connection)
    .await
}

/// Stores a new ticket, waiting for support.
pub(in crate::support) async fn insert(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
    subject: &str,
    opened_by: UserId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO tickets (ticket_id, customer_id, subject, status, opened_by, created_at, updated_at, status_since)
        VALUES ($1, $2, $3, 'open', $4, $5, $5, $5)
        ",
        ticket_id.as_str(),
        customer_id.as_uuid(),
        subject,
        opened_by.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A message to be stored.
pub(crate) struct NewMessage<'a> {
    pub(crate) message_id: MessageId,
    pub(crate) ticket_id: &'a TicketId,
    pub(crate) customer_id: CustomerId,
    pub(crate) content: &'a str,
    pub(crate) side: Side,
    pub(crate) author_id: UserId,
    pub(crate) author_name: &'a str,
    pub(crate) now: OffsetDateTime,
}

/// Stores a message.
pub(crate) async fn insert_message(connection: &mut PgConnection, message: &NewMessage<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO ticket_messages (message_id, ticket_id, customer_id, content, from_customer, author_id, author_name, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        message.message_id.as_uuid(),
        message.ticket_id.as_str(),
        message.customer_id.as_uuid(),
        message.content,
        message.side == Side::Customer,
        message.author_id.as_uuid(),
        message.author_name,
        message.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes what a ticket waits for after something happened in it. Waiting for the same side, it has waited since before.
pub(crate) async fn set_status(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
    status: TicketStatus,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        UPDATE tickets
           SET status = $3,
               status_since = CASE WHEN status = $3 THEN COALESCE(status_since, updated_at) ELSE $4 END,
               updated_at = $4,
               closed_at = CASE WHEN $3 = 'closed' THEN $4 END
         WHERE customer_id = $1 AND ticket_id = $2
        ",
        customer_id.as_uuid(),
        ticket_id.as_str(),
        status.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Where an answer is mailed.
pub(crate) struct Contact {
    /// The address.
    pub(crate) email: String,
    /// Whether it is that of the person who opened the ticket; else it is the customer's contact address.
    pub(crate) opened_it: bool,
}

/// Where an answer is mailed: to the person who opened the ticket while they belong to the customer, else to the
/// customer's contact address.
pub(crate) async fn contact(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
) -> Result<Option<Contact>, sqlx::Error> {
    sqlx::query_as!(
        Contact,
        r#"
        SELECT
            COALESCE(u.email, c.email) AS "email!",
            u.email IS NOT NULL AS "opened_it!"
          FROM tickets t
          JOIN customers c ON c.customer_id = t.customer_id
          LEFT JOIN memberships m ON m.customer_id = t.customer_id AND m.user_id = t.opened_by
          LEFT JOIN users u ON u.user_id = m.user_id
         WHERE t.customer_id = $1 AND t.ticket_id = $2
        "#,
        customer_id.as_uuid(),
        ticket_id.as_str(),
    )
    .fetch_optional(connection)
    .await
}
