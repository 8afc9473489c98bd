//! Skills: every agent reads them, supervisors and admins change them.

use axum::{extract::State, http::StatusCode};
use protocol::{
    SkillId,
    rest::{EditSkill, Page, Skill},
};

use super::{
    PathId,
    body::Json,
    query::Query,
    teams::{group_name, room},
};
use crate::{
    app::App,
    auth::{Lead, Member},
    error::{ApiError, InField as _},
};

/// GET `/skills`.
pub(crate) async fn list(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Page<Skill>>, ApiError> {
    query.finish()?;
    let items: Vec<_> = app.store.skills().await?.into_iter().map(skill_of).collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/skills/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    _: Member,
    PathId(id): PathId<SkillId>,
    query: Query,
) -> Result<axum::Json<Skill>, ApiError> {
    query.finish()?;
    skill(&app, id).await
}

/// POST `/skills`.
pub(crate) async fn create(
    State(app): State<App>,
    _: Lead,
    Json(edit): Json<EditSkill>,
) -> Result<(StatusCode, axum::Json<Skill>), ApiError> {
    let name = group_name(&edit.name).in_field("name")?;
    room(app.store.skills().await?.len(), "skills")?;
    let clock = app.hub.clock();
    let id = SkillId::new(clock.mint());
    let skill = persistence::Skill { id, name, agents: 0, created_at: clock.now() };
    app.store.create_skill(&skill).await?;
    Ok((StatusCode::CREATED, axum::Json(skill_of(skill))))
}

/// PATCH `/skills/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<SkillId>,
    Json(edit): Json<EditSkill>,
) -> Result<axum::Json<Skill>, ApiError> {
    let name = group_name(&edit.name).in_field("name")?;
    if !app.store.rename_skill(id, &name).await? {
        return Err(ApiError::not_found());
    }
    skill(&app, id).await
}

/// DELETE `/skills/{id}`: also from those who have it.
pub(crate) async fn delete(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<SkillId>,
) -> Result<StatusCode, ApiError> {
    if app.store.delete_skill(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

async fn skill(app: &App, id: SkillId) -> Result<axum::Json<Skill>, ApiError> {
    let skill = app.store.skill(id).await?.ok_or_else(ApiError::not_found)?;
    Ok(axum::Json(skill_of(skill)))
}

fn skill_of(skill: persistence::Skill) -> Skill {
    let persistence::Skill { id, name, agents, created_at } = skill;
    Skill { id, name, agents, created_at }
}
