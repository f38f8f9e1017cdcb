//! Listens to what the portal asks PostgreSQL: every round trip is a simple query or a Sync of the wire protocol
//! (PostgreSQL documentation, "Message Formats"), so counting those messages counts round trips.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    task::AbortHandle,
};

/// What went over the wire.
#[derive(Clone, Default)]
pub struct Wire {
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
    delay: Arc<Mutex<Duration>>,
    /// Once it is silent: the connections that get no answer.
    unanswered: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Wire {
    /// Listens on a port of its own and passes everything on to the server on `target`.
    pub async fn listen(target: u16) -> (Self, u16) {
        let wire = Self::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passing = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Some(unanswered) = &mut *passing.unanswered.lock().unwrap() {
                    unanswered.push(client);
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                let forth = tokio::spawn(passing.clone().pass_on(from_client, to_server));
                passing.connections.lock().unwrap().extend([back.abort_handle(), forth.abort_handle()]);
            }
        });
        (wire, port)
    }

    /// Forgets what was heard so far.
    pub fn clear(&self) {
        self.heard.lock().unwrap().clear();
    }

    /// The round trips so far: the text of simple queries, `statement` for prepared ones.
    pub fn round_trips(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// From now on every round trip takes so much longer.
    pub fn delay(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// Breaks every connection, as a restart of the server does.
    pub fn cut(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            connection.abort();
        }
    }

    /// Breaks every connection and answers no other, as a machine that has gone does.
    pub fn fall_silent(&self) {
        *self.unanswered.lock().unwrap() = Some(vec![]);
        self.cut();
    }

    /// How often somebody has tried to connect since it fell silent.
    pub fn attempts(&self) -> usize {
        self.unanswered.lock().unwrap().as_ref().map_or(0, Vec::len)
    }

    async fn pass_on(self, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) {
        // The first message has no type: its length, then the rest.
        let mut started = false;
        loop {
            let kind = if started { client.read_u8().await } else { Ok(0) };
            let (Ok(kind), Ok(length)) = (kind, client.read_u32().await) else { return };
            let mut body = vec![0; length as usize - 4];
            if client.read_exact(&mut body).await.is_err() {
                return;
            }
            let round_trip = match kind {
                b'Q' => Some(String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned()),
                b'S' => Some("statement".to_owned()),
                _ => None,
            };
            if let Some(round_trip) = round_trip {
                self.heard.lock().unwrap().push(round_trip);
                let delay = *self.delay.lock().unwrap();
                tokio::time::sleep(delay).await;
            }
            let mut message = if started { vec![kind] } else { vec![] };
            message.extend_from_slice(&length.to_be_bytes());
            message.extend_from_slice(&body);
            if server.write_all(&message).await.is_err() {
                return;
            }
            started = true;
        }
    }
}
