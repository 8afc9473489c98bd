//! The lists of sessions that agents watch: those that everybody has, saved ones, and any filter.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::{
    AgentId, Channel, FieldError, Invalid, Priority, Status, TeamId, UtcMillis, ViewId, limits,
    optional_line, session::words,
};

words! {
    /// A list that everybody has.
    ViewName {
        /// Assigned to the one who asks, open or in progress, and not put aside.
        Mine = "mine",
        /// Open or in progress, held by nobody, and not put aside.
        Unassigned = "unassigned",
        /// Open or in progress, not put aside, and the customer waits for an answer (`waiting_since`).
        Waiting = "waiting",
        /// Open or in progress, and put aside (`snoozed_until`).
        Snoozed = "snoozed",
        /// A note in it names the one who asks, among those of which the notifications still tell.
        Mentions = "mentions",
        /// Every session the one who asks may see.
        All = "all",
    }
}

words! {
    /// What stands first.
    SessionSort {
        /// What changed last.
        Recent = "recent",
        /// Whoever has waited longest; a filter with it finds only those who wait.
        Waiting = "waiting",
    }
}

/// A list of sessions that an agent can watch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(untagged)]
pub enum View {
    /// One that everybody has.
    Named(ViewName),
    /// A saved one.
    Saved(ViewId),
    /// What this filter finds.
    Filter(Arc<ViewFilter>),
}

impl View {
    /// Whether a client is told which sessions belong to it (`added`): of the others it sees that for itself.
    pub const fn is_told(&self) -> bool {
        match self {
            Self::Named(name) => matches!(name, ViewName::Mentions),
            Self::Saved(_) | Self::Filter(_) => true,
        }
    }
}

impl From<ViewName> for View {
    fn from(name: ViewName) -> Self {
        Self::Named(name)
    }
}

impl FromStr for View {
    type Err = String;

    /// A name, or a saved view's id.
    fn from_str(text: &str) -> Result<Self, String> {
        let saved = |_| text.parse().map(Self::Saved);
        let unknown = |_| format!("must be {}, or a saved view's id", words_of(ViewName::ALL));
        text.parse().map(Self::Named).or_else(saved).map_err(unknown)
    }
}

fn words_of(names: &[ViewName]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

impl<'de> Deserialize<'de> for View {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct NameOrFilter;

        impl<'de> Visitor<'de> for NameOrFilter {
            type Value = View;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a view's name, a saved view's id, or a filter")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<View, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<View, A::Error> {
                ViewFilter::deserialize(MapAccessDeserializer::new(map))
                    .map(|filter| View::Filter(Arc::new(filter)))
            }
        }

        value.deserialize_any(NameOrFilter)
    }
}

/// Held by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "\"me\" | \"none\" | string"))]
pub enum Assigned {
    /// The one who asks.
    Me,
    /// Nobody.
    Nobody,
    /// This agent.
    Agent(AgentId),
}

impl FromStr for Assigned {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => id.parse().map(Self::Agent).map_err(|_| "must be me, none or an agent's id"),
        }
    }
}

impl Serialize for Assigned {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Me => to.serialize_str("me"),
            Self::Nobody => to.serialize_str("none"),
            Self::Agent(id) => id.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Assigned {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        String::deserialize(value)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Assigned {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Assigned".into()
    }

    fn json_schema(schemas: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let id = schemas.subschema_for::<AgentId>();
        schemars::json_schema!({
            "description": "Held by the one who asks (`me`), by nobody (`none`), or by this agent.",
            "anyOf": [{ "type": "string", "enum": ["me", "none"] }, id],
        })
    }
}

/// Which sessions: those of which all that is given is true, as in GET `/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct ViewFilter {
    /// Any of these; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Status>>"), schemars(length(max = Status::ALL.len())))]
    pub status: Vec<Status>,
    /// Held by `me`, by nobody (`none`), or by this agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assigned>,
    /// Any of these; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Priority>>"), schemars(length(max = Priority::ALL.len())))]
    pub priority: Vec<Priority>,
    /// Those with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::TAG_CHARS)))]
    pub tag: Option<String>,
    /// Those of this category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::CATEGORY_CHARS)))]
    pub category: Option<String>,
    /// Those of this team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Those of the site with this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::SITE_KEY_CHARS)))]
    pub site: Option<String>,
    /// Those that came this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Only those that are put aside, or only those that are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<bool>,
    /// Those that went on at or after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<UtcMillis>,
    /// Those that had begun by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcMillis>,
    /// What stands first; `recent` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<SessionSort>,
}

impl ViewFilter {
    /// Whether every field is within its limits; whether what it names exists is not looked at.
    ///
    /// # Errors
    /// Every fault, by the name of its field.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let lines = [
            ("tag", &self.tag, limits::TAG_CHARS),
            ("category", &self.category, limits::CATEGORY_CHARS),
            ("site", &self.site, limits::SITE_KEY_CHARS),
        ];
        let lines = lines.into_iter().filter_map(|(field, text, max)| {
            let text = text.as_deref()?;
            // With what would be trimmed: the filter goes back to whoever watches it as it came.
            let fault = match text.chars().count() {
                chars if chars > max => Some(Invalid(format!("has {chars} characters; the limit is {max}"))),
                _ => optional_line(Some(text), max).err(),
            };
            Some((field, fault?.0))
        });
        let words = [
            ("status", self.status.len(), Status::ALL.len()),
            ("priority", self.priority.len(), Priority::ALL.len()),
        ];
        let words = words.into_iter().filter(|(_, count, max)| count > max);
        let words =
            words.map(|(field, count, max)| (field, format!("has {count} entries; the limit is {max}")));
        let faults = words.chain(lines);
        let faults: Vec<_> =
            faults.map(|(field, message)| FieldError { field: field.to_owned(), message }).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The same filter as it is kept and asked: tags are in lower case, an empty text says nothing.
    #[must_use]
    pub fn normalised(self) -> Self {
        let line =
            |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let Self { mut status, mut priority, tag, category, site, .. } = self;
        status.sort_unstable_by_key(|status| *status as u8);
        status.dedup();
        priority.sort_unstable_by_key(|priority| *priority as u8);
        priority.dedup();
        let tag = line(tag).map(|tag| tag.to_lowercase());
        Self { status, priority, tag, category: line(category), site: line(site), ..self }
    }

    /// Whether it finds different sessions for different agents who may see the same.
    pub fn is_personal(&self) -> bool {
        self.assignee == Some(Assigned::Me)
    }
}
