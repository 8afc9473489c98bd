//! Every frame as it goes over the line.

use protocol::{
    Assigned, Availability, ClientFrame, ClientInfo, ConnectionId, ErrorCode, Follow, OfferEnd, Party,
    PartyKind, Role, Seq, ServerFrame, SessionSort, View, ViewFilter, ViewId, ViewName, You, encode_entry,
};
use serde_json::{Value, json};

use crate::samples::*;

#[test]
fn what_clients_say() {
    let hello = ClientFrame::Hello {
        token: Some("secret".into()),
        sessions: vec![
            Follow { id: session(), after: Some(Seq::new(3)), epoch: Some(epoch()), unseen: false },
            Follow { id: session(), after: None, epoch: None, unseen: false },
        ],
        client: Some(ClientInfo { name: "widget".into(), version: "1.2".into() }),
    };
    wire(
        &hello,
        json!({
            "type": "hello", "token": "secret",
            "sessions": [{ "id": SESSION, "after": 3, "epoch": EPOCH }, { "id": SESSION }],
            "client": { "name": "widget", "version": "1.2" },
        }),
    );
    wire(
        &ClientFrame::Hello { token: None, sessions: vec![], client: None },
        json!({ "type": "hello", "sessions": [] }),
    );
    wire(
        &ClientFrame::Open {
            session: session(),
            after: Some(Seq::ZERO),
            epoch: Some(epoch()),
            unseen: false,
        },
        json!({ "type": "open", "session": SESSION, "after": 0, "epoch": EPOCH }),
    );
    wire(
        &ClientFrame::Open { session: session(), after: None, epoch: None, unseen: false },
        json!({ "type": "open", "session": SESSION }),
    );
    wire(&ClientFrame::Leave { session: session() }, json!({ "type": "leave", "session": SESSION }));
    wire(
        &ClientFrame::Watch { view: ViewName::Mine.into(), limit: Some(20) },
        json!({ "type": "watch", "view": "mine", "limit": 20 }),
    );
    wire(
        &ClientFrame::Watch { view: ViewName::All.into(), limit: None },
        json!({ "type": "watch", "view": "all" }),
    );
    wire(
        &ClientFrame::Unwatch { view: ViewName::Waiting.into() },
        json!({ "type": "unwatch", "view": "waiting" }),
    );
    let saved = View::Saved(ViewId::new(uuid(7)));
    wire(&ClientFrame::Unwatch { view: saved }, json!({ "type": "unwatch", "view": uuid(7) }));
    let filter = ViewFilter {
        status: vec![protocol::Status::Open],
        assignee: Some(Assigned::Nobody),
        tag: Some("refund".into()),
        ..ViewFilter::default()
    };
    wire(
        &ClientFrame::Watch { view: View::Filter(filter.into()), limit: Some(0) },
        json!({
            "type": "watch", "view": { "status": ["open"], "assignee": "none", "tag": "refund" }, "limit": 0,
        }),
    );
    wire(
        &ClientFrame::Send {
            id: entry_id(),
            session: session(),
            body: "hi".into(),
            attachments: vec![uuid(6)],
            note: true,
            mentions: vec![],
            after: None,
        },
        json!({
            "type": "send", "id": ENTRY, "session": SESSION, "body": "hi",
            "attachments": ["00000000-0000-7000-8000-000000000006"], "note": true,
        }),
    );
    wire(
        &ClientFrame::Typing { session: session(), on: true },
        json!({ "type": "typing", "session": SESSION, "on": true }),
    );
    wire(
        &ClientFrame::Read { session: session(), seq: Seq::new(9) },
        json!({ "type": "read", "session": SESSION, "seq": 9 }),
    );
    wire(
        &ClientFrame::Availability { status: Availability::Away },
        json!({ "type": "availability", "status": "away" }),
    );
    wire(&ClientFrame::Ping, json!({ "type": "ping" }));
}

