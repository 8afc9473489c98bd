//! Two chats of one customer that go on as one.

use serde::{Deserialize, Serialize};

use crate::{SessionId, Status, UtcMillis};

/// Where a merged session went, and how it was before: what undoing it brings back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct MergedInto {
    /// The session in which it goes on.
    pub session_id: SessionId,
    /// That session's number.
    pub number: u64,
    /// When. It can be undone for [`limits::UNMERGE`](crate::limits::UNMERGE).
    pub at: UtcMillis,
    /// The status it had.
    pub status: Status,
    /// Since when its customer waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<UtcMillis>,
    /// Since when it waited for a holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_since: Option<UtcMillis>,
    /// Until when it was put aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<UtcMillis>,
    /// When it had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<UtcMillis>,
}

/// A session that was merged into this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct MergedSource {
    /// The session.
    pub session_id: SessionId,
    /// Its number.
    pub number: u64,
    /// Since when this session's customer waited, before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_before: Option<UtcMillis>,
    /// And after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_after: Option<UtcMillis>,
    /// Since when this session stood in line, before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_before: Option<UtcMillis>,
    /// And after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_after: Option<UtcMillis>,
}
