//! The way to members, links and named logins from an older store.

use persistence::{
    Store, on_both_engines,
    testing::{Engine, empty},
};
use protocol::{AgentId, Epoch};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator};

use crate::fixture::{at, hash, uuid};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The migrations as they were before that of the people.
fn before(now: &Migrator) -> Migrator {
    let people = now.iter().find(|migration| migration.description == "people").unwrap().version;
    Migrator::with_migrations(now.iter().filter(|migration| migration.version < people).cloned().collect())
}

/// An agent with two logins. The same words for both engines, but for how they write bytes.
fn content(id: &str, bytes: impl Fn(u8) -> String) -> String {
    let login = |n: u8| {
        format!(
            "insert into logins (hash, agent_id, created_at_ms, expires_at_ms) values ({}, {id}, {n}, 99);",
            bytes(n)
        )
    };
    let agent = format!(
        "insert into agents (id, email, name, role, password_hash, must_change_password, disabled, created_at_ms)
        values ({id}, 'bo@x', 'Bo', 'admin', 'x', false, false, 7);"
    );
    [agent, login(1), login(2)].concat()
}

on_both_engines! {
    async fn its_agents_and_logins_go_on(test) {
        let (url, _folder) = empty(test.engine).await;
        let hex = |n: u8| format!("{n:02x}").repeat(32);
        match test.engine {
            Engine::Sqlite => {
                let mut conn = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
                before(&SQLITE).run_direct(None, &mut conn, false).await.unwrap();
                let content = content(&format!("x'{:032x}'", 1), |n| format!("x'{}'", hex(n)));
                sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
                conn.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut conn = PgConnection::connect(&url).await.unwrap();
                before(&POSTGRES).run_direct(None, &mut conn, false).await.unwrap();
                let content = content(&format!("'{:032x}'", 1), |n| format!("'\\x{}'", hex(n)));
                sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut conn).await.unwrap();
                conn.close().await.unwrap();
            }
        }
        let store = Store::connect(&url).await.unwrap();
        store.migrate(Epoch::new(uuid())).await.unwrap();
        let bo = AgentId::new(uuid::Uuid::from_u128(1));
        let member = store.member(bo).await.unwrap().unwrap();
        assert_eq!((member.agent.email.as_str(), member.agent.is_invited()), ("bo@x", false));
        assert_eq!((member.profile.max_chats, member.profile.updated_at), (5, at(7)));
        assert!(member.profile.languages.is_empty() && !member.profile.second_factor);
        let listed = store.logins_of(bo, at(9), 10).await.unwrap();
        let found: Vec<_> = listed.iter().map(|login| (login.label.as_str(), login.seen_at)).collect();
        assert_eq!(found, [("", at(2)), ("", at(1))]);
        assert_ne!(listed[0].id, listed[1].id);
        assert_eq!(store.login(&hash(2), at(9)).await.unwrap().unwrap().id, listed[0].id);
        assert_eq!(store.end_login(bo, listed[1].id).await.unwrap(), Some(hash(1)));
    }
}
