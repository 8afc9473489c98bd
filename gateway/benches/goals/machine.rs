//! What this machine is, and what is installed on it.

use std::{fmt, fs, path::Path, process::Command};

use anyhow::{Context as _, ensure};

/// A processor, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Core(u32);

impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the servers run, and where the load is made: the first two processors that this process may use, or, where
/// there is but one, that one.
pub(crate) fn cores() -> anyhow::Result<(Core, Core)> {
    let status = fs::read_to_string("/proc/self/status").context("only Linux is measured")?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or("0");
    let mut allowed = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        allowed.extend(first.parse::<u32>()?..=last.parse()?);
    }
    let servers = *allowed.first().context("no processor")?;
    Ok((Core(servers), Core(*allowed.get(1).unwrap_or(&servers))))
}

/// What a program says on its standard output, in one line; `None` if it is not there or fails.
pub(crate) fn said(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).output().ok().filter(|output| output.status.success())?;
    // nginx says its version on the other one.
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    (!said.is_empty()).then_some(said)
}

/// Where a program is, if it is installed; also those that only root has in the path.
pub(crate) fn find(program: &str) -> Option<String> {
    said("sh", &["-c", "PATH=$PATH:/usr/sbin; command -v \"$1\"", "sh", program])
}

/// Where Postgres has its programs.
pub(crate) fn postgres_programs() -> Option<String> {
    said("sh", &["-c", "dirname \"$(ls -d /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)\""])
        .or_else(|| find("initdb").and_then(|found| Some(found.strip_suffix("/initdb")?.to_owned())))
        .filter(|folder| Path::new(folder).join("initdb").exists())
}

pub(crate) fn is_root() -> bool {
    said("id", &["-u"]).as_deref() == Some("0")
}

/// Installs the socket.io peer, as its lock file has it, if that was not done yet.
pub(crate) fn install_socketio(folder: &Path) -> anyhow::Result<()> {
    let done = folder.join("node_modules/.package-lock.json");
    let written = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    if written(&done) > written(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let npm = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    let output = Command::new("npm").args(npm).current_dir(folder).output().context("npm")?;
    ensure!(output.status.success(), "npm ci: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// What the page says of where and when it was measured: names and values.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned())).unwrap_or_default()
    };
    let memory = field(&file("/proc/meminfo"), "MemTotal");
    let memory: f64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    let folder = std::env::temp_dir().display().to_string();
    let postgres = postgres_programs().map(|folder| format!("{folder}/postgres"));
    let version = |found: Option<String>| found.unwrap_or_else(|| "not installed".to_owned());
    vec![
        ("Processor", field(&file("/proc/cpuinfo"), "model name")),
        ("Cores", version(said("nproc", &["--all"]))),
        ("Memory", format!("{:.0} GiB", memory / 1_048_576.0)),
        ("Kernel", file("/proc/sys/kernel/osrelease").trim().to_owned()),
        (
            "Stores on",
            version(said("df", &["--output=fstype,source", &folder]))
                .trim_start_matches("Type Filesystem ")
                .to_owned(),
        ),
        ("Postgres", version(postgres.and_then(|postgres| said(&postgres, &["--version"])))),
        ("Redis", version(said("redis-server", &["--version"]).map(|all| words(&all, 3)))),
        ("nginx", version(find("nginx").and_then(|nginx| said(&nginx, &["-v"])))),
        ("nchan", version(said("dpkg-query", &["--show", "libnginx-mod-nchan"]))),
        ("node", version(said("node", &["--version"]))),
    ]
}

fn words(all: &str, count: usize) -> String {
    all.split(' ').take(count).collect::<Vec<_>>().join(" ")
}

pub(crate) fn today() -> String {
    said("date", &["-u", "+%F"]).unwrap_or_default()
}

/// The commit that is measured.
pub(crate) fn commit(root: &Path) -> String {
    let folder = root.display().to_string();
    let git = |words: &[&str]| said("git", &[["-C", &folder].as_slice(), words].concat());
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some();
    format!("{commit}{}", if changed { ", with changes" } else { "" })
}

/// Processes that want to run, on average over the last minute.
pub(crate) fn load_average() -> f64 {
    let said = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    said.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}
