//! The chaos suite: real nodes, a real Postgres and Redis, links that go ill, people who talk all the while, and a judge
//! who holds everything that they did and saw against the promises of the contract.
//!
//! `cargo test` runs the short form. `make chaos` runs as many rounds as you like; a seed plays the same ones again.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "tests")]

mod asks;
mod board;
mod cluster;
mod delays;
mod disk;
mod faults;
mod judge;
mod leak;
mod node;
mod options;
mod report;
mod round;
mod script;
mod talk;
mod wire;

use std::{future::pending, process::ExitCode, sync::Arc, time::Duration};

use clap::Parser as _;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::Instant,
};

use crate::{
    cluster::{Cluster, Servers},
    options::Options,
    report::Run,
    round::{Plan, Round},
    script::{Parts, script},
};

const ROUNDS: &str = "chaos::rounds";
const LEAK: &str = "chaos::leak";

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if options.list {
        println!("{ROUNDS}: test\n{LEAK}: test");
        return ExitCode::SUCCESS;
    }
    if options.plan {
        options.tell();
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_os = "linux") {
        println!("the chaos suite needs Linux: nothing was tried");
        return ExitCode::SUCCESS;
    }
    tokio::select! {
        code = play(&options) => code,
        // By returning, all that was started ends.
        () = asked_to_end() => ExitCode::FAILURE,
    }
}

async fn asked_to_end() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn play(options: &Options) -> ExitCode {
    let mut run = Run::default();
    let began = Instant::now();
    // It waits most of the time, on a node of its own.
    let leak = options.wants(LEAK).then(|| {
        let (sessions, servers) = (options.leak, options.servers());
        tokio::spawn(async move { leak::check(sessions, &servers, began).await })
    });
    if options.wants(ROUNDS) && options.rounds() > 0 {
        rounds(options, &mut run, began).await;
    }
    if let Some(leak) = leak {
        match leak.await.map_err(anyhow::Error::from).and_then(|told| told) {
            Ok(told) => {
                println!("leak             {told}");
                run.passed += 1;
            }
            Err(error) => {
                println!("leak FAILED: {error:#}");
                run.failed += 1;
            }
        }
    }
    println!("\n{} passed, {} failed", run.passed, run.failed);
    if run.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn rounds(options: &Options, run: &mut Run, began: Instant) {
    let (rounds, seed) = (options.rounds(), options.seed());
    println!("chaos: {rounds} rounds, seed {seed}");
    let cluster = match Cluster::on_postgres(options.nodes, &options.servers(), began).await {
        Ok(cluster) => Arc::new(cluster),
        Err(error) => {
            println!("the cluster did not start: {error:#}");
            run.failed += 1;
            return;
        }
    };
    let first = options.first_round;
    for number in first..first + rounds {
        let plan = options.plan(number);
        let started = Instant::now();
        let played = if options.on_sqlite(number) {
            on_sqlite(options, &plan, began).await
        } else {
            round::play(&cluster, &plan).await.map(|round| (round, cluster.clone()))
        };
        match played {
            Ok((round, cluster)) => {
                println!("{}", report::line(number, first + rounds - 1, &round, started.elapsed()));
                run.add(&round);
                finish(options, number, &round, &cluster, run);
            }
            Err(error) => {
                println!("round {number} FAILED: it could not be played: {error:#}");
                run.failed += 1;
            }
        }
        if run.failed > options.failures {
            println!("that is enough");
            break;
        }
    }
    print!("\n{}", run.table());
    if let Some(why) = run.breach() {
        println!("{why}");
        run.failed += 1;
    }
}

/// The form with one node: a fresh one, whose disk is small.
async fn on_sqlite(options: &Options, plan: &Plan, began: Instant) -> anyhow::Result<(Round, Arc<Cluster>)> {
    let cluster = Arc::new(Cluster::on_sqlite(&options.servers(), began).await?);
    let round = round::play(&cluster, plan).await?;
    Ok((round, cluster))
}

fn finish(options: &Options, number: usize, round: &Round, cluster: &Cluster, run: &mut Run) {
    if let Some(path) = &options.history
        && let Err(error) = round.talk.history.write(path)
    {
        println!("  the history cannot be written to {}: {error}", path.display());
    }
    if round.breaches.is_empty() {
        run.passed += 1;
        return;
    }
    run.failed += 1;
    let folder = options.keep_logs.as_ref().map(|folder| folder.join(format!("round-{number}")));
    match report::accuse(round, cluster, folder.as_deref()) {
        Ok(folder) => println!("  kept in {}", folder.display()),
        Err(error) => println!("  nothing could be kept: {error:#}"),
    }
    println!("  again: {}", options.again(number));
}

impl Options {
    /// The scripts of all rounds.
    fn tell(&self) {
        for number in self.first_round..self.first_round + self.rounds() {
            let sqlite = self.on_sqlite(number);
            let nodes = if sqlite { 1 } else { self.nodes };
            let parts = Parts { nodes, postgres: !sqlite, redis: nodes > 1, disk: sqlite };
            println!("round {number}");
            for act in script(self.plan(number).seed, parts, self.plan(number).seconds, self.only) {
                println!("  {act}");
            }
        }
    }

    fn servers(&self) -> Servers {
        Servers { hubbub: self.hubbub.clone(), log: self.log.clone() }
    }

    fn plan(&self, number: usize) -> Plan {
        Plan {
            seed: self.seed().wrapping_mul(1_000_003).wrapping_add(number as u64),
            seconds: Duration::from_secs_f64(self.seconds),
            customers: self.customers,
            team: self.team,
            only: self.only,
            run: rand::random(),
        }
    }
}
