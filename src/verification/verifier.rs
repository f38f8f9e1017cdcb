//! One process's verifier: what it remembers, what it counts, and what it says about a call.

mod changes;

use std::sync::{Arc, Once};

use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{
    cache::{Found, Hash, Memory},
    freshness::{Freshness, Trust},
    histogram::Histogram,
    lookup::{self, DatabaseAway, Lookup},
    meter::Meter,
    model::{Code, Question, StoredKey, is_malformed},
    rates::{Left, Rates},
    records::{self, Records},
};
use crate::{
    error::AppError,
    keys::model::Environment,
    server::{
        database::Scope,
        entropy::sha256,
        service_caller::{self, StoredToken, TokenHash},
        state::AppState,
    },
};

/// Service tokens looked up at once, so that however many are tried, connections are left to look keys up and to hear of changes.
const TOKENS_AT_ONCE: usize = 2;

/// What is said about a call.
pub(super) struct Verdict {
    pub(super) code: Code,
    pub(super) key: Option<Arc<StoredKey>>,
    pub(super) left: Option<Left>,
}

impl From<Code> for Verdict {
    fn from(code: Code) -> Self {
        Self { code, key: None, left: None }
    }
}

pub(super) struct Verifier {
    pub(super) state: AppState,
    pub(super) times: Histogram,
    pub(super) freshness: Arc<Freshness>,
    memory: Arc<Memory>,
    lookup: Lookup,
    token_turns: Semaphore,
    meter: Meter,
    rates: Rates,
    records: Records,
    changed: Notify,
    started: Once,
    questions: std::sync::Mutex<Option<mpsc::Receiver<lookup::Asked>>>,
}

impl Verifier {
    pub(super) fn new(state: &AppState) -> Arc<Self> {
        let (lookup, questions) = Lookup::new();
        Arc::new(Self {
            state: state.clone(),
            times: Histogram::new(),
            memory: Arc::new(Memory::new()),
            freshness: Arc::new(Freshness::new()),
            lookup,
            token_turns: Semaphore::new(TOKENS_AT_ONCE),
            meter: Meter::new(),
            rates: Rates::new(state.entropy.hex::<8>()),
            records: Records::default(),
            changed: Notify::new(),
            started: Once::new(),
            questions: std::sync::Mutex::new(Some(questions)),
        })
    }

    /// Starts the loops, at the first verification: a portal whose SaaS verifies no keys has nothing to keep true.
    pub(super) fn start(self: &Arc<Self>) {
        self.started.call_once(|| {
            let background = &self.state.background;
            let questions = self.questions.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some(questions) = questions {
                background.spawn(lookup::answer(self.state.clone(), Arc::clone(&self.memory), Arc::clone(&self.freshness), questions));
            }
            background.spawn(Arc::clone(self).follow());
            background.spawn(Arc::clone(self).listen());
            background.spawn(Arc::clone(self).keep_counts());
            background.spawn(Arc::clone(self).keep_records());
        });
    }

    /// A service token, as it stood at most [`super::freshness::CEILING`] ago.
    pub(super) async fn token(&self, hash: TokenHash) -> Result<Option<Arc<StoredToken>>, AppError> {
        if let Some((token, Trust::Believe)) = self.known_token(&hash) {
            return Ok(Some(token));
        }
        let failure = match tokio::time::timeout(lookup::TIME_LIMIT, self.find_token(hash)).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        match self.known_token(&hash) {
            Some((token, Trust::Believe | Trust::AskFirst)) => Ok(Some(token)),
            _ => Err(failure.map_or(AppError::Unavailable, AppError::from)),
        }
    }

    /// What is remembered of a token and may be used now. Whoever has waited asks again: meanwhile it may have been forgotten, because
    /// it changed, or have become too old.
    fn known_token(&self, hash: &TokenHash) -> Option<(Arc<StoredToken>, Trust)> {
        let known = self.memory.token(hash)?;
        Some((known.what, self.freshness.trust(known.read)))
    }

    async fn find_token(&self, hash: TokenHash) -> sqlx::Result<Option<Arc<StoredToken>>> {
        let _turn = self.token_turns.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        // Another call with the same token may have been first.
        if let Some((token, Trust::Believe)) = self.known_token(&hash) {
            return Ok(Some(token));
        }
        let (generation, read) = (self.memory.generation(), self.freshness.moment());
        let mut transaction = self.state.verification_database.begin(Scope::Verification).await?;
        let found = service_caller::find(&mut transaction, &hash).await?.map(Arc::new);
        self.memory.remember_token(generation, read, hash, found.as_ref());
        Ok(found)
    }

