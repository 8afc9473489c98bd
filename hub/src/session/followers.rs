//! Who follows a session, and what they see of each other: presence, typing, receipts. Nothing here is stored.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use persistence::{NodeId, Session};
use protocol::{
    Audience, ConnectionId, Entry, ErrorCode, Party, PartyKind, Presence, Receipt, Sender, ServerFrame,
    encode_entry, limits, rest::QueuePlace,
};
use tokio::time::Instant;

use super::{
    present::{Arrival, Lapsed, Present, Who, key},
    receipts::Delivered,
    signals::Signals,
};
use crate::{Caller, HubError, Outbound, Signal};

pub(super) struct Follower {
    pub(super) connection: ConnectionId,
    pub(super) caller: Caller,
    pub(super) outbound: Outbound,
    /// Nobody is told of it.
    pub(super) unseen: bool,
    pub(super) asked: Instant,
}

/// The followers of one session and what they signal each other.
pub(super) struct Followers {
    pub(super) followers: Vec<Follower>,
    present: Present,
    typing: HashMap<Who, (Party, Instant)>,
    pub(super) delivered: Delivered,
    /// The agent who read last: the face of the team's receipt.
    pub(super) reader: Option<Party>,
    pub(super) signals: Signals,
}

pub(super) fn frame(frame: &ServerFrame) -> Bytes {
    Bytes::from(frame.encode())
}

/// A customer is shown only the agent who holds the chat; the rest of the team looks on unseen.
fn shown_to(audience: Audience, who: &Party, session: &Session) -> bool {
    match (audience, who.kind) {
        (Audience::Team, _) | (Audience::Customer, PartyKind::Customer) => true,
        (Audience::Customer, PartyKind::Agent) => {
            session.assignee.as_ref().is_some_and(|holder| Some(holder.id.uuid()) == who.id)
        }
    }
}

/// Whose typing and reading a customer is told of by name: the holder's, or, while nobody holds the chat, anybody's.
pub(super) fn speaks_to(audience: Audience, who: &Party, session: &Session) -> bool {
    session.assignee.is_none() || shown_to(audience, who, session)
}

impl Followers {
    pub(super) fn new(grace: Duration, tells_nodes: bool) -> Self {
        Self {
            followers: Vec::new(),
            present: Present::new(grace, tells_nodes),
            typing: HashMap::new(),
            delivered: Delivered::default(),
            reader: None,
            signals: Signals::new(tells_nodes),
        }
    }

    /// Nobody follows the session through this node, or did a moment ago.
    pub(super) fn nobody(&self) -> bool {
        self.followers.is_empty() && self.present.nobody_of_ours()
    }

    /// Adds a connection that has everything so far.
    pub(super) fn add(&mut self, session: &Session, follower: Follower) {
        let (party, side) = (follower.caller.party(), follower.caller.side());
        let (unseen, asked) = (follower.unseen, follower.asked);
        if self.followers.is_empty() {
            // Most chats have one.
            self.followers.reserve_exact(1);
        }
        self.followers.push(follower);
        if unseen {
            return;
        }
        let Arrival { here, ours } = self.present.arrive(&party, asked);
        if ours {
            self.signals.who_is_here(false);
        }
        if here {
            self.tell_presence(session, &party, true);
        }
        self.delivered_to(session, side, session.last_seq);
    }

    /// Removes a connection, unless it came back after it asked to leave.
    pub(super) fn leave(&mut self, connection: ConnectionId, asked: Instant, now: Instant) {
        if self.followers.iter().any(|follower| follower.connection == connection && follower.asked <= asked)
        {
            self.remove(connection, now);
        }
    }

    pub(super) fn remove(&mut self, connection: ConnectionId, now: Instant) {
        let Some(index) = self.followers.iter().position(|follower| follower.connection == connection) else {
            return;
        };
        let follower = self.followers.swap_remove(index);
        if !follower.unseen {
            self.present.depart(&follower.caller.party(), now);
        }
    }

