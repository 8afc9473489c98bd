//! How the nodes of a cluster tell each other what happened: what is said, and what carries it.
//!
//! A link is a hint (promise 7): it may lose, double, delay or reorder. An actor takes what is next, drops what is
//! older, and reads a gap from the store. That a link says nothing any more is noticed by `cluster`.

mod redis;

use std::sync::Arc;

use persistence::{NodeId, Session};
use protocol::{AgentId, ContactId, Entry, Notification, Party, PartyKind, Seq, SessionId, ViewId};
use serde::{Deserialize, Serialize};

pub use redis::{RedisLink, RedisUrl};

/// What one node tells the others.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The node lives.
    Beat(Beat),
    /// Something was committed.
    Committed(Publication),
    /// An agent is told something in person. A hint: it is stored.
    Told {
        /// Who.
        agent: AgentId,
        /// What.
        notification: Box<Notification>,
    },
    /// The team has blocked these: their connections end. A hint: it is stored.
    Blocked {
        /// Under which names they are connected.
        contacts: Vec<ContactId>,
    },
    /// Saved views changed: those of this agent, or everybody's; one of them asks for something else, or is gone. A hint:
    /// they are stored.
    Views {
        /// Whose.
        of: Option<AgentId>,
        /// Which.
        changed: Option<ViewId>,
    },
    /// Something that is not stored, for those who follow the session.
    Signal {
        /// Where.
        session: SessionId,
        /// What.
        signal: Signal,
    },
}

/// What one node committed to one session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Publication {
    /// The session after it.
    pub session: Arc<Session>,
    /// The new entries, in order; empty if only read positions moved.
    pub entries: Vec<Arc<Entry>>,
}

/// What is never stored, may be lost, and is repaired by the next one or by its lapse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Somebody types, or stopped.
    Typing {
        /// Who.
        who: Party,
        /// Or stopped.
        on: bool,
    },
    /// Somebody read up to here.
    Read {
        /// Who.
        who: Party,
        /// Up to and including.
        seq: Seq,
    },
    /// A side's screen has everything up to here.
    Delivered {
        /// Which side.
        side: PartyKind,
        /// Up to and including.
        seq: Seq,
    },
    /// These, all of these and nobody else, follow the session through the node that says so.
    Here {
        /// Who.
        people: Vec<Party>,
        /// The node does not know who is at the others, and asks them to say the same.
        asks: bool,
    },
}

/// A node's sign of life, which goes the way of everything else: whoever hears it hears the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Beat {
    /// Milliseconds since the node began to beat, by its own clock: means something to itself alone.
    pub at_ms: u64,
    /// Whether any agent is connected to the node.
    pub agents: bool,
    /// How much that the node committed it could not say. When it grows, the store knows what the link does not.
    pub lost: u64,
    /// The node is about to end.
    pub leaving: bool,
}

/// The way to the other nodes of a cluster. A node that is alone has none.
pub trait Link: Send + Sync + 'static {
    /// Tells the other nodes, and this one if the link carries a node's own words back to it. Never waits: publishing
    /// must not delay an ack. What cannot be taken is lost.
    fn publish(&self, from: NodeId, message: Message);

    /// This node wants to hear of the session from now on. When it does, the link says so with
    /// [`Hub::listening`](crate::Hub::listening).
    fn follow(&self, session: SessionId);

    /// It no longer wants to.
    fn unfollow(&self, session: SessionId);

    /// How many publications of commits were lost here, ever. Lost signals are not counted: nobody could read them
    /// in the store.
    fn lost(&self) -> u64 {
        0
    }
}
