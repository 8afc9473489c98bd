//! Another program's hand on an SQLite file.

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// The file's one place to write, taken by somebody else: until it is released, nobody else can write. Reading goes
/// on.
#[derive(Debug)]
pub struct SqliteLock {
    conn: SqliteConnection,
}

impl SqliteLock {
    /// Takes it, waiting its turn as any other program.
    ///
    /// # Panics
    /// If it cannot be had.
    pub async fn hold(url: &str) -> Self {
        let options: SqliteConnectOptions = url.parse().expect("an address of SQLite");
        let patient = options.busy_timeout(std::time::Duration::from_secs(10));
        let mut conn = patient.connect().await.expect("the file opens once more");
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut conn).await.expect("its turn comes");
        Self { conn }
    }

    /// Gives it back.
    ///
    /// # Panics
    /// If the connection does not end.
    pub async fn release(mut self) {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.conn).await.expect("there is nothing to undo");
        self.conn.close().await.expect("the connection ends");
    }
}
