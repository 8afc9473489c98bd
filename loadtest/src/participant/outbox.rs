//! Sends that were not answered yet, in the order in which they were handed over.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use protocol::{EntryId, rest::Sent};
use tokio::{sync::oneshot, time::Instant};

use crate::client::Failure;

use super::{Outgoing, stopped};

/// A send that is not answered for this long is sent again: twice what promise 8 allows.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

pub(super) type Answer = oneshot::Sender<Result<Sent, Failure>>;

/// Where a send is on its way.
#[derive(Debug, Clone, Copy)]
enum Way {
    Waiting { until: Instant },
    Sent { at: Instant },
}

#[derive(Debug)]
struct Pending {
    outgoing: Outgoing,
    answer: Answer,
    way: Way,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    pending: VecDeque<Pending>,
}

impl Outbox {
    pub(super) fn push(&mut self, outgoing: Outgoing, answer: Answer, now: Instant) {
        self.pending.push_back(Pending { outgoing, answer, way: Way::Waiting { until: now } });
    }

    /// The next send that is due; from now on it is under way. A send that has to wait holds back the
    /// later ones of its session, so that a row stays a row.
    pub(super) fn next(&mut self, now: Instant) -> Option<Outgoing> {
        let mut held_back = BTreeSet::new();
        for pending in &mut self.pending {
            let Way::Waiting { until } = pending.way else { continue };
            if held_back.insert(pending.outgoing.session) && until <= now {
                pending.way = Way::Sent { at: now };
                return Some(pending.outgoing.clone());
            }
        }
        None
    }

    /// When it wants attention again: a wait is over, or an answer overdue. Who is held back does not
    /// count, or its time, long past, would keep the caller spinning.
    pub(super) fn due(&self) -> Option<Instant> {
        let mut held_back = BTreeSet::new();
        let times = self.pending.iter().filter_map(|pending| match pending.way {
            Way::Waiting { until } => held_back.insert(pending.outgoing.session).then_some(until),
            Way::Sent { at } => Some(at + ANSWER),
        });
        times.min()
    }

    /// Those that were not answered in time; they are due again.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<EntryId> {
        let mut overdue = Vec::new();
        for pending in &mut self.pending {
            if let Way::Sent { at } = pending.way
                && at + ANSWER <= now
            {
                pending.way = Way::Waiting { until: now };
                overdue.push(pending.outgoing.id);
            }
        }
        overdue
    }

    /// The connection is gone: whatever was under way may or may not have arrived, and is due again.
    pub(super) fn disconnected(&mut self, now: Instant) {
        for pending in &mut self.pending {
            if let Way::Sent { .. } = pending.way {
                pending.way = Way::Waiting { until: now };
            }
        }
    }

    /// A send was answered: who wants to know. Of two with the same id, the one that is under way.
    pub(super) fn take(&mut self, id: EntryId) -> Option<Answer> {
        let of_id = |pending: &Pending| pending.outgoing.id == id;
        let under_way = |pending: &Pending| of_id(pending) && matches!(pending.way, Way::Sent { .. });
        let at = self.pending.iter().position(under_way).or_else(|| self.pending.iter().position(of_id))?;
        self.pending.remove(at).map(|pending| pending.answer)
    }

    /// A send may succeed later.
    pub(super) fn again(&mut self, id: EntryId, until: Instant) {
        let under_way = self
            .pending
            .iter_mut()
            .find(|pending| pending.outgoing.id == id && matches!(pending.way, Way::Sent { .. }));
        if let Some(pending) = under_way {
            pending.way = Way::Waiting { until };
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        for pending in self.pending.drain(..) {
            let _ = pending.answer.send(Err(stopped()));
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::SessionId;
    use uuid::Uuid;

    use super::*;

    fn outbox(sessions: &[u128]) -> (Outbox, Vec<EntryId>, Instant) {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let mut ids = Vec::new();
        for &session in sessions {
            let outgoing = Outgoing::message(SessionId::new(Uuid::from_u128(session)), "x");
            ids.push(outgoing.id);
            outbox.push(outgoing, oneshot::channel().0, now);
        }
        (outbox, ids, now)
    }

    fn next(outbox: &mut Outbox, now: Instant) -> Option<EntryId> {
        outbox.next(now).map(|outgoing| outgoing.id)
    }

    #[test]
    fn a_send_that_waits_holds_back_its_own_session_only() {
        let (mut outbox, ids, now) = outbox(&[1, 1, 2]);
        let later = now + Duration::from_secs(3);
        assert_eq!(next(&mut outbox, now), Some(ids[0]));
        outbox.again(ids[0], later);
        assert_eq!(next(&mut outbox, now), Some(ids[2]));
        assert_eq!(next(&mut outbox, now), None);
        assert_eq!(outbox.due(), Some(later), "not the time of the one that is held back");
        assert_eq!(next(&mut outbox, later), Some(ids[0]));
        assert_eq!(next(&mut outbox, later), Some(ids[1]));
    }

    #[test]
    fn what_was_under_way_goes_again_after_a_disconnect_or_too_long_a_silence() {
        let (mut outbox, ids, now) = outbox(&[1, 1]);
        assert_eq!(next(&mut outbox, now), Some(ids[0]));
        outbox.disconnected(now);
        assert_eq!(next(&mut outbox, now), Some(ids[0]), "in the old order");
        assert_eq!(outbox.overdue(now + ANSWER), [ids[0]]);
        assert_eq!(next(&mut outbox, now + ANSWER), Some(ids[0]));
        assert!(outbox.take(ids[0]).is_some());
        assert!(outbox.take(ids[0]).is_none());
    }
}
