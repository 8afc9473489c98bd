//! How a chat begins, and what a customer has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use crate::limits;
use crate::{Channel, ContactSummary, Entry, Epoch, SessionSummary};

/// POST `/sites/{site_key}/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct StartSession {
    /// Chosen by the client: the same start again, within some minutes, is answered with the same session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<uuid::Uuid>,
    /// The customer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::NAME_CHARS), example = &"Phương Anh"))]
    pub name: Option<String>,
    /// The phone number, in any usual writing, with country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(example = &"+44 7700 900118"))]
    pub phone: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::EMAIL_CHARS), example = &"anh@example.com"))]
    pub email: Option<String>,
    /// The first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::MESSAGE_CHARS), example = &"Hello"))]
    pub message: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::LANGUAGE_CHARS), example = &"en"))]
    pub locale: Option<String>,
    /// By which way the customer comes: `web` unless it says `api`, as a program does that shows no buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Who the site says this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The page that the customer is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageContext>,
    /// Whatever else the site asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::FIELDS)))]
    pub fields: Option<BTreeMap<String, String>>,
}

/// A visitor that the site knows (contract §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Identity {
    /// The site's own id of the visitor.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::EXTERNAL_ID_CHARS)))]
    pub external_id: String,
    /// Hex HMAC-SHA256 of `external_id` under the site's secret. Without it the claim is unverified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-fA-F]{64}$")))]
    pub hash: Option<String>,
    /// What the page says of the visitor: at most 20, shown to the team as said by the page. The hash is of `external_id`
    /// alone, so this changes no contact: whoever is to be believed says it by PATCH `/contacts/{id}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<BTreeMap<String, String>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::CLAIMS)))]
    pub attributes: BTreeMap<String, String>,
    /// How the visitor's account stands, by the page's word: as `attributes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional), schemars(length(max = limits::ACCOUNT_STATUS_CHARS)))]
    pub account_status: Option<String>,
}

/// The page that the customer is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct PageContext {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::PAGE_CHARS), example = &"https://shop.example/raincoat"))]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::PAGE_CHARS), example = &"Raincoat"))]
    pub title: Option<String>,
    /// Where the customer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::PAGE_CHARS)))]
    pub referrer: Option<String>,
}

/// The answer to a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct StartedSession {
    /// The customer's credential. Shown once.
    pub token: String,
    /// The store's identity, to be sent with cursors.
    pub epoch: Epoch,
    /// The session.
    pub session: SessionSummary,
    /// The contact, as far as the caller said it.
    pub contact: ContactSummary,
    /// The log so far.
    pub entries: Vec<Entry>,
}

/// GET `/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CustomerMe {
    /// The contact, as far as the caller said it.
    pub contact: ContactSummary,
    /// The sessions that the token reaches, newest first.
    pub sessions: Vec<SessionSummary>,
    /// Unread messages over all of them.
    pub unread: u32,
}
