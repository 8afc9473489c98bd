//! Sessions as rows: what their logs fold to, with the people's names joined in.

use std::sync::Arc;

use protocol::{
    AgentId, AgentRef, ContactId, ContactSummary, GrantId, LastMessage, Priority, Rating, ReadPositions,
    SessionId, SiteId, Ticket, UtcMillis, Work,
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Grant, Position, Session, Store, StoreError, Unread, dialect,
    rows::{count, present, seq, time, unreadable, unsigned, word},
    store::on_engine,
};

/// A select of sessions; what follows may name `s` (sessions), `c` (contacts) and `g` (grants).
macro_rules! select_sessions {
    ($tail:expr) => {
        concat!(
            "select s.id, s.site_id, t.key as site_key, s.grant_id, s.contact_id, s.channel, s.status,
                s.assignee_id, a.name as assignee_name, s.last_seq, s.version,
                s.last_message_seq, s.last_message_sender, s.last_message_preview, s.last_message_at_ms,
                s.waiting_since_ms, s.customer_read_seq, s.team_read_seq, s.customer_unread, s.team_unread,
                s.previous_id, s.next_id, s.created_at_ms, s.updated_at_ms, s.closed_at_ms,
                s.number, s.subject, s.priority, s.category, s.tags, s.snoozed_until_ms, s.queued_since_ms,
                s.work, s.rating,
                c.name as contact_name, c.phone as contact_phone, c.email as contact_email,
                c.external_id is not null and g.verified as contact_verified, c.blocked_until_ms,
                g.contact_id as claimed_id, g.name as claimed_name, g.phone as claimed_phone, g.email as claimed_email,
                g.verified as claimed_verified
            from sessions s
            join sites t on t.id = s.site_id
            join contacts c on c.id = s.contact_id
            join grants g on g.id = s.grant_id
            left join agents a on a.id = s.assignee_id ",
            $tail
        )
    };
}
pub(crate) use select_sessions;

pub(crate) const BY_ID: &str = select_sessions!("where s.id = $1");

const OF_GRANT: &str =
    select_sessions!("where s.grant_id = $1 order by s.created_at_ms desc, s.id desc limit $2");

const OF_CONTACT: &str = select_sessions!(
    "where s.contact_id = $1 and s.site_id = $3 and g.verified order by s.created_at_ms desc, s.id desc limit $2"
);

#[derive(FromRow)]
pub(crate) struct Row {
    id: Uuid,
    site_id: Uuid,
    site_key: String,
    grant_id: Uuid,
    contact_id: Uuid,
    channel: String,
    status: String,
    assignee_id: Option<Uuid>,
    assignee_name: Option<String>,
    last_seq: i64,
    version: i64,
    last_message_seq: Option<i64>,
    last_message_sender: Option<String>,
    last_message_preview: Option<String>,
    last_message_at_ms: Option<i64>,
    waiting_since_ms: Option<i64>,
    customer_read_seq: i64,
    team_read_seq: i64,
    customer_unread: i64,
    team_unread: i64,
    previous_id: Option<Uuid>,
    next_id: Option<Uuid>,
    created_at_ms: i64,
    updated_at_ms: i64,
    closed_at_ms: Option<i64>,
    rating: Option<Json<Rating>>,
    number: i64,
    #[sqlx(flatten)]
    ticket: TicketRow,
    contact_name: Option<String>,
    contact_phone: Option<String>,
    contact_email: Option<String>,
    contact_verified: bool,
    blocked_until_ms: Option<i64>,
    claimed_id: Uuid,
    claimed_name: Option<String>,
    claimed_phone: Option<String>,
    claimed_email: Option<String>,
    claimed_verified: bool,
}

#[derive(FromRow)]
pub(crate) struct TicketRow {
    subject: Option<String>,
    priority: i16,
    category: Option<String>,
    tags: Json<Vec<String>>,
    snoozed_until_ms: Option<i64>,
    queued_since_ms: Option<i64>,
    work: Json<Work>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.subject,
            priority: priority(row.priority)?,
            category: row.category,
            tags: row.tags.0,
            snoozed_until: time(row.snoozed_until_ms),
            queued_since: time(row.queued_since_ms),
            work: row.work.0,
        })
    }
}

/// A priority as a number that sorts: the more urgent, the higher.
pub(crate) fn rank(priority: Priority) -> i16 {
    priority as i16
}

