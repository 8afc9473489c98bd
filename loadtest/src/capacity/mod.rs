//! What a size needs, and what breaks first: `hubbub-loadtest capacity`.
//!
//! [`plan`] holds what everything costs (`costs.toml`), [`load`] what so many people do, [`writer`] how the log writer's
//! batches grow, [`answer`] what that needs, [`failures`] what happens when something fails, [`limits`] what fills up first; all of it sums and means.
//! [`simulation`] plays the same event by event, to see whether the sums hold. docs/scaling.md tells what came of it.

mod answer;
mod failures;
mod limits;
mod load;
mod plan;
mod simulation;
mod table;
mod writer;

use std::path::PathBuf;

use anyhow::Context;
use clap::Args as ClapArgs;
use serde_json::json;

pub use answer::{Answer, Resource};
pub use failures::Failures;
pub use limits::{Limit, limits};
pub use load::{LinkLoad, Load, NodeWork, Size};
pub use plan::{Basis, Cost, Costs, Machine, Plan, PlanError, Server, Workload};
pub use simulation::{Death, Latency, Options, Outcome, Used, simulate};
pub use writer::Writer;

/// The sizes that are shown if none is asked for.
const SIZES: [f64; 4] = [1e4, 1e5, 1e6, 1e7];

/// The arguments of `capacity`.
#[derive(Debug, Clone, ClapArgs)]
pub struct Args {
    /// Customers connected at once, such as 5000, 20k or 1M; several for a table of them
    #[arg(long, value_delimiter = ',', value_parser = number)]
    pub customers: Vec<f64>,

    /// Agents at work [default: one for every 25 customers]
    #[arg(long, value_parser = number)]
    pub agents: Option<f64>,

    /// Messages of each customer in a minute, on average over all who are connected; agents answer each [default: 0.2]
    #[arg(long)]
    pub messages_per_minute: Option<f64>,

    /// So many nodes, instead of as many as it takes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub nodes: Option<u32>,

    /// Measured costs of your own: a file with names of costs.toml
    #[arg(long, value_name = "FILE")]
    pub costs: Option<PathBuf>,

    /// Overrides one number of costs.toml, such as machine.node_cores=4 or costs.accept_us=40
    #[arg(long, value_name = "NAME=NUMBER")]
    pub set: Vec<String>,

    /// Prints JSON
    #[arg(long)]
    pub json: bool,

    /// Also plays it, event by event, and shows both
    #[arg(long)]
    pub simulate: bool,

    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// Seconds to simulate
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,

    /// Let a node die in the simulation, after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub kill_at: Option<u32>,
}

/// `20k`, `1M`, `500`.
fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1e3),
        Some((at, 'm' | 'M')) => (&text[..at], 1e6),
        _ => (text, 1.0),
    };
    let number: f64 = digits.replace('_', "").parse().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() && (0.0..=1e9).contains(&(number * factor)) {
        Ok(number * factor)
    } else {
        Err("must be between 0 and a billion".to_owned())
    }
}

/// The answer, as it is printed.
///
/// # Errors
/// The costs cannot be read; or there is nothing to simulate.
pub fn answer(args: &Args) -> anyhow::Result<String> {
    let mut settings = args.set.clone();
    if let Some(messages) = args.messages_per_minute {
        settings.push(format!("workload.messages_per_minute={messages}"));
    }
    let plan = Plan::read(args.costs.as_deref(), &settings)?;
    let sizes = if args.customers.is_empty() { SIZES.to_vec() } else { args.customers.clone() };
    let answers: Vec<Answer> = sizes
        .into_iter()
        .map(|customers| {
            let agents = args.agents.unwrap_or((customers / plan.workload.customers_per_agent).ceil());
            Answer::of(&plan, Size { customers, agents }, args.nodes)
        })
        .collect();
    let ratio = answers.first().map_or(0.0, |one| one.size.agents / one.size.customers.max(1.0));
    let limits = limits(&plan, ratio);
    let options =
        Options { seed: args.seed, seconds: args.seconds.into(), death_at: args.kill_at.map(f64::from) };
    let outcomes: Vec<Outcome> = answers
        .iter()
        .filter(|_| args.simulate)
        .map(|answer| {
            simulate(&plan, answer, options)
                .with_context(|| format!("{} customers cannot be simulated", answer.size.customers))
        })
        .collect::<Result<_, _>>()?;
    if args.json {
        let all = json!({ "plan": plan, "answers": answers, "limits": limits, "simulations": outcomes });
        return Ok(format!("{}\n", serde_json::to_string_pretty(&all)?));
    }
    let mut text = match answers.as_slice() {
        [one] => table::explained(one),
        several => table::table(several),
    };
    for outcome in &outcomes {
        text.push('\n');
        text.push_str(&outcome.to_string());
    }
    text.push('\n');
    text.push_str(&table::grown(&limits));
    text.push('\n');
    text.push_str(&table::basis(&plan));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_may_be_written_short() {
        assert_eq!(["500", "20k", "1M", "2.5m", "1_000"].map(number), [500.0, 20e3, 1e6, 2.5e6, 1e3].map(Ok));
        for bad in ["", "k", "-1", "many", "1e300", "NaN"] {
            assert!(number(bad).is_err(), "{bad}");
        }
    }
}
