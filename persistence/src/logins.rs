//! Logins: agents' authenticated browsers, known by the hash of their cookie.

use protocol::{AgentId, UtcMillis};

use crate::{Agent, Store, StoreError, TokenHash, agents::Row, rows::hash, store::on_engine};

const CREATE: &str =
    "insert into logins (hash, agent_id, created_at_ms, expires_at_ms) values ($1, $2, $3, $4)";

const AGENT: &str = "
    select a.* from logins l join agents a on a.id = l.agent_id
    where l.hash = $1 and l.expires_at_ms > $2 and not a.disabled";

const VALID: &str = "
    select l.hash from logins l join agents a on a.id = l.agent_id
    where l.expires_at_ms > $1 and not a.disabled";

const DELETE: &str = "delete from logins where hash = $1";
const DELETE_EXPIRED: &str = "delete from logins where expires_at_ms <= $1";

impl Store {
    /// Remembers a login until `expires`.
    ///
    /// # Errors
    /// `Unavailable`; `Refused`: there is no such agent.
    pub async fn create_login(
        &self,
        hash: &TokenHash,
        agent: AgentId,
        now: UtcMillis,
        expires: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE)
                .bind(hash.as_slice())
                .bind(agent.uuid())
                .bind(now.get())
                .bind(expires.get())
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// Whose login this is, if it has not expired and its agent is not disabled.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agent_by_login(
        &self,
        hash: &TokenHash,
        now: UtcMillis,
    ) -> Result<Option<Agent>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(AGENT).bind(hash.as_slice()).bind(now.get()).fetch_optional(conn).await?)
        })?;
        row.map(Agent::try_from).transpose()
    }

    /// Ends a login; nothing happens if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_login(&self, hash: &TokenHash) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(DELETE).bind(hash.as_slice()).execute(conn).await?;
            Ok(())
        })
    }

    /// All logins that [`Store::agent_by_login`] would take now.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn valid_logins(&self, now: UtcMillis) -> Result<Vec<TokenHash>, StoreError> {
        let found: Vec<Vec<u8>> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(VALID).bind(now.get()).fetch_all(conn).await?)
        })?;
        found.into_iter().map(hash).collect()
    }

    /// Forgets what has expired; answers how many.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_expired_logins(&self, now: UtcMillis) -> Result<u64, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE_EXPIRED).bind(now.get()).execute(conn).await?.rows_affected())
        })
    }
}
