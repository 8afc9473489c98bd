//! People who go from one server to another: who waits for them sees nothing of it.

use std::time::Duration;

use futures_util::future::join_all;
use loadtest::{
    client::{Caller, WsConnection},
    participant::Transport::{LongPoll, WebSocket},
};
use protocol::{PartyKind, Seq, ServerFrame, SessionId};
use tokio::time::Instant;

use crate::support::{
    cluster::{Cluster, PATIENCE},
    seat::{Seat, Sign},
};

const GONE: Sign = Sign::Here(PartyKind::Customer, false);
const HERE: Sign = Sign::Here(PartyKind::Customer, true);
/// Long enough to come back in, on a busy machine.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_moves_does_not_come_or_go() {
    let cluster = Cluster::start(5).await;
    let (ana, started) = cluster.nodes[0].customer("Ana", "+447700900810").await;
    let session = started.session.id;
    let mut agents = Vec::new();
    for node in 0..2 {
        let agent = cluster.admin(node).await.caller().clone();
        agents.push(Seat::take(agent, session, WebSocket).await);
    }
    let mut page = Seat::take(ana.clone(), session, WebSocket).await;
    for agent in &mut agents {
        agent.notices(HERE).await;
    }
    for (node, transport) in [(1, WebSocket), (0, LongPoll), (1, LongPoll), (0, WebSocket), (1, WebSocket)] {
        page.cut();
        page = Seat::take(cluster.at(node, &ana), session, transport).await;
        // Also by long-poll she has arrived when something comes.
        let word = agents[0].say("still there?").await;
        page.sees(|entry| entry.id == word.id).await;
    }
    for agent in &mut agents {
        agent.nobody_comes_or_goes(GRACE + GRACE / 2).await;
    }
    let left = Instant::now();
    page.cut();
    for agent in &mut agents {
        agent.notices(GONE).await;
        assert!(left.elapsed() > GRACE / 2, "{:?}", left.elapsed());
    }
}

async fn follow(who: &Caller, sessions: &[SessionId]) -> WsConnection {
    let connect = who.websocket();
    let connect = sessions.iter().fold(connect, |connect, id| connect.follow(*id, Some(Seq::ZERO), None));
    let mut socket = connect.connect().await.unwrap();
    socket.set_patience(PATIENCE);
    for session in sessions {
        socket.opened(*session).await.unwrap();
    }
    socket
}

async fn told_of(agent: &mut WsConnection, session: SessionId, is: bool) {
    let told = agent.expect(|frame| match frame {
        ServerFrame::Presence { session: of, who, online }
            if *of == session && who.kind == PartyKind::Customer && *online == is =>
        {
            Some(())
        }
        _ => None,
    });
    told.await.unwrap();
}

fn is_presence(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Presence { .. })
}

/// What was a storm of updates elsewhere (Rocket.Chat's issue 21182).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_of_all_customers_moving_at_once_is_no_news() {
    const CUSTOMERS: usize = 40;
    let cluster = Cluster::start(5).await;
    let starts = (0..CUSTOMERS).map(|n| {
        let node = &cluster.nodes[n % 2];
        async move { node.customer(&format!("Customer {n}"), &format!("+4477009120{n:02}")).await }
    });
    let customers: Vec<_> =
        join_all(starts).await.into_iter().map(|(who, started)| (who, started.session.id)).collect();
    let sessions: Vec<_> = customers.iter().map(|(_, session)| *session).collect();
    let mut agent = follow(cluster.admin(1).await.caller(), &sessions).await;
    let pages = customers.iter().map(|(who, session)| follow(who, std::slice::from_ref(session)));
    let mut pages = join_all(pages).await;
    for session in &sessions {
        told_of(&mut agent, *session, true).await;
    }
    // The first half: ten from each server to the other, all in one moment.
    pages.drain(..CUSTOMERS / 2).for_each(WsConnection::cut);
    let moves = customers[..CUSTOMERS / 2].iter().enumerate().map(|(n, (who, session))| {
        let who = cluster.at(1 - n % 2, who);
        async move { follow(&who, std::slice::from_ref(session)).await }
    });
    pages.extend(join_all(moves).await);
    agent.expect_none(GRACE + GRACE / 2, is_presence).await.unwrap();

    pages.into_iter().for_each(WsConnection::cut);
    for session in &sessions {
        told_of(&mut agent, *session, false).await;
    }
    agent.expect_none(Duration::from_millis(100), is_presence).await.unwrap();
}
