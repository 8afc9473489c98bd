//! What agents are told in person. It is written with the line of the log that it is about (`writer::further`).

use protocol::{AgentId, Notification, NotificationKind, Seq, SessionId, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entries::sender,
    rows::{seq, signed, time, unsigned, word},
    store::on_engine,
};

/// Of agent `$1`; `$2`: of the sessions that are open to everybody, or to whoever holds them.
macro_rules! of_agent {
    ($what:literal, $tail:literal) => {
        concat!(
            "select ",
            $what,
            " from notifications n join sessions s on s.id = n.session_id
            join contacts c on c.id = s.contact_id
            join entries e on e.session_id = n.session_id and e.seq = n.seq
            where n.agent_id = $1 and ($2 or s.assignee_id is null or s.assignee_id = $1) ",
            $tail
        )
    };
}

const PAGE: &str = of_agent!(
    "n.kind, n.session_id, n.seq, s.number, c.name as contact, e.sender_kind, e.sender_id, e.sender_name, e.body,
        n.created_at_ms, n.read_at_ms",
    "and (n.created_at_ms, n.session_id, n.seq) < ($3, $4, $5)
    order by n.created_at_ms desc, n.session_id desc, n.seq desc limit $6"
);
const COUNT: &str = of_agent!("count(*), count(*) - count(n.read_at_ms)", "");
const READ: &str = "update notifications set read_at_ms = $2 where agent_id = $1 and read_at_ms is null";
const READ_OF: &str =
    "update notifications set read_at_ms = $2 where agent_id = $1 and read_at_ms is null and session_id = $3";

const MENTIONING: &str = "select distinct session_id from notifications where agent_id = $1 and kind = $2";

/// Where a page of notifications begins: behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationCursor {
    /// When it was told.
    pub at: UtcMillis,
    /// Where.
    pub session: SessionId,
    /// Which line.
    pub seq: Seq,
}

/// How many notifications there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotificationCount {
    /// In all.
    pub total: u64,
    /// That the agent took no note of.
    pub unread: u64,
}

#[derive(FromRow)]
struct Row {
    kind: String,
    session_id: Uuid,
    seq: i64,
    number: i64,
    contact: Option<String>,
    sender_kind: String,
    sender_id: Option<Uuid>,
    sender_name: Option<String>,
    body: String,
    created_at_ms: i64,
    read_at_ms: Option<i64>,
}

impl TryFrom<Row> for Notification {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind: NotificationKind = word(&row.kind)?;
        let preview = match kind {
            NotificationKind::Mention => protocol::preview(&row.body),
            NotificationKind::Assigned | NotificationKind::Due => String::new(),
        };
        Ok(Self {
            kind,
            session: SessionId::new(row.session_id),
            seq: seq(row.seq)?,
            number: unsigned(row.number)?,
            contact: row.contact,
            from: sender(&row.sender_kind, row.sender_id, row.sender_name)?,
            preview,
            created_at: UtcMillis::new(row.created_at_ms),
            read_at: time(row.read_at_ms),
        })
    }
}

impl Store {
    /// What an agent was told, the newest first; of the sessions that the agent may see, which are `all`, or those that
    /// nobody else holds.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn notifications(
        &self,
        agent: AgentId,
        all: bool,
        before: Option<NotificationCursor>,
        limit: u32,
    ) -> Result<(Vec<Notification>, NotificationCount), StoreError> {
        let (at, session, seq) = match before {
            Some(NotificationCursor { at, session, seq }) => (at.get(), session.uuid(), signed(seq.get())),
            None => (i64::MAX, Uuid::max(), i64::MAX),
        };
        let (rows, (total, unread)): (Vec<Row>, (i64, i64)) = on_engine!(read self, conn => {
            let rows = sqlx::query_as(PAGE)
                .bind(agent.uuid())
                .bind(all)
                .bind(at)
                .bind(session)
                .bind(seq)
                .bind(i64::from(limit))
                .fetch_all(&mut *conn)
                .await?;
            let count = sqlx::query_as(COUNT).bind(agent.uuid()).bind(all).fetch_one(conn).await?;
            Ok((rows, count))
        })?;
        let items = rows.into_iter().map(Notification::try_from).collect::<Result<_, _>>()?;
        Ok((items, NotificationCount { total: unsigned(total)?, unread: unsigned(unread)? }))
    }

    /// The sessions of which an agent's notifications tell that a note names them.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn mentioning(&self, agent: AgentId) -> Result<Vec<SessionId>, StoreError> {
        let ids: Vec<Uuid> = on_engine!(read self, conn => {
            let query = sqlx::query_scalar(MENTIONING).bind(agent.uuid());
            Ok(query.bind(NotificationKind::Mention.as_str()).fetch_all(conn).await?)
        })?;
        Ok(ids.into_iter().map(SessionId::new).collect())
    }

    /// The agent took note of what they were told, of one session or of all.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn read_notifications(
        &self,
        agent: AgentId,
        session: Option<SessionId>,
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(statement self, conn => {
            let query = match session {
                None => sqlx::query(READ).bind(agent.uuid()).bind(now.get()),
                Some(session) => {
                    sqlx::query(READ_OF).bind(agent.uuid()).bind(now.get()).bind(session.uuid())
                }
            };
            query.execute(conn).await?;
            Ok(())
        })
    }
}
