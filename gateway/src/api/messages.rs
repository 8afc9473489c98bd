//! Saying something over HTTP; also the checks that a WebSocket's `send` goes through.

use axum::{extract::State, http::StatusCode};
use hub::{
    Caller, Done, HubError,
    state::{Action, Attached, Note, Reply},
};
use protocol::{
    AgentId, ErrorCode, MessageBody, SessionId, limits,
    rest::{SendMessage, Sent},
};

use super::{PathId, body::Json};
use crate::{
    app::App,
    auth::Asking,
    blocks,
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
    blocks::not_blocked(app, &caller)?;
    let action = checked(app, &caller, session, body, note)?;
    may_mention(app, &caller, session, mentions(&action)).await?;
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
    send: SendMessage,
    note: bool,
) -> Result<Action, ApiError> {
    let SendMessage { id, body, attachments, mentions, after } = send;
    let most = app.files.max_files();
    if attachments.len() > most {
        return Err(ApiError::invalid("attachments", format!("has more than {most} entries")));
    }
    if mentions.len() > limits::MENTIONS {
        return Err(ApiError::invalid("mentions", format!("has more than {} entries", limits::MENTIONS)));
    }
    if !mentions.is_empty() && !note {
        return Err(ApiError::invalid("mentions", "can only be made in a note"));
    }
    let parse = if attachments.is_empty() { MessageBody::parse } else { MessageBody::parse_beside_files };
    let body = parse(&body, app.config.limits.message_chars).in_field("body")?;
    app.rates.send(caller, session)?;
    let said = match (after, caller) {
        _ if note => Action::Note(Note { id, body, mentions }.into()),
        (Some(after), Caller::Agent { .. }) => Action::Reply(Reply { id, body, after, answer: None }.into()),
        _ => Action::Message { id, body },
    };
    Ok(if attachments.is_empty() { said } else { Action::Attached(Attached::new(said, attachments).into()) })
}

/// Whom an action names.
pub(crate) fn mentions(action: &Action) -> &[AgentId] {
    match action {
        Action::Note(note) => &note.mentions,
        Action::Attached(attached) => mentions(&attached.said),
        _ => &[],
    }
}

/// Whether these are of the team, and may see the session.
///
/// # Errors
/// One is not, or may not; or the caller may not see it.
pub(crate) async fn may_mention(
    app: &App,
    caller: &Caller,
    session: SessionId,
    mentions: &[AgentId],
) -> Result<(), HubError> {
    if mentions.is_empty() || matches!(caller, Caller::Customer(_)) {
        // Whose notes are refused anyway.
        return Ok(());
    }
    let session = app.hub.session(caller, session).await?;
    for mention in mentions {
        let agent = app.store.agent(*mention).await?.filter(|agent| !agent.disabled);
        if !agent.is_some_and(|agent| app.agent_caller(&agent).may_see(&session)) {
            return Err(HubError::Unmentionable);
        }
    }
    Ok(())
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
