//! What it costs to find a contact among many: counted in rows and steps, for time says little on a busy machine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use protocol::{AgentId, ContactId, UtcMillis, limits};
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Connection, Execute as _, PgConnection, Postgres, QueryBuilder, Sqlite, SqliteConnection,
};
use uuid::Uuid;

use super::{
    Beginning, ContactCursor, ContactFilter, ContactOrder,
    list::{count, page},
};
use crate::testing::{Engine, TestStore};

const CONTACTS: i64 = 50_000;
const NOW: i64 = 1_800_000_000_000;

/// One in a thousand is called Zoe, the others Ana; each has a surname and a number of their own, and one chat.
fn content(id: impl Fn(&str) -> String, numbers: &str) -> String {
    let (site, id) = (id("0"), id("n"));
    let name = "case when n % 1000 = 0 then 'zoe' else 'ana' end";
    format!(
        "insert into sites (id, key, name, color, greeting, prechat, allowed_origins, identity_secrets, created_at_ms)
        values ({site}, 'shop', 'Shop', '#000', 'Hi', '[]', '[]', '[]', 1);
        insert into contacts (id, site_id, name, phone, email, created_at_ms, updated_at_ms, words, sort_name)
            select {id}, {site}, {name}, '+4477' || n, 'm' || n || '@x.example', n, {NOW} - n * 7919 % 1000000, 'x', {name} || ' s' || n
            from {numbers};
        insert into contact_words (word, kind, contact_id) select {name}, 'n', {id} from {numbers};
        insert into contact_words (word, kind, contact_id) select 's' || n, 'n', {id} from {numbers};
        insert into contact_words (word, kind, contact_id) select '4477' || n, 'p', {id} from {numbers};
        insert into grants (id, site_id, contact_id, verified, first_session_id, created_at_ms)
            select {id}, {site}, {id}, false, {id}, 1 from {numbers};
        insert into sessions (id, site_id, grant_id, contact_id, channel, status, last_seq, version, customer_read_seq,
            team_read_seq, customer_unread, team_unread, context, created_at_ms, updated_at_ms)
        select {id}, {site}, {id}, {id}, 'web', 'closed', 9, 9, 0, 0, 0, 0, '{{}}', 1, {NOW} - n from {numbers};"
    )
}

fn lists() -> Vec<(&'static str, ContactFilter, ContactOrder, Option<ContactCursor>)> {
    let middle = ContactId::new(Uuid::from_u128(25_000));
    let words = |typed| ContactFilter { words: Beginning::of_anything(typed), ..ContactFilter::default() };
    let agent = Some(AgentId::new(Uuid::from_u128(7)));
    vec![
        ("all", ContactFilter::default(), ContactOrder::Recent, None),
        (
            "all, further on",
            ContactFilter::default(),
            ContactOrder::Recent,
            Some(ContactCursor::Recent(UtcMillis::new(NOW - 500_000), middle)),
        ),
        ("the newest", ContactFilter::default(), ContactOrder::Created, None),
        (
            "the newest, further on",
            ContactFilter::default(),
            ContactOrder::Created,
            Some(ContactCursor::Created(UtcMillis::new(25_000), middle)),
        ),
        ("by name", ContactFilter::default(), ContactOrder::Name, None),
        (
            "by name, further on",
            ContactFilter::default(),
            ContactOrder::Name,
            Some(ContactCursor::Name("ana s3".into(), middle)),
        ),
        (
            "an agent's",
            ContactFilter { visible_to: agent, ..ContactFilter::default() },
            ContactOrder::Recent,
            None,
        ),
        ("a rare word", words("zoe"), ContactOrder::Recent, None),
        ("two words", words("ana s4711"), ContactOrder::Recent, None),
        ("a number", words("07711"), ContactOrder::Recent, None),
        (
            "one number",
            ContactFilter { phone: Some("+447711".into()), ..ContactFilter::default() },
            ContactOrder::Recent,
            None,
        ),
        (
            "one address",
            ContactFilter { email: Some("m11@x.example".into()), ..ContactFilter::default() },
            ContactOrder::Recent,
            None,
        ),
        (
            "blocked",
            ContactFilter { blocked: Some((true, UtcMillis::new(NOW))), ..ContactFilter::default() },
            ContactOrder::Recent,
            None,
        ),
    ]
}

/// The rows that a plan of Postgres read in all, with those it threw away.
fn rows_read(plan: &Value) -> u64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let own = if plan["Relation Name"].is_string() {
        (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")
    } else {
        0.0
    };
    let below = plan["Plans"].as_array().into_iter().flatten().map(rows_read).sum::<u64>();
    own as u64 + below
}

/// The sites of a page are read with it, the words of one beginning and those whose they are: but never all of everything.
const ROWS: u64 = 3 * CONTACTS as u64 / 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_a_contact_does_not_read_all_of_postgres() {
    let test = TestStore::new(Engine::Postgres).await;
    let mut conn = PgConnection::connect(&test.url).await.unwrap();
    let numbers = format!("generate_series(0, {CONTACTS}::bigint - 1) as n");
    let content = content(|n| format!("lpad(to_hex({n}), 32, '0')::uuid"), &numbers);
    sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    sqlx::raw_sql("vacuum analyze").execute(&mut conn).await.unwrap();
    for (name, filter, order, after) in lists() {
        let queries: [QueryBuilder<Postgres>; 2] = [page(&filter, order, after.as_ref(), 51), count(&filter)];
        for mut query in queries {
            let explain = format!("explain (analyze, format json) {}", query.sql().as_str());
            let arguments = query.build().take_arguments().unwrap().unwrap();
            let (plan,): (Value,) =
                sqlx::query_as_with(AssertSqlSafe(explain), arguments).fetch_one(&mut conn).await.unwrap();
            let read = rows_read(&plan[0]["Plan"]);
            assert!(read < ROWS, "{name}: {read} rows\n{plan:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_a_contact_does_not_read_all_of_sqlite() {
    /// Steps of its machine between two counts.
    const EVERY: i32 = 1_000;
    /// To count as many as are counted, with a look at a chat of each; what a page may cost is less.
    const STEPS: u64 = limits::CONTACTS_COUNTED as u64 * 120;
    let test = TestStore::new(Engine::Sqlite).await;
    let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
    let numbers = format!(
        "(with recursive c (n) as (select 0 union all select n + 1 from c where n < {CONTACTS} - 1) select n from c)"
    );
    let content = content(|n| format!("unhex(format('%032x', {n}))"), &numbers);
    sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let counted = steps.clone();
    conn.lock_handle().await.unwrap().set_progress_handler(EVERY, move || {
        counted.fetch_add(EVERY as u64, Ordering::Relaxed);
        true
    });
    for (name, filter, order, after) in lists() {
        let queries: [QueryBuilder<Sqlite>; 2] = [page(&filter, order, after.as_ref(), 51), count(&filter)];
        for mut query in queries {
            steps.store(0, Ordering::Relaxed);
            query.build().fetch_all(&mut conn).await.unwrap();
            let steps = steps.load(Ordering::Relaxed);
            assert!(steps < STEPS, "{name}: {steps} steps");
        }
    }
}
