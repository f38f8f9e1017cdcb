//! The plans and what they include (seed).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// What a customer subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// Without charge.
    Free,
    /// For teams.
    Pro,
    /// For companies.
    Enterprise,
}

/// What a plan includes in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// API calls in a UTC month.
    pub api_calls: i64,
    /// Stored megabytes.
    pub storage_mb: i64,
    /// People, counting pending invitations.
    pub users: i64,
}

impl Plan {
    /// All plans, the smallest first.
    pub const ALL: [Plan; 3] = [Plan::Free, Plan::Pro, Plan::Enterprise];

    /// What the plan includes.
    pub const fn limits(self) -> Limits {
        match self {
            Plan::Free => Limits { api_calls: 10_000, storage_mb: 1_000, users: 3 },
            Plan::Pro => Limits { api_calls: 500_000, storage_mb: 50_000, users: 50 },
            Plan::Enterprise => Limits { api_calls: 5_000_000, storage_mb: 500_000, users: 500 },
        }
    }

    /// Net price of a month.
    pub const fn price(self) -> Money {
        let minor = match self {
            Plan::Free => 0,
            Plan::Pro => 9_900,
            Plan::Enterprise => 99_000,
        };
        Money::new(minor, Currency::USD)
    }

    /// The word stored in the database and sent in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Plan::Free => "free",
            Plan::Pro => "pro",
            Plan::Enterprise => "enterprise",
        }
    }

    /// The word shown to people.
    pub const fn label(self) -> &'static str {
        match self {
            Plan::Free => "Free",
            Plan::Pro => "Pro",
            Plan::Enterprise => "Enterprise",
        }
    }
}

/// The text is not a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown plan")]
pub struct UnknownPlan;

impl FromStr for Plan {
    type Err = UnknownPlan;
    fn from_str(text: &str) -> Result<Self, UnknownPlan> {
        Plan::ALL.into_iter().find(|plan| plan.as_str() == text).ok_or(UnknownPlan)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_seed() {
        assert_eq!(Plan::Free.limits(), Limits { api_calls: 10_000, storage_mb: 1_000, users: 3 });
        assert_eq!(Plan::Pro.limits(), Limits { api_calls: 500_000, storage_mb: 50_000, users: 50 });
        assert_eq!(Plan::Enterprise.limits(), Limits { api_calls: 5_000_000, storage_mb: 500_000, users: 500 });
    }

    #[test]
    fn unknown_plan_is_refused() {
        assert_eq!("gold".parse::<Plan>(), Err(UnknownPlan));
    }
}
