//! Whoever works for a customer.

mod guards;

use std::sync::Arc;

use time::OffsetDateTime;

use super::{actor, customers_side, not_in_session, origin, return_to};
use crate::{
    access::{Permission, Role},
    error::AppError,
    ids::{CustomerId, SessionId, UserId},
    plan::Plan,
    portal_sessions::model::{DONE_PAGE, Flow, ReturnTo},
    rights::Rights,
    server::{
        database::SessionRow,
        entropy::Entropy,
        forms,
        scope::{Read, RequestScope},
        state::AppState,
        tx::TenantTx,
    },
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
    /// Whether nothing of the customer is open before a second factor was given.
    pub fn lacks_second_factor(&self) -> bool {
        self.session.lacks_second_factor()
    }

    /// Whether the customer lets in nobody by one factor.
    pub fn second_factor_required(&self) -> bool {
        self.session.two_factors_required
    }

    /// Whether the session holds two factors here.
    pub fn two_factors(&self) -> bool {
        self.session.two_factors
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

    /// The session. A guest is known by nothing else.
    pub fn session_id(&self) -> SessionId {
        self.session.session_id
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

    /// Whether the customer's own provider began the session.
    pub fn by_sso(&self) -> bool {
        self.session.by_sso()
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
