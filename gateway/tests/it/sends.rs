//! What becomes of a send: promises 1 and 3, the order of one connection, and where a message goes that comes after
//! the end.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use loadtest::client::Caller;
use protocol::{
    Entry, EntryId, EntryKind, Event, Follow, Seq, SessionId, SessionSummary, Status, rest::Sent,
};
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

fn new_id() -> EntryId {
    EntryId::new(Uuid::now_v7())
}

fn said(log: &[Entry]) -> Vec<&str> {
    log.iter().filter(|entry| entry.kind == EntryKind::Message).map(|entry| entry.body.as_str()).collect()
}

fn events(log: &[Entry]) -> Vec<&Event> {
    log.iter().filter_map(|entry| entry.event.as_ref()).collect()
}

fn gapless(log: &[Entry]) {
    let seqs: Vec<_> = log.iter().map(|entry| entry.seq.get()).collect();
    assert_eq!(seqs, (1..=log.len() as u64).collect::<Vec<_>>());
}

async fn message(caller: &Caller, session: SessionId, id: EntryId, body: &str) -> Sent {
    caller.send(session, id, body, EntryKind::Message).await.unwrap()
}

async fn by_websocket(caller: &Caller, session: SessionId, id: EntryId, body: &str) -> Sent {
    let mut socket = caller.websocket().connect().await.unwrap();
    socket.say_as(id, session, body, false).await.unwrap();
    socket.acked(id).await.unwrap()
}

/// All that a session is, as the team sees it in a list and alone: the two must say the same.
async fn summary(team: &Caller, session: SessionId) -> SessionSummary {
    team.session(session).await.unwrap()
}

