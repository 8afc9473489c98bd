//! One full and one bare value of everything that is part of others.

use protocol::{
    AgentId, AgentRef, AskedSkill, Attachment, Channel, ContactId, ContactSummary, Entry, EntryId, EntryKind,
    Epoch, Event, LastMessage, OfferEnd, OfferEvent, Party, PartyKind, Presence, Priority, Rating,
    ReadPositions, Receipt, Reminder, Routed, RoutedBy, Sender, Seq, SessionId, SessionSummary, SkillId,
    SkillRef, SlaDue, SlaStanding, SlaState, SlaTarget, Status, TakenBecause, TeamId, TeamRef, Ticket,
    UtcMillis, Work,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

/// The value's JSON is exactly this: one field more, less, or under another name turns the test red; and it is read
/// back as the same value.
#[track_caller]
pub(crate) fn wire<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    expected: Value,
) {
    let written = serde_json::to_value(value).unwrap();
    assert_eq!(written, expected, "\n{}", serde_json::to_string_pretty(&written).unwrap());
    let read: T = serde_json::from_value(expected).unwrap();
    assert_eq!(read, *value, "it is read back as something else");
}

pub(crate) fn uuid(n: u8) -> Uuid {
    Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n])
}

pub(crate) fn session() -> SessionId {
    SessionId::new(uuid(1))
}

pub(crate) fn entry_id() -> EntryId {
    EntryId::new(uuid(2))
}

pub(crate) fn contact() -> ContactId {
    ContactId::new(uuid(3))
}

pub(crate) fn agent_id() -> AgentId {
    AgentId::new(uuid(4))
}

pub(crate) fn epoch() -> Epoch {
    Epoch::new(uuid(5))
}

pub(crate) const SESSION: &str = "00000000-0000-7000-8000-000000000001";
pub(crate) const ENTRY: &str = "00000000-0000-7000-8000-000000000002";
pub(crate) const CONTACT: &str = "00000000-0000-7000-8000-000000000003";
pub(crate) const AGENT: &str = "00000000-0000-7000-8000-000000000004";
pub(crate) const EPOCH: &str = "00000000-0000-7000-8000-000000000005";
pub(crate) const TIME: &str = "2026-08-01T09:30:00.007Z";

pub(crate) fn time() -> UtcMillis {
    UtcMillis::new(1_785_576_600_007)
}

pub(crate) fn agent() -> AgentRef {
    AgentRef { id: agent_id(), name: "Tess".into() }
}

pub(crate) fn team() -> TeamRef {
    TeamRef { id: TeamId::new(uuid(6)), name: "Billing".into() }
}

pub(crate) fn team_json() -> Value {
    json!({ "id": uuid(6), "name": "Billing" })
}

pub(crate) fn law() -> AskedSkill {
    AskedSkill { skill: SkillRef { id: SkillId::new(uuid(7)), name: "law".into() }, level: 2 }
}

pub(crate) fn law_json() -> Value {
    json!({ "skill": { "id": uuid(7), "name": "law" }, "level": 2 })
}

pub(crate) fn ana() -> ContactSummary {
    ContactSummary {
        id: contact(),
        name: Some("Ana".into()),
        phone: Some("+447700900118".into()),
        email: Some("ana@example.com".into()),
        verified: true,
        blocked_until: None,
    }
}

pub(crate) fn ana_json() -> Value {
    json!({ "id": CONTACT, "name": "Ana", "phone": "+447700900118", "email": "ana@example.com", "verified": true })
}

