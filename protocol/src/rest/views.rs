//! Saved views: lists with a name, of one agent or of everybody.

use serde::{Deserialize, Serialize};

use super::section::object;
use crate::{AgentId, Invalid, UtcMillis, ViewFilter, ViewId, limits, one_line};

/// A list of sessions with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SavedView {
    /// The view.
    pub id: ViewId,
    /// What it is called.
    pub name: String,
    /// Whose it is; null: everybody's.
    pub owner_id: Option<AgentId>,
    /// Which sessions. `me` is whoever looks.
    pub filter: ViewFilter,
    /// When it was made.
    pub created_at: UtcMillis,
    /// When it was last changed.
    pub updated_at: UtcMillis,
}

/// POST `/views` and PATCH `/views/{view}`: what is left out stays, or is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditView {
    /// What it is called; among everybody's, and among each agent's own, each name once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::VIEW_NAME_CHARS)))]
    pub name: Option<String>,
    /// It is everybody's, not one's own (supervisors and admins); a new one is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Which sessions.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub filter: Option<ViewFilter>,
}

/// PUT `/views/order`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ViewOrder {
    /// The order of everybody's (supervisors and admins), or of one's own.
    pub shared: bool,
    /// All of them, each once.
    #[cfg_attr(test, schemars(length(max = limits::VIEWS)))]
    pub views: Vec<ViewId>,
}

/// Checks a saved view's name.
///
/// # Errors
/// Empty, too long, or more than a line.
pub fn view_name(text: &str) -> Result<String, Invalid> {
    let name = one_line(text, limits::VIEW_NAME_CHARS)?;
    if name.is_empty() { Err(Invalid("must not be empty".into())) } else { Ok(name) }
}
