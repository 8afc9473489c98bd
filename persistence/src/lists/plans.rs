//! What lists cost when there are many sessions: counted in rows and steps, for time says little on a busy machine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use protocol::{AgentId, SessionId, Status};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Execute as _, PgConnection, Postgres, Sqlite, SqliteConnection};

use super::*;
use crate::testing::{Engine, TestStore};

/// 100,000 sessions. 5,000 are active, all changed within the same minute, and the others one after the other before
/// it. An agent holds one in twenty; of the active ones nobody holds 2,000.
pub(crate) const SESSIONS: i64 = 100_000;
const NOW: i64 = 1_800_000_000_000;

/// What may be read for a page: the slot of five thousand, for its slots, its ids and its rows, but not all.
const ROWS: u64 = 20_000;

/// `id` makes an id of a number, `numbers` is a table of all `n`.
pub(crate) fn content(id: impl Fn(&str) -> String, numbers: &str) -> String {
    let (site, seven, id, holder) = (id("0"), id("7"), id("n"), id("n % 20"));
    format!(
        "insert into sites (id, key, name, color, greeting, prechat, allowed_origins, identity_secrets, created_at_ms)
        values ({site}, 'shop', 'Shop', '#000', 'Hi', '[]', '[]', '[]', 1);
        insert into agents (id, email, name, role, password_hash, must_change_password, disabled, created_at_ms)
            select {id}, 'a' || n, 'A', 'agent', 'x', false, false, 1 from {numbers} where n < 20;
        insert into contacts (id, site_id, external_id, name, phone, email, created_at_ms, updated_at_ms)
            select {id}, {site}, null, 'Ana', null, null, 1, 1 from {numbers};
        insert into grants select {id}, {site}, {id}, false, 'Ana', null, null, null, {id}, 1 from {numbers};
        insert into sessions (id, site_id, grant_id, contact_id, channel, status, assignee_id, last_seq, version,
            last_message_preview, waiting_since_ms, customer_read_seq, team_read_seq, customer_unread, team_unread,
            context, created_at_ms, updated_at_ms)
        select {id}, {site}, {id}, {id}, 'web',
            case when n < 2000 then 'open' when n < 5000 then 'in_progress' when n < 10000 then 'resolved'
                else 'closed' end,
            case when n >= 2000 and (n < 5000 or n % 3 > 0) then {holder} end, 9, 9,
            'How long does it take, please?', case when n < 5000 and n % 2 = 0 then {NOW} - n end, 0, 0, 0, 1,
            '{{}}', 1, case when n < 5000 then {NOW} + n * 7919 % 60000 else {NOW} - n * 20000 end
        from {numbers};
        insert into notifications (agent_id, created_at_ms, session_id, seq, kind, read_at_ms)
            select {seven}, n, {id}, 1, 'mention', null from {numbers} where n % 200 = 7;"
    )
}

