//! Who can be given sessions, and which sessions wait for somebody.

use std::collections::{BTreeSet, HashMap, HashSet};

use protocol::{
    AgentId, AgentRef, Availability, Priority, SessionId, SiteId, SkillId, TeamId, UtcMillis, Work,
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    rows::{count, time, unreadable, word},
    sessions,
    store::on_engine,
};

/// A member of the team, as far as it matters for who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    /// Who.
    pub agent: AgentRef,
    /// May not log in.
    pub disabled: bool,
    /// Chats at a time.
    pub max: u32,
    /// Open and in progress, held, and not put aside.
    pub active: u32,
    /// BCP 47.
    pub languages: Vec<String>,
    /// And how well.
    pub skills: Vec<(SkillId, u8)>,
    /// In which teams.
    pub teams: Vec<TeamId>,
    /// What they chose last.
    pub chosen: Availability,
    /// When a connection of theirs was last seen, by any node.
    pub seen_at: Option<UtcMillis>,
    /// When they last did anything.
    pub active_at: Option<UtcMillis>,
    /// When they were last given a session.
    pub given_at: UtcMillis,
}

/// A session that waits for a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Which.
    pub session: SessionId,
    /// How urgent.
    pub priority: Priority,
    /// Since when.
    pub since: UtcMillis,
    /// Who had the customer's last other session.
    pub previous: Option<AgentId>,
    /// Where the customer came.
    pub site: SiteId,
    /// What it asks for, and where its offers stand.
    pub work: Work,
}

/// From when an agent was what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusSince {
    /// What.
    pub status: Availability,
    /// From when, until the next one.
    pub since: UtcMillis,
}

const TEAM: &str = "
    select a.id, a.name, a.disabled, a.max_chats, a.languages, v.chosen, v.seen_at_ms, v.active_at_ms, v.given_at_ms
    from agents a left join availability v on v.agent_id = a.id
    order by a.created_at_ms, a.id";
const TEAMS: &str = "select agent_id, team_id from team_members";
const SKILLS: &str = "select agent_id, skill_id, level from agent_skills";
const HELD: &str = "
    select assignee_id, count(*) from sessions
    where status in ('open', 'in_progress') and assignee_id is not null and snoozed_until_ms is null
    group by assignee_id";

const QUEUED: &str = "
    select s.id, s.priority, s.queued_since_ms, (
        select p.assignee_id from sessions p
        where p.contact_id = s.contact_id and p.id <> s.id and p.assignee_id is not null
        order by p.created_at_ms desc limit 1) as previous, s.site_id, s.work
    from sessions s
    where s.queued_since_ms is not null
    order by s.priority desc, s.queued_since_ms, s.id limit $1";

const HELD_BY: &str = "
    select id from sessions
    where assignee_id = $1 and status in ('open', 'in_progress') and snoozed_until_ms is null
    order by id limit $2";

const CHOOSE: &str = "
    insert into availability (agent_id, chosen, seen_at_ms, active_at_ms, given_at_ms) values ($1, $2, null, $3, 0)
    on conflict (agent_id) do update set chosen = excluded.chosen, active_at_ms = excluded.active_at_ms";

const SEEN: &str = "
    insert into availability (agent_id, chosen, seen_at_ms, active_at_ms, given_at_ms) values ($1, 'online', $2, $3, 0)
    on conflict (agent_id) do update set seen_at_ms = excluded.seen_at_ms,
        active_at_ms = case when availability.active_at_ms > excluded.active_at_ms
            then availability.active_at_ms else excluded.active_at_ms end";

const GIVEN: &str = "
    insert into availability (agent_id, chosen, seen_at_ms, active_at_ms, given_at_ms) values ($1, 'online', null, null, $2)
    on conflict (agent_id) do update set given_at_ms = excluded.given_at_ms";

const LAST_STATUS: &str =
    "select status from availability_history where agent_id = $1 order by since_ms desc limit 1";
const RECORD: &str = "
    insert into availability_history (agent_id, since_ms, status) values ($1, $2, $3)
    on conflict (agent_id, since_ms) do update set status = excluded.status";
const HISTORY: &str = "
    select status, since_ms from availability_history
    where agent_id = $1 and since_ms < $3 and since_ms >= coalesce(
        (select max(since_ms) from availability_history where agent_id = $1 and since_ms <= $2), $2)
    order by since_ms limit $4";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    disabled: bool,
    max_chats: i64,
    languages: Json<Vec<String>>,
    chosen: Option<String>,
    seen_at_ms: Option<i64>,
    active_at_ms: Option<i64>,
    given_at_ms: Option<i64>,
}

