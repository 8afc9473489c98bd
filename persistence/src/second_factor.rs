//! The second factor: the secret that an agent shares with an authenticator, and recovery codes.

use protocol::AgentId;

use crate::{Store, StoreError, TokenHash, Totp, rows::signed, store::on_engine};

const READ: &str = "select totp_secret, totp_confirmed from agents where id = $1 and totp_secret is not null";
const BEGIN: &str = "update agents set totp_secret = $2 where id = $1 and not totp_confirmed";
const CONFIRM: &str = "
    update agents set totp_confirmed = true, totp_step = $3
    where id = $1 and totp_secret = $2 and not totp_confirmed";
const USE_STEP: &str = "update agents set totp_step = $2 where id = $1 and totp_confirmed and totp_step < $2";
const REMOVE: &str = "
    update agents set totp_secret = null, totp_confirmed = false, totp_step = 0
    where id = $1 and totp_secret is not null";
const FORGET_CODES: &str = "delete from recovery_codes where agent_id = $1";
const KEEP_CODE: &str = "insert into recovery_codes (agent_id, hash) values ($1, $2)";
const USE_CODE: &str = "delete from recovery_codes where agent_id = $1 and hash = $2";

impl Store {
    /// The agent's second factor, confirmed or not.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn totp(&self, agent: AgentId) -> Result<Option<Totp>, StoreError> {
        let row: Option<(Vec<u8>, bool)> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(READ).bind(agent.uuid()).fetch_optional(conn).await?)
        })?;
        Ok(row.map(|(secret, confirmed)| Totp { secret, confirmed }))
    }

    /// Keeps a secret to be confirmed, instead of one that was not; `false` if there is a confirmed one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn begin_totp(&self, agent: AgentId, secret: &[u8]) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(BEGIN).bind(agent.uuid()).bind(secret).execute(conn).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Makes the second factor count, with these recovery codes, after a code of `step` was given; `false` if this
    /// secret does not wait for it any more.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn confirm_totp(
        &self,
        agent: AgentId,
        secret: &[u8],
        step: u64,
        recovery_codes: &[TokenHash],
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(CONFIRM)
                .bind(agent.uuid())
                .bind(secret)
                .bind(signed(step))
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(FORGET_CODES).bind(agent.uuid()).execute(&mut *conn).await?;
            for code in recovery_codes {
                sqlx::query(KEEP_CODE).bind(agent.uuid()).bind(code.as_slice()).execute(&mut *conn).await?;
            }
            Ok(true)
        })
    }

    /// Uses the code of a step: `false` if it, or a later one, was used before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn use_totp_step(&self, agent: AgentId, step: u64) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(USE_STEP).bind(agent.uuid()).bind(signed(step)).execute(conn).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Uses a recovery code: `false` if it is none, or was used before.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn use_recovery_code(&self, agent: AgentId, code: &TokenHash) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(USE_CODE).bind(agent.uuid()).bind(code.as_slice()).execute(conn).await?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Takes the second factor away; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn remove_totp(&self, agent: AgentId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(REMOVE).bind(agent.uuid()).execute(&mut *conn).await?;
            sqlx::query(FORGET_CODES).bind(agent.uuid()).execute(conn).await?;
            Ok(done.rows_affected() == 1)
        })
    }
}
