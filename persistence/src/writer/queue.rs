//! The task's end of the queue.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use protocol::SessionId;
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};

use super::{
    Times,
    batch::{Batch, Job},
};
use crate::StoreError;

/// What waits to be written.
#[derive(Debug)]
pub(super) struct Queue {
    jobs: mpsc::Receiver<Job>,
    stop: Arc<Notify>,
    /// Appends whose session was in the last batch already; they come first in the next.
    held_back: VecDeque<Job>,
    limit: usize,
    times: Times,
}

impl Queue {
    pub(super) fn new(jobs: mpsc::Receiver<Job>, stop: Arc<Notify>, limit: usize, times: Times) -> Self {
        Self { jobs, stop, held_back: VecDeque::new(), limit, times }
    }

    /// The next one, or `None` when the queue was shut and is empty. Loses nothing when it is dropped.
    pub(super) async fn next(&mut self) -> Option<Job> {
        if let Some(job) = self.held_back.pop_front() {
            return Some(job);
        }
        loop {
            tokio::select! {
                biased;
                () = self.stop.notified() => self.jobs.close(),
                job = self.jobs.recv() => return job,
            }
        }
    }

    /// All that waits, up to the limit, with at most one append of a session; `None` at the end.
    pub(super) async fn batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut sessions = HashSet::new();
        let now = Instant::now();
        for job in std::mem::take(&mut self.held_back) {
            self.place(job, now, &mut batch, &mut sessions);
        }
        while batch.len() == 0 {
            let job = self.next().await?;
            self.place(job, Instant::now(), &mut batch, &mut sessions);
        }
        let now = Instant::now();
        while batch.len() + self.held_back.len() < self.limit
            && let Ok(job) = self.jobs.try_recv()
        {
            self.place(job, now, &mut batch, &mut sessions);
        }
        Some(batch)
    }

    fn place(&mut self, job: Job, now: Instant, batch: &mut Batch, sessions: &mut HashSet<SessionId>) {
        if job.deadline().saturating_duration_since(now) < self.times.commit {
            return job.fail(StoreError::Unavailable(None));
        }
        match job {
            Job::Mark(job) => batch.marks.push(job),
            Job::Append(job) if sessions.insert(job.what.session) => batch.appends.push(job),
            job @ Job::Append(_) => self.held_back.push_back(job),
        }
    }
}
