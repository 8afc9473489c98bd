//! What is done to a session.

use serde::{Deserialize, Serialize};

use crate::{EntryId, Seq, SessionId, Status, UtcMillis};

/// POST `/sessions/{id}/messages` and `/notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendMessage {
    /// Chosen by the client; the same again is the same send.
    pub id: EntryId,
    /// The text.
    pub body: String,
    /// Files uploaded before.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub attachments: Vec<uuid::Uuid>,
}

/// The answer to a send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Sent {
    /// The send's id.
    pub id: EntryId,
    /// Where it was stored: another session than asked for, if that one was closed.
    pub session: SessionId,
    /// Its place.
    pub seq: Seq,
    /// When it was decided.
    pub created_at: UtcMillis,
    /// It was stored by an earlier try.
    pub duplicate: bool,
}

/// POST `/sessions/{id}/typing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetTyping {
    /// Started or stopped.
    pub on: bool,
}

/// POST `/sessions/{id}/read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetRead {
    /// Up to and including.
    pub seq: Seq,
}

/// POST `/sessions/{id}/rating`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetRating {
    /// 1 to 5.
    pub score: u8,
    /// The customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub comment: Option<String>,
}

/// PATCH `/sessions/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PatchSession {
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}
