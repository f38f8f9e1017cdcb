//! Who calls: the guards that every server function begins with.

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::use_context;
use time::OffsetDateTime;

use super::{
    audit::{Actor, ActorKind, Event},
    database::{self, SessionRow},
    entropy::Entropy,
    forms,
    scope::{Read, RequestScope},
    session,
    state::AppState,
    tx::TenantTx,
};
use crate::{
    access::{Permission, Role},
    error::AppError,
    ids::{CustomerId, SessionId, UserId},
    plan::Plan,
};

/// A person working for one of their customers, with the right that the guard asked for.
#[derive(Clone)]
pub struct Caller {
    request: Arc<RequestScope>,
    session: SessionRow,
    customer_id: CustomerId,
    customer_name: String,
    plan: Plan,
    role: Role,
}

impl Caller {
    /// The guard of a server function: its first line.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NoCompany` for those who belong to none, `Forbidden` if the role does not include the
    /// permission.
    pub async fn require(permission: Permission) -> Result<Self, AppError> {
        Self::of(current_request()?, permission).await
    }

    /// The same guard for routes beside the pages.
    ///
    /// # Errors
    /// As [`Self::require`].
    pub async fn from_parts(parts: &Parts, permission: Permission) -> Result<Self, AppError> {
        Self::of(request_of(parts)?, permission).await
    }

    /// The guard of what must not be done with somebody else's open browser: keys, the plan, owners, the sign-in address,
    /// the export and the deletion of everything. The person must have proved who they are within the last five minutes.
    ///
    /// # Errors
    /// As [`Self::require`], and `FreshSignIn`.
    pub async fn require_fresh(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require(permission).await?;
        caller.check_fresh()?;
        Ok(caller)
    }

    /// The second half of [`Self::require_fresh`], where only the form tells whether it is needed. A plain form post is
    /// led to the page that asks for the password.
    ///
    /// # Errors
    /// `FreshSignIn`.
    pub fn check_fresh(&self) -> Result<(), AppError> {
        if self.now() - self.session.authenticated_at <= session::FRESH {
            return Ok(());
        }
        forms::lead_to_confirmation();
        Err(AppError::FreshSignIn)
    }

    async fn of(request: Arc<RequestScope>, permission: Permission) -> Result<Self, AppError> {
        let session = request.session().await?;
        let (Some(customer_id), Some(customer_name)) = (session.customer_id, session.customer_name.clone()) else {
            return Err(AppError::NoCompany);
        };
        let role = session.role.as_deref().and_then(|role| role.parse().ok());
        let plan = session.plan.as_deref().and_then(|plan| plan.parse().ok());
        let (Some(role), Some(plan)) = (role, plan) else {
            tracing::error!(user = %session.user_id, customer = %customer_id, "memberships or customers holds an unknown role or plan");
            return Err(AppError::Internal { reference: super::telemetry::reference() });
        };
        let role: Role = role;
        if !role.can(permission) {
            tracing::info!(user = %session.user_id, customer = %customer_id, permission = permission.as_str(), "access was refused");
            return Err(AppError::Forbidden(permission));
        }
        Ok(Self { request, session, customer_id, customer_name, plan, role })
    }

    /// The person.
    pub fn user_id(&self) -> UserId {
        self.session.user_id
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

    /// Their role there.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The request.
    pub fn request(&self) -> &RequestScope {
        &self.request
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
        let actor = actor(&self.request, &self.session, ActorKind::Person);
        Ok(TenantTx::new(transaction, self.request.state.clone(), self.customer_id, actor, self.request.now))
    }
}

/// A person, whatever customer they work for now: for the customer switcher and sign-out.
pub struct SignedIn {
    request: Arc<RequestScope>,
    session: SessionRow,
}

impl SignedIn {
    /// The guard.
    ///
    /// # Errors
    /// `SignIn` for visitors.
    pub async fn require() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        Ok(Self { request, session })
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
            Ok(session) => Ok(Some(Self { request, session })),
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
        self.session.user_id
    }

