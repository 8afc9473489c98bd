//! T: how long one commit takes that is flushed to the disk, alone on the same store and core.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use uuid::Uuid;

/// Commits that are timed, after a tenth of it that are not.
const COMMITS: u32 = 200;

/// A line of a log that belongs to no session.
const INSERT: &str = "insert into entries (session_id, seq, id, kind, sender_kind, body, created_at_ms)
    values ($1, 1, $2, 'message', 'customer', $3, 1)";

/// The median of single commits on this store, in milliseconds.
pub(crate) async fn median_ms(database_url: &str) -> anyhow::Result<f64> {
    let mut took = match database_url.split_once(':') {
        Some(("sqlite", _)) => {
            let mut conn = sqlite(database_url).await?;
            let took = timed(async || {
                let insert = sqlx::query::<Sqlite>(INSERT).bind(Uuid::now_v7()).bind(Uuid::now_v7());
                insert.bind(body()).execute(&mut conn).await.map(drop)
            });
            took.await?
        }
        Some(("postgres", _)) => {
            let mut conn = PgConnection::connect(database_url).await?;
            let took = timed(async || {
                let insert = sqlx::query::<Postgres>(INSERT).bind(Uuid::now_v7()).bind(Uuid::now_v7());
                insert.bind(body()).execute(&mut conn).await.map(drop)
            });
            took.await?
        }
        _ => bail!("{database_url} is no store"),
    };
    took.sort();
    let median = took.get(took.len() / 2).context("nothing was timed")?;
    Ok(median.as_secs_f64() * 1_000.0)
}

async fn timed(mut commit: impl AsyncFnMut() -> Result<(), sqlx::Error>) -> anyhow::Result<Vec<Duration>> {
    for _ in 0..COMMITS / 10 {
        commit().await?;
    }
    let mut took = Vec::new();
    for _ in 0..COMMITS {
        let begun = Instant::now();
        commit().await?;
        took.push(begun.elapsed());
    }
    Ok(took)
}

/// As long as a message of the load.
fn body() -> String {
    "x".repeat(120)
}

/// A connection with the settings of the server's.
pub(crate) async fn sqlite(url: &str) -> anyhow::Result<SqliteConnection> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10));
    Ok(options.connect().await?)
}
