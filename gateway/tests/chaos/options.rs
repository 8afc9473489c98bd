//! The command line: the suite's own words, and those that `cargo test` may hand over.

use std::{path::PathBuf, sync::OnceLock};

use clap::Parser;

use crate::script::{Fault, Part};

/// Rounds of the short form, which is part of `make test`.
const SHORT: usize = 4;
/// Its seed: one that plays a bit of everything.
const SHORT_SEED: u64 = 977;
/// One of so many rounds is played on SQLite.
const SQLITE: usize = 4;

/// Kills, cuts and delays the parts of a cluster while people talk, and checks that every promise was kept.
#[derive(Debug, Parser)]
#[command(name = "chaos")]
pub(crate) struct Options {
    /// How many rounds [default: the short form, of a fixed seed]
    #[arg(long)]
    rounds: Option<usize>,
    /// Plays the same rounds again [default: another one each time, but for the short form]
    #[arg(long)]
    seed: Option<u64>,
    /// The number of the first round, to play a certain one again
    #[arg(long, default_value_t = 1)]
    pub(crate) first_round: usize,
    /// Seconds of talk in a round, within which faults begin
    #[arg(long, default_value_t = 4.0)]
    pub(crate) seconds: f64,
    /// Nodes of the cluster
    #[arg(long, default_value_t = 3, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=9))]
    pub(crate) nodes: usize,
    /// Customers in a round
    #[arg(long, default_value_t = 6)]
    pub(crate) customers: usize,
    /// Members of the team in a round
    #[arg(long, default_value_t = 3)]
    pub(crate) team: usize,
    /// Only this kind of fault
    #[arg(long, value_enum)]
    pub(crate) only: Option<Fault>,
    /// Sessions that come and go in the leak check
    #[arg(long, default_value_t = 500)]
    pub(crate) leak: usize,
    /// Goes on after so many failures
    #[arg(long, default_value_t = 0)]
    pub(crate) failures: usize,
    /// Writes what was done and seen in the last round to this file
    #[arg(long)]
    pub(crate) history: Option<PathBuf>,
    /// Keeps what is known of rounds that broke something here [default: a new temporary folder]
    #[arg(long)]
    pub(crate) keep_logs: Option<PathBuf>,
    /// The server, if not the one that was built with the suite
    #[arg(long, default_value = env!("CARGO_BIN_EXE_hubbub"), hide_default_value = true)]
    pub(crate) hubbub: PathBuf,
    /// What the nodes log
    #[arg(long, default_value = "info")]
    pub(crate) log: String,
    /// Says what would go wrong, and ends
    #[arg(long)]
    pub(crate) plan: bool,
    #[command(flatten)]
    libtest: Libtest,
    #[arg(long, hide = true)]
    pub(crate) list: bool,
}

/// What `cargo test` hands to every test program. Some of it means something here, the rest is let pass.
#[derive(Debug, clap::Args)]
struct Libtest {
    #[arg(hide = true)]
    filters: Vec<String>,
    #[arg(long, hide = true)]
    skip: Vec<String>,
    #[arg(long, hide = true)]
    exact: bool,
    #[arg(long, hide = true)]
    ignored: bool,
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, alias = "no-capture", hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(long, short, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    test: bool,
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(long, hide = true)]
    shuffle: bool,
    #[arg(long, hide = true)]
    test_threads: Option<String>,
    #[arg(long, hide = true)]
    format: Option<String>,
    #[arg(long, hide = true)]
    color: Option<String>,
    #[arg(long, hide = true)]
    logfile: Option<PathBuf>,
    #[arg(long, hide = true, num_args = 0..=1)]
    report_time: Option<String>,
    #[arg(short = 'Z', hide = true)]
    unstable: Vec<String>,
}

impl Options {
    /// Whether this part is asked for, by the names that were given.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let Libtest { filters, skip, exact, ignored, .. } = &self.libtest;
        let means = |filter: &String| if *exact { name == filter } else { name.contains(filter.as_str()) };
        !ignored && !skip.iter().any(means) && (filters.is_empty() || filters.iter().any(means))
    }

    pub(crate) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(SHORT)
    }

    pub(crate) fn seed(&self) -> u64 {
        static DRAWN: OnceLock<u64> = OnceLock::new();
        match (self.seed, self.rounds) {
            (Some(seed), _) => seed,
            (None, None) => SHORT_SEED,
            // Short enough to be typed again.
            (None, Some(_)) => *DRAWN.get_or_init(|| rand::random::<u32>().into()),
        }
    }

    /// Which rounds are played on SQLite.
    pub(crate) fn on_sqlite(&self, number: usize) -> bool {
        match self.only.map(Fault::part) {
            Some(Part::Disk) => true,
            Some(Part::Postgres | Part::Redis) => false,
            Some(Part::Node | Part::Client | Part::Clock) | None => number.is_multiple_of(SQLITE),
        }
    }

    /// The command that plays a round again.
    pub(crate) fn again(&self, number: usize) -> String {
        let Self { seconds, nodes, customers, team, .. } = self;
        let only = self.only.map_or_else(String::new, |fault| format!(" --only {fault}"));
        format!(
            "cargo test -p gateway --test chaos -- chaos::rounds --seed {} --first-round {number} --rounds 1 \
             --seconds {seconds} --nodes {nodes} --customers {customers} --team {team}{only}",
            self.seed(),
        )
    }
}
