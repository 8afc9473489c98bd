//! How sessions become findable: another reading of the log, some time after it was written. Whoever writes a message
//! waits for none of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use protocol::{Event, UtcMillis};
use serde_json::json;
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type, types::Json};
use uuid::Uuid;

use super::{
    dialect,
    head::Head,
    typos,
    words::{self, index_words},
};
use crate::{
    Session, Store, StoreError,
    lists::SLOT_MS,
    sessions::{self, select_sessions, sessions},
    store::on_engine,
};

/// Sessions of a batch, and entries.
const SESSIONS: i64 = 200;
const ENTRIES: usize = 1_000;

/// Up to where everything is known to be indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexProgress {
    /// In the order in which sessions were changed.
    pub sessions: UtcMillis,
    /// And contacts.
    pub contacts: UtcMillis,
}

impl IndexProgress {
    /// As if there was less, by so much.
    #[must_use]
    pub fn minus(self, overlap: std::time::Duration) -> Self {
        Self { sessions: self.sessions.minus(overlap), contacts: self.contacts.minus(overlap) }
    }
}

/// What is to be written into the index.
#[derive(Debug)]
pub struct Unindexed {
    generation: i64,
    progress: IndexProgress,
    all: bool,
    /// New documents, without their numbers.
    new: Vec<Doc>,
    changed: Vec<(i64, Doc)>,
    gone: Vec<i64>,
    sessions: Vec<Indexed>,
    names: BTreeSet<String>,
}

impl Unindexed {
    /// Up to where everything is indexed when this is.
    pub const fn progress(&self) -> IndexProgress {
        self.progress
    }

    /// There was no more when it was read.
    pub const fn is_all(&self) -> bool {
        self.all
    }
}

#[derive(Debug)]
struct Doc {
    session: Uuid,
    seq: i64,
    words: Vec<String>,
}

#[derive(Debug)]
struct Indexed {
    session: Uuid,
    seq: i64,
    contact_at_ms: i64,
    head: String,
}

#[derive(FromRow, Default)]
struct State {
    generation: i64,
    sessions_at_ms: i64,
    contacts_at_ms: i64,
}

/// A session of which something is not indexed.
#[derive(FromRow)]
struct Behind {
    id: Uuid,
    last_seq: i64,
    indexed_seq: i64,
    head: Option<String>,
    at_ms: i64,
    contact_at_ms: i64,
}

#[derive(FromRow)]
struct Line {
    session_id: Uuid,
    seq: i64,
    kind: String,
    body: String,
    event: Option<Json<Event>>,
    deleted_at_ms: Option<i64>,
}

/// What was read for a batch.
#[derive(Default)]
struct Read {
    state: State,
    behind: Vec<Behind>,
    lines: Vec<Line>,
    rows: Vec<sessions::Row>,
    /// The entries that lines amended.
    amended: Vec<Line>,
    /// Documents that there are: number, session and seq.
    docs: Vec<(i64, Uuid, i64)>,
}

const STATE: &str = "select generation, sessions_at_ms, contacts_at_ms from search_state";

const SAID: &str = "
    select s.id, s.last_seq, coalesce(x.seq, 0) as indexed_seq, x.head, s.updated_at_ms as at_ms,
        c.updated_at_ms as contact_at_ms
    from sessions s join contacts c on c.id = s.contact_id left join search_sessions x on x.session_id = s.id
    where s.updated_slot >= $1 and s.updated_at_ms >= $2 and s.last_seq > coalesce(x.seq, 0)
    order by s.updated_slot, s.updated_at_ms, s.id limit $3";

const RENAMED: &str = "
    select s.id, x.seq as last_seq, x.seq as indexed_seq, x.head, c.updated_at_ms as at_ms,
        c.updated_at_ms as contact_at_ms
    from contacts c join sessions s on s.contact_id = c.id join search_sessions x on x.session_id = s.id
    where c.updated_at_ms >= $1 and x.contact_at_ms <> c.updated_at_ms
    order by c.updated_at_ms limit $2";

const BEGIN: &str = "
    update search_state set generation = generation + 1, next_doc = next_doc + $2, sessions_at_ms = $3,
        contacts_at_ms = $4
    where generation = $1 returning next_doc";

/// Sessions, each from behind a seq to another.
fn spans<DB: Database>(
    columns: &str,
    spans: &[(Uuid, i64, i64)],
    table: &str,
    limit: usize,
) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("with span (session_id, after, upto) as (");
    query.push_values(spans, |mut row, (session, after, upto)| {
        row.push_bind(*session).push_bind(*after).push_bind(*upto);
    });
    query.push(format!(
        ") select {columns} from span cross join {table} e
        where e.session_id = span.session_id and e.seq > span.after and e.seq <= span.upto
        order by e.session_id, e.seq limit "
    ));
    query.push_bind(limit as i64);
    query
}

