//! Lists of sessions: a filter, an order, a page.
//!
//! The indexes know the slot of five minutes in which a session was last changed, not the millisecond, so that few
//! messages change an index (migration 3). A slot is read whole and sorted; as a rule nothing older is read.

use protocol::{AgentId, NotificationKind, UtcMillis};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use crate::{
    AssigneeFilter, ListCursor, Session, SessionCounts, SessionFilter, SessionOrder, SessionPage, Store,
    StoreError,
    dialect::{self, ListWords},
    rows::unsigned,
    sessions::{Row, rank, select_sessions, sessions},
    store::on_engine,
};

#[cfg(test)]
pub(crate) mod plans;

/// Sorts those who do not wait behind those who do.
const NEVER: i64 = i64::MAX;

/// As in migration 3.
pub(crate) const SLOT_MS: i64 = 300_000;

/// `$1`: of all; else of those that agent `$2` or nobody holds.
const COUNTS: &str = "
    select count(case when status = 'open' then 1 end), count(case when status = 'in_progress' then 1 end),
        count(case when snoozed_until_ms is null and assignee_id is null then 1 end),
        count(case when snoozed_until_ms is null and waiting_since_ms is not null then 1 end),
        count(case when snoozed_until_ms is null and waiting_since_ms is not null and assignee_id is null then 1 end)
    from sessions
    where status in ('open', 'in_progress') and ($1 or assignee_id is null or assignee_id = $2)";

/// What the filter, and the cursor, say about `s`.
pub(crate) fn narrow<DB: Database>(
    query: &mut QueryBuilder<DB>,
    words: &ListWords,
    filter: &SessionFilter,
    order: SessionOrder,
    after: Option<ListCursor>,
) where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let statuses = filter.any_status();
    if !statuses.is_empty() {
        query.push(" and s.status in (");
        let mut words = query.separated(", ");
        for status in statuses {
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
    match filter.snoozed {
        None => {}
        Some(true) => drop(query.push(" and s.snoozed_until_ms is not null")),
        Some(false) => drop(query.push(" and s.snoozed_until_ms is null")),
    }
    if !filter.priorities.is_empty() {
        query.push(" and s.priority in (");
        let mut ranks = query.separated(", ");
        for priority in &filter.priorities {
            ranks.push_bind(i64::from(rank(*priority)));
        }
        ranks.push_unseparated(")");
    }
    if let Some(category) = &filter.category {
        query.push(" and s.category = ").push_bind(category.clone());
    }
    if let Some(tag) = &filter.tag {
        let [before, after] = words.tagged;
        query.push(before).push_bind(tag.clone()).push(after);
    }
    if let Some(team) = filter.team_id {
        query.push(" and s.team_id = ").push_bind(team.uuid());
    }
    if let Some(site) = filter.site_id {
        query.push(" and s.site_id = ").push_bind(site.uuid());
    }
    if let Some(channel) = filter.channel {
        query.push(" and s.channel = ").push_bind(channel.as_str());
    }
    if let Some(from) = filter.from {
        query.push(" and s.updated_slot >= ").push_bind(from.get() / SLOT_MS);
        query.push(" and s.updated_at_ms >= ").push_bind(from.get());
    }
    if let Some(to) = filter.to {
        query.push(" and s.created_at_ms <= ").push_bind(to.get());
    }
    if let Some(agent) = filter.mentioning {
        query.push(" and s.id in (select n.session_id from notifications n where n.agent_id = ");
        query.push_bind(agent.uuid()).push(" and n.kind = ").push_bind(NotificationKind::Mention.as_str());
        query.push(")");
    }
    if let Some(agent) = filter.visible_to {
        query.push(" and (s.assignee_id is null or s.assignee_id = ").push_bind(agent.uuid()).push(")");
    }
    if let Some(ListCursor { at, id }) = after {
        query.push(match order {
            SessionOrder::Recent => " and (s.updated_at_ms, s.id) < (",
            SessionOrder::Waiting if filter.waiting => " and (s.waiting_since_ms, s.id) > (",
            SessionOrder::Waiting => " and (coalesce(s.waiting_since_ms, 9223372036854775807), s.id) > (",
        });
        query.push_bind(at.get()).push(", ").push_bind(id.uuid()).push(")");
        if order == SessionOrder::Recent {
            query.push(" and s.updated_slot <= ").push_bind(at.get() / SLOT_MS);
        }
    }
}

/// What the list is ordered by, as far as an index can, by time, and by id.
fn sort_keys(filter: &SessionFilter, order: SessionOrder) -> &'static [&'static str] {
    match order {
        SessionOrder::Recent => &["s.updated_slot desc", "s.updated_at_ms desc", "s.id desc"],
        // The other only where the filter lets those through who do not wait.
        SessionOrder::Waiting if filter.waiting => &["s.waiting_since_ms", "s.id"],
        SessionOrder::Waiting => &["coalesce(s.waiting_since_ms, 9223372036854775807)", "s.id"],
    }
}