    /// Hands a committed entry to all who may see it; answers to how many.
    pub(super) fn deliver(&mut self, session: &Session, entry: &Entry) -> u64 {
        if self.followers.is_empty() {
            return 0;
        }
        // Encoded once; every connection shares the bytes.
        let bytes = Bytes::from(encode_entry(session.id, entry));
        let (mut customers, mut agents, mut unseen) = (0, 0, 0);
        for follower in &self.followers {
            let audience = follower.caller.audience();
            if entry.visible_to(audience) {
                follower.outbound.push(bytes.clone());
                match audience {
                    Audience::Customer => customers += 1,
                    Audience::Team if follower.unseen => unseen += 1,
                    Audience::Team => agents += 1,
                }
            }
        }
        let said_by = match entry.sender {
            Sender::Customer { .. } => Some(PartyKind::Customer),
            Sender::Agent { .. } => Some(PartyKind::Agent),
            Sender::System => None,
        };
        for (side, followers) in [(PartyKind::Agent, agents), (PartyKind::Customer, customers)] {
            if followers == 0 {
                continue;
            }
            if said_by == Some(side) {
                // That they have what they said themselves is no news to anybody.
                self.has_said(side, entry.seq);
            } else {
                self.delivered_to(session, side, entry.seq);
            }
        }
        customers + agents + unseen
    }

    pub(super) fn somebody_types(&self) -> bool {
        !self.typing.is_empty()
    }

    /// After a change of holder: shows the customer who is here now, and sends away whom the session is not open to
    /// any more.
    pub(super) fn holder_changed(&mut self, session: &Session, now: Instant) {
        let lost: Vec<ConnectionId> = self
            .followers
            .iter()
            .filter(|follower| !follower.caller.may_see(session))
            .map(|follower| {
                let error = HubError::NotFound;
                follower.outbound.push(frame(&ServerFrame::Error {
                    view: None,
                    code: ErrorCode::NotFound,
                    message: error.to_string(),
                    id: None,
                    session: Some(session.id),
                    retryable: false,
                    retry_after_ms: None,
                }));
                follower.connection
            })
            .collect();
        for connection in lost {
            self.remove(connection, now);
        }
        let holder = session.assignee.as_ref().map(|agent| (PartyKind::Agent, Some(agent.id.uuid())));
        if let Some(party) = holder.and_then(|who| self.present.find(who)).cloned() {
            let bytes = frame(&ServerFrame::Presence { session: session.id, who: party, online: true });
            for follower in self.followers.iter().filter(|f| f.caller.audience() == Audience::Customer) {
                follower.outbound.push(bytes.clone());
            }
        }
    }

    /// Somebody here types, or stopped.
    pub(super) fn types(&mut self, session: &Session, party: Party, on: bool, now: Instant) {
        self.set_typing(session, &party, on, now);
        self.signals.push(|| Signal::Typing { who: party, on });
    }

    pub(super) fn set_typing(&mut self, session: &Session, party: &Party, on: bool, now: Instant) {
        let before = if on {
            self.typing.insert(key(party), (party.clone(), now + limits::TYPING)).is_some()
        } else {
            self.typing.remove(&key(party)).is_some()
        };
        // "Still typing" is told again, so that readers can let an old one lapse by themselves.
        if on || before {
            self.tell_typing(session, party, on);
        }
    }

    fn tell_typing(&self, session: &Session, who: &Party, on: bool) {
        let bytes = frame(&ServerFrame::Typing { session: session.id, who: who.clone(), on });
        for follower in &self.followers {
            let audience = follower.caller.audience();
            if key(&follower.caller.party()) != key(who) && speaks_to(audience, who, session) {
                follower.outbound.push(bytes.clone());
            }
        }
    }

    fn tell_presence(&self, session: &Session, who: &Party, online: bool) {
        let bytes = frame(&ServerFrame::Presence { session: session.id, who: who.clone(), online });
        for follower in &self.followers {
            if key(&follower.caller.party()) != key(who) && shown_to(follower.caller.audience(), who, session)
            {
                follower.outbound.push(bytes.clone());
            }
        }
    }

    /// Who types, as `caller` may know.
    fn typing_for(&self, session: &Session, caller: &Caller) -> Vec<Party> {
        let (me, audience) = (key(&caller.party()), caller.audience());
        let others = self.typing.iter().filter(|(who, _)| **who != me).map(|(_, (party, _))| party);
        others.filter(|party| speaks_to(audience, party, session)).cloned().collect()
    }

    /// Who is here, as `caller` may know.
    fn presence_for(&self, session: &Session, caller: &Caller) -> Vec<Presence> {
        let me = key(&caller.party());
        let others = self.present.people().filter(|who| key(who) != me);
        let shown = others.filter(|who| shown_to(caller.audience(), who, session));
        shown.map(|who| Presence { who: who.clone(), online: true }).collect()
    }

