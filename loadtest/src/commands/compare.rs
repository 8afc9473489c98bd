//! `hubbub-loadtest compare`: two runs side by side.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args;
use loadtest::report::{Comparison, FIGURES, Run, comparison_html};

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The run that is the yardstick: its folder, or its run.json.
    a: PathBuf,

    /// The run that is judged: its folder, or its run.json.
    b: PathBuf,

    /// How much worse B may be than A, in percent: ack_p99_ms=10. Named more than once, the last one counts.
    #[arg(long, value_name = "FIGURE=PERCENT", value_parser = budget, allow_hyphen_values = true)]
    budget: Vec<(String, f64)>,

    /// Writes an HTML page of both, with their plots, to this file.
    #[arg(long, value_name = "FILE.html")]
    out: Option<PathBuf>,

    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(crate) fn run(&self) -> anyhow::Result<bool> {
        let [a, b] = [Run::read(&self.a)?, Run::read(&self.b)?];
        let budgets: BTreeMap<_, _> = self.budget.iter().cloned().collect();
        let comparison = Comparison::of(&a, &b, &budgets);
        let text = if self.json {
            serde_json::to_string_pretty(&comparison).context("writing JSON")? + "\n"
        } else {
            comparison.table(std::io::stdout().is_terminal())
        };
        std::io::stdout().write_all(text.as_bytes()).context("writing to standard output")?;
        if let Some(path) = &self.out {
            std::fs::write(path, comparison_html(&comparison, &a, &b))
                .with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(comparison.passed)
    }
}

fn budget(text: &str) -> Result<(String, f64), String> {
    let (figure, percent) = text.split_once('=').ok_or("write it as figure=percent")?;
    if !FIGURES.contains(&figure) {
        return Err(format!("{figure:?} is no figure; there are {}", FIGURES.join(", ")));
    }
    let percent: f64 = percent.trim_end_matches('%').parse().map_err(|_| "the percentage is no number")?;
    if !percent.is_finite() {
        return Err("the percentage must be a number that ends".to_owned());
    }
    Ok((figure.to_owned(), percent))
}
