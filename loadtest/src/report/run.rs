//! One run, as `run.json` holds it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Spread;
use crate::scenario::{Messages, Scenario};

/// Everything that is known of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of the tool.
    pub version: String,
    /// When it began: RFC 3339, UTC.
    pub began_at: String,
    /// What was played.
    pub scenario: Scenario,
    /// Against what.
    pub target: Target,
    /// Where the tool ran; the server too, if it was asked on loopback.
    pub machine: Machine,
    /// Processes that made the load.
    pub workers: u32,
    /// Plays the same choices again.
    pub seed: u64,
    /// Everybody connecting, before the load.
    pub connecting: Connecting,
    /// What was counted from the beginning of the load to the end, warm-up included: loss and order are judged on all.
    pub counts: Counts,
    /// Within the measured time.
    pub measured: Delivered,
    /// The run in time, oldest first; the measured time begins at 0.
    pub moments: Vec<Moment>,
    /// What the server and its store cost, if their processes could be seen.
    pub cost: Option<Cost>,
    /// The server's own counters over the measured time, by name, if it was asked for them.
    pub metrics: BTreeMap<String, Metric>,
    /// The budgets, and whether they held.
    pub verdicts: Vec<Verdict>,
    /// Anything the reader must know to trust the figures, in sentences.
    pub remarks: Vec<String>,
}

/// What was tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// hubbub, floor, nchan or socketio.
    pub peer: String,
    /// Where.
    pub urls: Vec<String>,
}

/// A machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Processors.
    pub cores: u32,
    /// The kernel's version.
    pub kernel: String,
    /// Memory, in MiB.
    pub memory_mib: u64,
}

/// Everybody connecting, before the load.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Connecting {
    /// Connections to make.
    pub wanted: u64,
    /// Connections made, authenticated, with their session open.
    pub made: u64,
    /// How long it took in all, in seconds.
    pub seconds: f64,
    /// Each: from the first packet until its session was open.
    pub each: Spread,
    /// CPU of the server for one, in microseconds.
    pub server_us_each: Option<f64>,
    /// CPU of the store's own processes for one, in microseconds.
    pub store_us_each: Option<f64>,
    /// Memory of the server (PSS) for one, in KiB, after they had settled.
    pub server_kib_each: Option<f64>,
    /// Memory of the server before anybody connected, in KiB.
    pub server_kib_before: Option<f64>,
}

/// What was counted over the whole load.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Messages said.
    pub sent: u64,
    /// Messages acknowledged.
    pub acked: u64,
    /// Messages of others received: once for each receiver.
    pub delivered: u64,
    /// Acknowledged, and not received by a member who was there to the end.
    pub lost: u64,
    /// Received by one connection more than once.
    pub doubled: u64,
    /// Received before an older one of the same sender.
    pub out_of_order: u64,
    /// Said, and neither acknowledged nor refused by the end.
    pub unanswered: u64,
    /// Refusals by their stable word, failed connections, and the like.
    pub errors: BTreeMap<String, u64>,
    /// Connections made again after one was lost.
    pub reconnects: u64,
    /// Customers who came, chatted and left.
    pub visits: u64,
}

/// Within the measured time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delivered {
    /// How long it was, in seconds.
    pub seconds: f64,
    /// Messages said.
    pub sent: u64,
    /// Messages acknowledged.
    pub acked: u64,
    /// Messages of others received.
    pub delivered: u64,
    /// From the moment at which a message was to be said until another member had it.
    pub delivery: Spread,
    /// Until its sender knew that it is safe.
    pub ack: Spread,
    /// After all links were cut: from the cut until a connection had its session open again.
    pub reconnect: Spread,
    /// CPU of the tool itself, in processors, less what it spent on only staying awake: close to the number of workers, it was the tool that was saturated.
    pub tool_cores: f64,
}

/// A slice of the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Its end, in seconds from the beginning of the measured time; negative in the warm-up.
    pub at_s: f64,
    /// Its length.
    pub seconds: f64,
    /// Connections that are open.
    pub connected: u64,
    /// Messages said.
    pub sent: u64,
    /// Messages acknowledged.
    pub acked: u64,
    /// Messages of others received.
    pub delivered: u64,
    /// Delivery, median in milliseconds.
    pub p50_ms: Option<f64>,
    /// Delivery, 99 of 100, in milliseconds.
    pub p99_ms: Option<f64>,
    /// Acknowledgement, 99 of 100, in milliseconds.
    pub ack_p99_ms: Option<f64>,
    /// The processes that are watched.
    pub probed: Probed,
}

/// Processes at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Probed {
    /// CPU of the server within the slice, in processors.
    pub server_cores: Option<f64>,
    /// CPU of the store's own processes within the slice, in processors.
    pub store_cores: Option<f64>,
    /// Memory of the server (PSS), in KiB.
    pub server_kib: Option<f64>,
}

/// What the server and its store cost in the measured time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// CPU of the server (user and system, all its processes), in seconds.
    pub server_cpu_s: f64,
    /// CPU of the store's own processes, in seconds; none if the store is within the server.
    pub store_cpu_s: Option<f64>,
    /// CPU of the server for one delivery, in microseconds.
    pub server_us_per_delivery: Option<f64>,
    /// With the store's.
    pub total_us_per_delivery: Option<f64>,
    /// CPU of the server for one reconnect, in microseconds, if all links were cut.
    pub server_us_per_reconnect: Option<f64>,
    /// Memory of the server (PSS) at the beginning and the end of the measured time, in KiB.
    pub server_kib: (f64, f64),
    /// CPU that anybody else used on this machine, in processors.
    pub others_cores: f64,
}

/// One counter of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Before the measured time.
    #[serde(deserialize_with = "number")]
    pub before: f64,
    /// After it.
    #[serde(deserialize_with = "number")]
    pub after: f64,
}

/// A summary without samples is no number, which JSON writes as null.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// A budget and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The figure's name.
    pub figure: String,
    /// The most that is allowed.
    pub budget: f64,
    /// What was measured; `None` if it could not be, which breaks the budget.
    pub measured: Option<f64>,
}

impl Verdict {
    /// Whether the budget held.
    pub fn held(&self) -> bool {
        self.measured.is_some_and(|measured| measured <= self.budget)
    }
}

impl Run {
    /// Whether nothing was lost, doubled or out of order, everybody who was to talk was heard, and every budget held.
    pub fn passed(&self) -> bool {
        let Counts { lost, doubled, out_of_order, .. } = self.counts;
        lost + doubled + out_of_order == 0 && !self.was_silent() && self.verdicts.iter().all(Verdict::held)
    }

    /// Whether people were to talk, and nobody was heard: then nothing was tested.
    pub fn was_silent(&self) -> bool {
        let people = &self.scenario.people;
        let talk = self.scenario.messages != Messages::None && people.members > 1;
        (talk || self.scenario.visits.is_some()) && self.counts.delivered == 0
    }

    /// Holds the figures against the budgets.
    pub fn judge(&mut self, budgets: &BTreeMap<String, f64>) {
        let figures = super::figures(self);
        let verdict = |(name, budget): (&String, &f64)| Verdict {
            figure: name.clone(),
            budget: *budget,
            measured: figures.get(name.as_str()).copied(),
        };
        self.verdicts = budgets.iter().map(verdict).collect();
    }
}