const LINE: &str = "e.session_id, e.seq, e.kind, e.body, e.event, e.deleted_at_ms";

/// Sessions with these ids.
pub(super) fn these<DB: Database>(ids: &[Uuid]) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(select_sessions!("where s.id in ("));
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    list.push_unseparated(")");
    query
}

impl Store {
    /// Up to where everything was indexed when something was written last.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn index_progress(&self) -> Result<IndexProgress, StoreError> {
        let state: State = on_engine!(read self, conn => Ok(sqlx::query_as(STATE).fetch_one(conn).await?))?;
        Ok(IndexProgress {
            sessions: UtcMillis::new(state.sessions_at_ms),
            contacts: UtcMillis::new(state.contacts_at_ms),
        })
    }

    /// What is not indexed of what was changed since then; `None`: nothing.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn unindexed(
        &self,
        since: IndexProgress,
        now: UtcMillis,
    ) -> Result<Option<Unindexed>, StoreError> {
        let read: Read = on_engine!(read self, conn => {
            let state: State = sqlx::query_as(STATE).fetch_one(&mut *conn).await?;
            let mut behind: Vec<Behind> = sqlx::query_as(SAID)
                .bind(since.sessions.get() / SLOT_MS)
                .bind(since.sessions.get())
                .bind(SESSIONS)
                .fetch_all(&mut *conn)
                .await?;
            let said = behind.len();
            let query = sqlx::query_as(RENAMED).bind(since.contacts.get()).bind(SESSIONS);
            behind.extend::<Vec<Behind>>(query.fetch_all(&mut *conn).await?);
            let mut known = HashSet::new();
            behind.retain(|session| known.insert(session.id));
            if behind.is_empty() {
                return Ok(Read { state, ..Read::default() });
            }
            let after: Vec<_> =
                behind[..said].iter().map(|one| (one.id, one.indexed_seq, one.last_seq)).collect();
            let lines: Vec<Line> = if after.is_empty() {
                Vec::new()
            } else {
                spans(LINE, &after, "entries", ENTRIES).build_query_as().fetch_all(&mut *conn).await?
            };
            let ids: Vec<_> = behind.iter().map(|one| one.id).collect();
            let rows: Vec<sessions::Row> = these(&ids).build_query_as().fetch_all(&mut *conn).await?;
            // What was changed may have been said long ago.
            let mut places: Vec<_> = amended_by(&lines).map(|(id, seq)| (id, seq - 1, seq)).collect();
            let amended: Vec<Line> = if places.is_empty() {
                Vec::new()
            } else {
                spans(LINE, &places, "entries", ENTRIES).build_query_as().fetch_all(&mut *conn).await?
            };
            places.extend(ids.iter().map(|id| (*id, -1, 0)));
            let query = &mut spans("e.doc, e.session_id, e.seq", &places, "search_docs", places.len());
            let docs = query.build_query_as().fetch_all(&mut *conn).await?;
            Ok(Read { state, behind, lines, rows, amended, docs })
        })?;
        if read.behind.is_empty() {
            return Ok(None);
        }
        gather(read, now).map(Some)
    }

    /// Writes it. `false`: somebody else wrote meanwhile; ask again what there is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn index(&self, batch: &Unindexed) -> Result<bool, StoreError> {
        let sql = dialect::index(&self.pools);
        let added = batch.new.len() as i64;
        on_engine!(write self, conn => {
            let next: Option<i64> = sqlx::query_scalar(BEGIN)
                .bind(batch.generation)
                .bind(added)
                .bind(batch.progress.sessions.get())
                .bind(batch.progress.contacts.get())
                .fetch_optional(&mut *conn)
                .await?;
            let Some(next) = next else { return Ok(false) };
            let new = batch.new.iter().zip(next - added..).map(|(doc, number)| row(&sql, number, doc));
            let new = json!(new.collect::<Vec<_>>()).to_string();
            let changed = batch.changed.iter().map(|(number, doc)| row(&sql, *number, doc));
            let changed = json!(changed.collect::<Vec<_>>()).to_string();
            let gone = json!(batch.gone).to_string();
            let sessions = batch.sessions.iter();
            let sessions = sessions.map(|one| json!([one.session.simple().to_string(), one.seq, one.contact_at_ms, one.head]));
            let sessions = json!(sessions.collect::<Vec<_>>()).to_string();
            for (statements, rows) in
                [(sql.add, new), (sql.change, changed), (sql.remove, gone), (sql.note, sessions)]
            {
                for statement in statements {
                    if rows != "[]" {
                        sqlx::query(*statement).bind(&rows).execute(&mut *conn).await?;
                    }
                }
            }
            if !batch.names.is_empty() {
                let names = json!(batch.names).to_string();
                let new: Vec<String> = sqlx::query_scalar(sql.learn).bind(&names).fetch_all(&mut *conn).await?;
                let keys: Vec<_> = new
                    .iter()
                    .flat_map(|name| typos::keys_of_name(name).into_iter().map(move |key| (key, name)))
                    .collect();
                sqlx::query(sql.learn_keys).bind(json!(keys).to_string()).execute(conn).await?;
            }
            Ok(true)
        })
    }
}

