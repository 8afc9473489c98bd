//! Doing what the script says, and keeping account of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use loadtest::history::History;
use persistence::testing::{TestPostgres, TestRedis};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::{Instant, sleep};

use crate::{
    cluster::{Cluster, Store},
    node::Node,
    script::{Act, Fault, Part},
    wire::{Cut, Flow, Snip, Wire},
};

/// A fault that was, by the clock of the history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened {
    pub(crate) fault: Fault,
    pub(crate) from: Duration,
    /// Over; later than anything else while it is not.
    pub(crate) to: Duration,
}

/// What went wrong in a round.
#[derive(Debug, Default)]
pub(crate) struct Account(Mutex<Vec<Happened>>);

impl Account {
    pub(crate) fn happened(&self) -> Vec<Happened> {
        self.0.lock().unwrap().clone()
    }

    /// Was there a fault of this part, or its aftermath of so long, at any time of this span?
    pub(crate) fn any(&self, part: Part, aftermath: Duration, (from, to): (Duration, Duration)) -> bool {
        let touches = |it: &Happened| it.fault.part() == part && it.from <= to && from <= it.to + aftermath;
        self.0.lock().unwrap().iter().any(touches)
    }

    fn begins(&self, fault: Fault, history: &History) -> usize {
        let mut happened = self.0.lock().unwrap();
        happened.push(Happened { fault, from: history.elapsed(), to: Duration::MAX / 2 });
        happened.len() - 1
    }

    fn ends(&self, number: usize, history: &History) {
        self.0.lock().unwrap()[number].to = history.elapsed();
    }
}

/// What begins a fault of a server, and what ends it.
type DoneAndUndone<S> = (fn(&S), fn(&S));

/// The stage of a round.
pub(crate) struct Stage {
    pub(crate) cluster: Arc<Cluster>,
    /// Of the clients.
    pub(crate) wires: Vec<Arc<Wire>>,
    pub(crate) history: History,
    pub(crate) account: Account,
}

impl Stage {
    /// Does it at its time, and undoes it.
    pub(crate) async fn perform(&self, act: Act, began: Instant) -> anyhow::Result<()> {
        tokio::time::sleep_until(began + act.at).await;
        let node = &self.cluster.nodes[act.node];
        let mut random = StdRng::seed_from_u64(act.choice);
        let done = match act.fault.part() {
            Part::Node => self.node(act, node, &mut random).await,
            Part::Postgres => self.postgres(act, node, &mut random).await,
            Part::Redis => self.redis(act, node, &mut random).await,
            Part::Client => self.client(act, &mut random).await,
            Part::Clock => self.clock(act, &mut random).await,
            Part::Disk => self.disk(act).await,
        };
        done.with_context(|| act.to_string())
    }

    /// While `body` runs, the fault is on.
    async fn account<T>(&self, fault: Fault, body: impl Future<Output = T>) -> T {
        let number = self.account.begins(fault, &self.history);
        let done = body.await;
        self.account.ends(number, &self.history);
        done
    }

    async fn node(&self, act: Act, node: &Node, random: &mut StdRng) -> anyhow::Result<()> {
        match act.fault {
            Fault::RollingRestart => {
                for node in &self.cluster.nodes {
                    self.stop(Act { fault: Fault::RollingRestart, ..act }, node, random).await?;
                    // As any deployment does it: the next one when this one serves.
                    let deadline = Instant::now() + Duration::from_secs(30);
                    while !node.is_ready().await && Instant::now() < deadline {
                        sleep(Duration::from_millis(50)).await;
                    }
                }
                Ok(())
            }
            Fault::NodeStop => self.stop(act, node, random).await,
            Fault::NodeFreeze => {
                let _turn = node.turn.lock().await;
                self.account(act.fault, async {
                    node.freeze().await?;
                    sleep(act.lasts).await;
                    node.thaw().await
                })
                .await
            }
            _ => {
                let _turn = node.turn.lock().await;
                self.account(act.fault, async {
                    node.kill().await?;
                    sleep(act.lasts).await;
                    node.start().await
                })
                .await
            }
        }
    }

    async fn stop(&self, act: Act, node: &Node, random: &mut StdRng) -> anyhow::Result<()> {
        let _turn = node.turn.lock().await;
        // A load balancer looks at /readyz now and then: some are told in time, some send clients there still.
        let told = random.random_bool(0.5);
        self.account(act.fault, async {
            if told {
                self.cluster.balancer.serves(node.number, false);
            }
            let began = self.history.elapsed();
            let ended = node.terminate().await?;
            let span = (began, self.history.elapsed());
            // What cannot be finished for want of a store ends at its deadline, and says so.
            let excused = self.account.any(Part::Postgres, Duration::from_secs(2), span)
                || self.account.any(Part::Disk, Duration::from_secs(2), span);
            ensure!(ended.success() || excused, "node {} was asked to stop: {ended}", node.number);
            sleep(act.lasts).await;
            node.start().await?;
            self.cluster.balancer.serves(node.number, true);
            Ok(())
        })
        .await
    }

