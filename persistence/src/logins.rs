//! Logins: agents' authenticated browsers, known by the hash of their cookie.

use protocol::UtcMillis;

use crate::{Agent, Store, StoreError, TokenHash, agents::Row, dialect, rows::hash, store::on_engine};

const AGENT: &str = "
    select a.* from logins l join agents a on a.id = l.agent_id
    where l.hash = $1 and l.expires_at_ms > $2 and not a.disabled";

const DELETE: &str = "delete from logins where hash = $1";
const DELETE_EXPIRED: &str = "delete from logins where expires_at_ms <= $1";

impl Store {
    /// Remembers a login of `agent`, as read before the password was checked, until `expires`; `false` if meanwhile
    /// the password was changed, or the agent was disabled.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn create_login(
        &self,
        hash: &TokenHash,
        agent: &Agent,
        now: UtcMillis,
        expires: UtcMillis,
    ) -> Result<bool, StoreError> {
        let create = dialect::create_login(&self.pools);
        on_engine!(write self, conn => {
            let done = sqlx::query(create)
                .bind(hash.as_slice())
                .bind(agent.id.uuid())
                .bind(&agent.password_hash)
                .bind(now.get())
                .bind(expires.get())
                .execute(conn)
                .await?;
            Ok(done.rows_affected() == 1)
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

    /// Those of the given logins that [`Store::agent_by_login`] would take now.
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
