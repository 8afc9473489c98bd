//! What the fake server knows, and the ways in which it can be wrong.

use std::collections::BTreeMap;

use protocol::{
    AgentId, AgentRef, Audience, Channel, ContactId, ContactSummary, Entry, EntryId, EntryKind, Epoch, Event,
    LastMessage, PartyKind, ReadPositions, Sender, Seq, SessionId, SessionSummary, Status, UtcMillis,
    rest::Sent,
};
use uuid::Uuid;

/// A way to be difficult, within the contract or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Right: refuses every fifth send for the moment.
    Limits,
    /// Right: every WebSocket is closed with 1012 now and then.
    Restarts,
    /// Acks every tenth send without storing it.
    LosesAcked,
    /// Stores a retry once more.
    StoresTwice,
    /// Leaves out every seventh entry of live streams.
    SkipsLive,
    /// Leaves out the first entry after a cursor.
    ResumesTooFar,
    /// Begins one entry too early after a cursor.
    ResumesTooEarly,
    /// Shows notes to customers.
    ShowsNotes,
    /// Tells long-polls another text.
    TwistsLongPolls,
    /// Puts words into the log that nobody said.
    MakesThingsUp,
    /// Calls no retry a duplicate.
    ForgetsDuplicates,
}

pub(crate) struct Room {
    pub(crate) entries: Vec<Entry>,
    pub(crate) token: String,
    contact: ContactId,
    status: Status,
    assignee: Option<AgentRef>,
    previous: Option<SessionId>,
    next: Option<SessionId>,
    acks: BTreeMap<EntryId, (SessionId, Seq)>,
}

pub(crate) struct World {
    pub(crate) fault: Fault,
    pub(crate) epoch: Epoch,
    pub(crate) agent: AgentRef,
    pub(crate) rooms: BTreeMap<SessionId, Room>,
    pub(crate) counter: u64,
}

fn new_id() -> EntryId {
    EntryId::new(Uuid::now_v7())
}

impl World {
    pub(crate) fn new(fault: Fault) -> Self {
        let agent = AgentRef { id: AgentId::new(Uuid::now_v7()), name: "Admin".into() };
        let epoch = Epoch::new(Uuid::now_v7());
        Self { fault, epoch, agent, rooms: BTreeMap::new(), counter: 0 }
    }

    /// Every so many calls.
    pub(crate) fn every(&mut self, calls: u64) -> bool {
        self.counter += 1;
        self.counter.is_multiple_of(calls)
    }

    pub(crate) fn start(
        &mut self,
        token: String,
        contact: ContactId,
        previous: Option<SessionId>,
    ) -> SessionId {
        let session = SessionId::new(Uuid::now_v7());
        let room = Room {
            entries: Vec::new(),
            token,
            contact,
            status: Status::Open,
            assignee: None,
            previous,
            next: None,
            acks: BTreeMap::new(),
        };
        self.rooms.insert(session, room);
        self.event(session, Event::Started { channel: Channel::Web, previous_session_id: previous });
        session
    }

    pub(crate) fn event(&mut self, session: SessionId, event: Event) {
        self.push(session, new_id(), EntryKind::Event, Sender::System, String::new(), Some(event));
    }

    pub(crate) fn push(
        &mut self,
        session: SessionId,
        id: EntryId,
        kind: EntryKind,
        sender: Sender,
        body: String,
        event: Option<Event>,
    ) -> Seq {
        let room = self.rooms.get_mut(&session).unwrap();
        let seq = Seq::new(room.entries.len() as u64 + 1);
        let created_at = UtcMillis::default();
        room.entries.push(Entry {
            id,
            seq,
            kind,
            sender,
            body,
            attachments: Vec::new(),
            event,
            mentions: Vec::new(),
            created_at,
            edited_at: None,
            deleted_at: None,
        });
        seq
    }

