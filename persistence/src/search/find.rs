//! Searches: from the newest documents to the oldest, as far as a page needs.

use std::{fmt, str::FromStr, time::Duration};

use protocol::rest::{Match, MatchField};
use sqlx::{Database, Encode, QueryBuilder, Type};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    SearchQuery,
    head::{Head, snippet},
    query::Near,
    typos,
};
use crate::{
    Session, SessionFilter, SessionOrder, Store, StoreError,
    dialect::{ListWords, list_words},
    lists::narrow,
    sessions::{self, select_sessions},
    store::on_engine,
};

/// How long a request goes on asking for older slices. What it has not found by then, the next page brings.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// And when there is a page.
pub(super) const SOON: Duration = Duration::from_millis(30);
/// Names that may stand for one that was typed.
const NAMES: usize = 20;
const CANDIDATES: i64 = 200;

/// What is searched for, and where.
#[derive(Debug, Clone)]
pub struct Search {
    /// What.
    pub query: SearchQuery,
    /// Only among these.
    pub filter: SessionFilter,
    /// The newest match first, however well it fits.
    pub newest_first: bool,
    /// The end of an earlier page.
    pub after: Option<SearchCursor>,
    /// Most sessions of the page.
    pub limit: u32,
}

/// A session, and why it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Why.
    pub found: Match,
}

/// A page of what was found.
#[derive(Debug, Clone)]
pub struct FoundPage {
    /// The sessions; there may be fewer than asked for, and yet more to come.
    pub items: Vec<FoundSession>,
    /// How many there are, as far as they were counted.
    pub total: u64,
    /// That is all.
    pub exact: bool,
    /// Where the next page begins.
    pub next: Option<SearchCursor>,
}

/// What is looked at, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What is noted of sessions.
    Heads,
    /// What was said.
    Said,
    /// Names that are nearly what was typed.
    Near,
}

impl Part {
    const ALL: [Self; 3] = [Self::Heads, Self::Said, Self::Near];

    fn next(self) -> Option<Self> {
        Self::ALL.get(self as usize + 1).copied()
    }
}

/// The end of a page. As text: opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchCursor {
    pub(super) part: Part,
    /// The newest document when the search began: what came later is not looked at.
    pub(super) newest: i64,
    /// The newest document of the window, and the oldest, if it is known.
    pub(super) top: i64,
    pub(super) bottom: Option<i64>,
    /// Sessions of the window that were answered.
    offset: usize,
    /// Found before this window.
    pub(super) before: u64,
    /// No head had it, so names that are nearly so are asked for.
    near: bool,
}

impl fmt::Display for SearchCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, newest, top, bottom, offset, before, near } = self;
        let (part, bottom, near) = (*part as usize, bottom.unwrap_or(0), u8::from(*near));
        write!(f, "{part}.{newest}.{top}.{bottom}.{offset}.{before}.{near}")
    }
}

impl FromStr for SearchCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.').map(|number| number.parse::<u32>().map_err(|_| ()));
        let mut next = || numbers.next().unwrap_or(Err(()));
        let (part, newest, top, bottom) = (next()?, next()?, next()?, next()?);
        let (offset, before, near) = (next()?, next()?, next()?);
        let cursor = Self {
            part: *Part::ALL.get(part as usize).ok_or(())?,
            newest: newest.into(),
            top: top.into(),
            bottom: (bottom > 0).then_some(bottom.into()),
            offset: offset as usize,
            before: before.into(),
            near: near == 1,
        };
        if numbers.next().is_some() || near > 1 || bottom > top { Err(()) } else { Ok(cursor) }
    }
}

/// What one request knows.
pub(super) struct Looking<'a> {
    pub(super) store: &'a Store,
    pub(super) search: &'a Search,
    pub(super) words: ListWords,
    pub(super) near: Near,
    /// The filter lets no others through: they are looked at themselves.
    pub(super) few: Option<Vec<Uuid>>,
    pub(super) began: Instant,
}

