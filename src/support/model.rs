//! Tickets, their messages and their rules.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field,
    ids::{MessageId, TicketId},
    page::Page,
    when::When,
};

/// The longest subject, in characters.
pub const LONGEST_SUBJECT: usize = 160;

/// The longest message, in characters.
pub const LONGEST_MESSAGE: usize = 10_000;

/// Whom a ticket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "lowercase"))]
pub enum TicketStatus {
    /// Waits for support.
    Open,
    /// Waits for the customer.
    Pending,
    /// Done. A reply of the customer opens it again.
    Closed,
}

impl TicketStatus {
    /// All of them, in the order of a ticket's life.
    pub const ALL: [Self; 3] = [Self::Open, Self::Pending, Self::Closed];

    /// As stored and as in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Closed => "closed",
        }
    }

    /// As the customer reads it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Waiting for support",
            Self::Pending => "Waiting for you",
            Self::Closed => "Closed",
        }
    }

    /// As support reads it.
    pub fn staff_label(self) -> &'static str {
        match self {
            Self::Open => "Waiting for us",
            Self::Pending => "Waiting for customer",
            Self::Closed => "Closed",
        }
    }

    /// After the customer wrote: support is next, whatever was before.
    #[must_use]
    pub fn after_customer(self) -> Self {
        Self::Open
    }

    /// After support wrote: the customer is next, whatever was before.
    #[must_use]
    pub fn after_staff(self) -> Self {
        Self::Pending
    }

    /// After somebody closed it.
    ///
    /// # Errors
    /// `Conflict` if it is closed already.
    pub fn close(self) -> Result<Self, AppError> {
        match self {
            Self::Open | Self::Pending => Ok(Self::Closed),
            Self::Closed => Err(AppError::Conflict("This ticket is closed already. A reply opens it again.".to_owned())),
        }
    }
}

impl FromStr for TicketStatus {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| "Choose one of the listed states.".to_owned())
    }
}

/// A ticket without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    pub id: TicketId,
    /// What it is about.
    pub subject: String,
    /// Whom it waits for.
    pub status: TicketStatus,
    /// Who opened it; `None`: it came in outside the portal.
    pub opened_by: Option<String>,
    /// When it was opened.
    pub opened: When,
    /// When something last happened in it.
    pub updated: When,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// A person of the customer.
    Customer,
    /// Support.
    Staff,
}

/// A message in a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// The author's name at that time.
    pub author: String,
    /// On which side they are.
    pub side: Side,
    /// Plain text.
    pub content: String,
    /// When it was written.
    pub written: When,
}

/// A ticket with a page of its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The ticket.
    pub ticket: Ticket,
    /// The messages, oldest first; page 1 holds the latest.
    pub messages: Page<Message>,
}

/// How many tickets stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCounts {
    /// Waiting for support.
    pub open: i64,
    /// Waiting for the customer.
    pub pending: i64,
    /// Done.
    pub closed: i64,
}

impl TicketCounts {
    /// How many there are with this status, or in all.
    pub fn of(self, status: Option<TicketStatus>) -> i64 {
        match status {
            Some(TicketStatus::Open) => self.open,
            Some(TicketStatus::Pending) => self.pending,
            Some(TicketStatus::Closed) => self.closed,
            None => self.open + self.pending + self.closed,
        }
    }
}

/// The page of tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketList {
    /// The tickets.
    pub tickets: Page<Ticket>,
    /// How many there are in each state, of all or of one's own.
    pub counts: TicketCounts,
}

/// The form for a new ticket, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TicketForm {
    /// What it is about.
    #[serde(default)]
    pub subject: String,
    /// The first message.
    #[serde(default)]
    pub message: String,
}

/// A ticket that may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    /// What it is about.
    pub subject: String,
    /// The first message.
    pub message: String,
}

impl NewTicket {
    /// Checks what was typed.
    ///
    /// # Errors
    /// Names the wrong fields.
    pub fn parse(form: &TicketForm) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("subject", &form.subject);
        errors.keep("message", &form.message);
        let subject = errors.check("subject", field::line(&form.subject, 1, LONGEST_SUBJECT, "Subject"));
        let message = errors.check("message", field::text(&form.message, 1, LONGEST_MESSAGE, "Message"));
        errors.into_result(subject.zip(message).map(|(subject, message)| Self { subject, message }))
    }
}

/// The form for a reply, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReplyForm {
    /// The ticket.
    #[serde(default)]
    pub id: String,
    /// The message.
    #[serde(default)]
    pub message: String,
}

impl ReplyForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// `NotFound` for what is no ticket, or what is wrong with the message.
    pub fn parse(&self) -> Result<(TicketId, String), AppError> {
        let id = self.id.parse().map_err(|_| AppError::NotFound)?;
        let mut errors = FieldErrors::new();
        errors.keep("message", &self.message);
        let message = errors.check("message", field::text(&self.message, 1, LONGEST_MESSAGE, "Message"));
        Ok((id, errors.into_result(message)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_wrote_last_waits_for_the_other() {
        for status in TicketStatus::ALL {
            assert_eq!(status.after_customer(), TicketStatus::Open);
            assert_eq!(status.after_staff(), TicketStatus::Pending);
        }
    }

    #[test]
    fn ticket_is_closed_once() {
        assert_eq!(TicketStatus::Open.close(), Ok(TicketStatus::Closed));
        assert_eq!(TicketStatus::Pending.close(), Ok(TicketStatus::Closed));
        assert!(matches!(TicketStatus::Closed.close(), Err(AppError::Conflict(_))));
    }

    #[test]
    fn status_is_read_as_it_is_written() {
        for status in TicketStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("Open".parse::<TicketStatus>().is_err());
    }

    #[test]
    fn wrong_fields_are_all_named_and_the_draft_comes_back() {
        let form = TicketForm { subject: "x".repeat(161), message: "  ".into() };
        let Err(AppError::Invalid(errors)) = NewTicket::parse(&form) else { panic!("must be refused") };
        assert_eq!(errors.message("subject"), Some("Subject has 161 characters. Shorten it to 160."));
        assert_eq!(errors.message("message"), Some("Message is empty. Fill it in."));
        assert_eq!(errors.value("subject"), Some(form.subject.as_str()));
    }

    #[test]
    fn longest_texts_are_accepted() {
        let form = TicketForm { subject: "ü".repeat(160), message: "ü".repeat(10_000) };
        assert!(NewTicket::parse(&form).is_ok());
        let longer = ReplyForm { id: "ticket-0123456789ab".into(), message: "ü".repeat(10_001) };
        assert!(matches!(longer.parse(), Err(AppError::Invalid(_))));
    }

    #[test]
    fn reply_to_what_is_no_ticket_finds_nothing() {
        let form = ReplyForm { id: "ticket-'".into(), message: String::new() };
        assert_eq!(form.parse(), Err(AppError::NotFound));
    }
}
