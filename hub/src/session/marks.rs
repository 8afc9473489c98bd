//! Read positions on their way to the store: told at once, stored soon, the furthest wins.

use std::sync::Arc;

use persistence::{ReadMark, ReadMarked, StoreError};
use protocol::{PartyKind, ReadPositions, Seq};
use tokio::time::Instant;

use super::{
    InFlight,
    actor::{ASK_AGAIN, Actor},
};
use crate::{Caller, HubError};

/// A session's read positions that are not stored yet.
pub(super) struct Marks {
    /// What the store has. More may be known, from another node that has not stored it yet, and perhaps never will.
    stored: ReadPositions,
    customer: Option<Seq>,
    team: Option<Seq>,
    in_flight: Option<InFlight<(ReadMark, Result<ReadMarked, StoreError>)>>,
    /// After a failure: not before this.
    retry_at: Option<Instant>,
}

impl Marks {
    pub(super) fn new(stored: ReadPositions) -> Self {
        Self { stored, customer: None, team: None, in_flight: None, retry_at: None }
    }

    /// The store has this.
    pub(super) fn stored(&mut self, read: ReadPositions) {
        for side in [PartyKind::Customer, PartyKind::Agent] {
            let stored = self.stored.of_mut(side);
            *stored = (*stored).max(read.of(side));
        }
    }

    fn want(&mut self, side: PartyKind, seq: Seq) {
        if self.stored.of(side) < seq {
            let wanted = match side {
                PartyKind::Customer => &mut self.customer,
                PartyKind::Agent => &mut self.team,
            };
            *wanted = (*wanted).max(Some(seq));
        }
    }

    pub(super) fn in_flight(&mut self) -> Option<&mut InFlight<(ReadMark, Result<ReadMarked, StoreError>)>> {
        self.in_flight.as_mut()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_none() && self.customer.is_none() && self.team.is_none()
    }

    /// The last try failed.
    pub(super) fn failed(&self) -> bool {
        self.retry_at.is_some()
    }

    /// When to try again, if that is to come.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at.filter(|_| self.in_flight.is_none() && !self.is_idle())
    }
}

impl Actor {
    pub(super) async fn read(&mut self, caller: &Caller, seq: Seq) -> Result<(), HubError> {
        self.admit(caller).await?;
        let (side, known) = (caller.side(), seq.min(self.session.last_seq));
        if known < seq && self.hub.link.is_some() {
            // Another node may have shown more than this one has heard of. The store knows where the log ends.
            self.ask_soon();
            self.marks.want(side, seq);
        } else {
            self.marks.want(side, known);
        }
        if self.session.read.of(side) < known {
            *Arc::make_mut(&mut self.session).read.of_mut(side) = known;
            self.followers.reads(&self.session, caller.party(), known);
        }
        Ok(())
    }

    /// One mark in flight; what is read meanwhile goes into the next.
    pub(super) fn start_mark(&mut self) {
        let waits = self.marks.retry_at.is_some_and(|at| at > Instant::now());
        if self.marks.in_flight.is_some() || waits {
            return;
        }
        let (reader, seq) = match (self.marks.customer.take(), self.marks.team.take()) {
            (Some(seq), team) => {
                self.marks.team = team;
                (PartyKind::Customer, seq)
            }
            (None, Some(seq)) => (PartyKind::Agent, seq),
            (None, None) => return,
        };
        let mark = ReadMark { session: self.session.id, reader, seq };
        let stored = self.hub.writer.mark_read(mark);
        self.marks.retry_at = None;
        self.marks.in_flight = Some(Box::pin(async move { (mark, stored.await) }));
    }

    pub(super) async fn marked(&mut self, mark: ReadMark, marked: Result<ReadMarked, StoreError>) {
        self.marks.in_flight = None;
        self.last_used = Instant::now();
        match marked {
            Ok(ReadMarked { version, read, unread }) => {
                self.marks.stored(read);
                let alone = self.hub.link.is_none();
                let before = self.session.read;
                let session = Arc::make_mut(&mut self.session);
                for side in [PartyKind::Customer, PartyKind::Agent] {
                    // What is read is shown no further than what is shown.
                    let position = session.read.of_mut(side);
                    *position = (*position).max(read.of(side).min(session.last_seq));
                }
                self.followers.read_elsewhere(&self.session, before);
                if version > self.session.version + 1 && !alone {
                    // More is behind that version than is known here. A failure is tried again by the clock.
                    let _ = self.catch_up().await;
                } else if version > self.session.version {
                    let session = Arc::make_mut(&mut self.session);
                    (session.version, session.unread) = (version, unread);
                }
                self.changed(Vec::new());
            }
            Err(error) if error.retryable() => {
                self.marks.want(mark.reader, mark.seq);
                self.marks.retry_at = Some(Instant::now() + ASK_AGAIN);
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, session.id = %mark.session,
                    "a read position was refused");
            }
        }
    }
}
