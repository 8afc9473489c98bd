//! One `hubbub` process, and what can be done to it.

use std::{
    collections::VecDeque,
    ffi::OsString,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use loadtest::client::Server;
use rand::RngExt as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    net::TcpStream,
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{disk::Disk, wire::Wire};

/// Lines that are kept of each node.
const LINES: usize = 50_000;
/// How long an end by signal may take: the drain of 1 s, last words and the store, 5 s each, and a busy machine.
const END: Duration = Duration::from_secs(30);

/// How long a start may take until it listens, which it does before it has its store.
const LISTENS: Duration = Duration::from_secs(10);

/// What a node said, each line with the time since the run began.
#[derive(Clone)]
pub(crate) struct Log {
    began: Instant,
    lines: Arc<Mutex<VecDeque<String>>>,
}

impl Log {
    fn new(began: Instant) -> Self {
        Self { began, lines: Arc::default() }
    }

    pub(crate) fn note(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(format!("{:9.3} {line}", self.began.elapsed().as_secs_f64()));
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().cloned().collect()
    }

    pub(crate) fn last(&self, count: usize) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    pub(crate) fn forget(&self) {
        self.lines.lock().unwrap().clear();
    }

    fn follow(&self, stream: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<()> {
        let (log, mut lines) = (self.clone(), BufReader::new(stream).lines());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                log.note(&line);
            }
        })
    }
}

/// How a node is to run.
pub(crate) struct Recipe {
    pub(crate) hubbub: PathBuf,
    pub(crate) flags: Vec<OsString>,
    /// A file that says by how much its wall clock is off.
    pub(crate) clock: Option<PathBuf>,
    pub(crate) disk: Option<Arc<Disk>>,
}

struct Running {
    child: Child,
    _reading: [JoinHandle<()>; 2],
}

