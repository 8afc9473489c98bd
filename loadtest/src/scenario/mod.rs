//! What a load test does: a small TOML file, shipped ones known by name. Who plays it is in [`crate::load`].

mod shipped;

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use shipped::{SHIPPED, Shipped};

/// Why there is no scenario.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// Neither a shipped one nor a file.
    #[error("there is no scenario {0:?}: it is neither a file nor one of {known}", known = shipped::names())]
    Unknown(String),
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Not TOML, or not a scenario's.
    #[error("{name}: {error}")]
    Malformed {
        /// The scenario.
        name: String,
        /// What and where.
        error: Box<toml::de::Error>,
    },
    /// A `--set` that sets nothing.
    #[error("--set {0}: write it as key.path=value, with a value as TOML has it")]
    BadSet(String),
    /// What cannot be played.
    #[error("{name}: {field} {problem}")]
    Impossible {
        /// The scenario.
        name: String,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// A load test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name; by default the file's.
    #[serde(default)]
    pub name: String,
    /// What it is for, in a sentence or two.
    pub about: String,
    /// Who is connected.
    #[serde(default)]
    pub people: People,
    /// What they say.
    #[serde(default)]
    pub messages: Messages,
    /// Customers who come, chat and go, besides those who are there all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<Visits>,
    /// How long it takes.
    #[serde(default)]
    pub time: Times,
    /// All links are cut at once, so many seconds after the measuring began, and all come back with resume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_all_at_s: Option<f64>,
    /// What must hold, by the names of [`crate::report::figures`]: the run fails where a figure is larger.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, f64>,
}

/// Who is connected all the time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// Chat sessions.
    pub sessions: u32,
    /// Connections that follow each of them: one customer, the rest agents.
    pub members: u32,
    /// Who of them sends.
    pub senders: Senders,
    /// The share of customers that poll instead of holding a WebSocket, 0 to 1.
    pub long_poll: f64,
    /// The share of agents' connections that read nothing for a second after each frame, 0 to 1.
    pub slow: f64,
    /// Agents who watch the list of all chats, besides.
    pub watchers: u32,
}

impl Default for People {
    fn default() -> Self {
        Self { sessions: 0, members: 2, senders: Senders::All, long_poll: 0.0, slow: 0.0, watchers: 0 }
    }
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Senders {
    /// Every member of a session.
    All,
    /// Only customers.
    Customers,
    /// Only agents.
    Agents,
}

/// What they say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "pace")]
pub enum Messages {
    /// Nothing.
    #[default]
    None,
    /// At a rate that does not care how fast the server is: Poisson arrivals, latency counted from the moment at
    /// which a message was to be sent, so that a server that stalls is charged for all that had to wait.
    Open {
        /// Rates, one after the other; the last one holds on.
        rates: Vec<Rate>,
        /// Characters of a message.
        #[serde(default = "chars")]
        chars: u32,
    },
    /// Each sender says the next thing when the last one is acknowledged: as fast as the server can.
    Closed {
        /// Milliseconds between an ack and the next message.
        #[serde(default)]
        think_ms: u32,
        /// Characters of a message.
        #[serde(default = "chars")]
        chars: u32,
    },
}

fn chars() -> u32 {
    120
}

/// A rate for a while.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Messages a second, of all senders together.
    pub per_s: f64,
    /// For so many seconds of the measured time; 0 for the rest of it.
    #[serde(default)]
    pub for_s: f64,
}

/// Customers who come, wait, chat and leave; agents who have several chats each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Visits {
    /// Customers who arrive a minute (Poisson).
    pub per_minute: f64,
    /// Messages that each of them says.
    pub messages: u32,
    /// Mean seconds from an answer to the customer's next message (exponential).
    pub think_s: f64,
    /// Agents at work.
    pub agents: u32,
    /// Mean seconds that an agent takes for an answer (exponential).
    pub answer_s: f64,
    /// The share of customers that poll instead of holding a WebSocket, 0 to 1.
    pub long_poll: f64,
    /// Whether they show that they type, and what they have read.
    pub signals: bool,
    /// Characters of a message.
    pub chars: u32,
}

