//! How the team does not get in its own way: who is told, who is here, who answers.

use std::time::Duration;

use loadtest::client::{AgentClient, Answer};
use protocol::{
    ClientFrame, EntryId, EntryKind, ErrorCode, Event, Follow, NotificationKind, Seq, ServerFrame, SessionId,
    rest::Notifications,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

fn id_of(agent: &AgentClient) -> Uuid {
    agent.who().you.id
}

async fn note(agent: &AgentClient, session: SessionId, body: &str, mentions: &[Uuid]) -> Answer {
    let note = json!({ "id": Uuid::now_v7(), "body": body, "mentions": mentions });
    agent.on_session("POST", session, "/notes").json(&note).send().await.unwrap()
}

async fn reply(agent: &AgentClient, session: SessionId, id: Uuid, after: Seq) -> Answer {
    let reply = json!({ "id": id, "body": "an answer", "after": after });
    agent.on_session("POST", session, "/messages").json(&reply).send().await.unwrap()
}

async fn told(agent: &AgentClient) -> Notifications {
    agent.request("GET", "/notifications").read().await.unwrap()
}

fn unseen(session: SessionId) -> Follow {
    Follow { id: session, after: None, epoch: None, unseen: true }
}

on_both_stores! {
    async fn who_is_named_is_told(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (bo, cleo) = (
            server.member("agent", "bo@example.com", "Bo").await,
            server.member("agent", "cleo@example.com", "Cleo").await,
        );
        let su = server.member("supervisor", "su@example.com", "Su").await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let mut hears = cleo.websocket().connect().await.unwrap();

        let answer = note(&bo, session, "@Cleo, do you know?", &[id_of(&cleo)]).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let heard = hears.expect(|frame| match frame {
            ServerFrame::Notification { notification } => Some(notification.clone()),
            _ => None,
        }).await.unwrap();
        assert_eq!((heard.kind, heard.session, heard.preview.as_str()), (NotificationKind::Mention, session, "@Cleo, do you know?"));
        assert_eq!((heard.number, heard.contact.as_deref()), (1, Some("Ana")));
        let stored = told(&cleo).await;
        assert_eq!((stored.items, stored.unread, stored.total), (vec![heard], 1, 1));
        let entry = cleo.whole_log(session).await.unwrap().into_iter().find(|entry| entry.kind == EntryKind::Note);
        assert_eq!(entry.unwrap().mentions.len(), 1);
        assert_eq!(told(&bo).await.total, 0);

        // By the other way, and with refusals by name.
        let mut socket = bo.websocket().connect().await.unwrap();
        let send = |mentions: &[Uuid], note| ClientFrame::Send {
            id: EntryId::new(Uuid::now_v7()), session, body: "@Su".into(), attachments: vec![], note,
            mentions: mentions.iter().map(|id| protocol::AgentId::new(*id)).collect(), after: None,
        };
        let frame = send(&[id_of(&su)], true);
        socket.send(&frame).await.unwrap();
        let ClientFrame::Send { id, .. } = frame else { panic!() };
        socket.acked(id).await.unwrap();
        assert_eq!(told(&su).await.unread, 1);
        for frame in [send(&[Uuid::now_v7()], true), send(&[id_of(&su)], false)] {
            socket.send(&frame).await.unwrap();
            let refused = socket.refused().await.unwrap();
            assert_eq!(refused.code, ErrorCode::Invalid);
            assert!(refused.message.contains("mentions"), "{}", refused.message);
        }
        let many: Vec<_> = (0..21).map(|_| id_of(&su)).collect();
        for mentions in [&many[..], &[Uuid::now_v7()]] {
            let refused = note(&bo, session, "?", mentions).await;
            assert_eq!((refused.status, refused.problem().unwrap().errors[0].field.as_str()), (422, "mentions"));
        }

        // Once Bo holds it, Cleo does not see it any more, and cannot be named; nor is she shown what she was told.
        bo.claim(session).await.unwrap();
        assert_eq!(note(&bo, session, "@Cleo?", &[id_of(&cleo)]).await.status, 422);
        assert_eq!(told(&cleo).await.total, 0);
        assert_eq!(told(&bo).await.total, 0, "what one takes oneself is no news");

        // What there is to do is counted as it is listed, for each as they may see it.
        let (waits, begun) = server.customer("Ben", "+447700900599").await;
        assert!(!told(&cleo).await.has_alerts, "nobody waits yet");
        waits.say(begun.session.id, "Anybody?").await.unwrap();
        for agent in [&bo, &cleo, &su] {
            let counts = told(agent).await;
            assert!(counts.has_alerts);
            for (name, value, count) in [
                ("status", "open", counts.open),
                ("status", "in_progress", counts.in_progress),
                ("view", "unassigned", counts.unassigned),
                ("view", "waiting", counts.waiting),
            ] {
                assert_eq!(agent.sessions(&[(name, value)]).await.unwrap().total, count, "{name}={value}");
            }
        }
        assert_ne!(told(&cleo).await.in_progress + told(&cleo).await.open, told(&su).await.in_progress + told(&su).await.open);

        // Given to her by another, she is told, and sees again what she was told.
        let given = su.on_session("POST", session, "/assign").json(&json!({ "agent_id": id_of(&cleo) }));
        given.done().await.unwrap();
        let heard = hears.expect(|frame| match frame {
            ServerFrame::Notification { notification } => Some(notification.kind),
            _ => None,
        }).await.unwrap();
        assert_eq!(heard, NotificationKind::Assigned);
        let stored = told(&cleo).await;
        assert_eq!(stored.items.iter().map(|one| one.kind).collect::<Vec<_>>(), [NotificationKind::Assigned, NotificationKind::Mention]);
        let page: Notifications = cleo.request("GET", "/notifications").query("limit", "1").read().await.unwrap();
        let cursor = page.next_cursor.unwrap();
        let next: Notifications =
            cleo.request("GET", "/notifications").query("cursor", &cursor).read().await.unwrap();
        assert_eq!((next.items, next.next_cursor), (stored.items[1..].to_vec(), None));
        assert_eq!(cleo.request("GET", "/notifications").query("cursor", "x").send().await.unwrap().status, 422);
        let read = json!({ "session": session });
        cleo.request("POST", "/notifications/read").json(&read).done().await.unwrap();
        assert_eq!(told(&cleo).await.unread, 0);
        for text in [
            ana.on_session("GET", session, "/entries").send().await.unwrap().text(),
            ana.on_session("GET", session, "/transcript").send().await.unwrap().text(),
        ] {
            assert!(!text.contains("mentions") && !text.contains("@Cleo"), "{text}");
        }
    }

    async fn two_do_not_answer_at_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (bo, cleo) = (
            server.member("supervisor", "bo@example.com", "Bo").await,
            server.member("supervisor", "cleo@example.com", "Cleo").await,
        );
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let asked = ana.say(session, "anybody?").await.unwrap().seq;
        let first = Uuid::now_v7();
        assert_eq!(reply(&bo, session, first, asked).await.status, 201);
        ana.say(session, "ah").await.unwrap();
        note(&bo, session, "a note is no answer", &[]).await;

        let second = Uuid::now_v7();
        let refused = reply(&cleo, session, second, asked).await;
        let problem = refused.problem().unwrap();
        assert_eq!((refused.status, problem.code), (409, ErrorCode::AnsweredMeanwhile));
        assert!(problem.detail.contains("Bo"), "{}", problem.detail);
        // Who wrote it is not in their own way, a retry is the same send, and whoever knows says it.
        let again = reply(&bo, session, Uuid::now_v7(), asked).await;
        assert_eq!(again.status, 201, "{}", again.text());
        let retried: protocol::rest::Sent = reply(&bo, session, first, asked).await.json().unwrap();
        assert!(retried.duplicate);
        let last = bo.session(session).await.unwrap().last_seq;
        assert_eq!(reply(&cleo, session, second, last).await.status, 201);
        assert_eq!(reply(&bo, session, first, asked).await.status, 201, "what is stored is not refused");

        // Of many at once, one.
        let last = bo.session(session).await.unwrap().last_seq;
        let mut tasks = Vec::new();
        for n in 0..12 {
            let who = if n % 2 == 0 { bo.clone() } else { cleo.clone() };
            tasks.push(tokio::spawn(async move { (n % 2, reply(&who, session, Uuid::now_v7(), last).await.status) }));
        }
        let mut winners = Vec::new();
        for task in tasks {
            if let (who, 201) = task.await.unwrap() {
                winners.push(who);
            }
        }
        assert!(!winners.is_empty() && winners.iter().all(|who| *who == winners[0]), "{winners:?}");

        // To a closed chat it is the beginning of the next.
        ana.close(session).await.unwrap();
        let sent: protocol::rest::Sent = reply(&cleo, session, Uuid::now_v7(), asked).await.json().unwrap();
        assert_ne!(sent.session, session);
        let mut socket = bo.websocket().connect().await.unwrap();
        let late = ClientFrame::Send {
            id: EntryId::new(Uuid::now_v7()), session: sent.session, body: "late".into(), attachments: vec![],
            note: false, mentions: vec![], after: Some(Seq::new(1)),
        };
        socket.send(&late).await.unwrap();
        assert_eq!(socket.refused().await.unwrap().code, ErrorCode::AnsweredMeanwhile);
    }

    async fn a_supervisor_looks_on_unseen_or_joins(engine: Engine) {
        let server = TestServer::start_with(engine, &["--presence-grace-seconds=1"]).await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let su = server.member("supervisor", "su@example.com", "Su").await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        bo.claim(session).await.unwrap();
        let mut desk = bo.websocket().follow(session, None, None).connect().await.unwrap();
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        desk.opened(session).await.unwrap();
        widget.opened(session).await.unwrap();
        // Ana is seen by Bo before the story begins.
        let said = ana.say(session, "hello").await.unwrap();
        desk.entry(session, |entry| entry.body == "hello").await.unwrap();
        bo.read(session, said.seq).await.unwrap();
        widget.expect(|frame| matches!(frame, ServerFrame::Receipt { seq, .. } if *seq == said.seq).then_some(())).await.unwrap();
        desk.take_inbox();
        widget.take_inbox();

        let mut watches = su.websocket().connect().await.unwrap();
        watches.open(unseen(session)).await.unwrap();
        watches.send(&ClientFrame::Typing { session, on: true }).await.unwrap();
        watches.send(&ClientFrame::Read { session, seq: Seq::new(2) }).await.unwrap();
        let said = ana.say(session, "are you there?").await.unwrap();
        watches.entry(session, |entry| entry.seq == said.seq).await.unwrap();
        desk.entry(session, |entry| entry.seq == said.seq).await.unwrap();
        let polled = json!({ "sessions": [{ "id": session, "unseen": true }], "wait": 0 });
        su.request("POST", "/events").json(&polled).done().await.unwrap();
        assert_eq!(bo.request("POST", "/events").json(&polled).send().await.unwrap().status, 403);
        let answered = bo.say(session, "here I am").await.unwrap();
        for socket in [&mut desk, &mut widget] {
            socket.entry(session, |entry| entry.seq == answered.seq).await.unwrap();
            for frame in socket.take_inbox() {
                let text = format!("{frame:?}");
                assert!(!text.contains("Su") && !matches!(frame, ServerFrame::Presence { .. }), "{text}");
            }
        }

        let joined = su.on_session("POST", session, "/join").send().await.unwrap();
        assert_eq!(joined.status, 200, "{}", joined.text());
        watches.open(Follow { unseen: false, ..unseen(session) }).await.unwrap();
        desk.expect(|frame| match frame {
            ServerFrame::Entry { entry, .. } => matches!(&entry.event, Some(Event::Joined { agent }) if agent.name == "Su").then_some(()),
            _ => None,
        }).await.unwrap();
        desk.expect(|frame| match frame {
            ServerFrame::Presence { who, online: true, .. } => (who.name.as_deref() == Some("Su")).then_some(()),
            _ => None,
        }).await.unwrap();
        watches.send(&ClientFrame::Typing { session, on: true }).await.unwrap();
        desk.expect(|frame| matches!(frame, ServerFrame::Typing { .. }).then_some(())).await.unwrap();
        let log = ana.whole_log(session).await.unwrap();
        assert!(!log.iter().any(|entry| matches!(entry.event, Some(Event::Joined { .. }))), "{log:?}");
        let quiet = widget.expect_none(Duration::from_millis(200), |frame| matches!(frame, ServerFrame::Typing { .. })).await;
        quiet.unwrap();
    }
}
