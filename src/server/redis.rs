//! Redis: counters, the notification queue, long errors of forms. Every command has a time limit; Redis being away is an expected answer.

use std::{future::Future, time::Duration};

use redis::{
    AsyncCommands, Client,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubSink, PubSubStream},
};

use super::config::SecretText;

/// The channel on which processes tell each other that somebody changed something.
pub const CHANGES: &str = "changes";

/// Redis did not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("redis is away")]
pub struct RedisAway;

/// A connection that repairs itself.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
    prefix: String,
}

impl Redis {
    /// How long a page waits for Redis. Longer in tests, of which many start portals and databases side by side on few
    /// cores: what they say must not depend on how busy the machine is.
    pub const TIME_LIMIT: Duration = Duration::from_millis(if cfg!(test) { 2_000 } else { 200 });

    /// How long a command line waits for Redis: it has to connect first, and nobody's page waits for it.
    pub const PATIENCE: Duration = Duration::from_secs(2);

    /// Prepares the connection; it is made at the first command, so that the portal starts without Redis.
    ///
    /// # Errors
    /// If the address cannot be read.
    pub fn connect(url: &SecretText, prefix: &str) -> Result<Self, redis::RedisError> {
        let client = Client::open(url.reveal())?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Self::TIME_LIMIT))
            .set_number_of_retries(2)
            .set_max_delay(Duration::from_millis(500));
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(Self { client, connection, prefix: prefix.to_owned() })
    }

    /// The key as stored: as in the contract, behind this installation's prefix.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A connection for commands of one's own; keys go through [`Self::key`].
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// Reads several values at once.
    ///
    /// # Errors
    /// [`RedisAway`] if there is no answer within 200 ms.
    pub async fn get_many(&self, names: &[String]) -> Result<Vec<Option<String>>, RedisAway> {
        let keys: Vec<String> = names.iter().map(|name| self.key(name)).collect();
        let mut connection = self.connection();
        limited(async move { connection.mget::<_, Vec<Option<String>>>(keys).await }).await
    }

    /// Tells all processes that something was changed; beside the request, and once: whoever must know asks the database.
    pub fn announce_change(&self) {
        let (mut connection, channel) = (self.connection(), self.key(CHANGES));
        tokio::spawn(async move { limited(async move { connection.publish::<_, _, ()>(channel, "").await }).await });
    }

    /// As [`Self::announce_change`], for a process that ends right after it: waits until it is said.
    ///
    /// # Errors
    /// [`RedisAway`] if it could not be said within [`Self::PATIENCE`].
    pub async fn announce_change_before_the_end(&self) -> Result<(), RedisAway> {
        let (mut connection, channel) = (self.connection(), self.key(CHANGES));
        match tokio::time::timeout(Self::PATIENCE, connection.publish::<_, _, ()>(channel, "")).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(RedisAway),
        }
    }

    /// A connection of its own that hears what is announced on a channel.
    ///
    /// # Errors
    /// If Redis does not answer within a second.
    pub async fn listen(&self, channel: &str) -> redis::RedisResult<(PubSubSink, PubSubStream)> {
        let subscribe = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(self.key(channel)).await?;
            Ok(connection.split())
        };
        let late = |_| redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
        tokio::time::timeout(Duration::from_secs(1), subscribe).await.map_err(late)?
    }

    /// Whether Redis answers.
    pub async fn is_up(&self) -> bool {
        let mut connection = self.connection();
        limited(async move { redis::cmd("PING").query_async::<String>(&mut connection).await }).await.is_ok()
    }
}

/// Waits at most [`Redis::TIME_LIMIT`] for an answer.
///
/// # Errors
/// [`RedisAway`] if there is none.
pub async fn limited<T>(command: impl Future<Output = redis::RedisResult<T>>) -> Result<T, RedisAway> {
    match tokio::time::timeout(Redis::TIME_LIMIT, command).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::warn!(%error, "redis refused a command");
            Err(RedisAway)
        }
        Err(_) => Err(RedisAway),
    }
}
