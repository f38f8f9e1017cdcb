//! What is asked of the trail, and what its page shows.

use serde::{Deserialize, Serialize};

use crate::when::When;

/// A part of the portal that entries belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Area {
    /// Plan.
    Billing,
    /// Members and invitations.
    Team,
    /// Single sign-on.
    Sso,
    /// API keys.
    Keys,
    /// Tickets.
    Support,
    /// Exports of the trail itself.
    Activity,
    /// The company's details.
    Account,
    /// People: signing in, their name and address.
    People,
}

impl Area {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 8] =
        [Self::Billing, Self::Team, Self::Sso, Self::Keys, Self::Support, Self::Activity, Self::Account, Self::People];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Team => "team",
            Self::Sso => "sso",
            Self::Keys => "keys",
            Self::Support => "support",
            Self::Activity => "activity",
            Self::Account => "account",
            Self::People => "people",
        }
    }

    /// The words of the menu.
    pub fn label(self) -> &'static str {
        match self {
            Self::Billing => "Billing",
            Self::Team => "Team",
            Self::Sso => "Single sign-on",
            Self::Keys => "API keys",
            Self::Support => "Support",
            Self::Activity => "Activity",
            Self::Account => "Account",
            Self::People => "Sign-ins and profiles",
        }
    }

    /// What the kinds of its events begin with, up to the dot.
    pub fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Billing => &["plan"],
            Self::Team => &["member", "invitation", "access"],
            Self::Sso => &["sso"],
            Self::Keys => &["key"],
            Self::Support => &["ticket"],
            Self::Activity => &["activity"],
            Self::Account => &["account", "data"],
            Self::People => &["session", "portal_session", "profile", "passkey", "password", "second_factor"],
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.as_str() == word)
    }
}

/// How far back entries are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// To the first one.
    #[default]
    All,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
}

impl Period {
    /// All of them, the longest first.
    pub const ALL: [Self; 5] = [Self::All, Self::Quarter, Self::Month, Self::Week, Self::Day];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// The words shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All time",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }

    /// The length in days; none: without end.
    pub fn days(self) -> Option<i64> {
        match self {
            Self::All => None,
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
        }
    }

    /// The one with this word; anything else is all time.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.as_str() == word).unwrap_or_default()
    }
}

/// What an address asks for, word by word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The id of a person, or [`Asked::KEYS`] or [`Asked::SYSTEM`]; empty: everybody.
    pub person: String,
    /// An [`Area`]; empty: everything.
    pub area: String,
    /// A [`Period`]; counts only without `from` and `to`.
    pub period: String,
    /// The first day, `2026-11-01`, UTC.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Only entries older than this place in the list.
    pub before: String,
    /// Only entries newer than this place in the list.
    pub after: String,
}

impl Asked {
    /// All programs.
    pub const KEYS: &'static str = "keys";
    /// The portal itself.
    pub const SYSTEM: &'static str = "system";

    /// Whether entries may be hidden.
    pub fn has_filter(&self) -> bool {
        [&self.person, &self.area, &self.period, &self.from, &self.to].into_iter().any(|word| !word.is_empty())
    }

    /// Whether it is a page in the middle of the list.
    pub fn has_place(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }

    /// The filter's names and values that are set.
    pub fn filter(&self) -> Vec<(&'static str, String)> {
        let words = [("person", &self.person), ("area", &self.area), ("period", &self.period), ("from", &self.from), ("to", &self.to)];
        words.into_iter().filter(|(_, word)| !word.is_empty()).map(|(name, word)| (name, word.clone())).collect()
    }

    /// The address of the list. Only for what the server has understood: nothing in it needs escaping.
    pub fn href(&self) -> String {
        let place = [("before", self.before.clone()), ("after", self.after.clone())].into_iter().filter(|(_, word)| !word.is_empty());
        let query: Vec<String> = self.filter().into_iter().chain(place).map(|(name, word)| format!("{name}={word}")).collect();
        if query.is_empty() { "/activity".to_owned() } else { format!("/activity?{}", query.join("&")) }
    }
}

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Who can be chosen: word and name.
    pub people: Vec<(String, String)>,
    /// What was understood of the address.
    pub asked: Asked,
    /// The place from which newer entries follow, if there are any.
    pub newer: Option<String>,
    /// The place from which older entries follow, if there are any.
    pub older: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the customer's chain.
    pub number: i64,
    /// The actor's name at that time.
    pub actor: String,
    /// Who the actor is, where it is not a person of the customer.
    pub side: String,
    /// What they did: the sentence goes on after the name.
    pub what: String,
    /// When.
    pub when: When,
    /// From which address; empty: unknown.
    pub ip: String,
    /// In which session; empty: in none.
    pub session: String,
    /// Its hash in hex.
    pub hash: String,
    /// What else is known.
    pub details: Vec<Detail>,
}

/// A change, or a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What it is about, in words.
    pub name: String,
    /// What it was before; none: it did not change.
    pub before: Option<String>,
    /// What it is.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for area in Area::ALL {
            assert_eq!(Area::parse(area.as_str()), Some(area));
        }
        for period in Period::ALL {
            assert_eq!(Period::parse(period.as_str()), period);
        }
        assert_eq!((Area::parse(""), Period::parse("nonsense")), (None, Period::All));
    }

    #[test]
    fn every_kind_belongs_to_one_area() {
        let prefixes: Vec<&str> = Area::ALL.into_iter().flat_map(Area::prefixes).copied().collect();
        let distinct: std::collections::HashSet<&&str> = prefixes.iter().collect();
        assert_eq!(distinct.len(), prefixes.len());
    }

    #[test]
    fn address_holds_what_is_set() {
        assert_eq!(Asked::default().href(), "/activity");
        let asked = Asked { area: "keys".into(), from: "2026-11-01".into(), before: "1-2".into(), ..Asked::default() };
        assert_eq!(asked.href(), "/activity?area=keys&from=2026-11-01&before=1-2");
    }
}
