//! One choice: which agent takes a session, and why.

use std::cmp::{Ordering, Reverse};

use protocol::{
    AgentId, AgentRef, AskedSkill, Availability, Because, Chosen, Load, Pass, Routed, RoutedBy, SkillId,
    SkipReason, Skipped, TeamId, UtcMillis, limits::SKIPPED_NAMED,
};

/// An agent as routing sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: AgentRef,
    /// As it is now, not as it was chosen.
    pub availability: Availability,
    /// The account is disabled.
    pub disabled: bool,
    /// Sessions that the agent holds or is being offered: an offer keeps its place free until it is answered.
    pub active: u32,
    /// As many as the agent takes at once.
    pub max: u32,
    /// What the agent knows, each once, and how well.
    pub skills: Vec<(SkillId, u8)>,
    /// The teams that the agent is in.
    pub teams: Vec<TeamId>,
    /// What the agent speaks, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Since when the agent was given nothing.
    pub free_since: UtcMillis,
}

/// What a session asks of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Need {
    /// A member of this team.
    pub team: Option<TeamId>,
    /// All of these.
    pub skills: Vec<AskedSkill>,
    /// The customer's language, as a BCP 47 tag. Who speaks it comes first; that of others is better than none.
    pub language: Option<String>,
    /// Nobody will do who does not speak it.
    pub language_required: bool,
    /// Whom the customer had before: comes first if able now, and is never waited for.
    pub previous: Option<AgentId>,
    /// Who passed it on in this round of offers.
    pub passed: Vec<(AgentId, Pass)>,
}

/// Chooses who takes the session, and says why. Nobody who is not able is ever chosen, and one of those who are able
/// always is.
///
/// Able is who is enabled, in the team, has each skill at its level, speaks the language if that is required, is
/// online, has not passed, and is below the maximum. Of these it is whom the customer had before; else who speaks the
/// language; else the least loaded, relative to the maximum; else who knows best what is asked for; else who was given
/// nothing for the longest time; else the order of ids decides.
pub fn choose(need: &Need, candidates: &[Candidate], by: RoutedBy) -> Routed {
    let best = best(need, candidates);
    explain(need, candidates, best, by)
}

/// The best of the able, by its place among the candidates, and what put it before the others.
pub(crate) fn best(need: &Need, candidates: &[Candidate]) -> Option<(usize, Because)> {
    let able = candidates.iter().enumerate().filter(|(_, candidate)| why_not(need, candidate).is_none());
    let mut ranked = able.map(|(index, candidate)| (index, Rank::of(need, candidate)));
    let (mut first, mut second) = (ranked.next()?, None);
    for next in ranked {
        if next.1.compare(&first.1).0.is_lt() {
            second = Some(std::mem::replace(&mut first, next));
        } else if second.as_ref().is_none_or(|second| next.1.compare(&second.1).0.is_lt()) {
            second = Some(next);
        }
    }
    let because = match second {
        _ if first.1.previous => Because::ReturningCustomer,
        Some(second) => first.1.compare(&second.1).1,
        None => Because::OnlyOne,
    };
    Some((first.0, because))
}

/// Puts a choice into words.
pub(crate) fn explain(
    need: &Need,
    candidates: &[Candidate],
    best: Option<(usize, Because)>,
    by: RoutedBy,
) -> Routed {
    let mut unable: Vec<(Unable<'_>, &Candidate)> = candidates
        .iter()
        .filter_map(|candidate| why_not(need, candidate).map(|unable| (unable, candidate)))
        .collect();
    unable.sort_unstable_by_key(|(unable, candidate)| {
        let id = candidate.agent.id;
        (need.previous != Some(id), Reverse(unable.closeness()), id)
    });
    let skipped_more = unable.len().saturating_sub(SKIPPED_NAMED);
    unable.truncate(SKIPPED_NAMED);
    let skipped = unable
        .into_iter()
        .map(|(unable, candidate)| Skipped { agent: candidate.agent.clone(), reason: unable.into() });
    let chosen = best.map(|(index, because)| {
        let Candidate { agent, active, max, .. } = &candidates[index];
        Chosen { agent: agent.clone(), because, load: Load { active: *active, max: *max } }
    });
    Routed {
        mode: by,
        considered: count(candidates.len()),
        chosen,
        skipped: skipped.collect(),
        skipped_more: count(skipped_more),
    }
}

/// Teams are nowhere near this limit.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Why an agent cannot take a session, without the words.
#[derive(Debug)]
enum Unable<'a> {
    Disabled,
    NotInTeam,
    MissingSkill { asked: &'a AskedSkill, has: Option<u8> },
    Language,
    NotOnline(Availability),
    Passed(Pass),
    AtMaximum(Load),
}

impl Unable<'_> {
    /// The greater, the closer to being able; in the order of [`why_not`].
    const fn closeness(&self) -> u8 {
        match self {
            Self::Disabled => 0,
            Self::NotInTeam => 1,
            Self::MissingSkill { .. } => 2,
            Self::Language => 3,
            Self::NotOnline(Availability::Offline) => 4,
            Self::NotOnline(Availability::Away) => 5,
            Self::NotOnline(Availability::Busy | Availability::Online) => 6,
            Self::Passed(_) => 7,
            Self::AtMaximum(_) => 8,
        }
    }
}

