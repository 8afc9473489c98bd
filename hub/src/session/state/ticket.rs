//! The rules of a session as the team's piece of work: who holds it, how urgent it is, what it is about, and when.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use persistence::Session;
use protocol::{
    AgentId, AgentRef, AskedSkill, Ending, Entry, EntryKind, Event, MessageBody, Priority, Reminder, Role,
    Routed, RuleId, RuleRuns, SlaTold, Status, TeamId, TeamRef, Ticket, UtcMillis, limits,
};

use super::{Decision, Draft, line, status_change};
use crate::{Caller, HubError};

/// What an agent changes of a session, all of it together. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// The new status.
    pub status: Option<Status>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new subject, or none.
    pub subject: Option<Option<String>>,
    /// The new category, or none.
    pub category: Option<Option<String>>,
    /// All tags from now on, in any order.
    pub tags: Option<Vec<String>>,
    /// Tags that come, beside those that are there.
    pub added_tags: Vec<String>,
    /// Tags that go.
    pub removed_tags: Vec<String>,
    /// Attributes that come or change, and (none) those that go.
    pub attributes: BTreeMap<String, Option<String>>,
    /// Put aside until then, or no longer.
    pub snoozed_until: Option<Option<UtcMillis>>,
    /// For this team, or for anybody.
    pub team: Option<Option<TeamRef>>,
    /// All that whoever answers must know.
    pub skills: Option<Vec<AskedSkill>>,
    /// The customer's language, or any.
    pub language: Option<Option<String>>,
}

pub(super) fn update(session: &Session, caller: &Caller, update: &Update) -> Result<Decision, HubError> {
    if let Caller::Customer(_) = caller {
        return Err(HubError::Forbidden("Only the team can change that."));
    }
    let ticket = &session.ticket;
    let mut drafts = Vec::new();
    let mut happens = |event| drafts.push(Draft::event(event));
    if let Some(to) = update.priority.filter(|to| *to != ticket.priority) {
        happens(Event::PriorityChanged { from: ticket.priority, to });
    }
    if let Some(to) = update.subject.as_ref().filter(|to| **to != ticket.subject) {
        happens(Event::SubjectChanged { to: to.clone() });
    }
    if let Some(to) = update.category.as_ref().filter(|to| **to != ticket.category) {
        happens(Event::CategoryChanged { to: to.clone() });
    }
    if let Some(tags) = &update.tags {
        let added: Vec<_> = tags.iter().filter(|tag| !ticket.tags.contains(tag)).cloned().collect();
        let removed: Vec<_> = ticket.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        if !added.is_empty() || !removed.is_empty() {
            happens(Event::Tagged { added, removed });
        }
    }
    if let Some(event) = more_tags(&ticket.tags, update)? {
        happens(event);
    }
    if let Some(to) = update.team.as_ref().filter(|to| id(to.as_ref()) != id(ticket.work.team.as_ref())) {
        happens(Event::TeamChanged { to: to.clone() });
    }
    if let Some(to) = update.skills.as_ref().filter(|to| **to != ticket.work.skills) {
        happens(Event::SkillsChanged { to: to.clone() });
    }
    if let Some(to) = update.language.as_ref().filter(|to| **to != ticket.work.language) {
        happens(Event::LanguageChanged { to: to.clone() });
    }
    if let Some(event) = attributes(&ticket.work.attributes, &update.attributes)? {
        happens(event);
    }
    match update.snoozed_until {
        Some(Some(until)) if ticket.snoozed_until != Some(until) => {
            if let Status::Resolved | Status::Closed = update.status.unwrap_or(session.status) {
                return Err(HubError::WrongStatus {
                    status: session.status,
                    hint: "only what is open or in progress can be put aside.",
                });
            }
            happens(Event::Snoozed { until });
        }
        Some(None) if ticket.snoozed_until.is_some() => happens(Event::Unsnoozed),
        _ => {}
    }
    if let Some(to) = update.status {
        drafts.extend(status_change(session, to)?.map(Draft::event));
    }
    Ok(Decision::of(drafts))
}

fn more_tags(now: &[String], update: &Update) -> Result<Option<Event>, HubError> {
    let added: Vec<_> = update.added_tags.iter().filter(|tag| !now.contains(tag)).cloned().collect();
    let mut removed = update.removed_tags.clone();
    removed.retain(|tag| now.contains(tag) && !update.added_tags.contains(tag));
    if now.len() - removed.len() + added.len() > limits::TAGS {
        return Err(HubError::Limit { field: "tags", limit: limits::TAGS });
    }
    Ok((!added.is_empty() || !removed.is_empty()).then_some(Event::Tagged { added, removed }))
}

fn id(team: Option<&TeamRef>) -> Option<TeamId> {
    team.map(|team| team.id)
}

