//! What every request and every job is given.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use time::Duration;
use tokio::sync::Semaphore;

use super::{
    address::Network, background::Background, clock::Clock, config::Config, database::Database, entropy::Entropy, mailer::Mailer,
    pace::Paces, rate_limit::LocalCounts, redis::Redis,
};

/// Connections for verification alone: one to ask for changes, one to look keys up, which is one statement at a time, and two to look
/// service tokens up. Were they those of the pages, slow pages of one customer would keep every process from hearing of revocations,
/// and then nobody's keys could be verified.
const VERIFICATION_CONNECTIONS: u32 = 4;

/// The process's shared parts. A request copies it some hundred times on its way through the layers and the page.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What [`AppState`] holds.
#[cfg_attr(test, derive(Clone))]
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// PostgreSQL; only `server/` uses it directly.
    pub database: Database,
    /// The same, through connections that only verification uses; none is made before a key is verified.
    pub verification_database: Database,
    /// Redis.
    pub redis: Redis,
    /// The clock.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// How mails leave.
    pub mailer: Mailer,
    /// At most two passwords are hashed at once: each takes 19 MiB and 20 ms of a core.
    pub hashing: Arc<Semaphore>,
    /// Counts of attempts while Redis is away.
    pub local_counts: Arc<LocalCounts>,
    /// How fast a service token may call, by its hash.
    pub token_paces: Arc<Paces<[u8; 32]>>,
    /// How fast service tokens of one address may be refused.
    pub refusal_paces: Arc<Paces<Option<Network>>>,
    /// At most two PDFs are made at once.
    pub typesetting: Arc<Semaphore>,
    /// At most two exports of everything are made at once: each holds a connection to the database while it lasts.
    pub exporting: Arc<Semaphore>,
    /// Tasks beside the requests.
    pub background: Background,
    /// Where the browser's files are.
    pub leptos: LeptosOptions,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        database: Database,
        redis: Redis,
        clock: Clock,
        entropy: Entropy,
        mailer: Mailer,
        leptos: LeptosOptions,
    ) -> Self {
        Self(Arc::new(Parts {
            token_paces: Arc::new(Paces::per_second(config.api_calls_per_second)),
            refusal_paces: Arc::new(Paces::new(Duration::seconds(5), Duration::seconds(50))),
            config,
            verification_database: database.with_connections(VERIFICATION_CONNECTIONS),
            database,
            redis,
            clock,
            entropy,
            mailer,
            hashing: Arc::new(Semaphore::new(2)),
            local_counts: Arc::default(),
            typesetting: Arc::new(Semaphore::new(2)),
            exporting: Arc::new(Semaphore::new(2)),
            background: Background::default(),
            leptos,
        }))
    }

    /// Closes every connection to PostgreSQL.
    pub async fn disconnect(&self) {
        self.database.close().await;
        self.verification_database.close().await;
    }
}

impl Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Tests exchange single parts.
#[cfg(test)]
impl std::ops::DerefMut for AppState {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
