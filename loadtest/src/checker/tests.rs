//! Each rule is shown a history that breaks it, and one that does not.

use std::time::Duration;

use protocol::{Audience, EntryId, EntryKind, Seq, SessionId};
use uuid::Uuid;

use crate::history::{Actor, ActorId, Evidence, FinalLog, Line, Record, What};

use super::{Rule, check};

const CUSTOMER: ActorId = ActorId(0);
const AGENT: ActorId = ActorId(1);

fn session() -> SessionId {
    SessionId::new(Uuid::from_u128(0x5e55))
}

fn id(number: u128) -> EntryId {
    EntryId::new(Uuid::from_u128(number))
}

fn line(seq: u64, number: u128, kind: EntryKind) -> Line {
    let body = if kind == EntryKind::Event { String::new() } else { format!("body {number}") };
    Line { id: id(number), seq: Seq::new(seq), kind, body }
}

fn tried(number: u128) -> What {
    tried_as(number, EntryKind::Message, &format!("body {number}"), 1)
}

fn tried_as(number: u128, kind: EntryKind, body: &str, link: u64) -> What {
    What::Tried { session: session(), id: id(number), body: body.into(), kind, link }
}

fn acked(number: u128, seq: u64) -> What {
    What::Acked { id: id(number), session: session(), seq: Seq::new(seq), duplicate: false }
}

fn acked_again(number: u128, seq: u64) -> What {
    What::Acked { id: id(number), session: session(), seq: Seq::new(seq), duplicate: true }
}

fn saw(seq: u64, number: u128, kind: EntryKind, link: u64) -> What {
    What::Saw { session: session(), line: line(seq, number, kind), link }
}

fn followed(after: u64) -> What {
    What::Followed { session: session(), after: Some(Seq::new(after)) }
}

/// A history as short as one can be that has everything: an event, a message of each side, a note, a
/// resumed connection and a retry.
fn sound() -> Evidence {
    use EntryKind::{Event, Message, Note};
    let happened = vec![
        (CUSTOMER, followed(0)),
        (AGENT, followed(0)),
        (CUSTOMER, saw(1, 100, Event, 1)),
        (AGENT, saw(1, 100, Event, 1)),
        (CUSTOMER, tried(1)),
        (AGENT, saw(2, 1, Message, 1)),
        (CUSTOMER, acked(1, 2)),
        (CUSTOMER, saw(2, 1, Message, 1)),
        (AGENT, tried_as(2, Note, "body 2", 1)),
        (AGENT, acked(2, 3)),
        (AGENT, saw(3, 2, Note, 1)),
        (AGENT, tried(3)),
        (AGENT, tried_as(3, Message, "another body", 1)),
        (AGENT, acked(3, 4)),
        (AGENT, acked_again(3, 4)),
        (AGENT, saw(4, 3, Message, 1)),
        (CUSTOMER, saw(4, 3, Message, 2)),
        (CUSTOMER, tried_as(4, Message, "body 4", 2)),
        (CUSTOMER, acked(4, 5)),
        (CUSTOMER, saw(5, 4, Message, 2)),
        (AGENT, saw(5, 4, Message, 1)),
        (AGENT, tried(5)),
        (AGENT, acked(5, 6)),
        (AGENT, saw(6, 5, Message, 1)),
        (CUSTOMER, saw(6, 5, Message, 2)),
    ];
    let records = happened.into_iter().enumerate().map(|(at, (actor, what))| Record {
        at: Duration::from_millis(u64::try_from(at).unwrap()),
        actor,
        what,
    });
    let team = vec![
        line(1, 100, Event),
        line(2, 1, Message),
        line(3, 2, Note),
        line(4, 3, Message),
        line(5, 4, Message),
        line(6, 5, Message),
    ];
    let customer = team.iter().filter(|line| line.kind != Note).cloned().collect();
    Evidence {
        actors: vec![
            Actor { name: "ana".into(), audience: Audience::Customer },
            Actor { name: "bo".into(), audience: Audience::Team },
        ],
        records: records.collect(),
        logs: vec![FinalLog { session: session(), team, customer: Some(customer) }],
    }
}

