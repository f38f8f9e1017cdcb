//! Listens to what the portal asks Redis. A command is an array of byte strings (Redis serialization protocol), and those that
//! arrive together are answered together, so counting the arrivals counts round trips.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::redis_address;
use crate::server::config::SecretText;

/// What went over the wire.
#[derive(Clone, Default)]
pub struct RedisWire {
    heard: Arc<Mutex<Vec<String>>>,
    delay: Arc<Mutex<Duration>>,
    url: String,
}

impl RedisWire {
    /// Listens on a port of its own and passes everything on to the Redis of the tests.
    pub async fn listen() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut url: url::Url = redis_address().parse().unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(6379));
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let wire = Self { url: url.to_string(), ..Self::default() };
        let passing = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.unwrap();
                tokio::spawn(passing.clone().pass_on(client, server));
            }
        });
        wire
    }

    /// The address at which the portal reaches Redis over this wire.
    pub fn url(&self) -> SecretText {
        SecretText::new(self.url.clone())
    }

    /// Forgets what was heard so far.
    pub fn clear(&self) {
        self.heard.lock().unwrap().clear();
    }

    /// The round trips so far, by the name of their first command.
    pub fn round_trips(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// From now on every round trip takes so much longer.
    pub fn delay(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    async fn pass_on(self, client: TcpStream, server: TcpStream) {
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        let mut sent = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from_client.read(&mut sent).await {
            let sent = &sent[..length];
            // `*2`, `$4`, `MGET`, …
            let name = String::from_utf8_lossy(sent).lines().nth(2).unwrap_or_default().to_uppercase();
            self.heard.lock().unwrap().push(name);
            let delay = *self.delay.lock().unwrap();
            tokio::time::sleep(delay).await;
            if to_server.write_all(sent).await.is_err() {
                return;
            }
        }
    }
}
