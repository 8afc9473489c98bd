//! Some sessions at a time, the newest match first, weighed against each other.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use protocol::{
    UtcMillis,
    rest::{Match, MatchField},
};
use sqlx::{Database, Encode, QueryBuilder, Type};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    dialect,
    find::{FoundSession, Looking, PATIENCE, Part, SOON, SearchCursor},
    head::{Head, filtered, snippet},
    index::these,
    mark,
    query::AllOf,
    slice, slice_bits,
    step::{Hit, Index as _, Step},
};
use crate::{
    Session, StoreError,
    rows::seq,
    sessions::{self, sessions},
    store::on_engine,
};

/// Sessions that are weighed against each other, at most; behind them come those whose match is older.
const SESSIONS: usize = 200;
/// Documents that are read at a time, as many as fill a window if each is of another session: Postgres reads a slice
/// anew for those behind them.
const DOCUMENTS: i64 = SESSIONS as i64;
/// Slices that are asked for at first, how many times as many the next time, and at most.
const FIRST_SLICES: i64 = 1;
const GROWTH: i64 = 4;
pub(super) const MOST_SLICES: i64 = 64;
/// Entries of a window's sessions that are looked at for an earlier answer.
pub(super) const NEWER: i64 = 20_000;
/// How old something is when it counts half.
const HALF: Duration = Duration::from_secs(30 * 24 * 3600);

/// The sessions of a window, as they are to be answered.
pub(super) struct Window {
    pub(super) found: Vec<FoundSession>,
    /// The oldest document that was looked at; 1: all were.
    pub(super) bottom: i64,
}

/// A session that has it, and how well.
struct Weighed {
    found: FoundSession,
    weight: f64,
}

