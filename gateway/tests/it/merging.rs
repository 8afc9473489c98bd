//! Two chats of one customer go on as one, and are parted again.

use std::time::Duration;

use loadtest::client::{AgentClient, Answer};
use protocol::{Entry, EntryId, EntryKind, ErrorCode, Event, Priority, SessionId, SessionSummary, Status};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    identity::verified,
    support::{TestServer, on_both_stores},
};

const ANA: &str = "+447700900118";

async fn try_merge(agent: &AgentClient, source: SessionId, into: SessionId) -> Answer {
    agent.on_session("POST", source, "/merge").json(&json!({ "into": into })).send().await.unwrap()
}

async fn merge(agent: &AgentClient, source: SessionId, into: SessionId) -> SessionSummary {
    let answer = try_merge(agent, source, into).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

async fn try_unmerge(agent: &AgentClient, source: SessionId) -> Answer {
    agent.on_session("POST", source, "/unmerge").send().await.unwrap()
}

fn refused(answer: &Answer) -> ErrorCode {
    answer.problem().unwrap_or_else(|| panic!("{}", answer.text())).code
}

fn events(log: &[Entry]) -> Vec<&Event> {
    log.iter().filter_map(|entry| entry.event.as_ref()).collect()
}

async fn patch(agent: &AgentClient, session: SessionId, body: serde_json::Value) {
    let answer = agent.on_session("PATCH", session, "").json(&body).send().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

on_both_stores! {
    async fn what_was_two_goes_on_as_one_and_is_two_again(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, first) = verified(&server, &admin, "user-1").await;
        let (_, second) = verified(&server, &admin, "user-1").await;
        let (source, target) = (first.session.id, second.session.id);
        ana.say(source, "My order is late").await.unwrap();
        let waits = admin.session(source).await.unwrap();
        patch(&admin, source, json!({
            "tags": ["late", "vip"], "attributes": { "order": "12", "size": "L" }, "priority": "high", "subject": "Order",
        })).await;
        admin.claim(source).await.unwrap();
        ana.say(target, "Hello?").await.unwrap();
        patch(&admin, target, json!({ "tags": ["vip"], "attributes": { "order": "13" } })).await;
        let mut widget = ana.websocket().follow(source, None, None).connect().await.unwrap();
        widget.opened(source).await.unwrap();
        let mut desk = admin.websocket().follow(source, None, None).follow(target, None, None).connect().await.unwrap();
        desk.opened(source).await.unwrap();
        let before = admin.session(source).await.unwrap();

        let by_ana = ana.on_session("POST", source, "/merge").json(&json!({ "into": target })).send().await.unwrap();
        assert_eq!((by_ana.status, refused(&by_ana)), (403, ErrorCode::Forbidden), "she sees both, and it is the team's");

        let now = merge(&admin, source, target).await;
        let ticket = now.ticket.unwrap();
        assert_eq!((now.id, now.status), (target, Status::Open));
        assert_eq!((ticket.tags, ticket.priority, ticket.subject), (vec!["late".into(), "vip".into()], Priority::High, None));
        let attributes: Vec<_> = ticket.work.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(attributes, [("order", "13"), ("size", "L")], "its own stays");
        assert_eq!(now.waiting_since, waits.waiting_since, "the longer wait counts");
        assert_eq!(ticket.work.merged_from[0].session_id, source);
        let merged = admin.session(source).await.unwrap();
        assert_eq!((merged.status, merged.next_session_id), (Status::Closed, Some(target)));
        assert_eq!(merged.ticket.unwrap().work.merged_into.unwrap().number, now.number);
        assert_eq!(merge(&admin, source, target).await.last_seq, now.last_seq, "again is no news");

        // Those who look on are told, each what is theirs.
        widget.entry(source, |entry| matches!(entry.event, Some(Event::Continued { session_id }) if session_id == target)).await.unwrap();
        desk.entry(source, |entry| matches!(entry.event, Some(Event::Merged { into, .. }) if into == target)).await.unwrap();
        let told = desk.entry(target, |entry| matches!(entry.event, Some(Event::MergedFrom { .. }))).await.unwrap();
        let Some(Event::MergedFrom { session_id, messages, last_seq, .. }) = told.event else { panic!("{told:?}") };
        assert_eq!((session_id, messages, last_seq), (source, 1, before.last_seq));
        for log in [ana.whole_log(source).await.unwrap(), ana.whole_log(target).await.unwrap()] {
            assert!(!format!("{:?}", events(&log)).contains("Merged"), "{log:?}");
        }

        // What is said in the one is said in the other, once.
        let id = EntryId::new(Uuid::now_v7());
        let sent = ana.send(source, id, "Any news?", EntryKind::Message).await.unwrap();
        assert_eq!((sent.session, sent.duplicate), (target, false));
        let again = ana.send(source, id, "Any news?", EntryKind::Message).await.unwrap();
        assert_eq!((again.session, again.seq, again.duplicate), (target, sent.seq, true));
        assert_eq!(admin.caller().say(source, "On its way").await.unwrap().session, target);
        assert!(admin.note(source, "hm").await.is_err(), "a note is written where it goes on");

        // And back.
        let answer = try_unmerge(&admin, source).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let back: SessionSummary = serde_json::from_str(&answer.text()).unwrap();
        assert_eq!((back.status, back.assignee, back.waiting_since), (before.status, before.assignee, before.waiting_since));
        assert_eq!((back.next_session_id, back.closed_at), (None, None));
        let ticket = back.ticket.unwrap();
        assert_eq!((ticket.work.merged_into, ticket.subject.as_deref()), (None, Some("Order")));
        let other = admin.session(target).await.unwrap();
        assert_eq!(other.ticket.unwrap().work.merged_from, []);
        let said = |log: Vec<Entry>| log.into_iter().filter(|entry| entry.kind == EntryKind::Message).map(|entry| entry.body).collect::<Vec<_>>();
        assert_eq!(said(admin.whole_log(target).await.unwrap()), ["Hello?", "Any news?", "On its way"]);
        assert_eq!(said(admin.whole_log(source).await.unwrap()), ["My order is late"]);
        widget.entry(source, |entry| matches!(entry.event, Some(Event::Reopened { .. }))).await.unwrap();
        assert_eq!(ana.say(source, "Thank you").await.unwrap().session, source);
        assert_eq!(refused(&try_unmerge(&admin, source).await), ErrorCode::NotMergeable);
    }

    async fn who_may_not_see_the_other_chat_is_not_led_there(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, first) = server.customer("Ana", ANA).await;
        let (mallory, second) = server.customer("Mallory", ANA).await;
        let (source, target) = (second.session.id, first.session.id);
        ana.say(target, "a secret").await.unwrap();
        merge(&agent, source, target).await;
        let own = mallory.session(source).await.unwrap();
        assert_eq!((own.status, own.next_session_id), (Status::Closed, None));
        let text = mallory.on_session("GET", source, "/entries").send().await.unwrap().text();
        assert!(!text.contains(&target.to_string()), "{text}");
        assert_eq!(mallory.session(target).await.unwrap_err().status(), Some(404));
        // The team's words go to the other one, hers to one of her own.
        assert_eq!(agent.caller().say(source, "hello").await.unwrap().session, target);
        let sent = mallory.say(source, "Are you there?").await.unwrap();
        assert!(sent.session != source && sent.session != target);
        assert_eq!(agent.session(sent.session).await.unwrap().previous_session_id, Some(source));
        assert_eq!(refused(&try_unmerge(&agent, source).await), ErrorCode::NotMergeable, "she has gone on");
        assert_eq!(ana.whole_log(target).await.unwrap().iter().filter(|entry| entry.kind == EntryKind::Message).count(), 2);
    }

    async fn what_cannot_be_merged_is_refused(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let chat = async |phone: &str| server.customer("Ana", phone).await.1.session.id;
        let (a, b, c, other) = (chat(ANA).await, chat(ANA).await, chat(ANA).await, chat("+447700900119").await);
        assert_eq!(refused(&try_merge(&su, a, a).await), ErrorCode::NotMergeable);
        assert_eq!(refused(&try_merge(&su, a, other).await), ErrorCode::NotMergeable);
        assert_eq!(try_merge(&su, a, SessionId::new(Uuid::now_v7())).await.status, 404);
        su.claim(b).await.unwrap();
        for (source, into) in [(a, b), (b, a), (b, b)] {
            assert_eq!(try_merge(&bo, source, into).await.status, 404, "what Bo may not see is not there");
        }
        merge(&su, a, b).await;
        assert_eq!(refused(&try_merge(&su, a, c).await), ErrorCode::NotMergeable, "it is merged already");
        assert_eq!(refused(&try_merge(&su, b, a).await), ErrorCode::NotMergeable, "no circle");
        assert_eq!(refused(&try_merge(&su, c, a).await), ErrorCode::NotMergeable, "that one is over");
        assert_eq!(try_unmerge(&bo, a).await.status, 404, "he may not see the other one");
        // Along a chain, words go to its end; undone in the middle, they stop there.
        merge(&su, b, c).await;
        assert_eq!(su.caller().say(a, "to the end").await.unwrap().session, c);
        assert_eq!(try_unmerge(&su, b).await.status, 200);
        assert_eq!(su.caller().say(a, "to the middle").await.unwrap().session, b);
        // A closed chat goes into one that goes on, and is closed again when that is undone.
        su.set_status(c, Status::Closed).await.unwrap();
        assert_eq!(refused(&try_merge(&su, b, c).await), ErrorCode::NotMergeable);
        merge(&su, c, b).await;
        assert_eq!(try_unmerge(&su, c).await.status, 200);
        assert_eq!(su.session(c).await.unwrap().status, Status::Closed);
    }

    async fn a_merged_chat_leaves_the_line_and_comes_back_to_its_place(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, first) = server.customer("Ana", ANA).await;
        let (_, second) = server.customer("Ana", ANA).await;
        ana.say(first.session.id, "hello").await.unwrap();
        let (source, target) = (first.session.id, second.session.id);
        let mut desk = agent.websocket().connect().await.unwrap();
        let listed = desk.watch(protocol::ViewName::Waiting, None).await.unwrap().sessions;
        assert_eq!(listed.iter().map(|chat| chat.id).collect::<Vec<_>>(), [source]);
        let queued = agent.session(source).await.unwrap().ticket.unwrap().queued_since;
        merge(&agent, source, target).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        let ids = async || {
            let page = agent.sessions(&[("sort", "waiting")]).await.unwrap();
            page.items.iter().map(|chat| chat.id).collect::<Vec<_>>()
        };
        assert_eq!(ids().await, [target]);
        assert_eq!(agent.session(target).await.unwrap().ticket.unwrap().queued_since, queued);
        assert_eq!(agent.session(source).await.unwrap().ticket.unwrap().queued_since, None);
        loop {
            let frame = desk.expect(|frame| match frame {
                protocol::ServerFrame::Session { session } => Some(session.id),
                _ => None,
            });
            if frame.await.unwrap() == target {
                break;
            }
            assert!(Instant::now() < deadline, "the list is not told");
        }
        assert_eq!(try_unmerge(&agent, source).await.status, 200);
        assert_eq!(ids().await, [source], "the other one's customer has said nothing");
        assert_eq!(agent.session(source).await.unwrap().ticket.unwrap().queued_since, queued);
    }
}
