//! A layer for axum that lets only calls with a good key through.
//!
//! The portal keeps what it knows in memory and answers within a millisecond, and it hears of a revoked key within a second, so
//! nothing is cached here: a cache of one's own would be one more place where a revoked key lives on.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::portal::{Portal, Question, Verdict};

/// What a route asks of its callers.
#[derive(Clone)]
pub struct Gate {
    /// Whom to ask.
    pub portal: Portal,
    /// The scope that a key needs.
    pub scope: &'static str,
    /// How many calls of the customer's plan one call uses.
    pub cost: u32,
    /// What to do when the portal does not answer.
    pub on_outage: OnOutage,
}

/// What to do when there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOutage {
    /// Answer 503: nobody gets in unknown. Right wherever a key protects somebody's data.
    Refuse,
    /// Let the call in without knowing whose it is: only for what would be public anyway.
    LetIn,
}

/// Who calls; handlers take it as `Extension<Caller>`.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The customer.
    pub customer_id: String,
    /// The key, safe to log.
    pub key_id: String,
    /// Whether it is for trying out: nothing real may come of such a call.
    pub is_test: bool,
}

/// The layer: `route_layer(from_fn_with_state(gate, require_key))`.
pub async fn require_key(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let Some(key) = key_of(&request).map(str::to_owned) else {
        return refuse(StatusCode::UNAUTHORIZED, "missing_key", "Send your API key: Authorization: Bearer ….");
    };
    // Behind a balancer: the address that it tells, and only if it is yours.
    let ip = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let question = Question { key: &key, scope: Some(gate.scope), ip, cost: Some(gate.cost) };
    match gate.portal.verify(question).await {
        Ok(Verdict { valid: true, customer_id: Some(customer_id), key_id: Some(key_id), environment, limits, .. }) => {
            let is_test = environment.as_deref() == Some("test");
            request.extensions_mut().insert(Caller { customer_id, key_id, is_test });
            let mut response = next.run(request).await;
            if let Some(limits) = limits {
                response.headers_mut().insert(HeaderName::from_static("x-ratelimit-remaining"), HeaderValue::from(limits.remaining));
            }
            response
        }
        Ok(verdict) => answer_to(&verdict),
        Err(error) => {
            eprintln!("no verdict: {error}");
            match gate.on_outage {
                OnOutage::Refuse => refuse(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Keys cannot be checked right now. Try again."),
                OnOutage::LetIn => next.run(request).await,
            }
        }
    }
}

fn key_of(request: &Request) -> Option<&str> {
    let (scheme, key) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key)
}

/// What the caller is told: they hold the key, so they may know what is wrong with it.
fn answer_to(verdict: &Verdict) -> Response {
    let code = verdict.code.as_str();
    match code {
        "wrong_scope" => refuse(StatusCode::FORBIDDEN, code, "This key may not do that."),
        "wrong_address" => refuse(StatusCode::FORBIDDEN, code, "This key may not be used from this address."),
        "rate_limited" | "over_limit" => {
            let until = verdict.limits.as_ref().map_or("later", |limits| limits.reset_at.as_str());
            refuse(StatusCode::TOO_MANY_REQUESTS, code, &format!("The calls of this key or plan are used up until {until}."))
        }
        "disabled" => refuse(StatusCode::UNAUTHORIZED, code, "This key is switched off."),
        "expired" => refuse(StatusCode::UNAUTHORIZED, code, "This key has expired."),
        "revoked" => refuse(StatusCode::UNAUTHORIZED, code, "This key was revoked."),
        _ => refuse(StatusCode::UNAUTHORIZED, "unknown_key", "This is no key of ours."),
    }
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}
