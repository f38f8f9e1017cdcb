//! Forms of the sign-in and what the frame of every page shows about the person.

mod code;
pub use code::Code;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    error::{AppError, FieldErrors},
    field::EmailAddress,
    ids::{CustomerId, SessionId},
    plan::Plan,
    portal_sessions::model::ReturnTo,
    rights::Rights,
    when::When,
};

/// What the frame around every page of the portal shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shell {
    /// The person's name.
    pub person_name: String,
    /// Their address.
    pub person_email: String,
    /// The customer that they work for now.
    pub customer_id: CustomerId,
    /// Its name.
    pub customer_name: String,
    /// Its plan.
    pub plan: Plan,
    /// What they may do there.
    pub rights: Rights,
    /// All their customers, for the switcher.
    pub customers: Vec<CustomerChoice>,
    /// Whether they also work for the SaaS itself.
    pub is_staff: bool,
    /// Where they came from, if the SaaS opened the session.
    pub return_to: Option<ReturnTo>,
    /// Whether the customer asks for a second factor that the session lacks: then none of its pages is open.
    pub locked: bool,
}

/// One customer in the switcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerChoice {
    /// The customer.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// The person's role there.
    pub role: Role,
    /// Whether this session cannot enter it, because its provider is the only way in.
    #[serde(default)]
    pub needs_sso: bool,
}

/// Where a person lands after the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// A path of this portal.
    pub path: String,
}

/// The sign-in form as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SignInForm {
    /// The address.
    #[serde(default)]
    pub email: String,
    /// The password.
    #[serde(default)]
    pub password: String,
    /// Where to go afterwards.
    #[serde(default)]
    pub next: String,
    /// Whether to stay signed in for 30 days.
    #[serde(default)]
    pub keep: bool,
}

/// One of the person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    /// The session.
    pub id: SessionId,
    /// The browser in words.
    pub device: String,
    /// The network address from which it was begun.
    pub address: String,
    /// Where that is, in words.
    pub place: String,
    /// Whether it is the one of this browser.
    pub here: bool,
    /// Whether the product opened it for the person, without a sign-in; it may do less than the others.
    pub opened_by_product: bool,
    /// Whether it was begun by the single sign-on of a customer.
    pub by_sso: bool,
    /// When the person signed in.
    pub signed_in: When,
    /// When it was last used, to the minute.
    pub last_used: When,
    /// When it ends unless it is used before.
    pub ends: When,
}

/// Whose password is asked for once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoConfirms {
    /// Whether they have a second factor, which is then asked for, too.
    pub second_factor: bool,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they came by the single sign-on of their customer, and confirm there, too.
    pub by_sso: bool,
    /// Whether they can also prove it by a passkey.
    pub has_passkey: bool,
}

/// The form that asks for the password once more, as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    /// The password.
    pub password: String,
    /// The code of their authenticator app, if they have one.
    pub code: String,
    /// Where to go afterwards; empty: the form stands in a tab of its own.
    pub next: String,
}

impl fmt::Debug for ConfirmForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmForm")
    }
}

/// The form that asks for a code by e-mail, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AskCodeForm {
    /// The address.
    pub email: String,
    /// Where to go after the sign-in.
    pub next: String,
    /// Whether to stay signed in for 30 days.
    pub keep: bool,
}

impl AskCodeForm {
    /// Reads the address.
    ///
    /// # Errors
    /// `Invalid` if it is none.
    pub fn address(&self) -> Result<EmailAddress, AppError> {
        read_address(&self.email)
    }
}

/// The form in which a mailed code is entered, as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnterCodeForm {
    /// The code.
    pub code: String,
}

impl fmt::Debug for EnterCodeForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnterCodeForm")
    }
}

/// An address as typed, kept for another try.
fn read_address(typed: &str) -> Result<EmailAddress, AppError> {
    let mut errors = FieldErrors::new();
    errors.keep("email", typed);
    let email = errors.check("email", EmailAddress::parse(typed));
    errors.into_result(email)
}

/// The form that asks for a link to choose a new password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ForgotForm {
    /// The address.
    #[serde(default)]
    pub email: String,
}

impl ForgotForm {
    /// Reads the address.
    ///
    /// # Errors
    /// `Invalid` if it is none.
    pub fn address(&self) -> Result<EmailAddress, AppError> {
        read_address(&self.email)
    }
}

/// The form that chooses a new password.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct ResetForm {
    /// The token of the mailed link.
    #[serde(default)]
    pub token: String,
    /// The new password.
    #[serde(default)]
    pub password: String,
}

/// The form that changes the password of somebody who is signed in, as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangePasswordForm {
    /// The password they have.
    pub current: String,
    /// The new one.
    pub password: String,
}

impl fmt::Debug for ChangePasswordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChangePasswordForm")
    }
}

/// A password that may be chosen: 8 to 128 characters, no composition rules (ASVS 5.0, 6.2.1, 6.2.5, 6.2.9). Cannot be
/// printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The shortest password, in characters.
    pub const MIN: usize = 8;
    /// The longest password, in characters.
    pub const MAX: usize = 128;

    /// Reads a new password; the error is the sentence to show.
    ///
    /// # Errors
    /// If it is too short or too long.
    pub fn parse(typed: &str) -> Result<Self, String> {
        match typed.chars().count() {
            count if count < Self::MIN => Err(format!("Choose a password of at least {} characters.", Self::MIN)),
            count if count > Self::MAX => Err(format!("Choose a password of at most {} characters.", Self::MAX)),
            _ => Ok(Self(typed.to_owned())),
        }
    }

    /// The password itself, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password]")
    }
}

/// A sign-in that is worth a look into the database.
pub struct Credentials {
    /// The address.
    pub email: EmailAddress,
    /// The password as typed.
    pub password: String,
}

impl fmt::Debug for SignInForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInForm")
    }
}

impl fmt::Debug for ResetForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResetForm")
    }
}

impl SignInForm {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` if the address is none or the password is empty or absurdly long.
    pub fn parse(self) -> Result<Credentials, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("email", &self.email);
        let email = errors.check("email", EmailAddress::parse(&self.email));
        if self.password.is_empty() {
            errors.add("password", "Enter your password.");
        } else if self.password.chars().count() > Password::MAX {
            errors.add("password", format!("Passwords have at most {} characters.", Password::MAX));
        }
        errors.into_result(email.map(|email| Credentials { email, password: self.password }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_enough_and_never_printed() {
        assert!(Password::parse("1234567").is_err());
        assert!(Password::parse(&"ü".repeat(128)).is_ok());
        assert!(Password::parse(&"x".repeat(129)).is_err());
        assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "[password]");
    }

    #[test]
    fn empty_form_names_both_fields() {
        let Err(AppError::Invalid(errors)) = SignInForm::default().parse() else { panic!("must be invalid") };
        assert!(errors.message("email").is_some() && errors.message("password").is_some());
    }
}
