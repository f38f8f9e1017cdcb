//! Forms about keys, as typed, and how they are read.

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use {
    super::{Catalogue, Environment, Expiry, KeyScope, calls_per_minute, networks},
    crate::{
        error::{AppError, FieldErrors},
        field,
    },
};

/// The form for a new key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyForm {
    /// The name.
    pub name: String,
    /// Live or test; empty is live.
    pub environment: String,
    /// When it ends; empty is never.
    pub expiry: String,
    /// `chosen` if it is limited to the scopes, `all` or empty if it may do everything.
    pub access: String,
    /// The scopes.
    pub scopes: Vec<String>,
    /// Addresses and networks, one a line.
    pub networks: String,
    /// The most calls in a minute.
    pub calls_per_minute: String,
}

/// The form for other limits of a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitsForm {
    /// The key.
    pub id: String,
    /// `chosen` if it is limited to the scopes, `all` if it may do everything; empty changes neither.
    pub access: String,
    /// The scopes.
    pub scopes: Vec<String>,
    /// Addresses and networks, one a line.
    pub networks: String,
    /// The most calls in a minute.
    pub calls_per_minute: String,
}

/// The form for another name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RenameForm {
    /// The key.
    pub id: String,
    /// The name.
    pub name: String,
}

/// The form for a rotation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RotateForm {
    /// The key.
    pub id: String,
    /// How long the old one goes on.
    pub overlap: String,
    /// When the new one ends; empty is when the old one would have.
    pub expiry: String,
}

/// The form for a longer overlap.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OverlapForm {
    /// The key.
    pub id: String,
    /// How long it goes on from now.
    pub overlap: String,
}

/// The form for the end of a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokeForm {
    /// The key.
    pub id: String,
    /// Why.
    pub reason: String,
    /// In the person's own words.
    pub note: String,
}

/// What a key is limited to.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// What it may be used for; `None` is everything.
    pub scopes: Option<Vec<KeyScope>>,
    /// Where it may be used from; empty is everywhere.
    pub networks: Vec<String>,
    /// The most calls in a minute.
    pub calls_per_minute: Option<i32>,
}

#[cfg(feature = "ssr")]
impl Limits {
    /// As the database holds them.
    pub fn stored(scopes: Option<Vec<String>>, networks: Vec<String>, calls_per_minute: Option<i32>) -> Self {
        // What is no scope was never one: it gives nothing, and limits.
        let scopes = scopes.map(|words| words.iter().filter_map(|word| word.parse().ok()).collect());
        Self { scopes, networks, calls_per_minute }
    }

    /// The words of the scopes.
    pub fn scope_words(&self) -> Option<Vec<String>> {
        Some(self.scopes.as_ref()?.iter().map(|scope| scope.as_str().to_owned()).collect())
    }

    fn parse(
        (access, scopes): (&str, &[String]),
        (addresses, calls): (&str, &str),
        catalogue: &Catalogue,
        has: Option<&[KeyScope]>,
        errors: &mut FieldErrors,
    ) -> Option<Self> {
        errors.keep("access", access);
        errors.keep("scopes", &scopes.join(","));
        errors.keep("networks", addresses);
        errors.keep("calls_per_minute", calls);
        let scopes = errors.check("scopes", catalogue.choose(access, scopes, has));
        let networks = errors.check("networks", networks(addresses));
        let calls_per_minute = errors.check("calls_per_minute", calls_per_minute(calls));
        Some(Self { scopes: scopes?, networks: networks?, calls_per_minute: calls_per_minute? })
    }

    /// Reads the form about a key that is limited so.
    ///
    /// # Errors
    /// `Invalid` with what to do for each wrong field.
    pub fn changed(&self, form: &LimitsForm, catalogue: &Catalogue) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        let typed = (form.networks.as_str(), form.calls_per_minute.as_str());
        let limits = Self::parse((&form.access, &form.scopes), typed, catalogue, self.scopes.as_deref(), &mut errors);
        errors.into_result(limits)
    }
}

