//! The rules of a session's life, pure: `decide` says what a command appends, `apply` folds an entry in.
//!
//! No clock, no store, no channel: the actor around it brings those.

mod action;
mod amend;
mod attached;
mod begin;
mod draft;
mod effect;
mod line;
mod merge;
mod rating;
mod ticket;

use std::sync::Arc;

use persistence::{Session, SessionChange, Unread};
use protocol::{
    AgentRef, Entry, EntryId, EntryKind, Event, LastMessage, MessageBody, PartyKind, Sender, Status,
    UtcMillis,
};

use uuid::Uuid;

pub use action::{Action, Farewell, Macro, Note, Reply};
pub use amend::Amend;
pub use attached::Attached;
pub use begin::{empty, successor};
pub use draft::Draft;
pub use effect::{Effect, Effects};
pub use line::Step;
pub use merge::{Both, merge, unmerge};
pub use ticket::{Assignment, Update, runs_of_late};

use crate::{Caller, HubError, due};

/// What a command leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Append these, all by the caller.
    Append(Vec<Draft>),
    /// It is so already.
    Nothing,
    /// The session is closed: the message begins, or goes on in, another one.
    Elsewhere,
}

impl Decision {
    fn of(drafts: Vec<Draft>) -> Self {
        if drafts.is_empty() { Self::Nothing } else { Self::Append(drafts) }
    }
}

/// What `action` by `caller` leads to in `session` at this time.
///
/// # Errors
/// The rule that stands against it.
pub fn decide(
    session: &Session,
    caller: &Caller,
    action: &Action,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    if !caller.may_see(session) {
        return Err(HubError::NotFound);
    }
    if matches!(caller, Caller::Customer(_)) && session.contact.is_blocked(now) {
        return Err(HubError::Blocked);
    }
    match action {
        Action::Message { id, body } => Ok(message(session, caller, *id, body)),
        Action::Reply(reply) => self::reply(session, caller, reply),
        Action::Note(note) => self::note(session, caller, note),
        Action::Attached(attached) => attached::attached(session, caller, attached, now),
        Action::Amend(amend) => amend::amend(session, caller, amend, now),
        Action::Join => join(session, caller),
        Action::Claim => claim(session, caller),
        Action::SetStatus(to) => set_status(session, caller, *to),
        Action::Update(update) => ticket::update(session, caller, update),
        Action::Assign(how) => ticket::assign(session, caller, how),
        Action::Macro(run) => effect::run_macro(session, caller, run, now),
        Action::Farewell { id, words } => Ok(farewell(session, caller, *id, words)),
        Action::Ring(_) | Action::Wake(_) | Action::Route(_) | Action::Return { .. } | Action::Step(_)
            if !matches!(caller, Caller::System) =>
        {
            Err(HubError::Forbidden("Only Hubbub itself does that."))
        }
        Action::Answer(accepts) => line::answer(session, caller, *accepts, now),
        Action::Step(step) => Ok(line::step(session, step)),
        Action::Ring(rules) => Ok(Decision::of(rules.due(session, now))),
        Action::Wake(due) => Ok(ticket::wake(session, *due, now)),
        Action::Route(why) => Ok(ticket::route(session, why)),
        Action::Return { holder, why } => Ok(ticket::give_back(session, *holder, why)),
        Action::Rate { score, comment } => rating::rate(session, caller, *score, comment.as_deref(), now),
    }
}

fn message(session: &Session, caller: &Caller, id: EntryId, body: &MessageBody) -> Decision {
    let mut drafts = Vec::with_capacity(2);
    if session.ticket.snoozed_until.is_some() && matches!(caller, Caller::Customer(_)) {
        drafts.push(Draft::event(Event::Unsnoozed));
    }
    match (session.status, caller) {
        (Status::Closed, _) => return Decision::Elsewhere,
        (Status::Resolved, Caller::Agent { .. } | Caller::System) => {
            drafts.push(Draft::event(Event::Reopened { to: Status::InProgress }));
        }
        (Status::Resolved, Caller::Customer(_)) => {
            drafts.push(Draft::event(Event::Reopened { to: reopened_status(session) }));
        }
        (Status::Open, Caller::Agent { .. }) => {
            drafts.push(Draft::event(Event::StatusChanged { from: Status::Open, to: Status::InProgress }));
        }
        (Status::InProgress, Caller::Agent { .. }) if session.ticket.work.course.answered_at.is_none() => {
            drafts.push(Draft::event(Event::Answered));
        }
        (Status::Open | Status::InProgress, _) => {}
    }
    // The message stays last, so that its seq is the newest thing to read.
    drafts.push(Draft::text(EntryKind::Message, id, body));
    Decision::Append(drafts)
}

