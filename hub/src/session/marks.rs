//! Read positions on their way to the store: told at once, stored soon, the furthest wins.

use std::sync::Arc;

use persistence::{ReadMark, ReadMarked, StoreError};
use protocol::{PartyKind, Seq};
use tokio::time::Instant;

use super::{
    InFlight,
    actor::{ASK_AGAIN, Actor},
};
use crate::{Caller, HubError};

/// A session's read positions that are not stored yet.
#[derive(Default)]
pub(super) struct Marks {
    customer: Option<Seq>,
    team: Option<Seq>,
    in_flight: Option<InFlight<(ReadMark, Result<ReadMarked, StoreError>)>>,
    /// After a failure: not before this.
    retry_at: Option<Instant>,
}

impl Marks {
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
        if seq > self.session.last_seq && self.hub.link.is_some() {
            // Another node may have shown more than this one has heard of.
            self.catch_up().await?;
        }
        let seq = seq.min(self.session.last_seq);
        let session = Arc::make_mut(&mut self.session);
        let (position, wanted) = match caller.side() {
            PartyKind::Customer => (&mut session.read.customer, &mut self.marks.customer),
            PartyKind::Agent => (&mut session.read.team, &mut self.marks.team),
        };
        if *position < seq {
            *position = seq;
            *wanted = Some(seq);
            self.followers.reads(&self.session, caller.party(), seq);
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
        match marked {
            Ok(ReadMarked { version, read, unread }) => {
                let session = Arc::make_mut(&mut self.session);
                session.read.customer = session.read.customer.max(read.customer);
                session.read.team = session.read.team.max(read.team);
                if version == session.version + 1 {
                    session.version = version;
                    session.unread = unread;
                } else if version > session.version {
                    // More is behind that version than is known here. A failure is tried again by the clock.
                    let _ = self.catch_up().await;
                }
                self.changed(Vec::new());
            }
            Err(error) if error.retryable() => {
                let wanted = match mark.reader {
                    PartyKind::Customer => &mut self.marks.customer,
                    PartyKind::Agent => &mut self.marks.team,
                };
                *wanted = (*wanted).max(Some(mark.seq));
                self.marks.retry_at = Some(Instant::now() + ASK_AGAIN);
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, session.id = %mark.session,
                    "a read position was refused");
            }
        }
    }
}
