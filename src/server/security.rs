//! The browser's doors: who may send a change, and what a page may load.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::nonce::Nonce;
use url::Url;

use super::{config::Config, state::AppState, v1};

/// Browsers that came by HTTPS once come by nothing else for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Refuses changes that another site's page sent (OWASP CSRF prevention: Fetch Metadata, then Origin), and keeps a
/// foreign `Referer` away from the redirect after a form.
pub async fn same_origin(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if v1::is_api(request.uri().path()) {
        // Its callers send a token with each request, which no other site's page can; a cookie would count for nothing.
        request.headers_mut().remove(header::COOKIE);
        return next.run(request).await;
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_same_origin(&state.config, request.headers()) {
        tracing::info!("a change that another site sent was refused");
        let text = "This request did not come from the portal itself, so nothing was changed. Open the portal and try again.";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    if changes && !refers_to_portal(&state.config, request.headers()) {
        request.headers_mut().remove(header::REFERER);
    }
    next.run(request).await
}

fn is_same_origin(config: &Config, headers: &HeaderMap) -> bool {
    match text(headers, HeaderName::from_static("sec-fetch-site")) {
        Some(site) => site == "same-origin",
        None => text(headers, header::ORIGIN).is_some_and(|origin| is_portal(config, headers, origin)),
    }
}

fn refers_to_portal(config: &Config, headers: &HeaderMap) -> bool {
    text(headers, header::REFERER).is_none_or(|referer| is_portal(config, headers, referer))
}

/// Whether an address lies within the portal: the configured one, or on http (a machine of one's own) the one asked.
fn is_portal(config: &Config, headers: &HeaderMap, address: &str) -> bool {
    let Ok(address) = address.parse::<Url>() else { return false };
    if address.origin() == config.app_url.origin() {
        return true;
    }
    let host = text(headers, header::HOST).and_then(|host| format!("http://{host}").parse::<Url>().ok());
    !config.secure() && host.is_some_and(|host| host.origin() == address.origin() && is_loopback(&host))
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The headers of every answer to a program: nothing in it is to be shown, run or kept.
pub fn api_headers(config: &Config) -> HeaderMap {
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let mut headers: HeaderMap = fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    if config.secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    headers
}

/// What a page may load, as a header on every answer, with a nonce of its own for the scripts that leptos writes.
pub async fn headers(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    // Pages whose address holds a token tell no other site where the browser came from, not even this one.
    let path = request.uri().path();
    let token_in_address = ["/invite/", "/profile/", "/reset/", "/session/", "/signin/code/", "/signin/sso/callback"]
        .iter()
        .any(|area| path.starts_with(area));
    // Browsers apply this to where a form finally leads, and this one leads to the provider of a customer.
    let form_action = match path {
        "/signin/sso" | "/signin/confirm" if state.config.sso_private_networks => "'self' https: http:",
        "/signin/sso" | "/signin/confirm" => "'self' https:",
        _ => "'self'",
    };
    let is_file = path.starts_with("/pkg/");
    let mut response = next.run(request).await;
    let status = response.status();
    let headers = response.headers_mut();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action {form_action}; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'"
    );
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, if token_in_address { "no-referrer" } else { "same-origin" }),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let (Ok(policy), false) = (HeaderValue::from_str(&policy), headers.contains_key(header::CONTENT_SECURITY_POLICY)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if state.config.secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    if !is_file && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}
