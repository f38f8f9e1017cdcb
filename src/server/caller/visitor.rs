//! Whoever is not signed in, or need not be.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{commit_own, commit_without_trail, current_request, customers_side};
use crate::{
    error::AppError,
    ids::{CustomerId, UserId},
    server::{
        audit::{self, Actor, Event},
        database,
        scope::RequestScope,
        session,
        state::AppState,
        tx::TenantTx,
    },
};

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

    /// A transaction that sees no customer, until a token opens one. The one in which a session was looked for is over: a
    /// request never holds two connections, or a few of them at once would wait for each other until all give up.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, AppError> {
        self.request.release();
        Ok(self.request.state.database.begin(database::Scope::Nobody).await?)
    }

    /// A transaction that sees one customer, whose own provider has just answered. As in [`Self::begin`] it is the only one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn begin_at(&self, customer_id: CustomerId) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, AppError> {
        self.request.release();
        Ok(self.request.state.database.begin(database::Scope::Customer(customer_id)).await?)
    }

    /// Ends the session of this browser, whoever opened it, if there is one.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn end_session(&self, event: Event) -> Result<(), AppError> {
        if !self.request.has_token() {
            return Ok(());
        }
        match self.request.session().await {
            Ok(found) => {
                let mut transaction = self.request.take().await?;
                session::end(&mut transaction, &self.request, found.session_id).await?;
                commit_own(&self.request, &found, transaction, event).await
            }
            Err(AppError::SignIn) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Commits a sign-in, or what came of one that was refused. It is noted in the trail of the customer at which the person
    /// begins; of those who belong to none only the log tells.
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
            return commit_without_trail(&self.request, Some(user_id), transaction, event).await;
        };
        database::pin(&mut transaction, customer_id).await?;
        self.act_for(transaction, customer_id, Some(user_id), name).commit(event).await
    }

    /// Commits a change of the person as such with an event in the trail of each of these customers, which belong to the
    /// person and are sorted, so that two such changes never wait for each other. Whoever belongs to none leaves no trail.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit_at_all(
        &self,
        mut transaction: sqlx::Transaction<'static, sqlx::Postgres>,
        customers: &[CustomerId],
        user_id: UserId,
        name: &str,
        event: &Event,
    ) -> Result<(), AppError> {
        let actor = self.actor(Some(user_id), name);
        // One statement each: a transaction writes into the trail of its current customer only.
        for customer_id in customers {
            database::pin(&mut transaction, *customer_id).await?;
            let id = self.state().entropy.uuid(self.now());
            audit::insert(&mut transaction, id, *customer_id, &actor, event, self.now()).await?;
        }
        transaction.commit().await?;
        tracing::info!(kind = event.kind, user = %user_id, customers = customers.len(), "event");
        Ok(())
    }

    /// Turns a transaction in which a token opened a customer into one that can be committed with an event.
    pub fn act_for(
        &self,
        transaction: sqlx::Transaction<'static, sqlx::Postgres>,
        customer_id: CustomerId,
        user_id: Option<UserId>,
        name: &str,
    ) -> TenantTx {
        TenantTx::new(transaction, self.request.state.clone(), customer_id, self.actor(user_id, name), self.request.now)
    }

    fn actor(&self, user_id: Option<UserId>, name: &str) -> Actor {
        Actor { kind: customers_side(user_id), user_id, name: name.to_owned(), ip: self.request.ip.clone(), session_id: None }
    }
}
