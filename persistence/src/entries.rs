//! The logs, read.

use protocol::{
    AgentId, Audience, ContactId, Entry, EntryId, EntryKind, Event, Sender, Seq, SessionId, UtcMillis,
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Store, StoreError, StoredId,
    rows::{present, seq, signed, unreadable, unsigned},
    store::on_engine,
};

/// The kind of events that are not for customers. On the wire they are events as others are.
const INTERNAL: &str = "internal";

/// `$3`: the reader is of the team, and sees what is internal: notes, and some of what happens.
macro_rules! select_entries {
    ($tail:literal) => {
        concat!(
            "select seq, id, kind, sender_kind, sender_id, sender_name, body, event, created_at_ms from entries
            where session_id = $1 and ($3 or kind in ('message', 'event')) ",
            $tail
        )
    };
}

const AFTER: &str = select_entries!("and seq > $2 order by seq limit $4");
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
    created_at_ms: i64,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let sender_id = present(row.sender_id, "sender_id");
        Ok(Self {
            id: EntryId::new(row.id),
            seq: seq(row.seq)?,
            kind: match row.kind.as_str() {
                "message" => EntryKind::Message,
                "note" => EntryKind::Note,
                "event" | INTERNAL => EntryKind::Event,
                other => return Err(unreadable(format!("an entry of kind {other:?}"))),
            },
            sender: match row.sender_kind.as_str() {
                "customer" => Sender::Customer { id: ContactId::new(sender_id?), name: row.sender_name },
                "agent" => Sender::Agent { id: AgentId::new(sender_id?), name: row.sender_name },
                "system" => Sender::System,
                other => return Err(unreadable(format!("a sender of kind {other:?}"))),
            },
            body: row.body,
            attachments: Vec::new(),
            event: row.event.map(|event| event.0),
            created_at: UtcMillis::new(row.created_at_ms),
        })
    }
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
