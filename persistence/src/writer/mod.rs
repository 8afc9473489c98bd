//! The log writer: all appends of a node, committed in batches.
//!
//! A handle ([`LogWriter`]) and one task. The task takes all that waits, commits it as one batch, answers, and takes
//! what has gathered meanwhile; so an idle node has the latency of one commit and a busy one large batches. Every
//! append is answered in time (promise 8): with its outcome, or with `Unavailable`, which says that it is not known.
//! While the store is away, appends are answered `Unavailable` at once, and the task keeps trying to come back.

mod batch;
mod columns;
pub(crate) mod further;
mod postgres;
mod queue;
mod script;
mod sqlite;
mod statements;
mod task;

use std::{future::Future, sync::Arc, time::Duration};

use protocol::ReadPositions;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
    time::Instant,
};

use crate::{
    Append, Appended, ReadMark, ReadMarked, Store, StoreError, Unread,
    rows::{count, seq, unsigned},
};
use batch::{Job, Waiting};
use queue::Queue;

/// How the writer queues and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct WriterConfig {
    /// Appends and read marks that may wait; more are answered `Overloaded`.
    pub queue: usize,
    /// Most appends and read marks of one batch.
    pub batch: usize,
    /// An append is answered within this time, and a little for the answer's own way. Less than the five seconds of
    /// promise 8; long enough for SQLite's two seconds of waiting for another process.
    pub answer_within: Duration,
}

impl Default for WriterConfig {
    fn default() -> Self {
        Self { queue: 4_096, batch: 500, answer_within: Duration::from_secs(4) }
    }
}

/// The handle of the log writer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LogWriter {
    queue: mpsc::Sender<Job>,
    stop: Arc<Notify>,
    answer_within: Duration,
}

impl LogWriter {
    /// Starts the writer's task. Whoever holds the task's handle sees a panic of it; it ends after
    /// [`LogWriter::shutdown`], or when all handles of the writer are gone.
    pub fn start(store: Store, config: WriterConfig) -> (Self, JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(config.queue);
        let stop = Arc::new(Notify::new());
        let times = Times::of(config.answer_within);
        let jobs = Queue::new(jobs, stop.clone(), config.batch, times);
        let task = tokio::spawn(task::run(store, jobs, times));
        (Self { queue, stop, answer_within: config.answer_within }, task)
    }

    /// Appends to a log. It is queued when this returns; the future only waits for the outcome, and dropping it
    /// changes nothing.
    ///
    /// # Errors
    /// `Overloaded`: the queue is full, nothing will be written. `Unavailable`: whether it was written is not
    /// known; the same append may be sent again. `Refused`: this append alone cannot be stored.
    pub fn append(
        &self,
        append: Append,
    ) -> impl Future<Output = Result<Appended, StoreError>> + Send + use<> {
        let queued = append.check().and_then(|()| self.enqueue(append, Job::Append));
        async move { queued?.await.unwrap_or(Err(StoreError::Unavailable(None))) }
    }

    /// Stores how far one side has read; nothing changes if it had read further. Queued like an append.
    ///
    /// # Errors
    /// As of [`LogWriter::append`]; `Refused` also if there is no such session.
    pub fn mark_read(
        &self,
        mark: ReadMark,
    ) -> impl Future<Output = Result<ReadMarked, StoreError>> + Send + use<> {
        let queued = self.enqueue(mark, Job::Mark);
        async move { queued?.await.unwrap_or(Err(StoreError::Unavailable(None))) }
    }

    /// Takes no more, and ends the task when all that was queued is answered. Wait for the task to know that it is.
    pub fn shutdown(&self) {
        self.stop.notify_one();
    }

    fn enqueue<T, R>(
        &self,
        what: T,
        job: fn(Waiting<T, R>) -> Job,
    ) -> Result<oneshot::Receiver<Result<R, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + self.answer_within;
        self.queue.try_send(job(Waiting { what, reply, deadline })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Unavailable(None),
        })?;
        Ok(answer)
    }
}

/// How the time for an answer is spent.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// Whatever begins to be committed has this long; a store that takes longer is taken to be away. An append that
    /// has waited so long that less than this is left is not begun: nobody waits for it to the end, and a healthy
    /// connection would be thrown away for it.
    commit: Duration,
}

impl Times {
    fn of(answer_within: Duration) -> Self {
        Self { commit: answer_within * 5 / 8 }
    }
}

/// A session's version, how far the customer and the team have read, and what they have not.
type Reading = (i64, i64, i64, i64, i64);

fn reading(
    (version, customer, team, customer_unread, team_unread): Reading,
) -> Result<ReadMarked, StoreError> {
    Ok(ReadMarked {
        version: unsigned(version)?,
        read: ReadPositions { customer: seq(customer)?, team: seq(team)? },
        unread: Unread { customer: count(customer_unread)?, team: count(team_unread)? },
    })
}

/// One append within a transaction that the caller holds.
pub(crate) trait AppendOne {
    async fn append_one(&mut self, append: &Append) -> Result<Appended, StoreError>;
}
