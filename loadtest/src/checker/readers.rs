//! What each reader was shown: promises 5 and 6.

use std::collections::BTreeMap;

use protocol::{Audience, EntryKind, Seq, SessionId};

use crate::history::{ActorId, What};

use super::{Rule, Verdict, index::Index};

/// One actor's reading of one session, so far.
struct Reading {
    /// Everything visible up to here was shown; none: the server has not said yet where it begins.
    cursor: Option<Seq>,
    /// The connection that showed the last entry.
    link: Option<u64>,
    /// Still following.
    reading: bool,
}

pub(super) fn check(index: &Index<'_>, verdict: &mut Verdict) {
    let mut readings: BTreeMap<(ActorId, SessionId), Reading> = BTreeMap::new();
    for record in &index.evidence.records {
        let name = &index.actor(record.actor).name;
        match &record.what {
            What::Followed { session, after } => {
                let reading = Reading { cursor: *after, link: None, reading: true };
                readings.insert((record.actor, *session), reading);
            }
            What::Left { session } => {
                if let Some(reading) = readings.get_mut(&(record.actor, *session)) {
                    reading.reading = false;
                }
            }
            What::Reset { session, epoch_changed } => {
                verdict.judge(Rule::NoReset, *epoch_changed, || {
                    format!("{name}'s cursor in {session} was reset within one epoch")
                });
                if let Some(reading) = readings.get_mut(&(record.actor, *session)) {
                    reading.cursor = None;
                }
            }
            What::Saw { session, line, link } => {
                if let Some(reading) = readings.get_mut(&(record.actor, *session)) {
                    let audience = index.actor(record.actor).audience;
                    verdict.judge(
                        Rule::NotesHidden,
                        audience == Audience::Team || line.kind != EntryKind::Note,
                        || format!("{name}, a customer, was shown note {} of {session}", line.seq),
                    );
                    step(index, verdict, (record.actor, *session), reading, line.seq, *link);
                }
            }
            What::Started { .. }
            | What::Linked { .. }
            | What::Unlinked { .. }
            | What::Tried { .. }
            | What::Acked { .. }
            | What::Refused { .. }
            | What::Unanswered { .. } => {}
        }
    }
    for ((actor, session), reading) in &readings {
        // A cursor is a promise kept, too: every cursor that was not reset counts.
        verdict.judge(Rule::NoReset, true, String::new);
        let Some(last) = last_visible(index, *actor, *session).filter(|_| reading.reading) else { continue };
        verdict.judge(Rule::Complete, reading.cursor.is_some_and(|cursor| cursor >= last), || {
            let cursor = reading.cursor.unwrap_or(Seq::ZERO);
            format!("{} has {session} up to {cursor}, the log goes to {last}", index.actor(*actor).name)
        });
    }
}

/// One more entry for a reader: it must be the next visible one after the cursor.
fn step(
    index: &Index<'_>,
    verdict: &mut Verdict,
    (actor, session): (ActorId, SessionId),
    reading: &mut Reading,
    seq: Seq,
    link: u64,
) {
    let name = &index.actor(actor).name;
    let resumed = reading.link != Some(link);
    reading.link = Some(link);
    let Some(cursor) = reading.cursor else {
        reading.cursor = Some(seq);
        return;
    };
    verdict
        .judge(Rule::InOrder, seq > cursor, || format!("{name} was shown {seq} of {session} after {cursor}"));
    if seq <= cursor {
        return;
    }
    let rule = if resumed { Rule::ResumedWhole } else { Rule::NothingSkipped };
    let visible = index.visible(session, index.actor(actor).audience);
    let from = visible.partition_point(|&place| place <= cursor);
    let to = visible.partition_point(|&place| place < seq);
    let missed = &visible[from..to];
    verdict.judge(rule, missed.is_empty(), || {
        format!("{name} was shown {seq} of {session} right after {cursor}, without {missed:?}")
    });
    reading.cursor = Some(seq);
}

fn last_visible(index: &Index<'_>, actor: ActorId, session: SessionId) -> Option<Seq> {
    index.visible(session, index.actor(actor).audience).last().copied()
}
