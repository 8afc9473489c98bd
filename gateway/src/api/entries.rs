//! GET `/sessions/{id}/entries`: the log, forwards or backwards.

use axum::extract::State;
use protocol::{Entry, Seq, SessionId, limits, rest::Page};

use super::{PathId, query::Query};
use crate::{app::App, auth::Asking, error::ApiError};

/// Largest seq that can be asked for: beyond it, JSON numbers are not exact.
pub(crate) const SEQ_MAX: u64 = (1 << 53) - 1;

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
    let total = app.store.count_entries(session, audience).await?;
    Ok(axum::Json(Page { items, next_cursor, total }))
}
