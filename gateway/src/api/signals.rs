//! Typing and reading over HTTP, for those without a WebSocket.

use axum::{extract::State, http::StatusCode};
use protocol::{
    SessionId,
    rest::{SetRead, SetTyping},
};

use super::{PathId, body::Json};
use crate::{app::App, auth::Asking, error::ApiError};

/// POST `/sessions/{id}/typing`.
pub(crate) async fn typing(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    Json(SetTyping { on }): Json<SetTyping>,
) -> Result<StatusCode, ApiError> {
    app.hub.typing(caller, session, on).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// POST `/sessions/{id}/read`.
pub(crate) async fn read(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    Json(SetRead { seq }): Json<SetRead>,
) -> Result<StatusCode, ApiError> {
    app.hub.read(caller, session, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
