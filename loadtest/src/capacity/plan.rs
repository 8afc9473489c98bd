//! What is asked and what it costs: `costs.toml`, with whatever an operator overrides.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::{Table, Value};

/// The shipped figures.
const SHIPPED: &str = include_str!("../../costs.toml");

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Not TOML, or with a name that does not exist.
    #[error("{source_name}: {error}")]
    Malformed {
        /// Where it stands.
        source_name: String,
        /// What and where.
        error: Box<toml::de::Error>,
    },
    /// An override that overrides nothing.
    #[error("--set {0}: write it as name=number, with a name as in costs.toml, such as costs.accept_us=20")]
    BadSet(String),
    /// A number that nothing can be computed with.
    #[error("{0} must be a positive number")]
    NotPositive(&'static str),
}

macro_rules! numbers {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "costs.toml says it of each, next to its value")]
        pub struct $name { $($(#[$doc])* pub $field: f64,)+ }
    };
}

numbers! {
    /// What people do.
    Workload {
        messages_per_minute, replies, customers_per_agent, chat_minutes, page_loads_per_minute, poll_share,
        typing_per_message, marks_per_message, agent_views, agent_chats, think_seconds, read_seconds, busy_hours,
    }
}

numbers! {
    /// What it runs on.
    Machine {
        node_cores, node_memory_gib, node_connections, store_cores, store_connections, redis_bytes_per_second,
        store_bytes_per_second, round_trip_ms, target,
    }
}

numbers! {
    /// The server's and its clients' own numbers.
    Server {
        beat_s, listing_s, life_s, ask_s, lists_s, settled_s, here_again_s, here_per_connect, delivered_per_entry,
        list_pending, list_scope, list_looks_s, pushes, writer_queue, writer_batch, pool, acquire_s, reads_per_connect,
        entries_per_chat, unassigned_changes, backoff_first_s, backoff_longest_s, welcome_s, stable_s,
    }
}

/// How good a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// By the command that stands beside it.
    Measured,
    /// Until somebody measures it.
    Assumed,
}

/// One cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// In the unit that its name ends with.
    pub value: f64,
    /// How good it is.
    pub basis: Basis,
    /// What it is, and where it comes from.
    pub note: String,
    /// The command that measures it.
    pub again: String,
}

impl Cost {
    /// Of a cost in microseconds: seconds.
    pub(super) fn us(&self) -> f64 {
        self.value * 1e-6
    }

    /// Of a cost in milliseconds: seconds.
    pub(super) fn ms(&self) -> f64 {
        self.value * 1e-3
    }

    /// Of a size in KiB: bytes.
    pub(super) fn kib(&self) -> f64 {
        self.value * 1024.0
    }
}

macro_rules! costs {
    ($($field:ident,)+) => {
        /// What everything costs.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "costs.toml says it of each, next to its value")]
        pub struct Costs { $(pub $field: Cost,)+ }

        impl Costs {
            /// All, by name.
            pub fn all(&self) -> Vec<(&'static str, &Cost)> {
                vec![$((stringify!($field), &self.$field),)+]
            }
        }
    };
}

costs! {
    process_mib, connection_kib, connection_kernel_kib, poll_kib, accept_us, heartbeat_us, delivery_us, follower_us,
    signal_us, poll_us, commit_us, publish_us, hear_us, echo_us, list_note_us, list_change_us, list_page_us,
    redis_publish_us, redis_deliver_us, redis_subscribe_us, redis_subscription_bytes, publication_bytes, signal_bytes,
    summary_bytes, store_commit_us, store_row_us, store_mark_us, store_flush_ms, store_read_us, store_position_us,
    store_list_us, store_start_us, store_beat_us, entry_wal_bytes, mark_wal_bytes, start_wal_bytes, entry_disk_bytes,
    chat_disk_bytes,
}

/// All that an answer is computed from, but for how many customers there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What people do.
    pub workload: Workload,
    /// What it runs on.
    pub machine: Machine,
    /// The server's own numbers.
    pub server: Server,
    /// What everything costs.
    pub costs: Costs,
}

impl Plan {
    /// The shipped figures, overridden by a file if there is one, and then one by one.
    ///
    /// # Errors
    /// The file cannot be read; or it, or a setting, names what does not exist.
    pub fn read(file: Option<&Path>, settings: &[String]) -> Result<Self, PlanError> {
        let mut table = parse(SHIPPED, "costs.toml")?;
        if let Some(path) = file {
            let name = path.display().to_string();
            let text = fs::read_to_string(path)
                .map_err(|error| PlanError::Unreadable { path: name.clone(), error })?;
            overlay(&mut table, parse(&text, &name)?);
        }
        for setting in settings {
            set(&mut table, setting).ok_or_else(|| PlanError::BadSet(setting.clone()))?;
        }
        let named = |error| PlanError::Malformed {
            source_name: file.map_or_else(|| "costs.toml".to_owned(), |path| path.display().to_string()),
            error: Box::new(error),
        };
        let plan: Self = table.try_into().map_err(named)?;
        plan.check()?;
        Ok(plan)
    }

