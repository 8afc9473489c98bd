//! Logins: agents' authenticated browsers, known by the hash of their cookie.

use protocol::{AgentId, LoginId, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Agent, ListedLogin, NewLogin, Store, StoreError, TokenHash, ValidLogin, agents, dialect, rows::hash,
    store::on_engine,
};

const VALID: &str = "
    select a.*, l.id as login_id, l.seen_at_ms from logins l join agents a on a.id = l.agent_id
    where l.hash = $1 and l.expires_at_ms > $2 and not a.disabled";
const OF_AGENT: &str = "
    select id, label, created_at_ms, seen_at_ms from logins where agent_id = $1 and expires_at_ms > $2
    order by seen_at_ms desc, id limit $3";

const SEEN: &str = "update logins set seen_at_ms = $2 where hash = $1 and seen_at_ms < $2";
const DELETE: &str = "delete from logins where hash = $1";
const DELETE_ONE: &str = "delete from logins where agent_id = $1 and id = $2 returning hash";
const DELETE_OTHERS: &str = "delete from logins where agent_id = $1 and hash <> $2 returning hash";
const DELETE_EXPIRED: &str = "delete from logins where expires_at_ms <= $1";
const DELETE_EXPIRED_LINKS: &str = "delete from agent_tokens where expires_at_ms <= $1";

#[derive(FromRow)]
struct ValidRow {
    #[sqlx(flatten)]
    agent: agents::Row,
    login_id: Uuid,
    seen_at_ms: i64,
}

#[derive(FromRow)]
struct ListedRow {
    id: Uuid,
    label: String,
    created_at_ms: i64,
    seen_at_ms: i64,
}

impl Store {
    /// Remembers a login of `agent`, as read before the password was checked; `false` if meanwhile the password was
    /// changed, or the agent was disabled.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn create_login(&self, login: &NewLogin, agent: &Agent) -> Result<bool, StoreError> {
        let create = dialect::create_login(&self.pools);
        on_engine!(write self, conn => {
            let done = sqlx::query(create)
                .bind(login.hash.as_slice())
                .bind(agent.id.uuid())
                .bind(&agent.password_hash)
                .bind(login.created_at.get())
                .bind(login.expires_at.get())
                .bind(login.id.uuid())
                .bind(&login.label)
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Whose login this is, if it has not expired and its agent is not disabled.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn login(&self, hash: &TokenHash, now: UtcMillis) -> Result<Option<ValidLogin>, StoreError> {
        let row: Option<ValidRow> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(VALID).bind(hash.as_slice()).bind(now.get()).fetch_optional(conn).await?)
        })?;
        let valid = |row: ValidRow| {
            Ok(ValidLogin {
                id: LoginId::new(row.login_id),
                agent: row.agent.try_into()?,
                seen_at: UtcMillis::new(row.seen_at_ms),
            })
        };
        row.map(valid).transpose()
    }

    /// Notes that a login is used. Now and then is enough: each time is a write.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn login_seen(&self, hash: &TokenHash, now: UtcMillis) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(SEEN).bind(hash.as_slice()).bind(now.get()).execute(conn).await?;
            Ok(())
        })
    }

    /// An agent's logins, the last used first, at most `limit`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn logins_of(
        &self,
        agent: AgentId,
        now: UtcMillis,
        limit: u32,
    ) -> Result<Vec<ListedLogin>, StoreError> {
        let rows: Vec<ListedRow> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(OF_AGENT)
                .bind(agent.uuid())
                .bind(now.get())
                .bind(i64::from(limit))
                .fetch_all(conn)
                .await?)
        })?;
        let listed = |row: ListedRow| ListedLogin {
            id: LoginId::new(row.id),
            label: row.label,
            created_at: UtcMillis::new(row.created_at_ms),
            seen_at: UtcMillis::new(row.seen_at_ms),
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// Ends one of an agent's logins, by its name; `None` if the agent has none of this name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn end_login(&self, agent: AgentId, id: LoginId) -> Result<Option<TokenHash>, StoreError> {
        let ended: Option<Vec<u8>> = on_engine!(write self, conn => {
            Ok(sqlx::query_scalar(DELETE_ONE).bind(agent.uuid()).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        ended.map(hash).transpose()
    }

    /// Ends all of an agent's logins but one; answers which.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn end_other_logins(
        &self,
        agent: AgentId,
        keep: &TokenHash,
    ) -> Result<Vec<TokenHash>, StoreError> {
        let ended: Vec<Vec<u8>> = on_engine!(write self, conn => {
            Ok(sqlx::query_scalar(DELETE_OTHERS).bind(agent.uuid()).bind(keep.as_slice()).fetch_all(conn).await?)
        })?;
        ended.into_iter().map(hash).collect()
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

    /// Those of the given logins that [`Store::login`] would take now.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn valid_logins(
        &self,
        logins: &[TokenHash],
        now: UtcMillis,
    ) -> Result<Vec<TokenHash>, StoreError> {
        let valid = dialect::valid_logins(&self.pools);
        let listed = dialect::hash_list(logins);
        let found: Vec<Vec<u8>> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(valid).bind(now.get()).bind(&listed).fetch_all(conn).await?)
        })?;
        found.into_iter().map(hash).collect()
    }

    /// Forgets the logins that have expired, and links that have; answers how many logins.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_expired_logins(&self, now: UtcMillis) -> Result<u64, StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(DELETE_EXPIRED_LINKS).bind(now.get()).execute(&mut *conn).await?;
            Ok(sqlx::query(DELETE_EXPIRED).bind(now.get()).execute(conn).await?.rows_affected())
        })
    }
}
