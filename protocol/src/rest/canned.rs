//! Canned answers: what the team says often, written once.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{AgentRef, Attachment, CannedId, SessionId, TeamId, TeamRef, UtcMillis, session::words};

words! {
    /// Who has a canned answer. Where two have the same shortcut, it means the one that comes first here.
    CannedScope {
        /// Who made it.
        Personal = "personal",
        /// A team.
        Team = "team",
        /// Everybody.
        All = "all",
    }
}

/// A canned answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CannedAnswer {
    /// The answer.
    pub id: CannedId,
    /// The word that it is found by.
    pub shortcut: String,
    /// What it is about; empty: nothing is said.
    pub title: String,
    /// What kind of answer it is; empty: none.
    pub category: String,
    /// The text, with `{{variables}}` and `{{? blanks}}`.
    pub body: String,
    /// Its files, for who sees it.
    pub attachments: Vec<Attachment>,
    /// Who has it.
    pub scope: CannedScope,
    /// Which team has it.
    pub team: Option<TeamRef>,
    /// Another one that you have comes before it by the same shortcut.
    pub shadowed: bool,
    /// How often it was used.
    pub uses: u64,
    /// When it was used last.
    pub last_used_at: Option<UtcMillis>,
    /// When it was made.
    pub created_at: UtcMillis,
    /// Who made it.
    pub created_by: AgentRef,
    /// When it was last changed.
    pub updated_at: UtcMillis,
    /// Who changed it.
    pub updated_by: AgentRef,
}

/// POST `/canned` (with `shortcut` and `body`) and PATCH `/canned/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditCanned {
    /// The word that it is found by: letters and digits of any language, `_` and `-`; kept in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::SHORTCUT_CHARS)))]
    pub shortcut: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::CANNED_TITLE_CHARS)))]
    pub title: Option<String>,
    /// What kind of answer it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::CATEGORY_CHARS)))]
    pub category: Option<String>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
    pub body: Option<String>,
    /// Who has it; a new one is personal unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<CannedScope>,
    /// Which team has it, for the scope `team`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
}

/// A category of canned answers: an item of GET `/canned/categories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CannedCategory {
    /// Its name.
    pub name: String,
    /// How many answers of it you see.
    pub answers: u32,
}

/// POST `/canned/{id}/render`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RenderCanned {
    /// The session whose customer it is for.
    pub session_id: SessionId,
    /// What stands in the blanks, by their names.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<BTreeMap<String, String>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::BLANKS)))]
    pub blanks: BTreeMap<String, String>,
}

/// POST `/canned/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PreviewCanned {
    /// The text, with `{{variables}}` and `{{? blanks}}`.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
    pub body: String,
}

/// A canned answer that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RenderedCanned {
    /// The text; what is missing stands in it as `[name]`.
    pub body: String,
    /// What is missing, in its order.
    pub missing: Vec<MissingPart>,
    /// The answer's files; POST `/canned/{id}/attach` makes them yours to send.
    pub attachments: Vec<Attachment>,
}

/// POST `/canned/{id}/attach`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AttachCanned {
    /// The session that they are to be sent in.
    pub session_id: SessionId,
}

/// Copies of a canned answer's files, as if you had uploaded them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AttachedCanned {
    /// The files, which wait for a message.
    pub attachments: Vec<Attachment>,
}

/// A part of a text that is still to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MissingPart {
    /// The blank, or the variable that has no value here.
    pub name: String,
    /// A blank, not a variable.
    pub blank: bool,
    /// Where it stands in the text, in characters (Unicode code points).
    pub at: usize,
    /// How long it is there, in characters.
    pub length: usize,
}

/// POST `/canned/import`, and the answer of GET `/canned/export`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CannedFile {
    /// The answers.
    #[cfg_attr(test, schemars(length(max = limits::CANNED)))]
    pub items: Vec<CannedRow>,
}

/// A canned answer in a file; in CSV, these are the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CannedRow {
    /// The word that it is found by.
    #[serde(alias = "short_code")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::SHORTCUT_CHARS)))]
    pub shortcut: String,
    /// What it is about.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    #[cfg_attr(test, schemars(length(max = limits::CANNED_TITLE_CHARS)))]
    pub title: String,
    /// What kind of answer it is.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    #[cfg_attr(test, schemars(length(max = limits::CATEGORY_CHARS)))]
    pub category: String,
    /// The text.
    #[serde(alias = "content")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
    pub body: String,
    /// Who has it: `personal` (if it is empty, too), `team` or `all`.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub scope: String,
    /// The team's name, for the scope `team`.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub team: String,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ImportedCanned {
    /// So many are new.
    pub created: u32,
    /// So many took the place of what was there.
    pub replaced: u32,
}
