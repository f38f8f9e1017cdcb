//! The secret itself, and what can be read off it without asking a database.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::secret;

/// What a key is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Environment {
    /// Real use: its calls count against the plan.
    #[default]
    Live,
    /// Trying out: its calls count nothing.
    Test,
}

impl Environment {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Live, Self::Test];

    /// The word in keys, in forms and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// The word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Test => "Test",
        }
    }
}

impl FromStr for Environment {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|environment| environment.as_str() == word).ok_or_else(|| "Choose live or test.".to_owned())
    }
}

/// What the keys of an installation begin with, so that secret scanners can tell whose they are: `KEY_BRAND`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand(String);

impl Brand {
    /// Before the random part: `sk_live_`.
    pub fn prefix(&self, environment: Environment) -> String {
        format!("{}_{}_", self.0, environment.as_str())
    }
}

impl Default for Brand {
    /// `sk`, as in the contract (seed).
    fn default() -> Self {
        Self("sk".to_owned())
    }
}

impl FromStr for Brand {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let short = (2..=16).contains(&text.len());
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if short && plain { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// The secret: `sk_live_` or `sk_test_`, 64 hex characters (32 random bytes) and 8 hex characters of CRC-32. Cannot be printed.
pub struct Secret {
    text: String,
    environment: Environment,
    random_at: usize,
}

impl Secret {
    /// Builds the key of 32 random bytes given in hex.
    pub fn of_random(brand: &Brand, environment: Environment, hex: &str) -> Self {
        let prefix = brand.prefix(environment);
        Self { text: secret::seal(&prefix, hex), environment, random_at: prefix.len() }
    }

    /// The key, if a text has the form and the checksum of one of this installation.
    pub fn parse(brand: &Brand, text: &str) -> Option<Self> {
        Environment::ALL.into_iter().find_map(|environment| {
            let prefix = brand.prefix(environment);
            secret::is_sealed(&prefix, text).then(|| Self { text: text.to_owned(), environment, random_at: prefix.len() })
        })
    }

    /// The whole key, for hashing and for showing once.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What it is for.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// What it begins with: brand, environment and eight characters of the random part.
    pub fn prefix(&self) -> &str {
        self.text.get(..self.random_at + 8).unwrap_or_default()
    }

    /// Its last four characters, of the checksum.
    pub fn last_four(&self) -> &str {
        self.text.get(self.text.len().saturating_sub(4)..).unwrap_or_default()
    }
}

/// A key as it is shown when nobody has it any more: `sk_live_1a2b3c4d…9f0e`. The end of older keys was not kept.
#[cfg(feature = "ssr")]
pub fn masked(prefix: &str, last_four: Option<&str>) -> String {
    format!("{prefix}…{}", last_four.unwrap_or_default())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Secret {
        Secret::of_random(&Brand::default(), Environment::Live, &"ab".repeat(32))
    }

    #[test]
    fn secret_has_the_form_of_the_contract() {
        let secret = live();
        assert_eq!(secret.reveal().len(), 8 + 64 + 8);
        assert!(secret.reveal().starts_with("sk_live_abababab"));
        assert_eq!(secret.prefix(), "sk_live_abababab");
        assert!(secret.reveal().ends_with(secret.last_four()) && secret.last_four().len() == 4);
        assert_eq!(format!("{secret:?}"), "[secret]");
    }

    #[test]
    fn brand_and_environment_can_be_read_off() {
        let acme: Brand = "acme".parse().unwrap();
        let secret = Secret::of_random(&acme, Environment::Test, &"cd".repeat(32));
        assert!(secret.reveal().starts_with("acme_test_cdcdcdcd"));
        let read = Secret::parse(&acme, secret.reveal()).unwrap();
        assert_eq!((read.environment(), read.prefix(), read.reveal()), (Environment::Test, "acme_test_cdcdcdcd", secret.reveal()));
        assert!(Secret::parse(&Brand::default(), secret.reveal()).is_none(), "another installation's");
    }

    #[test]
    fn one_wrong_character_fails_the_checksum() {
        let secret = live();
        let wrong = secret.reveal().replacen('a', "c", 1);
        for text in [wrong.as_str(), "", "sk_live_", "ä", &"x".repeat(80), &secret.reveal().replacen("live", "test", 1)] {
            assert!(Secret::parse(&Brand::default(), text).is_none(), "{text}");
        }
    }

    #[test]
    fn brands_are_short_and_plain() {
        for wrong in ["", "a", "Acme", "ac_me", "ä-b", "a234567890123456x"] {
            assert!(wrong.parse::<Brand>().is_err(), "{wrong}");
        }
    }
}
