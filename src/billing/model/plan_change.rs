//! The rules of changing the plan: which one may be chosen, and what the customer agrees to by choosing it.

use serde::{Deserialize, Serialize};

use super::{PlanOffer, Standing};
use crate::error::AppError;
use crate::money::Money;
use crate::number::grouped;
use crate::plan::Plan;
use crate::when::Day;

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

    /// What changes, line by line: the name of a limit, before and after.
    pub fn changes(&self) -> [(&'static str, String, String); 3] {
        let (before, after) = (self.from.limits(), self.to.limits());
        [
            ("API calls a month", grouped(before.api_calls), grouped(after.api_calls)),
            ("Storage", megabytes(before.storage_mb), megabytes(after.storage_mb)),
            ("People", grouped(before.users), grouped(after.users)),
        ]
    }
}

/// Why a plan cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// It is the current plan.
    #[error("Your company is already on the {plan} plan. Nothing was changed.")]
    Current {
        /// The current plan.
        plan: Plan,
    },
    /// Another person changed the plan while this one was looking at the page.
    #[error(
        "Nothing was changed: somebody of your team has meanwhile changed the plan to {plan}. \
         Look at the plans again before you choose."
    )]
    ChangedMeanwhile {
        /// The current plan.
        plan: Plan,
    },
    /// More people than the plan has room for.
    #[error(
        "{plan} has room for {} and your team has {}, counting pending invitations. \
         Remove members or revoke invitations on the Team page until there are at most {}, then change the plan.",
        people_text(*limit),
        grouped(*people),
        grouped(*limit)
    )]
    TooManyPeople {
        /// The wanted plan.
        plan: Plan,
        /// The room it has.
        limit: i64,
        /// Members and pending invitations now.
        people: i64,
    },
}

impl From<PlanRefusal> for AppError {
    fn from(refusal: PlanRefusal) -> Self {
        match refusal {
            PlanRefusal::Current { .. } | PlanRefusal::ChangedMeanwhile { .. } => Self::Conflict(refusal.to_string()),
            PlanRefusal::TooManyPeople { .. } => Self::LimitReached(refusal.to_string()),
        }
    }
}

/// `1 person`, `50 people`.
pub fn people_text(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{} people", grouped(count)) }
}

/// `50,000 MB`.
pub fn megabytes(count: i64) -> String {
    format!("{} MB", grouped(count))
}

/// Whether a customer with this many people, counting pending invitations, may change from one plan to another.
///
/// # Errors
/// [`PlanRefusal`] says why not and what to do.
pub fn check_plan_change(from: Plan, to: Plan, people: i64) -> Result<(), PlanRefusal> {
    let limit = to.limits().users;
    if from == to {
        Err(PlanRefusal::Current { plan: from })
    } else if people > limit {
        Err(PlanRefusal::TooManyPeople { plan: to, limit, people })
    } else {
        Ok(())
    }
}

/// The form that changes the plan, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanForm {
    /// The wanted plan.
    #[serde(default)]
    pub plan: String,
    /// The plan that the customer saw as the current one when agreeing to the charge.
    #[serde(default)]
    pub from: String,
}

/// A change of plan as the customer agreed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedPlan {
    /// To.
    pub plan: Plan,
    /// From, as the customer saw it.
    pub from: Plan,
}

/// What to do about a wanted plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanDecision {
    /// The same form was sent before and has been done; once is enough.
    AlreadyDone,
    /// Do it.
    Change,
}

