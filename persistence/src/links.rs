//! Links that open an agent's door once: invitations and password resets, known by the hash of their token.

use protocol::{AgentId, UtcMillis, rest::LinkKind};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{Agent, NewLink, Store, StoreError, TokenHash, agents, rows::word, store::on_engine};

pub(crate) const END_OLDER: &str = "delete from agent_tokens where agent_id = $1 and kind = $2";
pub(crate) const CREATE: &str = "
    insert into agent_tokens (hash, agent_id, kind, created_at_ms, expires_at_ms)
    select $2, id, $3, $4, $5 from agents where id = $1";
const FIND: &str = "
    select a.*, t.kind from agent_tokens t join agents a on a.id = t.agent_id
    where t.hash = $1 and t.expires_at_ms > $2 and not a.disabled";
const TAKE: &str = "delete from agent_tokens where hash = $1 and expires_at_ms > $2 returning agent_id";
const SET_PASSWORD: &str = "
    update agents set password_hash = $2, must_change_password = false, name = coalesce($3, name), updated_at_ms = $4
    where id = $1 and not disabled";
const END_LOGINS: &str = "delete from logins where agent_id = $1";
const END_LINKS: &str = "delete from agent_tokens where agent_id = $1";
const AGENT: &str = "select * from agents where id = $1";

/// Inserts a link; the number of rows says whether there is such an agent.
macro_rules! insert_link {
    ($conn:expr, $agent:expr, $link:expr, $now:expr) => {
        sqlx::query($crate::links::CREATE)
            .bind($agent.uuid())
            .bind($link.hash.as_slice())
            .bind($link.kind.as_str())
            .bind($now.get())
            .bind($link.expires_at.get())
            .execute(&mut *$conn)
            .await?
            .rows_affected()
    };
}
pub(crate) use insert_link;

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    agent: agents::Row,
    kind: String,
}

impl Store {
    /// Makes a link for an agent, and ends the older ones of its kind; `false` if there is no such agent.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn create_link(
        &self,
        agent: AgentId,
        link: &NewLink,
        now: UtcMillis,
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(END_OLDER).bind(agent.uuid()).bind(link.kind.as_str()).execute(&mut *conn).await?;
            Ok(insert_link!(conn, agent, link, now) == 1)
        })
    }

    /// What a link is for and whose it is, if it still opens something.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn link(
        &self,
        hash: &TokenHash,
        now: UtcMillis,
    ) -> Result<Option<(LinkKind, Agent)>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(FIND).bind(hash.as_slice()).bind(now.get()).fetch_optional(conn).await?)
        })?;
        row.map(|row| Ok((word(&row.kind)?, Agent::try_from(row.agent)?))).transpose()
    }

    /// Uses a link: sets the agent's password and, if given, name, and ends all their logins and links. `None` if it
    /// opens nothing any more; of two who use it at once one does.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn use_link(
        &self,
        hash: &TokenHash,
        password_hash: &str,
        name: Option<&str>,
        now: UtcMillis,
    ) -> Result<Option<Agent>, StoreError> {
        let row: Option<agents::Row> = on_engine!(write self, conn => {
            let taken: Option<Uuid> = sqlx::query_scalar(TAKE)
                .bind(hash.as_slice())
                .bind(now.get())
                .fetch_optional(&mut *conn)
                .await?;
            let Some(agent) = taken else { return Ok(None) };
            let done = sqlx::query(SET_PASSWORD)
                .bind(agent)
                .bind(password_hash)
                .bind(name)
                .bind(now.get())
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Ok(None);
            }
            sqlx::query(END_LOGINS).bind(agent).execute(&mut *conn).await?;
            sqlx::query(END_LINKS).bind(agent).execute(&mut *conn).await?;
            Ok(sqlx::query_as(AGENT).bind(agent).fetch_optional(conn).await?)
        })?;
        row.map(Agent::try_from).transpose()
    }
}
