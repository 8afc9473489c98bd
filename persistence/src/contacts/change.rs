//! What the team does to a contact: edits, blocks, merges. Its chats are told in the same transaction.
//!
//! A contact that is merged stays, with a link to the other one; which sessions are its own says the grant that began
//! them, which never moves. So any merge can be undone, in any order, and each session is again where its own links lead.

use protocol::{AgentRef, ContactId, Status, UtcMillis, limits, rest::ContactDone};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    BY_ID, ContactChange, ContactChanged, ContactRefusal, Moved, Row,
    rules::{Taken, edited, not_mergeable, until},
    sort_in,
};
use crate::{
    Append, Appended, Session, Store, StoreError, dialect,
    sessions::{self, sessions},
    store::on_engine,
    writer::AppendOne as _,
};

/// Sessions that are told of what changes of their contact but not of whose they are: the newest.
const TOLD: i64 = 100;

const NEWEST: &str = "select id from sessions where contact_id = $1 order by created_at_ms desc limit $2";

/// The contact `$1` and all that were merged into it.
macro_rules! below {
    () => {
        "with recursive below (id) as (
            select id from contacts where id = $1
            union all select c.id from contacts c join below b on c.merged_into = b.id
        ) select id from below"
    };
}
const BELOW: &str = below!();
/// Begun by one of them, and `$2`'s now.
const BEGUN_BELOW: &str = concat!(
    "select s.id from sessions s join grants g on g.id = s.grant_id where s.contact_id = $2 and g.contact_id in (",
    below!(),
    ") order by s.created_at_ms desc limit $3"
);
const STANDS_BELOW: &str =
    concat!("update contacts set survivor_id = $1 where id <> $1 and id in (", below!(), ")");

const TAKE_SESSIONS: &str =
    "update sessions set contact_id = $2, version = version + 1 where contact_id = $1 returning id";
const PEOPLE: &str = "select id from contacts where id = $1 or survivor_id = $1";
const COUNT_BELOW: &str = "select count(*) from contacts where survivor_id = $1 or survivor_id = $2";

const SET: &str = "
    update contacts set name = $2, phone = $3, email = $4, attributes = $5, account_status = $6, found_by_phone = $7,
        version = version + 1, updated_at_ms = $8 where id = $1";
const SET_BLOCK: &str = "
    update contacts set block = $2, blocked_until_ms = $3, version = version + 1, updated_at_ms = $4 where id = $1";
const GOES_ON: &str = "
    update contacts set merged_into = $2, survivor_id = $2, merged_at_ms = $3, taken = $4, version = version + 1,
        updated_at_ms = $3 where id = $1";
const FOLLOW: &str = "update contacts set survivor_id = $2 where survivor_id = $1";
/// A stranger who says that number is not taken for somebody the site knows.
const NOT_FOUND: &str = "update contacts set found_by_phone = false where survivor_id = $1";
const STANDS: &str = "
    update contacts set merged_into = null, survivor_id = null, merged_at_ms = null, taken = null,
        version = version + 1, updated_at_ms = $2 where id = $1";
const FOUND_AGAIN: &str = "
    update contacts set found_by_phone = true
    where id = $1 and external_id is null and not found_by_phone and not exists (
        select 1 from contacts o where o.site_id = contacts.site_id and o.phone = contacts.phone and o.found_by_phone)";
/// Another contact of this site that starts under this number find, and who stands for it.
const FOUND_BY: &str = "
    select coalesce(survivor_id, id) from contacts where site_id = $1 and phone = $2 and found_by_phone and id <> $3";

pub(crate) const NOTE: &str = "
    insert into contact_log (contact_id, at_ms, id, agent_id, agent_name, what) values ($1, $2, $3, $4, $5, $6)";
pub(crate) const FORGET: &str = "
    delete from contact_log where contact_id = $1 and at_ms < (select min(at_ms) from (
        select at_ms from contact_log where contact_id = $1 order by at_ms desc limit $2) as newest)";

