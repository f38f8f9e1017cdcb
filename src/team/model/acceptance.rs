//! What the invited person sees and fills in.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    error::{AppError, FieldErrors},
    field,
    signin::model::Password,
    when::When,
};

/// What the person who opened an invitation link sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationAnswer {
    /// It can be accepted.
    Open(OpenInvitation),
    /// It is unknown, used or revoked: which of these, nobody is told.
    Gone,
    /// It is too old.
    Expired {
        /// The customer's name.
        customer_name: String,
        /// Who sent it.
        invited_by: Option<String>,
    },
}

/// An invitation that can be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvitation {
    /// The customer's name.
    pub customer_name: String,
    /// Who sent it.
    pub invited_by: Option<String>,
    /// The address it was sent to.
    pub email: String,
    /// As what.
    pub role: Role,
    /// When it stops working.
    pub expires: When,
    /// Who is looking.
    pub reader: Reader,
}

/// Who opened an invitation link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reader {
    /// Nobody has an account with this address yet: choose a name and a password.
    NewPerson,
    /// The address has an account, but nobody is signed in.
    SignedOut,
    /// Signed in with the invited address.
    Invited {
        /// Their name.
        name: String,
    },
    /// Signed in with another address, which cannot accept.
    SomeoneElse {
        /// That other address.
        email: String,
    },
}

/// The acceptance form as typed. Only a new person fills in name and password.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AcceptForm {
    /// The token from the link.
    pub token: String,
    /// The new person's name.
    pub name: String,
    /// The new person's password.
    pub password: String,
}

impl std::fmt::Debug for AcceptForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptForm").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A person who gets an account by accepting.
#[derive(Debug)]
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// The password they chose.
    pub password: Password,
}

impl NewPerson {
    /// Checks what was typed.
    ///
    /// # Errors
    /// `Invalid` with a message beside each wrong field.
    pub fn parse(form: &AcceptForm) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("name", &form.name);
        let name = errors.check("name", field::line(&form.name, 1, 120, "Your name"));
        let password = errors.check("password", Password::parse(&form.password));
        let new = name.zip(password).map(|(name, password)| Self { name, password });
        errors.into_result(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_kept_for_another_try_and_the_password_is_not() {
        let form = AcceptForm { name: "Ada".into(), password: "secret".into(), ..AcceptForm::default() };
        assert!(!format!("{form:?}").contains("secret"));
        let error = NewPerson::parse(&form).err();
        let fields = error.as_ref().and_then(AppError::fields);
        assert_eq!(fields.and_then(|f| f.value("name")), Some("Ada"));
        assert_eq!(fields.and_then(|f| f.value("password")), None);
        assert!(fields.is_some_and(|f| f.message("password").is_some()));
    }
}
