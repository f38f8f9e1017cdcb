//! What happens to tickets. Messages are not repeated in the trail.

use serde_json::json;

use super::model::TicketStatus;
use crate::{
    ids::TicketId,
    server::{audit::Event, config::Config, outbox::Notification},
};

/// A ticket as staff are told about it.
pub(super) struct Opened<'a> {
    pub(super) id: &'a TicketId,
    pub(super) subject: &'a str,
    pub(super) message: &'a str,
    pub(super) author: &'a str,
    pub(super) customer: &'a str,
}

/// A ticket was opened; staff are told if there is an address for it.
pub(super) fn opened(ticket: &Opened<'_>, config: &Config) -> Event {
    let event = Event::new("ticket.opened", ticket.subject).detail("ticket_id", ticket.id.as_str()).change(
        "status",
        None::<&str>,
        TicketStatus::Open.as_str(),
    );
    let Some(email) = &config.staff_email else { return event };
    let payload = json!({
        "email": email,
        "subject": ticket.subject,
        "message": ticket.message,
        "author": ticket.author,
        "customer": ticket.customer,
        "ticketUrl": config.link(&format!("/staff/tickets/{}", ticket.id)),
    });
    event.notify(Notification::new("ticket_opened", payload))
}

/// The customer replied; if the ticket was closed, that opened it again.
pub(super) fn replied(id: &TicketId, subject: &str, before: TicketStatus) -> Event {
    let kind = if before == TicketStatus::Closed { "ticket.reopened" } else { "ticket.replied" };
    Event::new(kind, subject).detail("ticket_id", id.as_str()).change("status", before.as_str(), before.after_customer().as_str())
}

/// Somebody closed the ticket.
pub(crate) fn closed(id: &TicketId, subject: &str, before: TicketStatus) -> Event {
    Event::new("ticket.closed", subject).detail("ticket_id", id.as_str()).change("status", before.as_str(), TicketStatus::Closed.as_str())
}
