//! A change of one customer's data: it can only be committed together with what it was.

use std::ops::{Deref, DerefMut};

use serde_json::Value;
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    audit::{self, Actor, ActorKind, Event},
    database::Scope,
    entropy::Entropy,
    outbox::{self, Notification},
    state::AppState,
};
use crate::{error::AppError, ids::CustomerId};

/// A transaction with a customer pinned to it. Dropping it undoes everything.
pub struct TenantTx {
    transaction: Transaction<'static, Postgres>,
    state: AppState,
    customer_id: CustomerId,
    actor: Actor,
    now: OffsetDateTime,
}

impl TenantTx {
    /// Takes over a transaction to which the customer is already pinned.
    pub(super) fn new(
        transaction: Transaction<'static, Postgres>,
        state: AppState,
        customer_id: CustomerId,
        actor: Actor,
        now: OffsetDateTime,
    ) -> Self {
        Self { transaction, state, customer_id, actor, now }
    }

    /// Begins a change that a job makes because its time has come.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn of_job(state: &AppState, customer_id: CustomerId) -> Result<Self, AppError> {
        let transaction = state.database.begin(Scope::Customer(customer_id)).await?;
        let actor = Actor { kind: ActorKind::System, user_id: None, name: "Foyer".to_owned(), ip: String::new(), session_id: None };
        Ok(Self::new(transaction, state.clone(), customer_id, actor, state.clock.now()))
    }

    /// The customer whose data this transaction changes.
    pub fn customer_id(&self) -> CustomerId {
        self.customer_id
    }

    /// The customer's name; a caller knows it without asking.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn customer_name(&mut self) -> sqlx::Result<String> {
        sqlx::query_scalar!("SELECT name FROM customers WHERE customer_id = $1", self.customer_id.as_uuid())
            .fetch_one(&mut *self.transaction)
            .await
    }

    /// The moment of the change, the same for all its rows.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Randomness for ids and secrets.
    pub fn entropy(&self) -> &Entropy {
        &self.state.entropy
    }

    /// Writes the outbox rows and the audit row, then commits all of it or nothing. The audit row comes last: from it until
    /// the end, other changes of the customer wait for the head of the chain.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit(self, event: Event) -> Result<(), AppError> {
        self.commit_with(None, event).await
    }

    /// The same for a change that takes another one with it, which goes before it in the trail.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit_with(mut self, before: Option<Event>, event: Event) -> Result<(), AppError> {
        for event in before.iter().chain([&event]) {
            self.notify(&event.notifications).await?;
        }
        for event in before.iter().chain([&event]) {
            let id = self.state.entropy.uuid(self.now);
            audit::insert(&mut self.transaction, id, self.customer_id, &self.actor, event, self.now).await?;
        }
        self.transaction.commit().await?;
        self.state.redis.announce_change();
        for event in before.iter().chain([&event]) {
            tracing::info!(kind = event.kind, customer = %self.customer_id, session = ?self.actor.session_id, "event");
        }
        Ok(())
    }

    /// One statement for each kind of mail, because a change of a key may be told to 500 people.
    async fn notify(&mut self, notifications: &[Notification]) -> sqlx::Result<()> {
        for mails in notifications.chunk_by(|one, next| one.kind == next.kind) {
            let Some(kind) = mails.first().map(|mail| mail.kind) else { continue };
            let payloads: Vec<Value> = mails.iter().map(|mail| mail.payload.clone()).collect();
            let ids: Vec<Uuid> = mails.iter().map(|_| self.state.entropy.uuid(self.now)).collect();
            outbox::insert_many(&mut self.transaction, self.customer_id, kind, &payloads, self.now, &ids).await?;
        }
        Ok(())
    }

    /// Commits without a trace, for marks and bookkeeping; `why` is for the reader.
    ///
    /// # Errors
    /// If the database does not answer; then nothing was changed.
    pub async fn commit_quiet(self, why: &'static str) -> Result<(), AppError> {
        self.transaction.commit().await?;
        tracing::debug!(why, "committed without an event");
        Ok(())
    }
}

impl Deref for TenantTx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for TenantTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
