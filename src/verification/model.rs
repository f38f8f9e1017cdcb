//! Keys as the verifier sees them, and the verdict on a call.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    ids::{CustomerId, KeyId},
    keys::model::{Brand, Environment, KeyState, Life},
    plan::Plan,
    secret,
    server::address::Network,
};

/// The longest key that is looked up, in characters.
pub const LONGEST_KEY: usize = 255;

/// The most that one call may cost.
pub const LARGEST_COST: u32 = 1_000_000;

/// The verdict on a call: `valid`, or why it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Let it in.
    Valid,
    /// It cannot be a key: wrong form or checksum.
    Malformed,
    /// No key is this one.
    NotFound,
    /// Somebody revoked it, or its customer's account was closed.
    Revoked,
    /// Somebody switched it off.
    Disabled,
    /// Its time, or its overlap after a rotation, is over.
    Expired,
    /// It may not be used from this address, or the address was not told.
    WrongAddress,
    /// It lacks the scope.
    WrongScope,
    /// Its calls of this minute are used up.
    RateLimited,
    /// The plan's calls of this month are used up.
    OverLimit,
}

impl Code {
    /// The word in answers and in `key_calls`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Malformed => "malformed",
            Self::NotFound => "not_found",
            Self::Revoked => "revoked",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::WrongAddress => "wrong_address",
            Self::WrongScope => "wrong_scope",
            Self::RateLimited => "rate_limited",
            Self::OverLimit => "over_limit",
        }
    }
}

/// What is asked: `{"key", "scope"?, "ip"?, "cost"?}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The whole key.
    pub key: String,
    /// What the call needs; without it any scope does.
    #[serde(default)]
    pub scope: Option<String>,
    /// Where the call comes from.
    #[serde(default)]
    pub ip: Option<IpAddr>,
    /// How many calls it counts as. Without it nothing is counted against the plan.
    #[serde(default)]
    pub cost: Option<u32>,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("scope", &self.scope).field("ip", &self.ip).field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// Whether a text cannot be a key, so that nothing needs to be asked. Keys that begin as ours have 64 hex characters and then
/// their checksum; those that were imported before there were checksums end there. Keys of another form were imported, too.
pub fn is_malformed(brand: &Brand, text: &str) -> bool {
    let ours = Environment::ALL.iter().map(|environment| brand.prefix(*environment)).find(|prefix| text.starts_with(prefix));
    match ours {
        Some(prefix) => {
            let random = text.get(prefix.len()..).unwrap_or_default();
            let bare = random.len() == 64 && random.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            !bare && !secret::is_sealed(&prefix, text)
        }
        None => !(16..=LONGEST_KEY).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()),
    }
}

/// A key as it is stored.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The key.
    pub id: KeyId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// Their plan.
    pub plan: Plan,
    /// Whether their account is closed.
    pub closed: bool,
    /// Live or test.
    pub environment: Environment,
    /// What it may be used for; `None`: everything.
    pub scopes: Option<Vec<String>>,
    /// Where it may be used from; `None`: everywhere.
    pub networks: Option<Vec<Network>>,
    /// Calls in a minute at most.
    pub calls_per_minute: Option<u32>,
    /// Its ends.
    pub life: Life,
}

impl StoredKey {
    /// The verdict, as far as it needs no counting: first where the key stands, then what it is limited to.
    pub fn judge(&self, now: OffsetDateTime, scope: Option<&str>, ip: Option<IpAddr>) -> Code {
        if self.closed {
            return Code::Revoked;
        }
        match self.life.state(now) {
            KeyState::Revoked => return Code::Revoked,
            KeyState::Expired => return Code::Expired,
            KeyState::Disabled => return Code::Disabled,
            KeyState::Active | KeyState::Ending => {}
        }
        let inside = |networks: &Vec<Network>| ip.is_some_and(|ip| networks.iter().any(|network| network.contains(ip.to_canonical())));
        if self.networks.as_ref().is_some_and(|networks| !inside(networks)) {
            return Code::WrongAddress;
        }
        let lacks = |scope: &str| self.scopes.as_ref().is_some_and(|scopes| !scopes.iter().any(|own| own == scope));
        if scope.is_some_and(lacks) {
            return Code::WrongScope;
        }
        Code::Valid
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use time::macros::datetime;

    pub(crate) fn key() -> StoredKey {
        StoredKey {
            id: "key-0123456789ab".parse().unwrap(),
            customer_id: CustomerId::from(uuid::Uuid::nil()),
            plan: Plan::Pro,
            closed: false,
            environment: Environment::Live,
            scopes: None,
            networks: None,
            calls_per_minute: None,
            life: Life::default(),
        }
    }

    #[test]
    fn malformed_is_only_what_cannot_be_a_key() {
        let (hex, sk, acme) = ("ab".repeat(32), Brand::default(), "acme".parse().unwrap());
        let sealed = secret::seal("sk_live_", &hex);
        for key in [sealed.clone(), secret::seal("sk_test_", &hex), format!("sk_live_{hex}"), "acme_0123456789abcdef".to_owned()] {
            assert!(!is_malformed(&sk, &key), "{key}");
        }
        let one_wrong = sealed.replacen('a', "c", 1);
        let wrong = [
            one_wrong.as_str(),
            &sealed[..79],
            "sk_live_",
            "",
            "short",
            "with spaces in it, though",
            &"x".repeat(256),
            "größer_größer_größer",
        ];
        for key in wrong {
            assert!(is_malformed(&sk, key), "{key}");
        }
        assert!(!is_malformed(&acme, &one_wrong), "another installation's key may have been imported");
        assert!(is_malformed(&acme, &secret::seal("acme_live_", &hex).replacen('b', "c", 1)));
    }

    #[test]
    fn final_reasons_come_before_those_that_can_be_mended() {
        let (past, now) = (datetime!(2026-11-25 08:00 UTC), datetime!(2026-11-25 09:00 UTC));
        let all = Life { revoked_at: Some(past), expires_at: Some(now), disabled_at: Some(past), retires_at: None };
        let mut dead = StoredKey { life: all, networks: Some(vec![]), scopes: Some(vec![]), ..key() };
        let verdict = |key: &StoredKey| key.judge(now, Some("read"), None);
        assert_eq!(verdict(&dead), Code::Revoked);
        dead.life.revoked_at = None;
        assert_eq!(verdict(&dead), Code::Expired);
        dead.life.expires_at = None;
        assert_eq!(verdict(&dead), Code::Disabled);
        dead.life.disabled_at = None;
        assert_eq!(verdict(&dead), Code::WrongAddress);
        dead.networks = None;
        assert_eq!(verdict(&dead), Code::WrongScope);
        dead.scopes = Some(vec!["read".to_owned()]);
        assert_eq!(verdict(&dead), Code::Valid);
        dead.closed = true;
        assert_eq!(verdict(&dead), Code::Revoked);
    }

    #[test]
    fn addresses_are_compared_as_what_they_are() {
        let key = StoredKey { networks: Some(vec!["10.1.0.0/16".parse().unwrap(), "2001:db8::/32".parse().unwrap()]), ..key() };
        let from = |ip: &str| key.judge(datetime!(2026-11-25 09:00 UTC), None, Some(ip.parse().unwrap()));
        for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7"] {
            assert_eq!(from(inside), Code::Valid, "{inside}");
        }
        for outside in ["10.2.0.1", "2001:db9::1"] {
            assert_eq!(from(outside), Code::WrongAddress, "{outside}");
        }
    }
}
