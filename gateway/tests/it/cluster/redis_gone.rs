//! Redis is a hint (promise 7): it is killed, hangs, is emptied, or was never there, and chats go on.

use loadtest::{client::WsConnection, participant::Transport::WebSocket};
use protocol::{PartyKind, ServerFrame, SessionId, ViewName};
use tokio::time::Instant;

use super::{Chat, WITHOUT_REDIS};
use crate::support::{
    cluster::{Cluster, PATIENCE},
    seat::{Seat, Sign},
};

/// An agent's list at the second server.
async fn list(cluster: &Cluster) -> WsConnection {
    let mut list = cluster.admin(1).await.websocket().connect().await.unwrap();
    list.set_patience(PATIENCE);
    list.watch(ViewName::All, None).await.unwrap();
    list
}

/// Begins a session at the first server, and waits until the list has it.
async fn a_new_session_is_listed(cluster: &Cluster, list: &mut WsConnection, phone: &str) {
    let (_, started) = cluster.nodes[0].customer("New", phone).await;
    let began = Instant::now();
    is_listed(list, started.session.id).await;
    eprintln!("a new session is listed after {:?}", began.elapsed());
    assert!(began.elapsed() < WITHOUT_REDIS, "{:?}", began.elapsed());
}

pub(super) async fn is_listed(list: &mut WsConnection, id: SessionId) {
    let listed = list.expect(|frame| match frame {
        ServerFrame::Session { session } if session.id == id => Some(()),
        ServerFrame::Listed { sessions, .. } if sessions.iter().any(|session| session.id == id) => Some(()),
        _ => None,
    });
    listed.await.unwrap();
}

/// What becomes of Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Killed,
    Hung,
}

async fn chats_go_on(fate: Fate) {
    let cluster = &mut Cluster::start(1).await;
    let mut chat = Chat::start(cluster, "+447700900840").await;
    let mut list = list(cluster).await;
    chat.talk(&format!("{fate:?}: with Redis"), 20).await;
    // One who will go, and one who will come, while nobody can be told.
    let mut goes = Chat::start(cluster, "+447700900841").await;
    goes.agent.notices(Sign::Here(PartyKind::Customer, true)).await;
    let (late, started) = cluster.nodes[0].customer("Late", "+447700900842").await;
    let agent = cluster.admin(1).await.caller().clone();
    let mut waits = Seat::take(agent, started.session.id, WebSocket).await;

    match fate {
        Fate::Killed => cluster.kill_redis().await,
        Fate::Hung => cluster.hang_redis(),
    }
    let times = chat.talk(&format!("{fate:?}: just after"), 2).await;
    assert!(times.worst < WITHOUT_REDIS, "{times:?}");
    cluster.link_is("silent").await;
    let times = chat.talk(&format!("{fate:?}: without Redis"), 5).await;
    assert!(times.worst < WITHOUT_REDIS, "{times:?}");
    a_new_session_is_listed(cluster, &mut list, "+447700900843").await;
    goes.customer.cut();
    let _late = Seat::take(late, started.session.id, WebSocket).await;
    // Nobody is told more than once, however long it lasts.
    for node in 0..2 {
        told_of_link(cluster, node, (1, 0)).await;
    }

    match fate {
        Fate::Killed => cluster.start_redis_again().await,
        Fate::Hung => cluster.let_redis_go_on(),
    }
    cluster.link_is("ok").await;
    chat.talk(&format!("{fate:?}: with Redis again"), 20).await;
    a_new_session_is_listed(cluster, &mut list, "+447700900844").await;
    goes.agent.notices(Sign::Here(PartyKind::Customer, false)).await;
    waits.notices(Sign::Here(PartyKind::Customer, true)).await;
    for node in 0..2 {
        told_of_link(cluster, node, (1, 1)).await;
    }
    chat.was_seen_by_both(cluster).await;
}

/// Waits for so many lines of the log, and finds no more of them.
async fn told_of_link(cluster: &Cluster, node: usize, lines: (usize, usize)) {
    let deadline = Instant::now() + PATIENCE;
    while cluster.told_of_link(node) != lines {
        assert!(
            Instant::now() < deadline,
            "server {node} told {:?}, not {lines:?}",
            cluster.told_of_link(node)
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_and_starts_again_empty() {
    chats_go_on(Fate::Killed).await;
}

/// Connections stand, new ones can be made, and nothing is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_hangs_and_goes_on() {
    chats_go_on(Fate::Hung).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_without_redis_find_it_later() {
    let mut cluster = Cluster::start_without_redis().await;
    cluster.link_is("silent").await;
    let mut chat = Chat::start(&cluster, "+447700900845").await;
    let mut list = list(&cluster).await;
    let times = chat.talk("without Redis from the start", 5).await;
    assert!(times.worst < WITHOUT_REDIS, "{times:?}");
    a_new_session_is_listed(&cluster, &mut list, "+447700900846").await;
    for node in 0..2 {
        told_of_link(&cluster, node, (1, 0)).await;
    }
    cluster.start_redis_again().await;
    cluster.link_is("ok").await;
    chat.talk("with Redis at last", 20).await;
    for node in 0..2 {
        told_of_link(&cluster, node, (1, 1)).await;
    }
}

/// Whatever an administrator does to the keys and connections of a Redis that goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emptying_redis_and_killing_its_connections_does_no_harm() {
    let cluster = Cluster::start(1).await;
    let mut chat = Chat::start(&cluster, "+447700900847").await;
    let mut list = list(&cluster).await;
    for round in 0..5 {
        for command in ["FLUSHALL", "CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal"] {
            cluster.ask_redis(command).await;
            let (_, started) = cluster.nodes[0].customer("New", "+447700900848").await;
            let times = chat.talk(&format!("{round}, after {command}"), 2).await;
            assert!(times.worst < WITHOUT_REDIS, "{times:?}");
            is_listed(&mut list, started.session.id).await;
        }
    }
    cluster.link_is("ok").await;
    chat.was_seen_by_both(&cluster).await;
}
