//! Bodies of the REST API (contract §3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, ContactSummary, Entry, EntryId, Epoch, Party, Presence, Receipt, Role, Seq, SessionId,
    SessionSummary, SiteId, Status, UtcMillis, View, You,
};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Asks for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are in all.
    pub total: u64,
}

/// What the widget needs to know of its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SiteConfig {
    /// The site's public key.
    pub key: String,
    /// The shop's name.
    pub name: String,
    /// Colours.
    pub theme: Theme,
    /// The first words of the pre-chat form.
    pub greeting: String,
    /// Languages that the team answers in.
    pub locales: Vec<String>,
    /// What to ask before the chat.
    pub prechat: Vec<PrechatField>,
    /// Null: always open.
    pub opening_hours: Option<serde_json::Value>,
    /// Null: files are not taken.
    pub uploads: Option<serde_json::Value>,
    /// Somebody of the team is here now.
    pub online: bool,
    /// Most characters of a message.
    pub message_chars: u32,
}

/// A site's colours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Theme {
    /// The site's colour, `#rrggbb`.
    pub color: String,
}

/// One field of the pre-chat form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PrechatField {
    /// Which.
    pub name: PrechatName,
    /// The start is refused without it.
    pub required: bool,
}

/// The fields that a pre-chat form can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PrechatName {
    /// The customer's name.
    Name,
    /// The phone number.
    Phone,
    /// The e-mail address.
    Email,
    /// The first message.
    Message,
}

/// POST `/sites/{site_key}/sessions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct StartSession {
    /// Chosen by the client: the same start again, within some minutes, is answered with the same session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<uuid::Uuid>,
    /// The customer's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The phone number, in any usual writing, with country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Who the site says this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The page that the customer is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageContext>,
    /// Whatever else the site asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
}

/// A visitor that the site knows (contract §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Identity {
    /// The site's own id of the visitor.
    pub external_id: String,
    /// Hex HMAC-SHA256 of `external_id` under the site's secret. Without it the claim is unverified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub hash: Option<String>,
}

/// The page that the customer is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PageContext {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the customer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
}

/// The answer to a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CustomerMe {
    /// The contact, as far as the caller said it.
    pub contact: ContactSummary,
    /// The sessions that the token reaches, newest first.
    pub sessions: Vec<SessionSummary>,
    /// Unread messages over all of them.
    pub unread: u32,
}

/// POST `/sessions/{id}/messages` and `/notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendMessage {
    /// Chosen by the client; the same again is the same send.
    pub id: EntryId,
    /// The text.
    pub body: String,
    /// Files uploaded before.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub attachments: Vec<uuid::Uuid>,
}

/// The answer to a send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Sent {
    /// The send's id.
    pub id: EntryId,
    /// Where it was stored: another session than asked for, if that one was closed.
    pub session: SessionId,
    /// Its place.
    pub seq: Seq,
    /// When it was decided.
    pub created_at: UtcMillis,
    /// It was stored by an earlier try.
    pub duplicate: bool,
}

/// POST `/sessions/{id}/typing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetTyping {
    /// Started or stopped.
    pub on: bool,
}

/// POST `/sessions/{id}/read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetRead {
    /// Up to and including.
    pub seq: Seq,
}

/// POST `/sessions/{id}/rating`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SetRating {
    /// 1 to 5.
    pub score: u8,
    /// The customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub comment: Option<String>,
}

/// PATCH `/sessions/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PatchSession {
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// What a long-poll brings of one session: GET `/sessions/{id}/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
    /// Names the typing, presence, receipts and summary above: sent back as `state`, the next request is
    /// answered at once if they have changed since.
    pub state: String,
    /// How long to wait before the next request.
    pub retry_after_ms: u64,
}

/// POST `/events`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PollRequest {
    /// Sessions to follow.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PollSession>>"))]
    pub sessions: Vec<PollSession>,
    /// Lists to watch (agents).
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PollView>>"))]
    pub views: Vec<PollView>,
    /// Seconds to hold the request if there is nothing new: 0–30, default 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub wait: Option<u32>,
}

/// One session of a [`PollRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
}

/// One list of a [`PollRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PollView {
    /// Which.
    pub view: View,
    /// The `version` of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub version: Option<String>,
}

/// The answer to POST `/events`. Sessions and lists without news are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PollAnswer {
    /// The store's identity.
    pub epoch: Epoch,
    /// News of sessions.
    pub sessions: Vec<SessionEvents>,
    /// Lists that changed, whole.
    pub views: Vec<ListedView>,
    /// Sessions of the request that are not there, or not open to the caller (any more).
    pub missing: Vec<SessionId>,
    /// How long to wait before the next request.
    pub retry_after_ms: u64,
}

/// A list, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ListedView {
    /// Which.
    pub view: View,
    /// Names this content; for the next request.
    pub version: String,
    /// Most urgent or newest first.
    pub sessions: Vec<SessionSummary>,
    /// How many the list has in all.
    pub total: u64,
    /// The list has more than were sent.
    pub more: bool,
}

/// POST `/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Login {
    /// The agent's e-mail.
    pub email: String,
    /// The password.
    pub password: String,
}

/// POST `/auth/password`: an agent's own password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ChangePassword {
    /// The one in force.
    pub current: String,
    /// The new one: 10 to 200 characters.
    pub new: String,
}

/// GET `/auth/me`, and the answer to a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AgentMe {
    /// Who.
    pub you: You,
    /// The e-mail.
    pub email: String,
    /// Nothing but `/auth/…` works until the password was changed.
    pub password_change_required: bool,
}

/// A member of the team, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// The login name.
    pub email: String,
    /// The display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// May not log in.
    pub disabled: bool,
    /// When they were added.
    pub created_at: UtcMillis,
}

/// A site, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Site {
    /// The site.
    pub id: SiteId,
    /// The public key, in the script tag.
    pub key: String,
    /// The shop's name.
    pub name: String,
    /// The site's colour, `#rrggbb`.
    pub color: String,
    /// The first words of the pre-chat form.
    pub greeting: String,
    /// What to ask before the chat.
    pub prechat: Vec<PrechatField>,
    /// Origins whose pages may use the site: `https://shop.example`, or `localhost` for any port of it.
    pub allowed_origins: Vec<String>,
    /// Secrets that sign identities; up to two live at once.
    pub identity_secrets: Vec<String>,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// POST `/sites` (with `key`) and PATCH `/sites/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct EditSite {
    /// The public key: lower-case letters, digits and hyphens. Cannot be changed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The shop's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The site's colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// The first words of the pre-chat form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// What to ask before the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Vec<PrechatField>>,
    /// Origins whose pages may use the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
}
