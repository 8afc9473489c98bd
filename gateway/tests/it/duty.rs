//! Who answers: what agents are, who is given what waits and why, and where customers stand in the queue.

use std::time::Duration;

use loadtest::client::{AgentClient, Caller, WsConnection};
use protocol::{
    Availability, Because, Event, RoutedBy, ServerFrame, SessionId, SkipReason, UtcMillis,
    rest::{Page, StatusSince, Workload},
};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{TestServer, on_both_stores};

const SOON: Duration = Duration::from_secs(10);

async fn workload(agent: &AgentClient) -> Vec<Workload> {
    let page: Page<Workload> = agent.request("GET", "/agents/workload").read().await.unwrap();
    page.items
}

/// What an agent is by the board, once it is that.
async fn is(board: &AgentClient, who: &AgentClient, status: Availability) -> Workload {
    let deadline = Instant::now() + SOON;
    loop {
        let all = workload(board).await;
        let one = all.into_iter().find(|one| one.agent.id.uuid() == who.who().you.id).unwrap();
        if one.status == status {
            return one;
        }
        assert!(Instant::now() < deadline, "never {status:?}: {one:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn choose(agent: &AgentClient, status: &str) {
    let body = json!({ "status": status });
    let answer = agent.request("PUT", "/agents/me/availability").json(&body).send().await.unwrap();
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn takes_at_most(admin: &AgentClient, who: &AgentClient, max: u32) {
    let path = format!("/agents/{}", who.who().you.id);
    let answer = admin.request("PATCH", &path).json(&json!({ "max_chats": max })).send().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn chat(server: &TestServer, n: usize) -> (Caller, SessionId) {
    let (ana, started) = server.customer(&format!("Ana {n}"), &format!("+44770090080{n:02}")).await;
    (ana, started.session.id)
}

async fn held(board: &AgentClient, session: SessionId, by: Option<&AgentClient>) {
    let deadline = Instant::now() + SOON;
    loop {
        let now = board.session(session).await.unwrap();
        let holder = now.assignee.as_ref().map(|agent| agent.id.uuid());
        if holder == by.map(|agent| agent.who().you.id) {
            return;
        }
        assert!(Instant::now() < deadline, "it stays with {:?}", now.assignee);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn place(widget: &mut WsConnection) -> (u32, u32) {
    let place = widget.expect(|frame| match frame {
        ServerFrame::Queue { position, waiting, .. } => Some((*position, *waiting)),
        _ => None,
    });
    place.await.unwrap()
}

const AUTOMATIC: &[&str] =
    &["--routing", "automatic", "--offline-after-seconds", "1", "--return-after-seconds", "2"];

on_both_stores! {
    async fn the_queue_drains_as_agents_come(engine: Engine) {
        let server = TestServer::start_with(engine, AUTOMATIC).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        takes_at_most(&admin, &bo, 2).await;
        let mut chats = Vec::new();
        for n in 0..4 {
            chats.push(chat(&server, n).await);
        }
        let mut widgets = Vec::new();
        for (n, (ana, session)) in chats.iter().enumerate() {
            let mut widget = ana.websocket().follow(*session, None, None).connect().await.unwrap();
            // A look at the queue from before the others came may be told first.
            while place(&mut widget).await != (n as u32 + 1, 4) {}
            widgets.push(widget);
        }
        // Nobody is there, and nobody is given anything. The last one is in a hurry.
        assert_eq!(is(&admin, &bo, Availability::Offline).await.active, 0);
        let body = json!({ "priority": "urgent" });
        admin.on_session("PATCH", chats[3].1, "").json(&body).done().await.unwrap();
        assert_eq!(place(&mut widgets[3]).await, (1, 4));

        let desk = bo.websocket().connect().await.unwrap();
        held(&admin, chats[3].1, Some(&bo)).await;
        held(&admin, chats[0].1, Some(&bo)).await;
        assert_eq!(is(&admin, &bo, Availability::Busy).await.active, 2, "as many as he takes");
        held(&admin, chats[1].1, None).await;
        assert_eq!(place(&mut widgets[1]).await, (3, 4), "the urgent one went before");
        assert_eq!(place(&mut widgets[1]).await, (1, 2));
        assert_eq!(place(&mut widgets[2]).await, (4, 4));
        assert_eq!(place(&mut widgets[2]).await, (2, 2));

        // Room comes: a chat ends, the maximum is raised.
        chats[0].0.close(chats[0].1).await.unwrap();
        held(&admin, chats[1].1, Some(&bo)).await;
        takes_at_most(&admin, &bo, 3).await;
        held(&admin, chats[2].1, Some(&bo)).await;

        // Each says why, to the team alone.
        let log = admin.whole_log(chats[0].1).await.unwrap();
        let [.., routed, assigned, _] = log.as_slice() else { panic!("{log:?}") };
        let Some(Event::Routed { why }) = &routed.event else { panic!("{routed:?}") };
        let chosen = why.chosen.as_ref().unwrap();
        assert_eq!((why.mode, why.considered, chosen.because), (RoutedBy::Automatic, 2, Because::OnlyOne));
        assert!(matches!(why.skipped[0].reason, SkipReason::NotOnline { .. } | SkipReason::AtMaximum { .. }));
        assert!(matches!(&assigned.event, Some(Event::Assigned { agent: Some(agent) }) if agent.name == "Bo"));
        let text = chats[0].0.on_session("GET", chats[0].1, "/entries").send().await.unwrap().text();
        assert!(!text.contains("routed") && !text.contains("considered"), "{text}");
        drop(desk);
    }

    async fn what_an_absent_agent_holds_goes_back_in_line(engine: Engine) {
        let server = TestServer::start_with(engine, AUTOMATIC).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
        let (ana, session) = chat(&server, 0).await;
        let desk = bo.websocket().connect().await.unwrap();
        held(&admin, session, Some(&bo)).await;
        ana.say(session, "hello?").await.unwrap();
        drop(desk);
        is(&admin, &bo, Availability::Offline).await;
        held(&admin, session, None).await;
        let now = admin.session(session).await.unwrap();
        assert_eq!(now.ticket.unwrap().queued_since, now.waiting_since, "in the place of the customer's waiting");
        let _desk = cleo.websocket().connect().await.unwrap();
        held(&admin, session, Some(&cleo)).await;
        let log = admin.whole_log(session).await.unwrap();
        let returned = log.iter().find_map(|entry| match &entry.event {
            Some(Event::Routed { why }) if why.mode == RoutedBy::Returned => Some(why.clone()),
            _ => None,
        });
        let gone = &returned.unwrap().skipped[0];
        assert_eq!((gone.agent.name.as_str(), &gone.reason), ("Bo", &SkipReason::NotOnline { status: Availability::Offline }));
        assert!(log.iter().any(|entry| entry.sender == protocol::Sender::System));
    }

    async fn an_agent_is_what_they_chose_until_it_is_not_so(engine: Engine) {
        let server = TestServer::start_with(engine, AUTOMATIC).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let mut board = admin.websocket().connect().await.unwrap();
        let told = async |board: &mut WsConnection, status: Availability| {
            let me = bo.who().you.id;
            let told = board.expect(|frame| match frame {
                ServerFrame::Availability { agent, status: now, .. } if agent.id.uuid() == me => Some(*now),
                _ => None,
            });
            assert_eq!(told.await.unwrap(), status);
        };
        told(&mut board, Availability::Offline).await;
        let mut desk = bo.websocket().connect().await.unwrap();
        told(&mut board, Availability::Online).await;
        desk.send(&protocol::ClientFrame::Availability { status: Availability::Away }).await.unwrap();
        told(&mut board, Availability::Away).await;
        let (_, session) = chat(&server, 0).await;
        held(&admin, session, Some(&admin)).await;
        drop(desk);
        told(&mut board, Availability::Offline).await;
        // As last chosen.
        let _desk = bo.websocket().connect().await.unwrap();
        told(&mut board, Availability::Away).await;
        choose(&bo, "online").await;
        told(&mut board, Availability::Online).await;

        let path = format!("/agents/{}/availability", bo.who().you.id);
        let history: Page<StatusSince> = admin.request("GET", &path).read().await.unwrap();
        let statuses: Vec<_> = history.items.iter().map(|one| one.status).collect();
        let expected = [
            Availability::Offline,
            Availability::Online,
            Availability::Away,
            Availability::Offline,
            Availability::Away,
            Availability::Online,
        ];
        assert_eq!(statuses, expected);
        assert!(history.items.is_sorted_by(|a, b| a.since < b.since));
        let from = history.items[3].since;
        let later: Page<StatusSince> = bo.request("GET", &path).query("from", &from).read().await.unwrap();
        assert_eq!(later.items, history.items[3..]);
        let none: Page<StatusSince> =
            bo.request("GET", &path).query("to", &UtcMillis::new(5)).read().await.unwrap();
        assert_eq!(none.items, []);
        let of_the_admin = format!("/agents/{}/availability", admin.who().you.id);
        assert_eq!(bo.request("GET", &of_the_admin).send().await.unwrap().status, 403);
        for (body, status) in [(json!({ "status": "asleep" }), 422), (json!({}), 422)] {
            let answer = bo.request("PUT", "/agents/me/availability").json(&body).send().await.unwrap();
            assert_eq!(answer.status, status, "{body}");
        }
        let (ana, session) = chat(&server, 1).await;
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        widget.send(&protocol::ClientFrame::Availability { status: Availability::Online }).await.unwrap();
        assert_eq!(widget.refused().await.unwrap().code, protocol::ErrorCode::Forbidden);
    }

    async fn who_comes_back_gets_the_agent_of_before(engine: Engine) {
        let server = TestServer::start_with(engine, AUTOMATIC).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
        let desks = [bo.websocket().connect().await.unwrap()];
        let (ana, session) = chat(&server, 0).await;
        held(&admin, session, Some(&bo)).await;
        ana.close(session).await.unwrap();
        let _desk = cleo.websocket().connect().await.unwrap();
        is(&admin, &cleo, Availability::Online).await;
        // Bo has more to do than Cleo by now, and is had before.
        let (_, other) = chat(&server, 1).await;
        let holder = loop {
            if let Some(holder) = admin.session(other).await.unwrap().assignee {
                break holder.id.uuid();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(holder, cleo.who().you.id, "she was given nothing for longer");
        let sent = ana.say(session, "one more thing").await.unwrap();
        held(&admin, sent.session, Some(&bo)).await;
        let log = admin.whole_log(sent.session).await.unwrap();
        let why = log.iter().find_map(|entry| match &entry.event {
            Some(Event::Routed { why }) => why.chosen.clone(),
            _ => None,
        });
        assert_eq!(why.unwrap().because, Because::ReturningCustomer);
        drop(desks);
    }
}
