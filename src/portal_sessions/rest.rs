//! `POST /v1/portal_sessions`: the SaaS's back end asks for a link into the portal.

use axum::{
    Json, Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{
    events,
    model::{Code, Flow, decide},
    request::NewPortalSession,
    store::{self, MemberRow, PortalSessionInsert},
};
use crate::{
    access::Role,
    ids::PortalSessionId,
    rights::Scopes,
    server::{
        service_caller::ServiceCaller,
        state::AppState,
        telemetry,
        tx::TenantTx,
        v1::{ApiError, read_json},
    },
    service_tokens::model::TokenScope,
};

/// How long a link can be used.
const CODE_LIFETIME: Duration = Duration::minutes(15);

/// The routes of portal sessions.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/v1/portal_sessions", post(create_portal_session))
}

/// What the answer says.
#[derive(Serialize)]
struct Created {
    id: PortalSessionId,
    /// A credential: whoever has it first gets the session.
    url: String,
    /// When the link stops working.
    expires_at: String,
    /// What the session may do.
    scopes: Vec<String>,
}

async fn create_portal_session(request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = ServiceCaller::require(&parts, TokenScope::CreatePortalSessions).await?;
    let new = NewPortalSession::parse(&read_json(&parts.headers, body).await?, &caller.state().config.return_urls)?;
    let customer_id = new.customer.ok_or_else(no_customer)?;
    let mut tx = caller.begin(customer_id).await?;
    if !store::customer_exists(&mut tx, customer_id).await? {
        return Err(no_customer());
    }
    let member = match &new.member {
        Some(member) => Some(store::find_member(&mut tx, customer_id, member).await?.ok_or_else(no_user)?),
        None => None,
    };
    let role = member.as_ref().map(|member| role_of(&member.role)).transpose()?;
    let scopes = decide(new.scopes, new.flow, caller.passes_on(), role)?;
    let created = insert(&caller, &mut tx, &new, member.as_ref(), scopes).await?;
    let email = member.as_ref().map(|member| member.email.as_str());
    tx.commit(events::created(created.id, email, scopes, new.flow, caller.token_id())).await?;
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

/// Stores the session and writes the answer.
async fn insert(
    caller: &ServiceCaller,
    tx: &mut TenantTx,
    new: &NewPortalSession,
    member: Option<&MemberRow>,
    scopes: Scopes,
) -> Result<Created, ApiError> {
    let (now, words) = (caller.now(), scopes.words());
    let id = PortalSessionId::from(tx.entropy().uuid(now));
    let code = Code::of_random(tx.entropy().hex::<32>());
    let row = PortalSessionInsert {
        id,
        customer_id: tx.customer_id(),
        service_token_id: caller.token_id(),
        opened_by: caller.name(),
        user_id: member.map(|member| member.user_id),
        scopes: &words,
        return_url: new.return_url.as_ref().map(Url::as_str),
        flow: new.flow.map(Flow::as_str),
        code: &code,
        created_at: now,
        code_expires_at: now + CODE_LIFETIME,
    };
    store::insert(tx, row).await?;
    let url = caller.state().config.link(&format!("/session/{}", code.reveal()));
    Ok(Created { id, url, expires_at: moment(now + CODE_LIFETIME), scopes: words })
}

/// To the second, as programs expect it.
fn moment(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

fn role_of(word: &str) -> Result<Role, ApiError> {
    word.parse().map_err(|_| {
        let reference = telemetry::reference();
        tracing::error!(reference, "memberships holds an unknown role");
        crate::error::AppError::Internal { reference }.into()
    })
}

fn no_customer() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "customer_not_found", "There is no customer with this id.")
}

fn no_user() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "user_not_found", "No member of this customer has this id or e-mail address.")
}
