//! The writer on Postgres: a batch is one prepared statement on a connection of its own.

use std::{collections::HashMap, time::Duration};

use protocol::{Seq, SessionId};
use sqlx::{ConnectOptions, FromRow, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::{
    AppendOne,
    batch::{Batch, Done, Furthest},
    columns,
};
use crate::{
    Append, Appended, StoreError, Unread,
    entries::stored_id,
    error::Failure,
    rows::{count, present, signed, unsigned},
};

/// How long one try to connect may take, and the pause before the next.
const CONNECT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(200);

/// For how many batches, and how long, a plan is used. One made while the tables were small may read them whole, and the
/// server itself plans anew only after an ANALYZE; so no plan may live until they have grown.
const PLAN_BATCHES: u32 = 256;
const PLAN_TIME: Duration = Duration::from_secs(10);

/// One row per entry; what an append changes of its session's row stands in its last entry's row.
///
/// The sessions' rows are locked in the order of their ids, so that two nodes never wait for each other in a
/// circle. A row that another node has just changed is read anew once its lock is had; so `last_seq` is the truth.
/// The look-up of ids sees what was committed before the statement began, and that is enough: when `expected`
/// holds, every earlier entry was.
///
/// The look-up is a subquery and not a join, because a join may be planned as a scan of the whole log. The
/// outcome needs no join with what was updated: the rows are locked, so what they will hold is known.
const APPEND: &str = "
    with locked as materialized (
        select i.*, s.last_seq, s.version, s.customer_unread, s.team_unread
        from (
            select unnest($1::uuid[]) as session_id, unnest($2::bigint[]) as expected, unnest($3::bigint[]) as seq,
                unnest($4::boolean[]) as last, unnest($5::uuid[]) as id, unnest($6::text[]) as kind,
                unnest($7::text[]) as sender_kind, unnest($8::uuid[]) as sender_id, unnest($9::text[]) as sender_name,
                unnest($10::text[]) as body, unnest($11::jsonb[]) as event, unnest($12::bigint[]) as created_at_ms,
                unnest($13::text[]) as status, unnest($14::uuid[]) as assignee_id,
                unnest($15::bigint[]) as last_message_seq, unnest($16::text[]) as last_message_sender,
                unnest($17::text[]) as last_message_preview, unnest($18::bigint[]) as last_message_at_ms,
                unnest($19::bigint[]) as waiting_since_ms, unnest($20::bigint[]) as updated_at_ms,
                unnest($21::bigint[]) as closed_at_ms, unnest($22::bigint[]) as customer_added,
                unnest($23::bigint[]) as team_added
        ) i
        join sessions s on s.id = i.session_id
        order by s.id
        for update of s
    ),
    looked_up as (
        select l.*, (
            select array[e.seq, e.created_at_ms] from entries e where e.session_id = l.session_id and e.id = l.id
        ) as stored
        from locked l
        -- Else it would be folded into the next step and looked up twice.
        offset 0
    ),
    judged as materialized (
        select *, bool_and(last_seq = expected and stored is null) over (partition by session_id) as fits
        from looked_up
    ),
    inserted as (
        insert into entries
            (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
        select session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms
        from judged where fits
    ),
    updated as (
        update sessions s set
            version = j.version + 1,
            status = j.status,
            assignee_id = j.assignee_id,
            last_seq = j.seq,
            last_message_seq = j.last_message_seq,
            last_message_sender = j.last_message_sender,
            last_message_preview = j.last_message_preview,
            last_message_at_ms = j.last_message_at_ms,
            waiting_since_ms = j.waiting_since_ms,
            updated_at_ms = j.updated_at_ms,
            closed_at_ms = j.closed_at_ms,
            team_read_seq = case when j.closed_at_ms is null then s.team_read_seq else j.seq end,
            customer_unread = case when j.closed_at_ms is null then j.customer_unread + j.customer_added else 0 end,
            team_unread = case when j.closed_at_ms is null then j.team_unread + j.team_added else 0 end
        from judged j
        where s.id = j.session_id and j.fits and j.last
    )
    select session_id, id, last_seq = expected as holds, fits, stored, version + 1 as version,
        case when closed_at_ms is null then customer_unread + customer_added else 0 end as customer_unread,
        case when closed_at_ms is null then team_unread + team_added else 0 end as team_unread
    from judged
    where last or stored is not null";

/// What was read is taken off the counts: a new count could miss an entry that was committed while this waited for
/// the row, but the entries up to the mark were seen by its reader.
const MARK: &str = "
    with locked as materialized (
        select m.session_id, least(m.customer, s.last_seq) as customer, least(m.team, s.last_seq) as team,
            s.last_seq, s.version, s.customer_read_seq, s.team_read_seq, s.customer_unread, s.team_unread
        from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as m (session_id, customer, team)
        join sessions s on s.id = m.session_id
        order by s.id
        for update of s
    ),
    counted as materialized (
        select session_id, version, last_seq,
            customer > customer_read_seq or team > team_read_seq as moved,
            greatest(customer, customer_read_seq) as customer,
            greatest(team, team_read_seq) as team,
            case
                when customer <= customer_read_seq then customer_unread
                when customer = last_seq then 0
                else greatest(0, customer_unread - (
                    select count(*) from entries e
                    where e.session_id = l.session_id and e.seq > l.customer_read_seq and e.seq <= l.customer
                        and e.kind = 'message' and e.sender_kind <> 'customer'))
                end as customer_unread,
            case
                when team <= team_read_seq then team_unread
                when team = last_seq then 0
                else greatest(0, team_unread - (
                    select count(*) from entries e
                    where e.session_id = l.session_id and e.seq > l.team_read_seq and e.seq <= l.team
                        and e.kind = 'message' and e.sender_kind = 'customer'))
                end as team_unread
        from locked l
    ),
    updated as (
        update sessions s set
            version = c.version + 1,
            customer_read_seq = c.customer,
            team_read_seq = c.team,
            customer_unread = c.customer_unread,
            team_unread = c.team_unread
        from counted c
        where s.id = c.session_id and c.moved
    )
    select session_id, case when moved then version + 1 else version end, customer, team, customer_unread, team_unread
    from counted";

/// Whether these entries are where an append would have put them, as it would have, and the session's row. The same
/// id in the same place may be another node's: of the same send, made there too.
const RESOLVE: &str = "
    select s.last_seq, s.version, s.customer_unread, s.team_unread, (
        select count(*)
        from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) as i (id, seq, created_at_ms, body)
        where exists (select 1 from entries e where e.session_id = s.id and e.seq = i.seq and e.id = i.id
            and e.created_at_ms = i.created_at_ms and e.body = i.body))
    from sessions s where s.id = $1";

/// A connection that no one else uses: one that has been silent for too long can be thrown away, with whatever it
/// is doing.
pub(super) struct Postgres {
    options: PgConnectOptions,
    conn: Option<PgConnection>,
    planned: Instant,
    /// Since then.
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
        Self { options, conn: None, planned: Instant::now(), batches: 0 }
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
        if self.batches > PLAN_BATCHES || self.planned.elapsed() > PLAN_TIME {
            sqlx::raw_sql("discard plans").execute(conn).await?;
            (self.batches, self.planned) = (0, Instant::now());
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
        done.appended = append_all(conn, &appends).await?;
        if batch.unresolved {
            for (append, outcome) in appends.into_iter().zip(&mut done.appended) {
                if *outcome == Appended::MovedOn {
                    *outcome = resolve(conn, append).await?;
                }
            }
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
        Ok(append_all(self, &[append]).await?.pop().unwrap_or(Appended::Missing))
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

/// Writes appends of different sessions; answers in their order.
async fn append_all(conn: &mut PgConnection, appends: &[&Append]) -> Result<Vec<Appended>, StoreError> {
    let rows: Vec<Outcome> = columns::bind(sqlx::query_as(APPEND), appends).fetch_all(conn).await?;
    let mut outcomes: HashMap<Uuid, Appended> = HashMap::with_capacity(appends.len());
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
    Ok(appends
        .iter()
        .map(|append| outcomes.remove(&append.session.uuid()).unwrap_or(Appended::Missing))
        .collect())
}
