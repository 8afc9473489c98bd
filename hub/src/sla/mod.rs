//! Service levels: which promise a session has, when what was promised is due, and whether it came in time.
//!
//! Pure: told what is known of a session and what time it is. What follows from a warning or a breach is not done here.

#[cfg(test)]
mod tests;

use std::time::Duration;

use protocol::{
    Priority, SiteId, UtcMillis,
    rest::{SlaEscalation, SlaPolicy, SlaScope, SlaTargets},
};

pub use protocol::{Pause, SlaState as State};

use crate::Hours;

/// How soon some sessions are to be answered and solved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What the team calls it.
    pub name: String,
    /// Which sessions it is for.
    pub when: SlaScope,
    /// What is promised.
    pub targets: Targets,
    /// So long before a due time the team is warned, by the clock that the targets run by; zero: not at all.
    pub warn_before: Duration,
    /// What happens on a breach, in this order.
    pub escalate: Vec<SlaEscalation>,
}

/// What is promised; what is `None` is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Targets {
    /// From the start until the team's first answer.
    pub first_response: Option<Duration>,
    /// From what the customer wrote later until the team's answer to it.
    pub next_response: Option<Duration>,
    /// From the start until it is resolved.
    pub resolution: Option<Duration>,
    /// Only time within the opening hours counts.
    pub business_hours: bool,
}

impl From<SlaPolicy> for Policy {
    fn from(policy: SlaPolicy) -> Self {
        let SlaPolicy { name, when, targets, warn_before_s, escalate } = policy;
        let SlaTargets { first_response_s, next_response_s, resolution_s, business_hours } = targets;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let targets = Targets {
            first_response: first_response_s.map(seconds),
            next_response: next_response_s.map(seconds),
            resolution: resolution_s.map(seconds),
            business_hours,
        };
        Self { name, when, targets, warn_before: seconds(warn_before_s), escalate }
    }
}

/// What decides which policy a session has.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its priority.
    pub priority: Priority,
    /// Where it was started.
    pub site: SiteId,
    /// Its tags.
    pub tags: &'a [String],
}

/// The first policy that fits.
pub fn pick<'a>(policies: &'a [Policy], subject: &Subject<'_>) -> Option<&'a Policy> {
    policies.iter().find(|policy| policy.fits(subject))
}

/// What is known of a session's course.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// When it was started.
    pub created_at: UtcMillis,
    /// When the team first answered.
    pub first_agent_reply_at: Option<UtcMillis>,
    /// Since when the customer waits for an answer: the first message that the team has not answered.
    pub waiting_since: Option<UtcMillis>,
    /// When it was resolved or closed, and is so still.
    pub resolved_at: Option<UtcMillis>,
    /// When it slept, or was resolved before it was re-opened; in order.
    pub pauses: Vec<Pause>,
}

/// What is due, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dues {
    /// The team's first answer.
    pub first_response: Option<Due>,
    /// The answer to what the customer wrote later; `None` while nobody waits for one.
    pub next_response: Option<Due>,
    /// That it is resolved; `None` while it sleeps and nobody knows how long.
    pub resolution: Option<Due>,
}

/// One thing that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When the team is to be warned.
    pub warn_at: Option<UtcMillis>,
    /// When it is too late.
    pub at: UtcMillis,
    /// When it was done.
    pub met_at: Option<UtcMillis>,
}

impl Policy {
    /// Whether it is for such a session.
    pub fn fits(&self, subject: &Subject<'_>) -> bool {
        let SlaScope { priorities, sites, tags } = &self.when;
        (priorities.is_empty() || priorities.contains(&subject.priority))
            && (sites.is_empty() || sites.contains(&subject.site))
            && (tags.is_empty() || subject.tags.iter().any(|tag| tags.contains(tag)))
    }

    /// What is due of a session. `hours` are those of its site, `None` for one that is always open.
    ///
    /// Sleep stops only the resolution: a customer who waits for an answer waits, whatever the team puts aside.
    pub fn dues(&self, facts: &Facts, hours: Option<&Hours>) -> Dues {
        let clock = hours.filter(|_| self.targets.business_hours);
        let due = |target: Option<Duration>, from, met_at, pauses: &[Pause]| {
            let target = target?;
            let after = |duration| run(clock, from, duration, pauses);
            let warn = !self.warn_before.is_zero();
            Some(Due {
                warn_at: warn.then(|| after(target.saturating_sub(self.warn_before))).flatten(),
                at: after(target)?,
                met_at,
            })
        };
        let Facts { created_at, first_agent_reply_at, waiting_since, resolved_at, ref pauses } = *facts;
        // What is resolved without an answer needs none any more.
        let answered_at = [first_agent_reply_at, resolved_at].into_iter().flatten().min();
        let waiting_since = waiting_since.filter(|_| first_agent_reply_at.is_some());
        Dues {
            first_response: due(self.targets.first_response, created_at, answered_at, &[]),
            next_response: waiting_since
                .and_then(|since| due(self.targets.next_response, since, resolved_at, &[])),
            resolution: due(self.targets.resolution, created_at, resolved_at, pauses),
        }
    }
}

impl Due {
    /// How it stands at this time.
    pub fn state(&self, now: UtcMillis) -> State {
        if self.met_at.unwrap_or(now) >= self.at {
            State::Breached
        } else if self.met_at.is_none() && self.warn_at.is_some_and(|warn_at| now >= warn_at) {
            State::Warned
        } else {
            State::Fine
        }
    }
}

impl Dues {
    /// When, after this time, the state of any of them changes if nothing happens before.
    pub fn next_change(&self, now: UtcMillis) -> Option<UtcMillis> {
        [self.first_response, self.next_response, self.resolution]
            .into_iter()
            .flatten()
            .filter(|due| due.met_at.is_none())
            .flat_map(|due| [due.warn_at, Some(due.at)])
            .flatten()
            .filter(|at| *at > now)
            .min()
    }
}

/// When so much time, without the pauses, is over. Without hours, all time counts.
fn run(hours: Option<&Hours>, from: UtcMillis, duration: Duration, pauses: &[Pause]) -> Option<UtcMillis> {
    let (mut at, mut left) = (from, duration);
    for pause in pauses {
        if pause.from > at {
            let ran = match hours {
                Some(hours) => hours.between(at, pause.from),
                None => pause.from.since(at),
            };
            if ran >= left {
                break;
            }
            left -= ran;
        }
        at = at.max(pause.until?);
    }
    match hours {
        Some(hours) => hours.add(at, left),
        None => Some(at.plus(left)),
    }
}
