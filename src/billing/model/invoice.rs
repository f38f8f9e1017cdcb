//! The rules of invoices: their states, and VAT by rate.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::InvoiceId;
use crate::money::Money;
use crate::number::grouped;
use crate::page::Page;
use crate::when::Day;

/// Where the payment of an issued invoice stands.
///
/// ```text
/// open ──────────► paid
///  │ ├──────────► void
///  │ └► uncollectible ──► paid | void
/// ```
/// Paid and void are final. "Past due" is no state of its own but follows from the due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvoiceStatus {
    /// Waits for payment.
    Open,
    /// Settled.
    Paid,
    /// Not paid, and no longer asked for.
    Uncollectible,
    /// Withdrawn; nothing is owed on it.
    Void,
}

/// The invoice has reached a state from which the wanted change is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an invoice that is {} cannot become {}", from.as_str(), to.as_str())]
pub struct WrongTransition {
    from: InvoiceStatus,
    to: InvoiceStatus,
}

impl InvoiceStatus {
    /// All states, in the order of an invoice's life.
    pub const ALL: [InvoiceStatus; 4] = [Self::Open, Self::Paid, Self::Uncollectible, Self::Void];

    /// The money has arrived.
    ///
    /// # Errors
    /// [`WrongTransition`] from paid and void.
    pub fn pay(self) -> Result<Self, WrongTransition> {
        self.change(Self::Paid, matches!(self, Self::Open | Self::Uncollectible))
    }

    /// The invoice was wrong and is withdrawn.
    ///
    /// # Errors
    /// [`WrongTransition`] from paid and void.
    pub fn void(self) -> Result<Self, WrongTransition> {
        self.change(Self::Void, matches!(self, Self::Open | Self::Uncollectible))
    }

    /// The money is given up.
    ///
    /// # Errors
    /// [`WrongTransition`] from any state but open.
    pub fn write_off(self) -> Result<Self, WrongTransition> {
        self.change(Self::Uncollectible, self == Self::Open)
    }

    /// Whether money is owed and the last day to pay it is over. The due day itself still counts as in time.
    #[cfg(feature = "ssr")]
    pub fn is_past_due(self, due_on: time::Date, today: time::Date) -> bool {
        self == Self::Open && due_on < today
    }

    fn change(self, to: Self, allowed: bool) -> Result<Self, WrongTransition> {
        if allowed { Ok(to) } else { Err(WrongTransition { from: self, to }) }
    }

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
        }
    }

    /// The word shown to people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Paid => "Paid",
            Self::Uncollectible => "Uncollectible",
            Self::Void => "Void",
        }
    }
}

/// The text is not a state of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown invoice status")]
pub struct UnknownInvoiceStatus;

impl FromStr for InvoiceStatus {
    type Err = UnknownInvoiceStatus;
    fn from_str(text: &str) -> Result<Self, UnknownInvoiceStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownInvoiceStatus)
    }
}

impl fmt::Display for InvoiceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// VAT of one rate on an invoice, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatAmount {
    /// 1900 is 19 %.
    pub rate_basis_points: i32,
    /// What the rate applies to.
    pub net: i64,
    /// The VAT itself.
    pub vat: i64,
}

/// Splits the VAT of an invoice by rate, the highest rate first. Each part is rounded to whole minor units, half away
/// from zero; what rounding leaves over goes to the part with the largest net amount, so that the parts always add up
/// to the invoice's VAT.
pub fn vat_by_rate(lines: impl Iterator<Item = (i32, i64)>, vat: i64) -> Vec<VatAmount> {
    let mut parts: Vec<VatAmount> = Vec::new();
    for (rate_basis_points, net) in lines {
        match parts.iter_mut().find(|part| part.rate_basis_points == rate_basis_points) {
            Some(part) => part.net = part.net.saturating_add(net),
            None => parts.push(VatAmount { rate_basis_points, net, vat: 0 }),
        }
    }
    for part in &mut parts {
        part.vat = share(part.net, part.rate_basis_points);
    }
    let left = vat.saturating_sub(parts.iter().fold(0, |sum, part| sum.saturating_add(part.vat)));
    if let Some(largest) = parts.iter_mut().filter(|part| part.rate_basis_points > 0).max_by_key(|part| part.net.saturating_abs()) {
        largest.vat = largest.vat.saturating_add(left);
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.rate_basis_points));
    parts
}

fn share(net: i64, basis_points: i32) -> i64 {
    let exact = i128::from(net) * i128::from(basis_points);
    let half = if exact < 0 { -5_000 } else { 5_000 };
    i64::try_from((exact + half) / 10_000).unwrap_or(i64::MAX)
}

/// An invoice in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    /// Which one.
    pub id: InvoiceId,
    /// Its number in the seller's series.
    pub number: String,
    /// Day of issue.
    pub issued: Day,
    /// Last day to pay.
    pub due: Day,
    /// With VAT.
    pub total: Money,
    /// Where the payment stands.
    pub status: InvoiceStatus,
    /// Open, and the due date has passed.
    pub past_due: bool,
}

