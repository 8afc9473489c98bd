//! A batch of appends as arrays, one per column: Postgres has parameters for any number of rows that way.

use protocol::{Entry, Event, LastMessage};
use sqlx::{Postgres, postgres::PgArguments, query::QueryAs, types::Json};
use uuid::Uuid;

use crate::{Append, SessionChange, entries::Columns, rows::signed};

/// Binds the appends, one row per entry. What they change of the sessions' rows stands in the row of the last
/// entry; the others have nothing there.
pub(super) fn bind<'a, O>(
    query: QueryAs<'a, Postgres, O, PgArguments>,
    appends: &[&'a Append],
) -> QueryAs<'a, Postgres, O, PgArguments> {
    let rows: Vec<Row<'a>> = appends.iter().flat_map(|append| rows(append)).collect();
    macro_rules! bind {
        ($query:expr, $($type:ty = $column:expr;)+) => {
            $query$(.bind(rows.iter().map($column as fn(&Row<'a>) -> $type).collect::<Vec<$type>>()))+
        };
    }
    bind!(query,
        Uuid = |row| row.append.session.uuid();
        i64 = |row| signed(row.append.expected.get());
        i64 = |row| signed(row.entry.seq.get());
        bool = |row| row.last;
        Uuid = |row| row.entry.id.uuid();
        &'a str = |row| row.columns.kind;
        &'a str = |row| row.columns.sender_kind;
        Option<Uuid> = |row| row.columns.sender_id;
        Option<&'a str> = |row| row.columns.sender_name;
        &'a str = |row| &row.entry.body;
        Option<Json<&'a Event>> = |row| row.entry.event.as_ref().map(Json);
        i64 = |row| row.entry.created_at.get();
        Option<&'a str> = |row| row.change().map(|change| change.status.as_str());
        Option<Uuid> = |row| row.change().and_then(|change| change.assignee).map(|agent| agent.uuid());
        Option<i64> = |row| row.message().map(|message| signed(message.seq.get()));
        Option<&'a str> = |row| row.message().map(|message| message.sender.as_str());
        Option<&'a str> = |row| row.message().map(|message| message.preview.as_str());
        Option<i64> = |row| row.message().map(|message| message.created_at.get());
        Option<i64> = |row| row.change().and_then(|change| change.waiting_since).map(|time| time.get());
        Option<i64> = |row| row.change().map(|change| change.updated_at.get());
        Option<i64> = |row| row.change().and_then(|change| change.closed_at).map(|time| time.get());
        Option<i64> = |row| row.change().map(|change| i64::from(change.unread_added.customer));
        Option<i64> = |row| row.change().map(|change| i64::from(change.unread_added.team));
    )
}

struct Row<'a> {
    append: &'a Append,
    entry: &'a Entry,
    columns: Columns<'a>,
    last: bool,
}

impl<'a> Row<'a> {
    fn change(&self) -> Option<&'a SessionChange> {
        self.last.then_some(&self.append.change)
    }

    fn message(&self) -> Option<&'a LastMessage> {
        self.change().and_then(|change| change.last_message.as_ref())
    }
}

fn rows(append: &Append) -> impl Iterator<Item = Row<'_>> {
    append.entries.iter().map(|entry| Row {
        append,
        entry,
        columns: Columns::of(entry),
        last: entry.seq == append.last_seq(),
    })
}
