//! The workspace's settings: the team reads them, admins change them.

use axum::extract::State;
use protocol::rest::{EditSettings, Settings};

use super::{body::Json, query::Query};
use crate::{
    app::App,
    auth::{Admin, Member},
    error::ApiError,
};

/// GET `/settings`.
pub(crate) async fn read(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Settings>, ApiError> {
    query.finish()?;
    Ok(axum::Json(app.store.settings().await?))
}

/// PATCH `/settings`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Admin,
    Json(edit): Json<EditSettings>,
) -> Result<axum::Json<Settings>, ApiError> {
    Ok(axum::Json(app.hub.change_settings(&edit).await?))
}
