//! The forms of the sign-in, as typed. Those that hold a password or a code cannot be printed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Password;
use crate::{
    error::{AppError, FieldErrors},
    field::EmailAddress,
};

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

impl fmt::Debug for SignInForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInForm")
    }
}

/// A sign-in that is worth a look into the database.
pub struct Credentials {
    /// The address.
    pub email: EmailAddress,
    /// The password as typed.
    pub password: String,
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

impl fmt::Debug for ResetForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResetForm")
    }
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

/// An address as typed, kept for another try.
fn read_address(typed: &str) -> Result<EmailAddress, AppError> {
    let mut errors = FieldErrors::new();
    errors.keep("email", typed);
    let email = errors.check("email", EmailAddress::parse(typed));
    errors.into_result(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_form_names_both_fields() {
        let Err(AppError::Invalid(errors)) = SignInForm::default().parse() else { panic!("must be invalid") };
        assert!(errors.message("email").is_some() && errors.message("password").is_some());
    }
}
