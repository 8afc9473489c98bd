//! The rules of merging, alone.

use std::sync::Arc;

use hub::{
    Caller, HubError,
    state::{self, Action, Both, Decision, Draft, Update},
};
use persistence::{Grant, Session};
use protocol::{
    AgentId, AgentRef, Channel, ContactId, Entry, EntryId, Event, GrantId, MessageBody, Role, SessionId,
    SiteId, Status, UtcMillis,
};
use uuid::Uuid;

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(millis: i64) -> UtcMillis {
    UtcMillis::new(millis)
}

fn grant(n: u128, verified: bool) -> Grant {
    Grant {
        id: GrantId::new(uuid(n)),
        site_id: SiteId::new(uuid(1)),
        contact_id: ContactId::new(uuid(9)),
        verified,
        name: Some("Ana".into()),
        phone: None,
        email: None,
        blocked_until: None,
    }
}

fn agent() -> Caller {
    let agent = AgentRef { id: AgentId::new(uuid(20)), name: "Bo".into() }.into();
    Caller::Agent { agent, role: Role::Agent, sees_all: false }
}

/// A session with its log, to be folded again.
struct Chat {
    empty: Session,
    now: Session,
    log: Vec<Arc<Entry>>,
    grant: Grant,
}

impl Chat {
    fn of(n: u128, grant: Grant, start: i64) -> Self {
        let empty = state::empty(SessionId::new(uuid(n)), &grant, "shop", Channel::Web, at(start));
        let mut chat = Self { now: empty.clone(), empty, log: Vec::new(), grant };
        let started = Event::Started { channel: Channel::Web, previous_session_id: None };
        chat.take(vec![Draft::event(started)], start);
        chat
    }

    fn take(&mut self, drafts: Vec<Draft>, now: i64) {
        let ids = 1_000 * self.log.len() as u128;
        let sender = agent().sender();
        state::extend(&mut self.now, &mut self.log, drafts, &sender, at(now), || uuid(ids));
        let mut again = self.empty.clone();
        for entry in &self.log {
            state::apply(&mut again, entry);
        }
        assert_eq!(again, self.now, "what the log folds to");
    }

    fn does(&mut self, caller: &Caller, action: &Action, now: i64) {
        match state::decide(&self.now, caller, action, at(now)).unwrap() {
            Decision::Append(drafts) => {
                let ids = 1_000 * self.log.len() as u128;
                state::extend(&mut self.now, &mut self.log, drafts, &caller.sender(), at(now), || uuid(ids));
            }
            other => panic!("{other:?}"),
        }
    }

    fn customer_says(&mut self, now: i64) {
        let id = EntryId::new(uuid(500 + self.log.len() as u128));
        let body = MessageBody::parse("hello", 100).unwrap();
        let customer = Caller::Customer(self.grant.clone().into());
        self.does(&customer, &Action::Message { id, body }, now);
    }
}

fn merge(source: &mut Chat, target: &mut Chat, now: i64) {
    let Both { source: from, target: into } =
        state::merge(&source.now, &target.now, 1, &agent()).unwrap().expect("news");
    source.take(from, now);
    target.take(into, now);
}

fn unmerge(source: &mut Chat, target: &mut Chat, now: i64) -> Result<(), HubError> {
    let Both { source: from, target: into } = state::unmerge(&source.now, &target.now, &agent(), at(now))?;
    source.take(from, now);
    target.take(into, now);
    Ok(())
}

fn stands(session: &Session) -> impl PartialEq + std::fmt::Debug + use<> {
    let ticket = &session.ticket;
    (
        (session.status, session.waiting_since, session.closed_at, session.next, session.assignee.clone()),
        (ticket.queued_since, ticket.snoozed_until),
        (ticket.work.merged_into.clone(), ticket.work.merged_from.clone()),
    )
}

#[test]
fn undone_it_is_as_before_whatever_it_was() {
    let claim = Action::Claim;
    let snooze = Action::Update(Update { snoozed_until: Some(Some(at(90))), ..Update::default() }.into());
    let to = Action::SetStatus;
    let scripts: [&[Action]; 6] = [
        &[],
        std::slice::from_ref(&claim),
        std::slice::from_ref(&snooze),
        &[claim.clone(), to(Status::InProgress)],
        &[to(Status::Resolved)],
        &[claim.clone(), to(Status::Closed)],
    ];
    for verified in [false, true] {
        for script in scripts {
            let mut source = Chat::of(30, grant(10, verified), 10);
            let mut target = Chat::of(31, grant(11, verified), 20);
            source.customer_says(12);
            for action in script {
                source.does(&agent(), action, 15);
            }
            target.customer_says(25);
            let before = (stands(&source.now), stands(&target.now));
            merge(&mut source, &mut target, 30);
            assert_eq!(source.now.status, Status::Closed);
            assert_eq!(source.now.next, verified.then_some(target.now.id));
            assert_eq!(source.now.goes_on_in(), Some(target.now.id));
            let waits = source.log.len() > 2
                && matches!(script.last(), Some(Action::SetStatus(Status::Resolved | Status::Closed)));
            assert_eq!(target.now.waiting_since, Some(at(if waits { 25 } else { 12 })), "{script:?}");
            unmerge(&mut source, &mut target, 40).unwrap();
            assert!(
                before == (stands(&source.now), stands(&target.now)),
                "{script:?}: {:?}",
                stands(&source.now)
            );
        }
    }
}

#[test]
fn it_is_undone_for_a_day_and_only_once() {
    let (mut source, mut target) = (Chat::of(30, grant(10, true), 10), Chat::of(31, grant(11, true), 20));
    assert!(matches!(unmerge(&mut source, &mut target, 30), Err(HubError::NotMergeable(_))));
    merge(&mut source, &mut target, 30);
    assert!(matches!(state::merge(&source.now, &target.now, 1, &agent()), Ok(None)));
    let day = 24 * 60 * 60 * 1_000;
    assert!(matches!(unmerge(&mut source, &mut target, 31 + day), Err(HubError::NotMergeable(_))));
    unmerge(&mut source, &mut target, 30 + day).unwrap();
    assert!(matches!(unmerge(&mut source, &mut target, 30 + day), Err(HubError::NotMergeable(_))));
    let customer = Caller::Customer(grant(10, true).into());
    assert!(matches!(state::merge(&source.now, &target.now, 1, &customer), Err(HubError::Forbidden(_))));
}

#[test]
fn who_was_answered_meanwhile_waits_no_longer() {
    let (mut source, mut target) = (Chat::of(30, grant(10, true), 10), Chat::of(31, grant(11, true), 20));
    source.customer_says(12);
    merge(&mut source, &mut target, 30);
    assert_eq!(target.now.waiting_since, Some(at(12)));
    let body = MessageBody::parse("here you are", 100).unwrap();
    target.does(&agent(), &Action::Message { id: EntryId::new(uuid(7)), body }, 35);
    target.customer_says(36);
    unmerge(&mut source, &mut target, 40).unwrap();
    assert_eq!((source.now.waiting_since, target.now.waiting_since), (Some(at(12)), Some(at(36))));
    // And a resolved one is taken up again for one who waits.
    target.does(&agent(), &Action::SetStatus(Status::Resolved), 41);
    merge(&mut source, &mut target, 42);
    assert_eq!((target.now.status, target.now.waiting_since), (Status::Open, Some(at(12))));
}
