//! The offers of one session: whom to ask next, when agents may say no.
//!
//! What happens is an [`OfferEvent`], to be recorded; the state is what the events add up to, so any node can take over.
//!
//! For a whole queue: who is not being asked goes to [`hand_out`], with [`Offers::passed`] as [`Need::passed`]; each
//! assignment becomes an [`Offers::offer`]; and for whoever is left and was passed on, [`Offers::next`] knows whether
//! the round begins again.
//!
//! [`hand_out`]: super::queue::hand_out

use std::time::Duration;

use protocol::{AgentId, AgentRef, OfferEnd, OfferEvent, Pass, Routed, RoutedBy, UtcMillis};

use super::policy::{self, Candidate, Need};

/// How offers are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How long an agent has to answer.
    pub answer_within: Duration,
    /// How long everybody is left alone who has passed, before the round begins again.
    pub between_rounds: Duration,
}

/// An agent who is being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Who.
    pub agent: AgentRef,
    /// From this time on it is too late to answer.
    pub until: UtcMillis,
}

/// The offer is not there (any more): answered, too late, or never made to this agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this offer is over")]
pub struct NoOffer;

/// What to do about a session that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ask this agent: record it, and tell them.
    Ask(OfferEvent, Routed),
    /// Somebody is being asked until then.
    Standing(UtcMillis),
    /// Who could take it has passed; the next round begins then. Somebody new is asked before.
    Rest(UtcMillis),
    /// Nobody can take it now.
    Nobody(Routed),
}

/// Where the offers of a session stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    standing: Option<Offer>,
    /// In this round, each once.
    passed: Vec<(AgentId, Pass)>,
    last_pass: UtcMillis,
    /// Zero before the first offer.
    round: u32,
}

impl Offers {
    /// Who is being asked.
    pub const fn standing(&self) -> Option<&Offer> {
        self.standing.as_ref()
    }

    /// Who has passed in this round; for [`Need::passed`].
    pub fn passed(&self) -> &[(AgentId, Pass)] {
        &self.passed
    }

    /// What to do now. `need` is the session's own; who has passed is known here.
    ///
    /// Who passes is not asked again until nobody is left to ask; then, after a rest, the round begins again.
    pub fn next(&self, need: &Need, candidates: &[Candidate], rules: Rules, now: UtcMillis) -> Next {
        if let Some(standing) = &self.standing {
            return Next::Standing(standing.until);
        }
        let need = Need { passed: self.passed.clone(), ..need.clone() };
        let why = policy::choose(&need, candidates, RoutedBy::Offer);
        if let Some(chosen) = &why.chosen {
            return Next::Ask(self.offer(chosen.agent.clone(), rules, now), why);
        }
        let again = policy::choose(&Need { passed: Vec::new(), ..need }, candidates, RoutedBy::Offer);
        let Some(chosen) = &again.chosen else {
            return Next::Nobody(why);
        };
        let rested = self.last_pass.plus(rules.between_rounds);
        if now < rested {
            return Next::Rest(rested);
        }
        let until = now.plus(rules.answer_within);
        let event = OfferEvent::Offered { agent: chosen.agent.clone(), until, round: self.round + 1 };
        Next::Ask(event, again)
    }

    /// Asks this agent, within the round: whom [`hand_out`] chose.
    ///
    /// [`hand_out`]: super::queue::hand_out
    pub fn offer(&self, agent: AgentRef, rules: Rules, now: UtcMillis) -> OfferEvent {
        OfferEvent::Offered { agent, until: now.plus(rules.answer_within), round: self.round.max(1) }
    }

    /// The agent answers.
    ///
    /// # Errors
    /// Nobody asks this agent (any more).
    pub fn answer(&self, agent: AgentId, accepts: bool, now: UtcMillis) -> Result<OfferEvent, NoOffer> {
        let standing = self.standing.as_ref().filter(|offer| offer.agent.id == agent && now < offer.until);
        let end = if accepts { OfferEnd::Accepted } else { OfferEnd::Declined };
        standing.map(|_| OfferEvent::Ended { agent, end }).ok_or(NoOffer)
    }

    /// Ends the offer if its time is over.
    pub fn overdue(&self, now: UtcMillis) -> Option<OfferEvent> {
        let over = self.standing.as_ref().filter(|offer| now >= offer.until);
        over.map(|offer| OfferEvent::Ended { agent: offer.agent.id, end: OfferEnd::Unanswered })
    }

    /// Ends the offer if it was this agent's, who is gone. That is no pass: who comes back may be asked again.
    pub fn gone(&self, agent: AgentId) -> Option<OfferEvent> {
        let theirs = self.standing.as_ref().filter(|offer| offer.agent.id == agent);
        theirs.map(|_| OfferEvent::Ended { agent, end: OfferEnd::Gone })
    }

    /// Ends the offer because the session needs nobody any more.
    pub fn withdraw(&self) -> Option<OfferEvent> {
        let standing = self.standing.as_ref();
        standing.map(|offer| OfferEvent::Ended { agent: offer.agent.id, end: OfferEnd::Withdrawn })
    }

    /// Takes in what happened, and when. An end of an offer that does not stand changes nothing.
    pub fn apply(&mut self, event: &OfferEvent, at: UtcMillis) {
        match event {
            OfferEvent::Offered { agent, until, round } => {
                if *round > self.round {
                    self.passed.clear();
                }
                self.round = *round;
                self.standing = Some(Offer { agent: agent.clone(), until: *until });
            }
            OfferEvent::Ended { agent, end } => {
                if self.standing.as_ref().is_none_or(|offer| offer.agent.id != *agent) {
                    return;
                }
                self.standing = None;
                match end {
                    OfferEnd::Accepted | OfferEnd::Withdrawn => *self = Self::default(),
                    OfferEnd::Gone => {}
                    OfferEnd::Declined | OfferEnd::Unanswered => {
                        self.passed.extend(end.pass().map(|pass| (*agent, pass)));
                        self.last_pass = at;
                    }
                }
            }
        }
    }
}