/// What a client may leave out.
#[test]
fn what_clients_may_leave_out() {
    let read = |json: Value| serde_json::from_value::<ClientFrame>(json).unwrap();
    assert_eq!(
        read(json!({ "type": "hello" })),
        ClientFrame::Hello { token: None, sessions: vec![], client: None }
    );
    assert_eq!(
        read(json!({ "type": "send", "id": ENTRY, "session": SESSION, "body": "hi" })),
        ClientFrame::Send {
            id: entry_id(),
            session: session(),
            body: "hi".into(),
            attachments: vec![],
            note: false,
            mentions: vec![],
            after: None,
        }
    );
    for missing in [
        json!({ "type": "open" }),
        json!({ "type": "leave" }),
        json!({ "type": "watch" }),
        json!({ "type": "send", "id": ENTRY, "session": SESSION }),
        json!({ "type": "send", "session": SESSION, "body": "hi" }),
        json!({ "type": "send", "id": ENTRY, "body": "hi" }),
        json!({ "type": "typing", "session": SESSION }),
        json!({ "type": "read", "session": SESSION }),
        json!({ "session": SESSION }),
        json!({}),
    ] {
        assert!(serde_json::from_value::<ClientFrame>(missing.clone()).is_err(), "{missing}");
    }
}

#[test]
fn what_the_server_says() {
    let you = You {
        kind: PartyKind::Agent,
        id: agent_id().uuid(),
        name: Some("Tess".into()),
        role: Some(Role::Admin),
    };
    let welcome = ServerFrame::Welcome {
        connection: ConnectionId::new(uuid(7)),
        you,
        epoch: epoch(),
        heartbeat_s: 25,
        time: time(),
        sessions: vec![summary()],
    };
    wire(
        &welcome,
        json!({
            "type": "welcome", "connection": "00000000-0000-7000-8000-000000000007",
            "you": { "kind": "agent", "id": AGENT, "name": "Tess", "role": "admin" },
            "epoch": EPOCH, "heartbeat_s": 25, "time": TIME, "sessions": [summary_json()],
        }),
    );
    let customer = You { kind: PartyKind::Customer, id: contact().uuid(), name: None, role: None };
    wire(&customer, json!({ "kind": "customer", "id": CONTACT, "name": null }));
    wire(
        &ServerFrame::Opened { session: summary(), entries: vec![message()], more: true, reset: false },
        json!({ "type": "opened", "session": summary_json(), "entries": [message_json()], "more": true, "reset": false }),
    );
    wire(
        &ServerFrame::Listed {
            view: ViewName::Unassigned.into(),
            sort: SessionSort::Waiting,
            sessions: vec![summary()],
            total: 12,
            more: true,
        },
        json!({ "type": "listed", "view": "unassigned", "sort": "waiting", "sessions": [summary_json()], "total": 12, "more": true }),
    );
    let entry = json!({ "type": "entry", "session": SESSION, "entry": message_json() });
    wire(&ServerFrame::Entry { session: session(), entry: message() }, entry.clone());
    assert_eq!(serde_json::from_str::<Value>(&encode_entry(session(), &message())).unwrap(), entry);
    wire(
        &ServerFrame::Ack {
            id: entry_id(),
            session: session(),
            seq: Seq::new(3),
            created_at: time(),
            duplicate: true,
        },
        json!({ "type": "ack", "id": ENTRY, "session": SESSION, "seq": 3, "created_at": TIME, "duplicate": true }),
    );
    wire(
        &ServerFrame::Typing { session: session(), who: party(), on: true },
        json!({ "type": "typing", "session": SESSION, "who": party_json(), "on": true }),
    );
    let team = Party { kind: PartyKind::Agent, id: None, name: None };
    wire(
        &ServerFrame::Receipt { session: session(), who: team, seq: Seq::new(3), delivered: Seq::new(4) },
        json!({ "type": "receipt", "session": SESSION, "who": { "kind": "agent" }, "seq": 3, "delivered": 4 }),
    );
    wire(
        &ServerFrame::Presence { session: session(), who: party(), online: false },
        json!({ "type": "presence", "session": SESSION, "who": party_json(), "online": false }),
    );
    wire(
        &ServerFrame::Session { session: summary() },
        json!({ "type": "session", "session": summary_json() }),
    );
    wire(
        &ServerFrame::Added { view: ViewName::Mentions.into(), session: session() },
        json!({ "type": "added", "view": "mentions", "session": SESSION }),
    );
    wire(&ServerFrame::ViewsChanged, json!({ "type": "views_changed" }));
    wire(
        &ServerFrame::Removed { view: ViewName::All.into(), session: session() },
        json!({ "type": "removed", "view": "all", "session": SESSION }),
    );
    wire(
        &ServerFrame::Error {
            code: ErrorCode::RateLimited,
            message: "Too fast.".into(),
            id: Some(entry_id()),
            session: Some(session()),
            view: None,
            retryable: true,
            retry_after_ms: Some(2_000),
        },
        json!({
            "type": "error", "code": "rate_limited", "message": "Too fast.", "id": ENTRY, "session": SESSION,
            "retryable": true, "retry_after_ms": 2_000,
        }),
    );
    wire(
        &ServerFrame::Error {
            code: ErrorCode::BadFrame,
            message: "No.".into(),
            id: None,
            session: None,
            view: Some(ViewName::Mine.into()),
            retryable: false,
            retry_after_ms: None,
        },
        json!({ "type": "error", "code": "bad_frame", "message": "No.", "view": "mine", "retryable": false }),
    );
    wire(
        &ServerFrame::Queue { session: session(), position: 2, waiting: 5, estimate_s: Some(180) },
        json!({ "type": "queue", "session": SESSION, "position": 2, "waiting": 5, "estimate_s": 180 }),
    );
    wire(
        &ServerFrame::Queue { session: session(), position: 1, waiting: 1, estimate_s: None },
        json!({ "type": "queue", "session": SESSION, "position": 1, "waiting": 1 }),
    );
    wire(&ServerFrame::QueueLeft { session: session() }, json!({ "type": "queue_left", "session": SESSION }));
    wire(
        &ServerFrame::Offer { session: summary(), until: time() },
        json!({ "type": "offer", "session": summary_json(), "until": TIME }),
    );
    wire(
        &ServerFrame::OfferEnded { session: session(), end: OfferEnd::Unanswered },
        json!({ "type": "offer_ended", "session": SESSION, "end": "unanswered" }),
    );
    wire(
        &ServerFrame::Availability { agent: agent(), status: Availability::Busy, active: 5, max: 5 },
        json!({
            "type": "availability", "agent": { "id": AGENT, "name": "Tess" }, "status": "busy", "active": 5, "max": 5,
        }),
    );
    wire(&ServerFrame::Pong, json!({ "type": "pong" }));
    wire(
        &ServerFrame::Bye { reason: "restart".into(), retry_after_ms: 1_000 },
        json!({ "type": "bye", "reason": "restart", "retry_after_ms": 1_000 }),
    );
}

