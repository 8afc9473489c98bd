//! A session as the team's piece of work: what is noted about it, who holds it, and what of that a customer learns.

use std::time::Duration;

use loadtest::client::{AgentClient, Answer};
use protocol::{
    EntryKind, ErrorCode, Event, Priority, Seq, ServerFrame, SessionId, SessionSummary, Status, UtcMillis,
    View, ViewName,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

const SOON: Duration = Duration::from_secs(10);

async fn patch(agent: &AgentClient, session: SessionId, body: Value) -> Answer {
    agent.on_session("PATCH", session, "").json(&body).send().await.unwrap()
}

async fn patched(agent: &AgentClient, session: SessionId, body: Value) -> SessionSummary {
    let answer = patch(agent, session, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

async fn post(agent: &AgentClient, session: SessionId, rest: &str, body: Value) -> Answer {
    agent.on_session("POST", session, rest).json(&body).send().await.unwrap()
}

fn id_of(agent: &AgentClient) -> Uuid {
    agent.who().you.id
}

async fn is(
    agent: &AgentClient,
    session: SessionId,
    what: impl Fn(&SessionSummary) -> bool,
) -> SessionSummary {
    let deadline = Instant::now() + SOON;
    loop {
        let now = agent.session(session).await.unwrap();
        if what(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "never: {now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn in_millis(millis: u64) -> UtcMillis {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    UtcMillis::new(i64::try_from(now).unwrap()).plus(Duration::from_millis(millis))
}

on_both_stores! {
    async fn attributes_come_change_and_go(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900117").await;
        let session = started.session.id;
        let now = patched(&agent, session, json!({ "attributes": { " order ": " 12 ", "colour": "red" } })).await;
        let attributes = |summary: SessionSummary| summary.ticket.unwrap().work.attributes;
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        assert_eq!(attributes(now), pairs(&[("colour", "red"), ("order", "12")]));
        let now = patched(&agent, session, json!({ "attributes": { "order": "13", "colour": null, "size": "L" } })).await;
        assert_eq!(attributes(now), pairs(&[("order", "13"), ("size", "L")]));
        let log = agent.whole_log(session).await.unwrap();
        let Some(Event::AttributesChanged { set, removed }) = &log.last().unwrap().event else { panic!("{log:?}") };
        assert_eq!((set, removed), (&pairs(&[("order", "13"), ("size", "L")]), &vec!["colour".to_owned()]));
        assert!(ana.whole_log(session).await.unwrap().iter().all(|entry| entry.seq == Seq::new(1)), "the team's alone");

        let many: serde_json::Map<_, _> = (0..50).map(|n| (format!("a{n}"), json!("x"))).collect();
        assert_eq!(patch(&agent, session, json!({ "attributes": many })).await.status, 422, "52 in all");
        let long = "x".repeat(501);
        for (name, value) in [("", "x"), ("order", long.as_str())] {
            assert_eq!(patch(&agent, session, json!({ "attributes": { name: value } })).await.status, 422, "{name}");
        }
    }

    async fn what_is_noted_is_kept_told_and_not_for_customers(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let (_, second) = server.customer("Ben", "+447700900119").await;
        let session = started.session.id;
        assert_eq!((started.session.number, second.session.number), (1, 2));
        let mut desk = agent.websocket().follow(session, None, None).connect().await.unwrap();
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        let opened = widget.opened(session).await.unwrap();

        let now = patched(&agent, session, json!({
            "priority": "urgent", "subject": "  Order 12 ", "category": "shipping", "tags": ["Late", "vip", "late"],
        })).await;
        let ticket = now.ticket.unwrap();
        assert_eq!((ticket.priority, ticket.subject.as_deref()), (Priority::Urgent, Some("Order 12")));
        assert_eq!((ticket.category.as_deref(), ticket.tags), (Some("shipping"), vec!["late".to_owned(), "vip".into()]));
        let log = agent.whole_log(session).await.unwrap();
        let events: Vec<_> = log[1..].iter().map(|entry| entry.event.clone().unwrap()).collect();
        assert_eq!(events, [
            Event::PriorityChanged { from: Priority::Normal, to: Priority::Urgent },
            Event::SubjectChanged { to: Some("Order 12".into()) },
            Event::CategoryChanged { to: Some("shipping".into()) },
            Event::Tagged { added: vec!["late".into(), "vip".into()], removed: vec![] },
        ]);
        desk.entry(session, |entry| entry.seq == log.last().unwrap().seq).await.unwrap();

        // The same again is no news; a field that is not named stays.
        let again = patched(&agent, session, json!({ "priority": "urgent", "tags": ["vip", "late"] })).await;
        assert_eq!(again.last_seq, now.last_seq);
        let struck = patched(&agent, session, json!({ "subject": null, "tags": ["vip"] })).await.ticket.unwrap();
        assert_eq!((struck.subject, struck.tags, struck.priority), (None, vec!["vip".into()], Priority::Urgent));

        // The customer learns nothing of it, on any way, though the seqs show that something happened.
        let sent = ana.say(session, "hello?").await.unwrap();
        let heard = widget.entry(session, |entry| entry.kind == EntryKind::Message).await.unwrap();
        assert_eq!((heard.seq, sent.seq), (Seq::new(8), Seq::new(8)));
        for frame in widget.take_inbox() {
            assert!(!matches!(frame, ServerFrame::Entry { .. }), "{frame:?}");
        }
        assert_eq!(opened.session.ticket, None);
        let own = ana.session(session).await.unwrap();
        assert_eq!((own.ticket, own.number), (None, 1));
        for text in [
            ana.on_session("GET", session, "/entries").send().await.unwrap().text(),
            ana.on_session("GET", session, "/transcript").query("format", "json").send().await.unwrap().text(),
            ana.on_session("GET", session, "/events").query("after", "0").query("wait", "0").send().await.unwrap().text(),
            ana.request("GET", "/me").send().await.unwrap().text(),
            ana.on_session("GET", session, "").send().await.unwrap().text(),
        ] {
            for word in ["urgent", "priority", "vip", "shipping", "Order 12", "tagged", "queued"] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
        let seqs: Vec<_> = ana.whole_log(session).await.unwrap().iter().map(|entry| entry.seq.get()).collect();
        assert_eq!(seqs, [1, 8]);
        let transcript = agent.on_session("GET", session, "/transcript").query("format", "txt").send().await.unwrap();
        assert!(transcript.text().contains("set the priority to urgent"), "{}", transcript.text());

        // And it is found by it.
        for (query, found) in [
            (("tag", "VIP"), true), (("tag", "late"), false), (("priority", "high,urgent"), true),
            (("priority", "low"), false), (("category", "shipping"), true), (("category", "ship"), false),
        ] {
            let page = agent.sessions(&[query]).await.unwrap();
            assert_eq!(page.items.iter().any(|item| item.id == session), found, "{query:?}");
        }
    }

    async fn what_cannot_be_noted_is_refused_by_name(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (_, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let long = |n: usize| "x".repeat(n);
        let many: Vec<_> = (0..21).map(|n| format!("tag {n}")).collect();
        for (body, field) in [
            (json!({ "priority": "asap" }), "priority"),
            (json!({ "subject": long(201) }), "subject"),
            (json!({ "subject": "two\nlines" }), "subject"),
            (json!({ "category": long(61) }), "category"),
            (json!({ "tags": many }), "tags"),
            (json!({ "tags": [long(41)] }), "tags"),
            (json!({ "tags": [" "] }), "tags"),
            (json!({ "tags": ["a,b"] }), "tags"),
            (json!({ "tags": "late" }), "tags"),
            (json!({ "snoozed_until": "2020-01-01T00:00:00.000Z" }), "snoozed_until"),
            (json!({ "snoozed_until": "2999-01-01T00:00:00.000Z" }), "snoozed_until"),
            (json!({ "snoozed_until": "tomorrow" }), "snoozed_until"),
        ] {
            let answer = patch(&agent, session, body.clone()).await;
            let problem = answer.problem().unwrap();
            assert_eq!((answer.status, problem.code), (422, ErrorCode::Invalid), "{body}");
            let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, [field], "{body}");
        }
        assert_eq!(agent.session(session).await.unwrap().last_seq, Seq::new(1), "nothing of it was kept");
        for (rest, body, field) in [
            ("/assign", json!({}), "agent_id"),
            ("/assign", json!({ "agent_id": Uuid::now_v7() }), "agent_id"),
            ("/assign", json!({ "agent_id": "me" }), "agent_id"),
            ("/transfer", json!({ "agent_id": Uuid::now_v7() }), "agent_id"),
            ("/transfer", json!({ "agent_id": id_of(&agent), "note": long(8_001) }), "note"),
        ] {
            let answer = post(&agent, session, rest, body.clone()).await;
            let problem = answer.problem().unwrap();
            assert_eq!((answer.status, problem.code), (422, ErrorCode::Invalid), "{rest} {body}: {}", answer.text());
            let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, [field], "{rest} {body}");
        }
    }

    async fn a_chat_is_handed_over_with_a_word(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let queued = su.session(session).await.unwrap().ticket.unwrap().queued_since;
        assert_eq!(queued, Some(started.session.created_at), "it waits for a holder from its start");
        bo.claim(session).await.unwrap();
        assert_eq!(su.session(session).await.unwrap().ticket.unwrap().queued_since, None);
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        let mut desk = bo.websocket().follow(session, None, None).connect().await.unwrap();

        let body = json!({ "agent_id": id_of(&cleo), "note": "She has waited long." });
        let answer = post(&bo, session, "/transfer", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let now = cleo.session(session).await.unwrap();
        assert_eq!(now.assignee.as_ref().unwrap().name, "Cleo");
        assert_eq!(bo.session(session).await.unwrap_err().status(), Some(404), "it is no longer his");
        let refused = desk.expect(|frame| match frame {
            ServerFrame::Error { code, session: Some(of), .. } => Some((*code, *of)),
            _ => None,
        });
        assert_eq!(refused.await.unwrap(), (ErrorCode::NotFound, session));
        let log = cleo.whole_log(session).await.unwrap();
        let [.., note, handed] = log.as_slice() else { panic!("{log:?}") };
        assert_eq!((note.kind, note.body.as_str()), (EntryKind::Note, "She has waited long."));
        let Some(Event::Transferred { from: Some(from), to }) = &handed.event else { panic!("{handed:?}") };
        assert_eq!((from.name.as_str(), to.name.as_str()), ("Bo", "Cleo"));

        // The customer is told who it is now, and not the note.
        let seen = widget.entry(session, |entry| matches!(entry.event, Some(Event::Transferred { .. }))).await.unwrap();
        assert_eq!(seen.seq, handed.seq);
        assert!(ana.whole_log(session).await.unwrap().iter().all(|entry| entry.kind != EntryKind::Note));

        // A colleague takes nothing that is not theirs; a supervisor does, and puts it back in line.
        assert_eq!(post(&bo, session, "/assign", json!({ "agent_id": id_of(&bo) })).await.status, 404);
        let taken = post(&su, session, "/assign", json!({ "agent_id": id_of(&su) })).await;
        assert_eq!(taken.status, 200, "{}", taken.text());
        ana.say(session, "is anybody there?").await.unwrap();
        let back = post(&su, session, "/assign", json!({ "agent_id": null })).await;
        assert_eq!(back.status, 200);
        let now = su.session(session).await.unwrap();
        assert_eq!((now.assignee, now.status), (None, Status::Open));
        assert_eq!(now.ticket.unwrap().queued_since, now.waiting_since, "in the place that the waiting gives");

        ana.close(session).await.unwrap();
        let late = post(&su, session, "/assign", json!({ "agent_id": id_of(&bo) })).await;
        assert_eq!(late.problem().unwrap().code, ErrorCode::WrongStatus);
        server.cli(&["agent", "disable", "--email", "bo@shop.example"]).await;
        let (_, other) = server.customer("Ben", "+447700900119").await;
        let gone = post(&su, other.session.id, "/assign", json!({ "agent_id": id_of(&bo) })).await;
        assert_eq!(gone.problem().unwrap().code, ErrorCode::Invalid, "who is shut out is given nothing");
    }

    async fn what_is_put_aside_comes_back(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        agent.claim(session).await.unwrap();
        let mut desk = agent.websocket().connect().await.unwrap();
        let mut held = desk.watch(ViewName::Mine, None).await.unwrap().sessions;
        assert_eq!(held.pop().map(|chat| chat.id), Some(session));
        assert!(desk.watch(ViewName::Snoozed, None).await.unwrap().sessions.is_empty());

        // By the clock.
        let until = in_millis(1_500);
        patched(&agent, session, json!({ "snoozed_until": until })).await;
        let left = desk.expect(|frame| match frame {
            ServerFrame::Removed { view: View::Named(ViewName::Mine), session } => Some(*session),
            _ => None,
        });
        assert_eq!(left.await.unwrap(), session);
        let page = agent.sessions(&[("snoozed", "true")]).await.unwrap();
        assert_eq!(page.items.iter().map(|chat| chat.id).collect::<Vec<_>>(), [session]);
        let back = is(&agent, session, |now| now.ticket.as_ref().unwrap().snoozed_until.is_none()).await;
        assert!(back.updated_at >= until, "not before its time");
        let log = agent.whole_log(session).await.unwrap();
        assert_eq!(log.last().unwrap().event, Some(Event::Unsnoozed));
        assert_eq!(log.last().unwrap().sender, protocol::Sender::System);

        // By the customer.
        patched(&agent, session, json!({ "snoozed_until": in_millis(3_600_000) })).await;
        ana.say(session, "one more thing").await.unwrap();
        let now = agent.session(session).await.unwrap();
        assert_eq!(now.ticket.unwrap().snoozed_until, None);

        // By an agent, and by its end.
        patched(&agent, session, json!({ "snoozed_until": in_millis(3_600_000) })).await;
        let now = patched(&agent, session, json!({ "snoozed_until": null })).await;
        assert_eq!(now.ticket.unwrap().snoozed_until, None);
        patched(&agent, session, json!({ "snoozed_until": in_millis(3_600_000) })).await;
        let now = patched(&agent, session, json!({ "status": "resolved" })).await;
        assert_eq!(now.ticket.unwrap().snoozed_until, None);
        let refused = patch(&agent, session, json!({ "snoozed_until": in_millis(3_600_000) })).await;
        assert_eq!(refused.problem().unwrap().code, ErrorCode::WrongStatus);
    }

    async fn numbers_are_given_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let starts = (0..20).map(|n| {
            let server = &server;
            async move { server.customer(&format!("Ana {n}"), &format!("+44770090070{n:02}")).await }
        });
        let started = futures_util::future::join_all(starts).await;
        let mut numbers: Vec<_> = started.iter().map(|(_, started)| started.session.number).collect();
        numbers.sort_unstable();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert!(numbers[0] > 0);
        // A chat that goes on in another is another.
        let (ana, first) = &started[0];
        ana.close(first.session.id).await.unwrap();
        let sent = ana.say(first.session.id, "and on").await.unwrap();
        let next = agent.session(sent.session).await.unwrap();
        assert!(next.number > *numbers.last().unwrap());
    }
}
