//! Appends on SQLite as scripts, several statements in one text.
//!
//! The driver runs a text in one go on the connection's own thread. To hand a statement over to that thread and hear of
//! its end costs about as much as the statement itself; so a batch goes there in as few texts as can be kept prepared.

use std::{fmt::Write as _, sync::LazyLock};

use protocol::Entry;
use sqlx::{AssertSqlSafe, FromRow, Sqlite, SqliteConnection, query::QueryAs, sqlite::SqliteArguments};

use crate::{
    Append, Appended, StoreError, Unread,
    entries::Columns,
    rows::{count, signed, unsigned},
};

/// Appends of one script, if all have one entry; from the largest, so that a batch is a few scripts.
const SIZES: [usize; 3] = [32, 4, 1];
/// A script is kept prepared for each of [`SIZES`], and for one append of up to so many entries.
const KEPT_ENTRIES: usize = 4;

/// Parameters of an append, and of each of its entries after it.
const HEAD: usize = 14;
const ENTRY: usize = 9;

static OF_ONE_ENTRY: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| SIZES.map(|size| text(size, 1)));
static OF_ONE_APPEND: LazyLock<[String; KEPT_ENTRIES]> =
    LazyLock::new(|| std::array::from_fn(|n| text(1, n + 1)));

/// Writes appends of different sessions. `None`: this one did not apply.
pub(super) async fn append(
    conn: &mut SqliteConnection,
    appends: &[&Append],
) -> Result<Vec<Option<Appended>>, StoreError> {
    let mut outcomes = vec![None; appends.len()];
    let mut single = Vec::with_capacity(appends.len());
    for (place, append) in appends.iter().enumerate() {
        match append.entries.len() {
            1 => single.push(place),
            entries => {
                let kept = OF_ONE_APPEND.get(entries - 1).map(String::as_str);
                run(conn, kept, appends, &[place], &mut outcomes).await?;
            }
        }
    }
    let mut rest = single.as_slice();
    for (size, text) in SIZES.iter().zip(OF_ONE_ENTRY.iter()) {
        while let Some((some, others)) = rest.split_at_checked(*size) {
            run(conn, Some(text), appends, some, &mut outcomes).await?;
            rest = others;
        }
    }
    Ok(outcomes)
}

#[derive(FromRow)]
struct Applied {
    place: i64,
    version: i64,
    customer_unread: i64,
    team_unread: i64,
}

/// Runs the script for the appends at these places; without a text, one that is made for them.
async fn run(
    conn: &mut SqliteConnection,
    kept: Option<&'static str>,
    appends: &[&Append],
    places: &[usize],
    outcomes: &mut [Option<Appended>],
) -> Result<(), StoreError> {
    let mut query = match kept {
        Some(text) => sqlx::query_as(text),
        None => {
            let entries = places.iter().map(|place| appends[*place].entries.len()).max().unwrap_or_default();
            sqlx::query_as(AssertSqlSafe(text(places.len(), entries))).persistent(false)
        }
    };
    for place in places {
        query = bind(query, appends[*place]);
    }
    let applied: Vec<Applied> = query.fetch_all(conn).await?;
    for Applied { place, version, customer_unread, team_unread } in applied {
        let unread = Unread { customer: count(customer_unread)?, team: count(team_unread)? };
        let committed = Appended::Committed { version: unsigned(version)?, unread };
        // Its number in the script, which the script itself counts.
        if let Some(place) = usize::try_from(place).ok().and_then(|number| places.get(number)) {
            outcomes[*place] = Some(committed);
        }
    }
    Ok(())
}

