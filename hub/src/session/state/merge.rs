//! The rules of merging two sessions of one customer, and of undoing it. Each has its own log before and after; what goes
//! on is one of them.

use std::{collections::BTreeMap, sync::Arc};

use persistence::Session;
use protocol::{Entry, Event, MergedInto, MergedSource, PartyKind, Status, UtcMillis, limits};

use super::{Draft, reopened_status};
use crate::{Caller, HubError};

/// What is appended to the two logs, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both {
    /// To the one that is merged, or was.
    pub source: Vec<Draft>,
    /// To the one in which it goes on.
    pub target: Vec<Draft>,
}

/// What it takes to let `source`, of so many messages, go on in `target`. Nothing if it does.
///
/// # Errors
/// The rule that stands against it.
pub fn merge(
    source: &Session,
    target: &Session,
    messages: u64,
    caller: &Caller,
) -> Result<Option<Both>, HubError> {
    seen_by_team(source, target, caller)?;
    if source.id == target.id {
        return Err(HubError::NotMergeable("A chat cannot be merged with itself."));
    }
    if source.contact.id != target.contact.id || source.site_id != target.site_id {
        return Err(HubError::NotMergeable("These are chats of two customers."));
    }
    if let Some(merged) = &source.ticket.work.merged_into {
        if merged.session_id == target.id {
            return Ok(None);
        }
        return Err(HubError::NotMergeable("It is merged into another chat already. Undo that first."));
    }
    if source.next.is_some() {
        return Err(HubError::NotMergeable("It goes on in another chat. Merge that one."));
    }
    if target.status == Status::Closed {
        return Err(HubError::NotMergeable("The other chat is closed. Merge into one that goes on."));
    }
    if target.ticket.work.merged_from.len() >= limits::MERGED {
        return Err(HubError::Limit { field: "merged chats", limit: limits::MERGED });
    }
    let active = matches!(source.status, Status::Open | Status::InProgress);
    let mut from = vec![Draft::event(Event::Merged { into: target.id, number: target.number })];
    if source.status != Status::Closed {
        from.push(Draft::event(Event::Closed { from: source.status }));
    }
    if follows(source, target) {
        from.push(Draft::event(Event::Continued { session_id: target.id }));
    }
    let mut into = Vec::new();
    if active && target.status == Status::Resolved {
        into.push(Draft::event(Event::Reopened { to: reopened_status(target) }));
    }
    if active && target.ticket.snoozed_until.is_some() {
        into.push(Draft::event(Event::Unsnoozed));
    }
    into.extend(united(source, target).into_iter().map(Draft::event));
    into.push(Draft::event(Event::MergedFrom {
        session_id: source.id,
        number: source.number,
        messages,
        last_seq: source.last_seq,
        waiting_since: source.waiting_since.filter(|_| active),
        queued_since: source.ticket.queued_since,
    }));
    Ok(Some(Both { source: from, target: into }))
}

/// Whether the customer of `source` may see `target`: who else has the same phone number, or was merged into the same
/// contact, may be somebody else.
fn follows(source: &Session, target: &Session) -> bool {
    source.grant_id == target.grant_id || (source.contact.verified && target.contact.verified)
}

/// What the team noted of `source` and not of `target`, as far as there is room for it.
fn united(source: &Session, target: &Session) -> Vec<Event> {
    let (from, into) = (&source.ticket, &target.ticket);
    let mut events = Vec::new();
    if from.priority > into.priority {
        events.push(Event::PriorityChanged { from: into.priority, to: from.priority });
    }
    let room = limits::TAGS.saturating_sub(into.tags.len());
    let added: Vec<_> = from.tags.iter().filter(|tag| !into.tags.contains(tag)).take(room).cloned().collect();
    if !added.is_empty() {
        events.push(Event::Tagged { added, removed: Vec::new() });
    }
    let (from, into) = (&from.work.attributes, &into.work.attributes);
    let room = limits::ATTRIBUTES.saturating_sub(into.len());
    let new = from.iter().filter(|(name, _)| !into.contains_key(*name)).take(room);
    let set: BTreeMap<_, _> = new.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !set.is_empty() {
        events.push(Event::AttributesChanged { set, removed: Vec::new() });
    }
    events
}

