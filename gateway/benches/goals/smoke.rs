//! The smoke test: everything once and tiny. It judges whether the harness works and nothing is lost, not how fast
//! anything is.

use std::path::Path;

use crate::{
    cells::Cell,
    goals,
    loads::{Besides, Load, What},
    play::Player,
    servers::Subject,
};

/// What goals need of every run.
const NEEDED: &[&str] = &["server_us_per_delivery", "delivered_per_s", "ack_p50_ms", "acked_per_s"];
/// What shows that a server was killed under its clients.
const NEEDED_AFTER_A_KILL: &[&str] = &["reconnects", "acked_per_s"];
/// What must be nothing.
const NOTHING: &[&str] = &["lost", "doubled", "out_of_order", "unanswered"];

const TINY: Load = Load {
    name: "smoke",
    about: "five sessions of two for a second",
    what: What::Play {
        scenario: "steady",
        set: &["people.sessions=5", "messages.rates=[{ per_s = 100 }]", "time.settle_s=30"],
        besides: Besides::Nothing,
    },
    on: &[Subject::Floor, Subject::Sqlite, Subject::Nchan, Subject::Socketio],
    seconds: Some(1.0),
};

/// The same with a server that is killed in the middle.
const KILLED: Load = Load {
    name: "smoke-kill",
    about: "five sessions of two for four seconds; kill -9 in the middle, and a start",
    what: What::Play {
        scenario: "steady",
        set: &["people.sessions=5", "messages.rates=[{ per_s = 100 }]", "time.settle_s=30"],
        besides: Besides::Kill,
    },
    on: &[Subject::Sqlite],
    seconds: Some(4.0),
};

/// Answers how much failed.
pub(crate) async fn test(player: &Player, there: &[Subject], out: &Path) -> anyhow::Result<usize> {
    let mut failed = 0;
    for mistake in goals::mistakes() {
        println!("FAILED: the table of goals: {mistake}");
        failed += 1;
    }
    for load in [&TINY, &KILLED] {
        for subject in load.on.iter().copied().filter(|subject| there.contains(subject)) {
            let wrong = try_once(player, load, subject, out).await;
            println!("{:<12} {subject:<20} {}", load.name, if wrong.is_empty() { "ok" } else { "FAILED" });
            wrong.iter().for_each(|what| println!("  {what}"));
            failed += usize::from(!wrong.is_empty());
        }
    }
    Ok(failed)
}

/// What was wrong.
async fn try_once(player: &Player, load: &Load, subject: Subject, out: &Path) -> Vec<String> {
    let mut cell = Cell::new(load, subject, 0, "", "");
    let folder = Cell::folder(out, load.name, subject, 0);
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return vec![format!("{}: {error}", folder.display())];
    }
    if let Err(error) = player.play(load, &mut cell, &folder).await {
        return vec![format!("{error:#}")];
    }
    let value = |name: &&&str| cell.figures.get(**name).copied();
    let killed = matches!(load.what, What::Play { besides: Besides::Kill, .. });
    let needed = if killed { NEEDED_AFTER_A_KILL } else { NEEDED };
    let missing = needed.iter().filter(|name| value(name).is_none_or(|value| value <= 0.0));
    let broken = NOTHING.iter().filter(|name| value(name) != Some(0.0));
    let told = |name: &&str| format!("{name} is {:?}", cell.figures.get(*name));
    missing.chain(broken).map(told).collect()
}
