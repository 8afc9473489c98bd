//! Sessions and what is appended to their logs.

use std::sync::Arc;

use protocol::{
    AgentId, AgentRef, Audience, Channel, ContactId, ContactSummary, Course, Entry, EntryId, EntryKind,
    Event, GrantId, LastMessage, PartyKind, Rating, ReadPositions, Seq, SessionId, SessionSummary, SiteId,
    Status, Ticket, UtcMillis,
};

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// A session as of its last entry: what its log folds to, with the people's names joined in. Nodes tell each other
/// sessions as JSON, also those of two versions while a cluster is restarted: a new field needs a default. What never
/// changes is shared: each append works on a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// Its site.
    pub site_id: SiteId,
    /// The site's public key.
    pub site_key: Arc<str>,
    /// Whose token opens it.
    pub grant_id: GrantId,
    /// The customer, as the team knows them.
    pub contact: Arc<ContactSummary>,
    /// The customer, as the one who started this session said it: all that a customer is shown.
    pub claimed: Arc<ContactSummary>,
    /// By which way the customer came.
    pub channel: Channel,
    /// Where it is in its life.
    pub status: Status,
    /// Who holds it.
    pub assignee: Option<AgentRef>,
    /// What people call it by; 0 before the store gave it one.
    #[serde(default)]
    pub number: u64,
    /// What the team notes about it.
    #[serde(default)]
    pub ticket: Arc<Ticket>,
    /// The last entry's place.
    pub last_seq: Seq,
    /// Grows with every change of the row.
    pub version: u64,
    /// The last message (never a note).
    pub last_message: Option<LastMessage>,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<UtcMillis>,
    /// How far each side has read.
    pub read: ReadPositions,
    /// What each side has not read.
    pub unread: Unread,
    /// The closed session that this one continues.
    pub previous: Option<SessionId>,
    /// The session that continues this closed one.
    pub next: Option<SessionId>,
    /// When it began.
    pub created_at: UtcMillis,
    /// The last entry's time.
    pub updated_at: UtcMillis,
    /// When it ended.
    pub closed_at: Option<UtcMillis>,
    /// How the customer found it.
    #[serde(default)]
    pub rating: Option<Rating>,
}

impl Session {
    /// Where the team's words go when this session is over: also a merged one's whose customer does not follow.
    pub fn goes_on_in(&self) -> Option<SessionId> {
        self.next.or_else(|| self.ticket.work.merged_into.as_ref().map(|merged| merged.session_id))
    }

    /// The session as this audience may see it.
    pub fn summary(&self, audience: Audience) -> SessionSummary {
        let (contact, unread) = match audience {
            Audience::Customer => (&self.claimed, self.unread.customer),
            Audience::Team => (&self.contact, self.unread.team),
        };
        let ticket = match audience {
            Audience::Customer => None,
            Audience::Team => {
                let mut ticket = Ticket::clone(&self.ticket);
                ticket.work.course = Course::default();
                ticket.work.automated = Vec::new();
                Some(ticket)
            }
        };
        SessionSummary {
            id: self.id,
            site: self.site_key.as_ref().to_owned(),
            channel: self.channel,
            status: self.status,
            contact: ContactSummary::clone(contact),
            assignee: self.assignee.clone(),
            number: self.number,
            ticket,
            sla: None,
            last_seq: self.last_seq,
            version: self.version,
            last_message: self.last_message.clone(),
            unread,
            read: self.read,
            waiting_since: self.waiting_since,
            previous_session_id: self.previous,
            next_session_id: self.next,
            created_at: self.created_at,
            updated_at: self.updated_at,
            closed_at: self.closed_at,
            rating: self.rating.clone(),
        }
    }
}

/// A session that is not over, as far as the clock has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Which.
    pub id: SessionId,
    /// Its site.
    pub site_id: SiteId,
    /// Where it is in its life.
    pub status: Status,
    /// Somebody holds it.
    pub held: bool,
    /// What the team notes about it.
    pub ticket: Arc<Ticket>,
    /// Who spoke last, and when.
    pub last_said: Option<Said>,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<UtcMillis>,
    /// When it began.
    pub created_at: UtcMillis,
    /// The last entry's time.
    pub updated_at: UtcMillis,
    /// When it ended.
    pub closed_at: Option<UtcMillis>,
}

/// A message, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Its place.
    pub seq: Seq,
    /// Who said it.
    pub by: PartyKind,
    /// When.
    pub at: UtcMillis,
}

impl From<&Session> for UnderWay {
    fn from(session: &Session) -> Self {
        let said = |last: &LastMessage| Said { seq: last.seq, by: last.sender, at: last.created_at };
        Self {
            id: session.id,
            site_id: session.site_id,
            status: session.status,
            held: session.assignee.is_some(),
            ticket: session.ticket.clone(),
            last_said: session.last_message.as_ref().map(said),
            waiting_since: session.waiting_since,
            created_at: session.created_at,
            updated_at: session.updated_at,
            closed_at: session.closed_at,
        }
    }
}

/// A place in the order in which sessions were last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// When.
    pub at: UtcMillis,
    /// Of those of the same moment.
    pub id: SessionId,
}

impl Default for Changed {
    /// Before all.
    fn default() -> Self {
        Self { at: UtcMillis::new(0), id: SessionId::new(uuid::Uuid::nil()) }
    }
}

/// How far a session is: enough to know whether anything was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Which session.
    pub session: SessionId,
    /// The last entry's place.
    pub last_seq: Seq,
    /// The row's version; it grows with every append and every read mark that moved.
    pub version: u64,
}

