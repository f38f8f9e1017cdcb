//! The guard of `/v1`: which part of the SaaS's own back end calls, and what it may do.
//!
//! A token is refused in two steps. What has not the form and checksum of a token is refused without asking anything.
//! Everything else costs one look-up by its SHA-256, whether the token is known or not; the hash says nothing about how
//! close a guess was. [`find`] is the only look-up, and what it gives is a plain value with its end in it: verification keeps
//! it in a cache (`src/verification/freshness.rs`) and asks [`admit`] each time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use time::OffsetDateTime;

use super::{
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
    /// the scope.
    pub async fn require(parts: &Parts, scope: TokenScope) -> Result<Self, ApiError> {
        let request = caller::request_of(parts)?;
        let token = match bearer(&parts.headers)? {
            Some(secret) => find(&request.state, &secret).await?,
            None => None,
        };
        admit(&request.state, token.as_ref(), scope, request.now, || request.ip.clone())?;
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

/// The token that a request carries; `None` if what it carries cannot be one.
///
/// # Errors
/// 401 without any.
pub fn bearer(headers: &HeaderMap) -> Result<Option<ServiceSecret>, ApiError> {
    let header = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let sent = header.to_str().ok().and_then(|header| header.split_once(' '));
    Ok(sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).and_then(|(_, token)| ServiceSecret::parse(token)))
}

/// Lets a token in that was looked up, if it is accepted at this moment and has the scope, and notes its use.
///
/// # Errors
/// As [`ServiceCaller::require`].
pub fn admit(
    state: &AppState,
    token: Option<&StoredToken>,
    scope: TokenScope,
    now: OffsetDateTime,
    ip: impl FnOnce() -> String,
) -> Result<(), ApiError> {
    let Some(token) = token.filter(|token| token.accepted(now)) else {
        tracing::info!(ip = ip(), "a service token was refused");
        return Err(refused());
    };
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
pub async fn find(state: &AppState, secret: &ServiceSecret) -> Result<Option<StoredToken>, sqlx::Error> {
    let mut transaction = state.database.begin(DatabaseScope::Nobody).await?;
    let token_hash = sha256(secret.reveal().as_bytes());
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
    .fetch_optional(&mut *transaction)
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
