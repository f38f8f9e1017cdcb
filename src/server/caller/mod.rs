//! Who calls: the guards that every server function begins with.

mod signed_in;
mod staff;
mod visitor;

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::use_context;
use time::OffsetDateTime;

use super::{
    audit::{Actor, ActorKind, Event},
    database::SessionRow,
    entropy::Entropy,
    forms, return_url,
    scope::{Read, RequestScope},
    session,
    state::AppState,
    tx::TenantTx,
};
use crate::{
    access::{Permission, Role},
    error::AppError,
    ids::{CustomerId, UserId},
    plan::Plan,
    portal_sessions::model::{DONE_PAGE, Flow, ReturnTo},
    rights::{Rights, Scope, Scopes},
};

pub use signed_in::SignedIn;
pub use staff::StaffCaller;
pub use visitor::Visitor;

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
    /// `SignIn` for visitors, `NoCompany` for those who belong to none, `Forbidden` if the role does not include the
    /// permission, `NotInSession` if the scopes of a session that the SaaS opened do not.
    pub async fn require(permission: Permission) -> Result<Self, AppError> {
        Self::of(current_request()?).await?.with(permission)
    }

    /// The guard of what is about people themselves and their place in a customer: not for sessions that the SaaS opened.
    ///
    /// # Errors
    /// As [`Self::require`], and `NotInSession`.
    pub async fn require_own(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require(permission).await?;
        if caller.rights.is_own() { Ok(caller) } else { Err(caller.not_in_session()) }
    }

    /// The guard of what must not be done with somebody else's open browser: keys, the plan, owners, the sign-in address,
    /// the export and the deletion of everything. The person must have proved who they are within the last five minutes.
    ///
    /// # Errors
    /// As [`Self::require`] and [`Self::check_fresh`].
    pub async fn require_fresh(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require(permission).await?;
        caller.check_fresh()?;
        Ok(caller)
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
        if self.can(permission) {
            return Ok(self);
        }
        let (session, customer) = (self.session.session_id, self.customer_id);
        tracing::info!(user = ?self.user_id(), %session, %customer, permission = permission.as_str(), "access was refused");
        Err(if self.rights.is_own() { AppError::Forbidden(permission) } else { self.not_in_session() })
    }

    /// The second half of [`Self::require_fresh`], where only the form tells whether it is needed. A plain form post is
    /// led to the page that asks for the password. Whoever the SaaS sent here may have none: for five minutes they are as
    /// fresh as after a sign-in, and then the SaaS has to send them again.
    ///
    /// # Errors
    /// `FreshSignIn`, or `NotInSession` in a session that the SaaS opened.
    pub fn check_fresh(&self) -> Result<(), AppError> {
        if self.now() - self.session.authenticated_at <= session::FRESH {
            return Ok(());
        }
        if !self.rights.is_own() {
            let text = format!("You came here more than five minutes ago. Go back to {} and open this again.", self.origin());
            return Err(AppError::NotInSession(text));
        }
        forms::lead_to_confirmation();
        Err(AppError::FreshSignIn)
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
    /// `NotInSession` for guests.
    pub fn person(&self) -> Result<UserId, AppError> {
        self.session.user_id.ok_or_else(|| self.not_in_session())
    }

    /// The role in which the person changes the team.
    ///
    /// # Errors
    /// `NotInSession` for guests.
    pub fn team_role(&self) -> Result<Role, AppError> {
        self.rights.role().map(|role| self.rights.in_team(role)).ok_or_else(|| self.not_in_session())
    }

    fn not_in_session(&self) -> AppError {
        not_in_session(self.return_to().as_ref())
    }

    /// Where the person came from, in words.
    fn origin(&self) -> String {
        origin(self.return_to().as_ref())
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
        return_to(&self.request, &self.session)
    }

    /// The one task that the session was opened for.
    pub fn flow(&self) -> Option<Flow> {
        self.session.flow.as_deref().and_then(|flow| flow.parse().ok())
    }

    /// Where a plain form post goes after its success: to this page, or in a session for one task to the task's end.
    pub fn after_post(&self, page: &str) {
        forms::after_post(if self.flow().is_some() { DONE_PAGE } else { page });
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
        let actor = actor(&self.request, &self.session, customers_side(self.session.user_id));
        Ok(TenantTx::new(transaction, self.request.state.clone(), self.customer_id, actor, self.request.now))
    }
}

/// On the customer's side acts a person, or for a guest the program that opened the session, by the name of its token.
fn customers_side(user_id: Option<UserId>) -> ActorKind {
    if user_id.is_some() { ActorKind::Person } else { ActorKind::Key }
}

fn actor(request: &RequestScope, session: &SessionRow, kind: ActorKind) -> Actor {
    Actor { kind, user_id: session.user_id, name: session.user_name.clone(), ip: request.ip.clone(), session_id: Some(session.session_id) }
}

/// Commits a change of a session or of what is the person's own. It is noted in the trail of the customer that they work
/// for now; of those who belong to none only the log tells.
async fn commit_own(
    request: &RequestScope,
    session: &SessionRow,
    transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    event: Event,
) -> Result<(), AppError> {
    let Some(customer_id) = session.customer_id else {
        transaction.commit().await?;
        tracing::info!(kind = event.kind, user = ?session.user_id, session = %session.session_id, "event");
        return Ok(());
    };
    let actor = actor(request, session, customers_side(session.user_id));
    TenantTx::new(transaction, request.state.clone(), customer_id, actor, request.now).commit(event).await
}

fn return_to(request: &RequestScope, session: &SessionRow) -> Option<ReturnTo> {
    let url = session.return_url.as_deref().and_then(|url| request.state.config.return_urls.allow(url))?;
    Some(return_url::way(&url))
}

fn origin(return_to: Option<&ReturnTo>) -> String {
    return_to.map_or_else(|| "where you came from".to_owned(), |return_to| return_to.host.clone())
}

fn not_in_session(return_to: Option<&ReturnTo>) -> AppError {
    let text = format!("You came here for something else, and this is not part of it. Go back to {}.", origin(return_to));
    AppError::NotInSession(text)
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
