//! One question to the index: a few slices, narrowed by the filter.

use sqlx::{Database, Encode, FromRow, PgConnection, Postgres, QueryBuilder, Sqlite, SqliteConnection, Type};
use uuid::Uuid;

use crate::{SessionFilter, SessionOrder, dialect::ListWords, lists::narrow};

/// A document that the index suggests.
#[derive(Debug, FromRow)]
pub(super) struct Hit {
    pub(super) doc: i64,
    pub(super) session_id: Uuid,
    pub(super) seq: i64,
    /// As it is now; of a head: none.
    pub(super) body: Option<String>,
    pub(super) created_at_ms: Option<i64>,
}

/// Those of these slices that the filter lets through, the newest first.
pub(super) struct Step<'a> {
    /// A question for each slice, the newest first.
    pub(super) slices: Vec<String>,
    pub(super) said: bool,
    pub(super) top: i64,
    pub(super) bottom: i64,
    pub(super) limit: i64,
    pub(super) filter: &'a SessionFilter,
    pub(super) words: &'a ListWords,
}

impl Step<'_> {
    fn narrowed<DB: Database>(&self, query: &mut QueryBuilder<DB>)
    where
        Uuid: for<'q> Encode<'q, DB> + Type<DB>,
        &'static str: for<'q> Encode<'q, DB> + Type<DB>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        String: for<'q> Encode<'q, DB> + Type<DB>,
    {
        narrow(query, self.words, self.filter, SessionOrder::Recent, None);
    }

    /// The index goes from its newest rows to its oldest, and stops when there are enough.
    fn sqlite(&self) -> QueryBuilder<Sqlite> {
        let columns =
            if self.said { "e.body, e.created_at_ms" } else { "null as body, null as created_at_ms" };
        let entries = if self.said { " cross join entries e" } else { "" };
        let mut query = QueryBuilder::new(format!(
            "select d.doc, d.session_id, d.seq, {columns}
            from search_words w cross join search_docs d cross join sessions s{entries}
            where search_words match "
        ));
        query.push_bind(self.slices.join(" OR ")).push(" and w.rowid <= ").push_bind(self.top);
        query.push(" and w.rowid >= ").push_bind(self.bottom);
        query.push(" and d.doc = w.rowid and s.id = d.session_id");
        self.narrowed(&mut query);
        if self.said {
            query.push(" and e.session_id = d.session_id and e.seq = d.seq");
        }
        query.push(" order by w.rowid desc limit ").push_bind(self.limit);
        query
    }

    /// The index answers with all of a slice at once. Slice by slice, and of each the newest first, it is looked whether the
    /// filter lets it through, until there are enough: what is joined laterally is done in this order. A planner that
    /// may choose takes the words of many slices for most of all documents, and reads them all.
    pub(super) fn postgres(&self) -> QueryBuilder<Postgres> {
        let columns =
            if self.said { "e.body, e.created_at_ms" } else { "null as body, null::bigint as created_at_ms" };
        let mut query = QueryBuilder::new(format!(
            "select h.doc, h.session_id, h.seq, {columns} from (
            select h.doc, h.session_id, h.seq from unnest("
        ));
        query.push_bind(self.slices.clone()).push(
            ") u (slice) cross join lateral (
                select * from (
                    select d.doc, d.session_id, d.seq from search_docs d where d.words @@ u.slice::tsquery offset 0) d
                where d.doc <= ",
        );
        query.push_bind(self.top).push(" and d.doc >= ").push_bind(self.bottom).push(
            " order by d.doc desc offset 0) h
            cross join lateral (select 1 from sessions s where s.id = h.session_id",
        );
        self.narrowed(&mut query);
        query.push(" offset 0) s limit ").push_bind(self.limit).push(") h");
        if self.said {
            query.push(
                " cross join lateral (select e.body, e.created_at_ms from entries e
                    where e.session_id = h.session_id and e.seq = h.seq offset 0) e",
            );
        }
        query
    }
}

/// What can be asked so.
pub(super) trait Index {
    async fn hits(&mut self, step: &Step<'_>) -> Result<Vec<Hit>, sqlx::Error>;
}

impl Index for SqliteConnection {
    async fn hits(&mut self, step: &Step<'_>) -> Result<Vec<Hit>, sqlx::Error> {
        step.sqlite().build_query_as().fetch_all(self).await
    }
}

impl Index for PgConnection {
    async fn hits(&mut self, step: &Step<'_>) -> Result<Vec<Hit>, sqlx::Error> {
        let hits: Vec<Hit> = step.postgres().build_query_as().fetch_all(self).await?;
        if hits.is_sorted_by(|newer, older| newer.doc > older.doc) {
            Ok(hits)
        } else {
            Err(sqlx::Error::Decode("documents came in another order than they were asked for".into()))
        }
    }
}
