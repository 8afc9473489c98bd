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

/// How often a node says again who is with it, and how long it is believed: a hint may be lost.
const SAY_AGAIN: Duration = Duration::from_secs(60);
const BELIEVED: Duration = Duration::from_secs(150);

/// A person, as two parties are the same.
pub(super) type Who = (PartyKind, Option<Uuid>);

pub(super) fn key(party: &Party) -> Who {
    (party.kind, party.id)
}

/// The people of one session.
pub(super) struct Present {
    people: HashMap<Who, Here>,
    grace: Duration,
    /// When to say again whom this node has, if there is anybody to be told.
    say_again: Option<Instant>,
    tells_nodes: bool,
    /// The next moment at which something lapses, as of the last look: each message asks for it, and few change it.
    next: Option<Option<Instant>>,
}

struct Here {
    party: Party,
    /// Connections to this node.
    connections: u32,
    /// This node has them: they are connected, or were a moment ago.
    ours: bool,
    /// The other nodes that have them, and until when that is believed.
    elsewhere: Vec<(NodeId, Instant)>,
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
    /// The other nodes are to be told whom this node has.
    pub ours: bool,
}

impl Present {
    pub(super) fn new(grace: Duration, tells_nodes: bool) -> Self {
        Self { people: HashMap::new(), grace, say_again: None, tells_nodes, next: None }
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
    pub(super) fn arrive(&mut self, party: &Party, now: Instant) -> Arrival {
        self.next = None;
        if self.tells_nodes {
            self.say_again.get_or_insert(now + SAY_AGAIN);
        }
        let (here, new) = self.entry(party);
        here.connections += 1;
        here.until = None;
        Arrival { here: new, ours: !std::mem::replace(&mut here.ours, true) }
    }

    /// A connection went.
    pub(super) fn depart(&mut self, party: &Party, now: Instant) {
        self.next = None;
        let until = now + self.grace;
        if let Some(here) = self.people.get_mut(&key(party)) {
            here.connections -= 1;
            if here.connections == 0 {
                here.until = Some(until);
            }
        }
    }

    /// That node has these and nobody else: who came by it, and who went.
    pub(super) fn set_elsewhere(
        &mut self,
        node: NodeId,
        people: Vec<Party>,
        now: Instant,
    ) -> (Vec<Party>, Vec<Party>) {
        self.next = None;
        let (mut came, mut went) = (Vec::new(), Vec::new());
        self.people.retain(|who, here| {
            if !people.iter().any(|party| key(party) == *who) {
                here.elsewhere.retain(|(other, _)| *other != node);
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
            here.elsewhere.retain(|(other, _)| *other != node);
            here.elsewhere.push((node, now + BELIEVED));
            if new {
                came.push(party);
            }
        }
        (came, went)
    }

    /// That node died. Its people are waited for, as if their connections had been this node's.
    pub(super) fn node_gone(&mut self, node: NodeId, now: Instant) {
        self.forget_where(now, |other| other == node);
    }

    /// What the other nodes said may be outdated; until they say it again their people are waited for.
    pub(super) fn doubt_elsewhere(&mut self, now: Instant) {
        self.forget_where(now, |_| true);
    }

    fn forget_where(&mut self, now: Instant, forget: impl Fn(NodeId) -> bool) {
        self.next = None;
        let until = now + self.grace;
        for here in self.people.values_mut().filter(|here| !here.elsewhere.is_empty()) {
            here.elsewhere.retain(|(other, _)| !forget(*other));
            if here.elsewhere.is_empty() && !here.ours {
                here.until.get_or_insert(until);
            }
        }
    }

    /// Nothing is known of the other nodes any more.
    pub(super) fn forget_elsewhere(&mut self) {
        self.next = None;
        self.people.retain(|_, here| {
            here.elsewhere.clear();
            here.ours
        });
    }

    pub(super) fn next_lapse(&mut self) -> Option<Instant> {
        let (people, say_again) = (&self.people, self.say_again);
        *self.next.get_or_insert_with(|| {
            let waits = people.values().filter_map(|here| here.until);
            let believed = people.values().flat_map(|here| here.elsewhere.iter().map(|(_, until)| *until));
            waits.chain(believed).chain(say_again).min()
        })
    }

    /// Waits no longer for those whose time is over.
    pub(super) fn lapse(&mut self, now: Instant) -> Lapsed {
        self.next = None;
        let again = self.say_again.is_some_and(|at| at <= now);
        let mut lapsed = Lapsed { gone: Vec::new(), ours: again };
        self.people.retain(|_, here| {
            here.elsewhere.retain(|(_, until)| now < *until);
            if here.until.is_some_and(|until| until <= now) {
                here.until = None;
                lapsed.ours |= std::mem::take(&mut here.ours);
            }
            let stays = here.ours || here.until.is_some() || !here.elsewhere.is_empty();
            if !stays {
                lapsed.gone.push(here.party.clone());
            }
            stays
        });
        if self.nobody_of_ours() {
            self.say_again = None;
        } else if again {
            self.say_again = Some(now + SAY_AGAIN);
        }
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
        let (mut present, now) = (Present::new(GRACE, true), Instant::now());
        assert_eq!(present.arrive(&ana(), now), Arrival { here: true, ours: true });
        present.depart(&ana(), now);
        assert_eq!(present.lapse(now + GRACE / 2), lapsed(&[], false));
        assert_eq!(present.arrive(&ana(), now), Arrival { here: false, ours: false });
        assert_eq!(present.lapse(now + GRACE * 2), lapsed(&[], false));
        present.depart(&ana(), now + GRACE * 2);
        assert_eq!(present.next_lapse(), Some(now + GRACE * 3));
        assert_eq!(present.lapse(now + GRACE * 3), lapsed(&[ana()], true));
        assert!(present.nobody_of_ours() && present.people().next().is_none());
    }

    #[test]
    fn a_move_to_another_node_is_no_news() {
        let (mut present, now) = (Present::new(GRACE, true), Instant::now());
        present.arrive(&ana(), now);
        present.depart(&ana(), now);
        assert_eq!(present.set_elsewhere(node(2), vec![ana()], now), (vec![], vec![]));
        assert_eq!(present.lapse(now + GRACE), lapsed(&[], true), "only the nodes are told");
        assert_eq!(present.find(key(&ana())), Some(&ana()));
        assert!(present.ours().is_empty());
        // And back: the other node has waited when it says that she went.
        assert_eq!(present.arrive(&ana(), now), Arrival { here: false, ours: true });
        assert_eq!(present.set_elsewhere(node(2), vec![], now), (vec![], vec![]));
        assert_eq!(present.ours(), [ana()]);
    }

    #[test]
    fn who_is_elsewhere_comes_and_goes_with_what_the_node_says() {
        let (mut present, now) = (Present::new(GRACE, true), Instant::now());
        assert_eq!(present.set_elsewhere(node(2), vec![ana()], now), (vec![ana()], vec![]));
        assert_eq!(present.set_elsewhere(node(3), vec![ana()], now), (vec![], vec![]));
        assert_eq!(present.set_elsewhere(node(2), vec![ana()], now), (vec![], vec![]), "said twice");
        assert_eq!(present.set_elsewhere(node(2), vec![], now), (vec![], vec![]));
        assert_eq!(present.set_elsewhere(node(3), vec![], now), (vec![], vec![ana()]));
    }

    #[test]
    fn the_people_of_a_dead_node_are_waited_for() {
        let (mut present, now) = (Present::new(GRACE, true), Instant::now());
        present.set_elsewhere(node(2), vec![ana()], now);
        present.node_gone(node(2), now);
        assert_eq!(present.lapse(now + GRACE / 2), lapsed(&[], false));
        assert_eq!(present.set_elsewhere(node(3), vec![ana()], now), (vec![], vec![]), "she came back");
        assert_eq!(present.lapse(now + GRACE), lapsed(&[], false));
        present.node_gone(node(3), now);
        assert_eq!(present.lapse(now + GRACE), lapsed(&[ana()], false));
    }

    #[test]
    fn what_is_said_is_said_again_and_not_believed_for_ever() {
        let (mut present, now) = (Present::new(GRACE, true), Instant::now());
        let bo = Party { id: Some(Uuid::from_u128(2)), ..ana() };
        present.arrive(&bo, now);
        present.set_elsewhere(node(2), vec![ana()], now);
        assert_eq!(present.next_lapse(), Some(now + SAY_AGAIN));
        assert_eq!(present.lapse(now + SAY_AGAIN), lapsed(&[], true));
        assert_eq!(present.lapse(now + SAY_AGAIN), lapsed(&[], false));
        assert_eq!(present.lapse(now + SAY_AGAIN * 2), lapsed(&[], true));
        assert_eq!(present.lapse(now + BELIEVED).gone, [ana()]);
        // What is doubted and said again was here all the time.
        present.set_elsewhere(node(2), vec![ana()], now);
        present.doubt_elsewhere(now);
        assert_eq!(present.set_elsewhere(node(2), vec![ana()], now), (vec![], vec![]));
        present.doubt_elsewhere(now);
        assert_eq!(present.lapse(now + GRACE).gone, [ana()]);
    }

    #[test]
    fn a_node_that_is_alone_has_nobody_to_tell() {
        let (mut present, now) = (Present::new(GRACE, false), Instant::now());
        present.arrive(&ana(), now);
        assert_eq!(present.next_lapse(), None);
    }
}
