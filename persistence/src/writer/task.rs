//! The writer's task: commit a batch, answer, take the next.

use std::pin::pin;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    Times,
    batch::{Batch, Done},
    postgres::Postgres,
    queue::Queue,
    sqlite,
};
use crate::{
    Store, StoreError,
    error::Failure,
    sqlite::WriteConnection,
    store::{Calls, Pools},
};

pub(super) async fn run(store: Store, queue: Queue, times: Times) {
    let engine = match &store.pools {
        Pools::Sqlite { write, .. } => Engine::Sqlite(write.clone()),
        Pools::Postgres(pool) => Engine::Postgres(Box::new(Postgres::new(pool))),
    };
    let mut task = Task { engine, calls: store.calls, queue, times, away: false };
    while let Some(batch) = task.queue.batch().await {
        task.write(batch).await;
    }
}

enum Engine {
    Sqlite(WriteConnection),
    Postgres(Box<Postgres>),
}

struct Task {
    engine: Engine,
    calls: Calls,
    queue: Queue,
    times: Times,
    /// The last write failed for the store's own reasons. So that its going and coming is a line each.
    away: bool,
}

impl Task {
    async fn write(&mut self, batch: Batch) {
        // A stack: what comes first is its end.
        let mut work = match &self.engine {
            // One transaction, since every one costs a flush to the disk.
            Engine::Sqlite(_) => vec![batch],
            // One statement each. Together they would need a transaction and one order of locks over both.
            Engine::Postgres(_) => batch.apart().into(),
        };
        while let Some(batch) = work.pop() {
            let Some(deadline) = batch.deadline() else { continue };
            let error = match self.commit(&batch, deadline).await {
                Ok(done) => {
                    self.is_back();
                    work.extend(batch.answer(done));
                    continue;
                }
                Err(error) => error,
            };
            match error.failure() {
                Failure::Refused | Failure::Exists if batch.len() > 1 => work.extend(batch.halves()),
                // Its id was stored while it waited for the row; that is an outcome.
                Failure::Exists if !batch.all_outcomes => work.push(Batch { all_outcomes: true, ..batch }),
                Failure::Refused | Failure::Exists => batch.fail(error),
                Failure::Raced if !batch.raced => work.push(Batch { raced: true, ..batch }),
                Failure::Raced | Failure::Nothing => {
                    self.is_away(&error);
                    batch.fail(error);
                }
                Failure::Unknown => {
                    self.is_away(&error);
                    if batch.unresolved {
                        batch.fail(error);
                    } else {
                        work.push(Batch { unresolved: true, ..batch });
                    }
                    work = self.wait_until_back(work).await;
                }
            }
        }
    }

    async fn commit(&mut self, batch: &Batch, deadline: Instant) -> Result<Done, StoreError> {
        let limit = deadline.min(Instant::now() + self.times.commit);
        self.calls.count();
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => timeout_at(limit, sqlite::commit(connection, batch)).await,
            Engine::Postgres(postgres) => timeout_at(limit, postgres.commit(batch)).await,
        };
        done.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Waits for a new connection, answering all that comes meanwhile; returns the work for which there is still
    /// time.
    async fn wait_until_back(&mut self, mut work: Vec<Batch>) -> Vec<Batch> {
        let Engine::Postgres(postgres) = &mut self.engine else {
            // SQLite has no connection to lose: what was not known stays unknown, the rest may be tried.
            let (unknown, rest) = work.into_iter().partition(|batch| batch.unresolved);
            Vec::into_iter(unknown).for_each(|batch: Batch| batch.fail(StoreError::Unavailable(None)));
            return rest;
        };
        let mut ended = false;
        let mut reconnected = pin!(postgres.reconnect());
        while !(ended && work.is_empty()) {
            let deadline = work.iter().filter_map(Batch::deadline).min();
            tokio::select! {
                biased;
                () = &mut reconnected => return work,
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    work.drain(..).for_each(|batch| batch.fail(StoreError::Unavailable(None)));
                }
                job = self.queue.next(), if !ended => match job {
                    Some(job) => job.fail(StoreError::Unavailable(None)),
                    None => ended = true,
                },
            }
        }
        work
    }

    fn is_away(&mut self, error: &StoreError) {
        if !std::mem::replace(&mut self.away, true) {
            let reason: &dyn std::error::Error = error;
            tracing::warn!(
                error = reason,
                "the log writer lost the store; appends are answered as unavailable"
            );
        }
    }

    fn is_back(&mut self) {
        if std::mem::replace(&mut self.away, false) {
            tracing::info!("the log writer has the store again");
        }
    }
}
