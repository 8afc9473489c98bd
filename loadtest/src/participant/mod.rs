//! A client that does not give up: what a good program on the other end of the contract does.
//!
//! A participant follows sessions from its cursors and keeps its sends until they are answered. When the
//! connection breaks, it comes back with full jitter, resumes every session with (after, epoch), and
//! sends again, under the same ids, what was not acked. It speaks WebSocket or long-poll and can change
//! in the middle of a chat. Everything it does and sees goes into a [`History`](crate::history::History).
//!
//! One task owns the state; the handle sends it commands over a bounded channel and reads what was seen
//! from a watch channel. The task ends when the handle is dropped or stopped.

mod backoff;
mod core;
mod long_poll;
mod outbox;
mod seen;
mod websocket;

use std::time::Duration;

use protocol::{ClientFrame, EntryId, EntryKind, Seq, SessionId, View, rest::Sent};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::{
    client::{Caller, Failure},
    history::Recorder,
};

use self::core::{Command, Core};

pub use seen::{Chat, Seen};

/// Commands that wait for the task; more make the caller wait.
const COMMANDS: usize = 64;

/// How frames travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// `/ws`.
    WebSocket,
    /// `/api/v1/…/events`.
    LongPoll,
}

/// How a participant begins.
#[derive(Debug, Clone)]
pub struct Options {
    /// How frames travel at first.
    pub transport: Transport,
    /// Sessions to follow, each after a cursor or (none) from where the server begins.
    pub follow: Vec<(SessionId, Option<Seq>)>,
    /// Lists to watch.
    pub watch: Vec<View>,
    /// Seeds the jitter of reconnecting.
    pub seed: u64,
    /// How long a long-poll asks to be held.
    pub poll_wait_s: u32,
    /// The longest pause before coming back; the contract's clients wait up to 30 s.
    pub longest_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            transport: Transport::WebSocket,
            follow: Vec::new(),
            watch: Vec::new(),
            seed: 0,
            poll_wait_s: 25,
            longest_pause: backoff::LONGEST,
        }
    }
}

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The same again is the same send.
    pub id: EntryId,
    /// Where to.
    pub session: SessionId,
    /// The text. Trimmed already, so that what is stored is what was sent.
    pub body: String,
    /// A message or a note.
    pub kind: EntryKind,
}

impl Outgoing {
    /// A message under a new id.
    pub fn message(session: SessionId, body: impl Into<String>) -> Self {
        Self { id: EntryId::new(Uuid::now_v7()), session, body: body.into(), kind: EntryKind::Message }
    }

    /// A note under a new id.
    pub fn note(session: SessionId, body: impl Into<String>) -> Self {
        Self { kind: EntryKind::Note, ..Self::message(session, body) }
    }
}

/// A send whose answer is still to come.
#[derive(Debug)]
#[must_use = "the answer says whether it was stored"]
pub struct Sending(oneshot::Receiver<Result<Sent, Failure>>);

impl Sending {
    /// Waits for the ack, through as many retries as it takes.
    ///
    /// # Errors
    /// It was refused for good, or the participant stopped first.
    pub async fn answer(self) -> Result<Sent, Failure> {
        self.0.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> Failure {
    Failure::Impossible("the participant has stopped".into())
}

/// The handle of a client that does not give up.
#[derive(Debug)]
pub struct Participant {
    commands: mpsc::Sender<Command>,
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

impl Participant {
    /// Begins; connecting goes on in the background.
    pub fn join(caller: &Caller, recorder: Recorder, options: Options) -> Self {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (publish, seen) = watch::channel(Seen::default());
        let core = Core::new(caller.clone(), recorder, options, publish);
        let task = tokio::spawn(core::run(core, inbox));
        Self { commands, seen, task }
    }

    /// Follows a session after a cursor, or (none) from where the server begins.
    pub async fn follow(&self, session: SessionId, after: Option<Seq>) {
        self.tell(Command::Follow { session, after }).await;
    }

    /// Stops following a session.
    pub async fn leave(&self, session: SessionId) {
        self.tell(Command::Leave { session }).await;
    }

    /// Keeps a list live (agents).
    pub async fn watch(&self, view: View) {
        self.tell(Command::Watch { view }).await;
    }

    /// Says something and waits until it is stored.
    ///
    /// # Errors
    /// As [`Sending::answer`].
    pub async fn say(&self, session: SessionId, body: impl Into<String>) -> Result<Sent, Failure> {
        self.send(Outgoing::message(session, body)).await.answer().await
    }

    /// Hands over a send; several may be under way at once. The same `Outgoing` again is a duplicate on
    /// purpose.
    pub async fn send(&self, outgoing: Outgoing) -> Sending {
        let (answer, sending) = oneshot::channel();
        self.tell(Command::Send { outgoing, answer }).await;
        Sending(sending)
    }

    /// Started or stopped typing. Lost if the connection is down: signals are not kept.
    pub async fn typing(&self, session: SessionId, on: bool) {
        self.tell(Command::Signal(ClientFrame::Typing { session, on })).await;
    }

    /// Has read up to and including `seq`. Lost if the connection is down.
    pub async fn read(&self, session: SessionId, seq: Seq) {
        self.tell(Command::Signal(ClientFrame::Read { session, seq })).await;
    }

    /// Breaks the connection without a word; the participant comes back by itself.
    pub async fn cut(&self) {
        self.tell(Command::Cut).await;
    }

    /// Goes on over another transport, from the same cursors.
    pub async fn use_transport(&self, transport: Transport) {
        self.tell(Command::Use(transport)).await;
    }

    /// What was seen so far.
    pub fn seen(&self) -> watch::Ref<'_, Seen> {
        self.seen.borrow()
    }

    /// Waits until what was seen meets a condition.
    ///
    /// # Errors
    /// It did not in time, or the participant gave up; the text says what was seen.
    pub async fn wait_for<T>(
        &self,
        within: Duration,
        condition: impl Fn(&Seen) -> Option<T>,
    ) -> anyhow::Result<T> {
        let mut seen = self.seen.clone();
        let wait = async {
            loop {
                if let Some(value) = condition(&seen.borrow_and_update()) {
                    return Ok(value);
                }
                if seen.changed().await.is_err() {
                    anyhow::bail!("the participant has stopped: {}", *seen.borrow());
                }
            }
        };
        match tokio::time::timeout(within, wait).await {
            Ok(result) => result,
            Err(_) => anyhow::bail!("it did not come within {within:?}; seen: {}", *self.seen.borrow()),
        }
    }

    /// Waits until a session was seen up to and including `seq`.
    ///
    /// # Errors
    /// As [`Self::wait_for`].
    pub async fn wait_for_seq(&self, within: Duration, session: SessionId, seq: Seq) -> anyhow::Result<()> {
        self.wait_for(within, |seen| (seen.chat(session)?.cursor? >= seq).then_some(())).await
    }

    /// Says goodbye and waits for the task to end. What is not acked by then is given up.
    pub async fn stop(self) {
        drop(self.commands);
        let _ = self.task.await;
    }

    async fn tell(&self, command: Command) {
        // A task that has ended answers by dropping the command, and with it its `answer`.
        let _ = self.commands.send(command).await;
    }
}
