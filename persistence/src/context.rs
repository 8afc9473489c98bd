//! What surrounds a session: what it began with, the visitor's pages, and the customer's other sessions.

use protocol::{AgentId, SessionId, UtcMillis, limits, rest::SeenPage};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    ListCursor, Session, SessionPage, Store, StoreError, StoredContext,
    rows::unsigned,
    sessions::{Row, select_sessions, sessions},
    store::on_engine,
};

const CONTEXT: &str = "select context, locale from sessions where id = $1";

/// Twice in one millisecond is once.
const SEE: &str = "
    insert into session_pages (session_id, seen_at_ms, url, title) values ($1, $2, $3, $4)
    on conflict (session_id, seen_at_ms) do update set url = excluded.url, title = excluded.title";

const FORGET: &str = "
    delete from session_pages where session_id = $1 and seen_at_ms < (
        select min(seen_at_ms) from (
            select seen_at_ms from session_pages where session_id = $1 order by seen_at_ms desc limit $2
        ) as newest
    )";

const PAGES: &str = "select url, title, seen_at_ms from session_pages where session_id = $1 order by seen_at_ms desc limit $2";

/// Of the same customer as `$1`. A null `$3`: of whoever holds them. After `$4`, `$5`.
const RELATED: &str = select_sessions!(
    "where s.contact_id = $2 and s.id <> $1
        and ($3 is null or s.assignee_id is null or s.assignee_id = $3)
        and (s.created_at_ms < $4 or (s.created_at_ms = $4 and s.id < $5))
    order by s.created_at_ms desc, s.id desc limit $6"
);

const COUNT: &str = "
    select count(*) from sessions s
    where s.contact_id = $2 and s.id <> $1 and ($3 is null or s.assignee_id is null or s.assignee_id = $3)";

impl Store {
    /// What the session began with.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session_context(&self, session: SessionId) -> Result<Option<StoredContext>, StoreError> {
        let row: Option<(Json<serde_json::Value>, Option<String>)> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(CONTEXT).bind(session.uuid()).fetch_optional(conn).await?)
        })?;
        Ok(row.map(|(context, locale)| StoredContext { context: context.0, locale }))
    }

    /// The visitor is on this page now. The oldest beyond [`limits::PAGES`] are forgotten.
    ///
    /// # Errors
    /// `Unavailable`; `Refused`: there is no such session.
    pub async fn page_seen(&self, session: SessionId, page: &SeenPage) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(SEE)
                .bind(session.uuid())
                .bind(page.seen_at.get())
                .bind(&page.url)
                .bind(page.title.as_deref())
                .execute(&mut *conn)
                .await?;
            sqlx::query(FORGET)
                .bind(session.uuid())
                .bind(i64::from(limits::PAGES))
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// The visitor's pages, the newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn pages_seen(&self, session: SessionId) -> Result<Vec<SeenPage>, StoreError> {
        let rows: Vec<(String, Option<String>, i64)> = on_engine!(read self, conn => Ok(sqlx::query_as(PAGES)
            .bind(session.uuid())
            .bind(i64::from(limits::PAGES))
            .fetch_all(conn)
            .await?))?;
        let page = |(url, title, at)| SeenPage { url, title, seen_at: UtcMillis::new(at) };
        Ok(rows.into_iter().map(page).collect())
    }

    /// The customer's other sessions, the newest first; `visible_to` as in a list's filter. The cursor is by `created_at`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn related_sessions(
        &self,
        session: &Session,
        visible_to: Option<AgentId>,
        after: Option<ListCursor>,
        limit: u32,
    ) -> Result<SessionPage, StoreError> {
        let (at, id) = after.map_or((i64::MAX, Uuid::max()), |after| (after.at.get(), after.id.uuid()));
        let (rows, total): (Vec<Row>, i64) = on_engine!(read self, conn => {
            let rows: Vec<Row> = sqlx::query_as(RELATED)
                .bind(session.id.uuid())
                .bind(session.contact.id.uuid())
                .bind(visible_to.map(|agent| agent.uuid()))
                .bind(at)
                .bind(id)
                // One more than asked for tells whether there is another page.
                .bind(i64::from(limit) + 1)
                .fetch_all(&mut *conn)
                .await?;
            let total = sqlx::query_scalar(COUNT)
                .bind(session.id.uuid())
                .bind(session.contact.id.uuid())
                .bind(visible_to.map(|agent| agent.uuid()))
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
