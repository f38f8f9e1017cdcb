//! What a plain form post hands to the page after it, exactly once: a cookie that is cleared when it is read. Used for
//! secrets that are shown once, when the browser runs no JavaScript; nothing of it is stored on the server.
//!
//! The next page in a browser may be somebody else's. So the cookie is sealed for one session at one customer, and goes when
//! another begins.

use axum::http::{header, request::Parts};
use leptos::prelude::use_context;

use super::{config::Config, cookie, forms, state::AppState};
use crate::ids::{CustomerId, SessionId};

/// How long the next page may take to ask for it, in seconds.
const LIFETIME_SECONDS: u32 = 60;

/// What is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The secret of a new key.
    KeySecret,
    /// The recovery codes of a second factor.
    RecoveryCodes,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::KeySecret => "key",
            Self::RecoveryCodes => "recovery",
        }
    }
}

/// What is handed over to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// What.
    pub purpose: Purpose,
    /// The session of the form.
    pub session_id: SessionId,
    /// The customer that the session was at; none of people who belong to none.
    pub customer_id: Option<CustomerId>,
}

impl Handover {
    /// Hands a text to the next page.
    pub fn keep(self, state: &AppState, text: &str) {
        let sealed = state.config.sealer.seal(&state.entropy, &self.place(), text.as_bytes());
        set(&state.config, &hex::encode(sealed), LIFETIME_SECONDS);
    }

    /// Takes what the last form post handed over; what was handed to somebody else, or for something else, stays shut.
    pub fn take(self, config: &Config) -> Option<String> {
        let sealed = hex::decode(kept(config)?).ok()?;
        let text = String::from_utf8(config.sealer.open(&self.place(), &sealed)?).ok()?;
        set(config, "", 0);
        Some(text)
    }

    fn place(self) -> String {
        let customer = self.customer_id.map(|customer| customer.to_string()).unwrap_or_default();
        format!("once:{}:{}:{customer}", self.purpose.as_str(), self.session_id)
    }
}

/// Takes away what no page has asked for: somebody else is here from now on, or the same person for another customer.
pub fn forget(config: &Config) {
    if kept(config).is_some() {
        set(config, "", 0);
    }
}

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer-once" } else { "foyer-once" }
}

fn kept(config: &Config) -> Option<String> {
    let parts = use_context::<Parts>()?;
    cookie::find(&parts.headers, cookie_name(config)).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn set(config: &Config, text: &str, max_age: u32) {
    let secure = if config.secure() { "; Secure" } else { "" };
    let cookie = format!("{}={text}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}", cookie_name(config));
    forms::append_header(header::SET_COOKIE, &cookie);
}
