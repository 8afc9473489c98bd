//! What coordinator and workers say to each other: a JSON line each, over the worker's standard input and output.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;

/// Which server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Peer {
    /// Hubbub.
    Hubbub,
    /// The yardstick: `hubbub-loadtest floor`.
    Floor,
    /// nginx with the module nchan; rooms are channels at `/room/NAME`.
    Nchan,
    /// A socket.io 4 server with the event `msg`; the room is in the query of the handshake.
    Socketio,
}

impl Peer {
    /// Its word in reports and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hubbub => "hubbub",
            Self::Floor => "floor",
            Self::Nchan => "nchan",
            Self::Socketio => "socketio",
        }
    }
}

/// What a worker needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) peer: Peer,
    pub(super) urls: Vec<String>,
    pub(super) site: String,
    pub(super) email: String,
    pub(super) password: Option<String>,
    pub(super) seed: u64,
    /// Which of `workers` it is, from 0.
    pub(super) worker: u32,
    pub(super) workers: u32,
}

impl Plan {
    /// This worker's part of so many things.
    pub(super) fn share(&self, of: u32) -> u32 {
        of / self.workers + u32::from(self.worker < of % self.workers)
    }
}

/// What the coordinator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Make the sessions; nobody connects yet.
    Prepare,
    /// Connect everybody.
    Connect,
    /// Begin to talk.
    Load,
    /// From here on it is measured.
    Measure,
    /// Cut all links at once.
    Cut,
    /// Say nothing more; wait for what is on its way.
    Settle,
    /// Say what came of it, and end.
    Finish,
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// What was asked last is done.
    Done(Order),
    /// It cannot go on.
    Failed(String),
    /// What happened since the last one.
    Tick(Box<Tick>),
}

/// What happened within a slice of time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Tick {
    /// Connections that are open now.
    pub(super) connected: u64,
    /// Visits, sends, and deliveries to those who do not read slowly on purpose, that are still awaited now.
    pub(super) awaited: u64,
    pub(super) made: u64,
    /// Members who got a link, now first: so many will be made again when all are cut.
    pub(super) linked: u64,
    pub(super) sent: u64,
    pub(super) acked: u64,
    pub(super) delivered: u64,
    pub(super) doubled: u64,
    pub(super) out_of_order: u64,
    pub(super) reconnects: u64,
    pub(super) visits: u64,
    /// Microseconds in which it only stayed awake.
    pub(super) spare_us: u64,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) connect: Times,
    pub(super) delivery: Times,
    pub(super) ack: Times,
    pub(super) reconnect: Times,
    /// Of the whole run; only in the last tick.
    pub(super) lost: u64,
    pub(super) unanswered: u64,
}

/// A histogram of microseconds as (value, count) pairs: small, and nothing to decode.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Times(Vec<(u64, u64)>);

impl Times {
    /// Takes all of a histogram, and leaves it empty.
    pub(super) fn take(histogram: &mut Histogram<u64>) -> Self {
        let pairs =
            histogram.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value())).collect();
        histogram.reset();
        Self(pairs)
    }

    pub(super) fn add_to(&self, histogram: &mut Histogram<u64>) {
        for (value, count) in &self.0 {
            histogram.saturating_record_n(*value, *count);
        }
    }
}

/// Microseconds, to three digits.
pub(super) fn histogram() -> Histogram<u64> {
    // 1 µs to an hour.
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are sound")
}
