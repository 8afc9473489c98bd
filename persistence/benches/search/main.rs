//! `make bench-search`: how long searches take, on both stores, among few and among many entries that are made up here;
//! and what a send takes meanwhile (`sends`).
//!
//! Words are as common as in any language (Zipf): `order` is in every tenth entry, others in one of millions.
//!
//! Options, in any order: `sqlite`, `postgres`, numbers of entries; `only=TEXT`, kinds of searches whose name has it;
//! `at=URL`, a store that is filled if it is empty, and stays; `table`, only what was measured earlier; `sends`.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a program of its own")]

#[path = "../fixture/mod.rs"]
#[expect(dead_code, reason = "others use all of it")]
mod fixture;
mod results;
mod sends;
mod shop;

use std::{collections::BTreeMap, time::Duration};

use persistence::{
    AssigneeFilter, IndexProgress, Search, SearchQuery, SessionFilter, Store,
    testing::{Engine, TestStore},
};
use protocol::{AgentId, Epoch, Status, UtcMillis};
use tokio::time::Instant;
use uuid::Uuid;

use results::{Results, share};
use shop::{NOW, Shop};

/// Searches of each kind.
const TIMES: usize = 40;

/// What is asked for on the command line.
#[derive(Default)]
struct Options {
    engines: Vec<Engine>,
    sizes: Vec<u64>,
    only: Option<String>,
    at: Option<String>,
    table: bool,
    sends: bool,
}

impl Options {
    fn read() -> Self {
        let mut options = Self::default();
        for word in std::env::args().skip(1) {
            match word.as_str() {
                "sqlite" => options.engines.push(Engine::Sqlite),
                "postgres" => options.engines.push(Engine::Postgres),
                "table" => options.table = true,
                "sends" => options.sends = true,
                "--bench" => {}
                other => match other.split_once('=') {
                    Some(("only", text)) => options.only = Some(text.to_owned()),
                    Some(("at", url)) => options.at = Some(url.to_owned()),
                    _ => options.sizes.push(other.parse().expect("an option, or a number of entries")),
                },
            }
        }
        if let Some(url) = &options.at {
            let sqlite = url.starts_with("sqlite:");
            options.engines = vec![if sqlite { Engine::Sqlite } else { Engine::Postgres }];
            assert_eq!(options.sizes.len(), 1, "how many entries are in it");
        }
        if options.engines.is_empty() {
            options.engines = vec![Engine::Sqlite, Engine::Postgres];
        }
        if options.sizes.is_empty() {
            options.sizes = vec![400_000, 4_000_000];
        }
        options
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let options = Options::read();
    if options.sends {
        println!("{}", sends::heading());
        for engine in &options.engines {
            sends::measure(*engine).await;
        }
        return;
    }
    if !options.table {
        println!(
            "| search | filter | store | entries | found | p50 ms | p95 ms |\n| --- | --- | --- | --: | --: | --: | --: |"
        );
        for size in &options.sizes {
            for engine in &options.engines {
                measure(*engine, *size, &options).await;
            }
        }
    }
    println!("\n{}", results::table(&options.engines, &options.sizes));
}

async fn measure(engine: Engine, entries: u64, options: &Options) {
    let (test, store, url);
    if let Some(at) = &options.at {
        (store, url) = (Store::connect(at).await.unwrap(), at.clone());
        store.migrate(Epoch::new(Uuid::now_v7())).await.unwrap();
    } else {
        test = TestStore::new(engine).await;
        (store, url) = (test.store.clone(), test.url.clone());
    }
    let (shop, mut results) = (Shop::of(entries), Results::new(engine, entries));
    if shop.is_empty(&url, engine).await {
        let began = Instant::now();
        shop.fill(&url, engine).await;
        println!("{engine:?}: {entries} entries written in {:.0} s", began.elapsed().as_secs_f64());
    }
    if store.index_progress().await.unwrap().sessions < UtcMillis::new(NOW) {
        let began = Instant::now();
        index(&store).await;
        shop.settle(&url, engine).await;
        let sizes = shop.sizes(&url, engine).await;
        results.indexed = format!("{:.0} s, {sizes}", began.elapsed().as_secs_f64());
        println!("{engine:?}: indexed in {}", results.indexed);
    }
    for (what, texts) in shop.searches() {
        if options.only.as_ref().is_some_and(|only| !what.contains(only.as_str())) {
            continue;
        }
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
                let page = store.search_sessions(&search).await.unwrap();
                took.push(began.elapsed().as_secs_f64() * 1_000.0);
                found += page.items.len();
            }
            println!(
                "| {what} | {filter_name} | {engine:?} | {entries} | {:.1} | {:.1} | {:.1} |",
                found as f64 / texts.len() as f64,
                share(&took, 0.5),
                share(&took, 0.95)
            );
            results.add(what, filter_name, took);
        }
    }
    if options.only.is_none() {
        results.keep();
    }
}

/// `false`: there is no more.
async fn index_a_batch(store: &Store, progress: &mut IndexProgress, now: UtcMillis) -> bool {
    let Some(batch) = store.unindexed(*progress, now).await.unwrap() else { return false };
    assert!(store.index(&batch).await.unwrap());
    *progress =
        if batch.is_all() { IndexProgress { sessions: now, contacts: now } } else { batch.progress() };
    true
}

async fn index(store: &Store) {
    let mut progress = store.index_progress().await.unwrap();
    let began = Instant::now();
    let mut told = Duration::from_secs(30);
    while index_a_batch(store, &mut progress, UtcMillis::new(NOW + 1)).await {
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
