//! What was measured: a cell for each load, server and repetition, kept as JSON, so that the page can be put together
//! from several runs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use loadtest::report::{self, Run};
use serde::{Deserialize, Serialize};

use crate::{
    loads::{LOADS, Load},
    servers::Subject,
};

/// Figures that are computed here, besides those of `hubbub-loadtest`.
pub(crate) const OWN_FIGURES: &[&str] = &[
    "acked_per_s",
    "total_us_per_accept",
    "statements_per_s",
    "others_cores",
    "tool_cores",
    "commit_ms",
    "ready_s",
    "load_average",
    "writer_rows_s",
    "copy_rows_s",
    "copy_and_update_rows_s",
    "insert_each_rows_s",
    "insert_at_once_rows_s",
];

/// The server's count of what it asked of its store.
const STATEMENTS: &str = "hubbub_store_statements_total";

/// One measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) load: String,
    pub(crate) subject: Subject,
    pub(crate) repetition: usize,
    pub(crate) figures: BTreeMap<String, f64>,
    /// What was run.
    pub(crate) command: String,
    /// What the reader must know.
    pub(crate) remarks: Vec<String>,
    pub(crate) commit: String,
    pub(crate) date: String,
}

impl Cell {
    pub(crate) fn new(load: &Load, subject: Subject, repetition: usize, commit: &str, date: &str) -> Self {
        Self {
            load: load.name.to_owned(),
            subject,
            repetition,
            figures: BTreeMap::new(),
            command: String::new(),
            remarks: Vec::new(),
            commit: commit.to_owned(),
            date: date.to_owned(),
        }
    }

    pub(crate) fn is(&self, load: &Load, subject: Subject) -> bool {
        self.load == load.name && self.subject == subject
    }

    /// Adds what a run of the load tester came to.
    pub(crate) fn add_run(&mut self, run: &Run) {
        let own = |name: &str, value: Option<f64>| Some((name.to_owned(), value?));
        let figures = report::figures(run);
        self.figures.extend(figures.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let seconds = run.measured.seconds;
        let per_second = |count: f64| (seconds > 0.0).then(|| count / seconds);
        let connecting = &run.connecting;
        let statements = run.metrics.get(STATEMENTS).and_then(|it| per_second(it.after - it.before));
        self.figures.extend(
            [
                own("acked_per_s", per_second(run.measured.acked as f64)),
                own(
                    "total_us_per_accept",
                    connecting.server_us_each.map(|each| each + connecting.store_us_each.unwrap_or_default()),
                ),
                own("statements_per_s", statements),
                own("others_cores", run.cost.map(|cost| cost.others_cores)),
                own("tool_cores", Some(run.measured.tool_cores)),
            ]
            .into_iter()
            .flatten(),
        );
        self.remarks.extend(run.remarks.iter().cloned());
        if connecting.made < connecting.wanted {
            self.remarks.push(format!("{} of {} connections were made", connecting.made, connecting.wanted));
        }
    }

    /// Where a cell and all that belongs to it is kept.
    pub(crate) fn folder(out: &Path, load: &str, subject: Subject, repetition: usize) -> PathBuf {
        out.join(load).join(subject.word()).join(repetition.to_string())
    }

    pub(crate) fn keep(&self, out: &Path) -> anyhow::Result<()> {
        let folder = Self::folder(out, &self.load, self.subject, self.repetition);
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(folder.join("cell.json"), text).with_context(|| folder.display().to_string())
    }
}

/// All that is known.
#[derive(Default)]
pub(crate) struct Cells {
    all: Vec<Cell>,
}

impl Cells {
    /// Those that are kept here.
    pub(crate) fn read(out: &Path) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for load in LOADS {
            for subject in load.on {
                for repetition in 0.. {
                    let path = Cell::folder(out, load.name, *subject, repetition).join("cell.json");
                    let Ok(text) = fs::read_to_string(&path) else { break };
                    all.push(serde_json::from_str(&text).with_context(|| path.display().to_string())?);
                }
            }
        }
        Ok(Self { all })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Cell> {
        self.all.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many repetitions there are at most.
    pub(crate) fn repetitions(&self) -> usize {
        self.all.iter().map(|cell| cell.repetition + 1).max().unwrap_or_default()
    }

    pub(crate) fn figure(&self, load: &str, subject: Subject, name: &str, repetition: usize) -> Option<f64> {
        let cell = self
            .all
            .iter()
            .find(|cell| cell.load == load && cell.subject == subject && cell.repetition == repetition)?;
        cell.figures.get(name).copied()
    }

    /// A figure in all repetitions.
    pub(crate) fn spread(&self, load: &str, subject: Subject, name: &str) -> Spread {
        Spread((0..self.repetitions()).filter_map(|n| self.figure(load, subject, name, n)).collect())
    }
}

/// What several repetitions came to.
#[derive(Debug, Clone)]
pub(crate) struct Spread(pub(crate) Vec<f64>);

impl Spread {
    /// The median, the least and the most.
    pub(crate) fn summary(&self) -> Option<(f64, f64, f64)> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some((median, first, last))
    }
}
