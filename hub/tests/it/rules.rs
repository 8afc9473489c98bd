//! The rules of a session's life, alone: whatever anybody does, in whatever order.

use std::sync::Arc;

use hub::{
    Caller, Filling, HubError, Rules,
    state::{self, Action, Assignment, Decision, Effect, Farewell, Macro, Note, Step, Update},
};
use persistence::{Grant, Session};
use proptest::prelude::*;
use protocol::{
    AgentId, AgentRef, AskedSkill, Because, Channel, Chosen, ContactId, Entry, EntryId, EntryKind, Event,
    GrantId, Load, MacroId, MacroRef, MessageBody, OfferEnd, OfferEvent, PartyKind, Priority, Role, Routed,
    RoutedBy, Sender, Seq, SessionId, SiteId, SkillId, SkillRef, Status, TakenBecause, TeamId, TeamRef,
    Template, Ticket, UtcMillis, Work,
    rest::{ClosingSettings, ReminderSettings, Settings, SlaEscalation, SlaPolicy, SlaScope, SlaTargets},
};
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Customer,
    /// Another customer of the same site.
    Stranger,
    /// Sees its own sessions and those of nobody.
    Bo,
    Cleo,
    Supervisor,
    /// By a rule or a timer.
    Hubbub,
}

const EVERYBODY: [Who; 6] = [Who::Customer, Who::Stranger, Who::Bo, Who::Cleo, Who::Supervisor, Who::Hubbub];

pub(crate) fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn grant(n: u128) -> Grant {
    Grant {
        id: GrantId::new(uuid(n)),
        site_id: SiteId::new(uuid(1)),
        contact_id: ContactId::new(uuid(n)),
        verified: false,
        name: Some("Ana".into()),
        phone: None,
        email: None,
        blocked_until: None,
    }
}

pub(crate) fn caller(who: Who) -> Caller {
    let agent = |n: u128, name: &str, role| Caller::Agent {
        agent: AgentRef { id: AgentId::new(uuid(n)), name: name.into() }.into(),
        role,
        sees_all: false,
    };
    match who {
        Who::Customer => Caller::Customer(grant(10).into()),
        Who::Stranger => Caller::Customer(grant(11).into()),
        Who::Bo => agent(20, "Bo", Role::Agent),
        Who::Cleo => agent(21, "Cleo", Role::Agent),
        Who::Supervisor => agent(22, "Su", Role::Supervisor),
        Who::Hubbub => Caller::System,
    }
}

/// After everything that a script puts aside.
const NOW: UtcMillis = UtcMillis::new(10);

pub(crate) fn body(text: &str) -> MessageBody {
    MessageBody::parse(text, 1_000).unwrap()
}

pub(crate) fn begun() -> (Session, Vec<Arc<Entry>>) {
    let grant = grant(10);
    let session = SessionId::new(uuid(30));
    let mut session = state::empty(session, &grant, "shop", Channel::Web, UtcMillis::new(1));
    let mut log = Vec::new();
    let started = Event::Started { channel: Channel::Web, previous_session_id: None };
    let drafts = vec![state::Draft::event(started)];
    let sender = caller(Who::Customer).sender();
    state::extend(&mut session, &mut log, drafts, &sender, UtcMillis::new(1), || uuid(100));
    (session, log)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => Just(Action::Message { id: EntryId::new(uuid(0)), body: body("hello") }),
        1 => Just(Action::Macro(Macro {
            id: EntryId::new(uuid(0)),
            ran: MacroRef { id: MacroId::new(uuid(80)), name: "Done".into() },
            effects: vec![
                Effect::AssignMe,
                Effect::Message(Template::parse("Done!").unwrap()),
                Effect::Update(Update { status: Some(Status::Resolved), ..Update::default() }.into()),
            ],
            filling: Filling::default(),
        }.into())),
        2 => Just(Action::Note(Note { id: EntryId::new(uuid(0)), body: body("hm"), mentions: Vec::new() }.into())),
        2 => Just(Action::Claim),
        3 => proptest::sample::select(Status::ALL.to_vec()).prop_map(Action::SetStatus),
        3 => update().prop_map(|update| Action::Update(update.into())),
        3 => assignment().prop_map(|how| Action::Assign(how.into())),
        2 => rules().prop_map(Action::Ring),
        1 => Just(farewell(EntryId::new(uuid(0)))),
        1 => Just(Action::Wake(UtcMillis::new(7_000))),
        2 => Just(Action::Route(routed(Some(20)))),
        2 => proptest::bool::ANY.prop_map(Action::Answer),
        4 => in_line().prop_map(|step| Action::Step(step.into())),
        2 => Just(Action::Return { holder: AgentId::new(uuid(20)), why: routed(None) }),
        1 => (1..=5_u8, proptest::option::of("[a-z]{0,5}")).prop_map(|(score, comment)| Action::Rate { score, comment }),
    ]
}

