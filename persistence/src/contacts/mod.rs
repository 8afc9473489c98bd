//! Contacts as the team keeps them. How a start finds or makes one stands in `starts`.

mod change;
mod history;
mod list;
mod model;
#[cfg(test)]
mod plans;
mod rules;
pub(crate) mod words;

use std::collections::BTreeMap;

use protocol::{
    AgentId, AgentRef, ContactId, SiteId, UtcMillis, limits,
    rest::{Contact, ContactBlock, ContactDone, ContactEvent, MergedContact},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    error::taken,
    rows::{time, unsigned},
    store::on_engine,
};

pub use history::History;
pub use list::{ContactCursor, ContactFilter, ContactOrder, ContactPage};
pub use model::{ContactChange, ContactChanged, ContactEdit, ContactRefusal, Moved};
pub use words::Beginning;

macro_rules! select_contacts {
    ($tail:expr) => {
        concat!(
            "select c.id, t.key as site_key, c.external_id, c.name, c.phone, c.email, c.attributes, c.account_status,
                c.block, c.blocked_until_ms, c.merged_into, c.survivor_id, c.version, c.created_at_ms, c.updated_at_ms,
                c.sort_name, c.site_id, c.taken, c.found_by_phone
            from contacts c join sites t on t.id = c.site_id ",
            $tail
        )
    };
}
pub(crate) use select_contacts;

pub(crate) const BY_ID: &str = select_contacts!("where c.id = $1");

const MERGED: &str = "
    select id, name, phone, email, merged_into, merged_at_ms from contacts
    where survivor_id = $1 order by merged_at_ms desc, id limit $2";

const LOG: &str = "
    select at_ms, agent_id, agent_name, what from contact_log where contact_id = $1 order by at_ms desc, id desc limit $2";

const CREATE: &str = "
    insert into contacts (id, site_id, external_id, name, phone, email, attributes, account_status, created_at_ms,
        updated_at_ms, found_by_phone)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)";

const DELETE: &str = "
    delete from contacts where id = $1
        and not exists (select 1 from grants where contact_id = $1)
        and not exists (select 1 from sessions where contact_id = $1)
        and not exists (select 1 from contacts where survivor_id = $1 or merged_into = $1)";

/// An agent may see a chat of theirs, or they have none; so of those who went on in another one.
const VISIBLE: &str = "
    select count(*) from contacts c where c.id = $1 and (
        exists (select 1 from sessions s where s.contact_id = coalesce(c.survivor_id, c.id)
            and (s.assignee_id is null or s.assignee_id = $2))
        or not exists (select 1 from sessions s where s.contact_id = coalesce(c.survivor_id, c.id)))";

/// Of those who would be found by such a start, and of those who stand for them, the longest block.
const BLOCKED: &str = "
    select max(r.blocked_until_ms) from contacts c join contacts r on r.id = coalesce(c.survivor_id, c.id)
    where c.site_id = $1 and c.phone = $2";
const BLOCKED_EXTERNAL: &str = "
    select max(r.blocked_until_ms) from contacts c join contacts r on r.id = coalesce(c.survivor_id, c.id)
    where c.site_id = $1 and c.external_id = $2";

const UNSORTED: &str = "select id, name, email, phone from contacts where words is null limit $1";

pub(crate) const SET_WORDS: &str =
    "update contacts set words = $2, sort_name = $3 where id = $1 and (words is null or words <> $2)";
pub(crate) const DROP_WORDS: &str = "delete from contact_words where contact_id = $1";

/// Keeps the words by which a contact is found as its name, e-mail and phone are.
macro_rules! sort_in {
    ($store:expr, $conn:expr, $id:expr, $name:expr, $email:expr, $phone:expr) => {{
        let words = $crate::contacts::words::of($name, $email, $phone);
        let changed = sqlx::query($crate::contacts::SET_WORDS)
            .bind($id)
            .bind(words.join(" "))
            .bind($crate::contacts::words::fold($name.unwrap_or_default()))
            .execute(&mut *$conn)
            .await?;
        if changed.rows_affected() > 0 {
            sqlx::query($crate::contacts::DROP_WORDS).bind($id).execute(&mut *$conn).await?;
            sqlx::query($crate::dialect::add_words(&$store.pools))
                .bind($id)
                .bind(serde_json::json!(words).to_string())
                .execute(&mut *$conn)
                .await?;
        }
    }};
}
pub(crate) use sort_in;

#[derive(FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    site_key: String,
    external_id: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    attributes: Json<BTreeMap<String, String>>,
    account_status: Option<String>,
    block: Option<Json<ContactBlock>>,
    blocked_until_ms: Option<i64>,
    merged_into: Option<Uuid>,
    survivor_id: Option<Uuid>,
    version: i64,
    created_at_ms: i64,
    updated_at_ms: i64,
    sort_name: String,
    site_id: Uuid,
    taken: Option<Json<rules::Taken>>,
    found_by_phone: bool,
}

