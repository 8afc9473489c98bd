//! What the clock does to sessions: scripts of who says what at which minute, and what is due then.

use std::{collections::HashMap, sync::Arc};

use hub::{
    Caller, Hours, Rules,
    state::{self, Action, Assignment, Decision, Update},
};
use persistence::{Grant, Session, UnderWay};
use protocol::{
    AgentId, AgentRef, Audience, Channel, ContactId, Entry, EntryId, EntryKind, Event, GrantId, MessageBody,
    NotificationKind, Priority, Role, SessionId, SiteId, SlaState, Status, UtcMillis,
    rest::{OpeningHours, Settings},
};
use serde_json::{Value, json};
use uuid::Uuid;

const MINUTE: i64 = 60_000;
/// Friday 20 November 2026, 09:00 in Berlin.
const START: i64 = 1_795_161_600_000;

fn site() -> SiteId {
    SiteId::new(Uuid::from_u128(1))
}

fn at(minute: i64) -> UtcMillis {
    UtcMillis::new(START + minute * MINUTE)
}

fn rules(settings: Value) -> Rules {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Rules::new(&settings, Arc::default())
}

/// Nothing but what the test says: no reminders, and no chat ends by itself.
fn only(mut settings: Value) -> Value {
    let off = json!({
        "reminders": { "unassigned_after_s": null, "unresolved_after_s": null },
        "closing": { "inactive_after_s": null, "reopen_window_s": null },
    });
    for (section, off) in off.as_object().unwrap() {
        if settings.get(section).is_none() {
            settings[section] = off.clone();
        }
    }
    settings
}

/// First answer in an hour, later ones in half an hour, resolved in eight; warned ten minutes before.
fn levels(escalate: &[&str]) -> Rules {
    rules(only(json!({ "sla": [{
        "name": "All",
        "targets": { "first_response_s": 3_600, "next_response_s": 1_800, "resolution_s": 8 * 3_600 },
        "warn_before_s": 600,
        "escalate": escalate,
    }] })))
}

/// A session, its log, and the rules it goes by.
struct Chat {
    session: Session,
    log: Vec<Arc<Entry>>,
    rules: Arc<Rules>,
}

impl Chat {
    fn begin(rules: Rules, channel: Channel) -> Self {
        let Caller::Customer(grant) = ana() else { unreachable!() };
        let id = SessionId::new(Uuid::from_u128(30));
        let session = state::empty(id, &grant, "shop", channel, at(0));
        let mut chat = Self { session, log: Vec::new(), rules: rules.into() };
        chat.append(
            &ana(),
            0,
            vec![state::Draft::event(Event::Started { channel, previous_session_id: None })],
        );
        chat
    }

    /// On the web, with a first message.
    fn ask(rules: Rules) -> Self {
        let mut chat = Self::begin(rules, Channel::Web);
        chat.says(&ana(), 0);
        chat
    }

    fn append(&mut self, who: &Caller, minute: i64, drafts: Vec<state::Draft>) {
        state::extend(&mut self.session, &mut self.log, drafts, &who.sender(), at(minute), Uuid::now_v7);
    }

    /// Does it, and says what came of it.
    fn act(&mut self, who: &Caller, minute: i64, action: &Action) -> Vec<String> {
        let from = self.log.len();
        match state::decide(&self.session, who, action, at(minute)).unwrap() {
            Decision::Append(drafts) => self.append(who, minute, drafts),
            Decision::Nothing => {}
            Decision::Elsewhere => panic!("it is over"),
        }
        self.log[from..].iter().map(|entry| word(entry)).collect()
    }

    fn says(&mut self, who: &Caller, minute: i64) {
        let id = EntryId::new(Uuid::now_v7());
        self.act(who, minute, &Action::Message { id, body: MessageBody::parse("hello", 100).unwrap() });
    }

    fn update(&mut self, minute: i64, what: impl Fn(&mut Update)) {
        let mut update = Update::default();
        what(&mut update);
        self.act(&bo(), minute, &Action::Update(update.into()));
    }

