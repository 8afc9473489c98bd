//! What a send costs while entries of an earlier time are being indexed, beside one while nothing is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use persistence::{Append, LogWriter, Store, testing::Engine};
use protocol::UtcMillis;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{
    fixture::{Bench, SESSIONS},
    index_a_batch,
    results::{name, share},
    shop::{NOW, Shop},
};

/// Entries that are to be indexed.
const BEHIND: u64 = 400_000;
/// Turns of each, one after the other, and how long one takes.
const TURNS: usize = 6;
const TURN: Duration = Duration::from_secs(2);
/// Sends a second of the turns in which it is measured how long one takes.
const RATE: u64 = 200;
/// Sends that wait for their answers in the turns in which it is measured how many there can be.
const AT_ONCE: usize = 50;

/// As the server does between two batches (`hub::search`).
const REST: u32 = 3;
const REST_LEAST: Duration = Duration::from_millis(20);

/// Indexes while it is told to.
async fn indexer(store: Store, on: Arc<AtomicBool>, turned: Arc<Notify>) {
    let mut progress = store.index_progress().await.unwrap();
    let now = UtcMillis::new(NOW + 1);
    loop {
        if !on.load(Ordering::Relaxed) {
            turned.notified().await;
            continue;
        }
        let began = Instant::now();
        assert!(index_a_batch(&store, &mut progress, now).await, "there is enough to index");
        tokio::time::sleep((began.elapsed() * REST).max(REST_LEAST)).await;
    }
}

async fn send(writer: LogWriter, append: Append) -> f64 {
    let began = Instant::now();
    let outcome = writer.append(append).await.unwrap();
    assert!(matches!(outcome, persistence::Appended::Committed { .. }), "{outcome:?}");
    began.elapsed().as_secs_f64() * 1_000.0
}

/// So many a second, whether the earlier ones are answered or not; milliseconds of each.
async fn at_a_rate(bench: &mut Bench, writer: &LogWriter) -> Vec<f64> {
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(RATE).unwrap());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sends = Vec::new();
    for _ in 0..RATE * TURN.as_secs() {
        ticks.tick().await;
        let append = bench.messages(1).remove(0);
        sends.push(tokio::spawn(send(writer.clone(), append)));
    }
    let mut took = Vec::new();
    for send in sends {
        took.push(send.await.unwrap());
    }
    took
}

/// As many as there can be; how many that were a second.
async fn at_once(bench: &mut Bench, writer: &LogWriter) -> f64 {
    let began = Instant::now();
    let mut sent = 0;
    let mut sends = tokio::task::JoinSet::new();
    while began.elapsed() < TURN {
        while sends.len() < AT_ONCE {
            sends.spawn(send(writer.clone(), bench.messages(1).remove(0)));
        }
        sends.join_next().await.unwrap().unwrap();
        sent += 1;
    }
    let rate = sent as f64 / began.elapsed().as_secs_f64();
    sends.join_all().await;
    rate
}

/// The middle one of some turns.
fn middle(turns: &[f64]) -> f64 {
    share(turns, 0.5)
}

pub(crate) async fn measure(engine: Engine) {
    let mut bench = Bench::open(engine).await;
    let shop = Shop::of(BEHIND);
    shop.fill(&bench.url, engine).await;
    shop.settle(&bench.url, engine).await;
    let writer = bench.writer();
    let (on, turned) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let indexer = tokio::spawn(indexer(bench.store.clone(), on.clone(), turned.clone()));
    const { assert!(AT_ONCE < SESSIONS, "no two sends of one chat wait for each other") };
    let mut took = [Vec::new(), Vec::new()];
    let mut rates = [Vec::new(), Vec::new()];
    for turn in 0..2 * TURNS {
        let indexing = turn % 2;
        on.store(indexing == 1, Ordering::Relaxed);
        turned.notify_one();
        let sends = at_a_rate(&mut bench, &writer).await;
        rates[indexing].push(at_once(&mut bench, &writer).await);
        took[indexing].push(sends);
    }
    assert!(!indexer.is_finished(), "it is still indexing");
    indexer.abort();
    for (what, (took, rates)) in
        ["nothing is indexed", "400,000 entries are being indexed"].iter().zip(took.iter().zip(&rates))
    {
        let at =
            |of_a_hundred| middle(&took.iter().map(|turn| share(turn, of_a_hundred)).collect::<Vec<_>>());
        println!(
            "| {} | {what} | {:.2} | {:.2} | {:.2} | {:.0} |",
            name(engine),
            at(0.5),
            at(0.95),
            at(0.99),
            middle(rates)
        );
    }
}

pub(crate) fn heading() -> String {
    format!(
        "| store | while | p50 ms of {RATE} sends a second | p95 | p99 | most sends a second |\n| --- | --- | --: | --: | --: | --: |"
    )
}
