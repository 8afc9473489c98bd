//! The writer on Postgres: a batch is, as a rule, one prepared statement on a connection of its own.

use std::{collections::HashMap, time::Duration};

use protocol::{Entry, Seq, SessionId, UtcMillis};
use sqlx::{ConnectOptions, Connection as _, FromRow, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{
    AppendOne,
    batch::{Batch, Done, Furthest},
    columns,
    further::reach_further,
    statements::{APPEND, APPEND_EACH, APPEND_ONE, MARK, RESOLVE},
};
use crate::{
    Append, Appended, StoreError, Unread,
    entries::stored_id,
    error::Failure,
    rows::{count, present, seq, signed, unsigned},
};

/// How long one try to connect may take, and the pause before the next.
const CONNECT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(200);

/// For how many batches a plan is used. One made while the tables were small may not suit them when they have grown, and
/// the server itself plans anew only after an ANALYZE. By batches and not by time: on a node with little to do every
/// batch would wait for two round trips and a new plan, and autovacuum's ANALYZE comes before 256 of them.
const PLAN_BATCHES: u32 = 256;

/// A connection that no one else uses: one that has been silent for too long can be thrown away, with whatever it
/// is doing.
pub(super) struct Postgres {
    options: PgConnectOptions,
    conn: Option<PgConnection>,
    /// Since plans were made.
    batches: u32,
}

impl Postgres {
    pub(super) fn new(pool: &PgPool) -> Self {
        // Shorter than the writer's own patience: an answer from the server says that nothing was written.
        let options = pool.connect_options().as_ref().clone();
        let options = options.options([
            ("statement_timeout", "2s"),
            ("lock_timeout", "1500ms"),
            // What a batch needs it finds by key. For a large one the planner would rather read a table whole.
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("enable_seqscan", "off"),
            // To plan a batch costs as much as to write ten rows; see `PLAN_BATCHES`.
            ("plan_cache_mode", "force_generic_plan"),
        ]);
        Self { options, conn: None, batches: 0 }
    }

    /// Writes the batch. After an error that leaves the outcome open, or when the future is dropped, the connection
    /// is gone.
    pub(super) async fn commit(&mut self, batch: &Batch) -> Result<Done, StoreError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.options.connect().await?,
        };
        let done = match self.forget_old_plans(&mut conn).await {
            Ok(()) => write(&mut conn, batch).await,
            Err(error) => Err(error),
        };
        let lost = done.as_ref().is_err_and(|error| error.failure() == Failure::Unknown);
        if !lost {
            self.conn = Some(conn);
        }
        done
    }

    async fn forget_old_plans(&mut self, conn: &mut PgConnection) -> Result<(), StoreError> {
        self.batches += 1;
        if self.batches > PLAN_BATCHES {
            sqlx::raw_sql("discard plans").execute(conn).await?;
            self.batches = 0;
        }
        Ok(())
    }

    /// Comes back when the server answers again.
    pub(super) async fn reconnect(&mut self) {
        self.conn = None;
        loop {
            match timeout(CONNECT, self.options.connect()).await {
                Ok(Ok(conn)) => {
                    self.conn = Some(conn);
                    return;
                }
                Ok(Err(error)) => tracing::debug!(error = &error as &dyn std::error::Error, "still away"),
                Err(_elapsed) => tracing::debug!("still silent"),
            }
            sleep(PAUSE).await;
        }
    }
}

async fn write(conn: &mut PgConnection, batch: &Batch) -> Result<Done, StoreError> {
    let mut done = Done::default();
    if !batch.appends.is_empty() {
        let appends: Vec<&Append> = batch.appends.iter().map(|job| &job.what).collect();
        let mut outcomes = if appends.iter().any(|append| append.reaches_further()) {
            append_and_reach_further(conn, &appends).await?
        } else if batch.all_outcomes {
            append_or_say_why_not(conn, &appends).await?
        } else {
            append_of_one_entry(conn, &appends).await?
        };
        for append in appends {
            let mut outcome = outcomes.remove(&append.session.uuid());
            if batch.unresolved && outcome == Some(Appended::MovedOn) {
                outcome = Some(resolve(conn, append).await?);
            }
            done.appended.push(outcome);
        }
    }
    if !batch.marks.is_empty() {
        let marks = batch.furthest();
        let column = |side: fn(&Furthest) -> Seq| -> Vec<i64> {
            marks.iter().map(|m| signed(side(m).get())).collect()
        };
        let rows: Vec<(Uuid, i64, i64, i64, i64, i64)> = sqlx::query_as(MARK)
            .bind(marks.iter().map(|marks| marks.session.uuid()).collect::<Vec<_>>())
            .bind(column(|marks| marks.customer))
            .bind(column(|marks| marks.team))
            .fetch_all(conn)
            .await?;
        for (session, version, customer, team, customer_unread, team_unread) in rows {
            let marked = super::reading((version, customer, team, customer_unread, team_unread))?;
            done.marked.insert(SessionId::new(session), marked);
        }
    }
    Ok(done)
}

