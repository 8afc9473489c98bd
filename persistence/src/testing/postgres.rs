//! A real Postgres, thrown away with the test process.

use std::sync::OnceLock;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::Watchdog;

/// A Postgres server of its own, started from `/usr/lib/postgresql/*/bin` on a free port, with its files in a
/// temporary folder. It ends with this value or with the test process, whatever becomes of that: a [`Watchdog`]
/// holds it.
#[derive(Debug)]
pub struct TestPostgres {
    port: u16,
    watchdog: Watchdog,
}

impl TestPostgres {
    /// Starts one that does not flush to the disk: fast, and safe from anything but a power cut.
    ///
    /// # Panics
    /// If it does not start; says what to install if that is why.
    pub fn start() -> Self {
        Self::start_with("off")
    }

    /// Starts one that flushes every commit, as in production.
    ///
    /// # Panics
    /// As [`TestPostgres::start`].
    pub fn start_durable() -> Self {
        Self::start_with("on")
    }

    /// The one that the tests of this process share, each with a database of its own.
    ///
    /// # Panics
    /// As [`TestPostgres::start`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start_with(fsync: &str) -> Self {
        let (watchdog, port) = Watchdog::serve(include_str!("postgres.sh"), "postgres", &[fsync]);
        Self { port, watchdog }
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://hubbub@127.0.0.1:{}/{database}", self.port)
    }

    /// The port it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes a new database and answers its address.
    ///
    /// # Panics
    /// If it cannot.
    pub async fn create_database(&self) -> String {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut conn = PgConnection::connect(&self.url("postgres")).await.expect("Postgres answers");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}")))
            .execute(&mut conn)
            .await
            .expect("a database is created");
        conn.close().await.expect("the connection ends");
        self.url(&name)
    }

    /// Ends the connections of all its clients to all its databases from the server's side, as a failover does; the
    /// server goes on. Answers how many there were.
    ///
    /// # Panics
    /// If it cannot be told to.
    pub async fn cut_all(&self) -> u64 {
        let mut conn = PgConnection::connect(&self.url("postgres")).await.expect("Postgres answers");
        let cut = sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()",
        )
        .execute(&mut conn)
        .await
        .expect("it ends them")
        .rows_affected();
        conn.close().await.expect("the connection ends");
        cut
    }

    /// Kills the server and all its processes (SIGKILL), as a crash of the machine does.
    pub fn kill(&self) {
        self.watchdog.obey("kill");
    }

    /// Ends the server at once and without a checkpoint (SIGQUIT), telling its clients.
    pub fn stop_immediate(&self) {
        self.watchdog.obey("stop");
    }

    /// Starts it again after [`TestPostgres::kill`] or [`TestPostgres::stop_immediate`]; it answers when this returns.
    pub fn start_again(&self) {
        self.watchdog.obey("start");
    }

    /// Freezes all its processes (SIGSTOP): connections stay, nothing answers.
    pub fn stall(&self) {
        self.watchdog.obey("stall");
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.watchdog.obey("resume");
    }
}
