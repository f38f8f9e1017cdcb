//! A secret by which a browser is known again that nobody has signed in with yet: what was asked for in it can be finished
//! nowhere else.

use axum::http::{header, request::Parts};
use leptos::prelude::use_context;
use time::Duration;

use super::{config::Config, cookie, forms};

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer-browser" } else { "foyer-browser" }
}

/// Gives the browser its secret: 64 hex characters.
pub fn keep(config: &Config, secret: &str, lifetime: Duration) {
    let secure = if config.secure() { "; Secure" } else { "" };
    let (name, max_age) = (cookie_name(config), lifetime.whole_seconds());
    // Lax, so that it comes along when a link in a mail is followed.
    forms::append_header(header::SET_COOKIE, &format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}"));
}

/// The secret of the browser that asks.
pub fn find(config: &Config) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let secret = cookie::find(&parts.headers, cookie_name(config))?;
    (secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| secret.to_owned())
}

/// Takes the secret away again.
pub fn forget(config: &Config) {
    keep(config, "", Duration::ZERO);
}