/// Messages of the other side that a side has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unread {
    /// Of the team's, by the customer.
    pub customer: u32,
    /// Of the customer's, by the team.
    pub team: u32,
}

/// One compare-and-append: applies only while the session is at `expected`.
///
/// A single message applies later as well, behind what others have appended since: while the session is neither
/// closed nor put aside, and its status and holder are as in `change`. What somebody says rests on nothing else; and else, of two nodes where
/// people talk at once, one could lose every race.
#[derive(Debug, Clone)]
pub struct Append {
    /// Which log.
    pub session: SessionId,
    /// The last seq that the decision knew.
    pub expected: Seq,
    /// What to append: not empty, seqs `expected + 1`, `+ 2` …
    pub entries: Vec<Arc<Entry>>,
    /// The session's row after it.
    pub change: SessionChange,
    /// It applies nowhere but where it expects, be it a single message: it rests on what stands before it.
    pub exact: bool,
}

impl Append {
    /// Refuses what would leave a hole in the log: a defect of the caller.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let mut last = self.expected;
        let gapless = self.entries.iter().all(|entry| {
            last = last.next();
            entry.seq == last
        });
        if gapless && !self.entries.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Refused(sqlx::Error::Encode("the entries do not follow the expected seq".into())))
        }
    }

    /// The message, if it may stand behind what others have appended.
    pub(crate) fn message(&self) -> Option<&Entry> {
        match self.entries.as_slice() {
            [entry] if entry.kind == EntryKind::Message && !self.exact => Some(entry),
            _ => None,
        }
    }

    /// Whether it changes more than its log's end and its session's row.
    pub(crate) fn reaches_further(&self) -> bool {
        self.change.rating.is_some()
            || self.entries.iter().any(|entry| match &entry.event {
                None => !entry.mentions.is_empty() || !entry.attachments.is_empty(),
                Some(Event::Edited { .. } | Event::Deleted { .. }) => true,
                Some(_) => !entry.notifies().is_empty(),
            })
    }

    /// The last entry's place, if it is where it was decided.
    pub(crate) fn last_seq(&self) -> Seq {
        Seq::new(self.expected.get() + self.entries.len() as u64)
    }
}

/// A session's row after an append. Read positions are not here: they have a life of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionChange {
    /// The status after it.
    pub status: Status,
    /// The holder after it.
    pub assignee: Option<AgentId>,
    /// What the team notes after it; `None`: as before.
    pub ticket: Option<Arc<Ticket>>,
    /// The last message after it.
    pub last_message: Option<LastMessage>,
    /// Waiting since, after it.
    pub waiting_since: Option<UtcMillis>,
    /// Messages that it adds for each side to read.
    pub unread_added: Unread,
    /// The last entry's time.
    pub updated_at: UtcMillis,
    /// Set when it ends the session: the team's read position goes to the end, and nothing stays unread.
    pub closed_at: Option<UtcMillis>,
    /// The customer's rating after it; `None`: as before.
    pub rating: Option<Box<Rating>>,
}

/// What became of an append that reached the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is durable.
    Committed {
        /// The row's version after it.
        version: u64,
        /// Unread counts after it.
        unread: Unread,
    },
    /// It is durable, but not where it was decided: others have appended since. It was a single entry.
    Behind {
        /// Where it is.
        seq: Seq,
        /// When: not before what it stands behind.
        created_at: UtcMillis,
        /// The row's version after it.
        version: u64,
        /// Unread counts after it.
        unread: Unread,
    },
    /// It is durable, but its answer was lost, and others have written since: read what was missed.
    Overtaken,
    /// Nothing was written: the session is not at `expected`. Read what was missed and decide again.
    MovedOn,
    /// Nothing was written: these ids are in the log already. Decide again without them.
    Duplicates(Vec<StoredId>),
    /// Nothing was written: there is no such session.
    Missing,
}

/// Where an id was stored the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredId {
    /// The sender's id.
    pub id: EntryId,
    /// Its place.
    pub seq: Seq,
    /// When it was decided.
    pub created_at: UtcMillis,
}

/// One side has read up to here. The furthest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    /// Where.
    pub session: SessionId,
    /// Which side.
    pub reader: PartyKind,
    /// Up to and including.
    pub seq: Seq,
}

/// A session's reading after a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMarked {
    /// The row's version after it.
    pub version: u64,
    /// How far each side has read.
    pub read: ReadPositions,
    /// What each side has not.
    pub unread: Unread,
}

/// A session to create, with the first lines of its log.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The new id.
    pub id: SessionId,
    /// Its site.
    pub site_id: SiteId,
    /// Whose token opens it.
    pub grant_id: GrantId,
    /// Whose chat it is.
    pub contact_id: ContactId,
    /// By which way the customer came.
    pub channel: Channel,
    /// The closed session that it continues.
    pub previous: Option<SessionId>,
    /// BCP 47.
    pub locale: Option<String>,
    /// The page and extra fields, as JSON for the team.
    pub context: serde_json::Value,
    /// When it began.
    pub created_at: UtcMillis,
    /// Seqs 1, 2 …; the first is `started`.
    pub entries: Vec<Arc<Entry>>,
    /// The row after them.
    pub change: SessionChange,
}

/// The move of a closed session's chat into a new session.
#[derive(Debug, Clone)]
pub struct Continuation {
    /// Appends the `continued` event to the closed session; its change stays closed.
    pub append: Append,
    /// The session that carries on.
    pub next: NewSession,
}
