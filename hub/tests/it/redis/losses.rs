//! What is lost on the way, and how it is found.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use hub::{Link as _, Message, Publication};
use persistence::{
    NodeId,
    testing::{Engine, TestStore},
};
use protocol::{Seq, SessionId};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Cluster, LONG, Node, PATIENCE, ask, join, listeners, until};
use crate::fixture::{AllSessions, Reader, log, say};

/// Thousands of entries of three nodes, while the connections that listen are killed again and again: nothing of it is
/// missing in the end, and nobody has to say anything more for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_through_broken_connections_reaches_everybody() {
    const SPEAKERS: usize = 6;
    const SAYS: usize = 250;
    let cluster = Cluster::start(3).await;
    cluster.all_are_well().await;
    let mut chats = Vec::new();
    for _ in 0..2 {
        let (ana, session) = cluster.shop.start(cluster.hub(0)).await;
        let mut readers = Vec::new();
        for node in &cluster.nodes {
            readers.push(Reader::follow(&node.hub, &ana, session).await);
            readers.push(Reader::follow(&node.hub, &cluster.shop.agent(1), session).await);
        }
        chats.push((ana, session, readers));
    }
    let (killing, killed) = (AtomicBool::new(true), AtomicUsize::new(0));
    let kill = async {
        while killing.load(Ordering::Relaxed) {
            let answer = ask(&cluster.redis, "CLIENT KILL TYPE pubsub").await;
            let count = answer.trim_start_matches(':').lines().next().and_then(|n| n.parse().ok());
            killed.fetch_add(count.unwrap_or(0), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let talk = async {
        let talk = chats.iter().flat_map(|(ana, session, _)| {
            let cluster = &cluster;
            (0..SPEAKERS).map(move |n| async move {
                let (hub, agent) = (cluster.hub(n % 3), cluster.shop.agent(0));
                let who = if n < 3 { ana } else { &agent };
                for i in 0..SAYS {
                    say(hub, who, *session, &format!("{n}: {i}")).await.unwrap();
                }
            })
        });
        join_all(talk).await;
        killing.store(false, Ordering::Relaxed);
    };
    tokio::join!(kill, talk);
    assert!(killed.load(Ordering::Relaxed) >= 6, "{killed:?} connections were killed");
    for (_, session, readers) in &mut chats {
        let stored = log(&cluster.test.store, *session).await;
        let last = stored.last().unwrap().seq;
        assert!(last >= Seq::new((SPEAKERS * SAYS) as u64), "{last}");
        for reader in readers {
            reader.reaches(last).await;
            assert_eq!(reader.seen, stored);
        }
    }
    cluster.all_are_well().await;
}

/// Two nodes, and of each the connection that listens, which is another one after it was killed.
struct Listeners {
    cluster: Cluster,
    ids: [u64; 2],
}

impl Listeners {
    async fn start() -> Self {
        let mut cluster = Cluster::start(1).await;
        let mut ids = [0; 2];
        for node in 0..2 {
            if node == 1 {
                cluster.nodes.push(join(&cluster.test.other_node().await, &cluster.redis.url()));
            }
            cluster.all_are_well().await;
            let all = listeners(&cluster.redis).await;
            ids[node] = *all.iter().find(|id| !ids.contains(id)).unwrap();
        }
        Self { cluster, ids }
    }

    async fn kill(&self, node: usize) {
        ask(&self.cluster.redis, &format!("CLIENT KILL ID {}", self.ids[node])).await;
    }

    async fn is_back(&mut self, node: usize) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let all = listeners(&self.cluster.redis).await;
            assert!(all.contains(&self.ids[1 - node]), "{:?} is gone, too", self.ids[1 - node]);
            if let Some(new) = all.iter().find(|id| !self.ids.contains(id)) {
                self.ids[node] = *new;
                return;
            }
            assert!(Instant::now() < deadline, "it does not listen again: {all:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Waits until a list shows the session as it is at this seq.
async fn hears_of(list: &mut AllSessions, session: SessionId, seq: Seq) {
    list.comes_to(|all| all.iter().any(|shown| shown.id == session && shown.last_seq >= seq)).await;
}

/// Summaries for lists wait up to a quarter of a second. What waits when the connection ends is not forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_miss_nothing_when_the_one_who_tells_is_cut_off() {
    let mut nodes = Listeners::start().await;
    let (ana, session) = nodes.cluster.shop.start(nodes.cluster.hub(0)).await;
    let mut list = AllSessions::watch(nodes.cluster.hub(1), &nodes.cluster.shop.agent(0)).await;
    for _ in 0..10 {
        // The first is told at once, the second after a pause. Within it the connection that listens is killed, and
        // the one that speaks goes with it.
        say(nodes.cluster.hub(0), &ana, session, "told at once").await.unwrap();
        let (_, seq) = say(nodes.cluster.hub(0), &ana, session, "told later").await.unwrap();
        nodes.kill(0).await;
        hears_of(&mut list, session, seq).await;
        nodes.is_back(0).await;
    }
}

/// The connection that listens is gone for a moment, too short to be called silence; what was told in it is read anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_miss_nothing_when_the_one_who_hears_is_cut_off() {
    let mut nodes = Listeners::start().await;
    let mut list = AllSessions::watch(nodes.cluster.hub(1), &nodes.cluster.shop.agent(0)).await;
    for _ in 0..10 {
        nodes.kill(1).await;
        let (_, session) = nodes.cluster.shop.start(nodes.cluster.hub(0)).await;
        hears_of(&mut list, session, Seq::new(1)).await;
        nodes.is_back(1).await;
    }
}

/// What is said, and lists that are told of it in between, need one connection, not a new one after each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_nobody_harms_loses_nothing() {
    let nodes = Listeners::start().await;
    let lost = || [0, 1].map(|node: usize| nodes.cluster.nodes[node].link.lost());
    let before = lost();
    let (ana, session) = nodes.cluster.shop.start(nodes.cluster.hub(0)).await;
    let mut list = AllSessions::watch(nodes.cluster.hub(1), &nodes.cluster.shop.agent(0)).await;
    let mut reader = Reader::follow(nodes.cluster.hub(1), &nodes.cluster.shop.agent(0), session).await;
    for round in 0..20 {
        let (_, seq) = say(nodes.cluster.hub(round % 2), &ana, session, "hello").await.unwrap();
        reader.reaches(seq).await;
        hears_of(&mut list, session, seq).await;
    }
    assert_eq!(lost(), before);
    let mut now = listeners(&nodes.cluster.redis).await;
    now.sort_unstable();
    assert_eq!(now, nodes.ids);
}

/// What cannot be told is counted and let go: nothing gathers, whether Redis refuses or hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_is_counted_and_not_kept() {
    const MANY: usize = 50_000;
    /// What may wait: the link's queue, and what is on its way out of it.
    const WAITING: usize = 5_000;
    let cluster = Cluster::start(2).await;
    cluster.all_are_well().await;
    let (ana, session) = cluster.shop.start(cluster.hub(0)).await;
    let row = Arc::new(cluster.test.store.session(session).await.unwrap().unwrap());
    let Node { hub, link } = &cluster.nodes[0];
    let flood = || {
        let before = link.lost();
        for _ in 0..MANY {
            let news = Publication { session: row.clone(), entries: Vec::new() };
            link.publish(hub.node(), Message::Committed(news));
        }
        link.lost() - before
    };
    let mut reader = Reader::follow(cluster.hub(1), &cluster.shop.agent(0), session).await;
    for hang in [true, false] {
        if hang {
            cluster.redis.stall();
        } else {
            // As when its password is changed: nobody comes in any more.
            for command in ["ACL SETUSER default off", "CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal"] {
                ask(&cluster.redis, &format!("AUTH plain secret\r\n{command}")).await;
            }
            cluster.all_are_silent().await;
        }
        let lost = usize::try_from(flood()).unwrap();
        assert!(lost + WAITING >= MANY, "{lost} of {MANY}");
        assert!(Arc::strong_count(&row) <= WAITING + 1, "{}", Arc::strong_count(&row));
        cluster.all_are_silent().await;
        // Chats go on by the store.
        let (_, seq) = say(hub, &ana, session, "meanwhile").await.unwrap();
        reader.reaches(seq).await;
        if hang {
            cluster.redis.resume();
        } else {
            ask(&cluster.redis, "AUTH plain secret\r\nACL SETUSER default on").await;
        }
        cluster.all_are_well().await;
        let nothing_waits = || (Arc::strong_count(&row) == 1).then_some(());
        until("nothing is kept", nothing_waits).await;
        let (_, seq) = say(hub, &ana, session, "as before").await.unwrap();
        reader.reaches(seq).await;
    }
}

/// A node that ends takes itself off the list of those that live, and does not put itself on it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_has_ended_does_not_live() {
    let test = TestStore::new(Engine::Postgres).await;
    let observer = NodeId::new(Uuid::from_u128(1));
    let living = async || test.store.beat(observer, LONG).await.unwrap();
    for moment in 0..4 {
        // Nobody listens there, so it waits in vain to hear its own last word.
        let node = join(&test.other_node().await, "redis://127.0.0.1:1/");
        let deadline = Instant::now() + PATIENCE;
        while !living().await.contains(&node.hub.node()) {
            assert!(Instant::now() < deadline, "it never says that it lives");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // It says so about once a second.
        tokio::time::sleep(Duration::from_millis(250 * moment)).await;
        node.hub.shutdown().await;
        assert!(!living().await.contains(&node.hub.node()));
    }
}