fn farewell(id: EntryId) -> Action {
    Action::Farewell { id, words: Box::new(Farewell { body: body("done"), answer: "Bye".into() }) }
}

/// What is due after a second or two, or never.
fn rules() -> impl Strategy<Value = Arc<Rules>> {
    let after = || proptest::option::of(0..3_u32);
    (after(), after(), after(), after(), 0..2_u32, after(), after()).prop_map(
        |(
            first,
            resolution,
            unassigned_after_s,
            inactive_after_s,
            warn_before_s,
            resolve_after_s,
            reopen_window_s,
        )| {
            let sla = vec![SlaPolicy {
                name: "All".into(),
                when: SlaScope::default(),
                targets: SlaTargets {
                    first_response_s: first,
                    next_response_s: first,
                    resolution_s: resolution,
                    business_hours: false,
                },
                warn_before_s,
                escalate: vec![SlaEscalation::RaisePriority, SlaEscalation::Reassign],
            }];
            let reminders = ReminderSettings { unassigned_after_s, unresolved_after_s: resolution };
            let closing = ClosingSettings {
                inactive_after_s,
                warn_before_s,
                resolve_after_s,
                reopen_window_s,
                ..ClosingSettings::default()
            };
            let settings = Settings { sla, reminders, closing, ..Settings::default() };
            Arc::new(Rules::new(&settings, Arc::default()))
        },
    )
}

fn routed(chosen: Option<u128>) -> Box<Routed> {
    let chosen = chosen.map(|n| Chosen {
        agent: AgentRef { id: AgentId::new(uuid(n)), name: "Bo".into() },
        because: Because::OnlyOne,
        load: Load { active: 0, max: 5 },
    });
    let mode = if chosen.is_some() { RoutedBy::Automatic } else { RoutedBy::Returned };
    Box::new(Routed { mode, considered: 1, chosen, skipped: vec![], skipped_more: 0 })
}

fn team() -> TeamRef {
    TeamRef { id: TeamId::new(uuid(40)), name: "Billing".into() }
}

fn law() -> AskedSkill {
    AskedSkill { skill: SkillRef { id: SkillId::new(uuid(41)), name: "law".into() }, level: 2 }
}

fn ask(agent: u128, until: i64) -> Step {
    let agent = AgentRef { id: AgentId::new(uuid(agent)), name: "Bo".into() };
    Step::Ask(OfferEvent::Offered { agent, until: UtcMillis::new(until), round: 1 }, *routed(Some(20)))
}

fn end_offer(agent: u128, end: OfferEnd) -> Step {
    Step::EndOffer(AgentId::new(uuid(agent)), end)
}

fn take_as_message() -> Step {
    Step::TakeAsMessage { because: TakenBecause::Away, opens_at: None }
}

fn in_line() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(ask(20, 9_000)),
        1 => Just(end_offer(20, OfferEnd::Unanswered)),
        1 => Just(end_offer(20, OfferEnd::Gone)),
        1 => Just(take_as_message()),
        1 => Just(Step::FallBack(team())),
    ]
}

