//! How a verifier hears of changes: it asks PostgreSQL each second, and Redis announces when to ask at once.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};

use super::Verifier;
use crate::{
    server::{
        database::Scope,
        redis::{self, Redis},
    },
    verification::{cache::Hash, freshness::WITHOUT_DATABASE, lookup, store},
};

/// How often changes are asked for when none is announced.
const POLL: Duration = Duration::from_secs(1);

/// Announcements that come closer together are answered with one question.
const PAUSE: Duration = Duration::from_millis(20);

/// How often the connection that listens is asked for a sign of life.
const BEAT: Duration = Duration::from_millis(500);

/// Signs of life that may fail to come before the connection is made anew.
const MISSED: u32 = 5;

/// Changes read at once; of more, everything is forgotten.
const CHANGES: i64 = 10_000;

/// Which changes were dealt with.
struct Seen {
    /// The oldest transaction that was still running at the last question.
    since: i64,
    /// Those in transactions from there on.
    changes: HashSet<(i64, Hash)>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { since: i64::MAX, changes: HashSet::new() }
    }
}

impl Verifier {
    /// Asks for changes each second and whenever one is announced, and forgets what changed.
    pub(super) async fn follow(self: Arc<Self>) {
        let stop = self.state.background.stopping();
        let mut seen = Seen::default();
        loop {
            let asked = self.freshness.moment();
            let longest = u64::try_from(WITHOUT_DATABASE.as_millis()).unwrap_or(u64::MAX);
            if asked.saturating_sub(self.freshness.confirmed()) > longest {
                seen = Seen::default();
            }
            match tokio::time::timeout(lookup::TIME_LIMIT, self.list_changes(seen.since)).await {
                Ok(Ok(rows)) => {
                    self.forget(&mut seen, rows);
                    self.freshness.confirm(asked);
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "changes of keys could not be read");
                    self.freshness.database_is_away();
                }
                Err(_) => {
                    tracing::warn!("changes of keys could not be read in time");
                    self.freshness.database_is_away();
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(POLL) => {}
                () = self.changed.notified() => {
                    // Not before the last question: one at a time, and many announcements make one.
                    let since = self.freshness.moment().saturating_sub(asked);
                    tokio::time::sleep(PAUSE.saturating_sub(Duration::from_millis(since))).await;
                }
            }
        }
    }

    async fn list_changes(&self, since: i64) -> sqlx::Result<Vec<store::ChangeRow>> {
        let mut transaction = self.state.verification_database.begin(Scope::Verification).await?;
        store::list_changes(&mut transaction, since, CHANGES).await
    }

    /// Forgets what these rows say has changed, each change once.
    fn forget(&self, seen: &mut Seen, rows: Vec<store::ChangeRow>) {
        let Some(oldest_running) = rows.first().map(|row| row.oldest_running) else { return };
        let first = seen.since == i64::MAX;
        if first || i64::try_from(rows.len()).is_ok_and(|rows| rows >= CHANGES) {
            // Nothing is known about what came before, or there is too much.
            self.memory.forget_all();
            seen.changes.clear();
        } else {
            let changes = rows.into_iter().filter_map(|row| Some((row.transaction_id?, Hash::try_from(row.credential_hash?).ok()?)));
            let new: Vec<(i64, Hash)> = changes.filter(|change| seen.changes.insert(*change)).collect();
            if !new.is_empty() {
                self.memory.forget(new.iter().map(|(_, hash)| hash));
            }
        }
        seen.since = oldest_running;
        seen.changes.retain(|(transaction, _)| *transaction >= oldest_running);
    }

    /// Listens for announcements. After a connection broke, nothing of what was remembered before counts: what was announced
    /// meanwhile is not known.
    pub(super) async fn listen(self: Arc<Self>) {
        let stop = self.state.background.stopping();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.hear() => {
                    self.freshness.hear_nothing();
                    if let Err(error) = outcome {
                        tracing::debug!(%error, "changes of keys are not announced while redis is away");
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    async fn hear(&self) -> Result<(), ::redis::RedisError> {
        let (mut sink, mut announcements) = self.state.redis.listen(redis::CHANGES).await?;
        self.memory.forget_all();
        let mut beat = tokio::time::interval(BEAT);
        let mut missed = 0;
        loop {
            tokio::select! {
                message = announcements.next() => match message {
                    Some(_) => self.hear_announcement(),
                    None => return Ok(()),
                },
                _ = beat.tick() => {
                    let asked = self.freshness.moment();
                    match tokio::time::timeout(Redis::TIME_LIMIT, sink.ping::<::redis::Value>()).await {
                        Ok(answer) => drop(answer?),
                        // A connection whose other end is gone without a word never breaks by itself.
                        Err(_) if missed >= MISSED => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
                        Err(_) => {
                            missed += 1;
                            continue;
                        }
                    }
                    missed = 0;
                    // Redis sends what was announced before its answer to us first.
                    while let Some(message) = announcements.next().now_or_never() {
                        if message.is_none() {
                            return Ok(());
                        }
                        self.hear_announcement();
                    }
                    self.freshness.hear(asked);
                }
            }
        }
    }

    fn hear_announcement(&self) {
        self.freshness.announce();
        self.changed.notify_one();
    }
}
