//! `hubbub-loadtest scenarios`: what the tool brings along.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use loadtest::{report, scenario};

/// Which scenario to show.
#[derive(Debug, Args)]
pub(crate) struct Scenarios {
    /// Prints this one as TOML, to be saved and changed; without it, all are listed.
    name: Option<String>,
}

impl Scenarios {
    pub(crate) fn run(&self) -> anyhow::Result<bool> {
        let text = match &self.name {
            None => report::scenarios(),
            Some(name) => {
                let shipped = scenario::SHIPPED.iter().find(|shipped| shipped.name == name);
                let known =
                    || scenario::SHIPPED.iter().map(|shipped| shipped.name).collect::<Vec<_>>().join(", ");
                shipped
                    .with_context(|| format!("no scenario {name:?} comes with this tool: {}", known()))?
                    .text
                    .to_owned()
            }
        };
        std::io::stdout().write_all(text.as_bytes()).context("writing to standard output")?;
        Ok(true)
    }
}
