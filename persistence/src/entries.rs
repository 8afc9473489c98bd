//! The logs, read.

use protocol::{
    AgentId, Attachment, Audience, ContactId, Entry, EntryId, EntryKind, Event, Sender, Seq, SessionId,
    UtcMillis, rest::EntryVersion,
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Store, StoreError, StoredId,
    model::KeptFile,
    rows::{present, seq, signed, time, unreadable, unsigned},
    store::on_engine,
};

/// The kind of events that are not for customers. On the wire they are events as others are.
const INTERNAL: &str = "internal";

/// `$3`: the reader is of the team, and sees what is internal: notes, and some of what happens.
macro_rules! select_entries {
    ($tail:literal) => {
        concat!(
            "select seq, id, kind, sender_kind, sender_id, sender_name, body, event, mentions, attachments,
                created_at_ms, edited_at_ms, deleted_at_ms from entries
            where session_id = $1 and ($3 or kind in ('message', 'event')) ",
            $tail
        )
    };
}

const AFTER: &str = select_entries!("and seq > $2 order by seq limit $4");
const BY_ID: &str = select_entries!("and id = $2");
/// `$4` is the agent whose own do not count.
const REPLY: &str = select_entries!(
    "and seq > $2 and kind = 'message' and sender_kind = 'agent' and sender_id <> $4 order by seq limit 1"
);
const HISTORY: &str = "
    select h.body, e.created_at_ms, e.sender_kind, e.sender_id, e.sender_name
    from entry_history h join entries e on e.session_id = h.session_id and e.seq = h.by_seq
    where h.session_id = $1 and h.seq = $2 order by h.by_seq";
const BEFORE: &str = select_entries!("and seq < $2 order by seq desc limit $4");
const COUNT: &str =
    "select count(*) from entries where session_id = $1 and ($2 or kind in ('message', 'event'))";
pub(crate) const FIND: &str = "select id, seq, created_at_ms from entries where session_id = $1 and id = $2";

pub(crate) const INSERT: &str = "
    insert into entries
        (session_id, seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

#[derive(FromRow)]
pub(crate) struct Row {
    seq: i64,
    id: Uuid,
    kind: String,
    sender_kind: String,
    sender_id: Option<Uuid>,
    sender_name: Option<String>,
    body: String,
    event: Option<Json<Event>>,
    mentions: Option<Json<Vec<AgentId>>>,
    attachments: Option<Json<Vec<KeptFile>>>,
    created_at_ms: i64,
    edited_at_ms: Option<i64>,
    deleted_at_ms: Option<i64>,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: EntryId::new(row.id),
            seq: seq(row.seq)?,
            kind: match row.kind.as_str() {
                "message" => EntryKind::Message,
                "note" => EntryKind::Note,
                "event" | INTERNAL => EntryKind::Event,
                other => return Err(unreadable(format!("an entry of kind {other:?}"))),
            },
            sender: sender(&row.sender_kind, row.sender_id, row.sender_name)?,
            body: row.body,
            attachments: row
                .attachments
                .map(|files| files.0.into_iter().map(Attachment::from).collect())
                .unwrap_or_default(),
            event: row.event.map(|event| event.0),
            mentions: row.mentions.map(|mentions| mentions.0).unwrap_or_default(),
            created_at: UtcMillis::new(row.created_at_ms),
            edited_at: time(row.edited_at_ms),
            deleted_at: time(row.deleted_at_ms),
        })
    }
}

pub(crate) fn sender(kind: &str, id: Option<Uuid>, name: Option<String>) -> Result<Sender, StoreError> {
    let id = present(id, "sender_id");
    match kind {
        "customer" => Ok(Sender::Customer { id: ContactId::new(id?), name }),
        "agent" => Ok(Sender::Agent { id: AgentId::new(id?), name }),
        "system" => Ok(Sender::System),
        other => Err(unreadable(format!("a sender of kind {other:?}"))),
    }
}

#[derive(FromRow)]
struct VersionRow {
    body: String,
    created_at_ms: i64,
    sender_kind: String,
    sender_id: Option<Uuid>,
    sender_name: Option<String>,
}

/// An entry's columns that are not simply fields of it.
pub(crate) struct Columns<'a> {
    pub(crate) kind: &'static str,
    pub(crate) sender_kind: &'static str,
    pub(crate) sender_id: Option<Uuid>,
    pub(crate) sender_name: Option<&'a str>,
    pub(crate) event: Option<Json<&'a Event>>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(entry: &'a Entry) -> Self {
        let (sender_kind, sender_id, sender_name) = match &entry.sender {
            Sender::Customer { id, name } => ("customer", Some(id.uuid()), name.as_deref()),
            Sender::Agent { id, name } => ("agent", Some(id.uuid()), name.as_deref()),
            Sender::System => ("system", None, None),
        };
        let kind = match entry.kind {
            EntryKind::Message => "message",
            EntryKind::Note => "note",
            EntryKind::Event if entry.event.as_ref().is_some_and(Event::is_internal) => INTERNAL,
            EntryKind::Event => "event",
        };
        Self { kind, sender_kind, sender_id, sender_name, event: entry.event.as_ref().map(Json) }
    }
}

