//! How far each side has read, and how far its screens have it, as the other side is told.

use persistence::Session;
use protocol::{Audience, Party, PartyKind, ReadPositions, Receipt, Seq, ServerFrame};

use super::followers::{Followers, frame, speaks_to};
use crate::Signal;

/// How far each side's screens have the log.
#[derive(Default)]
pub(super) struct Delivered {
    customer: Seq,
    team: Seq,
}

impl Delivered {
    fn of_mut(&mut self, side: PartyKind) -> &mut Seq {
        match side {
            PartyKind::Customer => &mut self.customer,
            PartyKind::Agent => &mut self.team,
        }
    }
}

impl Followers {
    /// Somebody read here; tells everybody.
    pub(super) fn reads(&mut self, session: &Session, who: Party, seq: Seq) {
        self.read(session, who.clone());
        self.signals.push(|| Signal::Read { who, seq });
    }

    /// The store says that more was read than `before`.
    pub(super) fn read_elsewhere(&self, session: &Session, before: ReadPositions) {
        for side in [PartyKind::Customer, PartyKind::Agent] {
            if before.of(side) < session.read.of(side) {
                self.tell_receipt(session, side, &[Audience::Customer, Audience::Team]);
            }
        }
    }

    /// Somebody read; tells everybody here.
    pub(super) fn read(&mut self, session: &Session, party: Party) {
        let kind = party.kind;
        if kind == PartyKind::Agent {
            self.reader = Some(party);
        }
        self.tell_receipt(session, kind, &[Audience::Customer, Audience::Team]);
    }

    pub(super) fn delivered_to(&mut self, session: &Session, side: PartyKind, seq: Seq) {
        if self.set_delivered(session, side, seq) {
            self.signals.delivered(side, seq);
        }
    }

    /// Another node delivered it.
    pub(super) fn delivered_elsewhere(&mut self, session: &Session, side: PartyKind, seq: Seq) {
        self.set_delivered(session, side, seq.min(session.last_seq));
    }

    /// A side said it, so it has it.
    pub(super) fn has_said(&mut self, side: PartyKind, seq: Seq) {
        let delivered = self.delivered.of_mut(side);
        *delivered = (*delivered).max(seq);
    }

    fn set_delivered(&mut self, session: &Session, side: PartyKind, seq: Seq) -> bool {
        let delivered = self.delivered.of_mut(side);
        let others = match side {
            PartyKind::Customer => Audience::Team,
            PartyKind::Agent => Audience::Customer,
        };
        let further = *delivered < seq;
        if further {
            *delivered = seq;
            // To one's own side this is no news.
            self.tell_receipt(session, side, &[others]);
        }
        further
    }

    fn tell_receipt(&self, session: &Session, side: PartyKind, audiences: &[Audience]) {
        for audience in audiences {
            if !self.followers.iter().any(|follower| follower.caller.audience() == *audience) {
                continue;
            }
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

    pub(super) fn receipts(&self, session: &Session, audience: Audience) -> Vec<Receipt> {
        [PartyKind::Customer, PartyKind::Agent].map(|side| self.receipt(session, side, audience)).into()
    }

    /// The end of a chat counts as read by the team (contract §3).
    pub(super) fn closed(&self, session: &Session) {
        self.tell_receipt(session, PartyKind::Agent, &[Audience::Customer, Audience::Team]);
    }
}