impl Looking<'_> {
    /// What is found of a part, from the cursor's newest document on.
    pub(super) async fn window(&self, at: &SearchCursor) -> Result<Window, StoreError> {
        if at.top < 1
            || (at.part == Part::Near && self.near.is_empty())
            || (at.part == Part::Said && !self.search.query.may_be_said())
        {
            return Ok(Window { found: Vec::new(), bottom: 1 });
        }
        let (hits, bottom) = self.hits(at).await?;
        let mut ids: Vec<Uuid> = hits.iter().map(|hit| hit.session_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let by_id: HashMap<Uuid, Session> =
            self.sessions(&ids).await?.into_iter().map(|session| (session.id.uuid(), session)).collect();
        let answered = match at.part {
            Part::Heads => HashSet::new(),
            Part::Said if at.top >= at.newest => HashSet::new(),
            Part::Said => self.said(&ids, at.top, at.newest).await?,
            Part::Near if at.before == 0 => HashSet::new(),
            Part::Near => self.said(&ids, 0, at.newest).await?,
        };
        let newest = hits.iter().filter_map(|hit| hit.created_at_ms).max().unwrap_or_default();
        let mut known = HashSet::new();
        let mut weighed = Vec::new();
        for hit in &hits {
            let Some(session) = by_id.get(&hit.session_id) else { continue };
            if known.contains(&hit.session_id)
                || answered.contains(&hit.session_id)
                || self
                    .search
                    .query
                    .number
                    .is_some_and(|number| number == crate::rows::signed(session.number))
            {
                continue;
            }
            if let Some((found, weight)) = self.weigh(at.part, hit, session, newest)? {
                known.insert(hit.session_id);
                weighed.push(Weighed { found: FoundSession { session: session.clone(), found }, weight });
            }
        }
        if !self.search.newest_first {
            weighed.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        }
        Ok(Window { found: weighed.into_iter().map(|weighed| weighed.found).collect(), bottom })
    }

    /// What the index suggests, the newest first, and how far back it was asked.
    async fn hits(&self, at: &SearchCursor) -> Result<(Vec<Hit>, i64), StoreError> {
        let query = &self.search.query;
        let near = (at.part == Part::Near).then_some(&self.near);
        let of_head = at.part != Part::Said;
        let wanted = query.wanted(of_head, near);
        let last = at.bottom.unwrap_or(1);
        let (mut top, mut slices) = (at.top, FIRST_SLICES);
        let mut hits: Vec<Hit> = Vec::new();
        let mut ids = HashSet::new();
        let mut asked = 0;
        loop {
            let began = Instant::now();
            let mut step = self.step(&wanted, of_head, [last, top], slices, DOCUMENTS);
            let read: Vec<Hit> = match &self.few {
                None => on_engine!(read self.store, conn => Ok(conn.hits(&step).await?))?,
                Some(few) => {
                    (step.bottom, step.limit) = (last, NEWER);
                    if few.is_empty() { Vec::new() } else { self.documents(few, &step).await? }
                }
            };
            let cut = read.len() as i64 >= step.limit;
            let bottom = read.last().filter(|_| cut).map_or(step.bottom, |hit| hit.doc);
            ids.extend(read.iter().map(|hit| hit.session_id));
            hits.extend(read);
            if bottom <= last {
                return Ok((hits, last));
            }
            let full = ids.len() > self.search.limit as usize;
            let left = if full { SOON } else { PATIENCE }.saturating_sub(self.began.elapsed());
            if at.bottom.is_none() && (ids.len() >= SESSIONS || left.is_zero()) {
                return Ok((hits, bottom));
            }
            top = bottom - 1;
            // No more than there is time for, nor than a page needs, if the next slices are as these.
            let each = began.elapsed().as_secs_f64() / step.slices.len() as f64;
            let affordable = (left.as_secs_f64() / each) as i64;
            asked += step.slices.len();
            let short = (self.search.limit as usize + 1).saturating_sub(ids.len());
            let needed =
                if full || ids.is_empty() { MOST_SLICES } else { (asked * short / ids.len()) as i64 + 1 };
            slices =
                if cut { slices } else { slices * GROWTH }.min(affordable).min(needed).clamp(1, MOST_SLICES);
        }
    }

    /// The question for some slices, from the newest of these documents on.
    pub(super) fn step(
        &self,
        wanted: &[AllOf],
        of_head: bool,
        [last, top]: [i64; 2],
        slices: i64,
        limit: i64,
    ) -> Step<'_> {
        let mut wanted = wanted.to_vec();
        if of_head {
            let filtered = filtered(&self.search.filter);
            wanted.iter_mut().for_each(|all| all.extend_from_slice(&filtered));
        }
        let from = (slice(of_head, top) - slices + 1).max(slice(of_head, last));
        let asked = |slice| dialect::expression(&self.store.pools, &wanted, &mark(of_head, slice));
        Step {
            slices: (from..=slice(of_head, top)).rev().map(asked).collect(),
            said: !of_head,
            top,
            bottom: last.max(from << slice_bits(of_head)),
            limit,
            filter: &self.search.filter,
            words: &self.words,
        }
    }

    /// Whether it has what is searched for, as it is now.
    fn weigh(
        &self,
        part: Part,
        hit: &Hit,
        session: &Session,
        newest: i64,
    ) -> Result<Option<(Match, f64)>, StoreError> {
        let query = &self.search.query;
        let head = Head::of(session);
        if !query.is_of(&head) {
            return Ok(None);
        }
        let in_head = query.in_head(&head, None);
        let head_match = |(at, whole, hits): (usize, bool, Vec<_>)| {
            let (field, text) = &head.fields()[at];
            let found = Match { field: *field, seq: None, at: None, snippet: snippet(text, &hits) };
            (found, f64::from(u8::from(whole)))
        };
        match part {
            Part::Heads => Ok(in_head.map(head_match)),
            // It was found by its head.
            _ if in_head.is_some() => Ok(None),
            Part::Near => Ok(query.in_head(&head, Some(&self.near)).map(head_match)),
            Part::Said => {
                let body = hit.body.as_deref().unwrap_or_default();
                let Some(hits) = query.in_text(body) else { return Ok(None) };
                let covered: usize = hits.iter().map(std::ops::Range::len).sum();
                let created = hit.created_at_ms.unwrap_or_default();
                let age = (newest - created) as f64 / HALF.as_millis() as f64;
                let weight = (1.0 + covered as f64 / body.len() as f64) / (1.0 + age);
                let found = Match {
                    field: MatchField::Entry,
                    seq: Some(seq(hit.seq)?),
                    at: Some(UtcMillis::new(created)),
                    snippet: snippet(body, &hits),
                };
                Ok(Some((found, weight)))
            }
        }
    }

    pub(super) async fn sessions(&self, ids: &[Uuid]) -> Result<Vec<Session>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<sessions::Row> = on_engine!(read self.store, conn => {
            Ok(these(ids).build_query_as().fetch_all(conn).await?)
        })?;
        sessions(rows)
    }

    /// Those of these in which it was said between two documents: an earlier page has them.
    async fn said(&self, ids: &[Uuid], above: i64, upto: i64) -> Result<HashSet<Uuid>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let rows: Vec<(Uuid, String)> = on_engine!(read self.store, conn => {
            Ok(bodies(ids, above, upto).build_query_as().fetch_all(conn).await?)
        })?;
        let said = rows.into_iter().filter(|(_, body)| self.search.query.in_text(body).is_some());
        Ok(said.map(|(id, _)| id).collect())
    }
}

/// Narrows documents to those of these sessions.
pub(super) fn in_these<DB: Database>(query: &mut QueryBuilder<DB>, ids: &[Uuid])
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(" and d.session_id in (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    list.push_unseparated(")");
}

fn bodies<DB: Database>(ids: &[Uuid], above: i64, upto: i64) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(
        "select d.session_id, e.body from search_docs d
        join entries e on e.session_id = d.session_id and e.seq = d.seq
        where d.seq > 0 and d.doc > ",
    );
    query.push_bind(above).push(" and d.doc <= ").push_bind(upto);
    in_these(&mut query, ids);
    query.push(" limit ").push_bind(NEWER);
    query
}