pub(crate) struct Node {
    pub(crate) number: usize,
    pub(crate) address: SocketAddr,
    pub(crate) postgres: Option<Wire>,
    pub(crate) redis: Option<Wire>,
    pub(crate) log: Log,
    recipe: Recipe,
    running: tokio::sync::Mutex<Option<Running>>,
    /// Whoever does something to the process holds it.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Node {
    pub(crate) fn new(
        number: usize,
        recipe: Recipe,
        postgres: Option<Wire>,
        redis: Option<Wire>,
        began: Instant,
    ) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], quiet_port()?));
        let log = Log::new(began);
        let (running, turn) = Default::default();
        Ok(Self { number, address, postgres, redis, log, recipe, running, turn })
    }

    /// The program, on the node's disk and with its clock.
    pub(crate) fn program(&self) -> Command {
        // It shall not outlive this process, whatever becomes of that.
        let dies_with_us = ["setpriv", "--pdeathsig", "KILL", "--"];
        let mut command = match &self.recipe.disk {
            Some(disk) => {
                let mut enter = disk.enter();
                enter.args(dies_with_us);
                enter
            }
            None => {
                let mut command = Command::new(dies_with_us[0]);
                command.args(&dies_with_us[1..]);
                command
            }
        };
        command.arg(&self.recipe.hubbub).kill_on_drop(true).env_clear().env("RUST_BACKTRACE", "1");
        // Nobody of the team is connected most of the time, and that is not what is tried here.
        command.env("HUBBUB_TAKE_MESSAGES", "false");
        command
    }

    /// What says where the store is, for a command on it.
    pub(crate) fn store_flag(&self) -> &[OsString] {
        &self.recipe.flags[..2]
    }

    /// Starts it; it may have to wait for its store.
    pub(crate) async fn start(&self) -> anyhow::Result<()> {
        let mut command = self.program();
        command.args(["serve", "--listen", &self.address.to_string()]).args(&self.recipe.flags);
        if let Some(clock) = &self.recipe.clock {
            // Read at each look at the clock, so that it can be stepped; what measures durations is left alone.
            command
                .env("LD_PRELOAD", faketime()?)
                .env("FAKETIME_TIMESTAMP_FILE", clock)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("DONT_FAKE_MONOTONIC", "1");
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting hubbub")?;
        self.log.note("--- started");
        let reading = [
            self.log.follow(child.stdout.take().context("it was piped")?),
            self.log.follow(child.stderr.take().context("it was piped")?),
        ];
        *self.running.lock().await = Some(Running { child, _reading: reading });
        Ok(())
    }

    /// SIGKILL.
    pub(crate) async fn kill(&self) -> anyhow::Result<()> {
        if let Some(mut running) = self.running.lock().await.take() {
            let pid = running.child.id();
            running.child.kill().await?;
            self.log.note("--- killed");
            forget_clock(pid);
        }
        Ok(())
    }

    /// SIGTERM, and waits for the end. A process that has only just begun does not know the signal yet, so this waits
    /// until it listens.
    pub(crate) async fn terminate(&self) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + LISTENS;
        while TcpStream::connect(self.address).await.is_err() && Instant::now() < deadline {
            sleep(Duration::from_millis(10)).await;
        }
        let mut running = self.running.lock().await.take().context("it is not running")?;
        let pid = running.child.id();
        self.log.note("--- terminated");
        signal("-TERM", pid).await?;
        let ended = tokio::time::timeout(END, running.child.wait()).await;
        let ended =
            ended.map_err(|_| anyhow::anyhow!("node {} did not end within {END:?}", self.number))??;
        self.log.note(&format!("--- ended: {ended}"));
        forget_clock(pid);
        Ok(ended)
    }

    /// SIGSTOP: its connections stay, nothing happens.
    pub(crate) async fn freeze(&self) -> anyhow::Result<()> {
        self.log.note("--- frozen");
        signal("-STOP", self.pid().await).await
    }

    pub(crate) async fn thaw(&self) -> anyhow::Result<()> {
        self.log.note("--- thawed");
        signal("-CONT", self.pid().await).await
    }

    /// Steps its wall clock to so many seconds off the true time.
    pub(crate) fn step_clock(&self, seconds: i64) -> anyhow::Result<()> {
        let Some(clock) = &self.recipe.clock else { return Ok(()) };
        self.log.note(&format!("--- clock at {seconds:+} s"));
        // Renamed, so that nobody reads half a number.
        let new = clock.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}\n"))?;
        Ok(std::fs::rename(new, clock)?)
    }

    pub(crate) fn has_a_clock(&self) -> bool {
        self.recipe.clock.is_some()
    }

    pub(crate) async fn pid(&self) -> Option<u32> {
        self.running.lock().await.as_ref()?.child.id()
    }

    /// How it ended, if nobody asked it to.
    pub(crate) async fn ended_by_itself(&self) -> Option<String> {
        match self.running.lock().await.as_mut() {
            None => Some("is not running".to_owned()),
            Some(running) => match running.child.try_wait() {
                Ok(None) => None,
                Ok(Some(status)) => Some(format!("ended by itself: {status}")),
                Err(error) => Some(error.to_string()),
            },
        }
    }

    /// The client's view of it, past all wires.
    pub(crate) fn direct(&self) -> anyhow::Result<Server> {
        Ok(Server::new(format!("http://{}", self.address))?)
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let Ok(server) = self.direct() else { return false };
        let asked = server.request("GET", "/readyz").timeout(Duration::from_secs(2)).send().await;
        asked.is_ok_and(|answer| answer.status == 200)
    }

    /// Kilobytes of memory in use.
    pub(crate) async fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid().await?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

async fn signal(signal: &str, pid: Option<u32>) -> anyhow::Result<()> {
    let pid = pid.context("it is not running")?.to_string();
    ensure!(Command::new("kill").args([signal, &pid]).status().await?.success(), "kill {signal} {pid}");
    Ok(())
}

/// A free port that the kernel gives to nobody who asks for any: a node that comes back must find it free.
fn quiet_port() -> anyhow::Result<u16> {
    for _ in 0..100 {
        let port = rand::rng().random_range(18_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no port is free")
}

fn faketime() -> anyhow::Result<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib")?.flatten();
    let library =
        folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|it| it.exists());
    library.context("libfaketime is not installed: apt-get install libfaketime")
}

/// What libfaketime leaves behind when its process is killed.
fn forget_clock(pid: Option<u32>) {
    let Some(pid) = pid else { return };
    for name in [format!("faketime_shm_{pid}"), format!("sem.faketime_sem_{pid}")] {
        let _ = std::fs::remove_file(PathBuf::from("/dev/shm").join(name));
    }
}