pub(crate) fn summary() -> SessionSummary {
    SessionSummary {
        id: session(),
        site: "demo".into(),
        channel: Channel::Web,
        status: Status::InProgress,
        contact: ana(),
        assignee: Some(agent()),
        number: 12,
        ticket: Some(Ticket {
            subject: Some("Where is my order?".into()),
            priority: Priority::High,
            category: Some("shipping".into()),
            tags: vec!["late".into()],
            snoozed_until: Some(time()),
            queued_since: Some(time()),
            work: Work {
                attributes: [("order".to_owned(), "12".to_owned())].into(),
                team: Some(team()),
                skills: vec![law()],
                language: Some("de".into()),
                ..Work::default()
            },
        }),
        sla: Some(SlaStanding {
            policy: "All".into(),
            first_response: Some(SlaDue {
                warn_at: None,
                due_at: time(),
                met_at: Some(time()),
                state: SlaState::Fine,
            }),
            next_response: Some(SlaDue {
                warn_at: Some(time()),
                due_at: time(),
                met_at: None,
                state: SlaState::Breached,
            }),
            resolution: None,
        }),
        last_seq: Seq::new(7),
        version: 9,
        last_message: Some(LastMessage {
            seq: Seq::new(6),
            sender: PartyKind::Agent,
            preview: "Of course".into(),
            created_at: time(),
        }),
        unread: 2,
        read: ReadPositions { customer: Seq::new(5), team: Seq::new(6) },
        waiting_since: Some(time()),
        previous_session_id: Some(SessionId::new(uuid(8))),
        next_session_id: Some(SessionId::new(uuid(9))),
        created_at: time(),
        updated_at: time(),
        closed_at: Some(time()),
        rating: Some(Rating {
            score: 4,
            comment: Some("fine".into()),
            rated_at: time(),
            changed_at: time(),
            changeable_until: time(),
        }),
    }
}

pub(crate) fn summary_json() -> Value {
    json!({
        "id": SESSION, "site": "demo", "channel": "web", "status": "in_progress", "contact": ana_json(),
        "assignee": { "id": AGENT, "name": "Tess" }, "number": 12, "subject": "Where is my order?", "priority": "high",
        "category": "shipping", "tags": ["late"], "attributes": { "order": "12" },
        "team": team_json(), "skills": [law_json()], "language": "de",
        "sla": {
            "policy": "All", "first_response": { "due_at": TIME, "met_at": TIME, "state": "fine" },
            "next_response": { "warn_at": TIME, "due_at": TIME, "state": "breached" },
        },
        "snoozed_until": TIME, "queued_since": TIME, "last_seq": 7, "version": 9,
        "last_message": { "seq": 6, "sender": "agent", "preview": "Of course", "created_at": TIME },
        "unread": 2, "read": { "customer": 5, "team": 6 }, "waiting_since": TIME,
        "previous_session_id": "00000000-0000-7000-8000-000000000008",
        "next_session_id": "00000000-0000-7000-8000-000000000009",
        "created_at": TIME, "updated_at": TIME, "closed_at": TIME,
        "rating": {
            "score": 4, "comment": "fine", "rated_at": TIME, "changed_at": TIME, "changeable_until": TIME,
        },
    })
}

pub(crate) fn party() -> Party {
    Party { kind: PartyKind::Agent, id: Some(agent_id().uuid()), name: Some("Tess".into()) }
}

pub(crate) fn party_json() -> Value {
    json!({ "kind": "agent", "id": AGENT, "name": "Tess" })
}

pub(crate) fn presence() -> Presence {
    Presence { who: party(), online: true }
}

pub(crate) fn receipt() -> Receipt {
    Receipt { who: party(), seq: Seq::new(3), delivered: Seq::new(4) }
}

pub(crate) fn message() -> Entry {
    Entry {
        id: entry_id(),
        seq: Seq::new(3),
        kind: EntryKind::Message,
        sender: Sender::Customer { id: contact(), name: Some("Ana".into()) },
        body: "hello".into(),
        attachments: vec![Attachment {
            id: uuid(6),
            name: "photo.png".into(),
            content_type: "image/png".into(),
            size: 1024,
            url: "/api/v1/attachments/x".into(),
            thumbnail_url: Some("/api/v1/attachments/x/thumbnail".into()),
            width: Some(640),
            height: None,
        }],
        event: None,
        mentions: vec![],
        created_at: time(),
        edited_at: None,
        deleted_at: None,
    }
}

pub(crate) fn message_json() -> Value {
    json!({
        "id": ENTRY, "seq": 3, "kind": "message", "sender": { "kind": "customer", "id": CONTACT, "name": "Ana" },
        "body": "hello",
        "attachments": [{
            "id": "00000000-0000-7000-8000-000000000006", "name": "photo.png", "content_type": "image/png",
            "size": 1024, "url": "/api/v1/attachments/x", "thumbnail_url": "/api/v1/attachments/x/thumbnail",
            "width": 640,
        }],
        "created_at": TIME,
    })
}