    /// The verdict on a call. `anew`: what is remembered does not count.
    pub(super) async fn judge(&self, question: &Question, anew: bool) -> Result<Verdict, DatabaseAway> {
        if is_malformed(&self.state.config.key_brand, &question.key) {
            return Ok(Code::Malformed.into());
        }
        let Some(key) = self.key(sha256(question.key.as_bytes()), anew).await? else {
            return Ok(Code::NotFound.into());
        };
        let now = self.state.clock.now();
        let (code, left) = match key.judge(now, question.scope.as_deref(), question.ip) {
            Code::Valid => self.count(&key, question.cost, now).await,
            code => (code, None),
        };
        self.records.note(&key.id, code, question.ip, now);
        Ok(Verdict { code, key: Some(key), left })
    }

    /// Counts a call that is let in as far as the key is concerned: against its own limit, then against the plan's.
    async fn count(&self, key: &StoredKey, cost: Option<u32>, now: OffsetDateTime) -> (Code, Option<Left>) {
        let minute = match key.calls_per_minute.map(|limit| self.rates.take(&key.id, limit, now)) {
            Some(Err(left)) => return (Code::RateLimited, Some(left)),
            Some(Ok(left)) => Some(left),
            None => None,
        };
        let Some(cost) = cost.filter(|_| key.environment == Environment::Live) else { return (Code::Valid, minute) };
        match self.meter.take(&self.state, key.customer_id, key.plan, cost, now).await {
            Ok(left) => (Code::Valid, Some(left)),
            Err(left) => (Code::OverLimit, Some(left)),
        }
    }

    async fn key(&self, hash: Hash, anew: bool) -> Result<Found, DatabaseAway> {
        if anew {
            return self.lookup.find(hash).await;
        }
        if let Some((what, Trust::Believe)) = self.known_key(&hash) {
            return Ok(what);
        }
        let found = self.lookup.find(hash).await;
        if found.is_err()
            && let Some((what, Trust::Believe | Trust::AskFirst)) = self.known_key(&hash)
        {
            return Ok(what);
        }
        found
    }

    /// As [`Self::known_token`], of a key.
    fn known_key(&self, hash: &Hash) -> Option<(Found, Trust)> {
        let known = self.memory.key(hash)?;
        Some((known.what, self.freshness.trust(known.read)))
    }

    /// Exchanges counts and settles what was kept, until the process stops; then once more. Apart from the records: it must not wait
    /// for PostgreSQL.
    async fn keep_counts(self: Arc<Self>) {
        let stop = self.state.background.stopping();
        loop {
            let stopped = tokio::select! {
                () = stop.cancelled() => true,
                () = tokio::time::sleep(records::INTERVAL) => false,
            };
            let counted = self.rates.exchange(&self.state.redis, self.state.clock.now()).await;
            let settled = self.meter.settle(&self.state).await;
            if counted.is_err() || settled.is_err() {
                tracing::debug!(kept = self.meter.kept(), "calls are counted here while redis is away, or knows no counters");
            }
            if stopped {
                if self.meter.kept() > 0 {
                    tracing::error!(calls = self.meter.kept(), "these calls could not be counted against plans: they are lost");
                }
                tracing::info!(verifications = self.times.count(), times = %self.times, "verifications, measured in the handler");
                return;
            }
        }
    }

    /// Writes records until the process stops; then whatever is left, for a while.
    async fn keep_records(self: Arc<Self>) {
        let stop = self.state.background.stopping();
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(records::LAST_WRITE).await;
        };
        tokio::select! {
            () = self.write_records() => {}
            () = overdue => tracing::error!("postgresql did not take the last records of the use of keys: they are lost"),
        }
    }

    async fn write_records(&self) {
        let stop = self.state.background.stopping();
        loop {
            tokio::select! {
                () = stop.cancelled() => return self.records.write_all(&self.state).await,
                () = tokio::time::sleep(records::INTERVAL) => {}
            }
            if let Err(error) = self.records.write(&self.state).await {
                tracing::warn!(%error, "the use of keys could not be recorded; it is kept");
            }
        }
    }
}
