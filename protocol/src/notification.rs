//! What one agent is told in person.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Sender, Seq, SessionId, UtcMillis, session::words};

words! {
    /// Why an agent is told of something.
    NotificationKind {
        /// A note names the agent.
        Mention = "mention",
        /// The agent holds the session now, by somebody else's doing.
        Assigned = "assigned",
        /// Something was promised to a customer and is due, or a session waits for too long: the agent holds it, or leads.
        Due = "due",
    }
}

/// Something that an agent was told in person. Of a session that the agent may not see any more nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Notification {
    /// Why.
    pub kind: NotificationKind,
    /// Where.
    pub session: SessionId,
    /// Which line of its log.
    pub seq: Seq,
    /// The session's number.
    pub number: u64,
    /// The customer's name.
    pub contact: Option<String>,
    /// By whom.
    pub from: Sender,
    /// The first characters of the note, on one line; else empty.
    pub preview: String,
    /// When.
    pub created_at: UtcMillis,
    /// When the agent took note of it.
    pub read_at: Option<UtcMillis>,
}
