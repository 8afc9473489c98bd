//! One `hubbub` process, its store, and what a test does to them.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use loadtest::client::{AgentClient, Caller, Server, introduction};
use persistence::testing::{self, Engine};
use protocol::rest::StartedSession;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use super::document;

pub(crate) const ADMIN_EMAIL: &str = "admin@localhost";
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery";

/// How long a start, and an orderly stop, may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// A real server on a store of its own. Killed when dropped.
pub(crate) struct TestServer {
    pub(crate) url: String,
    database_url: String,
    flags: Vec<OsString>,
    address: SocketAddr,
    process: Child,
    log: Log,
    _reading: [JoinHandle<()>; 2],
    _folder: Option<TempDir>,
    /// What is not in the database.
    data: TempDir,
}

/// What the process said, to be shown when a test fails and searched when it shall not say something.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl TestServer {
    /// A server with rates so high that no test meets them by accident.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &UNHURRIED).await
    }

    /// A server with these flags only: the contract's own limits where they do not say otherwise.
    pub(crate) async fn start_with(engine: Engine, flags: &[&str]) -> Self {
        let (database_url, folder) = testing::empty(engine).await;
        Self::start_on(database_url, folder, flags).await
    }

    /// A server on a store of the test's own making.
    pub(crate) async fn start_on(database_url: String, folder: Option<TempDir>, flags: &[&str]) -> Self {
        let flags: Vec<OsString> = flags.iter().map(OsString::from).collect();
        let log = Log::default();
        let any_port = "127.0.0.1:0".parse().unwrap();
        let data = TempDir::new().unwrap();
        let (process, address, reading) = spawn(&database_url, data.path(), &flags, any_port, &log).await;
        Self {
            url: format!("http://{address}"),
            database_url,
            flags,
            address,
            process,
            log,
            _reading: reading,
            _folder: folder,
            data,
        }
    }

    /// The reference client's view of the server.
    pub(crate) fn client(&self) -> Server {
        Server::new(&self.url).unwrap().observed(document::judge)
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Where it keeps files.
    pub(crate) fn files(&self) -> PathBuf {
        self.data.path().join("files")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first admin, signed in.
    pub(crate) async fn admin(&self) -> AgentClient {
        self.client().login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap()
    }

    /// Another member of the team, added on the command line and signed in.
    pub(crate) async fn member(&self, role: &str, email: &str, name: &str) -> AgentClient {
        let output = self
            .cli_with_input(
                &["agent", "add", "--role", role, "--email", email, "--name", name, "--password-stdin"],
                ADMIN_PASSWORD,
            )
            .await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.client().login(email, ADMIN_PASSWORD).await.unwrap()
    }

    /// Another member of the team, signed in with a one-time password.
    pub(crate) async fn one_time(&self, email: &str) -> AgentClient {
        self.member("agent", email, "New").await;
        let output = self.cli(&["agent", "password", "--email", email]).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let password = said.lines().find_map(|line| line.trim().strip_prefix("Password")).unwrap();
        self.client().login(email, password.split_whitespace().next().unwrap()).await.unwrap()
    }

    /// A customer with a new session on the demo site.
    pub(crate) async fn customer(&self, name: &str, phone: &str) -> (Caller, StartedSession) {
        self.client().start("demo", introduction(name, phone)).await.unwrap()
    }

    /// Runs `hubbub` with these words on the same store.
    pub(crate) async fn cli(&self, words: &[&str]) -> std::process::Output {
        self.cli_with_input(words, "").await
    }

    /// Runs `hubbub` with these words on the same store, and a line on its standard input.
    pub(crate) async fn cli_with_input(&self, words: &[&str], line: &str) -> std::process::Output {
        use tokio::io::AsyncWriteExt as _;
        let mut child = program()
            .args(words)
            .arg("--database-url")
            .arg(&self.database_url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Who does not read has closed it, perhaps before this.
        let _ = stdin.write_all(format!("{line}\n").as_bytes()).await;
        drop(stdin);
        child.wait_with_output().await.unwrap()
    }

    /// Pulls the plug: SIGKILL, and waits until the process is gone.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Starts a process that was killed or stopped again, on the same address and store.
    pub(crate) async fn start_again(&mut self) {
        let data = self.data.path();
        let (process, _, reading) =
            spawn(&self.database_url, data, &self.flags, self.address, &self.log).await;
        self.process = process;
        self._reading = reading;
    }

    /// Sends SIGTERM.
    pub(crate) async fn terminate(&self) {
        let pid = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    }

    /// Waits until the process has ended by itself; its exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let status = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        status.expect("the process did not end").unwrap().code()
    }

    /// Everything that the process has said so far, on both outputs.
    pub(crate) fn said(&self) -> String {
        self.log.0.lock().unwrap().join("\n")
    }

    /// The process's id, to read its memory or stop it.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id().unwrap()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the server said:\n{}\n---", self.said());
        }
    }
}

/// Rates out of the way.
pub(crate) const UNHURRIED: [&str; 12] = [
    "--customer-send-burst=100000",
    "--customer-sends-per-minute=100000",
    "--agent-sends-per-minute=100000",
    "--starts-per-minute=100000",
    "--login-tries-per-minute=100000",
    "--uploads-per-minute=100000",
    "--connections-per-contact=1000",
    "--connections-per-address=5000",
    "--presence-grace-seconds=1",
    "--drain-seconds=1",
    "--log=info",
    "--log-format=text",
];

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubbub"));
    // Tests count the entries of logs in which nobody of the team is connected; those of messages say otherwise.
    command.kill_on_drop(true).env_clear().env("HUBBUB_TAKE_MESSAGES", "false");
    command
}

async fn spawn(
    database_url: &str,
    data: &Path,
    flags: &[OsString],
    listen: SocketAddr,
    log: &Log,
) -> (Child, SocketAddr, [JoinHandle<()>; 2]) {
    let mut process = program()
        .args(["serve", "--listen", &listen.to_string(), "--database-url", database_url])
        .args(["--admin-password", ADMIN_PASSWORD])
        .env("HUBBUB_DATA_DIR", data)
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // On standard output a server says where browsers find it, in its log where it listens. Without a public URL the
    // two are the same, and with a log that is off only the first is there.
    let (said, mut heard) = tokio::sync::mpsc::channel(2);
    let logged = said.clone();
    let mut stdout = BufReader::new(process.stdout.take().unwrap()).lines();
    let out_log = log.clone();
    let reading_out = tokio::spawn(async move {
        while let Ok(Some(line)) = stdout.next_line().await {
            if let Some(console) = line.trim().strip_prefix("Console") {
                let address = console.trim().trim_start_matches("http://").trim_end_matches("/console");
                let _ = address.parse().map(|address| said.try_send(address));
            }
            out_log.push(line);
        }
    });
    let mut stderr = BufReader::new(process.stderr.take().unwrap()).lines();
    let err_log = log.clone();
    let reading_err = tokio::spawn(async move {
        while let Ok(Some(line)) = stderr.next_line().await {
            if let Some((_, address)) = line.split_once("server.address") {
                let address = address.trim_start_matches(['"', ':', '=']).split(['"', ' ']).next();
                let _ = address.unwrap_or_default().parse().map(|address| logged.try_send(address));
            }
            err_log.push(line);
        }
    });
    let address: Option<SocketAddr> = tokio::time::timeout(PATIENCE, heard.recv()).await.ok().flatten();
    let Some(address) = address else {
        panic!("the server did not start:\n{}", log.0.lock().unwrap().join("\n"));
    };
    (process, address, [reading_out, reading_err])
}
