//! SQLite's one connection that writes.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::StoreError;

/// The connection, and the queue for it: SQLite knows one writer anyway, and this queue is fairer than its waiting.
///
/// Not a pool of one: that would ask the connection before and after each use whether it still lives, which are two
/// ways to its thread and back. It cannot die, there is no server.
#[derive(Clone)]
pub(crate) struct WriteConnection {
    options: Arc<SqliteConnectOptions>,
    state: Arc<Mutex<State>>,
}

enum State {
    Open(SqliteConnection),
    /// Thrown away: the next one who writes opens it anew.
    Lost,
    /// For good.
    Closed,
}

impl fmt::Debug for WriteConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteConnection").finish_non_exhaustive()
    }
}

impl WriteConnection {
    pub(crate) async fn open(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let conn = options.connect().await?;
        Ok(Self { options: Arc::new(options), state: Arc::new(Mutex::new(State::Open(conn))) })
    }

    /// Waits for its turn, in order. Whoever drops what this answers in the middle of a transaction undoes it.
    pub(crate) async fn acquire(&self, patience: Duration) -> Result<HeldWriter, StoreError> {
        let turn = async {
            let mut state = self.state.clone().lock_owned().await;
            match &*state {
                State::Open(_) => {}
                State::Lost => *state = State::Open(self.options.connect().await?),
                State::Closed => return Err(sqlx::Error::PoolClosed.into()),
            }
            Ok(HeldWriter(state))
        };
        timeout(patience, turn).await.unwrap_or(Err(sqlx::Error::PoolTimedOut.into()))
    }

    /// Closes it when those before are through.
    pub(crate) async fn close(&self) {
        let mut state = self.state.lock().await;
        if let State::Open(conn) = std::mem::replace(&mut *state, State::Closed) {
            // Nothing was begun that is not ended, and nobody is left to be told.
            drop(conn.close().await);
        }
    }
}

/// The connection, for one after the other.
pub(crate) struct HeldWriter(OwnedMutexGuard<State>);

impl HeldWriter {
    /// Ends the connection.
    pub(crate) fn throw_away(mut self) {
        *self.0 = State::Lost;
    }
}

const HELD: &str = "only throw_away() and close() take it, and who holds it has done neither";

impl Deref for HeldWriter {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &*self.0 {
            State::Open(conn) => conn,
            State::Lost | State::Closed => unreachable!("{HELD}"),
        }
    }
}

impl DerefMut for HeldWriter {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut *self.0 {
            State::Open(conn) => conn,
            State::Lost | State::Closed => unreachable!("{HELD}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.cargo/config.toml` is read by whoever builds in this folder, and forgotten without a word elsewhere.
    #[tokio::test]
    async fn it_is_built_as_it_should_be() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let options: Vec<String> =
            sqlx::query_scalar("pragma compile_options").fetch_all(&mut conn).await.unwrap();
        for option in ["THREADSAFE=2", "DEFAULT_MEMSTATUS=0", "OMIT_SHARED_CACHE"] {
            assert!(options.iter().any(|one| one == option), "{option} is not among {options:?}");
        }
        assert!(!options.iter().any(|one| one == "ENABLE_MEMORY_MANAGEMENT"), "{options:?}");
    }
}
