//! The workspace's settings: one document, a section for each concern.

use serde::{Deserialize, Serialize};

use super::RoutingSettings;

/// GET and PATCH `/settings`. Of a change, the sections that it has take the place of those that were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct Settings {
    /// How chats find their agents.
    pub routing: RoutingSettings,
}

/// PATCH `/settings`: a section that is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct EditSettings {
    /// How chats find their agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingSettings>,
}

impl Settings {
    /// The same with the sections of `edit` in the place of its own.
    #[must_use]
    pub fn with(self, edit: EditSettings) -> Self {
        let EditSettings { routing } = edit;
        Self { routing: routing.unwrap_or(self.routing) }
    }
}
