//! `hubbub-loadtest capacity`: what a number of customers needs, and what breaks first.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use loadtest::capacity;

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct Capacity {
    #[command(flatten)]
    args: capacity::Args,
}

impl Capacity {
    pub(crate) fn run(&self) -> anyhow::Result<bool> {
        let text = capacity::answer(&self.args)?;
        std::io::stdout().write_all(text.as_bytes()).context("writing to standard output")?;
        Ok(true)
    }
}
