//! Background work: notifications from the outbox through the queue to the mailer, and clearing up.
//!
//! A new kind of notification is one line in `emails::render`. Whatever happens to a worker or to Redis, a
//! notification is sent at least once, and once only unless the process dies between the mail server's answer and the
//! COMMIT after it; that second mail carries the same Message-ID.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    database::Scope,
    emails,
    entropy::sha256,
    housekeeping,
    mailer::SendError,
    outbox::{self, Row},
    queue::Queue,
    redis::RedisAway,
    state::AppState,
};
use crate::{data, keys, sso, usage, verification};

/// How long the worker rests when there is nothing to do.
const REST: Duration = Duration::from_secs(1);

/// How often old rows are cleared away.
const HOUSEKEEPING: time::Duration = time::Duration::minutes(10);

/// How many mails are under way at once; each holds a connection to the database.
const SIDE_BY_SIDE: usize = 4;

/// Why background work stopped for now; it goes on at the next round.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Redis does not answer.
    #[error(transparent)]
    Redis(#[from] RedisAway),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Works until the portal stops. What is under way is finished first.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let worker = Worker::new(&state);
    let mut cleared_at: Option<OffsetDateTime> = None;
    let mut failing = false;
    while !shutdown.is_cancelled() {
        let outcome = worker.round(&shutdown).await;
        match &outcome {
            Ok(()) if failing => tracing::info!("background work goes on"),
            Err(error) if !failing => tracing::warn!(%error, "background work waits; notifications stay in the outbox"),
            _ => {}
        }
        failing = outcome.is_err();
        let now = state.clock.now();
        if cleared_at.is_none_or(|at| now - at >= HOUSEKEEPING) {
            cleared_at = Some(now);
            housekeeping::run(&state).await;
            if let Err(error) = data::close_due(&state).await {
                tracing::warn!(%error, "deletions of accounts wait for the database");
            }
            if let Err(error) = verification::clear_records(&state).await {
                tracing::warn!(%error, "old calls with keys could not be cleared away");
            }
            if let Err(error) = keys::announce_ends(&state).await {
                tracing::warn!(%error, "notices about keys wait for the database");
            }
            if let Err(error) = sso::recheck_domains(&state).await {
                tracing::warn!(%error, "records of domains could not be looked for again");
            }
            if let Err(error) = usage::store_counters(&state).await {
                tracing::warn!(%error, "usage counters could not be stored");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }
    if worker.queue.leave().await.is_err() {
        tracing::warn!("redis is away: another worker takes over what this one leaves");
    }
}

/// Does everything that is due and returns.
///
/// # Errors
/// If Redis or the database does not answer.
#[cfg(test)]
pub async fn run_once(state: &AppState) -> Result<(), WorkerError> {
    data::close_due(state).await?;
    keys::announce_ends(state).await?;
    sso::recheck_domains(state).await?;
    let worker = Worker::new(state);
    worker.round(&CancellationToken::new()).await?;
    worker.queue.leave().await?;
    housekeeping::run(state).await;
    verification::clear_records(state).await?;
    Ok(())
}

struct Worker {
    state: AppState,
    queue: Queue,
}

impl Worker {
    fn new(state: &AppState) -> Self {
        let queue = Queue::new(&state.redis, state.entropy.hex::<8>());
        Self { state: state.clone(), queue }
    }

    /// Moves what is due to the queue and sends what is in it, until nothing is left or the portal stops.
    async fn round(&self, shutdown: &CancellationToken) -> Result<(), WorkerError> {
        self.queue.beat().await?;
        self.queue.recover().await?;
        loop {
            let pushed = self.relay().await?;
            let mut sent = false;
            while !shutdown.is_cancelled() && self.consume().await? {
                sent = true;
            }
            if shutdown.is_cancelled() || (pushed == 0 && !sent) {
                return Ok(());
            }
        }
    }

    /// Pushes due rows. Stopped between the push and the COMMIT, it pushes them again later; they are sent once.
    async fn relay(&self) -> Result<usize, WorkerError> {
        let now = self.state.clock.now();
        let mut transaction = self.state.database.begin(Scope::Worker).await?;
        let due = outbox::claim_due(&mut transaction, now).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let entries: Vec<String> = due.iter().map(Row::entry).collect();
        self.queue.push(&entries).await?;
        let ids: Vec<Uuid> = due.iter().map(|row| row.outbox_id).collect();
        outbox::mark_queued(&mut transaction, &ids, now).await?;
        transaction.commit().await?;
        Ok(due.len())
    }

    /// Takes a handful of entries and deals with them side by side. False when the queue is empty.
    async fn consume(&self) -> Result<bool, WorkerError> {
        self.queue.beat().await?;
        let mut entries = Vec::with_capacity(SIDE_BY_SIDE);
        while entries.len() < SIDE_BY_SIDE {
            let Some(entry) = self.queue.take().await? else { break };
            entries.push(entry);
        }
        let outcomes = join_all(entries.iter().map(|entry| self.handle(entry))).await;
        outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(!entries.is_empty())
    }

    /// Deals with one entry. If the database is away it stays in this worker's hands and is given back.
    async fn handle(&self, entry: &str) -> Result<(), WorkerError> {
        let outcome = match Entry::parse(entry) {
            Entry::Ours(id) => self.send(id).await,
            Entry::Foreign { id, kind, payload } => self.adopt_and_send(id, &kind, &payload).await,
            Entry::Unreadable => {
                // Not shown: it may hold the secret of a link.
                tracing::warn!(bytes = entry.len(), "the queue holds an entry that is no notification; dropped");
                Ok(())
            }
        };
        match outcome {
            Ok(()) => Ok(self.queue.done(entry).await?),
            Err(error) => {
                self.queue.leave().await?;
                Err(error)
            }
        }
    }

    async fn adopt_and_send(&self, id: Uuid, kind: &str, payload: &Value) -> Result<(), WorkerError> {
        let mut transaction = self.state.database.begin(Scope::Worker).await?;
        outbox::adopt(&mut transaction, id, kind, payload, self.state.clock.now()).await?;
        transaction.commit().await?;
        self.send(id).await
    }

    /// Sends the notification unless that has happened. The row stays locked meanwhile, so that a second worker with
    /// the same entry passes over it.
    async fn send(&self, id: Uuid) -> Result<(), WorkerError> {
        let now = self.state.clock.now();
        let mut transaction = self.state.database.begin(Scope::Worker).await?;
        let Some(row) = outbox::lock(&mut transaction, id, now).await? else {
            return Ok(());
        };
        let Some(mail) = emails::render(&row.kind, &row.payload) else {
            tracing::error!(%id, kind = row.kind, "no mail can be made of this notification");
            outbox::give_up(&mut transaction, id, "no mail can be made of it", now).await?;
            transaction.commit().await?;
            return Ok(());
        };
        match self.state.mailer.send(&mail, id, now).await {
            Ok(()) => outbox::mark_sent(&mut transaction, id, now).await?,
            Err(SendError::Refused(error)) => {
                tracing::warn!(%id, kind = row.kind, error, "a mail was refused and is given up");
                outbox::give_up(&mut transaction, id, &error, now).await?;
            }
            Err(SendError::Unavailable(error)) => {
                tracing::warn!(%id, kind = row.kind, attempts = row.attempts + 1, error, "a mail could not be sent");
                outbox::mark_failed(&mut transaction, &row, &error, now).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// What an entry of the queue is.
#[derive(Debug, PartialEq)]
enum Entry {
    /// Ours: the outbox row is the truth, the rest of the entry is for other readers of the queue.
    Ours(Uuid),
    /// Another system pushed it. Its id is made of its content, so that the same entry pushed twice is sent once.
    Foreign { id: Uuid, kind: String, payload: Value },
    /// Neither.
    Unreadable,
}

impl Entry {
    fn parse(entry: &str) -> Self {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(entry) else { return Self::Unreadable };
        let id = fields.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        if let Some(id) = id {
            return Self::Ours(id);
        }
        let Some(Value::String(kind)) = fields.remove("type") else { return Self::Unreadable };
        let digest = sha256(entry.as_bytes());
        let id = digest.first_chunk::<16>().map_or_else(Uuid::nil, |bytes| uuid::Builder::from_custom_bytes(*bytes).into_uuid());
        Self::Foreign { id, kind, payload: Value::Object(fields) }
    }
}

#[cfg(test)]
mod tests;
