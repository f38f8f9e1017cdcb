//! Packs pieces into a ZIP archive while they come, on a thread of its own, and hands the archive on in chunks. Whatever
//! its size, no more than a few chunks are held: a slow reader makes the writer wait, and one that has gone ends it.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures::stream;
use time::OffsetDateTime;
use tokio::{runtime::Handle, sync::mpsc};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// How much is handed on at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// Chunks that may wait for the reader, and pieces that may wait for the packer.
const WAITING: usize = 4;

/// A reader that takes nothing for so long has gone.
const STALLED: Duration = Duration::from_secs(60);

/// A piece of an archive.
pub(super) enum Piece {
    /// A file begins.
    File(String),
    /// A part of its content.
    Part(Vec<u8>),
    /// The archive is complete.
    End,
}

/// Nobody takes the archive any more.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the archive has gone")]
pub(super) struct Gone;

/// Where the pieces of an archive go.
pub(super) struct Packer(mpsc::Sender<Piece>);

impl Packer {
    /// Starts an archive whose files are dated `now`; the body is the archive. If the packer is dropped before the end,
    /// the body ends with an error, so that nobody takes it for complete.
    pub(super) fn start(now: OffsetDateTime) -> (Self, Body) {
        let (pieces, to_pack) = mpsc::channel(WAITING);
        let (chunks, to_read) = mpsc::channel(WAITING);
        let outlet = Outlet { chunks, buffer: Vec::with_capacity(CHUNK), broken: Arc::default(), runtime: Handle::current() };
        tokio::task::spawn_blocking(move || pack(to_pack, outlet, now));
        let chunks = stream::unfold(to_read, |mut chunks| async move { chunks.recv().await.map(|chunk| (chunk, chunks)) });
        (Self(pieces), Body::from_stream(chunks))
    }

    /// Hands over a piece.
    ///
    /// # Errors
    /// If nobody takes the archive any more.
    pub(super) async fn send(&self, piece: Piece) -> Result<(), Gone> {
        self.0.send(piece).await.map_err(|_| Gone)
    }
}

fn pack(pieces: mpsc::Receiver<Piece>, outlet: Outlet, now: OffsetDateTime) {
    let (chunks, broken, runtime) = (outlet.chunks.clone(), Arc::clone(&outlet.broken), outlet.runtime.clone());
    if let Err(error) = pack_all(pieces, outlet, now, &broken) {
        tracing::warn!(%error, "an archive was not completed");
        _ = runtime.block_on(tokio::time::timeout(STALLED, chunks.send(Err(error))));
    }
}

fn pack_all(mut pieces: mpsc::Receiver<Piece>, outlet: Outlet, now: OffsetDateTime, broken: &AtomicBool) -> io::Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(dated(now));
    let mut archive = ZipWriter::new_stream(outlet);
    while let Some(piece) = pieces.blocking_recv() {
        let packed = match piece {
            Piece::File(name) => archive.start_file(name, options).map_err(io::Error::from),
            Piece::Part(part) => archive.write_all(&part),
            Piece::End => return archive.finish()?.flush(),
        };
        if let Err(error) = packed {
            broken.store(true, Ordering::Relaxed);
            return Err(error);
        }
    }
    // The archive writes its directory when it is dropped; nobody gets that, so that it does not look complete.
    broken.store(true, Ordering::Relaxed);
    Err(io::Error::other("the archive ended early"))
}

/// The date of the files, in UTC.
fn dated(now: OffsetDateTime) -> DateTime {
    let year = u16::try_from(now.year()).unwrap_or(1980);
    DateTime::from_date_and_time(year, now.month().into(), now.day(), now.hour(), now.minute(), now.second()).unwrap_or_default()
}

/// Collects what the archive writes into chunks.
struct Outlet {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
    broken: Arc<AtomicBool>,
    runtime: Handle,
}

impl Outlet {
    fn hand_on(&mut self) -> io::Result<()> {
        let chunk = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK)));
        match self.runtime.block_on(tokio::time::timeout(STALLED, self.chunks.send(Ok(chunk)))) {
            Ok(Ok(())) => Ok(()),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.broken.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() || self.broken.load(Ordering::Relaxed) { Ok(()) } else { self.hand_on() }
    }
}
