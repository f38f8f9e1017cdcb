//! The guard of `/v1`: which part of the SaaS's own back end calls, and what it may do.
//!
//! A token is refused in two steps. What has not the form and checksum of a token is refused without asking anything.
//! Everything else costs one look-up by its SHA-256, whether the token is known or not; the hash says nothing about how
//! close a guess was. [`find`] is the only look-up, and what it gives is a plain value with its end in it: a cache may
//! stand before it as long as [`StoredToken::accepted`] is asked each time.

use std::sync::Arc;

use axum::http::{StatusCode, header, request::Parts};
use time::{Duration, OffsetDateTime};

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
#[derive(Clone, Debug)]
struct StoredToken {
    id: ServiceTokenId,
    name: String,
    scopes: Vec<String>,
    expires_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
}

impl StoredToken {
    /// Whether it is let in at this moment.
    fn accepted(&self, now: OffsetDateTime) -> bool {
        TokenState::of(self.revoked_at, self.expires_at, now) == TokenState::Active
    }

    /// What it may do; a word that this version does not know gives nothing.
    fn scopes(&self) -> Vec<TokenScope> {
        self.scopes.iter().filter_map(|scope| scope.parse().ok()).collect()
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
        let header = parts.headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
        let sent = header.to_str().ok().and_then(|header| header.split_once(' '));
        let secret = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).and_then(|(_, token)| ServiceSecret::parse(token));
        let (state, now) = (&request.state, request.now);
        let hash = secret.map(|secret| sha256(secret.reveal().as_bytes()));
        // Whoever sends wrong tokens all the time is not looked up any more; tokens that were in use here still are.
        let address = request.address.map(Network::of_subscriber);
        let wait = state.refusal_paces.wait(&address, now);
        if wait > 0 && !hash.is_some_and(|hash| state.token_paces.knows(&hash)) {
            return Err(ApiError::too_many(wait));
        }
        let token = match &hash {
            Some(hash) => find(state, hash).await?,
            None => None,
        };
        let Some((token, hash)) = token.filter(|token| token.accepted(now)).zip(hash) else {
            tracing::info!(ip = request.ip, "a service token was refused");
            state.refusal_paces.take(address, 1, now).map_err(ApiError::too_many)?;
            return Err(refused());
        };
        if let Err(wait) = state.token_paces.take(hash, scope.cost(), now) {
            tracing::info!(token = %token.id, %scope, "a service token calls too fast");
            return Err(ApiError::too_many(wait));
        }
        if !token.scopes().contains(&scope) {
            tracing::info!(token = %token.id, %scope, "a service token lacks a scope");
            return Err(ApiError::new(StatusCode::FORBIDDEN, "missing_scope", format!("This token needs the scope {scope}.")));
        }
        if token.last_used_at.is_none_or(|last| request.now - last > Duration::MINUTE) {
            tokio::spawn(note_use(request.state.clone(), token.id.clone(), request.now));
        }
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
        passed_on(&self.token.scopes())
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

async fn find(state: &AppState, token_hash: &[u8; 32]) -> Result<Option<StoredToken>, sqlx::Error> {
    let mut transaction = state.database.begin(DatabaseScope::Nobody).await?;
    sqlx::query_as!(
        StoredToken,
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
    .await
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