/// A key that may be made.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// 1 to 80 characters.
    pub name: String,
    /// Live or test.
    pub environment: Environment,
    /// When it ends.
    pub expiry: Expiry,
    /// What it is limited to.
    pub limits: Limits,
}

#[cfg(feature = "ssr")]
impl NewKey {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` with what to do for each wrong field.
    pub fn parse(form: &KeyForm, catalogue: &Catalogue) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("name", &form.name);
        errors.keep("environment", &form.environment);
        errors.keep("expiry", &form.expiry);
        let name = errors.check("name", field::line(&form.name, 1, 80, "Name"));
        let environment = errors.check("environment", or_default(&form.environment));
        let expiry = errors.check("expiry", or_default(&form.expiry));
        let typed = (form.networks.as_str(), form.calls_per_minute.as_str());
        let limits = Limits::parse((&form.access, &form.scopes), typed, catalogue, None, &mut errors);
        let new = match (name, environment, expiry, limits) {
            (Some(name), Some(environment), Some(expiry), Some(limits)) => Some(Self { name, environment, expiry, limits }),
            _ => None,
        };
        errors.into_result(new)
    }
}

#[cfg(feature = "ssr")]
fn or_default<T: Default + std::str::FromStr<Err = String>>(word: &str) -> Result<T, String> {
    if word.is_empty() { Ok(T::default()) } else { word.parse() }
}

/// When a successor ends: `None` is when the old key would have (product rule: a rotation changes no expiry by itself).
///
/// # Errors
/// `Invalid` for an unknown word.
#[cfg(feature = "ssr")]
pub fn same_end(form: &RotateForm) -> Result<Option<Expiry>, AppError> {
    if form.expiry.is_empty() {
        return Ok(None);
    }
    form.expiry.parse().map(Some).map_err(|message: String| AppError::invalid("expiry", message))
}

/// Why a key is revoked, at most 200 characters: a reason, and a note if there is more to say.
///
/// # Errors
/// `Invalid` if there is no reason, or one of the two is too long.
#[cfg(feature = "ssr")]
pub fn reason(form: &RevokeForm) -> Result<String, AppError> {
    let mut errors = FieldErrors::new();
    errors.keep("reason", &form.reason);
    errors.keep("note", &form.note);
    let chosen = errors.check("reason", field::line(&form.reason, 1, 60, "Reason"));
    let note = errors.check("note", field::line(&form.note, 0, 130, "Note"));
    let both = chosen.zip(note).map(|(chosen, note)| if note.is_empty() { chosen } else { format!("{chosen}: {note}") });
    errors.into_result(both)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_enough() {
        let new = NewKey::parse(&KeyForm { name: "CI".into(), ..KeyForm::default() }, &"a=A".parse().unwrap()).unwrap();
        assert_eq!((new.environment, new.expiry, new.limits), (Environment::Live, Expiry::Never, Limits::default()));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let form = KeyForm {
            environment: "staging".into(),
            expiry: "2d".into(),
            access: "chosen".into(),
            networks: "office".into(),
            calls_per_minute: "0".into(),
            ..KeyForm::default()
        };
        let Err(AppError::Invalid(errors)) = NewKey::parse(&form, &"a=A".parse().unwrap()) else { panic!("must be invalid") };
        for field in ["name", "environment", "expiry", "scopes", "networks", "calls_per_minute"] {
            assert!(errors.message(field).is_some(), "{field}");
        }
        assert_eq!(errors.value("networks"), Some("office"));
    }

    #[test]
    fn reason_is_what_was_chosen_and_typed() {
        let why = |reason: &str, note: &str| super::reason(&RevokeForm { id: String::new(), reason: reason.into(), note: note.into() });
        assert_eq!(why("Leaked", "in a log").unwrap(), "Leaked: in a log");
        assert_eq!(why("Leaked", "").unwrap(), "Leaked");
        let Err(AppError::Invalid(errors)) = why(" ", "in a log") else { panic!("a note alone is no reason") };
        assert_eq!((errors.message("reason"), errors.value("note")), (Some("Reason is empty. Fill it in."), Some("in a log")));
        assert!(why("Leaked", &"x".repeat(131)).is_err());
    }
}
