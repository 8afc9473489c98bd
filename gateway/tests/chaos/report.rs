//! What a run came to, and what is kept of a round that broke something.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{cluster::Cluster, delays::Across, round::Round, script::Fault};

/// Breaches that are printed of one round; the rest is in its folder.
const SHOWN: usize = 12;

/// Over all rounds.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    rounds: usize,
    faults: BTreeMap<Fault, usize>,
    tries: usize,
    sends: usize,
    acks: usize,
    duplicates: usize,
    refusals: usize,
    deliveries: usize,
    reconnects: usize,
    sessions: usize,
    judged: usize,
    slowest_answer: Duration,
    slowest_recovery: Duration,
    across: Across,
    memory: Vec<(u64, u64)>,
}

impl Run {
    pub(crate) fn add(&mut self, round: &Round) {
        let sums = &round.sums;
        self.rounds += 1;
        self.tries += sums.tries;
        self.sends += sums.sends;
        self.acks += sums.acks;
        self.duplicates += sums.duplicates;
        self.refusals += sums.refusals;
        self.deliveries += sums.deliveries;
        self.reconnects += sums.reconnects;
        self.sessions += sums.sessions;
        self.judged += sums.judged;
        self.slowest_answer = self.slowest_answer.max(sums.slowest_answer);
        self.slowest_recovery = self.slowest_recovery.max(round.recovery);
        self.across.well.join(round.across.well.clone());
        self.across.without_redis.join(round.across.without_redis.clone());
        for happened in &round.happened {
            *self.faults.entry(happened.fault).or_default() += 1;
        }
        // Of the nodes of the cluster: before, which is after the first round, and now.
        if round.memory.len() >= self.memory.len() {
            self.memory.resize(round.memory.len(), (0, 0));
            for ((first, last), now) in self.memory.iter_mut().zip(&round.memory) {
                if *first == 0 {
                    *first = *now;
                }
                *last = *now;
            }
        }
    }

    /// What is wrong with the run as a whole.
    pub(crate) fn breach(&self) -> Option<String> {
        self.across.breach().or_else(|| self.nothing_at_stake())
    }

    fn nothing_at_stake(&self) -> Option<String> {
        let (rounds, reconnects, faults) =
            (self.rounds, self.reconnects, self.faults.values().sum::<usize>());
        let enough = reconnects >= rounds && faults >= rounds && self.acks >= 50 * rounds;
        (!enough).then(|| {
            format!("nothing was at stake: {} acks, {reconnects} reconnects, {faults} faults", self.acks)
        })
    }

    pub(crate) fn table(&self) -> String {
        let mut table = String::new();
        let faults: Vec<_> = self.faults.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
        let lines = [
            ("rounds", format!("{}, {} sessions", self.rounds, self.sessions)),
            ("sends", format!("{} in {} tries", self.sends, self.tries)),
            ("acks", format!("{}, of them {} duplicates", self.acks, self.duplicates)),
            ("refusals", format!("{}, all to be tried again", self.refusals)),
            ("deliveries", format!("{}", self.deliveries)),
            ("reconnects", format!("{}", self.reconnects)),
            ("judged", format!("{} cases", self.judged)),
            ("faults", format!("{}: {}", self.faults.values().sum::<usize>(), faults.join(", "))),
            ("slowest answer", format!("{:.1} s", self.slowest_answer.as_secs_f64())),
            ("slowest recovery", format!("{:.1} s", self.slowest_recovery.as_secs_f64())),
            ("across nodes", self.across.well.to_string()),
            ("  without Redis", self.across.without_redis.to_string()),
            ("memory", self.memory()),
        ];
        for (name, value) in lines {
            let _ = writeln!(table, "{name:<17} {value}");
        }
        table
    }

    fn memory(&self) -> String {
        let megabytes = |kb: u64| kb >> 10;
        let nodes = self.memory.iter().enumerate();
        let told: Vec<_> = nodes
            .map(|(node, &(first, last))| {
                format!("node {node} {} MiB at first, {} at last", megabytes(first), megabytes(last))
            })
            .collect();
        told.join("; ")
    }
}

/// A line for people who wait.
pub(crate) fn line(number: usize, rounds: usize, round: &Round, took: Duration) -> String {
    let faults: Vec<_> = round.acts.iter().map(|act| act.fault.to_string()).collect();
    let verdict = if round.breaches.is_empty() { "ok" } else { "FAILED" };
    let sums = &round.sums;
    format!(
        "round {number}/{rounds} {verdict} in {:.1} s: {} sends, {} acks, {} reconnects, recovery {:.1} s; {}",
        took.as_secs_f64(),
        sums.sends,
        sums.acks,
        sums.reconnects,
        round.recovery.as_secs_f64(),
        faults.join(", "),
    )
}

/// Says what was broken, and keeps what is needed to find out why.
pub(crate) fn accuse(round: &Round, cluster: &Cluster, folder: Option<&Path>) -> anyhow::Result<PathBuf> {
    for breach in round.breaches.iter().take(SHOWN) {
        println!("  {breach}");
    }
    if round.breaches.len() > SHOWN {
        println!("  … and {} more", round.breaches.len() - SHOWN);
    }
    let folder = match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            folder.to_owned()
        }
        None => tempfile::Builder::new().prefix("hubbub-chaos-failed-").tempdir()?.keep(),
    };
    round.talk.history.write(&folder.join("history.jsonl"))?;
    for node in &cluster.nodes {
        std::fs::write(folder.join(format!("node-{}.log", node.number)), node.log.lines().join("\n"))?;
    }
    let mut told = String::new();
    round.acts.iter().for_each(|act| told.push_str(&format!("script: {act}\n")));
    for it in &round.happened {
        let (from, to) = (it.from.as_secs_f64(), it.to.as_secs_f64());
        told.push_str(&format!("happened: {} from {from:.3} to {to:.3}\n", it.fault));
    }
    for seat in round.talk.seats.lock().unwrap().iter() {
        told.push_str(&format!("seat: actor {} {}\n", seat.actor.0, seat.name));
    }
    for log in &round.evidence.logs {
        told.push_str(&format!("log of {}:\n", log.session));
        log.team.iter().for_each(|line| {
            told.push_str(&format!("  {} {:?} {} {:.60?}\n", line.seq, line.kind, line.id, line.body));
        });
    }
    round.breaches.iter().for_each(|breach| told.push_str(&format!("breach: {breach}\n")));
    std::fs::write(folder.join("round.txt"), told)?;
    Ok(folder)
}
