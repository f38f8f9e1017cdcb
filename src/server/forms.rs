//! How server functions answer plain form posts and set what leptos leaves to them.

use axum::http::{HeaderName, HeaderValue, header, request::Parts};
use leptos::{prelude::use_context, server_fn::error::ServerFnUrlError};
use leptos_axum::ResponseOptions;

use crate::error::AppError;

/// Whether the request is a form posted without JavaScript, or a page being loaded.
pub fn wants_html() -> bool {
    use_context::<Parts>()
        .and_then(|parts| parts.headers.get(header::ACCEPT)?.to_str().ok().map(|accept| accept.contains("text/html")))
        .unwrap_or(false)
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
    if let (true, Ok(url)) = (wants_html(), ServerFnUrlError::new(endpoint, error.clone()).to_url(&base)) {
        redirect(&format!("{}?{}", url.path(), url.query().unwrap_or_default()));
    }
}

/// Sends the browser to another page, with and without JavaScript. Only to paths of the portal itself.
pub fn redirect(path: &str) {
    if let Some(path) = local_path(path) {
        leptos_axum::redirect(path);
    }
}

/// The path if it leads nowhere but into this portal: it begins with one slash and holds only printable ASCII.
pub fn local_path(path: &str) -> Option<&str> {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (inside && path.bytes().all(|byte| byte.is_ascii_graphic())).then_some(path)
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
        for inside in ["/", "/team?done=invited", "/invite/0123"] {
            assert_eq!(local_path(inside), Some(inside));
        }
        for outside in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x", "javascript:alert(1)", "/ä"]
        {
            assert_eq!(local_path(outside), None, "{outside}");
        }
    }
}
