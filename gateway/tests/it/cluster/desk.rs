//! One desk over two servers: who holds what, and who is what.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use loadtest::client::AgentClient;
use protocol::{Availability, ErrorCode, Event, RoutedBy, ServerFrame, SessionId};
use serde_json::json;
use tokio::time::Instant;

use crate::support::cluster::Cluster;

const SOON: Duration = Duration::from_secs(15);

async fn takes_at_most(admin: &AgentClient, who: &AgentClient, max: u32) {
    let path = format!("/agents/{}", who.who().you.id);
    admin.request("PATCH", &path).json(&json!({ "max_chats": max })).done().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_claims_on_two_servers_leave_one_holder_each() {
    let cluster = Cluster::start(1).await;
    let mut agents = vec![cluster.admin(0).await, cluster.admin(1).await];
    for (n, name) in ["Bo", "Cleo", "Dan", "Eve"].into_iter().enumerate() {
        let email = format!("{}@shop.example", name.to_lowercase());
        agents.push(cluster.nodes[n % 2].member("supervisor", &email, name).await);
    }
    for round in 0..20 {
        let (_, started) = cluster.nodes[round % 2].customer("Ana", &format!("+44770090090{round:02}")).await;
        let session = started.session.id;
        let claims = (0..50).map(|n| agents[n % agents.len()].claim(session));
        let outcomes = join_all(claims).await;
        let holder = agents[0].session(session).await.unwrap().assignee.unwrap();
        for (n, outcome) in outcomes.into_iter().enumerate() {
            let is_holder = agents[n % agents.len()].who().you.id == holder.id.uuid();
            match outcome {
                Ok(()) => assert!(is_holder, "round {round}: two have it"),
                Err(refused) => {
                    assert!(!is_holder, "round {round}: {refused}");
                    assert_eq!(refused.code(), Some(ErrorCode::AlreadyClaimed), "round {round}: {refused}");
                }
            }
        }
        let log = agents[1].whole_log(session).await.unwrap();
        let taken = log.iter().filter(|entry| matches!(entry.event, Some(Event::Assigned { .. })));
        assert_eq!(taken.count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_given_out_once_whichever_server_they_are_at() {
    let flags = ["--routing=automatic", "--offline-after-seconds=1", "--return-after-seconds=1"];
    let cluster = Cluster::start_with(1, &flags).await;
    let admin = cluster.admin(0).await;
    takes_at_most(&admin, &admin, 0).await;
    let bo = cluster.nodes[0].member("agent", "bo@shop.example", "Bo").await;
    let cleo = cluster.nodes[1].member("agent", "cleo@shop.example", "Cleo").await;
    for agent in [&bo, &cleo] {
        takes_at_most(&admin, agent, 5).await;
    }
    let mut board = admin.websocket().connect().await.unwrap();
    let desks = [bo.websocket().connect().await.unwrap(), cleo.websocket().connect().await.unwrap()];
    // She is told of at the other server.
    let online = board.expect(|frame| match frame {
        ServerFrame::Availability { agent, status: Availability::Online, .. } => {
            (agent.id.uuid() == cleo.who().you.id).then_some(())
        }
        _ => None,
    });
    online.await.unwrap();

    let starts = (0..14).map(|n| {
        let node = &cluster.nodes[n % 2];
        async move { node.customer(&format!("Ana {n}"), &format!("+44770090091{n:02}")).await.1.session.id }
    });
    let sessions: Vec<SessionId> = join_all(starts).await;
    let deadline = Instant::now() + SOON;
    let held = loop {
        let mut held: BTreeMap<_, Vec<SessionId>> = BTreeMap::new();
        for session in &sessions {
            let holder = admin.session(*session).await.unwrap().assignee;
            held.entry(holder.map(|agent| agent.name)).or_default().push(*session);
        }
        if held.values().map(Vec::len).collect::<Vec<_>>() == [4, 5, 5] {
            break held;
        }
        assert!(Instant::now() < deadline, "{held:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for session in held.values().flatten() {
        let log = admin.whole_log(*session).await.unwrap();
        let given = log.iter().filter(|entry| matches!(entry.event, Some(Event::Assigned { .. }))).count();
        let why = log.iter().filter(
            |entry| matches!(&entry.event, Some(Event::Routed { why }) if why.mode == RoutedBy::Automatic),
        );
        let expected = usize::from(!held[&None].contains(session));
        assert_eq!((given, why.count()), (expected, expected), "{log:?}");
    }
    drop(desks);
}
