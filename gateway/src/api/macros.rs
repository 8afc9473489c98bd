//! Macros: several actions in one. Each agent has their own; supervisors and admins write everybody's.

use axum::{extract::State, http::StatusCode};
use hub::{
    Done, Filling,
    state::{self, Action},
};
use persistence::Agent;
use protocol::{
    MacroId, MacroRef, SessionId, SiteId, limits,
    rest::{EditMacro, Macro, MacroPreview, MacroRun, Page, PreviewMacro, RunMacro, automation_name},
};

use super::{
    PathId, PathIds, blanks,
    body::Json,
    owned::{has, owner},
    query::Query,
    rules,
};
use crate::{
    app::App,
    auth::Member,
    error::{ApiError, InField},
};

/// As refusals call them.
const WHAT: &str = "macros";

/// GET `/macros`.
pub(crate) async fn list(
    State(app): State<App>,
    Member(agent): Member,
    query: Query,
) -> Result<axum::Json<Page<Macro>>, ApiError> {
    query.finish()?;
    let items = app.store.macros(agent.id).await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/macros/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<MacroId>,
    query: Query,
) -> Result<axum::Json<Macro>, ApiError> {
    query.finish()?;
    Ok(axum::Json(visible(&app, &agent, id).await?))
}

/// POST `/macros`.
pub(crate) async fn create(
    State(app): State<App>,
    Member(agent): Member,
    Json(EditMacro { name, shared, actions }): Json<EditMacro>,
) -> Result<(StatusCode, axum::Json<Macro>), ApiError> {
    let name = name.ok_or_else(|| ApiError::invalid("name", "is missing"))?;
    let owner_id = owner(&agent, shared.unwrap_or(false), WHAT)?;
    let there = app.store.macros(agent.id).await?;
    if there.iter().filter(|one| one.owner_id == owner_id).count() >= limits::MACROS {
        let message = format!("are as many as can be: the limit is {}", limits::MACROS);
        return Err(ApiError::invalid("macros", message));
    }
    let now = app.hub.clock().now();
    let new = Macro {
        id: MacroId::new(app.hub.clock().mint()),
        name: automation_name(&name).in_field("name")?,
        owner_id,
        actions: checked(&app, actions.unwrap_or_default()).await?,
        created_at: now,
        updated_at: now,
    };
    app.store.create_macro(&new).await?;
    Ok((StatusCode::CREATED, axum::Json(new)))
}

/// PATCH `/macros/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<MacroId>,
    Json(edit): Json<EditMacro>,
) -> Result<axum::Json<Macro>, ApiError> {
    let mut changed = own(&app, &agent, id).await?;
    let EditMacro { name, shared, actions } = edit;
    if let Some(name) = name {
        changed.name = automation_name(&name).in_field("name")?;
    }
    if let Some(shared) = shared {
        changed.owner_id = owner(&agent, shared, WHAT)?;
    }
    if let Some(actions) = actions {
        changed.actions = checked(&app, actions).await?;
    }
    changed.updated_at = app.hub.clock().now();
    if !app.store.update_macro(&changed).await? {
        return Err(ApiError::not_found());
    }
    Ok(axum::Json(changed))
}

/// DELETE `/macros/{id}`.
pub(crate) async fn delete(
    State(app): State<App>,
    Member(agent): Member,
    PathId(id): PathId<MacroId>,
) -> Result<StatusCode, ApiError> {
    own(&app, &agent, id).await?;
    if app.store.delete_macro(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// POST `/sessions/{id}/macros/{macro}`.
pub(crate) async fn run(
    State(app): State<App>,
    Member(agent): Member,
    PathIds(session, id): PathIds<SessionId, MacroId>,
    Json(RunMacro { id: run, blanks: given }): Json<RunMacro>,
) -> Result<axum::Json<MacroRun>, ApiError> {
    let caller = app.agent_caller(&agent);
    // What one may not see is not there, whatever else is wrong.
    let site = app.hub.session(&caller, session).await?.site_id;
    let Macro { id, name, actions, .. } = visible(&app, &agent, id).await?;
    let given = blanks::complete(&protocol::rest::blanks(&actions), given)?;
    app.rates.send(&caller, session)?;
    let effects = app.hub.names().await?.effects(&actions);
    let filling = Filling { blanks: given, ..filling(&app, &agent, site).await? };
    let action = Action::Macro(state::Macro { id: run, ran: MacroRef { id, name }, effects, filling }.into());
    let (seq, duplicate) = match app.hub.act(caller, session, action).await? {
        Done::Sent { stored, duplicate, .. } => (Some(stored.seq), duplicate),
        Done::Changed(_) => {
            let earlier = app.store.find_entry(session, run).await?;
            (earlier.map(|stored| stored.seq), earlier.is_some())
        }
    };
    Ok(axum::Json(MacroRun { id: run, seq, duplicate }))
}

/// POST `/sessions/{id}/macros/{macro}/preview`.
pub(crate) async fn preview(
    State(app): State<App>,
    Member(agent): Member,
    PathIds(session, id): PathIds<SessionId, MacroId>,
    Json(PreviewMacro { blanks: given }): Json<PreviewMacro>,
) -> Result<axum::Json<MacroPreview>, ApiError> {
    let caller = app.agent_caller(&agent);
    let session = app.hub.session(&caller, session).await?;
    let Macro { actions, .. } = visible(&app, &agent, id).await?;
    let asked = protocol::rest::blanks(&actions);
    let given = blanks::checked(asked.iter().map(String::as_str), given)?;
    let filling = Filling { blanks: given, ..filling(&app, &agent, session.site_id).await? };
    let now = app.hub.clock().now();
    let actions = app.hub.names().await?.preview(&actions, filling, &session, &caller, now);
    Ok(axum::Json(MacroPreview { actions, blanks: asked }))
}

/// What texts by this agent are filled in with.
pub(super) async fn filling(app: &App, agent: &Agent, site: SiteId) -> Result<Filling, ApiError> {
    Ok(Filling {
        site: app.sites.by_id(site).await?.map(|site| site.name.clone()),
        signature: app.store.member(agent.id).await?.map(|member| member.profile.signature),
        ..Filling::default()
    })
}

/// A macro that this agent may run.
async fn visible(app: &App, agent: &Agent, id: MacroId) -> Result<Macro, ApiError> {
    let found = app.store.macro_by_id(id).await?;
    let found = found.filter(|found| has(agent, found.owner_id));
    found.ok_or_else(ApiError::not_found)
}

/// A macro that this agent may change.
async fn own(app: &App, agent: &Agent, id: MacroId) -> Result<Macro, ApiError> {
    let found = visible(app, agent, id).await?;
    if found.owner_id.is_none() {
        owner(agent, true, WHAT)?;
    }
    Ok(found)
}

async fn checked(
    app: &App,
    actions: Vec<protocol::RuleAction>,
) -> Result<Vec<protocol::RuleAction>, ApiError> {
    let chars = app.config.limits.message_chars;
    let mut actions = EditMacro::checked_actions(actions, chars).map_err(ApiError::invalid_all)?;
    rules::name(app, &mut actions).await?;
    Ok(actions)
}
