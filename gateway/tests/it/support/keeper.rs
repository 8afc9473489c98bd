//! A program of somebody else's that lives no longer than the test process, whatever becomes of that.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use persistence::testing::Watchdog;

/// A running program. It is killed, with its children, when this is dropped.
pub(crate) struct Kept {
    log: PathBuf,
    pid: u32,
    watchdog: Watchdog,
}

impl Kept {
    /// Starts a program, the last of whose words is its configuration, beside which its log is written. The folder is
    /// removed in the end.
    ///
    /// # Panics
    /// If there is no shell to start it. Whether the program itself came up is to be seen ([`Self::is_running`]).
    pub(crate) fn start(folder: &Path, words: &[&str]) -> Self {
        let mut log = OsString::from(words[words.len() - 1]);
        log.push(".log");
        let mut all = vec![folder.as_os_str(), log.as_os_str()];
        all.extend(words.iter().map(OsStr::new));
        let watchdog = Watchdog::start(include_str!("keeper.sh"), &all).unwrap();
        let pid = watchdog.command("pid").parse().unwrap();
        Self { log: log.into(), pid, watchdog }
    }

    /// Sends SIGHUP, by which nginx reads its configuration anew.
    pub(crate) fn reload(&self) {
        self.watchdog.obey("reload");
    }

    /// Sends SIGUSR2, by which HAProxy's master does.
    pub(crate) fn reexec(&self) {
        self.watchdog.obey("reexec");
    }

    /// Whether the program has not ended by itself.
    pub(crate) fn is_running(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:") && !line.contains(['Z', 'X']))
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}