pub(crate) fn happened(event: Event) -> Entry {
    Entry {
        kind: EntryKind::Event,
        sender: Sender::System,
        body: String::new(),
        attachments: Vec::new(),
        event: Some(event),
        ..message()
    }
}

#[test]
fn entries_look_so() {
    wire(&message(), message_json());
    let note =
        Entry { kind: EntryKind::Note, sender: Sender::Agent { id: agent_id(), name: None }, ..message() };
    let mut expected = message_json();
    expected["kind"] = json!("note");
    expected["sender"] = json!({ "kind": "agent", "id": AGENT });
    wire(&note, expected);
    let mut amended = message_json();
    (amended["mentions"], amended["edited_at"]) = (json!([AGENT]), json!(TIME));
    let edited = Entry { mentions: vec![agent_id()], edited_at: Some(time()), ..message() };
    wire(&edited, amended.clone());
    (amended["body"], amended["deleted_at"]) = (json!(""), json!(TIME));
    wire(&Entry { body: String::new(), deleted_at: Some(time()), ..edited }, amended);
    let events = [
        (
            Event::Started { channel: Channel::Whatsapp, previous_session_id: None },
            json!({ "type": "started", "channel": "whatsapp" }),
        ),
        (
            Event::Started { channel: Channel::Email, previous_session_id: Some(session()) },
            json!({ "type": "started", "channel": "email", "previous_session_id": SESSION }),
        ),
        (
            Event::Assigned { agent: Some(agent()) },
            json!({ "type": "assigned", "agent": { "id": AGENT, "name": "Tess" } }),
        ),
        (Event::Assigned { agent: None }, json!({ "type": "assigned", "agent": null })),
        (
            Event::StatusChanged { from: Status::Open, to: Status::InProgress },
            json!({ "type": "status_changed", "from": "open", "to": "in_progress" }),
        ),
        (Event::Reopened { to: Status::Open }, json!({ "type": "reopened", "to": "open" })),
        (Event::Closed { from: Status::Resolved }, json!({ "type": "closed", "from": "resolved" })),
        (Event::Continued { session_id: session() }, json!({ "type": "continued", "session_id": SESSION })),
        (
            Event::Transferred { from: Some(agent()), to: agent() },
            json!({ "type": "transferred", "from": json!({ "id": AGENT, "name": "Tess" }), "to": json!({ "id": AGENT, "name": "Tess" }) }),
        ),
        (
            Event::Transferred { from: None, to: agent() },
            json!({ "type": "transferred", "to": json!({ "id": AGENT, "name": "Tess" }) }),
        ),
        (
            Event::PriorityChanged { from: Priority::Normal, to: Priority::Urgent },
            json!({ "type": "priority_changed", "from": "normal", "to": "urgent" }),
        ),
        (Event::SubjectChanged { to: None }, json!({ "type": "subject_changed", "to": null })),
        (
            Event::CategoryChanged { to: Some("shipping".into()) },
            json!({ "type": "category_changed", "to": "shipping" }),
        ),
        (
            Event::Tagged { added: vec!["late".into()], removed: vec![] },
            json!({ "type": "tagged", "added": ["late"], "removed": [] }),
        ),
        (Event::Snoozed { until: time() }, json!({ "type": "snoozed", "until": TIME })),
        (Event::Unsnoozed, json!({ "type": "unsnoozed" })),
        (
            Event::Routed {
                why: Box::new(Routed {
                    mode: RoutedBy::Automatic,
                    considered: 3,
                    chosen: None,
                    skipped: vec![],
                    skipped_more: 0,
                }),
            },
            json!({
                "type": "routed",
                "why": { "mode": "automatic", "considered": 3, "skipped": [], "skipped_more": 0 },
            }),
        ),
        (
            Event::Edited { entry: entry_id(), seq: Seq::new(3), body: "hello!".into(), note: false },
            json!({ "type": "edited", "entry": ENTRY, "seq": 3, "body": "hello!", "note": false }),
        ),
        (
            Event::Deleted { entry: entry_id(), seq: Seq::new(3), note: true },
            json!({ "type": "deleted", "entry": ENTRY, "seq": 3, "note": true }),
        ),
        (
            Event::Joined { agent: AgentRef { id: agent_id(), name: "Bo".into() } },
            json!({ "type": "joined", "agent": { "id": AGENT, "name": "Bo" } }),
        ),
        (Event::TeamChanged { to: Some(team()) }, json!({ "type": "team_changed", "to": team_json() })),
        (Event::SkillsChanged { to: vec![law()] }, json!({ "type": "skills_changed", "to": [law_json()] })),
        (Event::LanguageChanged { to: None }, json!({ "type": "language_changed", "to": null })),
        (
            Event::HandedOn { from: Some(agent()), team: Some(team()), skills: vec![law()] },
            json!({
                "type": "handed_on", "from": { "id": AGENT, "name": "Tess" }, "team": team_json(),
                "skills": [law_json()],
            }),
        ),
        (
            Event::Offer { offer: OfferEvent::Ended { agent: agent_id(), end: OfferEnd::Declined } },
            json!({ "type": "offer", "offer": { "type": "ended", "agent": AGENT, "end": "declined" } }),
        ),
        (
            Event::TakenAsMessage { because: TakenBecause::Closed, opens_at: Some(time()) },
            json!({ "type": "taken_as_message", "because": "closed", "opens_at": TIME }),
        ),
        (Event::WaitedTooLong { to: team() }, json!({ "type": "waited_too_long", "to": team_json() })),
        (Event::Answered, json!({ "type": "answered" })),
        (
            Event::SlaWarned { policy: "All".into(), target: SlaTarget::FirstResponse, due_at: time() },
            json!({ "type": "sla_warned", "policy": "All", "target": "first_response", "due_at": TIME }),
        ),
        (
            Event::SlaBreached { policy: "All".into(), target: SlaTarget::Resolution, due_at: time() },
            json!({ "type": "sla_breached", "policy": "All", "target": "resolution", "due_at": TIME }),
        ),
        (
            Event::Reminded { about: Reminder::Unassigned },
            json!({ "type": "reminded", "about": "unassigned" }),
        ),
        (Event::Ending { at: time() }, json!({ "type": "ending", "at": TIME })),
        (Event::Rated { score: 4, comment: None }, json!({ "type": "rated", "score": 4 })),
        (
            Event::Rated { score: 4, comment: Some("fine".into()) },
            json!({ "type": "rated", "score": 4, "comment": "fine" }),
        ),
    ];
    for (event, expected) in events {
        let entry = json!({
            "id": ENTRY, "seq": 3, "kind": "event", "sender": { "kind": "system" }, "body": "", "attachments": [],
            "event": expected, "created_at": TIME,
        });
        wire(&happened(event), entry);
    }
}

