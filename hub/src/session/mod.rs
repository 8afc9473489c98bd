//! One live session on this node: what can be asked of it. The task behind it is in `actor`, its rules in `state`.

pub(crate) mod actor;
mod ahead;
mod appends;
mod asks;
mod catching_up;
mod continuation;
mod elsewhere;
mod followers;
mod grounds;
mod marks;
mod present;
mod receipts;
mod recent;
pub(crate) mod refusal;
mod signals;
pub mod state;
mod telling;
mod turn;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use persistence::{NodeId, Session, StoredId};
use protocol::{
    ConnectionId, Entry, EntryId, Epoch, Party, Presence, Receipt, Seq, SessionId, rest::QueuePlace,
};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};

use crate::{Answered, Caller, HubError, Outbound, Publication, Signal};
use state::Action;

/// Commands that wait for one session; beyond it, it is overloaded.
const MAILBOX: usize = 256;

/// What became of an action.
#[derive(Debug, Clone)]
pub enum Done {
    /// A message or note is stored.
    Sent {
        /// Where: another session than asked for, if that one was closed.
        session: SessionId,
        /// Its place and time.
        stored: StoredId,
        /// By an earlier try.
        duplicate: bool,
    },
    /// The session as it is now.
    Changed(Arc<Session>),
}

/// Where the outcome of an action goes. Dropped without a word it says "unavailable": nobody waits in vain.
pub(crate) struct Outcome(Option<Way>);

enum Way {
    /// To one who waits for it.
    Once(oneshot::Sender<Result<Done, HubError>>),
    /// Into the queue of the connection that asked.
    Queue { outbound: Outbound, id: EntryId, session: SessionId },
}

impl Outcome {
    pub(crate) fn once(reply: oneshot::Sender<Result<Done, HubError>>) -> Self {
        Self(Some(Way::Once(reply)))
    }

    pub(crate) fn queued(outbound: Outbound, id: EntryId, session: SessionId) -> Self {
        Self(Some(Way::Queue { outbound, id, session }))
    }

    pub(crate) fn tell(mut self, done: Result<Done, HubError>) {
        self.say(done);
    }

    /// Whether nobody waits for it any more.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(&self.0, Some(Way::Once(reply)) if reply.is_closed())
    }

    fn say(&mut self, done: Result<Done, HubError>) {
        match self.0.take() {
            // The caller may have gone.
            Some(Way::Once(reply)) => drop(reply.send(done)),
            Some(Way::Queue { outbound, id, session }) => outbound.answer(Answered { id, session, done }),
            None => {}
        }
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        self.say(Err(HubError::Unavailable));
    }
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, HubError>>;

/// From where to follow a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The last entries, this many.
    Latest(u32),
    /// Everything after this.
    After {
        /// The cursor.
        seq: Seq,
        /// The store it belongs to, if the client said.
        epoch: Option<Epoch>,
    },
}

/// How a follower wants to be told.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// An `opened` frame with the entries, then live.
    Open,
    /// The first entries were sent from the store; the rest as `entry` frames, then live.
    CatchUp,
    /// No frames of what is there already: the answer carries it (long-poll).
    Quiet,
}

/// A connection that wants to follow.
#[derive(Debug, Clone)]
pub(crate) struct Follow {
    pub(crate) caller: Caller,
    pub(crate) connection: ConnectionId,
    pub(crate) outbound: Outbound,
    pub(crate) unseen: bool,
    pub(crate) from: From,
    pub(crate) mode: Mode,
    /// So that a belated leave does not end what was asked for after it.
    pub(crate) asked: Instant,
}

/// Where a follower stands.
#[derive(Debug)]
pub(crate) enum Followed {
    /// It hears everything from here on; before the first live frame it was given what it lacked.
    Live(Box<Snapshot>),
    /// What it lacks is only in the store: read it there, then follow again from `upto` or later.
    Behind { session: Arc<Session>, reset: bool },
}