fn row(sql: &dialect::Index, number: i64, doc: &Doc) -> serde_json::Value {
    let of_head = doc.seq == 0;
    let mark = super::mark(of_head, super::slice(of_head, number));
    json!([number, doc.session.simple().to_string(), doc.seq, (sql.words)(&mark, &doc.words)])
}

/// The entries whose texts were changed by these.
fn amended_by(lines: &[Line]) -> impl Iterator<Item = (Uuid, i64)> {
    lines.iter().filter_map(|line| match line.event.as_ref().map(|event| &event.0) {
        Some(Event::Edited { seq, .. } | Event::Deleted { seq, .. }) => {
            Some((line.session_id, crate::rows::signed(seq.get())))
        }
        _ => None,
    })
}

/// Works out what is to be written.
fn gather(read: Read, now: UtcMillis) -> Result<Unindexed, StoreError> {
    let Read { state, mut behind, lines, rows, amended, docs } = read;
    let sessions = sessions(rows)?;
    let more_lines = lines.len() >= ENTRIES;
    // Read in the order of their ids, the last one maybe not to its end.
    let last = lines.last().filter(|_| more_lines);
    let unread =
        |one: &Behind| one.indexed_seq < one.last_seq && last.is_some_and(|last| one.id >= last.session_id);
    let reached =
        |most: Option<i64>, all: bool| if all { now } else { most.map_or(now, UtcMillis::new).min(now) };
    let said = behind.iter().filter(|one| one.indexed_seq < one.last_seq);
    let first_unread = said.clone().filter(|one| unread(one)).map(|one| one.at_ms).min();
    let last_said = said.clone().next_back().map(|one| one.at_ms);
    let renamed = behind.iter().filter(|one| one.indexed_seq >= one.last_seq);
    let last_renamed = renamed.clone().next_back().map(|one| one.at_ms);
    let (said_count, renamed_count) = (said.count(), renamed.count());
    let progress = IndexProgress {
        sessions: reached(
            first_unread.or(last_said),
            first_unread.is_none() && (said_count as i64) < SESSIONS,
        ),
        contacts: reached(last_renamed, (renamed_count as i64) < SESSIONS),
    };
    behind.retain(|one| !unread(one) || last.is_some_and(|last| one.id == last.session_id));
    let known: HashMap<(Uuid, i64), i64> =
        docs.into_iter().map(|(doc, session, seq)| ((session, seq), doc)).collect();
    let mut batch = Unindexed {
        generation: state.generation,
        progress,
        all: first_unread.is_none() && (said_count.max(renamed_count) as i64) < SESSIONS,
        new: Vec::new(),
        changed: Vec::new(),
        gone: Vec::new(),
        sessions: Vec::new(),
        names: BTreeSet::new(),
    };
    let by_id: HashMap<Uuid, &Session> =
        sessions.iter().map(|session| (session.id.uuid(), session)).collect();
    let place = |doc: Doc, batch: &mut Unindexed| match known.get(&(doc.session, doc.seq)) {
        Some(number) if doc.words.is_empty() => batch.gone.push(*number),
        Some(number) => batch.changed.push((*number, doc)),
        None if doc.words.is_empty() => {}
        None => batch.new.push(doc),
    };
    for one in &behind {
        let Some(session) = by_id.get(&one.id) else { continue };
        let head = Head::of(session);
        let stored = head.stored();
        if one.head.as_deref() != Some(&stored) {
            batch.names.extend(head.name().into_iter().flat_map(words::words).map(|word| word.folded));
            place(Doc { session: one.id, seq: 0, words: head.index_words() }, &mut batch);
        }
        let seq = last.filter(|last| last.session_id == one.id).map_or(one.last_seq, |last| last.seq);
        batch.sessions.push(Indexed { session: one.id, seq, contact_at_ms: one.contact_at_ms, head: stored });
    }
    let mut seen = HashSet::new();
    for line in lines.iter().chain(&amended) {
        let said = matches!(line.kind.as_str(), "message" | "note");
        if !said || !seen.insert((line.session_id, line.seq)) {
            continue;
        }
        let words = if line.deleted_at_ms.is_some() { Vec::new() } else { index_words(&line.body) };
        place(Doc { session: line.session_id, seq: line.seq, words }, &mut batch);
    }
    Ok(batch)
}