fn lists() -> Vec<(&'static str, SessionFilter, SessionOrder, Option<ListCursor>)> {
    let mine = AssigneeFilter::Agent(AgentId::new(Uuid::from_u128(7)));
    let active = vec![Status::Open, Status::InProgress];
    let all = SessionFilter::default();
    let within =
        ListCursor { at: UtcMillis::new(NOW + 30_000), id: SessionId::new(Uuid::from_u128(u128::MAX / 2)) };
    let active = SessionFilter { statuses: active, ..SessionFilter::default() };
    let mut lists = Vec::new();
    for (name, filter) in [
        ("all", all.clone()),
        ("active", active.clone()),
        ("mine", SessionFilter { assignee: mine, ..active.clone() }),
        ("unassigned", SessionFilter { assignee: AssigneeFilter::Nobody, ..active.clone() }),
        ("visible", SessionFilter { visible_to: Some(AgentId::new(Uuid::from_u128(7))), ..active.clone() }),
        ("an agent's", SessionFilter { assignee: mine, ..all.clone() }),
        ("nobody's", SessionFilter { assignee: AssigneeFilter::Nobody, ..all.clone() }),
        ("closed", SessionFilter { statuses: vec![Status::Closed], ..SessionFilter::default() }),
    ] {
        lists.push((name, filter.clone(), SessionOrder::Recent, None));
        lists.push((name, filter, SessionOrder::Recent, Some(within)));
    }
    lists.push((
        "mentions",
        SessionFilter { mentioning: Some(AgentId::new(Uuid::from_u128(7))), ..all.clone() },
        SessionOrder::Recent,
        None,
    ));
    let waiting = ListCursor { at: UtcMillis::new(NOW - 2_000), ..within };
    for after in [None, Some(waiting)] {
        let filter = SessionFilter { waiting: true, ..active.clone() };
        lists.push(("waiting", filter, SessionOrder::Waiting, after));
        lists.push((
            "who waits",
            SessionFilter { waiting: true, ..all.clone() },
            SessionOrder::Waiting,
            after,
        ));
    }
    lists
}

/// The rows of `sessions` that a plan of Postgres read, with those it threw away.
fn rows_read(plan: &Value) -> u64 {
    rows_of(plan, "sessions")
}

/// The same of any table.
pub(crate) fn rows_of(plan: &Value, table: &str) -> u64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let own = if plan["Relation Name"] == table {
        (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")
    } else {
        0.0
    };
    let below = plan["Plans"].as_array().into_iter().flatten().map(|plan| rows_of(plan, table)).sum::<u64>();
    own as u64 + below
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_reads_all_of_postgres() {
    let test = TestStore::new(Engine::Postgres).await;
    let mut conn = PgConnection::connect(&test.url).await.unwrap();
    let numbers = format!("generate_series(0, {SESSIONS}::bigint - 1) as n");
    let content = content(|n| format!("lpad(to_hex({n}), 32, '0')::uuid"), &numbers);
    sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut conn).await.unwrap();
    for (name, filter, order, after) in lists() {
        let mut query = page::<Postgres>(&dialect::list_words(&test.store.pools), &filter, order, after, 51);
        let explain = format!("explain (analyze, format json) {}", query.sql().as_str());
        let arguments = query.build().take_arguments().unwrap().unwrap();
        let (plan,): (Value,) =
            sqlx::query_as_with(AssertSqlSafe(explain), arguments).fetch_one(&mut conn).await.unwrap();
        let read = rows_read(&plan[0]["Plan"]);
        assert!((51..ROWS).contains(&read), "{name} after {after:?}: {read} rows\n{plan:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_reads_all_of_sqlite() {
    /// Steps of its machine between two counts.
    const STEPS: i32 = 1_000;
    /// For a row that is read and sorted.
    const STEPS_A_ROW: u64 = 40;
    let test = TestStore::new(Engine::Sqlite).await;
    let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
    let numbers = format!(
        "(with recursive c (n) as (select 0 union all select n + 1 from c where n < {SESSIONS} - 1) select n from c)"
    );
    let content = content(|n| format!("unhex(format('%032x', {n}))"), &numbers);
    sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let counted = steps.clone();
    conn.lock_handle().await.unwrap().set_progress_handler(STEPS, move || {
        counted.fetch_add(STEPS as u64, Ordering::Relaxed);
        true
    });
    for (name, filter, order, after) in lists() {
        steps.store(0, Ordering::Relaxed);
        let mut query = page::<Sqlite>(&dialect::list_words(&test.store.pools), &filter, order, after, 51);
        let rows: Vec<Row> = query.build_query_as().fetch_all(&mut conn).await.unwrap();
        assert_eq!(rows.len(), 51, "{name} after {after:?}");
        let steps = steps.load(Ordering::Relaxed);
        assert!(steps < ROWS * STEPS_A_ROW, "{name} after {after:?}: {steps} steps");
    }
}
