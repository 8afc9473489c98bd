//! Who follows a session, and the signals between them: presence, typing, receipts. Nothing here is stored.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use persistence::Session;
use protocol::{
    Audience, ConnectionId, Entry, ErrorCode, Party, PartyKind, Presence, Receipt, Seq, ServerFrame,
    encode_entry, limits,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Caller, HubError, Outbound};

struct Follower {
    connection: ConnectionId,
    caller: Caller,
    outbound: Outbound,
    asked: Instant,
}

struct Here {
    party: Party,
    connections: u32,
    /// Set when the last connection went: gone for good after the grace period, so that a reload does not flicker.
    until: Option<Instant>,
}

/// The followers of one session and what they signal each other.
pub(super) struct Followers {
    followers: Vec<Follower>,
    here: HashMap<(PartyKind, Option<Uuid>), Here>,
    typing: HashMap<(PartyKind, Option<Uuid>), (Party, Instant)>,
    delivered: Delivered,
    /// The agent who read last: the face of the team's receipt.
    reader: Option<Party>,
    grace: Duration,
}

#[derive(Default)]
struct Delivered {
    customer: Seq,
    team: Seq,
}

fn frame(frame: &ServerFrame) -> Bytes {
    Bytes::from(frame.encode())
}

fn key(party: &Party) -> (PartyKind, Option<Uuid>) {
    (party.kind, party.id)
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
fn speaks_to(audience: Audience, who: &Party, session: &Session) -> bool {
    session.assignee.is_none() || shown_to(audience, who, session)
}

impl Followers {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            followers: Vec::new(),
            here: HashMap::new(),
            typing: HashMap::new(),
            delivered: Delivered::default(),
            reader: None,
            grace,
        }
    }

    pub(super) fn nobody(&self) -> bool {
        self.followers.is_empty() && self.here.is_empty()
    }

    /// Adds a connection that has everything so far.
    pub(super) fn add(
        &mut self,
        session: &Session,
        caller: Caller,
        connection: ConnectionId,
        outbound: Outbound,
        asked: Instant,
    ) {
        let party = caller.party();
        let side = caller.side();
        self.followers.push(Follower { connection, caller, outbound, asked });
        let here = self.here.entry(key(&party)).or_insert_with(|| Here {
            party: party.clone(),
            connections: 0,
            until: None,
        });
        here.connections += 1;
        // Within the grace period nobody saw them go.
        let arrived = here.connections == 1 && here.until.take().is_none();
        if arrived {
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
        let party = follower.caller.party();
        if let Some(here) = self.here.get_mut(&key(&party)) {
            here.connections -= 1;
            if here.connections == 0 {
                here.until = Some(now + self.grace);
            }
        }
    }

    /// Hands a committed entry to all who may see it.
    pub(super) fn deliver(&mut self, session: &Session, entry: &Entry) {
        if self.followers.is_empty() {
            return;
        }
        // Encoded once; every connection shares the bytes.
        let bytes = Bytes::from(encode_entry(session.id, entry));
        let (mut customers, mut agents) = (false, false);
        for follower in &self.followers {
            let audience = follower.caller.audience();
            if entry.visible_to(audience) {
                follower.outbound.push(bytes.clone());
                customers |= audience == Audience::Customer;
                agents |= audience == Audience::Team;
            }
        }
        if agents {
            self.delivered_to(session, PartyKind::Agent, entry.seq);
        }
        if customers {
            self.delivered_to(session, PartyKind::Customer, entry.seq);
        }
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
        if let Some(party) = holder.and_then(|key| self.here.get(&key)).map(|here| here.party.clone()) {
            let bytes = frame(&ServerFrame::Presence { session: session.id, who: party, online: true });
            for follower in self.followers.iter().filter(|f| f.caller.audience() == Audience::Customer) {
                follower.outbound.push(bytes.clone());
            }
        }
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

    /// Somebody read; tells everybody.
    pub(super) fn read(&mut self, session: &Session, party: Party) {
        let kind = party.kind;
        if kind == PartyKind::Agent {
            self.reader = Some(party);
        }
        self.tell_receipt(session, kind, &[Audience::Customer, Audience::Team]);
    }

    fn delivered_to(&mut self, session: &Session, side: PartyKind, seq: Seq) {
        let (delivered, others) = match side {
            PartyKind::Customer => (&mut self.delivered.customer, Audience::Team),
            PartyKind::Agent => (&mut self.delivered.team, Audience::Customer),
        };
        if *delivered < seq {
            *delivered = seq;
            // To one's own side this is no news.
            self.tell_receipt(session, side, &[others]);
        }
    }

    fn tell_receipt(&self, session: &Session, side: PartyKind, audiences: &[Audience]) {
        for audience in audiences {
            let Receipt { who, seq, delivered } = self.receipt(session, side, *audience);
            let bytes = frame(&ServerFrame::Receipt { session: session.id, who, seq, delivered });
            for follower in self.followers.iter().filter(|f| f.caller.audience() == *audience) {
                follower.outbound.push(bytes.clone());
            }
        }
    }

    fn receipt(&self, session: &Session, side: PartyKind, audience: Audience) -> Receipt {
        match side {
            PartyKind::Customer => Receipt {
                who: Party {
                    kind: side,
                    id: Some(session.claimed.id.uuid()),
                    name: session.claimed.name.clone(),
                },
                seq: session.read.customer,
                delivered: self.delivered.customer.max(session.read.customer),
            },
            PartyKind::Agent => {
                let reader = self.reader.clone().filter(|reader| speaks_to(audience, reader, session));
                Receipt {
                    who: reader.unwrap_or(Party { kind: side, id: None, name: None }),
                    seq: session.read.team,
                    delivered: self.delivered.team.max(session.read.team),
                }
            }
        }
    }

    fn receipts(&self, session: &Session, audience: Audience) -> Vec<Receipt> {
        [PartyKind::Customer, PartyKind::Agent].map(|side| self.receipt(session, side, audience)).into()
    }

    /// The end of a chat counts as read by the team (contract §3).
    pub(super) fn closed(&self, session: &Session) {
        self.tell_receipt(session, PartyKind::Agent, &[Audience::Customer, Audience::Team]);
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
        self.here
            .iter()
            .filter(|(who, here)| **who != me && shown_to(caller.audience(), &here.party, session))
            .map(|(_, here)| Presence { who: here.party.clone(), online: true })
            .collect()
    }

    /// The next moment at which something lapses.
    pub(super) fn next_lapse(&self) -> Option<Instant> {
        let typing = self.typing.values().map(|(_, until)| *until);
        typing.chain(self.here.values().filter_map(|here| here.until)).min()
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
        let gone: Vec<_> = self
            .here
            .iter()
            .filter(|(_, here)| here.until.is_some_and(|until| until <= now))
            .map(|(key, _)| *key)
            .collect();
        for key in gone {
            if let Some(here) = self.here.remove(&key) {
                self.tell_presence(session, &here.party, false);
            }
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
