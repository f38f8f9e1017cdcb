//! What can go wrong, as the customer reads it: a closed set. Causes go to the log under the same reference.

use leptos::{prelude::FromServerFnError, server_fn::codec::JsonEncoding, server_fn::error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::{access::Permission, typed::Typed};

/// Every error that a page, a form or a route can answer with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    #[error("Your session has ended. Sign in to go on.")]
    SignIn,
    /// The sign-in is too old for this.
    #[error("Sign in again to confirm that it is you.")]
    FreshSignIn,
    /// The role does not include this permission. It is named, so that the person can ask for it; the table of roles is no
    /// secret within a company.
    #[error("Your role does not let you do this: {}", .0.clause())]
    Forbidden(Permission),
    /// A session that the SaaS or a customer's provider opened does not include this, or is too old for it; the sentence
    /// says what to do.
    #[error("{0}")]
    NotInSession(String),
    /// Nobody is let in here by one factor, and this session holds no second.
    #[error("Everybody needs a second factor here. Set up yours, or sign in with it, to go on.")]
    SecondFactor,
    /// The person belongs to no customer, or no longer to the one that the form was for.
    #[error("You do not belong to this company any more. Ask its owner for a new invitation, or sign out.")]
    NoCompany,
    /// The company lets people in by its own provider only, and this session did not come from there.
    #[error("This company lets people in by its single sign-on only. Sign in with it to go on.")]
    SingleSignOn,
    /// There is no such thing, or it belongs to another customer: both answer alike.
    #[error("This does not exist, or it is no longer there.")]
    NotFound,
    /// Fields of the form need correcting.
    #[error("Some fields need your attention.")]
    Invalid(FieldErrors),
    /// The state of things does not allow this; the sentence says what to do.
    #[error("{0}")]
    Conflict(String),
    /// The plan's limit is reached; the sentence says what to do.
    #[error("{0}")]
    LimitReached(String),
    /// Too many attempts.
    #[error("Too many attempts. Try again in {}.", in_words(*retry_after_seconds))]
    TooMany {
        /// When the next attempt is worth making.
        retry_after_seconds: u32,
    },
    /// The database cannot be reached.
    #[error("The portal cannot reach its data right now. Nothing was changed. Try again in a minute.")]
    Unavailable,
    /// The browser got no answer to something that it asked for. Made by the browser only.
    #[error("The portal cannot be reached right now. Check your connection, and try again in a minute.")]
    Unreachable,
    /// The browser got no answer to a form that it sent: the form may have arrived all the same. Made by the browser only.
    #[error("No answer came, so we cannot say whether this was done. Look at the page in a new tab before you send it again.")]
    NoAnswer,
    /// A defect on our side.
    #[error(
        "Something went wrong on our side and nothing was changed. Try again; if it happens again, tell support the reference {reference}."
    )]
    Internal {
        /// Under which the log holds the cause.
        reference: String,
    },
}

impl AppError {
    /// One wrong field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::new();
        errors.add(field, message);
        Self::Invalid(errors)
    }

    /// Remembers what was typed into another field of the form, for errors that are found only after it was read. Never for
    /// passwords.
    #[must_use]
    pub fn keeping(mut self, field: &str, typed: &str) -> Self {
        if let Self::Invalid(errors) = &mut self {
            errors.keep(field, typed);
        }
        self
    }

    /// The field errors, if that is what it is.
    pub fn fields(&self) -> Option<&FieldErrors> {
        match self {
            Self::Invalid(fields) => Some(fields),
            _ => None,
        }
    }

    /// The HTTP status (RFC 9110, RFC 6585).
    pub fn status(&self) -> u16 {
        match self {
            Self::SignIn | Self::FreshSignIn => 401,
            Self::Forbidden(_) | Self::NotInSession(_) | Self::SecondFactor | Self::NoCompany | Self::SingleSignOn => 403,
            Self::NotFound => 404,
            Self::Invalid(_) => 422,
            Self::Conflict(_) | Self::LimitReached(_) => 409,
            Self::TooMany { .. } => 429,
            Self::Unavailable | Self::Unreachable | Self::NoAnswer => 503,
            Self::Internal { .. } => 500,
        }
    }
}

/// An error of a form that is too long for the address of the page, encoded as it would stand there.
#[derive(Clone)]
pub struct KeptError(pub String);

/// Said of a form that our pages did not make.
pub const UNREADABLE: &str = "This form could not be read. Reload the page and try again.";

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // The browser could not reach the server at all.
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            // A form that does not decode was not made by our pages.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Conflict(UNREADABLE.to_owned())
            }
            _ => Self::Internal { reference: "browser".to_owned() },
        }
    }
}

/// A time to wait, rounded up to what people count in.
pub fn in_words(seconds: u32) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

/// What is wrong with which field, and what was typed, to fill in a form again that came back without JavaScript.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors {
    /// The wrong fields, in the order of the form.
    pub errors: Vec<FieldError>,
    /// What was typed into the fields.
    pub values: Typed,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// What to do, in a sentence.
    pub message: String,
}

impl FieldErrors {
    /// No error yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what is wrong with a field.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// Remembers what was typed. Never for passwords.
    pub fn keep(&mut self, field: &str, typed: &str) {
        self.values.keep(field, typed);
    }

    /// Takes the value, or notes the error and gives `None`.
    pub fn check<T>(&mut self, field: &str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.add(field, message)).ok()
    }

    /// What is wrong with the field.
    pub fn message(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// What was typed into the field.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.values.value(field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The value if nothing is wrong and it is there.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, AppError> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(AppError::Invalid(self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_reads_as_a_sentence_whatever_is_refused() {
        let refusals = Permission::ALL.map(|permission| AppError::Forbidden(permission).to_string());
        assert!(
            refusals.contains(&"Your role does not let you do this: see the API keys, never their secrets.".to_owned()),
            "{refusals:?}"
        );
        assert!(refusals.contains(&"Your role does not let you do this: change the plan.".to_owned()), "{refusals:?}");
    }

    #[test]
    fn wrong_fields_carry_back_what_was_typed() {
        let mut errors = FieldErrors::new();
        errors.keep("email", "olivia@");
        let email = errors.check::<()>("email", Err("Enter an address.".into()));
        let Err(AppError::Invalid(errors)) = errors.into_result(email) else { panic!("must be invalid") };
        assert_eq!(errors.message("email"), Some("Enter an address."));
        assert_eq!(errors.value("email"), Some("olivia@"));
    }

    #[test]
    fn time_to_wait_is_said_in_words() {
        for (retry_after_seconds, words) in [
            (1, "a second"),
            (40, "40 seconds"),
            (91, "2 minutes"),
            (900, "15 minutes"),
            (5_400, "90 minutes"),
            (5_401, "2 hours"),
            (86_400, "24 hours"),
        ] {
            let error = AppError::TooMany { retry_after_seconds };
            assert_eq!(error.to_string(), format!("Too many attempts. Try again in {words}."));
        }
    }

    #[test]
    fn every_error_survives_the_way_through_a_page_address() {
        use leptos::server_fn::error::ServerFnUrlError;
        let error = AppError::invalid("name", "Name is empty. Fill it in.");
        let encoded = ServerFnUrlError::new("/api/keys/create", error.clone()).to_url("http://localhost/keys").unwrap();
        let text = encoded.query_pairs().find(|(key, _)| key == "__err").unwrap().1.into_owned();
        assert_eq!(ServerFnUrlError::<AppError>::decode_err(&text), error);
    }
}
