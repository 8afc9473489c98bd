//! Jobs that do one thing to many sessions, and how far they are.

use std::time::Duration;

use protocol::{
    AgentId, UtcMillis, limits,
    rest::{Bulk, BulkAction, BulkError, BulkState},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    rows::{count, time},
    store::on_engine,
};

/// A job of which nothing was heard for so long went down with its node: it tells after every few sessions.
const LOST: Duration = Duration::from_secs(30);
/// How long an ended job can be asked for.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Whoever begins another one waits: of two at once, each counts the other.
const HOLD: &str = "update agents set id = id where id = $1";
const FORGET: &str = "delete from bulk_jobs where agent_id = $1 and started_at_ms < $2";
const BEGIN: &str = "
    insert into bulk_jobs (id, agent_id, action, total, done, failed, errors, started_at_ms, seen_at_ms)
    select $1, $2, $3, $4, 0, 0, $5, $6, $6 where (
        select count(*) from bulk_jobs where agent_id = $2 and ended_at_ms is null and seen_at_ms > $7
    ) < $8";
const PROGRESS: &str = "
    update bulk_jobs set done = $2, failed = $3, errors = $4, seen_at_ms = $5, ended_at_ms = $6 where id = $1";
const READ: &str = "select * from bulk_jobs where id = $1 and agent_id = $2";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    action: Json<BulkAction>,
    total: i64,
    done: i64,
    failed: i64,
    errors: Json<Vec<BulkError>>,
    started_at_ms: i64,
    seen_at_ms: i64,
    ended_at_ms: Option<i64>,
}

impl Row {
    fn bulk(self, now: UtcMillis) -> Result<Bulk, StoreError> {
        let lost = now.since(UtcMillis::new(self.seen_at_ms)) > LOST;
        let state = match self.ended_at_ms {
            Some(_) if self.done + self.failed == self.total => BulkState::Done,
            Some(_) => BulkState::Stopped,
            None if lost => BulkState::Stopped,
            None => BulkState::Running,
        };
        Ok(Bulk {
            id: self.id,
            action: self.action.0,
            state,
            total: count(self.total)?,
            done: count(self.done)?,
            failed: count(self.failed)?,
            errors: self.errors.0,
            started_at: UtcMillis::new(self.started_at_ms),
            ended_at: time(self.ended_at_ms),
        })
    }
}

impl Store {
    /// Keeps a job that begins now; false if the agent has [`limits::BULK_JOBS`] under way.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn begin_bulk(&self, agent: AgentId, bulk: &Bulk) -> Result<bool, StoreError> {
        let now = bulk.started_at;
        let before = |ago: Duration| now.get() - ago.as_millis() as i64;
        on_engine!(write self, conn => {
            sqlx::query(HOLD).bind(agent.uuid()).execute(&mut *conn).await?;
            sqlx::query(FORGET).bind(agent.uuid()).bind(before(KEPT)).execute(&mut *conn).await?;
            let begun = sqlx::query(BEGIN)
                .bind(bulk.id)
                .bind(agent.uuid())
                .bind(Json(&bulk.action))
                .bind(i64::from(bulk.total))
                .bind(Json(&bulk.errors))
                .bind(now.get())
                .bind(before(LOST))
                .bind(limits::BULK_JOBS)
                .execute(conn)
                .await?;
            Ok(begun.rows_affected() == 1)
        })
    }

    /// Notes how far a job is, and that it goes on, or has ended.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn bulk_is_at(&self, bulk: &Bulk, now: UtcMillis) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(PROGRESS)
                .bind(bulk.id)
                .bind(i64::from(bulk.done))
                .bind(i64::from(bulk.failed))
                .bind(Json(&bulk.errors))
                .bind(now.get())
                .bind(bulk.ended_at.map(UtcMillis::get))
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// An agent's job. One that was not heard of for half a minute has stopped.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn bulk(&self, agent: AgentId, id: Uuid, now: UtcMillis) -> Result<Option<Bulk>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(READ).bind(id).bind(agent.uuid()).fetch_optional(conn).await?)
        })?;
        row.map(|row| row.bulk(now)).transpose()
    }
}
