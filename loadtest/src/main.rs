//! `hubbub-loadtest`: checks a running server against the promises of the contract.
//!
//! Exit status: 0 all kept, 1 something was broken, 2 the run could not begin.

mod commands;

use std::{
    io::{BufRead, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use loadtest::{
    history::{History, What},
    verify::{self, Mix, Options},
};

/// How often the progress line is renewed.
const PROGRESS: Duration = Duration::from_millis(250);

/// Checks a running Hubbub server, from outside, against what its contract promises.
#[derive(Debug, Parser)]
#[command(name = "hubbub-loadtest", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a small mixed load and judges it by promises 1 to 6.
    ///
    /// Customers start sessions and talk; agents find them in their lists, claim them, answer and write
    /// notes. On the way connections are cut in the middle of sends, sends are repeated on purpose, and
    /// some participants change between WebSocket and long-poll. At the end every session's log is read
    /// by both sides and held against everything that was acked and shown.
    ///
    /// It leaves its sessions behind: do not run it where real agents work. Only http:// is spoken; a
    /// server behind a TLS proxy is tested at its own address. Where the server's rate limits ask to
    /// wait, it waits, and says so: the defaults of both fit together, but a second run within the same
    /// minute has to wait for its session starts.
    ///
    /// Exit status: 0 every promise kept, 1 something broken or not finished, 2 the run could not begin.
    Verify(Verify),

    /// Shows two load tests side by side, and what became better or worse.
    ///
    /// Exit status: 0 every budget held, 1 one is broken, also by not being measured, 2 there is nothing to compare.
    Compare(commands::compare::Compare),

    /// Lists the scenarios that come with the tool, or prints one as TOML.
    Scenarios(commands::scenarios::Scenarios),
}

#[derive(Debug, Args)]
struct Verify {
    /// The server's address.
    #[arg(long, env = "HUBBUB_LOADTEST_URL", default_value = "http://127.0.0.1:8080")]
    url: String,

    /// The key of the site that the customers come to.
    #[arg(long, env = "HUBBUB_LOADTEST_SITE", default_value = "demo")]
    site: String,

    /// An agent's e-mail; all agents of the run share this one login.
    #[arg(long, env = "HUBBUB_LOADTEST_AGENT_EMAIL", default_value = "admin@localhost")]
    agent_email: String,

    /// The agent's password. Other users of this machine can read it in the list of processes: prefer the
    /// variable or --agent-password-stdin.
    #[arg(long, env = "HUBBUB_LOADTEST_AGENT_PASSWORD", hide_env_values = true)]
    agent_password: Option<String>,

    /// Reads the agent's password from the first line of standard input.
    #[arg(long, conflicts_with = "agent_password")]
    agent_password_stdin: bool,

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

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Verify(args) => run(args).await,
        Command::Compare(args) => args.run(),
        Command::Scenarios(args) => args.run(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("hubbub-loadtest: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Answers whether everything was kept.
async fn run(args: Verify) -> anyhow::Result<bool> {
    let options = Options {
        password: password(&args)?,
        url: args.url,
        site: args.site,
        email: args.agent_email,
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

fn password(args: &Verify) -> anyhow::Result<String> {
    if args.agent_password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
        let line = line.trim_end_matches(['\r', '\n']);
        anyhow::ensure!(!line.is_empty(), "standard input holds no password");
        return Ok(line.to_owned());
    }
    args.agent_password.clone().context(
        "the agent's password is missing: --agent-password-stdin, HUBBUB_LOADTEST_AGENT_PASSWORD \
         or --agent-password",
    )
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
