//! What a message does to the indexes of its session's row (migration 3), and the way there from an older store.

use std::time::{Duration, Instant};

use persistence::{
    SessionFilter, SessionOrder, Store, on_both_engines,
    testing::{Engine, TestStore, empty},
};
use protocol::{AgentId, Epoch, PartyKind, SessionId, Status};
use sqlx::{Connection, PgConnection, SqliteConnection, migrate::Migrator};
use tokio::time::sleep;

use crate::fixture::{Shop, committed, uuid, writer};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The migrations as they were before the third.
fn before(now: &Migrator) -> Migrator {
    let older: Vec<_> = now.iter().filter(|migration| migration.version < 3).cloned().collect();
    assert_eq!(older.len(), 2);
    Migrator::with_migrations(older)
}

/// All that is in an older store: a site, an agent, a contact, and two sessions. The same words for both engines, but
/// for how they write an id.
fn content(id: impl Fn(u8) -> String) -> String {
    let session = |n: u8, status: &str, waiting: &str, updated: i64| {
        format!(
            "insert into sessions (id, site_id, grant_id, contact_id, channel, status, assignee_id, last_seq, version,
                waiting_since_ms, customer_read_seq, team_read_seq, customer_unread, team_unread, context,
                created_at_ms, updated_at_ms)
            values ({}, {}, {}, {}, 'web', '{status}', {}, 1, 3, {waiting}, 0, 0, 0, 0, '{{}}', 1, {updated});",
            id(n),
            id(1),
            id(4),
            id(3),
            id(2)
        )
    };
    [
        format!("insert into sites values ({}, 'shop', 'Shop', '#000', 'Hi', '[]', '[]', '[]', 1);", id(1)),
        format!("insert into agents values ({}, 'bo@x', 'Bo', 'agent', 'x', false, false, 1);", id(2)),
        format!("insert into contacts values ({}, {}, null, 'Ana', null, null, 1, 1);", id(3), id(1)),
        format!(
            "insert into grants values ({}, {}, {}, false, 'Ana', null, null, null, {}, 1);",
            id(4),
            id(1),
            id(3),
            id(5)
        ),
        session(5, "open", "1000000", 1_000_000),
        session(6, "closed", "null", 2_000_000),
    ]
    .concat()
}

on_both_engines! {
    async fn an_older_store_is_brought_here_with_what_it_holds(test) {
        let (url, _folder) = empty(test.engine).await;
        match test.engine {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
                before(&SQLITE).run_direct(None, &mut conn, false).await.unwrap();
                let id = |n: u8| format!("x'{n:032x}'");
                sqlx::raw_sql(sqlx::AssertSqlSafe(content(id))).execute(&mut conn).await.unwrap();
                conn.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut conn = PgConnection::connect(&url).await.unwrap();
                before(&POSTGRES).run_direct(None, &mut conn, false).await.unwrap();
                let id = |n: u8| format!("'{n:032x}'");
                sqlx::raw_sql(sqlx::AssertSqlSafe(content(id))).execute(&mut conn).await.unwrap();
                conn.close().await.unwrap();
            }
        }
        let store = Store::connect(&url).await.unwrap();
        store.migrate(Epoch::new(uuid())).await.unwrap();
        let of = |n: u128| SessionId::new(uuid::Uuid::from_u128(n));
        let all = store.list_sessions(&SessionFilter::default(), SessionOrder::Recent, None, 1).await.unwrap();
        assert_eq!((all.total, all.items[0].id), (2, of(6)));
        let rest = store.list_sessions(&SessionFilter::default(), SessionOrder::Recent, all.next, 1).await.unwrap();
        let open = &rest.items[0];
        assert_eq!((open.id, open.status, open.version), (of(5), Status::Open, 3));
        assert_eq!(open.assignee.as_ref().unwrap().id, AgentId::new(uuid::Uuid::from_u128(2)));
        assert!(rest.next.is_none());
        let waiting = SessionFilter { waiting: true, ..SessionFilter::default() };
        let waiting = store.list_sessions(&waiting, SessionOrder::Waiting, None, 50).await.unwrap();
        assert_eq!((waiting.total, waiting.items[0].id), (1, of(5)));
    }
}

/// Updates of sessions, and those of them that changed no index, as Postgres counts them.
async fn updates(conn: &mut PgConnection) -> (i64, i64) {
    sqlx::query_as("select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'sessions'")
        .fetch_one(conn)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_changes_no_index_of_postgres() {
    const TURNS: u64 = 30;
    let test = TestStore::new(Engine::Postgres).await;
    let shop = Shop::open(&test.store).await;
    let writer = writer(&test.store);
    let sessions = [shop.start(1_000).await.id, shop.start(1_000).await.id];
    for turn in 1..=TURNS {
        // Who waits changes with every message.
        let who = if turn % 2 == 0 { PartyKind::Agent } else { PartyKind::Customer };
        for session in sessions {
            committed(writer.append(shop.message(session, turn, who, "a message of some length")).await);
        }
    }
    let mut conn = PgConnection::connect(&test.url).await.unwrap();
    // A server process reports what it did with some delay.
    let from = Instant::now();
    let (all, hot) = loop {
        let (all, hot) = updates(&mut conn).await;
        if all.cast_unsigned() >= 2 * TURNS {
            break (all, hot);
        }
        assert!(from.elapsed() < Duration::from_secs(20), "only {all} are reported");
        sleep(Duration::from_millis(50)).await;
    };
    // As long as a column was in an index, none was. A few find their page full of versions that somebody may still
    // see, and move.
    assert!(hot * 5 >= all * 4, "{hot} of {all} updates were HOT");
}
