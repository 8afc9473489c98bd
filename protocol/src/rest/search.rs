//! What a search of sessions finds.

use serde::{Deserialize, Serialize};

use crate::{Seq, SessionSummary, UtcMillis};

/// Where the words of a search stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MatchField {
    /// The session's number.
    Number,
    /// The customer's phone number.
    Phone,
    /// The customer's e-mail address.
    Email,
    /// The customer's name.
    Name,
    /// A tag.
    Tag,
    /// The subject.
    Subject,
    /// The category.
    Category,
    /// What somebody said or noted.
    Entry,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SnippetPart {
    /// The text, as it is: no markup.
    pub text: String,
    /// It is what was looked for.
    pub hit: bool,
}

/// Why a session was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct Match {
    /// Where.
    pub field: MatchField,
    /// The entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<UtcMillis>,
    /// The words, with what stands around them; one line.
    pub snippet: Vec<SnippetPart>,
}

/// A session of a list, and why it was found if it was searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ListedSession {
    /// The session.
    #[serde(flatten)]
    pub session: SessionSummary,
    /// Why it was found; only with `q`.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub found: Option<Match>,
}

/// GET `/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SessionsPage {
    /// The items. With `q` a page may be short, or empty, and yet not be the last.
    pub items: Vec<ListedSession>,
    /// Asks for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are in all; with `q` and without `total_is_exact`: at least.
    pub total: u64,
    /// Whether `total` is more than what was counted so far.
    pub total_is_exact: bool,
}
