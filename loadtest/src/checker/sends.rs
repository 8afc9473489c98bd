//! What became of the sends: promises 1, 3 and 4, and what was refused.

use protocol::EntryKind;

use crate::history::What;

use super::{
    Rule, Verdict,
    index::{Index, Send},
};

pub(super) fn check(index: &Index<'_>, verdict: &mut Verdict) {
    acked_is_stored(index, verdict);
    one_place(index, verdict);
    duplicate_flags(index, verdict);
    phantoms(index, verdict);
    answered(index, verdict);
    refusals(index, verdict);
    stakes(index, verdict);
}

fn acked_is_stored(index: &Index<'_>, verdict: &mut Verdict) {
    for (id, send) in &index.sends {
        let Some(ack) = send.acks.first() else { continue };
        if !index.logs.contains_key(&ack.session) {
            verdict.judge(Rule::AckedIsStored, false, || {
                format!("{id} was acked in {}, whose log was not read", ack.session)
            });
            continue;
        }
        let places = index.places.get(id).map_or(&[][..], Vec::as_slice);
        let stored: Vec<_> =
            (places.iter()).filter(|(session, _)| *session == ack.session).map(|(_, line)| *line).collect();
        let [line] = stored.as_slice() else {
            verdict.judge(Rule::AckedIsStored, false, || {
                format!(
                    "{id} was acked as {} of {} and is there {} times",
                    ack.seq,
                    ack.session,
                    stored.len()
                )
            });
            continue;
        };
        verdict.judge(Rule::AckedIsStored, line.seq == ack.seq, || {
            format!("{id} was acked as {} of {} and stands at {}", ack.seq, ack.session, line.seq)
        });
        // Only a try that began before the first ack can have been the one that was stored.
        let before: Vec<_> = send.tries.iter().filter(|tried| tried.at < ack.at).collect();
        let as_sent = before.iter().any(|tried| tried.body == line.body && tried.kind == line.kind);
        verdict.judge(Rule::AckedIsStored, as_sent, || {
            let sent: Vec<_> = before.iter().map(|tried| (tried.kind, tried.body)).collect();
            format!(
                "{id} at {} of {} holds {:?} {:?}, sent was {sent:?}",
                line.seq, ack.session, line.kind, line.body
            )
        });
    }
}

fn one_place(index: &Index<'_>, verdict: &mut Verdict) {
    for (id, send) in &index.sends {
        let places = index.places.get(id).map_or(&[][..], Vec::as_slice);
        verdict.judge(Rule::OneSeqPerId, places.len() <= 1, || {
            let places: Vec<_> =
                places.iter().map(|(session, line)| format!("{} of {session}", line.seq)).collect();
            format!("{id} stands {} times: {}", places.len(), places.join(", "))
        });
        let Some(first) = send.acks.first() else { continue };
        for ack in &send.acks[1..] {
            let same = (ack.session, ack.seq) == (first.session, first.seq);
            verdict.judge(Rule::OneSeqPerId, same, || {
                format!(
                    "{id} was acked as {} of {}, later as {} of {}",
                    first.seq, first.session, ack.seq, ack.session
                )
            });
        }
    }
}

/// Acks may overtake each other on different connections, so only this much is certain: a send that was
/// tried once is no duplicate, and of several acks one at most can be the first.
fn duplicate_flags(index: &Index<'_>, verdict: &mut Verdict) {
    for (id, send) in &index.sends {
        let originals = send.acks.iter().filter(|ack| !ack.duplicate).count();
        if !send.acks.is_empty() {
            verdict.judge(Rule::DuplicateFlag, originals <= 1, || {
                format!("{id} was acked {originals} times as if for the first time")
            });
        }
        if let ([_], [ack]) = (send.tries.as_slice(), send.acks.as_slice()) {
            verdict.judge(Rule::DuplicateFlag, !ack.duplicate, || {
                format!("{id} was tried once and acked as a duplicate")
            });
        }
    }
}

fn phantoms(index: &Index<'_>, verdict: &mut Verdict) {
    for log in &index.evidence.logs {
        let mut first_message_seen = false;
        for line in log.team.iter().filter(|line| line.kind != EntryKind::Event) {
            let tried = |send: &Send<'_>| {
                send.tries.iter().any(|tried| tried.body == line.body && tried.kind == line.kind)
            };
            let by_start = !first_message_seen && index.starts.contains(&(log.session, line.body.as_str()));
            let sent = index.sends.get(&line.id).is_some_and(tried);
            first_message_seen |= by_start && !sent;
            verdict.judge(Rule::NoPhantoms, sent || by_start, || {
                format!(
                    "{} of {} holds {:?} under {}, which nobody sent",
                    line.seq, log.session, line.body, line.id
                )
            });
        }
    }
}

/// Who waits is patient for twice as long as promise 8 allows, so whatever went unanswered is a breach.
fn answered(index: &Index<'_>, verdict: &mut Verdict) {
    for (id, send) in &index.sends {
        verdict.judge(Rule::Answered, !send.unanswered, || {
            format!("{id} was not answered while its connection stood")
        });
    }
}

fn refusals(index: &Index<'_>, verdict: &mut Verdict) {
    for record in &index.evidence.records {
        if let What::Refused { id, code, message, retryable } = &record.what {
            verdict.judge(Rule::NoRefusals, *retryable, || {
                let what = id.map_or_else(|| "something".into(), |id| id.to_string());
                format!("{} was refused {what}: {code}, {message}", index.actor(record.actor).name)
            });
        }
    }
}

fn stakes(index: &Index<'_>, verdict: &mut Verdict) {
    let acked = index.sends.values().filter(|send| !send.acks.is_empty()).count();
    let seen = index.evidence.records.iter().filter(|record| matches!(record.what, What::Saw { .. })).count();
    for (count, what) in [(index.sends.len(), "sent"), (acked, "acked"), (seen, "delivered")] {
        verdict.judge(Rule::SomethingHappened, count > 0, || format!("nothing was {what}"));
    }
}
