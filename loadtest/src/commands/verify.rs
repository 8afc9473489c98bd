//! `hubbub-loadtest verify`: a small mixed load that is judged by the promises.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use loadtest::{
    history::{History, What},
    verify::{self, Mix, Options},
};

use super::password::Agent;

/// How often the progress line is renewed.
const PROGRESS: Duration = Duration::from_millis(250);

/// The load, and against whom.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The server's address.
    #[arg(long, env = "HUBBUB_LOADTEST_URL", default_value = "http://127.0.0.1:8080")]
    url: String,

    /// The key of the site that the customers come to.
    #[arg(long, env = "HUBBUB_LOADTEST_SITE", default_value = "demo")]
    site: String,

    #[command(flatten)]
    agent: Agent,

    /// Customers, one session each.
    #[arg(long, env = "HUBBUB_LOADTEST_CUSTOMERS", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    customers: u16,

    /// Agents' programs at work at the same time.
    #[arg(long, env = "HUBBUB_LOADTEST_AGENTS", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    agents: u16,

    /// Messages of each customer. The team answers every second one.
    #[arg(long, env = "HUBBUB_LOADTEST_MESSAGES", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    messages: u16,

    /// Plans the same run again. By default another one each time; the table names it.
    #[arg(long, env = "HUBBUB_LOADTEST_SEED")]
    seed: Option<u64>,

    /// How frames travel.
    #[arg(long, env = "HUBBUB_LOADTEST_TRANSPORT", value_enum, default_value_t = TransportArg::Mixed)]
    transport: TransportArg,

    /// Connections to cut on the way, each in the middle of a send.
    #[arg(long, env = "HUBBUB_LOADTEST_RECONNECTS", default_value_t = 12)]
    reconnects: usize,

    /// Seconds that the load may take.
    #[arg(long, env = "HUBBUB_LOADTEST_TIMEOUT", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,

    /// Writes everything that was done and seen to this file, one JSON object a line.
    #[arg(long, env = "HUBBUB_LOADTEST_HISTORY", value_name = "FILE")]
    history: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TransportArg {
    /// WebSocket and long-poll, and some who change between them.
    Mixed,
    /// All over WebSocket.
    Websocket,
    /// All over long-poll.
    LongPoll,
}

/// Answers whether everything was kept.
pub(crate) async fn run(args: Verify) -> anyhow::Result<bool> {
    let options = Options {
        password: args.agent.password()?.context(
            "the agent's password is missing: --agent-password-stdin, HUBBUB_LOADTEST_AGENT_PASSWORD or \
             --agent-password",
        )?,
        url: args.url,
        site: args.site,
        email: args.agent.agent_email,
        customers: args.customers.into(),
        agents: args.agents.into(),
        messages: args.messages.into(),
        // Short enough to be typed again.
        seed: args.seed.unwrap_or_else(|| rand::random::<u32>().into()),
        mix: match args.transport {
            TransportArg::Mixed => Mix::Mixed,
            TransportArg::Websocket => Mix::WebSocket,
            TransportArg::LongPoll => Mix::LongPoll,
        },
        reconnects: args.reconnects,
        timeout: Duration::from_secs(args.timeout),
    };
    let history = History::new();
    let report = {
        let run = verify::run(&options, &history);
        tokio::pin!(run);
        let mut ticks = tokio::time::interval(PROGRESS);
        let live = std::io::stderr().is_terminal();
        loop {
            tokio::select! {
                report = &mut run => break report,
                _ = ticks.tick(), if live => progress(&history),
            }
        }
    };
    if std::io::stderr().is_terminal() {
        // The progress line must not stand in the middle of what follows.
        eprint!("\r\x1b[K");
    }
    if let Some(path) = &args.history {
        history.write(path).with_context(|| format!("writing {}", path.display()))?;
    }
    let report = report?;
    std::io::stdout().write_all(report.to_string().as_bytes()).context("writing the table")?;
    Ok(report.passed())
}

fn progress(history: &History) {
    let sends = history.count(|what| matches!(what, What::Tried { .. }));
    let acks = history.count(|what| matches!(what, What::Acked { .. }));
    let seen = history.count(|what| matches!(what, What::Saw { .. }));
    let links = history.count(|what| matches!(what, What::Linked { .. }));
    let waits = history.count(|what| matches!(what, What::Refused { .. }));
    let seconds = history.elapsed().as_secs_f64();
    eprint!(
        "\r\x1b[K{seconds:5.1} s  {sends} tries  {acks} acks  {seen} deliveries  {links} links  {waits} refusals"
    );
    // Progress that cannot be shown is no reason to stop.
    let _ = std::io::stderr().flush();
}
