//! Agents: the team.

use protocol::{AgentId, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{Agent, Store, StoreError, TokenHash, rows::word, store::on_engine};

const BY_ID: &str = "select * from agents where id = $1";
const BY_EMAIL: &str = "select * from agents where email = $1";
const ALL: &str = "select * from agents order by created_at_ms, id";

pub(crate) const CREATE: &str = "
    insert into agents
        (id, email, name, role, password_hash, must_change_password, disabled, created_at_ms, updated_at_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
    on conflict do nothing";

const DISABLE: &str = "update agents set disabled = $2 where id = $1";
const SET_PASSWORD: &str = "update agents set password_hash = $2, must_change_password = $3 where id = $1";
const DELETE_LINKS: &str = "delete from agent_tokens where agent_id = $1";
const DELETE_LOGINS: &str = "delete from logins where agent_id = $1 and ($2 is null or hash <> $2)";

#[derive(FromRow)]
pub(crate) struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    password_hash: String,
    must_change_password: bool,
    disabled: bool,
    created_at_ms: i64,
}

impl TryFrom<Row> for Agent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AgentId::new(row.id),
            email: row.email,
            name: row.name,
            role: word(&row.role)?,
            password_hash: row.password_hash,
            must_change_password: row.must_change_password,
            disabled: row.disabled,
            created_at: UtcMillis::new(row.created_at_ms),
        })
    }
}

/// Inserts an agent; the number of rows says whether they were new.
macro_rules! insert_agent {
    ($conn:expr, $agent:expr) => {
        sqlx::query($crate::agents::CREATE)
            .bind($agent.id.uuid())
            .bind(&$agent.email)
            .bind(&$agent.name)
            .bind($agent.role.as_str())
            .bind(&$agent.password_hash)
            .bind($agent.must_change_password)
            .bind($agent.disabled)
            .bind($agent.created_at.get())
            .execute($conn)
            .await?
            .rows_affected()
    };
}
pub(crate) use insert_agent;

impl Store {
    /// The whole team, whoever was added first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => Ok(sqlx::query_as(ALL).fetch_all(conn).await?))?;
        rows.into_iter().map(Agent::try_from).collect()
    }

    /// The agent, disabled or not.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(BY_ID).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        row.map(Agent::try_from).transpose()
    }

    /// The agent with this login name (lower-case), disabled or not.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agent_by_email(&self, email: &str) -> Result<Option<Agent>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(BY_EMAIL).bind(email).fetch_optional(conn).await?)
        })?;
        row.map(Agent::try_from).transpose()
    }

    /// Adds an agent.
    ///
    /// # Errors
    /// `Conflict("agent")`: another has this login name.
    pub async fn create_agent(&self, agent: &Agent) -> Result<(), StoreError> {
        on_engine!(write self, conn => match insert_agent!(conn, agent) {
            0 => Err(StoreError::Conflict("agent")),
            _ => Ok(()),
        })
    }

    /// Shuts an agent out, which ends their logins and links, or lets them in again; `false` if there is no such agent.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn set_agent_disabled(&self, id: AgentId, disabled: bool) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(DISABLE).bind(id.uuid()).bind(disabled).execute(&mut *conn).await?;
            if disabled {
                sqlx::query(DELETE_LOGINS).bind(id.uuid()).bind(None::<&[u8]>).execute(&mut *conn).await?;
                sqlx::query(DELETE_LINKS).bind(id.uuid()).execute(conn).await?;
            }
            Ok(done.rows_affected() == 1)
        })
    }

    /// Sets a password and ends the agent's links, and their logins but for the one that asked; `false` if there is no such agent.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn set_agent_password(
        &self,
        id: AgentId,
        password_hash: &str,
        must_change: bool,
        keep_login: Option<&TokenHash>,
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(SET_PASSWORD)
                .bind(id.uuid())
                .bind(password_hash)
                .bind(must_change)
                .execute(&mut *conn)
                .await?;
            sqlx::query(DELETE_LOGINS)
                .bind(id.uuid())
                .bind(keep_login.map(TokenHash::as_slice))
                .execute(&mut *conn)
                .await?;
            sqlx::query(DELETE_LINKS).bind(id.uuid()).execute(conn).await?;
            Ok(done.rows_affected() == 1)
        })
    }
}