impl Store {
    /// The sessions that the filter lets through and that have what is searched for: first by number, customer or what
    /// the team noted, then by what was said; each with the match that is newest.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn search_sessions(&self, search: &Search) -> Result<FoundPage, StoreError> {
        let limit = search.limit as usize;
        let mut page = FoundPage { items: Vec::new(), total: 0, exact: true, next: None };
        if search.query.is_empty() {
            return Ok(page);
        }
        let mut looking = Looking {
            store: self,
            search,
            words: list_words(&self.pools),
            near: Near::new(),
            few: None,
            began: Instant::now(),
        };
        let newest = match search.after {
            Some(cursor) => cursor.newest,
            None => looking.newest().await?,
        };
        looking.few = looking.few(newest).await?;
        let mut at = match search.after {
            Some(cursor) => cursor,
            None => {
                page.items.extend(looking.by_number().await?);
                let before = page.items.len() as u64;
                let (part, top) = (Part::Heads, newest);
                SearchCursor { part, newest, top, bottom: None, offset: 0, before, near: before == 0 }
            }
        };
        loop {
            if at.part == Part::Near && looking.near.is_empty() {
                looking.near = self.near_names(&search.query).await?;
            }
            let window = looking.window(&at).await?;
            let room = limit.saturating_sub(page.items.len());
            let count = window.found.len();
            page.items.extend(window.found.into_iter().skip(at.offset).take(room));
            page.total = at.before + count as u64;
            if page.next.is_none() && count > at.offset + room {
                let bottom = Some(window.bottom);
                page.next = Some(SearchCursor { bottom, offset: at.offset + room, ..at });
            }
            at = SearchCursor { offset: 0, bottom: None, before: page.total, ..at };
            if at.part == Part::Heads {
                at.near &= count == 0;
            }
            if window.bottom > 1 {
                at.top = window.bottom - 1;
            } else if let Some(part) = at.part.next().filter(|part| *part != Part::Near || at.near) {
                (at.part, at.top) = (part, at.newest);
            } else {
                page.exact = true;
                return Ok(page);
            }
            let full = page.items.len() >= limit;
            if full && page.next.is_none() {
                page.next = Some(at);
            }
            // What is left of a page that is full is counted while that is quick.
            let patience = if full { SOON } else { PATIENCE };
            if looking.began.elapsed() > patience || full && window.bottom > 1 {
                page.next.get_or_insert(at);
                return Ok(page);
            }
        }
    }

    /// Names that are nearly what was typed.
    async fn near_names(&self, query: &SearchQuery) -> Result<Near, StoreError> {
        let mut near = Near::new();
        for typed in query.typed_names() {
            let keys: Vec<String> = typos::keys_of_typed(typed).into_iter().collect();
            let mut names: Vec<String> = on_engine!(read self, conn => {
                Ok(names_of(&keys).build_query_scalar().fetch_all(conn).await?)
            })?;
            names.retain(|name| !name.starts_with(typed) && typos::begins_nearly(name, typed));
            names.sort_by_key(|name| name.chars().count().abs_diff(typed.chars().count()));
            names.truncate(NAMES);
            if !names.is_empty() {
                near.insert(typed.to_owned(), names);
            }
        }
        Ok(near)
    }
}

fn names_of<DB: Database>(keys: &[String]) -> QueryBuilder<DB>
where
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("select word from name_keys where key in (");
    let mut list = query.separated(", ");
    for key in keys {
        list.push_bind(key.clone());
    }
    query.push(") group by word order by length(word), word limit ").push_bind(CANDIDATES);
    query
}

impl Looking<'_> {
    /// The session whose number is searched for.
    async fn by_number(&self) -> Result<Option<FoundSession>, StoreError> {
        let Some(number) = self.search.query.number else { return Ok(None) };
        let filter = &self.search.filter;
        macro_rules! query {
            () => {{
                let mut query = QueryBuilder::new(select_sessions!("where s.number = "));
                query.push_bind(number);
                narrow(&mut query, &self.words, filter, SessionOrder::Recent, None);
                query
            }};
        }
        let row: Option<sessions::Row> = on_engine!(read self.store, conn => {
            Ok(query!().build_query_as().fetch_optional(conn).await?)
        })?;
        let Some(row) = row else { return Ok(None) };
        let session = Session::try_from(row)?;
        if !self.search.query.is_of(&Head::of(&session)) {
            return Ok(None);
        }
        let text = session.number.to_string();
        let whole = 0..text.len();
        let snippet = snippet(&text, std::slice::from_ref(&whole));
        Ok(Some(FoundSession {
            session,
            found: Match { field: MatchField::Number, seq: None, at: None, snippet },
        }))
    }

    async fn newest(&self) -> Result<i64, StoreError> {
        let next: i64 = on_engine!(read self.store, conn => {
            Ok(sqlx::query_scalar("select next_doc from search_state").fetch_one(conn).await?)
        })?;
        Ok(next - 1)
    }
}
