//! Searches among few sessions: these are looked at themselves. Were they looked for among what the index has of a word
//! that is said every day, they might not be found in time.

use std::collections::HashSet;

use protocol::Status;
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{
    SearchQuery,
    find::Looking,
    step::{Hit, Index as _, Step},
    window::{MOST_SLICES, in_these},
};
use crate::{AssigneeFilter, SessionOrder, StoreError, lists::narrow, store::on_engine};

/// So many are few.
const FEW: usize = 300;

impl Looking<'_> {
    /// All that the filter lets through, if they are few and quickly found.
    pub(super) async fn few(&self, newest: i64) -> Result<Option<Vec<Uuid>>, StoreError> {
        if let Some(phone) = &self.search.query.of {
            return self.of_customers(phone, newest).await;
        }
        let filter = &self.search.filter;
        let active = |status: &Status| matches!(status, Status::Open | Status::InProgress);
        let indexed = matches!(filter.assignee, AssigneeFilter::Agent(_))
            || filter.waiting
            || filter.snoozed == Some(true)
            || filter.team_id.is_some()
            || (!filter.statuses.is_empty() && filter.statuses.iter().all(active));
        if !indexed {
            return Ok(None);
        }
        macro_rules! query {
            () => {{
                let mut query = QueryBuilder::new("select s.id from sessions s where true");
                narrow(&mut query, &self.words, filter, SessionOrder::Recent, None);
                query.push(" limit ").push_bind(FEW as i64 + 1);
                query
            }};
        }
        let ids: Vec<Uuid> = on_engine!(read self.store, conn => {
            Ok(query!().build_query_scalar().fetch_all(conn).await?)
        })?;
        Ok((ids.len() <= FEW).then_some(ids))
    }

    /// Those of the customers who have this number, if they are few; there may be some whose customer has it no more.
    async fn of_customers(&self, phone: &str, newest: i64) -> Result<Option<Vec<Uuid>>, StoreError> {
        let phone = SearchQuery { terms: Vec::new(), phone: Some(phone.to_owned()), number: None, of: None };
        let wanted = phone.wanted(true, None);
        let (mut top, mut ids) = (newest, HashSet::new());
        while top >= 1 {
            let step = self.step(&wanted, true, [1, top], MOST_SLICES, FEW as i64 + 1);
            let hits: Vec<Hit> = on_engine!(read self.store, conn => Ok(conn.hits(&step).await?))?;
            ids.extend(hits.into_iter().map(|hit| hit.session_id));
            if ids.len() > FEW {
                return Ok(None);
            }
            top = step.bottom - 1;
        }
        Ok(Some(ids.into_iter().collect()))
    }

    /// The documents of these sessions, whatever their words, the newest first.
    pub(super) async fn documents(&self, few: &[Uuid], step: &Step<'_>) -> Result<Vec<Hit>, StoreError> {
        on_engine!(read self.store, conn => {
            Ok(documents(few, step).build_query_as().fetch_all(conn).await?)
        })
    }
}

fn documents<DB: Database>(ids: &[Uuid], step: &Step<'_>) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(
        "select d.doc, d.session_id, d.seq, e.body, e.created_at_ms from search_docs d
        left join entries e on e.session_id = d.session_id and e.seq = d.seq where ",
    );
    query.push(if step.said { "d.seq > 0" } else { "d.seq = 0" });
    query.push(" and d.doc <= ").push_bind(step.top).push(" and d.doc >= ").push_bind(step.bottom);
    in_these(&mut query, ids);
    query.push(" order by d.doc desc limit ").push_bind(step.limit);
    query
}
