//! The way out to one connection: a bounded queue of shared bytes.
//!
//! Nobody ever waits for a reader. A queue that is full marks its connection as too slow; the gateway closes it
//! (4001) and the client resumes from its cursor, so that no frame is ever skipped (promise 6).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How much may wait for one connection.
#[derive(Debug, Clone, Copy)]
pub struct QueueLimits {
    /// Frames.
    pub frames: usize,
    /// Bytes. One frame may go beyond, so that a page of long messages fits into an empty queue.
    pub bytes: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { frames: 256, bytes: 256 * 1024 }
    }
}

/// The writing end; a cheap clone for every session that the connection follows.
#[derive(Debug, Clone)]
pub struct Outbound {
    queue: mpsc::Sender<Bytes>,
    shared: Arc<Shared>,
}

/// The reading end, held by the connection's task.
#[derive(Debug)]
pub struct OutboundReader {
    queue: mpsc::Receiver<Bytes>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    waiting_bytes: AtomicUsize,
    max_bytes: usize,
    slow: CancellationToken,
}

/// Makes the queue of one connection.
pub fn outbound(limits: QueueLimits) -> (Outbound, OutboundReader) {
    let (writer, reader) = mpsc::channel(limits.frames);
    let shared = Arc::new(Shared {
        waiting_bytes: AtomicUsize::new(0),
        max_bytes: limits.bytes,
        slow: CancellationToken::new(),
    });
    (Outbound { queue: writer, shared: shared.clone() }, OutboundReader { queue: reader, shared })
}

impl Outbound {
    /// Queues a frame of UTF-8 JSON; if there is no room, the connection is too slow and gets nothing any more.
    pub fn push(&self, frame: Bytes) {
        if self.shared.slow.is_cancelled() {
            return;
        }
        let bytes = frame.len();
        let before = self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before >= self.shared.max_bytes || self.queue.try_send(frame).is_err() {
            self.give_up();
        }
    }

    /// Ends the connection as too slow: what it was to hear is lost, so it shall come back and resume.
    pub(crate) fn give_up(&self) {
        self.shared.slow.cancel();
    }
}

impl OutboundReader {
    /// The next frame. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Bytes> {
        let frame = self.queue.recv().await?;
        self.taken(&frame);
        Some(frame)
    }

    /// The next frame, if one waits.
    pub fn try_recv(&mut self) -> Option<Bytes> {
        let frame = self.queue.try_recv().ok()?;
        self.taken(&frame);
        Some(frame)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    fn taken(&self, frame: &Bytes) {
        self.shared.waiting_bytes.fetch_sub(frame.len(), Ordering::Relaxed);
    }

    /// Cancelled when the connection was found too slow.
    pub fn too_slow(&self) -> CancellationToken {
        self.shared.slow.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_marks_the_connection_and_takes_nothing_more() {
        let (out, mut reader) = outbound(QueueLimits { frames: 2, bytes: 1024 });
        for _ in 0..3 {
            out.push(Bytes::from_static(b"x"));
        }
        assert!(reader.too_slow().is_cancelled());
        assert!(reader.recv().await.is_some());
        out.push(Bytes::from_static(b"skipping what did not fit would be a silent drop"));
        assert!(reader.recv().await.is_some());
        assert!(reader.try_recv().is_none());
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_large_frame_fits_an_empty_queue() {
        let (out, mut reader) = outbound(QueueLimits { frames: 10, bytes: 10 });
        out.push(Bytes::from(vec![b'x'; 100]));
        assert!(!reader.too_slow().is_cancelled());
        assert_eq!(reader.recv().await.unwrap().len(), 100);
        out.push(Bytes::from(vec![b'x'; 10]));
        out.push(Bytes::from_static(b"x"));
        assert!(reader.too_slow().is_cancelled());
    }
}
