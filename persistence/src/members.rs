//! Members of the team: the list of them, and how they are invited and changed.

use std::collections::HashMap;

use protocol::{AgentId, Role, SkillId, TeamId, UtcMillis};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Agent, HeldSkill, Member, MemberEdit, MemberEdited, NewLink, NewMember, Profile, Store, StoreError,
    agents::{self, insert_agent},
    dialect,
    error::taken,
    links::insert_link,
    rows::{count, unreadable},
    store::on_engine,
};

const MEMBERS: &str = "select * from agents where $1 is null or id = $1 order by created_at_ms, id";
const TEAMS: &str = "
    select m.agent_id, t.id, t.name from team_members m join teams t on t.id = m.team_id
    where $1 is null or m.agent_id = $1 order by t.key, t.id";
const SKILLS: &str = "
    select h.agent_id, s.id, s.name, h.level from agent_skills h join skills s on s.id = h.skill_id
    where $1 is null or h.agent_id = $1 order by s.key, s.id";

const UPDATE: &str = "
    update agents set
        email = coalesce($2, email), name = coalesce($3, name), role = coalesce($4, role),
        disabled = coalesce($5, disabled), max_chats = coalesce($6, max_chats),
        languages = coalesce($7, languages), signature = coalesce($8, signature),
        avatar_url = coalesce($9, avatar_url), updated_at_ms = $10
    where id = $1";
const ROLE: &str = "select role from agents where id = $1";
const TOUCH: &str = "update agents set updated_at_ms = $2 where id = $1";
const END_LOGINS: &str = "delete from logins where agent_id = $1";
const END_LINKS: &str = "delete from agent_tokens where agent_id = $1";

const LEAVE_TEAMS: &str = "delete from team_members where agent_id = $1";
/// What was deleted meanwhile is left out.
const JOIN_TEAM: &str = "insert into team_members (team_id, agent_id) select id, $2 from teams where id = $1";
const LOSE_SKILLS: &str = "delete from agent_skills where agent_id = $1";
const GAIN_SKILL: &str =
    "insert into agent_skills (agent_id, skill_id, level) select $1, id, $3 from skills where id = $2";

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    agent: agents::Row,
    max_chats: i64,
    languages: Json<Vec<String>>,
    signature: String,
    avatar_url: String,
    totp_confirmed: bool,
    updated_at_ms: i64,
}

type TeamRow = (Uuid, Uuid, String);
type SkillRow = (Uuid, Uuid, String, i64);

/// Puts together what was read of some members.
fn members(rows: Vec<Row>, teams: Vec<TeamRow>, skills: Vec<SkillRow>) -> Result<Vec<Member>, StoreError> {
    let mut teams_of: HashMap<AgentId, Vec<(TeamId, String)>> = HashMap::new();
    for (agent, id, name) in teams {
        teams_of.entry(AgentId::new(agent)).or_default().push((TeamId::new(id), name));
    }
    let mut skills_of: HashMap<AgentId, Vec<HeldSkill>> = HashMap::new();
    for (agent, id, name, level) in skills {
        let level = level.try_into().map_err(|_| unreadable(format!("{level} is no level")))?;
        let skill = HeldSkill { id: SkillId::new(id), name, level };
        skills_of.entry(AgentId::new(agent)).or_default().push(skill);
    }
    let member = |row: Row| {
        let agent = Agent::try_from(row.agent)?;
        let id = agent.id;
        let profile = Profile {
            max_chats: count(row.max_chats)?,
            languages: row.languages.0,
            signature: row.signature,
            avatar_url: row.avatar_url,
            second_factor: row.totp_confirmed,
            updated_at: UtcMillis::new(row.updated_at_ms),
        };
        let (teams, skills) = (teams_of.remove(&id), skills_of.remove(&id));
        Ok(Member { agent, profile, teams: teams.unwrap_or_default(), skills: skills.unwrap_or_default() })
    };
    rows.into_iter().map(member).collect()
}

macro_rules! join_teams {
    ($conn:expr, $agent:expr, $teams:expr) => {
        for team in $teams {
            sqlx::query(JOIN_TEAM).bind(team.uuid()).bind($agent.uuid()).execute(&mut *$conn).await?;
        }
    };
}

macro_rules! gain_skills {
    ($conn:expr, $agent:expr, $skills:expr) => {
        for (skill, level) in $skills {
            sqlx::query(GAIN_SKILL)
                .bind($agent.uuid())
                .bind(skill.uuid())
                .bind(i64::from(*level))
                .execute(&mut *$conn)
                .await?;
        }
    };
}

