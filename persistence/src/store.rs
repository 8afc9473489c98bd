//! The pools behind one cheap handle, and how a call reaches them.

use std::{
    future::Future,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::Epoch;
use sqlx::{
    ConnectOptions, PgPool, Postgres, SqlitePool,
    pool::{PoolConnection, PoolOptions},
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    StoreError,
    error::Failure,
    sqlite::{HeldWriter, WriteConnection},
};

/// How long a call may wait for a connection.
pub(crate) const ACQUIRE: Duration = Duration::from_secs(2);
/// How long a call may take once it has one. With [`ACQUIRE`] less than the five seconds of promise 8.
const CALL: Duration = Duration::from_millis(2_500);
/// How long SQLite waits for another process's write.
const BUSY: Duration = Duration::from_secs(2);
/// Connections to Postgres, the log writer's not among them.
const CONNECTIONS: u32 = 10;
/// Readers of SQLite; the writer is one more.
const READERS: u32 = 4;

/// The store. Cheap to clone; all clones share the same connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) epoch: Arc<OnceLock<Epoch>>,
    pub(crate) calls: Calls,
}

/// Counts what is asked of the store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<AtomicU64>);

impl Calls {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Pools {
    /// Readers beside the one connection that writes.
    Sqlite { read: SqlitePool, write: WriteConnection },
    /// Postgres.
    Postgres(PgPool),
}

/// One body for both engines. `$conn` is a `&mut SqliteConnection` or a `&mut PgConnection`, the body a
/// `Result<_, StoreError>` in which `?` works; it is compiled once for each.
///
/// `read`: any connection. `write`: a transaction, committed if the body is `Ok`; on SQLite it is the one
/// writer's, begun as IMMEDIATE because a later upgrade from reading fails at once when another process writes.
/// `statement`: one that writes and is a transaction by itself, so that Postgres needs one round trip.
///
/// In a box: a call is kilobytes while it runs, and whoever may make one would carry them all its life.
macro_rules! on_engine {
    (read $store:expr, $conn:ident => $body:expr) => {
        match &$store.pools {
            $crate::store::Pools::Sqlite { read, .. } => Box::pin(async {
                $store.calls.count();
                let mut held = read.acquire().await?;
                $crate::store::bounded(async {
                    let $conn = &mut *held;
                    $body
                })
                .await
            })
            .await,
            $crate::store::Pools::Postgres(pool) => Box::pin(async {
                $store.calls.count();
                let mut held = pool.acquire().await?;
                let done = $crate::store::bounded(async {
                    let $conn = &mut *held;
                    $body
                })
                .await;
                $crate::store::give_back(held, &done);
                done
            })
            .await,
        }
    };
    (statement $store:expr, $conn:ident => $body:expr) => {
        match &$store.pools {
            $crate::store::Pools::Sqlite { write, .. } => Box::pin(async {
                $store.calls.count();
                let mut held = write.acquire($crate::store::ACQUIRE).await?;
                let done = $crate::store::bounded(async {
                    let $conn = &mut *held;
                    $body
                })
                .await;
                $crate::store::give_writer_back(held, &done);
                done
            })
            .await,
            $crate::store::Pools::Postgres(_) => $crate::store::on_engine!(read $store, $conn => $body),
        }
    };
    (write $store:expr, $conn:ident => $body:expr) => {
        match &$store.pools {
            $crate::store::Pools::Sqlite { write, .. } => Box::pin(async {
                $store.calls.count();
                let mut held = write.acquire($crate::store::ACQUIRE).await?;
                let done = $crate::store::bounded(async {
                    let mut tx = sqlx::Connection::begin_with(&mut *held, "BEGIN IMMEDIATE").await?;
                    let done = {
                        let $conn = &mut *tx;
                        async { $body }.await
                    };
                    $crate::store::end(tx, done).await
                })
                .await;
                $crate::store::give_writer_back(held, &done);
                done
            })
            .await,
            $crate::store::Pools::Postgres(pool) => Box::pin(async {
                $store.calls.count();
                let mut held = pool.acquire().await?;
                let done = $crate::store::bounded(async {
                    let mut tx = sqlx::Connection::begin(&mut *held).await?;
                    let done = {
                        let $conn = &mut *tx;
                        async { $body }.await
                    };
                    $crate::store::end(tx, done).await
                })
                .await;
                $crate::store::give_back(held, &done);
                done
            })
            .await,
        }
    };
}
pub(crate) use on_engine;

/// Ends a call that takes too long: a stalled server answers nothing, not even an error.
pub(crate) async fn bounded<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(CALL, call).await.unwrap_or(Err(StoreError::Unavailable(None)))
}

