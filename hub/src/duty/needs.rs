//! What a session that waits asks of whoever answers it.

use persistence::Queued;
use protocol::{AgentId, Pass, RoutingMode};

use super::Look;
use crate::routing::{
    offers::Offers,
    policy::{Candidate, Need, would_do},
    queue::Waiting,
};

impl Look {
    /// What it asks for, but for who passed in its round of offers. Teams and skills that are gone are not asked for.
    pub(super) fn need(&self, one: &Queued, candidates: &[Candidate]) -> Need {
        let (teams, skills) = &self.groups;
        let need = Need {
            team: one.work.team.as_ref().map(|team| team.id).filter(|team| teams.contains(team)),
            skills: one
                .work
                .skills
                .iter()
                .filter(|asked| skills.contains(&asked.skill.id))
                .cloned()
                .collect(),
            language: one.work.language.clone(),
            language_required: self.settings.language_required,
            previous: one.previous,
            passed: Vec::new(),
        };
        let passed = one.work.handed_on_by.filter(|by| somebody_else(&need, candidates, *by));
        Need { passed: passed.map(|by| (by, Pass::HandedOn)).into_iter().collect(), ..need }
    }

    /// Its place in line, and its need with who passed.
    pub(super) fn in_line(&self, one: &Queued, candidates: &[Candidate]) -> Waiting {
        let mut need = self.need(one, candidates);
        if self.mode_of(one) == RoutingMode::Offer {
            need.passed.extend(Offers::from(one.work.offers.clone()).passed());
        }
        Waiting { session: one.session, priority: one.priority, since: one.since, need }
    }
}

/// Who handed a session on is not given it back, as long as others would do.
fn somebody_else(need: &Need, candidates: &[Candidate], by: AgentId) -> bool {
    candidates.iter().any(|candidate| candidate.agent.id != by && would_do(need, candidate))
}
