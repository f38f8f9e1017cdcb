//! Who calls: the guards that every server function begins with.

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::use_context;
use time::OffsetDateTime;

use super::{
    audit::{Actor, ActorKind},
    database::{self, SessionRow},
    entropy::Entropy,
    forms, return_url,
    scope::{Read, RequestScope},
    state::AppState,
    tx::TenantTx,
};
use crate::{
    access::{Permission, Role},
    error::AppError,
    ids::{CustomerId, SessionId, UserId},
    plan::Plan,
    portal_sessions::model::{DONE_PAGE, Flow, ReturnTo},
    rights::{Rights, Scope, Scopes},
};

/// Somebody working for a customer, with the right that the guard asked for: one of its people, or a guest of the SaaS.
#[derive(Clone)]
pub struct Caller {
    request: Arc<RequestScope>,
    session: SessionRow,
    customer_id: CustomerId,
    customer_name: String,
    plan: Plan,
    rights: Rights,
}

impl Caller {
    /// The guard of a server function: its first line.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NoCompany` for those who belong to none, `Forbidden` if the role or the scopes of the
    /// session do not include the permission.
    pub async fn require(permission: Permission) -> Result<Self, AppError> {
        Self::of(current_request()?).await?.with(permission)
    }

    /// The guard of what is about people's own place in a customer: not for sessions that the SaaS opened.
    ///
    /// # Errors
    /// As [`Self::require`], and `Forbidden` in such a session.
    pub async fn require_own(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require(permission).await?;
        if caller.rights.is_own() { Ok(caller) } else { Err(AppError::Forbidden) }
    }

    /// The guard of the frame around the pages: everybody who works for a customer, whatever they may do there.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NoCompany` for those who belong to none.
    pub async fn enter() -> Result<Self, AppError> {
        Self::of(current_request()?).await
    }

    /// The same guard for routes beside the pages.
    ///
    /// # Errors
    /// As [`Self::require`].
    pub async fn from_parts(parts: &Parts, permission: Permission) -> Result<Self, AppError> {
        Self::of(request_of(parts)?).await?.with(permission)
    }

    fn with(self, permission: Permission) -> Result<Self, AppError> {
        if self.can(permission) { Ok(self) } else { Err(AppError::Forbidden) }
    }

    async fn of(request: Arc<RequestScope>) -> Result<Self, AppError> {
        let session = request.session().await?;
        let (Some(customer_id), Some(customer_name)) = (session.customer_id, session.customer_name.clone()) else {
            return Err(AppError::NoCompany);
        };
        let plan = session.plan.as_deref().and_then(|plan| plan.parse().ok());
        let (Some(rights), Some(plan)) = (rights(&session), plan) else {
            tracing::error!(session = %session.session_id, customer = %customer_id, "memberships or customers holds an unknown role or plan");
            return Err(AppError::Internal { reference: super::telemetry::reference() });
        };
        Ok(Self { request, session, customer_id, customer_name, plan, rights })
    }

    /// The person; a guest is none.
    pub fn user_id(&self) -> Option<UserId> {
        self.session.user_id
    }

    /// The person, for what only a person can do.
    ///
    /// # Errors
    /// `Forbidden` for guests.
    pub fn person(&self) -> Result<UserId, AppError> {
        self.session.user_id.ok_or(AppError::Forbidden)
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.session.user_name
    }

    /// Their address.
    pub fn email(&self) -> &str {
        &self.session.user_email
    }

    /// The customer that they work for now.
    pub fn customer_id(&self) -> CustomerId {
        self.customer_id
    }

    /// Its name.
    pub fn customer_name(&self) -> &str {
        &self.customer_name
    }

    /// Its plan.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// What they may do there.
    pub fn rights(&self) -> Rights {
        self.rights
    }

    /// Whether they may do this.
    pub fn can(&self, permission: Permission) -> bool {
        self.rights.can(permission)
    }

    /// All customers of the person, for the switcher; none in a session that the SaaS opened.
    pub fn customers(&self) -> &serde_json::Value {
        &self.session.customers
    }

