//! Programs that run beside the measuring: pinned to a core, and gone when this one is, whatever becomes of it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use persistence::testing::Watchdog;
use tempfile::TempDir;
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use crate::machine::Core;

/// How long a start or an end may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks. Short, because a start is measured by them.
const LOOK: Duration = Duration::from_millis(1);

/// The hand that ends the program and removes its folder; shared with the tests that put proxies before Hubbub.
const KEEPER: &str = include_str!("../../tests/it/support/keeper.sh");

/// A folder that goes with the last of these values, or when a process that works in it ends.
#[derive(Debug, Clone)]
pub(crate) struct Folder(Arc<TempDir>);

impl Folder {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self(Arc::new(tempfile::Builder::new().prefix("hubbub-bench-").tempdir()?)))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, name: &str) -> String {
        self.path().join(name).display().to_string()
    }
}

/// A running program. When this is dropped it is killed, with its children, and its folder goes; so this is kept, even
/// of one that has ended, as long as the folder is needed.
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) pid: u32,
    pub(crate) started: Instant,
    log: PathBuf,
    // Ended before its folder goes.
    _watchdog: Watchdog,
    _folder: Folder,
}

impl Process {
    /// Starts these words on a core, with as many files open as may be.
    pub(crate) fn start(name: String, folder: &Folder, core: Core, words: &[String]) -> anyhow::Result<Self> {
        let log = folder.path().join(format!("{name}.log"));
        let core = core.to_string();
        let open_files = "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"";
        let mut all = vec![folder.path().as_os_str(), log.as_os_str()];
        all.extend(["sh", "-c", open_files, "sh", "taskset", "-c", &core].map(OsStr::new));
        all.extend(words.iter().map(OsStr::new));
        let started = Instant::now();
        let watchdog = Watchdog::start(KEEPER, &all).map_err(|why| anyhow::anyhow!("{name}: {why}"))?;
        let pid = watchdog.command("pid").parse().context("the keeper says the process id")?;
        Ok(Self { name, pid, started, log, _watchdog: watchdog, _folder: folder.clone() })
    }

    /// Waits until `ready` says so, or the program has ended.
    pub(crate) async fn until(&self, ready: impl AsyncFn() -> bool) -> anyhow::Result<()> {
        let deadline = self.started + PATIENCE;
        while !ready().await {
            ensure!(self.is_running(), "{} ended; it said: {}", self.name, self.said());
            ensure!(
                Instant::now() < deadline,
                "{} was not ready in {PATIENCE:?}; it said: {}",
                self.name,
                self.said()
            );
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Sends it a signal and waits for its end.
    pub(crate) async fn end(&self, signal: &str) -> anyhow::Result<()> {
        if self.is_running() {
            Command::new("kill").args([signal, &self.pid.to_string()]).status().await?;
        }
        let deadline = Instant::now() + PATIENCE;
        while self.is_running() {
            ensure!(Instant::now() < deadline, "{} did not end within {PATIENCE:?}", self.name);
            sleep(LOOK).await;
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:") && !line.contains(['Z', 'X']))
    }

    /// The last of what it said, in one line.
    pub(crate) fn said(&self) -> String {
        let said = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(5)..].join(" | ")
    }
}