impl Store {
    /// The whole team, whoever was added first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn on_duty(&self) -> Result<Vec<OnDuty>, StoreError> {
        type Read = (Vec<Row>, Vec<(Uuid, Uuid)>, Vec<(Uuid, Uuid, i64)>, Vec<(Uuid, i64)>);
        let (rows, in_teams, have_skills, held): Read = on_engine!(read self, conn => {
            let rows = sqlx::query_as(TEAM).fetch_all(&mut *conn).await?;
            let teams = sqlx::query_as(TEAMS).fetch_all(&mut *conn).await?;
            let skills = sqlx::query_as(SKILLS).fetch_all(&mut *conn).await?;
            Ok((rows, teams, skills, sqlx::query_as(HELD).fetch_all(conn).await?))
        })?;
        let mut teams: HashMap<Uuid, Vec<TeamId>> = HashMap::new();
        for (agent, team) in in_teams {
            teams.entry(agent).or_default().push(TeamId::new(team));
        }
        let mut skills: HashMap<Uuid, Vec<(SkillId, u8)>> = HashMap::new();
        for (agent, skill, level) in have_skills {
            let level = level.try_into().map_err(|_| unreadable(format!("{level} is no level")))?;
            skills.entry(agent).or_default().push((SkillId::new(skill), level));
        }
        let held: HashMap<Uuid, i64> = held.into_iter().collect();
        rows.into_iter()
            .map(|row| {
                Ok(OnDuty {
                    agent: AgentRef { id: AgentId::new(row.id), name: row.name },
                    disabled: row.disabled,
                    max: count(row.max_chats)?,
                    active: count(held.get(&row.id).copied().unwrap_or_default())?,
                    languages: row.languages.0,
                    skills: skills.remove(&row.id).unwrap_or_default(),
                    teams: teams.remove(&row.id).unwrap_or_default(),
                    chosen: row.chosen.as_deref().map_or(Ok(Availability::Online), word)?,
                    seen_at: time(row.seen_at_ms),
                    active_at: time(row.active_at_ms),
                    given_at: UtcMillis::new(row.given_at_ms.unwrap_or_default()),
                })
            })
            .collect()
    }

    /// The sessions that wait for a holder, in the order of the queue.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn queued(&self, limit: u32) -> Result<Vec<Queued>, StoreError> {
        type Read = (Uuid, i16, i64, Option<Uuid>, Uuid, Json<Work>);
        let rows: Vec<Read> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(QUEUED).bind(i64::from(limit)).fetch_all(conn).await?)
        })?;
        rows.into_iter()
            .map(|(id, rank, since, previous, site, work)| {
                Ok(Queued {
                    session: SessionId::new(id),
                    priority: sessions::priority(rank)?,
                    since: UtcMillis::new(since),
                    previous: previous.map(AgentId::new),
                    site: SiteId::new(site),
                    work: work.0,
                })
            })
            .collect()
    }

    /// The teams and skills that there are.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn groups(&self) -> Result<(HashSet<TeamId>, HashSet<SkillId>), StoreError> {
        let (teams, skills): (Vec<Uuid>, Vec<Uuid>) = on_engine!(read self, conn => {
            let teams = sqlx::query_scalar("select id from teams").fetch_all(&mut *conn).await?;
            Ok((teams, sqlx::query_scalar("select id from skills").fetch_all(conn).await?))
        })?;
        Ok((teams.into_iter().map(TeamId::new).collect(), skills.into_iter().map(SkillId::new).collect()))
    }

    /// What an agent holds that is open or in progress and not put aside.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn held_by(&self, agent: AgentId, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        let ids: Vec<Uuid> = on_engine!(read self, conn => {
            Ok(sqlx::query_scalar(HELD_BY).bind(agent.uuid()).bind(i64::from(limit)).fetch_all(conn).await?)
        })?;
        Ok(ids.into_iter().map(SessionId::new).collect())
    }

    /// An agent chose what to be, which is also something that they did.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn choose_availability(
        &self,
        agent: AgentId,
        chosen: Availability,
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            sqlx::query(CHOOSE).bind(agent.uuid()).bind(chosen.as_str()).bind(now.get()).execute(conn).await?;
            Ok(())
        })
    }

    /// These agents are connected, and did something last at these times.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agents_seen(
        &self,
        agents: &[(AgentId, UtcMillis)],
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        // Two who write the same rows do it in the same order.
        let mut agents = agents.to_vec();
        agents.sort_unstable_by_key(|(agent, _)| agent.uuid());
        on_engine!(write self, conn => {
            for (agent, active_at) in &agents {
                let query = sqlx::query(SEEN).bind(agent.uuid()).bind(now.get()).bind(active_at.get());
                query.execute(&mut *conn).await?;
            }
            Ok(())
        })
    }

    /// These agents were given something.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn agents_given(&self, agents: &[AgentId], now: UtcMillis) -> Result<(), StoreError> {
        if agents.is_empty() {
            return Ok(());
        }
        // In order, as above.
        let agents: BTreeSet<_> = agents.iter().map(|agent| agent.uuid()).collect();
        on_engine!(write self, conn => {
            for agent in &agents {
                sqlx::query(GIVEN).bind(agent).bind(now.get()).execute(&mut *conn).await?;
            }
            Ok(())
        })
    }

    /// Writes down what agents are from now on; who was the same before is left out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn record_availability(
        &self,
        statuses: &[(AgentId, Availability)],
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        on_engine!(write self, conn => {
            for (agent, status) in statuses {
                let last: Option<String> =
                    sqlx::query_scalar(LAST_STATUS).bind(agent.uuid()).fetch_optional(&mut *conn).await?;
                if last.as_deref() != Some(status.as_str()) {
                    let query = sqlx::query(RECORD).bind(agent.uuid()).bind(now.get()).bind(status.as_str());
                    query.execute(&mut *conn).await?;
                }
            }
            Ok(())
        })
    }

    /// What an agent was within a time: first what they were when it began, if that is known.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn availability_history(
        &self,
        agent: AgentId,
        from: UtcMillis,
        to: UtcMillis,
        limit: u32,
    ) -> Result<Vec<StatusSince>, StoreError> {
        let rows: Vec<(String, i64)> = on_engine!(read self, conn => {
            Ok(sqlx::query_as(HISTORY)
                .bind(agent.uuid())
                .bind(from.get())
                .bind(to.get())
                .bind(i64::from(limit))
                .fetch_all(conn)
                .await?)
        })?;
        rows.into_iter()
            .map(|(status, since)| Ok(StatusSince { status: word(&status)?, since: UtcMillis::new(since) }))
            .collect()
    }
}
