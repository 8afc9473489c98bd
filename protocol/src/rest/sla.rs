//! Service levels, as admins write them: how soon which sessions are answered and solved.

use serde::{Deserialize, Serialize};

use crate::{FieldError, Priority, SiteId, limits, optional_line};

/// How soon some sessions are to be answered and solved. Of several policies, a session has the first that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SlaPolicy {
    /// What the team calls it.
    #[cfg_attr(test, schemars(length(min = 1, max = limits::SLA_NAME_CHARS)))]
    pub name: String,
    /// Which sessions it is for.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<SlaScope>"))]
    pub when: SlaScope,
    /// What is promised.
    pub targets: SlaTargets,
    /// So long before a due time the team is warned, in seconds of the same clock; 0: not at all.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<u32>"))]
    pub warn_before_s: u32,
    /// What happens on a breach, in this order.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<SlaEscalation>>"))]
    #[cfg_attr(test, schemars(length(max = limits::SLA_SCOPE)))]
    pub escalate: Vec<SlaEscalation>,
}

/// Which sessions a policy is for: those that every list fits. An empty list fits all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SlaScope {
    /// Of one of these priorities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Priority>>"))]
    #[cfg_attr(test, schemars(length(max = limits::SLA_SCOPE)))]
    pub priorities: Vec<Priority>,
    /// On one of these sites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<SiteId>>"))]
    #[cfg_attr(test, schemars(length(max = limits::SLA_SCOPE)))]
    pub sites: Vec<SiteId>,
    /// With one of these tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>"))]
    #[cfg_attr(test, schemars(length(max = limits::SLA_SCOPE), inner(length(min = 1, max = limits::TAG_CHARS))))]
    pub tags: Vec<String>,
}

/// What is promised; what is absent is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SlaTargets {
    /// Seconds from the start until the team's first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = *limits::SLA_SECONDS.start(), max = *limits::SLA_SECONDS.end())))]
    pub first_response_s: Option<u32>,
    /// Seconds from what the customer wrote later until the team's answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = *limits::SLA_SECONDS.start(), max = *limits::SLA_SECONDS.end())))]
    pub next_response_s: Option<u32>,
    /// Seconds from the start until it is resolved, without those in which it slept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = *limits::SLA_SECONDS.start(), max = *limits::SLA_SECONDS.end())))]
    pub resolution_s: Option<u32>,
    /// Only the seconds within the site's opening hours count.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>"))]
    pub business_hours: bool,
}

/// What happens on a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SlaEscalation {
    /// The session becomes more urgent by one step.
    RaisePriority,
    /// The supervisors are told.
    Notify,
    /// The session goes back into the queue, for another agent.
    Reassign,
}

impl SlaPolicy {
    /// The same with its texts trimmed, or every fault by the name of its field.
    ///
    /// # Errors
    /// The faults: a limit passed, a value named twice, nothing promised, a warning that would come before the start.
    pub fn checked(mut self) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: String| {
            faults.push(FieldError { field: field.to_owned(), message });
        };
        match optional_line(Some(&self.name), limits::SLA_NAME_CHARS) {
            Ok(Some(name)) => self.name = name,
            Ok(None) => fault("name", "is missing".to_owned()),
            Err(invalid) => fault("name", invalid.0),
        }
        let SlaScope { priorities, sites, tags } = &mut self.when;
        if tags.len() <= limits::SLA_SCOPE {
            for (at, tag) in tags.iter_mut().enumerate() {
                match optional_line(Some(tag), limits::TAG_CHARS) {
                    Ok(Some(trimmed)) => *tag = trimmed,
                    Ok(None) => fault(&format!("when.tags[{at}]"), "is empty".to_owned()),
                    Err(invalid) => fault(&format!("when.tags[{at}]"), invalid.0),
                }
            }
        }
        for (field, wrong) in [
            ("when.priorities", wrong_list(priorities)),
            ("when.sites", wrong_list(sites)),
            ("when.tags", wrong_list(tags)),
            ("escalate", wrong_list(&self.escalate)),
        ] {
            if let Some(message) = wrong {
                fault(field, message);
            }
        }
        let SlaTargets { first_response_s, next_response_s, resolution_s, business_hours: _ } = self.targets;
        let targets = [
            ("targets.first_response_s", first_response_s),
            ("targets.next_response_s", next_response_s),
            ("targets.resolution_s", resolution_s),
        ];
        let mut shortest: Option<u32> = None;
        for (field, seconds) in targets {
            let Some(seconds) = seconds else { continue };
            shortest = Some(shortest.map_or(seconds, |other| other.min(seconds)));
            if !limits::SLA_SECONDS.contains(&seconds) {
                let (least, most) = limits::SLA_SECONDS.into_inner();
                fault(field, format!("must be from {least} to {most} seconds"));
            }
        }
        match shortest {
            None => fault("targets", "must promise something".to_owned()),
            Some(shortest) if self.warn_before_s >= shortest => {
                fault("warn_before_s", format!("must be under the shortest target, {shortest} seconds"));
            }
            Some(_) => {}
        }
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }
}

fn wrong_list<T: PartialEq>(items: &[T]) -> Option<String> {
    if items.len() > limits::SLA_SCOPE {
        return Some(format!("has {} entries; the limit is {}", items.len(), limits::SLA_SCOPE));
    }
    let twice = items.iter().enumerate().any(|(at, item)| items[..at].contains(item));
    twice.then(|| "names one twice".to_owned())
}
