//! Requests and their rules.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    access::{Permission, Role},
    error::{AppError, FieldErrors},
    field,
    ids::RequestId,
    when::When,
};

mod choices;
pub use choices::Choices;

/// The longest reason, in characters, as in the table.
pub const LONGEST_REASON: u32 = 300;

/// How many requests a person may make within 24 hours.
pub const PER_DAY: i64 = 5;

/// How many of those who have the right are named.
pub const NAMED_HOLDERS: i64 = 3;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestState {
    /// Waits for an answer.
    Pending,
    /// The person got a role that includes the right.
    Granted,
    /// Somebody who manages the team said no.
    Declined,
    /// The person took it back.
    Withdrawn,
}

impl RequestState {
    const ALL: [RequestState; 4] = [Self::Pending, Self::Granted, Self::Declined, Self::Withdrawn];

    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it may be answered or taken back.
    ///
    /// # Errors
    /// `Conflict` with what became of it.
    pub fn close(self) -> Result<(), AppError> {
        match self {
            Self::Pending => Ok(()),
            Self::Granted => Err(AppError::Conflict("This request was granted already.".to_owned())),
            Self::Declined => Err(AppError::Conflict("This request was declined already.".to_owned())),
            Self::Withdrawn => Err(AppError::Conflict("This request was withdrawn. There is nothing left to decide.".to_owned())),
        }
    }
}

/// The text is no state of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown state of a request")]
pub struct UnknownState;

impl FromStr for RequestState {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// The form of a request, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskForm {
    /// The right.
    pub permission: String,
    /// What it is for.
    pub reason: String,
}

/// A request that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The right.
    pub permission: Permission,
    /// What it is for; may be empty.
    pub reason: String,
}

impl NewRequest {
    /// Reads the form.
    ///
    /// # Errors
    /// `NotFound` for a right that does not exist, `Invalid` if the reason is too long.
    pub fn parse(form: &AskForm) -> Result<Self, AppError> {
        let permission = form.permission.parse().map_err(|_| AppError::NotFound)?;
        let mut errors = FieldErrors::new();
        errors.keep("reason", &form.reason);
        let longest = usize::try_from(LONGEST_REASON).unwrap_or(usize::MAX);
        let reason = errors.check("reason", field::text(&form.reason, 0, longest, "Reason"));
        errors.into_result(reason.map(|reason| Self { permission, reason }))
    }
}

/// Which request is taken back or declined, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestForm {
    /// The request.
    pub request: String,
}

/// Which request is granted, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantForm {
    /// The request.
    pub request: String,
    /// The role to give; empty: the smallest that includes the right and takes nothing away.
    pub role: String,
}

/// A right that somebody misses, who has it, and how their request for it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The right.
    pub permission: Permission,
    /// Whether their role includes it.
    pub has_it: bool,
    /// The first few of those who have it: "Olivia Berg (Owner)".
    pub holders: Vec<String>,
    /// How many more have it.
    pub others: i64,
    /// Their latest request for it, if it waits or was answered lately.
    pub latest: Option<OwnRequest>,
}

impl Ask {
    /// Who has the right, in a sentence.
    pub fn sentence(&self) -> String {
        let names = self.holders.join(", ");
        match (self.holders.is_empty(), self.others) {
            (true, _) => "Nobody on your team has this right at the moment.".to_owned(),
            (false, 0) => format!("Who can do this: {names}."),
            (false, 1) => format!("Who can do this: {names} and 1 other."),
            (false, others) => format!("Who can do this: {names} and {others} others."),
        }
    }
}

/// A request as the person who made it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRequest {
    /// The request.
    pub id: RequestId,
    /// The right.
    pub permission: Permission,
    /// Where it stands.
    pub state: RequestState,
    /// When it was made.
    pub asked: When,
    /// When it was answered or taken back.
    pub decided: Option<When>,
    /// Who answered.
    pub decided_by: Option<String>,
}

/// A request that waits, as those who answer it see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The request.
    pub id: RequestId,
    /// Who asks.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The right.
    pub permission: Permission,
    /// What it is for; may be empty.
    pub reason: String,
    /// When it was made.
    pub asked: When,
    /// Whether it is the viewer's own, which somebody else answers.
    pub yours: bool,
    /// By which roles the viewer can grant it.
    pub choices: Choices,
}

/// The requests on the team page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestList {
    /// Those that wait, for those who manage the team; the oldest first.
    pub waiting: Vec<Waiting>,
    /// The viewer's own that wait or were answered lately; the newest first.
    pub yours: Vec<OwnRequest>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::ManageKeys;

    #[test]
    fn answered_requests_stay_answered() {
        assert_eq!(RequestState::Pending.close(), Ok(()));
        for state in [RequestState::Granted, RequestState::Declined, RequestState::Withdrawn] {
            assert!(state.close().is_err());
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn holders_are_a_sentence() {
        let mut ask = Ask { permission: ManageKeys, has_it: false, holders: vec![], others: 0, latest: None };
        assert!(ask.sentence().starts_with("Nobody"));
        ask.holders = vec!["Olivia Berg (Owner)".into(), "Adam Ek (Admin)".into()];
        assert_eq!(ask.sentence(), "Who can do this: Olivia Berg (Owner), Adam Ek (Admin).");
        ask.others = 12;
        assert_eq!(ask.sentence(), "Who can do this: Olivia Berg (Owner), Adam Ek (Admin) and 12 others.");
    }
}
