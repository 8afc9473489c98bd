//! The server's processes, the store's and the tool's own, through a run.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::coordinator::Options;
use crate::{
    probe::{self, Processes},
    report::{Connecting, Cost, Metric, Probed, Spread},
};

/// How often memory is looked at: the kernel walks every page for it.
const MEMORY: Duration = Duration::from_secs(2);

/// A moment's look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    at: Instant,
    server: Option<Duration>,
    store: Option<Duration>,
    tool: Duration,
    busy: Option<Duration>,
    server_kib: Option<u64>,
}

/// All links were cut.
struct Cut {
    at: Look,
    before: u64,
    wanted: u64,
    /// When all were back.
    back: Option<Look>,
}

pub(super) struct Watch {
    server: Option<Processes>,
    store: Option<Processes>,
    tool: Processes,
    metrics_urls: Vec<String>,
    began: Option<Look>,
    ended: Option<Look>,
    last: Option<Look>,
    memory: Option<(Instant, u64)>,
    cut: Option<Cut>,
    before: BTreeMap<String, f64>,
    after: BTreeMap<String, f64>,
    remarks: Vec<String>,
}

impl Watch {
    pub(super) fn new(options: &Options, workers: impl Iterator<Item = u32>) -> Self {
        let trees = |pids: &[u32]| (!pids.is_empty()).then(|| Processes::of(pids));
        let mut own: Vec<u32> = workers.collect();
        own.push(std::process::id());
        let mut remarks = Vec::new();
        if options.server_pids.is_empty() {
            remarks.push(
                "The server's processes were not seen: no CPU or memory of it. Name them by --server-pid, on its machine.".into(),
            );
        }
        Self {
            server: trees(&options.server_pids),
            store: trees(&options.store_pids),
            tool: Processes::of(&own),
            metrics_urls: options.metrics_urls.clone(),
            began: None,
            ended: None,
            last: None,
            memory: None,
            cut: None,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            remarks,
        }
    }

    pub(super) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    /// Looks at everything but memory.
    fn glance(&mut self) -> Look {
        Look {
            at: Instant::now(),
            server: self.server.as_mut().map(Processes::cpu),
            store: self.store.as_mut().map(Processes::cpu),
            tool: self.tool.cpu(),
            busy: probe::busy(),
            server_kib: None,
        }
    }

    /// Looks at everything.
    pub(super) fn look(&mut self) -> Look {
        let look = self.glance();
        let server_kib = self.server.as_ref().map(|server| server.memory().kib);
        Look { server_kib, ..look }
    }

    /// The measured time begins.
    pub(super) async fn begin(&mut self) {
        self.before = self.scrape().await;
        let look = self.look();
        (self.began, self.last) = (Some(look), Some(look));
    }

    /// The measured time is over.
    pub(super) fn end(&mut self) {
        self.ended = Some(self.look());
    }

    /// Reads the server's counters once more. After the end: it may take a while, in which the load has stopped.
    pub(super) async fn read_counters(&mut self) {
        self.after = self.scrape().await;
    }

