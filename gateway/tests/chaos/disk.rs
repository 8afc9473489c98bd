//! A small disk that can be full: a tmpfs of its own, mounted where only the processes that enter it see it.
//!
//! Real `ENOSPC` is what has to be tested: a limit on the size of files (`prlimit --fsize`) makes SQLite fail in
//! another place and with another code. The mount lives in a mount namespace, so it needs no cleaning up, and where
//! root may not mount, a user namespace helps; the process that holds the namespace ends with this one.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

const MEGABYTES: u32 = 24;

pub(crate) struct Disk {
    holder: Child,
    pid: u32,
    with_user: bool,
    folder: TempDir,
    /// Whoever fills it holds it.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

impl Disk {
    pub(crate) async fn mount() -> anyhow::Result<Self> {
        let mut failures = Vec::new();
        for with_user in [false, true] {
            match Self::try_mount(with_user).await {
                Ok(disk) => return Ok(disk),
                Err(error) => failures.push(format!("{error:#}")),
            }
        }
        anyhow::bail!("no small disk can be mounted here, neither as root nor as one's own: {failures:?}")
    }

    async fn try_mount(with_user: bool) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hubbub-disk-").tempdir()?;
        let mut holder = Command::new("unshare")
            .args(if with_user { &["--user", "--map-root-user", "--mount"][..] } else { &["--mount"] })
            // Lives until its standard input ends, which it does with this process, whatever becomes of that.
            .args(["sh", "-c", "mount -t tmpfs -o size=$2m none \"$1\" && echo mounted && exec cat", "sh"])
            .arg(folder.path())
            .arg(MEGABYTES.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("unshare")?;
        let mut said = String::new();
        BufReader::new(holder.stdout.take().context("it was piped")?).read_line(&mut said).await?;
        if said.trim() != "mounted" {
            let output = holder.wait_with_output().await?;
            anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let pid = holder.id().context("it lives")?;
        let disk = Self { holder, pid, with_user, folder, turn: tokio::sync::Mutex::default() };
        ensure!(std::fs::read_dir(disk.seen_from_here())?.next().is_none(), "the disk is not a new one");
        Ok(disk)
    }

    /// The folder, as processes see it that entered.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// For a program that shall run where the disk is.
    pub(crate) fn enter(&self) -> Command {
        debug_assert!(self.holder.id().is_some(), "the disk's holder is gone");
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.pid.to_string(), "--mount"]);
        if self.with_user {
            command.args(["--user", "--preserve-credentials"]);
        }
        command
    }

    fn seen_from_here(&self) -> PathBuf {
        let inside = self.folder.path().strip_prefix("/").unwrap_or(self.folder.path());
        Path::new("/proc").join(self.pid.to_string()).join("root").join(inside)
    }

    fn ballast(&self) -> PathBuf {
        self.seen_from_here().join("ballast")
    }

    /// Takes what room there is.
    pub(crate) fn fill(&self) -> io::Result<()> {
        let mut file = File::create(self.ballast())?;
        let block = [0; 4096];
        loop {
            match file.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives it back.
    pub(crate) fn free(&self) -> io::Result<()> {
        std::fs::remove_file(self.ballast())
    }
}
