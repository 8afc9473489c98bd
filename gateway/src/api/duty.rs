//! Who can be given sessions: what each chose, what they are, and what they were.

use axum::{extract::State, http::StatusCode};
use protocol::{
    AgentId, ErrorCode, Role, UtcMillis, limits,
    rest::{Page, SetAvailability, StatusSince, Workload},
};

use super::{PathId, body::Json, query::Query};
use crate::{app::App, auth::Member, error::ApiError};

/// PUT `/agents/me/availability`.
pub(crate) async fn choose(
    State(app): State<App>,
    Member(me): Member,
    Json(SetAvailability { status }): Json<SetAvailability>,
) -> Result<StatusCode, ApiError> {
    app.hub.choose_availability(me.id, status).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// GET `/agents/workload`: the team, without who is shut out.
pub(crate) async fn workload(
    State(app): State<App>,
    Member(_): Member,
    query: Query,
) -> Result<axum::Json<Page<Workload>>, ApiError> {
    query.finish()?;
    let team = app.hub.team().await?.into_iter().filter(|one| !one.on_duty.disabled);
    let items: Vec<_> = team
        .map(|one| Workload {
            agent: one.on_duty.agent,
            status: one.now,
            chosen: one.on_duty.chosen,
            active: one.on_duty.active,
            max: one.on_duty.max,
        })
        .collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/agents/{id}/availability?from=&to=`: what an agent was, for themselves and for those who lead.
pub(crate) async fn history(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<AgentId>,
    mut query: Query,
) -> Result<axum::Json<Page<StatusSince>>, ApiError> {
    let time = "a time, as 2026-01-31T09:00:00.000Z";
    let from = query.parse::<UtcMillis>("from", time)?;
    let to = query.parse::<UtcMillis>("to", time)?;
    query.finish()?;
    if me.id != id && me.role == Role::Agent {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "Only supervisors and admins can read that of others.",
        ));
    }
    if app.store.agent(id).await?.is_none() {
        return Err(ApiError::not_found());
    }
    let to = to.unwrap_or_else(|| app.hub.clock().now());
    let from = from.unwrap_or(UtcMillis::new(0));
    let history = app.store.availability_history(id, from, to, limits::PAGE_MAX).await?;
    let items: Vec<_> =
        history.into_iter().map(|one| StatusSince { status: one.status, since: one.since }).collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}
