//! What the pages show of the subscription.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::InvoiceStatus;
use super::{InvoiceRow, PlanPreview};
use crate::{
    money::Money,
    plan::{Limits, Plan},
    when::Day,
};

/// The subscription of the customer and what it could become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// The current plan.
    pub plan: Plan,
    /// Net price of a month.
    pub price: Money,
    /// When the next charge falls due; none on a plan without charge.
    pub next_billing: Option<Day>,
    /// In words, `Visa ending 4242`; empty: none.
    pub payment_method: String,
    /// Where invoices are sent.
    pub billing_email: String,
    /// Last month's invoice, else the most recent one, whatever page or year the list shows.
    pub wanted_invoice: Option<WantedInvoice>,
    /// What is past due, if anything.
    pub past_due: Option<PastDue>,
    /// People in the team and pending invitations.
    pub people: i64,
    /// How many of these are invitations.
    pub invited: i64,
    /// All plans, the smallest first, and how each stands to the current one.
    pub offers: Vec<PlanOffer>,
}

impl Billing {
    /// The offer of one plan.
    pub fn offer(&self, plan: Plan) -> Option<&PlanOffer> {
        self.offers.iter().find(|offer| offer.plan == plan)
    }
}

/// The invoice that people come for: last month's, or if there is none the most recent; never a void one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedInvoice {
    /// The invoice.
    pub invoice: InvoiceRow,
    /// First and last day of what it charges for.
    pub period: (Day, Day),
    /// Whether it is last month's.
    pub last_month: bool,
}

/// The invoices that are past due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDue {
    /// How many.
    pub count: i64,
    /// The one that was due first.
    pub oldest: InvoiceRow,
    /// What was to be charged for it, `Visa ending 4242`; empty: it is to be paid by transfer.
    pub payment_method: String,
}

/// What the download of the invoice that people come for is called.
pub const fn wanted_download(last_month: bool) -> &'static str {
    if last_month { "Download last month’s invoice" } else { "Download the latest invoice" }
}

/// A plan and what choosing it would mean for this customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOffer {
    /// Which plan.
    pub plan: Plan,
    /// What it includes.
    pub limits: Limits,
    /// Net price of a month.
    pub price: Money,
    /// Whether and how the customer can change to it.
    pub standing: Standing,
}

/// How a plan stands to the one that the customer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It is the one.
    Current,
    /// It can be chosen, with this outcome.
    Open(PlanPreview),
    /// It cannot be chosen; the sentence says why and what to do.
    Refused(String),
}

/// The first day of the calendar month before today's, and the first day of today's.
#[cfg(feature = "ssr")]
pub fn last_month(today: time::Date) -> (time::Date, time::Date) {
    let this = today.replace_day(1).unwrap_or(today);
    let last = this.previous_day().and_then(|day| day.replace_day(1).ok()).unwrap_or(this);
    (last, this)
}

/// Whether an invoice is last month's: the one whose period began then, whenever it was issued.
#[cfg(feature = "ssr")]
pub fn is_last_months(period_start: time::Date, today: time::Date) -> bool {
    let (from, before) = last_month(today);
    (from..before).contains(&period_start)
}

/// Which of the latest invoices people come for, and whether it is last month's: each comes with the day on which its period
/// begins, the newest first. The rule of [`WantedInvoice`].
#[cfg(feature = "ssr")]
pub fn wanted_of<'a>(latest: impl Iterator<Item = (&'a InvoiceRow, time::Date)>, today: time::Date) -> Option<(&'a InvoiceRow, bool)> {
    let mut newest = None;
    for (invoice, period_start) in latest.filter(|(invoice, _)| invoice.status != InvoiceStatus::Void) {
        if is_last_months(period_start, today) {
            return Some((invoice, true));
        }
        newest = newest.or(Some((invoice, false)));
    }
    newest
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn last_months_invoice_is_wanted_else_the_latest_and_never_a_void_one() {
        use InvoiceStatus::{Open, Paid, Void};
        let today = date!(2026 - 11 - 23);
        let wanted = |invoices: &[(InvoiceStatus, time::Date)]| {
            let rows: Vec<InvoiceRow> = (0..)
                .zip(invoices)
                .map(|(number, (status, day))| {
                    let id = uuid::Uuid::from_u128(number).into();
                    InvoiceRow::new(id, number.to_string(), (*day, *day), Plan::Pro.price(), *status, today)
                })
                .collect();
            let found = wanted_of(rows.iter().zip(invoices.iter().map(|(_, day)| *day)), today);
            found.map(|(invoice, last_month)| (invoice.number.clone(), last_month))
        };
        let (november, october, september) = (date!(2026 - 11 - 01), date!(2026 - 10 - 01), date!(2026 - 09 - 01));
        assert_eq!(wanted(&[(Open, november), (Void, october), (Paid, october)]), Some(("2".to_owned(), true)));
        assert_eq!(wanted(&[(Void, november), (Void, october), (Paid, september)]), Some(("2".to_owned(), false)));
        assert_eq!(wanted(&[(Open, november), (Paid, september)]), Some(("0".to_owned(), false)));
        assert_eq!(wanted(&[(Void, october)]), None);
    }

    #[test]
    fn last_month_is_the_calendar_month_before() {
        assert_eq!(last_month(date!(2026 - 11 - 23)), (date!(2026 - 10 - 01), date!(2026 - 11 - 01)));
        assert_eq!(last_month(date!(2027 - 01 - 31)), (date!(2026 - 12 - 01), date!(2027 - 01 - 01)));
    }
}