    async fn postgres(&self, act: Act, node: &Node, random: &mut StdRng) -> anyhow::Result<()> {
        let Store::Postgres(server) = &self.cluster.store else { return Ok(()) };
        let wire = node.postgres.as_ref().context("a node on Postgres has a wire to it")?;
        let (begin, end): DoneAndUndone<TestPostgres> = match act.fault {
            Fault::PostgresKill => (TestPostgres::kill, TestPostgres::start_again),
            Fault::PostgresStop => (TestPostgres::stop_immediate, TestPostgres::start_again),
            Fault::PostgresStall => (TestPostgres::stall, TestPostgres::resume),
            Fault::PostgresCut => {
                let _turn = self.cluster.store_turn.lock().await;
                return self
                    .account(act.fault, async {
                        // By the server, as when it hands over to another, or by the network.
                        if random.random_bool(0.5) {
                            server.cut_all().await;
                        } else {
                            let wires = self.cluster.nodes.iter().filter_map(|node| node.postgres.as_ref());
                            wires.for_each(|wire| wire.cut(how(random)));
                        }
                        Ok(())
                    })
                    .await;
            }
            Fault::PostgresSnip => {
                return self
                    .account(act.fault, async {
                        let until = Instant::now() + act.lasts;
                        while Instant::now() < until {
                            let requests = random.random_range(1..=4);
                            wire.snip(Snip { requests, torn: random.random_bool(0.5) });
                            sleep(Duration::from_millis(random.random_range(50..400))).await;
                        }
                        Ok(())
                    })
                    .await;
            }
            _ => {
                return self.interrupt(act, wire, random).await;
            }
        };
        let _turn = self.cluster.store_turn.lock().await;
        self.account(act.fault, async {
            blocking(server, begin).await?;
            sleep(act.lasts).await;
            blocking(server, end).await
        })
        .await
    }

    async fn redis(&self, act: Act, node: &Node, random: &mut StdRng) -> anyhow::Result<()> {
        let (Some(server), Some(wire)) = (&self.cluster.redis, &node.redis) else { return Ok(()) };
        let (begin, end): DoneAndUndone<TestRedis> = match act.fault {
            Fault::RedisKill => (TestRedis::kill, TestRedis::start_again),
            Fault::RedisStall => (TestRedis::stall, TestRedis::resume),
            Fault::RedisFlush => (TestRedis::flush, |_| ()),
            _ => return self.interrupt(act, wire, random).await,
        };
        let _turn = self.cluster.redis_turn.lock().await;
        self.account(act.fault, async {
            blocking(server, begin).await?;
            sleep(act.lasts).await;
            blocking(server, end).await
        })
        .await
    }

    /// A wire is ill in one of many ways.
    async fn interrupt(&self, act: Act, wire: &Wire, random: &mut StdRng) -> anyhow::Result<()> {
        let _turn = wire.turn.lock().await;
        self.account(act.fault, async {
            if random.random_bool(0.25) {
                wire.refuse();
            } else {
                let (up, down) = directions(random);
                wire.flow(up, down);
            }
            sleep(act.lasts).await;
            wire.heal();
        })
        .await;
        Ok(())
    }

    async fn client(&self, act: Act, random: &mut StdRng) -> anyhow::Result<()> {
        let chosen: Vec<_> = self.wires.iter().filter(|_| random.random_bool(0.5)).cloned().collect();
        self.account(act.fault, async {
            match act.fault {
                Fault::ClientCut => {
                    let refused = random.random_bool(0.3);
                    for wire in &chosen {
                        if refused { wire.refuse() } else { wire.cut(how(random)) }
                    }
                    if refused {
                        sleep(act.lasts).await;
                    }
                }
                Fault::ClientSilence => {
                    for wire in &chosen {
                        let (up, down) = directions(random);
                        wire.flow(up, down);
                    }
                    sleep(act.lasts).await;
                }
                _ => {
                    for wire in &chosen {
                        let delay = Duration::from_millis(random.random_range(5..120));
                        wire.slow(delay, random.random_range(1..200));
                    }
                    sleep(act.lasts).await;
                }
            }
            chosen.iter().for_each(|wire| wire.heal());
        })
        .await;
        Ok(())
    }

    async fn clock(&self, act: Act, random: &mut StdRng) -> anyhow::Result<()> {
        let clocks: Vec<_> = self.cluster.nodes.iter().filter(|node| node.has_a_clock()).collect();
        let node = clocks[act.node % clocks.len()];
        let by = if random.random_bool(0.5) { 3_600 } else { -3_600 };
        self.account(act.fault, async {
            node.step_clock(by)?;
            sleep(act.lasts).await;
            node.step_clock(0)
        })
        .await
    }

    async fn disk(&self, act: Act) -> anyhow::Result<()> {
        let Store::Sqlite(Some(disk)) = &self.cluster.store else { return Ok(()) };
        let _turn = disk.turn.lock().await;
        self.account(act.fault, async {
            disk.fill()?;
            sleep(act.lasts).await;
            Ok(disk.free()?)
        })
        .await
    }
}

fn how(random: &mut StdRng) -> Cut {
    if random.random_bool(0.7) { Cut::Reset } else { Cut::Close }
}

/// Nothing goes there, nothing comes back, or neither; what is said meanwhile comes late, or never.
fn directions(random: &mut StdRng) -> (Flow, Flow) {
    let dead = if random.random_bool(0.5) { Flow::Hold } else { Flow::Swallow };
    [(dead, dead), (dead, Flow::Pass), (Flow::Pass, dead)][random.random_range(0..3)]
}

async fn blocking<S: Send + Sync + 'static>(server: &Arc<S>, act: fn(&S)) -> anyhow::Result<()> {
    let server = server.clone();
    tokio::task::spawn_blocking(move || act(&server)).await.context("a server of the suite")
}