fn reply(session: &Session, caller: &Caller, reply: &Reply) -> Result<Decision, HubError> {
    match &reply.answer {
        Some(answer) if session.status != Status::Closed => {
            let name = match &answer.sender {
                Sender::Agent { name, .. } => name.clone(),
                Sender::Customer { .. } | Sender::System => None,
            };
            Err(HubError::AnsweredMeanwhile { by: name.unwrap_or_else(|| "A colleague".to_owned()) })
        }
        _ => Ok(message(session, caller, reply.id, &reply.body)),
    }
}

/// A customer's message that ends the session: it is stored, answered, and that is all.
fn farewell(session: &Session, caller: &Caller, id: EntryId, words: &Farewell) -> Decision {
    let Decision::Append(mut drafts) = message(session, caller, id, &words.body) else {
        return Decision::Elsewhere;
    };
    drafts.extend(due::said(words.answer.clone()));
    let from = match session.status {
        Status::Resolved => reopened_status(session),
        status => status,
    };
    drafts.push(Draft::event(Event::Closed { from }));
    Decision::Append(drafts)
}

fn note(session: &Session, caller: &Caller, note: &Note) -> Result<Decision, HubError> {
    match caller {
        Caller::Customer(_) => Err(HubError::Forbidden("Notes are the team's.")),
        Caller::Agent { .. } | Caller::System if session.goes_on_in().is_some() => {
            Err(HubError::WrongStatus {
                status: session.status,
                hint: "the chat goes on in another one; write the note there.",
            })
        }
        Caller::Agent { .. } | Caller::System => {
            let draft = Draft::text(EntryKind::Note, note.id, &note.body);
            Ok(Decision::Append(vec![Draft { mentions: note.mentions.clone(), ..draft }]))
        }
    }
}

fn join(session: &Session, caller: &Caller) -> Result<Decision, HubError> {
    let Caller::Agent { agent, .. } = caller else {
        return Err(HubError::Forbidden("Only the team can join a chat."));
    };
    if !caller.supervises() {
        return Err(HubError::Forbidden("Only a supervisor can join a chat."));
    }
    if session.status == Status::Closed {
        return Err(HubError::WrongStatus { status: session.status, hint: "there is nothing to join." });
    }
    Ok(Decision::Append(vec![Draft::event(Event::Joined { agent: AgentRef::clone(agent) })]))
}

fn claim(session: &Session, caller: &Caller) -> Result<Decision, HubError> {
    let Caller::Agent { agent, .. } = caller else {
        return Err(HubError::Forbidden("Only the team can take a chat."));
    };
    match &session.assignee {
        Some(holder) if holder.id == agent.id => Ok(Decision::Nothing),
        Some(holder) => Err(HubError::AlreadyClaimed { holder: holder.name.clone() }),
        None if session.status == Status::Closed => {
            Err(HubError::WrongStatus { status: session.status, hint: "a new message opens a new chat." })
        }
        None => Ok(Decision::Append(line::taken(session, agent))),
    }
}

fn set_status(session: &Session, caller: &Caller, to: Status) -> Result<Decision, HubError> {
    if let (Caller::Customer(_), Status::Open | Status::InProgress | Status::Resolved) = (caller, to) {
        return Err(HubError::Forbidden("A customer can only end the chat."));
    }
    Ok(Decision::of(status_change(session, to)?.map(Draft::event).into_iter().collect()))
}

/// What happens when the session gets this status; nothing if it has it.
fn status_change(session: &Session, to: Status) -> Result<Option<Event>, HubError> {
    use Status::{Closed, InProgress, Open, Resolved};

    let from = session.status;
    let event = match (from, to) {
        (Open, Open) | (InProgress, InProgress) | (Resolved, Resolved) | (Closed, Closed) => {
            return Ok(None);
        }
        (Open, InProgress) | (Open | InProgress, Resolved) => Event::StatusChanged { from, to },
        (Open | InProgress | Resolved, Closed) => Event::Closed { from },
        (Resolved, Open | InProgress) => Event::Reopened { to },
        (InProgress, Open) => {
            return Err(HubError::WrongStatus { status: from, hint: "it was answered already." });
        }
        (Closed, Open | InProgress | Resolved) => {
            return Err(HubError::WrongStatus { status: from, hint: "a new message opens a new chat." });
        }
    };
    Ok(Some(event))
}

fn reopened_status(session: &Session) -> Status {
    if session.assignee.is_some() { Status::InProgress } else { Status::Open }
}

