//! The writer on SQLite: a batch is one transaction of the one writing connection.

use protocol::SessionId;
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::{
    AppendOne,
    batch::{Batch, Done, Furthest},
};
use crate::{
    Append, Appended, ReadMarked, StoreError, Unread,
    entries::{FIND, FoundId, insert_entry, stored_id},
    rows::{count, signed, unsigned},
    store::{end, give_writer_back},
};

const LAST_SEQ: &str = "select last_seq from sessions where id = $1";

const UPDATE: &str = "
    update sessions set
        version = version + 1,
        status = $3,
        assignee_id = $4,
        last_seq = $5,
        last_message_seq = $6,
        last_message_sender = $7,
        last_message_preview = $8,
        last_message_at_ms = $9,
        waiting_since_ms = $10,
        updated_at_ms = $11,
        closed_at_ms = $12,
        team_read_seq = case when $12 is null then team_read_seq else $5 end,
        customer_unread = case when $12 is null then customer_unread + $13 else 0 end,
        team_unread = case when $12 is null then team_unread + $14 else 0 end
    where id = $1 and last_seq = $2
    returning version, customer_unread, team_unread";

/// What was read is taken off the count, so that only the entries between the old mark and the new are looked at.
const MARK: &str = "
    update sessions set
        version = version + 1,
        customer_read_seq = max(customer_read_seq, min($2, last_seq)),
        team_read_seq = max(team_read_seq, min($3, last_seq)),
        customer_unread = case
            when $2 <= customer_read_seq then customer_unread
            when $2 >= last_seq then 0
            else max(0, customer_unread - (
                select count(*) from entries e
                where e.session_id = $1 and e.seq > customer_read_seq and e.seq <= $2
                    and e.kind = 'message' and e.sender_kind <> 'customer'))
            end,
        team_unread = case
            when $3 <= team_read_seq then team_unread
            when $3 >= last_seq then 0
            else max(0, team_unread - (
                select count(*) from entries e
                where e.session_id = $1 and e.seq > team_read_seq and e.seq <= $3
                    and e.kind = 'message' and e.sender_kind = 'customer'))
            end
    where id = $1 and (min($2, last_seq) > customer_read_seq or min($3, last_seq) > team_read_seq)";

const READING: &str = "
    select version, customer_read_seq, team_read_seq, customer_unread, team_unread from sessions where id = $1";

pub(super) async fn commit(pool: &SqlitePool, batch: &Batch) -> Result<Done, StoreError> {
    let mut held = pool.acquire().await?;
    let done = async {
        let mut tx = held.begin_with("BEGIN IMMEDIATE").await?;
        let done = write(&mut tx, batch).await;
        end(tx, done).await
    }
    .await;
    give_writer_back(held, &done);
    done
}

async fn write(conn: &mut SqliteConnection, batch: &Batch) -> Result<Done, StoreError> {
    let mut done = Done::default();
    for job in &batch.appends {
        done.appended.push(conn.append_one(&job.what).await?);
    }
    for marks in batch.furthest() {
        if let Some(marked) = mark(conn, marks).await? {
            done.marked.insert(marks.session, marked);
        }
    }
    Ok(done)
}

impl AppendOne for SqliteConnection {
    async fn append_one(&mut self, append: &Append) -> Result<Appended, StoreError> {
        let mut stored = Vec::new();
        for entry in &append.entries {
            let found: Option<FoundId> = sqlx::query_as(FIND)
                .bind(append.session.uuid())
                .bind(entry.id.uuid())
                .fetch_optional(&mut *self)
                .await?;
            if let Some(found) = found {
                stored.push(stored_id(found)?);
            }
        }
        if !stored.is_empty() {
            return Ok(match last_seq(self, append.session).await? {
                Some(last) if last == signed(append.expected.get()) => Appended::Duplicates(stored),
                _ => Appended::MovedOn,
            });
        }
        let Some((version, unread)) = update(self, append).await? else {
            let there = last_seq(self, append.session).await?;
            return Ok(there.map_or(Appended::Missing, |_| Appended::MovedOn));
        };
        for entry in &append.entries {
            insert_entry!(&mut *self, append.session, entry);
        }
        Ok(Appended::Committed { version, unread })
    }
}

async fn last_seq(conn: &mut SqliteConnection, session: SessionId) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(LAST_SEQ).bind(session.uuid()).fetch_optional(conn).await?)
}

async fn update(conn: &mut SqliteConnection, append: &Append) -> Result<Option<(u64, Unread)>, StoreError> {
    let change = &append.change;
    let message = change.last_message.as_ref();
    let row: Option<(i64, i64, i64)> = sqlx::query_as(UPDATE)
        .bind(append.session.uuid())
        .bind(signed(append.expected.get()))
        .bind(change.status.as_str())
        .bind(change.assignee.map(|agent| agent.uuid()))
        .bind(signed(append.last_seq().get()))
        .bind(message.map(|message| signed(message.seq.get())))
        .bind(message.map(|message| message.sender.as_str()))
        .bind(message.map(|message| message.preview.as_str()))
        .bind(message.map(|message| message.created_at.get()))
        .bind(change.waiting_since.map(|time| time.get()))
        .bind(change.updated_at.get())
        .bind(change.closed_at.map(|time| time.get()))
        .bind(i64::from(change.unread_added.customer))
        .bind(i64::from(change.unread_added.team))
        .fetch_optional(conn)
        .await?;
    row.map(|(version, customer, team)| {
        Ok((unsigned(version)?, Unread { customer: count(customer)?, team: count(team)? }))
    })
    .transpose()
}

async fn mark(conn: &mut SqliteConnection, marks: Furthest) -> Result<Option<ReadMarked>, StoreError> {
    let session = marks.session.uuid();
    sqlx::query(MARK)
        .bind(session)
        .bind(signed(marks.customer.get()))
        .bind(signed(marks.team.get()))
        .execute(&mut *conn)
        .await?;
    let row: Option<super::Reading> = sqlx::query_as(READING).bind(session).fetch_optional(conn).await?;
    row.map(super::reading).transpose()
}
