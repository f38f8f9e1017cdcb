//! What the pages show of the subscription.

use serde::{Deserialize, Serialize};

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
    /// How many invoices are past due.
    pub past_due: i64,
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

/// The invoice that people come for: last month's, or if there is none the most recent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedInvoice {
    /// The invoice.
    pub invoice: InvoiceRow,
    /// First and last day of what it charges for.
    pub period: (Day, Day),
    /// Whether it is last month's.
    pub last_month: bool,
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

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn last_month_is_the_calendar_month_before() {
        assert_eq!(last_month(date!(2026 - 11 - 23)), (date!(2026 - 10 - 01), date!(2026 - 11 - 01)));
        assert_eq!(last_month(date!(2027 - 01 - 31)), (date!(2026 - 12 - 01), date!(2027 - 01 - 01)));
    }
}
