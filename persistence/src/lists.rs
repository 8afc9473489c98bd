//! Lists of sessions: a filter, an order, a page.

use protocol::UtcMillis;
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use crate::{
    AssigneeFilter, ListCursor, Session, SessionFilter, SessionOrder, SessionPage, Store, StoreError,
    rows::unsigned,
    sessions::{Row, select_sessions, sessions},
    store::on_engine,
};

/// Sorts those who do not wait behind those who do.
const NEVER: i64 = i64::MAX;

fn filtered<DB: Database>(select: &'static str, filter: &SessionFilter) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(select);
    query.push(" where true");
    if !filter.statuses.is_empty() {
        query.push(" and s.status in (");
        let mut words = query.separated(", ");
        for status in &filter.statuses {
            words.push_bind(status.as_str());
        }
        words.push_unseparated(")");
    }
    match filter.assignee {
        AssigneeFilter::Any => {}
        AssigneeFilter::Nobody => drop(query.push(" and s.assignee_id is null")),
        AssigneeFilter::Agent(agent) => drop(query.push(" and s.assignee_id = ").push_bind(agent.uuid())),
    }
    if filter.waiting {
        query.push(" and s.waiting_since_ms is not null");
    }
    if let Some(site) = filter.site_id {
        query.push(" and s.site_id = ").push_bind(site.uuid());
    }
    if let Some(agent) = filter.visible_to {
        query.push(" and (s.assignee_id is null or s.assignee_id = ").push_bind(agent.uuid()).push(")");
    }
    query
}

/// The column that the list is ordered by.
fn sort_key(filter: &SessionFilter, order: SessionOrder) -> &'static str {
    match order {
        SessionOrder::Recent => "s.updated_at_ms",
        // As the index has it; the other only where the filter lets those through who do not wait.
        SessionOrder::Waiting if filter.waiting => "s.waiting_since_ms",
        SessionOrder::Waiting => "coalesce(s.waiting_since_ms, 9223372036854775807)",
    }
}

fn page<DB: Database>(
    filter: &SessionFilter,
    order: SessionOrder,
    after: Option<ListCursor>,
    limit: u32,
) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = filtered(select_sessions!(""), filter);
    let key = sort_key(filter, order);
    let (beyond, direction) = match order {
        SessionOrder::Recent => ("<", "desc"),
        SessionOrder::Waiting => (">", "asc"),
    };
    if let Some(ListCursor { at, id }) = after {
        query.push(format_args!(" and ({key}, s.id) {beyond} ("));
        query.push_bind(at.get()).push(", ").push_bind(id.uuid()).push(")");
    }
    query
        .push(format_args!(" order by {key} {direction}, s.id {direction} limit "))
        .push_bind(i64::from(limit));
    query
}

fn cursor(session: &Session, order: SessionOrder) -> ListCursor {
    let at = match order {
        SessionOrder::Recent => session.updated_at,
        SessionOrder::Waiting => session.waiting_since.unwrap_or(UtcMillis::new(NEVER)),
    };
    ListCursor { at, id: session.id }
}

impl Store {
    /// A page of the sessions that the filter finds, after the cursor if there is one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list_sessions(
        &self,
        filter: &SessionFilter,
        order: SessionOrder,
        after: Option<ListCursor>,
        limit: u32,
    ) -> Result<SessionPage, StoreError> {
        let (rows, total): (Vec<Row>, i64) = on_engine!(read self, conn => {
            // One more than asked for tells whether there is another page.
            let rows = page(filter, order, after, limit.saturating_add(1)).build_query_as().fetch_all(&mut *conn).await?;
            let mut count = filtered("select count(*) from sessions s", filter);
            Ok((rows, count.build_query_scalar().fetch_one(conn).await?))
        })?;
        let mut items = sessions(rows)?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| cursor(last, order));
        Ok(SessionPage { items, total: unsigned(total)?, next })
    }
}