    pub(crate) fn send(
        &mut self,
        who: Audience,
        session: SessionId,
        id: EntryId,
        body: &str,
        note: bool,
    ) -> Sent {
        let sent =
            |session, seq, duplicate| Sent { id, session, seq, created_at: UtcMillis::default(), duplicate };
        let room = &self.rooms[&session];
        let (token, contact, status) = (room.token.clone(), room.contact, room.status);
        if let Some(&(stored_in, seq)) = room.acks.get(&id)
            && self.fault != Fault::StoresTwice
        {
            return sent(stored_in, seq, self.fault != Fault::ForgetsDuplicates);
        }
        let mut target = session;
        if status == Status::Closed {
            target = self.start(token, contact, Some(session));
            self.event(session, Event::Continued { session_id: target });
            self.rooms.get_mut(&session).unwrap().next = Some(target);
        }
        if self.fault == Fault::LosesAcked && self.every(10) {
            return sent(target, Seq::new(self.rooms[&target].entries.len() as u64 + 1), false);
        }
        if self.fault == Fault::MakesThingsUp && self.every(10) {
            self.push(target, new_id(), EntryKind::Message, Sender::System, "I am alive".into(), None);
        }
        let sender = match who {
            Audience::Customer => Sender::Customer { id: contact, name: None },
            Audience::Team => Sender::Agent { id: self.agent.id, name: None },
        };
        let kind = if note { EntryKind::Note } else { EntryKind::Message };
        let seq = self.push(target, id, kind, sender, body.to_owned(), None);
        self.rooms.get_mut(&session).unwrap().acks.insert(id, (target, seq));
        match (who, status) {
            (Audience::Customer, Status::Resolved) => {
                self.set_status(session, Status::InProgress);
                self.event(session, Event::Reopened { to: Status::InProgress });
            }
            (Audience::Team, Status::Open) if !note => drop(self.set_status(session, Status::InProgress)),
            _ => {}
        }
        sent(target, seq, false)
    }

    pub(crate) fn set_status(&mut self, session: SessionId, to: Status) -> Status {
        std::mem::replace(&mut self.rooms.get_mut(&session).unwrap().status, to)
    }

    pub(crate) fn claim(&mut self, session: SessionId) {
        let agent = Some(self.agent.clone());
        self.rooms.get_mut(&session).unwrap().assignee = agent.clone();
        self.event(session, Event::Assigned { agent });
    }

    /// The entries after a cursor, as this reader may see them.
    pub(crate) fn after(&self, session: SessionId, after: Seq, who: Audience) -> Vec<Entry> {
        let visible = |entry: &&Entry| self.fault == Fault::ShowsNotes || entry.visible_to(who);
        let entries = self.rooms[&session].entries.iter();
        entries.filter(|entry| entry.seq > after).filter(visible).cloned().collect()
    }

    pub(crate) fn summary(&self, session: SessionId) -> SessionSummary {
        let room = &self.rooms[&session];
        let last = room.entries.iter().rev().find(|entry| entry.kind == EntryKind::Message);
        SessionSummary {
            id: session,
            site: "demo".into(),
            channel: Channel::Web,
            status: room.status,
            contact: ContactSummary {
                id: room.contact,
                name: None,
                phone: None,
                email: None,
                verified: false,
                blocked_until: None,
            },
            assignee: room.assignee.clone(),
            number: 1,
            ticket: None,
            sla: None,
            last_seq: Seq::new(room.entries.len() as u64),
            version: room.entries.len() as u64,
            last_message: last.map(|entry| LastMessage {
                seq: entry.seq,
                sender: match entry.sender {
                    Sender::Customer { .. } => PartyKind::Customer,
                    Sender::Agent { .. } | Sender::System => PartyKind::Agent,
                },
                preview: String::new(),
                created_at: entry.created_at,
            }),
            unread: 0,
            read: ReadPositions::default(),
            waiting_since: None,
            previous_session_id: room.previous,
            next_session_id: room.next,
            created_at: UtcMillis::default(),
            updated_at: UtcMillis::default(),
            closed_at: None,
            rating: None,
        }
    }
}
