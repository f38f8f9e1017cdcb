//! The rules of changing the plan: which one may be chosen, and what a form that was sent means.

use serde::{Deserialize, Serialize};

use super::people_text;
use crate::{error::AppError, number::grouped, plan::Plan};

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
         Remove people or revoke invitations on the Team page until there are at most {}, then change the plan.",
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
             Remove people or revoke invitations on the Team page until there are at most 3, then change the plan."
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
}
