//! How server functions answer plain form posts and set what leptos leaves to them.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use leptos::{prelude::use_context, server_fn::error::ServerFnUrlError};
use leptos_axum::ResponseOptions;

use url::{Url, form_urlencoded::byte_serialize};

use super::{form_errors, typed_forms};
use crate::error::AppError;

/// The longest path to which a form may lead, in bytes.
const LONGEST_PATH: usize = 2_000;

/// Whether the request is a form posted without JavaScript, or a page being loaded.
pub fn wants_html() -> bool {
    use_context::<Parts>().is_some_and(|parts| accepts_html(&parts.headers))
}

/// Whether a browser wants a page, with these headers.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Where a plain form post goes after its success (post, redirect, get). Does nothing when the page itself called.
pub fn after_post(path: &str) {
    if wants_html() {
        redirect(path);
    }
}

/// Where a plain form post goes back to after its failure, for pages whose address is a secret and which therefore send
/// no `Referer`: leptos would lead to the dashboard and lose the error. Does nothing when the page itself called.
pub fn back_after_failed_post(page: &str, endpoint: &str, error: &AppError) {
    let base = format!("http://portal{page}");
    if let (true, Ok(url)) = (wants_html(), ServerFnUrlError::new(endpoint, error.clone()).to_url(&base))
        && let Some(path) = local_path(url.path())
    {
        // However long the error is: it is shortened when the answer leaves.
        leptos_axum::redirect(&format!("{path}?{}", url.query().unwrap_or_default()));
    }
}

/// Leads a plain form post to the page that asks for the password, and from there back to the page of the form. A form whose
/// text comes back goes to its own page: the way round would lose it, and what is wrong there leads to the password beside it.
pub fn lead_to_confirmation() {
    if wants_html() && !typed_forms::text_comes_back() {
        redirect(&format!("/signin/confirm?next={}", byte_serialize(page_of_form().as_bytes()).collect::<String>()));
    }
}

/// The page from which a form was posted, without what an earlier post has left in its address.
fn page_of_form() -> String {
    let referer = use_context::<Parts>().and_then(|parts| parts.headers.get(header::REFERER)?.to_str().ok()?.parse::<Url>().ok());
    let Some(mut page) = referer else { return "/".to_owned() };
    let kept: Vec<(String, String)> = page
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "__path" | "__err" | "done"))
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    page.set_query(None);
    if !kept.is_empty() {
        page.query_pairs_mut().extend_pairs(kept);
    }
    let path = page.query().map_or_else(|| page.path().to_owned(), |query| format!("{}?{query}", page.path()));
    local_path(&path).unwrap_or("/").to_owned()
}

/// The path of the page that is being rendered; that of the server function when the browser calls one.
pub fn path_of_request() -> String {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// Sends the browser to another page, with and without JavaScript. Only to paths of the portal itself, and without the error
/// of a form: where a sign-in leads back to came with the request, and the error in it would be marked as ours.
pub fn redirect(path: &str) {
    if let Some(path) = local_path(path) {
        leptos_axum::redirect(&form_errors::without(path));
    }
}

/// Sends the browser to another site, which the portal itself has chosen: never to an address that came with the request.
pub fn leave_for(address: &str) {
    if address.len() <= 4 * LONGEST_PATH && address.bytes().all(|byte| byte.is_ascii_graphic()) {
        leptos_axum::redirect(address);
    }
}

/// The path if it leads nowhere but into this portal: it begins with one slash, holds only printable ASCII, and a browser
/// that resolves it stays at the same origin, at a path that begins with one slash as well: two of them in the browser's history
/// would name another site. Checked on the value that is used, after all decoding: the framework decodes parts of an address
/// twice.
pub fn local_path(path: &str) -> Option<&str> {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let printable = path.len() <= LONGEST_PATH && path.bytes().all(|byte| byte.is_ascii_graphic());
    let portal = Url::parse("http://portal/").ok()?;
    let stays = |url: Url| url.origin() == portal.origin() && !url.path().starts_with("//");
    (inside && printable && portal.join(path).is_ok_and(stays)).then_some(path)
}

/// Adds a header to the answer.
pub fn append_header(name: HeaderName, value: &str) {
    match (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) {
        (Some(response), Ok(value)) => response.append_header(name, value),
        _ => tracing::error!(%name, "a header could not be added to the answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn redirects_stay_inside_the_portal() {
        for inside in ["/", "/team?done=invited", "/invite/0123", "/a//b", "/keys/../team", "/team?next=//a"] {
            assert_eq!(local_path(inside), Some(inside));
        }
        for outside in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/.//evil.example/x",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/.%2F/../..//evil.example",
            "/./\\evil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
            "/ä",
        ] {
            assert_eq!(local_path(outside), None, "{outside}");
        }
    }
}
