//! Every REST body as it goes over the line.

use std::collections::BTreeMap;

use protocol::{
    Channel, ErrorCode, FieldError, Priority, Problem, Seq, SessionSort, SiteId, Status, TeamId, ViewName,
    rest::{
        AssignSession, CustomerMe, EditSite, Identity, ListedView, Page, PageContext, PatchSession,
        PollAnswer, PollRequest, PollSession, PollView, PrechatField, PrechatName, QueuePlace, SendMessage,
        Sent, SessionEvents, SetRating, SetRead, SetSkill, SetTyping, Site, SiteConfig, StartSession,
        StartedSession, Theme, TransferSession, UploadLimits,
    },
};
use serde_json::{Value, json};

use crate::{
    hours::{hours, hours_json},
    samples::*,
};

fn fields() -> Vec<PrechatField> {
    let ask = |name, required| PrechatField { name, required };
    vec![
        ask(PrechatName::Name, true),
        ask(PrechatName::Phone, true),
        ask(PrechatName::Email, false),
        ask(PrechatName::Message, false),
    ]
}

fn fields_json() -> Value {
    json!([
        { "name": "name", "required": true }, { "name": "phone", "required": true },
        { "name": "email", "required": false }, { "name": "message", "required": false },
    ])
}

#[test]
fn of_customers() {
    let config = SiteConfig {
        key: "demo".into(),
        name: "Tern & Tide".into(),
        theme: Theme { color: "#1f6048".into() },
        greeting: "Hello".into(),
        locales: vec!["en".into()],
        prechat: fields(),
        opening_hours: Some(hours()),
        open_now: false,
        opens_at: Some(time()),
        uploads: UploadLimits {
            max_bytes: 20_971_520,
            max_files: 10,
            types: vec!["image/png".into()],
            endings: vec![".png".into()],
        },
        online: true,
        message_chars: 8_000,
    };
    wire(
        &config,
        json!({
            "key": "demo", "name": "Tern & Tide", "theme": { "color": "#1f6048" }, "greeting": "Hello",
            "locales": ["en"], "prechat": fields_json(), "opening_hours": hours_json(),
            "open_now": false, "opens_at": TIME,
            "uploads": { "max_bytes": 20_971_520, "max_files": 10, "types": ["image/png"], "endings": [".png"] }, "online": true, "message_chars": 8_000,
        }),
    );
    let start = StartSession {
        id: Some(uuid(6)),
        name: Some("Ana".into()),
        phone: Some("+44 7700 900118".into()),
        email: Some("ana@example.com".into()),
        message: Some("hi".into()),
        locale: Some("en-GB".into()),
        channel: Some(Channel::Api),
        identity: Some(Identity {
            external_id: "42".into(),
            hash: Some("ab".into()),
            attributes: BTreeMap::from([("plan".to_owned(), "gold".to_owned())]),
            account_status: Some("active".into()),
        }),
        page: Some(PageContext {
            url: Some("https://shop.example/".into()),
            title: Some("Shop".into()),
            referrer: Some("https://search.example/".into()),
        }),
        fields: Some(BTreeMap::from([("order".to_owned(), "7".to_owned())])),
    };
    wire(
        &start,
        json!({
            "id": "00000000-0000-7000-8000-000000000006", "name": "Ana", "phone": "+44 7700 900118",
            "email": "ana@example.com", "message": "hi", "locale": "en-GB", "channel": "api",
            "identity": {
                "external_id": "42", "hash": "ab", "attributes": { "plan": "gold" }, "account_status": "active",
            },
            "page": { "url": "https://shop.example/", "title": "Shop", "referrer": "https://search.example/" },
            "fields": { "order": "7" },
        }),
    );
    wire(&StartSession::default(), json!({}));
    let bare =
        Identity { external_id: "42".into(), hash: None, attributes: BTreeMap::new(), account_status: None };
    wire(&bare, json!({ "external_id": "42" }));
    wire(
        &StartedSession {
            token: "secret".into(),
            epoch: epoch(),
            session: summary(),
            contact: ana(),
            entries: vec![message()],
        },
        json!({
            "token": "secret", "epoch": EPOCH, "session": summary_json(), "contact": ana_json(),
            "entries": [message_json()],
        }),
    );
    wire(
        &CustomerMe { contact: ana(), sessions: vec![summary()], unread: 2 },
        json!({ "contact": ana_json(), "sessions": [summary_json()], "unread": 2 }),
    );
    let started: StartSession =
        serde_json::from_value(json!({ "name": null, "page": {}, "fields": {} })).unwrap();
    assert_eq!(
        (started.name, started.page, started.fields),
        (None, Some(PageContext::default()), Some(BTreeMap::new()))
    );
}