    /// The session.
    pub fn session_id(&self) -> SessionId {
        self.session.session_id
    }

    /// The request.
    pub fn request(&self) -> &Arc<RequestScope> {
        &self.request
    }

    /// A connection for reading what is the person's own.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn read(&self) -> Result<Read, AppError> {
        self.request.read().await
    }

    /// A transaction of the person's own, not of a customer.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, AppError> {
        self.request.take().await
    }

    /// Commits a change of the person's own. It is noted in the trail of the customer that they work for now; of those
    /// who belong to none only the log tells.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit(&self, transaction: sqlx::Transaction<'static, sqlx::Postgres>, event: Event) -> Result<(), AppError> {
        let Some(customer_id) = self.session.customer_id else {
            transaction.commit().await?;
            tracing::info!(kind = event.kind, user = %self.session.user_id, session = %self.session.session_id, "event");
            return Ok(());
        };
        let actor = actor(&self.request, &self.session, ActorKind::Person);
        TenantTx::new(transaction, self.request.state.clone(), customer_id, actor, self.request.now).commit(event).await
    }
}

/// A person who works for the SaaS itself.
pub struct StaffCaller {
    request: Arc<RequestScope>,
    session: SessionRow,
}

impl StaffCaller {
    /// The guard. To everybody else the staff's pages do not exist.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NotFound` for customers' people.
    pub async fn require() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        if !session.is_staff {
            tracing::info!(user = %session.user_id, "access to the staff's pages was refused");
            return Err(AppError::NotFound);
        }
        Ok(Self { request, session })
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
        self.session.user_id
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

    /// Commits a sign-in. It is noted in the trail of the customer at which the person begins; of those who belong to none
    /// only the log tells.
    ///
    /// # Errors
    /// If the database does not answer; then nobody is signed in.
    pub async fn commit_sign_in(
        &self,
        mut transaction: sqlx::Transaction<'static, sqlx::Postgres>,
        customer_id: Option<CustomerId>,
        user_id: UserId,
        name: &str,
        event: Event,
    ) -> Result<(), AppError> {
        let Some(customer_id) = customer_id else {
            transaction.commit().await?;
            tracing::info!(kind = event.kind, user = %user_id, ip = self.request.ip, "event");
            return Ok(());
        };
        database::pin(&mut transaction, customer_id).await?;
        self.act_for(transaction, customer_id, user_id, name).commit(event).await
    }

    /// Turns a transaction in which a token opened a customer into one that can be committed with an event.
    pub fn act_for(
        &self,
        transaction: sqlx::Transaction<'static, sqlx::Postgres>,
        customer_id: CustomerId,
        user_id: UserId,
        name: &str,
    ) -> TenantTx {
        let actor =
            Actor { kind: ActorKind::Person, user_id: Some(user_id), name: name.to_owned(), ip: self.request.ip.clone(), session_id: None };
        TenantTx::new(transaction, self.request.state.clone(), customer_id, actor, self.request.now)
    }
}

fn actor(request: &RequestScope, session: &SessionRow, kind: ActorKind) -> Actor {
    Actor {
        kind,
        user_id: Some(session.user_id),
        name: session.user_name.clone(),
        ip: request.ip.clone(),
        session_id: Some(session.session_id),
    }
}

fn current_request() -> Result<Arc<RequestScope>, AppError> {
    let parts = use_context::<Parts>().ok_or_else(outside_of_request)?;
    request_of(&parts)
}

fn request_of(parts: &Parts) -> Result<Arc<RequestScope>, AppError> {
    parts.extensions.get::<Arc<RequestScope>>().cloned().ok_or_else(outside_of_request)
}

fn outside_of_request() -> AppError {
    tracing::error!("a guard ran outside of a request");
    AppError::Internal { reference: super::telemetry::reference() }
}
