//! One action on many sessions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AgentId, ErrorCode, Priority, SessionId, Status, UtcMillis};

/// POST `/sessions/bulk`: either `ids` or a `filter`, at most [`limits::BULK`](crate::limits::BULK) sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct NewBulk {
    /// These sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<SessionId>>,
    /// Those that GET `/sessions` finds with these parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<BTreeMap<String, String>>,
    /// What happens to each, by you and with your rights.
    pub action: BulkAction,
}

/// What happens to each session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BulkAction {
    /// It gets this status.
    Status {
        /// The new one.
        status: Status,
    },
    /// It gets this priority.
    Priority {
        /// The new one.
        priority: Priority,
    },
    /// Tags come and go.
    Tags {
        /// Those that come.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        add: Vec<String>,
        /// Those that go.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        remove: Vec<String>,
    },
    /// Somebody else holds it.
    Assign {
        /// Who; `null`: it goes back in line.
        #[serde(deserialize_with = "Option::deserialize")]
        agent_id: Option<AgentId>,
    },
}

/// GET `/bulk/{id}`: how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Bulk {
    /// The job.
    pub id: Uuid,
    /// What happens to each session.
    pub action: BulkAction,
    /// Whether it goes on.
    pub state: BulkState,
    /// How many sessions it is about.
    pub total: u32,
    /// To how many it happened, or was so already.
    pub done: u32,
    /// To how many it could not.
    pub failed: u32,
    /// Why; the first [`limits::BULK_ERRORS`](crate::limits::BULK_ERRORS).
    pub errors: Vec<BulkError>,
    /// When it began.
    pub started_at: UtcMillis,
    /// When it ended.
    pub ended_at: Option<UtcMillis>,
}

/// Whether a job goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkState {
    /// It goes on.
    Running,
    /// It came to its end.
    Done,
    /// It ended before: its server stopped, or you may not do it any more. What was done is done; the rest was not begun.
    Stopped,
}

/// Why it could not happen to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct BulkError {
    /// The session.
    pub session_id: SessionId,
    /// The stable word.
    pub code: ErrorCode,
    /// What to do about it.
    pub message: String,
}