impl TryFrom<Row> for Contact {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ContactId::new(row.id),
            site: row.site_key,
            name: row.name,
            phone: row.phone,
            email: row.email,
            verified: row.external_id.is_some(),
            external_id: row.external_id,
            attributes: row.attributes.0,
            account_status: row.account_status,
            blocked: row.block.map(|block| block.0),
            merged_into: row.merged_into.map(ContactId::new),
            version: unsigned(row.version)?,
            created_at: UtcMillis::new(row.created_at_ms),
            updated_at: UtcMillis::new(row.updated_at_ms),
            merged: Vec::new(),
            log: Vec::new(),
        })
    }
}

/// A contact to be made by hand.
#[derive(Debug, Clone)]
pub struct MadeContact {
    /// The new id.
    pub id: ContactId,
    /// Its site.
    pub site_id: SiteId,
    /// The site's own id of the person.
    pub external_id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Lower-case.
    pub email: Option<String>,
    /// Checked.
    pub attributes: BTreeMap<String, String>,
    /// In the host's words.
    pub account_status: Option<String>,
}

/// Id, name, e-mail, phone.
type Unsorted = (Uuid, Option<String>, Option<String>, Option<String>);
type LogRow = (i64, Option<Uuid>, Option<String>, Json<ContactDone>);
type MergedRow = (Uuid, Option<String>, Option<String>, Option<String>, Option<Uuid>, Option<i64>);

impl Store {
    /// The contact, with what went on in it and what was done to it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let found: Option<(Row, Vec<MergedRow>, Vec<LogRow>)> = on_engine!(read self, conn => {
            let row: Option<Row> = sqlx::query_as(BY_ID).bind(id.uuid()).fetch_optional(&mut *conn).await?;
            let Some(row) = row else { return Ok(None) };
            let merged = sqlx::query_as(MERGED)
                .bind(id.uuid())
                .bind(limits::MERGED_CONTACTS as i64)
                .fetch_all(&mut *conn)
                .await?;
            let log = sqlx::query_as(LOG)
                .bind(id.uuid())
                .bind(i64::from(limits::CONTACT_LOG))
                .fetch_all(conn)
                .await?;
            Ok(Some((row, merged, log)))
        })?;
        let Some((row, merged, log)) = found else { return Ok(None) };
        let mut contact = Contact::try_from(row)?;
        contact.merged = merged
            .into_iter()
            .map(|(id, name, phone, email, into, at)| MergedContact {
                id: ContactId::new(id),
                name,
                phone,
                email,
                into: into.map_or(contact.id, ContactId::new),
                at: time(at).unwrap_or_default(),
            })
            .collect();
        contact.log = log
            .into_iter()
            .map(|(at, agent, name, what)| ContactEvent {
                at: UtcMillis::new(at),
                by: agent.map(|id| AgentRef { id: AgentId::new(id), name: name.unwrap_or_default() }),
                what: what.0,
            })
            .collect();
        Ok(Some(contact))
    }

    /// Whether an agent who may not see all chats may see the contact.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn contact_visible(&self, id: ContactId, to: AgentId) -> Result<bool, StoreError> {
        let found: i64 = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(VISIBLE).bind(id.uuid()).bind(to.uuid()).fetch_one(conn).await?)
        })?;
        Ok(found > 0)
    }

    /// Makes a contact.
    ///
    /// # Errors
    /// `Conflict("contact")`: the site has one of this external id, or, for one without, one of this phone number.
    pub async fn create_contact(
        &self,
        new: &MadeContact,
        by: &AgentRef,
        log_id: Uuid,
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE)
                .bind(new.id.uuid())
                .bind(new.site_id.uuid())
                .bind(new.external_id.as_deref())
                .bind(new.name.as_deref())
                .bind(new.phone.as_deref())
                .bind(new.email.as_deref())
                .bind(Json(&new.attributes))
                .bind(new.account_status.as_deref())
                .bind(now.get())
                .bind(new.external_id.is_none())
                .execute(&mut *conn)
                .await
                .map_err(taken("contact"))?;
            sort_in!(self, conn, new.id.uuid(), new.name.as_deref(), new.email.as_deref(), new.phone.as_deref());
            change::note!(conn, new.id, by, log_id, now, &ContactDone::Made);
            Ok(())
        })
    }

    /// Deletes a contact that has no chat and no other one merged into it; whether it did.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_contact(&self, id: ContactId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }

    /// Until when one who would start so is blocked: who the site vouches for by their external id, others by the phone.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn start_blocked_until(
        &self,
        site: SiteId,
        external_id: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Option<UtcMillis>, StoreError> {
        let (query, value) = match (external_id, phone) {
            (Some(id), _) => (BLOCKED_EXTERNAL, id),
            (None, Some(phone)) => (BLOCKED, phone),
            (None, None) => return Ok(None),
        };
        let until: Option<i64> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(query).bind(site.uuid()).bind(value).fetch_one(conn).await?)
        })?;
        Ok(time(until))
    }

    /// Makes so many contacts findable that an older version wrote; how many there were.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn sort_contacts_in(&self, limit: u32) -> Result<usize, StoreError> {
        on_engine!(write self, conn => {
            let rows: Vec<Unsorted> =
                sqlx::query_as(UNSORTED).bind(i64::from(limit)).fetch_all(&mut *conn).await?;
            for (id, name, email, phone) in &rows {
                sort_in!(self, conn, *id, name.as_deref(), email.as_deref(), phone.as_deref());
            }
            Ok(rows.len())
        })
    }
}
