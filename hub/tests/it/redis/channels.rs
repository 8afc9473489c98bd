//! Which channels a node listens to.

use std::time::Duration;

use persistence::testing::TestRedis;
use protocol::SessionId;
use tokio::time::Instant;

use super::{Cluster, PATIENCE, ask};
use crate::fixture::{Reader, say};

/// How many connections are subscribed to the session's channel, sharded or not.
async fn subscribers(redis: &TestRedis, session: SessionId) -> usize {
    let mut count = 0;
    for (channels, subscribers) in [("CHANNELS", "NUMSUB"), ("SHARDCHANNELS", "SHARDNUMSUB")] {
        let names = ask(redis, &format!("PUBSUB {channels} *{session}")).await;
        let Some(name) = names.lines().find(|line| line.ends_with(&session.to_string())) else { continue };
        let answer = ask(redis, &format!("PUBSUB {subscribers} {name}")).await;
        count += answer.lines().find_map(|line| line.strip_prefix(':')?.parse::<usize>().ok()).unwrap();
    }
    count
}

async fn subscribers_become(redis: &TestRedis, session: SessionId, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = subscribers(redis, session).await;
        if now == count {
            return;
        }
        assert!(Instant::now() < deadline, "{now} subscribers, not {count}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The story of the next two tests: a session's channel has the nodes for subscribers that have readers of it.
async fn a_session_is_followed_while_it_has_readers(cluster: &Cluster) {
    let (redis, shop) = (&cluster.redis, &cluster.shop);
    let (ana, session) = shop.start(cluster.hub(0)).await;
    // In the memory of both, and followed by none.
    for node in &cluster.nodes {
        say(&node.hub, &ana, session, "hello").await.unwrap();
    }
    assert_eq!(subscribers(redis, session).await, 0);
    let mut here = Reader::follow(cluster.hub(0), &ana, session).await;
    subscribers_become(redis, session, 1).await;
    let mut there = Reader::follow(cluster.hub(1), &shop.agent(0), session).await;
    let mut also_there = Reader::follow(cluster.hub(1), &shop.agent(1), session).await;
    subscribers_become(redis, session, 2).await;
    for (node, who) in [(0, &ana), (1, &shop.agent(0))] {
        let (_, seq) = say(cluster.hub(node), who, session, "over the link").await.unwrap();
        for reader in [&mut here, &mut there, &mut also_there] {
            reader.reaches(seq).await;
        }
    }
    there.leave();
    let (_, seq) = say(cluster.hub(0), &ana, session, "one is left there").await.unwrap();
    also_there.reaches(seq).await;
    assert_eq!(subscribers(redis, session).await, 2);
    also_there.leave();
    subscribers_become(redis, session, 1).await;
    here.leave();
    subscribers_become(redis, session, 0).await;

    // Whoever comes back misses nothing of what was said meanwhile elsewhere.
    let (_, seq) = say(cluster.hub(0), &ana, session, "to nobody").await.unwrap();
    let mut again = Reader::follow(cluster.hub(1), &shop.agent(0), session).await;
    again.reaches(seq).await;
    subscribers_become(redis, session, 1).await;
    again.leave();
    subscribers_become(redis, session, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sharded_channels_are_used_where_the_server_has_them() {
    let cluster = Cluster::start(2).await;
    cluster.all_are_well().await;
    a_session_is_followed_while_it_has_readers(&cluster).await;
    assert_eq!(ask(&cluster.redis, "PUBSUB CHANNELS *").await.lines().next(), Some("*0"));
}

/// As a server before version 7, or one whose administrator forbids it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_channels_are_used_where_the_server_has_no_sharded_ones() {
    let cluster = Cluster::start_as(&["plain:secret@"; 2]).await;
    cluster.all_are_well().await;
    a_session_is_followed_while_it_has_readers(&cluster).await;
    assert_eq!(ask(&cluster.redis, "PUBSUB SHARDCHANNELS *").await.lines().next(), Some("*0"));
}

/// A node that uses the other kind of channel, as one whose user may not use the better one, is alive and not heard.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_cannot_hear_each_other_ask_the_store() {
    let cluster = Cluster::start_as(&["", "plain:secret@"]).await;
    let (ana, session) = cluster.shop.start(cluster.hub(0)).await;
    let agent = cluster.shop.agent(0);
    let mut here = Reader::follow(cluster.hub(0), &ana, session).await;
    let mut there = Reader::follow(cluster.hub(1), &agent, session).await;
    for n in 0..3 {
        for (node, who) in [(0, &ana), (1, &agent)] {
            let (_, seq) = say(cluster.hub(node), who, session, &format!("{n}")).await.unwrap();
            here.reaches(seq).await;
            there.reaches(seq).await;
        }
    }
    cluster.all_are_silent().await;
}
