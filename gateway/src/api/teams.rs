//! Teams: every agent reads them, supervisors and admins change them.

use axum::{extract::State, http::StatusCode};
use protocol::{
    AgentId, Invalid, TeamId, limits, one_line,
    rest::{EditTeam, Page, Team},
};

use super::{PathId, body::Json, query::Query};
use crate::{
    app::App,
    auth::{Lead, Member},
    error::{ApiError, Faults},
};

/// GET `/teams`.
pub(crate) async fn list(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Page<Team>>, ApiError> {
    query.finish()?;
    let items: Vec<_> = app.store.teams().await?.into_iter().map(team_of).collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/teams/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    _: Member,
    PathId(id): PathId<TeamId>,
    query: Query,
) -> Result<axum::Json<Team>, ApiError> {
    query.finish()?;
    team(&app, id).await
}

/// POST `/teams`.
pub(crate) async fn create(
    State(app): State<App>,
    _: Lead,
    Json(edit): Json<EditTeam>,
) -> Result<(StatusCode, axum::Json<Team>), ApiError> {
    let (name, members) = checked(&app, edit).await?;
    let name = name.ok_or_else(|| ApiError::invalid("name", "is missing"))?;
    room(app.store.teams().await?.len(), "teams")?;
    let clock = app.hub.clock();
    let team = persistence::Team {
        id: TeamId::new(clock.mint()),
        name,
        members: members.unwrap_or_default(),
        created_at: clock.now(),
    };
    app.store.create_team(&team).await?;
    Ok((StatusCode::CREATED, self::team(&app, team.id).await?))
}

/// PATCH `/teams/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<TeamId>,
    Json(edit): Json<EditTeam>,
) -> Result<axum::Json<Team>, ApiError> {
    let (name, members) = checked(&app, edit).await?;
    if !app.store.update_team(id, name.as_deref(), members.as_deref()).await? {
        return Err(ApiError::not_found());
    }
    team(&app, id).await
}

/// DELETE `/teams/{id}`.
pub(crate) async fn delete(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<TeamId>,
) -> Result<StatusCode, ApiError> {
    if app.store.delete_team(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

async fn team(app: &App, id: TeamId) -> Result<axum::Json<Team>, ApiError> {
    let team = app.store.team(id).await?.ok_or_else(ApiError::not_found)?;
    Ok(axum::Json(team_of(team)))
}

fn team_of(team: persistence::Team) -> Team {
    let persistence::Team { id, name, members, created_at } = team;
    Team { id, name, members, created_at }
}

async fn checked(app: &App, edit: EditTeam) -> Result<(Option<String>, Option<Vec<AgentId>>), ApiError> {
    let mut faults = Faults::default();
    let name = edit.name.and_then(|name| faults.take("name", group_name(&name)));
    let mut members = None;
    if let Some(given) = edit.members {
        if given.len() > limits::TEAM_MEMBERS {
            let message = format!("has {} entries; the limit is {}", given.len(), limits::TEAM_MEMBERS);
            faults.add("members", message);
        } else {
            members = Some(agents(app, &given, &mut faults).await?);
        }
    }
    faults.finish()?;
    Ok((name, members))
}

/// Agents that there are, each once.
async fn agents(app: &App, given: &[AgentId], faults: &mut Faults) -> Result<Vec<AgentId>, ApiError> {
    let known = app.store.agents().await?;
    let mut agents = Vec::new();
    for (at, id) in given.iter().enumerate() {
        if !known.iter().any(|agent| agent.id == *id) {
            faults.add(&format!("members[{at}]"), "is no agent");
        } else if !agents.contains(id) {
            agents.push(*id);
        }
    }
    Ok(agents)
}

/// A team's or a skill's name.
pub(super) fn group_name(name: &str) -> Result<String, Invalid> {
    let name = one_line(name, limits::GROUP_NAME_CHARS)?;
    if name.is_empty() { Err(Invalid("must not be empty".into())) } else { Ok(name) }
}

/// # Errors
/// There is no room for one more.
pub(super) fn room(there: usize, what: &str) -> Result<(), ApiError> {
    if there < limits::GROUPS {
        return Ok(());
    }
    Err(ApiError::invalid(what, format!("are as many as can be: the limit is {}", limits::GROUPS)))
}
