//! What an agent is told in person.

use axum::{extract::State, http::StatusCode};
use persistence::{NotificationCursor, SessionCounts};
use protocol::{
    Seq, UtcMillis, limits,
    rest::{Notifications, ReadNotifications},
};

use super::{body::Json, query::Query};
use crate::{app::App, auth::Member, error::ApiError};

/// GET `/notifications`: the caller's, the newest first.
pub(crate) async fn list(
    State(app): State<App>,
    Member(me): Member,
    mut query: Query,
) -> Result<axum::Json<Notifications>, ApiError> {
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT);
    let cursor = query.text("cursor").map(|text| parse_cursor(&text)).transpose()?;
    query.finish()?;
    let eyes = app.agent_caller(&me).restricted_to();
    // One more than asked for tells whether there is a next page.
    let (mut items, count) = app.store.notifications(me.id, eyes.is_none(), cursor, limit + 1).await?;
    let SessionCounts { open, in_progress, unassigned, waiting, alone } =
        app.store.session_counts(eyes).await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| format!("{}.{}.{}", last.created_at.get(), last.seq, last.session));
    Ok(axum::Json(Notifications {
        items,
        next_cursor,
        total: count.total,
        unread: count.unread,
        open,
        in_progress,
        unassigned,
        waiting,
        has_alerts: count.unread > 0 || alone > 0,
    }))
}

/// POST `/notifications/read`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(me): Member,
    Json(ReadNotifications { session }): Json<ReadNotifications>,
) -> Result<StatusCode, ApiError> {
    app.store.read_notifications(me.id, session, app.hub.clock().now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_cursor(text: &str) -> Result<NotificationCursor, ApiError> {
    let mut parts = text.splitn(3, '.');
    let mut cursor = || {
        let at = UtcMillis::new(parts.next()?.parse().ok()?);
        let seq = Seq::new(parts.next()?.parse().ok()?);
        Some(NotificationCursor { at, seq, session: parts.next()?.parse().ok()? })
    };
    cursor().ok_or_else(|| ApiError::invalid("cursor", "must be the next_cursor of an earlier page"))
}