/// The session has moved on since a try whose outcome is not known: by that try itself?
async fn resolve(conn: &mut PgConnection, append: &Append) -> Result<Appended, StoreError> {
    let entries = &append.entries;
    let row: Option<(i64, i64, i64, i64, i64)> = sqlx::query_as(RESOLVE)
        .bind(append.session.uuid())
        .bind(entries.iter().map(|entry| entry.id.uuid()).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| signed(entry.seq.get())).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| entry.created_at.get()).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| entry.body.as_str()).collect::<Vec<_>>())
        .fetch_optional(conn)
        .await?;
    Ok(match row {
        Some((.., found)) if found < append.entries.len() as i64 => Appended::MovedOn,
        Some((last, version, customer, team, _)) if last == signed(append.last_seq().get()) => {
            let unread = Unread { customer: count(customer)?, team: count(team)? };
            Appended::Committed { version: unsigned(version)?, unread }
        }
        Some(_) => Appended::Overtaken,
        None => Appended::Missing,
    })
}

impl AppendOne for PgConnection {
    async fn append_one(&mut self, append: &Append) -> Result<Appended, StoreError> {
        let session = append.session.uuid();
        if append.exact || append.reaches_further() {
            let mut outcomes = append_or_say_why_not(self, &[append]).await?;
            reach_where_committed(self, &[append], &outcomes).await?;
            return Ok(outcomes.remove(&session).unwrap_or(Appended::Missing));
        }
        if let Some(committed) = append_of_one_entry(self, &[append]).await?.remove(&session) {
            return Ok(committed);
        }
        let outcome = append_or_say_why_not(self, &[append]).await?.remove(&session);
        Ok(outcome.unwrap_or(Appended::Missing))
    }
}

#[derive(FromRow)]
struct Outcome {
    session_id: Uuid,
    id: Uuid,
    holds: bool,
    fits: bool,
    stored: Option<Vec<i64>>,
    version: i64,
    customer_unread: Option<i64>,
    team_unread: Option<i64>,
}

type Outcomes = HashMap<Uuid, Appended>;

/// Writes those that are of one entry and apply; answers for no others.
async fn append_of_one_entry(conn: &mut PgConnection, appends: &[&Append]) -> Result<Outcomes, StoreError> {
    let mut single: Vec<(&Append, &Entry)> = Vec::with_capacity(appends.len());
    for append in appends {
        if let [entry] = append.entries.as_slice() {
            single.push((append, entry));
        }
    }
    let rows: Vec<Applied> = match single.as_mut_slice() {
        [] => Vec::new(),
        [(append, entry)] => {
            columns::bind_one(sqlx::query_as(APPEND_ONE.as_str()), append, entry).fetch_all(conn).await?
        }
        many => {
            many.sort_unstable_by_key(|(append, _)| append.session.uuid());
            let appends: Vec<&Append> = many.iter().map(|(append, _)| *append).collect();
            columns::bind(sqlx::query_as(APPEND_EACH.as_str()), &appends).fetch_all(conn).await?
        }
    };
    rows.into_iter()
        .map(|row| {
            let unread = Unread { customer: count(row.customer_unread)?, team: count(row.team_unread)? };
            let version = unsigned(row.version)?;
            let outcome = if row.behind {
                let (seq, created_at) = (seq(row.last_seq)?, UtcMillis::new(row.created_at_ms));
                Appended::Behind { seq, created_at, version, unread }
            } else {
                Appended::Committed { version, unread }
            };
            Ok((row.session_id, outcome))
        })
        .collect()
}

#[derive(FromRow)]
struct Applied {
    session_id: Uuid,
    behind: bool,
    last_seq: i64,
    created_at_ms: i64,
    version: i64,
    customer_unread: i64,
    team_unread: i64,
}

/// Writes those that apply, with all that they change; answers for all.
async fn append_and_reach_further(
    conn: &mut PgConnection,
    appends: &[&Append],
) -> Result<Outcomes, StoreError> {
    let mut tx = conn.begin().await?;
    let outcomes = append_or_say_why_not(&mut tx, appends).await?;
    reach_where_committed(&mut tx, appends, &outcomes).await?;
    tx.commit().await?;
    Ok(outcomes)
}

async fn reach_where_committed(
    conn: &mut PgConnection,
    appends: &[&Append],
    outcomes: &Outcomes,
) -> Result<(), StoreError> {
    for append in appends {
        if matches!(outcomes.get(&append.session.uuid()), Some(Appended::Committed { .. })) {
            reach_further!(conn, append);
        }
    }
    Ok(())
}

/// Writes those that apply; answers for all.
async fn append_or_say_why_not(conn: &mut PgConnection, appends: &[&Append]) -> Result<Outcomes, StoreError> {
    let rows: Vec<Outcome> = columns::bind(sqlx::query_as(APPEND.as_str()), appends).fetch_all(conn).await?;
    let mut outcomes = Outcomes::with_capacity(appends.len());
    for row in rows {
        let outcome = outcomes.entry(row.session_id).or_insert(Appended::MovedOn);
        if row.fits {
            let customer = count(present(row.customer_unread, "customer_unread")?)?;
            let team = count(present(row.team_unread, "team_unread")?)?;
            *outcome =
                Appended::Committed { version: unsigned(row.version)?, unread: Unread { customer, team } };
        } else if let (true, Some(&[at, created_at_ms])) = (row.holds, row.stored.as_deref()) {
            let id = stored_id((row.id, at, created_at_ms))?;
            match outcome {
                Appended::Duplicates(ids) => ids.push(id),
                _ => *outcome = Appended::Duplicates(vec![id]),
            }
        }
    }
    for append in appends {
        outcomes.entry(append.session.uuid()).or_insert(Appended::Missing);
    }
    Ok(outcomes)
}
