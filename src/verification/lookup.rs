//! Asking PostgreSQL for keys, many at once: whatever is asked for while one statement runs goes into the next. So an empty
//! cache costs a few statements and not one for each call, many calls with one key cost one look-up, and strangers who try keys
//! out can never have more than one statement under way.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::{
    cache::{Found, Hash, Memory},
    freshness::Freshness,
    model::StoredKey,
    store::{self, KeyRow},
};
use crate::{
    ids::CustomerId,
    keys::model::Life,
    server::{
        address::Network,
        database::{Database, Scope},
        state::AppState,
    },
};

/// Keys asked for in one statement at most.
const AT_ONCE: usize = 256;

/// Questions that wait at most; more are refused at once.
const WAITING: usize = 10_000;

/// How long PostgreSQL has for an answer.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(1);

/// There was no answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct DatabaseAway;

type Answer = oneshot::Sender<Result<Found, DatabaseAway>>;

/// A question and where its answer goes.
pub(super) type Asked = (Hash, Answer);

pub(super) struct Lookup {
    questions: mpsc::Sender<Asked>,
}

impl Lookup {
    pub(super) fn new() -> (Self, mpsc::Receiver<Asked>) {
        let (questions, receiver) = mpsc::channel(WAITING);
        (Self { questions }, receiver)
    }

    /// Asks for a key, and waits for [`TIME_LIMIT`] at most, however many ask.
    pub(super) async fn find(&self, hash: Hash) -> Result<Found, DatabaseAway> {
        let (answer, answered) = oneshot::channel();
        self.questions.try_send((hash, answer)).map_err(|_| DatabaseAway)?;
        tokio::time::timeout(TIME_LIMIT, answered).await.map_or(Err(DatabaseAway), |answer| answer.unwrap_or(Err(DatabaseAway)))
    }
}

/// Answers questions until the process stops.
pub(super) async fn answer(state: AppState, memory: Arc<Memory>, freshness: Arc<Freshness>, mut questions: mpsc::Receiver<Asked>) {
    let stop = state.background.stopping();
    let mut batch = Vec::with_capacity(AT_ONCE);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            received = questions.recv_many(&mut batch, AT_ONCE) => if received == 0 { return },
        }
        let mut wanted: HashMap<Hash, Vec<Answer>> = HashMap::new();
        // Questions that nobody waits for any longer would only delay the others.
        for (hash, answer) in batch.drain(..).filter(|(_, answer)| !answer.is_closed()) {
            wanted.entry(hash).or_default().push(answer);
        }
        if wanted.is_empty() {
            continue;
        }
        let (generation, read) = (memory.generation(), freshness.moment());
        let hashes: Vec<Vec<u8>> = wanted.keys().map(|hash| hash.to_vec()).collect();
        let rows = match tokio::time::timeout(TIME_LIMIT, ask(&state.verification_database, Scope::Verification, &hashes)).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(error)) => {
                tracing::warn!(%error, "keys could not be looked up");
                refuse(wanted);
                continue;
            }
            Err(_) => {
                tracing::warn!("keys could not be looked up in time");
                refuse(wanted);
                continue;
            }
        };
        let mut keys: HashMap<Hash, Arc<StoredKey>> = rows.into_iter().filter_map(read_row).collect();
        let found: Vec<(Hash, Found)> = wanted.keys().map(|hash| (*hash, keys.remove(hash))).collect();
        memory.remember(generation, read, &found);
        for (hash, found) in found {
            for answer in wanted.remove(&hash).unwrap_or_default() {
                // Whoever asked may have gone.
                let _ = answer.send(Ok(found.clone()));
            }
        }
    }
}

/// Whom these keys belong to; those that exist.
pub(super) async fn owners(state: &AppState, hashes: &[Hash]) -> sqlx::Result<HashMap<Hash, CustomerId>> {
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    let rows = ask(&state.database, Scope::Nobody, &hashes).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.lookup_hash.try_into().ok()?, row.customer_id))).collect())
}

async fn ask(database: &Database, scope: Scope, hashes: &[Vec<u8>]) -> sqlx::Result<Vec<KeyRow>> {
    let mut transaction = database.begin(scope).await?;
    store::find_keys(&mut transaction, hashes).await
}

fn refuse(wanted: HashMap<Hash, Vec<Answer>>) {
    for answer in wanted.into_values().flatten() {
        let _ = answer.send(Err(DatabaseAway));
    }
}

/// A key as it is stored. One that this version does not understand is none: it is refused.
fn read_row(row: KeyRow) -> Option<(Hash, Arc<StoredKey>)> {
    let hash = row.lookup_hash.try_into().ok()?;
    let (Ok(plan), Ok(environment)) = (row.plan.parse(), row.environment.parse()) else {
        tracing::error!(key = %row.key_id, "a key cannot be read");
        return None;
    };
    // A network that cannot be read contains no address.
    let networks: Vec<Network> = row.allowed_networks.iter().filter_map(|network| network.parse().ok()).collect();
    let key = StoredKey {
        id: row.key_id,
        customer_id: row.customer_id,
        plan,
        closed: row.closed,
        environment,
        scopes: row.scopes,
        networks: (!row.allowed_networks.is_empty()).then_some(networks),
        calls_per_minute: row.calls_per_minute.and_then(|calls| u32::try_from(calls).ok()),
        life: Life { revoked_at: row.revoked_at, disabled_at: row.disabled_at, expires_at: row.expires_at, retires_at: row.retires_at },
    };
    Some((hash, Arc::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_waits_longer_than_the_limit_in_a_queue_that_does_not_move() {
        let (lookup, _questions) = Lookup::new();
        let found = tokio::time::timeout(2 * TIME_LIMIT, lookup.find([1; 32])).await;
        assert!(matches!(found, Ok(Err(DatabaseAway))), "{found:?}");
    }
}
