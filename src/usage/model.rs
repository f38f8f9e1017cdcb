//! What is metered and how it stands against the plan.

mod outlook;
mod questions;
mod refreshing;

use serde::{Deserialize, Serialize};

use crate::{
    number::{grouped, percent},
    plan::{Limits, Plan},
    when::When,
};

pub use outlook::{Forecast, MonthProgress, Outlook, calls_of_month, day_of_limit};
pub use questions::Questions;
pub use refreshing::Refreshing;

/// From this share of a limit on, the portal speaks of it: the customer still has time to act.
pub const NEAR_PERCENT: i64 = 80;

/// What Redis counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Calls of the API since the first of the UTC month.
    ApiCalls,
    /// Megabytes stored now.
    StorageMb,
}

impl Metric {
    /// Both, in the order of the page.
    pub const ALL: [Metric; 2] = [Metric::ApiCalls, Metric::StorageMb];

    /// As it stands in counter names and tables (seed).
    pub fn as_str(self) -> &'static str {
        match self {
            Metric::ApiCalls => "api_calls",
            Metric::StorageMb => "storage_mb",
        }
    }
}

#[cfg(feature = "ssr")]
impl Metric {
    /// The counter's name in Redis: `usage:{customer_id}:{metric}:{YYYY-MM}` (seed), of the UTC month of `day`.
    pub fn counter_name(self, customer: crate::ids::CustomerId, day: time::Date) -> String {
        format!("usage:{customer}:{}:{}", self.as_str(), period(day))
    }
}

/// The UTC month of a day as counters and snapshots name it: `YYYY-MM`.
#[cfg(feature = "ssr")]
pub fn period(day: time::Date) -> String {
    format!("{:04}-{:02}", day.year(), u8::from(day.month()))
}

/// How much is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Since the first of the UTC month.
    pub api_calls: i64,
    /// Now.
    pub storage_mb: i64,
    /// People of the customer.
    pub members: i64,
    /// Those who are invited: they take a seat until the invitation expires.
    pub invited: i64,
}

impl Used {
    /// Seats that are taken.
    pub fn users(self) -> i64 {
        self.members + self.invited
    }
}

/// How it stands with one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Below 80 %.
    Fine,
    /// From 80 % on.
    Near,
    /// From 100 % on.
    Reached,
}

impl Level {
    /// The level of a share.
    pub fn of(used: i64, limit: i64) -> Self {
        match percent(used, limit) {
            100.. => Self::Reached,
            NEAR_PERCENT.. => Self::Near,
            _ => Self::Fine,
        }
    }
}

/// The meters: what is used of what, and how old that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meters {
    /// The plan whose limits apply.
    pub plan: Plan,
    /// How much is used.
    pub used: Used,
    /// What is to be expected of the calls.
    pub outlook: Outlook,
    /// When they were read, as "23 Nov 2026, 09:00 UTC".
    pub read_at: String,
    /// Set while the counters cannot be read: when the shown values were stored; `Some(None)`: never.
    pub stored: Option<Option<When>>,
}

impl Meters {
    /// The limits.
    pub fn limits(&self) -> Limits {
        self.plan.limits()
    }

    /// Each meter as (what, used, limit), in the order of the page.
    pub fn rows(&self) -> [(&'static str, i64, i64); 3] {
        let (used, limits) = (self.used, self.limits());
        [
            ("API calls", used.api_calls, limits.api_calls),
            ("Storage", used.storage_mb, limits.storage_mb),
            ("People", used.users(), limits.users),
        ]
    }

    /// The worst of the three.
    pub fn level(&self) -> Level {
        self.rows().into_iter().map(|(_, used, limit)| Level::of(used, limit)).max().unwrap_or(Level::Fine)
    }

    /// The plan that would help.
    pub fn larger_plan(&self) -> Option<Plan> {
        Plan::ALL.into_iter().find(|plan| *plan > self.plan)
    }

    /// What a screen reader hears when a meter changes its level, and only then.
    pub fn announcement(&self) -> String {
        let told: Vec<String> = self
            .rows()
            .into_iter()
            .filter_map(|(what, used, limit)| match Level::of(used, limit) {
                Level::Fine => None,
                Level::Near => Some(format!("{what}: near the limit.")),
                Level::Reached => Some(format!("{what}: limit reached.")),
            })
            .collect();
        told.join(" ")
    }

    /// The sentence about the age of the values; empty while they are live.
    pub fn age(&self) -> String {
        match &self.stored {
            None => String::new(),
            Some(None) => "Live usage cannot be read right now, and no earlier value is stored. We keep trying.".to_owned(),
            Some(Some(when)) => format!("Live usage cannot be read right now. These are the values of {} ({}).", when.relative, when.exact),
        }
    }
}

/// A day or month in a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// "3 Nov" or "Nov 2026".
    pub label: String,
    /// Calls.
    pub api_calls: i64,
    /// Megabytes at the end of it.
    pub storage_mb: i64,
}

impl Point {
    /// The calls as people read them.
    pub fn calls_text(&self) -> String {
        grouped(self.api_calls)
    }
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The meters.
    pub meters: Meters,
    /// The running month by day.
    pub this_month: Month,
    /// The month before, by day.
    pub last_month: Month,
    /// Thirteen months, the running one last.
    pub months: Vec<Point>,
    /// Whether the person may change the plan.
    pub may_upgrade: bool,
}

/// A month by day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// "November 2026".
    pub name: String,
    /// Calls of the whole month so far.
    pub api_calls: i64,
    /// Its days.
    pub days: Vec<Point>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meters(api_calls: i64, members: i64) -> Meters {
        Meters {
            plan: Plan::Pro,
            used: Used { api_calls, storage_mb: 1, members, invited: 0 },
            outlook: Outlook::default(),
            read_at: String::new(),
            stored: None,
        }
    }

    #[test]
    fn eighty_per_cent_is_near() {
        assert_eq!(
            [79, 80, 99, 100, 250].map(|used| Level::of(used, 100)),
            [Level::Fine, Level::Near, Level::Near, Level::Reached, Level::Reached]
        );
    }

    #[test]
    fn announces_levels_and_not_every_call() {
        assert_eq!(meters(1, 1).announcement(), "");
        assert_eq!(meters(450_000, 1).announcement(), meters(450_001, 1).announcement());
        assert_eq!(meters(500_000, 50).announcement(), "API calls: limit reached. People: limit reached.");
        assert_eq!(meters(450_000, 3).level(), Level::Near);
    }

    #[test]
    fn the_largest_plan_has_nothing_above_it() {
        assert_eq!(meters(1, 1).larger_plan(), Some(Plan::Enterprise));
        assert_eq!(Meters { plan: Plan::Enterprise, ..meters(1, 1) }.larger_plan(), None);
    }
}
