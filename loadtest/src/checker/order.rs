//! Promise 2: one order for everybody, and one that agrees with the clock on the wall.

use std::collections::{BTreeMap, HashMap};

use protocol::{Audience, Seq, SessionId};

use crate::history::{ActorId, What};

use super::{
    Rule, Verdict,
    index::{Ack, Index, Send, Try, seen_by},
};

pub(super) fn check(index: &Index<'_>, verdict: &mut Verdict) {
    gapless(index, verdict);
    same_for_all(index, verdict);
    real_time(index, verdict);
    sender_order(index, verdict);
}

fn gapless(index: &Index<'_>, verdict: &mut Verdict) {
    for log in &index.evidence.logs {
        let mut expected = Seq::ZERO.next();
        for line in &log.team {
            verdict.judge(Rule::Gapless, line.seq == expected, || {
                format!("{} of {} stands where {expected} should", line.seq, log.session)
            });
            expected = line.seq.next();
        }
    }
}

fn same_for_all(index: &Index<'_>, verdict: &mut Verdict) {
    let logs: BTreeMap<SessionId, HashMap<Seq, _>> = (index.evidence.logs.iter())
        .map(|log| (log.session, log.team.iter().map(|line| (line.seq, line)).collect()))
        .collect();
    for record in &index.evidence.records {
        let What::Saw { session, line, .. } = &record.what else { continue };
        let Some(log) = logs.get(session) else { continue };
        let reader = &index.actor(record.actor).name;
        match log.get(&line.seq) {
            Some(stored) => verdict.judge(Rule::SameForAll, *stored == line, || {
                format!("{reader} saw {line:?} of {session}, the log has {stored:?}")
            }),
            None => verdict.judge(Rule::SeenIsStored, false, || {
                format!("{reader} saw {line:?} of {session}, which is not in the log")
            }),
        }
        if log.contains_key(&line.seq) {
            verdict.judge(Rule::SeenIsStored, true, String::new);
        }
    }
    for log in &index.evidence.logs {
        let Some(customer) = &log.customer else { continue };
        let visible: Vec<_> = seen_by(log, Audience::Customer).collect();
        let same = customer.iter().eq(visible.iter().copied());
        verdict.judge(Rule::SameForAll, same, || {
            let differs = customer.iter().zip(&visible).find(|(theirs, ours)| theirs != *ours);
            format!(
                "the customer of {} reads {} entries of {} visible ones; first difference {differs:?}",
                log.session,
                customer.len(),
                visible.len(),
            )
        });
    }
}

/// What happened to the order of one session, in the order of the history.
enum Step<'a> {
    Begun(&'a Ack),
    Acked(&'a Ack),
}

/// If A was acked before B was first tried, A stands before B: so B must stand after the highest place
/// that was acked until then.
fn real_time(index: &Index<'_>, verdict: &mut Verdict) {
    let mut steps: BTreeMap<SessionId, Vec<(usize, Step<'_>)>> = BTreeMap::new();
    for send in index.sends.values() {
        let (Some(first), Some(ack)) = (send.tries.first(), send.acks.first()) else { continue };
        let steps = steps.entry(ack.session).or_default();
        steps.push((first.at, Step::Begun(ack)));
        steps.push((ack.at, Step::Acked(ack)));
    }
    for (session, mut steps) in steps {
        steps.sort_by_key(|(at, _)| *at);
        let mut highest = Seq::ZERO;
        for (_, step) in steps {
            match step {
                Step::Acked(ack) => highest = highest.max(ack.seq),
                Step::Begun(ack) => verdict.judge(Rule::RealTime, ack.seq > highest, || {
                    format!("{} of {session} was sent after {highest} had been acked", ack.seq)
                }),
            }
        }
    }
}

/// Only sends that needed one try each: a retry may rightly be overtaken by what was sent after it.
fn sender_order(index: &Index<'_>, verdict: &mut Verdict) {
    let mut rows: BTreeMap<(ActorId, u64, SessionId), Vec<(usize, Seq)>> = BTreeMap::new();
    for send in index.sends.values() {
        if let Send { tries, acks, refused: false, unanswered: false } = send
            && let ([Try { at, actor, session, link, .. }], Some(ack)) = (tries.as_slice(), acks.first())
            && ack.session == *session
        {
            rows.entry((*actor, *link, *session)).or_default().push((*at, ack.seq));
        }
    }
    for ((actor, _, session), mut row) in rows {
        row.sort_unstable();
        for pair in row.windows(2) {
            verdict.judge(Rule::SenderOrder, pair[0].1 < pair[1].1, || {
                let name = &index.actor(actor).name;
                format!("{name} sent {} of {session} before {}", pair[0].1, pair[1].1)
            });
        }
    }
}
