//! Where people whose session the SaaS opened go back to: only to origins that the configuration names.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use url::Url;

use super::{database::Scope, scope::RequestScope};
use crate::{
    error::AppError,
    portal_sessions::model::{ENDED_PAGE, ReturnTo},
};

/// The longest address that is taken.
const LONGEST: usize = 2_000;

/// The origins that may be gone back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnUrls(Vec<String>);

impl ReturnUrls {
    /// Reads the origins, separated by commas: `https://app.example.com,http://localhost:4000`.
    ///
    /// # Errors
    /// If one of them is not an origin, or neither HTTPS nor on this machine.
    pub fn parse(text: &str) -> Result<Self, String> {
        let origin = |text: &str| {
            let url = text.parse::<Url>().ok().filter(is_safe)?;
            let origin = url.origin().ascii_serialization();
            (text.trim_end_matches('/').eq_ignore_ascii_case(&origin)).then_some(origin)
        };
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| origin(word).ok_or_else(|| word.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    /// The address if it leads to one of the origins; nothing else is ever shown as a link or followed. It is compared as
    /// browsers read it, and what they would silently mend (white space, backslashes) is refused.
    pub fn allow(&self, text: &str) -> Option<Url> {
        let plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let url = text.parse::<Url>().ok().filter(|url| plain && is_safe(url))?;
        self.0.contains(&url.origin().ascii_serialization()).then_some(url)
    }
}

/// HTTPS, or a machine of one's own; no name or password in front of the host, which makes it look like another.
fn is_safe(url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    scheme && url.username().is_empty() && url.password().is_none()
}

/// The way back as pages show it.
pub fn way(url: &Url) -> ReturnTo {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    ReturnTo { host, url: url.as_str().to_owned() }
}

/// The way back of this browser's session; after its end the address says so to the SaaS, by `reason=expired`.
///
/// # Errors
/// If the database does not answer.
pub async fn way_back(request: &RequestScope) -> Result<Option<ReturnTo>, AppError> {
    let Some(token) = request.token_hash() else { return Ok(None) };
    let allowed = &request.state.config.return_urls;
    match request.session().await {
        Ok(session) => Ok(session.return_url.and_then(|url| allowed.allow(&url)).map(|url| way(&url))),
        Err(AppError::SignIn) => {
            let mut transaction = request.state.database.begin(Scope::Nobody).await?;
            let url = sqlx::query_scalar!("SELECT return_url_of($1)", token.as_slice()).fetch_one(&mut *transaction).await?;
            Ok(url.and_then(|url| allowed.allow(&url)).map(|mut url| {
                url.query_pairs_mut().append_pair("reason", "expired");
                way(&url)
            }))
        }
        Err(error) => Err(error),
    }
}

/// The middleware that leads people back who were sent to the sign-in because a session that the SaaS opened for them has
/// ended: they may have no password here. Whoever opens the sign-in on their own is left alone.
pub async fn lead_back(request: Request, next: Next) -> Response {
    let asked = request.method() == Method::GET
        && request.uri().path() == "/signin"
        && request.uri().query().is_some_and(|query| query.starts_with("next="));
    if let (true, Some(scope)) = (asked, request.extensions().get::<Arc<RequestScope>>().cloned())
        && let Ok(Some(_)) = way_back(&scope).await
    {
        return Redirect::to(ENDED_PAGE).into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls() -> ReturnUrls {
        ReturnUrls::parse("https://app.saas.example, http://localhost:4000").unwrap()
    }

    #[test]
    fn only_origins_of_the_list_are_gone_back_to() {
        for inside in [
            "https://app.saas.example",
            "https://app.saas.example/billing?tab=1#x",
            "http://localhost:4000/x",
            "https://APP.saas.example:443/",
        ] {
            assert!(urls().allow(inside).is_some(), "{inside}");
        }
        for outside in [
            "",
            "/",
            "//app.saas.example",
            "app.saas.example",
            "https://evil.example",
            "http://app.saas.example",
            "https://app.saas.example:8443/",
            "https://app.saas.example.evil.example",
            "https://evil.example/https://app.saas.example",
            "https://app.saas.example@evil.example",
            "https://evil.example#@app.saas.example",
            "https://user@app.saas.example",
            "https://evil.example\\@app.saas.example/",
            "https://app.saas.example\\@evil.example/",
            "https:\\\\app.saas.example",
            "https://app.saas.example%2eevil.example",
            "https://app.saas.example%00.evil.example",
            "https://evil.example%2f@app.saas.example",
            "https://ap\tp.saas.example/",
            "https://app.saas.example/\r\nSet-Cookie: x",
            " https://app.saas.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.saas.exämple",
            "http://localhost:4001",
            "http://127.0.0.1:4000",
            "ftp://app.saas.example",
        ] {
            assert!(urls().allow(outside).is_none(), "{outside}");
        }
        assert!(urls().allow(&format!("https://app.saas.example/{}", "x".repeat(2_000))).is_none());
        assert!(ReturnUrls::default().allow("https://app.saas.example").is_none());
    }

    #[test]
    fn list_holds_nothing_but_safe_origins() {
        assert_eq!(ReturnUrls::parse(""), Ok(ReturnUrls::default()));
        assert!(ReturnUrls::parse("https://a.example/,https://b.example:8443").is_ok());
        for wrong in ["http://a.example", "https://a.example/path", "a.example", "https://x@a.example", "*", "ftp://localhost"] {
            assert!(ReturnUrls::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn way_back_names_the_host() {
        assert_eq!(way(&urls().allow("http://localhost:4000/a?b=1").unwrap()).host, "localhost:4000");
        assert_eq!(way(&urls().allow("https://app.saas.example").unwrap()).host, "app.saas.example");
    }
}