fn attributes(
    now: &BTreeMap<String, String>,
    said: &BTreeMap<String, Option<String>>,
) -> Result<Option<Event>, HubError> {
    let (mut set, mut removed) = (BTreeMap::new(), Vec::new());
    for (name, value) in said {
        match value {
            Some(value) if now.get(name) != Some(value) => drop(set.insert(name.clone(), value.clone())),
            None if now.contains_key(name) => removed.push(name.clone()),
            Some(_) | None => {}
        }
    }
    let added = set.keys().filter(|name| !now.contains_key(*name)).count();
    if now.len() - removed.len() + added > limits::ATTRIBUTES {
        return Err(HubError::Limit { field: "attributes", limit: limits::ATTRIBUTES });
    }
    Ok((!set.is_empty() || !removed.is_empty()).then_some(Event::AttributesChanged { set, removed }))
}

/// The session's time aside is over, if it still is until `due`.
pub(super) fn wake(session: &Session, due: UtcMillis, now: UtcMillis) -> Decision {
    match session.ticket.snoozed_until {
        Some(until) if until == due && until <= now => Decision::Append(vec![Draft::event(Event::Unsnoozed)]),
        _ => Decision::Nothing,
    }
}

/// Routing chose somebody, if the session still waits for a holder.
pub(super) fn route(session: &Session, why: &Routed) -> Decision {
    let waits = line::waits(session) && session.ticket.work.offers.standing.is_none();
    match &why.chosen {
        Some(chosen) if waits => Decision::Append(vec![
            Draft::event(Event::Routed { why: Box::new(why.clone()) }),
            Draft::event(Event::Assigned { agent: Some(chosen.agent.clone()) }),
        ]),
        _ => Decision::Nothing,
    }
}

/// The holder is gone, if it still is this one.
pub(super) fn give_back(session: &Session, holder: AgentId, why: &Routed) -> Decision {
    let active = matches!(session.status, Status::Open | Status::InProgress);
    if !active || session.assignee.as_ref().is_none_or(|now| now.id != holder) {
        return Decision::Nothing;
    }
    Decision::Append(vec![
        Draft::event(Event::Routed { why: Box::new(why.clone()) }),
        Draft::event(Event::Assigned { agent: None }),
    ])
}

/// How a session comes to another holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignment {
    /// To this agent, or (none) back in line.
    Assign(Option<AgentRef>),
    /// To this agent, with a word for them.
    Transfer(AgentRef, Option<MessageBody>),
    /// Back in line, for a team or for whoever has these skills, with a word for them.
    HandOn {
        /// Which team, if it is to be one.
        team: Option<TeamRef>,
        /// What they must know.
        skills: Vec<AskedSkill>,
        /// The word.
        note: Option<MessageBody>,
    },
}

