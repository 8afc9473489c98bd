//! For whom a session is: teams and skills by id and name, and agents' answers to offers.

use axum::extract::State;
use hub::{Caller, Done, state::Assignment};
use persistence::Skill;
use protocol::{
    AskedSkill, ErrorCode, MessageBody, SessionId, SessionSummary, SkillRef, TeamId, TeamRef, limits,
    rest::{SetSkill, TransferSession},
};

use super::{PathId, sessions};
use crate::{
    app::App,
    auth::Asking,
    error::{ApiError, InField},
};

/// POST `/sessions/{id}/accept`.
pub(crate) async fn accept(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    answer(&app, caller, id, true).await
}

/// POST `/sessions/{id}/decline`.
pub(crate) async fn decline(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(id): PathId<SessionId>,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    answer(&app, caller, id, false).await
}

async fn answer(
    app: &App,
    caller: Caller,
    id: SessionId,
    accepts: bool,
) -> Result<axum::Json<SessionSummary>, ApiError> {
    let audience = caller.audience();
    match app.hub.answer_offer(caller, id, accepts).await? {
        Done::Changed(session) => Ok(axum::Json(session.summary(audience))),
        Done::Sent { .. } => Err(ApiError::new(ErrorCode::Internal, "Something went wrong on our side.")),
    }
}

/// To whom a session is transferred.
pub(super) async fn transfer(
    app: &App,
    caller: &Caller,
    said: TransferSession,
) -> Result<Assignment, ApiError> {
    let TransferSession { agent_id, team_id, skill, level, note } = said;
    let note = match note.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(note) => Some(MessageBody::parse(note, app.config.limits.message_chars).in_field("note")?),
    };
    sessions::team_only(caller)?;
    match (agent_id, team_id, skill) {
        (Some(agent), None, None) => {
            Ok(Assignment::Transfer(sessions::colleague(app, caller, agent).await?, note))
        }
        (Some(_), _, _) => Err(ApiError::invalid("agent_id", "cannot stand beside a team or a skill")),
        (None, None, None) => Err(ApiError::invalid("agent_id", "is required, or a team_id, or a skill")),
        (None, team, skill) => {
            let team = match team {
                Some(team) => Some(self::team(app, team).await?),
                None => None,
            };
            let asked = skill.map(|skill| SetSkill { skill, level: level.unwrap_or(1) });
            let skills = match asked {
                Some(asked) => skills(&[asked], &app.store.skills().await?, |_, field| field.to_owned())?,
                None => Vec::new(),
            };
            Ok(Assignment::HandOn { team, skills, note })
        }
    }
}

/// A team that there is.
pub(super) async fn team(app: &App, id: TeamId) -> Result<TeamRef, ApiError> {
    let team = app.store.team(id).await?;
    let team = team.ok_or_else(|| ApiError::invalid("team_id", "is no team's"))?;
    Ok(TeamRef { id: team.id, name: team.name })
}

/// Skills that there are, named by id or by name, each once. `field` says where the fault of the nth is.
pub(super) fn skills(
    given: &[SetSkill],
    known: &[Skill],
    field: impl Fn(usize, &str) -> String,
) -> Result<Vec<AskedSkill>, ApiError> {
    let mut skills: Vec<AskedSkill> = Vec::with_capacity(given.len());
    for (at, asked) in given.iter().enumerate() {
        let (id, name) = (asked.skill.parse().ok(), asked.skill.trim().to_lowercase());
        let found = known.iter().find(|skill| Some(skill.id) == id || skill.name.to_lowercase() == name);
        let wrong = |what: &str, message: String| Err(ApiError::invalid(&field(at, what), message));
        match found {
            None => return wrong("skill", "is no skill, neither by id nor by name".to_owned()),
            Some(skill) if skills.iter().any(|asked| asked.skill.id == skill.id) => {
                return wrong("skill", "is named twice".to_owned());
            }
            Some(_) if !limits::SKILL_LEVELS.contains(&asked.level) => {
                let (least, most) = (limits::SKILL_LEVELS.start(), limits::SKILL_LEVELS.end());
                return wrong("level", format!("must be a number from {least} to {most}"));
            }
            Some(skill) => skills.push(AskedSkill {
                skill: SkillRef { id: skill.id, name: skill.name.clone() },
                level: asked.level,
            }),
        }
    }
    Ok(skills)
}

/// What a session asks for from now on.
pub(super) async fn asked(app: &App, given: &[SetSkill]) -> Result<Vec<AskedSkill>, ApiError> {
    if given.len() > limits::ASKED_SKILLS {
        return Err(ApiError::invalid("skills", format!("must be at most {}", limits::ASKED_SKILLS)));
    }
    let known = if given.is_empty() { Vec::new() } else { app.store.skills().await? };
    skills(given, &known, |at, field| format!("skills[{at}].{field}"))
}
