//! Merging on two servers at once.

use futures_util::future::join_all;
use loadtest::participant::Transport;
use protocol::{ErrorCode, Event, SessionId, Status};
use serde_json::json;

use crate::support::{cluster::Cluster, seat::Seat};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_merge_each_into_the_other_one_wins() {
    let cluster = Cluster::start(1).await;
    let agents = [cluster.admin(0).await, cluster.admin(1).await];
    for round in 0..20 {
        let phone = format!("+44770090092{round:02}");
        let mut chats = Vec::new();
        for node in [0, 1] {
            chats.push(cluster.nodes[node].customer("Ana", &phone).await.1.session.id);
        }
        let ways = [(chats[0], chats[1]), (chats[1], chats[0]), (chats[0], chats[1]), (chats[1], chats[0])];
        let merges = ways.iter().enumerate().map(|(n, (source, into))| {
            let request = agents[n % 2].on_session("POST", *source, "/merge").json(&json!({ "into": into }));
            async move { request.send().await.unwrap() }
        });
        let answers = join_all(merges).await;
        let mut won: Vec<(SessionId, SessionId)> = Vec::new();
        for (way, answer) in ways.iter().zip(&answers) {
            match answer.status {
                200 => won.push(*way),
                _ => assert_eq!(answer.problem().unwrap().code, ErrorCode::NotMergeable, "{}", answer.text()),
            }
        }
        won.dedup();
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        let (source, target) = won[0];
        assert_eq!(agents[0].session(source).await.unwrap().status, Status::Closed);
        assert_eq!(agents[1].session(target).await.unwrap().status, Status::Open);
        for chat in [source, target] {
            let log = agents[1].whole_log(chat).await.unwrap();
            let told = log
                .iter()
                .filter(|entry| matches!(entry.event, Some(Event::Merged { .. } | Event::MergedFrom { .. })));
            assert_eq!(told.count(), 1, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_at_the_other_server_see_it() {
    let cluster = Cluster::start(1).await;
    let (here, there) = (cluster.admin(0).await, cluster.admin(1).await);
    let (_, first) = cluster.nodes[0].customer("Ana", "+447700900930").await;
    let (_, second) = cluster.nodes[1].customer("Ana", "+447700900930").await;
    let (source, target) = (first.session.id, second.session.id);
    let mut seats = Vec::new();
    for who in [&here, &there] {
        for session in [source, target] {
            seats.push(Seat::take(who.caller().clone(), session, Transport::WebSocket).await);
        }
    }
    let merge = here.on_session("POST", source, "/merge").json(&json!({ "into": target }));
    merge.done().await.unwrap();
    for seat in &mut seats {
        seat.sees(|entry| matches!(entry.event, Some(Event::Merged { .. } | Event::MergedFrom { .. }))).await;
    }
    assert_eq!(there.caller().say(source, "hello").await.unwrap().session, target);
    there.on_session("POST", source, "/unmerge").done().await.unwrap();
    for seat in &mut seats {
        seat.sees(|entry| matches!(entry.event, Some(Event::Unmerged { .. }))).await;
    }
    assert_eq!(here.caller().say(source, "here again").await.unwrap().session, source);
    for seat in &mut seats {
        if seat.session == source {
            seat.hears("here again").await;
        }
        seat.seen();
    }
}