/// Folds the next entry into the session. Unread counts and version are the store's to say.
pub fn apply(session: &mut Session, entry: &Entry) {
    debug_assert_eq!(entry.seq, session.last_seq.next(), "a log has no gaps (promise 2)");
    session.last_seq = entry.seq;
    session.updated_at = entry.created_at;
    if entry.kind == EntryKind::Message {
        let sender = match entry.sender {
            Sender::Customer { .. } => PartyKind::Customer,
            Sender::Agent { .. } | Sender::System => PartyKind::Agent,
        };
        session.waiting_since = match entry.sender {
            Sender::Customer { .. } => session.waiting_since.or(Some(entry.created_at)),
            Sender::Agent { .. } => None,
            // What Hubbub says by itself answers nobody.
            Sender::System => session.waiting_since,
        };
        if let Sender::Agent { .. } = entry.sender
            && session.ticket.work.course.answered_at.is_none()
        {
            // With it comes an event, so that it is stored: see `message`.
            Arc::make_mut(&mut session.ticket).work.course.answered_at = Some(entry.created_at);
        }
        session.last_message = Some(LastMessage {
            seq: entry.seq,
            sender,
            preview: entry.preview(),
            created_at: entry.created_at,
        });
    }
    match &entry.event {
        None => {}
        Some(Event::Started { previous_session_id, .. }) => session.previous = *previous_session_id,
        Some(Event::Assigned { agent }) => session.assignee.clone_from(agent),
        Some(Event::Transferred { to, .. }) => session.assignee = Some(to.clone()),
        Some(Event::StatusChanged { to, .. } | Event::Reopened { to }) => {
            session.status = *to;
            if *to == Status::Resolved {
                session.waiting_since = None;
            }
        }
        Some(Event::Closed { .. }) => {
            session.status = Status::Closed;
            session.closed_at = Some(entry.created_at);
            session.waiting_since = None;
        }
        Some(Event::Continued { session_id }) => session.next = Some(*session_id),
        Some(Event::Rated { score, comment }) => {
            session.rating = Some(rating::rated(session, *score, comment.clone(), entry.created_at));
        }
        Some(Event::Edited { seq, body, .. }) => amend::said_anew(session, *seq, body),
        Some(Event::Deleted { seq, .. }) => amend::said_anew(session, *seq, ""),
        Some(
            Event::Joined { .. }
            | Event::PriorityChanged { .. }
            | Event::SubjectChanged { .. }
            | Event::CategoryChanged { .. }
            | Event::Tagged { .. }
            | Event::AttributesChanged { .. }
            | Event::Snoozed { .. }
            | Event::Unsnoozed
            | Event::Routed { .. }
            | Event::Merged { .. }
            | Event::MergedFrom { .. }
            | Event::Unmerged { .. }
            | Event::TeamChanged { .. }
            | Event::SkillsChanged { .. }
            | Event::LanguageChanged { .. }
            | Event::HandedOn { .. }
            | Event::Offer { .. }
            | Event::TakenAsMessage { .. }
            | Event::WaitedTooLong { .. }
            | Event::Answered
            | Event::SlaWarned { .. }
            | Event::SlaBreached { .. }
            | Event::Reminded { .. }
            | Event::Automated { .. }
            | Event::MacroRan { .. }
            | Event::Ending { .. }
            | Event::ContactChanged { .. }
            | Event::ContactBlocked { .. }
            | Event::ContactUnblocked,
        ) => {}
    }
    if let Some(event) = &entry.event {
        merge::apply(session, entry, event);
        ticket::apply(session, entry, event);
    }
    if session.status == Status::Closed {
        // Closing marks the customer's messages as read (contract §3), and what comes after needs no reading.
        session.read.team = entry.seq;
    }
}

/// Gives the drafts the next places in the log, and folds them in.
pub fn extend(
    session: &mut Session,
    log: &mut Vec<Arc<Entry>>,
    drafts: Vec<Draft>,
    sender: &Sender,
    now: UtcMillis,
    mint: impl Fn() -> Uuid,
) {
    // Time never runs backwards within a log, whatever the clock does.
    let now = now.max(session.updated_at);
    for draft in drafts {
        let entry = draft.place(session.last_seq.next(), sender.clone(), now, &mint);
        apply(session, &entry);
        log.push(Arc::new(entry));
    }
}

/// The row after `entries` brought the session to `after`.
pub fn change(after: &Session, entries: &[Arc<Entry>]) -> SessionChange {
    let mut unread_added = Unread::default();
    for entry in entries {
        match (entry.kind, &entry.sender) {
            (EntryKind::Message, Sender::Customer { .. }) => unread_added.team += 1,
            (EntryKind::Message, Sender::Agent { .. } | Sender::System) => unread_added.customer += 1,
            (EntryKind::Note | EntryKind::Event, _) => {}
        }
    }
    SessionChange {
        status: after.status,
        assignee: after.assignee.as_ref().map(|agent| agent.id),
        ticket: entries.iter().any(|entry| entry.event.is_some()).then(|| after.ticket.clone()),
        last_message: after.last_message.clone(),
        waiting_since: after.waiting_since,
        unread_added,
        updated_at: after.updated_at,
        closed_at: after.closed_at,
        rating: entries
            .iter()
            .any(|entry| matches!(entry.event, Some(Event::Rated { .. })))
            .then(|| after.rating.clone().map(Box::new))
            .flatten(),
    }
}
