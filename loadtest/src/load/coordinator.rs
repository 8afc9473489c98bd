//! One run from beginning to end: starts the workers, says when, watches the server, adds up.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
};

use super::{
    plan::{Order, Peer, Plan, Tick, Word},
    sums::Sums,
    watch::Watch,
    worker::TICK,
};
use crate::{
    report::{Connecting, Phase, Progress, Run, Target},
    scenario::Scenario,
};

/// Words of workers that wait to be read.
const WORDS: usize = 1_024;
/// How long sessions may take to be made, each, before the run is given up.
const PREPARING: Duration = Duration::from_secs(300);
/// How long nobody new may get in before the run goes on without the rest.
const STUCK: Duration = Duration::from_secs(30);
/// For the server to come to rest before its memory is looked at.
const REST: Duration = Duration::from_secs(1);
/// At most so many slices in a report.
const MOMENTS: f64 = 240.0;
/// For an orderly end of the workers.
const GOODBYE: Duration = Duration::from_secs(20);

/// What to do, and against whom.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to play.
    pub scenario: Scenario,
    /// Which server it is.
    pub peer: Peer,
    /// Where: several, if several nodes are to be asked in turn.
    pub urls: Vec<String>,
    /// The key of the site that customers come to.
    pub site: String,
    /// An agent's e-mail; all agents share this login.
    pub email: String,
    /// The password.
    pub password: Option<String>,
    /// The server's processes (with all descendants).
    pub server_pids: Vec<u32>,
    /// The store's own processes (with all descendants).
    pub store_pids: Vec<u32>,
    /// Where the server's counters are.
    pub metrics_urls: Vec<String>,
    /// Worker processes.
    pub workers: u32,
    /// Plays the same choices again.
    pub seed: u64,
    /// This program, to be started as a worker.
    pub program: PathBuf,
}

struct Worker {
    process: Child,
    orders: ChildStdin,
}

/// Runs a scenario.
///
/// # Errors
/// The workers cannot be started, or cannot begin: no server, no login, refused sessions.
pub async fn run(options: &Options, progress: &mut Progress) -> anyhow::Result<Run> {
    let began_at = jiff::Timestamp::now().strftime("%FT%TZ").to_string();
    let (mut workers, mut words) = start(options).await?;
    let mut run = Conducted {
        options,
        watch: Watch::new(options, workers.iter().filter_map(|worker| worker.process.id())),
        sums: Sums::new(options.scenario.time.measured_s / MOMENTS, workers.len()),
        words: &mut words,
        workers: &mut workers,
    };
    let played = run.play(progress).await;
    let finished = match played {
        Ok(connecting) => run.finish(connecting, began_at).await,
        Err(error) => Err(error),
    };
    for mut worker in workers {
        drop(worker.orders);
        if tokio::time::timeout(GOODBYE, worker.process.wait()).await.is_err() {
            let _ = worker.process.kill().await;
        }
    }
    finished
}

async fn start(options: &Options) -> anyhow::Result<(Vec<Worker>, mpsc::Receiver<(usize, Word)>)> {
    let (said, words) = mpsc::channel(WORDS);
    let mut workers = Vec::new();
    for number in 0..options.workers {
        let mut process = Command::new(&options.program)
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting a worker: {}", options.program.display()))?;
        let mut orders = process.stdin.take().context("a worker without an input")?;
        let mut lines = BufReader::new(process.stdout.take().context("a worker without an output")?).lines();
        let plan = Plan {
            scenario: options.scenario.clone(),
            peer: options.peer,
            urls: options.urls.clone(),
            site: options.site.clone(),
            email: options.email.clone(),
            password: options.password.clone(),
            seed: options.seed.wrapping_add(u64::from(number) << 40),
            worker: number,
            workers: options.workers,
        };
        tell(&mut orders, &plan).await?;
        let said = said.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let word = serde_json::from_str(&line)
                    .unwrap_or_else(|error| Word::Failed(format!("a worker said {error}")));
                let ended = matches!(word, Word::Done(Order::Finish));
                if said.send((number as usize, word)).await.is_err() || ended {
                    return;
                }
            }
            let _ = said.send((number as usize, Word::Failed("a worker died".into()))).await;
        });
        workers.push(Worker { process, orders });
    }
    Ok((workers, words))
}

async fn tell(orders: &mut ChildStdin, what: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    orders.write_all(&line).await.context("a worker does not listen")
}

/// A run that is under way.
struct Conducted<'a> {
    options: &'a Options,
    watch: Watch,
    sums: Sums,
    words: &'a mut mpsc::Receiver<(usize, Word)>,
    workers: &'a mut Vec<Worker>,
}

