//! What was said, and what becomes of it: changed, taken away, rated.

use std::time::Duration;

use loadtest::client::{Answer, Caller};
use protocol::{
    Entry, EntryId, EntryKind, ErrorCode, Event, Follow, Seq, ServerFrame, SessionId, Status,
    rest::{EntryVersion, Page},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

async fn edit(who: &Caller, session: SessionId, entry: EntryId, body: &str) -> Answer {
    let request = who.on_session("PATCH", session, &format!("/entries/{entry}"));
    request.json(&json!({ "body": body })).send().await.unwrap()
}

async fn delete(who: &Caller, session: SessionId, entry: EntryId) -> Answer {
    who.on_session("DELETE", session, &format!("/entries/{entry}")).send().await.unwrap()
}

fn code(answer: &Answer) -> Option<ErrorCode> {
    answer.problem().map(|problem| problem.code)
}

/// Every way by which somebody reads a session from its beginning.
async fn readings(who: &Caller, session: SessionId) -> Vec<String> {
    let text = async |path: &str, query: &[(&str, &str)]| {
        let request = who.on_session("GET", session, path);
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, *value));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    };
    let mut all = vec![
        text("", &[]).await,
        text("/entries", &[]).await,
        text("/entries", &[("before", "1000")]).await,
        text("/events", &[("after", "0"), ("wait", "0")]).await,
        text("/events", &[("wait", "0")]).await,
        text("/events", &[("after", "2"), ("wait", "0")]).await,
    ];
    for format in ["html", "txt", "json", "csv"] {
        all.push(text("/transcript", &[("format", format)]).await);
    }
    let polled = json!({ "sessions": [{ "id": session, "after": 0 }], "wait": 0 });
    all.push(who.request("POST", "/events").json(&polled).send().await.unwrap().text());
    for after in [None, Some(Seq::ZERO), Some(Seq::new(3))] {
        let mut socket = who.websocket().follow(session, after, None).connect().await.unwrap();
        all.push(format!("{:?}", socket.opened(session).await.unwrap()));
        all.push(format!("{:?}", socket.welcome()));
        let follow = Follow { id: session, after, epoch: None, unseen: false };
        all.push(format!("{:?}", socket.open(follow).await.unwrap()));
    }
    all
}

