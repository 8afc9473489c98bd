//! Telling people what a look saw: the team who is what, agents what they are asked, customers where they stand.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use persistence::StoreError;
use protocol::{
    AgentId, Audience, Availability, Load, OfferEnd, ServerFrame, SessionId, UtcMillis, rest::QueuePlace,
};

use super::{Look, Standing};
use crate::{AgentHere, Hub, Outbound, routing::queue, session::Command};

/// Most members of whom one who has just come is told at once: less than half of what a connection's queue takes.
const GREETED: usize = 100;

/// What the team was told of one of them.
pub(super) struct Told {
    pub(super) status: Availability,
    load: Load,
    frame: Bytes,
}

/// What an agent was asked.
pub(super) struct ToldOffer {
    agent: AgentId,
    until: UtcMillis,
    frame: Bytes,
}

fn frame(frame: &ServerFrame) -> Bytes {
    frame.encode().into()
}

impl Hub {
    /// What is told to the whole team, or to this agent, is told to this connection too: first what was told before.
    pub fn agent_hears(&self, here: &AgentHere, outbound: &Outbound) {
        here.hears(outbound.clone());
        let known = self.inner.duty.known();
        let mut told: Vec<_> = known.told.values().collect();
        told.sort_by_key(|told| told.status == Availability::Offline);
        let offers = known.offers.values().filter(|offer| offer.agent == here.agent());
        for frame in told.iter().take(GREETED).map(|told| &told.frame).chain(offers.map(|offer| &offer.frame))
        {
            outbound.push(frame.clone());
        }
    }

    pub(super) fn tell_team(&self, team: &[Standing]) {
        let mut known = self.inner.duty.known();
        for one in team {
            let (id, status, load) = (one.on_duty.agent.id, one.now, one.load());
            if known.told.get(&id).is_some_and(|told| (told.status, told.load) == (status, load)) {
                continue;
            }
            let Load { active, max } = load;
            let agent = one.on_duty.agent.clone();
            let frame = frame(&ServerFrame::Availability { agent, status, active, max });
            self.inner.people.tell(&frame);
            known.told.insert(id, Told { status, load, frame });
        }
        known.told.retain(|agent, _| team.iter().any(|one| one.on_duty.agent.id == *agent));
    }

    /// Tells agents who are connected here what they are asked, and what they are not asked any more.
    pub(super) async fn tell_offers(&self, look: &Look) -> Result<(), StoreError> {
        let standing: HashMap<_, _> = look
            .waiting
            .iter()
            .filter_map(|one| one.work.offers.standing.as_ref().map(|offer| (one.session, offer)))
            .collect();
        let over: Vec<(SessionId, AgentId)> = {
            let mut known = self.inner.duty.known();
            let over = known.offers.extract_if(|session, told| {
                standing.get(session).is_none_or(|now| (now.agent.id, now.until) != (told.agent, told.until))
            });
            over.map(|(session, told)| (session, told.agent)).collect()
        };
        for (session, agent) in over {
            let end = self.end_told(look, session, agent).await?;
            if matches!(end, OfferEnd::Accepted | OfferEnd::Declined) {
                self.inner.duty.known().unanswered.remove(&agent);
            }
            self.inner.people.tell_one(agent, || frame(&ServerFrame::OfferEnded { session, end }));
        }
        let here: HashSet<_> = self.inner.people.connected().into_iter().map(|(agent, _)| agent).collect();
        for (session, offer) in standing {
            let new = !self.inner.duty.known().offers.contains_key(&session);
            if !new || !here.contains(&offer.agent.id) {
                continue;
            }
            let Some(row) = self.inner.store.session(session).await? else { continue };
            let summary = row.summary(Audience::Team);
            let frame = frame(&ServerFrame::Offer { session: summary, until: offer.until });
            let told = ToldOffer { agent: offer.agent.id, until: offer.until, frame: frame.clone() };
            self.inner.duty.known().offers.insert(session, told);
            self.inner.people.tell_one(offer.agent.id, || frame);
        }
        Ok(())
    }

    /// How an offer ended that does not stand any more.
    async fn end_told(
        &self,
        look: &Look,
        session: SessionId,
        agent: AgentId,
    ) -> Result<OfferEnd, StoreError> {
        if let Some(one) = look.waiting.iter().find(|one| one.session == session) {
            let passed = one.work.offers.passed.iter().find(|passed| passed.agent_id == agent);
            return Ok(match passed.map(|passed| passed.how) {
                Some(protocol::Pass::Declined) => OfferEnd::Declined,
                Some(protocol::Pass::Unanswered) => OfferEnd::Unanswered,
                Some(protocol::Pass::HandedOn) | None => OfferEnd::Gone,
            });
        }
        let holder = self.inner.store.session(session).await?.and_then(|session| session.assignee);
        let theirs = holder.is_some_and(|holder| holder.id == agent);
        Ok(if theirs { OfferEnd::Accepted } else { OfferEnd::Withdrawn })
    }

    /// Tells those who follow their session here, when their place has changed, or they have none any more. Who was
    /// taken as a message is not told to wait.
    pub(super) fn tell_places(&self, look: &Look) {
        let candidates = look.candidates();
        let queue: Vec<_> = look.waiting.iter().map(|one| look.in_line(one, &candidates)).collect();
        let messages: HashSet<_> =
            look.waiting.iter().filter(|one| one.work.as_message.is_some()).map(|one| one.session).collect();
        let online = look.team.iter().filter(|one| one.now == Availability::Online).count();
        let online = u32::try_from(online).unwrap_or(u32::MAX);
        let mut known = self.inner.duty.known();
        let since: HashMap<_, _> = look.waiting.iter().map(|one| (one.session, one.since)).collect();
        let waited = std::mem::replace(&mut known.waited, since);
        for (session, since) in waited {
            if !known.waited.contains_key(&session) {
                known.recent.taken(since, look.now);
            }
        }
        let first = look.waiting.iter().map(|one| one.since).min().unwrap_or(look.now);
        let mut places = HashMap::with_capacity(queue.len());
        for place in queue::places(&queue).into_iter().filter(|place| !messages.contains(&place.session)) {
            let estimate = known.recent.estimate(place.position - 1, first, online, look.now);
            let estimate_s = estimate.map(|wait| wait.as_secs());
            let news = QueuePlace { position: place.position, waiting: place.waiting, estimate_s };
            if known.places.get(&place.session) != Some(&news) {
                self.tell_live(place.session, Command::Placed(Some(news)));
            }
            places.insert(place.session, news);
        }
        let before = std::mem::replace(&mut known.places, places);
        for session in before.into_keys().filter(|session| !known.places.contains_key(session)) {
            self.tell_live(session, Command::Placed(None));
        }
    }
}
