//! One round: a crowd comes, things go wrong by the script, all is mended, and everything is judged.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use loadtest::history::Evidence;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    cluster::{Cluster, Store},
    delays::{self, Across},
    faults::{Account, Happened, Stage},
    judge::{self, Sums},
    script::{Act, Fault, Parts, script},
    talk::{Crowd, Talk},
};

/// Promise to clients: they are back within a minute, whatever it was.
const RECOVERY: Duration = Duration::from_secs(60);
/// How long a script may take beyond its last fault.
const SCRIPT: Duration = Duration::from_secs(90);
/// Memory of a node that nothing of this size explains.
const MEMORY_KB: u64 = 512 << 10;

/// What to do in a round.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) seconds: Duration,
    pub(crate) customers: usize,
    pub(crate) team: usize,
    pub(crate) only: Option<Fault>,
    /// Tells the contacts of this round from all others.
    pub(crate) run: u32,
}

/// What came of it.
pub(crate) struct Round {
    pub(crate) acts: Vec<Act>,
    pub(crate) happened: Vec<Happened>,
    pub(crate) sums: Sums,
    pub(crate) across: Across,
    /// From the last fault's end until everybody was heard again.
    pub(crate) recovery: Duration,
    /// Of each node, in kilobytes.
    pub(crate) memory: Vec<u64>,
    pub(crate) breaches: Vec<String>,
    pub(crate) talk: Arc<Talk>,
    pub(crate) evidence: Evidence,
}

/// # Errors
/// The round could not be played at all, which is no judgement of the server.
pub(crate) async fn play(cluster: &Arc<Cluster>, plan: &Plan) -> anyhow::Result<Round> {
    let parts = Parts {
        nodes: cluster.nodes.len(),
        postgres: matches!(cluster.store, Store::Postgres(_)),
        redis: cluster.redis.is_some(),
        disk: matches!(cluster.store, Store::Sqlite(Some(_))),
    };
    let acts = script(plan.seed, parts, plan.seconds, plan.only);
    for node in &cluster.nodes {
        node.log.forget();
        node.log.note(&format!("--- a round of seed {}", plan.seed));
    }
    let crowd = Crowd {
        customers: plan.customers,
        team: plan.team,
        within: plan.seconds,
        seed: plan.seed,
        run: plan.run,
        clocks_are_right: acts.iter().all(|act| act.fault != Fault::ClockStep),
    };
    let talk = Talk::new(cluster.clone(), crowd);
    let history_began = Instant::now();
    let stage = Arc::new(Stage {
        cluster: cluster.clone(),
        wires: talk.wires().await?,
        history: talk.history.clone(),
        account: Account::default(),
    });
    let mut people = talk.begin(&stage.wires);
    let mut breaches = perform(&stage, &acts, plan.seconds).await;
    for node in &cluster.nodes {
        if let Some(end) = node.ended_by_itself().await {
            let said = node.log.last(5).join("\n    ");
            breaches.push(format!("node {} {end}; it said last:\n    {said}", node.number));
        }
    }
    cluster.heal().await?;
    stage.wires.iter().for_each(|wire| wire.heal());

    let healed = Instant::now();
    if let Err(error) = cluster.is_ready(RECOVERY).await {
        breaches.push(format!("{error:#}"));
    }
    if let Err(error) = talk.everybody_speaks(RECOVERY).await {
        breaches.push(format!("{error:#}"));
    }
    let recovery = healed.elapsed();
    talk.end();
    breaches.extend(leave(&mut people).await);

    let (sums, evidence, found) = match judge::judge(&stage, &talk).await {
        Ok(judged) => judged,
        Err(error) => (Sums::default(), Evidence::default(), vec![format!("not to be judged: {error:#}")]),
    };
    breaches.extend(found);
    let seats = talk.seats.lock().unwrap().clone();
    let across = delays::across(&evidence, history_began, &seats, &talk.board.quiet(), &stage.account);
    if across.without_redis.largest() > delays::BOUND {
        breaches.push(format!("promise 7: without Redis, {}", across.without_redis));
    }
    let mut memory = Vec::new();
    for node in &cluster.nodes {
        let panics = node.log.lines().into_iter().filter(|line| line.contains("panicked"));
        breaches.extend(panics.map(|line| format!("node {}: {line}", node.number)));
        let used = node.memory().await.unwrap_or_default();
        if used > MEMORY_KB {
            breaches.push(format!("node {} takes {used} KB of memory", node.number));
        }
        memory.push(used);
    }
    if let Err(error) = judge::clear_the_desk(&cluster.nodes[0].direct()?, &stage).await {
        breaches.push(format!("the desk could not be cleared: {error:#}"));
    }
    let happened = stage.account.happened();
    if happened.is_empty() {
        breaches.push("nothing was at stake: no fault happened".to_owned());
    }
    Ok(Round { acts, happened, sums, across, recovery, memory, breaches, talk, evidence })
}

/// Plays the script; its failures are breaches, such as a node that does not end when asked to.
async fn perform(stage: &Arc<Stage>, acts: &[Act], seconds: Duration) -> Vec<String> {
    let began = Instant::now();
    let mut performing = JoinSet::new();
    for act in acts.iter().copied() {
        let stage = stage.clone();
        performing.spawn(async move { stage.perform(act, began).await });
    }
    let mut breaches = match timeout(seconds + SCRIPT, all(&mut performing)).await {
        Ok(breaches) => breaches,
        Err(_) => vec!["the script did not come to its end".to_owned()],
    };
    breaches.iter_mut().for_each(|breach| breach.insert_str(0, "script: "));
    tokio::time::sleep_until(began + seconds).await;
    breaches
}

async fn leave(people: &mut JoinSet<anyhow::Result<()>>) -> Vec<String> {
    match timeout(RECOVERY * 2, all(people)).await {
        Ok(breaches) => breaches,
        Err(_) => vec!["some are still waiting for an answer".to_owned()],
    }
}

async fn all(tasks: &mut JoinSet<anyhow::Result<()>>) -> Vec<String> {
    let mut breaches = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended.context("a task of the suite").and_then(|ended| ended) {
            breaches.push(format!("{error:#}"));
        }
    }
    breaches
}
