//! Forms without JavaScript whose text comes back with any error, and not only with one of a field: who was too late, or for
//! whom the team is full, types nothing anew.
//!
//! Which fields these are stands here and nowhere else, so that no password, code or secret can be among them. A form is left
//! out where a page has many of it, because all of them would show the text of one, and where it changes what every company has
//! one of: on a page that was left behind for another company (page_about.rs) it would offer the one's details to the other.

use axum::{
    body::{self, Body},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, request::Parts},
};
use leptos::{prelude::use_context, server_fn::ServerFn};
use url::form_urlencoded;

use super::{forms, router::BODY_LIMIT};
use crate::{
    keys::api::{CreateKey, RenameKey, RevokeKey, UpdateLimits},
    profile::api::{ChangeEmail, RenameProfile},
    requests::api::CreateRequest,
    signin::api::{RequestReset, SignIn, codes::AskCode},
    sso::api::{domains::AddDomain, signin::StartSso},
    staff::api::AnswerTicket,
    support::api::{CreateTicket, ReplyToTicket},
    team::api::{acceptance::AcceptInvitation, invitations::InviteMember},
    typed::Typed,
};

/// The address of each form, and its fields.
const FORMS: [(&str, &[&str]); 17] = [
    (<CreateKey as ServerFn>::PATH, &["name", "environment", "expiry", "access", "scopes", "networks", "calls_per_minute"]),
    (<UpdateLimits as ServerFn>::PATH, &["access", "scopes", "networks", "calls_per_minute"]),
    (<RenameKey as ServerFn>::PATH, &["name"]),
    (<RevokeKey as ServerFn>::PATH, &["reason", "note"]),
    (<RenameProfile as ServerFn>::PATH, &["name"]),
    (<ChangeEmail as ServerFn>::PATH, &["email"]),
    (<CreateRequest as ServerFn>::PATH, &["reason"]),
    (<SignIn as ServerFn>::PATH, &["email"]),
    (<AskCode as ServerFn>::PATH, &["email"]),
    (<RequestReset as ServerFn>::PATH, &["email"]),
    (<StartSso as ServerFn>::PATH, &["email"]),
    (<AddDomain as ServerFn>::PATH, &["domain"]),
    (<AnswerTicket as ServerFn>::PATH, &["message"]),
    (<CreateTicket as ServerFn>::PATH, &["subject", "message"]),
    (<ReplyToTicket as ServerFn>::PATH, &["message"]),
    (<AcceptInvitation as ServerFn>::PATH, &["name"]),
    (<InviteMember as ServerFn>::PATH, &["email", "role"]),
];

/// In a request that posts such a form.
#[derive(Clone, Copy)]
struct ComesBack;

/// Whether what was typed comes back with whatever error the form is answered with.
pub fn text_comes_back() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<ComesBack>().is_some())
}

/// What was typed into the form that a request posts without JavaScript, and the request as it was.
///
/// # Errors
/// The status of the answer, if the form does not come to its end.
pub async fn read(request: Request) -> Result<(Typed, Request), StatusCode> {
    let Some(fields) = fields(request.method(), request.uri().path(), request.headers()) else {
        return Ok((Typed::default(), request));
    };
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(ComesBack);
    let form = body::to_bytes(body, BODY_LIMIT).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    Ok((typed(&form, fields), Request::from_parts(parts, Body::from(form))))
}

/// The fields that come back.
fn fields(method: &Method, path: &str, headers: &HeaderMap) -> Option<&'static [&'static str]> {
    if *method != Method::POST || !forms::accepts_html(headers) {
        return None;
    }
    FORMS.iter().find(|(form, _)| *form == path).map(|(_, fields)| *fields)
}

fn typed(form: &[u8], fields: &[&str]) -> Typed {
    let mut typed = Typed::default();
    for field in fields {
        // Several are the boxes that were ticked, and none is what was emptied.
        let values: Vec<String> =
            form_urlencoded::parse(form).filter(|(name, _)| key(name) == *field).map(|(_, value)| value.into_owned()).collect();
        typed.keep(field, &values.join(","));
    }
    typed
}

/// The field's own name: `email` of `form[email]`, `scopes` of `form[scopes][]`.
fn key(name: &str) -> &str {
    name.strip_prefix("form[").and_then(|rest| rest.split_once(']')).map_or(name, |(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_fields_are_kept() {
        let form = b"form[email]=a%40b.example&form[password]=violet+otter&form[scopes][]=read&form[scopes][]=write&form[next]=%2F";
        let kept = typed(form, &["email", "scopes", "role"]);
        assert_eq!((kept.value("email"), kept.value("scopes"), kept.value("role")), (Some("a@b.example"), Some("read,write"), Some("")));
        assert_eq!((kept.value("password"), kept.value("next")), (None, None));
    }

    #[test]
    fn no_secret_is_among_the_fields() {
        let secret = ["password", "current", "code", "recovery", "client_secret", "token", "next"];
        let named: Vec<&str> = FORMS.iter().flat_map(|(_, fields)| *fields).copied().filter(|field| secret.contains(field)).collect();
        assert_eq!(named, [""; 0]);
    }
}
