//! `make bench-search`: how long searches take, on both stores, among few and among many entries that are made up here.
//!
//! Words are as common as in any language (Zipf): `order` is in every tenth entry, others in one of millions.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a program of its own")]

mod shop;

use std::{collections::BTreeMap, time::Duration};

use persistence::{
    AssigneeFilter, IndexProgress, Search, SearchQuery, SessionFilter, Store,
    testing::{Engine, TestStore},
};
use protocol::{AgentId, Status, UtcMillis};
use tokio::time::Instant;
use uuid::Uuid;

use shop::{NOW, Shop};

/// Searches of each kind.
const TIMES: usize = 40;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut engines = vec![Engine::Sqlite, Engine::Postgres];
    let mut sizes = Vec::new();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "sqlite" => engines.retain(|engine| *engine == Engine::Sqlite),
            "postgres" => engines.retain(|engine| *engine == Engine::Postgres),
            "--bench" => {}
            number => sizes.push(number.parse::<u64>().unwrap()),
        }
    }
    if sizes.is_empty() {
        sizes = vec![400_000, 4_000_000];
    }
    println!(
        "| search | filter | store | entries | found | p50 ms | p95 ms |\n| --- | --- | --- | --: | --: | --: | --: |"
    );
    for size in sizes {
        for engine in &engines {
            measure(*engine, size).await;
        }
    }
}

async fn measure(engine: Engine, entries: u64) {
    let test = TestStore::new(engine).await;
    let began = Instant::now();
    let shop = Shop::fill(&test.url, engine, entries).await;
    let filled = began.elapsed();
    let began = Instant::now();
    index(&test.store).await;
    shop.settle(&test.url, engine).await;
    let indexed = began.elapsed();
    println!(
        "{engine:?}: {entries} entries written in {:.0} s, indexed in {:.0} s, {}",
        filled.as_secs_f64(),
        indexed.as_secs_f64(),
        shop.sizes(&test.url, engine).await
    );
    for (what, texts) in shop.searches() {
        for (filter_name, filter) in filters() {
            let mut took = Vec::new();
            let mut found = 0;
            for text in &texts {
                let search = Search {
                    query: SearchQuery::parse(text).unwrap(),
                    filter: filter.clone(),
                    newest_first: false,
                    after: None,
                    limit: 50,
                };
                let began = Instant::now();
                let page = test.store.search_sessions(&search).await.unwrap();
                took.push(began.elapsed());
                found += page.items.len();
            }
            took.sort();
            let ms = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
            println!(
                "| {what} | {filter_name} | {engine:?} | {entries} | {:.1} | {:.1} | {:.1} |",
                found as f64 / texts.len() as f64,
                ms(0.5),
                ms(0.95)
            );
        }
    }
}

async fn index(store: &Store) {
    let mut progress = store.index_progress().await.unwrap();
    let began = Instant::now();
    let mut told = Duration::from_secs(30);
    let now = UtcMillis::new(NOW + 1);
    while let Some(batch) = store.unindexed(progress, now).await.unwrap() {
        assert!(store.index(&batch).await.unwrap());
        progress = batch.progress();
        if batch.is_all() {
            progress = IndexProgress { sessions: now, contacts: now };
        }
        if began.elapsed() > told {
            println!("{:.0} s: indexed up to {}", told.as_secs_f64(), progress.sessions);
            told += Duration::from_secs(30);
        }
    }
}

fn filters() -> BTreeMap<&'static str, SessionFilter> {
    let agent = AgentId::new(Uuid::from_u128(7));
    let none = SessionFilter::default();
    BTreeMap::from([
        ("", none.clone()),
        ("one's own", SessionFilter { assignee: AssigneeFilter::Agent(agent), ..none.clone() }),
        ("visible", SessionFilter { visible_to: Some(agent), ..none.clone() }),
        ("going on", SessionFilter { statuses: vec![Status::Open, Status::InProgress], ..none.clone() }),
        (
            "one's own, going on",
            SessionFilter {
                assignee: AssigneeFilter::Agent(agent),
                statuses: vec![Status::Open, Status::InProgress],
                ..none.clone()
            },
        ),
        ("a rare tag", SessionFilter { tag: Some("refund".into()), ..none }),
    ])
}