/// The rules that are broken once the sound history was spoilt.
fn broken(spoil: impl FnOnce(&mut Evidence)) -> Vec<Rule> {
    let mut evidence = sound();
    spoil(&mut evidence);
    check(&evidence).broken()
}

fn position(evidence: &Evidence, wanted: &What) -> usize {
    let wanted = format!("{wanted:?}");
    evidence.records.iter().position(|record| format!("{:?}", record.what) == wanted).unwrap()
}

fn insert_after(evidence: &mut Evidence, after: &What, actor: ActorId, what: What) {
    let at = position(evidence, after) + 1;
    evidence.records.insert(at, Record { at: Duration::ZERO, actor, what });
}

fn remove(evidence: &mut Evidence, actor: ActorId, what: &What) {
    let wanted = format!("{what:?}");
    let before = evidence.records.len();
    evidence.records.retain(|record| record.actor != actor || format!("{:?}", record.what) != wanted);
    assert_eq!(evidence.records.len() + 1, before, "exactly one record is to be removed");
}

#[test]
fn a_sound_history_breaks_nothing_and_exercises_every_rule() {
    let verdict = check(&sound());
    verdict.demand().unwrap();
    for finding in &verdict.findings {
        assert!(finding.checked > 0 || finding.rule == Rule::NoRefusals, "{:?} judged nothing", finding.rule);
    }
}

#[test]
fn an_acked_entry_that_is_lost_is_found() {
    let rules = broken(|evidence| {
        let log = &mut evidence.logs[0];
        log.team.pop();
        log.customer.as_mut().unwrap().pop();
    });
    assert_eq!(rules, [Rule::AckedIsStored, Rule::SeenIsStored]);
}

#[test]
fn an_acked_entry_at_another_place_or_with_another_body_is_found() {
    let rules = broken(|evidence| {
        let at = position(evidence, &acked(5, 6));
        evidence.records[at].what = acked(5, 7);
    });
    assert_eq!(rules, [Rule::AckedIsStored]);

    // The body of a retry must not replace the first one's: the retry began before the ack, but the
    // entry is the one of the first try for those who saw it then.
    let rules = broken(|evidence| {
        evidence.logs[0].team[1].body = "body 1, improved".into();
    });
    assert_eq!(rules, [Rule::AckedIsStored, Rule::SameForAll, Rule::NoPhantoms]);

    let rules = broken(|evidence| {
        let retry = tried_as(1, EntryKind::Message, "edited", 1);
        insert_after(evidence, &acked(1, 2), CUSTOMER, retry);
        evidence.logs[0].team[1].body = "edited".into();
        evidence.logs[0].customer.as_mut().unwrap()[1].body = "edited".into();
    });
    assert_eq!(rules, [Rule::AckedIsStored, Rule::SameForAll]);
}

#[test]
fn a_gap_in_the_log_is_found() {
    let rules = broken(|evidence| {
        // The note, which only the team saw, is taken out of the log with all its traces.
        evidence.logs[0].team.remove(2);
        remove(evidence, AGENT, &saw(3, 2, EntryKind::Note, 1));
        remove(evidence, AGENT, &acked(2, 3));
    });
    assert_eq!(rules, [Rule::Gapless]);
}

#[test]
fn readers_who_were_told_different_things_are_found() {
    let rules = broken(|evidence| {
        let at = position(evidence, &saw(4, 3, EntryKind::Message, 2));
        evidence.records[at].what = saw(4, 33, EntryKind::Message, 2);
    });
    assert_eq!(rules, [Rule::SameForAll]);

    let rules = broken(|evidence| {
        evidence.logs[0].customer.as_mut().unwrap().remove(1);
    });
    assert_eq!(rules, [Rule::SameForAll]);
}

