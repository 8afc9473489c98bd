//! Contacts: the customers as the team has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sessions::said;
#[cfg(test)]
use crate::limits;
use crate::{AgentRef, ContactId, UtcMillis};

/// A customer as a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Contact {
    /// The contact.
    pub id: ContactId,
    /// The key of its site: a contact is of one site.
    pub site: String,
    /// The name.
    pub name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The site's own id of the person; who has one is verified.
    pub external_id: Option<String>,
    /// The site has vouched for who this is.
    pub verified: bool,
    /// What else is known, by the key of a defined attribute (GET `/attributes`), as the team or the host has said it.
    pub attributes: BTreeMap<String, String>,
    /// How the account stands, in the host's words.
    pub account_status: Option<String>,
    /// Whether and why the contact cannot write.
    pub blocked: Option<ContactBlock>,
    /// The contact in which this one went on: it is not in lists any more.
    pub merged_into: Option<ContactId>,
    /// How often it was changed: PATCH with it, and nobody's change is lost.
    pub version: u64,
    /// When it was made.
    pub created_at: UtcMillis,
    /// When it was last changed.
    pub updated_at: UtcMillis,
    /// Contacts that went on in this one; in GET `/contacts/{contact}` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<MergedContact>>"))]
    pub merged: Vec<MergedContact>,
    /// What was done to it, the newest first; in GET `/contacts/{contact}` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<ContactEvent>>"))]
    pub log: Vec<ContactEvent>,
}

/// Why and until when a contact cannot write. The customer is told only that the chat is not available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ContactBlock {
    /// Why.
    pub reason: String,
    /// Until when; null: until somebody lifts it.
    pub until: Option<UtcMillis>,
    /// Since when.
    pub at: UtcMillis,
    /// Who did it.
    pub by: Option<AgentRef>,
}

/// A contact that went on in another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MergedContact {
    /// The contact.
    pub id: ContactId,
    /// The name that it has.
    pub name: Option<String>,
    /// The phone number that it has.
    pub phone: Option<String>,
    /// The e-mail address that it has.
    pub email: Option<String>,
    /// Into which one it was merged: this one, or one that was merged into this one.
    pub into: ContactId,
    /// When.
    pub at: UtcMillis,
}

/// Something that was done to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ContactEvent {
    /// When.
    pub at: UtcMillis,
    /// By whom.
    pub by: Option<AgentRef>,
    /// What.
    pub what: ContactDone,
}

/// What was done to a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContactDone {
    /// It was made by hand.
    Made,
    /// These fields were changed.
    Edited {
        /// Their names.
        fields: Vec<String>,
    },
    /// It was blocked.
    Blocked {
        /// Why.
        reason: String,
        /// Until when; null: until somebody lifts it.
        until: Option<UtcMillis>,
    },
    /// The block was lifted.
    Unblocked,
    /// It went on in another one.
    Merged {
        /// The other one.
        into: ContactId,
        /// That one's name.
        name: Option<String>,
    },
    /// Another one went on in this one.
    MergedFrom {
        /// The other one.
        contact_id: ContactId,
        /// That one's name.
        name: Option<String>,
    },
    /// That it was merged with another one was undone.
    Unmerged {
        /// The other one.
        contact_id: ContactId,
        /// That one's name.
        name: Option<String>,
    },
}

/// POST `/contacts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct NewContact {
    /// The key of its site.
    pub site: String,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::NAME_CHARS)))]
    pub name: Option<String>,
    /// The phone number, with country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::EMAIL_CHARS)))]
    pub email: Option<String>,
    /// The site's own id of the person, which vouches for them: for supervisors and admins to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::EXTERNAL_ID_CHARS)))]
    pub external_id: Option<String>,
    /// How the account stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::ACCOUNT_STATUS_CHARS)))]
    pub account_status: Option<String>,
    /// Defined attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, ts(as = "Option<BTreeMap<String, String>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::ATTRIBUTES)))]
    pub attributes: BTreeMap<String, String>,
}

/// PATCH `/contacts/{contact}`: what is there changes, together; what is `null` is struck out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditContact {
    /// The `version` that the caller has seen: if it is another by now, nothing changes (409 `changed_meanwhile`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The name.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"), schemars(length(max = limits::NAME_CHARS)))]
    pub name: Option<Option<String>>,
    /// The phone number, with country code.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub phone: Option<Option<String>>,
    /// The e-mail address.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"), schemars(length(max = limits::EMAIL_CHARS)))]
    pub email: Option<Option<String>>,
    /// How the account stands.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "string | null"), schemars(length(max = limits::ACCOUNT_STATUS_CHARS)))]
    pub account_status: Option<Option<String>>,
    /// Defined attributes that come or change, and (null) those that go.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, ts(as = "Option<BTreeMap<String, Option<String>>>"))]
    #[cfg_attr(test, schemars(extend("maxProperties" = limits::ATTRIBUTES)))]
    pub attributes: BTreeMap<String, Option<String>>,
}

/// POST `/contacts/{contact}/block`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct BlockContact {
    /// Why; the team reads it, the customer does not.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::BLOCK_REASON_CHARS)))]
    pub reason: String,
    /// Until when, in the future; left out: until somebody lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UtcMillis>,
}

/// POST `/contacts/{contact}/merge`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MergeContact {
    /// The contact in which it goes on: one of the same site.
    pub into: ContactId,
}