/// Released fields are read by older clients; unknown ones come from newer servers and clients, at any depth.
#[test]
fn unknown_fields_are_ignored() {
    fn with_strange_fields(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                // Attributes are named by the team: there, no name is strange.
                let known = fields.iter_mut().filter(|(name, _)| *name != "attributes");
                known.for_each(|(_, value)| with_strange_fields(value));
                fields.insert("from_the_future".into(), json!({ "deep": [1, null, "x"] }));
            }
            Value::Array(items) => items.iter_mut().for_each(with_strange_fields),
            _ => {}
        }
    }
    let opened =
        ServerFrame::Opened { session: summary(), entries: vec![message()], more: true, reset: false };
    let mut json = serde_json::to_value(&opened).unwrap();
    with_strange_fields(&mut json);
    assert_eq!(serde_json::from_value::<ServerFrame>(json).unwrap(), opened);
    let send = ClientFrame::Send {
        id: entry_id(),
        session: session(),
        body: "x".into(),
        attachments: vec![],
        note: false,
        mentions: vec![],
        after: None,
    };
    let mut json = serde_json::to_value(&send).unwrap();
    with_strange_fields(&mut json);
    assert_eq!(serde_json::from_value::<ClientFrame>(json).unwrap(), send);
}

#[test]
fn a_view_is_a_name_an_id_or_a_filter() {
    let refused = |view: Value| serde_json::from_value::<View>(view).unwrap_err().to_string();
    assert!(
        refused(json!("yours")).contains("must be mine, unassigned, waiting, snoozed, mentions, all, or")
    );
    assert!(refused(json!({ "tags": "refund" })).contains("unknown field `tags`"));
    assert!(refused(json!({ "assignee": "you" })).contains("must be me, none or an agent's id"));
    assert!(refused(json!(7)).contains("a view's name, a saved view's id, or a filter"));
    let filter = |filter: Value| serde_json::from_value::<ViewFilter>(filter).unwrap();
    let said = filter(json!({ "tag": " Refund ", "status": ["closed", "open", "closed"], "site": " " }));
    said.check().unwrap();
    let same = serde_json::to_value(said.normalised()).unwrap();
    assert_eq!(same, json!({ "tag": "refund", "status": ["open", "closed"] }));
    let faults = filter(json!({
        "status": vec!["open"; 5], "tag": format!("{}x", " ".repeat(41)), "category": "a\nb", "site": "y".repeat(51),
    })).check();
    let fields: Vec<_> = faults.unwrap_err().into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["status", "tag", "category", "site"]);
}