/// What it takes to undo that `source` was merged into `target`.
///
/// # Errors
/// The rule that stands against it.
pub fn unmerge(
    source: &Session,
    target: &Session,
    caller: &Caller,
    now: UtcMillis,
) -> Result<Both, HubError> {
    seen_by_team(source, target, caller)?;
    let merged = source.ticket.work.merged_into.as_ref().filter(|merged| merged.session_id == target.id);
    let Some(merged) = merged else { return Err(HubError::NotMergeable("It is not merged.")) };
    if source.next.is_some_and(|next| next != target.id) {
        return Err(HubError::NotMergeable("Its customer has gone on in another chat since."));
    }
    if now.since(merged.at) > limits::UNMERGE {
        return Err(HubError::NotMergeable("A merge can be undone for 24 hours."));
    }
    let mut from = vec![Draft::event(Event::Unmerged { session_id: target.id, number: target.number })];
    if merged.status != Status::Closed {
        from.push(Draft::event(Event::Reopened { to: merged.status }));
    }
    let into = vec![Draft::event(Event::Unmerged { session_id: source.id, number: source.number })];
    Ok(Both { source: from, target: into })
}

fn seen_by_team(source: &Session, target: &Session, caller: &Caller) -> Result<(), HubError> {
    if !caller.may_see(source) || !caller.may_see(target) {
        return Err(HubError::NotFound);
    }
    match caller {
        Caller::Customer(_) => Err(HubError::Forbidden("Only the team can merge chats.")),
        Caller::Agent { .. } | Caller::System => Ok(()),
    }
}

/// Folds in what merging says. How it was before is kept, since the entries after it change it.
pub(super) fn apply(session: &mut Session, entry: &Entry, event: &Event) {
    match event {
        Event::Merged { into, number } => {
            let (status, waiting_since, closed_at) =
                (session.status, session.waiting_since, session.closed_at);
            let ticket = Arc::make_mut(&mut session.ticket);
            ticket.work.merged_into = Some(MergedInto {
                session_id: *into,
                number: *number,
                at: entry.created_at,
                status,
                waiting_since,
                queued_since: ticket.queued_since,
                snoozed_until: ticket.snoozed_until,
                closed_at,
            });
        }
        Event::MergedFrom { session_id, number, waiting_since, queued_since, .. } => {
            let waiting_before = session.waiting_since;
            session.waiting_since = earlier(waiting_before, *waiting_since);
            let ticket = Arc::make_mut(&mut session.ticket);
            let queued_before = ticket.queued_since;
            ticket.queued_since = queued_before.map(|own| own.min(queued_since.unwrap_or(own)));
            ticket.work.merged_from.push(MergedSource {
                session_id: *session_id,
                number: *number,
                waiting_before,
                waiting_after: session.waiting_since,
                queued_before,
                queued_after: ticket.queued_since,
            });
        }
        Event::Unmerged { session_id, .. } => undo(session, *session_id),
        _ => {}
    }
}

fn undo(session: &mut Session, other: protocol::SessionId) {
    let work = &mut Arc::make_mut(&mut session.ticket).work;
    if let Some(before) = work.merged_into.take_if(|merged| merged.session_id == other) {
        session.status = before.status;
        session.waiting_since = before.waiting_since;
        session.closed_at = before.closed_at;
        session.next = None;
        let ticket = Arc::make_mut(&mut session.ticket);
        (ticket.queued_since, ticket.snoozed_until) = (before.queued_since, before.snoozed_until);
    } else if let Some(at) = work.merged_from.iter().position(|source| source.session_id == other) {
        let source = work.merged_from.remove(at);
        // Else somebody answered since, and what they wait for now is this session's own.
        if session.waiting_since.is_some() && session.waiting_since == source.waiting_after {
            let said = session.last_message.as_ref().filter(|said| said.sender == PartyKind::Customer);
            session.waiting_since = source.waiting_before.or(said.map(|said| said.created_at));
        }
        let ticket = Arc::make_mut(&mut session.ticket);
        if ticket.queued_since.is_some() && ticket.queued_since == source.queued_after {
            ticket.queued_since = source.queued_before;
        }
    }
}

fn earlier(one: Option<UtcMillis>, other: Option<UtcMillis>) -> Option<UtcMillis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
