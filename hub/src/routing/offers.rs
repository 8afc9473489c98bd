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

use protocol::{
    AgentId, AgentRef, Offer, OfferEnd, OfferEvent, OfferState, Pass, Passed, Routed, RoutedBy, UtcMillis,
    limits,
};

use super::policy::{self, Candidate, Need};

/// How offers are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How long an agent has to answer.
    pub answer_within: Duration,
    /// How long everybody is left alone who has passed in the first round, before it begins again. After each further
    /// round it is twice as long, up to [`LONGEST_REST`].
    pub between_rounds: Duration,
}

/// The longest time for which everybody is left alone who has passed.
pub const LONGEST_REST: Duration = Duration::from_mins(15);

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
    /// It was offered [`limits::OFFERS`] times: whoever likes takes it by hand.
    Enough,
    /// Nobody can take it now.
    Nobody(Routed),
}

/// Where the offers of a session stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers(OfferState);

impl From<OfferState> for Offers {
    fn from(state: OfferState) -> Self {
        Self(state)
    }
}

impl From<Offers> for OfferState {
    fn from(offers: Offers) -> Self {
        offers.0
    }
}

impl Offers {
    /// Who is being asked.
    pub const fn standing(&self) -> Option<&Offer> {
        self.0.standing.as_ref()
    }

    /// Who has passed in this round; for [`Need::passed`].
    pub fn passed(&self) -> Vec<(AgentId, Pass)> {
        self.0.passed.iter().map(|passed| (passed.agent_id, passed.how)).collect()
    }

    /// Whether anybody may be asked any more.
    pub const fn is_enough(&self) -> bool {
        self.0.made >= limits::OFFERS
    }

    /// What to do now. `need` is the session's own; who has passed is known here.
    ///
    /// Who passes is not asked again until nobody is left to ask; then, after a rest, the round begins again.
    pub fn next(&self, need: &Need, candidates: &[Candidate], rules: Rules, now: UtcMillis) -> Next {
        if let Some(standing) = &self.0.standing {
            return Next::Standing(standing.until);
        }
        if self.is_enough() {
            return Next::Enough;
        }
        let mut passed = self.passed();
        passed.extend(&need.passed);
        let again = Need::clone(need);
        let need = Need { passed, ..again.clone() };
        let why = policy::choose(&need, candidates, RoutedBy::Offer);
        if let Some(chosen) = &why.chosen {
            return Next::Ask(self.offer(chosen.agent.clone(), rules, now), why);
        }
        let again = policy::choose(&again, candidates, RoutedBy::Offer);
        let Some(chosen) = &again.chosen else {
            return Next::Nobody(why);
        };
        let rested = self.0.last_pass.plus(self.rest(rules));
        if now < rested {
            return Next::Rest(rested);
        }
        let until = now.plus(rules.answer_within);
        let event = OfferEvent::Offered { agent: chosen.agent.clone(), until, round: self.0.round + 1 };
        Next::Ask(event, again)
    }

    /// Asks this agent, within the round: whom [`hand_out`] chose.
    ///
    /// [`hand_out`]: super::queue::hand_out
    pub fn offer(&self, agent: AgentRef, rules: Rules, now: UtcMillis) -> OfferEvent {
        OfferEvent::Offered { agent, until: now.plus(rules.answer_within), round: self.0.round.max(1) }
    }

    fn rest(&self, rules: Rules) -> Duration {
        let doubled = self.0.round.saturating_sub(1).min(16);
        (rules.between_rounds * 2_u32.pow(doubled)).min(LONGEST_REST.max(rules.between_rounds))
    }

    /// The agent answers.
    ///
    /// # Errors
    /// Nobody asks this agent (any more).
    pub fn answer(&self, agent: AgentId, accepts: bool, now: UtcMillis) -> Result<OfferEvent, NoOffer> {
        let standing = self.standing().filter(|offer| offer.agent.id == agent && now < offer.until);
        let end = if accepts { OfferEnd::Accepted } else { OfferEnd::Declined };
        standing.map(|_| OfferEvent::Ended { agent, end }).ok_or(NoOffer)
    }

    /// Ends the offer if its time is over.
    pub fn overdue(&self, now: UtcMillis) -> Option<OfferEvent> {
        let over = self.standing().filter(|offer| now >= offer.until);
        over.map(|offer| OfferEvent::Ended { agent: offer.agent.id, end: OfferEnd::Unanswered })
    }

    /// Ends the offer if it was this agent's, who is gone. That is no pass: who comes back may be asked again.
    pub fn gone(&self, agent: AgentId) -> Option<OfferEvent> {
        let theirs = self.standing().filter(|offer| offer.agent.id == agent);
        theirs.map(|_| OfferEvent::Ended { agent, end: OfferEnd::Gone })
    }

    /// Ends the offer because the session needs nobody any more.
    pub fn withdraw(&self) -> Option<OfferEvent> {
        self.standing().map(|offer| OfferEvent::Ended { agent: offer.agent.id, end: OfferEnd::Withdrawn })
    }

    /// Takes in what happened, and when. An end of an offer that does not stand changes nothing.
    pub fn apply(&mut self, event: &OfferEvent, at: UtcMillis) {
        let state = &mut self.0;
        match event {
            OfferEvent::Offered { agent, until, round } => {
                if *round > state.round {
                    state.passed.clear();
                }
                state.round = *round;
                state.made += 1;
                state.standing = Some(Offer { agent: agent.clone(), until: *until });
            }
            OfferEvent::Ended { agent, end } => {
                if state.standing.as_ref().is_none_or(|offer| offer.agent.id != *agent) {
                    return;
                }
                state.standing = None;
                match end {
                    OfferEnd::Accepted | OfferEnd::Withdrawn => *self = Self::default(),
                    OfferEnd::Gone => {}
                    OfferEnd::Declined | OfferEnd::Unanswered => {
                        state.passed.extend(end.pass().map(|how| Passed { agent_id: *agent, how }));
                        state.last_pass = at;
                    }
                }
            }
        }
    }
}
