//! What waits to be written, and what is written together.

use std::collections::HashMap;

use protocol::{PartyKind, Seq, SessionId};
use tokio::{sync::oneshot, time::Instant};

use crate::{Append, Appended, ReadMark, ReadMarked, StoreError};

/// Something to write, and who waits for the outcome.
#[derive(Debug)]
pub(super) struct Waiting<T, R> {
    pub(super) what: T,
    pub(super) reply: oneshot::Sender<Result<R, StoreError>>,
    pub(super) deadline: Instant,
}

impl<T, R> Waiting<T, R> {
    fn answer(self, outcome: Result<R, StoreError>) {
        // Whoever asked may have gone: the write stands all the same.
        drop(self.reply.send(outcome));
    }
}

#[derive(Debug)]
pub(super) enum Job {
    Append(Waiting<Append, Appended>),
    Mark(Waiting<ReadMark, ReadMarked>),
}

impl Job {
    pub(super) fn fail(self, error: StoreError) {
        match self {
            Self::Append(job) => job.answer(Err(error)),
            Self::Mark(job) => job.answer(Err(error)),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        match self {
            Self::Append(job) => job.deadline,
            Self::Mark(job) => job.deadline,
        }
    }
}

/// How far both sides of a session have read, of all marks of a batch; zero: nothing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Furthest {
    pub(super) session: SessionId,
    pub(super) customer: Seq,
    pub(super) team: Seq,
}

/// What is written together: at most one append of a session.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) appends: Vec<Waiting<Append, Appended>>,
    pub(super) marks: Vec<Waiting<ReadMark, ReadMarked>>,
    /// It was tried before, and the outcome is not known.
    pub(super) unresolved: bool,
    /// It was tried before, and lost a race for locks.
    pub(super) raced: bool,
    /// Postgres is asked for every outcome, not only for that of appends that apply.
    pub(super) all_outcomes: bool,
}

/// The outcomes of a batch, in its order, `None` where it was not asked for; of its marks by session, none where there
/// is no such session.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) appended: Vec<Option<Appended>>,
    pub(super) marked: HashMap<SessionId, ReadMarked>,
}

impl Batch {
    pub(super) fn len(&self) -> usize {
        self.appends.len() + self.marks.len()
    }

    /// When the first of them must have its answer.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let appends = self.appends.iter().map(|job| job.deadline);
        appends.chain(self.marks.iter().map(|job| job.deadline)).min()
    }

    pub(super) fn furthest(&self) -> Vec<Furthest> {
        let mut sessions: HashMap<SessionId, Furthest> = HashMap::new();
        for ReadMark { session, reader, seq } in self.marks.iter().map(|job| job.what) {
            let marks =
                sessions.entry(session).or_insert(Furthest { session, customer: Seq::ZERO, team: Seq::ZERO });
            let side = match reader {
                PartyKind::Customer => &mut marks.customer,
                PartyKind::Agent => &mut marks.team,
            };
            *side = seq.max(*side);
        }
        sessions.into_values().collect()
    }

    /// Two that can be tried apart, so that in the end one bad row fails alone.
    pub(super) fn halves(mut self) -> [Self; 2] {
        let rest = match self.appends.len() {
            0 | 1 => Self { marks: std::mem::take(&mut self.marks), ..Self::default() },
            more => Self { appends: self.appends.split_off(more / 2), ..Self::default() },
        };
        let Self { unresolved, raced, all_outcomes, .. } = self;
        [Self { unresolved, raced, all_outcomes, ..rest }, self]
    }

    /// The marks, the appends that reach further, those of several entries or that must stand where they expect, and
    /// those of one.
    pub(super) fn apart(self) -> [Self; 4] {
        let (further, others): (Vec<_>, Vec<_>) =
            self.appends.into_iter().partition(|job| job.what.reaches_further());
        let (single, several) =
            others.into_iter().partition(|job| job.what.entries.len() == 1 && !job.what.exact);
        let appends = |appends, all_outcomes| Self { appends, all_outcomes, ..Self::default() };
        let marks = Self { marks: self.marks, ..Self::default() };
        [marks, appends(further, true), appends(several, true), appends(single, false)]
    }

    /// Answers what has an outcome. The rest is a batch of its own: whatever becomes of it, this much is known.
    #[must_use]
    pub(super) fn answer(self, done: Done) -> Option<Self> {
        debug_assert_eq!(self.appends.len(), done.appended.len());
        let mut rest = Vec::new();
        for (job, outcome) in self.appends.into_iter().zip(done.appended) {
            match outcome {
                Some(outcome) => job.answer(Ok(outcome)),
                None => rest.push(job),
            }
        }
        for job in self.marks {
            let marked = done.marked.get(&job.what.session).copied();
            job.answer(marked.ok_or(StoreError::Refused(sqlx::Error::RowNotFound)));
        }
        let rest = Self { appends: rest, unresolved: self.unresolved, all_outcomes: true, ..Self::default() };
        (!rest.appends.is_empty()).then_some(rest)
    }

    /// The error goes to the first; it cannot be copied.
    pub(super) fn fail(self, error: StoreError) {
        let mut error = Some(error);
        let jobs = self.appends.into_iter().map(Job::Append).chain(self.marks.into_iter().map(Job::Mark));
        for job in jobs {
            job.fail(error.take().unwrap_or(StoreError::Unavailable(None)));
        }
    }
}