impl Default for Visits {
    fn default() -> Self {
        Self {
            per_minute: 60.0,
            messages: 6,
            think_s: 4.0,
            agents: 10,
            answer_s: 2.0,
            long_poll: 0.2,
            signals: true,
            chars: chars(),
        }
    }
}

/// How long it takes, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// Under load, before measuring.
    pub warm_up_s: f64,
    /// Measured.
    pub measured_s: f64,
    /// Most that is waited at the end for what is still on its way.
    pub settle_s: f64,
}

impl Default for Times {
    fn default() -> Self {
        Self { warm_up_s: 2.0, measured_s: 10.0, settle_s: 15.0 }
    }
}

impl Scenario {
    /// A shipped scenario by its name, or one of a file, with changes as `--set` has them (`people.sessions=10`).
    ///
    /// # Errors
    /// There is none, it is malformed, or it cannot be played.
    pub fn load(name_or_file: &str, sets: &[String]) -> Result<Self, ScenarioError> {
        let path = Path::new(name_or_file);
        let (name, text) = if let Some(shipped) = SHIPPED.iter().find(|shipped| shipped.name == name_or_file)
        {
            (shipped.name.to_owned(), shipped.text.to_owned())
        } else if path.is_file() {
            let text = std::fs::read_to_string(path)
                .map_err(|error| ScenarioError::Unreadable { path: name_or_file.to_owned(), error })?;
            (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), text)
        } else {
            return Err(ScenarioError::Unknown(name_or_file.to_owned()));
        };
        Self::parse(&name, &text, sets)
    }

    /// A scenario of this text.
    ///
    /// # Errors
    /// It is malformed, or cannot be played.
    pub fn parse(name: &str, text: &str, sets: &[String]) -> Result<Self, ScenarioError> {
        let malformed = |error| ScenarioError::Malformed { name: name.to_owned(), error: Box::new(error) };
        // Read once as it stands, so that a mistake is shown at its place in the file.
        let mut scenario: Self = toml::from_str(text).map_err(malformed)?;
        if !sets.is_empty() {
            let mut table: toml::Table = toml::from_str(text).map_err(malformed)?;
            for set in sets {
                change(&mut table, set)?;
            }
            scenario = toml::Value::Table(table).try_into().map_err(malformed)?;
        }
        if scenario.name.is_empty() {
            name.clone_into(&mut scenario.name);
        }
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let fail = |field, problem: &str| {
            let problem = problem.to_owned();
            Err(ScenarioError::Impossible { name: self.name.clone(), field, problem })
        };
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let People { sessions, members, long_poll, slow, watchers, .. } = self.people;
        if sessions > 0 && !(1..=1_000).contains(&members) {
            return fail("people.members", "must be from 1 to 1000");
        }
        if u64::from(sessions) * u64::from(members) + u64::from(watchers) > 1_000_000 {
            return fail("people", "are more than a million connections");
        }
        if !share(long_poll) || !share(slow) {
            return fail("people.long_poll and people.slow", "are shares, from 0 to 1");
        }
        match &self.messages {
            Messages::None => {}
            Messages::Open { .. } | Messages::Closed { .. } if sessions == 0 => {
                return fail("people.sessions", "must be at least 1, or nobody can say anything");
            }
            Messages::Open { rates, .. } if rates.is_empty() => {
                return fail("messages.rates", "must name at least one rate");
            }
            Messages::Open { rates, .. }
                if rates.iter().any(|rate| {
                    !(0.0..=10_000_000.0).contains(&rate.per_s) || !(0.0..=86_400.0).contains(&rate.for_s)
                }) =>
            {
                return fail("messages.rates", "must be from 0 to 10 million a second, for up to a day");
            }
            Messages::Open { chars, .. } | Messages::Closed { chars, .. } => {
                if !(40..=8_000).contains(chars) {
                    return fail("messages.chars", "must be from 40 to 8000");
                }
            }
        }
        if let Some(visits) = &self.visits {
            let times = [visits.think_s, visits.answer_s];
            if !(0.0..=100_000.0).contains(&visits.per_minute) || !share(visits.long_poll) {
                return fail("visits", "must have per_minute from 0 to 100,000 and long_poll from 0 to 1");
            }
            if !times.iter().all(|seconds| (0.001..=3_600.0).contains(seconds)) {
                return fail("visits.think_s and visits.answer_s", "must be from 0.001 to 3600");
            }
            if !(1..=5_000).contains(&visits.agents) || !(1..=1_000).contains(&visits.messages) {
                return fail("visits", "must have 1 to 5000 agents and 1 to 1000 messages");
            }
            if !(40..=8_000).contains(&visits.chars) {
                return fail("visits.chars", "must be from 40 to 8000");
            }
        }
        let Times { warm_up_s, measured_s, settle_s } = self.time;
        if ![warm_up_s, settle_s].iter().all(|seconds| (0.0..=3_600.0).contains(seconds))
            || !(0.1..=604_800.0).contains(&measured_s)
        {
            return fail("time", "must have measured_s from 0.1 to a week, the others up to an hour");
        }
        if self.cut_all_at_s.is_some_and(|at| !(0.0..=measured_s).contains(&at)) {
            return fail("cut_all_at_s", "must be within the measured time");
        }
        if let Some(name) = self.budgets.keys().find(|name| !crate::report::FIGURES.contains(&name.as_str()))
        {
            let known = crate::report::FIGURES.join(", ");
            return fail("budgets", &format!("name {name:?}, which is no figure: {known}"));
        }
        Ok(())
    }

    /// Connections that are there all the time.
    pub fn connections(&self) -> u32 {
        self.people.sessions * self.people.members + self.people.watchers
    }
}