/// Inserts one entry.
macro_rules! insert_entry {
    ($conn:expr, $session:expr, $entry:expr) => {{
        let columns = $crate::entries::Columns::of($entry);
        sqlx::query($crate::entries::INSERT)
            .bind($session.uuid())
            .bind($crate::rows::signed($entry.seq.get()))
            .bind($entry.id.uuid())
            .bind(columns.kind)
            .bind(columns.sender_kind)
            .bind(columns.sender_id)
            .bind(columns.sender_name)
            .bind(&$entry.body)
            .bind(columns.event)
            .bind($entry.created_at.get())
            .execute($conn)
            .await?
    }};
}
pub(crate) use insert_entry;

pub(crate) type FoundId = (Uuid, i64, i64);

pub(crate) fn stored_id((id, at, created_at_ms): FoundId) -> Result<StoredId, StoreError> {
    Ok(StoredId { id: EntryId::new(id), seq: seq(at)?, created_at: UtcMillis::new(created_at_ms) })
}

impl Store {
    /// Where this id is in the session's log, if it is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn find_entry(&self, session: SessionId, id: EntryId) -> Result<Option<StoredId>, StoreError> {
        let found: Option<FoundId> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(FIND).bind(session.uuid()).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        found.map(stored_id).transpose()
    }

    /// One entry of the session's log, as this audience may see it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn entry(
        &self,
        session: SessionId,
        id: EntryId,
        audience: Audience,
    ) -> Result<Option<Entry>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => Ok(sqlx::query_as(BY_ID)
            .bind(session.uuid())
            .bind(id.uuid())
            .bind(sees_notes(audience))
            .fetch_optional(conn)
            .await?))?;
        row.map(Entry::try_from).transpose()
    }

    /// The first message after `after` of another agent than this one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn reply_after(
        &self,
        session: SessionId,
        after: Seq,
        agent: AgentId,
    ) -> Result<Option<Entry>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => Ok(sqlx::query_as(REPLY)
            .bind(session.uuid())
            .bind(signed(after.get()))
            .bind(true)
            .bind(agent.uuid())
            .fetch_optional(conn)
            .await?))?;
        row.map(Entry::try_from).transpose()
    }

    /// What the entry said before, the oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn entry_history(&self, session: SessionId, at: Seq) -> Result<Vec<EntryVersion>, StoreError> {
        let rows: Vec<VersionRow> = on_engine!(read self, conn => Ok(sqlx::query_as(HISTORY)
            .bind(session.uuid())
            .bind(signed(at.get()))
            .fetch_all(conn)
            .await?))?;
        let version = |row: VersionRow| {
            let by = sender(&row.sender_kind, row.sender_id, row.sender_name)?;
            Ok(EntryVersion { body: row.body, until: UtcMillis::new(row.created_at_ms), by })
        };
        rows.into_iter().map(version).collect()
    }

    /// The first `limit` entries after `after` that this audience may see, in order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn entries_after(
        &self,
        session: SessionId,
        after: Seq,
        limit: u32,
        audience: Audience,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => Ok(sqlx::query_as(AFTER)
            .bind(session.uuid())
            .bind(signed(after.get()))
            .bind(sees_notes(audience))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await?))?;
        rows.into_iter().map(Entry::try_from).collect()
    }

    /// The last `limit` entries before `before` (of all, if it is `None`) that this audience may see, in order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn entries_before(
        &self,
        session: SessionId,
        before: Option<Seq>,
        limit: u32,
        audience: Audience,
    ) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => Ok(sqlx::query_as(BEFORE)
            .bind(session.uuid())
            .bind(before.map_or(i64::MAX, |seq| signed(seq.get())))
            .bind(sees_notes(audience))
            .bind(i64::from(limit))
            .fetch_all(conn)
            .await?))?;
        rows.into_iter().rev().map(Entry::try_from).collect()
    }

    /// How many entries of the session this audience may see.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn count_entries(&self, session: SessionId, audience: Audience) -> Result<u64, StoreError> {
        let count: i64 = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(COUNT).bind(session.uuid()).bind(sees_notes(audience)).fetch_one(conn).await?)
        })?;
        unsigned(count)
    }
}

fn sees_notes(audience: Audience) -> bool {
    match audience {
        Audience::Customer => false,
        Audience::Team => true,
    }
}
