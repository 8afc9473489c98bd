//! `hubbub-loadtest`: puts load on a running server, and checks it against the promises of the contract.
//!
//! Exit status: 0 all well, 1 something was broken, 2 the run could not begin.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Puts load on a running Hubbub server, and checks it, from outside, against what its contract promises.
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
    Verify(commands::verify::Verify),

    /// Puts a load on a server, and measures what becomes of it.
    ///
    /// Latency counts from the moment at which a message was to be said, so that a server that stalls is charged
    /// for everything that had to wait. Every delivery is checked: lost, doubled, out of order. The server's CPU and
    /// memory are measured where it runs on this machine.
    ///
    /// It leaves its sessions behind: do not run it where real agents work. A server that is to be loaded beyond what
    /// people do needs its limits opened: see docs/performance.md.
    ///
    /// Exit status: 0 all well, 1 messages were lost, doubled or out of order or a budget is broken, 2 it could not
    /// begin.
    Run(Box<commands::run::Run>),

    /// Shows two load tests side by side, and what became better or worse.
    ///
    /// Exit status: 0 every budget held, 1 one is broken, also by not being measured, 2 there is nothing to compare.
    Compare(commands::compare::Compare),

    /// Lists the scenarios that come with the tool, or prints one as TOML.
    Scenarios(commands::scenarios::Scenarios),

    /// Says what so many customers need, and what breaks first: computed from measured costs, or simulated.
    ///
    /// It talks to no server. The costs, with the commands that measure them again, stand in costs.toml;
    /// docs/scaling.md explains what comes out. Without --customers it shows four sizes side by side.
    Capacity(commands::capacity::Capacity),

    /// The yardstick: a relay in the same stack that stores nothing and promises nothing.
    Floor(commands::floor::Floor),

    /// A process of a load test; started by `run`.
    #[command(hide = true)]
    Worker,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // A worker is one of several by design; everything else has the machine to itself.
    let mut runtime = match command {
        Command::Worker | Command::Floor(_) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let done = match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => Err(error.into()),
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

/// Answers whether all was well.
async fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Run(args) => args.run().await,
        Command::Verify(args) => commands::verify::run(args).await,
        Command::Compare(args) => args.run(),
        Command::Scenarios(args) => args.run(),
        Command::Capacity(args) => args.run(),
        Command::Floor(args) => args.run().await,
        Command::Worker => loadtest::load::work().await.map(|()| true),
    }
}
