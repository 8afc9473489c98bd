//! Appends on SQLite: what the store holds is asked in one question, what becomes of each append is decided here, and
//! those that fit are written by statements of many rows.
//!
//! Every statement's end, and every row of an answer, is a message from the connection's thread that wakes the writer's
//! task: that costs more than to write a row. So a batch is few statements, and its one question has one row for an
//! answer.

use std::sync::LazyLock;

use protocol::{AgentId, Entry, Seq, UtcMillis};
use serde::Deserialize;
use sqlx::{
    AssertSqlSafe, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteQueryResult},
    types::Json,
};
use uuid::Uuid;

use crate::{
    Append, Appended, StoreError, StoredId, Unread,
    entries::Columns,
    rows::{count, seq, signed, time, unreadable, unsigned},
    sessions::rank,
    writer::further::reach_further,
};

/// Appends of one script, if all have one entry; from the largest, so that a batch is a few scripts, and a
/// small one a single script.
const SIZES: [usize; 13] = [256, 128, 64, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1];
/// A script is kept prepared for each of [`SIZES`], and for one append of up to so many entries.
const KEPT_ENTRIES: usize = 4;

static OF_ONE_ENTRY: LazyLock<[String; SIZES.len()]> = LazyLock::new(|| SIZES.map(|size| text(size, size)));
static OF_ONE_APPEND: LazyLock<[String; KEPT_ENTRIES]> =
    LazyLock::new(|| std::array::from_fn(|n| text(n + 1, 1)));

/// Writes appends of different sessions; answers in their order. The transaction must keep others from writing.
pub(super) async fn append(
    conn: &mut SqliteConnection,
    appends: &[&Append],
) -> Result<Vec<Appended>, StoreError> {
    let mut outcomes = Vec::with_capacity(appends.len());
    let mut fitting = Vec::with_capacity(appends.len());
    let found = look(conn, appends).await?;
    let mut rest = found.as_slice();
    for append in appends {
        let (own, others) = rest.split_at(append.entries.len());
        rest = others;
        outcomes.push(judge(append, own, &mut fitting)?);
    }
    write(conn, &fitting).await?;
    for Fitting { append, .. } in fitting.iter().filter(|fitting| fitting.append.reaches_further()) {
        reach_further!(conn, append);
    }
    Ok(outcomes)
}

/// A session as it is before an append, and where the append's entry is in its log already; without names, as an array.
#[derive(Clone, Deserialize)]
struct Found {
    last_seq: i64,
    version: i64,
    customer_unread: i64,
    team_unread: i64,
    status: String,
    assignee: Option<Uuid>,
    waiting_since_ms: Option<i64>,
    updated_at_ms: i64,
    closed_at_ms: Option<i64>,
    snoozed_until_ms: Option<i64>,
    stored_seq: Option<i64>,
    stored_at_ms: Option<i64>,
}

/// `$1` is a list of a session's and an entry's id in one word. The answer counts them as they stand there; those of
/// unknown sessions are not in it. The cross join keeps the order: by each word's session.
const LOOK: &str = "
    select json_group_array(json_array(i.key, json_array(s.last_seq, s.version, s.customer_unread, s.team_unread,
        s.status, nullif(hex(s.assignee_id), ''), s.waiting_since_ms, s.updated_at_ms, s.closed_at_ms,
        s.snoozed_until_ms, e.seq, e.created_at_ms)))
    from json_each($1) i
    cross join sessions s on s.id = unhex(substr(i.value, 1, 32))
    left join entries e on e.session_id = s.id and e.id = unhex(substr(i.value, 33))";

/// One per entry of all appends, in order; `None`: there is no such session.
async fn look(conn: &mut SqliteConnection, appends: &[&Append]) -> Result<Vec<Option<Found>>, StoreError> {
    let entries = appends.iter().map(|append| append.entries.len()).sum();
    let mut words = String::with_capacity(2 + entries * 67);
    let mut buffer = Uuid::encode_buffer();
    words.push('[');
    for append in appends {
        for entry in &append.entries {
            words.push_str(if words.len() > 1 { ",\"" } else { "\"" });
            words.push_str(append.session.uuid().simple().encode_lower(&mut buffer));
            words.push_str(entry.id.uuid().simple().encode_lower(&mut buffer));
            words.push('"');
        }
    }
    words.push(']');
    let answer: String = sqlx::query_scalar(LOOK).bind(words).fetch_one(conn).await?;
    let answer: Vec<(usize, Found)> =
        serde_json::from_str(&answer).map_err(|error| unreadable(error.to_string()))?;
    let mut found = vec![None; entries];
    for (number, one) in answer {
        if let Some(place) = found.get_mut(number) {
            *place = Some(one);
        }
    }
    Ok(found)
}

