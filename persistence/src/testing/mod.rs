//! Throw-away stores for tests (feature `testing`): a temporary file, or a database of a real Postgres. And what else
//! a cluster needs, as real: a Redis.
//!
//! ```ignore
//! on_both_engines! {
//!     async fn a_site_is_found_by_its_key(test) {
//!         test.store.create_site(&site).await.unwrap();
//!     }
//! }
//! ```
//! makes the tests `a_site_is_found_by_its_key::sqlite` and `::postgres`.

mod postgres;
mod redis;
mod sqlite;
mod watchdog;

use std::time::Duration;

use protocol::Epoch;
use tempfile::TempDir;
use uuid::Uuid;

use crate::Store;

pub use postgres::TestPostgres;
pub use redis::TestRedis;
pub use sqlite::SqliteLock;
pub use watchdog::Watchdog;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of [`TestPostgres::shared`].
    Postgres,
}

/// A fresh, migrated store of its own.
#[derive(Debug)]
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Where it is, to connect to it once more, as another node does.
    pub url: String,
    /// Which engine it is.
    pub engine: Engine,
    _folder: Option<TempDir>,
}

impl TestStore {
    /// Makes one.
    ///
    /// # Panics
    /// If it cannot be made; for [`Engine::Postgres`] also if Postgres is not installed.
    pub async fn new(engine: Engine) -> Self {
        let (url, folder) = empty(engine).await;
        let store = Store::connect(&url).await.expect("the store opens");
        store.migrate(Epoch::new(Uuid::now_v7())).await.expect("the store is migrated");
        Self { store, url, engine, _folder: folder }
    }

    /// A second handle with connections of its own, as another node has.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub async fn other_node(&self) -> Store {
        let store = Store::connect(&self.url).await.expect("the store opens once more");
        store.migrate(Epoch::new(Uuid::now_v7())).await.expect("there is nothing to migrate");
        store
    }
}

/// The address of a new store that holds nothing yet, and what keeps it alive.
///
/// # Panics
/// As [`TestStore::new`].
pub async fn empty(engine: Engine) -> (String, Option<TempDir>) {
    match engine {
        Engine::Sqlite => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            (format!("sqlite://{}", folder.path().join("hubbub.db").display()), Some(folder))
        }
        Engine::Postgres => (TestPostgres::shared().create_database().await, None),
    }
}

/// Waits for the end of a story, but not for ever: a hang tells less than a failure.
///
/// # Panics
/// If it takes longer than two minutes.
pub async fn in_time(story: impl Future<Output = ()>) {
    tokio::time::timeout(Duration::from_secs(120), story).await.expect("the story ends");
}

/// Makes a test for each engine of every body; the name in parentheses is the test's own [`TestStore`].
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($test:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn story($test: $crate::testing::TestStore) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = $crate::testing::TestStore::new($crate::testing::Engine::Sqlite).await;
                $crate::testing::in_time(story(test)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let test = $crate::testing::TestStore::new($crate::testing::Engine::Postgres).await;
                $crate::testing::in_time(story(test)).await;
            }
        }
    )+};
}
