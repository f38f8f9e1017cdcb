//! The pool of connections to PostgreSQL. Only `server/` opens connections; slices are handed one with a customer
//! pinned to it.

use std::{str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions, PgSeverity},
};
use time::OffsetDateTime;
use tracing::Instrument;

use super::config::SecretText;
use crate::{
    error::AppError,
    ids::{CustomerId, SessionId, UserId},
    page_about::Who,
};

/// The pool, as the application role.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    connections: u32,
}

/// What `open_session` answers: who, where, as what.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The session.
    pub session_id: SessionId,
    /// The person; none in a session that the SaaS opened for a guest.
    pub user_id: Option<UserId>,
    /// Their name; a guest goes by the name of the service token that opened the session.
    pub user_name: String,
    /// Their address; empty for a guest.
    pub user_email: String,
    /// Whether they work for the SaaS, in a session of their own.
    pub is_staff: bool,
    /// When they last proved who they are; in a session that the SaaS opened, when it began.
    pub authenticated_at: OffsetDateTime,
    /// When the session was last seen, to the minute.
    pub last_seen_at: OffsetDateTime,
    /// When the person last used the portal at this customer, to the minute.
    pub last_active_at: Option<OffsetDateTime>,
    /// The customer that they work for now, if they still belong to it.
    pub customer_id: Option<CustomerId>,
    /// Its name.
    pub customer_name: Option<String>,
    /// Its plan.
    pub plan: Option<String>,
    /// Their role there.
    pub role: Option<String>,
    /// Whether it is another customer than the chosen one, to which they no longer belong.
    pub fell_back: bool,
    /// All their customers: id, name, role.
    pub customers: serde_json::Value,
    /// What the session is limited to, if the SaaS opened it: the words of `Scope`.
    pub scopes: Option<Vec<String>>,
    /// Where the person then goes back to.
    pub return_url: Option<String>,
    /// The one task that it was opened for: a word of `Flow`.
    pub flow: Option<String>,
    /// Whether the session holds two factors at this customer: a second factor was given, a passkey, or the customer's own
    /// identity provider vouches.
    pub two_factors: bool,
    /// Whether the customer lets in nobody by one factor.
    pub two_factors_required: bool,
    /// The customer with whose identity provider the session began: it works there only, and for nothing that is the
    /// person's own.
    pub provider_customer_id: Option<CustomerId>,
    /// Whether this customer can only be entered by way of its provider, and the session did not come from there.
    pub needs_sso: bool,
}

impl SessionRow {
    /// Whether a use of the portal is noted: once a minute in a session, and at each customer of the person.
    pub(super) fn is_to_be_noted(&self, now: OffsetDateTime) -> bool {
        let is_old = |at: OffsetDateTime| now - at > time::Duration::MINUTE;
        is_old(self.last_seen_at) || self.active_at().is_some() && self.last_active_at.is_none_or(is_old)
    }

    /// Where the person counts as active: nowhere while the customer does not let them in.
    pub(super) fn active_at(&self) -> Option<CustomerId> {
        self.customer_id.filter(|_| self.user_id.is_some() && !self.needs_sso && !self.lacks_second_factor())
    }

    /// Who is in it.
    pub(super) fn who(&self) -> Who {
        Who::of(self.user_id, self.session_id)
    }

    /// Whether the customer's own provider began it.
    pub fn by_sso(&self) -> bool {
        self.provider_customer_id.is_some()
    }

    /// Whether the SaaS opened the session: then it does nothing but what its scopes say.
    pub fn is_limited(&self) -> bool {
        self.scopes.is_some()
    }

    /// Whether the customer asks for a second factor that this session does not hold. Sessions that the SaaS opened are
    /// exempt: it vouches for whom it sends here, and its own sign-in is not ours to judge (docs/security.md).
    pub fn lacks_second_factor(&self) -> bool {
        self.two_factors_required && !self.two_factors && !self.is_limited()
    }
}

/// What a transaction may see.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// One customer.
    Customer(CustomerId),
    /// One customer, for reading, as everything was at the first statement.
    Snapshot(CustomerId),
    /// What staff may read across customers.
    Staff,
    /// Background work.
    Worker,
    /// Nothing of any customer.
    Nobody,
    /// As [`Self::Nobody`], for verification: a statement ends after a second, because nobody waits for it any longer.
    Verification,
}

