//! WebSocket frames, one JSON object each (contract §4).

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentRef, Availability, ConnectionId, Entry, EntryId, Epoch, ErrorCode, Notification, OfferEnd,
    Party, Seq, SessionId, SessionSort, SessionSummary, UtcMillis, View, You,
};

/// The WebSocket subprotocol that client and server agree on.
pub const SUBPROTOCOL: &str = "hubbub.v1";
/// What every version of it begins with.
pub const SUBPROTOCOL_FAMILY: &str = "hubbub.v";

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Always first, within 10 s.
    Hello {
        /// A customer's or program's credential; an agent in a browser uses the cookie.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        token: Option<String>,
        /// Sessions to follow at once, each from its cursor.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<Follow>>"))]
        sessions: Vec<Follow>,
        /// Who is asking, for the log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        client: Option<ClientInfo>,
    },
    /// Follow a session.
    Open {
        /// Which.
        session: SessionId,
        /// "I have everything up to here"; without it, the last entries come.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        after: Option<Seq>,
        /// The store that the cursor belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        epoch: Option<Epoch>,
        /// Without being seen: in no presence, typing or receipt (supervisors).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        unseen: bool,
    },
    /// Stop following a session.
    Leave {
        /// Which.
        session: SessionId,
    },
    /// Keep a list live (agents).
    Watch {
        /// Which.
        view: View,
        /// Most sessions to show; 0: only how many there are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        limit: Option<u32>,
    },
    /// Stop keeping a list live.
    Unwatch {
        /// Which.
        view: View,
    },
    /// Say something.
    Send {
        /// Chosen by the client; the same again is the same send (promise 3).
        id: EntryId,
        /// Where.
        session: SessionId,
        /// The text.
        body: String,
        /// Files uploaded before.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        attachments: Vec<uuid::Uuid>,
        /// A note for the team instead of a message (agents).
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
        note: bool,
        /// Agents whom a note names, at most [`limits::MENTIONS`](crate::limits::MENTIONS).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        mentions: Vec<AgentId>,
        /// Not if a colleague has said something behind this entry (agents).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        after: Option<Seq>,
    },
    /// Started or stopped typing.
    Typing {
        /// Where.
        session: SessionId,
        /// Started or stopped.
        on: bool,
    },
    /// Read up to here.
    Read {
        /// Where.
        session: SessionId,
        /// Up to and including.
        seq: Seq,
    },
    /// What the agent is from now on.
    Availability {
        /// What.
        status: Availability,
    },
    /// Still there? Answered by `pong`.
    Ping,
}

/// A session to follow, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Follow {
    /// Which.
    pub id: SessionId,
    /// "I have everything up to here".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub after: Option<Seq>,
    /// The store that the cursor belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub epoch: Option<Epoch>,
    /// Without being seen: in no presence, typing or receipt (supervisors).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub unseen: bool,
}