pub(super) fn assign(session: &Session, caller: &Caller, how: &Assignment) -> Result<Decision, HubError> {
    match (caller, &session.assignee) {
        (Caller::Customer(_), _) => return Err(HubError::Forbidden("Only the team can hand a chat over.")),
        (Caller::Agent { agent, role: Role::Agent, .. }, Some(holder)) if holder.id != agent.id => {
            return Err(HubError::Forbidden("Only a supervisor can take a chat from a colleague."));
        }
        _ => {}
    }
    if session.status == Status::Closed {
        return Err(HubError::WrongStatus {
            status: session.status,
            hint: "a new message opens a new chat.",
        });
    }
    let holds = |agent: &AgentRef| session.assignee.as_ref().is_some_and(|holder| holder.id == agent.id);
    let mut drafts = Vec::new();
    match how {
        Assignment::HandOn { team, skills, note } => {
            drafts = line::hand_on(session, team.as_ref(), skills, note.as_ref());
        }
        Assignment::Assign(None) if session.assignee.is_none() => {}
        Assignment::Assign(None) => drafts.push(Draft::event(Event::Assigned { agent: None })),
        Assignment::Assign(Some(agent)) | Assignment::Transfer(agent, _) if holds(agent) => {}
        Assignment::Assign(Some(agent)) if session.assignee.is_none() => {
            drafts = line::taken(session, agent);
        }
        Assignment::Assign(Some(agent)) | Assignment::Transfer(agent, _) => {
            if let Assignment::Transfer(_, Some(note)) = how {
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
            drafts.push(Draft::event(Event::Transferred { from, to: agent.clone() }));
        }
    }
    Ok(Decision::of(drafts))
}

/// Folds an event into what the team notes. The session's status and holder are as they are after it.
pub(super) fn apply(session: &mut Session, entry: &Entry, event: &Event) {
    follow_course(session, entry, event);
    let active = matches!(session.status, Status::Open | Status::InProgress);
    let (held, since) = (session.assignee.is_some(), session.waiting_since.unwrap_or(entry.created_at));
    let ticket: &mut Ticket = Arc::make_mut(&mut session.ticket);
    match event {
        Event::PriorityChanged { to, .. } => ticket.priority = *to,
        Event::SubjectChanged { to } => ticket.subject.clone_from(to),
        Event::CategoryChanged { to } => ticket.category.clone_from(to),
        Event::Tagged { added, removed } => {
            ticket.tags.retain(|tag| !removed.contains(tag));
            ticket.tags.extend(added.iter().cloned());
            ticket.tags.sort_unstable();
            ticket.tags.dedup();
        }
        Event::AttributesChanged { set, removed } => {
            let attributes = &mut ticket.work.attributes;
            attributes.retain(|name, _| !removed.contains(name));
            attributes.extend(set.clone());
        }
        Event::Snoozed { until } => ticket.snoozed_until = Some(*until),
        Event::Unsnoozed => ticket.snoozed_until = None,
        Event::Started { .. }
        | Event::Assigned { .. }
        | Event::Transferred { .. }
        | Event::StatusChanged { .. }
        | Event::Reopened { .. }
        | Event::Closed { .. }
        | Event::Continued { .. }
        | Event::Rated { .. }
        | Event::Edited { .. }
        | Event::Deleted { .. }
        | Event::Joined { .. }
        | Event::Routed { .. }
        | Event::Merged { .. }
        | Event::MergedFrom { .. }
        | Event::Unmerged { .. }
        | Event::Answered
        | Event::SlaWarned { .. }
        | Event::SlaBreached { .. }
        | Event::Reminded { .. }
        | Event::MacroRan { .. }
        | Event::Ending { .. }
        | Event::ContactChanged { .. }
        | Event::ContactBlocked { .. }
        | Event::ContactUnblocked => {}
        Event::Automated { rule, .. } => count_run(&mut ticket.work.automated, rule.id, entry.created_at),
        Event::TeamChanged { .. }
        | Event::SkillsChanged { .. }
        | Event::LanguageChanged { .. }
        | Event::HandedOn { .. }
        | Event::Offer { .. }
        | Event::TakenAsMessage { .. }
        | Event::WaitedTooLong { .. } => line::apply(&mut ticket.work, entry, event),
    }
    if !active {
        ticket.snoozed_until = None;
    }
    // Who comes back in line keeps the place that the customer's waiting gives.
    let queued = active && !held && ticket.snoozed_until.is_none();
    line::settle(&mut ticket.work, queued, held || !active);
    ticket.queued_since = queued.then(|| ticket.queued_since.unwrap_or(since));
}

/// How long a rule's runs are counted together.
const COUNTED: Duration = Duration::from_secs(60 * 60);

/// How often the rule has done something to the session within the hour.
pub fn runs_of_late(session: &Session, rule: RuleId, now: UtcMillis) -> u32 {
    let counted = session.ticket.work.automated.iter().find(|counted| counted.rule == rule);
    counted.filter(|counted| now.since(counted.since) <= COUNTED).map_or(0, |counted| counted.runs)
}

fn count_run(counted: &mut Vec<RuleRuns>, rule: RuleId, now: UtcMillis) {
    counted.retain(|counted| now.since(counted.since) <= COUNTED);
    match counted.iter_mut().find(|counted| counted.rule == rule) {
        Some(counted) => counted.runs += 1,
        None => counted.push(RuleRuns { rule, since: now, runs: 1 }),
    }
}

/// Folds an event into what the clock has to know.
fn follow_course(session: &mut Session, entry: &Entry, event: &Event) {
    let (at, created_at, waiting_since) = (entry.created_at, session.created_at, session.waiting_since);
    let course = &mut Arc::make_mut(&mut session.ticket).work.course;
    match event {
        Event::Snoozed { until } => course.pause(at, Some(*until)),
        Event::Unsnoozed => course.go_on(at),
        Event::StatusChanged { to: Status::Resolved, .. } => {
            course.go_on(at);
            course.resolved_at = Some(at);
            course.reminded.clear();
        }
        Event::Reopened { .. } => {
            let resolved_at = course.resolved_at.take();
            course.pause(resolved_at.unwrap_or(at), Some(at));
        }
        Event::Assigned { agent: Some(_) } | Event::Transferred { .. } => {
            course.reminded.retain(|about| *about != Reminder::Unassigned);
        }
        Event::SlaWarned { target, .. } | Event::SlaBreached { target, .. } => {
            let since = target.since(created_at, waiting_since);
            let breached = matches!(event, Event::SlaBreached { .. });
            course.told.insert(*target, SlaTold { since, breached });
        }
        Event::Reminded { about } => course.reminded.push(*about),
        Event::Ending { at } => course.ending = Some(Ending { at: *at, seq: entry.seq.next() }),
        _ => {}
    }
}
