//! What a plan offers to the customer who thinks about it: the charge, the limits, and what is already beyond them.

use serde::{Deserialize, Serialize};

use super::{PlanOffer, PlanRefusal, Standing, check_plan_change};
use crate::{
    money::Money,
    number::{grouped, storage},
    plan::Plan,
    when::Day,
};

/// What a change of plan will do, fixed before the customer agrees to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPreview {
    /// From.
    pub from: Plan,
    /// To.
    pub to: Plan,
    /// Net price of a month before.
    pub price_before: Money,
    /// Net price of a month from now on.
    pub price_after: Money,
    /// When the new price is first charged; none on a plan without charge.
    pub first_charge: Option<Day>,
    /// What is used this month beyond the new limits, in sentences; empty: nothing, or the counters are away.
    pub exceeded: Vec<String>,
}

impl PlanPreview {
    /// Whether the new plan is larger.
    pub fn is_upgrade(&self) -> bool {
        self.to > self.from
    }

    /// What is charged, when and instead of what.
    pub fn charge(&self) -> String {
        match &self.first_charge {
            Some(day) if self.price_before.minor == 0 => {
                format!("{} a month plus VAT, charged for the first time on {}. Nothing is charged today.", self.price_after, day.text)
            }
            Some(day) => format!(
                "{} a month plus VAT instead of {}, charged for the first time on {}. Nothing is charged today.",
                self.price_after, self.price_before, day.text
            ),
            None => format!("Nothing from now on: your subscription of {} a month plus VAT ends today.", self.price_before),
        }
    }

    /// What the button says that agrees to it.
    pub fn agreement(&self) -> String {
        let verb = if self.is_upgrade() { "Upgrade" } else { "Downgrade" };
        match self.price_after.minor {
            0 => format!("{verb} to {}", self.to),
            _ => format!("{verb} to {} for {} a month", self.to, self.price_after),
        }
    }

    /// What changes, line by line: the name of the price or of a limit, before and after.
    pub fn changes(&self) -> [(&'static str, String, String); 4] {
        let (before, after) = (self.from.limits(), self.to.limits());
        [
            ("Price a month, plus VAT", price_text(self.price_before), price_text(self.price_after)),
            ("API calls a month", grouped(before.api_calls), grouped(after.api_calls)),
            ("Storage", storage(before.storage_mb), storage(after.storage_mb)),
            ("People", grouped(before.users), grouped(after.users)),
        ]
    }
}

/// `$99.00 USD`, `No charge`.
pub fn price_text(price: Money) -> String {
    if price.minor == 0 { "No charge".to_owned() } else { price.to_string() }
}

/// `1 person`, `50 people`.
pub fn people_text(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", grouped(count)) }
}

/// `50,000 MB`: the whole number, where a rounded one could say that something fits.
fn megabytes(count: i64) -> String {
    format!("{} MB", grouped(count))
}

/// How a customer stands who thinks about another plan.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// The current plan.
    pub plan: Plan,
    /// What it costs the customer.
    pub price: Money,
    /// Members and pending invitations.
    pub people: i64,
    /// API calls of this month and megabytes stored; none while the counters are away.
    pub used: Option<(i64, i64)>,
}

/// How all plans, the smallest first, stand to the current one; `first_charge` tells when a plan would be charged.
pub fn offers(now: Situation, first_charge: impl Fn(Plan) -> Option<Day>) -> Vec<PlanOffer> {
    let Situation { plan: current, price, people, used } = now;
    let standing = |plan| match check_plan_change(current, plan, people) {
        Ok(()) => Standing::Open(PlanPreview {
            from: current,
            to: plan,
            price_before: price,
            price_after: plan.price(),
            first_charge: first_charge(plan),
            exceeded: used.map(|used| exceeded(plan, used)).unwrap_or_default(),
        }),
        Err(PlanRefusal::Current { .. }) => Standing::Current,
        Err(refusal) => Standing::Refused(refusal.to_string()),
    };
    Plan::ALL.into_iter().map(|plan| PlanOffer { plan, limits: plan.limits(), price: plan.price(), standing: standing(plan) }).collect()
}

fn exceeded(plan: Plan, (api_calls, storage_mb): (i64, i64)) -> Vec<String> {
    let limits = plan.limits();
    let calls = (api_calls > limits.api_calls)
        .then(|| format!("You have made {} API calls this month; {plan} includes {}.", grouped(api_calls), grouped(limits.api_calls)));
    let storage = (storage_mb > limits.storage_mb)
        .then(|| format!("You store {}; {plan} includes {}.", megabytes(storage_mb), megabytes(limits.storage_mb)));
    calls.into_iter().chain(storage).collect()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::billing::model::next_billing_on;

    fn offers_of(people: i64, used: Option<(i64, i64)>) -> Vec<PlanOffer> {
        let december = Some(date!(2026 - 12 - 01));
        let now = Situation { plan: Plan::Pro, price: Plan::Pro.price(), people, used };
        offers(now, |plan| next_billing_on(plan, december, date!(2026 - 11 - 23)).map(Day::from))
    }

    #[test]
    fn offers_name_the_charge_before_it_is_agreed_to() {
        let offers = offers_of(5, None);
        let standing: Vec<&Standing> = offers.iter().map(|offer| &offer.standing).collect();
        let [Standing::Refused(_), Standing::Current, Standing::Open(up)] = standing[..] else { panic!("{standing:?}") };
        assert!(up.is_upgrade());
        assert_eq!(
            up.charge(),
            "$990.00 USD a month plus VAT instead of $99.00 USD, charged for the first time on 1 Dec 2026. Nothing is charged today."
        );
        assert_eq!(up.changes()[0], ("Price a month, plus VAT", "$99.00 USD".to_owned(), "$990.00 USD".to_owned()));
        assert_eq!(up.changes()[1], ("API calls a month", "500,000".to_owned(), "5,000,000".to_owned()));
        assert_eq!(up.agreement(), "Upgrade to Enterprise for $990.00 USD a month");
    }

    #[test]
    fn a_downgrade_says_what_is_already_used_beyond_it() {
        let said = |used| match &offers_of(2, used)[0].standing {
            Standing::Open(down) => down.exceeded.clone(),
            other => panic!("{other:?}"),
        };
        let both = ["You have made 450,000 API calls this month; Free includes 10,000.", "You store 1,001 MB; Free includes 1,000 MB."];
        assert_eq!(said(Some((450_000, 1_001))), both);
        assert!(said(Some((10_000, 1_000))).is_empty() && said(None).is_empty());
    }

    #[test]
    fn leaving_a_paid_plan_says_that_the_charges_end() {
        let preview = PlanPreview {
            from: Plan::Pro,
            to: Plan::Free,
            price_before: Plan::Pro.price(),
            price_after: Plan::Free.price(),
            first_charge: None,
            exceeded: vec![],
        };
        assert_eq!(preview.charge(), "Nothing from now on: your subscription of $99.00 USD a month plus VAT ends today.");
        assert_eq!((preview.is_upgrade(), preview.agreement().as_str()), (false, "Downgrade to Free"));
        assert_eq!(preview.changes()[0].2, "No charge");
    }
}
