//! The log, forwards or backwards; and what becomes of one of its entries later.

use axum::{extract::State, http::StatusCode};
use hub::{
    Caller, HubError,
    state::{Action, Amend},
};
use protocol::{
    Entry, EntryId, MessageBody, Sender, Seq, SessionId, limits,
    rest::{EditEntry, EntryVersion, Page},
};

use super::{PathId, PathIds, body::Json, query::Query};
use crate::{
    app::App,
    auth::Asking,
    error::{ApiError, InField},
};

/// Largest seq that can be asked for: beyond it, JSON numbers are not exact.
pub(crate) const SEQ_MAX: u64 = (1 << 53) - 1;

/// GET `/sessions/{id}/entries`.
pub(crate) async fn entries(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    mut query: Query,
) -> Result<axum::Json<Page<Entry>>, ApiError> {
    app.hub.session(&caller, session).await?;
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT);
    let after = query.number("after", 0..=SEQ_MAX)?.map(Seq::new);
    let before = query.number("before", 0..=SEQ_MAX)?.map(Seq::new);
    let cursor = query.number("cursor", 0..=SEQ_MAX)?.map(Seq::new);
    query.finish()?;
    if after.is_some() && before.is_some() {
        return Err(ApiError::invalid("before", "cannot be given together with after"));
    }
    let audience = caller.audience();
    // One more than asked for tells whether there is a next page.
    let (mut items, backwards) = match (cursor.or(after), before) {
        (_, Some(before)) => {
            let before = cursor.unwrap_or(before);
            (app.store.entries_before(session, Some(before), limit + 1, audience).await?, true)
        }
        (after, None) => {
            (app.store.entries_after(session, after.unwrap_or(Seq::ZERO), limit + 1, audience).await?, false)
        }
    };
    let more = items.len() > limit as usize;
    if more {
        if backwards {
            items.remove(0);
        } else {
            items.pop();
        }
    }
    let edge = if backwards { items.first() } else { items.last() };
    let next_cursor = edge.filter(|_| more).map(|entry| entry.seq.to_string());
    for entry in &mut items {
        app.hub.sign(entry);
    }
    let total = app.store.count_entries(session, audience).await?;
    Ok(axum::Json(Page { items, next_cursor, total }))
}

/// PATCH `/sessions/{id}/entries/{entry}`.
pub(crate) async fn edit(
    State(app): State<App>,
    Asking(caller): Asking,
    PathIds(session, entry): PathIds<SessionId, EntryId>,
    Json(EditEntry { body }): Json<EditEntry>,
) -> Result<axum::Json<Entry>, ApiError> {
    // What the caller may not see is not there, whatever is wrong with the text.
    app.hub.session(&caller, session).await?;
    let body = MessageBody::parse(&body, app.config.limits.message_chars).in_field("body")?;
    let audience = caller.audience();
    amend(&app, caller, session, entry, Some(body)).await?;
    let mut entry = app.store.entry(session, entry, audience).await?.ok_or_else(ApiError::not_found)?;
    app.hub.sign(&mut entry);
    Ok(axum::Json(entry))
}

/// DELETE `/sessions/{id}/entries/{entry}`.
pub(crate) async fn delete(
    State(app): State<App>,
    Asking(caller): Asking,
    PathIds(session, entry): PathIds<SessionId, EntryId>,
) -> Result<StatusCode, ApiError> {
    app.hub.session(&caller, session).await?;
    amend(&app, caller, session, entry, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn amend(
    app: &App,
    caller: Caller,
    session: SessionId,
    entry: EntryId,
    body: Option<MessageBody>,
) -> Result<(), ApiError> {
    // It is a line of the log as a message is.
    app.rates.send(&caller, session)?;
    let action = Action::Amend(Amend { entry, body, target: None }.into());
    app.hub.act(caller, session, action).await?;
    Ok(())
}

/// GET `/sessions/{id}/entries/{entry}/history`: what it said before, the oldest first; for its author of the team and
/// for supervisors.
pub(crate) async fn history(
    State(app): State<App>,
    Asking(caller): Asking,
    PathIds(session, entry): PathIds<SessionId, EntryId>,
    query: Query,
) -> Result<axum::Json<Page<EntryVersion>>, ApiError> {
    query.finish()?;
    app.hub.session(&caller, session).await?;
    let entry = app.store.entry(session, entry, caller.audience()).await?;
    let entry = entry.ok_or_else(ApiError::not_found)?;
    let authored = match (&caller, &entry.sender) {
        (Caller::Agent { agent, .. }, Sender::Agent { id, .. }) => agent.id == *id,
        _ => false,
    };
    if !authored && !caller.supervises() {
        return Err(HubError::Forbidden("Only its author and supervisors see what it said before.").into());
    }
    let items = app.store.entry_history(session, entry.seq).await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}
