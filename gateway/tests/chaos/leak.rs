//! Memory, threads and descriptors of a node return to their level after many sessions have come and gone.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use futures_util::{StreamExt as _, stream};
use loadtest::client::{Server, introduction};
use protocol::SessionId;
use tokio::time::{Instant, sleep};

use crate::{
    cluster::{Cluster, Servers},
    node::Node,
};

/// Sessions under way at the same time.
const AT_ONCE: usize = 16;
/// A session without anybody is let go after 30 s; the rest is for a busy machine.
const RETURN: Duration = Duration::from_secs(90);
/// What an allocator may keep for itself, and what caches may take until they are full.
const ALLOWANCE_KB: u64 = 12 << 10;
/// What a session may leave behind for ever, in bytes: next to nothing.
const PER_SESSION: u64 = 256;

#[derive(Debug, Clone, Copy)]
struct Level {
    memory_kb: u64,
    threads: u64,
    descriptors: u64,
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = self.memory_kb as f64 / 1024.0;
        write!(f, "{megabytes:.1} MiB, {} threads, {} descriptors", self.threads, self.descriptors)
    }
}

impl Level {
    async fn of(node: &Node) -> anyhow::Result<Self> {
        let pid = node.pid().await.context("the node runs")?;
        let threads = std::fs::read_dir(format!("/proc/{pid}/task"))?.count() as u64;
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count() as u64;
        let memory_kb = node.memory().await.context("the node's memory")?;
        Ok(Self { memory_kb, threads, descriptors })
    }

    /// Nothing of so many sessions is left.
    fn is_back_at(self, before: Self, sessions: usize) -> bool {
        let allowed = ALLOWANCE_KB + PER_SESSION * sessions as u64 / 1024;
        // Threads of a pool come and go by themselves; descriptors of a database's pool, too.
        self.memory_kb <= before.memory_kb + allowed
            && self.threads <= before.threads + 4
            && self.descriptors <= before.descriptors + 8
    }
}

/// Lets sessions come and go on a node of its own; answers what there is to say about it.
pub(crate) async fn check(sessions: usize, servers: &Servers, began: Instant) -> anyhow::Result<String> {
    let cluster = Cluster::alone(servers, began).await?;
    let node = &cluster.nodes[0];
    // So that whatever is made once is made, and the allocator has what it keeps.
    let warm_up = sessions.min(2_000);
    come_and_go(&node.direct()?, 0, warm_up).await?;
    let before = Level::of(node).await?;
    let started = Instant::now();
    come_and_go(&node.direct()?, warm_up, sessions).await?;
    let took = started.elapsed();
    let peak = Level::of(node).await?;
    let deadline = Instant::now() + RETURN;
    loop {
        let after = Level::of(node).await?;
        let waited = RETURN - deadline.saturating_duration_since(Instant::now());
        let told = format!(
            "{sessions} sessions in {:.0} s: before {before}; right after {peak}; {:.0} s later {after}",
            took.as_secs_f64(),
            waited.as_secs_f64(),
        );
        // Not before the sessions were let go, or the figures would say nothing.
        if waited > Duration::from_secs(35) && after.is_back_at(before, sessions) {
            return Ok(told);
        }
        ensure!(Instant::now() < deadline, "a leak: {told}");
        sleep(Duration::from_secs(1)).await;
    }
}

async fn come_and_go(server: &Server, first: usize, count: usize) -> anyhow::Result<()> {
    let server = Arc::new(server.clone());
    let mut all = stream::iter(first..first + count)
        .map(|number| {
            let server = server.clone();
            async move {
                // A connection that was kept may end just as it is used again.
                let mut tries = 0;
                loop {
                    match one(&server, number).await {
                        Err(_) if tries < 2 => tries += 1,
                        done => return done.with_context(|| format!("session {number}")),
                    }
                }
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(done) = all.next().await {
        done?;
    }
    Ok(())
}

/// A customer starts, talks on both transports, and goes.
async fn one(server: &Server, number: usize) -> anyhow::Result<()> {
    let (caller, started) =
        server.start("demo", introduction(&format!("Leak {number}"), &format!("+888{number:09}"))).await?;
    let session: SessionId = started.session.id;
    let mut socket = caller.websocket().follow(session, None, None).connect().await?;
    let id = socket.say(session, "hello").await?;
    socket.acked(id).await?;
    if number.is_multiple_of(2) {
        socket.close().await;
    } else {
        socket.cut();
    }
    caller.poll(session).wait(0).next().await?;
    caller.close(session).await?;
    Ok(())
}
