//! What a plain form post hands to the page after it, exactly once: a cookie that is cleared when it is read. Used for
//! the secret of a new key when the browser runs no JavaScript; nothing of it is stored on the server.

use axum::http::{header, request::Parts};
use leptos::prelude::use_context;

use super::{config::Config, cookie, forms};

/// How long the next page may take to ask for it, in seconds.
const LIFETIME_SECONDS: u32 = 60;

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer-once" } else { "foyer-once" }
}

/// Hands a text of cookie-safe ASCII to the next page.
pub fn keep(config: &Config, text: &str) {
    set(config, text, LIFETIME_SECONDS);
}

/// Takes what the last form post handed over.
pub fn take(config: &Config) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let text = cookie::find(&parts.headers, cookie_name(config)).filter(|text| !text.is_empty())?.to_owned();
    set(config, "", 0);
    Some(text)
}

fn set(config: &Config, text: &str, max_age: u32) {
    let secure = if config.secure() { "; Secure" } else { "" };
    let cookie = format!("{}={text}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}", cookie_name(config));
    forms::append_header(header::SET_COOKIE, &cookie);
}
