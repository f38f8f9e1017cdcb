//! Errors of forms posted without JavaScript travel in the address of the page that follows (`?__path=…&__err=…`, leptos).
//! Anybody can write such an address, and with it words into a page of ours. So the answer to the form also sets a cookie
//! with the hash of the error, and an address whose error does not match it is answered by the same page without.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use url::form_urlencoded;

use super::{config::Config, cookie, entropy::sha256, state::AppState};

/// How long the browser may take to the page that shows the error, in seconds.
const LIFETIME_SECONDS: u32 = 60;

/// Marks the errors that leave and refuses those that were not marked for this browser.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if *request.method() == Method::GET
        && let Some(error) = error_in(request.uri().query())
        && cookie::find(request.headers(), cookie_name(&state.config)) != Some(&mark(&error))
    {
        return Redirect::to(&without_error(request.uri().path(), request.uri().query())).into_response();
    }
    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    if let Some(error) = location.and_then(|location| error_in(location.split_once('?').map(|(_, query)| query))) {
        let secure = if state.config.secure() { "; Secure" } else { "" };
        let (name, mark) = (cookie_name(&state.config), mark(&error));
        let cookie = format!("{name}={mark}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LIFETIME_SECONDS}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer-error" } else { "foyer-error" }
}

fn mark(error: &str) -> String {
    hex::encode(sha256(error.as_bytes()))
}

fn error_in(query: Option<&str>) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes()).find(|(name, _)| name == "__err").map(|(_, error)| error.into_owned())
}

/// The same address, always inside the portal, without the error.
fn without_error(path: &str, query: Option<&str>) -> String {
    let kept = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(name, _)| name != "__err" && name != "__path");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    let path = format!("/{}", path.trim_start_matches('/'));
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_keeps_everything_but_the_error() {
        assert_eq!(without_error("/team", Some("q=a+b&__path=%2Fapi&__err=eyJ9&page=2")), "/team?q=a+b&page=2");
        assert_eq!(without_error("//evil.example", Some("__err=x")), "/evil.example");
    }
}
