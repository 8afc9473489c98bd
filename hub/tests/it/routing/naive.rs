//! The same rules once more, written to be seen through rather than to be fast; and teams and queues by chance.

use std::cmp::Reverse;

use hub::routing::{
    policy::{Candidate, Need},
    queue::Waiting,
};
use protocol::{
    AgentId, AgentRef, AskedSkill, Availability, Because, Pass, Priority, SessionId, SkillId, SkillRef,
    TeamId, UtcMillis,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use uuid::Uuid;

use super::words::NOW;

/// Divisible by every maximum that chance makes: loads are compared as whole numbers of this.
const WHOLE: u64 = 232_792_560;
/// The greatest maximum that chance makes.
const MAXIMUM: u32 = 20;

fn language(tag: &str) -> String {
    tag.to_lowercase().chars().take_while(char::is_ascii_alphabetic).collect()
}

fn speaks(need: &Need, agent: &Candidate) -> bool {
    let Some(wanted) = &need.language else { return false };
    agent.languages.iter().any(|spoken| language(spoken) == language(wanted))
}

fn knows(agent: &Candidate, asked: &AskedSkill) -> Option<u8> {
    agent.skills.iter().filter(|(id, _)| *id == asked.skill.id).map(|(_, level)| *level).max()
}

/// Whether this agent may take it now.
pub(super) fn able(need: &Need, agent: &Candidate) -> bool {
    let team = match need.team {
        Some(team) => agent.teams.contains(&team),
        None => true,
    };
    let skills = need.skills.iter().all(|asked| knows(agent, asked) >= Some(asked.level));
    let language = !need.language_required || need.language.is_none() || speaks(need, agent);
    let passed = need.passed.iter().any(|(id, _)| *id == agent.agent.id);
    let here = agent.availability == Availability::Online && !agent.disabled;
    here && agent.active < agent.max && team && skills && language && !passed
}

/// What agents are compared by, in this order; less is better.
const CRITERIA: [Because; 5] = [
    Because::ReturningCustomer,
    Because::Language,
    Because::LeastLoaded,
    Because::MostSkilled,
    Because::LongestIdle,
];

/// How good an agent is, by each of them.
fn marks(need: &Need, agent: &Candidate) -> [i64; 5] {
    let load = u64::from(agent.active) * WHOLE / u64::from(agent.max);
    let known: i64 = need.skills.iter().map(|asked| i64::from(knows(agent, asked).unwrap_or_default())).sum();
    [
        i64::from(need.previous != Some(agent.agent.id)),
        i64::from(!speaks(need, agent)),
        i64::try_from(load).unwrap(),
        -known,
        agent.free_since.get(),
    ]
}

/// Who takes it, and why.
pub(super) fn choose(need: &Need, agents: &[Candidate]) -> Option<(AgentId, Because)> {
    let mut able: Vec<_> = agents
        .iter()
        .filter(|agent| able(need, agent))
        .map(|agent| (marks(need, agent), agent.agent.id))
        .collect();
    able.sort_unstable();
    let (best, id) = able.first()?;
    let because = match able.get(1) {
        _ if best[0] == 0 => Because::ReturningCustomer,
        None => Because::OnlyOne,
        Some((next, _)) => {
            let differs = (0..5).find(|i| best[*i] != next[*i]);
            differs.map_or(Because::Equal, |i| CRITERIA[i])
        }
    };
    Some((*id, because))
}

/// Gives one session away at a time, looking at everything anew each time.
pub(super) fn hand_out(
    waiting: &[Waiting],
    agents: &mut [Candidate],
    now: UtcMillis,
) -> Vec<(SessionId, AgentId)> {
    let mut waiting: Vec<&Waiting> = waiting.iter().collect();
    waiting.sort_by_key(|waiting| waiting.session);
    waiting.sort_by_key(|waiting| waiting.since);
    waiting.sort_by_key(|waiting| Reverse(waiting.priority));
    let mut assigned = Vec::new();
    while let Some((place, agent)) = waiting
        .iter()
        .enumerate()
        .find_map(|(place, waiting)| choose(&waiting.need, agents).map(|(agent, _)| (place, agent)))
    {
        assigned.push((waiting.remove(place).session, agent));
        let taker = agents.iter_mut().find(|candidate| candidate.agent.id == agent).unwrap();
        taker.active += 1;
        taker.free_since = now;
    }
    assigned
}

fn skill(n: u128) -> SkillRef {
    SkillRef { id: SkillId::new(Uuid::from_u128(n)), name: format!("skill {n}") }
}

fn some<T>(random: &mut StdRng, of: impl Iterator<Item = T>, chance: f64) -> Vec<T> {
    of.filter(|_| random.random_bool(chance)).collect()
}

/// An agent who is mostly able to do something.
pub(super) fn any_agent(random: &mut StdRng, n: u128) -> Candidate {
    let max = random.random_range(0..=MAXIMUM.min(6));
    let skills = some(random, 0..3, 0.6).into_iter();
    Candidate {
        agent: AgentRef { id: AgentId::new(Uuid::from_u128(n)), name: format!("agent {n}") },
        availability: if random.random_bool(0.7) {
            Availability::Online
        } else {
            *Availability::ALL.choose(random).unwrap()
        },
        disabled: random.random_bool(0.05),
        active: if random.random_bool(0.5) { 0 } else { random.random_range(0..=max + 1) },
        max: if random.random_bool(0.1) { MAXIMUM } else { max },
        skills: skills.map(|n| (skill(n).id, random.random_range(1..=5))).collect(),
        teams: some(random, 0..3, 0.6).into_iter().map(|n| TeamId::new(Uuid::from_u128(n))).collect(),
        languages: some(random, ["en", "de-AT", "pt-BR", "fr"].into_iter(), 0.4)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        free_since: UtcMillis::new(random.random_range(0..4)),
    }
}

/// A need that some of a team of so many may meet.
pub(super) fn any_need(random: &mut StdRng, agents: u128) -> Need {
    let asked = some(random, 0..3, 0.25).into_iter();
    let skills = asked.map(|n| AskedSkill { skill: skill(n), level: random.random_range(1..=4) }).collect();
    let pass = |random: &mut StdRng| {
        if random.random_bool(0.5) { Pass::Declined } else { Pass::Unanswered }
    };
    let chance = if random.random_bool(0.2) { 0.5 } else { 0.0 };
    let passing = some(random, 0..agents, chance);
    Need {
        team: random.random_bool(0.3).then(|| TeamId::new(Uuid::from_u128(random.random_range(0..4)))),
        skills,
        language: random
            .random_bool(0.5)
            .then(|| (*["en-GB", "de", "pt_PT", "ja"].choose(random).unwrap()).into()),
        language_required: random.random_bool(0.3),
        previous: random.random_bool(0.3).then(|| AgentId::new(Uuid::from_u128(random.random_range(0..9)))),
        passed: passing.into_iter().map(|n| (AgentId::new(Uuid::from_u128(n)), pass(random))).collect(),
    }
}

/// A session that waits since one of a few moments.
pub(super) fn any_waiting(random: &mut StdRng, n: u128, agents: u128) -> Waiting {
    Waiting {
        session: SessionId::new(Uuid::from_u128(n)),
        priority: *Priority::ALL.choose(random).unwrap(),
        since: UtcMillis::new(NOW.get() - random.random_range(0..20)),
        need: any_need(random, agents),
    }
}
