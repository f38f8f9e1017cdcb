//! Service tokens and their rules.

use std::{fmt, str::FromStr};

use time::{Duration, OffsetDateTime};

use crate::{
    field,
    rights::{Scope, Scopes},
    secret,
};

/// What every service token begins with.
pub const PREFIX: &str = "foyer_svc_";

/// The token itself: its prefix, 64 hex characters (32 random bytes) and a CRC-32. Cannot be printed.
pub struct ServiceSecret(String);

impl ServiceSecret {
    /// Builds the token of 32 random bytes given in hex.
    pub fn of_random(hex: &str) -> Self {
        Self(secret::seal(PREFIX, hex))
    }

    /// Reads a token that somebody sent; `None` for everything that cannot be one, without asking the database.
    pub fn parse(text: &str) -> Option<Self> {
        secret::is_sealed(PREFIX, text).then(|| Self(text.to_owned()))
    }

    /// The whole token, for hashing and for showing once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The characters by which people recognize it.
    pub fn recognisable(&self) -> &str {
        secret::recognisable(PREFIX, &self.0)
    }
}

impl fmt::Debug for ServiceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[service token]")
    }
}

/// Something that a service token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScope {
    /// Open portal sessions, with scopes out of those that the token may pass on.
    CreatePortalSessions,
    /// Verify the API keys of customers.
    VerifyKeys,
    /// Pass this on to a portal session.
    PassOn(Scope),
}

impl TokenScope {
    /// What a call costs that needs this scope, in verifications: they only look something up, the others write.
    pub fn cost(self) -> u32 {
        if self == Self::VerifyKeys { 1 } else { 100 }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::CreatePortalSessions, Self::VerifyKeys].into_iter().chain(Scope::ALL.map(Self::PassOn))
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreatePortalSessions => f.write_str("portal_sessions:create"),
            Self::VerifyKeys => f.write_str("keys:verify"),
            Self::PassOn(scope) => write!(f, "portal:{}", scope.as_str()),
        }
    }
}

impl FromStr for TokenScope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::all().find(|scope| scope.to_string() == text).ok_or_else(|| {
            let words: Vec<String> = Self::all().map(|scope| scope.to_string()).collect();
            format!("there is no such scope; there are {}", words.join(", "))
        })
    }
}

/// What a token may pass on to portal sessions.
pub fn passed_on(scopes: &[TokenScope]) -> Scopes {
    let scope = |scope: &TokenScope| if let TokenScope::PassOn(scope) = scope { Some(*scope) } else { None };
    scopes.iter().filter_map(scope).collect()
}

/// A token that may be made.
#[derive(Debug)]
pub struct NewToken {
    /// 1 to 80 characters.
    pub name: String,
    /// At least one, none twice.
    pub scopes: Vec<TokenScope>,
    /// When it stops working by itself.
    pub expires_at: Option<OffsetDateTime>,
}

impl NewToken {
    /// Checks what was typed on the command line; the error is the sentence to show.
    ///
    /// # Errors
    /// If the name is empty or too long, or the scopes make no sense together.
    pub fn parse(name: &str, mut scopes: Vec<TokenScope>, expires_at: Option<OffsetDateTime>) -> Result<Self, String> {
        let name = field::line(name, 1, 80, "The name")?;
        scopes.sort_by_key(ToString::to_string);
        scopes.dedup();
        if scopes.is_empty() {
            return Err("Give the token at least one --scope.".to_owned());
        }
        let creates = scopes.contains(&TokenScope::CreatePortalSessions);
        if creates == passed_on(&scopes).is_empty() {
            return Err("A token that opens portal sessions needs both portal_sessions:create and what it may pass on to them, such as \
                 portal:billing:read."
                .to_owned());
        }
        Ok(Self { name, scopes, expires_at })
    }
}

/// How long a token lasts, as typed: `90d` or `12h`, from one hour to ten years.
///
/// # Errors
/// The sentence to show.
pub fn lifetime(typed: &str) -> Result<Duration, String> {
    let wrong = || "write a number of days or hours, such as 90d or 12h".to_owned();
    let (number, unit) = typed.len().checked_sub(1).and_then(|at| typed.split_at_checked(at)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    match unit {
        "h" if (1..=8_760).contains(&number) => Ok(Duration::hours(number)),
        "d" if (1..=3_650).contains(&number) => Ok(Duration::days(number)),
        _ => Err(wrong()),
    }
}

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Accepted.
    Active,
    /// No longer accepted: its time is over.
    Expired,
    /// No longer accepted: somebody revoked it.
    Revoked,
}

impl TokenState {
    /// Where a token stands, from what is stored about it.
    pub fn of(revoked_at: Option<OffsetDateTime>, expires_at: Option<OffsetDateTime>, now: OffsetDateTime) -> Self {
        match (revoked_at, expires_at) {
            (Some(_), _) => Self::Revoked,
            (None, Some(end)) if end <= now => Self::Expired,
            (None, _) => Self::Active,
        }
    }

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn only_a_whole_token_is_read_and_none_is_printed() {
        let token = ServiceSecret::of_random(&"cd".repeat(32));
        assert!(token.reveal().starts_with("foyer_svc_cdcd") && token.recognisable() == "cdcdcdcd");
        assert!(ServiceSecret::parse(token.reveal()).is_some());
        assert_eq!(format!("{token:?}"), "[service token]");
        let short = &token.reveal()[..token.reveal().len() - 1];
        for wrong in ["", "foyer_svc_", short, &token.reveal().replace("foyer_svc_", "sk_live_")] {
            assert!(ServiceSecret::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn every_scope_reads_back_from_its_word() {
        for scope in TokenScope::all() {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert!("portal:*".parse::<TokenScope>().is_err());
    }

    #[test]
    fn token_that_opens_sessions_says_what_it_may_pass_on() {
        let read = TokenScope::PassOn(Scope::ReadBilling);
        assert!(NewToken::parse("x", vec![TokenScope::CreatePortalSessions, read, read], None).is_ok_and(|new| new.scopes.len() == 2));
        for scopes in [vec![], vec![TokenScope::CreatePortalSessions], vec![read], vec![TokenScope::VerifyKeys, read]] {
            assert!(NewToken::parse("x", scopes.clone(), None).is_err(), "{scopes:?}");
        }
        assert!(NewToken::parse(" ", vec![TokenScope::VerifyKeys], None).is_err());
    }

    #[test]
    fn lifetimes_are_days_or_hours() {
        assert_eq!(lifetime("90d"), Ok(Duration::days(90)));
        assert_eq!(lifetime("12h"), Ok(Duration::hours(12)));
        for wrong in ["", "d", "90", "0d", "-1d", "90 d", "4000d", "99999999999999999999d", "ä"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dead_tokens_stay_dead() {
        let (now, later) = (datetime!(2026-11-25 09:00 UTC), datetime!(2026-11-26 09:00 UTC));
        assert_eq!(TokenState::of(None, Some(later), now), TokenState::Active);
        assert_eq!(TokenState::of(None, Some(now), now), TokenState::Expired);
        assert_eq!(TokenState::of(Some(now), Some(later), now), TokenState::Revoked);
    }
}
