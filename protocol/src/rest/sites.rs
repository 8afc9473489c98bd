//! Sites: what the widget reads, and what admins edit.

use serde::{Deserialize, Deserializer, Serialize};

use super::OpeningHours;
#[cfg(test)]
use crate::limits;
use crate::{SiteId, UtcMillis};

/// What the widget needs to know of its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    pub opening_hours: Option<OpeningHours>,
    /// Within the opening hours now. What is written outside of them is taken all the same.
    pub open_now: bool,
    /// While it is closed: when it opens again; null when that is not planned.
    pub opens_at: Option<UtcMillis>,
    /// What files are taken.
    pub uploads: UploadLimits,
    /// Somebody of the team is here now.
    pub online: bool,
    /// Most characters of a message.
    pub message_chars: u32,
}

/// What files are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct UploadLimits {
    /// Most bytes of one.
    pub max_bytes: u64,
    /// Most of one message.
    pub max_files: u32,
    /// Of these types; what a file is, is found from its content.
    pub types: Vec<String>,
    /// The endings that fit these types, with their dot: for a page's file picker.
    pub endings: Vec<String>,
}

/// A site's colours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Theme {
    /// The site's colour, `#rrggbb`.
    pub color: String,
}

/// One field of the pre-chat form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PrechatField {
    /// Which.
    pub name: PrechatName,
    /// The start is refused without it.
    pub required: bool,
}

/// The fields that a pre-chat form can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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

/// A site, as the team sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// Secrets that sign identities; up to two live at once. For admins only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub identity_secrets: Vec<String>,
    /// Opening hours; null: always open.
    pub hours: Option<OpeningHours>,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// POST `/sites` (with `key`) and PATCH `/sites/{id}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct EditSite {
    /// The public key: lower-case letters, digits and hyphens. Cannot be changed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z0-9][a-z0-9-]{0,49}$")))]
    pub key: Option<String>,
    /// The shop's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(min = 1, max = limits::NAME_CHARS)))]
    pub name: Option<String>,
    /// The site's colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(regex(pattern = "^#[0-9a-fA-F]{6}$")))]
    pub color: Option<String>,
    /// The first words of the pre-chat form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 200)))]
    pub greeting: Option<String>,
    /// What to ask before the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Vec<PrechatField>>,
    /// Origins whose pages may use the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = 50)))]
    pub allowed_origins: Option<Vec<String>>,
    /// Opening hours; null makes the site always open.
    #[serde(default, deserialize_with = "cleared", skip_serializing_if = "Option::is_none")]
    pub hours: Option<Option<OpeningHours>>,
}

/// A field that may be cleared: `Some(None)` when the body says null, `None` when it does not say.
fn cleared<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