impl InvoiceRow {
    /// An invoice with its days of issue and of payment, as it stands today.
    #[cfg(feature = "ssr")]
    pub fn new(
        id: InvoiceId,
        number: String,
        (issued_on, due_on): (time::Date, time::Date),
        total: Money,
        status: InvoiceStatus,
        today: time::Date,
    ) -> Self {
        let past_due = status.is_past_due(due_on, today);
        Self { id, number, issued: Day::from(issued_on), due: Day::from(due_on), total, status, past_due }
    }

    /// Where the document is fetched (seed).
    pub fn download_path(&self) -> String {
        download_path(self.id)
    }

    /// Which invoice was due first of so many that are past due, what it asks for and since when.
    pub fn past_due_sentence(&self, count: i64) -> String {
        let invoice = if count == 1 { self.number.clone() } else { format!("The oldest, {}", self.number) };
        format!("{invoice}, {}, was due on {}.", self.total, self.due.text)
    }

    /// The state in a word, "Past due" before "Open".
    pub fn state(&self) -> &'static str {
        if self.past_due { "Past due" } else { self.status.label() }
    }
}

/// That invoices are past due, and how many.
pub fn past_due_title(count: i64) -> String {
    if count == 1 { "One invoice is past due".to_owned() } else { format!("{} invoices are past due", grouped(count)) }
}

/// What is known of a payment that is past due, whether a charge has failed or a transfer was not made.
pub const PAST_DUE: &str = "No payment arrived by the due date.";

/// Where the document of an invoice is fetched (seed).
pub fn download_path(id: InvoiceId) -> String {
    format!("/api/portal/invoices/{id}/download")
}

/// A page of the customer's invoices, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceList {
    /// The invoices of this page.
    pub page: Page<InvoiceRow>,
    /// The years that have invoices, the latest first.
    pub years: Vec<i32>,
    /// The year the list is narrowed to.
    pub year: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_invoices_are_paid_withdrawn_or_given_up() {
        use InvoiceStatus::{Open, Paid, Uncollectible, Void};
        assert_eq!([Open.pay(), Open.void(), Open.write_off()], [Ok(Paid), Ok(Void), Ok(Uncollectible)]);
        assert_eq!([Uncollectible.pay(), Uncollectible.void()], [Ok(Paid), Ok(Void)]);
        assert!(Uncollectible.write_off().is_err());
    }

    #[test]
    fn paid_and_void_are_final() {
        for last in [InvoiceStatus::Paid, InvoiceStatus::Void] {
            assert!(last.pay().is_err() && last.void().is_err() && last.write_off().is_err(), "{last}");
        }
        let refused = InvoiceStatus::Paid.void().unwrap_err().to_string();
        assert_eq!(refused, "an invoice that is paid cannot become void");
    }

    #[test]
    fn every_state_reads_back_from_its_word() {
        for status in InvoiceStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("draft".parse::<InvoiceStatus>(), Err(UnknownInvoiceStatus));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn only_open_invoices_are_past_due_and_only_after_the_due_day() {
        use time::macros::date;
        let due = date!(2026 - 11 - 15);
        assert!(InvoiceStatus::Open.is_past_due(due, date!(2026 - 11 - 16)));
        assert!(!InvoiceStatus::Open.is_past_due(due, due));
        assert!(!InvoiceStatus::Paid.is_past_due(due, date!(2027 - 01 - 01)));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn what_is_past_due_is_named_by_the_invoice_that_was_due_first() {
        use crate::plan::Plan;
        use time::macros::date;
        let days = (date!(2026 - 11 - 01), date!(2026 - 11 - 15));
        let id = uuid::Uuid::nil().into();
        let invoice = InvoiceRow::new(id, "INV-7".to_owned(), days, Plan::Pro.price(), InvoiceStatus::Open, date!(2026 - 11 - 23));
        assert_eq!(invoice.past_due_sentence(1), "INV-7, $99.00 USD, was due on 15 Nov 2026.");
        assert_eq!(invoice.past_due_sentence(2), "The oldest, INV-7, $99.00 USD, was due on 15 Nov 2026.");
    }

    #[test]
    fn vat_is_split_by_rate_and_adds_up_to_the_invoice() {
        let parts = vat_by_rate([(700, 105), (1_900, 9_900), (700, 110)].into_iter(), 1_897);
        assert_eq!(
            parts,
            [VatAmount { rate_basis_points: 1_900, net: 9_900, vat: 1_882 }, VatAmount { rate_basis_points: 700, net: 215, vat: 15 },]
        );
        assert_eq!(parts.iter().map(|part| part.vat).sum::<i64>(), 1_897);
    }

    #[test]
    fn no_vat_is_said_to_be_no_vat() {
        assert_eq!(vat_by_rate([(0, 9_900)].into_iter(), 0), [VatAmount { rate_basis_points: 0, net: 9_900, vat: 0 }]);
        assert_eq!(vat_by_rate(std::iter::empty(), 0), []);
    }

    #[test]
    fn vat_of_a_refund_is_rounded_like_that_of_a_charge() {
        assert_eq!(share(50, 1_900), 10);
        assert_eq!(share(-50, 1_900), -10);
        assert_eq!(share(i64::MIN, 10_000), i64::MIN);
    }
}
