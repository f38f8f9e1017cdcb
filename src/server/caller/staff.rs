//! The SaaS's own people.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{actor, check_person, current_request};
use crate::{
    error::AppError,
    ids::{CustomerId, UserId},
    server::{
        audit::ActorKind,
        database::{self, SessionRow},
        scope::{Read, RequestScope},
        state::AppState,
        tx::TenantTx,
    },
};

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
    /// `SignIn` for visitors, `NotFound` for customers' people, `Conflict` if the page was made for somebody else,
    /// `SecondFactor` for whoever signed in with one factor, where that is not enough.
    pub async fn require() -> Result<Self, AppError> {
        let request = current_request()?;
        let session = request.session().await?;
        let Some(user_id) = session.user_id.filter(|_| session.is_staff) else {
            tracing::info!(user = ?session.user_id, session = %session.session_id, "access to the staff's pages was refused");
            return Err(AppError::NotFound);
        };
        check_person(&request, &session)?;
        // They see every customer's tickets (ASVS 5.0, 6.3.3).
        if request.state.config.staff_needs_second_factor && !session.two_factors {
            return Err(AppError::SecondFactor);
        }
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
