//! The guard of `/v1`: which part of the SaaS's own back end calls, and what it may do.
//!
//! A token is refused in two steps. What has not the form and checksum of a token is refused without asking anything.
//! Everything else costs one look-up by its SHA-256, whether the token is known or not; the hash says nothing about how
//! close a guess was. [`find`] is the only look-up, and what it gives is a plain value with its end in it: verification keeps
//! it in a cache (`src/verification/freshness.rs`) and asks [`admit`] each time.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    address::Network,
    audit::{Actor, ActorKind},
    caller,
    database::Scope as DatabaseScope,
    entropy::sha256,
    scope::RequestScope,
    state::AppState,
    tx::TenantTx,
    v1::ApiError,
};
use crate::{
    ids::{CustomerId, ServiceTokenId},
    rights::Scopes,
    service_tokens::model::{ServiceSecret, TokenScope, TokenState, passed_on},
};

/// A service token that was accepted, with the scope that the guard asked for.
pub struct ServiceCaller {
    request: Arc<RequestScope>,
    token: StoredToken,
}

/// What is stored about a token.
#[derive(Debug)]
pub struct StoredToken {
    id: ServiceTokenId,
    name: String,
    scopes: Vec<TokenScope>,
    expires_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    /// When its use was last noted, in seconds since 1970.
    noted_at: AtomicI64,
}

impl StoredToken {
    /// Whether it is let in at this moment.
    fn accepted(&self, now: OffsetDateTime) -> bool {
        TokenState::of(self.revoked_at, self.expires_at, now) == TokenState::Active
    }

    /// Whether its use is to be noted: once a minute.
    fn is_to_be_noted(&self, now: OffsetDateTime) -> bool {
        let (now, noted_at) = (now.unix_timestamp(), self.noted_at.load(Ordering::Relaxed));
        now - noted_at > 60 && self.noted_at.compare_exchange(noted_at, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl ServiceCaller {
    /// The guard: the first line of every route of `/v1`.
    ///
    /// # Errors
    /// 401 without a token, 401 with one and the same body for every token that is not accepted, 403 if the token lacks
    /// the scope, 429 if it calls too fast, or too many tokens were refused at its address.
    pub async fn require(parts: &Parts, scope: TokenScope) -> Result<Self, ApiError> {
        let request = caller::request_of(parts)?;
        let hash = presented(&request.state, &parts.headers, request.address, request.now)?;
        let token = match &hash {
            Some(hash) => find(&mut *request.state.database.begin(DatabaseScope::Nobody).await?, hash).await?,
            None => None,
        };
        admit(&request.state, hash.zip(token.as_ref()), scope, request.address, request.now)?;
        let token = token.ok_or_else(refused)?;
        Ok(Self { request, token })
    }

    /// The token, safe to log.
    pub fn token_id(&self) -> &ServiceTokenId {
        &self.token.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.token.name
    }

    /// What it may pass on to portal sessions.
    pub fn passes_on(&self) -> Scopes {
        passed_on(&self.token.scopes)
    }

    /// The moment at which the request arrived.
    pub fn now(&self) -> OffsetDateTime {
        self.request.now
    }

    /// The process's shared parts.
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// Begins a change of a customer's data. The id comes from the request: whether there is such a customer shows when
    /// it is looked for.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self, customer_id: CustomerId) -> Result<TenantTx, ApiError> {
        let transaction = self.request.state.database.begin(DatabaseScope::Customer(customer_id)).await?;
        let actor =
            Actor { kind: ActorKind::Key, user_id: None, name: self.name().to_owned(), ip: self.request.ip.clone(), session_id: None };
        Ok(TenantTx::new(transaction, self.request.state.clone(), customer_id, actor, self.request.now))
    }
}

fn missing() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "missing_token", "Send a service token: Authorization: Bearer foyer_svc_….")
}

/// One answer for malformed, unknown, expired and revoked tokens.
fn refused() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", "This service token is not accepted.")
}

/// The SHA-256 of a service token.
pub type TokenHash = [u8; 32];

/// The token that a request carries, as it is looked up; `None` if what it carries cannot be one.
///
/// # Errors
/// 401 without any, 429 if too many were refused at this address. Whoever sends wrong tokens all the time is not looked up any
/// more; tokens that were in use here still are.
pub fn presented(
    state: &AppState,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<Option<TokenHash>, ApiError> {
    let header = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let sent = header.to_str().ok().and_then(|header| header.split_once(' '));
    let secret = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).and_then(|(_, token)| ServiceSecret::parse(token));
    let hash = secret.map(|secret| sha256(secret.reveal().as_bytes()));
    let wait = state.refusal_paces.wait(&address.map(Network::of_subscriber), now);
    if wait > 0 && !hash.is_some_and(|hash| state.token_paces.knows(&hash)) {
        return Err(ApiError::too_many(wait));
    }
    Ok(hash)
}

/// Lets a token in that was looked up, if it is accepted at this moment, calls at its pace and has the scope; and notes its use.
///
/// # Errors
/// As [`ServiceCaller::require`].
pub fn admit(
    state: &AppState,
    token: Option<(TokenHash, &StoredToken)>,
    scope: TokenScope,
    address: Option<IpAddr>,
    now: OffsetDateTime,
) -> Result<(), ApiError> {
    let Some((hash, token)) = token.filter(|(_, token)| token.accepted(now)) else {
        tracing::info!(?address, "a service token was refused");
        state.refusal_paces.take(address.map(Network::of_subscriber), 1, now).map_err(ApiError::too_many)?;
        return Err(refused());
    };
    if let Err(wait) = state.token_paces.take(hash, scope.cost(), now) {
        tracing::info!(token = %token.id, %scope, "a service token calls too fast");
        return Err(ApiError::too_many(wait));
    }
    if !token.scopes.contains(&scope) {
        tracing::info!(token = %token.id, %scope, "a service token lacks a scope");
        return Err(ApiError::new(StatusCode::FORBIDDEN, "missing_scope", format!("This token needs the scope {scope}.")));
    }
    if token.is_to_be_noted(now) {
        tokio::spawn(note_use(state.clone(), token.id.clone(), now));
    }
    Ok(())
}

/// Looks a token up.
///
/// # Errors
/// If the database does not answer.
pub async fn find(connection: &mut PgConnection, token_hash: &TokenHash) -> Result<Option<StoredToken>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT service_token_id AS "id: ServiceTokenId",
               name,
               scopes,
               expires_at,
               last_used_at,
               revoked_at
          FROM service_tokens
         WHERE token_hash = $1
        "#,
        token_hash.as_slice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| StoredToken {
        id: row.id,
        name: row.name,
        // A word that this version does not know gives nothing.
        scopes: row.scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        noted_at: AtomicI64::new(row.last_used_at.map_or(0, OffsetDateTime::unix_timestamp)),
    }))
}

/// Notes that the token is in use; beside the request, at most once a minute.
async fn note_use(state: AppState, id: ServiceTokenId, now: OffsetDateTime) {
    let noted = async {
        let mut transaction = state.database.begin(DatabaseScope::Nobody).await?;
        sqlx::query!("UPDATE service_tokens SET last_used_at = $2 WHERE service_token_id = $1", id.as_str(), now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "could not note the last use of a service token");
    }
}
