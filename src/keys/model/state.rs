//! Where a key stands, and how long an old one goes on.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// Accepted.
    Active,
    /// Accepted until the overlap of its rotation ends.
    Ending,
    /// Refused until somebody enables it again.
    Disabled,
    /// No longer accepted: its time, or the overlap of its rotation, is over.
    Expired,
    /// No longer accepted: somebody revoked it.
    Revoked,
}

impl KeyState {
    /// Whether programs that use the key are let in.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Active | Self::Ending)
    }

    /// Whether it never will be again.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked)
    }

    /// The word kept in the trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ending => "ending",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// How long the old key goes on after a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlap {
    /// Not at all: for a key that leaked.
    Now,
    /// One hour.
    Hour,
    /// Six hours.
    SixHours,
    /// One day.
    Day,
    /// One week.
    Week,
}

impl Overlap {
    /// All choices, the recommended one first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Hour, Self::SixHours, Self::Week, Self::Now];

    /// The word sent in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// The words shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Now => "Stop it now (the key leaked)",
            Self::Hour => "For 1 hour",
            Self::SixHours => "For 6 hours",
            Self::Day => "For 24 hours",
            Self::Week => "For 7 days",
        }
    }

    /// The length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Hour => 3_600,
            Self::SixHours => 21_600,
            Self::Day => 86_400,
            Self::Week => 604_800,
        }
    }
}

impl FromStr for Overlap {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|overlap| overlap.as_str() == word).ok_or_else(|| "Choose one of the listed times.".to_owned())
    }
}

/// How long a new key is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// Until somebody ends it.
    #[default]
    Never,
    /// One hour.
    Hour,
    /// So many days.
    Days(u16),
}

impl Expiry {
    /// All choices, the shortest first.
    pub const ALL: [Self; 8] =
        [Self::Never, Self::Hour, Self::Days(1), Self::Days(7), Self::Days(30), Self::Days(90), Self::Days(180), Self::Days(365)];

    /// The word sent in forms.
    pub fn word(self) -> String {
        match self {
            Self::Never => "never".to_owned(),
            Self::Hour => "1h".to_owned(),
            Self::Days(days) => format!("{days}d"),
        }
    }

    /// The words shown to people; the day is added where it is known.
    pub fn label(self) -> String {
        match self {
            Self::Never => "Never".to_owned(),
            Self::Hour => "1 hour".to_owned(),
            Self::Days(1) => "1 day".to_owned(),
            Self::Days(365) => "1 year".to_owned(),
            Self::Days(days) => format!("{days} days"),
        }
    }

    /// The length in seconds.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::Hour => Some(3_600),
            Self::Days(days) => Some(i64::from(days) * 86_400),
        }
    }
}

impl FromStr for Expiry {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|expiry| expiry.word() == word).ok_or_else(|| "Choose one of the listed times.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_refused() {
        assert!("forever".parse::<Overlap>().is_err());
        assert!("2d".parse::<Expiry>().is_err());
        for expiry in Expiry::ALL {
            assert_eq!(expiry.word().parse(), Ok(expiry));
        }
    }
}
