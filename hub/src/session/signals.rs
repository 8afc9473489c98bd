//! What gathers for the other nodes between two turns of a session's actor: the newest of each kind, once.

use protocol::{Party, PartyKind, Sender, Seq};

use crate::Signal;

/// Signals to be sent. Gathers nothing on a node that is alone.
pub(super) struct Signals {
    gathered: Option<Gathered>,
}

#[derive(Default)]
struct Gathered {
    /// Who is here changed; `true`: the others are asked as well.
    here: Option<bool>,
    customer_has: Option<Seq>,
    team_has: Option<Seq>,
    other: Vec<Signal>,
}

impl Signals {
    pub(super) fn new(tells_nodes: bool) -> Self {
        Self { gathered: tells_nodes.then(Gathered::default) }
    }

    pub(super) fn who_is_here(&mut self, and_ask: bool) {
        if let Some(gathered) = &mut self.gathered {
            *gathered.here.get_or_insert(false) |= and_ask;
        }
    }

    pub(super) fn delivered(&mut self, side: PartyKind, seq: Seq) {
        if let Some(gathered) = &mut self.gathered {
            match side {
                PartyKind::Customer => gathered.customer_has = Some(seq),
                PartyKind::Agent => gathered.team_has = Some(seq),
            }
        }
    }

    pub(super) fn push(&mut self, signal: impl FnOnce() -> Signal) {
        if let Some(gathered) = &mut self.gathered {
            gathered.other.push(signal());
        }
    }

    pub(super) fn take(&mut self, people: impl FnOnce() -> Vec<Party>) -> Vec<Signal> {
        let Some(gathered) = &mut self.gathered else { return Vec::new() };
        let Gathered { here, customer_has, team_has, other: mut signals } = std::mem::take(gathered);
        signals.extend(here.map(|asks| Signal::Here { people: people(), asks }));
        for (side, seq) in [(PartyKind::Customer, customer_has), (PartyKind::Agent, team_has)] {
            signals.extend(seq.map(|seq| Signal::Delivered { side, seq }));
        }
        signals
    }
}

/// Who speaks, as people are named in signals; the system types nothing.
pub(super) fn party_of(sender: &Sender) -> Option<Party> {
    match sender {
        Sender::Customer { id, name } => {
            Some(Party { kind: PartyKind::Customer, id: Some(id.uuid()), name: name.clone() })
        }
        Sender::Agent { id, name } => {
            Some(Party { kind: PartyKind::Agent, id: Some(id.uuid()), name: name.clone() })
        }
        Sender::System => None,
    }
}