on_both_stores! {
    async fn one_id_many_times_at_once_is_one_send(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900301").await;
        let session = started.session.id;
        for round in 0..5 {
            let id = new_id();
            let bodies: Vec<_> = (0..32).map(|n| format!("round {round}, try {n}")).collect();
            let tries = bodies.iter().enumerate().map(async |(n, body)| match n % 4 {
                0 => by_websocket(&ana, session, id, body).await,
                _ => message(&ana, session, id, body).await,
            });
            let sent = join_all(tries).await;
            let places: BTreeSet<_> = sent.iter().map(|sent| (sent.session, sent.seq)).collect();
            assert_eq!(places.len(), 1, "{sent:?}");
            let first: Vec<_> = sent.iter().zip(&bodies).filter(|(sent, _)| !sent.duplicate).collect();
            assert_eq!(first.len(), 1, "one of them is the first: {sent:?}");
            let log = ana.whole_log(session).await.unwrap();
            gapless(&log);
            assert_eq!(said(&log).len(), round + 1);
            assert_eq!(log.iter().find(|entry| entry.id == id).unwrap().body, *first[0].1);
            assert!(sent.iter().all(|other| other.created_at == sent[0].created_at));
        }
    }

    async fn a_retry_after_a_crash_is_the_same_send(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900302").await;
        let session = started.session.id;
        let id = new_id();
        let first = message(&ana, session, id, "the first words").await;
        assert!(!first.duplicate);
        for _ in 0..2 {
            server.kill().await;
            server.start_again().await;
            for again in [
                message(&ana, session, id, "other words").await,
                by_websocket(&ana, session, id, "other words again").await,
            ] {
                assert_eq!(again, Sent { duplicate: true, ..first.clone() });
            }
        }
        assert_eq!(said(&ana.whole_log(session).await.unwrap()), ["the first words"]);
    }

    async fn a_connection_s_sends_keep_their_order(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900303").await;
        let session = started.session.id;
        let agent = server.admin().await;
        let mut mine = ana.websocket().connect().await.unwrap();
        let mut theirs = agent.websocket().connect().await.unwrap();
        for round in 0..3 {
            let mut ids = Vec::new();
            for n in 0..60 {
                ids.push(mine.say(session, &format!("{round}.{n:02}")).await.unwrap());
                if n % 5 == 0 {
                    theirs.say(session, "in between").await.unwrap();
                }
            }
            let mut last = Seq::ZERO;
            for id in ids {
                let sent = mine.acked(id).await.unwrap();
                assert!(sent.seq > last, "{sent:?} came after {last}");
                last = sent.seq;
            }
        }
        let log = ana.whole_log(session).await.unwrap();
        gapless(&log);
        let mine: Vec<_> = said(&log).into_iter().filter(|body| *body != "in between").collect();
        assert!(mine.is_sorted(), "{mine:?}");
        assert_eq!(mine.len(), 180);
    }

    /// Promises 1 and 4: whoever was told of an entry finds it in the store.
    async fn what_is_acked_or_shown_can_be_read(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900304").await;
        let session = started.session.id;
        let agent = server.admin().await;
        let mut mine = ana.websocket().connect().await.unwrap();
        let mut theirs = agent.websocket().follow(session, None, None).connect().await.unwrap();
        theirs.opened(session).await.unwrap();
        for n in 0..30 {
            let body = format!("{n}");
            let id = mine.say(session, &body).await.unwrap();
            let before = |seq: Seq| Seq::new(seq.get() - 1);
            if n % 2 == 0 {
                let sent = mine.acked(id).await.unwrap();
                let log = agent.entries(session, before(sent.seq), 1).await.unwrap();
                assert_eq!((log[0].id, log[0].body.as_str()), (id, body.as_str()));
            } else {
                let entry = theirs.entry(session, |entry| entry.id == id).await.unwrap();
                assert_eq!(ana.entries(session, before(entry.seq), 1).await.unwrap(), [entry]);
            }
        }
    }

    async fn a_message_after_resolving_reopens_once(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900305").await;
        let session = started.session.id;
        let agent = server.admin().await;

        // Nobody held it: it waits for somebody again.
        agent.set_status(session, Status::Resolved).await.unwrap();
        message(&ana, session, new_id(), "one more thing").await;
        let now = summary(&agent, session).await;
        assert_eq!((now.status, now.waiting_since.is_some()), (Status::Open, true));

        agent.claim(session).await.unwrap();
        message(&agent, session, new_id(), "here it is").await;
        agent.set_status(session, Status::Resolved).await.unwrap();
        let thanks = new_id();
        let sent = message(&ana, session, thanks, "and another").await;
        assert_eq!(summary(&agent, session).await.status, Status::InProgress);

        // The same send does not reopen it again, even if nobody remembers it but the store.
        agent.set_status(session, Status::Resolved).await.unwrap();
        server.kill().await;
        server.start_again().await;
        assert_eq!(message(&ana, session, thanks, "x").await, Sent { duplicate: true, ..sent });
        assert_eq!(summary(&agent, session).await.status, Status::Resolved);

        let log = agent.whole_log(session).await.unwrap();
        gapless(&log);
        let reopened = events(&log).into_iter().filter(|event| matches!(event, Event::Reopened { .. })).count();
        assert_eq!(reopened, 2, "{log:#?}");
    }

    async fn a_message_after_the_end_begins_a_linked_session(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900306").await;
        let old = started.session.id;
        let agent = server.admin().await;
        message(&ana, old, new_id(), "hello").await;
        agent.close(old).await.unwrap();

        let mut socket = ana.websocket().connect().await.unwrap();
        let id = socket.say(old, "I forgot something").await.unwrap();
        let first = socket.acked(id).await.unwrap();
        assert!(first.session != old && !first.duplicate, "{first:?}");
        let opened = socket.opened(first.session).await.unwrap();
        assert_eq!(opened.session.previous_session_id, Some(old));
        assert_eq!(summary(&agent, old).await.next_session_id, Some(first.session));
        let log = agent.whole_log(first.session).await.unwrap();
        assert_eq!(said(&log), ["I forgot something"]);
        assert!(
            matches!(log[0].event, Some(Event::Started { previous_session_id: Some(previous), .. }) if previous == old)
        );

        // The same send, by any way and after a crash; and the next one goes where the first one went.
        let again = Sent { duplicate: true, ..first.clone() };
        assert_eq!(message(&ana, old, id, "x").await, again);
        server.kill().await;
        server.start_again().await;
        assert_eq!(by_websocket(&ana, old, id, "x").await, again);
        let next = message(&ana, old, new_id(), "and another thing").await;
        assert_eq!((next.session, next.duplicate), (first.session, false));

        // Along a chain of ends, too.
        agent.close(first.session).await.unwrap();
        let last = message(&ana, old, new_id(), "really the last").await;
        assert!(last.session != first.session && last.session != old);
        assert_eq!(summary(&agent, last.session).await.previous_session_id, Some(first.session));
        assert_eq!(message(&ana, old, id, "x").await, again);
        assert_eq!(ana.me().await.unwrap().sessions.len(), 3);
        for session in [old, first.session, last.session] {
            gapless(&agent.whole_log(session).await.unwrap());
        }
    }

    async fn all_who_speak_after_the_end_meet_in_one_session(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        for round in 0..5 {
            let (ana, started) = server.customer("Ana", &format!("+44770090031{round}")).await;
            let old = started.session.id;
            agent.close(old).await.unwrap();
            let speakers = (0..16).map(async |n| {
                let who = if n % 2 == 0 { &ana } else { agent.caller() };
                match n % 4 {
                    0 | 1 => by_websocket(who, old, new_id(), &format!("{n}")).await,
                    _ => message(who, old, new_id(), &format!("{n}")).await,
                }
            });
            let sent = join_all(speakers).await;
            let sessions: BTreeSet<_> = sent.iter().map(|sent| sent.session).collect();
            assert_eq!(sessions.len(), 1, "{sent:?}");
            let next = sent[0].session;
            assert_ne!(next, old);
            let log = agent.whole_log(next).await.unwrap();
            gapless(&log);
            assert_eq!(said(&log).len(), 16);
            let ends = agent.whole_log(old).await.unwrap();
            let continued =
                events(&ends).into_iter().filter(|event| matches!(event, Event::Continued { .. })).count();
            assert_eq!(continued, 1);
        }
    }

    /// A retry is the same send, whatever the rules would say to a new one by now.
    async fn a_retry_is_acked_though_the_session_moved_on(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900307").await;
        let session = started.session.id;
        let agent = server.admin().await;
        let (note, words) = (new_id(), new_id());
        let noted = agent.send(session, note, "she called before", EntryKind::Note).await.unwrap();
        let sent = message(&ana, session, words, "hello?").await;
        agent.close(session).await.unwrap();
        let next = message(&ana, session, new_id(), "hello again").await;
        assert_ne!(next.session, session);
        for crashed in [false, true] {
            if crashed {
                server.kill().await;
                server.start_again().await;
            }
            assert_eq!(message(&ana, session, words, "x").await, Sent { duplicate: true, ..sent.clone() });
            let again = agent.send(session, note, "x", EntryKind::Note).await.unwrap();
            assert_eq!(again, Sent { duplicate: true, ..noted.clone() });
        }
        let new_note = agent.send(session, new_id(), "too late", EntryKind::Note).await.unwrap_err();
        assert_eq!(new_note.code(), Some(protocol::ErrorCode::WrongStatus), "{new_note}");
    }

    async fn closing_leaves_nothing_unread(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900308").await;
        let session = started.session.id;
        let agent = server.admin().await;
        for n in 0..3 {
            message(&ana, session, new_id(), &format!("{n}")).await;
        }
        message(&agent, session, new_id(), "hi").await;
        assert_eq!(summary(&agent, session).await.unread, 3);
        assert_eq!(ana.session(session).await.unwrap().unread, 1);
        assert_eq!(ana.me().await.unwrap().unread, 1);
        let mut socket = agent.websocket().connect().await.unwrap();
        let follow = Follow { id: session, after: None, epoch: None, unseen: false };
        socket.open(follow).await.unwrap();
        agent.close(session).await.unwrap();
        let now = summary(&agent, session).await;
        assert_eq!((now.unread, now.status, now.waiting_since), (0, Status::Closed, None));
        assert!(now.closed_at.is_some());
        let listed = agent.sessions(&[("status", "closed")]).await.unwrap();
        assert_eq!(listed.items, [now]);
        assert_eq!(ana.session(session).await.unwrap().unread, 0);
        assert_eq!(ana.me().await.unwrap().unread, 0);
    }
}
