//! Errors of forms posted without JavaScript travel in the address of the page that follows (`?__path=…&__err=…`, leptos).
//! Anybody can write such an address, and with it words into a page of ours. So the answer to the form also sets a cookie
//! with the hash of the error, and an address whose error does not match it is answered by the same page without.
//!
//! What was typed goes with the error (typed_forms.rs), so it is shown to nobody but the browser that has just posted it.
//!
//! An error with a long text in it would be cut on its way: proxies take addresses of some kilobytes only. It stays in Redis,
//! and the address holds the hash in its place.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use leptos::{prelude::FromServerFnError, server_fn::error::ServerFnUrlError};
use redis::AsyncCommands;
use url::form_urlencoded;

use super::{
    config::Config,
    cookie,
    entropy::sha256,
    forms,
    redis::{Redis, limited},
    scope::RequestScope,
    state::AppState,
    typed_forms,
};
use crate::{
    error::KeptError,
    typed::{Returned, Typed},
};

/// For how long the page that follows can show the error, also anew, in seconds.
const LIFETIME_SECONDS: u32 = 600;
/// The longest error that travels in an address, in bytes.
const LONGEST_IN_ADDRESS: usize = 2_000;
/// The longest error that is kept, in bytes. The page gets it in its address, which ends at 64 KiB within the process.
const LONGEST_KEPT: usize = 60_000;
/// Stands in the address before the hash of an error that is kept. No error begins like this: they are base64 for addresses.
const KEPT: &str = "kept.";

/// Marks the errors that leave and refuses those that were not marked for this browser.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let scope = request.extensions().get::<Arc<RequestScope>>().cloned();
    if *request.method() == Method::GET
        && let Some(said) = FormError::find(request.uri().query())
        && show(&state, scope.as_deref(), &mut request, &said).await.is_none()
    {
        let without = address(request.uri().path(), request.uri().query(), None);
        return Redirect::to(forms::local_path(&without).unwrap_or("/")).into_response();
    }
    let (typed, request) = match typed_forms::read(request).await {
        Ok(read) => read,
        Err(status) => return status.into_response(),
    };
    let mut response = next.run(request).await;
    send_off(&state, scope.as_deref(), response.headers_mut(), typed).await;
    response
}

/// What stands in an address about a form.
struct FormError {
    /// The server function.
    path: String,
    /// The error itself, or which one is kept.
    error: String,
}

impl FormError {
    /// The last one, as leptos takes it: the address of the form's page may hold an earlier one.
    fn find(query: Option<&str>) -> Option<Self> {
        let (mut path, mut error) = (None, None);
        for (name, value) in form_urlencoded::parse(query?.as_bytes()) {
            match name.as_ref() {
                "__path" => path = Some(value.into_owned()),
                "__err" => error = Some(value.into_owned()),
                _ => {}
            }
        }
        Some(Self { path: path.unwrap_or_default(), error: error? })
    }
}

/// Lets the page see the error if it was marked for this browser; `None` if it was not, or is no longer kept.
async fn show(state: &AppState, scope: Option<&RequestScope>, request: &mut Request, said: &FormError) -> Option<()> {
    let marked = cookie::find(request.headers(), cookie_name(&state.config))?;
    let Some(kept) = said.error.strip_prefix(KEPT) else { return (mark(&said.error) == marked).then_some(()) };
    if kept != marked {
        return None;
    }
    let error = state.redis.get_many(&[place(scope?)?]).await.ok()?.pop()??;
    if mark(&error) != marked {
        return None;
    }
    let whole = FormError { path: said.path.clone(), error };
    *request.uri_mut() = Uri::try_from(address(request.uri().path(), request.uri().query(), Some(&whole))).ok()?;
    request.extensions_mut().insert(KeptError(whole.error));
    Some(())
}

