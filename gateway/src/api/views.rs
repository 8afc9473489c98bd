//! Saved views. Each agent has their own; supervisors and admins keep everybody's.

use std::{collections::HashSet, time::Duration};

use axum::{extract::State, http::StatusCode};
use persistence::Agent;
use protocol::{
    AgentId, Assigned, FieldError, ViewFilter, ViewId, limits,
    rest::{EditView, Page, SavedView, ViewOrder, view_name},
};

use super::{
    PathId,
    body::Json,
    owned::{has, owner},
    query::Query,
};
use crate::{
    app::App,
    auth::Member,
    error::{ApiError, InField},
};

/// As refusals call them.
const WHAT: &str = "views";

/// GET `/views`.
pub(crate) async fn list(
    State(app): State<App>,
    Member(agent): Member,
    query: Query,
) -> Result<axum::Json<Page<SavedView>>, ApiError> {
    query.finish()?;
    all(&app, agent.id).await
}

/// GET `/views/{view}`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ViewId>,
    query: Query,
) -> Result<axum::Json<SavedView>, ApiError> {
    query.finish()?;
    Ok(axum::Json(visible(&app, &agent, id).await?))
}

/// POST `/views`.
pub(crate) async fn create(
    State(app): State<App>,
    Member(agent): Member,
    Json(EditView { name, shared, filter }): Json<EditView>,
) -> Result<(StatusCode, axum::Json<SavedView>), ApiError> {
    let name = name.ok_or_else(|| ApiError::invalid("name", "is missing"))?;
    let filter = filter.ok_or_else(|| ApiError::invalid("filter", "is missing"))?;
    let owner_id = owner(&agent, shared.unwrap_or(false), WHAT)?;
    has_room(&app, &agent, owner_id).await?;
    let now = app.hub.clock().now();
    let new = SavedView {
        id: ViewId::new(app.hub.clock().mint()),
        name: view_name(&name).in_field("name")?,
        owner_id,
        filter: checked(&app, filter).await?,
        created_at: now,
        updated_at: now,
    };
    app.store.create_view(&new).await?;
    app.hub.views_changed(owner_id, None);
    Ok((StatusCode::CREATED, axum::Json(new)))
}

/// PATCH `/views/{view}`.
pub(crate) async fn update(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ViewId>,
    Json(EditView { name, shared, filter }): Json<EditView>,
) -> Result<axum::Json<SavedView>, ApiError> {
    let filter = match filter {
        Some(filter) => Some(checked(&app, filter).await?),
        None => None,
    };
    let name = name.map(|name| view_name(&name)).transpose().in_field("name")?;
    loop {
        let before = own(&app, &agent, id).await?;
        let mut changed = before.clone();
        changed.name = name.clone().unwrap_or(changed.name);
        changed.filter = filter.clone().unwrap_or(changed.filter);
        if let Some(shared) = shared {
            changed.owner_id = owner(&agent, shared, WHAT)?;
        }
        if changed.owner_id != before.owner_id {
            has_room(&app, &agent, changed.owner_id).await?;
        }
        changed.updated_at = app.hub.clock().now().max(before.updated_at.plus(Duration::from_millis(1)));
        // Else somebody changed it meanwhile: this goes on top of that.
        if app.store.update_view(&changed, before.updated_at).await? {
            app.hub.views_changed(changed.owner_id.and(before.owner_id), Some(id));
            return Ok(axum::Json(changed));
        }
    }
}

/// DELETE `/views/{view}`.
pub(crate) async fn delete(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<ViewId>,
) -> Result<StatusCode, ApiError> {
    let gone = own(&app, &agent, id).await?;
    if !app.store.delete_view(id).await? {
        return Err(ApiError::not_found());
    }
    app.hub.views_changed(gone.owner_id, Some(id));
    Ok(StatusCode::NO_CONTENT)
}

/// PUT `/views/order`.
pub(crate) async fn order(
    State(app): State<App>,
    Member(agent): Member,
    Json(ViewOrder { shared, views: order }): Json<ViewOrder>,
) -> Result<axum::Json<Page<SavedView>>, ApiError> {
    let owner_id = owner(&agent, shared, WHAT)?;
    let known: HashSet<_> = of(&app, &agent, owner_id).await?.into_iter().map(|view| view.id).collect();
    let named: HashSet<_> = order.iter().copied().collect();
    if named != known || order.len() != known.len() {
        let whose = if shared { "everybody's views" } else { "your own views" };
        return Err(ApiError::invalid("views", format!("must name all of {whose}, each once")));
    }
    app.store.order_views(&order).await?;
    app.hub.views_changed(owner_id, None);
    all(&app, agent.id).await
}

async fn all(app: &App, agent: AgentId) -> Result<axum::Json<Page<SavedView>>, ApiError> {
    let items = app.store.views(agent).await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// Everybody's, or this agent's own.
async fn of(app: &App, agent: &Agent, owner: Option<AgentId>) -> Result<Vec<SavedView>, ApiError> {
    let views = app.store.views(agent.id).await?;
    Ok(views.into_iter().filter(|view| view.owner_id == owner).collect())
}

async fn has_room(app: &App, agent: &Agent, owner: Option<AgentId>) -> Result<(), ApiError> {
    if of(app, agent, owner).await?.len() < limits::VIEWS {
        return Ok(());
    }
    Err(ApiError::invalid("views", format!("are as many as can be: the limit is {}", limits::VIEWS)))
}

/// A view that this agent has.
async fn visible(app: &App, agent: &Agent, id: ViewId) -> Result<SavedView, ApiError> {
    let found = app.store.view(id).await?;
    let found = found.filter(|found| has(agent, found.owner_id));
    found.ok_or_else(ApiError::not_found)
}

/// A view that this agent may change.
async fn own(app: &App, agent: &Agent, id: ViewId) -> Result<SavedView, ApiError> {
    let found = visible(app, agent, id).await?;
    if found.owner_id.is_none() {
        owner(agent, true, WHAT)?;
    }
    Ok(found)
}

/// A filter that can be kept: what it names is there.
async fn checked(app: &App, filter: ViewFilter) -> Result<ViewFilter, ApiError> {
    let mut faults = filter.check().err().unwrap_or_default();
    let filter = filter.normalised();
    let mut absent = |field: &str, message: &str| {
        faults.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    };
    if let Some(site) = &filter.site
        && app.sites.by_key(site).await?.is_none()
    {
        absent("site", "is not the key of a site");
    }
    if let Some(team) = filter.team
        && !app.store.teams().await?.iter().any(|known| known.id == team)
    {
        absent("team", "is none of the teams");
    }
    if let Some(Assigned::Agent(agent)) = filter.assignee
        && app.store.agent(agent).await?.is_none()
    {
        absent("assignee", "is nobody of the team");
    }
    for fault in &mut faults {
        fault.field.insert_str(0, "filter.");
    }
    if faults.is_empty() { Ok(filter) } else { Err(ApiError::invalid_all(faults)) }
}
