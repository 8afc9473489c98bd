//! The rules of a session's life, pure: `decide` says what a command appends, `apply` folds an entry in.
//!
//! No clock, no store, no channel: the actor around it brings those.

mod begin;
mod merge;
mod ticket;

use std::sync::Arc;

use persistence::{Session, SessionChange, Unread};
use protocol::{
    AgentId, AgentRef, Entry, EntryId, EntryKind, Event, LastMessage, MessageBody, PartyKind, Routed, Sender,
    Seq, Status, UtcMillis,
};

use uuid::Uuid;

pub use begin::{empty, successor};
pub use merge::{Both, merge, unmerge};
pub use ticket::{Assignment, Update};

use crate::{Caller, HubError};

/// Characters of the preview of a last message in lists.
const PREVIEW_CHARS: usize = 140;

/// What somebody wants to happen to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Say something to the other side.
    Message {
        /// Chosen by the client.
        id: EntryId,
        /// What.
        body: MessageBody,
    },
    /// Write something for the team only.
    Note {
        /// Chosen by the client.
        id: EntryId,
        /// What.
        body: MessageBody,
    },
    /// Take the session.
    Claim,
    /// Move it along, or end it.
    SetStatus(Status),
    /// Change what the team notes, and the status.
    Update(Box<Update>),
    /// Give it to another holder.
    Assign(Box<Assignment>),
    /// Give it to the agent who was chosen, unless somebody holds it by now.
    Route(Box<Routed>),
    /// Put it back in line, unless its holder is another by now.
    Return {
        /// Who held it.
        holder: AgentId,
        /// Why they do not go on.
        why: Box<Routed>,
    },
    /// Take it up again: it was put aside until this time. Nothing if that has changed.
    Wake(UtcMillis),
    /// Say how it was.
    Rate {
        /// 1 to 5.
        score: u8,
        /// In words.
        comment: Option<String>,
    },
}

impl Action {
    /// The client's id, where the action has one: what makes a retry the same send (promise 3).
    pub const fn id(&self) -> Option<EntryId> {
        match self {
            Self::Message { id, .. } | Self::Note { id, .. } => Some(*id),
            Self::Claim
            | Self::SetStatus(_)
            | Self::Update(_)
            | Self::Assign(_)
            | Self::Wake(_)
            | Self::Route(_)
            | Self::Return { .. }
            | Self::Rate { .. } => None,
        }
    }
}

/// An entry before it has its place and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The client's id; events get a minted one.
    pub id: Option<EntryId>,
    /// Message, note or event.
    pub kind: EntryKind,
    /// The text.
    pub body: String,
    /// What happened.
    pub event: Option<Event>,
}

impl Draft {
    /// Something that happens by the caller's doing.
    pub fn event(event: Event) -> Self {
        Self { id: None, kind: EntryKind::Event, body: String::new(), event: Some(event) }
    }

    fn text(kind: EntryKind, id: EntryId, body: &MessageBody) -> Self {
        Self { id: Some(id), kind, body: body.as_str().to_owned(), event: None }
    }

    fn place(self, seq: Seq, sender: Sender, now: UtcMillis, mint: impl FnOnce() -> Uuid) -> Entry {
        Entry {
            id: self.id.unwrap_or_else(|| EntryId::new(mint())),
            seq,
            kind: self.kind,
            sender,
            body: self.body,
            attachments: Vec::new(),
            event: self.event,
            created_at: now,
        }
    }
}

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
    match action {
        Action::Message { id, body } => Ok(message(session, caller, *id, body)),
        Action::Note { id, body } => note(session, caller, *id, body),
        Action::Claim => claim(session, caller),
        Action::SetStatus(to) => set_status(session, caller, *to),
        Action::Update(update) => ticket::update(session, caller, update),
        Action::Assign(how) => ticket::assign(session, caller, how),
        Action::Wake(_) | Action::Route(_) | Action::Return { .. } if !matches!(caller, Caller::System) => {
            Err(HubError::Forbidden("Only Hubbub itself does that."))
        }
        Action::Wake(due) => Ok(ticket::wake(session, *due, now)),
        Action::Route(why) => Ok(ticket::route(session, why)),
        Action::Return { holder, why } => Ok(ticket::give_back(session, *holder, why)),
        Action::Rate { score, comment } => rate(session, caller, *score, comment.as_deref()),
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
        (Status::Open | Status::InProgress, _) => {}
    }
    // The message stays last, so that its seq is the newest thing to read.
    drafts.push(Draft::text(EntryKind::Message, id, body));
    Decision::Append(drafts)
}

fn note(session: &Session, caller: &Caller, id: EntryId, body: &MessageBody) -> Result<Decision, HubError> {
    match caller {
        Caller::Customer(_) => Err(HubError::Forbidden("Notes are the team's.")),
        Caller::Agent { .. } | Caller::System if session.goes_on_in().is_some() => {
            Err(HubError::WrongStatus {
                status: session.status,
                hint: "the chat goes on in another one; write the note there.",
            })
        }
        Caller::Agent { .. } | Caller::System => {
            Ok(Decision::Append(vec![Draft::text(EntryKind::Note, id, body)]))
        }
    }
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
        None => {
            Ok(Decision::Append(vec![Draft::event(Event::Assigned { agent: Some(AgentRef::clone(agent)) })]))
        }
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

fn rate(session: &Session, caller: &Caller, score: u8, comment: Option<&str>) -> Result<Decision, HubError> {
    match (caller, session.status) {
        (Caller::Agent { .. } | Caller::System, _) => {
            Err(HubError::Forbidden("Only the customer can rate a chat."))
        }
        (Caller::Customer(_), Status::Open | Status::InProgress) => {
            Err(HubError::WrongStatus { status: session.status, hint: "rate it when it is over." })
        }
        (Caller::Customer(_), Status::Resolved | Status::Closed) if session.next.is_some() => {
            Err(HubError::WrongStatus {
                status: session.status,
                hint: "it goes on in another chat; rate that one.",
            })
        }
        (Caller::Customer(_), Status::Resolved | Status::Closed) => {
            let comment = comment.map(str::to_owned);
            Ok(Decision::Append(vec![Draft::event(Event::Rated { score, comment })]))
        }
    }
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
        session.waiting_since = match sender {
            PartyKind::Customer => session.waiting_since.or(Some(entry.created_at)),
            PartyKind::Agent => None,
        };
        session.last_message = Some(LastMessage {
            seq: entry.seq,
            sender,
            preview: preview(&entry.body),
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
        Some(
            Event::Rated { .. }
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
            | Event::Unmerged { .. },
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
    }
}

fn preview(body: &str) -> String {
    let mut preview = String::with_capacity(body.len().min(PREVIEW_CHARS + '…'.len_utf8()));
    let mut room = PREVIEW_CHARS;
    for word in body.split_whitespace() {
        if !preview.is_empty() {
            if room == 0 {
                preview.push('…');
                break;
            }
            preview.push(' ');
            room -= 1;
        }
        // Whole words at once: this is done for every message.
        if let Some((end, _)) = word.char_indices().nth(room) {
            preview.push_str(&word[..end]);
            preview.push('…');
            break;
        }
        preview.push_str(word);
        room -= word.chars().count();
    }
    preview
}
