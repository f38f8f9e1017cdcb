//! What staff read across customers. The one place whose statements do not name a customer: row-level security lets
//! them read tickets and customers only while a staff member asks.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::QueuedTicket;
use crate::{
    ids::{CustomerId, TicketId},
    page::PageNumber,
    plan::Plan,
    support::model::{TicketCounts, TicketStatus},
    when::When,
};

/// Tickets on a page.
pub(super) const PER_PAGE: u32 = 25;

struct QueueRow {
    ticket_id: TicketId,
    subject: String,
    status: TicketStatus,
    customer: String,
    opened_by: Option<String>,
    since: OffsetDateTime,
}

impl QueueRow {
    fn into_ticket(self, now: OffsetDateTime) -> QueuedTicket {
        QueuedTicket {
            id: self.ticket_id,
            subject: self.subject,
            customer: self.customer,
            opened_by: self.opened_by,
            status: self.status,
            since: When::new(self.since, now),
        }
    }
}

/// One page of the tickets that wait for support, longest waiting first.
pub(super) async fn list_waiting(
    connection: &mut PgConnection,
    number: PageNumber,
    now: OffsetDateTime,
) -> Result<Vec<QueuedTicket>, sqlx::Error> {
    let rows = sqlx::query_as!(
        QueueRow,
        r#"
        SELECT t.ticket_id AS "ticket_id: TicketId",
               t.subject,
               t.status AS "status: TicketStatus",
               c.name AS customer,
               u.name AS "opened_by?",
               COALESCE(t.status_since, t.updated_at) AS "since!"
          FROM tickets t
          JOIN customers c ON c.customer_id = t.customer_id
          LEFT JOIN users u ON u.user_id = t.opened_by
         WHERE t.status = 'open'
         ORDER BY COALESCE(t.status_since, t.updated_at), t.ticket_id
         LIMIT $1 OFFSET $2
        "#,
        i64::from(PER_PAGE),
        number.offset(PER_PAGE),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_ticket(now)).collect())
}

/// One page of the tickets with a status, latest change first.
pub(super) async fn list(
    connection: &mut PgConnection,
    status: TicketStatus,
    number: PageNumber,
    now: OffsetDateTime,
) -> Result<Vec<QueuedTicket>, sqlx::Error> {
    let rows = sqlx::query_as!(
        QueueRow,
        r#"
        SELECT t.ticket_id AS "ticket_id: TicketId",
               t.subject,
               t.status AS "status: TicketStatus",
               c.name AS customer,
               u.name AS "opened_by?",
               COALESCE(t.status_since, t.updated_at) AS "since!"
          FROM tickets t
          JOIN customers c ON c.customer_id = t.customer_id
          LEFT JOIN users u ON u.user_id = t.opened_by
         WHERE t.status = $1
         ORDER BY t.updated_at DESC, t.ticket_id
         LIMIT $2 OFFSET $3
        "#,
        status.as_str(),
        i64::from(PER_PAGE),
        number.offset(PER_PAGE),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_ticket(now)).collect())
}

/// How many tickets stand where.
pub(super) async fn count(connection: &mut PgConnection) -> Result<TicketCounts, sqlx::Error> {
    sqlx::query_as!(
        TicketCounts,
        r#"
        SELECT count(*) FILTER (WHERE status = 'open') AS "open!",
               count(*) FILTER (WHERE status = 'pending') AS "pending!",
               count(*) FILTER (WHERE status = 'closed') AS "closed!"
          FROM tickets
        "#,
    )
    .fetch_one(connection)
    .await
}

/// Whose a ticket is.
pub(super) struct Whose {
    pub(super) customer_id: CustomerId,
    pub(super) name: String,
    /// The plan as people read it.
    pub(super) plan: String,
}

/// Finds the customer of a ticket.
pub(super) async fn find_customer(connection: &mut PgConnection, ticket_id: &TicketId) -> Result<Option<Whose>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT c.customer_id AS "customer_id: CustomerId",
               c.name,
               c.plan
          FROM tickets t
          JOIN customers c ON c.customer_id = t.customer_id
         WHERE t.ticket_id = $1
        "#,
        ticket_id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Whose {
        customer_id: row.customer_id,
        name: row.name,
        plan: row.plan.parse().map_or(row.plan, |plan: Plan| plan.label().to_owned()),
    }))
}
