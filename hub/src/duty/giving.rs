//! Giving out what waits: at once, or by offers; and taking back what absent agents hold.

use std::{collections::HashMap, time::Duration};

use persistence::{Queued, StoreError};
use protocol::{
    AgentId, Availability, OfferEnd, Routed, RoutedBy, RoutingMode, SessionId, SkipReason, limits,
};

use super::{Look, RETURNED, Standing};
use crate::{
    Hub,
    routing::{
        offers::{Next, Offers, Rules},
        policy::Candidate,
        queue,
    },
    state::{Action, Step},
};

/// How long everybody is left alone who has passed, before the first round of offers begins again.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(30);

impl Look {
    fn rules(&self) -> Rules {
        let seconds = self.settings.offer_seconds.unwrap_or(limits::OFFER_SECONDS_DEFAULT);
        Rules { answer_within: Duration::from_secs(seconds.into()), between_rounds: BETWEEN_ROUNDS }
    }

    /// Whether somebody could be given something, or an offer is over.
    pub(super) fn could_give(&self) -> bool {
        let has_room =
            |one: &Standing| one.now == Availability::Online && one.on_duty.active < one.on_duty.max;
        let room = self.team.iter().any(has_room);
        self.waiting.iter().any(|one| match &one.work.offers.standing {
            Some(_) => self.end_of(one).is_some(),
            None => room && self.is_given(one),
        })
    }

    /// Whether the session is given to anybody, now that it is not being offered.
    fn is_given(&self, one: &Queued) -> bool {
        match self.mode_of(one) {
            RoutingMode::Automatic => true,
            RoutingMode::Offer => !Offers::from(one.work.offers.clone()).is_enough(),
            RoutingMode::Manual => false,
        }
    }

    /// How the offer that stands ends now, if it does.
    fn end_of(&self, one: &Queued) -> Option<(AgentId, OfferEnd)> {
        let offer = one.work.offers.standing.as_ref()?;
        let agent = self.team.iter().find(|standing| standing.on_duty.agent.id == offer.agent.id);
        let could = agent.is_some_and(|agent| {
            // Who is busy by the maximum alone keeps what was offered before.
            agent.is_here() && agent.on_duty.chosen != Availability::Busy
        });
        let end = match could {
            false => OfferEnd::Gone,
            true if self.now >= offer.until => OfferEnd::Unanswered,
            true => return None,
        };
        Some((offer.agent.id, end))
    }

    /// How an assignment is done: at once, or by asking.
    fn giving(&self, queue::Assignment { session, mut why, .. }: queue::Assignment) -> Option<Action> {
        let one = self.waiting.iter().find(|one| one.session == session)?;
        if self.mode_of(one) != RoutingMode::Offer {
            return Some(Action::Route(Box::new(why)));
        }
        let agent = why.chosen.as_ref()?.agent.clone();
        let event = Offers::from(one.work.offers.clone()).offer(agent, self.rules(), self.now);
        why.mode = RoutedBy::Offer;
        Some(Action::Step(Box::new(Step::Ask(event, why))))
    }

    /// Whom to ask again, if it is time.
    fn next_round(&self, session: SessionId, candidates: &mut [Candidate]) -> Option<Action> {
        let one = self.waiting.iter().find(|one| one.session == session)?;
        if self.mode_of(one) != RoutingMode::Offer {
            return None;
        }
        let need = self.need(one, candidates);
        let offers = Offers::from(one.work.offers.clone());
        let Next::Ask(event, why) = offers.next(&need, candidates, self.rules(), self.now) else {
            return None;
        };
        let asked = why.chosen.as_ref().map(|chosen| chosen.agent.id);
        if let Some(asked) = candidates.iter_mut().find(|one| Some(one.agent.id) == asked) {
            asked.active += 1;
        }
        Some(Action::Step(Box::new(Step::Ask(event, why))))
    }

