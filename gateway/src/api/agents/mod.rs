//! The members of the team: every agent reads them, admins change them, each changes a little of oneself.

mod edit;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use persistence::{Agent, MemberEdit, MemberEdited};
use protocol::{
    AgentId, ErrorCode, Role, limits,
    rest::{self, AgentSkill, EditAgent, InvitedAgent, Link, LinkKind, NewAgent, Page, SetSkill, TeamRef},
};

pub(crate) use self::edit::newcomer;
use super::{
    PathId,
    body::{Json, JsonList},
    links,
    query::Query,
};
use crate::{
    app::App,
    auth::{Admin, Lead, Member},
    error::{ApiError, Faults},
    lifecycle,
};

/// GET `/agents`: the whole team, whoever was added first.
pub(crate) async fn list(
    State(app): State<App>,
    Member(me): Member,
    query: Query,
) -> Result<axum::Json<Page<rest::Agent>>, ApiError> {
    query.finish()?;
    let members = app.store.members().await?;
    let items: Vec<_> = members.into_iter().map(|member| wire(member, &me)).collect();
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/agents/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<AgentId>,
    query: Query,
) -> Result<axum::Json<rest::Agent>, ApiError> {
    query.finish()?;
    member(&app, id, &me).await
}

/// POST `/agents`: the new member gets a link, and chooses a password with it.
pub(crate) async fn create(
    State(app): State<App>,
    Admin(me): Admin,
    headers: HeaderMap,
    Json(new): Json<NewAgent>,
) -> Result<(StatusCode, axum::Json<InvitedAgent>), ApiError> {
    if app.store.agents().await?.len() >= limits::AGENTS {
        let message =
            format!("are as many as can be: the limit is {}, the disabled ones included", limits::AGENTS);
        return Err(ApiError::invalid("agents", message));
    }
    let teams = app.store.teams().await?;
    let skills = app.store.skills().await?;
    let new = edit::new_member(app.hub.clock(), new, &teams, &skills)?;
    let (id, now) = (new.agent.id, new.agent.created_at);
    let (token, link) = links::mint(LinkKind::Invitation, now);
    app.store.create_member(&new, &link).await?;
    tracing::info!(agent.id = %id, by.id = %me.id, "an agent was invited");
    let axum::Json(agent) = member(&app, id, &me).await?;
    let url = links::url(&links::base(&app, &headers), &token);
    let invitation = Link { url, expires_at: link.expires_at };
    Ok((StatusCode::CREATED, axum::Json(InvitedAgent { agent, invitation })))
}

/// PATCH `/agents/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<AgentId>,
    Json(edit): Json<EditAgent>,
) -> Result<axum::Json<rest::Agent>, ApiError> {
    if me.role != Role::Admin {
        app.store.agent(id).await?.ok_or_else(ApiError::not_found)?;
        if id != me.id {
            return Err(ApiError::new(ErrorCode::Forbidden, "Only an admin can change other agents."));
        }
        edit::own(&edit)?;
    }
    let teams = if edit.teams.is_some() { app.store.teams().await? } else { Vec::new() };
    change(&app, id, &edit::change(id, edit, &teams)?, &me).await?;
    member(&app, id, &me).await
}

/// DELETE `/agents/{id}`: shuts them out. Nobody is erased, since logs name them.
pub(crate) async fn disable(
    State(app): State<App>,
    Admin(me): Admin,
    PathId(id): PathId<AgentId>,
) -> Result<StatusCode, ApiError> {
    let edit = MemberEdit { disabled: Some(true), ..MemberEdit::default() };
    change(&app, id, &edit, &me).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(app: &App, id: AgentId, edit: &MemberEdit, me: &Agent) -> Result<(), ApiError> {
    match app.store.update_member(id, edit, app.hub.clock().now()).await? {
        MemberEdited::Done => {}
        MemberEdited::Missing => return Err(ApiError::not_found()),
        MemberEdited::LastAdmin => {
            return Err(ApiError::new(
                ErrorCode::LastAdmin,
                "Nobody else could manage the workspace: make another agent an admin first.",
            ));
        }
    }
    tracing::info!(agent.id = %id, by.id = %me.id, "an agent was changed");
    if edit.role.is_some() || edit.disabled.is_some() {
        lifecycle::shut_out(app).await;
    }
    Ok(())
}

/// PUT `/agents/{id}/skills`: all of them.
pub(crate) async fn set_skills(
    State(app): State<App>,
    Lead(me): Lead,
    PathId(id): PathId<AgentId>,
    JsonList(skills): JsonList<SetSkill>,
) -> Result<axum::Json<rest::Agent>, ApiError> {
    let known = app.store.skills().await?;
    let mut faults = Faults::default();
    let skills = edit::skills("", &skills, &known, &mut faults);
    faults.finish()?;
    if !app.store.set_member_skills(id, &skills, app.hub.clock().now()).await? {
        return Err(ApiError::not_found());
    }
    member(&app, id, &me).await
}

/// DELETE `/agents/{id}/totp`: for who has lost the authenticator and the recovery codes.
pub(crate) async fn remove_second_factor(
    State(app): State<App>,
    Admin(me): Admin,
    PathId(id): PathId<AgentId>,
) -> Result<StatusCode, ApiError> {
    app.store.agent(id).await?.ok_or_else(ApiError::not_found)?;
    if id == me.id {
        return Err(ApiError::new(
            ErrorCode::Forbidden,
            "Your own takes your password: DELETE /api/v1/auth/totp.",
        ));
    }
    app.store.remove_totp(id).await?;
    tracing::info!(agent.id = %id, by.id = %me.id, "an agent's second factor was taken away");
    Ok(StatusCode::NO_CONTENT)
}

/// A member, as `reader` may see them.
async fn member(app: &App, id: AgentId, reader: &Agent) -> Result<axum::Json<rest::Agent>, ApiError> {
    let member = app.store.member(id).await?.ok_or_else(ApiError::not_found)?;
    Ok(axum::Json(wire(member, reader)))
}

fn wire(member: persistence::Member, reader: &Agent) -> rest::Agent {
    let persistence::Member { agent, profile, teams, skills } = member;
    let whole = reader.role == Role::Admin || reader.id == agent.id;
    let invited = agent.is_invited();
    rest::Agent {
        id: agent.id,
        name: agent.name,
        role: agent.role,
        avatar_url: Some(profile.avatar_url).filter(|url| !url.is_empty()),
        teams: teams.into_iter().map(|(id, name)| TeamRef { id, name }).collect(),
        skills: skills
            .into_iter()
            .map(|skill| AgentSkill { id: skill.id, name: skill.name, level: skill.level })
            .collect(),
        languages: profile.languages,
        max_chats: profile.max_chats,
        disabled: agent.disabled,
        email: whole.then_some(agent.email),
        signature: whole.then_some(profile.signature),
        invited: whole.then_some(invited),
        second_factor: whole.then_some(profile.second_factor),
        created_at: whole.then_some(agent.created_at),
        updated_at: whole.then_some(profile.updated_at),
    }
}
