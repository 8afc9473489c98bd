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
use protocol::{EntryId, SessionId};

use crate::{Done, HubError};

/// What an answer counts for among the bytes that wait.
const ANSWER_BYTES: usize = 200;

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

/// What waits for one connection.
#[derive(Debug)]
pub enum Outgoing {
    /// A frame of UTF-8 JSON.
    Frame(Bytes),
    /// What became of something that the connection asked for itself ([`Hub::send`](crate::Hub::send)): in its place
    /// among the frames, so that it wakes nobody a second time.
    Answer(Answered),
}

/// What became of a send.
#[derive(Debug)]
pub struct Answered {
    /// The send.
    pub id: EntryId,
    /// Where it was to go.
    pub session: SessionId,
    /// Where it is, or why not.
    pub done: Result<Done, HubError>,
}

impl Outgoing {
    fn bytes(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.len(),
            Self::Answer(_) => ANSWER_BYTES,
        }
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
    waiting: VecDeque<Outgoing>,
    bytes: usize,
    slow: bool,
    writers: usize,
    reader_gone: bool,
    /// The reader, while it waits.
    reader: Option<Waker>,
}

/// Frames for which an empty queue keeps the room.
const KEPT: usize = 16;

/// Makes the queue of one connection.
pub fn outbound(limits: QueueLimits) -> (Outbound, OutboundReader) {
    let state = State {
        waiting: VecDeque::new(),
        bytes: 0,
        slow: false,
        writers: 1,
        reader_gone: false,
        reader: None,
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
    fn take(&mut self) -> Option<Outgoing> {
        let next = self.waiting.pop_front()?;
        self.bytes -= next.bytes();
        if self.waiting.is_empty() && self.waiting.capacity() > KEPT {
            self.waiting = VecDeque::new();
        }
        Some(next)
    }

    fn poll_recv(&mut self, cx: &Context<'_>) -> Poll<Option<Outgoing>> {
        match self.take() {
            Some(next) => Poll::Ready(Some(next)),
            None if self.writers == 0 => Poll::Ready(None),
            None => self.wait(cx),
        }
    }

    fn wait<T>(&mut self, cx: &Context<'_>) -> Poll<T> {
        if !self.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
            self.reader = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// Wakes the reader when nobody holds the lock any more, as it takes it at once.
fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl Outbound {
    /// Queues a frame of UTF-8 JSON; if there is no room, the connection is too slow and gets nothing any more.
    pub fn push(&self, frame: Bytes) {
        self.queue(Outgoing::Frame(frame));
    }

    /// Queues an answer, by the same rule.
    pub(crate) fn answer(&self, answered: Answered) {
        self.queue(Outgoing::Answer(answered));
    }

    fn queue(&self, next: Outgoing) {
        let QueueLimits { frames, bytes } = self.shared.limits;
        let mut state = self.shared.lock();
        if state.slow || state.reader_gone {
            return;
        }
        if state.waiting.len() >= frames || state.bytes >= bytes {
            state.slow = true;
        } else {
            state.bytes += next.bytes();
            state.waiting.push_back(next);
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
    /// What is next; `None` when nobody is left to write anything. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Outgoing> {
        poll_fn(|cx| self.shared.lock().poll_recv(cx)).await
    }

    /// What is next, unless the connection is too slow: then nothing is worth writing any more. Cancel-safe.
    ///
    /// # Errors
    /// It is too slow.
    pub async fn next(&mut self) -> Result<Option<Outgoing>, TooSlow> {
        poll_fn(|cx| {
            // Under one lock: whoever is given up between a look and the wait would not be woken.
            let mut state = self.shared.lock();
            if state.slow { Poll::Ready(Err(TooSlow)) } else { state.poll_recv(cx).map(Ok) }
        })
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

    /// What is next, if something waits.
    pub fn try_recv(&mut self) -> Option<Outgoing> {
        self.shared.lock().take()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.shared.lock().waiting.is_empty()
    }

    /// Whether the connection was found too slow.
    pub fn is_slow(&self) -> bool {
        self.shared.lock().slow
    }
}

impl Drop for OutboundReader {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.reader_gone = true;
        state.reader = None;
        state.waiting = VecDeque::new();
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
        assert!(matches!(reader.next().await, Err(TooSlow)));
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
        assert!(matches!(first, Some(Outgoing::Frame(frame)) if frame == "x"));
        assert!(matches!(next, Err(TooSlow)));
        reader.slow().await;
        drop(other);
        assert!(reader.recv().await.is_none());
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_large_frame_fits_an_empty_queue() {
        let (out, mut reader) = outbound(QueueLimits { frames: 10, bytes: 10 });
        out.push(Bytes::from(vec![b'x'; 100]));
        assert!(!reader.is_slow());
        assert!(matches!(reader.recv().await, Some(Outgoing::Frame(frame)) if frame.len() == 100));
        out.push(Bytes::from(vec![b'x'; 10]));
        out.push(Bytes::from_static(b"x"));
        assert!(reader.is_slow());
    }
}
