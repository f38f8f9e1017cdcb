//! What the pages show. Texts are made on the server.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CatalogueEntry, Environment, KeyState};
use crate::{ids::KeyId, page::Page, when::When};

/// By which states the list can be narrowed: the word in the address and what it says.
pub const STATE_FILTERS: [(&str, &str); 7] = [
    ("", "Current keys"),
    ("active", "Active"),
    ("ending", "Ending after a rotation"),
    ("disabled", "Disabled"),
    ("expired", "Expired"),
    ("revoked", "Revoked"),
    ("all", "All keys"),
];

/// The states that a word of [`STATE_FILTERS`] stands for; an unknown one stands for the current keys.
#[cfg(feature = "ssr")]
pub fn states(word: &str) -> &'static [&'static str] {
    match word {
        "active" => &["active"],
        "ending" => &["ending"],
        "disabled" => &["disabled"],
        "expired" => &["expired"],
        "revoked" => &["revoked"],
        "all" => &["active", "ending", "disabled", "expired", "revoked"],
        _ => &["active", "ending", "disabled"],
    }
}

/// A key; nothing of the secret but what people recognize it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key.
    pub id: KeyId,
    /// The name that people gave it.
    pub name: String,
    /// What is known of it: `sk_live_1a2b3c4d…9f0e`.
    pub masked: String,
    /// What it is for.
    pub environment: Environment,
    /// Where it stands.
    pub state: KeyState,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created: When,
    /// When a program last used it.
    pub last_used: Option<When>,
    /// From which address; empty where that is not known.
    pub last_ip: String,
    /// When it ends, or ended.
    pub ends: Option<When>,
    /// Accepted calls in each of the last 24 hours.
    pub hours: Vec<i64>,
    /// The same in words.
    pub calls: String,
    /// Calls refused in the same time, in words; empty for none.
    pub refused: String,
    /// The key that took its place.
    pub successor: Option<Related>,
    /// The key whose place it took.
    pub predecessor: Option<Related>,
}

/// The page of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The keys.
    pub keys: Page<Key>,
    /// Whether the list is narrowed, or begins with a later page.
    pub narrowed: bool,
    /// Whether there are keys, though none is listed.
    pub others: bool,
    /// Whether the person who looks may change them.
    pub manages: bool,
    /// A key that was just made by a form without JavaScript; shown once.
    pub created: Option<CreatedKey>,
    /// What a new key can be limited to.
    pub choices: Choices,
}

/// What can be chosen for a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The SaaS's scopes; empty if there are none.
    pub scopes: Vec<CatalogueEntry>,
    /// When it can end: the word in forms and what it says, with the day.
    pub expiries: Vec<(String, String)>,
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

/// The page of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The key.
    pub key: Key,
    /// Whether the person who looks may change it.
    pub manages: bool,
    /// What it may be used for, in words; `None` is everything.
    pub scopes: Option<Vec<String>>,
    /// The same as words of the catalogue, for the form.
    pub chosen: Vec<String>,
    /// Where it may be used from; empty is everywhere.
    pub networks: Vec<String>,
    /// The most calls in a minute; empty for no limit.
    pub calls_per_minute: String,
    /// What can be chosen.
    pub choices: Choices,
    /// Why it was revoked; empty if it was not, or nobody said.
    pub revoked_reason: String,
    /// Where it was found in public; `None` if it was not.
    pub leaked: Option<String>,
    /// How it is used now, in a sentence that stands in the question before it is taken away.
    pub use_now: String,
    /// Whether no other key is accepted in the live environment.
    pub is_last: bool,
    /// The calls of the last 24 hours: the hour and how many.
    pub hours: Vec<(String, i64)>,
    /// The calls that were refused in the last seven days, the latest first.
    pub refused: Vec<Refused>,
    /// Of a key in its overlap: who still uses it.
    pub old_use: Option<OldUse>,
    /// A successor that was just made by a form without JavaScript; shown once.
    pub created: Option<CreatedKey>,
}

/// A key that somebody made and that has not ended, for those who decide what becomes of their work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeKey {
    /// The key.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// Whether it is switched off. Whoever may change keys can switch it on.
    pub disabled: bool,
}

/// A key before or after this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The key.
    pub id: KeyId,
    /// What is known of it.
    pub masked: String,
}

/// Who still uses a key that was rotated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldUse {
    /// Whether no call came for 24 hours, let in or refused, so that it is safe to revoke.
    pub idle: bool,
    /// From where, in the last 24 hours: the address, how many calls, when last.
    pub from: Vec<RefusedFrom>,
    /// How many addresses are left out, in words; empty for none.
    pub more: String,
    /// What that means.
    pub verdict: String,
    /// The overlap that one click gives it, and what the button says; `None` if it cannot go on for longer.
    pub extend: Option<(String, String)>,
}

/// Calls that were refused for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The reason in two or three words.
    pub title: String,
    /// What it means, in a sentence.
    pub text: String,
    /// How often, in words.
    pub count: String,
    /// When last.
    pub last: When,
    /// From where.
    pub from: Vec<RefusedFrom>,
    /// How many addresses are left out, in words; empty for none.
    pub more: String,
    /// What mends it.
    pub mend: Mend,
}

/// An address from which a key was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFrom {
    /// The address; empty where it is not known.
    pub ip: String,
    /// How often, in words.
    pub count: String,
    /// When last.
    pub last: When,
    /// Whether one click allows it.
    pub can_be_allowed: bool,
}

/// The one action that mends a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mend {
    /// None is needed any more.
    Mended,
    /// Another key.
    Create,
    /// The key that took its place.
    Successor(KeyId),
    /// Switching it on.
    Enable,
    /// The buttons beside the addresses.
    Address,
    /// Other limits.
    Limits,
    /// A larger plan.
    Upgrade,
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
