//! Numbered migrations, embedded, run at start. Never edited once released: the next one corrects.

use protocol::Epoch;
use sqlx::{
    Connection,
    migrate::{MigrateError, Migrator},
    postgres::PgConnection,
};

use crate::{
    Store, StoreError,
    error::Failure,
    store::{ACQUIRE, Pools, give_writer_back, on_engine},
};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const KEEP_EPOCH: &str = "insert into meta (key, value) values ('epoch', $1) on conflict (key) do nothing";
const EPOCH: &str = "select value from meta where key = 'epoch'";

impl Store {
    /// Brings the database to this program's version, and gives a new one `new_epoch` for its identity. Processes
    /// that start at once wait for each other.
    ///
    /// # Errors
    /// `Newer`: the database is ahead of this program, which must not touch it. `Migrate`: a migration failed;
    /// nothing of it remains. `Unavailable`: try again.
    pub async fn migrate(&self, new_epoch: Epoch) -> Result<(), StoreError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                // sqlx has no lock for SQLite, so that two processes would both run the first migration. Within
                // this transaction its own become savepoints.
                let mut held = write.acquire(ACQUIRE).await?;
                let done = async {
                    let mut tx = held.begin_with("BEGIN IMMEDIATE").await?;
                    run(&SQLITE, &mut *tx).await?;
                    Ok(tx.commit().await?)
                }
                .await;
                give_writer_back(held, &done);
                done?;
            }
            Pools::Postgres(pool) => {
                // A connection of its own: a migration, or waiting for another process's, may take long. sqlx takes
                // an advisory lock; closing the connection frees it, whatever happened.
                let mut conn = PgConnection::connect_with(&pool.connect_options()).await?;
                sqlx::query("select set_config(name, '0', false) from unnest(array['statement_timeout', 'lock_timeout']) as t(name)")
                    .execute(&mut conn)
                    .await?;
                let done = run(&POSTGRES, &mut conn).await;
                drop(conn.close().await);
                done?;
            }
        }
        let epoch: String = on_engine!(write self, conn => {
            sqlx::query(KEEP_EPOCH).bind(new_epoch.to_string()).execute(&mut *conn).await?;
            Ok(sqlx::query_scalar(EPOCH).fetch_one(conn).await?)
        })?;
        let epoch =
            epoch.parse().map_err(|error| StoreError::Refused(sqlx::Error::Decode(Box::new(error))))?;
        // Another clone may have been first; it read the same.
        self.epoch.get_or_init(|| epoch);
        Ok(())
    }
}

async fn run<C: sqlx::migrate::Migrate>(migrator: &Migrator, conn: &mut C) -> Result<(), StoreError> {
    migrator.run_direct(None, conn, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => {
            let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
            if found > known { StoreError::Newer { found, known } } else { StoreError::Migrate(error) }
        }
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)
            if Failure::of(&cause) != Failure::Refused =>
        {
            cause.into()
        }
        error => StoreError::Migrate(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_have_the_same_migrations() {
        let names = |migrator: &Migrator| -> Vec<_> {
            migrator.iter().map(|migration| (migration.version, migration.description.to_string())).collect()
        };
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        let numbers: Vec<_> = SQLITE.iter().map(|migration| migration.version).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>(), "numbered 1, 2, 3 …");
        for migration in SQLITE.iter().chain(POSTGRES.iter()) {
            assert!(
                migration.sql.as_str().starts_with("-- "),
                "{} says what it is for",
                migration.description
            );
        }
    }
}
