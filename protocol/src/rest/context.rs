//! What surrounds a session: the page it began on, where the visitor is since, and what they came with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Contact, PageContext};
#[cfg(test)]
use crate::limits;
use crate::{SessionId, SessionSummary, UtcMillis};

/// GET `/sessions/{id}/context`: for the team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SessionContext {
    /// The page on which it began.
    pub page: PageContext,
    /// What else the site asked or told.
    pub fields: BTreeMap<String, String>,
    /// What the customer looks at the site with, as far as it can be told.
    pub browser: Option<Browser>,
    /// The customer's language (BCP 47).
    pub locale: Option<String>,
    /// Who the site says that it is, where nobody proved it.
    pub claimed_external_id: Option<String>,
    /// What the page said of the visitor at the start; nobody proved it.
    #[serde(default)]
    pub claimed_attributes: BTreeMap<String, String>,
    /// How the visitor's account stands, by the page's word.
    #[serde(default)]
    pub claimed_account_status: Option<String>,
    /// Where the visitor was since, the newest first, at most [`limits::PAGES`](crate::limits::PAGES).
    pub pages: Vec<SeenPage>,
    /// Who the customer is.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The customer's other chats.
    #[serde(default)]
    pub history: CustomerHistory,
}

/// What the team has had to do with a customer, beside the chat that is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CustomerHistory {
    /// How many other chats there are.
    pub sessions: u64,
    /// How many of them the caller may not see.
    pub hidden: u64,
    /// Those that go on, the newest first, at most [`limits::CONTEXT_SESSIONS`](crate::limits::CONTEXT_SESSIONS).
    pub open: Vec<SessionSummary>,
    /// Those that are resolved or closed, as many.
    pub earlier: Vec<SessionSummary>,
    /// The last ratings, this chat's among them, as many.
    pub ratings: Vec<PastRating>,
    /// When the customer was first here.
    pub first_seen_at: Option<UtcMillis>,
    /// When the customer was last here, as far as it is known: on a page, or saying something.
    pub last_seen_at: Option<UtcMillis>,
}

/// How a customer found a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PastRating {
    /// Which chat.
    pub session_id: SessionId,
    /// Its number.
    pub number: u64,
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// In words.
    pub comment: Option<String>,
    /// When it was first given.
    pub rated_at: UtcMillis,
}

/// A browser and what it runs on, by their usual names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Browser {
    /// Its name, and its version where it says one: `Firefox 141`.
    pub name: Option<String>,
    /// The operating system: `Android`.
    pub os: Option<String>,
}

/// A page where the visitor was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SeenPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// When they came to it.
    pub seen_at: UtcMillis,
}

/// POST `/sessions/{id}/page`: the customer is on this page now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SetPage {
    /// Its address, `http` or `https`, at most [`limits::PAGE_CHARS`](crate::limits::PAGE_CHARS). What stands behind `#`, and
    /// what looks like a secret in the query, is not kept.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::PAGE_CHARS)))]
    pub url: String,
    /// Its title, at most [`limits::PAGE_CHARS`](crate::limits::PAGE_CHARS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::PAGE_CHARS)))]
    pub title: Option<String>,
}