#[test]
fn an_entry_that_stands_before_what_was_acked_earlier_is_found() {
    let rules = broken(|evidence| {
        // Sent over another connection after 4 was acked as 5, but acked as 3.
        insert_after(evidence, &acked(4, 5), AGENT, tried_as(2, EntryKind::Note, "body 2", 9));
        remove(evidence, AGENT, &tried_as(2, EntryKind::Note, "body 2", 1));
        remove(evidence, AGENT, &acked(2, 3));
        insert_after(evidence, &tried_as(2, EntryKind::Note, "body 2", 9), AGENT, acked(2, 3));
    });
    assert_eq!(rules, [Rule::RealTime]);
}

#[test]
fn a_senders_row_out_of_order_is_found() {
    let rules = broken(|evidence| {
        // 4 leaves right before 1, unacked yet: no breach of real time, but of the sender's own order.
        let link = tried_as(4, EntryKind::Message, "body 4", 2);
        remove(evidence, CUSTOMER, &link);
        let at = position(evidence, &tried(1));
        let what = tried_as(4, EntryKind::Message, "body 4", 1);
        evidence.records.insert(at, Record { at: Duration::ZERO, actor: CUSTOMER, what });
    });
    assert_eq!(rules, [Rule::SenderOrder]);
}

#[test]
fn an_id_with_two_places_is_found() {
    let rules = broken(|evidence| {
        let again = Line { seq: Seq::new(7), ..line(5, 4, EntryKind::Message) };
        evidence.logs[0].team.push(again.clone());
        evidence.logs[0].customer.as_mut().unwrap().push(again);
    });
    assert_eq!(rules, [Rule::AckedIsStored, Rule::OneSeqPerId, Rule::Complete]);

    let rules = broken(|evidence| {
        let at = position(evidence, &acked_again(3, 4));
        evidence.records[at].what = acked_again(3, 5);
    });
    assert_eq!(rules, [Rule::OneSeqPerId]);
}

#[test]
fn wrong_duplicate_flags_are_found() {
    let rules = broken(|evidence| {
        let at = position(evidence, &acked_again(3, 4));
        evidence.records[at].what = acked(3, 4);
    });
    assert_eq!(rules, [Rule::DuplicateFlag]);

    let rules = broken(|evidence| {
        let at = position(evidence, &acked(1, 2));
        evidence.records[at].what = acked_again(1, 2);
    });
    assert_eq!(rules, [Rule::DuplicateFlag]);
}

#[test]
fn phantoms_are_found_but_first_messages_are_none() {
    let phantom = |evidence: &mut Evidence| {
        let line = line(7, 77, EntryKind::Message);
        evidence.logs[0].team.push(line.clone());
        evidence.logs[0].customer.as_mut().unwrap().push(line);
        for actor in [CUSTOMER, AGENT] {
            let what = saw(7, 77, EntryKind::Message, if actor == CUSTOMER { 2 } else { 1 });
            evidence.records.push(Record { at: Duration::ZERO, actor, what });
        }
    };
    assert_eq!(broken(phantom), [Rule::NoPhantoms]);

    let started = |evidence: &mut Evidence| {
        phantom(evidence);
        let what = What::Started { session: session(), message: Some("body 77".into()) };
        evidence.records.insert(0, Record { at: Duration::ZERO, actor: CUSTOMER, what });
    };
    assert_eq!(broken(started), []);
}

#[test]
fn a_stream_that_repeats_or_goes_back_is_found() {
    let rules = broken(|evidence| {
        let twice = saw(4, 3, EntryKind::Message, 2);
        insert_after(evidence, &twice.clone(), CUSTOMER, twice);
    });
    assert_eq!(rules, [Rule::InOrder]);

    let rules = broken(|evidence| evidence.records[0].what = followed(1));
    assert_eq!(rules, [Rule::InOrder], "an entry before the cursor");
}

