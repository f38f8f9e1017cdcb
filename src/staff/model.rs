//! Tickets as staff see them.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{TicketId, UserId},
    page::Page,
    page_about::{PageAbout, Who},
    support::model::{Thread, TicketCounts, TicketStatus},
    when::When,
};

/// Who of the staff is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffPerson {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl StaffPerson {
    /// Whom the page in this frame is about: the staff's pages are those of no customer.
    pub fn about(&self) -> PageAbout {
        PageAbout { company: None, who: Some(Who::Person(self.user_id)) }
    }
}

/// A ticket in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedTicket {
    /// The ticket.
    pub id: TicketId,
    /// What it is about.
    pub subject: String,
    /// Whose it is.
    pub customer: String,
    /// Who opened it; `None`: it came in outside the portal.
    pub opened_by: Option<String>,
    /// Whom it waits for.
    pub status: TicketStatus,
    /// Since when.
    pub since: When,
}

/// A page of tickets of all customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// The tickets: those that wait for support longest first, others latest change first.
    pub tickets: Page<QueuedTicket>,
    /// How many there are in each state.
    pub counts: TicketCounts,
}

/// A ticket with its messages and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffThread {
    /// The customer's name.
    pub customer: String,
    /// The customer's plan, as people read it.
    pub plan: String,
    /// The ticket.
    pub thread: Thread,
}
