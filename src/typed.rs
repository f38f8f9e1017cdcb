//! What was typed into a form that comes back without JavaScript.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// Fields and what was typed into them; never a password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// How much of a form is carried back, in bytes: the longest message and its subject in any script (UTF-8).
    const LONGEST_KEPT: usize = 41_000;

    /// Remembers what was typed. Never for passwords.
    pub fn keep(&mut self, field: &str, typed: &str) {
        let kept: usize = self.0.iter().map(|(_, value)| value.len()).sum();
        if kept + typed.len() <= Self::LONGEST_KEPT {
            self.0.push((field.to_owned(), typed.to_owned()));
        }
    }

    /// What was typed into the field.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Whether nothing was typed that is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets the longest of what was typed; false if nothing is left.
    pub fn forget_longest(&mut self) -> bool {
        let longest = self.0.iter().enumerate().max_by_key(|(_, (_, value))| value.len()).map(|(at, _)| at);
        longest.map(|at| self.0.remove(at)).is_some()
    }
}

/// The error of a form on its way back to the form's page, with what was typed where the error itself does not hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned(pub AppError, pub Typed);

impl Returned {
    /// Errors of fields hold already what was typed, as the form itself has read it.
    pub fn new(error: AppError, typed: Typed) -> Self {
        let holds_it = error.fields().is_some_and(|fields| !fields.values.is_empty());
        Self(error, if holds_it { Typed::default() } else { typed })
    }

    /// Forgets the longest of what was typed; false if nothing is left.
    pub fn forget_longest(&mut self) -> bool {
        match self {
            Self(AppError::Invalid(fields), typed) if typed.is_empty() => fields.values.forget_longest(),
            Self(_, typed) => typed.forget_longest(),
        }
    }
}

impl FromServerFnError for Returned {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(AppError::from_server_fn_error(error), Typed::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(texts: &[&str]) -> Typed {
        let mut typed = Typed::default();
        for text in texts {
            typed.keep(text, text);
        }
        typed
    }

    #[test]
    fn the_longest_text_is_forgotten_first() {
        let mut all = typed(&["a", "ccc", "bb"]);
        assert!(all.forget_longest());
        assert_eq!(all, typed(&["a", "bb"]));
        assert!(all.forget_longest() && all.forget_longest() && !all.forget_longest());
    }

    #[test]
    fn the_longest_ticket_is_carried_back_and_nothing_longer() {
        let (subject, message) = ("🦦".repeat(160), "🦦".repeat(10_000));
        let mut typed = Typed::default();
        typed.keep("subject", &subject);
        typed.keep("message", &message);
        typed.keep("note", &"x".repeat(1_000));
        assert_eq!((typed.value("subject"), typed.value("message")), (Some(subject.as_str()), Some(message.as_str())));
        assert_eq!(typed.value("note"), None);
    }

    #[test]
    fn nothing_is_carried_back_twice() {
        let wrong = AppError::invalid("name", "Name is empty. Fill it in.");
        assert_eq!(Returned::new(wrong.clone().keeping("email", "a"), typed(&["b"])).1, Typed::default());
        assert_eq!(Returned::new(wrong, typed(&["b"])).1, typed(&["b"]));
        let mut refused = Returned::new(AppError::NotFound, typed(&["b"]));
        assert_eq!(refused.1, typed(&["b"]));
        assert!(refused.forget_longest() && !refused.forget_longest());
    }
}
