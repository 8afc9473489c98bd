//! Opening, migrating, and the first site and agent.

use persistence::{
    Store, StoreError, on_both_engines,
    testing::{Engine, TestPostgres, empty},
};
use protocol::Epoch;

use crate::fixture::{agent, site, uuid};

on_both_engines! {
    async fn a_store_answers_and_keeps_its_epoch(test) {
        test.store.ping().await.unwrap();
        assert_eq!(test.other_node().await.epoch(), test.store.epoch());
        assert_eq!(test.store.clone().epoch(), test.store.epoch());
    }

    async fn two_processes_start_at_once(test) {
        let (url, _folder) = empty(test.engine).await;
        let nodes = [Store::connect(&url).await.unwrap(), Store::connect(&url).await.unwrap()];
        let [first, second] = &nodes;
        let (a, b) = tokio::join!(first.migrate(Epoch::new(uuid())), second.migrate(Epoch::new(uuid())));
        a.unwrap();
        b.unwrap();
        assert_eq!(first.epoch(), second.epoch());

        let (site_a, site_b, ana, bo) = (site("a"), site("b"), agent("ana@x.example"), agent("bo@x.example"));
        let (a, b) = tokio::join!(first.bootstrap(&site_a, &ana), second.bootstrap(&site_b, &bo));
        assert!(a.unwrap() != b.unwrap(), "one of the two creates");
        assert_eq!(first.sites().await.unwrap().len(), 1);
        assert_eq!(first.agents().await.unwrap().len(), 1);
        assert!(!first.bootstrap(&site_a, &ana).await.unwrap());
    }

    async fn a_restored_backup_gets_a_new_epoch(test) {
        // docs/operating.md, Backups.
        let forget = "delete from meta where key = 'epoch'";
        match test.engine {
            Engine::Sqlite => {
                let pool = sqlx::SqlitePool::connect(&test.url).await.unwrap();
                sqlx::query(forget).execute(&pool).await.unwrap();
            }
            Engine::Postgres => {
                let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
                sqlx::query(forget).execute(&pool).await.unwrap();
            }
        }
        let restored = test.other_node().await;
        assert_ne!(restored.epoch(), test.store.epoch());
        assert_eq!(test.other_node().await.epoch(), restored.epoch());
    }

    async fn a_newer_database_is_not_touched(test) {
        let sql = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (9000, 'tomorrow', true, $1, 0)";
        match test.engine {
            Engine::Sqlite => {
                let pool = sqlx::SqlitePool::connect(&test.url).await.unwrap();
                sqlx::query(sql).bind(&[0_u8][..]).execute(&pool).await.unwrap();
            }
            Engine::Postgres => {
                let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
                sqlx::query(sql).bind(&[0_u8][..]).execute(&pool).await.unwrap();
            }
        }
        let node = Store::connect(&test.url).await.unwrap();
        let refused = node.migrate(Epoch::new(uuid())).await.unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 9000, known } if known >= 1), "{refused:?}");
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_used_say_why() {
    for url in ["", "hubbub.db", "mysql://x/y", "sqlite::memory:", "sqlite://", "postgres://x:notaport/y"] {
        let refused = Store::connect(url).await.unwrap_err();
        assert!(matches!(refused, StoreError::BadUrl(_)), "{url}: {refused:?}");
        assert!(!refused.retryable());
    }
    let refused = Store::connect(&TestPostgres::shared().url("nowhere")).await.unwrap_err();
    assert!(matches!(&refused, StoreError::BadUrl(reason) if reason.contains("nowhere")), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come() {
    // Port 1 refuses.
    let refused = Store::connect("postgres://hubbub@127.0.0.1:1/hubbub").await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    assert!(refused.retryable());
}

#[tokio::test]
async fn sqlite_makes_its_folder_and_syncs_every_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/hubbub.db");
    let store = Store::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    store.migrate(Epoch::new(uuid())).await.unwrap();
    assert!(path.exists());
    assert!(path.with_extension("db-wal").exists());
    store.close().await;
    assert!(!path.with_extension("db-wal").exists(), "closing folds the write-ahead log in");
    assert!(matches!(store.ping().await.unwrap_err(), StoreError::Unavailable(_)));
}