    /// What the clock does at this minute; and it has nothing left to do then.
    fn ring(&mut self, minute: i64) -> Vec<String> {
        let ring = Action::Ring(self.rules.clone());
        let happened = self.act(&Caller::System, minute, &ring);
        assert_eq!(self.act(&Caller::System, minute, &ring), [""; 0], "once is enough");
        happened
    }

    /// At which minute something is due next.
    fn next(&self) -> Option<i64> {
        let next = self.rules.next(&UnderWay::from(&self.session));
        next.map(|next| (next.max(self.session.updated_at).get() - START).div_euclid(MINUTE))
    }

    /// Everything that the clock does until this minute, if nobody else does anything.
    fn until(&mut self, minute: i64) -> Vec<(i64, String)> {
        let mut happened = Vec::new();
        while let Some(next) = self.next().filter(|next| *next <= minute) {
            let now = self.ring(next);
            assert!(!now.is_empty(), "it rang at {next} for nothing");
            happened.extend(now.into_iter().map(|what| (next, what)));
        }
        happened
    }
}

#[test]
fn who_holds_a_chat_is_told_what_is_due_and_who_leads_where_nobody_does() {
    let leads: Vec<_> = [20, 77].map(|n| AgentId::new(Uuid::from_u128(n))).into();
    let told = |chat: &Chat, what: &str| {
        let entry = chat.log.iter().find(|entry| word(entry).starts_with(what)).unwrap();
        let named: Vec<_> = entry.notifies().iter().map(|(agent, _)| *agent).collect();
        assert!(entry.notifies().iter().all(|(_, kind)| *kind == NotificationKind::Due));
        assert!(!entry.visible_to(Audience::Customer));
        named
    };
    for (held, escalate, warned, breached) in [
        (false, &[][..], &leads[..], &leads[..]),
        (true, &[], &leads[..1], &leads[..1]),
        // Bo leads, too, and is told once.
        (true, &["notify"], &leads[..1], &leads[..]),
    ] {
        let mut chat = Chat::ask(levels(escalate).led_by(leads.clone().into()));
        if held {
            chat.act(&bo(), 1, &Action::Claim);
        }
        chat.until(61);
        assert_eq!(told(&chat, "sla_warned"), warned, "{held} {escalate:?}");
        assert_eq!(told(&chat, "sla_breached"), breached, "{held} {escalate:?}");
    }
}

