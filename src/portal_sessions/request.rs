//! What `POST /v1/portal_sessions` takes, and what it means.

use serde::Deserialize;
use url::Url;

use super::model::{Flow, Refusal};
use crate::{
    field::EmailAddress,
    ids::{CustomerId, UserId},
    rights::{Scope, Scopes},
    server::{return_url::ReturnUrls, v1::ApiError},
};

/// The JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PortalSessionRequest {
    /// The customer's id.
    customer: String,
    /// A member of it, by id or e-mail address.
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    return_url: Option<String>,
    #[serde(default)]
    flow: Option<String>,
}

/// A member of a customer as a request names them.
pub(super) enum Member {
    Id(UserId),
    Email(EmailAddress),
    /// Neither an id nor an address: nobody.
    Nobody,
}

/// A request that makes sense; whether it is allowed shows in the database.
pub(super) struct NewPortalSession {
    /// `None` for what cannot be an id: such a customer does not exist either.
    pub(super) customer: Option<CustomerId>,
    pub(super) member: Option<Member>,
    pub(super) scopes: Option<Scopes>,
    pub(super) return_url: Option<Url>,
    pub(super) flow: Option<Flow>,
}

impl NewPortalSession {
    /// Reads the request.
    ///
    /// # Errors
    /// 422 with the field that is wrong and what it should be.
    pub(super) fn parse(request: &PortalSessionRequest, allowed: &ReturnUrls) -> Result<Self, ApiError> {
        let return_url = request.return_url.as_deref().map(|url| {
            allowed.allow(url).ok_or_else(|| {
                ApiError::invalid(
                    "return_url must be an https address whose origin is listed in RETURN_URLS of the portal's configuration.",
                )
            })
        });
        let flow = request.flow.as_deref().map(|flow| {
            let known = Flow::ALL.map(Flow::as_str).join(", ");
            flow.parse().map_err(|_| ApiError::invalid(format!("flow must be one of {known}.")))
        });
        Ok(Self {
            customer: request.customer.parse().ok(),
            member: request.user.as_deref().map(member),
            scopes: request.scopes.as_deref().map(scopes).transpose()?,
            return_url: return_url.transpose()?,
            flow: flow.transpose()?,
        })
    }
}

fn member(text: &str) -> Member {
    match (text.parse(), EmailAddress::parse(text)) {
        (Ok(id), _) => Member::Id(id),
        (_, Ok(email)) => Member::Email(email),
        _ => Member::Nobody,
    }
}

fn scopes(words: &[String]) -> Result<Scopes, ApiError> {
    let scope = |word: &String| {
        let known = Scope::ALL.map(Scope::as_str).join(", ");
        word.parse::<Scope>().map_err(|_| ApiError::invalid(format!("scopes must be some of {known}.")))
    };
    words.iter().map(scope).collect()
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let forbidden = |message: String| Self::new(axum::http::StatusCode::FORBIDDEN, "scope_not_allowed", message);
        match refusal {
            Refusal::NotOfToken(scope) => {
                let scope = scope.as_str();
                forbidden(format!("This token may not pass on the scope {scope}: it needs portal:{scope}."))
            }
            Refusal::NotOfRole(scope) => forbidden(format!("The role of this user does not include the scope {}.", scope.as_str())),
            Refusal::NeedsPerson(scope) => Self::invalid(format!("The scope {} needs a user.", scope.as_str())),
            Refusal::NothingAsked => Self::invalid("Name the scopes of the session: none follows from the request."),
            Refusal::MissingForFlow(scope) => Self::invalid(format!("This flow needs the scope {}.", scope.as_str())),
        }
    }
}
