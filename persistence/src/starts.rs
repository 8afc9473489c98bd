//! Starts: contacts, the credentials of customers, and new sessions with the first lines of their logs.

use protocol::{ContactId, GrantId, Seq, SessionId, SiteId, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Append, Appended, ContactClaim, Continuation, Grant, NewGrant, NewSession, Session, Store, StoreError,
    StoredStart, TokenHash,
    contacts::sort_in,
    dialect,
    entries::insert_entry,
    rows::{signed, time},
    sessions,
    store::on_engine,
    writer::{AppendOne, further::reach_further},
};

/// A person whom the site vouched for: found by the site's own id of them.
const UPSERT_VERIFIED: &str = "
    insert into contacts
        (id, site_id, external_id, name, phone, email, created_at_ms, updated_at_ms, found_by_phone)
    values ($1, $2, $3, $4, $5, $6, $7, $7, false)
    on conflict (site_id, external_id) where external_id is not null do update set
        name = coalesce(excluded.name, contacts.name),
        phone = coalesce(excluded.phone, contacts.phone),
        email = coalesce(excluded.email, contacts.email),
        updated_at_ms = excluded.updated_at_ms,
        version = contacts.version + case when
            coalesce(excluded.name, contacts.name) is not distinct from contacts.name
            and coalesce(excluded.phone, contacts.phone) is not distinct from contacts.phone
            and coalesce(excluded.email, contacts.email) is not distinct from contacts.email then 0 else 1 end
    returning id, name, email, phone";

/// A person who said something about themselves: found by the phone among the unverified, new without one. The
/// index knows no verified contact, so none is ever met here.
const UPSERT_UNVERIFIED: &str = "
    insert into contacts (id, site_id, external_id, name, phone, email, created_at_ms, updated_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $7)
    on conflict (site_id, phone) where found_by_phone and phone is not null do update set
        name = coalesce(excluded.name, contacts.name),
        email = coalesce(excluded.email, contacts.email),
        updated_at_ms = excluded.updated_at_ms,
        version = contacts.version + case when
            coalesce(excluded.name, contacts.name) is not distinct from contacts.name
            and coalesce(excluded.email, contacts.email) is not distinct from contacts.email then 0 else 1 end
    returning id, name, email, phone";