#[test]
fn of_chats() {
    wire(
        &SendMessage {
            id: entry_id(),
            body: "hi".into(),
            attachments: vec![uuid(6)],
            mentions: vec![],
            after: None,
        },
        json!({ "id": ENTRY, "body": "hi", "attachments": ["00000000-0000-7000-8000-000000000006"] }),
    );
    let bare: SendMessage = serde_json::from_value(json!({ "id": ENTRY, "body": "hi" })).unwrap();
    assert!(bare.attachments.is_empty());
    wire(
        &Sent { id: entry_id(), session: session(), seq: Seq::new(3), created_at: time(), duplicate: false },
        json!({ "id": ENTRY, "session": SESSION, "seq": 3, "created_at": TIME, "duplicate": false }),
    );
    wire(&SetTyping { on: true }, json!({ "on": true }));
    wire(&SetRead { seq: Seq::new(3) }, json!({ "seq": 3 }));
    wire(&SetRating { score: 5, comment: Some("fine".into()) }, json!({ "score": 5, "comment": "fine" }));
    wire(&SetRating { score: 5, comment: None }, json!({ "score": 5 }));
    let nothing = PatchSession::default();
    wire(&nothing, json!({}));
    wire(&PatchSession { status: Some(Status::Closed), ..nothing.clone() }, json!({ "status": "closed" }));
    let all = PatchSession {
        priority: Some(Priority::Low),
        subject: Some(None),
        category: Some(Some("shipping".into())),
        tags: Some(vec!["late".into()]),
        snoozed_until: Some(Some(time())),
        team_id: Some(None),
        skills: Some(vec![SetSkill { skill: "law".into(), level: 2 }]),
        language: Some(Some("de".into())),
        ..nothing
    };
    wire(
        &all,
        json!({
            "priority": "low", "subject": null, "category": "shipping", "tags": ["late"], "snoozed_until": TIME,
            "team_id": null, "skills": [{ "skill": "law", "level": 2 }], "language": "de",
        }),
    );
    wire(&AssignSession { agent_id: None }, json!({ "agent_id": null }));
    assert!(serde_json::from_str::<AssignSession>("{}").is_err(), "nobody, or forgotten?");
    wire(
        &TransferSession {
            agent_id: Some(agent_id()),
            note: Some("knows the order".into()),
            ..TransferSession::default()
        },
        json!({ "agent_id": AGENT, "note": "knows the order" }),
    );
    let to_others = TransferSession {
        team_id: Some(TeamId::new(uuid(6))),
        skill: Some("law".into()),
        level: Some(2),
        ..TransferSession::default()
    };
    wire(&to_others, json!({ "team_id": uuid(6), "skill": "law", "level": 2 }));
    wire(&PatchSession::default(), json!({}));
    wire(
        &Page { items: vec![message()], next_cursor: Some("3".to_owned()), total: 9 },
        json!({ "items": [message_json()], "next_cursor": "3", "total": 9 }),
    );
    wire(
        &Page { items: vec![summary()], next_cursor: None, total: 1 },
        json!({ "items": [summary_json()], "next_cursor": null, "total": 1 }),
    );
}

