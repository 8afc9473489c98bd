//! The way out to one connection: a bounded queue of shared bytes.
//!
//! Nobody ever waits for a reader. A queue that is full marks its connection as too slow; the gateway closes it
//! (4001) and the client resumes from its cursor, so that no frame is ever skipped (promise 6).

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

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
#[derive(Debug)]
pub struct Outbound {
    shared: Arc<Shared>,
}

/// The reading end, held by the connection's task.
#[derive(Debug)]
pub struct OutboundReader {
    shared: Arc<Shared>,
}

/// The connection could not keep up: what it was to hear is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSlow;

/// A queue of its own, since most are empty most of the time: a channel takes 2 KiB then.
#[derive(Debug)]
struct Shared {
    limits: QueueLimits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Bytes>,
    bytes: usize,
    slow: bool,
    writers: usize,
    reader_gone: bool,
    /// The reader, while it waits.
    waiting: Option<Waker>,
}

/// Frames for which an empty queue keeps the room.
const KEPT: usize = 16;

/// Makes the queue of one connection.
pub fn outbound(limits: QueueLimits) -> (Outbound, OutboundReader) {
    let state = State {
        frames: VecDeque::new(),
        bytes: 0,
        slow: false,
        writers: 1,
        reader_gone: false,
        waiting: None,
    };
    let shared = Arc::new(Shared { limits, state: Mutex::new(state) });
    (Outbound { shared: shared.clone() }, OutboundReader { shared })
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Option<Bytes> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        if self.frames.is_empty() && self.frames.capacity() > KEPT {
            self.frames = VecDeque::new();
        }
        Some(frame)
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        if !self.waiting.as_ref().is_some_and(|waiting| waiting.will_wake(cx.waker())) {
            self.waiting = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// Wakes the reader when nobody holds the lock any more, as it takes it at once.
fn wake(mut state: MutexGuard<'_, State>) {
    let waiting = state.waiting.take();
    drop(state);
    if let Some(reader) = waiting {
        reader.wake();
    }
}

impl Outbound {
    /// Queues a frame of UTF-8 JSON; if there is no room, the connection is too slow and gets nothing any more.
    pub fn push(&self, frame: Bytes) {
        let QueueLimits { frames, bytes } = self.shared.limits;
        let mut state = self.shared.lock();
        if state.slow || state.reader_gone {
            return;
        }
        if state.frames.len() >= frames || state.bytes >= bytes {
            state.slow = true;
        } else {
            state.bytes += frame.len();
            state.frames.push_back(frame);
        }
        wake(state);
    }

    /// Ends the connection as too slow: what it was to hear is lost, so it shall come back and resume.
    pub(crate) fn give_up(&self) {
        let mut state = self.shared.lock();
        state.slow = true;
        wake(state);
    }
}

impl Clone for Outbound {
    fn clone(&self) -> Self {
        self.shared.lock().writers += 1;
        Self { shared: self.shared.clone() }
    }
}

impl Drop for Outbound {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.writers -= 1;
        if state.writers == 0 {
            wake(state);
        }
    }
}

impl OutboundReader {
    /// The next frame; `None` when nobody is left to write one. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Bytes> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next frame, unless the connection is too slow: then nothing is worth writing any more. Cancel-safe.
    ///
    /// # Errors
    /// It is too slow.
    pub async fn next(&mut self) -> Result<Option<Bytes>, TooSlow> {
        poll_fn(|cx| if self.is_slow() { Poll::Ready(Err(TooSlow)) } else { self.poll_recv(cx).map(Ok) })
            .await
    }

    /// Waits until the connection is found too slow. Cancel-safe.
    pub async fn slow(&self) {
        poll_fn(|cx| {
            let mut state = self.shared.lock();
            if state.slow { Poll::Ready(()) } else { state.wait(cx) }
        })
        .await;
    }

    /// The next frame, if one waits.
    pub fn try_recv(&mut self) -> Option<Bytes> {
        self.shared.lock().take()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.shared.lock().frames.is_empty()
    }

    /// Whether the connection was found too slow.
    pub fn is_slow(&self) -> bool {
        self.shared.lock().slow
    }

    fn poll_recv(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.shared.lock();
        match state.take() {
            Some(frame) => Poll::Ready(Some(frame)),
            None if state.writers == 0 => Poll::Ready(None),
            None => state.wait(cx),
        }
    }
}

impl Drop for OutboundReader {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.reader_gone = true;
        state.frames = VecDeque::new();
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
        assert!(reader.is_slow());
        assert!(reader.recv().await.is_some());
        out.push(Bytes::from_static(b"skipping what did not fit would be a silent drop"));
        assert!(reader.recv().await.is_some());
        assert!(reader.try_recv().is_none());
        assert_eq!(reader.next().await, Err(TooSlow));
    }

    #[tokio::test]
    async fn a_reader_that_waits_is_woken() {
        let (out, mut reader) = outbound(QueueLimits::default());
        let other = out.clone();
        let reading = tokio::spawn(async move {
            let first = reader.recv().await;
            (first, reader.next().await, reader)
        });
        tokio::task::yield_now().await;
        out.push(Bytes::from_static(b"x"));
        tokio::task::yield_now().await;
        drop(out);
        other.give_up();
        let (first, next, mut reader) = reading.await.unwrap();
        assert_eq!((first.as_deref(), next), (Some(&b"x"[..]), Err(TooSlow)));
        reader.slow().await;
        drop(other);
        assert_eq!(reader.recv().await, None);
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_large_frame_fits_an_empty_queue() {
        let (out, mut reader) = outbound(QueueLimits { frames: 10, bytes: 10 });
        out.push(Bytes::from(vec![b'x'; 100]));
        assert!(!reader.is_slow());
        assert_eq!(reader.recv().await.unwrap().len(), 100);
        out.push(Bytes::from(vec![b'x'; 10]));
        out.push(Bytes::from_static(b"x"));
        assert!(reader.is_slow());
    }
}
