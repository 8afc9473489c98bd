//! What a search costs when there are many documents, counted in rows and steps as the lists' plans are.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use protocol::{AgentId, Status};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Execute as _, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{
    SearchQuery, dialect, mark, slice,
    step::{Hit, Index as _, Step},
};
use crate::{
    AssigneeFilter, SessionFilter,
    dialect::list_words,
    lists::plans::{SESSIONS, content, rows_of},
    testing::{Engine, TestStore},
};

/// Documents: one a session. A word is in every second, another in one.
const DOCS: i64 = SESSIONS;
/// What may be read of them: the newest slice, but not all.
const ROWS: u64 = 40_000;

/// `id` makes an id of a number, `numbers` is a table of all `n`, `columns` and `words` what the engine keeps of words.
fn documents(id: &str, numbers: &str) -> String {
    format!(
        "insert into entries (session_id, seq, id, kind, sender_kind, body, created_at_ms)
            select {id}, 2, {id}, 'message', 'system', 'common rare' || n, n from {numbers};"
    )
}

/// The words of document `n + 1`: all of one slice begin alike, and there are fewer than ten slices.
fn words(n: &str) -> (String, String) {
    let marked = format!("'t000' || (({n} + 1) / 32768)");
    (
        format!("{marked} || case when {n} % 2 = 0 then 'common' else 'other' end"),
        format!("{marked} || 'rare' || {n}"),
    )
}

fn steps() -> Vec<(&'static str, SessionFilter, bool)> {
    let all = SessionFilter::default();
    let mine = AssigneeFilter::Agent(AgentId::new(Uuid::from_u128(7)));
    let mut steps = Vec::new();
    for text in ["common ", "comm", "rare77777 ", "common rare77778 ", "\"common rare99998\"", "nothing "] {
        for filter in [
            all.clone(),
            SessionFilter { assignee: mine, ..all.clone() },
            SessionFilter { statuses: vec![Status::Closed], ..all.clone() },
            SessionFilter { visible_to: Some(AgentId::new(Uuid::from_u128(7))), ..all.clone() },
        ] {
            steps.push((text, filter.clone(), true));
            // What is rare, and a word of its own, is looked for in all slices.
            if !text.starts_with("comm") || text.contains("rare") {
                steps.push((text, filter, false));
            }
        }
    }
    steps
}

fn step<'a>(
    test: &'a TestStore,
    words: &'a crate::dialect::ListWords,
    text: &str,
    filter: &'a SessionFilter,
    newest: bool,
) -> Step<'a> {
    let wanted = SearchQuery::parse(text).unwrap().wanted(false, None);
    let from = if newest { slice(false, DOCS) } else { 0 };
    let asked = |slice| dialect::expression(&test.store.pools, &wanted, &mark(false, slice));
    Step {
        slices: (from..=slice(false, DOCS)).rev().map(asked).collect(),
        said: true,
        top: DOCS,
        bottom: 1,
        limit: 400,
        filter,
        words,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_search_reads_all_of_postgres() {
    let test = TestStore::new(Engine::Postgres).await;
    let mut conn = PgConnection::connect(&test.url).await.unwrap();
    let numbers = format!("generate_series(0, {SESSIONS}::bigint - 1) as n");
    let id = |n: &str| format!("lpad(to_hex({n}), 32, '0')::uuid");
    let (one, two) = words("n");
    let docs = format!(
        "insert into search_docs select n + 1, {}, 2, (quote_literal({one}) || ':1 ' || quote_literal({two}) || ':2')::tsvector
        from {numbers}",
        id("n")
    );
    for content in [content(id, &numbers), documents(&id("n"), &numbers), docs, "vacuum analyze".to_owned()] {
        sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    }
    let list_words = list_words(&test.store.pools);
    for (text, filter, newest) in steps() {
        let step = step(&test, &list_words, text, &filter, newest);
        let mut query = step.postgres();
        let explain = format!("explain (analyze, format json) {}", query.sql().as_str());
        let arguments = query.build().take_arguments().unwrap().unwrap();
        let (plan,): (Value,) =
            sqlx::query_as_with(AssertSqlSafe(explain), arguments).fetch_one(&mut conn).await.unwrap();
        let plan = &plan[0]["Plan"];
        let read = rows_of(plan, "search_docs") + rows_of(plan, "sessions") + rows_of(plan, "entries");
        assert!(read < ROWS, "{text} {filter:?}: {read} rows\n{plan:#}");
        if text.contains("rare") {
            assert!(read <= 6, "{text} {filter:?}: {read} rows\n{plan:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_search_reads_all_of_sqlite() {
    /// Steps of its machine between two counts.
    const STEPS: i32 = 1_000;
    /// For a row that the index suggests, and what is looked at of it.
    const STEPS_A_ROW: u64 = 40;
    let test = TestStore::new(Engine::Sqlite).await;
    let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
    let numbers = format!(
        "(with recursive c (n) as (select 0 union all select n + 1 from c where n < {SESSIONS} - 1) select n from c)"
    );
    let id = |n: &str| format!("unhex(format('%032x', {n}))");
    let (one, two) = words("n");
    let docs = format!(
        "insert into search_docs select n + 1, {}, 2 from {numbers};
        insert into search_words (rowid, words) select n + 1, {one} || ' ' || {two} from {numbers}",
        id("n")
    );
    for content in [content(id, &numbers), documents(&id("n"), &numbers), docs] {
        sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    }
    let count = Arc::new(AtomicU64::new(0));
    let counted = count.clone();
    conn.lock_handle().await.unwrap().set_progress_handler(STEPS, move || {
        counted.fetch_add(STEPS as u64, Ordering::Relaxed);
        true
    });
    let list_words = list_words(&test.store.pools);
    for (text, filter, newest) in steps() {
        let step = step(&test, &list_words, text, &filter, newest);
        count.store(0, Ordering::Relaxed);
        let hits: Vec<Hit> = conn.hits(&step).await.unwrap();
        if text.starts_with("comm") && !text.contains("rare") {
            assert!(!hits.is_empty() || filter != SessionFilter::default(), "{text}");
        }
        let steps = count.load(Ordering::Relaxed);
        assert!(steps < ROWS * STEPS_A_ROW, "{text} {filter:?}: {steps} steps");
        if text.contains("rare") {
            assert!(steps <= 5 * STEPS as u64, "{text} {filter:?}: {steps} steps");
        }
    }
}