/// The ids of a page are found first, and then what they stand for: a slot may hold thousands of sessions, and names
/// joined to each of them would cost more than the slot. Likewise its slots are found before its ids: to know from
/// reading where a slot ends, one would have to find a session beyond it.
fn page<DB: Database>(
    words: &ListWords,
    filter: &SessionFilter,
    order: SessionOrder,
    after: Option<ListCursor>,
    limit: u32,
) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(select_sessions!("where s.id in (select s.id from "));
    let limit = i64::from(limit);
    if order == SessionOrder::Recent {
        query.push("(select distinct slot from (select s.updated_slot as slot from sessions s where true");
        narrow(&mut query, words, filter, order, after);
        query.push(" order by s.updated_slot desc limit ").push_bind(limit).push(") as newest) as slots");
        query.push(words.each_slot[0]);
        narrow(&mut query, words, filter, order, after);
        query.push(words.each_slot[1]);
    } else {
        query.push("sessions s where true");
        narrow(&mut query, words, filter, order, after);
    }
    let sorted = format!(" order by {}", sort_keys(filter, order).join(", "));
    query.push(&sorted).push(" limit ").push_bind(limit).push(")").push(&sorted);
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
    /// How many sessions go on, of those that this agent or nobody holds, or of all.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session_counts(&self, visible_to: Option<AgentId>) -> Result<SessionCounts, StoreError> {
        let agent = visible_to.map_or(Uuid::nil(), AgentId::uuid);
        let (open, in_progress, unassigned, waiting, alone): (i64, i64, i64, i64, i64) = on_engine!(read self, conn => {
            let query = sqlx::query_as(COUNTS).bind(visible_to.is_none()).bind(agent);
            Ok(query.fetch_one(conn).await?)
        })?;
        Ok(SessionCounts {
            open: unsigned(open)?,
            in_progress: unsigned(in_progress)?,
            unassigned: unsigned(unassigned)?,
            waiting: unsigned(waiting)?,
            alone: unsigned(alone)?,
        })
    }

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
        let words = dialect::list_words(&self.pools);
        let (rows, total): (Vec<Row>, i64) = on_engine!(read self, conn => {
            // One more than asked for tells whether there is another page.
            let asked = limit.saturating_add(1);
            let rows: Vec<Row> =
                page(&words, filter, order, after, asked).build_query_as().fetch_all(&mut *conn).await?;
            // The page says how many there are, if it holds them all. Else they are counted.
            if after.is_none() && rows.len() <= limit as usize {
                let total = rows.len() as i64;
                return Ok((rows, total));
            }
            let mut count = QueryBuilder::new("select count(*) from sessions s where true");
            narrow(&mut count, &words, filter, order, None);
            Ok((rows, count.build_query_scalar().fetch_one(conn).await?))
        })?;
        let mut items = sessions(rows)?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| cursor(last, order));
        Ok(SessionPage { items, total: unsigned(total)?, next })
    }
}