/// Adds what was typed to the error in the address to which an answer leads, if it holds one, shortens it and marks it for the
/// browser.
async fn send_off(state: &AppState, scope: Option<&RequestScope>, headers: &mut HeaderMap, typed: Typed) -> Option<()> {
    let (page, query) = headers.get(header::LOCATION)?.to_str().ok()?.split_once('?')?;
    let mut sent = FormError::find(Some(query))?;
    let returned = Returned::new(ServerFnUrlError::decode_err(&sent.error), typed);
    sent.error = URL_SAFE.encode(returned.ser());
    let mut mark_of_sent = mark(&sent.error);
    if sent.error.len() > LONGEST_IN_ADDRESS {
        if keep(&state.redis, scope, &sent.error).await {
            sent.error = format!("{KEPT}{mark_of_sent}");
        } else {
            sent.error = without_long_texts(returned);
            mark_of_sent = mark(&sent.error);
        }
    }
    let location = HeaderValue::from_str(&address(page, Some(query), Some(&sent))).ok()?;
    let secure = if state.config.secure() { "; Secure" } else { "" };
    let name = cookie_name(&state.config);
    let cookie = format!("{name}={mark_of_sent}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LIFETIME_SECONDS}{secure}");
    headers.append(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    headers.insert(header::LOCATION, location);
    Some(())
}

/// Keeps an error for its browser. Only for who is signed in, and one for each session: nobody can fill Redis with it.
async fn keep(redis: &Redis, scope: Option<&RequestScope>, error: &str) -> bool {
    let Some(scope) = scope else { return false };
    let (Some(place), true, true) = (place(scope), scope.is_signed_in(), error.len() <= LONGEST_KEPT) else { return false };
    let (mut connection, key) = (redis.connection(), redis.key(&place));
    limited(async move { connection.set_ex::<_, _, ()>(key, error, u64::from(LIFETIME_SECONDS)).await }).await.is_ok()
}

/// Where the error of a session is kept.
fn place(scope: &RequestScope) -> Option<String> {
    scope.token_hash().map(|hash| format!("form_error:{}", hex::encode(hash)))
}

/// The same error with the longest of what was typed left out, until it fits into an address.
fn without_long_texts(mut error: Returned) -> String {
    let mut shorter = URL_SAFE.encode(error.ser());
    while shorter.len() > LONGEST_IN_ADDRESS && error.forget_longest() {
        shorter = URL_SAFE.encode(error.ser());
    }
    shorter
}

/// A path without the error of a form.
pub fn without(path: &str) -> Cow<'_, str> {
    match path.split_once('?') {
        Some((page, query)) if FormError::find(Some(query)).is_some() => address(page, Some(query), None).into(),
        _ => path.into(),
    }
}

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-foyer-error" } else { "foyer-error" }
}

fn mark(error: &str) -> String {
    hex::encode(sha256(error.as_bytes()))
}

/// A page with the rest of its query and this error instead of the ones that were there.
fn address(page: &str, query: Option<&str>, error: Option<&FormError>) -> String {
    let rest = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).filter(|(name, _)| name != "__err" && name != "__path");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(rest);
    if let Some(FormError { path, error }) = error {
        query.append_pair("__path", path).append_pair("__err", error);
    }
    let query = query.finish();
    if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::AppError;

    #[test]
    fn address_keeps_everything_but_earlier_errors() {
        let query = Some("q=a+b&__path=%2Fapi&__err=eyJ9&page=2");
        assert_eq!(address("/team", query, None), "/team?q=a+b&page=2");
        assert_eq!(address("/team", Some("__err=x"), None), "/team");
        let error = FormError { path: "/api/x".to_owned(), error: "eyJ8".to_owned() };
        assert_eq!(address("/team", query, Some(&error)), "/team?q=a+b&page=2&__path=%2Fapi%2Fx&__err=eyJ8");
    }

    #[test]
    fn the_last_error_of_an_address_counts() {
        let found = FormError::find(Some("__path=%2Fa&__err=first&__path=%2Fb&__err=last")).unwrap();
        assert_eq!((found.path.as_str(), found.error.as_str()), ("/b", "last"));
        assert!(FormError::find(Some("__path=%2Fa")).is_none());
    }

    #[test]
    fn texts_are_left_out_until_the_error_fits() {
        let error = AppError::invalid("subject", "Subject is empty. Fill it in.");
        let error = error.keeping("message", &"ü".repeat(5_000)).keeping("note", "short");
        let shorter = without_long_texts(Returned::new(error, Typed::default()));
        let left = AppError::invalid("subject", "Subject is empty. Fill it in.").keeping("note", "short");
        assert_eq!(ServerFnUrlError::<Returned>::decode_err(&shorter), Returned::new(left, Typed::default()));
        let mut typed = Typed::default();
        typed.keep("message", &"ü".repeat(5_000));
        let shorter = without_long_texts(Returned::new(AppError::NotFound, typed));
        assert_eq!(ServerFnUrlError::<Returned>::decode_err(&shorter), Returned::new(AppError::NotFound, Typed::default()));
    }
}
