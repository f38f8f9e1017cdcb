//! Listens to what the portal asks PostgreSQL: every round trip is a simple query or a Sync of the wire protocol
//! (PostgreSQL documentation, "Message Formats"), so counting those messages counts round trips.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
};

/// What went over the wire.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<Vec<String>>>);

impl Wire {
    /// Listens on a port of its own and passes everything on to the server on `target`.
    pub async fn listen(target: u16) -> (Self, u16) {
        let wire = Self::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
                tokio::spawn(heard.clone().pass_on(from_client, to_server));
            }
        });
        (wire, port)
    }

    /// Forgets what was heard so far.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// The round trips so far: the text of simple queries, `statement` for prepared ones.
    pub fn round_trips(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
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
            match kind {
                b'Q' => self.0.lock().unwrap().push(String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned()),
                b'S' => self.0.lock().unwrap().push("statement".to_owned()),
                _ => {}
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