impl From<Unable<'_>> for SkipReason {
    fn from(unable: Unable<'_>) -> Self {
        match unable {
            Unable::Disabled => Self::Disabled,
            Unable::NotInTeam => Self::NotInTeam,
            Unable::MissingSkill { asked, has } => {
                Self::MissingSkill { skill: asked.skill.clone(), level: asked.level, has }
            }
            Unable::Language => Self::Language,
            Unable::NotOnline(status) => Self::NotOnline { status },
            Unable::Passed(Pass::Declined) => Self::Declined,
            Unable::Passed(Pass::Unanswered) => Self::Unanswered,
            Unable::Passed(Pass::HandedOn) => Self::HandedOn,
            Unable::AtMaximum(Load { active, max }) => Self::AtMaximum { active, max },
        }
    }
}

/// Whether the agent would do, if not now: enabled, in the team, with the skills, and, if that is required, the
/// language.
pub(crate) fn would_do(need: &Need, candidate: &Candidate) -> bool {
    !matches!(
        why_not(need, candidate),
        Some(Unable::Disabled | Unable::NotInTeam | Unable::MissingSkill { .. } | Unable::Language)
    )
}

/// Why this agent cannot take it. What lasts is asked first, so that "at the maximum" is only said of those whom a
/// greater maximum would make able.
fn why_not<'a>(need: &'a Need, candidate: &Candidate) -> Option<Unable<'a>> {
    if candidate.disabled {
        return Some(Unable::Disabled);
    }
    if need.team.is_some_and(|team| !candidate.teams.contains(&team)) {
        return Some(Unable::NotInTeam);
    }
    for asked in &need.skills {
        let has = level(candidate, asked.skill.id);
        if has.is_none_or(|level| level < asked.level) {
            return Some(Unable::MissingSkill { asked, has });
        }
    }
    if need.language_required && need.language.is_some() && !speaks(need, candidate) {
        return Some(Unable::Language);
    }
    let full = candidate.active >= candidate.max;
    match candidate.availability {
        Availability::Online => {}
        // The maximum made them busy: that is the reason, then.
        Availability::Busy if full => {}
        status @ (Availability::Busy | Availability::Away | Availability::Offline) => {
            return Some(Unable::NotOnline(status));
        }
    }
    if let Some((_, pass)) = need.passed.iter().find(|(agent, _)| *agent == candidate.agent.id) {
        return Some(Unable::Passed(*pass));
    }
    full.then_some(Unable::AtMaximum(Load { active: candidate.active, max: candidate.max }))
}

fn level(candidate: &Candidate, skill: SkillId) -> Option<u8> {
    candidate.skills.iter().find(|(id, _)| *id == skill).map(|(_, level)| *level)
}

/// `de` is spoken by who speaks `de-AT`, and the other way round.
fn speaks(need: &Need, candidate: &Candidate) -> bool {
    let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    need.language
        .as_deref()
        .map(language)
        .is_some_and(|wanted| candidate.languages.iter().any(|spoken| language(spoken) == wanted))
}

/// What the able are compared by, the first difference deciding.
struct Rank {
    previous: bool,
    speaks: bool,
    load: Load,
    known: u32,
    free_since: UtcMillis,
    id: AgentId,
}

impl Rank {
    fn of(need: &Need, candidate: &Candidate) -> Self {
        let known = need.skills.iter().filter_map(|asked| level(candidate, asked.skill.id));
        Self {
            previous: need.previous == Some(candidate.agent.id),
            speaks: speaks(need, candidate),
            load: Load { active: candidate.active, max: candidate.max },
            known: known.map(u32::from).sum(),
            free_since: candidate.free_since,
            id: candidate.agent.id,
        }
    }

    /// Less is before; and what made the difference.
    fn compare(&self, other: &Self) -> (Ordering, Because) {
        let part = |of: &Load, whole: &Load| u64::from(of.active) * u64::from(whole.max);
        let differences = [
            (other.previous.cmp(&self.previous), Because::ReturningCustomer),
            (other.speaks.cmp(&self.speaks), Because::Language),
            // a/b < c/d is a·d < c·b: exact, where a quotient would be rounded.
            (part(&self.load, &other.load).cmp(&part(&other.load, &self.load)), Because::LeastLoaded),
            (other.known.cmp(&self.known), Because::MostSkilled),
            (self.free_since.cmp(&other.free_since), Because::LongestIdle),
        ];
        let first = differences.into_iter().find(|(order, _)| order.is_ne());
        first.unwrap_or((self.id.cmp(&other.id), Because::Equal))
    }
}
