//! Agents at work on the same chats: claims at once, the life of a status, and lists that stay true.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use loadtest::{
    client::AgentClient,
    history::History,
    participant::{Options, Participant, Transport},
};
use protocol::{
    Assigned, Audience, ErrorCode, Event, Seq, SessionId, SessionSort, SessionSummary, Status, View,
    ViewFilter, ViewName,
    rest::{PollRequest, PollView},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::time::Instant;

use crate::support::{TestServer, on_both_stores};

/// How long a list may take to show what happened.
const SOON: Duration = Duration::from_secs(5);

async fn new_chat(server: &TestServer, number: usize) -> (loadtest::client::Caller, SessionId) {
    let (ana, started) = server.customer(&format!("Ana {number}"), &format!("+44770090060{number:02}")).await;
    (ana, started.session.id)
}

fn name(agent: &AgentClient) -> &str {
    agent.who().you.name.as_deref().unwrap()
}

on_both_stores! {
    async fn of_many_who_claim_at_once_one_wins(engine: Engine) {
        let server = TestServer::start(engine).await;
        let mut agents = vec![server.admin().await];
        for who in ["Bo", "Cleo", "Dan"] {
            agents.push(server.member("supervisor", &format!("{who}@shop.example"), who).await);
        }
        for round in 0..10 {
            let (_, session) = new_chat(&server, round).await;
            // Two in the first rounds, then twenty: everybody five times over.
            let crowd = if round < 5 { 2 } else { 20 };
            let claims = (0..crowd).map(|n| {
                let agent = &agents[n % agents.len()];
                async move { (agent, agent.claim(session).await) }
            });
            let claims = join_all(claims).await;
            let now = agents[0].session(session).await.unwrap();
            let holder = now.assignee.unwrap();
            for (agent, claim) in claims {
                if agent.who().you.id == holder.id.uuid() {
                    assert!(claim.is_ok(), "who holds it may claim it again: {claim:?}");
                } else {
                    let refused = claim.unwrap_err();
                    assert_eq!(refused.status(), Some(409));
                    assert_eq!(refused.code(), Some(ErrorCode::AlreadyClaimed));
                    assert!(refused.to_string().contains(&holder.name), "{refused} does not name {}", holder.name);
                }
            }
            let log = agents[0].whole_log(session).await.unwrap();
            let assigned: Vec<_> =
                log.iter().filter_map(|entry| entry.event.as_ref()).filter(|e| matches!(e, Event::Assigned { .. })).collect();
            assert_eq!(assigned, [&Event::Assigned { agent: Some(holder) }], "once");
        }
    }

    async fn a_claim_and_an_end_at_once_agree_on_an_order(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (admin, bo) = (server.admin().await, server.member("agent", "bo@shop.example", "Bo").await);
        let mut orders = [0, 0];
        for round in 0..20 {
            let (ana, session) = new_chat(&server, round).await;
            let (claim, close) = if round % 2 == 0 {
                tokio::join!(bo.claim(session), ana.close(session))
            } else {
                let (close, claim) = tokio::join!(ana.close(session), bo.claim(session));
                (claim, close)
            };
            close.unwrap();
            let log = admin.whole_log(session).await.unwrap();
            let events: Vec<_> = log.iter().filter_map(|entry| entry.event.as_ref()).collect();
            assert!(matches!(events[0], Event::Started { .. }));
            match claim {
                Ok(()) => {
                    orders[0] += 1;
                    assert!(matches!(events[1..], [Event::Assigned { .. }, Event::Closed { .. }]), "{events:?}");
                    let now = admin.session(session).await.unwrap();
                    assert_eq!(now.assignee.unwrap().name, name(&bo));
                }
                Err(refused) => {
                    orders[1] += 1;
                    assert_eq!(refused.code(), Some(ErrorCode::WrongStatus), "{refused}");
                    assert!(matches!(events[1..], [Event::Closed { .. }]), "{events:?}");
                }
            }
        }
        assert_eq!(orders[0] + orders[1], 20);
    }

    async fn a_status_moves_along_and_not_across(engine: Engine) {
        use Status::{Closed, InProgress, Open, Resolved};
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        for (number, (from, to, allowed)) in [
            (Open, InProgress, true),
            (Open, Resolved, true),
            (Open, Closed, true),
            (InProgress, Open, false),
            (InProgress, Resolved, true),
            (InProgress, Closed, true),
            (Resolved, Open, true),
            (Resolved, InProgress, true),
            (Resolved, Closed, true),
            (Closed, Open, false),
            (Closed, InProgress, false),
            (Closed, Resolved, false),
        ]
        .into_iter()
        .enumerate()
        {
            let (_, session) = new_chat(&server, number).await;
            agent.set_status(session, from).await.unwrap();
            let before = agent.session(session).await.unwrap();
            let moved = agent.set_status(session, to).await;
            let now = agent.session(session).await.unwrap();
            if allowed {
                moved.unwrap();
                assert_eq!((now.status, now.last_seq), (to, before.last_seq.next()), "{from:?} to {to:?}");
            } else {
                assert_eq!(moved.unwrap_err().code(), Some(ErrorCode::WrongStatus), "{from:?} to {to:?}");
                assert_eq!(now, before);
            }
            // The same again is no news.
            agent.set_status(session, now.status).await.unwrap();
            assert_eq!(agent.session(session).await.unwrap(), now);
        }

        // The first answer of the team moves it, and a message of the customer does not.
        let (ana, session) = new_chat(&server, 20).await;
        ana.say(session, "hello?").await.unwrap();
        assert_eq!(agent.session(session).await.unwrap().status, Open);
        agent.note(session, "who is this?").await.unwrap();
        assert_eq!(agent.session(session).await.unwrap().status, Open);
        agent.say(session, "hi").await.unwrap();
        assert_eq!(agent.session(session).await.unwrap().status, InProgress);
    }

    /// Lists that are kept by what the server tells, against lists that are read anew: after every burst of random
    /// actions they are the same, for each agent and on each transport.
    async fn lists_are_kept_true(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (bo, cleo) = (
            server.member("agent", "bo@shop.example", "Bo").await,
            server.member("agent", "cleo@shop.example", "Cleo").await,
        );
        let history = History::new();
        let mut watchers = Vec::new();
        for agent in [&admin, &bo, &cleo] {
            for transport in [Transport::WebSocket, Transport::LongPoll] {
                let options = Options {
                    transport,
                    watch: every_list(),
                    poll_wait_s: 5,
                    ..Options::default()
                };
                let recorder = history.actor("watcher", Audience::Team);
                watchers.push((agent, transport, Participant::join(agent.caller(), recorder, options)));
            }
        }
        let mut random = StdRng::seed_from_u64(5);
        // Who spoke last is the customer, but nobody waits.
        let (ana, session) = new_chat(&server, 30).await;
        ana.say(session, "thanks").await.unwrap();
        admin.set_status(session, Status::Resolved).await.unwrap();
        admin.set_status(session, Status::Open).await.unwrap();
        let mut chats = Vec::new();
        for round in 0..12 {
            for _ in 0..15 {
                if chats.len() < 4 || (chats.len() < 25 && random.random_bool(0.1)) {
                    chats.push(new_chat(&server, chats.len()).await);
                    continue;
                }
                let (ana, session) = chats.choose(&mut random).unwrap();
                let agent = [&admin, &bo, &cleo][random.random_range(0..3)];
                let status = *Status::ALL.choose(&mut random).unwrap();
                // Whatever is refused changes nothing, which shall be seen, too.
                match random.random_range(0..10) {
                    0..3 => drop(ana.say(*session, "hello").await),
                    3 => drop(agent.say(*session, "hi").await),
                    4 => drop(agent.note(*session, "hm").await),
                    5..7 => drop(agent.claim(*session).await),
                    7 => drop(agent.set_status(*session, status).await),
                    8 => drop(agent.read(*session, Seq::new(random.random_range(1..20))).await),
                    _ => drop(ana.close(*session).await.is_ok() && ana.rate(*session, 4, None).await.is_ok()),
                }
            }
            for (agent, transport, watcher) in &watchers {
                for view in every_list() {
                    same(agent, watcher, &view, &format!("round {round}, {}, {transport:?}", name(agent))).await;
                }
            }
        }
    }
}

/// Those that everybody has, and some that only the server knows.
fn every_list() -> Vec<View> {
    let ended = ViewFilter { status: vec![Status::Resolved, Status::Closed], ..ViewFilter::default() };
    let held = ViewFilter {
        assignee: Some(Assigned::Me),
        sort: Some(SessionSort::Waiting),
        ..ViewFilter::default()
    };
    let filters = [ended, held].map(|filter| View::Filter(filter.into()));
    ViewName::ALL.iter().copied().map(View::Named).chain(filters).collect()
}

type List = BTreeMap<SessionId, SessionSummary>;

fn list(sessions: impl IntoIterator<Item = SessionSummary>) -> List {
    sessions.into_iter().map(|session| (session.id, session)).collect()
}

async fn anew(agent: &AgentClient, view: &View) -> List {
    let mut socket = agent.websocket().connect().await.unwrap();
    let listed = socket.watch(view.clone(), Some(200)).await.unwrap();
    assert!(!listed.more);
    let request = PollRequest {
        views: vec![PollView { view: view.clone(), limit: None, version: None }],
        wait: Some(0),
        ..PollRequest::default()
    };
    let polled = agent.poll_many(&request).await.unwrap();
    let (listed, polled) =
        (list(listed.sessions), list(polled.views.into_iter().flat_map(|list| list.sessions)));
    assert_eq!(listed, polled, "{view:?} by WebSocket and by long-poll");
    listed
}

/// Read positions are told when they are stored, which may be a little later than their request is answered; so the
/// two may take a moment to agree.
async fn same(agent: &AgentClient, watcher: &Participant, view: &View, when: &str) {
    let deadline = Instant::now() + SOON;
    loop {
        let truth = anew(agent, view).await;
        let agrees = |seen: &loadtest::participant::Seen| {
            (list(seen.list(view)?.iter().cloned()) == truth).then_some(())
        };
        if watcher.wait_for(Duration::from_millis(700), agrees).await.is_ok() {
            return;
        }
        let kept = watcher.seen().list(view).map(|sessions| list(sessions.iter().cloned()));
        assert!(Instant::now() < deadline, "{when}: {view:?} is kept as\n{kept:#?}\nand read as\n{truth:#?}");
    }
}
