//! A real Postgres, thrown away with the test process.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, OnceLock},
};

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// A Postgres server of its own, started from `/usr/lib/postgresql/*/bin` on a free port, with its files in a
/// temporary folder. It ends with this value or with the test process, whatever becomes of that: a small watchdog
/// script holds it, and ends it when its standard input ends.
#[derive(Debug)]
pub struct TestPostgres {
    port: u16,
    watchdog: Mutex<Watchdog>,
}

#[derive(Debug)]
struct Watchdog {
    child: Child,
    /// Taken when it shall end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
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
        let mut failures = Vec::new();
        // Somebody may take the free port before the server does.
        for _ in 0..3 {
            match Self::try_start(fsync) {
                Ok(server) => return server,
                Err(failure) => failures.push(failure),
            }
        }
        panic!("{}", failures.join("\n"));
    }

    fn try_start(fsync: &str) -> Result<Self, String> {
        let folder =
            tempfile::Builder::new().prefix("hubbub-postgres-").tempdir().map_err(|e| e.to_string())?.keep();
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let mut child = Command::new("sh")
            .args(["-c", include_str!("postgres.sh"), "hubbub-test-postgres"])
            .arg(&folder)
            .arg(port.to_string())
            .arg(fsync)
            // Not killed with the test process's group: it has to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (commands, answers) = (child.stdin.take(), child.stdout.take().expect("it was piped"));
        let mut watchdog = Watchdog { child, commands, answers: BufReader::new(answers) };
        match watchdog.answer().as_str() {
            "ready" => Ok(Self { port, watchdog: Mutex::new(watchdog) }),
            failure => Err(failure.to_owned()),
        }
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

    /// Kills the server and all its processes (SIGKILL), as a crash of the machine does.
    pub fn kill(&self) {
        self.command("kill");
    }

    /// Ends the server at once and without a checkpoint (SIGQUIT), telling its clients.
    pub fn stop_immediate(&self) {
        self.command("stop");
    }

    /// Starts it again after [`TestPostgres::kill`] or [`TestPostgres::stop_immediate`]; it answers when this returns.
    pub fn start_again(&self) {
        self.command("start");
    }

    /// Freezes all its processes (SIGSTOP): connections stay, nothing answers.
    pub fn stall(&self) {
        self.command("stall");
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.command("resume");
    }

    fn command(&self, command: &str) {
        let mut watchdog = self.watchdog.lock().expect("no other command panicked");
        let commands = watchdog.commands.as_mut().expect("it lives as long as this value");
        writeln!(commands, "{command}").expect("the watchdog reads");
        assert_eq!(watchdog.answer(), "done", "{command}");
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        if let Ok(watchdog) = self.watchdog.get_mut() {
            drop(watchdog.commands.take());
            drop(watchdog.child.wait());
        }
    }
}

impl Watchdog {
    fn answer(&mut self) -> String {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(0) => "the watchdog ended".to_owned(),
            Ok(_) => line.trim_end().to_owned(),
            Err(error) => error.to_string(),
        }
    }
}