/// An append to be written, and what it changes of its session's row.
struct Fitting<'a> {
    append: &'a Append,
    /// If it is a message that stands behind what others have appended.
    behind: Option<Behind>,
    unread: Unread,
    /// The status or the holder is another. That is a statement of its own, for SQLite writes the index entry of every
    /// column that is set, be it to what it was.
    standing: bool,
}

/// Where a message stands behind others, and what else follows from them.
struct Behind {
    seq: Seq,
    created_at: UtcMillis,
    waiting_since: Option<UtcMillis>,
}

impl Behind {
    fn of(append: &Append, session: &Found) -> Result<Option<Self>, StoreError> {
        let change = &append.change;
        let stands = session.last_seq > signed(append.expected.get())
            && session.status == change.status.as_str()
            && session.assignee.map(AgentId::new) == change.assignee
            && session.closed_at_ms.is_none()
            && session.snoozed_until_ms.is_none()
            && change.closed_at.is_none();
        let Some(entry) = append.message().filter(|_| stands) else { return Ok(None) };
        let created_at = entry.created_at.max(UtcMillis::new(session.updated_at_ms));
        let waiting_since =
            change.waiting_since.map(|_| time(session.waiting_since_ms).unwrap_or(created_at));
        Ok(Some(Self { seq: seq(session.last_seq)?.next(), created_at, waiting_since }))
    }
}

/// What becomes of an append, by what was found for its entries.
fn judge<'a>(
    append: &'a Append,
    found: &[Option<Found>],
    fitting: &mut Vec<Fitting<'a>>,
) -> Result<Appended, StoreError> {
    let Some(Some(session)) = found.first() else { return Ok(Appended::Missing) };
    let behind = Behind::of(append, session)?;
    if session.last_seq != signed(append.expected.get()) && behind.is_none() {
        return Ok(Appended::MovedOn);
    }
    let mut stored = Vec::new();
    for (entry, found) in append.entries.iter().zip(found.iter().flatten()) {
        if let (Some(at), Some(created_at_ms)) = (found.stored_seq, found.stored_at_ms) {
            let created_at = UtcMillis::new(created_at_ms);
            stored.push(StoredId { id: entry.id, seq: seq(at)?, created_at });
        }
    }
    if !stored.is_empty() && behind.is_some() {
        return Ok(Appended::MovedOn);
    }
    if !stored.is_empty() {
        return Ok(Appended::Duplicates(stored));
    }
    let change = &append.change;
    let added = change.unread_added;
    let unread = match change.closed_at {
        None => Unread {
            customer: count(session.customer_unread + i64::from(added.customer))?,
            team: count(session.team_unread + i64::from(added.team))?,
        },
        Some(_) => Unread::default(),
    };
    let standing =
        session.status != change.status.as_str() || session.assignee.map(AgentId::new) != change.assignee;
    let version = unsigned(session.version + 1)?;
    let outcome = match &behind {
        Some(Behind { seq, created_at, .. }) => {
            Appended::Behind { seq: *seq, created_at: *created_at, version, unread }
        }
        None => Appended::Committed { version, unread },
    };
    fitting.push(Fitting { append, behind, unread, standing });
    Ok(outcome)
}

const STANDING: &str = "update sessions set status = $2, assignee_id = $3 where id = $1";

/// A statement of its own, too.
const TICKET: &str = "
    update sessions set subject = $2, priority = $3, category = $4, tags = $5, snoozed_until_ms = $6,
        queued_since_ms = $7, work = $8
    where id = $1";