impl WantedPlan {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` for words that are no plan.
    pub fn parse(form: &PlanForm) -> Result<Self, AppError> {
        let plan = |text: &str| text.parse::<Plan>().map_err(|_| AppError::invalid("plan", "Choose Free, Pro or Enterprise."));
        Ok(Self { plan: plan(&form.plan)?, from: plan(&form.from)? })
    }

    /// Decides with what is true now, which may differ from what the customer saw.
    ///
    /// # Errors
    /// [`PlanRefusal`] says why not and what to do.
    pub fn decide(self, current: Plan, people: i64) -> Result<PlanDecision, PlanRefusal> {
        if self.from != current && self.plan == current {
            Ok(PlanDecision::AlreadyDone)
        } else if self.from != current {
            Err(PlanRefusal::ChangedMeanwhile { plan: current })
        } else {
            check_plan_change(current, self.plan, people).map(|()| PlanDecision::Change)
        }
    }
}

/// How all plans, the smallest first, stand to the current one. `price` is what the customer pays now, `first_charge`
/// tells when a plan would first be charged.
pub fn offers(current: Plan, price: Money, people: i64, first_charge: impl Fn(Plan) -> Option<Day>) -> Vec<PlanOffer> {
    let standing = |plan| match check_plan_change(current, plan, people) {
        Ok(()) => Standing::Open(PlanPreview {
            from: current,
            to: plan,
            price_before: price,
            price_after: plan.price(),
            first_charge: first_charge(plan),
        }),
        Err(PlanRefusal::Current { .. }) => Standing::Current,
        Err(refusal) => Standing::Refused(refusal.to_string()),
    };
    Plan::ALL.into_iter().map(|plan| PlanOffer { plan, limits: plan.limits(), price: plan.price(), standing: standing(plan) }).collect()
}

/// When the first charge falls due: the billing day of a running subscription stays; a new one starts with a month.
#[cfg(feature = "ssr")]
pub fn next_billing_on(to: Plan, running: Option<time::Date>, today: time::Date) -> Option<time::Date> {
    if to.price().minor == 0 { None } else { Some(running.unwrap_or_else(|| a_month_after(today))) }
}

/// The same day of the next month, or its last day where it has no such day.
#[cfg(feature = "ssr")]
fn a_month_after(day: time::Date) -> time::Date {
    let month = day.month().next();
    let year = if month == time::Month::January { day.year() + 1 } else { day.year() };
    let last = month.length(year);
    time::Date::from_calendar_date(year, month, day.day().min(last)).unwrap_or(day)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use time::macros::date;

    use super::*;

    fn wanted(plan: Plan, from: Plan) -> WantedPlan {
        WantedPlan { plan, from }
    }

    #[test]
    fn any_other_plan_with_room_for_the_team_may_be_chosen() {
        assert_eq!(check_plan_change(Plan::Pro, Plan::Enterprise, 50), Ok(()));
        assert_eq!(check_plan_change(Plan::Pro, Plan::Free, 3), Ok(()));
        assert_eq!(check_plan_change(Plan::Pro, Plan::Pro, 1), Err(PlanRefusal::Current { plan: Plan::Pro }));
    }

    #[test]
    fn too_small_a_plan_is_refused_with_what_to_do() {
        let refusal = check_plan_change(Plan::Pro, Plan::Free, 5).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "Free has room for 3 people and your team has 5, counting pending invitations. \
             Remove members or revoke invitations on the Team page until there are at most 3, then change the plan."
        );
        assert_eq!(AppError::from(refusal).status(), 409);
    }

    #[test]
    fn the_same_form_twice_changes_the_plan_once() {
        let form = wanted(Plan::Enterprise, Plan::Pro);
        assert_eq!(form.decide(Plan::Pro, 5), Ok(PlanDecision::Change));
        assert_eq!(form.decide(Plan::Enterprise, 5), Ok(PlanDecision::AlreadyDone));
    }

    #[test]
    fn nobody_agrees_to_a_charge_that_they_did_not_see() {
        let refusal = wanted(Plan::Free, Plan::Pro).decide(Plan::Enterprise, 1).unwrap_err();
        assert_eq!(refusal, PlanRefusal::ChangedMeanwhile { plan: Plan::Enterprise });
    }

    #[test]
    fn words_that_are_no_plan_are_refused() {
        for (plan, from) in [("gold", "pro"), ("", ""), ("pro", "none"), ("Pro", "free")] {
            let form = PlanForm { plan: plan.into(), from: from.into() };
            assert!(matches!(WantedPlan::parse(&form), Err(AppError::Invalid(_))), "{plan} {from}");
        }
    }

    #[test]
    fn the_billing_day_stays_and_a_new_subscription_starts_with_a_month() {
        let today = date!(2026 - 11 - 23);
        assert_eq!(next_billing_on(Plan::Enterprise, Some(date!(2026 - 12 - 01)), today), Some(date!(2026 - 12 - 01)));
        assert_eq!(next_billing_on(Plan::Pro, None, today), Some(date!(2026 - 12 - 23)));
        assert_eq!(next_billing_on(Plan::Pro, None, date!(2027 - 01 - 31)), Some(date!(2027 - 02 - 28)));
        assert_eq!(next_billing_on(Plan::Pro, None, date!(2026 - 12 - 31)), Some(date!(2027 - 01 - 31)));
        assert_eq!(next_billing_on(Plan::Free, Some(date!(2026 - 12 - 01)), today), None);
    }

    #[test]
    fn offers_name_the_charge_before_it_is_agreed_to() {
        let offers = offers(Plan::Pro, Plan::Pro.price(), 5, |plan| {
            next_billing_on(plan, Some(date!(2026 - 12 - 01)), date!(2026 - 11 - 23)).map(Day::from)
        });
        let standing: Vec<&Standing> = offers.iter().map(|offer| &offer.standing).collect();
        let [Standing::Refused(_), Standing::Current, Standing::Open(up)] = standing[..] else { panic!("{standing:?}") };
        assert!(up.is_upgrade());
        assert_eq!(
            up.charge(),
            "$990.00 USD a month plus VAT instead of $99.00 USD, charged for the first time on 1 Dec 2026. Nothing is charged today."
        );
        assert_eq!(up.changes()[0], ("API calls a month", "500,000".to_owned(), "5,000,000".to_owned()));
    }

    #[test]
    fn leaving_a_paid_plan_says_that_the_charges_end() {
        let preview = PlanPreview {
            from: Plan::Pro,
            to: Plan::Free,
            price_before: Plan::Pro.price(),
            price_after: Plan::Free.price(),
            first_charge: None,
        };
        assert_eq!(preview.charge(), "Nothing from now on: your subscription of $99.00 USD a month plus VAT ends today.");
        assert!(!preview.is_upgrade());
    }
}