fn update() -> impl Strategy<Value = Update> {
    let text = || proptest::option::of(proptest::option::of("[a-c]"));
    let words = proptest::option::of(proptest::collection::vec("[a-e]", 0..4));
    let until = proptest::option::of(proptest::option::of(proptest::sample::select(vec![7_000, 8_000])));
    let status = proptest::option::of(proptest::sample::select(Status::ALL.to_vec()));
    let priority = proptest::option::of(proptest::sample::select(Priority::ALL.to_vec()));
    let attributes = proptest::collection::btree_map("[a-c]", proptest::option::of("[x-z]"), 0..3);
    let team = proptest::option::of(proptest::option::of(Just(team())));
    let skills = proptest::option::of(proptest::collection::vec(Just(law()), 0..2));
    let need = (team, skills, text());
    (status, priority, text(), text(), words, attributes, until, need).prop_map(
        |(status, priority, subject, category, tags, attributes, until, (team, skills, language))| Update {
            status,
            priority,
            subject,
            category,
            tags,
            attributes,
            snoozed_until: until.map(|until| until.map(UtcMillis::new)),
            team,
            skills,
            language,
            ..Update::default()
        },
    )
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let agent = || {
        proptest::sample::select(vec![(20, "Bo"), (21, "Cleo")])
            .prop_map(|(n, name)| AgentRef { id: AgentId::new(uuid(n)), name: name.into() })
    };
    prop_oneof![
        proptest::option::of(agent()).prop_map(Assignment::Assign),
        (agent(), proptest::option::of(Just(body("he knows"))))
            .prop_map(|(to, note)| Assignment::Transfer(to, note)),
        (proptest::option::of(Just(team())), proptest::option::of(Just(body("he knows"))))
            .prop_map(|(team, note)| Assignment::HandOn { team, skills: vec![law()], note }),
    ]
}

fn step() -> impl Strategy<Value = (Who, Action, i64)> {
    // The clock may stand still, jump, and go back.
    (
        proptest::sample::select(EVERYBODY.to_vec()),
        action(),
        prop_oneof![4 => -5_i64..20, 1 => 500_i64..3_000],
    )
}

fn with_id(action: Action, id: EntryId) -> Action {
    match action {
        Action::Message { body, .. } => Action::Message { id, body },
        Action::Note(note) => Action::Note(Note { id, body: note.body, mentions: Vec::new() }.into()),
        Action::Farewell { words, .. } => Action::Farewell { id, words },
        Action::Macro(run) => Action::Macro(Macro { id, ..*run }.into()),
        other => other,
    }
}

fn allowed(from: Status, to: Status) -> bool {
    use Status::{Closed, InProgress, Open, Resolved};
    matches!(
        (from, to),
        (Open, InProgress | Resolved | Closed)
            | (InProgress, Resolved | Closed)
            | (Resolved, Open | InProgress | Closed)
    )
}

/// The first message of the customer that no agent has answered, in the part of the log that is still open.
fn waits_since(log: &[Arc<Entry>]) -> Option<UtcMillis> {
    let mut since = None;
    for entry in log {
        match (&entry.sender, entry.kind, &entry.event) {
            (Sender::Customer { .. }, EntryKind::Message, _) => since = since.or(Some(entry.created_at)),
            (Sender::Agent { .. }, EntryKind::Message, _)
            | (_, _, Some(Event::Closed { .. } | Event::StatusChanged { to: Status::Resolved, .. })) => {
                since = None;
            }
            _ => {}
        }
    }
    since
}

fn consistent(session: &Session, log: &[Arc<Entry>]) -> Result<(), TestCaseError> {
    let mut folded = begun().0;
    for (entry, seq) in log.iter().zip(1..) {
        prop_assert_eq!(entry.seq, Seq::new(seq), "gapless");
        if seq > 1 {
            state::apply(&mut folded, entry);
        }
    }
    prop_assert_eq!(&folded, session, "the session is what its log folds to");
    prop_assert!(log.is_sorted_by_key(|entry| entry.created_at), "time does not run backwards");
    prop_assert_eq!(session.waiting_since, waits_since(log));
    let closed = session.status == Status::Closed;
    prop_assert_eq!(session.closed_at.is_some(), closed);
    let active = matches!(session.status, Status::Open | Status::InProgress);
    let ticket = &session.ticket;
    prop_assert!(active || ticket.snoozed_until.is_none(), "what is over is not put aside");
    let queued = active && session.assignee.is_none() && ticket.snoozed_until.is_none();
    prop_assert_eq!(ticket.queued_since.is_some(), queued, "who has no holder waits for one");
    let work = &ticket.work;
    prop_assert!(queued || work.offers.is_none(), "who does not wait is not offered");
    if session.assignee.is_some() || !active {
        let nothing = (None, None, false);
        prop_assert_eq!((work.handed_on_by, work.as_message, work.waited_too_long), nothing);
    }
    prop_assert!(ticket.tags.is_sorted_by(|a, b| a < b), "{:?}", ticket.tags);
    if closed {
        prop_assert_eq!(session.read.team, session.last_seq, "nothing is unread after the end");
    }
    let last = log.iter().rev().find(|entry| entry.kind == EntryKind::Message);
    prop_assert_eq!(session.last_message.as_ref().map(|message| message.seq), last.map(|entry| entry.seq));
    Ok(())
}