/// Commits what was done, or undoes it.
pub(crate) async fn end<DB: sqlx::Database, T>(
    tx: sqlx::Transaction<'_, DB>,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    match done {
        Ok(_) => tx.commit().await?,
        // A connection that does not answer would not answer this either; it is thrown away.
        Err(StoreError::Unavailable(_)) => {}
        Err(_) => tx.rollback().await?,
    }
    done
}

/// Hands a connection back, or throws it away when it did not answer: the pool would test it before it takes it
/// back, and wait as long as the server is silent, with one place less for others.
pub(crate) fn give_back<T>(held: PoolConnection<Postgres>, done: &Result<T, StoreError>) {
    let lost = match done {
        Err(StoreError::Unavailable(None)) => true,
        Err(StoreError::Unavailable(Some(error))) => Failure::of(error) == Failure::Unknown,
        Ok(_) | Err(_) => false,
    };
    if lost {
        drop(held.detach());
    }
}

/// Hands SQLite's writer back, or throws it away after a failure. A full or broken disk ends a transaction by itself
/// (sqlite.org/lang_transaction.html §2.3), but the driver goes on believing in it, and every later one would fail.
pub(crate) fn give_writer_back<T>(held: HeldWriter, done: &Result<T, StoreError>) {
    if matches!(done, Err(StoreError::Unavailable(_) | StoreError::Refused(_))) {
        held.throw_away();
    }
}

impl Store {
    /// Opens the store at `sqlite://path` (made if it is not there, with its folder) or `postgres://…`.
    ///
    /// # Errors
    /// `BadUrl`: another scheme, an address that cannot be parsed, or a server that refuses this user or has no
    /// such database. `Unavailable`: it does not answer; try again.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let pools = match url.split_once(':') {
            Some(("sqlite", _)) => open_sqlite(url).await?,
            Some(("postgres" | "postgresql", _)) => open_postgres(url).await?,
            _ => return Err(StoreError::BadUrl("it must begin with sqlite:// or postgres://".into())),
        };
        Ok(Self { pools, epoch: Arc::default(), calls: Calls::default() })
    }

    /// Whether the store can be worked with now. An SQLite file can still be read while another program holds it for
    /// writing, so there the question is whether its turn to write comes.
    ///
    /// # Errors
    /// `Unavailable`: it cannot.
    pub async fn ping(&self) -> Result<(), StoreError> {
        const ASK: &str = "select 1";
        match &self.pools {
            Pools::Sqlite { .. } => on_engine!(write self, conn => {
                sqlx::query(ASK).execute(conn).await?;
                Ok(())
            }),
            Pools::Postgres(_) => on_engine!(read self, conn => {
                sqlx::query(ASK).execute(conn).await?;
                Ok(())
            }),
        }
    }

    /// The store's identity (promise 5), known since [`Store::migrate`].
    ///
    /// # Panics
    /// If the store was not migrated by this handle or a clone of it: a defect in the order of starting.
    pub fn epoch(&self) -> Epoch {
        *self.epoch.get().expect("migrate() comes before epoch()")
    }

    /// Questions and transactions sent to the store by this handle and its clones, the log writer's among them.
    pub fn calls(&self) -> u64 {
        self.calls.0.load(Ordering::Relaxed)
    }

    /// Closes all connections; calls in progress end first. For a clean end of the process: SQLite then folds its
    /// write-ahead log into the database.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn options<DB: sqlx::Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE)
}