/// Puts `key.path=value` into the table.
fn change(table: &mut toml::Table, set: &str) -> Result<(), ScenarioError> {
    let bad = || ScenarioError::BadSet(set.to_owned());
    let (path, value) = set.split_once('=').ok_or_else(bad)?;
    // What is no TOML is taken as text, so that the shell need not see more quotes than it must.
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
    let value = parsed
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let mut keys: Vec<&str> = path.split('.').map(str::trim).collect();
    let last = keys.pop().filter(|key| !key.is_empty()).ok_or_else(bad)?;
    let mut place = table;
    for key in keys {
        let inner = place.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = inner.as_table_mut().ok_or_else(bad)?;
    }
    place.insert(last.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_scenarios_are_sound() {
        for shipped in SHIPPED {
            let scenario = Scenario::load(shipped.name, &[]).unwrap();
            assert_eq!(scenario.name, shipped.name);
            assert!(!scenario.about.is_empty());
        }
    }

    #[test]
    fn what_is_set_wins_and_is_checked() {
        let sets = ["people.sessions=3".to_owned(), "messages.rates=[{ per_s = 7 }]".to_owned()];
        let scenario = Scenario::load("steady", &sets).unwrap();
        assert_eq!(scenario.people.sessions, 3);
        let Messages::Open { rates, .. } = &scenario.messages else { panic!("{:?}", scenario.messages) };
        assert!((rates[0].per_s - 7.0).abs() < f64::EPSILON);

        for (set, word) in [
            ("people.sesions=3", "sesions"),
            ("people.long_poll=2", "long_poll"),
            ("time.measured_s=0", "measured_s"),
            ("budgets.speed=1", "speed"),
            ("nonsense", "key.path=value"),
        ] {
            let error = Scenario::load("steady", &[set.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(word), "{set}: {error}");
        }
        let error = Scenario::load("unheard-of", &[]).unwrap_err().to_string();
        assert!(error.contains("steady"), "{error}");
    }
}