impl Database {
    /// Opens the pool; connections are made when they are needed, so that the portal starts without its database.
    ///
    /// # Errors
    /// If the address cannot be read.
    pub fn connect(url: &SecretText, connections: u32) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url.reveal())?.application_name("foyer");
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(3))
            // A dead connection is noticed by its first statement; asking before each one costs a round trip.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self { pool, connections })
    }

    /// Uses an existing pool.
    #[cfg(test)]
    pub fn from_pool(pool: PgPool) -> Self {
        let connections = pool.options().get_max_connections();
        Self { pool, connections }
    }

    /// The same database through a pool of its own with so many connections, which are made when they are needed.
    pub fn with_connections(&self, connections: u32) -> Self {
        let options = (*self.pool.connect_options()).clone();
        let pool = self.pool.options().clone().max_connections(connections).connect_lazy_with(options);
        Self { pool, connections }
    }

    /// Begins a transaction that sees what the scope allows, in one round trip.
    ///
    /// # Errors
    /// If no connection can be had.
    pub async fn begin(&self, scope: Scope) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        // The only value put into the text is a UUID.
        let begin = match scope {
            Scope::Customer(id) => format!("BEGIN; SELECT set_config('app.customer_id', '{id}', true)"),
            Scope::Snapshot(id) => {
                format!("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SELECT set_config('app.customer_id', '{id}', true)")
            }
            Scope::Staff => "BEGIN; SELECT set_config('app.scope', 'staff', true)".to_owned(),
            Scope::Worker => "BEGIN; SELECT set_config('app.scope', 'worker', true)".to_owned(),
            Scope::Nobody => "BEGIN".to_owned(),
            // Otherwise one that waits for a table keeps its connection, and each second takes another.
            Scope::Verification => "BEGIN; SET LOCAL statement_timeout = '1s'".to_owned(),
        };
        self.begin_with(&begin).await
    }

    /// Begins a transaction, finds the session and makes its customer the current one: two round trips.
    ///
    /// # Errors
    /// If no connection can be had.
    pub async fn begin_session(
        &self,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
        read_only: bool,
    ) -> Result<(Transaction<'static, Postgres>, Option<SessionRow>), sqlx::Error> {
        let mut transaction = self.begin_with(if read_only { "BEGIN READ ONLY" } else { "BEGIN" }).await?;
        let row = sqlx::query_as!(
            SessionRow,
            r#"
            SELECT session_id AS "session_id!: SessionId",
                   user_id AS "user_id: UserId",
                   user_name AS "user_name!",
                   user_email AS "user_email!",
                   is_staff AS "is_staff!",
                   authenticated_at AS "authenticated_at!",
                   last_seen_at AS "last_seen_at!",
                   last_active_at,
                   customer_id AS "customer_id: CustomerId",
                   customer_name,
                   plan,
                   role,
                   fell_back AS "fell_back!",
                   customers AS "customers!",
                   scopes,
                   return_url,
                   flow,
                   two_factors AS "two_factors!",
                   two_factors_required AS "two_factors_required!",
                   provider_customer_id AS "provider_customer_id: CustomerId",
                   needs_sso AS "needs_sso!"
              FROM open_session($1, $2, $3)
            "#,
            token_hash.as_slice(),
            now,
            read_only,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        Ok((transaction, row))
    }

    /// Begins on a live connection. After a restart of the server every idle connection of the pool is dead, which only
    /// shows when it is used; nothing has happened in it yet, so the next one is tried.
    async fn begin_with(&self, statement: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        for _ in 0..self.connections {
            match self.begin_once(statement).await {
                Err(error) if is_dead_connection(&error) => {}
                begun => return begun,
            }
        }
        self.begin_once(statement).await
    }

    /// In a task of its own, because whoever asks may go away meanwhile, like a browser that is closed: sqlx rolls back what has
    /// begun, but not what is just beginning. The next user of the connection would be in that transaction, with its customer.
    async fn begin_once(&self, statement: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let (pool, statement) = (self.pool.clone(), statement.to_owned());
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await }.in_current_span());
        begun.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// Whether the database answers.
    pub async fn is_up(&self) -> bool {
        sqlx::query_scalar!("SELECT 1 AS \"one!\"").fetch_one(&self.pool).await.is_ok()
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether the connection broke, or the server said that it is ending it (SQLSTATE 57P01 to 57P03).
fn is_dead_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P0")),
        _ => false,
    }
}

/// Whether the server cannot be had: it is away, lets nobody in (a database closed to connections, SQLSTATE 55000; too many of
/// them, 53300), or ended the connection. Whatever ends a connection has the severity FATAL; poolers say it by class 08 as well.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(refusal) => {
            let severity = refusal.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
            matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
                || refusal.code().is_some_and(|code| code.starts_with("08"))
                || is_dead_connection(error)
        }
        error => is_dead_connection(error),
    }
}

/// Pins the customer of a transaction from here on.
///
/// # Errors
/// If the database does not answer.
pub async fn pin(connection: &mut PgConnection, customer_id: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT set_config('app.customer_id', $1, true)", customer_id.to_string()).fetch_one(connection).await?;
    Ok(())
}

/// Lets a transaction read across customers, for staff.
///
/// # Errors
/// If the database does not answer.
pub async fn widen_to_staff(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT set_config('app.scope', 'staff', true)").fetch_one(connection).await?;
    Ok(())
}

impl From<sqlx::Error> for AppError {
    /// Logs the cause and gives the customer a reference to it.
    fn from(error: sqlx::Error) -> Self {
        match error {
            error if is_away(&error) => {
                tracing::error!(%error, "the database cannot be reached");
                Self::Unavailable
            }
            error => {
                let reference = super::telemetry::reference();
                tracing::error!(%error, reference, "a statement failed");
                Self::Internal { reference }
            }
        }
    }
}
