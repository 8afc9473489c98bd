//! Lists of contacts: a filter, an order, a page.

use protocol::{AgentId, ContactId, SiteId, UtcMillis, limits, rest::Contact};
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::{Beginning, Row, select_contacts};
use crate::{Store, StoreError, rows::unsigned, store::on_engine};

/// Words that one beginning finds, at most: `a` alone would find half of the contacts.
const FOUND: i64 = 20_000;

/// Which contacts. Those that were merged into another one are found as that one.
#[derive(Debug, Clone, Default)]
pub struct ContactFilter {
    /// Each is the beginning of a word of theirs.
    pub words: Vec<Beginning>,
    /// With this number, E.164.
    pub phone: Option<String>,
    /// With this e-mail address, lower-case.
    pub email: Option<String>,
    /// With this id of the site's own.
    pub external_id: Option<String>,
    /// Blocked at this time, or not.
    pub blocked: Option<(bool, UtcMillis)>,
    /// Of this site.
    pub site_id: Option<SiteId>,
    /// Those of whom this agent may see a chat, and those who have none.
    pub visible_to: Option<AgentId>,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ContactOrder {
    /// The last changed first.
    #[default]
    Recent,
    /// The newest first.
    Created,
    /// By name.
    Name,
}

/// Behind which contact a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactCursor {
    /// Of [`ContactOrder::Recent`].
    Recent(UtcMillis, ContactId),
    /// Of [`ContactOrder::Created`].
    Created(UtcMillis, ContactId),
    /// Of [`ContactOrder::Name`]: the name as it is sorted.
    Name(String, ContactId),
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct ContactPage {
    /// The contacts.
    pub items: Vec<Contact>,
    /// How many there are, as far as they are counted.
    pub total: u64,
    /// Where the next page begins.
    pub next: Option<ContactCursor>,
}

fn narrow<DB: Database>(query: &mut QueryBuilder<DB>, filter: &ContactFilter)
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(" c.merged_into is null");
    for word in &filter.words {
        query
            .push(
                " and c.id in (select coalesce(o.survivor_id, o.id) from contact_words w join contacts o on o.id = w.contact_id
                    where w.word >= ",
            )
            .push_bind(word.text.clone())
            .push(" and w.word < ")
            .push_bind(word.end());
        if let Some(kind) = word.kind {
            query.push(" and w.kind = ").push_bind(kind);
        }
        query.push(" limit ").push_bind(FOUND).push(")");
    }
    for (column, value) in
        [("phone", &filter.phone), ("email", &filter.email), ("external_id", &filter.external_id)]
    {
        if let Some(value) = value {
            query
                .push(" and c.id in (select coalesce(o.survivor_id, o.id) from contacts o where o.")
                .push(column)
                .push(" = ")
                .push_bind(value.clone())
                .push(")");
        }
    }
    match filter.blocked {
        None => {}
        Some((true, now)) => drop(query.push(" and c.blocked_until_ms > ").push_bind(now.get())),
        Some((false, now)) => {
            query
                .push(" and (c.blocked_until_ms is null or c.blocked_until_ms <= ")
                .push_bind(now.get())
                .push(")");
        }
    }
    if let Some(site) = filter.site_id {
        query.push(" and c.site_id = ").push_bind(site.uuid());
    }
    if let Some(agent) = filter.visible_to {
        query
            .push(" and (exists (select 1 from sessions s where s.contact_id = c.id and (s.assignee_id is null or s.assignee_id = ")
            .push_bind(agent.uuid())
            .push(")) or not exists (select 1 from sessions s where s.contact_id = c.id))");
    }
}

pub(super) fn page<DB: Database>(
    filter: &ContactFilter,
    order: ContactOrder,
    after: Option<&ContactCursor>,
    limit: u32,
) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(select_contacts!("where"));
    narrow(&mut query, filter);
    match after {
        None => {}
        Some(ContactCursor::Recent(at, id)) => {
            query
                .push(" and (c.updated_at_ms, c.id) < (")
                .push_bind(at.get())
                .push(", ")
                .push_bind(id.uuid());
            query.push(")");
        }
        Some(ContactCursor::Created(at, id)) => {
            query
                .push(" and (c.created_at_ms, c.id) < (")
                .push_bind(at.get())
                .push(", ")
                .push_bind(id.uuid());
            query.push(")");
        }
        Some(ContactCursor::Name(name, id)) => {
            query
                .push(" and (c.sort_name, c.id) > (")
                .push_bind(name.clone())
                .push(", ")
                .push_bind(id.uuid());
            query.push(")");
        }
    }
    query.push(match order {
        ContactOrder::Recent => " order by c.updated_at_ms desc, c.id desc limit ",
        ContactOrder::Created => " order by c.created_at_ms desc, c.id desc limit ",
        ContactOrder::Name => " order by c.sort_name, c.id limit ",
    });
    query.push_bind(i64::from(limit));
    query
}

pub(super) fn count<DB: Database>(filter: &ContactFilter) -> QueryBuilder<DB>
where
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    &'static str: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("select count(*) from (select 1 as one from contacts c where");
    narrow(&mut query, filter);
    query.push(" limit ").push_bind(i64::from(limits::CONTACTS_COUNTED)).push(") as counted");
    query
}

impl Store {
    /// A page of the contacts that the filter finds. A cursor of another order is not heeded.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list_contacts(
        &self,
        filter: &ContactFilter,
        order: ContactOrder,
        after: Option<&ContactCursor>,
        limit: u32,
    ) -> Result<ContactPage, StoreError> {
        let asked = limit.saturating_add(1);
        let (mut rows, total): (Vec<Row>, i64) = on_engine!(read self, conn => {
            let rows: Vec<Row> = page(filter, order, after, asked).build_query_as().fetch_all(&mut *conn).await?;
            if after.is_none() && rows.len() <= limit as usize {
                let total = rows.len() as i64;
                return Ok((rows, total));
            }
            Ok((rows, count(filter).build_query_scalar().fetch_one(conn).await?))
        })?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|last| {
            let id = ContactId::new(last.id);
            match order {
                ContactOrder::Recent => ContactCursor::Recent(UtcMillis::new(last.updated_at_ms), id),
                ContactOrder::Created => ContactCursor::Created(UtcMillis::new(last.created_at_ms), id),
                ContactOrder::Name => ContactCursor::Name(last.sort_name.clone(), id),
            }
        });
        let items = rows.into_iter().map(Contact::try_from).collect::<Result<_, _>>()?;
        Ok(ContactPage { items, total: unsigned(total)?, next })
    }
}
