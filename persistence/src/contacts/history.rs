//! What the team has had to do with a customer: for whoever looks at one of their chats.

use protocol::{AgentId, ContactId, Rating, SessionId, UtcMillis, limits};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    ListCursor, Session, SessionPage, Store, StoreError,
    rows::{time, unsigned},
    sessions::{Row, select_sessions, sessions},
    store::on_engine,
};

/// A null `$3`: of whoever holds them.
macro_rules! seen {
    ($tail:expr) => {
        concat!(
            "where s.contact_id = $1 and s.id <> $2
                and ($3 is null or s.assignee_id is null or s.assignee_id = $3)",
            $tail
        )
    };
}

const OPEN: &str = select_sessions!(seen!(
    " and s.status in ('open', 'in_progress') order by s.created_at_ms desc, s.id desc limit $4"
));
const EARLIER: &str = select_sessions!(seen!(
    " and s.status in ('resolved', 'closed') order by s.created_at_ms desc, s.id desc limit $4"
));
const RATINGS: &str = "
    select s.id, s.number, s.rating from sessions s
    where s.contact_id = $1 and s.rating is not null
        and ($2 is null or s.assignee_id is null or s.assignee_id = $2)
    order by s.created_at_ms desc, s.id desc limit $3";
const COUNTS: &str = "
    select count(*), count(*) filter (where $3 is null or s.assignee_id is null or s.assignee_id = $3)
    from sessions s where s.contact_id = $1 and s.id <> $2";
const SEEN: &str = "
    select min(s.created_at_ms), max(case when s.last_message_sender = 'customer' then s.last_message_at_ms
        else s.created_at_ms end) from sessions s where s.contact_id = $1";
const LAST_PAGE: &str = "
    select max(p.seen_at_ms) from session_pages p where p.session_id in (
        select s.id from sessions s where s.contact_id = $1 order by s.created_at_ms desc limit $2)";

/// After `$3`, `$4`.
const OF_CONTACT: &str = select_sessions!(
    "where s.contact_id = $1 and ($2 is null or s.assignee_id is null or s.assignee_id = $2)
        and (s.created_at_ms < $3 or (s.created_at_ms = $3 and s.id < $4))
    order by s.created_at_ms desc, s.id desc limit $5"
);
const COUNT_OF_CONTACT: &str = "
    select count(*) from sessions s
    where s.contact_id = $1 and ($2 is null or s.assignee_id is null or s.assignee_id = $2)";

/// A customer's other chats, as far as somebody may see them.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// How many there are.
    pub sessions: u64,
    /// How many of them may be seen.
    pub visible: u64,
    /// Those that go on.
    pub open: Vec<Session>,
    /// Those that are over.
    pub earlier: Vec<Session>,
    /// The last ratings: the chat, its number, how it was found.
    pub ratings: Vec<(SessionId, u64, Rating)>,
    /// The first chat's beginning.
    pub first_seen: Option<UtcMillis>,
    /// The last page, or the last word.
    pub last_seen: Option<UtcMillis>,
}

type RatingRow = (Uuid, i64, Json<Rating>);

impl Store {
    /// What there is beside `session` of its customer; `visible_to` as in a list's filter.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn history(
        &self,
        session: &Session,
        visible_to: Option<AgentId>,
    ) -> Result<History, StoreError> {
        let (id, contact) = (session.id.uuid(), session.contact.id.uuid());
        let viewer = visible_to.map(|agent| agent.uuid());
        let few = i64::from(limits::CONTEXT_SESSIONS);
        on_engine!(read self, conn => {
            let (all, visible): (i64, i64) = sqlx::query_as(COUNTS)
                .bind(contact)
                .bind(id)
                .bind(viewer)
                .fetch_one(&mut *conn)
                .await?;
            let mut listed: Vec<Vec<Session>> = Vec::with_capacity(2);
            for query in [OPEN, EARLIER] {
                // Most have none.
                let rows: Vec<Row> = if visible == 0 {
                    Vec::new()
                } else {
                    let query = sqlx::query_as(query).bind(contact).bind(id).bind(viewer).bind(few);
                    query.fetch_all(&mut *conn).await?
                };
                listed.push(sessions(rows)?);
            }
            let rated: Vec<RatingRow> = sqlx::query_as(RATINGS)
                .bind(contact)
                .bind(viewer)
                .bind(few)
                .fetch_all(&mut *conn)
                .await?;
            let (first, said): (Option<i64>, Option<i64>) =
                sqlx::query_as(SEEN).bind(contact).fetch_one(&mut *conn).await?;
            let page: Option<i64> =
                sqlx::query_scalar(LAST_PAGE).bind(contact).bind(few).fetch_one(conn).await?;
            let earlier = listed.pop().unwrap_or_default();
            let mut ratings = Vec::with_capacity(rated.len());
            for (id, number, rating) in rated {
                ratings.push((SessionId::new(id), unsigned(number)?, rating.0));
            }
            Ok(History {
                sessions: unsigned(all)?,
                visible: unsigned(visible)?,
                open: listed.pop().unwrap_or_default(),
                earlier,
                ratings,
                first_seen: time(first),
                last_seen: time(said.max(page)),
            })
        })
    }

    /// The contact's sessions, the newest first; `visible_to` as in a list's filter. The cursor is by `created_at`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn contact_sessions(
        &self,
        contact: ContactId,
        visible_to: Option<AgentId>,
        after: Option<ListCursor>,
        limit: u32,
    ) -> Result<SessionPage, StoreError> {
        let (at, id) = after.map_or((i64::MAX, Uuid::max()), |after| (after.at.get(), after.id.uuid()));
        let viewer = visible_to.map(|agent| agent.uuid());
        let (rows, total): (Vec<Row>, i64) = on_engine!(read self, conn => {
            let rows: Vec<Row> = sqlx::query_as(OF_CONTACT)
                .bind(contact.uuid())
                .bind(viewer)
                .bind(at)
                .bind(id)
                .bind(i64::from(limit) + 1)
                .fetch_all(&mut *conn)
                .await?;
            let total = sqlx::query_scalar(COUNT_OF_CONTACT)
                .bind(contact.uuid())
                .bind(viewer)
                .fetch_one(conn)
                .await?;
            Ok((rows, total))
        })?;
        let mut items = sessions(rows)?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| ListCursor { at: last.created_at, id: last.id });
        Ok(SessionPage { items, total: unsigned(total)?, next })
    }
}
