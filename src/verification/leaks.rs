//! `POST /v1/keys/leaked`: a secret scanner found keys in public, as GitHub's secret scanning partner programme reports them
//! (docs/api.md). Whoever may report is known by its signature over the whole body; nothing is read before it is verified.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;

use super::{
    cache::Hash,
    lookup::owners,
    model::is_malformed,
    store::{self, LeakedRow},
};
use crate::{
    ids::CustomerId,
    keys::{model::KeyState, recipients},
    server::{
        address::Network, audit::Event, config::LeakPolicy, entropy::sha256, outbox::Notification, scope::RequestScope, state::AppState,
        tx::TenantTx, v1::ApiError,
    },
    when::When,
};

/// The largest body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Reports in one body at most.
const REPORTS: usize = 200;

/// The route of reports.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/v1/keys/leaked", post(report))
}

/// A secret that was found. Scanners add members as time goes on, so further ones are passed over.
#[derive(Deserialize)]
struct Report {
    token: String,
    #[serde(rename = "type", default)]
    kind: String,
    /// Where; may be private, and empty.
    #[serde(default)]
    url: String,
    /// `commit`, `gist`, …
    #[serde(default)]
    source: String,
}

/// What became of it. The secret itself is not sent back.
#[derive(Serialize)]
struct Label {
    /// SHA-256 of the secret in base64.
    token_hash: String,
    token_type: String,
    label: &'static str,
}

async fn report(
    State(state): State<AppState>,
    Extension(scope): Extension<Arc<RequestScope>>,
    request: Request,
) -> Result<Json<Vec<Label>>, ApiError> {
    let (parts, body) = request.into_parts();
    // Verifying a signature costs more than refusing: whoever sends wrong ones is slowed down as with wrong tokens.
    match state.refusal_paces.wait(&scope.address.map(Network::of_subscriber), scope.now) {
        0 => {}
        wait => return Err(ApiError::too_many(wait)),
    }
    let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|_| ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    if !is_signed(&state, &parts.headers, &bytes) {
        tracing::warn!(ip = scope.ip, "a report of leaked keys was refused: nobody who may report has signed it");
        state.refusal_paces.take(scope.address.map(Network::of_subscriber), 1, scope.now).map_err(ApiError::too_many)?;
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "invalid_signature", "Nobody who may report leaked keys has signed this."));
    }
    let reports: Vec<Report> =
        serde_json::from_slice(&bytes).map_err(|error| ApiError::invalid(format!("The body is no list of reports: {error}.")))?;
    if reports.len() > REPORTS {
        return Err(ApiError::invalid(format!("Send at most {REPORTS} reports at once.")));
    }
    let hashes: Vec<Hash> = reports.iter().map(|report| sha256(report.token.as_bytes())).collect();
    let wanted = reports.iter().zip(&hashes).filter(|(report, _)| !is_malformed(&state.config.key_brand, &report.token));
    let wanted: Vec<Hash> = wanted.map(|(_, hash)| *hash).collect();
    let owners = owners(&state, &wanted).await?;
    let mut labels = Vec::with_capacity(reports.len());
    for (report, hash) in reports.iter().zip(&hashes) {
        if let Some(customer) = owners.get(hash) {
            deal_with(&state, *customer, hash, report).await?;
        }
        labels.push(Label {
            token_hash: STANDARD.encode(hash),
            token_type: report.kind.clone(),
            label: if owners.contains_key(hash) { "true_positive" } else { "false_positive" },
        });
    }
    Ok(Json(labels))
}

fn is_signed(state: &AppState, headers: &HeaderMap, bytes: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (identifier, signature) = (header("github-public-key-identifier"), header("github-public-key-signature"));
    state.config.leak_public_keys.have_signed(identifier, signature, bytes)
}

/// Revokes or flags a key and tells whom it concerns. Reported again, nothing more happens, unless the policy now takes a key
/// away that an earlier report left working.
async fn deal_with(state: &AppState, customer: CustomerId, hash: &Hash, report: &Report) -> Result<(), ApiError> {
    let mut tx = TenantTx::of_job(state, customer).await?;
    let Some(key) = store::lock_leaked(&mut tx, customer, hash).await? else { return Ok(()) };
    let now = tx.now();
    let revoke = state.config.leak_policy == LeakPolicy::Revoke && !key.life().state(now).is_final();
    if key.leaked_at.is_some() && !revoke {
        return Ok(());
    }
    let url: Option<String> =
        Some(report.url.chars().filter(|c| !c.is_control()).take(2_000).collect()).filter(|url: &String| !url.is_empty());
    let source: String = report.source.chars().filter(|c| !c.is_control()).take(80).collect();
    store::mark_leaked(&mut tx, customer, &key.key_id, url.as_deref(), revoke, now).await?;
    let recipients = recipients(&mut tx, customer).await?;
    let found = Found { url: url.as_deref(), source: &source, revoke, now };
    let event = leaked(&key, &found, &recipients, &state.config.link(&format!("/keys/{}", key.key_id)));
    Ok(tx.commit(event).await?)
}

/// Where a key was found, and what is done about it.
struct Found<'a> {
    url: Option<&'a str>,
    source: &'a str,
    revoke: bool,
    now: OffsetDateTime,
}

fn leaked(key: &LeakedRow, found: &Found<'_>, recipients: &[String], page: &str) -> Event {
    let life = key.life();
    let before = life.state(found.now);
    let action = match before {
        _ if found.revoke => "revoked",
        KeyState::Expired | KeyState::Revoked => "none",
        KeyState::Active | KeyState::Ending | KeyState::Disabled => "flagged",
    };
    let after = if found.revoke { KeyState::Revoked } else { before };
    let event = Event::new("key.leaked", key.name.as_str())
        .detail("key_id", key.key_id.as_str())
        .detail("prefix", key.prefix.as_str())
        .detail("last_four", key.last_four.as_deref())
        .detail("source", found.source)
        .detail("url", found.url)
        .detail("action", action)
        .change("state", before.as_str(), after.as_str());
    recipients.iter().fold(event, |event, email| {
        let payload = json!({
            "email": email,
            "name": key.name,
            "prefix": key.prefix,
            "last_four": key.last_four,
            "customer": key.customer_name,
            "url": page,
            "leaked_url": found.url.unwrap_or_default(),
            "action": action,
            "state": before.as_str(),
            "ends": life.ends_at().map(|at| When::new(at, found.now).exact),
        });
        event.notify(Notification::new("key_leaked", payload))
    })
}
