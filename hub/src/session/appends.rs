//! From commands to durable entries: one append of a session is in flight at a time, and what arrives meanwhile goes
//! together into the next one.
//!
//! Nobody is answered before the outcome is known, not even with a refusal: a refusal that rests on an entry which
//! then was not stored would be untrue.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use persistence::{Append, Appended, Position, Session, StoreError, StoredId};
use protocol::{Entry, Seq};
use tokio::time::Instant;

use super::{
    Done, InFlight, Outcome,
    actor::{ASK_AGAIN, Actor},
    ahead::Row,
    continuation::Continued,
    grounds::Grounds,
    refusal::Refusal,
    state::{self, Action, Decision},
};
use crate::{Caller, HubError};

/// Commands that go into one append.
const TOGETHER: usize = 64;
/// Commands that wait for the append in flight; beyond it, the session is overloaded.
const WAITING: usize = 256;
/// How long after a failure a statement may still take effect: longer than the database lets one run.
const UNCERTAIN: Duration = Duration::from_secs(6);
/// After so many lost races a command is decided while the other nodes wait. Each takes as long as the store does to
/// say what was missed, which is nearly a second when a flood comes over all chats at once.
const RACES: u32 = 2;
/// A command that waited for this long is told to try again.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) struct Pending {
    pub(super) caller: Caller,
    pub(super) action: Action,
    pub(super) outcome: Outcome,
    pub(super) since: Instant,
    /// Races lost to other nodes.
    pub(super) lost: u32,
    /// What it rests on, if it was read.
    pub(super) grounds: Option<Grounds>,
}

/// What becomes of a command if the append it is in is committed.
pub(super) enum Fate {
    Stored(StoredId),
    Twin(StoredId),
    Unchanged,
    Refused(HubError),
}

/// What was in flight, and its outcome.
pub(super) enum Landed {
    Append {
        placed: Vec<(Pending, Fate)>,
        entries: Vec<Arc<Entry>>,
        after: Box<Session>,
        outcome: Result<Appended, StoreError>,
    },
    Turn {
        pending: Pending,
        /// What followed from the session as it is, if anything.
        entries: Vec<Arc<Entry>>,
        outcome: Result<Appended, StoreError>,
    },
    Continue {
        pending: Pending,
        event: Arc<Entry>,
        outcome: Result<Continued, StoreError>,
    },
    Recall {
        pending: Pending,
        refusal: HubError,
        /// As of which entry.
        seen: Seq,
        outcome: Result<Option<StoredId>, StoreError>,
    },
    LookUp {
        pending: Pending,
        outcome: Result<Box<Grounds>, StoreError>,
    },
    Look {
        placed: Vec<(Pending, Fate)>,
        seen: Seq,
        outcome: Result<Vec<Position>, StoreError>,
    },
}

/// The appends of one session: those that wait, and the one in flight.
#[derive(Default)]
pub(super) struct Appends {
    waiting: VecDeque<Pending>,
    pub(super) flight: Option<InFlight<Landed>>,
    /// After a refusal: so many commands go alone, so that the bad one fails alone.
    alone: usize,
}

impl Appends {
    pub(super) fn enqueue(&mut self, caller: Caller, action: Action, outcome: Outcome, since: Instant) {
        if self.waiting.len() >= WAITING {
            outcome.tell(Err(HubError::Overloaded));
        } else {
            self.waiting.push_back(Pending { caller, action, outcome, since, lost: 0, grounds: None });
        }
    }

    pub(super) fn in_flight(&mut self) -> Option<&mut InFlight<Landed>> {
        self.flight.as_mut()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.flight.is_none()
    }

    /// Puts commands back to be decided again, in their order; those that waited too long are told to try again.
    pub(super) fn again(&mut self, pending: impl DoubleEndedIterator<Item = Pending>) {
        for pending in pending.rev() {
            if pending.since.elapsed() > PATIENCE {
                pending.outcome.tell(Err(HubError::Unavailable));
            } else {
                self.waiting.push_front(pending);
            }
        }
    }
}

