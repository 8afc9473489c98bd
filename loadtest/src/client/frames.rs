//! Server frames as values of their own, for tests that want the fields of one.

use protocol::{
    ConnectionId, Entry, EntryId, Epoch, ErrorCode, ServerFrame, SessionId, SessionSummary, UtcMillis, View,
    You, rest::Sent,
};

/// The answer to `hello`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// This connection.
    pub connection: ConnectionId,
    /// Who the server takes the client for.
    pub you: You,
    /// The store's identity.
    pub epoch: Epoch,
    /// How often to ping.
    pub heartbeat_s: u32,
    /// The server's clock.
    pub time: UtcMillis,
    /// A customer's sessions.
    pub sessions: Vec<SessionSummary>,
}

/// The answer to `open`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The session as a whole.
    pub session: SessionSummary,
    /// What the client does not have yet.
    pub entries: Vec<Entry>,
    /// Older ones exist.
    pub more: bool,
    /// The cursor could not be served.
    pub reset: bool,
}

/// The answer to `watch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which list.
    pub view: View,
    /// What is in it.
    pub sessions: Vec<SessionSummary>,
    /// How many it has in all.
    pub total: u64,
    /// It has more than were sent.
    pub more: bool,
}

/// A frame was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorFrame {
    /// The stable word.
    pub code: ErrorCode,
    /// What to do about it.
    pub message: String,
    /// The `id` of the frame that it answers.
    pub id: Option<EntryId>,
    /// The `session` of the frame that it answers.
    pub session: Option<SessionId>,
    /// The same frame may succeed later.
    pub retryable: bool,
    /// When to try again.
    pub retry_after_ms: Option<u64>,
}

pub(super) fn welcome(frame: &ServerFrame) -> Option<Welcome> {
    let ServerFrame::Welcome { connection, you, epoch, heartbeat_s, time, sessions } = frame.clone() else {
        return None;
    };
    Some(Welcome { connection, you, epoch, heartbeat_s, time, sessions })
}

pub(super) fn opened(frame: &ServerFrame) -> Option<Opened> {
    let ServerFrame::Opened { session, entries, more, reset } = frame.clone() else { return None };
    Some(Opened { session, entries, more, reset })
}

pub(super) fn listed(frame: &ServerFrame) -> Option<Listed> {
    let ServerFrame::Listed { view, sessions, total, more, .. } = frame.clone() else { return None };
    Some(Listed { view, sessions, total, more })
}

pub(super) fn acked(frame: &ServerFrame) -> Option<Sent> {
    let ServerFrame::Ack { id, session, seq, created_at, duplicate } = *frame else { return None };
    Some(Sent { id, session, seq, created_at, duplicate })
}

pub(super) fn error(frame: &ServerFrame) -> Option<ErrorFrame> {
    let ServerFrame::Error { code, message, id, session, retryable, retry_after_ms, .. } = frame.clone()
    else {
        return None;
    };
    Some(ErrorFrame { code, message, id, session, retryable, retry_after_ms })
}