    /// These people, and nobody else, follow the session through that node.
    pub(super) fn here_elsewhere(
        &mut self,
        session: &Session,
        node: NodeId,
        people: Vec<Party>,
        now: Instant,
    ) {
        let (came, went) = self.present.set_elsewhere(node, people, now);
        for (people, online) in [(came, true), (went, false)] {
            for party in people {
                self.tell_presence(session, &party, online);
            }
        }
    }

    /// A node died, and its people may come back to another one.
    pub(super) fn node_gone(&mut self, node: NodeId, now: Instant) {
        self.present.node_gone(node, now);
    }

    /// The link does not tell of the session any more.
    pub(super) fn forget_elsewhere(&mut self) {
        self.present.forget_elsewhere();
        self.typing.clear();
    }

    /// The other nodes shall be told who is here.
    pub(super) fn say_who_is_here(&mut self) {
        self.signals.who_is_here(false);
    }

    /// What the other nodes said of their people may have been missed: they shall say it again, and be told.
    pub(super) fn exchange(&mut self, now: Instant) {
        self.present.doubt_elsewhere(now);
        self.signals.who_is_here(true);
    }

    /// Takes what the other nodes shall be told.
    pub(super) fn take_signals(&mut self) -> Vec<Signal> {
        self.signals.take(|| self.present.ours())
    }

    /// The next moment at which something lapses.
    pub(super) fn next_lapse(&mut self) -> Option<Instant> {
        let lapse = self.present.next_lapse();
        self.typing.values().map(|(_, until)| *until).chain(lapse).min()
    }

    /// Lets lapse what is due: typing without a word, people whose grace is over.
    pub(super) fn lapse(&mut self, session: &Session, now: Instant) {
        let stopped: Vec<_> =
            self.typing.iter().filter(|(_, (_, until))| *until <= now).map(|(key, _)| *key).collect();
        for key in stopped {
            if let Some((party, _)) = self.typing.remove(&key) {
                self.tell_typing(session, &party, false);
            }
        }
        let Lapsed { gone, ours } = self.present.lapse(now);
        if ours {
            self.signals.who_is_here(false);
        }
        for party in gone {
            self.tell_presence(session, &party, false);
        }
    }

    /// What a new follower must know beyond the log, as frames.
    pub(super) fn greet(&self, session: &Session, caller: &Caller, outbound: &Outbound) {
        for Presence { who, online } in self.presence_for(session, caller) {
            outbound.push(frame(&ServerFrame::Presence { session: session.id, who, online }));
        }
        for who in self.typing_for(session, caller) {
            outbound.push(frame(&ServerFrame::Typing { session: session.id, who, on: true }));
        }
        for Receipt { who, seq, delivered } in self.receipts(session, caller.audience()) {
            outbound.push(frame(&ServerFrame::Receipt { session: session.id, who, seq, delivered }));
        }
    }

    /// Tells customers where they stand in the queue.
    pub(super) fn placed(&self, session: &Session, place: Option<QueuePlace>) {
        let frame = queue_frame(session, place);
        let customers = self.followers.iter().filter(|f| f.caller.audience() == Audience::Customer);
        for follower in customers {
            follower.outbound.push(frame.clone());
        }
    }

    pub(super) fn snapshot(
        &self,
        session: &Arc<Session>,
        caller: &Caller,
        entries: Vec<Arc<Entry>>,
    ) -> super::Snapshot {
        super::Snapshot {
            session: session.clone(),
            entries,
            typing: self.typing_for(session, caller),
            presence: self.presence_for(session, caller),
            receipts: self.receipts(session, caller.audience()),
            place: None,
        }
    }
}

impl Drop for Followers {
    /// A session that ends with followers has died: they shall come back and be served by a new one.
    fn drop(&mut self) {
        for follower in &self.followers {
            follower.outbound.give_up();
        }
    }
}

pub(super) fn queue_frame(session: &Session, place: Option<QueuePlace>) -> Bytes {
    frame(&match place {
        Some(QueuePlace { position, waiting, estimate_s }) => {
            ServerFrame::Queue { session: session.id, position, waiting, estimate_s }
        }
        None => ServerFrame::QueueLeft { session: session.id },
    })
}