on_both_stores! {
    async fn what_is_changed_is_read_as_it_is_now(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let mut desk = bo.websocket().follow(session, None, None).connect().await.unwrap();
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        desk.opened(session).await.unwrap();
        widget.opened(session).await.unwrap();

        let sent = bo.say(session, "it costs first price").await.unwrap();
        let answer = edit(&bo, session, sent.id, "  it costs second price ").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let entry: Entry = answer.json().unwrap();
        assert_eq!((entry.id, entry.seq, entry.body.as_str()), (sent.id, sent.seq, "it costs second price"));
        assert!(entry.edited_at.is_some() && entry.deleted_at.is_none());
        for socket in [&mut desk, &mut widget] {
            let told = socket.entry(session, |entry| entry.event.is_some() && entry.seq > sent.seq).await.unwrap();
            let event = Event::Edited {
                entry: sent.id, seq: sent.seq, body: "it costs second price".into(), note: false,
            };
            assert_eq!(told.event, Some(event));
        }
        // The same again is no news.
        let before = bo.session(session).await.unwrap();
        assert_eq!(edit(&bo, session, sent.id, "it costs second price").await.status, 200);
        assert_eq!(bo.session(session).await.unwrap().last_seq, before.last_seq);
        assert_eq!(before.last_message.unwrap().preview, "it costs second price");
        assert_eq!(edit(&bo, session, sent.id, "it costs third price").await.status, 200);

        for who in [&ana, bo.caller(), admin.caller()] {
            for text in readings(who, session).await {
                assert!(!text.contains("first price") && !text.contains("second price"), "{text}");
            }
        }
        let log = ana.whole_log(session).await.unwrap();
        assert!(log.iter().any(|entry| entry.body == "it costs third price"));

        // What it said is for those who may know.
        let path = format!("/entries/{}/history", sent.id);
        for who in [bo.caller(), admin.caller()] {
            let page: Page<EntryVersion> = who.on_session("GET", session, &path).read().await.unwrap();
            let said: Vec<_> = page.items.iter().map(|old| old.body.as_str()).collect();
            assert_eq!(said, ["it costs first price", "it costs second price"]);
        }
        assert_eq!(ana.on_session("GET", session, &path).send().await.unwrap().status, 403);

        // A supervisor takes it away.
        assert_eq!(code(&edit(admin.caller(), session, sent.id, "no").await), Some(ErrorCode::Forbidden));
        assert_eq!(delete(admin.caller(), session, sent.id).await.status, 204);
        assert_eq!(delete(bo.caller(), session, sent.id).await.status, 204, "as it is already");
        assert_eq!(code(&edit(bo.caller(), session, sent.id, "no").await), Some(ErrorCode::EntryDeleted));
        widget.entry(session, |entry| matches!(entry.event, Some(Event::Deleted { .. }))).await.unwrap();
        for who in [&ana, bo.caller(), admin.caller()] {
            for text in readings(who, session).await {
                assert!(!text.contains("price"), "{text}");
            }
        }
        let gone = ana.whole_log(session).await.unwrap().into_iter().find(|entry| entry.id == sent.id).unwrap();
        assert_eq!((gone.body.as_str(), gone.deleted_at.is_some()), ("", true));
        assert_eq!(ana.session(session).await.unwrap().last_message.unwrap().preview, "");
        assert_eq!(admin.on_session("GET", session, &path).read::<Page<EntryVersion>>().await.unwrap().total, 3);
    }

    async fn each_changes_their_own(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (bo, cleo) = (
            server.member("agent", "bo@example.com", "Bo").await,
            server.member("agent", "cleo@example.com", "Cleo").await,
        );
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let hers = ana.say(session, "mine").await.unwrap().id;
        let note = bo.send(session, EntryId::new(Uuid::now_v7()), "psst", EntryKind::Note).await.unwrap().id;
        let mut widget = ana.websocket().follow(session, None, None).connect().await.unwrap();
        widget.opened(session).await.unwrap();

        assert_eq!(edit(&ana, session, hers, "mine, mended").await.status, 200);
        widget.entry(session, |entry| matches!(entry.event, Some(Event::Edited { .. }))).await.unwrap();
        for (who, entry, refusal) in [
            (bo.caller(), hers, ErrorCode::Forbidden),
            (cleo.caller(), note, ErrorCode::Forbidden),
            (&ana, note, ErrorCode::NotFound),
            (&ana, EntryId::new(Uuid::now_v7()), ErrorCode::NotFound),
            (bo.caller(), started.entries[0].id, ErrorCode::Forbidden),
        ] {
            assert_eq!(code(&edit(who, session, entry, "theirs").await), Some(refusal), "{entry}");
            assert_eq!(code(&delete(who, session, entry).await), Some(refusal), "{entry}");
        }
        assert_eq!(code(&edit(&ana, session, hers, " ").await), Some(ErrorCode::Invalid));
        assert_eq!(code(&edit(&ana, session, hers, &"x".repeat(8_001)).await), Some(ErrorCode::Invalid));

        // A note stays the team's.
        assert_eq!(edit(&bo, session, note, "psst, psst").await.status, 200);
        assert_eq!(delete(&bo, session, note).await.status, 204);
        ana.say(session, "the end").await.unwrap();
        widget.entry(session, |entry| entry.body == "the end").await.unwrap();
        for frame in widget.take_inbox() {
            assert!(!matches!(frame, ServerFrame::Entry { .. }), "{frame:?}");
        }
        for text in readings(&ana, session).await {
            assert!(!text.contains("psst") && !text.contains("note\":true"), "{text}");
        }
        assert_eq!(bo.whole_log(session).await.unwrap().iter().filter(|entry| entry.id == note).count(), 1);

        ana.close(session).await.unwrap();
        assert_eq!(code(&edit(&ana, session, hers, "too late").await), Some(ErrorCode::WrongStatus));
    }

    async fn a_chat_is_rated_once_and_the_rating_changed(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        assert_eq!(ana.rate(session, 5, None).await.unwrap_err().code(), Some(ErrorCode::WrongStatus));
        bo.set_status(session, Status::Resolved).await.unwrap();
        ana.rate(session, 2, Some("slow")).await.unwrap();
        let first = ana.session(session).await.unwrap().rating.unwrap();
        assert_eq!((first.score, first.comment.as_deref()), (2, Some("slow")));
        assert_eq!(first.changeable_until, first.rated_at.plus(Duration::from_secs(24 * 60 * 60)));
        let at = bo.session(session).await.unwrap().last_seq;
        ana.rate(session, 2, Some("slow")).await.unwrap();
        assert_eq!(bo.session(session).await.unwrap().last_seq, at, "the same again is no news");
        ana.close(session).await.unwrap();
        ana.rate(session, 4, None).await.unwrap();
        let changed = bo.session(session).await.unwrap().rating.unwrap();
        assert_eq!((changed.score, changed.comment, changed.rated_at), (4, None, first.rated_at));
        let listed: Value = bo.request("GET", "/sessions").read().await.unwrap();
        assert_eq!(listed["items"][0]["rating"]["score"], 4);
    }
}