    async fn scrape(&mut self) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for url in self.metrics_urls.clone() {
            match probe::metrics::scrape(&url).await {
                Ok(metrics) => {
                    for (name, value) in metrics {
                        *sums.entry(name).or_default() += value;
                    }
                }
                Err(error) => self.remarks.push(format!("The server's counters could not be read: {error}")),
            }
        }
        sums
    }

    /// So many links are about to be cut.
    pub(super) fn cut(&mut self, reconnects: u64, links: u64) {
        let at = self.glance();
        self.cut = Some(Cut { at, before: reconnects, wanted: links, back: None });
    }

    /// So many connections were made again by now.
    pub(super) fn reconnected(&mut self, reconnects: u64) {
        let all_back =
            |cut: &Cut| cut.back.is_none() && cut.wanted > 0 && reconnects >= cut.before + cut.wanted;
        if self.cut.as_ref().is_some_and(all_back) {
            let look = self.glance();
            if let Some(cut) = &mut self.cut {
                cut.back = Some(look);
            }
        }
    }

    /// What the processes did since the last look.
    pub(super) fn probe(&mut self) -> Probed {
        let look = self.glance();
        let last = self.last.replace(look);
        if self.memory.is_none_or(|(at, _)| at.elapsed() >= MEMORY)
            && let Some(server) = &self.server
        {
            self.memory = Some((Instant::now(), server.memory().kib));
        }
        let Some(last) = last else { return Probed::default() };
        let seconds = look.at.duration_since(last.at).as_secs_f64();
        let cores = |now: Option<Duration>, before: Option<Duration>| {
            (seconds > 0.0).then(|| Some(since(now?, before?).as_secs_f64() / seconds)).flatten()
        };
        Probed {
            server_cores: cores(look.server, last.server),
            store_cores: cores(look.store, last.store),
            server_kib: self.memory.map(|(_, kib)| kib as f64),
        }
    }

    /// What connecting cost.
    pub(super) fn connecting(
        &mut self,
        wanted: u64,
        made: u64,
        seconds: f64,
        each: Spread,
        before: &Look,
        after: &Look,
    ) -> Connecting {
        let rested = self.look();
        let per = |value: f64| (made > 0).then(|| value / made as f64);
        let us =
            |now: Option<Duration>, before: Option<Duration>| per(since(now?, before?).as_secs_f64() * 1e6);
        let kib = |now: Option<u64>, before: Option<u64>| per(now? as f64 - before? as f64);
        Connecting {
            wanted,
            made,
            seconds,
            each,
            server_us_each: us(after.server, before.server),
            store_us_each: us(after.store, before.store),
            server_kib_each: kib(rested.server_kib, before.server_kib),
            server_kib_before: before.server_kib.map(|kib| kib as f64),
        }
    }

    /// What the measured time cost, with so many deliveries in it.
    pub(super) fn cost(&self, delivered: u64) -> Option<Cost> {
        let (began, ended) = (self.began?, self.ended?);
        let server = since(ended.server?, began.server?);
        let store = ended.store.zip(began.store).map(|(ended, began)| since(ended, began));
        let per = |cpu: Duration| (delivered > 0).then(|| cpu.as_secs_f64() * 1e6 / delivered as f64);
        let tool = since(ended.tool, began.tool);
        let watched = server + store.unwrap_or_default() + tool;
        let busy = ended.busy.zip(began.busy).map_or(Duration::ZERO, |(ended, began)| since(ended, began));
        let seconds = ended.at.duration_since(began.at).as_secs_f64();
        Some(Cost {
            server_cpu_s: server.as_secs_f64(),
            store_cpu_s: store.map(|cpu| cpu.as_secs_f64()),
            server_us_per_delivery: per(server),
            total_us_per_delivery: per(server + store.unwrap_or_default()),
            server_us_per_reconnect: self.per_reconnect(&began),
            server_kib: (
                began.server_kib.unwrap_or_default() as f64,
                ended.server_kib.unwrap_or_default() as f64,
            ),
            others_cores: since(busy, watched).as_secs_f64() / seconds,
        })
    }

    /// Without what the steady load would have cost meanwhile, by what it cost before the cut.
    fn per_reconnect(&self, began: &Look) -> Option<f64> {
        let Cut { at, wanted, back, .. } = self.cut.as_ref()?;
        let back = back.as_ref()?;
        let cpu = since(back.server?, at.server?).as_secs_f64();
        let steady_time = at.at.duration_since(began.at).as_secs_f64();
        let steady = if steady_time > 0.5 {
            since(at.server?, began.server?).as_secs_f64() / steady_time
        } else {
            0.0
        };
        let took = back.at.duration_since(at.at).as_secs_f64();
        Some((cpu - steady * took).max(0.0) * 1e6 / *wanted as f64)
    }

    /// Processors that the tool itself used in the measured time.
    pub(super) fn tool_cores(&self) -> f64 {
        let Some((began, ended)) = self.began.zip(self.ended) else { return 0.0 };
        since(ended.tool, began.tool).as_secs_f64() / ended.at.duration_since(began.at).as_secs_f64()
    }

    pub(super) fn metrics(&self) -> BTreeMap<String, Metric> {
        let pair = |(name, after): (&String, &f64)| {
            (
                name.clone(),
                Metric { before: self.before.get(name).copied().unwrap_or_default(), after: *after },
            )
        };
        self.after.iter().map(pair).collect()
    }

    pub(super) fn take_remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }
}

fn since(now: Duration, before: Duration) -> Duration {
    now.saturating_sub(before)
}
