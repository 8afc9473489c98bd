//! The rules of a session that waits for an agent: for whom it is, whom it is offered to, and when waiting is over.

use persistence::Session;
use protocol::{
    AgentId, AgentRef, AskedSkill, Entry, EntryKind, Event, MessageBody, OfferEnd, OfferEvent, Routed,
    Status, TakenBecause, TeamRef, UtcMillis, Work,
};

use super::{Decision, Draft};
use crate::{Caller, HubError, routing::offers::Offers};

/// What Hubbub itself does with a session that waits. Nothing if it does not, or does so in another way by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask an agent.
    Ask(OfferEvent, Routed),
    /// Ask this agent no more.
    EndOffer(AgentId, OfferEnd),
    /// Take it as a message.
    TakeAsMessage {
        /// Why.
        because: TakenBecause,
        /// When the site opens.
        opens_at: Option<UtcMillis>,
    },
    /// It waited too long: it is for this team from now on.
    FallBack(TeamRef),
}

/// Whether it waits for somebody to hold it.
pub(super) fn waits(session: &Session) -> bool {
    matches!(session.status, Status::Open | Status::InProgress)
        && session.assignee.is_none()
        && session.ticket.queued_since.is_some()
}

fn offer(offer: OfferEvent) -> Draft {
    Draft::event(Event::Offer { offer })
}

pub(super) fn step(session: &Session, step: &Step) -> Decision {
    let work = &session.ticket.work;
    let standing = work.offers.standing.as_ref();
    let drafts = match step {
        _ if !waits(session) => Vec::new(),
        Step::Ask(event, why) if standing.is_none() => {
            vec![Draft::event(Event::Routed { why: Box::new(why.clone()) }), offer(event.clone())]
        }
        Step::EndOffer(agent, end) if standing.is_some_and(|standing| standing.agent.id == *agent) => {
            vec![offer(OfferEvent::Ended { agent: *agent, end: *end })]
        }
        Step::TakeAsMessage { because, opens_at } if work.as_message.is_none() => {
            vec![Draft::event(Event::TakenAsMessage { because: *because, opens_at: *opens_at })]
        }
        Step::FallBack(to) if !work.waited_too_long => {
            vec![Draft::event(Event::WaitedTooLong { to: to.clone() })]
        }
        Step::Ask(..) | Step::EndOffer(..) | Step::TakeAsMessage { .. } | Step::FallBack(_) => Vec::new(),
    };
    Decision::of(drafts)
}

/// An agent takes the session that nobody holds; if it was offered to them, they accept.
pub(super) fn taken(session: &Session, agent: &AgentRef) -> Vec<Draft> {
    let asked = session.ticket.work.offers.standing.as_ref().is_some_and(|offer| offer.agent.id == agent.id);
    let accepts = asked.then(|| offer(OfferEvent::Ended { agent: agent.id, end: OfferEnd::Accepted }));
    let assigned = Draft::event(Event::Assigned { agent: Some(agent.clone()) });
    accepts.into_iter().chain([assigned]).collect()
}

/// An agent answers an offer.
pub(super) fn answer(
    session: &Session,
    caller: &Caller,
    accepts: bool,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    let Caller::Agent { agent, .. } = caller else {
        return Err(HubError::Forbidden("Only the team is asked to take chats."));
    };
    match &session.assignee {
        Some(holder) if holder.id == agent.id && accepts => return Ok(Decision::Nothing),
        Some(holder) if holder.id != agent.id => {
            return Err(HubError::AlreadyClaimed { holder: holder.name.clone() });
        }
        _ => {}
    }
    let offers = Offers::from(session.ticket.work.offers.clone());
    let answered = offers.answer(agent.id, accepts, now).map_err(|_| HubError::OfferOver)?;
    let drafts = if accepts { taken(session, agent) } else { vec![offer(answered)] };
    Ok(Decision::Append(drafts))
}

/// It goes back in line, for others.
pub(super) fn hand_on(
    session: &Session,
    team: Option<&TeamRef>,
    skills: &[AskedSkill],
    note: Option<&MessageBody>,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if let Some(note) = note {
        let body = note.as_str().to_owned();
        drafts.push(Draft {
            id: None,
            by: None,
            kind: EntryKind::Note,
            body,
            event: None,
            mentions: Vec::new(),
            attachments: Vec::new(),
        });
    }
    let from = session.assignee.clone();
    if from.is_some() {
        drafts.push(Draft::event(Event::Assigned { agent: None }));
    }
    drafts.push(Draft::event(Event::HandedOn { from, team: team.cloned(), skills: skills.to_vec() }));
    drafts
}

/// Folds an event into what a session asks for and where its offers stand.
pub(super) fn apply(work: &mut Work, entry: &Entry, event: &Event) {
    match event {
        Event::TeamChanged { to } => {
            work.team.clone_from(to);
            (work.offers, work.waited_too_long) = Default::default();
        }
        Event::SkillsChanged { to } => {
            work.skills.clone_from(to);
            work.offers = Default::default();
        }
        Event::LanguageChanged { to } => work.language.clone_from(to),
        Event::HandedOn { from, team, skills } => {
            work.team.clone_from(team);
            work.skills.clone_from(skills);
            work.handed_on_by = from.as_ref().map(|agent| agent.id);
            (work.offers, work.waited_too_long) = Default::default();
        }
        Event::Offer { offer } => {
            let mut offers = Offers::from(std::mem::take(&mut work.offers));
            offers.apply(offer, entry.created_at);
            work.offers = offers.into();
        }
        Event::TakenAsMessage { because, .. } => work.as_message = Some(*because),
        Event::WaitedTooLong { to } => {
            work.team = Some(to.clone());
            work.waited_too_long = true;
            work.offers = Default::default();
        }
        _ => {}
    }
}

/// After an event: what belongs to the wait ends with it. Who is put aside is not offered, but was taken as a message.
pub(super) fn settle(work: &mut Work, queued: bool, over: bool) {
    if !queued {
        work.offers = Default::default();
    }
    if over {
        (work.handed_on_by, work.as_message, work.waited_too_long) = Default::default();
    }
}
