//! The life of a session's actor, and what agents' lists hear of it.

use std::{sync::Arc, time::Duration};

use hub::{Follower, Hub, Message, Publication, QueueLimits, state};
use persistence::{
    NodeId,
    testing::{Engine, SqliteLock, TestStore},
};
use protocol::{ConnectionId, Seq, SessionId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;
use uuid::Uuid;

use crate::fixture::{AllSessions, Reader, SOON, alone, log, message, say};

/// Another node.
fn elsewhere() -> NodeId {
    NodeId::new(Uuid::from_u128(1))
}

async fn none_lives(hub: &Hub) {
    let deadline = Instant::now() + SOON;
    while hub.live_sessions() > 0 {
        assert!(Instant::now() < deadline, "{} sessions stay in memory", hub.live_sessions());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_session_is_in_memory_while_it_is_used() {
    let test = TestStore::new(Engine::Sqlite).await;
    let idle = Duration::from_millis(50);
    let (hub, shop) = alone(&test, idle).await;
    let (ana, session) = shop.start(&hub).await;
    none_lives(&hub).await;

    // Who follows keeps it there, however quiet it is.
    let mut reader = Reader::follow(&hub, &ana, session).await;
    tokio::time::sleep(idle * 6).await;
    assert_eq!(hub.live_sessions(), 1);
    let (_, seq) = say(&hub, &ana, session, "hello").await.unwrap();
    reader.reaches(seq).await;
    reader.leave();
    none_lives(&hub).await;

    // It comes back as it was.
    let mut reader = Reader::follow(&hub, &ana, session).await;
    reader.reaches(seq).await;
    let (_, next) = say(&hub, &ana, session, "again").await.unwrap();
    reader.reaches(next).await;
    assert_eq!(reader.seen, log(&test.store, session).await);
}

/// Everything that waits is taken in portions, and nothing between two of them gets lost.
#[tokio::test]
async fn all_of_a_burst_is_answered() {
    const BURST: usize = 200;
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let (ana, session) = shop.start(&hub).await;
    // All are queued before the session's task runs: this one has the thread.
    let burst: Vec<_> = (0..BURST).map(|n| hub.act(ana.clone(), session, message(&n.to_string()))).collect();
    for sent in burst {
        sent.await.unwrap();
    }
    let log = log(&test.store, session).await;
    // The first is the start.
    let said: Vec<_> = log[1..].iter().map(|entry| entry.body.clone()).collect();
    assert_eq!(said, (0..BURST).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// A row that was read just before may be behind what landed, and no new actor may begin with it.
#[tokio::test]
async fn what_lands_late_keeps_a_session_in_memory() {
    let test = TestStore::new(Engine::Sqlite).await;
    let idle = Duration::from_millis(500);
    let (hub, shop) = alone(&test, idle).await;
    let (ana, session) = shop.start(&hub).await;
    none_lives(&hub).await;

    let lock = SqliteLock::hold(&test.url).await;
    let sent = tokio::spawn(hub.act(ana, session, message("late")));
    tokio::time::sleep(idle * 3 / 2).await;
    lock.release().await;
    sent.await.unwrap().unwrap();
    tokio::time::sleep(idle / 4).await;
    assert_eq!(hub.live_sessions(), 1);

    let lock = SqliteLock::hold(&test.url).await;
    hub.read(shop.agent(0), session, Seq::new(2)).await.unwrap();
    tokio::time::sleep(idle * 3 / 2).await;
    lock.release().await;
    let deadline = Instant::now() + SOON;
    while test.store.session(session).await.unwrap().unwrap().read.team < Seq::new(2) {
        assert!(Instant::now() < deadline, "the mark is never stored");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(idle / 4).await;
    assert_eq!(hub.live_sessions(), 1);
}

#[tokio::test]
async fn who_gives_up_while_asking_to_follow_does_not_follow() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, Duration::from_millis(50)).await;
    let (ana, session) = shop.start(&hub).await;
    for _ in 0..20 {
        let (outbound, _queue) = hub::outbound(QueueLimits::default());
        let connection = ConnectionId::new(Uuid::now_v7());
        let follower = Follower { connection, caller: ana.clone(), outbound, unseen: false };
        let all_known = hub::From::After { seq: Seq::new(1), epoch: None };
        // It has asked when it first waits, and is not there when the answer comes.
        tokio::select! {
            biased;
            _ = hub.follow(&follower, session, all_known, true) => panic!("the answer takes a turn"),
            () = std::future::ready(()) => {}
        }
    }
    none_lives(&hub).await;
}

#[tokio::test]
async fn a_stop_stores_what_was_read() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let (ana, session) = shop.start(&hub).await;
    for n in 0..5 {
        say(&hub, &ana, session, &format!("{n}")).await.unwrap();
    }
    let agent = shop.agent(0);
    for seq in 2..=6 {
        hub.read(agent.clone(), session, Seq::new(seq)).await.unwrap();
    }
    hub.read(ana, session, Seq::new(4)).await.unwrap();
    hub.shutdown().await;
    let stored = test.store.session(session).await.unwrap().unwrap();
    assert_eq!((stored.read.customer, stored.read.team), (Seq::new(4), Seq::new(6)));
    assert_eq!(stored.unread.team, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_in_a_row_stands_in_that_order_while_actors_come_and_go() {
    let test = TestStore::new(Engine::Sqlite).await;
    let idle = Duration::from_millis(1);
    let (hub, shop) = alone(&test, idle).await;
    let mut random = StdRng::seed_from_u64(14);
    let (ana, session) = shop.start(&hub).await;
    let mut said = 0;
    for _ in 0..1_500 {
        let row: Vec<_> = (0..4)
            .map(|_| {
                said += 1;
                hub.act(ana.clone(), session, message(&format!("{said:06}")))
            })
            .collect();
        for sent in row {
            sent.await.unwrap();
        }
        // About when the actor ends; the runtime's own timer is too coarse to hit that.
        let next = Instant::now() + Duration::from_micros(random.random_range(0..1_500));
        while Instant::now() < next {
            tokio::task::yield_now().await;
        }
    }
    let log = log(&test.store, session).await;
    let bodies: Vec<_> = log[1..].iter().map(|entry| entry.body.as_str()).collect();
    assert_eq!(bodies.len(), said);
    assert!(bodies.is_sorted());
}

#[tokio::test]
async fn what_happens_to_one_session_is_one_change_of_a_list() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let mut list = AllSessions::watch(&hub, &shop.agent(0)).await;
    let (ana, session) = shop.start(&hub).await;
    list.comes_to(|sessions| sessions.len() == 1).await;
    let (began, told) = (Instant::now(), list.told);
    for n in 0..50 {
        say(&hub, &ana, session, &format!("{n}")).await.unwrap();
    }
    list.comes_to(|sessions| sessions[0].version == 51).await;
    let most = began.elapsed().as_millis() / 250 + 2;
    assert!(((list.told - told) as u128) <= most, "{} times in {:?}", list.told - told, began.elapsed());

    // Older news of it, as from another node, change nothing.
    let newest = test.store.session(session).await.unwrap().unwrap();
    say(&hub, &ana, session, "one more").await.unwrap();
    hub.receive(
        elsewhere(),
        Message::Committed(Publication { session: Arc::new(newest), entries: Vec::new() }),
    );
    say(&hub, &ana, session, "and one").await.unwrap();
    list.comes_to(|sessions| sessions.len() == 1 && sessions[0].version == 53).await;
}

#[tokio::test]
async fn a_list_that_cannot_keep_up_is_read_anew() {
    let test = TestStore::new(Engine::Sqlite).await;
    let (hub, shop) = alone(&test, SOON).await;
    let (_, session) = shop.start(&hub).await;
    let some = test.store.session(session).await.unwrap().unwrap();
    let mut list = AllSessions::watch(&hub, &shop.agent(0)).await;
    let news = |count: usize| {
        for _ in 0..count {
            let other = state::successor(&some, SessionId::new(Uuid::now_v7()), some.updated_at);
            let news = Publication { session: Arc::new(other), entries: Vec::new() };
            hub.receive(elsewhere(), Message::Committed(news));
        }
    };
    news(20);
    list.comes_to(|sessions| sessions.len() == 21).await;
    // Of these the store knows nothing, so they are gone when it is asked.
    news(12_000);
    list.comes_to(|sessions| sessions.len() == 1).await;
    news(3);
    list.comes_to(|sessions| sessions.len() == 4).await;
}