#[test]
fn of_long_polls() {
    let events = SessionEvents {
        epoch: epoch(),
        reset: false,
        entries: vec![message()],
        last_seq: Seq::new(7),
        typing: vec![party()],
        presence: vec![presence()],
        receipts: vec![receipt()],
        session: summary(),
        queue: Some(QueuePlace { position: 2, waiting: 5, estimate_s: Some(60) }),
        state: "abc".into(),
        retry_after_ms: 0,
    };
    let events_json = json!({
        "epoch": EPOCH, "reset": false, "entries": [message_json()], "last_seq": 7, "typing": [party_json()],
        "presence": [{ "who": party_json(), "online": true }],
        "receipts": [{ "who": party_json(), "seq": 3, "delivered": 4 }],
        "session": summary_json(), "queue": { "position": 2, "waiting": 5, "estimate_s": 60 }, "state": "abc", "retry_after_ms": 0,
    });
    wire(&events, events_json.clone());
    wire(
        &PollRequest {
            sessions: vec![PollSession {
                id: session(),
                after: Some(Seq::new(3)),
                epoch: Some(epoch()),
                state: Some("abc".into()),
                unseen: true,
            }],
            views: vec![PollView { view: ViewName::Mine.into(), limit: Some(0), version: Some("v".into()) }],
            wait: Some(25),
        },
        json!({
            "sessions": [{ "id": SESSION, "after": 3, "epoch": EPOCH, "state": "abc", "unseen": true }],
            "views": [{ "view": "mine", "limit": 0, "version": "v" }], "wait": 25,
        }),
    );
    wire(&PollRequest::default(), json!({ "sessions": [], "views": [] }));
    assert_eq!(serde_json::from_value::<PollRequest>(json!({})).unwrap(), PollRequest::default());
    wire(
        &PollSession { id: session(), after: None, epoch: None, state: None, unseen: false },
        json!({ "id": SESSION }),
    );
    wire(&PollView { view: ViewName::All.into(), limit: None, version: None }, json!({ "view": "all" }));
    let list = ListedView {
        view: ViewName::Mine.into(),
        version: "v".into(),
        sort: SessionSort::Recent,
        sessions: vec![summary()],
        total: 1,
        more: false,
    };
    let list_json = json!({ "view": "mine", "version": "v", "sort": "recent", "sessions": [summary_json()], "total": 1, "more": false });
    wire(&list, list_json.clone());
    wire(
        &PollAnswer {
            epoch: epoch(),
            sessions: vec![events],
            views: vec![list],
            missing: vec![session()],
            missing_views: vec![ViewName::All.into()],
            retry_after_ms: 5,
        },
        json!({
            "epoch": EPOCH, "sessions": [events_json], "views": [list_json], "missing": [SESSION], "missing_views": ["all"],
            "retry_after_ms": 5,
        }),
    );
}

#[test]
fn of_sites() {
    wire(
        &Site {
            id: SiteId::new(uuid(6)),
            key: "demo".into(),
            name: "Tern & Tide".into(),
            color: "#1f6048".into(),
            greeting: "Hello".into(),
            prechat: fields(),
            allowed_origins: vec!["https://shop.example".into()],
            identity_secrets: vec!["s".into()],
            hours: Some(hours()),
            created_at: time(),
        },
        json!({
            "id": "00000000-0000-7000-8000-000000000006", "key": "demo", "name": "Tern & Tide", "color": "#1f6048",
            "greeting": "Hello", "prechat": fields_json(), "allowed_origins": ["https://shop.example"],
            "identity_secrets": ["s"], "hours": hours_json(), "created_at": TIME,
        }),
    );
    wire(
        &EditSite {
            key: Some("demo".into()),
            name: Some("Shop".into()),
            color: Some("#000000".into()),
            greeting: Some("Hello".into()),
            prechat: Some(fields()),
            allowed_origins: Some(vec!["localhost".into()]),
            hours: Some(Some(hours())),
        },
        json!({
            "key": "demo", "name": "Shop", "color": "#000000", "greeting": "Hello", "prechat": fields_json(),
            "allowed_origins": ["localhost"], "hours": hours_json(),
        }),
    );
    wire(&EditSite::default(), json!({}));
    wire(&EditSite { hours: Some(None), ..EditSite::default() }, json!({ "hours": null }));
}

#[test]
fn of_refusals() {
    let problem = Problem {
        kind: "/api/docs#invalid".into(),
        title: "A value cannot be used".into(),
        status: 422,
        code: ErrorCode::Invalid,
        detail: "name is required".into(),
        errors: vec![FieldError { field: "name".into(), message: "is required".into() }],
    };
    wire(
        &problem,
        json!({
            "type": "/api/docs#invalid", "title": "A value cannot be used", "status": 422, "code": "invalid",
            "detail": "name is required", "errors": [{ "field": "name", "message": "is required" }],
        }),
    );
}
