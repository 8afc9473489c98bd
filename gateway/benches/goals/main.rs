//! `make bench`: Hubbub against its goals, beside a relay that keeps nothing and beside peers, each server alone on one
//! core with the load on another, everything in one run.
//!
//! What is played stands in [`loads`], what is to come of it in [`goals`]. A smoke test of it is part of `make test`.

#![allow(clippy::print_stdout, missing_docs, reason = "a program of its own")]

mod cells;
mod commits;
mod goals;
mod loads;
mod machine;
mod million;
mod options;
mod page;
mod play;
mod process;
mod servers;
mod smoke;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use clap::{Parser as _, ValueEnum as _};
use tokio::time::Instant;

use crate::{
    cells::{Cell, Cells},
    goals::GOALS,
    loads::{LOADS, Load},
    options::Options,
    play::Player,
    servers::{Programs, Subject},
};

/// Seconds under load before the smoke test counts.
const TINY_WARM_UP: f64 = 0.3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            println!("{failed} could not be measured, or came to something else than they should");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository that this was built in.
fn repository() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    crates.parent().unwrap_or(crates).to_owned()
}

/// Answers how much failed.
async fn run(options: &Options) -> anyhow::Result<usize> {
    if let Some(store) = &options.commits {
        println!("{}", commits::median_ms(store).await?);
        return Ok(0);
    }
    if options.list {
        list(options);
        return Ok(0);
    }
    let failed = if options.page {
        0
    } else {
        if !cfg!(target_os = "linux") {
            println!("this needs Linux: nothing was measured");
            return Ok(0);
        }
        let player = player(options)?;
        let there = available(&player.programs, options);
        if options.smoke() {
            return smoke::test(&player, &there, &options.out()).await;
        }
        measure(&player, &there, options).await?
    };
    let cells = Cells::read(&options.out())?;
    ensure!(!cells.is_empty(), "nothing was measured yet");
    println!("{}", page::table(&page::judge(options.goals(), &cells)));
    let all = page::judge(GOALS.iter(), &cells);
    let path = repository().join("docs/performance.md");
    page::write(&path, &page::measured(&all, &cells, &["make bench"]))?;
    println!("written to {}", path.display());
    Ok(failed)
}

fn list(options: &Options) {
    for load in LOADS {
        let on: Vec<_> = load.on.iter().filter(|subject| options.wants(load, **subject)).collect();
        if on.is_empty() {
            continue;
        }
        let goals: Vec<_> = options
            .goals()
            .filter(|goal| on.iter().any(|subject| goal.takes(load, **subject)))
            .map(|goal| goal.name)
            .collect();
        println!("{:<14} {}", load.name, load.about);
        println!("{:<14} for {}", "", goals.join(", "));
        println!("{:<14} on {}\n", "", on.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
}

fn player(options: &Options) -> anyhow::Result<Player> {
    let (server_core, load_core) = machine::cores()?;
    if server_core == load_core {
        println!("there is one core only: servers and load share it, and no figure means what it should");
    }
    let loadtest = options.loadtest();
    ensure!(
        loadtest.exists(),
        "{} is not built: cargo build -p loadtest --bin hubbub-loadtest, with --release for `cargo bench`",
        loadtest.display()
    );
    let repository = repository();
    let peers = repository.join("loadtest/peers");
    Ok(Player {
        programs: Programs { hubbub: options.hubbub.clone(), loadtest, peers, server_core },
        load_core,
        seconds: options.seconds,
        warm_up: if options.smoke() { TINY_WARM_UP } else { options.warm_up },
        repository,
    })
}

/// The servers that can be measured here; says which cannot, and why.
fn available(programs: &Programs, options: &Options) -> Vec<Subject> {
    let wanted = |subject: &Subject| {
        LOADS.iter().any(|load| load.on.contains(subject) && options.wants(load, *subject))
    };
    let mut there = Vec::new();
    for subject in Subject::value_variants().iter().copied().filter(wanted) {
        match programs.lacks(subject) {
            None => there.push(subject),
            Some(why) => println!("left out: {subject}, since {why}"),
        }
    }
    there
}

/// Everything that is wanted, again and again, so that a machine that changes changes for all.
async fn measure(player: &Player, there: &[Subject], options: &Options) -> anyhow::Result<usize> {
    let out = options.out();
    let wanted: Vec<(&Load, Subject)> = LOADS
        .iter()
        .flat_map(|load| load.on.iter().map(move |subject| (load, *subject)))
        .filter(|(load, subject)| there.contains(subject) && options.wants(load, *subject))
        .collect();
    if options.everything() {
        forget(&out)?;
    }
    for (load, subject) in &wanted {
        forget(&out.join(load.name).join(subject.word()))?;
    }
    let (commit, date) = (machine::commit(&player.repository), machine::today());
    println!("{} runs, {} times, at {commit}", wanted.len(), options.repeats);
    let (mut failed, began) = (0, Instant::now());
    for repetition in 0..options.repeats {
        for (load, subject) in &wanted {
            let mut cell = Cell::new(load, *subject, repetition, &commit, &date);
            let folder = Cell::folder(&out, load.name, *subject, repetition);
            fs::create_dir_all(&folder)?;
            cell.figures.insert("load_average".to_owned(), machine::load_average());
            if let Err(error) = player.play(load, &mut cell, &folder).await {
                failed += 1;
                println!("{load} on {subject} FAILED: {error:#}", load = load.name);
                cell.remarks.push("it could not be measured".to_owned());
            }
            cell.keep(&out)?;
            println!(
                "{:5.0} s  {}/{}  {}",
                began.elapsed().as_secs_f64(),
                repetition + 1,
                options.repeats,
                page::line(load, &cell)
            );
        }
    }
    Ok(failed)
}

/// What was measured before.
fn forget(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| folder.display().to_string())
        }
        _ => Ok(()),
    }
}
