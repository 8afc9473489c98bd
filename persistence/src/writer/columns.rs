//! Appends as parameters: Postgres takes any number of rows as arrays, one per column; a single row costs less as itself.

use std::fmt::Write as _;

use protocol::{Entry, Event, LastMessage, Ticket, Work};
use serde::Serialize;
use sqlx::{Postgres, postgres::PgArguments, query::QueryAs, types::Json};
use uuid::Uuid;

use crate::{Append, SessionChange, entries::Columns, rows::signed, sessions::rank};

/// The columns, in the order in which they are bound.
const COLUMNS: [(&str, &str); 24] = [
    ("session_id", "uuid"),
    ("expected", "bigint"),
    ("seq", "bigint"),
    ("last", "boolean"),
    ("id", "uuid"),
    ("kind", "text"),
    ("sender_kind", "text"),
    ("sender_id", "uuid"),
    ("sender_name", "text"),
    ("body", "text"),
    ("event", "jsonb"),
    ("created_at_ms", "bigint"),
    ("status", "text"),
    ("assignee_id", "uuid"),
    ("last_message_seq", "bigint"),
    ("last_message_sender", "text"),
    ("last_message_preview", "text"),
    ("last_message_at_ms", "bigint"),
    ("waiting_since_ms", "bigint"),
    ("updated_at_ms", "bigint"),
    ("closed_at_ms", "bigint"),
    ("customer_added", "bigint"),
    ("team_added", "bigint"),
    ("ticket", "jsonb"),
];

/// A select of rows that were bound by [`bind`].
pub(super) fn select_many() -> String {
    select(|text, n, of| write!(text, "unnest(${n}::{of}[])"))
}

/// A select of the row that was bound by [`bind_one`].
pub(super) fn select_one() -> String {
    select(|text, n, of| write!(text, "${n}::{of}"))
}

fn select(column: impl Fn(&mut String, usize, &str) -> std::fmt::Result) -> String {
    let mut text = String::from("select ");
    for (n, (name, of)) in COLUMNS.iter().enumerate() {
        let written = text.write_str(if n == 0 { "" } else { ", " });
        let written = written.and_then(|()| column(&mut text, n + 1, of));
        written.and_then(|()| write!(text, " as {name}")).expect("a string takes all");
    }
    text
}

/// The values of [`COLUMNS`], handed to another macro.
macro_rules! with_values {
    ($bind:ident, $query:expr, $rows:expr) => {
        $bind!($query, $rows;
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
            Option<Json<TicketColumns<'a>>> =
                |row| row.change().and_then(|change| change.ticket.as_deref()).map(|ticket| Json(ticket.into()));
        )
    };
}

/// Binds the appends, one row per entry. What they change of the sessions' rows stands in the row of the last
/// entry; the others have nothing there.
pub(super) fn bind<'a, O>(query: Query<'a, O>, appends: &[&'a Append]) -> Query<'a, O> {
    macro_rules! arrays {
        ($query:expr, $rows:expr; $($type:ty = $column:expr;)+) => {
            $query$(.bind($rows.iter().map($column as fn(&Row<'a>) -> $type).collect::<Vec<$type>>()))+
        };
    }
    let rows: Vec<Row<'a>> = appends.iter().flat_map(|append| rows(append)).collect();
    with_values!(arrays, query, rows)
}

/// Binds one append of one entry.
pub(super) fn bind_one<'a, O>(query: Query<'a, O>, append: &'a Append, entry: &'a Entry) -> Query<'a, O> {
    macro_rules! values {
        ($query:expr, $row:expr; $($type:ty = $column:expr;)+) => {
            $query$(.bind(($column as fn(&Row<'a>) -> $type)(&$row)))+
        };
    }
    let row = Row { append, entry, columns: Columns::of(entry), last: true };
    with_values!(values, query, row)
}

/// A ticket as one parameter: it is there for few appends, and a column for each of its parts would be paid by all.
#[derive(Serialize)]
struct TicketColumns<'a> {
    subject: Option<&'a str>,
    priority: i16,
    category: Option<&'a str>,
    tags: &'a [String],
    snoozed_until_ms: Option<i64>,
    queued_since_ms: Option<i64>,
    work: &'a Work,
}

impl<'a> From<&'a Ticket> for TicketColumns<'a> {
    fn from(ticket: &'a Ticket) -> Self {
        Self {
            subject: ticket.subject.as_deref(),
            priority: rank(ticket.priority),
            category: ticket.category.as_deref(),
            tags: &ticket.tags,
            snoozed_until_ms: ticket.snoozed_until.map(|time| time.get()),
            queued_since_ms: ticket.queued_since.map(|time| time.get()),
            work: &ticket.work,
        }
    }
}

type Query<'q, O> = QueryAs<'q, Postgres, O, PgArguments>;

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
