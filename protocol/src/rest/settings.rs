//! The workspace's settings: one document, a section for each concern.

use serde::{Deserialize, Serialize};

use super::{ClosingSettings, ReminderSettings, RoutingSettings, SlaPolicy, section};
use crate::{FieldError, limits};

/// GET and PATCH `/settings`. Of a change, the sections that it has take the place of those that were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct Settings {
    /// How chats find their agents.
    pub routing: RoutingSettings,
    /// Service levels; a chat has the first that fits it.
    #[cfg_attr(test, schemars(length(max = limits::SLA_POLICIES)))]
    pub sla: Vec<SlaPolicy>,
    /// Who is reminded of what.
    pub reminders: ReminderSettings,
    /// When chats end by themselves.
    pub closing: ClosingSettings,
}

/// PATCH `/settings`: a section that is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
#[serde(deny_unknown_fields)]
pub struct EditSettings {
    /// How chats find their agents.
    #[serde(default, deserialize_with = "section::object", skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingSettings>,
    /// Service levels; at most [`limits::SLA_POLICIES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(length(max = limits::SLA_POLICIES)))]
    pub sla: Option<Vec<SlaPolicy>>,
    /// Who is reminded of what.
    #[serde(default, deserialize_with = "section::object", skip_serializing_if = "Option::is_none")]
    pub reminders: Option<ReminderSettings>,
    /// When chats end by themselves.
    #[serde(default, deserialize_with = "section::object", skip_serializing_if = "Option::is_none")]
    pub closing: Option<ClosingSettings>,
}

impl EditSettings {
    /// The same with its texts trimmed, or every fault by the name of its field.
    ///
    /// # Errors
    /// The faults of its sections.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let Self { routing, sla, reminders, closing } = self;
        let mut faults = Vec::new();
        let sla = sla.map(|policies| service_levels(policies, &mut faults));
        let reminders = reminders.map(|section| take("reminders", section.checked(), &mut faults));
        let closing = closing.map(|section| take("closing", section.checked(), &mut faults));
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { routing, sla, reminders: reminders.flatten(), closing: closing.flatten() })
    }
}

fn service_levels(policies: Vec<SlaPolicy>, faults: &mut Vec<FieldError>) -> Vec<SlaPolicy> {
    if policies.len() > limits::SLA_POLICIES {
        let message = format!("has {} entries; the limit is {}", policies.len(), limits::SLA_POLICIES);
        faults.push(FieldError { field: "sla".to_owned(), message });
        return Vec::new();
    }
    let mut checked: Vec<SlaPolicy> = Vec::with_capacity(policies.len());
    for (at, policy) in policies.into_iter().enumerate() {
        let Some(policy) = take(&format!("sla[{at}]"), policy.checked(), faults) else { continue };
        if checked.iter().any(|other| other.name == policy.name) {
            let message = "is the name of another one".to_owned();
            faults.push(FieldError { field: format!("sla[{at}].name"), message });
        }
        checked.push(policy);
    }
    checked
}

/// The section, or none and its faults under its name.
fn take<T>(section: &str, checked: Result<T, Vec<FieldError>>, faults: &mut Vec<FieldError>) -> Option<T> {
    let under = |fault: FieldError| FieldError { field: format!("{section}.{}", fault.field), ..fault };
    checked.map_err(|found| faults.extend(found.into_iter().map(under))).ok()
}

impl Settings {
    /// The same with the sections of `edit` in the place of its own.
    #[must_use]
    pub fn with(self, edit: EditSettings) -> Self {
        let EditSettings { routing, sla, reminders, closing } = edit;
        Self {
            routing: routing.unwrap_or(self.routing),
            sla: sla.unwrap_or(self.sla),
            reminders: reminders.unwrap_or(self.reminders),
            closing: closing.unwrap_or(self.closing),
        }
    }
}
