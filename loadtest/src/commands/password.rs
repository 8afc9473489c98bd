//! The agent's password, from wherever it is safe to be.

use std::io::BufRead as _;

use anyhow::Context as _;
use clap::Args;

/// The agent whose login is used.
#[derive(Debug, Args)]
pub(crate) struct Agent {
    /// An agent's e-mail; all agents of the run share this one login.
    #[arg(long, env = "HUBBUB_LOADTEST_AGENT_EMAIL", default_value = "admin@localhost")]
    pub(crate) agent_email: String,

    /// The agent's password. Other users of this machine can read it in the list of processes: prefer the
    /// variable or --agent-password-stdin.
    #[arg(long, env = "HUBBUB_LOADTEST_AGENT_PASSWORD", hide_env_values = true)]
    agent_password: Option<String>,

    /// Reads the agent's password from the first line of standard input.
    #[arg(long, conflicts_with = "agent_password")]
    agent_password_stdin: bool,
}

impl Agent {
    /// The password, if there is one.
    ///
    /// # Errors
    /// Standard input was to hold it and does not.
    pub(crate) fn password(&self) -> anyhow::Result<Option<String>> {
        if !self.agent_password_stdin {
            return Ok(self.agent_password.clone());
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
        let line = line.trim_end_matches(['\r', '\n']);
        anyhow::ensure!(!line.is_empty(), "standard input holds no password");
        Ok(Some(line.to_owned()))
    }
}
