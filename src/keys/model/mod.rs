//! Keys and their rules.

#[cfg(feature = "ssr")]
mod life;
mod limits;
mod secret;
mod state;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field,
    ids::KeyId,
    page::Page,
    when::When,
};

#[cfg(feature = "ssr")]
pub use life::Life;
#[cfg(feature = "ssr")]
pub use limits::networks;
pub use limits::{Catalogue, CatalogueEntry, KeyScope, MOST_NETWORKS, calls_per_minute, readable};
pub use secret::{Brand, Environment, Secret};
pub use state::{Expiry, KeyState, Overlap};

/// The word of a form that limits a key to chosen scopes.
pub const ACCESS_CHOSEN: &str = "chosen";

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
    fn created_key_does_not_print_its_secret() {
        let created = CreatedKey { name: "CI".into(), secret: "sk_live_x".into() };
        assert!(!format!("{created:?}").contains("sk_live_x"));
    }
}
