//! Long-polling.

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{Entry, Epoch, Party, Presence, Receipt, Seq, SessionId, SessionSort, SessionSummary, View};

/// What a long-poll brings of one session: GET `/sessions/{id}/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SessionEvents {
    /// The store's identity.
    pub epoch: Epoch,
    /// The cursor could not be served: forget what you have.
    pub reset: bool,
    /// The entries after the cursor; at most a page, so ask again at once while there are some.
    pub entries: Vec<Entry>,
    /// The cursor for the next request.
    pub last_seq: Seq,
    /// Who is typing now.
    pub typing: Vec<Party>,
    /// Who is here now.
    pub presence: Vec<Presence>,
    /// How far each side has read.
    pub receipts: Vec<Receipt>,
    /// The session as a whole.
    pub session: SessionSummary,
    /// A customer's place in the queue, while it is in line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub queue: Option<QueuePlace>,
    /// Names the typing, presence, receipts, summary and place above: sent back as `state`, the next request is
    /// answered at once if they have changed since.
    pub state: String,
    /// How long to wait before the next request.
    pub retry_after_ms: u64,
}

/// Where a session stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct QueuePlace {
    /// 1 is next.
    pub position: u32,
    /// How many wait in the same queue.
    pub waiting: u32,
    /// How long it may still take, in seconds; absent: we can't tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub estimate_s: Option<u64>,
}

/// POST `/events`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PollRequest {
    /// Sessions to follow.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PollSession>>"))]
    #[cfg_attr(test, schemars(length(max = limits::FOLLOWED)))]
    pub sessions: Vec<PollSession>,
    /// Lists to watch (agents), each once.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PollView>>"))]
    #[cfg_attr(test, schemars(length(max = limits::WATCHED)))]
    pub views: Vec<PollView>,
    /// Seconds to hold the request if there is nothing new: 0–30, default 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    #[cfg_attr(test, schemars(range(max = limits::POLL_WAIT.as_secs())))]
    pub wait: Option<u32>,
}

/// One session of a [`PollRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PollSession {
    /// Which.
    pub id: SessionId,
    /// "I have everything up to here"; without it, the last entries come, with `reset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub after: Option<Seq>,
    /// The store that the cursor belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub epoch: Option<Epoch>,
    /// The `state` of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub state: Option<String>,
    /// Without being seen: in no presence, typing or receipt (supervisors).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub unseen: bool,
}

/// One list of a [`PollRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PollView {
    /// Which.
    pub view: View,
    /// Most sessions to show: 0–200, default 50; 0: only how many there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    #[cfg_attr(test, schemars(range(max = limits::PAGE_MAX)))]
    pub limit: Option<u32>,
    /// The `version` of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub version: Option<String>,
}

/// The answer to POST `/events`. Sessions and lists without news are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PollAnswer {
    /// The store's identity.
    pub epoch: Epoch,
    /// News of sessions.
    pub sessions: Vec<SessionEvents>,
    /// Lists that changed, whole.
    pub views: Vec<ListedView>,
    /// Sessions of the request that are not there, or not open to the caller (any more).
    pub missing: Vec<SessionId>,
    /// Lists of the request that are not there, or not open to the caller (any more).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<View>>"))]
    pub missing_views: Vec<View>,
    /// How long to wait before the next request.
    pub retry_after_ms: u64,
}

/// A list, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ListedView {
    /// Which.
    pub view: View,
    /// Names this content; for the next request.
    pub version: String,
    /// What stands first.
    pub sort: SessionSort,
    /// The first of them.
    pub sessions: Vec<SessionSummary>,
    /// How many the list has in all.
    pub total: u64,
    /// The list has more than were sent.
    pub more: bool,
}