#[test]
fn holes_are_told_apart_by_where_they_are() {
    // Link 1 shows up to 2, link 2 goes on with 5: 4 was lost by resuming.
    let rules = broken(|evidence| remove(evidence, CUSTOMER, &saw(4, 3, EntryKind::Message, 2)));
    assert_eq!(rules, [Rule::ResumedWhole]);

    let rules = broken(|evidence| remove(evidence, AGENT, &saw(4, 3, EntryKind::Message, 1)));
    assert_eq!(rules, [Rule::NothingSkipped]);

    // The note's place is a hole for the customer by right, but not for the agent.
    let rules = broken(|evidence| remove(evidence, AGENT, &saw(3, 2, EntryKind::Note, 1)));
    assert_eq!(rules, [Rule::NothingSkipped]);

    let rules = broken(|evidence| remove(evidence, CUSTOMER, &saw(1, 100, EntryKind::Event, 1)));
    assert_eq!(rules, [Rule::ResumedWhole], "the first entry after the cursor");
}

#[test]
fn a_reader_who_never_got_the_end_is_found_unless_it_left() {
    let last = saw(6, 5, EntryKind::Message, 1);
    assert_eq!(broken(|evidence| remove(evidence, AGENT, &last)), [Rule::Complete]);

    let left = broken(|evidence| {
        let at = position(evidence, &last);
        evidence.records[at].what = What::Left { session: session() };
    });
    assert_eq!(left, []);
}

#[test]
fn a_reset_is_right_only_with_another_epoch() {
    let reset = |epoch_changed| {
        broken(|evidence| {
            let what = What::Reset { session: session(), epoch_changed };
            insert_after(evidence, &saw(2, 1, EntryKind::Message, 1), CUSTOMER, what);
        })
    };
    assert_eq!(reset(true), []);
    assert_eq!(reset(false), [Rule::NoReset]);
}

#[test]
fn a_note_shown_to_a_customer_is_found() {
    let rules = broken(|evidence| {
        let after = saw(2, 1, EntryKind::Message, 1);
        let at =
            evidence.records.iter().rposition(|record| format!("{:?}", record.what) == format!("{after:?}"));
        let what = saw(3, 2, EntryKind::Note, 1);
        evidence.records.insert(at.unwrap() + 1, Record { at: Duration::ZERO, actor: CUSTOMER, what });
        remove(evidence, AGENT, &saw(3, 2, EntryKind::Note, 1));
        let what = saw(3, 2, EntryKind::Note, 1);
        let at = position(evidence, &acked(2, 3)) + 1;
        evidence.records.insert(at, Record { at: Duration::ZERO, actor: AGENT, what });
    });
    assert_eq!(rules, [Rule::NotesHidden]);
}

#[test]
fn a_send_that_was_not_answered_in_time_is_found() {
    let rules = broken(|evidence| {
        evidence.records.push(Record {
            at: Duration::ZERO,
            actor: CUSTOMER,
            what: What::Unanswered { id: id(4) },
        });
    });
    assert_eq!(rules, [Rule::Answered]);
}

#[test]
fn refusals_for_good_are_breaches_and_others_are_not() {
    let refuse = |retryable| {
        broken(|evidence| {
            let what = What::Refused {
                id: Some(id(4)),
                code: "rate_limited".into(),
                message: "wait".into(),
                retryable,
            };
            evidence.records.push(Record { at: Duration::ZERO, actor: CUSTOMER, what });
        })
    };
    assert_eq!(refuse(true), []);
    assert_eq!(refuse(false), [Rule::NoRefusals]);
}

#[test]
fn a_run_in_which_nothing_happened_fails() {
    assert_eq!(check(&Evidence::default()).broken(), [Rule::SomethingHappened]);
}

#[test]
fn an_ack_in_a_session_whose_log_was_not_read_is_a_breach() {
    let rules = broken(|evidence| evidence.logs.clear());
    assert_eq!(rules, [Rule::AckedIsStored]);
}