/// The script of so many appends, of so many entries each. The session's row is changed if it is where the append
/// expects it and knows none of its entries; and an entry is inserted if the statement before it did something, that is
/// the change or the insertion of the entry before.
///
/// What an index knows has a statement of its own, which seldom does anything: SQLite writes the index entry of every
/// column that is set, be it to what it was.
fn text(appends: usize, entries: usize) -> String {
    let mut text = String::new();
    for number in 0..appends {
        let first = number * (HEAD + entries * ENTRY) + 1;
        let head = |n: usize| first + n - 1;
        let entry = |place: usize, n: usize| first + HEAD + place * ENTRY + n - 1;
        let ids: Vec<_> = (0..entries).map(|place| format!("${}", entry(place, 2))).collect();
        let [session, expected, status, assignee, last_seq] = [1, 2, 3, 4, 5].map(head);
        let [message_seq, sender, preview, message_at] = [6, 7, 8, 9].map(head);
        let [waiting, updated, closed, customer, team] = [10, 11, 12, 13, 14].map(head);
        let fits = format!(
            "id = ${session} and last_seq = ${expected}
                and not exists (select 1 from entries where session_id = ${session} and id in ({}))",
            ids.join(", ")
        );
        let written = write!(
            text,
            "update sessions set status = ${status}, assignee_id = ${assignee}
            where (status <> ${status} or assignee_id is not ${assignee}) and {fits};
            update sessions set
                version = version + 1,
                last_seq = ${last_seq},
                last_message_seq = ${message_seq},
                last_message_sender = ${sender},
                last_message_preview = ${preview},
                last_message_at_ms = ${message_at},
                waiting_since_ms = ${waiting},
                updated_at_ms = ${updated},
                closed_at_ms = ${closed},
                team_read_seq = case when ${closed} is null then team_read_seq else ${last_seq} end,
                customer_unread = case when ${closed} is null then customer_unread + ${customer} else 0 end,
                team_unread = case when ${closed} is null then team_unread + ${team} else 0 end
            where {fits}
            returning {number} as place, version, customer_unread, team_unread;"
        );
        written.expect("a string takes all");
        for place in 0..entries {
            let [seq, id, kind, sender_kind, sender_id] = [1, 2, 3, 4, 5].map(|n| entry(place, n));
            let [sender_name, body, event, created_at] = [6, 7, 8, 9].map(|n| entry(place, n));
            let written = write!(
                text,
                "insert into entries
                    (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
                select ${session}, ${seq}, ${id}, ${kind}, ${sender_kind}, ${sender_id}, ${sender_name}, ${body}, \
                ${event}, ${created_at}
                where changes() > 0;"
            );
            written.expect("a string takes all");
        }
    }
    text
}

type Script<'q> = QueryAs<'q, Sqlite, Applied, SqliteArguments>;

fn bind<'q>(query: Script<'q>, append: &'q Append) -> Script<'q> {
    let change = &append.change;
    let message = change.last_message.as_ref();
    let head = query
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
        .bind(i64::from(change.unread_added.team));
    append.entries.iter().fold(head, |query, entry| bind_entry(query, entry))
}

fn bind_entry<'q>(query: Script<'q>, entry: &'q Entry) -> Script<'q> {
    let Columns { kind, sender_kind, sender_id, sender_name, event } = Columns::of(entry);
    query
        .bind(signed(entry.seq.get()))
        .bind(entry.id.uuid())
        .bind(kind)
        .bind(sender_kind)
        .bind(sender_id)
        .bind(sender_name)
        .bind(&entry.body)
        .bind(event)
        .bind(entry.created_at.get())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sqlx::{Connection, Row as _};

    use super::*;
    use crate::testing::{Engine, TestStore};

    /// The b-trees that a statement itself writes to, by SQLite's own plan.
    async fn written(conn: &mut SqliteConnection, statement: &str) -> HashSet<i64> {
        let explain = AssertSqlSafe(format!("explain {statement}"));
        let steps = sqlx::raw_sql(explain).fetch_all(conn).await.unwrap();
        // What triggers do comes after it, counted anew; theirs does nothing unless a slot begins.
        let own = steps.iter().enumerate().take_while(|(n, step)| step.get::<i64, _>("addr") == *n as i64);
        let opened = own.filter(|(_, step)| step.get::<String, _>("opcode") == "OpenWrite");
        opened.map(|(_, step)| step.get("p2")).collect()
    }

    #[tokio::test]
    async fn a_message_writes_no_index_of_sessions() {
        let test = TestStore::new(Engine::Sqlite).await;
        let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
        let indexes = "select rootpage from sqlite_schema
            where type = 'index' and tbl_name = 'sessions' and sql is not null";
        let indexes: Vec<i64> = sqlx::query_scalar(indexes).fetch_all(&mut conn).await.unwrap();
        let indexes = HashSet::from_iter(indexes);
        assert_eq!(indexes.len(), 5);
        let script = text(1, 1);
        let [standing, message, entry, ""] = script.split(';').collect::<Vec<_>>()[..] else {
            panic!("other statements: {script}")
        };
        assert_eq!(written(&mut conn, standing).await.intersection(&indexes).count(), 2, "it can be told");
        assert!(!written(&mut conn, message).await.is_empty());
        assert!(written(&mut conn, message).await.is_disjoint(&indexes));
        assert!(written(&mut conn, entry).await.is_disjoint(&indexes));
    }
}
