//! The guards by which somebody becomes a caller: whoever has a [`Caller`] has passed one of them.

use std::sync::Arc;

use axum::http::request::Parts;

use super::Caller;
use crate::{
    access::Permission,
    error::AppError,
    server::{
        caller::{check_page, current_request, not_by_sso, request_of, rights},
        database::SessionRow,
        forms,
        scope::RequestScope,
        session, telemetry,
    },
};

impl Caller {
    /// The guard of a server function: its first line.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NoCompany` for those who belong to none, `Conflict` if the page was about another customer or
    /// somebody else than the session is now, `SingleSignOn` where only the customer's own
    /// provider lets people in, `SecondFactor` if the customer asks for one and the session holds none, `Forbidden` if the
    /// role does not include the permission, `NotInSession` if the scopes of a session that the SaaS opened do not.
    pub async fn require(permission: Permission) -> Result<Self, AppError> {
        Self::of(current_request()?).await?.with(permission)
    }

    /// The guard of what a page asks again and again by itself: it does not keep the session alive, which ends an hour after
    /// the last thing that the person did (ASVS 5.0, 7.3.1).
    ///
    /// # Errors
    /// As [`Self::require`].
    pub async fn require_unnoted(permission: Permission) -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session_unnoted().await?;
        Self::of_session(request, session)?.with_what_is_asked_for()?.with(permission)
    }

    /// The guard of what is about people themselves and their place in a customer: not for sessions that the SaaS opened.
    ///
    /// # Errors
    /// As [`Self::require`], and `NotInSession`.
    pub async fn require_own(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require(permission).await?;
        if caller.rights.is_own() { Ok(caller) } else { Err(caller.not_in_session()) }
    }

    /// The guard of what belongs to people themselves wherever they work, such as their sign-in address: not for sessions
    /// that the SaaS or the provider of one customer opened.
    ///
    /// # Errors
    /// As [`Self::require_own`].
    pub async fn require_personal(permission: Permission) -> Result<Self, AppError> {
        let caller = Self::require_own(permission).await?;
        if caller.session.by_sso() { Err(not_by_sso()) } else { Ok(caller) }
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

    /// The guard of the frame around the pages, and of nothing else: everybody who works for a customer, whatever they may
    /// do there, and also whoever still lacks the second factor that the customer asks for.
    ///
    /// # Errors
    /// `SignIn` for visitors, `NoCompany` for those who belong to none, `SingleSignOn` where only the customer's own
    /// provider lets people in.
    pub async fn enter() -> Result<Self, AppError> {
        Self::whoever(current_request()?).await
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

    /// Whoever works for a customer and has given what it asks for: no permission is looked at before.
    async fn of(request: Arc<RequestScope>) -> Result<Self, AppError> {
        Self::whoever(request).await?.with_what_is_asked_for()
    }

    fn with_what_is_asked_for(self) -> Result<Self, AppError> {
        if self.lacks_second_factor() { Err(AppError::SecondFactor) } else { Ok(self) }
    }

    async fn whoever(request: Arc<RequestScope>) -> Result<Self, AppError> {
        let session = request.session().await?;
        Self::of_session(request, session)
    }

    fn of_session(request: Arc<RequestScope>, session: SessionRow) -> Result<Self, AppError> {
        check_page(&request, &session)?;
        let (Some(customer_id), Some(customer_name)) = (session.customer_id, session.customer_name.clone()) else {
            return Err(AppError::NoCompany);
        };
        if session.needs_sso {
            return Err(AppError::SingleSignOn);
        }
        let plan = session.plan.as_deref().and_then(|plan| plan.parse().ok());
        let (Some(rights), Some(plan)) = (rights(&session), plan) else {
            tracing::error!(session = %session.session_id, customer = %customer_id, "memberships or customers holds an unknown role or plan");
            return Err(AppError::Internal { reference: telemetry::reference() });
        };
        Ok(Self { request, session, customer_id, customer_name, plan, rights })
    }
}
