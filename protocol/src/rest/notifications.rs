//! What an agent is told in person.

use serde::{Deserialize, Serialize};

use crate::{Notification, SessionId};

/// GET `/notifications`: the newest first; and what there is to do, in the sessions that the one who asks may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Notifications {
    /// The items.
    pub items: Vec<Notification>,
    /// Asks for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are in all.
    pub total: u64,
    /// How many of them were not read.
    pub unread: u64,
    /// Sessions that are open.
    pub open: u64,
    /// Sessions in progress.
    pub in_progress: u64,
    /// As many as the list `unassigned` has.
    pub unassigned: u64,
    /// As many as the list `waiting` has.
    pub waiting: u64,
    /// Something is unread, or a customer waits whom nobody holds.
    pub has_alerts: bool,
}

/// POST `/notifications/read`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ReadNotifications {
    /// Those of this session; without it, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session: Option<SessionId>,
}
