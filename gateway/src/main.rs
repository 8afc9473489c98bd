//! The binary `hubbub`: the command line, the log, the signals, the exit status.

use std::{
    io::{IsTerminal as _, stderr},
    num::NonZeroUsize,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Parser as _;
use gateway::{Cli, Command, LogFormat, Serve};
use persistence::StoreError;
use tokio::{
    net::TcpListener,
    runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bad words on the command line, or in a variable.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // One clear line; the rest is in --help.
            let text = error.to_string();
            let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
            eprintln!("{}", lines.collect::<Vec<_>>().join(" "));
            return ExitCode::from(USAGE);
        }
        Err(help) => help.exit(),
    };
    let done = match cli.command {
        None => run(cli.serve.threads(), serve(cli.serve)),
        Some(Command::Serve(config)) => run(config.threads(), serve(*config)),
        Some(Command::Migrate(store)) => run(NonZeroUsize::MIN, gateway::migrate(&store)),
        Some(Command::Agent(command)) => run(NonZeroUsize::MIN, gateway::agent(command)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever a database's refusal looks like.
            eprintln!("error: {}", format!("{error:#}").replace(['\r', '\n'], " "));
            let bad_url = |error: &StoreError| matches!(error, StoreError::BadUrl(_));
            let bad_url = error.downcast_ref().is_some_and(bad_url);
            if bad_url || error.downcast_ref::<BadValue>().is_some() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Runs on so many threads. For one there is a runtime of its own: it takes what is ready in turn, so that what belongs
/// together is stored and written together, where the other one runs what was woken last first.
fn run(threads: NonZeroUsize, command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let mut runtime = if threads == NonZeroUsize::MIN {
        runtime::Builder::new_current_thread()
    } else {
        runtime::Builder::new_multi_thread()
    };
    runtime.worker_threads(threads.get()).enable_all().build()?.block_on(command)
}

/// A value that only its use could show to be bad.
#[derive(Debug)]
struct BadValue;

impl std::fmt::Display for BadValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value cannot be used")
    }
}

async fn serve(config: Serve) -> anyhow::Result<()> {
    // First of all: who is told to stop while it starts ends as one who is told later.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    log_to_stderr(&config)?;
    let address = config.listen;
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("--listen {address} cannot be used"))?;
    let stop = CancellationToken::new();
    let running = gateway::run(config, listener, stop.clone());
    tokio::pin!(running);
    tokio::select! {
        done = &mut running => return done,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.cancel();
    tokio::select! {
        done = running => done,
        _ = terminate.recv() => anyhow::bail!("told twice to stop: stopping at once"),
        _ = interrupt.recv() => anyhow::bail!("told twice to stop: stopping at once"),
    }
}

fn log_to_stderr(config: &Serve) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&config.log).context(BadValue).context("--log is not a list of levels")?;
    // At its most talkative the WebSocket library writes whole frames, and what people say stays out of the log.
    let discreet =
        filter_fn(|event| !(event.target().starts_with("tungstenite") && *event.level() == Level::TRACE));
    let log = tracing_subscriber::registry().with(filter).with(discreet);
    let lines = fmt::layer().with_ansi(stderr().is_terminal()).with_writer(stderr);
    match config.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    Ok(())
}
