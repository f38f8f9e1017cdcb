//! One request: who sent it, and the one transaction in which its session was found and its data is read.

use std::{
    net::{IpAddr, SocketAddr},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use super::{address, cookie, database::SessionRow, session, state::AppState};
use crate::{
    error::AppError,
    page_about::{self, MadeFor, PageAbout},
};

/// What a request carries through its guards, shared by all server functions that run in it.
pub struct RequestScope {
    /// The process's shared parts.
    pub state: AppState,
    /// The moment at which the request arrived.
    pub now: OffsetDateTime,
    /// The client's address, as text.
    pub ip: String,
    /// The same for the limits on attempts.
    pub address: Option<IpAddr>,
    /// The sender's browser.
    pub user_agent: String,
    /// Whom the page was about from which the request came, if it says so: in another window somebody may have gone on to
    /// another customer since, or somebody else may have signed in.
    pub page_about: Option<PageAbout>,
    made_for: MadeFor,
    token_hash: Option<[u8; 32]>,
    read_only: bool,
    slot: Arc<Mutex<Slot>>,
}

#[derive(Default)]
struct Slot {
    session: Option<SessionRow>,
    transaction: Option<Transaction<'static, Postgres>>,
    closed: bool,
    /// Whether the database could not be reached: nothing else of the request waits for it again.
    unreachable: bool,
    /// Whether the session that fell back to another customer is kept there.
    kept: bool,
    /// Whether the request counted as a use of the session.
    noted: bool,
}

/// The request's transaction, for reading.
pub struct Read(OwnedMappedMutexGuard<Slot, Transaction<'static, Postgres>>);

impl Deref for Read {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

impl RequestScope {
    fn of(state: AppState, request: &Request, slot: Arc<Mutex<Slot>>) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = peer.map(|peer| address::of_client(peer, headers, &state.config.trusted_proxies));
        let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            now: state.clock.now(),
            ip: address.map(|address| address.to_string()).unwrap_or_default(),
            address,
            user_agent: user_agent.chars().take(300).collect(),
            page_about: page_about::read(request.uri().query().unwrap_or_default()),
            made_for: MadeFor::default(),
            token_hash: cookie::session_hash(&state.config, headers),
            read_only: matches!(*request.method(), Method::GET | Method::HEAD),
            slot,
            state,
        }
    }

    /// Finds the session, once per request, and keeps the transaction open for what follows. Counts as a use of the session.
    pub(super) async fn session(&self) -> Result<SessionRow, AppError> {
        let mut slot = self.open().await?;
        let session = slot.session.clone().ok_or(AppError::SignIn)?;
        // Only a page of its own: what one asks for again and again must not lead its forms to another customer.
        if let (false, true, None, Some(customer_id)) = (slot.kept, session.fell_back, self.page_about, session.customer_id) {
            slot.kept = true;
            tokio::spawn(session::stay(self.state.clone(), session.session_id, customer_id));
        }
        if !slot.noted && session.is_to_be_noted(self.now) {
            slot.noted = true;
            tokio::spawn(session::touch(self.state.clone(), session.session_id, session.user_id, session.active_at(), self.now));
        }
        Ok(session)
    }

    /// The same for what an open page asks by itself: it is no sign that somebody sits before it.
    pub(super) async fn session_unnoted(&self) -> Result<SessionRow, AppError> {
        self.open().await?.session.clone().ok_or(AppError::SignIn)
    }

    /// The request's transaction.
    pub(super) async fn read(&self) -> Result<Read, AppError> {
        let slot = self.open().await?;
        OwnedMutexGuard::try_map(slot, |slot| slot.transaction.as_mut()).map(Read).map_err(|_| AppError::SignIn)
    }

    /// Takes the request's transaction, to change something in it.
    pub(super) async fn take(&self) -> Result<Transaction<'static, Postgres>, AppError> {
        if self.read_only {
            tracing::error!("a GET request tried to change something");
            return Err(AppError::Internal { reference: super::telemetry::reference() });
        }
        self.open().await?.transaction.take().ok_or(AppError::SignIn)
    }

    /// Gives the request's connection back, unless somebody reads by it right now. Whoever asks for the session or for its
    /// transaction afterwards gets a new one.
    pub(super) fn release(&self) {
        if let Ok(mut slot) = self.slot.try_lock() {
            slot.transaction = None;
        }
    }

    async fn open(&self) -> Result<OwnedMutexGuard<Slot>, AppError> {
        let mut slot = Arc::clone(&self.slot).lock_owned().await;
        if slot.transaction.is_some() {
            return Ok(slot);
        }
        let token_hash = self.token_hash.as_ref().ok_or(AppError::SignIn)?;
        if slot.closed || slot.unreachable {
            return Err(AppError::Unavailable);
        }
        let begun = self.state.database.begin_session(token_hash, self.now, self.read_only).await.map_err(AppError::from);
        slot.unreachable = matches!(begun, Err(AppError::Unavailable));
        let (transaction, session) = begun?;
        let session = session.ok_or(AppError::SignIn)?;
        self.made_for.found(PageAbout { company: session.customer_id, who: Some(session.who()) });
        slot.session = Some(session);
        slot.transaction = Some(transaction);
        Ok(slot)
    }

    /// Whether the session was asked for in this request and found; to be asked when the answer is known.
    pub(super) fn is_signed_in(&self) -> bool {
        self.slot.try_lock().is_ok_and(|slot| slot.session.is_some())
    }

    /// Whether the browser sent a session token at all.
    pub(super) fn has_token(&self) -> bool {
        self.token_hash.is_some()
    }

    /// The hash of the session token that the browser sent.
    pub(super) fn token_hash(&self) -> Option<[u8; 32]> {
        self.token_hash
    }
}

/// Gives the connection back when the request ends, however it ends: the page that was rendered from it may live on
/// until its last byte is read.
struct CloseAtEnd(Arc<Mutex<Slot>>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        let close = |slot: &mut Slot| {
            slot.closed = true;
            slot.transaction = None;
        };
        match self.0.try_lock() {
            Ok(mut slot) => close(&mut slot),
            Err(_) => {
                let slot = Arc::clone(&self.0);
                tokio::spawn(async move { close(&mut *slot.lock().await) });
            }
        }
    }
}

/// The middleware that puts a [`RequestScope`] into every request.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let slot = Arc::new(Mutex::new(Slot::default()));
    let _close = CloseAtEnd(Arc::clone(&slot));
    let scope = RequestScope::of(state, &request, slot);
    request.extensions_mut().insert(scope.made_for.clone());
    request.extensions_mut().insert(Arc::new(scope));
    next.run(request).await
}