async fn write(conn: &mut SqliteConnection, fitting: &[Fitting<'_>]) -> Result<(), StoreError> {
    for Fitting { append, .. } in fitting {
        if let Some(ticket) = &append.change.ticket {
            let query = sqlx::query(TICKET)
                .bind(append.session.uuid())
                .bind(ticket.subject.as_deref())
                .bind(rank(ticket.priority))
                .bind(ticket.category.as_deref())
                .bind(Json(&ticket.tags))
                .bind(ticket.snoozed_until.map(|time| time.get()))
                .bind(ticket.queued_since.map(|time| time.get()))
                .bind(Json(&ticket.work));
            all_written(1, &query.execute(&mut *conn).await?)?;
        }
    }
    for Fitting { append, .. } in fitting.iter().filter(|fitting| fitting.standing) {
        let query = sqlx::query(STANDING)
            .bind(append.session.uuid())
            .bind(append.change.status.as_str())
            .bind(append.change.assignee.map(|agent| agent.uuid()));
        all_written(1, &query.execute(&mut *conn).await?)?;
    }
    let (single, several): (Vec<_>, Vec<_>) =
        fitting.iter().partition(|fitting| fitting.append.entries.len() == 1);
    for fitting in several {
        let entries = fitting.append.entries.len();
        let kept = OF_ONE_APPEND.get(entries - 1).map(String::as_str);
        run(conn, kept, &[fitting]).await?;
    }
    let mut rest = single.as_slice();
    for (size, text) in SIZES.iter().zip(OF_ONE_ENTRY.iter()) {
        while let Some((some, others)) = rest.split_at_checked(*size) {
            run(conn, Some(text), some).await?;
            rest = others;
        }
    }
    Ok(())
}

/// Runs the script for these; without a text, one that is made for them.
async fn run(
    conn: &mut SqliteConnection,
    kept: Option<&'static str>,
    fitting: &[&Fitting<'_>],
) -> Result<(), StoreError> {
    let entries: usize = fitting.iter().map(|fitting| fitting.append.entries.len()).sum();
    let mut query = match kept {
        Some(text) => sqlx::query(text),
        None => sqlx::query(AssertSqlSafe(text(entries, fitting.len()))).persistent(false),
    };
    for fitting in fitting {
        for entry in &fitting.append.entries {
            query = bind_entry(query, fitting, entry);
        }
    }
    for fitting in fitting {
        query = bind_change(query, fitting);
    }
    all_written(entries + fitting.len(), &query.execute(conn).await?)
}

/// What was found fits, and nobody else could write; else nothing of it may be committed.
fn all_written(rows: usize, result: &SqliteQueryResult) -> Result<(), StoreError> {
    if result.rows_affected() == rows as u64 {
        return Ok(());
    }
    Err(unreadable(format!("{} of {rows} rows were written", result.rows_affected())))
}

/// Inserts so many entries, and changes so many sessions' rows.
///
/// The parameters have no numbers: a statement's numbered parameters are looked for one by one. `or fail`: whatever
/// fails undoes the transaction, so that SQLite need not keep, in a file, what the statement alone would have to undo. The
/// plus keeps it from reading all sessions and looking each up among the rows, which it holds for cheaper when they are
/// many.
fn text(entries: usize, sessions: usize) -> String {
    let rows = |row: &str, number: usize| vec![row; number].join(", ");
    let entries = rows("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entries);
    let sessions = rows("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sessions);
    format!(
        "insert or fail into entries
            (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
        values {entries};
        with i (session_id, last_seq, message_seq, sender, preview, message_at_ms, waiting_since_ms, updated_at_ms,
            closed_at_ms, team_read_seq, customer_unread, team_unread) as (values {sessions})
        update or fail sessions set
            version = version + 1,
            last_seq = i.last_seq,
            last_message_seq = i.message_seq,
            last_message_sender = i.sender,
            last_message_preview = i.preview,
            last_message_at_ms = i.message_at_ms,
            waiting_since_ms = i.waiting_since_ms,
            updated_at_ms = i.updated_at_ms,
            closed_at_ms = i.closed_at_ms,
            team_read_seq = coalesce(i.team_read_seq, sessions.team_read_seq),
            customer_unread = i.customer_unread,
            team_unread = i.team_unread
        from i
        where sessions.id = +i.session_id"
    )
}

type Script<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bind_entry<'q>(query: Script<'q>, fitting: &Fitting<'q>, entry: &'q Entry) -> Script<'q> {
    let Columns { kind, sender_kind, sender_id, sender_name, event } = Columns::of(entry);
    let (seq, created_at) = fitting
        .behind
        .as_ref()
        .map_or((entry.seq, entry.created_at), |behind| (behind.seq, behind.created_at));
    query
        .bind(fitting.append.session.uuid())
        .bind(signed(seq.get()))
        .bind(entry.id.uuid())
        .bind(kind)
        .bind(sender_kind)
        .bind(sender_id)
        .bind(sender_name)
        .bind(&entry.body)
        .bind(event)
        .bind(created_at.get())
}

fn bind_change<'q>(query: Script<'q>, fitting: &Fitting<'q>) -> Script<'q> {
    let Fitting { append, behind, unread, .. } = fitting;
    let change = &append.change;
    let message = change.last_message.as_ref();
    let (last_seq, message_seq, message_at, waiting_since, updated_at) = match behind {
        Some(Behind { seq, created_at, waiting_since }) => {
            (*seq, Some(*seq), Some(*created_at), *waiting_since, *created_at)
        }
        None => (
            append.last_seq(),
            message.map(|message| message.seq),
            message.map(|message| message.created_at),
            change.waiting_since,
            change.updated_at,
        ),
    };
    let last_seq = signed(last_seq.get());
    query
        .bind(append.session.uuid())
        .bind(last_seq)
        .bind(message_seq.map(|seq| signed(seq.get())))
        .bind(message.map(|message| message.sender.as_str()))
        .bind(message.map(|message| message.preview.as_str()))
        .bind(message_at.map(|time| time.get()))
        .bind(waiting_since.map(|time| time.get()))
        .bind(updated_at.get())
        .bind(change.closed_at.map(|time| time.get()))
        // To end a session is to have read it.
        .bind(change.closed_at.map(|_| last_seq))
        .bind(i64::from(unread.customer))
        .bind(i64::from(unread.team))
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

    /// How a statement finds its rows.
    async fn plan(conn: &mut SqliteConnection, statement: &str) -> Vec<String> {
        let explain = AssertSqlSafe(format!("explain query plan {statement}"));
        let steps = sqlx::raw_sql(explain).fetch_all(conn).await.unwrap();
        steps.iter().map(|step| step.get("detail")).collect()
    }

    #[tokio::test]
    async fn a_message_writes_no_index_of_sessions() {
        let test = TestStore::new(Engine::Sqlite).await;
        let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
        let indexes = "select rootpage from sqlite_schema
            where type = 'index' and tbl_name = 'sessions' and sql is not null";
        let indexes: Vec<i64> = sqlx::query_scalar(indexes).fetch_all(&mut conn).await.unwrap();
        let indexes = HashSet::from_iter(indexes);
        assert_eq!(indexes.len(), 9);
        let script = text(1, 1);
        let [entry, message] = script.split(';').collect::<Vec<_>>()[..] else {
            panic!("other statements: {script}")
        };
        assert_eq!(written(&mut conn, STANDING).await.intersection(&indexes).count(), 2, "it can be told");
        assert!(!written(&mut conn, message).await.is_empty());
        assert!(written(&mut conn, message).await.is_disjoint(&indexes));
        assert!(written(&mut conn, entry).await.is_disjoint(&indexes));
    }

    #[tokio::test]
    async fn rows_are_found_by_their_keys() {
        let test = TestStore::new(Engine::Sqlite).await;
        let mut conn = SqliteConnection::connect(&test.url).await.unwrap();
        for sessions in SIZES {
            let script = text(sessions, sessions);
            let (_, update) = script.split_once(';').unwrap();
            let plan = plan(&mut conn, update).await;
            let found = plan.iter().filter(|step| step.contains("sessions"));
            let found: Vec<_> = found.map(String::as_str).collect();
            assert_eq!(found, ["SEARCH sessions USING PRIMARY KEY (id=?)"], "{plan:?}");
        }
        let plan = plan(&mut conn, LOOK).await;
        assert!(plan.iter().any(|step| step == "SEARCH s USING PRIMARY KEY (id=?)"), "{plan:?}");
        assert!(plan.iter().any(|step| step.starts_with("SEARCH e USING INDEX entries_by_id")), "{plan:?}");
    }
}