#[test]
fn summaries_look_so() {
    wire(&summary(), summary_json());
    let bare = SessionSummary {
        contact: ContactSummary { name: None, phone: None, email: None, verified: false, ..ana() },
        assignee: None,
        last_message: None,
        waiting_since: None,
        previous_session_id: None,
        next_session_id: None,
        closed_at: None,
        rating: None,
        ticket: Some(Ticket::default()),
        sla: None,
        ..summary()
    };
    let mut expected = summary_json();
    // What is there or not is null; what a reader may not know is absent.
    expected["contact"] = json!({ "id": CONTACT, "name": null, "verified": false });
    expected.as_object_mut().unwrap().remove("rating");
    for field in
        ["assignee", "last_message", "waiting_since", "previous_session_id", "next_session_id", "closed_at"]
    {
        expected[field] = Value::Null;
    }
    expected["skills"] = json!([]);
    for field in ["subject", "category", "snoozed_until", "queued_since", "team", "language"] {
        expected[field] = Value::Null;
    }
    expected.as_object_mut().unwrap().remove("sla");
    (expected["priority"], expected["tags"], expected["attributes"]) =
        (json!("normal"), json!([]), json!({}));
    wire(&bare, expected.clone());
    let customers = SessionSummary { ticket: None, ..bare };
    for field in [
        "subject",
        "category",
        "snoozed_until",
        "queued_since",
        "priority",
        "tags",
        "attributes",
        "team",
        "skills",
        "language",
    ] {
        expected.as_object_mut().unwrap().remove(field);
    }
    wire(&customers, expected);
}