    /// Whether the person also works for the SaaS.
    pub fn is_staff(&self) -> bool {
        self.session.is_staff
    }

    /// Where the person came from and goes back to, if the SaaS opened the session.
    pub fn return_to(&self) -> Option<ReturnTo> {
        let url = self.session.return_url.as_deref().and_then(|url| self.request.state.config.return_urls.allow(url))?;
        Some(return_url::way(&url))
    }

    /// The one task that the session was opened for.
    pub fn flow(&self) -> Option<Flow> {
        self.session.flow.as_deref().and_then(|flow| flow.parse().ok())
    }

    /// Where a plain form post goes after its success: to this page, or in a session for one task to the task's end.
    pub fn after_post(&self, page: &str) {
        forms::after_post(if self.flow().is_some() { DONE_PAGE } else { page });
    }

    /// The moment at which the request arrived.
    pub fn now(&self) -> OffsetDateTime {
        self.request.now
    }

    /// Randomness for ids and secrets.
    pub fn entropy(&self) -> &Entropy {
        &self.request.state.entropy
    }

    /// The process's shared parts.
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// A connection for reading, with the customer pinned: one snapshot for the whole request.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn read(&self) -> Result<Read, AppError> {
        self.request.read().await
    }

    /// Begins a change, in the transaction in which the session and the role were read.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<TenantTx, AppError> {
        let transaction = self.request.take().await?;
        let kind = if self.session.user_id.is_some() { ActorKind::Person } else { ActorKind::System };
        let actor = actor(&self.request, &self.session, kind);
        Ok(TenantTx::new(transaction, self.request.state.clone(), self.customer_id, actor, self.request.now))
    }
}

/// A person who signed in, whatever customer they work for now: for what is the person's own. A session that the SaaS
/// opened is none of these: it may do nothing but what its scopes say.
pub struct SignedIn {
    request: Arc<RequestScope>,
    session: SessionRow,
    user_id: UserId,
}

impl SignedIn {
    /// The guard.
    ///
    /// # Errors
    /// `SignIn` for visitors, `Forbidden` in sessions that the SaaS opened.
    pub async fn require() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        Self::of(request, session).ok_or(AppError::Forbidden)
    }

    fn of(request: Arc<RequestScope>, session: SessionRow) -> Option<Self> {
        let user_id = session.user_id.filter(|_| !session.is_limited())?;
        Some(Self { request, session, user_id })
    }

    /// The person if somebody is signed in.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find() -> Result<Option<Self>, AppError> {
        let request = current_request()?;
        if !request.has_token() {
            return Ok(None);
        }
        match request.session().await {
            Ok(session) => Ok(Self::of(request, session)),
            Err(AppError::SignIn) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Their session and everything known about them.
    pub fn session(&self) -> &SessionRow {
        &self.session
    }

    /// The person.
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The session.
    pub fn session_id(&self) -> SessionId {
        self.session.session_id
    }

    /// The request.
    pub fn request(&self) -> &Arc<RequestScope> {
        &self.request
    }

    /// A transaction of the person's own, not of a customer.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, AppError> {
        self.request.take().await
    }
}

/// A person who works for the SaaS itself.
pub struct StaffCaller {
    request: Arc<RequestScope>,
    session: SessionRow,
    user_id: UserId,
}

impl StaffCaller {
    /// The guard. To everybody else the staff's pages do not exist.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NotFound` for customers' people.
    pub async fn require() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        let user_id = session.user_id.filter(|_| session.is_staff).ok_or(AppError::NotFound)?;
        Ok(Self { request, session, user_id })
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.session.user_name
    }

    /// Their address.
    pub fn email(&self) -> &str {
        &self.session.user_email
    }

    /// The person.
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// The moment at which the request arrived.
    pub fn now(&self) -> OffsetDateTime {
        self.request.now
    }

    /// The process's shared parts.
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// A connection for reading across customers what staff may see.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn read(&self) -> Result<Read, AppError> {
        let mut read = self.request.read().await?;
        database::widen_to_staff(&mut read).await?;
        Ok(read)
    }

    /// Begins a change of one customer's data.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self, customer_id: CustomerId) -> Result<TenantTx, AppError> {
        let mut transaction = self.request.take().await?;
        database::pin(&mut transaction, customer_id).await?;
        let actor = actor(&self.request, &self.session, ActorKind::Staff);
        Ok(TenantTx::new(transaction, self.request.state.clone(), customer_id, actor, self.request.now))
    }
}

