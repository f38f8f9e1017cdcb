//! The profile and its forms.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field::{self, EmailAddress},
    when::When,
};

/// The longest name, as in the table.
pub const MAX_NAME: u32 = 120;

/// How long the link to confirm a new address works, in minutes.
pub const LINK_MINUTES: i64 = 30;

/// How many new addresses a person may ask for within 24 hours.
pub const CHANGES_PER_DAY: i32 = 5;

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The person's name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The new address that waits for its confirmation.
    pub pending: Option<PendingEmail>,
}

/// A new address that is not confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEmail {
    /// The address.
    pub email: String,
    /// When its link stops working.
    pub expires: When,
}

/// The name, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NameForm {
    /// The name.
    pub name: String,
}

impl NameForm {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` if the name is empty or too long.
    pub fn parse(&self) -> Result<String, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("name", &self.name);
        let longest = usize::try_from(MAX_NAME).unwrap_or(usize::MAX);
        let name = errors.check("name", field::line(&self.name, 1, longest, "Your name"));
        errors.into_result(name)
    }
}

/// The new address, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailForm {
    /// The address.
    pub email: String,
}

impl EmailForm {
    /// Reads the form of somebody who signs in with `current`.
    ///
    /// # Errors
    /// `Invalid` if it is no address, or the one they have.
    pub fn parse(&self, current: &str) -> Result<EmailAddress, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("email", &self.email);
        let email = errors.check("email", EmailAddress::parse(&self.email));
        if email.as_ref().is_some_and(|email| email.as_str() == current) {
            errors.add("email", "You sign in with this address already. Enter the new one.");
        }
        errors.into_result(email)
    }
}

/// The confirmation of a new address, as sent.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    /// The token of the mailed link.
    pub token: String,
}

impl fmt::Debug for ConfirmForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmForm")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_address_differs_from_the_current_one() {
        let form = EmailForm { email: " Olivia@Acme.example".into() };
        assert!(form.parse("olivia@acme.example").is_err());
        assert!(form.parse("owner@acme.example").is_ok());
        assert!(EmailForm { email: "olivia@".into() }.parse("owner@acme.example").is_err());
    }

    #[test]
    fn token_is_not_printed() {
        assert_eq!(format!("{:?}", ConfirmForm { token: "secret".into() }), "ConfirmForm");
    }
}