/// The program on the other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ClientInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// This connection, for the log.
        connection: ConnectionId,
        /// Who the server takes the client for.
        you: You,
        /// The store's identity, to be sent with cursors.
        epoch: Epoch,
        /// How often to ping, and how often the server will.
        heartbeat_s: u32,
        /// The server's clock.
        time: UtcMillis,
        /// A customer's sessions, newest first; empty for agents, who watch lists.
        sessions: Vec<SessionSummary>,
    },
    /// The answer to `open`; entries up to where the live stream begins, or the first of them with more
    /// `entry` frames behind.
    Opened {
        /// The session as a whole.
        session: SessionSummary,
        /// What the client does not have yet.
        entries: Vec<Entry>,
        /// Older ones exist.
        more: bool,
        /// The cursor could not be served: forget what you have.
        reset: bool,
    },
    /// The answer to `watch`.
    Listed {
        /// Which.
        view: View,
        /// What stands first.
        sort: SessionSort,
        /// The first of them.
        sessions: Vec<SessionSummary>,
        /// How many the list has in all.
        total: u64,
        /// The list has more than were sent.
        more: bool,
    },
    /// A new line of the log.
    Entry {
        /// Where.
        session: SessionId,
        /// The line.
        entry: Entry,
    },
    /// A `send` is stored for good.
    Ack {
        /// The send's id.
        id: EntryId,
        /// Where it was stored: another session than asked for, if that one was closed.
        session: SessionId,
        /// Its place.
        seq: Seq,
        /// When it was decided.
        created_at: UtcMillis,
        /// It was stored by an earlier try.
        duplicate: bool,
    },
    /// Somebody types; off by itself after 6 s.
    Typing {
        /// Where.
        session: SessionId,
        /// Who.
        who: Party,
        /// Started or stopped.
        on: bool,
    },
    /// Somebody has read.
    Receipt {
        /// Where.
        session: SessionId,
        /// Who.
        who: Party,
        /// Read up to and including.
        seq: Seq,
        /// Handed over up to and including.
        #[serde(default)]
        delivered: Seq,
    },
    /// Somebody came or went.
    Presence {
        /// Where.
        session: SessionId,
        /// Who.
        who: Party,
        /// Came or went.
        online: bool,
    },
    /// A session changed.
    Session {
        /// As it is now.
        session: SessionSummary,
    },
    /// A session came into a list of which a client cannot see for itself what belongs to it: a saved one, a filter, or
    /// `mentions`. Its `session` frame follows.
    Added {
        /// Which list.
        view: View,
        /// Which session.
        session: SessionId,
    },
    /// A session left a list.
    Removed {
        /// Which list.
        view: View,
        /// Which session.
        session: SessionId,
    },
    /// The saved views that the agent has, or their order, changed.
    ViewsChanged,
    /// Where a customer's session stands in the queue; told to customers, when it changes.
    Queue {
        /// Which.
        session: SessionId,
        /// 1 is next.
        position: u32,
        /// How many wait in the same queue.
        waiting: u32,
        /// How long it may still take, in seconds; absent: we can't tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        estimate_s: Option<u64>,
    },
    /// A customer's session is not in line any more: somebody has it, or it waits in another way.
    QueueLeft {
        /// Which.
        session: SessionId,
    },
    /// The agent is asked to take a session; told to that agent.
    Offer {
        /// Which.
        session: SessionSummary,
        /// From this time on it is too late to answer.
        until: UtcMillis,
    },
    /// The agent is not asked any more; told to that agent.
    OfferEnded {
        /// Which session it was about.
        session: SessionId,
        /// How it ended.
        end: OfferEnd,
    },
    /// What a member of the team is now; told to the team.
    Availability {
        /// Who.
        agent: AgentRef,
        /// What.
        status: Availability,
        /// Sessions that the agent holds.
        active: u32,
        /// As many as the agent takes at once.
        max: u32,
    },
    /// The agent is told something in person.
    Notification {
        /// What.
        notification: Notification,
    },
    /// A frame was refused.
    Error {
        /// The stable word.
        code: ErrorCode,
        /// What to do about it.
        message: String,
        /// The `id` of the frame that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        id: Option<EntryId>,
        /// The `session` of the frame that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session: Option<SessionId>,
        /// The list that is not kept live.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        view: Option<View>,
        /// The same frame may succeed later.
        retryable: bool,
        /// When to try again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        retry_after_ms: Option<u64>,
    },
    /// The answer to `ping`.
    Pong,
    /// The server is about to close.
    Bye {
        /// Why: the word of the close code.
        reason: String,
        /// When to come back.
        retry_after_ms: u64,
    },
}

impl ServerFrame {
    /// The frame as JSON text.
    pub fn encode(&self) -> String {
        text(self, 256)
    }
}

/// An `entry` frame as JSON text, without cloning the entry: the hot path of fan-out.
pub fn encode_entry(session: SessionId, entry: &Entry) -> String {
    // What stands around the text, and a little for names.
    const AROUND: usize = 384;

    #[derive(Serialize)]
    struct Frame<'a> {
        r#type: &'static str,
        session: SessionId,
        entry: &'a Entry,
    }
    text(&Frame { r#type: "entry", session, entry }, AROUND + entry.body.len())
}

/// JSON, with room for about so many bytes: most frames then are written in one piece of memory.
fn text(frame: &impl Serialize, bytes: usize) -> String {
    let mut text = Vec::with_capacity(bytes);
    serde_json::to_writer(&mut text, frame).expect("a frame has only string keys and cannot fail to encode");
    String::from_utf8(text).expect("JSON is UTF-8")
}