    /// What others are divided by.
    fn check(&self) -> Result<(), PlanError> {
        let divisors = [
            ("workload.chat_minutes", self.workload.chat_minutes),
            ("workload.customers_per_agent", self.workload.customers_per_agent),
            ("machine.node_cores", self.machine.node_cores),
            ("machine.node_memory_gib", self.machine.node_memory_gib),
            ("machine.node_connections", self.machine.node_connections),
            ("machine.store_cores", self.machine.store_cores),
            ("machine.store_connections", self.machine.store_connections),
            ("machine.target", self.machine.target),
            ("server.beat_s", self.server.beat_s),
            ("server.listing_s", self.server.listing_s),
            ("server.ask_s", self.server.ask_s),
            ("server.lists_s", self.server.lists_s),
            ("server.here_again_s", self.server.here_again_s),
            ("server.list_looks_s", self.server.list_looks_s),
            ("server.list_pending", self.server.list_pending),
            ("server.writer_batch", self.server.writer_batch),
        ];
        let bad = divisors.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0));
        bad.map_or(Ok(()), |(name, _)| Err(PlanError::NotPositive(name)))
    }
}

fn parse(text: &str, name: &str) -> Result<Table, PlanError> {
    let mut table: Table = text
        .parse()
        .map_err(|error| PlanError::Malformed { source_name: name.to_owned(), error: Box::new(error) })?;
    floats(&mut table);
    Ok(table)
}

/// `20` is as good a number as `20.0`.
fn floats(table: &mut Table) {
    for (_, value) in table.iter_mut() {
        match value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a figure of 16 digits is not one that was measured"
            )]
            Value::Integer(number) => *value = Value::Float(*number as f64),
            Value::Table(inner) => floats(inner),
            _ => {}
        }
    }
}

fn overlay(below: &mut Table, above: Table) {
    for (name, value) in above {
        match (below.get_mut(&name), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (Some(Value::Table(cost)), number @ Value::Float(_)) => {
                drop(cost.insert("value".to_owned(), number));
            }
            (_, value) => drop(below.insert(name, value)),
        }
    }
}

/// `None`: there is no such number.
fn set(table: &mut Table, setting: &str) -> Option<()> {
    let (path, value) = setting.split_once('=')?;
    let number: f64 = value.trim().replace('_', "").parse().ok()?;
    let mut place = table;
    let mut names = path.trim().split('.').peekable();
    while let Some(name) = names.next() {
        match place.get_mut(name)? {
            Value::Float(old) if names.peek().is_none() => {
                *old = number;
                return Some(());
            }
            Value::Table(inner) => place = inner,
            _ => return None,
        }
    }
    // The path ended at a cost: its value is meant.
    match place.get_mut("value")? {
        Value::Float(old) => *old = number,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[&str]) -> Result<Plan, PlanError> {
        Plan::read(None, &settings.iter().map(|setting| (*setting).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn every_shipped_cost_says_where_it_comes_from() {
        let plan = read(&[]).unwrap();
        for (name, cost) in plan.costs.all() {
            assert!(cost.value > 0.0, "{name}");
            assert!(!cost.note.is_empty() && !cost.again.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_setting_overrides_one_number() {
        let plan =
            read(&["costs.accept_us=20", "machine.node_cores = 4", "costs.hear_us.value=1_0"]).unwrap();
        assert_eq!(
            (plan.costs.accept_us.value, plan.machine.node_cores, plan.costs.hear_us.value),
            (20.0, 4.0, 10.0)
        );
        assert_eq!(plan.costs.delivery_us, read(&[]).unwrap().costs.delivery_us);
    }

    #[test]
    fn a_setting_of_nothing_is_refused() {
        for bad in [
            "costs.acept_us=20",
            "costs.accept_us",
            "costs.accept_us=fast",
            "costs=1",
            "=",
            "costs.accept_us.note=1",
        ] {
            assert!(matches!(read(&[bad]), Err(PlanError::BadSet(_))), "{bad}");
        }
        assert!(matches!(read(&["machine.target=0"]), Err(PlanError::NotPositive("machine.target"))));
    }

    #[test]
    fn a_file_overrides_what_it_names() {
        let mut table = parse(SHIPPED, "shipped").unwrap();
        overlay(
            &mut table,
            parse("[costs]\naccept_us = 21\n[costs.hear_us]\nvalue = 5\nbasis = \"measured\"", "mine")
                .unwrap(),
        );
        let plan: Plan = table.try_into().unwrap();
        assert_eq!(plan.costs.accept_us.value, 21.0);
        assert_eq!((plan.costs.hear_us.value, plan.costs.hear_us.basis), (5.0, Basis::Measured));
        let mut table = parse(SHIPPED, "shipped").unwrap();
        overlay(&mut table, parse("[costs.hear_my_us]\nvalue = 5", "mine").unwrap());
        assert!(table.try_into::<Plan>().is_err(), "a name that does not exist");
    }
}
