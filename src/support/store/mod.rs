//! Every statement about tickets: reading here, changing in `changes`.

mod changes;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{Message, Side, Thread, Ticket, TicketCounts, TicketStatus};
use crate::{
    ids::{CustomerId, MessageId, TicketId, UserId},
    page::{Page, PageNumber},
    when::When,
};

pub(crate) use changes::{Contact, NewMessage, contact, find_for_update, insert_message, set_status, was_just_written};
pub(super) use changes::{find_just_opened, insert, wait_for_own_tickets};

/// Tickets on a page.
pub(super) const TICKETS_PER_PAGE: u32 = 25;

/// Messages on a page of a thread.
const MESSAGES_PER_PAGE: u32 = 50;

/// Which tickets are listed.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    /// Only those with this status.
    pub(super) status: Option<TicketStatus>,
    /// Only those that this person opened.
    pub(super) opened_by: Option<UserId>,
}

struct TicketRow {
    ticket_id: TicketId,
    subject: String,
    status: TicketStatus,
    opened_by: Option<String>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
}

impl TicketRow {
    fn into_ticket(self, now: OffsetDateTime) -> Ticket {
        Ticket {
            id: self.ticket_id,
            subject: self.subject,
            status: self.status,
            opened_by: self.opened_by,
            opened: When::new(self.created_at, now),
            updated: When::new(self.updated_at, now),
        }
    }
}

/// One page of a customer's tickets, latest change first.
pub(super) async fn list(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    filter: Filter,
    number: PageNumber,
    now: OffsetDateTime,
) -> Result<Vec<Ticket>, sqlx::Error> {
    let rows = sqlx::query_as!(
        TicketRow,
        r#"
        SELECT t.ticket_id AS "ticket_id: TicketId",
               t.subject,
               t.status AS "status: TicketStatus",
               u.name AS "opened_by?",
               t.created_at,
               t.updated_at
          FROM tickets t
          LEFT JOIN users u ON u.user_id = t.opened_by
         WHERE t.customer_id = $1
           AND ($2::text IS NULL OR t.status = $2)
           AND ($3::uuid IS NULL OR t.opened_by = $3)
         ORDER BY t.updated_at DESC, t.ticket_id
         LIMIT $4 OFFSET $5
        "#,
        customer_id.as_uuid(),
        filter.status.map(TicketStatus::as_str),
        filter.opened_by.map(UserId::as_uuid),
        i64::from(TICKETS_PER_PAGE),
        number.offset(TICKETS_PER_PAGE),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_ticket(now)).collect())
}

/// How many of a customer's tickets, or of one person's, stand where.
pub(super) async fn count(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    opened_by: Option<UserId>,
) -> Result<TicketCounts, sqlx::Error> {
    sqlx::query_as!(
        TicketCounts,
        r#"
        SELECT count(*) FILTER (WHERE status = 'open') AS "open!",
               count(*) FILTER (WHERE status = 'pending') AS "pending!",
               count(*) FILTER (WHERE status = 'closed') AS "closed!"
          FROM tickets
         WHERE customer_id = $1
           AND ($2::uuid IS NULL OR opened_by = $2)
        "#,
        customer_id.as_uuid(),
        opened_by.map(UserId::as_uuid),
    )
    .fetch_one(connection)
    .await
}

/// A ticket with a page of its messages.
pub(crate) async fn thread(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
    number: PageNumber,
    now: OffsetDateTime,
) -> Result<Option<Thread>, sqlx::Error> {
    let ticket = sqlx::query_as!(
        TicketRow,
        r#"
        SELECT t.ticket_id AS "ticket_id: TicketId",
               t.subject,
               t.status AS "status: TicketStatus",
               u.name AS "opened_by?",
               t.created_at,
               t.updated_at
          FROM tickets t
          LEFT JOIN users u ON u.user_id = t.opened_by
         WHERE t.customer_id = $1 AND t.ticket_id = $2
        "#,
        customer_id.as_uuid(),
        ticket_id.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(ticket) = ticket else { return Ok(None) };
    let messages = messages(connection, customer_id, ticket_id, number, now).await?;
    Ok(Some(Thread { ticket: ticket.into_ticket(now), messages }))
}

/// A page of messages: the first one holds the latest, in the order in which they were written. Past the end lies the last page.
async fn messages(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    ticket_id: &TicketId,
    number: PageNumber,
    now: OffsetDateTime,
) -> Result<Page<Message>, sqlx::Error> {
    let total = count_messages(connection, customer_id, ticket_id).await?;
    let number = number.within(total, MESSAGES_PER_PAGE);
    let rows = sqlx::query!(
        r#"
        SELECT message_id AS "message_id: MessageId",
               author_name,
               from_customer,
               content,
               created_at
          FROM ticket_messages
         WHERE customer_id = $1 AND ticket_id = $2
         ORDER BY created_at DESC, message_id DESC
         LIMIT $3 OFFSET $4
        "#,
        customer_id.as_uuid(),
        ticket_id.as_str(),
        i64::from(MESSAGES_PER_PAGE),
        number.offset(MESSAGES_PER_PAGE),
    )
    .fetch_all(connection)
    .await?;
    let messages = rows.into_iter().rev().map(|row| Message {
        id: row.message_id,
        author: row.author_name,
        side: if row.from_customer { Side::Customer } else { Side::Staff },
        content: row.content,
        written: When::new(row.created_at, now),
    });
    Ok(Page::new(messages.collect(), number, MESSAGES_PER_PAGE, total))
}

async fn count_messages(connection: &mut PgConnection, customer_id: CustomerId, ticket_id: &TicketId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "total!" FROM ticket_messages WHERE customer_id = $1 AND ticket_id = $2"#,
        customer_id.as_uuid(),
        ticket_id.as_str(),
    )
    .fetch_one(connection)
    .await
}
