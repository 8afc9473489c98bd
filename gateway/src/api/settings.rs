//! The workspace's settings: the team reads them, admins change them.

use std::collections::HashSet;

use axum::extract::State;
use protocol::{
    AskedSkill, TeamId,
    rest::{EditSettings, Fallback, RoutingSettings, SetSkill, Settings},
};

use super::{body::Json, needs, query::Query};
use crate::{
    app::App,
    auth::{Admin, Member},
    error::ApiError,
};

/// GET `/settings`.
pub(crate) async fn read(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Settings>, ApiError> {
    query.finish()?;
    Ok(axum::Json(app.store.settings().await?))
}

/// PATCH `/settings`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Admin,
    Json(edit): Json<EditSettings>,
) -> Result<axum::Json<Settings>, ApiError> {
    let mut edit = edit.checked().map_err(ApiError::invalid_all)?;
    if let Some(routing) = &mut edit.routing {
        check_routing(&app, routing).await?;
    }
    Ok(axum::Json(app.hub.change_settings(&edit).await?))
}

/// Refuses what cannot be, names skills by their ids, and drops what was set for a site or team that is gone by now.
async fn check_routing(app: &App, routing: &mut RoutingSettings) -> Result<(), ApiError> {
    let faults = routing.faults();
    if !faults.is_empty() {
        return Err(ApiError::invalid_all(faults));
    }
    let (before, teams) = (app.store.settings().await?.routing, app.store.teams().await?);
    let known: HashSet<TeamId> = before.teams.keys().copied().chain(before.teams_named()).collect();
    let exists = |id: TeamId| teams.iter().any(|team| team.id == id);
    let named = routing.teams.keys().copied().chain(routing.teams_named());
    if let Some(id) = named.into_iter().find(|id| !exists(*id) && !known.contains(id)) {
        return Err(ApiError::invalid("routing", format!("names {id}, which is no team's")));
    }
    routing.teams.retain(|id, _| exists(*id));
    if matches!(routing.fallback, Fallback::Team { team_id } if !exists(team_id)) {
        routing.fallback = Fallback::LeaveMessage;
    }
    let (sites, skills) = (app.store.sites().await?, app.store.skills().await?);
    if let Some(id) = routing.sites.keys().find(|id| !sites.iter().any(|site| site.id == **id)) {
        return Err(ApiError::invalid("routing", format!("names {id}, which is no site's")));
    }
    for (id, rules) in &mut routing.sites {
        rules.team = rules.team.filter(|team| exists(*team));
        if before.sites.get(id).is_some_and(|before| before.skills == rules.skills) {
            rules.skills.retain(|asked| skills.iter().any(|skill| skill.id.to_string() == asked.skill));
        }
        let field = |at: usize, what: &str| format!("routing.sites.{id}.skills[{at}].{what}");
        let asked = needs::skills(&rules.skills, &skills, field)?;
        let by_id = |asked: AskedSkill| SetSkill { skill: asked.skill.id.to_string(), level: asked.level };
        rules.skills = asked.into_iter().map(by_id).collect();
    }
    Ok(())
}
