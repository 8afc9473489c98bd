//! A session's course by the clock: what was promised of it, what is told of that, and what is remembered for it.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Seq, UtcMillis, limits, session::words};

words! {
    /// What a service level promises.
    #[derive(PartialOrd, Ord)]
    SlaTarget {
        /// The team's first answer.
        FirstResponse = "first_response",
        /// The answer to what the customer wrote later.
        NextResponse = "next_response",
        /// That it is resolved.
        Resolution = "resolution",
    }
}

impl SlaTarget {
    /// From when on the time for it runs, in a session that began then, and whose customer waits since then.
    pub fn since(self, created_at: UtcMillis, waiting_since: Option<UtcMillis>) -> UtcMillis {
        match self {
            Self::FirstResponse | Self::Resolution => created_at,
            Self::NextResponse => waiting_since.unwrap_or(created_at),
        }
    }
}

words! {
    /// How it stands with something that is due.
    #[derive(PartialOrd, Ord)]
    SlaState {
        /// Done in time, or there is time.
        Fine = "fine",
        /// There is little time.
        Warned = "warned",
        /// Too late, also if it was done since.
        Breached = "breached",
    }
}

words! {
    /// What somebody of the team is reminded of.
    #[derive(PartialOrd, Ord)]
    Reminder {
        /// Nobody has taken the session.
        Unassigned = "unassigned",
        /// It goes on and on.
        Unresolved = "unresolved",
    }
}

/// How a session stands to what was promised of it, as of when this was made. States change with time: whoever shows
/// them goes by the times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SlaStanding {
    /// The service level's name.
    pub policy: String,
    /// The team's first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<SlaDue>,
    /// The answer to what the customer wrote later; absent while nobody waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_response: Option<SlaDue>,
    /// That it is resolved; absent while it is put aside and nobody knows for how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<SlaDue>,
}

/// One thing that was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(optional_fields))]
pub struct SlaDue {
    /// When the team is warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<UtcMillis>,
    /// When it is too late.
    pub due_at: UtcMillis,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<UtcMillis>,
    /// How it stood when this was made.
    pub state: SlaState,
}

/// What the clock has to know of a session, and what it has done already. Events keep it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// When the team first answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UtcMillis>,
    /// When it was resolved, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<UtcMillis>,
    /// When it slept, or was resolved before it was re-opened; in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// What was told of its service levels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<SlaTarget, SlaTold>,
    /// What somebody was reminded of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminded: Vec<Reminder>,
    /// The customer was warned of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
}

/// A stretch of time that does not count towards the resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From then on.
    pub from: UtcMillis,
    /// Until then; `None`: nobody knows yet.
    pub until: Option<UtcMillis>,
}

/// The team was told that something is due soon, or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaTold {
    /// From when on the time ran: another wait for an answer is another promise.
    pub since: UtcMillis,
    /// Too late; else soon.
    pub breached: bool,
}

/// The customer was told when the chat ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When.
    pub at: UtcMillis,
    /// By this message. It counts only as long as nobody wrote after it.
    pub seq: Seq,
}

impl Course {
    /// Nothing is remembered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Time stops to count towards the resolution.
    pub fn pause(&mut self, from: UtcMillis, until: Option<UtcMillis>) {
        match self.pauses.last_mut() {
            Some(last) if last.until.is_none_or(|until| until > from) => last.until = until,
            _ => self.pauses.push(Pause { from, until }),
        }
        if self.pauses.len() > limits::PAUSES {
            // The two oldest become one of the same length: exact where all hours count, and near it elsewhere.
            let oldest = self.pauses.remove(0);
            let length = oldest.until.map_or(std::time::Duration::ZERO, |until| until.since(oldest.from));
            let next = &mut self.pauses[0];
            next.from = next.from.minus(length);
        }
    }

    /// It counts again.
    pub fn go_on(&mut self, now: UtcMillis) {
        if let Some(last) = self.pauses.last_mut()
            && last.until.is_none_or(|until| until > now)
        {
            last.until = Some(now);
        }
    }
}
