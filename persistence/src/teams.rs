//! Teams and skills: how members are sorted.

use std::collections::HashMap;

use protocol::{AgentId, SkillId, TeamId, UtcMillis};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Skill, Store, StoreError, Team,
    error::taken,
    rows::{count, name_key},
    store::on_engine,
};

const TEAMS: &str = "select id, name, created_at_ms from teams where $1 is null or id = $1 order by key, id";
const MEMBERS: &str = "
    select m.team_id, m.agent_id from team_members m join agents a on a.id = m.agent_id
    where $1 is null or m.team_id = $1 order by a.created_at_ms, a.id";
const CREATE_TEAM: &str = "insert into teams (id, name, key, created_at_ms) values ($1, $2, $3, $4)";
const UPDATE_TEAM: &str = "update teams set name = coalesce($2, name), key = coalesce($3, key) where id = $1";
const DELETE_TEAM: &str = "delete from teams where id = $1";
const EMPTY_TEAM: &str = "delete from team_members where team_id = $1";
/// Whoever is no member of the workspace is left out.
const JOIN: &str = "insert into team_members (team_id, agent_id) select $1, id from agents where id = $2";

const SKILLS: &str = "
    select s.id, s.name, s.created_at_ms, (select count(*) from agent_skills h where h.skill_id = s.id) as agents
    from skills s where $1 is null or s.id = $1 order by s.key, s.id";
const CREATE_SKILL: &str = "insert into skills (id, name, key, created_at_ms) values ($1, $2, $3, $4)";
const RENAME_SKILL: &str = "update skills set name = $2, key = $3 where id = $1";
const DELETE_SKILL: &str = "delete from skills where id = $1";

#[derive(FromRow)]
struct SkillRow {
    id: Uuid,
    name: String,
    created_at_ms: i64,
    agents: i64,
}

macro_rules! join {
    ($conn:expr, $team:expr, $members:expr) => {
        for member in $members {
            sqlx::query(JOIN).bind($team.uuid()).bind(member.uuid()).execute(&mut *$conn).await?;
        }
    };
}

impl Store {
    /// All teams, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn teams(&self) -> Result<Vec<Team>, StoreError> {
        self.read_teams(None).await
    }

    /// The team.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn team(&self, id: TeamId) -> Result<Option<Team>, StoreError> {
        Ok(self.read_teams(Some(id.uuid())).await?.pop())
    }

    async fn read_teams(&self, only: Option<Uuid>) -> Result<Vec<Team>, StoreError> {
        let (rows, members) = on_engine!(read self, conn => {
            let rows: Vec<(Uuid, String, i64)> = sqlx::query_as(TEAMS).bind(only).fetch_all(&mut *conn).await?;
            let members: Vec<(Uuid, Uuid)> = sqlx::query_as(MEMBERS).bind(only).fetch_all(conn).await?;
            Ok((rows, members))
        })?;
        let mut members_of: HashMap<Uuid, Vec<AgentId>> = HashMap::new();
        for (team, agent) in members {
            members_of.entry(team).or_default().push(AgentId::new(agent));
        }
        let team = |(id, name, created_at): (Uuid, String, i64)| Team {
            id: TeamId::new(id),
            name,
            members: members_of.remove(&id).unwrap_or_default(),
            created_at: UtcMillis::new(created_at),
        };
        Ok(rows.into_iter().map(team).collect())
    }

    /// Adds a team. Members who are none of the workspace are left out; each is named at most once.
    ///
    /// # Errors
    /// `Conflict("team")`: another has this name.
    pub async fn create_team(&self, team: &Team) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE_TEAM)
                .bind(team.id.uuid())
                .bind(&team.name)
                .bind(name_key(&team.name))
                .bind(team.created_at.get())
                .execute(&mut *conn)
                .await
                .map_err(taken("team"))?;
            join!(conn, team.id, &team.members);
            Ok(())
        })
    }

    /// Changes a team; what is `None` stays. `false` if there is none. As to members, as [`Store::create_team`].
    ///
    /// # Errors
    /// `Conflict("team")`: another has this name.
    pub async fn update_team(
        &self,
        id: TeamId,
        name: Option<&str>,
        members: Option<&[AgentId]>,
    ) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(UPDATE_TEAM)
                .bind(id.uuid())
                .bind(name)
                .bind(name.map(name_key))
                .execute(&mut *conn)
                .await
                .map_err(taken("team"))?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            if let Some(members) = members {
                sqlx::query(EMPTY_TEAM).bind(id.uuid()).execute(&mut *conn).await?;
                join!(conn, id, members);
            }
            Ok(true)
        })
    }

    /// Dissolves a team; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_team(&self, id: TeamId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE_TEAM).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }

    /// All skills, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn skills(&self) -> Result<Vec<Skill>, StoreError> {
        self.read_skills(None).await
    }

    /// The skill.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn skill(&self, id: SkillId) -> Result<Option<Skill>, StoreError> {
        Ok(self.read_skills(Some(id.uuid())).await?.pop())
    }

    async fn read_skills(&self, only: Option<Uuid>) -> Result<Vec<Skill>, StoreError> {
        let rows: Vec<SkillRow> =
            on_engine!(read self, conn => Ok(sqlx::query_as(SKILLS).bind(only).fetch_all(conn).await?))?;
        let skill = |row: SkillRow| {
            Ok(Skill {
                id: SkillId::new(row.id),
                name: row.name,
                agents: count(row.agents)?,
                created_at: UtcMillis::new(row.created_at_ms),
            })
        };
        rows.into_iter().map(skill).collect()
    }

    /// Adds a skill, which nobody has yet.
    ///
    /// # Errors
    /// `Conflict("skill")`: another has this name.
    pub async fn create_skill(&self, skill: &Skill) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CREATE_SKILL)
                .bind(skill.id.uuid())
                .bind(&skill.name)
                .bind(name_key(&skill.name))
                .bind(skill.created_at.get())
                .execute(conn)
                .await
                .map_err(taken("skill"))?;
            Ok(())
        })
    }

    /// Gives a skill another name; `false` if there is none.
    ///
    /// # Errors
    /// `Conflict("skill")`: another has this name.
    pub async fn rename_skill(&self, id: SkillId, name: &str) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            let done = sqlx::query(RENAME_SKILL)
                .bind(id.uuid())
                .bind(name)
                .bind(name_key(name))
                .execute(conn)
                .await
                .map_err(taken("skill"))?;
            Ok(done.rows_affected() == 1)
        })
    }

    /// Deletes a skill, also from those who have it; `false` if there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete_skill(&self, id: SkillId) -> Result<bool, StoreError> {
        on_engine!(write self, conn => {
            Ok(sqlx::query(DELETE_SKILL).bind(id.uuid()).execute(conn).await?.rows_affected() == 1)
        })
    }
}
