//! The rules of what was said: who changes it, takes it away, answers, joins and rates, and until when.

use std::time::Duration;

use hub::{
    Caller, HubError,
    state::{self, Action, Amend, Decision, Note, Reply},
};
use persistence::Session;
use protocol::{AgentId, Entry, EntryId, EntryKind, Event, NotificationKind, Seq, Status, UtcMillis, limits};

use crate::rules::{Who, begun, body, caller, uuid};

const SAID: UtcMillis = UtcMillis::new(1_000);

/// A chat in which somebody said or noted something.
fn said(who: Who, note: bool) -> (Session, Entry) {
    let (mut session, mut log) = begun();
    let (caller, id) = (caller(who), EntryId::new(uuid(7)));
    let action = if note {
        Action::Note(Note { id, body: body("first"), mentions: Vec::new() }.into())
    } else {
        Action::Message { id, body: body("first") }
    };
    act(&mut session, &mut log, &caller, &action, SAID);
    let entry = Entry::clone(log.last().unwrap());
    (session, entry)
}

fn act(
    session: &mut Session,
    log: &mut Vec<std::sync::Arc<Entry>>,
    caller: &Caller,
    action: &Action,
    now: UtcMillis,
) {
    match state::decide(session, caller, action, now).unwrap() {
        Decision::Append(drafts) => {
            state::extend(session, log, drafts, &caller.sender(), now, uuid::Uuid::now_v7);
        }
        other => panic!("{other:?}"),
    }
}

fn amend(
    session: &Session,
    who: Who,
    target: Option<&Entry>,
    text: Option<&str>,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    let amend = Amend { entry: EntryId::new(uuid(7)), body: text.map(body), target: target.cloned() };
    state::decide(session, &caller(who), &Action::Amend(amend.into()), now)
}

#[test]
fn authors_change_what_they_said_for_a_while() {
    for who in [Who::Customer, Who::Bo, Who::Supervisor] {
        let (mut session, entry) = said(who, false);
        let last = SAID.plus(limits::AMEND_TIME);
        let Ok(Decision::Append(drafts)) = amend(&session, who, Some(&entry), Some("second"), last) else {
            panic!("{who:?}")
        };
        let edited = Event::Edited { entry: entry.id, seq: entry.seq, body: "second".into(), note: false };
        assert_eq!(drafts[0].event, Some(edited));
        // Lists say at once what it says now.
        let mut log = Vec::new();
        state::extend(&mut session, &mut log, drafts, &caller(who).sender(), last, uuid::Uuid::now_v7);
        assert_eq!(session.last_message.as_ref().unwrap().preview, "second");
        let entry = entry.amended_by(&log[0]).unwrap();
        assert_eq!(amend(&session, who, Some(&entry), Some("second"), last).unwrap(), Decision::Nothing);

        let late = last.plus(Duration::from_millis(1));
        let refused = amend(&session, who, Some(&entry), Some("third"), late);
        assert!(matches!(refused, Err(HubError::TooLate(_))), "{who:?}: {refused:?}");
        let refused = amend(&session, who, Some(&entry), None, late);
        assert_eq!(refused.is_ok(), who == Who::Supervisor, "{who:?}: {refused:?}");
    }
}

#[test]
fn others_do_not_but_supervisors_take_it_away() {
    for note in [false, true] {
        let (session, entry) = said(Who::Bo, note);
        for who in [Who::Customer, Who::Cleo, Who::Supervisor, Who::Hubbub] {
            let hidden = note && who == Who::Customer;
            let refused = amend(&session, who, Some(&entry), Some("theirs"), SAID);
            match refused {
                Err(HubError::NotFound) => assert!(hidden, "{who:?}"),
                Err(HubError::Forbidden(_)) => assert!(!hidden, "{who:?}"),
                other => panic!("{who:?}: {other:?}"),
            }
            let taken = amend(&session, who, Some(&entry), None, SAID.plus(Duration::from_secs(1 << 30)));
            assert_eq!(taken.is_ok(), who == Who::Supervisor, "{who:?}: {taken:?}");
        }
        let stranger = amend(&session, Who::Stranger, Some(&entry), None, SAID);
        assert!(matches!(stranger, Err(HubError::NotFound)));
    }
}

