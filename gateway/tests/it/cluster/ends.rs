//! Servers that end, of their own will or not, and whether the shop is open meanwhile.

use std::time::Duration;

use loadtest::{
    client::{Caller, Server, WsConnection},
    participant::Transport::{LongPoll, WebSocket},
};
use protocol::PartyKind;
use tokio::{task::JoinHandle, time::Instant};

use super::Chat;
use crate::support::{
    cluster::{Cluster, PATIENCE},
    seat::{Seat, Sign},
};

const GRACE: Duration = Duration::from_secs(3);
const GONE: Sign = Sign::Here(PartyKind::Customer, false);
const HERE: Sign = Sign::Here(PartyKind::Customer, true);

async fn is_open(server: &Server) -> bool {
    server.site("demo").await.unwrap().online
}

async fn becomes(server: &Server, open: bool) {
    let deadline = Instant::now() + PATIENCE;
    while is_open(server).await != open {
        assert!(Instant::now() < deadline, "the shop never was open: {open}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Looks again and again, as long as what it looks at is as it should be.
struct Looking(JoinHandle<()>);

impl Looking {
    /// Whether the shop is open.
    fn whether_open(server: Server) -> Self {
        Self(tokio::spawn(async move {
            while is_open(&server).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }))
    }

    /// Whether the link of this server, which hears all others that live, is well.
    fn whether_well(server: Server) -> Self {
        Self(tokio::spawn(async move {
            loop {
                let answer = server.request("GET", "/readyz").send().await.unwrap();
                let body = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap();
                if body["link"]["state"] != "ok" {
                    panic!("{body}");
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }))
    }

    /// It was so until now.
    fn was_so(self) {
        assert!(!self.0.is_finished(), "it was not so all the time");
        self.0.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_is_open_while_an_agent_is_at_any_server() {
    let cluster = Cluster::start(3).await;
    let servers = [0, 1].map(|node: usize| cluster.nodes[node].client());
    for server in &servers {
        assert!(!is_open(server).await);
    }
    let agent = cluster.admin(0).await;
    let mut page = agent.websocket().connect().await.unwrap();
    for server in &servers {
        becomes(server, true).await;
    }
    let looking = servers.clone().map(Looking::whether_open);
    // Reloads, a move to the other server, and back by long-poll.
    for node in [0, 0, 1, 1] {
        page.cut();
        page = cluster.at(node, agent.caller()).websocket().connect().await.unwrap();
    }
    page.cut();
    let (_, started) = cluster.nodes[0].customer("Ana", "+447700900860").await;
    let by_poll = Seat::take(agent.caller().clone(), started.session.id, LongPoll).await;
    tokio::time::sleep(GRACE * 2).await;
    looking.into_iter().for_each(Looking::was_so);
    let left = Instant::now();
    by_poll.cut();
    for server in &servers {
        becomes(server, false).await;
        assert!(left.elapsed() > GRACE / 2, "{:?}", left.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_at_a_server_that_is_killed_is_gone_after_a_while() {
    let mut cluster = Cluster::start(1).await;
    // A customer at each, an agent at each; the one of the first server is the only one who is just connected.
    let mut chat = Chat::start(&cluster, "+447700900861").await;
    chat.agent.notices(HERE).await;
    let other = cluster.nodes[1].client();
    becomes(&other, true).await;
    let session = chat.session();
    chat.agent.cut();
    let boss = cluster.nodes[0].member("supervisor", "boss@shop.example", "Boss").await;
    let _only_here = boss.websocket().connect().await.unwrap();
    becomes(&other, true).await;
    let mut watch = Seat::take(cluster.admin(1).await.caller().clone(), session, WebSocket).await;
    watch.notices(HERE).await;

    cluster.nodes[0].kill().await;
    let killed = Instant::now();
    watch.notices(GONE).await;
    eprintln!("the customer of a killed server is gone after {:?}", killed.elapsed());
    watch.cut();
    becomes(&other, false).await;
    eprintln!("its agent after {:?}", killed.elapsed());
    // The one who is left is well, alone.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let link = cluster.link(1).await;
        if link["state"] == "ok" && link["other_nodes"] == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "{link}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eprintln!("the link is ok again after {:?}", killed.elapsed());
    // And with the other again, when that comes back.
    cluster.nodes[0].start_again().await;
    cluster.link_is("ok").await;
    let again = Seat::take(chat.customer.who.clone(), session, WebSocket).await;
    let mut watch = Seat::take(cluster.admin(1).await.caller().clone(), session, WebSocket).await;
    watch.notices(HERE).await;
    again.cut();
    watch.notices(GONE).await;
}

/// Half of a rolling restart: who was at a server that stops goes to the other one, and nobody notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_is_not_missed() {
    let mut cluster = Cluster::start(5).await;
    let other = cluster.nodes[1].client();
    // The shop is open by an agent who has to move.
    let agent = cluster.admin(0).await;
    let mut desk = agent.websocket().connect().await.unwrap();
    becomes(&other, true).await;
    let (open, well) = (Looking::whether_open(other.clone()), Looking::whether_well(other.clone()));
    cluster.nodes[0].terminate().await;
    let desk = come_back(&cluster, &mut desk, agent.caller()).await;
    assert_eq!(cluster.nodes[0].ended().await, Some(0));
    [open, well].into_iter().for_each(Looking::was_so);
    drop(desk);
    cluster.nodes[0].start_again().await;
    cluster.link_is("ok").await;

    // A customer has to, before the eyes of an agent.
    let (ana, started) = cluster.nodes[0].customer("Ana", "+447700900862").await;
    let mut page = ana.websocket().connect().await.unwrap();
    let agent = cluster.at(1, agent.caller());
    let mut watch = Seat::take(agent, started.session.id, WebSocket).await;
    watch.notices(HERE).await;
    let well = Looking::whether_well(other);
    cluster.nodes[0].terminate().await;
    let _page = come_back(&cluster, &mut page, &ana).await;
    assert_eq!(cluster.nodes[0].ended().await, Some(0));
    // Longer than it takes to find that somebody is missing.
    watch.nobody_comes_or_goes(Duration::from_secs(8)).await;
    well.was_so();
    assert_eq!(cluster.told_of_link(1), (0, 0));
}

/// Waits until the server says goodbye, and comes back to the other one when it was told to.
async fn come_back(cluster: &Cluster, socket: &mut WsConnection, who: &Caller) -> WsConnection {
    let bye = socket.closed().await.unwrap().bye.unwrap();
    tokio::time::sleep(Duration::from_millis(bye.retry_after_ms)).await;
    cluster.at(1, who).websocket().connect().await.unwrap()
}