macro_rules! update_agent {
    ($conn:expr, $id:expr, $edit:expr, $now:expr) => {
        sqlx::query(UPDATE)
            .bind($id.uuid())
            .bind(&$edit.email)
            .bind(&$edit.name)
            .bind($edit.role.map(Role::as_str))
            .bind($edit.disabled)
            .bind($edit.max_chats.map(i64::from))
            .bind($edit.languages.as_ref().map(Json))
            .bind(&$edit.signature)
            .bind(&$edit.avatar_url)
            .bind($now.get())
            .execute(&mut *$conn)
            .await
            .map_err(taken("agent"))?
            .rows_affected()
    };
}

impl Store {
    /// The whole team, whoever was added first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn members(&self) -> Result<Vec<Member>, StoreError> {
        self.read_members(None).await
    }

    /// One member, disabled or not.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn member(&self, id: AgentId) -> Result<Option<Member>, StoreError> {
        Ok(self.read_members(Some(id.uuid())).await?.pop())
    }

    async fn read_members(&self, only: Option<Uuid>) -> Result<Vec<Member>, StoreError> {
        on_engine!(read self, conn => {
            let rows = sqlx::query_as(MEMBERS).bind(only).fetch_all(&mut *conn).await?;
            let teams = sqlx::query_as(TEAMS).bind(only).fetch_all(&mut *conn).await?;
            let skills = sqlx::query_as(SKILLS).bind(only).fetch_all(conn).await?;
            members(rows, teams, skills)
        })
    }

    /// Adds a member together with the link that invites them.
    ///
    /// # Errors
    /// `Conflict("agent")`: another has this login name.
    pub async fn create_member(&self, new: &NewMember, link: &NewLink) -> Result<(), StoreError> {
        let (id, now) = (new.agent.id, new.agent.created_at);
        let profile = MemberEdit {
            max_chats: Some(new.max_chats),
            languages: Some(new.languages.clone()),
            ..MemberEdit::default()
        };
        on_engine!(write self, conn => {
            if insert_agent!(&mut *conn, new.agent) == 0 {
                return Err(StoreError::Conflict("agent"));
            }
            update_agent!(conn, id, profile, now);
            join_teams!(conn, id, &new.teams);
            gain_skills!(conn, id, &new.skills);
            insert_link!(conn, id, link, now);
            Ok(())
        })
    }

    /// Changes a member. Where it shuts them out or changes their role, their logins end; where it shuts them out,
    /// their links, too.
    ///
    /// # Errors
    /// `Conflict("agent")`: another has this login name.
    pub async fn update_member(
        &self,
        id: AgentId,
        edit: &MemberEdit,
        now: UtcMillis,
    ) -> Result<MemberEdited, StoreError> {
        let admins = dialect::lock_admins(&self.pools);
        let shut_out = edit.disabled == Some(true);
        let no_admin = shut_out || edit.role.is_some_and(|role| role != Role::Admin);
        on_engine!(write self, conn => {
            if no_admin {
                let admins: Vec<Uuid> = sqlx::query_scalar(admins).fetch_all(&mut *conn).await?;
                if admins == [id.uuid()] {
                    return Ok(MemberEdited::LastAdmin);
                }
            }
            let role: Option<String> =
                sqlx::query_scalar(ROLE).bind(id.uuid()).fetch_optional(&mut *conn).await?;
            if update_agent!(conn, id, edit, now) == 0 {
                return Ok(MemberEdited::Missing);
            }
            if let Some(teams) = &edit.teams {
                sqlx::query(LEAVE_TEAMS).bind(id.uuid()).execute(&mut *conn).await?;
                join_teams!(conn, id, teams);
            }
            let other_role = edit.role.is_some_and(|new| role.as_deref() != Some(new.as_str()));
            if shut_out || other_role {
                sqlx::query(END_LOGINS).bind(id.uuid()).execute(&mut *conn).await?;
            }
            if shut_out {
                sqlx::query(END_LINKS).bind(id.uuid()).execute(conn).await?;
            }
            Ok(MemberEdited::Done)
        })
    }

    /// Sets all skills of a member, each at most once; `false` if there is no such member. Skills that are gone
    /// meanwhile are left out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn set_member_skills(
        &self,
        id: AgentId,
        skills: &[(SkillId, u8)],
        now: UtcMillis,
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let touched = sqlx::query(TOUCH).bind(id.uuid()).bind(now.get()).execute(&mut *conn).await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(LOSE_SKILLS).bind(id.uuid()).execute(&mut *conn).await?;
            gain_skills!(conn, id, skills);
            Ok(true)
        })
    }
}
