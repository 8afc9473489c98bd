//! The writer on SQLite: a batch is one transaction of the one writing connection.

use sqlx::{Connection, SqliteConnection};

use super::{
    AppendOne,
    batch::{Batch, Done, Furthest},
    script,
};
use crate::{
    Append, Appended, ReadMarked, StoreError,
    rows::signed,
    sqlite::WriteConnection,
    store::{ACQUIRE, end, give_writer_back},
};

/// Marks, and answers with the row. What was read is taken off the count, so that only the entries between the old mark and the new are looked at.
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
    where id = $1 and (min($2, last_seq) > customer_read_seq or min($3, last_seq) > team_read_seq);
    select version, customer_read_seq, team_read_seq, customer_unread, team_unread from sessions where id = $1";

pub(super) async fn commit(connection: &WriteConnection, batch: &Batch) -> Result<Done, StoreError> {
    let mut held = connection.acquire(ACQUIRE).await?;
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
    if !batch.appends.is_empty() {
        let appends: Vec<&Append> = batch.appends.iter().map(|job| &job.what).collect();
        done.appended = script::append(conn, &appends).await?.into_iter().map(Some).collect();
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
        Ok(script::append(self, &[append]).await?.pop().unwrap_or(Appended::Missing))
    }
}

async fn mark(conn: &mut SqliteConnection, marks: Furthest) -> Result<Option<ReadMarked>, StoreError> {
    let row: Option<super::Reading> = sqlx::query_as(MARK)
        .bind(marks.session.uuid())
        .bind(signed(marks.customer.get()))
        .bind(signed(marks.team.get()))
        .fetch_optional(conn)
        .await?;
    row.map(super::reading).transpose()
}
