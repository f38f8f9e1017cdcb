//! Cookies: what the browser sent, and the one that holds the token of its session.

use axum::http::{HeaderMap, header};
use time::Duration;

use super::{config::Config, entropy::sha256, forms};

/// The value of a cookie that the browser sent.
pub(super) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// The name of the session's cookie: with HTTPS the browser itself enforces host, path and secure transport (RFC 6265bis).
fn session_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer" } else { "foyer" }
}

/// The hash of the session token in the cookie, if there is a well-formed one.
pub(super) fn session_hash(config: &Config, headers: &HeaderMap) -> Option<[u8; 32]> {
    let token = find(headers, session_name(config))?;
    let well_formed = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    well_formed.then(|| sha256(token.as_bytes()))
}

/// Answers with the session's cookie. Without a lifetime it goes when the browser is closed.
pub(super) fn set_session(config: &Config, token: &str, lifetime: Option<Duration>) {
    let secure = if config.secure() { "; Secure" } else { "" };
    let max_age = lifetime.map(|lifetime| format!("; Max-Age={}", lifetime.whole_seconds())).unwrap_or_default();
    let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{max_age}{secure}", session_name(config));
    forms::append_header(header::SET_COOKIE, &cookie);
}
