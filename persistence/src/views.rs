//! Saved views: a name and a filter. What the filter finds is `lists`' to say.

use protocol::{AgentId, UtcMillis, ViewFilter, ViewId, rest::SavedView};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{Store, StoreError, error::taken, rows::name_key, store::on_engine};

const VIEWS: &str = "
    select id, owner_id, name, filter, created_at_ms, updated_at_ms from views
    where owner_id is null or owner_id = $1
    order by case when owner_id is null then 0 else 1 end, position, created_at_ms, id";
const VIEW: &str = "select id, owner_id, name, filter, created_at_ms, updated_at_ms from views where id = $1";
/// Behind all others.
const CREATE: &str = "
    insert into views (id, owner_id, position, name, key, filter, created_at_ms, updated_at_ms)
    select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5, $6, $6 from views";
const UPDATE: &str = "
    update views set owner_id = $2, name = $3, key = $4, filter = $5, updated_at_ms = $6
    where id = $1 and updated_at_ms = $7";
const DELETE: &str = "delete from views where id = $1";
const PLACE: &str = "update views set position = $2 where id = $1";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    owner_id: Option<Uuid>,
    name: String,
    filter: Json<serde_json::Value>,
    created_at_ms: i64,
    updated_at_ms: i64,
}

impl Row {
    /// None if a newer version wrote it: a filter of which this one knows only a part would find something else.
    fn into_view(self) -> Option<SavedView> {
        let filter: ViewFilter = match serde_json::from_value(self.filter.0) {
            Ok(filter) => filter,
            Err(error) => {
                tracing::warn!(%error, view.id = %self.id, "a view cannot be read by this version, and is left out");
                return None;
            }
        };
        Some(SavedView {
            id: ViewId::new(self.id),
            name: self.name,
            owner_id: self.owner_id.map(AgentId::new),
            filter,
            created_at: UtcMillis::new(self.created_at_ms),
            updated_at: UtcMillis::new(self.updated_at_ms),
        })
    }
}

impl Store {
    /// Everybody's views and this agent's own, each in their order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn views(&self, agent: AgentId) -> Result<Vec<SavedView>, StoreError> {
        let rows: Vec<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(VIEWS).bind(agent.uuid()).fetch_all(conn).await?)
        })?;
        Ok(rows.into_iter().filter_map(Row::into_view).collect())
    }

    /// The view, whosever it is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn view(&self, id: ViewId) -> Result<Option<SavedView>, StoreError> {
        let row: Option<Row> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(VIEW).bind(id.uuid()).fetch_optional(conn).await?)
        })?;
        Ok(row.and_then(Row::into_view))
    }

    /// Keeps a new view, behind all others.
    ///
    /// # Errors
    /// `Conflict("view")`: another of the same owner has this name.
    pub async fn create_view(&self, new: &SavedView) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE)
                .bind(new.id.uuid())
                .bind(new.owner_id.map(AgentId::uuid))
                .bind(&new.name)
                .bind(name_key(&new.name))
                .bind(Json(&new.filter))
                .bind(new.created_at.get())
                .execute(conn)
                .await
                .map_err(taken("view"))?;
            Ok(())
        })
    }

    /// Changes a view that is as it was at `before`; `false` if it is not, or if there is none. So that nobody's change is
    /// lost, its own `updated_at` must be another.
    ///
    /// # Errors
    /// `Conflict("view")`: another of the same owner has this name.
    pub async fn update_view(&self, changed: &SavedView, before: UtcMillis) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE)
                .bind(changed.id.uuid())
                .bind(changed.owner_id.map(AgentId::uuid))
                .bind(&changed.name)
                .bind(name_key(&changed.name))
                .bind(Json(&changed.filter))
                .bind(changed.updated_at.get())
                .bind(before.get())
                .execute(conn)
                .await
                .map_err(taken("view"))?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Forgets a view; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_view(&self, id: ViewId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }

    /// Puts views into this order.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn order_views(&self, order: &[ViewId]) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            for (position, id) in (1_i64..).zip(order) {
                sqlx::query(PLACE).bind(id.uuid()).bind(position).execute(&mut *conn).await?;
            }
            Ok(())
        })
    }
}
