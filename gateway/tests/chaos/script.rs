//! What goes wrong in a round, and when: from a seed, so that the same seed makes the same round.

use std::{fmt, time::Duration};

use clap::ValueEnum;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum Fault {
    /// kill -9 of a node, and a start.
    NodeKill,
    /// SIGTERM, the end of the drain, and a start.
    NodeStop,
    /// The same for one node after another.
    RollingRestart,
    /// A node stands still, with all its connections, and goes on.
    NodeFreeze,
    /// kill -9 of Postgres, and a start.
    PostgresKill,
    /// Postgres stops at once, telling its clients, and starts.
    PostgresStop,
    /// Postgres stands still and goes on.
    PostgresStall,
    /// All connections to Postgres are cut at once.
    PostgresCut,
    /// A node's way to Postgres, from it, or both, is interrupted.
    PostgresLink,
    /// Connections of a node to Postgres are cut within statements and transactions.
    PostgresSnip,
    /// kill -9 of Redis, and a start with nothing in it.
    RedisKill,
    /// Redis stands still and goes on.
    RedisStall,
    /// Redis forgets everything.
    RedisFlush,
    /// A node's way to Redis, from it, or both, is interrupted.
    RedisLink,
    /// Connections of clients are cut.
    ClientCut,
    /// Clients' lines go dead, one way or both.
    ClientSilence,
    /// What clients say and hear comes late and in pieces.
    ClientSlow,
    /// A node's wall clock is an hour off.
    ClockStep,
    /// SQLite's disk is full.
    DiskFull,
}

/// What a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Node,
    Postgres,
    Redis,
    Client,
    Clock,
    Disk,
}

impl Fault {
    pub(crate) const fn part(self) -> Part {
        match self {
            Self::NodeKill | Self::NodeStop | Self::RollingRestart | Self::NodeFreeze => Part::Node,
            Self::PostgresKill
            | Self::PostgresStop
            | Self::PostgresStall
            | Self::PostgresCut
            | Self::PostgresLink
            | Self::PostgresSnip => Part::Postgres,
            Self::RedisKill | Self::RedisStall | Self::RedisFlush | Self::RedisLink => Part::Redis,
            Self::ClientCut | Self::ClientSilence | Self::ClientSlow => Part::Client,
            Self::ClockStep => Part::Clock,
            Self::DiskFull => Part::Disk,
        }
    }

    /// How often, beside the others.
    const fn weight(self) -> u32 {
        match self {
            Self::NodeKill => 12,
            Self::PostgresKill | Self::PostgresSnip | Self::RedisKill | Self::RedisLink => 4,
            Self::NodeStop | Self::PostgresStop | Self::PostgresStall | Self::PostgresLink => 3,
            Self::RedisStall | Self::ClientCut | Self::ClientSilence | Self::ClockStep => 3,
            Self::RollingRestart | Self::NodeFreeze | Self::PostgresCut | Self::RedisFlush => 2,
            Self::ClientSlow => 2,
            Self::DiskFull => 8,
        }
    }

    /// Milliseconds that it lasts, at least and at most. A node or server that was killed is away for as long.
    const fn lasts(self) -> (u64, u64) {
        match self {
            Self::NodeKill | Self::NodeStop => (0, 1_500),
            Self::RollingRestart | Self::PostgresCut | Self::RedisFlush => (0, 0),
            Self::NodeFreeze => (500, 4_000),
            Self::PostgresKill | Self::PostgresStop => (0, 1_500),
            Self::PostgresStall | Self::PostgresLink => (500, 6_000),
            Self::PostgresSnip => (500, 2_000),
            Self::RedisKill | Self::RedisStall | Self::RedisLink => (300, 7_000),
            Self::ClientCut => (0, 1_500),
            Self::ClientSilence => (500, 6_000),
            Self::ClientSlow | Self::ClockStep => (1_000, 4_000),
            Self::DiskFull => (500, 2_500),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned());
        f.write_str(&name.unwrap_or_default())
    }
}

/// What there is to break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) nodes: usize,
    pub(crate) postgres: bool,
    pub(crate) redis: bool,
    pub(crate) disk: bool,
}

impl Parts {
    fn has(self, fault: Fault) -> bool {
        match fault.part() {
            Part::Postgres => self.postgres,
            Part::Redis => self.redis,
            Part::Disk => self.disk,
            Part::Node | Part::Client | Part::Clock => true,
        }
    }
}

/// One fault of a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) fault: Fault,
    /// Since the talk began.
    pub(crate) at: Duration,
    pub(crate) lasts: Duration,
    /// To which node, where it is one's.
    pub(crate) node: usize,
    /// Seeds whatever else there is to choose.
    pub(crate) choice: u64,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, lasts) = (self.at.as_secs_f64(), self.lasts.as_secs_f64());
        write!(f, "{} at {at:.1} s for {lasts:.1} s, node {}", self.fault, self.node)
    }
}

/// Two or three faults within so many seconds; they may overlap. With `only`, they are all of that kind.
pub(crate) fn script(seed: u64, parts: Parts, within: Duration, only: Option<Fault>) -> Vec<Act> {
    let mut random = StdRng::seed_from_u64(seed);
    // What a link that is trusted too long costs shows only where nothing else is wrong.
    let redis_only = random.random_bool(0.15) && parts.redis && only.is_none();
    let choices: Vec<Fault> = Fault::value_variants()
        .iter()
        .copied()
        .filter(|&fault| parts.has(fault) && only.is_none_or(|only| only == fault))
        .filter(|fault| !redis_only || fault.part() == Part::Redis)
        .collect();
    let weights: u32 = choices.iter().map(|fault| fault.weight()).sum();
    let count = random.random_range(2..=3);
    let mut acts: Vec<Act> = Vec::new();
    while acts.len() < count && weights > 0 {
        let mut ticket = random.random_range(0..weights);
        let drawn = choices.iter().find(|fault| match ticket.checked_sub(fault.weight()) {
            Some(left) => {
                ticket = left;
                false
            }
            None => true,
        });
        let Some(&fault) = drawn else { continue };
        let (least, most) = fault.lasts();
        // Short ones are more frequent: they are the more spiteful, and rounds shall be quick.
        let part: f64 = random.random::<f64>().powi(2);
        let lasts = Duration::from_millis(least) + Duration::from_millis(most - least).mul_f64(part);
        let begin = Duration::from_millis(300);
        acts.push(Act {
            fault,
            at: begin + within.saturating_sub(begin).mul_f64(random.random()),
            lasts,
            node: random.random_range(0..parts.nodes),
            choice: random.random(),
        });
    }
    acts.sort_by_key(|act| act.at);
    acts
}