impl Actor {
    /// Decides what waits and sends it to the store, unless something is under way.
    pub(super) fn start_append(&mut self) {
        if self.appends.flight.is_some() || self.appends.waiting.is_empty() {
            return;
        }
        let mut after = Box::new(Session::clone(&self.session));
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let mut placed = Vec::new();
        let now = self.hub.clock.now();
        let automation = self.hub.automation.automation();
        let together = if self.appends.alone > 0 { 1 } else { TOGETHER };
        while placed.len() < together {
            let Some(mut pending) = self.appends.waiting.pop_front() else { break };
            if pending.outcome.is_closed() && pending.action.id().is_none() {
                // Whoever asked was told to try again: done now, it would come as a surprise.
                continue;
            }
            if pending.lost >= RACES {
                if placed.is_empty() {
                    return self.start_turn(pending);
                }
                self.appends.waiting.push_front(pending);
                break;
            }
            if !self.lay_grounds(&mut pending, &entries) {
                if placed.is_empty() {
                    return self.start_look_up(pending);
                }
                self.appends.waiting.push_front(pending);
                break;
            }
            let twin = pending.action.id().and_then(|id| entries.iter().find(|entry| entry.id == id));
            let fate = if let Some(first) = twin {
                Fate::Twin(stored_id(first))
            } else {
                match state::decide(&after, &pending.caller, &pending.action, now) {
                    // It may be the retry of a send from before the rule stood against it.
                    Err(
                        refusal @ (HubError::WrongStatus { .. }
                        | HubError::AnsweredMeanwhile { .. }
                        | HubError::Attachments(_)),
                    ) if pending.action.id().is_some() => {
                        if placed.is_empty() {
                            return self.start_recall(pending, refusal);
                        }
                        self.appends.waiting.push_front(pending);
                        break;
                    }
                    Err(refusal) => Fate::Refused(refusal),
                    Ok(Decision::Nothing) => Fate::Unchanged,
                    Ok(Decision::Append(drafts)) => {
                        let first = entries.len();
                        let sender = pending.caller.sender();
                        state::extend(&mut after, &mut entries, drafts, &sender, now, || {
                            self.hub.clock.mint()
                        });
                        let (id, new) = (pending.action.id(), &entries[first..]);
                        let own = new.iter().rev().find(|entry| id.is_none_or(|id| entry.id == id));
                        let fate = own.map_or(Fate::Unchanged, |entry| Fate::Stored(stored_id(entry)));
                        automation.follow(&mut after, &mut entries, first, now, || self.hub.clock.mint());
                        fate
                    }
                    Ok(Decision::Elsewhere) if !placed.is_empty() => {
                        self.appends.waiting.push_front(pending);
                        break;
                    }
                    Ok(Decision::Elsewhere) => return self.start_elsewhere(pending),
                }
            };
            placed.push((pending, fate));
        }
        self.appends.alone = self.appends.alone.saturating_sub(1);
        if entries.is_empty() {
            return self.settle(placed, self.session.last_seq);
        }
        let append = Append {
            session: self.session.id,
            expected: self.session.last_seq,
            change: state::change(&after, &entries),
            entries: entries.clone(),
            exact: placed
                .iter()
                .any(|(pending, _)| matches!(pending.action, Action::Reply(_) | Action::Attached(_))),
        };
        let stored = self.hub.writer.append(append);
        self.appends.flight = Some(Box::pin(async move {
            let outcome = stored.await;
            Landed::Append { placed, entries, after, outcome }
        }));
    }

    /// Takes the outcome of what was in flight. A refusal ends the session.
    pub(super) async fn landed(&mut self, landed: Landed) -> Option<Refusal> {
        // Else the actor could end now, and the next one begin with a row that was read just before (`actor::load`).
        self.last_used = Instant::now();
        self.appends.flight = None;
        match landed {
            Landed::Append { placed, entries, after, outcome: Ok(outcome) } => {
                return self.append_landed(placed, entries, *after, outcome).await;
            }
            Landed::Append { placed, outcome: Err(error), .. } => {
                if !error.retryable() && placed.len() > 1 {
                    self.appends.alone = placed.len();
                    self.appends.again(placed.into_iter().map(|(pending, _)| pending));
                } else {
                    self.failed(placed.into_iter().map(|(pending, _)| pending), error);
                }
            }
            Landed::Turn { pending, entries, outcome: Ok(outcome) } => {
                return self.turn_landed(pending, &entries, outcome).await;
            }
            Landed::Continue { pending, event, outcome: Ok(outcome) } => {
                self.continue_landed(pending, &event, outcome).await;
            }
            Landed::Recall { pending, outcome: Ok(Some(stored)), .. } => {
                self.answer_duplicate(pending, stored);
            }
            Landed::Recall { pending, refusal, seen, outcome: Ok(None) } => {
                self.settle(vec![(pending, Fate::Refused(refusal))], seen);
            }
            Landed::LookUp { pending, outcome: Ok(grounds) } => self.looked_up(pending, *grounds),
            Landed::Look { placed, seen, outcome: Ok(position) } => {
                if seen == self.session.last_seq && position.iter().all(|stored| stored.last_seq == seen) {
                    self.answer_all(placed);
                } else {
                    self.decide_again(placed.into_iter().map(|(pending, _)| pending)).await;
                }
            }
            Landed::Look { placed, outcome: Err(error), .. } => {
                self.failed(placed.into_iter().map(|(pending, _)| pending), error);
            }
            Landed::Turn { pending, outcome: Err(error), .. }
            | Landed::Continue { pending, outcome: Err(error), .. }
            | Landed::LookUp { pending, outcome: Err(error) }
            | Landed::Recall { pending, outcome: Err(error), .. } => {
                self.failed(std::iter::once(pending), error);
            }
        }
        None
    }