/// Notes what was done to a contact.
macro_rules! note {
    ($conn:expr, $contact:expr, $by:expr, $id:expr, $now:expr, $what:expr) => {{
        sqlx::query($crate::contacts::change::NOTE)
            .bind($contact.uuid())
            .bind($now.get())
            .bind($id)
            .bind($by.id.uuid())
            .bind(&$by.name)
            .bind(sqlx::types::Json($what))
            .execute(&mut *$conn)
            .await?;
        sqlx::query($crate::contacts::change::FORGET)
            .bind($contact.uuid())
            .bind(i64::from(protocol::limits::CONTACT_LOG))
            .execute(&mut *$conn)
            .await?;
    }};
}
pub(crate) use note;

macro_rules! read {
    ($conn:expr, $id:expr) => {
        sqlx::query_as::<_, Row>(BY_ID).bind($id).fetch_optional(&mut *$conn).await?
    };
}

/// Stores what may have changed of a row, and by what it is found.
macro_rules! store_row {
    ($store:expr, $conn:expr, $row:expr, $found:expr, $now:expr) => {{
        let row: &Row = $row;
        sqlx::query(SET)
            .bind(row.id)
            .bind(row.name.as_deref())
            .bind(row.phone.as_deref())
            .bind(row.email.as_deref())
            .bind(&row.attributes)
            .bind(row.account_status.as_deref())
            .bind($found)
            .bind($now.get())
            .execute(&mut *$conn)
            .await?;
        sort_in!($store, $conn, row.id, row.name.as_deref(), row.email.as_deref(), row.phone.as_deref());
    }};
}

macro_rules! set_block {
    ($conn:expr, $row:expr, $now:expr) => {{
        let block = $row.block.as_ref().map(|block| &block.0);
        sqlx::query(SET_BLOCK)
            .bind($row.id)
            .bind($row.block.as_ref())
            .bind(until(block))
            .bind($now.get())
            .execute(&mut *$conn)
            .await?;
    }};
}

