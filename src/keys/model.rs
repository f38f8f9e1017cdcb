//! Keys and their rules.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field,
    ids::KeyId,
    page::Page,
    secret,
    when::When,
};

/// What every live key begins with (seed).
pub const LIVE: &str = "sk_live_";

/// The secret itself: `sk_live_`, 64 hex characters (32 random bytes) and 8 hex characters of CRC-32. Cannot be printed.
pub struct Secret(String);

impl Secret {
    /// Builds the key of 32 random bytes given in hex.
    pub fn of_random(hex: &str) -> Self {
        Self(secret::seal(LIVE, hex))
    }

    /// The whole key, for hashing and for showing once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first eight characters of the random part, by which people recognise the key.
    pub fn prefix(&self) -> &str {
        secret::recognisable(LIVE, &self.0)
    }

    /// Whether a text has the form and the checksum of a key of ours.
    pub fn is_well_formed(text: &str) -> bool {
        secret::is_sealed(LIVE, text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// How long the old key goes on after a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlap {
    /// Not at all: for a key that leaked.
    Now,
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// One week.
    Week,
}

impl Overlap {
    /// All choices, the recommended one first.
    pub const ALL: [Overlap; 4] = [Overlap::Day, Overlap::Hour, Overlap::Week, Overlap::Now];

    /// The word sent in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Overlap::Now => "now",
            Overlap::Hour => "1h",
            Overlap::Day => "24h",
            Overlap::Week => "7d",
        }
    }

    /// The words shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Overlap::Now => "Stop it now (the key leaked)",
            Overlap::Hour => "For 1 hour",
            Overlap::Day => "For 24 hours",
            Overlap::Week => "For 7 days",
        }
    }

    /// The length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Overlap::Now => 0,
            Overlap::Hour => 3_600,
            Overlap::Day => 86_400,
            Overlap::Week => 604_800,
        }
    }
}

impl FromStr for Overlap {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Overlap::ALL.into_iter().find(|overlap| overlap.as_str() == word).ok_or_else(|| "Choose one of the listed times.".to_owned())
    }
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// Accepted, until further notice.
    Active,
    /// Accepted until a rotation's overlap ends.
    Ending,
    /// No longer accepted: the overlap is over.
    Expired,
    /// No longer accepted: somebody revoked it.
    Revoked,
}

impl KeyState {
    /// Whether programs that use the key are let in.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Active | Self::Ending)
    }

    /// The word kept in the trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ending => "ending",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Where a key stands, from what is stored about it.
    pub fn of(revoked: bool, ends: bool, has_ended: bool) -> Self {
        match (revoked, ends, has_ended) {
            (true, _, _) => Self::Revoked,
            (false, true, true) => Self::Expired,
            (false, true, false) => Self::Ending,
            (false, false, _) => Self::Active,
        }
    }

    /// Whether it may be rotated.
    ///
    /// # Errors
    /// `Conflict` with what to do instead.
    pub fn rotate(self) -> Result<(), AppError> {
        match self {
            Self::Active => Ok(()),
            Self::Ending => Err(AppError::Conflict("This key was rotated already. Rotate its successor instead.".to_owned())),
            Self::Expired | Self::Revoked => Err(AppError::Conflict("This key no longer works. Create a new one instead.".to_owned())),
        }
    }

    /// Whether it may be revoked; revoking twice is refused, so that the first time stays on record.
    ///
    /// # Errors
    /// `Conflict` if it is revoked already.
    pub fn revoke(self) -> Result<(), AppError> {
        match self {
            Self::Revoked => Err(AppError::Conflict("This key is revoked already. Programs that use it are refused.".to_owned())),
            _ => Ok(()),
        }
    }
}

/// A key as its page shows it; nothing of the secret but the prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key.
    pub id: KeyId,
    /// The name that people gave it.
    pub name: String,
    /// The first eight characters of its random part.
    pub prefix: String,
    /// Where it stands.
    pub state: KeyState,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created: When,
    /// When a program last used it.
    pub last_used: Option<When>,
    /// When it ends, or ended.
    pub ends: Option<When>,
}

/// The page of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The keys.
    pub keys: Page<Key>,
    /// Whether those that no longer work are listed.
    pub inactive: bool,
    /// Whether the person who looks may change them.
    pub manages: bool,
    /// A key that was just made by a form without JavaScript; shown once.
    pub created: Option<CreatedKey>,
}

/// A new key with its secret: the only time that it leaves the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedKey {
    /// Its name.
    pub name: String,
    /// The whole key.
    pub secret: String,
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The form for a new key, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeyForm {
    /// The name.
    #[serde(default)]
    pub name: String,
}

/// A key that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// 1 to 80 characters.
    pub name: String,
}

impl NewKey {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` if the name is empty or too long.
    pub fn parse(form: &KeyForm) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("name", &form.name);
        let name = errors.check("name", field::line(&form.name, 1, 80, "Name"));
        errors.into_result(name.map(|name| Self { name }))
    }
}

/// The form for a rotation, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RotateForm {
    /// The key.
    #[serde(default)]
    pub id: String,
    /// How long the old one goes on.
    #[serde(default)]
    pub overlap: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_has_the_form_of_the_contract() {
        let secret = Secret::of_random(&"ab".repeat(32));
        assert_eq!(secret.reveal().len(), 8 + 64 + 8);
        assert_eq!(secret.prefix(), "abababab");
        assert!(Secret::is_well_formed(secret.reveal()));
        assert_eq!(format!("{secret:?}"), "[secret]");
    }

    #[test]
    fn one_wrong_character_fails_the_checksum() {
        let secret = Secret::of_random(&"ab".repeat(32));
        let wrong = secret.reveal().replacen('a', "c", 1);
        assert!(!Secret::is_well_formed(&wrong));
        for text in ["", "sk_live_", "ä", &"x".repeat(80)] {
            assert!(!Secret::is_well_formed(text));
        }
    }

    #[test]
    fn dead_keys_stay_dead() {
        for state in [KeyState::Expired, KeyState::Revoked] {
            assert!(!state.is_accepted());
            assert!(state.rotate().is_err());
        }
        assert!(KeyState::Ending.rotate().is_err());
        assert!(KeyState::Ending.revoke().is_ok());
        assert!(KeyState::Revoked.revoke().is_err());
        assert_eq!(KeyState::of(true, true, false), KeyState::Revoked);
    }

    #[test]
    fn created_key_does_not_print_its_secret() {
        let created = CreatedKey { name: "CI".into(), secret: "sk_live_x".into() };
        assert!(!format!("{created:?}").contains("sk_live_x"));
    }

    #[test]
    fn unknown_overlap_is_refused() {
        assert!("forever".parse::<Overlap>().is_err());
    }
}
