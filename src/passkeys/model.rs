//! Passkeys as their person sees them, and the forms.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field,
    ids::PasskeyId,
    when::When,
};

/// How many passkeys a person may have.
pub const MOST: i64 = 20;

/// The longest name, as in the table.
pub const MAX_NAME: u32 = 60;

/// The longest answer of an authenticator that is read, in bytes. Without attestation they have about 1,000.
#[cfg(feature = "ssr")]
const LONGEST_ANSWER: usize = 16 * 1_024;

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyList {
    /// The person's passkeys, the newest first.
    pub passkeys: Vec<Passkey>,
    /// Whether another one can be added.
    pub offer: Offer,
    /// What a new one is called unless the person knows better: the browser in words.
    pub suggested_name: String,
    /// The portal's address, under which alone they work.
    pub portal: String,
}

/// Whether a passkey can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offer {
    /// It can.
    Open,
    /// The person has as many as they may.
    Full,
    /// The portal's address is an IP address, or not encrypted.
    NoDomain,
}

/// One passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// By which the person knows it.
    pub name: String,
    /// When it was added.
    pub added: When,
    /// When somebody last signed in with it.
    pub used: Option<When>,
    /// Whether it is refused, because it may have been copied.
    pub blocked: bool,
}

/// What an authenticator answered, as JSON. Cannot be printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answer(String);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[answer]")
    }
}

#[cfg(feature = "ssr")]
impl Answer {
    /// Whether the browser sent none.
    pub fn is_missing(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the answer; `None` if it is none of the wanted kind.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        if self.0.len() > LONGEST_ANSWER { None } else { serde_json::from_str(&self.0).ok() }
    }
}

/// A new passkey, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddForm {
    /// What to call it.
    pub name: String,
    /// What the authenticator answered.
    pub answer: Answer,
}

/// Another name for a passkey, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RenameForm {
    /// Which.
    pub id: String,
    /// What to call it.
    pub name: String,
}

/// A sign-in with a passkey, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    /// What the authenticator answered.
    pub answer: Answer,
    /// Where to go afterwards.
    pub next: String,
    /// Whether to stay signed in for 30 days.
    pub keep: bool,
}

/// A proof with a passkey of who one is, as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    /// What the authenticator answered.
    pub answer: Answer,
    /// Where to go afterwards; empty: the form stands in a tab of its own.
    pub next: String,
}

/// Reads the name of a passkey.
///
/// # Errors
/// `Invalid` if it is empty or too long.
pub fn read_name(typed: &str) -> Result<String, AppError> {
    let mut errors = FieldErrors::new();
    errors.keep("name", typed);
    let longest = usize::try_from(MAX_NAME).unwrap_or(usize::MAX);
    let name = errors.check("name", field::line(typed, 1, longest, "The name"));
    errors.into_result(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_of_up_to_60_characters() {
        assert_eq!(read_name(" Work laptop "), Ok("Work laptop".to_owned()));
        for wrong in ["", "  ", "two\nlines", &"x".repeat(61)] {
            assert!(read_name(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn answers_are_not_printed_and_not_read_without_end() {
        let answer = |text: String| Answer(text);
        assert_eq!(format!("{:?}", answer("secret".into())), "[answer]");
        assert_eq!(answer("1".into()).read::<u8>(), Some(1));
        assert_eq!(answer(format!("\"{}\"", "x".repeat(LONGEST_ANSWER))).read::<String>(), None);
    }
}
