//! Who is here: on this node, on the others, or gone so shortly that nobody needs to know. Pure; tells nobody.
//!
//! A person is here while any node has them. A node has its people until their grace period is over, and says so only
//! then: so neither a reload, nor half of all clients coming back to other nodes, is news to anybody.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use persistence::NodeId;
use protocol::{Party, PartyKind};
use tokio::time::Instant;
use uuid::Uuid;

/// A person, as two parties are the same.
pub(super) type Who = (PartyKind, Option<Uuid>);

pub(super) fn key(party: &Party) -> Who {
    (party.kind, party.id)
}

/// The people of one session.
pub(super) struct Present {
    people: HashMap<Who, Here>,
    grace: Duration,
}

struct Here {
    party: Party,
    /// Connections to this node.
    connections: u32,
    /// This node has them: they are connected, or were a moment ago.
    ours: bool,
    /// The other nodes that have them.
    elsewhere: Vec<NodeId>,
    /// Without a connection: waited for until then.
    until: Option<Instant>,
}

/// What a new connection changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The person was not here.
    pub here: bool,
    /// This node did not have them.
    pub ours: bool,
}

/// What a lapse of time changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lapsed {
    /// These are not here any more.
    pub gone: Vec<Party>,
    /// This node does not have somebody any more.
    pub ours: bool,
}

impl Present {
    pub(super) fn new(grace: Duration) -> Self {
        Self { people: HashMap::new(), grace }
    }

    pub(super) fn nobody_of_ours(&self) -> bool {
        !self.people.values().any(|here| here.ours)
    }

    pub(super) fn people(&self) -> impl Iterator<Item = &Party> {
        self.people.values().map(|here| &here.party)
    }

    pub(super) fn find(&self, who: Who) -> Option<&Party> {
        self.people.get(&who).map(|here| &here.party)
    }

    /// Those whom this node has.
    pub(super) fn ours(&self) -> Vec<Party> {
        self.people.values().filter(|here| here.ours).map(|here| here.party.clone()).collect()
    }

    /// A connection came.
    pub(super) fn arrive(&mut self, party: &Party) -> Arrival {
        let (here, new) = self.entry(party);
        here.connections += 1;
        here.until = None;
        Arrival { here: new, ours: !std::mem::replace(&mut here.ours, true) }
    }

    /// A connection went.
    pub(super) fn depart(&mut self, party: &Party, now: Instant) {
        let until = now + self.grace;
        if let Some(here) = self.people.get_mut(&key(party)) {
            here.connections -= 1;
            if here.connections == 0 {
                here.until = Some(until);
            }
        }
    }

    /// That node has these and nobody else: who came by it, and who went.
    pub(super) fn set_elsewhere(&mut self, node: NodeId, people: Vec<Party>) -> (Vec<Party>, Vec<Party>) {
        let (mut came, mut went) = (Vec::new(), Vec::new());
        self.people.retain(|who, here| {
            if !people.iter().any(|party| key(party) == *who) {
                here.elsewhere.retain(|other| *other != node);
            }
            // The node has waited for them already.
            let stays = here.ours || here.until.is_some() || !here.elsewhere.is_empty();
            if !stays {
                went.push(here.party.clone());
            }
            stays
        });
        for party in people {
            let (here, new) = self.entry(&party);
            if !here.elsewhere.contains(&node) {
                here.elsewhere.push(node);
            }
            if new {
                came.push(party);
            }
        }
        (came, went)
    }

    /// That node died. Its people are waited for, as if their connections had been this node's.
    pub(super) fn node_gone(&mut self, node: NodeId, now: Instant) {
        let until = now + self.grace;
        for here in self.people.values_mut().filter(|here| here.elsewhere.contains(&node)) {
            here.elsewhere.retain(|other| *other != node);
            if here.elsewhere.is_empty() && !here.ours {
                here.until = Some(until);
            }
        }
    }

    /// Nothing is known of the other nodes any more.
    pub(super) fn forget_elsewhere(&mut self) {
        self.people.retain(|_, here| {
            here.elsewhere.clear();
            here.ours
        });
    }

    pub(super) fn next_lapse(&self) -> Option<Instant> {
        self.people.values().filter_map(|here| here.until).min()
    }