#[test]
fn what_is_gone_closed_or_an_event_is_not_changed() {
    let (mut session, mut entry) = said(Who::Bo, false);
    assert!(matches!(amend(&session, Who::Bo, None, Some("x"), SAID), Err(HubError::NotFound)));
    let event = Entry { kind: EntryKind::Event, ..entry.clone() };
    assert!(matches!(amend(&session, Who::Bo, Some(&event), None, SAID), Err(HubError::Forbidden(_))));
    entry.deleted_at = Some(SAID);
    assert_eq!(amend(&session, Who::Bo, Some(&entry), None, SAID).unwrap(), Decision::Nothing);
    assert!(matches!(amend(&session, Who::Bo, Some(&entry), Some("x"), SAID), Err(HubError::EntryDeleted)));
    entry.deleted_at = None;
    session.status = Status::Closed;
    for who in [Who::Bo, Who::Supervisor] {
        let refused = amend(&session, who, Some(&entry), None, SAID);
        assert!(matches!(refused, Err(HubError::WrongStatus { .. })), "{refused:?}");
    }
}

#[test]
fn a_reply_is_refused_for_a_colleagues_and_goes_on_where_the_chat_does() {
    let (mut session, answer) = said(Who::Bo, false);
    let reply = |answer: Option<&Entry>| {
        let (id, answer) = (EntryId::new(uuid(8)), answer.cloned());
        Action::Reply(Reply { id, body: body("me too"), after: Seq::new(1), answer }.into())
    };
    let supervisor = caller(Who::Supervisor);
    assert!(matches!(state::decide(&session, &supervisor, &reply(None), SAID), Ok(Decision::Append(_))));
    match state::decide(&session, &supervisor, &reply(Some(&answer)), SAID) {
        Err(HubError::AnsweredMeanwhile { by }) => assert_eq!(by, "Bo"),
        other => panic!("{other:?}"),
    }
    session.status = Status::Closed;
    let decided = state::decide(&session, &supervisor, &reply(Some(&answer)), SAID);
    assert_eq!(decided.unwrap(), Decision::Elsewhere);
}

#[test]
fn supervisors_join() {
    let (session, _) = begun();
    for (who, may) in
        [(Who::Supervisor, true), (Who::Bo, false), (Who::Customer, false), (Who::Hubbub, false)]
    {
        match state::decide(&session, &caller(who), &Action::Join, SAID) {
            Ok(Decision::Append(drafts)) => {
                assert!(may, "{who:?}");
                assert!(drafts[0].event.as_ref().unwrap().is_internal());
            }
            Err(HubError::Forbidden(_)) => assert!(!may, "{who:?}"),
            other => panic!("{who:?}: {other:?}"),
        }
    }
}

#[test]
fn a_rating_is_given_once_and_changed_for_a_day() {
    let (mut session, mut log) = begun();
    session.status = Status::Resolved;
    let ana = caller(Who::Customer);
    let rate = |score| Action::Rate { score, comment: None };
    act(&mut session, &mut log, &ana, &rate(2), SAID);
    let last = SAID.plus(limits::RATING_TIME);
    assert_eq!(state::decide(&session, &ana, &rate(2), last).unwrap(), Decision::Nothing);
    act(&mut session, &mut log, &ana, &rate(5), last);
    let rating = session.rating.clone().unwrap();
    assert_eq!(
        (rating.score, rating.rated_at, rating.changed_at, rating.changeable_until),
        (5, SAID, last, last)
    );
    let late = last.plus(Duration::from_millis(1));
    assert!(matches!(state::decide(&session, &ana, &rate(1), late), Err(HubError::TooLate(_))));
    assert_eq!(state::change(&session, &log[log.len() - 1..]).rating.as_deref(), Some(&rating));
}

#[test]
fn who_is_told_in_person() {
    let (bo, cleo) = (AgentId::new(uuid(20)), AgentId::new(uuid(21)));
    let (_, mut note) = said(Who::Bo, true);
    note.mentions = vec![cleo, bo];
    assert_eq!(note.notifies(), [(cleo, NotificationKind::Mention)], "not oneself");
    let given = Event::Assigned { agent: Some(protocol::AgentRef { id: cleo, name: "Cleo".into() }) };
    let given = Entry { kind: EntryKind::Event, event: Some(given), mentions: Vec::new(), ..note };
    assert_eq!(given.notifies(), [(cleo, NotificationKind::Assigned)]);
}
