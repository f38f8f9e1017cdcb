//! A name server of our own.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::net::UdpSocket;

/// A name server that knows TXT records.
#[derive(Clone)]
pub struct FakeNames {
    pub address: SocketAddr,
    records: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
}

impl FakeNames {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let names = Self { address: socket.local_addr().unwrap(), records: Arc::default(), asked: Arc::default(), fails: Arc::default() };
        let (records, asked, fails) = (names.records.clone(), names.asked.clone(), names.fails.clone());
        tokio::spawn(async move {
            let mut buffer = [0; 1_500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                asked.fetch_add(1, Ordering::Relaxed);
                let mut answer = answer(&buffer[..length], &records.lock().unwrap());
                if fails.load(Ordering::Relaxed) {
                    // "Server failure", as when those of the domain are away.
                    answer[3] = 0x82;
                }
                _ = socket.send_to(&answer, from).await;
            }
        });
        names
    }

    pub fn set(&self, name: &str, value: &str) {
        self.records.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn clear(&self) {
        self.records.lock().unwrap().clear();
    }

    /// How many questions came so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// From now on every answer is that it cannot answer, or no longer.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }
}

/// RFC 1035, section 4.1: the question again, and behind it the record if there is one.
fn answer(question: &[u8], records: &HashMap<String, String>) -> Vec<u8> {
    let (mut at, mut labels) = (12, vec![]);
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    let end = at + 5;
    let is_txt = question[at + 1..at + 3] == [0, 16];
    let record = records.get(&labels.join(".")).filter(|_| is_txt);
    let refused = if record.is_some() { 0 } else { 3 };
    let mut answer =
        [&question[..2], &[0x81, 0x80 | refused, 0, 1, 0, u8::from(record.is_some()), 0, 0, 0, 0], &question[12..end]].concat();
    if let Some(text) = record {
        let length = u8::try_from(text.len()).unwrap();
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, length + 1, length]);
        answer.extend(text.as_bytes());
    }
    answer
}