    /// Waits no longer for those whose time is over.
    pub(super) fn lapse(&mut self, now: Instant) -> Lapsed {
        let mut lapsed = Lapsed { gone: Vec::new(), ours: false };
        self.people.retain(|_, here| {
            if here.until.is_none_or(|until| now < until) {
                return true;
            }
            here.until = None;
            lapsed.ours |= std::mem::take(&mut here.ours);
            if here.elsewhere.is_empty() {
                lapsed.gone.push(here.party.clone());
            }
            !here.elsewhere.is_empty()
        });
        lapsed
    }

    fn entry(&mut self, party: &Party) -> (&mut Here, bool) {
        match self.people.entry(key(party)) {
            Entry::Occupied(here) => (here.into_mut(), false),
            Entry::Vacant(free) => {
                let party = party.clone();
                let elsewhere = Vec::new();
                let here = Here { party, connections: 0, ours: false, elsewhere, until: None };
                (free.insert(here), true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(15);

    fn ana() -> Party {
        Party { kind: PartyKind::Customer, id: Some(Uuid::from_u128(1)), name: Some("Ana".into()) }
    }

    fn node(n: u128) -> NodeId {
        NodeId::new(Uuid::from_u128(n))
    }

    fn lapsed(gone: &[Party], ours: bool) -> Lapsed {
        Lapsed { gone: gone.to_vec(), ours }
    }

    #[test]
    fn a_reload_is_no_news() {
        let (mut present, now) = (Present::new(GRACE), Instant::now());
        assert_eq!(present.arrive(&ana()), Arrival { here: true, ours: true });
        present.depart(&ana(), now);
        assert_eq!(present.lapse(now + GRACE / 2), lapsed(&[], false));
        assert_eq!(present.arrive(&ana()), Arrival { here: false, ours: false });
        assert_eq!(present.lapse(now + GRACE * 2), lapsed(&[], false));
        present.depart(&ana(), now + GRACE * 2);
        assert_eq!(present.next_lapse(), Some(now + GRACE * 3));
        assert_eq!(present.lapse(now + GRACE * 3), lapsed(&[ana()], true));
        assert!(present.nobody_of_ours() && present.people().next().is_none());
    }

    #[test]
    fn a_move_to_another_node_is_no_news() {
        let (mut present, now) = (Present::new(GRACE), Instant::now());
        present.arrive(&ana());
        present.depart(&ana(), now);
        assert_eq!(present.set_elsewhere(node(2), vec![ana()]), (vec![], vec![]));
        assert_eq!(present.lapse(now + GRACE), lapsed(&[], true), "only the nodes are told");
        assert_eq!(present.find(key(&ana())), Some(&ana()));
        assert!(present.ours().is_empty());
        // And back: the other node has waited when it says that she went.
        assert_eq!(present.arrive(&ana()), Arrival { here: false, ours: true });
        assert_eq!(present.set_elsewhere(node(2), vec![]), (vec![], vec![]));
        assert_eq!(present.ours(), [ana()]);
    }

    #[test]
    fn who_is_elsewhere_comes_and_goes_with_what_the_node_says() {
        let mut present = Present::new(GRACE);
        assert_eq!(present.set_elsewhere(node(2), vec![ana()]), (vec![ana()], vec![]));
        assert_eq!(present.set_elsewhere(node(3), vec![ana()]), (vec![], vec![]));
        assert_eq!(present.set_elsewhere(node(2), vec![ana()]), (vec![], vec![]), "said twice");
        assert_eq!(present.set_elsewhere(node(2), vec![]), (vec![], vec![]));
        assert_eq!(present.set_elsewhere(node(3), vec![]), (vec![], vec![ana()]));
    }

    #[test]
    fn the_people_of_a_dead_node_are_waited_for() {
        let (mut present, now) = (Present::new(GRACE), Instant::now());
        present.set_elsewhere(node(2), vec![ana()]);
        present.node_gone(node(2), now);
        assert_eq!(present.lapse(now + GRACE / 2), lapsed(&[], false));
        assert_eq!(present.set_elsewhere(node(3), vec![ana()]), (vec![], vec![]), "she came back");
        assert_eq!(present.lapse(now + GRACE), lapsed(&[], false));
        present.node_gone(node(3), now);
        assert_eq!(present.lapse(now + GRACE), lapsed(&[ana()], false));
    }
}
