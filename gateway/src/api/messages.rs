//! Saying something over HTTP; also the checks that a WebSocket's `send` goes through.

use axum::{extract::State, http::StatusCode};
use hub::{Caller, Done, state::Action};
use protocol::{
    EntryId, ErrorCode, MessageBody, SessionId, limits,
    rest::{SendMessage, Sent},
};

use super::{PathId, body::Json};
use crate::{
    app::App,
    auth::Asking,
    error::{ApiError, InField},
};

/// POST `/sessions/{id}/messages`.
pub(crate) async fn message(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    Json(body): Json<SendMessage>,
) -> Result<(StatusCode, axum::Json<Sent>), ApiError> {
    send(&app, caller, session, body, false).await
}

/// POST `/sessions/{id}/notes`.
pub(crate) async fn note(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    Json(body): Json<SendMessage>,
) -> Result<(StatusCode, axum::Json<Sent>), ApiError> {
    send(&app, caller, session, body, true).await
}

async fn send(
    app: &App,
    caller: Caller,
    session: SessionId,
    body: SendMessage,
    note: bool,
) -> Result<(StatusCode, axum::Json<Sent>), ApiError> {
    // What the caller may not see is not there, whatever is wrong with the message.
    app.hub.session(&caller, session).await?;
    let action = checked(app, &caller, session, body.id, &body.body, &body.attachments, note)?;
    let sent = sent(&app.hub.act(caller, session, action).await?)?;
    Ok((StatusCode::CREATED, axum::Json(sent)))
}

/// Checks a send, and counts it against the sender's rate.
///
/// # Errors
/// The limit or rule against it.
pub(crate) fn checked(
    app: &App,
    caller: &Caller,
    session: SessionId,
    id: EntryId,
    body: &str,
    attachments: &[uuid::Uuid],
    note: bool,
) -> Result<Action, ApiError> {
    if attachments.len() > limits::ATTACHMENTS {
        return Err(ApiError::invalid(
            "attachments",
            format!("has more than {} entries", limits::ATTACHMENTS),
        ));
    }
    if !attachments.is_empty() {
        return Err(ApiError::invalid("attachments", "names a file that was not uploaded here"));
    }
    let body = MessageBody::parse(body, app.config.limits.message_chars).in_field("body")?;
    app.rates.send(caller, session)?;
    Ok(if note { Action::Note { id, body } } else { Action::Message { id, body } })
}

/// The answer to a send.
///
/// # Errors
/// The hub answered something else, which is a defect.
pub(crate) fn sent(done: &Done) -> Result<Sent, ApiError> {
    match done {
        &Done::Sent { session, stored, duplicate } => {
            Ok(Sent { id: stored.id, session, seq: stored.seq, created_at: stored.created_at, duplicate })
        }
        Done::Changed(_) => Err(ApiError::new(ErrorCode::Internal, "Something went wrong on our side.")),
    }
}
