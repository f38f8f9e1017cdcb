//! The dashboard as it is shown. Texts are made on the server, because all of it travels to the browser.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    billing::model::InvoiceRow,
    ids::{InvoiceId, KeyId, TicketId},
    rights::Rights,
    usage::model::Meters,
    when::{Day, When},
};

/// Everything on the page. What a role may not see is `None` and never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The customer.
    pub account: Account,
    /// What the person may do.
    pub rights: Rights,
    /// Usage against the plan.
    pub meters: Meters,
    /// The subscription.
    pub billing: Option<Billing>,
    /// The latest invoices, newest first.
    pub invoices: Option<Vec<InvoiceRow>>,
    /// The one that was due first of those past due, whether or not it is among the latest.
    pub oldest_past_due: Option<InvoiceRow>,
    /// The one of the latest that people come for, by the rule of billing.
    pub wanted_invoice: Option<WantedInvoice>,
    /// The people seen last.
    pub team: Vec<Member>,
    /// The newest keys that work.
    pub keys: Option<Vec<Key>>,
    /// The tickets that changed last, the latest first.
    pub tickets: Vec<Ticket>,
}

/// The customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// The contact address.
    pub email: String,
    /// Where invoices go, if not to the contact address.
    pub billing_email: Option<String>,
    /// When the account is deleted, if an owner asked for that.
    pub closes: Option<Day>,
    /// How many invoices are past due.
    pub past_due: i64,
    /// Since when it is a customer.
    pub since: Day,
}

/// The subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// When the next invoice comes; `None`: nothing will be charged.
    pub next: Option<Day>,
    /// The net price of a month, "$99.00 USD".
    pub amount: String,
    /// "Visa ending 4242"; empty: none.
    pub payment_method: String,
}

/// The invoice that people come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedInvoice {
    /// The invoice.
    pub id: InvoiceId,
    /// Whether it is last month's; else it is the most recent.
    pub last_month: bool,
}

/// A person of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// When they were last seen.
    pub seen: Option<When>,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// What is known of it: `sk_live_1a2b3c4d…9f0e`.
    pub masked: String,
    /// When it was last used.
    pub used: Option<When>,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    pub id: TicketId,
    /// What it is about.
    pub subject: String,
    /// `open`, `pending` or `closed`.
    pub status: String,
    /// When it changed last.
    pub updated: When,
}
