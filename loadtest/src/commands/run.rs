//! `hubbub-loadtest run`: a load test.

use std::{
    io::{IsTerminal as _, Write as _},
    net::{SocketAddr, ToSocketAddrs as _},
    path::PathBuf,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use loadtest::{
    load::{self, Options, Peer},
    probe,
    report::{FIGURES, Progress, table},
    scenario::Scenario,
};
use reqwest::Url;

use super::password::Agent;

/// What to play, and against whom.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// What to play: the name of a shipped scenario (see `hubbub-loadtest scenarios`), or a TOML file.
    #[arg(long, value_name = "NAME|FILE")]
    scenario: String,

    /// Changes the scenario: people.sessions=50, messages.rates=[{per_s=100}], time.measured_s=30.
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    sets: Vec<String>,

    /// The server's address; given several times, connections go to each in turn (the nodes of a cluster).
    #[arg(long = "url", env = "HUBBUB_LOADTEST_URL", default_value = "http://127.0.0.1:8080")]
    urls: Vec<Url>,

    /// I am allowed to put this load on a server that is not on this machine's loopback.
    #[arg(long)]
    i_own_this_host: bool,

    /// Which server it is.
    #[arg(long, value_enum, default_value_t = Peer::Hubbub)]
    peer: Peer,

    /// The key of the site that the customers come to.
    #[arg(long, env = "HUBBUB_LOADTEST_SITE", default_value = "demo")]
    site: String,

    #[command(flatten)]
    agent: Agent,

    /// The server's process: its CPU and memory are measured, with those of its descendants. By default the one that
    /// listens at the address, if that is on loopback.
    #[arg(long = "server-pid", value_name = "PID")]
    server_pids: Vec<u32>,

    /// A process of the server's store, such as Postgres: its CPU is measured.
    #[arg(long = "store-pid", value_name = "PID")]
    store_pids: Vec<u32>,

    /// The server's counters (--metrics-listen of the server), read before and after.
    #[arg(long = "metrics-url", value_name = "URL")]
    metrics_urls: Vec<Url>,

    /// Processes that make the load, a share of the sessions each.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,

    /// A budget besides those of the scenario; a broken one is exit status 1. For the names see the scenarios' help.
    #[arg(long = "budget", value_name = "FIGURE=MOST", value_parser = budget)]
    budgets: Vec<(String, f64)>,

    /// Writes run.json and report.html to this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Plays the same choices again. By default others each time; the report names them.
    #[arg(long)]
    seed: Option<u64>,

    /// Shows no progress.
    #[arg(long)]
    quiet: bool,
}

impl Run {
    pub(crate) async fn run(self) -> anyhow::Result<bool> {
        let mut scenario = Scenario::load(&self.scenario, &self.sets)?;
        scenario.budgets.extend(self.budgets.iter().cloned());
        ensure!(
            self.peer == Peer::Hubbub || (scenario.visits.is_none() && scenario.people.watchers == 0),
            "{} knows neither visits nor lists: only scenarios of sessions and members can be played",
            self.peer.word()
        );
        if self.peer != Peer::Hubbub {
            scenario.people.long_poll = 0.0;
        }
        let addresses = self.addresses()?;
        let server_pids = if self.server_pids.is_empty() {
            let mut found: Vec<u32> = addresses.iter().copied().filter_map(probe::listener_of).collect();
            found.sort_unstable();
            found.dedup();
            found
        } else {
            self.server_pids.clone()
        };
        let options = Options {
            scenario,
            peer: self.peer,
            urls: self.urls.iter().map(Url::to_string).collect(),
            site: self.site.clone(),
            email: self.agent.agent_email.clone(),
            password: self.agent.password()?,
            server_pids,
            store_pids: self.store_pids.clone(),
            metrics_urls: self.metrics_urls.iter().map(Url::to_string).collect(),
            workers: self.workers,
            // Short enough to be typed again.
            seed: self.seed.unwrap_or_else(|| rand::random::<u32>().into()),
            program: std::env::current_exe().context("finding this program")?,
        };
        let mut progress = Progress::new(self.quiet);
        let run = load::run(&options, &mut progress).await;
        progress.finish();
        let run = run?;
        let mut out = std::io::stdout();
        out.write_all(table(&run, out.is_terminal()).as_bytes()).context("writing the table")?;
        if let Some(folder) = &self.out {
            run.write(folder)?;
            writeln!(out, "{}", folder.join("report.html").display())?;
        }
        Ok(run.passed())
    }

    /// Where the load goes, and nowhere else.
    fn addresses(&self) -> anyhow::Result<Vec<SocketAddr>> {
        let mut all = Vec::new();
        for url in &self.urls {
            ensure!(
                url.scheme() == "http",
                "{url}: only http:// is spoken; a server behind a TLS proxy is tested at its own address"
            );
            let found: Vec<SocketAddr> = url
                .socket_addrs(|| None)
                .or_else(|_| url.as_str().to_socket_addrs().map(Iterator::collect))
                .with_context(|| format!("{url}: no such host"))?;
            if !self.i_own_this_host && found.iter().any(|address| !address.ip().is_loopback()) {
                bail!(
                    "{url} is not on this machine: a load test is an attack on whoever does not expect it. Say \
                     --i-own-this-host if you may do this"
                );
            }
            all.extend(found);
        }
        Ok(all)
    }
}

fn budget(text: &str) -> Result<(String, f64), String> {
    let (figure, most) = text.split_once('=').ok_or("write it as figure=number")?;
    if !FIGURES.contains(&figure) {
        return Err(format!("{figure:?} is no figure; there are {}", FIGURES.join(", ")));
    }
    let most: f64 = most.parse().map_err(|_| format!("{most:?} is no number"))?;
    Ok((figure.to_owned(), most))
}
