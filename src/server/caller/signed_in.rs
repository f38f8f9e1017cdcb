//! Whoever signed in, for what is their own.

use std::sync::Arc;

use super::{check_person, commit_everywhere, commit_own, current_request, not_by_sso, not_in_session, return_to};
use crate::{
    error::AppError,
    ids::{CustomerId, SessionId, UserId},
    server::{
        audit::Event,
        database::SessionRow,
        forms,
        scope::{Read, RequestScope},
        session,
    },
};

/// A person who signed in, whatever customer they work for now: for what is the person's own. A session that the SaaS
/// opened is none of these: it may do nothing but what its scopes say. Nor is one that the provider of a customer began:
/// whoever runs the provider could change what the person has elsewhere.
pub struct SignedIn {
    request: Arc<RequestScope>,
    session: SessionRow,
    user_id: UserId,
}

impl SignedIn {
    /// The guard.
    ///
    /// # Errors
    /// `SignIn` for visitors, `Conflict` if the page was made for somebody else, `NotInSession` in sessions that the SaaS or
    /// the provider of a customer opened.
    pub async fn require() -> Result<Self, AppError> {
        let signed_in = Self::require_at_customer().await?;
        if signed_in.session.by_sso() { Err(not_by_sso()) } else { Ok(signed_in) }
    }

    /// The guard of what shows and changes nothing beyond the customer to whose provider a session belongs.
    ///
    /// # Errors
    /// `SignIn` for visitors, `Conflict` if the page was made for somebody else, `NotInSession` in sessions that the SaaS
    /// opened.
    pub async fn require_at_customer() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        // Whatever customer the page was about: what is the person's own is the same at all of theirs.
        check_person(&request, &session)?;
        let return_to = return_to(&request, &session);
        Self::of(request, session).ok_or_else(|| not_in_session(return_to.as_ref()))
    }

    fn of(request: Arc<RequestScope>, session: SessionRow) -> Option<Self> {
        let user_id = session.user_id.filter(|_| !session.is_limited())?;
        Some(Self { request, session, user_id })
    }

    /// The person if somebody is signed in, for links that name whom they are for; none in a session that the provider of a
    /// customer began.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find() -> Result<Option<Self>, AppError> {
        let request = current_request()?;
        if !request.has_token() {
            return Ok(None);
        }
        match request.session().await {
            Ok(session) if session.by_sso() => Ok(None),
            Ok(session) => Ok(Self::of(request, session)),
            Err(AppError::SignIn) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// For what must not be done with somebody else's open browser. A plain form post is led to the page that asks who it is.
    ///
    /// # Errors
    /// `FreshSignIn` if the person last proved more than five minutes ago who they are.
    pub fn check_fresh(&self) -> Result<(), AppError> {
        if self.request.now - self.session.authenticated_at <= session::FRESH {
            return Ok(());
        }
        forms::lead_to_confirmation();
        Err(AppError::FreshSignIn)
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

    /// The customer to which the session is bound, because its provider began it.
    pub fn bound_to(&self) -> Option<CustomerId> {
        self.session.provider_customer_id
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
        commit_own(&self.request, &self.session, transaction, event).await
    }
    /// Commits a change of how the person signs in, in the trail of every customer that they work for.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit_everywhere(&self, transaction: sqlx::Transaction<'static, sqlx::Postgres>, event: Event) -> Result<(), AppError> {
        commit_everywhere(&self.request, &self.session, transaction, event).await
    }

    /// The guard of what changes how the person signs in: they must have proved who they are within the last five minutes.
    ///
    /// # Errors
    /// As [`Self::require`] and [`Self::check_fresh`].
    pub async fn require_fresh() -> Result<Self, AppError> {
        let signed_in = Self::require().await?;
        signed_in.check_fresh()?;
        Ok(signed_in)
    }
}
