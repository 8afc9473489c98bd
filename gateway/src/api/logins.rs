//! An agent's own logins: which there are, and how to end them.

use axum::{extract::State, http::StatusCode};
use protocol::{
    LoginId, limits,
    rest::{AgentLogin, Page},
};

use super::{PathId, query::Query};
use crate::{app::App, auth::Login, error::ApiError};

/// GET `/auth/logins`: the last used first.
pub(crate) async fn list(
    State(app): State<App>,
    login: Login,
    query: Query,
) -> Result<axum::Json<Page<AgentLogin>>, ApiError> {
    query.finish()?;
    let now = app.hub.clock().now();
    let logins = app.store.logins_of(login.agent.id, now, limits::LOGINS_SHOWN).await?;
    let items: Vec<_> = logins
        .into_iter()
        .map(|listed| AgentLogin {
            current: listed.id == login.id,
            id: listed.id,
            label: listed.label,
            created_at: listed.created_at,
            seen_at: listed.seen_at,
        })
        .collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// DELETE `/auth/logins/{id}`.
pub(crate) async fn end(
    State(app): State<App>,
    login: Login,
    PathId(id): PathId<LoginId>,
) -> Result<StatusCode, ApiError> {
    let ended = app.store.end_login(login.agent.id, id).await?.ok_or_else(ApiError::not_found)?;
    app.connections.close_login(&ended);
    Ok(StatusCode::NO_CONTENT)
}

/// DELETE `/auth/logins`: all but the one that asks.
pub(crate) async fn end_others(State(app): State<App>, login: Login) -> Result<StatusCode, ApiError> {
    let ended = app.store.end_other_logins(login.agent.id, &login.token).await?;
    app.connections.close_logins(&ended.into_iter().collect());
    tracing::info!(agent.id = %login.agent.id, "an agent ended all other logins");
    Ok(StatusCode::NO_CONTENT)
}
