//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::{
    goals::{GOALS, Goal, goal},
    loads::Load,
    servers::Subject,
};

/// Measures Hubbub against its goals: each server alone on one core, the load on another, in turn and in one run.
#[derive(Debug, Parser)]
#[command(name = "goals")]
pub(crate) struct Options {
    /// Only what these goals take (G1,G4) [default: all]
    #[arg(long, value_delimiter = ',', value_parser = known_goal)]
    only: Vec<String>,
    /// Only these servers [default: all]
    #[arg(long, value_delimiter = ',', value_enum)]
    peers: Vec<Subject>,
    /// How often everything is measured
    #[arg(long, default_value_t = 3, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=99))]
    pub(crate) repeats: usize,
    /// Measured seconds of a run that does not have its own
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Seconds under load before they are measured
    #[arg(long, default_value_t = 2.0)]
    pub(crate) warm_up: f64,
    /// Says what would be measured, and ends
    #[arg(long)]
    pub(crate) list: bool,
    /// Only writes the page, from what was measured before
    #[arg(long)]
    pub(crate) page: bool,
    /// Everything tiny and no page: whether it works, not how fast. So it is, too, where `cargo test` calls
    #[arg(long)]
    smoke: bool,
    /// The server, if not the one that was built with this
    #[arg(long, default_value = env!("CARGO_BIN_EXE_hubbub"), hide_default_value = true)]
    pub(crate) hubbub: PathBuf,
    /// The load tester, if not the one beside the server
    #[arg(long)]
    loadtest: Option<PathBuf>,
    /// Where results are kept [default: bench, in cargo's target folder]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Times single commits on this store, says their median in milliseconds, and ends
    #[arg(long, hide = true)]
    pub(crate) commits: Option<String>,
    /// What `cargo bench` says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn known_goal(name: &str) -> Result<String, String> {
    let known = || GOALS.iter().map(|goal| goal.name).collect::<Vec<_>>().join(", ");
    goal(name).map(|goal| goal.name.to_owned()).ok_or_else(|| format!("is none of {}", known()))
}

impl Options {
    pub(crate) fn smoke(&self) -> bool {
        self.smoke || !(self.bench || self.list || self.page || self.commits.is_some())
    }

    /// Whether all is measured, so that what was kept before is out of date.
    pub(crate) fn everything(&self) -> bool {
        self.only.is_empty() && self.peers.is_empty()
    }

    pub(crate) fn goals(&self) -> impl Iterator<Item = &'static Goal> {
        GOALS.iter().filter(|goal| self.only.is_empty() || self.only.iter().any(|name| name == goal.name))
    }

    /// Whether this load is to be played on this server. Peers are no part of a goal; they come along.
    pub(crate) fn wants(&self, load: &Load, subject: Subject) -> bool {
        let is_peer = matches!(subject, Subject::Nchan | Subject::Socketio);
        let takes = |goal: &Goal| {
            goal.takes(load, subject) || is_peer && load.on.iter().any(|other| goal.takes(load, *other))
        };
        (self.peers.is_empty() || self.peers.contains(&subject)) && self.goals().any(takes)
    }

    pub(crate) fn loadtest(&self) -> PathBuf {
        self.loadtest.clone().unwrap_or_else(|| self.hubbub.with_file_name("hubbub-loadtest"))
    }

    pub(crate) fn out(&self) -> PathBuf {
        // Beside cargo's folder for temporary files of benchmarks.
        self.out.clone().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench"))
    }
}