    /// The team as routing sees it: an offer keeps a place free until it is answered.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let mut asked: HashMap<AgentId, u32> = HashMap::new();
        for offer in self.waiting.iter().filter_map(|one| one.work.offers.standing.as_ref()) {
            *asked.entry(offer.agent.id).or_default() += 1;
        }
        let mut candidates: Vec<_> = self.team.iter().map(Standing::candidate).collect();
        for candidate in &mut candidates {
            candidate.active += asked.get(&candidate.agent.id).copied().unwrap_or_default();
        }
        candidates
    }
}

impl Hub {
    /// What an agent holds who has been gone for too long goes back in line.
    pub(super) async fn take_back(&self, look: &Look) -> Result<(), StoreError> {
        for one in look.team.iter().filter(|one| self.is_gone(one, look.now)) {
            let holder = &one.on_duty.agent;
            for session in self.inner.store.held_by(holder.id, RETURNED).await? {
                let reason = SkipReason::NotOnline { status: one.now };
                let why = Box::new(Routed::returned(holder.clone(), reason));
                self.route(session, Action::Return { holder: holder.id, why }).await;
            }
        }
        Ok(())
    }

    /// Gives what waits to who can take it, or asks them; what is given away leaves the look.
    pub(super) async fn give(&self, look: &mut Look) -> Result<(), StoreError> {
        self.end_offers(look).await?;
        let mut candidates = look.candidates();
        let given =
            look.waiting.iter().filter(|one| one.work.offers.standing.is_none() && look.is_given(one));
        let mut queue: Vec<_> = given.map(|one| look.in_line(one, &candidates)).collect();
        let assignments = queue::hand_out(&mut queue, &mut candidates, RoutedBy::Automatic, look.now);
        let chosen: HashMap<_, _> = assignments.iter().map(|one| (one.session, one.agent)).collect();
        let given =
            assignments.into_iter().filter_map(|one| Some((one.session, look.giving(one)?))).collect();
        let holders = self.route_all(look, given).await;
        let given = holders
            .into_iter()
            .filter_map(|(session, holder)| holder.filter(|holder| chosen.get(&session) == Some(holder)));
        self.inner.store.agents_given(&given.collect::<Vec<_>>(), look.now).await?;
        // Who could take what is left has passed: perhaps the round begins again.
        let passed = queue.iter().filter(|one| !one.need.passed.is_empty());
        let again =
            passed.filter_map(|one| Some((one.session, look.next_round(one.session, &mut candidates)?)));
        let again = again.collect();
        self.route_all(look, again).await;
        Ok(())
    }

    /// Ends the offers whose time is over, and those of agents who are gone.
    async fn end_offers(&self, look: &mut Look) -> Result<(), StoreError> {
        let over: Vec<_> =
            look.waiting.iter().filter_map(|one| Some((one.session, look.end_of(one)?))).collect();
        let ends = over
            .iter()
            .map(|(session, (agent, end))| (*session, Action::Step(Box::new(Step::EndOffer(*agent, *end)))));
        self.route_all(look, ends.collect()).await;
        for (_, (agent, end)) in over {
            if end == OfferEnd::Unanswered {
                self.left_unanswered(look, agent).await?;
            }
        }
        Ok(())
    }

    /// Who leaves too many offers in a row unanswered is not at the desk.
    async fn left_unanswered(&self, look: &mut Look, agent: AgentId) -> Result<(), StoreError> {
        let Some(most) = look.settings.away_after_unanswered else { return Ok(()) };
        let count = {
            let mut known = self.inner.duty.known();
            let count = known.unanswered.entry(agent).or_default();
            *count += 1;
            *count
        };
        if count < most {
            return Ok(());
        }
        self.inner.duty.known().unanswered.remove(&agent);
        self.inner.store.choose_availability(agent, Availability::Away, look.now).await?;
        if let Some(one) = look.team.iter_mut().find(|one| one.on_duty.agent.id == agent) {
            (one.now, one.on_duty.chosen) = (Availability::Away, Availability::Away);
        }
        Ok(())
    }
}