    async fn append_landed(
        &mut self,
        placed: Vec<(Pending, Fate)>,
        entries: Vec<Arc<Entry>>,
        after: Session,
        outcome: Appended,
    ) -> Option<Refusal> {
        match outcome {
            Appended::Committed { version, unread } => {
                self.hub.metrics.committed.increment(entries.len() as u64);
                // A reader who found the entries in the store first may have made us catch up with them already.
                if entries.first().is_some_and(|entry| entry.seq == self.session.last_seq.next()) {
                    let before = std::mem::replace(&mut self.session, Arc::new(after));
                    self.adopt_readings(&before);
                    for entry in &entries {
                        self.deliver(entry);
                    }
                }
                // Alone, a node knows at once what was read; where there are others, more may be behind the version.
                let missed = self.hub.link.is_some() && version > self.session.version + 1;
                let session = Arc::make_mut(&mut self.session);
                if session.version < version && !missed {
                    (session.version, session.unread) = (version, unread);
                }
                self.changed(entries);
                self.answer_all(placed);
                if missed {
                    // A failure is tried again by the clock.
                    let _ = self.catch_up().await;
                    self.changed(Vec::new());
                }
            }
            Appended::Behind { seq, created_at, version, unread } => {
                self.hub.metrics.committed.increment(1);
                // It is a single entry, and some of these are its sends; the others were decided too early.
                let (mut answers, mut again) = (Vec::new(), Vec::new());
                let entries: Vec<_> = entries
                    .iter()
                    .map(|entry| Arc::new(Entry { seq, created_at, ..Entry::clone(entry) }))
                    .collect();
                for (pending, fate) in placed {
                    match (fate, entries.last()) {
                        (Fate::Stored(_), Some(entry)) => {
                            answers.push((pending, Fate::Stored(stored_id(entry))));
                        }
                        (Fate::Twin(_), Some(entry)) => answers.push((pending, Fate::Twin(stored_id(entry)))),
                        _ => again.push(pending),
                    }
                }
                self.committed_behind(&entries, Row { version, unread, answers });
                self.appends.again(again.into_iter());
            }
            Appended::Overtaken => {
                self.hub.metrics.committed.increment(entries.len() as u64);
                // A failure is tried again by the clock; the sender is answered in any case.
                let caught_up = self.catch_up().await;
                self.answer_all(placed);
                if caught_up.is_ok() {
                    self.changed(Vec::new());
                }
            }
            Appended::MovedOn => {
                self.hub.metrics.moved_on.increment(1);
                // A message that is alone cannot lose again.
                self.appends.alone = placed.len();
                let again =
                    placed.into_iter().map(|(pending, _)| Pending { lost: pending.lost + 1, ..pending });
                self.decide_again(again).await;
            }
            Appended::Duplicates(known) => {
                let mut again = Vec::new();
                for (pending, _) in placed {
                    let id = pending.action.id();
                    match known.iter().find(|stored| Some(stored.id) == id) {
                        Some(stored) => self.answer_duplicate(pending, *stored),
                        None => again.push(pending),
                    }
                }
                self.appends.again(again.into_iter());
            }
            Appended::Missing => {
                for (pending, _) in placed {
                    pending.outcome.tell(Err(HubError::NotFound));
                }
                return Some(Refusal::Missing);
            }
        }
        None
    }

    /// The log moved on: reads what was missed, and puts the commands back.
    pub(super) async fn decide_again(&mut self, pending: impl DoubleEndedIterator<Item = Pending>) {
        match self.catch_up().await {
            Ok(()) => self.appends.again(pending),
            Err(_) => self.failed(pending, StoreError::Unavailable(None)),
        }
    }

    fn failed(&mut self, pending: impl Iterator<Item = Pending>, error: StoreError) {
        if error.retryable() {
            // What was not acked may still be stored; its followers must hear of it, and nobody else will tell them.
            let now = Instant::now();
            self.uncertain_until = Some(now + UNCERTAIN);
            self.ask_at = Some(now + ASK_AGAIN);
        }
        let error = HubError::from(error);
        for pending in pending {
            let error = match error {
                HubError::Overloaded => HubError::Overloaded,
                HubError::Unavailable => HubError::Unavailable,
                _ => HubError::Internal,
            };
            pending.outcome.tell(Err(error));
        }
    }

    pub(super) fn answer_all(&self, placed: Vec<(Pending, Fate)>) {
        for (pending, fate) in placed {
            self.answer(pending, fate);
        }
    }

    fn answer(&self, pending: Pending, fate: Fate) {
        let changed = || Done::Changed(self.session.clone());
        let sent = |stored, duplicate| Done::Sent { session: self.session.id, stored, duplicate };
        let answer = match fate {
            Fate::Refused(error) => Err(error),
            Fate::Unchanged => Ok(changed()),
            Fate::Twin(stored) => Ok(sent(stored, true)),
            Fate::Stored(stored) => {
                Ok(if pending.action.id().is_some() { sent(stored, false) } else { changed() })
            }
        };
        pending.outcome.tell(answer);
    }

    pub(super) fn answer_duplicate(&self, pending: Pending, stored: StoredId) {
        if pending.caller.may_see(&self.session) {
            self.answer(pending, Fate::Twin(stored));
        } else {
            self.answer(pending, Fate::Refused(HubError::NotFound));
        }
    }
}

pub(super) fn stored_id(entry: &Entry) -> StoredId {
    StoredId { id: entry.id, seq: entry.seq, created_at: entry.created_at }
}