impl Store {
    /// Does something to a contact, and tells its sessions: of each that is not closed, `entry` says what is appended to
    /// its log. All of it together, or nothing.
    ///
    /// # Errors
    /// `Unavailable`: whether it was done is not known. The inner one: nothing was.
    pub async fn change_contact(
        &self,
        id: ContactId,
        change: &ContactChange,
        by: &AgentRef,
        ids: [Uuid; 2],
        now: UtcMillis,
        mut entry: impl FnMut(&Session, Option<&Moved>) -> Option<Append> + Send,
    ) -> Result<Result<ContactChanged, ContactRefusal>, StoreError> {
        let sql = dialect::sessions_of_contact(&self.pools);
        on_engine!(write self, conn => {
            let Some(first) = read!(conn, id.uuid()) else { return Ok(Err(ContactRefusal::Missing)) };
            let stands_for = first.survivor_id.unwrap_or(first.id);
            let other = match change {
                ContactChange::Merge(into) => into.uuid(),
                _ => stands_for,
            };
            let whole = i64::from(limits::MERGED_SESSIONS) + 1;
            let mut listed: Vec<Uuid> = match change {
                ContactChange::Unmerge => sqlx::query_scalar(BEGUN_BELOW)
                    .bind(id.uuid())
                    .bind(stands_for)
                    .bind(whole)
                    .fetch_all(&mut *conn)
                    .await?,
                _ => {
                    let most = if matches!(change, ContactChange::Merge(_)) { whole } else { TOLD };
                    sqlx::query_scalar(NEWEST).bind(id.uuid()).bind(most).fetch_all(&mut *conn).await?
                }
            };
            if listed.len() as i64 == whole {
                return Ok(Err(ContactRefusal::NotMergeable("Its chats are more than the 500 that can be moved at once.")));
            }
            // Sessions before contacts, as those do who append to one and begin the next.
            if let Some(hold) = sql.hold {
                sqlx::query(hold).bind(dialect::uuid_list(listed.iter().copied())).execute(&mut *conn).await?;
            }
            if let Some(hold) = sql.hold_contacts {
                sqlx::query(hold).bind(dialect::uuid_list([id.uuid(), other])).execute(&mut *conn).await?;
            }
            let Some(mut row) = read!(conn, id.uuid()) else { return Ok(Err(ContactRefusal::Missing)) };
            if row.survivor_id != first.survivor_id {
                return Ok(Err(ContactRefusal::ChangedMeanwhile));
            }
            if row.merged_into.is_some() && !matches!(change, ContactChange::Merge(_) | ContactChange::Unmerge) {
                return Ok(Err(ContactRefusal::ChangedMeanwhile));
            }
            let mut moved = None;
            let mut contact = id;
            match change {
                ContactChange::Edit(edit, version) => {
                    if version.is_some_and(|version| i64::try_from(version).ok() != Some(row.version)) {
                        return Ok(Err(ContactRefusal::ChangedMeanwhile));
                    }
                    let fields = edited(&mut row, edit);
                    if row.attributes.0.len() > limits::ATTRIBUTES {
                        return Ok(Err(ContactRefusal::TooManyAttributes));
                    }
                    let mut found = row.external_id.is_none();
                    if let (true, Some(phone)) = (found, row.phone.as_deref()) {
                        let others: Option<Uuid> = sqlx::query_scalar(FOUND_BY)
                            .bind(row.site_id)
                            .bind(phone)
                            .bind(row.id)
                            .fetch_optional(&mut *conn)
                            .await?;
                        match others {
                            Some(owner) if owner != row.id => {
                                // What is the same as before is nobody's fault.
                                if fields.iter().any(|field| field == "phone") {
                                    return Ok(Err(ContactRefusal::PhoneTaken));
                                }
                                found = false;
                            }
                            // By one that went on in this one.
                            Some(_) => found = false,
                            None => {}
                        }
                    }
                    if !fields.iter().any(|field| matches!(field.as_str(), "name" | "phone" | "email")) {
                        // Lists show no more of it.
                        listed.clear();
                    }
                    if !fields.is_empty() {
                        store_row!(self, conn, &row, found, now);
                        note!(conn, id, by, ids[0], now, &ContactDone::Edited { fields });
                    }
                }
                ContactChange::Block(block) => {
                    row.block = Some(Json(block.clone()));
                    set_block!(conn, row, now);
                    let done = ContactDone::Blocked { reason: block.reason.clone(), until: block.until };
                    note!(conn, id, by, ids[0], now, &done);
                }
                ContactChange::Unblock => {
                    if row.blocked_until_ms.is_some_and(|until| until > now.get()) {
                        row.block = None;
                        set_block!(conn, row, now);
                        note!(conn, id, by, ids[0], now, &ContactDone::Unblocked);
                    } else {
                        listed.clear();
                    }
                }
                ContactChange::Merge(into) => {
                    let Some(mut target) = read!(conn, into.uuid()) else {
                        return Ok(Err(ContactRefusal::OtherMissing));
                    };
                    if row.merged_into == Some(target.id) {
                        return Ok(Ok(ContactChanged {
                            contact: *into,
                            sessions: Vec::new(),
                            people: Vec::new(),
                            blocked_until: None,
                        }));
                    }
                    let merged: i64 = sqlx::query_scalar(COUNT_BELOW)
                        .bind(row.id)
                        .bind(target.id)
                        .fetch_one(&mut *conn)
                        .await?;
                    if let Some(refusal) = not_mergeable(&row, &target, merged) {
                        return Ok(Err(refusal));
                    }
                    let taken = Taken::of(&row, &target, now);
                    listed = sqlx::query_scalar(TAKE_SESSIONS)
                        .bind(row.id)
                        .bind(target.id)
                        .fetch_all(&mut *conn)
                        .await?;
                    sqlx::query(FOLLOW).bind(row.id).bind(target.id).execute(&mut *conn).await?;
                    sqlx::query(GOES_ON)
                        .bind(row.id)
                        .bind(target.id)
                        .bind(now.get())
                        .bind(Json(&taken))
                        .execute(&mut *conn)
                        .await?;
                    if target.external_id.is_some() {
                        sqlx::query(NOT_FOUND).bind(target.id).execute(&mut *conn).await?;
                    }
                    taken.give(&mut target);
                    // A number that was taken over is the other one's to be found by.
                    let found = target.external_id.is_none() && taken.phone.is_none();
                    let found = found && target.found_by_phone;
                    store_row!(self, conn, &target, found, now);
                    if taken.block.is_some() {
                        set_block!(conn, target, now);
                    }
                    let into_it = ContactDone::Merged { into: *into, name: target.name.clone() };
                    note!(conn, id, by, ids[0], now, &into_it);
                    let from = ContactDone::MergedFrom { contact_id: id, name: row.name.clone() };
                    note!(conn, into, by, ids[1], now, &from);
                    moved = Some(Moved { from: id, to: *into, name: target.name, undone: false });
                    contact = *into;
                }
                ContactChange::Unmerge => {
                    let (Some(parent), Some(survivor)) = (row.merged_into, row.survivor_id) else {
                        return Ok(Err(ContactRefusal::NotMergeable("It is not merged.")));
                    };
                    let Some(mut parent) = read!(conn, parent) else { return Ok(Err(ContactRefusal::Missing)) };
                    sqlx::query(STANDS_BELOW).bind(row.id).execute(&mut *conn).await?;
                    sqlx::query(STANDS).bind(row.id).bind(now.get()).execute(&mut *conn).await?;
                    sqlx::query(sql.take)
                        .bind(dialect::uuid_list(listed.iter().copied()))
                        .bind(row.id)
                        .execute(&mut *conn)
                        .await?;
                    let taken = row.taken.take().map(|taken| taken.0).unwrap_or_default();
                    let blocked = parent.block.is_some();
                    taken.take_back(&mut parent);
                    // Without a number there is nothing that two could be found by.
                    let found = parent.found_by_phone || (parent.external_id.is_none() && parent.phone.is_none());
                    store_row!(self, conn, &parent, found, now);
                    if blocked && parent.block.is_none() {
                        set_block!(conn, parent, now);
                    }
                    let below: Vec<Uuid> =
                        sqlx::query_scalar(BELOW).bind(row.id).fetch_all(&mut *conn).await?;
                    for one in below {
                        sqlx::query(FOUND_AGAIN).bind(one).execute(&mut *conn).await?;
                    }
                    let parent_id = ContactId::new(parent.id);
                    let done = ContactDone::Unmerged { contact_id: parent_id, name: parent.name.clone() };
                    note!(conn, id, by, ids[0], now, &done);
                    let done = ContactDone::Unmerged { contact_id: id, name: row.name.clone() };
                    note!(conn, parent_id, by, ids[1], now, &done);
                    let from = ContactId::new(survivor);
                    moved = Some(Moved { from, to: id, name: row.name.clone(), undone: true });
                }
            }
            let listed = dialect::uuid_list(listed);
            if moved.is_none() {
                sqlx::query(sql.touch).bind(&listed).execute(&mut *conn).await?;
            }
            let rows: Vec<sessions::Row> = sqlx::query_as(sql.read).bind(&listed).fetch_all(&mut *conn).await?;
            let mut told = sessions(rows)?;
            let mut appended = false;
            for session in told.iter().filter(|session| session.status != Status::Closed) {
                let Some(append) = entry(session, moved.as_ref()) else { continue };
                append.check()?;
                if !matches!(conn.append_one(&append).await?, Appended::Committed { .. }) {
                    return Err(StoreError::Unavailable(None));
                }
                appended = true;
            }
            if appended {
                let rows: Vec<sessions::Row> = sqlx::query_as(sql.read).bind(&listed).fetch_all(&mut *conn).await?;
                told = sessions(rows)?;
            }
            let people: Vec<Uuid> =
                sqlx::query_scalar(PEOPLE).bind(contact.uuid()).fetch_all(&mut *conn).await?;
            let now_is = read!(conn, contact.uuid());
            Ok(Ok(ContactChanged {
                contact,
                sessions: told,
                people: people.into_iter().map(ContactId::new).collect(),
                blocked_until: now_is.and_then(|row| row.blocked_until_ms).map(UtcMillis::new),
            }))
        })
    }

    /// Who is blocked of those whose block was set or changed since `at`, under all names under which they are connected.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn blocked_since(&self, at: UtcMillis, now: UtcMillis) -> Result<Vec<ContactId>, StoreError> {
        const BLOCKED: &str = "
            select r.id from contacts r
            where r.blocked_until_ms > $1 and r.merged_into is null and r.updated_at_ms >= $2
            union all select p.id from contacts r join contacts p on p.survivor_id = r.id
            where r.blocked_until_ms > $1 and r.merged_into is null and r.updated_at_ms >= $2
            limit 10000";
        let ids: Vec<Uuid> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(BLOCKED).bind(now.get()).bind(at.get()).fetch_all(conn).await?)
        })?;
        Ok(ids.into_iter().map(ContactId::new).collect())
    }
}
