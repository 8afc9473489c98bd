//! The workspace's settings, as one document.

use protocol::rest::Settings;
use sqlx::types::Json;

use crate::{Store, StoreError, store::on_engine};

const WORKSPACE: &str = "select value from settings where key = 'workspace'";
const CREATE: &str = "insert into settings (key, value) values ('workspace', $1) on conflict do nothing";
/// Whoever changes it has it to themselves until the end: of two changes at once, none is lost.
const LOCK: &str = "update settings set value = value where key = 'workspace' returning value";
const CHANGE: &str = "update settings set value = $1 where key = 'workspace'";

impl Store {
    /// As they were last set; what nobody set is as it is without.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        let found: Option<Json<Settings>> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(WORKSPACE).fetch_optional(conn).await?)
        })?;
        Ok(found.map(|settings| settings.0).unwrap_or_default())
    }

    /// Changes them, and says what they are then.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn change_settings(
        &self,
        change: impl Fn(Settings) -> Settings + Send + Sync,
    ) -> Result<Settings, StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE).bind(Json(Settings::default())).execute(&mut *conn).await?;
            let before: Json<Settings> = sqlx::query_scalar(LOCK).fetch_one(&mut *conn).await?;
            let after = change(before.0);
            sqlx::query(CHANGE).bind(Json(&after)).execute(conn).await?;
            Ok(after)
        })
    }
}
