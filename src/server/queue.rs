//! The notification queue: the Redis list `notification:queue` of the contract, and beside it one list for each worker
//! with what it has in hand, so that what a worker leaves behind is found again.
//!
//! The other keys carry the queue's name as hash tag: Redis Cluster keeps all of them on one node, as moving between
//! lists needs.

use redis::AsyncCommands;

use super::redis::{Redis, RedisAway, limited};

/// A worker that has not been heard of for so long is gone, in seconds. Longer than one mail may take.
const GONE_AFTER: u64 = 120;

/// The most entries of a gone worker that are given back at once.
const RECOVER_AT_ONCE: usize = 1_000;

/// The queue as one worker sees it.
#[derive(Clone)]
pub struct Queue {
    redis: Redis,
    list: String,
    worker: String,
}

impl Queue {
    /// The contract's name of the list.
    pub const NAME: &'static str = "notification:queue";

    /// The queue for a worker with this name.
    pub fn new(redis: &Redis, worker: String) -> Self {
        Self { redis: redis.clone(), list: redis.key(Self::NAME), worker }
    }

    /// Appends entries.
    ///
    /// # Errors
    /// If Redis does not answer in time; the entries may have arrived nevertheless.
    pub async fn push(&self, entries: &[String]) -> Result<(), RedisAway> {
        let mut connection = self.redis.connection();
        limited(async move { connection.rpush::<_, _, ()>(&self.list, entries).await }).await
    }

    /// Takes the oldest entry into this worker's hands.
    ///
    /// # Errors
    /// If Redis does not answer in time.
    pub async fn take(&self) -> Result<Option<String>, RedisAway> {
        self.shift(&self.list, &self.in_hand(&self.worker)).await
    }

    /// Forgets an entry that was dealt with.
    ///
    /// # Errors
    /// If Redis does not answer in time.
    pub async fn done(&self, entry: &str) -> Result<(), RedisAway> {
        let mut connection = self.redis.connection();
        let in_hand = self.in_hand(&self.worker);
        limited(async move { connection.lrem::<_, _, ()>(in_hand, 1, entry).await }).await
    }

    /// Tells the other workers that this one lives.
    ///
    /// # Errors
    /// If Redis does not answer in time.
    pub async fn beat(&self) -> Result<(), RedisAway> {
        let mut connection = self.redis.connection();
        let mut both = redis::pipe();
        both.atomic().sadd(self.workers(), &self.worker).ignore().set_ex(self.heartbeat(&self.worker), 1, GONE_AFTER).ignore();
        limited(async move { both.query_async::<()>(&mut connection).await }).await
    }

    /// Gives back what workers that are gone had in hand.
    ///
    /// # Errors
    /// If Redis does not answer in time.
    pub async fn recover(&self) -> Result<(), RedisAway> {
        let mut connection = self.redis.connection();
        let (workers, mut reader) = (self.workers(), self.redis.connection());
        let names: Vec<String> = limited(async move { connection.smembers(workers).await }).await?;
        if names.is_empty() {
            return Ok(());
        }
        let heartbeats: Vec<String> = names.iter().map(|name| self.heartbeat(name)).collect();
        let alive: Vec<Option<String>> = limited(async move { reader.mget(heartbeats).await }).await?;
        for (name, _) in names.iter().zip(alive).filter(|(_, alive)| alive.is_none()) {
            self.give_back(name).await?;
        }
        Ok(())
    }

    /// Gives back what this worker still has in hand, at its end.
    ///
    /// # Errors
    /// If Redis does not answer in time; then another worker recovers it later.
    pub async fn leave(&self) -> Result<(), RedisAway> {
        self.give_back(&self.worker).await?;
        self.forget_heartbeat().await
    }

    /// Lets the others take this worker for gone.
    ///
    /// # Errors
    /// If Redis does not answer in time.
    pub async fn forget_heartbeat(&self) -> Result<(), RedisAway> {
        let (mut connection, heartbeat) = (self.redis.connection(), self.heartbeat(&self.worker));
        limited(async move { connection.del::<_, ()>(heartbeat).await }).await
    }

    async fn give_back(&self, worker: &str) -> Result<(), RedisAway> {
        let in_hand = self.in_hand(worker);
        for _ in 0..RECOVER_AT_ONCE {
            if self.shift(&in_hand, &self.list).await?.is_none() {
                let (mut connection, workers) = (self.redis.connection(), self.workers());
                return limited(async move { connection.srem::<_, _, ()>(workers, worker).await }).await;
            }
        }
        Ok(())
    }

    async fn shift(&self, from: &str, to: &str) -> Result<Option<String>, RedisAway> {
        let mut connection = self.redis.connection();
        limited(async move { redis::cmd("LMOVE").arg(from).arg(to).arg("LEFT").arg("RIGHT").query_async(&mut connection).await }).await
    }

    fn workers(&self) -> String {
        format!("{{{}}}:workers", self.list)
    }

    fn heartbeat(&self, worker: &str) -> String {
        format!("{{{}}}:worker:{worker}", self.list)
    }

    fn in_hand(&self, worker: &str) -> String {
        format!("{{{}}}:in_hand:{worker}", self.list)
    }
}