/// Somebody who is not signed in, or need not be: for sign-in, password reset and invitations.
pub struct Visitor {
    request: Arc<RequestScope>,
}

impl Visitor {
    /// Everybody may.
    ///
    /// # Errors
    /// Only outside of a request.
    pub fn of_request() -> Result<Self, AppError> {
        Ok(Self { request: current_request()? })
    }

    /// The request.
    pub fn request(&self) -> &Arc<RequestScope> {
        &self.request
    }

    /// The moment at which the request arrived.
    pub fn now(&self) -> OffsetDateTime {
        self.request.now
    }

    /// The process's shared parts.
    pub fn state(&self) -> &AppState {
        &self.request.state
    }

    /// A transaction that sees no customer, until a token opens one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, AppError> {
        Ok(self.request.state.database.begin(database::Scope::Nobody).await?)
    }

    /// The session of this browser, whoever opened it, and the transaction in which it was found: for signing out.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn take_session(&self) -> Result<Option<(SessionId, sqlx::Transaction<'static, sqlx::Postgres>)>, AppError> {
        if !self.request.has_token() {
            return Ok(None);
        }
        match self.request.session().await {
            Ok(session) => Ok(Some((session.session_id, self.request.take().await?))),
            Err(AppError::SignIn) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Turns a transaction in which a token opened a customer into one that can be committed with an event.
    pub fn act_for(
        &self,
        transaction: sqlx::Transaction<'static, sqlx::Postgres>,
        customer_id: CustomerId,
        user_id: Option<UserId>,
        name: &str,
    ) -> TenantTx {
        let kind = if user_id.is_some() { ActorKind::Person } else { ActorKind::System };
        let actor = Actor { kind, user_id, name: name.to_owned(), ip: self.request.ip.clone(), session_id: None };
        TenantTx::new(transaction, self.request.state.clone(), customer_id, actor, self.request.now)
    }
}

fn actor(request: &RequestScope, session: &SessionRow, kind: ActorKind) -> Actor {
    Actor { kind, user_id: session.user_id, name: session.user_name.clone(), ip: request.ip.clone(), session_id: Some(session.session_id) }
}

/// What the session's person may do; `None` if the database holds a role that we do not know. A scope that we do not know
/// gives nothing.
fn rights(session: &SessionRow) -> Option<Rights> {
    let scopes: Option<Scopes> = session.scopes.as_ref().map(|words| words.iter().filter_map(|word| word.parse::<Scope>().ok()).collect());
    let role: Option<Role> = session.role.as_deref().and_then(|role| role.parse().ok());
    match (session.user_id, role, scopes) {
        (Some(_), Some(role), None) => Some(Rights::Own(role)),
        (Some(_), Some(role), Some(scopes)) => Some(Rights::Limited(role, scopes)),
        (None, None, Some(scopes)) => Some(Rights::Guest(scopes)),
        _ => None,
    }
}

fn current_request() -> Result<Arc<RequestScope>, AppError> {
    let parts = use_context::<Parts>().ok_or_else(outside_of_request)?;
    request_of(&parts)
}

pub(super) fn request_of(parts: &Parts) -> Result<Arc<RequestScope>, AppError> {
    parts.extensions.get::<Arc<RequestScope>>().cloned().ok_or_else(outside_of_request)
}

fn outside_of_request() -> AppError {
    tracing::error!("a guard ran outside of a request");
    AppError::Internal { reference: super::telemetry::reference() }
}