const INSERT_GRANT: &str = "
    insert into grants
        (id, site_id, contact_id, verified, name, phone, email, start_key, first_session_id, created_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (site_id, start_key) where start_key is not null do nothing";

const INSERT_TOKEN: &str = "insert into customer_tokens (hash, grant_id, created_at_ms) values ($1, $2, $3)";

/// Of the contact whose grant it is, or of the one in which that went on.
const INSERT_SESSION: &str = "
    insert into sessions
        (id, site_id, grant_id, contact_id, channel, status, assignee_id, last_seq, version,
        last_message_seq, last_message_sender, last_message_preview, last_message_at_ms, waiting_since_ms,
        customer_read_seq, team_read_seq, customer_unread, team_unread, previous_id, next_id, locale, context,
        created_at_ms, updated_at_ms, closed_at_ms, queued_since_ms, priority, work, subject, category, tags,
        snoozed_until_ms)
    values ($1, $2, $3,
        coalesce((select coalesce(c.survivor_id, c.id) from grants g join contacts c on c.id = g.contact_id
            where g.id = $3), $4), $5, $6, $7, $8, 1, $9, $10, $11, $12, $13, 0, 0, $14, $15, $16, null, $17, $18, $19,
        $20, $21, $22, $23, $24, $25, $26, $27, $28)";

pub(crate) const LINK: &str = "update sessions set next_id = $2 where id = $1";

/// What is known of the customer's surroundings goes on with them.
const CARRY: &str = "
    update sessions set (context, locale) = (select context, locale from sessions where id = $1) where id = $2";

const BY_START: &str = "
    select g.*, c.external_id, r.blocked_until_ms from grants g join contacts c on c.id = g.contact_id
    join contacts r on r.id = coalesce(c.survivor_id, c.id) where g.site_id = $1 and g.start_key = $2";

const BY_TOKEN: &str = "
    select g.*, r.blocked_until_ms from customer_tokens k join grants g on g.id = k.grant_id
    join contacts c on c.id = g.contact_id join contacts r on r.id = coalesce(c.survivor_id, c.id) where k.hash = $1";

#[derive(FromRow)]
pub(crate) struct Row {
    id: Uuid,
    site_id: Uuid,
    contact_id: Uuid,
    verified: bool,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    blocked_until_ms: Option<i64>,
}

#[derive(FromRow)]
struct StartRow {
    #[sqlx(flatten)]
    grant: Row,
    external_id: Option<String>,
    first_session_id: Uuid,
    created_at_ms: i64,
}

/// A contact by what it is found by: id, name, e-mail, phone.
type Known = (Uuid, Option<String>, Option<String>, Option<String>);

impl From<Row> for Grant {
    fn from(row: Row) -> Self {
        Self {
            id: GrantId::new(row.id),
            site_id: SiteId::new(row.site_id),
            contact_id: ContactId::new(row.contact_id),
            verified: row.verified,
            name: row.name,
            phone: row.phone,
            email: row.email,
            blocked_until: time(row.blocked_until_ms),
        }
    }
}

impl From<StartRow> for StoredStart {
    fn from(row: StartRow) -> Self {
        Self {
            session_id: SessionId::new(row.first_session_id),
            created_at: UtcMillis::new(row.created_at_ms),
            external_id: row.external_id,
            grant: row.grant.into(),
        }
    }
}

/// Inserts a session and the first lines of its log.
macro_rules! insert_session {
    ($conn:expr, $new:expr) => {{
        let new: &NewSession = $new;
        let last_message = new.change.last_message.as_ref();
        let ticket = new.change.ticket.clone().unwrap_or_default();
        sqlx::query(INSERT_SESSION)
            .bind(new.id.uuid())
            .bind(new.site_id.uuid())
            .bind(new.grant_id.uuid())
            .bind(new.contact_id.uuid())
            .bind(new.channel.as_str())
            .bind(new.change.status.as_str())
            .bind(new.change.assignee.map(|agent| agent.uuid()))
            .bind(signed(new.entries.len() as u64))
            .bind(last_message.map(|message| signed(message.seq.get())))
            .bind(last_message.map(|message| message.sender.as_str()))
            .bind(last_message.map(|message| message.preview.as_str()))
            .bind(last_message.map(|message| message.created_at.get()))
            .bind(new.change.waiting_since.map(UtcMillis::get))
            .bind(i64::from(new.change.unread_added.customer))
            .bind(i64::from(new.change.unread_added.team))
            .bind(new.previous.map(|session| session.uuid()))
            .bind(new.locale.as_deref())
            .bind(sqlx::types::Json(&new.context))
            .bind(new.created_at.get())
            .bind(new.change.updated_at.get())
            .bind(new.change.closed_at.map(UtcMillis::get))
            .bind(ticket.queued_since.map(UtcMillis::get))
            .bind(sessions::rank(ticket.priority))
            .bind(sqlx::types::Json(&ticket.work))
            .bind(ticket.subject.as_deref())
            .bind(ticket.category.as_deref())
            .bind(sqlx::types::Json(&ticket.tags))
            .bind(ticket.snoozed_until.map(UtcMillis::get))
            .execute(&mut *$conn)
            .await?;
        for entry in &new.entries {
            insert_entry!(&mut *$conn, new.id, entry);
        }
        // What rules did at the start tells people, too.
        let append = Append {
            session: new.id,
            expected: Seq::ZERO,
            entries: new.entries.clone(),
            change: new.change.clone(),
            exact: true,
        };
        if append.reaches_further() {
            reach_further!($conn, &append);
        }
    }};
}

impl Store {
    /// Finds the person or creates them, with the new id; what was said updates what is stored.
    ///
    /// A verified claim finds the contact that the site vouched for under the same external id. Any other finds
    /// only a contact that nobody vouched for, by its phone.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn upsert_contact(
        &self,
        claim: &ContactClaim,
        now: UtcMillis,
    ) -> Result<ContactId, StoreError> {
        let upsert = match claim.verified_external_id {
            Some(_) => UPSERT_VERIFIED,
            None => UPSERT_UNVERIFIED,
        };
        on_engine!(write self, conn => {
            let (id, name, email, phone): Known = sqlx::query_as(upsert)
                .bind(claim.new_id.uuid())
                .bind(claim.site_id.uuid())
                .bind(claim.verified_external_id.as_deref())
                .bind(claim.name.as_deref())
                .bind(claim.phone.as_deref())
                .bind(claim.email.as_deref())
                .bind(now.get())
                .fetch_one(&mut *conn)
                .await?;
            sort_in!(self, conn, id, name.as_deref(), email.as_deref(), phone.as_deref());
            Ok(ContactId::new(id))
        })
    }

    /// Creates a credential, its first token, and its first session with the first lines of its log.
    ///
    /// # Errors
    /// `Conflict("start")`: the site has a start of this key; [`Store::find_start`] finds it.
    pub async fn create_session(
        &self,
        grant: &NewGrant,
        session: &NewSession,
    ) -> Result<Session, StoreError> {
        let row: sessions::Row = on_engine!(write self, conn => {
            let done = sqlx::query(INSERT_GRANT)
                .bind(grant.id.uuid())
                .bind(grant.site_id.uuid())
                .bind(grant.contact_id.uuid())
                .bind(grant.verified)
                .bind(grant.name.as_deref())
                .bind(grant.phone.as_deref())
                .bind(grant.email.as_deref())
                .bind(grant.start_key)
                .bind(session.id.uuid())
                .bind(session.created_at.get())
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Err(StoreError::Conflict("start"));
            }
            sqlx::query(INSERT_TOKEN)
                .bind(grant.token.as_slice())
                .bind(grant.id.uuid())
                .bind(session.created_at.get())
                .execute(&mut *conn)
                .await?;
            insert_session!(conn, session);
            Ok(sqlx::query_as(sessions::BY_ID).bind(session.id.uuid()).fetch_one(conn).await?)
        })?;
        row.try_into()
    }

    /// The start that was made with this key, if one was.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn find_start(&self, site: SiteId, start_key: Uuid) -> Result<Option<StoredStart>, StoreError> {
        on_engine!(read self, conn => Ok(sqlx::query_as::<_, StartRow>(BY_START)
            .bind(site.uuid())
            .bind(start_key)
            .fetch_optional(conn)
            .await?
            .map(StoredStart::from)))
    }

    /// One more token that opens what the grant opens.
    ///
    /// # Errors
    /// `Unavailable`; `Refused`: there is no such grant.
    pub async fn add_token(
        &self,
        grant: GrantId,
        hash: &TokenHash,
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(INSERT_TOKEN)
                .bind(hash.as_slice())
                .bind(grant.uuid())
                .bind(now.get())
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// What a token opens.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn grant_by_token(&self, hash: &TokenHash) -> Result<Option<Grant>, StoreError> {
        on_engine!(read self, conn => Ok(sqlx::query_as::<_, Row>(BY_TOKEN)
            .bind(hash.as_slice())
            .fetch_optional(conn)
            .await?
            .map(Grant::from)))
    }

    /// Moves a closed session's chat into a new session: the old log's last entry and the new session appear
    /// together, or, unless the answer is `Committed`, neither.
    ///
    /// # Errors
    /// `Unavailable`: whether it happened is not known; read the closed session.
    pub async fn continue_session(&self, continuation: &Continuation) -> Result<Appended, StoreError> {
        let Continuation { append, next } = continuation;
        append.check()?;
        on_engine!(write self, conn => {
            let appended = conn.append_one(append).await?;
            if let Appended::Committed { .. } = appended {
                if let Some(hold) = dialect::hold_home(&self.pools) {
                    sqlx::query(hold).bind(next.grant_id.uuid()).execute(&mut *conn).await?;
                }
                insert_session!(conn, next);
                sqlx::query(LINK)
                    .bind(append.session.uuid())
                    .bind(next.id.uuid())
                    .execute(&mut *conn)
                    .await?;
                sqlx::query(CARRY)
                    .bind(append.session.uuid())
                    .bind(next.id.uuid())
                    .execute(conn)
                    .await?;
            }
            Ok(appended)
        })
    }
}
