//! Who waits, in which order, and what is given to whom when there is room.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use protocol::{
    AgentId, AskedSkill, Availability, Pass, Priority, Routed, RoutedBy, SessionId, TeamId, UtcMillis,
};

use super::policy::{self, Candidate, Need};

/// A session that waits for an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub session: SessionId,
    /// The higher ones come first.
    pub priority: Priority,
    /// Since when the customer has been waiting, also before an agent who was gone gave it back.
    pub since: UtcMillis,
    /// Who would do.
    pub need: Need,
}

impl Waiting {
    /// Orders the queue: by priority, then by waiting time. Ids only settle a tie.
    fn turn(&self) -> impl Ord + use<> {
        (Reverse(self.priority), self.since, self.session)
    }
}

/// A session, and who takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Which.
    pub session: SessionId,
    /// Who.
    pub agent: AgentId,
    /// Why.
    pub why: Routed,
}

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose session.
    pub session: SessionId,
    /// 1 is next.
    pub position: u32,
    /// How many wait in the same lane.
    pub waiting: u32,
}

/// Everybody's place, in the order of the queue. A lane is who waits for the same team, or for any: a customer's place
/// does not count those who wait for other people. Who is being offered to an agent waits all the same, and belongs here
/// (but not to [`hand_out`]).
pub fn places(waiting: &[Waiting]) -> Vec<Place> {
    let mut lanes: HashMap<Option<TeamId>, u32> = HashMap::new();
    let mut sorted: Vec<&Waiting> = waiting.iter().collect();
    sorted.sort_unstable_by_key(|waiting| waiting.turn());
    let mut places: Vec<Place> = sorted
        .iter()
        .map(|waiting| {
            let position = lanes.entry(waiting.need.team).or_default();
            *position += 1;
            Place { session: waiting.session, position: *position, waiting: 0 }
        })
        .collect();
    for (place, waiting) in places.iter_mut().zip(&sorted) {
        place.waiting = lanes.get(&waiting.need.team).copied().unwrap_or_default();
    }
    places
}

/// Gives what waits to who can take it, in the order of the queue, as long as anybody can take any. Who cannot be
/// served now does not hold up those behind. What is given away leaves `waiting`, which is left sorted; the agents'
/// loads grow, and they were given something just now.
///
/// Afterwards nobody is over the maximum, and nobody waits whom anybody could take: [`policy::choose`] says of each why.
///
/// It costs agents × (assignments + different needs that cannot be met), however many wait: while it runs, room only
/// shrinks, so whoever asks for what another one could not get is not looked at again, and nobody is when there is no
/// room at all.
pub fn hand_out(
    waiting: &mut Vec<Waiting>,
    candidates: &mut [Candidate],
    by: RoutedBy,
    now: UtcMillis,
) -> Vec<Assignment> {
    waiting.sort_unstable_by_key(Waiting::turn);
    let mut room: u64 = candidates.iter().map(room).sum();
    let mut unmet: HashSet<Demand<'_>> = HashSet::new();
    let mut assigned: HashSet<SessionId> = HashSet::new();
    let mut assignments = Vec::new();
    for next in waiting.iter() {
        if room == 0 {
            break;
        }
        let demand = Demand::of(&next.need);
        if unmet.contains(&demand) {
            continue;
        }
        let Some((index, because)) = policy::best(&next.need, candidates) else {
            unmet.insert(demand);
            continue;
        };
        let why = policy::explain(&next.need, candidates, Some((index, because)), by);
        let taker = &mut candidates[index];
        taker.active += 1;
        taker.free_since = taker.free_since.max(now);
        room -= 1;
        assigned.insert(next.session);
        assignments.push(Assignment { session: next.session, agent: taker.agent.id, why });
    }
    waiting.retain(|waiting| !assigned.contains(&waiting.session));
    assignments
}

/// How many sessions this agent could take, if they asked for nothing.
fn room(candidate: &Candidate) -> u64 {
    let able = candidate.availability == Availability::Online && !candidate.disabled;
    if able { u64::from(candidate.max.saturating_sub(candidate.active)) } else { 0 }
}

/// What must be met, without what is only preferred: two sessions of equal demand can be served by the same agents.
#[derive(PartialEq, Eq, Hash)]
struct Demand<'a> {
    team: Option<TeamId>,
    skills: &'a [AskedSkill],
    language: Option<&'a str>,
    passed: &'a [(AgentId, Pass)],
}

impl<'a> Demand<'a> {
    fn of(need: &'a Need) -> Self {
        Self {
            team: need.team,
            skills: &need.skills,
            language: need.language.as_deref().filter(|_| need.language_required),
            passed: &need.passed,
        }
    }
}