impl Conducted<'_> {
    async fn play(&mut self, progress: &mut Progress) -> anyhow::Result<Connecting> {
        let Scenario { time, cut_all_at_s, .. } = &self.options.scenario;
        progress.connecting(0, u64::from(self.options.scenario.connections()), 0);
        self.order(Order::Prepare, PREPARING).await?;
        let connecting = self.connect(progress).await?;

        self.order(Order::Load, GOODBYE).await?;
        self.sums.begin(-time.warm_up_s);
        self.hold(time.warm_up_s, Phase::WarmUp, 0.0, progress).await?;

        self.watch.begin().await;
        self.order(Order::Measure, GOODBYE).await?;
        self.sums.measure();
        let mut left = time.measured_s;
        if let Some(at) = *cut_all_at_s {
            left -= at;
            self.hold(at, Phase::Measuring, left, progress).await?;
            self.watch.cut(self.sums.reconnects(), self.sums.linked());
            self.order(Order::Cut, GOODBYE).await?;
        }
        self.hold(left, Phase::Measuring, 0.0, progress).await?;
        self.watch.end();
        self.order(Order::Settle, GOODBYE).await?;
        self.sums.end_measuring();
        self.watch.read_counters().await;
        self.settle(time.settle_s, progress).await?;
        self.order(Order::Finish, GOODBYE).await?;
        Ok(connecting)
    }

    /// Waits for what is on its way.
    async fn settle(&mut self, seconds: f64, progress: &mut Progress) -> anyhow::Result<()> {
        let began = Instant::now();
        // A tick of each worker after the order tells what is still awaited.
        self.listen_for(TICK * 2).await?;
        loop {
            let left = seconds - began.elapsed().as_secs_f64();
            if self.sums.awaited() == 0 || left <= 0.0 {
                return Ok(());
            }
            let left = Duration::from_secs_f64(left);
            progress.moment(&self.sums.unfinished(), Phase::Settling, left, self.sums.failures());
            self.listen_for(TICK).await?;
        }
    }

    async fn connect(&mut self, progress: &mut Progress) -> anyhow::Result<Connecting> {
        let wanted = u64::from(self.options.scenario.connections());
        let before = self.watch.look();
        let began = Instant::now();
        self.order(Order::Connect, GOODBYE).await?;
        let (mut made, mut changed) = (0, Instant::now());
        while made < wanted && changed.elapsed() < STUCK {
            self.listen_for(TICK / 5).await?;
            if self.sums.made() != made {
                (made, changed) = (self.sums.made(), Instant::now());
                progress.connecting(made, wanted, self.sums.failures());
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        let after = self.watch.look();
        if made < wanted {
            let errors = self.sums.errors();
            if made == 0 && wanted > 0 {
                bail!("nobody could connect: {errors:?}");
            }
            self.watch.remark(format!(
                "Only {made} of {wanted} connections could be made ({errors:?}): the load is smaller than it was meant to be."
            ));
        }
        self.listen_for(REST).await?;
        Ok(self.watch.connecting(wanted, made, seconds, self.sums.connects(), &before, &after))
    }

    /// Gives an order and waits until all workers did it.
    async fn order(&mut self, order: Order, patience: Duration) -> anyhow::Result<()> {
        for worker in self.workers.iter_mut() {
            tell(&mut worker.orders, &order).await?;
        }
        let mut missing = self.workers.len();
        let until = tokio::time::Instant::now() + patience;
        while missing > 0 {
            let word = tokio::time::timeout_at(until, self.words.recv()).await;
            let Ok(Some((from, word))) = word else { bail!("a worker did not {order:?} in {patience:?}") };
            match word {
                Word::Done(done) if done == order => missing -= 1,
                Word::Done(_) => {}
                Word::Failed(why) => bail!(why),
                Word::Tick(tick) => self.take(from, &tick),
            }
        }
        Ok(())
    }

    async fn listen_for(&mut self, time: Duration) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + time;
        while let Ok(Some((from, word))) = tokio::time::timeout_at(until, self.words.recv()).await {
            match word {
                Word::Done(_) => {}
                Word::Failed(why) => bail!(why),
                Word::Tick(tick) => self.take(from, &tick),
            }
        }
        Ok(())
    }

    fn take(&mut self, from: usize, tick: &Tick) {
        self.sums.add(from, tick);
        self.watch.reconnected(self.sums.reconnects());
    }

    /// Lets the load go on for so many seconds; `more` of the phase come after them.
    async fn hold(
        &mut self,
        seconds: f64,
        phase: Phase,
        more: f64,
        progress: &mut Progress,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let left = seconds - began.elapsed().as_secs_f64();
            if left <= 0.0 {
                return Ok(());
            }
            self.listen_for(TICK.min(Duration::from_secs_f64(left))).await?;
            let failures = self.sums.failures();
            if let Some(moment) = self.sums.slice(|| self.watch.probe()) {
                let left = (left - TICK.as_secs_f64()).max(0.0) + more;
                progress.moment(moment, phase, Duration::from_secs_f64(left), failures);
            }
        }
    }

    async fn finish(&mut self, connecting: Connecting, began_at: String) -> anyhow::Result<Run> {
        let sums = &mut self.sums;
        let mut measured = sums.measured();
        measured.tool_cores = (self.watch.tool_cores() - sums.spare_cores()).max(0.0);
        let mut run = Run {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began_at,
            scenario: self.options.scenario.clone(),
            target: Target { peer: self.options.peer.word().to_owned(), urls: self.options.urls.clone() },
            machine: crate::probe::machine(),
            workers: self.options.workers,
            seed: self.options.seed,
            connecting,
            counts: sums.counts(),
            cost: self.watch.cost(measured.delivered),
            measured,
            moments: sums.take_moments(),
            metrics: self.watch.metrics(),
            verdicts: Vec::new(),
            remarks: self.watch.take_remarks(),
        };
        if run.measured.tool_cores > 0.9 * f64::from(run.workers) {
            run.remarks.push(
                "The tool itself was as busy as it can be: the server could have done more. Use more --workers.".into(),
            );
        }
        let budgets: BTreeMap<String, f64> = self.options.scenario.budgets.clone();
        run.judge(&budgets);
        Ok(run)
    }
}