/// What nobody may do, whatever the session is like.
fn forbidden(who: Who, action: &Action) -> bool {
    match (who, action) {
        (Who::Stranger, _) => true,
        (Who::Hubbub, action) => {
            matches!(action, Action::Claim | Action::Answer(_) | Action::Macro(_) | Action::Rate { .. })
        }
        (
            _,
            Action::Ring(_) | Action::Wake(_) | Action::Route(_) | Action::Return { .. } | Action::Step(_),
        ) => true,
        (
            Who::Customer,
            Action::Note(_)
            | Action::Join
            | Action::Macro(_)
            | Action::Claim
            | Action::Answer(_)
            | Action::Update(_)
            | Action::Assign(_),
        ) => true,
        (Who::Customer, Action::Attached(attached)) => forbidden(who, &attached.said),
        (Who::Customer, Action::SetStatus(to)) => *to != Status::Closed,
        (
            Who::Customer,
            Action::Message { .. }
            | Action::Farewell { .. }
            | Action::Reply(_)
            | Action::Amend(_)
            | Action::Rate { .. },
        ) => false,
        (Who::Bo | Who::Cleo | Who::Supervisor, action) => matches!(action, Action::Rate { .. }),
    }
}

/// One thing may lead to another: a breach to another holder, and that to a reminder. But nothing happens twice.
fn comes_to_rest(rules: &Rules, mut session: Session, now: UtcMillis) -> bool {
    (0..3).any(|_| {
        let now = now.max(session.updated_at);
        let due = rules.due(&session, now);
        let is_over = due.is_empty();
        state::extend(&mut session, &mut Vec::new(), due, &Sender::System, now, Uuid::now_v7);
        is_over
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_session_is_what_its_log_says(steps in proptest::collection::vec(step(), 1..60)) {
        let (mut session, mut log) = begun();
        let mut now = 1;
        for (number, (who, action, tick)) in steps.into_iter().enumerate() {
            now += tick;
            let caller = caller(who);
            let id = EntryId::new(uuid(1_000 + number as u128));
            let action = with_id(action, id);
            let before = session.clone();
            let seen = caller.may_see(&session);
            match state::decide(&session, &caller, &action, UtcMillis::new(now)) {
                Ok(Decision::Append(drafts)) => {
                    prop_assert!(seen && !forbidden(who, &action), "{who:?} may not {action:?}");
                    prop_assert!(!drafts.is_empty());
                    // The client's entry stands last, under its own id; but for what ends the session, or says what follows.
                    if let Action::Farewell { .. } | Action::Macro(_) = action {
                        prop_assert!(drafts.iter().any(|draft| draft.id == action.id()));
                    } else if action.id().is_some() {
                        prop_assert_eq!(drafts.last().unwrap().id, action.id());
                    }
                    let from = log.len();
                    let (sender, at) = (caller.sender(), UtcMillis::new(now));
                    state::extend(&mut session, &mut log, drafts, &sender, at, Uuid::now_v7);
                    let new = &log[from..];
                    let own = |entry: &Arc<Entry>| entry.sender == sender || entry.sender == Sender::System;
                    prop_assert!(new.iter().all(own));
                    if let Action::Ring(rules) = &action {
                        prop_assert!(comes_to_rest(rules, session.clone(), at), "it goes on and on");
                    }
                    if before.status != session.status && !matches!(action, Action::Farewell { .. }) {
                        prop_assert!(allowed(before.status, session.status), "{:?} to {:?}", before.status, session.status);
                    }
                    let change = state::change(&session, new);
                    let said = |kind| new.iter().filter(|entry| {
                        entry.kind == EntryKind::Message
                            && matches!(entry.sender, Sender::Customer { .. }) == (kind == PartyKind::Customer)
                    }).count() as u32;
                    prop_assert_eq!(change.unread_added.team, said(PartyKind::Customer));
                    prop_assert_eq!(change.unread_added.customer, said(PartyKind::Agent));
                    prop_assert_eq!(change.status, session.status);
                    prop_assert_eq!(change.assignee, session.assignee.as_ref().map(|agent| agent.id));
                    prop_assert_eq!(change.closed_at, session.closed_at);
                }
                Ok(Decision::Nothing) => {
                    prop_assert!(seen && !forbidden(who, &action));
                    prop_assert!(action.id().is_none(), "a send is never nothing");
                }
                Ok(Decision::Elsewhere) => {
                    prop_assert!(seen, "{who:?} may not {action:?}");
                    let is_message = matches!(action, Action::Message { .. } | Action::Farewell { .. });
                    prop_assert!(is_message && session.status == Status::Closed);
                }
                Err(HubError::NotFound) => prop_assert!(!seen),
                Err(HubError::Forbidden(_)) => prop_assert!(seen && forbidden(who, &action)),
                Err(HubError::AlreadyClaimed { holder }) => {
                    prop_assert_eq!(&holder, &session.assignee.as_ref().unwrap().name);
                    prop_assert_ne!(session.assignee.as_ref().map(|agent| agent.id.uuid()), caller.party().id);
                }
                Err(HubError::WrongStatus { status, .. }) => {
                    prop_assert_eq!(status, session.status);
                    prop_assert!(!matches!(action, Action::Message { .. } | Action::Farewell { .. }), "a message always has a way");
                }
                Err(HubError::OfferOver) => prop_assert!(matches!(action, Action::Answer(_))),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
            consistent(&session, &log)?;
        }
    }

    #[test]
    fn what_goes_on_is_a_new_session_of_the_same_people(steps in proptest::collection::vec(step(), 0..20)) {
        let (mut session, mut log) = begun();
        for (number, (who, action, _)) in steps.into_iter().enumerate() {
            let action = with_id(action, EntryId::new(uuid(1_000 + number as u128)));
            let caller = caller(who);
            if let Ok(Decision::Append(drafts)) = state::decide(&session, &caller, &action, NOW) {
                state::extend(&mut session, &mut log, drafts, &caller.sender(), UtcMillis::new(5), Uuid::now_v7);
            }
        }
        let id = SessionId::new(uuid(31));
        let next = state::successor(&session, id, UtcMillis::new(9));
        let (fresh, _) = begun();
        // As if it had been started anew, but for its id and times, and whom the customer was sent to: nothing else of
        // the old one's life clings to it.
        let Work { team, skills, language, .. } = session.ticket.work.clone();
        let work = Work { team, skills, language, ..Work::default() };
        let expected = Session {
            id,
            last_seq: Seq::ZERO,
            created_at: UtcMillis::new(9),
            updated_at: UtcMillis::new(9),
            ticket: Arc::new(Ticket { work, ..Ticket::default() }),
            ..fresh
        };
        prop_assert_eq!(next, expected);
    }
}

/// Every action in every status by everybody who may see the session, as one table.
#[test]
fn the_rules_as_a_table() {
    use Status::{Closed, InProgress, Open, Resolved};
    let id = EntryId::new(uuid(1));
    let message = || Action::Message { id, body: body("hello") };
    let note = || Action::Note(Note { id, body: body("hm"), mentions: Vec::new() }.into());
    let farewell = || farewell(id);
    let rate = || Action::Rate { score: 5, comment: None };
    let (customer, bo, su) = (Who::Customer, Who::Bo, Who::Supervisor);
    let colleague = |name: &str| {
        let who = if name == "Bo" { Who::Bo } else { Who::Cleo };
        let Caller::Agent { agent, .. } = caller(who) else { unreachable!() };
        AgentRef::clone(&agent)
    };
    let assign = |to: Option<&str>| Action::Assign(Assignment::Assign(to.map(colleague)).into());
    let transfer = |to: &str, note: Option<&str>| {
        Action::Assign(Assignment::Transfer(colleague(to), note.map(body)).into())
    };
    let in_line = |step: Step| Action::Step(step.into());
    let hand_on = |note: Option<&str>| {
        let how = Assignment::HandOn { team: Some(team()), skills: vec![], note: note.map(body) };
        Action::Assign(how.into())
    };
    let give_back = |n| Action::Return { holder: AgentId::new(uuid(n)), why: routed(None) };
    let change = |what: fn(&mut Update)| {
        let mut update = Update::default();
        what(&mut update);
        Action::Update(update.into())
    };
    // Whether Bo holds it; the events that it leads to, then `+` for an entry of the sender's own.
    let table: &[(Status, bool, Who, Action, &str)] = &[
        (Open, false, customer, message(), "+"),
        (Open, false, bo, message(), "status_changed +"),
        (Open, true, su, message(), "status_changed +"),
        (Open, false, bo, note(), "+"),
        (Open, false, customer, note(), "forbidden"),
        (Open, false, bo, Action::Claim, "assigned"),
        (Open, true, bo, Action::Claim, "nothing"),
        (Open, true, su, Action::Claim, "already_claimed"),
        (Open, false, customer, Action::Claim, "forbidden"),
        (Open, false, customer, rate(), "wrong_status"),
        (Open, false, customer, Action::SetStatus(Closed), "closed"),
        (Open, false, customer, Action::SetStatus(Resolved), "forbidden"),
        (InProgress, true, bo, message(), "answered +"),
        (InProgress, true, customer, message(), "+"),
        (InProgress, true, Who::Cleo, message(), "not_found"),
        (InProgress, true, Who::Stranger, message(), "not_found"),
        (InProgress, true, bo, Action::SetStatus(Open), "wrong_status"),
        (InProgress, true, bo, Action::SetStatus(InProgress), "nothing"),
        (InProgress, true, bo, Action::SetStatus(Resolved), "status_changed"),
        (Resolved, true, customer, message(), "reopened +"),
        (Resolved, false, customer, message(), "reopened +"),
        (Resolved, true, bo, message(), "reopened +"),
        (Resolved, true, bo, note(), "+"),
        (Resolved, true, customer, rate(), "rated"),
        (Resolved, true, bo, rate(), "forbidden"),
        (Resolved, true, bo, Action::SetStatus(Open), "reopened"),
        (Resolved, true, customer, Action::SetStatus(Closed), "closed"),
        (Resolved, false, su, Action::Claim, "assigned"),
        (Closed, true, customer, message(), "elsewhere"),
        (Closed, true, bo, message(), "elsewhere"),
        (Closed, true, bo, note(), "+"),
        (Closed, true, customer, rate(), "rated"),
        (Closed, false, bo, Action::Claim, "wrong_status"),
        (Closed, true, bo, Action::SetStatus(Open), "wrong_status"),
        (Closed, true, customer, Action::SetStatus(Closed), "nothing"),
        (Open, false, bo, assign(Some("Bo")), "assigned"),
        (Open, false, bo, assign(Some("Cleo")), "assigned"),
        (Open, false, bo, assign(None), "nothing"),
        (Open, true, bo, assign(Some("Bo")), "nothing"),
        (Open, true, bo, assign(Some("Cleo")), "transferred"),
        (Open, true, bo, assign(None), "assigned"),
        (Open, true, su, assign(Some("Cleo")), "transferred"),
        (Open, true, su, assign(None), "assigned"),
        (Open, true, customer, assign(None), "forbidden"),
        (Open, true, Who::Cleo, assign(Some("Cleo")), "not_found"),
        (Resolved, true, bo, assign(Some("Cleo")), "transferred"),
        (Closed, true, bo, assign(Some("Cleo")), "wrong_status"),
        (Open, false, bo, transfer("Cleo", None), "transferred"),
        (Open, true, bo, transfer("Cleo", Some("he knows")), "+ transferred"),
        (Open, true, bo, transfer("Bo", Some("to myself")), "nothing"),
        (Open, true, customer, transfer("Cleo", None), "forbidden"),
        (Open, true, bo, change(|update| update.priority = Some(Priority::Urgent)), "priority_changed"),
        (Open, true, bo, change(|update| update.priority = Some(Priority::Normal)), "nothing"),
        (Open, true, bo, change(|update| update.subject = Some(Some("order 12".into()))), "subject_changed"),
        (Open, true, bo, change(|update| update.subject = Some(None)), "nothing"),
        (Closed, true, bo, change(|update| update.tags = Some(vec!["late".into()])), "tagged"),
        (Open, true, customer, change(|update| update.tags = Some(vec!["late".into()])), "forbidden"),
        (Open, true, bo, change(|update| update.snoozed_until = Some(Some(UtcMillis::new(9)))), "snoozed"),
        (Open, true, bo, change(|update| update.snoozed_until = Some(None)), "nothing"),
        (
            Resolved,
            true,
            bo,
            change(|update| update.snoozed_until = Some(Some(UtcMillis::new(9)))),
            "wrong_status",
        ),
        (
            Open,
            true,
            bo,
            change(|update| {
                update.status = Some(Resolved);
                update.category = Some(Some("shipping".into()));
            }),
            "category_changed status_changed",
        ),
        (
            InProgress,
            true,
            bo,
            change(|update| {
                update.status = Some(Open);
                update.category = Some(Some("shipping".into()));
            }),
            "wrong_status",
        ),
        (Open, true, bo, Action::Ring(Arc::default()), "forbidden"),
        (Open, true, Who::Hubbub, Action::Ring(Arc::default()), "nothing"),
        (Open, false, customer, farewell(), "+ + closed"),
        (InProgress, true, customer, farewell(), "+ + closed"),
        (Resolved, true, customer, farewell(), "reopened + + closed"),
        (Closed, true, customer, farewell(), "elsewhere"),
        (Open, true, bo, Action::Wake(UtcMillis::new(9)), "forbidden"),
        (Open, true, Who::Hubbub, Action::Wake(UtcMillis::new(9)), "nothing"),
        (Open, false, bo, Action::Route(routed(Some(20))), "forbidden"),
        (Open, false, Who::Hubbub, Action::Route(routed(Some(20))), "routed assigned"),
        (Open, true, Who::Hubbub, Action::Route(routed(Some(21))), "nothing"),
        (Closed, false, Who::Hubbub, Action::Route(routed(Some(20))), "nothing"),
        (Open, true, Who::Hubbub, give_back(20), "routed assigned"),
        (Open, true, Who::Hubbub, give_back(21), "nothing"),
        (Open, false, Who::Hubbub, give_back(20), "nothing"),
        (Closed, true, Who::Hubbub, give_back(20), "nothing"),
        (Open, false, Who::Hubbub, in_line(ask(20, 9)), "routed offer"),
        (Open, true, Who::Hubbub, in_line(ask(20, 9)), "nothing"),
        (Resolved, false, Who::Hubbub, in_line(ask(20, 9)), "nothing"),
        (Open, false, bo, in_line(ask(20, 9)), "forbidden"),
        (Open, false, Who::Hubbub, in_line(end_offer(20, OfferEnd::Unanswered)), "nothing"),
        (Open, false, bo, Action::Answer(true), "offer_over"),
        (Open, true, bo, Action::Answer(true), "nothing"),
        (Open, true, bo, Action::Answer(false), "offer_over"),
        (Open, true, su, Action::Answer(true), "already_claimed"),
        (Open, false, customer, Action::Answer(true), "forbidden"),
        (Open, false, Who::Hubbub, in_line(take_as_message()), "taken_as_message"),
        (Open, true, Who::Hubbub, in_line(take_as_message()), "nothing"),
        (Closed, false, Who::Hubbub, in_line(take_as_message()), "nothing"),
        (Open, false, Who::Hubbub, in_line(Step::FallBack(team())), "waited_too_long"),
        (Open, true, Who::Hubbub, in_line(Step::FallBack(team())), "nothing"),
        (Open, true, bo, hand_on(None), "assigned handed_on"),
        (Open, true, bo, hand_on(Some("he knows")), "+ assigned handed_on"),
        (Open, false, bo, hand_on(None), "handed_on"),
        (Open, true, su, hand_on(None), "assigned handed_on"),
        (Open, true, Who::Cleo, hand_on(None), "not_found"),
        (Open, true, customer, hand_on(None), "forbidden"),
        (Closed, true, bo, hand_on(None), "wrong_status"),
        (Open, true, bo, change(|update| update.team = Some(Some(team()))), "team_changed"),
        (Open, true, bo, change(|update| update.team = Some(None)), "nothing"),
        (Open, true, bo, change(|update| update.skills = Some(vec![law()])), "skills_changed"),
        (Open, true, bo, change(|update| update.language = Some(Some("de".into()))), "language_changed"),
        (Open, true, customer, change(|update| update.team = Some(Some(team()))), "forbidden"),
    ];
    for (status, held, who, action, expected) in table {
        let (mut session, _) = begun();
        session.status = *status;
        let Caller::Agent { agent, .. } = caller(bo) else { unreachable!() };
        session.assignee = held.then(|| AgentRef::clone(&agent));
        if *held || !matches!(status, Open | InProgress) {
            Arc::make_mut(&mut session.ticket).queued_since = None;
        }
        let outcome = match state::decide(&session, &caller(*who), action, NOW) {
            Ok(Decision::Nothing) => "nothing".to_owned(),
            Ok(Decision::Elsewhere) => "elsewhere".to_owned(),
            Ok(Decision::Append(drafts)) => {
                let words = drafts.iter().map(|draft| match &draft.event {
                    Some(event) => serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned(),
                    None => "+".to_owned(),
                });
                words.collect::<Vec<_>>().join(" ")
            }
            Err(refusal) => refusal.code().as_str().to_owned(),
        };
        assert_eq!(outcome, *expected, "{status:?}, held: {held}, {who:?}: {action:?}");
    }
}

/// An offer is answered by whom it was made to, in time; whoever takes the chat ends it.
#[test]
fn offers_of_a_session() {
    let (mut session, mut log) = begun();
    let mut does = |session: &mut Session, who: Who, action: Action, now: i64| -> String {
        let caller = caller(who);
        match state::decide(session, &caller, &action, UtcMillis::new(now)) {
            Ok(Decision::Append(drafts)) => {
                let sender = caller.sender();
                state::extend(session, &mut log, drafts, &sender, UtcMillis::new(now), Uuid::now_v7);
                "done".to_owned()
            }
            Ok(other) => format!("{other:?}"),
            Err(refusal) => refusal.code().as_str().to_owned(),
        }
    };
    let step = |step: Step| Action::Step(step.into());
    let standing =
        |session: &Session| session.ticket.work.offers.standing.clone().map(|offer| offer.agent.id);
    let bo = AgentId::new(uuid(20));
    assert_eq!(does(&mut session, Who::Hubbub, step(ask(20, 50)), 10), "done");
    assert_eq!(standing(&session), Some(bo));
    assert_eq!(does(&mut session, Who::Hubbub, step(ask(20, 60)), 11), "Nothing", "one at a time");
    assert_eq!(
        does(&mut session, Who::Hubbub, Action::Route(routed(Some(20))), 12),
        "Nothing",
        "it is his to say"
    );
    assert_eq!(does(&mut session, Who::Cleo, Action::Answer(true), 13), "offer_over");
    assert_eq!(does(&mut session, Who::Bo, Action::Answer(true), 50), "offer_over", "too late");
    assert_eq!(does(&mut session, Who::Bo, Action::Answer(false), 14), "done");
    assert_eq!((standing(&session), session.ticket.work.offers.passed.len()), (None, 1));

    // What it asks for changes, and the round begins anew.
    let change = Update { team: Some(Some(team())), ..Update::default() };
    assert_eq!(does(&mut session, Who::Cleo, Action::Update(change.into()), 15), "done");
    assert!(session.ticket.work.offers.is_none());

    assert_eq!(does(&mut session, Who::Hubbub, step(ask(20, 90)), 20), "done");
    let by_hand = session.clone();
    assert_eq!(does(&mut session, Who::Bo, Action::Answer(true), 21), "done");
    assert_eq!(session.assignee.as_ref().map(|agent| agent.id), Some(bo));
    assert!(session.ticket.work.offers.is_none());
    assert_eq!(does(&mut session, Who::Bo, Action::Answer(true), 22), "Nothing", "said twice");

    let (mut session, mut log) = (by_hand, Vec::new());
    let claim = state::decide(&session, &caller(Who::Cleo), &Action::Claim, NOW);
    let Ok(Decision::Append(drafts)) = claim else { panic!("whoever sees it may take it") };
    let sender = caller(Who::Cleo).sender();
    state::extend(&mut session, &mut log, drafts, &sender, UtcMillis::new(30), Uuid::now_v7);
    assert_eq!((log.len(), session.ticket.work.offers.is_none()), (1, true));
}

#[test]
fn a_preview_is_one_line_of_at_most_140_characters() {
    let preview = |text: &str| {
        let (mut session, mut log) = begun();
        let action = Action::Message { id: EntryId::new(uuid(7)), body: body(text) };
        let Decision::Append(drafts) = state::decide(&session, &caller(Who::Customer), &action, NOW).unwrap()
        else {
            panic!("a message is appended")
        };
        let sender = caller(Who::Customer).sender();
        state::extend(&mut session, &mut log, drafts, &sender, UtcMillis::new(1), || uuid(8));
        session.last_message.unwrap().preview
    };
    assert_eq!(preview("one\n two\t\tthree"), "one two three");
    let long = "é".repeat(140);
    assert_eq!(preview(&long), long);
    assert_eq!(preview(&format!("{long} more")), format!("{long}…"));
    assert_eq!(preview(&"é".repeat(141)), format!("{long}…"));
    let words = format!("{} {}", "a".repeat(138), "bcd");
    assert_eq!(preview(&words), format!("{} b…", "a".repeat(138)));
    let words = format!("{} {}", "a".repeat(139), "bcd");
    assert_eq!(preview(&words).chars().count(), 141);
}