pub(crate) fn priority(rank: i16) -> Result<Priority, StoreError> {
    let all = Priority::ALL.iter().copied();
    all.into_iter()
        .find(|priority| self::rank(*priority) == rank)
        .ok_or_else(|| unreadable(format!("a priority of {rank}")))
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let contact_id = ContactId::new(row.contact_id);
        let assignee = match row.assignee_id {
            None => None,
            Some(id) => Some(AgentRef {
                id: AgentId::new(id),
                name: present(row.assignee_name, "the assignee's name")?,
            }),
        };
        let last_message = match row.last_message_seq {
            None => None,
            Some(at) => Some(LastMessage {
                seq: seq(at)?,
                sender: word(&present(row.last_message_sender, "last_message_sender")?)?,
                preview: present(row.last_message_preview, "last_message_preview")?,
                created_at: UtcMillis::new(present(row.last_message_at_ms, "last_message_at_ms")?),
            }),
        };
        Ok(Self {
            id: SessionId::new(row.id),
            site_id: SiteId::new(row.site_id),
            site_key: row.site_key.into(),
            grant_id: GrantId::new(row.grant_id),
            contact: Arc::new(ContactSummary {
                id: contact_id,
                name: row.contact_name,
                phone: row.contact_phone,
                email: row.contact_email,
                verified: row.contact_verified,
                blocked_until: time(row.blocked_until_ms),
            }),
            claimed: Arc::new(ContactSummary {
                id: ContactId::new(row.claimed_id),
                name: row.claimed_name,
                phone: row.claimed_phone,
                email: row.claimed_email,
                verified: row.claimed_verified,
                blocked_until: None,
            }),
            channel: word(&row.channel)?,
            status: word(&row.status)?,
            assignee,
            number: unsigned(row.number)?,
            ticket: Arc::new(row.ticket.try_into()?),
            last_seq: seq(row.last_seq)?,
            version: unsigned(row.version)?,
            last_message,
            waiting_since: time(row.waiting_since_ms),
            read: ReadPositions { customer: seq(row.customer_read_seq)?, team: seq(row.team_read_seq)? },
            unread: Unread { customer: count(row.customer_unread)?, team: count(row.team_unread)? },
            previous: row.previous_id.map(SessionId::new),
            next: row.next_id.map(SessionId::new),
            created_at: UtcMillis::new(row.created_at_ms),
            updated_at: UtcMillis::new(row.updated_at_ms),
            closed_at: time(row.closed_at_ms),
            rating: row.rating.map(|rating| rating.0),
        })
    }
}

pub(crate) fn sessions(rows: Vec<Row>) -> Result<Vec<Session>, StoreError> {
    rows.into_iter().map(Session::try_from).collect()
}

const SNOOZED: &str = "
    select id, snoozed_until_ms from sessions
    where snoozed_until_ms is not null and snoozed_until_ms <= $1
    order by snoozed_until_ms limit $2";

impl Store {
    /// The sessions whose time aside is over, and until when it was; the longest over first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn snoozed_until(
        &self,
        now: UtcMillis,
        limit: u32,
    ) -> Result<Vec<(SessionId, UtcMillis)>, StoreError> {
        let rows: Vec<(Uuid, i64)> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(SNOOZED).bind(now.get()).bind(i64::from(limit)).fetch_all(conn).await?)
        })?;
        Ok(rows.into_iter().map(|(id, until)| (SessionId::new(id), UtcMillis::new(until))).collect())
    }

    /// The session as it is now: never an older state than one that was answered before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(BY_ID).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        row.map(Session::try_from).transpose()
    }

    /// What a customer's token opens, the newest first: the grant's own sessions, or all of the contact's if the
    /// site has vouched for who it is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn sessions_of_grant(&self, grant: &Grant, limit: u32) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => {
            let query = if grant.verified {
                sqlx::query_as(OF_CONTACT).bind(grant.contact_id.uuid()).bind(i64::from(limit)).bind(grant.site_id.uuid())
            } else {
                sqlx::query_as(OF_GRANT).bind(grant.id.uuid()).bind(i64::from(limit))
            };
            Ok(query.fetch_all(conn).await?)
        })?;
        sessions(rows)
    }

    /// How far these sessions are, in no order and without those that are not there: one question for any number
    /// of them, so that a node that hears nothing from the others can still learn every second what it has missed.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn positions(&self, sessions: &[SessionId]) -> Result<Vec<Position>, StoreError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let positions = dialect::positions(&self.pools);
        let listed = dialect::id_list(sessions);
        let rows: Vec<(Uuid, i64, i64)> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(positions).bind(&listed).fetch_all(conn).await?)
        })?;
        rows.into_iter()
            .map(|(session, last_seq, version)| {
                Ok(Position {
                    session: SessionId::new(session),
                    last_seq: seq(last_seq)?,
                    version: unsigned(version)?,
                })
            })
            .collect()
    }
}