/// A session and its signals at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The session.
    pub session: Arc<Session>,
    /// The visible entries after the cursor, if they are at hand.
    pub entries: Vec<Arc<Entry>>,
    /// Who is typing.
    pub typing: Vec<Party>,
    /// Who is here.
    pub presence: Vec<Presence>,
    /// How far each side has read.
    pub receipts: Vec<Receipt>,
    /// Where it stands in the queue; for customers.
    pub place: Option<QueuePlace>,
}

pub(crate) enum Command {
    Act {
        caller: Caller,
        action: Action,
        outcome: Outcome,
    },
    Follow {
        follow: Follow,
        reply: Reply<Followed>,
    },
    Leave {
        connection: ConnectionId,
        asked: Instant,
    },
    Look {
        caller: Caller,
        after: Option<Seq>,
        reply: Reply<Snapshot>,
    },
    Typing {
        caller: Caller,
        on: bool,
        reply: Reply<()>,
    },
    Read {
        caller: Caller,
        seq: Seq,
        reply: Reply<()>,
    },
    Remote(Publication),
    /// The session has another place in the queue.
    Placed(Option<QueuePlace>),
    /// Another node says it.
    Signal {
        from: NodeId,
        signal: Signal,
    },
    /// Tell the other nodes who is here, and ask them for the same.
    Exchange,
    /// What this node said of its people is over.
    NodeGone(NodeId),
}

/// The way to a session's actor.
#[derive(Clone)]
pub(crate) struct SessionHandle {
    // Boxed: a mailbox has room for many from the beginning.
    mailbox: mpsc::Sender<Box<Command>>,
    stale: Arc<Notify>,
    known: Arc<Known>,
}

/// What the actor knows, for those who look from outside whether it is behind.
#[derive(Default)]
pub(crate) struct Known {
    last_seq: AtomicU64,
    version: AtomicU64,
    followed: AtomicBool,
}

impl Known {
    fn set(&self, session: &Session, followed: bool) {
        self.last_seq.store(session.last_seq.get(), Ordering::Relaxed);
        self.version.store(session.version, Ordering::Relaxed);
        self.followed.store(followed, Ordering::Relaxed);
    }
}

/// What is under way to the store, with all that is needed when it lands.
pub(crate) type InFlight<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Waits for what is in flight, for ever if nothing is.
pub(crate) async fn landing<T>(in_flight: Option<&mut (impl Future<Output = T> + Unpin)>) -> T {
    match in_flight {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// Why a command did not reach the actor; the command comes back.
pub(crate) enum NotTaken {
    Full(Command),
    Ended(Command),
}

impl SessionHandle {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Box<Command>>, Arc<Notify>) {
        let (mailbox, commands) = mpsc::channel(MAILBOX);
        let stale = Arc::<Notify>::default();
        (Self { mailbox, stale: stale.clone(), known: Arc::default() }, commands, stale)
    }

    pub(crate) fn tell(&self, command: Command) -> Result<(), NotTaken> {
        self.mailbox.try_send(Box::new(command)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(command) => NotTaken::Full(*command),
            mpsc::error::TrySendError::Closed(command) => NotTaken::Ended(*command),
        })
    }

    /// Waits for room. Fails only if the actor has ended, and then there is nobody to tell.
    pub(crate) async fn tell_patiently(&self, command: Command) {
        let _ = self.mailbox.send(Box::new(command)).await;
    }

    /// Says that something was published which did not reach the actor: it shall ask the store.
    pub(crate) fn mark_stale(&self) {
        self.stale.notify_one();
    }

    /// The store has the session here: the actor shall catch up if it is behind.
    pub(crate) fn is_at(&self, last_seq: Seq, version: u64) {
        let behind = self.known.last_seq.load(Ordering::Relaxed) < last_seq.get()
            || self.known.version.load(Ordering::Relaxed) < version;
        if behind {
            self.mark_stale();
        }
    }

    /// Whether somebody follows the session here.
    pub(crate) fn is_followed(&self) -> bool {
        self.known.followed.load(Ordering::Relaxed)
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.mailbox.same_channel(&other.mailbox)
    }
}
