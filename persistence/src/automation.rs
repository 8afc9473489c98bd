//! Rules and macros: written by people, read whole.

use protocol::{
    AgentId, MacroId, RuleAction, RuleId, UtcMillis,
    rest::{Macro, Rule, RuleBody},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{Store, StoreError, error::taken, rows::name_key, store::on_engine};

const RULES: &str = "
    select id, name, enabled, body, created_at_ms, updated_at_ms from rules
    where $1 is null or id = $1 order by position, created_at_ms, id";
/// A new one is asked last.
const CREATE_RULE: &str = "
    insert into rules (id, position, name, key, enabled, body, created_at_ms, updated_at_ms)
    select $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5, $6, $6 from rules";
const UPDATE_RULE: &str =
    "update rules set name = $2, key = $3, enabled = $4, body = $5, updated_at_ms = $6 where id = $1";
const DELETE_RULE: &str = "delete from rules where id = $1";
const PLACE_RULE: &str = "update rules set position = $2 where id = $1";

const MACROS: &str = "
    select id, owner_id, name, body, created_at_ms, updated_at_ms from macros
    where owner_id is null or owner_id = $1 order by key, id";
const MACRO: &str = "
    select id, owner_id, name, body, created_at_ms, updated_at_ms from macros where id = $1";
const CREATE_MACRO: &str = "
    insert into macros (id, owner_id, name, key, body, created_at_ms, updated_at_ms)
    values ($1, $2, $3, $4, $5, $6, $6)";
const UPDATE_MACRO: &str =
    "update macros set owner_id = $2, name = $3, key = $4, body = $5, updated_at_ms = $6 where id = $1";
const DELETE_MACRO: &str = "delete from macros where id = $1";

#[derive(FromRow)]
struct RuleRow {
    id: Uuid,
    name: String,
    enabled: bool,
    body: Json<serde_json::Value>,
    created_at_ms: i64,
    updated_at_ms: i64,
}

impl RuleRow {
    /// None if a newer version wrote it: what this one cannot read, it does not do.
    fn into_rule(self) -> Option<Rule> {
        let body: RuleBody = match serde_json::from_value(self.body.0) {
            Ok(body) => body,
            Err(error) => {
                tracing::warn!(%error, rule.id = %self.id, "a rule cannot be read by this version, and is left out");
                return None;
            }
        };
        Some(Rule {
            id: RuleId::new(self.id),
            name: self.name,
            enabled: self.enabled,
            does: body,
            created_at: UtcMillis::new(self.created_at_ms),
            updated_at: UtcMillis::new(self.updated_at_ms),
        })
    }
}

#[derive(FromRow)]
struct MacroRow {
    id: Uuid,
    owner_id: Option<Uuid>,
    name: String,
    body: Json<Vec<RuleAction>>,
    created_at_ms: i64,
    updated_at_ms: i64,
}

impl From<MacroRow> for Macro {
    fn from(row: MacroRow) -> Self {
        Self {
            id: MacroId::new(row.id),
            name: row.name,
            owner_id: row.owner_id.map(AgentId::new),
            actions: row.body.0,
            created_at: UtcMillis::new(row.created_at_ms),
            updated_at: UtcMillis::new(row.updated_at_ms),
        }
    }
}

impl Store {
    /// All rules, in the order in which they are asked.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        self.read_rules(None).await
    }

    /// The rule.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn rule(&self, id: RuleId) -> Result<Option<Rule>, StoreError> {
        Ok(self.read_rules(Some(id.uuid())).await?.pop())
    }

    async fn read_rules(&self, only: Option<Uuid>) -> Result<Vec<Rule>, StoreError> {
        let rows: Vec<RuleRow> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(RULES).bind(only).fetch_all(conn).await?)
        })?;
        Ok(rows.into_iter().filter_map(RuleRow::into_rule).collect())
    }

    /// Keeps a new rule, asked after all others.
    ///
    /// # Errors
    /// `Conflict("rule")`: another has this name.
    pub async fn create_rule(&self, rule: &Rule) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE_RULE)
                .bind(rule.id.uuid())
                .bind(&rule.name)
                .bind(name_key(&rule.name))
                .bind(rule.enabled)
                .bind(Json(&rule.does))
                .bind(rule.created_at.get())
                .execute(conn)
                .await
                .map_err(taken("rule"))?;
            Ok(())
        })
    }

    /// Changes a rule; `false` if there is none.
    ///
    /// # Errors
    /// `Conflict("rule")`: another has this name.
    pub async fn update_rule(&self, rule: &Rule) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE_RULE)
                .bind(rule.id.uuid())
                .bind(&rule.name)
                .bind(name_key(&rule.name))
                .bind(rule.enabled)
                .bind(Json(&rule.does))
                .bind(rule.updated_at.get())
                .execute(conn)
                .await
                .map_err(taken("rule"))?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Forgets a rule; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_rule(&self, id: RuleId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE_RULE).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }

    /// Puts rules into this order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn order_rules(&self, order: &[RuleId]) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            for (position, id) in (1_i64..).zip(order) {
                sqlx::query(PLACE_RULE).bind(id.uuid()).bind(position).execute(&mut *conn).await?;
            }
            Ok(())
        })
    }

    /// Everybody's macros and this agent's own, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn macros(&self, agent: AgentId) -> Result<Vec<Macro>, StoreError> {
        let rows: Vec<MacroRow> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(MACROS).bind(agent.uuid()).fetch_all(conn).await?)
        })?;
        Ok(rows.into_iter().map(Macro::from).collect())
    }

    /// The macro, whosever it is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn macro_by_id(&self, id: MacroId) -> Result<Option<Macro>, StoreError> {
        let row: Option<MacroRow> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(MACRO).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        Ok(row.map(Macro::from))
    }

    /// Keeps a new macro.
    ///
    /// # Errors
    /// `Conflict("macro")`: another of the same owner has this name.
    pub async fn create_macro(&self, new: &Macro) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE_MACRO)
                .bind(new.id.uuid())
                .bind(new.owner_id.map(AgentId::uuid))
                .bind(&new.name)
                .bind(name_key(&new.name))
                .bind(Json(&new.actions))
                .bind(new.created_at.get())
                .execute(conn)
                .await
                .map_err(taken("macro"))?;
            Ok(())
        })
    }

    /// Changes a macro; `false` if there is none.
    ///
    /// # Errors
    /// `Conflict("macro")`: another of the same owner has this name.
    pub async fn update_macro(&self, changed: &Macro) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE_MACRO)
                .bind(changed.id.uuid())
                .bind(changed.owner_id.map(AgentId::uuid))
                .bind(&changed.name)
                .bind(name_key(&changed.name))
                .bind(Json(&changed.actions))
                .bind(changed.updated_at.get())
                .execute(conn)
                .await
                .map_err(taken("macro"))?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Forgets a macro; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_macro(&self, id: MacroId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE_MACRO).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }
}