async fn open_sqlite(url: &str) -> Result<Pools, StoreError> {
    let bad = |error: &dyn std::fmt::Display| StoreError::BadUrl(error.to_string());
    let options: SqliteConnectOptions = url.parse().map_err(|error: sqlx::Error| bad(&error))?;
    let path = options.get_filename().to_owned();
    if url.contains(":memory:") || url.contains("mode=memory") || path == Path::new("") {
        return Err(bad(&"it must name a file"));
    }
    if let Some(folder) = path.parent() {
        let named = |error: std::io::Error| StoreError::BadUrl(format!("{}: {error}", folder.display()));
        tokio::fs::create_dir_all(folder).await.map_err(named)?;
    }
    let options = options.busy_timeout(BUSY).foreign_keys(true).disable_statement_logging();
    let writer = options
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An ack survives a power cut, not only a crash of the process.
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", "67108864")
        // 32 MiB. A batch changes a page for nearly every row, and the same pages again and again; by default they were
        // copied into the database, and that flushed, after every large batch.
        .pragma("wal_autocheckpoint", "8192")
        // 16 MiB: ids that clients choose are looked up all over the index of the logs.
        .pragma("cache_size", "-16384");
    // The writer first: it makes the file, which the readers may not.
    let write = WriteConnection::open(writer).await.map_err(|error| match error {
        sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some("14") => {
            StoreError::BadUrl(format!("{}: {}", path.display(), refusal.message()))
        }
        error => error.into(),
    })?;
    let read = self::options(READERS).connect_with(options.read_only(true)).await?;
    Ok(Pools::Sqlite { read, write })
}

async fn open_postgres(url: &str) -> Result<Pools, StoreError> {
    let options: PgConnectOptions =
        url.parse().map_err(|error: sqlx::Error| StoreError::BadUrl(error.to_string()))?;
    let options = options
        .application_name("hubbub")
        .options([
            ("statement_timeout", "4s"),
            ("lock_timeout", "2s"),
            // A client that was cut off in a transaction must not hold its locks.
            ("idle_in_transaction_session_timeout", "5s"),
            // A cached plan is that of the day it was made: one made while the tables were small reads them whole
            // when they have grown, until the next ANALYZE (measured: 80 ms for one append). Planning costs 0.2 ms.
            ("plan_cache_mode", "force_custom_plan"),
        ])
        // Else every slow statement of a slow database is a line, and one that did not answer none.
        .disable_statement_logging();
    let pool = self::options(CONNECTIONS).connect_with(options).await.map_err(|error| match &error {
        sqlx::Error::Database(refusal)
            if refusal.code().is_some_and(|code| code.starts_with("28") || code == "3D000") =>
        {
            StoreError::BadUrl(refusal.message().to_owned())
        }
        sqlx::Error::Configuration(reason) => StoreError::BadUrl(reason.to_string()),
        _ => error.into(),
    })?;
    Ok(Pools::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_flushes_every_commit() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::connect(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
        let Pools::Sqlite { read, write } = &store.pools else { panic!("another engine") };
        let mut held = write.acquire(ACQUIRE).await.unwrap();
        for (pragma, expected) in
            [("pragma synchronous", 2_i64), ("pragma foreign_keys", 1), ("pragma busy_timeout", 2_000)]
        {
            assert_eq!(
                sqlx::query_scalar::<_, i64>(pragma).fetch_one(&mut *held).await.unwrap(),
                expected,
                "{pragma}"
            );
        }
        let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *held).await.unwrap();
        assert_eq!(mode, "wal");
        assert!(sqlx::query("create table x (y)").execute(read).await.is_err(), "readers only read");
    }

    #[tokio::test]
    async fn sqlite_goes_on_when_the_disk_is_not_full_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::connect(&format!("sqlite://{}", folder.path().join("x.db").display())).await.unwrap();
        let Pools::Sqlite { write, .. } = &store.pools else { panic!("another engine") };
        let mut held = write.acquire(ACQUIRE).await.unwrap();
        sqlx::query("create table x (y)").execute(&mut *held).await.unwrap();
        drop(held);
        let fill = async || -> Result<(), StoreError> {
            on_engine!(write store, conn => {
                sqlx::query("insert into x select hex(randomblob(100000))").execute(conn).await?;
                Ok(())
            })
        };
        fill().await.unwrap();
        // As full as a disk for this connection, until it is opened anew.
        let mut held = write.acquire(ACQUIRE).await.unwrap();
        let pages: i64 = sqlx::query_scalar("pragma page_count").fetch_one(&mut *held).await.unwrap();
        sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(format!("pragma max_page_count = {pages}")))
            .fetch_one(&mut *held)
            .await
            .unwrap();
        drop(held);
        let full = fill().await;
        assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
        fill().await.unwrap();
    }
}
