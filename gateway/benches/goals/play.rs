//! One load on one server: started, measured, ended.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use loadtest::report::Run;
use serde_json::Value;
use tokio::{
    process::Command,
    time::{Instant, sleep, timeout},
};

use crate::{
    cells::Cell,
    loads::{Besides, Load, What},
    machine::Core,
    million,
    process::Process,
    servers::{ADMIN, PASSWORD, Programs, Running},
};

/// The load tester says that it could not run.
const COULD_NOT: i32 = 2;
/// A run may take this much longer than what it plays: connecting, settling.
const BESIDES: Duration = Duration::from_secs(300);
/// How long the connections of the load that is killed may take.
const CONNECTING: Duration = Duration::from_secs(60);

/// How everything is played.
pub(crate) struct Player {
    pub(crate) programs: Programs,
    pub(crate) load_core: Core,
    pub(crate) seconds: f64,
    pub(crate) warm_up: f64,
    pub(crate) repository: PathBuf,
}

impl Player {
    /// Plays it and adds what came of it to the cell.
    pub(crate) async fn play(&self, load: &Load, cell: &mut Cell, folder: &Path) -> anyhow::Result<()> {
        match load.what {
            What::Play { scenario, set, besides } => {
                let mut running = self.programs.start(cell.subject).await?;
                let seconds = load.seconds.unwrap_or(self.seconds);
                let times =
                    [format!("time.warm_up_s={:?}", self.warm_up), format!("time.measured_s={seconds:?}")];
                let sets: Vec<_> = set.iter().map(|set| (*set).to_owned()).chain(times).collect();
                cell.command = format!("hubbub-loadtest run --scenario {scenario}");
                sets.iter().for_each(|set| cell.command.push_str(&format!(" --set '{set}'")));
                let command = self.load(&running, cell, scenario, &sets, folder);
                let played = self.run(command, &mut running, besides, seconds).await;
                let said = running.said();
                let output = played.with_context(|| said.clone())?;
                self.read(&output, folder, cell).with_context(|| said)?;
                if besides == Besides::Commits
                    && let Some(url) = &running.database_url
                {
                    cell.figures.insert("commit_ms".to_owned(), self.commit_ms(url).await?);
                }
                running.end().await
            }
            What::Start => {
                let mut running = self.programs.start(cell.subject).await?;
                running.end_node("-TERM").await?;
                let url = running.database_url.clone().context("it has a store")?;
                million::fill(&url).await?;
                let took = running.start_node(&self.programs).await?;
                cell.figures.insert("ready_s".to_owned(), took.as_secs_f64());
                running.end().await
            }
            What::Store => self.store(cell).await,
        }
    }

    fn load(
        &self,
        running: &Running,
        cell: &Cell,
        scenario: &str,
        sets: &[String],
        folder: &Path,
    ) -> Command {
        let mut command = self.pinned(self.load_core, "sh");
        command.args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"", "sh"]).arg(&self.programs.loadtest);
        command.args([
            "run",
            "--scenario",
            scenario,
            "--peer",
            cell.subject.peer(),
            "--workers",
            "1",
            "--quiet",
        ]);
        command.args(["--agent-email", ADMIN, "--agent-password", PASSWORD]);
        command.arg("--seed").arg((cell.repetition + 1).to_string()).arg("--out").arg(folder);
        let pids = |of: &[Process]| of.iter().map(|process| process.pid.to_string()).collect::<Vec<_>>();
        for (flag, values) in [
            ("--url", running.urls.clone()),
            ("--metrics-url", running.metrics_urls.clone()),
            ("--server-pid", pids(&running.servers)),
            ("--store-pid", pids(&running.stores)),
            ("--set", sets.to_vec()),
        ] {
            for value in values {
                command.args([flag, &value]);
            }
        }
        command
    }

    /// A program on a core, that does not outlive this process.
    fn pinned(&self, core: Core, program: &str) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string(), "setpriv", "--pdeathsig", "KILL", "--", program]);
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    async fn run(
        &self,
        mut command: Command,
        running: &mut Running,
        besides: Besides,
        seconds: f64,
    ) -> anyhow::Result<Output> {
        let child = command.spawn().context("starting the load")?;
        let most = BESIDES + Duration::from_secs_f64(self.warm_up + seconds);
        let output = async {
            let ended = timeout(most, child.wait_with_output()).await;
            Ok(ended.with_context(|| format!("it took more than {most:?}"))??)
        };
        let kill = async {
            if besides == Besides::Kill {
                let middle = Duration::from_secs_f64(self.warm_up + seconds / 2.0);
                self.kill_in_the_middle(running, middle).await?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(output, kill).map(|(output, ())| output)
    }

    /// Waits until people are there and talk, pulls the plug, and starts the server again.
    async fn kill_in_the_middle(&self, running: &mut Running, middle: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + CONNECTING;
        while running.connections().await.unwrap_or_default() < 1.0 {
            ensure!(Instant::now() < deadline, "nobody connected");
            sleep(Duration::from_millis(50)).await;
        }
        sleep(middle).await;
        running.end_node("-KILL").await?;
        running.start_node(&self.programs).await?;
        Ok(())
    }

    fn read(&self, output: &Output, folder: &Path, cell: &mut Cell) -> anyhow::Result<()> {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        match output.status.code() {
            Some(0) => {}
            Some(1) => cell.remarks.push("the run did not keep its budgets".to_owned()),
            Some(COULD_NOT) => bail!("the load could not be played: {said}"),
            _ => bail!("the load tester ended with {}: {said}", output.status),
        }
        cell.add_run(&Run::read(folder)?);
        Ok(())
    }

    /// T, taken by a process of its own on the servers' core, where the server takes it.
    async fn commit_ms(&self, database_url: &str) -> anyhow::Result<f64> {
        let own = std::env::current_exe()?.display().to_string();
        let output =
            self.pinned(self.programs.server_core, &own).args(["--commits", database_url]).output().await?;
        ensure!(output.status.success(), "timing commits: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
    }

    /// What the store's own benchmark says of this engine: of each figure the median.
    async fn store(&self, cell: &mut Cell) -> anyhow::Result<()> {
        let engine = cell.subject.word();
        let mut command = self.pinned(self.programs.server_core, env!("CARGO"));
        command.args(["bench", "--quiet", "--package", "persistence", "--bench", "goals", "--"]);
        let words = ["--json", "--rows", "500", "--turns", "3", &engine];
        command.args(words).current_dir(&self.repository);
        cell.command = format!("cargo bench -p persistence --bench goals -- {}", words.join(" "));
        let output = command.output().await.context("cargo")?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let line = said.lines().find(|line| line.starts_with('{')).context("it said nothing")?;
        let Value::Object(told) = serde_json::from_str(line)? else { bail!("it said {line}") };
        for (name, values) in told {
            let Value::Array(values) = values else { continue };
            let values = crate::cells::Spread(values.iter().filter_map(Value::as_f64).collect());
            cell.figures.extend(values.summary().map(|(median, _, _)| (name, median)));
        }
        Ok(())
    }
}
