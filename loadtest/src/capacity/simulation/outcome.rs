//! What a simulation found.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::servers::{Nanos, seconds};
use crate::capacity::table::{count, percent, seconds as shown};

/// How long something took, many times.
#[derive(Debug)]
pub(super) struct Times(Histogram<u64>);

impl Times {
    pub(super) fn new() -> Option<Self> {
        // Microseconds up to an hour.
        Histogram::new_with_bounds(1, 3_600_000_000, 3).ok().map(Self)
    }

    pub(super) fn took(&mut self, from: Nanos, to: Nanos) {
        self.0.saturating_record((to.saturating_sub(from) / 1_000).max(1));
    }

    pub(super) fn summary(&self) -> Latency {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of an hour")]
        let at = |quantile| self.0.value_at_quantile(quantile) as f64 / 1_000.0;
        Latency { count: self.0.len(), p50_ms: at(0.5), p99_ms: at(0.99) }
    }
}

/// How long something took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Latency {
    /// How often.
    pub count: u64,
    /// Half took no longer.
    pub p50_ms: f64,
    /// 99 of 100 took no longer.
    pub p99_ms: f64,
}

/// Shares of capacity that were used: 1 is all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Used {
    /// Of the nodes' cores, all together.
    pub nodes: f64,
    /// Of the task that hears the other nodes, on the busiest node.
    pub hearing: f64,
    /// Of Redis' core.
    pub redis: f64,
    /// Of Postgres' cores.
    pub store: f64,
}

/// What a simulation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Plays the same again.
    pub seed: u64,
    /// Simulated seconds.
    pub seconds: f64,
    /// Nodes at the beginning.
    pub nodes: u32,
    /// Messages and other entries sent.
    pub sent: u64,
    /// Those that were acked.
    pub acked: u64,
    /// Those that arrived at the other side; each is counted once.
    pub delivered: u64,
    /// Sends refused as overload, and tried again.
    pub refused: u64,
    /// Appends that lost a race with another node's, and were decided again.
    pub moved_on: u64,
    /// Publications that a node could not take in time, and asked the store for.
    pub link_lost: u64,
    /// Statements of the log writers a second.
    pub commits: f64,
    /// Rows of each, on average.
    pub rows_per_commit: f64,
    /// What was used, until the end or a node's death.
    pub used: Used,
    /// What the arithmetic says of the same.
    pub expected: Used,
    /// From send to ack.
    pub ack: Latency,
    /// From send to the other side on the same node.
    pub delivery: Latency,
    /// From send to the other side on another node.
    pub across: Latency,
    /// When a node died, and what came of it.
    pub death: Option<Death>,
}

/// What came of a node's death.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Death {
    /// When.
    pub at_s: f64,
    /// Clients that it cut off.
    pub clients: u64,
    /// From then until the last was back; `None`: not within the simulated time.
    pub all_back_s: Option<f64>,
    /// Half were back after this.
    pub half_back_s: f64,
    /// 99 of 100 were back after this.
    pub most_back_s: f64,
    /// Tries that were refused or given up.
    pub failed_tries: u64,
    /// From send to ack from then on.
    pub ack: Latency,
    /// From send to the other side on another node from then on.
    pub across: Latency,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, nodes, sent, acked, delivered, .. } = self;
        writeln!(f, "Simulated: {:.0} s on {nodes} nodes, seed {seed}", self.seconds)?;
        #[expect(clippy::cast_precision_loss, reason = "for reading")]
        let number = |n: u64| count(n as f64);
        writeln!(
            f,
            "  {} sent, {} acked, {} delivered; {} refused, {} moved on, {} lost by the link",
            number(*sent),
            number(*acked),
            number(*delivered),
            number(self.refused),
            number(self.moved_on),
            number(self.link_lost)
        )?;
        writeln!(f, "  {} commits/s of {:.1} rows", count(self.commits), self.rows_per_commit)?;
        writeln!(f, "  {:<26} {:>10} {:>10}", "used", "simulated", "computed")?;
        let rows = [
            ("nodes' cores", self.used.nodes, self.expected.nodes),
            ("hearing, busiest node", self.used.hearing, self.expected.hearing),
            ("Redis' core", self.used.redis, self.expected.redis),
            ("Postgres' cores", self.used.store, self.expected.store),
        ];
        for (name, simulated, computed) in rows {
            writeln!(f, "  {name:<26} {:>10} {:>10}", percent(simulated), percent(computed))?;
        }
        writeln!(f, "  {:<26} {:>10} {:>10}", "ms", "p50", "p99")?;
        let mut line = |name: &str, times: &Latency| {
            writeln!(f, "  {name:<26} {:>10.2} {:>10.2}", times.p50_ms, times.p99_ms)
        };
        line("ack", &self.ack)?;
        line("delivery, same node", &self.delivery)?;
        line("delivery, another node", &self.across)?;
        let Some(death) = &self.death else { return Ok(()) };
        line("ack, after the death", &death.ack)?;
        line("another node, after it", &death.across)?;
        #[expect(clippy::cast_precision_loss, reason = "for reading")]
        let (clients, failed) = (count(death.clients as f64), count(death.failed_tries as f64));
        writeln!(
            f,
            "  a node dies at {:.0} s: {clients} clients cut off; half back after {}, 99 % after {}, all {}; {failed} tries in vain",
            death.at_s,
            shown(death.half_back_s),
            shown(death.most_back_s),
            death
                .all_back_s
                .map_or_else(|| "not within this time".to_owned(), |s| format!("after {}", shown(s))),
        )
    }
}

/// When people came back.
#[derive(Debug)]
pub(super) struct Returns {
    pub(super) at: Nanos,
    pub(super) clients: u64,
    pub(super) failed_tries: u64,
    pub(super) last: Option<Nanos>,
    pub(super) back: Times,
    pub(super) ack: Times,
    pub(super) across: Times,
}

impl Returns {
    pub(super) fn summary(&self, everybody: bool) -> Death {
        let back = &self.back.0;
        #[expect(clippy::cast_precision_loss, reason = "microseconds of an hour")]
        let at = |quantile| back.value_at_quantile(quantile) as f64 * 1e-6;
        Death {
            at_s: seconds(self.at),
            clients: self.clients,
            all_back_s: self.last.filter(|_| everybody).map(|last| seconds(last - self.at)),
            half_back_s: at(0.5),
            most_back_s: at(0.99),
            failed_tries: self.failed_tries,
            ack: self.ack.summary(),
            across: self.across.summary(),
        }
    }
}
