//! `POST /v1/keys/verify`. The SaaS waits for it on each of its own requests, so it does without the layers that pages need and
//! sets itself what they would: the request's id, a limit on the body and on time, JSON for every error, the headers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    model::{Code, LARGEST_COST, Question},
    rates::Left,
    verifier::{Verdict, Verifier},
};
use crate::{
    ids::{CustomerId, KeyId},
    server::{
        address, security,
        service_caller::{admit as admit_token, presented},
        state::AppState,
        v1::{ApiError, read_json},
    },
    service_tokens::model::TokenScope,
};

/// A question that has not arrived after this time is not waited for.
const TIME_LIMIT: Duration = Duration::from_secs(10);

struct Desk {
    verifier: Arc<Verifier>,
    headers: HeaderMap,
    /// Ids of requests are this and a running number: unique, and cheaper than new randomness each time.
    process: String,
    requests: AtomicU64,
}

/// The route, apart from those that go through the layers of pages.
pub(crate) fn routes(state: &AppState) -> Router {
    let desk = Desk {
        verifier: Verifier::new(state),
        headers: security::api_headers(&state.config),
        process: state.entropy.hex::<8>(),
        requests: AtomicU64::new(1),
    };
    Router::new().route("/v1/keys/verify", post(verify).fallback(other_method)).with_state(Arc::new(desk))
}

/// What the answer says; every member is always there.
#[derive(Serialize)]
struct Answer<'a> {
    valid: bool,
    code: Code,
    key_id: Option<&'a KeyId>,
    customer_id: Option<CustomerId>,
    environment: Option<&'static str>,
    /// `null`: everything.
    scopes: Option<&'a [String]>,
    expires_at: Option<String>,
    limits: Option<Limits>,
}

#[derive(Serialize)]
struct Limits {
    remaining: i64,
    reset_at: String,
}

async fn verify(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let response = answer(&desk.verifier, &parts, body).await.unwrap_or_else(IntoResponse::into_response);
    desk.verifier.times.note(began.elapsed());
    desk.finish(response)
}

async fn other_method(State(desk): State<Arc<Desk>>) -> Response {
    let mut response = ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    desk.finish(response)
}

impl Desk {
    fn next_id(&self) -> String {
        format!("{}-{:x}", self.process, self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// What every answer carries.
    fn finish(&self, mut response: Response) -> Response {
        let id = self.next_id();
        let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        if response.status().is_server_error() {
            tracing::warn!(id, status = response.status().as_u16(), "a key could not be verified");
        }
        let headers = response.headers_mut();
        headers.extend(self.headers.clone());
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert("x-request-id", id);
        }
        if unavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

async fn answer(verifier: &Arc<Verifier>, parts: &Parts, body: Body) -> Result<Response, ApiError> {
    verifier.start();
    admit(verifier, parts).await?;
    let question: Question = tokio::time::timeout(TIME_LIMIT, read_json(&parts.headers, body))
        .await
        .map_err(|_| ApiError::of_status(StatusCode::REQUEST_TIMEOUT))??;
    if question.cost.is_some_and(|cost| cost > LARGEST_COST) {
        return Err(ApiError::invalid(format!("The field cost is a whole number from 0 to {LARGEST_COST}.")));
    }
    let verdict =
        verifier.judge(&question, asks_anew(&parts.headers)).await.map_err(|_| ApiError::of_status(StatusCode::SERVICE_UNAVAILABLE))?;
    let json = serde_json::to_vec(&Answer::of(&verdict)).map_err(|_| ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response())
}

/// The guard: a service token that may verify keys. As [`crate::server::service_caller::ServiceCaller::require`], through the cache.
async fn admit(verifier: &Verifier, parts: &Parts) -> Result<(), ApiError> {
    let state = &verifier.state;
    let (now, peer) = (state.clock.now(), parts.extensions.get::<ConnectInfo<SocketAddr>>());
    let address = peer.map(|peer| address::of_client(peer.0.ip(), &parts.headers, &state.config.trusted_proxies));
    let hash = presented(state, &parts.headers, address, now)?;
    let token = match hash {
        Some(hash) => verifier.token(hash).await?,
        None => None,
    };
    admit_token(state, hash.zip(token.as_deref()), TokenScope::VerifyKeys, address, now)
}

/// Whether the caller wants an answer from the database itself (RFC 9111, 5.2.1.4).
fn asks_anew(headers: &HeaderMap) -> bool {
    let directives =
        headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    directives.map(str::trim).any(|directive| directive.eq_ignore_ascii_case("no-cache") || directive.eq_ignore_ascii_case("no-store"))
}

impl<'a> Answer<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let key = verdict.key.as_deref();
        Self {
            valid: verdict.code == Code::Valid,
            code: verdict.code,
            key_id: key.map(|key| &key.id),
            customer_id: key.map(|key| key.customer_id),
            environment: key.map(|key| key.environment.as_str()),
            scopes: key.and_then(|key| key.scopes.as_deref()),
            expires_at: key.and_then(|key| key.life.ends_at()).map(moment),
            limits: verdict.left.map(|Left { remaining, reset_at }| Limits { remaining, reset_at: moment(reset_at) }),
        }
    }
}

fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
