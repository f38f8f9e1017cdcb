//! The page about a customer's data, and the rules of a deletion.

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    when::When,
};

/// How long owners can cancel a deletion, in days.
pub const GRACE_DAYS: i64 = 30;

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPage {
    /// The company's name, which confirms a deletion.
    pub company: String,
    /// What a deletion ends.
    pub stops: Stops,
    /// The deletion that was asked for.
    pub closing: Option<Closing>,
}

/// What stops working when the account is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// People who lose access.
    pub people: i64,
    /// API keys that are refused.
    pub keys: i64,
    /// Tickets that are not closed.
    pub tickets: i64,
}

impl Stops {
    /// All of it in a sentence.
    pub fn sentence(self) -> String {
        let count = |count: i64, one: &str, many: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{} {many}", crate::number::grouped(count)) }
        };
        format!(
            "{} access, {} refused, and {} erased.",
            count(self.people, "person loses", "people lose"),
            count(self.keys, "API key is", "API keys are"),
            count(self.tickets, "open ticket is", "open tickets are"),
        )
    }
}

/// A deletion that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub requested: When,
    /// When the account is deleted.
    pub closes: When,
}

/// The form that asks for a deletion, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CloseForm {
    /// The company's name.
    pub company: String,
}

impl CloseForm {
    /// Checks that the typed name is that of the company; capitals and outer spaces do not matter.
    ///
    /// # Errors
    /// `Invalid` if it is another text.
    pub fn confirm(&self, company: &str) -> Result<(), AppError> {
        if self.company.trim().to_lowercase() == company.trim().to_lowercase() {
            return Ok(());
        }
        let mut errors = FieldErrors::new();
        errors.keep("company", &self.company);
        errors.add("company", format!("Type the company’s name, “{company}”, to confirm."));
        Err(AppError::Invalid(errors))
    }
}

/// What is to be done about a deletion now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Remind the owners: seven days are left, or less.
    WeekNotice,
    /// Remind the owners: one day is left, or less.
    DayNotice,
    /// Close the account and erase its data.
    Close,
}

impl Step {
    /// The next step, from the seconds that are left and the reminders that were sent.
    pub fn next(seconds_left: i64, week_told: bool, day_told: bool) -> Option<Self> {
        const DAY: i64 = 86_400;
        if seconds_left <= 0 {
            Some(Self::Close)
        } else if seconds_left <= DAY {
            (!day_told).then_some(Self::DayNotice)
        } else if seconds_left <= 7 * DAY {
            (!week_told).then_some(Self::WeekNotice)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_come_once_and_the_end_at_the_end() {
        const DAY: i64 = 86_400;
        assert_eq!(Step::next(30 * DAY, false, false), None);
        assert_eq!(Step::next(7 * DAY, false, false), Some(Step::WeekNotice));
        assert_eq!(Step::next(6 * DAY, true, false), None);
        assert_eq!(Step::next(DAY, true, false), Some(Step::DayNotice));
        assert_eq!(Step::next(DAY, false, false), Some(Step::DayNotice), "a worker that was away does not send both");
        assert_eq!(Step::next(DAY - 1, true, true), None);
        assert_eq!(Step::next(0, true, true), Some(Step::Close));
        assert_eq!(Step::next(-DAY, false, false), Some(Step::Close));
    }

    #[test]
    fn the_name_of_the_company_confirms() {
        assert!(CloseForm { company: " acme ".into() }.confirm("Acme").is_ok());
        for other in ["", "Acm", "Acme Inc"] {
            assert!(CloseForm { company: other.into() }.confirm("Acme").is_err(), "{other}");
        }
    }

    #[test]
    fn what_stops_is_counted() {
        let stops = Stops { people: 1, keys: 2, tickets: 0 };
        assert_eq!(stops.sentence(), "1 person loses access, 2 API keys are refused, and 0 open tickets are erased.");
    }
}