/// An event by its words, a message by what it says.
fn word(entry: &Entry) -> String {
    let Some(event) = &entry.event else { return format!("“{}”", entry.body) };
    let event = serde_json::to_value(event).unwrap();
    let detail = ["target", "about", "to"].iter().find_map(|field| event.get(field)?.as_str());
    [event["type"].as_str(), detail].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn ana() -> Caller {
    let grant = Grant {
        id: GrantId::new(Uuid::from_u128(10)),
        site_id: site(),
        contact_id: ContactId::new(Uuid::from_u128(10)),
        verified: false,
        name: Some("Ana".into()),
        phone: None,
        email: None,
        blocked_until: None,
    };
    Caller::Customer(grant.into())
}

fn agent() -> AgentRef {
    AgentRef { id: AgentId::new(Uuid::from_u128(20)), name: "Bo".into() }
}

fn bo() -> Caller {
    Caller::Agent { agent: agent().into(), role: Role::Supervisor, sees_all: true }
}

fn happens(happened: &[(i64, &str)]) -> Vec<(i64, String)> {
    happened.iter().map(|(minute, what)| (*minute, (*what).to_owned())).collect()
}

#[test]
fn who_is_not_answered_is_warned_of_and_then_too_late_once() {
    let mut chat = Chat::ask(levels(&[]));
    assert_eq!(chat.ring(49), [""; 0]);
    let week = 7 * 24 * 60;
    let expected = happens(&[
        (50, "sla_warned first_response"),
        (60, "sla_breached first_response"),
        (470, "sla_warned resolution"),
        (480, "sla_breached resolution"),
    ]);
    assert_eq!(chat.until(week), expected);
    assert_eq!(chat.next(), None, "what stays too late is not looked at again");
    let standing = chat.rules.standing(&chat.session, at(week)).unwrap();
    assert_eq!(standing.first_response.unwrap().state, SlaState::Breached);
    assert_eq!(standing.next_response, None);
}

#[test]
fn who_looks_late_finds_it_too_late_and_does_not_warn() {
    let mut chat = Chat::ask(levels(&[]));
    assert_eq!(chat.ring(1_000), ["sla_breached first_response", "sla_breached resolution"]);
}

#[test]
fn an_answer_in_time_is_all_that_was_promised() {
    let mut chat = Chat::ask(levels(&[]));
    chat.says(&bo(), 55);
    assert_eq!(chat.until(400), [], "the warning was not needed any more");
    // The next question is another promise; to ask twice is to wait once.
    chat.says(&ana(), 400);
    chat.says(&ana(), 405);
    let expected = happens(&[(420, "sla_warned next_response"), (430, "sla_breached next_response")]);
    assert_eq!(chat.until(450), expected);
    chat.says(&bo(), 450);
    chat.says(&ana(), 451);
    assert_eq!(
        chat.until(471),
        happens(&[(470, "sla_warned resolution"), (471, "sla_warned next_response")])
    );
    chat.update(475, |update| update.status = Some(Status::Resolved));
    assert_eq!(chat.until(10_000), []);
    let standing = chat.rules.standing(&chat.session, at(10_000)).unwrap();
    assert_eq!(standing.resolution.unwrap().state, SlaState::Fine, "it was resolved in time");
}

#[test]
fn time_aside_stops_only_the_resolution() {
    let mut chat = Chat::ask(levels(&[]));
    chat.says(&bo(), 10);
    chat.update(20, |update| update.snoozed_until = Some(Some(at(320))));
    assert_eq!(chat.ring(500), [""; 0]);
    chat.act(&Caller::System, 320, &Action::Wake(at(320)));
    assert_eq!(chat.next(), Some(770), "ten minutes before eight hours and the five aside");
    // Resolved, and taken up again two hours later.
    chat.update(400, |update| update.status = Some(Status::Resolved));
    assert_eq!(chat.next(), None);
    chat.says(&ana(), 520);
    assert_eq!(
        chat.until(2_000),
        happens(&[
            (540, "sla_warned next_response"),
            (550, "sla_breached next_response"),
            (890, "sla_warned resolution"),
            (900, "sla_breached resolution"),
        ])
    );
}

#[test]
fn many_naps_are_remembered_as_few() {
    let mut chat = Chat::ask(levels(&[]));
    chat.says(&bo(), 0);
    for nap in 0..300 {
        chat.update(nap, |update| update.snoozed_until = Some(Some(at(nap + 1))));
        chat.act(&Caller::System, nap + 1, &Action::Wake(at(nap + 1)));
    }
    assert!(chat.session.ticket.work.course.pauses.len() <= protocol::limits::PAUSES);
    assert_eq!(chat.next(), Some(300 + 470));
}

#[test]
fn a_breach_escalates_step_by_step() {
    let mut chat = Chat::ask(levels(&["raise_priority", "reassign", "notify"]));
    chat.act(&bo(), 1, &Action::Assign(Assignment::Assign(Some(agent())).into()));
    assert_eq!(chat.ring(55), ["sla_warned first_response"]);
    assert_eq!(chat.ring(60), ["sla_breached first_response", "priority_changed high", "routed", "assigned"]);
    assert_eq!(chat.session.assignee, None);
    assert!(chat.session.ticket.queued_since.is_some(), "it waits for another");
    assert_eq!(chat.ring(480), ["sla_breached resolution", "priority_changed urgent"]);
    chat.says(&bo(), 481);
    chat.says(&ana(), 482);
    assert_eq!(chat.ring(512), ["sla_breached next_response"], "there is nothing above urgent");
}

#[test]
fn each_priority_tag_and_site_has_its_own() {
    let policy = |name: &str, when: Value, seconds: u32| json!({ "name": name, "when": when, "targets": { "first_response_s": seconds } });
    let other = Uuid::from_u128(2);
    let rules = rules(only(json!({ "sla": [
        policy("elsewhere", json!({ "sites": [other] }), 60),
        policy("urgent", json!({ "priorities": ["urgent"] }), 120),
        policy("vip", json!({ "tags": ["vip"] }), 180),
        policy("all", json!({}), 3_600),
    ] })));
    let mut chat = Chat::ask(rules);
    let named = |chat: &Chat| chat.rules.standing(&chat.session, at(0)).unwrap().policy;
    assert_eq!((named(&chat), chat.next()), ("all".into(), Some(60)));
    chat.update(1, |update| update.tags = Some(vec!["vip".into()]));
    assert_eq!((named(&chat), chat.next()), ("vip".into(), Some(3)));
    chat.update(1, |update| update.priority = Some(Priority::Urgent));
    assert_eq!((named(&chat), chat.next()), ("urgent".into(), Some(2)));
}

#[test]
fn business_hours_are_those_of_the_site() {
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    let week = json!({ "mon": day, "tue": day, "wed": day, "thu": day, "fri": day });
    let hours: OpeningHours =
        serde_json::from_value(json!({ "time_zone": "Europe/Berlin", "week": week })).unwrap();
    let settings = only(json!({ "sla": [{
        "name": "All", "targets": { "resolution_s": 9 * 3_600, "business_hours": true },
    }] }));
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let hours = Hours::check(hours).unwrap().1;
    let rules = Rules::new(&settings, Arc::new(HashMap::from([(site(), hours)])));
    let chat = Chat::ask(rules);
    // Eight hours on Friday, and one on Monday.
    assert_eq!(chat.next(), Some(3 * 24 * 60 + 60));
}

#[test]
fn somebody_is_reminded_once() {
    let reminders = json!({ "reminders": { "unassigned_after_s": 1_800, "unresolved_after_s": 86_400 } });
    let mut chat = Chat::ask(rules(only(reminders)));
    let expected = happens(&[(30, "reminded unassigned"), (1_440, "reminded unresolved")]);
    assert_eq!(chat.until(100_000), expected);

    // Who is taken is not waiting for that; back in line, it is.
    let assign = |to| Action::Assign(Assignment::Assign(to).into());
    chat.act(&bo(), 100_000, &assign(Some(agent())));
    assert_eq!(chat.until(100_010), []);
    chat.act(&bo(), 100_010, &assign(None));
    assert_eq!(chat.until(200_000), happens(&[(100_010, "reminded unassigned")]), "it has waited for long");
}

#[test]
fn a_quiet_chat_ends_after_a_warning() {
    let mut chat = Chat::begin(rules(json!({})), Channel::Web);
    assert!(chat.next().is_some(), "somebody is to be reminded");
    // Who waits for the team is not shown the door, however long.
    chat.says(&ana(), 0);
    assert_eq!(chat.until(100_000), happens(&[(30, "reminded unassigned"), (1_440, "reminded unresolved")]));
    chat.says(&bo(), 100_000);
    assert_eq!(
        chat.until(200_000),
        happens(&[
            (100_025, "ending"),
            (100_025, "“This chat will end in 5 minutes unless you write.”"),
            (100_030, "“This chat has ended. Write at any time to begin a new one.”"),
            (100_030, "closed"),
        ])
    );
    let seen: Vec<_> = chat
        .log
        .iter()
        .filter(|entry| entry.visible_to(Audience::Customer))
        .map(|entry| entry.kind)
        .collect();
    let said = seen.iter().filter(|kind| **kind == EntryKind::Message).count();
    assert_eq!(said, 4, "two of them by Hubbub itself");
    assert_eq!(seen.len(), 7, "and that it began, is in progress, and ended");
}

#[test]
fn a_word_in_time_keeps_a_chat_going() {
    for who in [ana(), bo()] {
        let mut chat = Chat::ask(rules(only(json!({ "closing": {} }))));
        chat.says(&bo(), 1);
        chat.ring(27);
        chat.says(&who, 31);
        assert_eq!(chat.ring(40), [""; 0]);
        chat.says(&bo(), 45);
        assert_eq!(chat.next(), Some(70), "and all begins anew");
        // A warning that comes late, as after a night without a server, leaves as much time.
        let warned = chat.ring(1_000);
        assert_eq!(warned[0], "ending");
        assert_eq!(chat.next(), Some(1_005));
    }
}

#[test]
fn what_is_put_aside_does_not_end() {
    let mut chat = Chat::ask(rules(only(json!({ "closing": {} }))));
    chat.says(&bo(), 1);
    chat.update(2, |update| update.snoozed_until = Some(Some(at(3_000))));
    assert_eq!(chat.next(), None);
    chat.act(&Caller::System, 3_000, &Action::Wake(at(3_000)));
    assert_eq!(chat.ring(3_000)[0], "ending", "the customer is told first");
    chat.update(3_001, |update| update.snoozed_until = Some(Some(at(4_000))));
    assert_eq!(chat.ring(3_100), [""; 0]);
}

#[test]
fn it_can_be_switched_off_and_be_said_in_other_words() {
    let mut chat = Chat::ask(rules(only(json!({}))));
    chat.says(&bo(), 1);
    assert_eq!(chat.until(1_000_000), []);

    let closing =
        json!({ "inactive_after_s": 600, "warn_before_s": 0, "closing_text": "", "reopen_window_s": null });
    let mut chat = Chat::ask(rules(only(json!({ "closing": closing }))));
    chat.says(&bo(), 1);
    assert_eq!(chat.until(1_000), happens(&[(11, "closed")]));

    let closing = json!({ "warning_text": "{minutes} min!", "warn_before_s": 61, "closing_text": "Bye" });
    let mut chat = Chat::ask(rules(only(json!({ "closing": closing }))));
    chat.says(&bo(), 0);
    assert_eq!(chat.ring(29), ["ending", "“2 min!”"]);
}

#[test]
fn what_is_resolved_is_closed_when_nobody_comes_back() {
    let mut chat = Chat::ask(rules(only(json!({ "closing": { "resolve_after_s": 900 } }))));
    chat.says(&bo(), 0);
    let day = 24 * 60;
    assert_eq!(
        chat.until(10 * day),
        happens(&[(15, "status_changed resolved"), (15 + 3 * day, "closed")]),
        "with no word, for it was over"
    );
    // Until then a message re-opens it, and the time begins anew.
    let mut chat = Chat::ask(rules(only(json!({ "closing": {} }))));
    chat.update(0, |update| update.status = Some(Status::Resolved));
    chat.says(&ana(), 2 * day);
    assert_eq!(chat.session.status, Status::Open);
    assert_eq!(chat.until(9 * day), []);
    chat.update(10 * day, |update| update.status = Some(Status::Resolved));
    assert_eq!(chat.until(20 * day), happens(&[(13 * day, "closed")]));
}

#[test]
fn the_first_answer_is_known_though_nothing_else_changed_with_it() {
    let mut chat = Chat::ask(levels(&[]));
    chat.update(1, |update| update.status = Some(Status::InProgress));
    assert_eq!(chat.session.ticket.work.course.answered_at, None, "to take it is no answer");
    let from = chat.log.len();
    chat.says(&bo(), 2);
    assert_eq!(word(&chat.log[from]), "answered");
    assert!(state::change(&chat.session, &chat.log[from..]).ticket.is_some(), "so it is stored");
    assert_eq!(chat.session.ticket.work.course.answered_at, Some(at(2)));
    let from = chat.log.len();
    chat.says(&bo(), 3);
    assert!(state::change(&chat.session, &chat.log[from..]).ticket.is_none(), "later ones cost nothing");
    assert_eq!(chat.until(400), []);
}
