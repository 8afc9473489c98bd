//! What is known of the other nodes, and what follows from it. Pure: beats and listings go in with their times, and
//! who is silent or gone comes out.
//!
//! A node is known in two ways: it beats through the link, and the store lists it as living. Beats say who is heard;
//! the listing says who should be. A node that should be and is not heard may be committing what nobody tells us.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use persistence::NodeId;
use tokio::time::Instant;

use crate::link::Beat;

/// How often a node beats.
pub(super) const BEAT: Duration = Duration::from_millis(300);
/// A node not heard for so long is silent: three beats.
const SILENT: Duration = Duration::from_millis(1_000);
/// How long a node that was just listed may take to be heard.
const FIRST_WORD: Duration = Duration::from_millis(600);
/// How long the people of a silent node that still lives are taken to be there.
const PEOPLE_STAY: Duration = Duration::from_secs(30);

/// Who is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// What this node says does not come back to it.
    Own,
    /// Another node, which lives.
    Of(NodeId),
}

/// What a beat changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    /// The node could not tell us everything.
    Lost,
    /// The node says that it ends.
    Left,
}

pub(super) struct Peers {
    me: NodeId,
    /// What this node's own beats count their time from.
    started: Instant,
    /// How long the agents of a node that ended are waited for.
    grace: Duration,
    /// Until then they are.
    agents_until: Option<Instant>,
    heard: HashMap<NodeId, Peer>,
    /// Those that the store calls living, and since when it does.
    listed: HashMap<NodeId, Instant>,
    /// Those that said that they end; the store may still list them.
    left: HashSet<NodeId>,
}

struct Peer {
    /// When it was last heard; of this node itself: when it said what came back last. So what is late is not heard,
    /// however regularly it comes.
    at: Instant,
    beat: Beat,
    /// Its people were taken away.
    gone: bool,
}

impl Peers {
    pub(super) fn new(me: NodeId, started: Instant, grace: Duration) -> Self {
        Self {
            me,
            started,
            grace,
            agents_until: None,
            heard: HashMap::new(),
            listed: HashMap::new(),
            left: HashSet::new(),
        }
    }

    pub(super) fn beat(&mut self, from: NodeId, beat: Beat, now: Instant) -> Heard {
        if self.left.contains(&from) {
            return Heard::Nothing;
        }
        if beat.leaving {
            if self.heard.remove(&from).is_some_and(|peer| peer.has_agents()) {
                self.agents_until = Some(now + self.grace);
            }
            self.left.insert(from);
            return Heard::Left;
        }
        let own = from == self.me;
        let at = if own { self.started + Duration::from_millis(beat.at_ms) } else { now };
        let lost = beat.lost;
        let before = self.heard.insert(from, Peer { at, beat, gone: false });
        if !own && before.map_or(0, |before| before.beat.lost) < lost { Heard::Lost } else { Heard::Nothing }
    }

    /// Takes what the store lists; true if somebody is not there any more, whose last words may not have come.
    pub(super) fn listed(&mut self, living: &[NodeId], now: Instant) -> bool {
        let before = std::mem::take(&mut self.listed);
        self.listed = living.iter().map(|node| (*node, before.get(node).copied().unwrap_or(now))).collect();
        self.left.retain(|node| self.listed.contains_key(node));
        before.keys().any(|node| !self.listed.contains_key(node))
    }

    /// Who should be heard and is not.
    pub(super) fn silence(&self, now: Instant) -> Option<Silence> {
        let heard = |node: &NodeId| self.heard.get(node).is_some_and(|peer| now - peer.at <= SILENT);
        if !heard(&self.me) {
            return Some(Silence::Own);
        }
        let silent = |(node, since): &(&NodeId, &Instant)| {
            !heard(node) && now - **since > FIRST_WORD && !self.left.contains(node)
        };
        self.listed.iter().find(silent).map(|(node, _)| Silence::Of(*node))
    }

    /// The nodes whose people are to be taken away: dead, or silent for too long.
    pub(super) fn take_gone(&mut self, now: Instant) -> Vec<NodeId> {
        let (me, listed) = (self.me, &self.listed);
        let mut gone = Vec::new();
        for (node, peer) in &mut self.heard {
            let silent = now - peer.at;
            let lives = listed.contains_key(node);
            if !peer.gone && *node != me && (silent > PEOPLE_STAY || silent > SILENT && !lives) {
                if peer.has_agents() {
                    self.agents_until = Some(now + self.grace);
                }
                peer.gone = true;
                gone.push(*node);
            }
        }
        self.heard.retain(|node, peer| !peer.gone || listed.contains_key(node));
        gone
    }

    /// How many other nodes are heard.
    pub(super) fn others(&self, now: Instant) -> usize {
        self.heard.iter().filter(|(node, peer)| **node != self.me && now - peer.at <= SILENT).count()
    }

    /// Whether an agent is connected to any other node, or was to one that ended a moment ago.
    pub(super) fn agents_elsewhere(&self, now: Instant) -> bool {
        let others = |(node, peer): (&NodeId, &Peer)| *node != self.me && peer.has_agents();
        self.agents_until.is_some_and(|until| now < until) || self.heard.iter().any(others)
    }
}

impl Peer {
    fn has_agents(&self) -> bool {
        !self.gone && self.beat.agents
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn node(n: u128) -> NodeId {
        NodeId::new(Uuid::from_u128(n))
    }

    const GRACE: Duration = Duration::from_secs(15);

    fn lost(lost: u64) -> Beat {
        Beat { lost, ..Beat::default() }
    }

    /// A beat of the node itself, said so long after its start.
    fn own(at: Duration) -> Beat {
        Beat { at_ms: u64::try_from(at.as_millis()).unwrap(), ..Beat::default() }
    }

    /// Node 1 as it hears itself and node 2, and the store lists both, from a moment on.
    fn two() -> (Peers, Instant) {
        let now = Instant::now();
        let mut peers = Peers::new(node(1), now, GRACE);
        peers.listed(&[node(1), node(2)], now);
        peers.beat(node(1), lost(0), now);
        peers.beat(node(2), Beat { agents: true, ..lost(0) }, now);
        (peers, now)
    }

    #[test]
    fn a_node_that_does_not_hear_itself_is_deaf() {
        let (mut peers, now) = two();
        assert_eq!(peers.silence(now + SILENT), None);
        let later = now + SILENT + BEAT;
        peers.beat(node(2), lost(0), later);
        assert_eq!(peers.silence(later), Some(Silence::Own));
        peers.beat(node(1), own(Duration::ZERO), later);
        assert_eq!(peers.silence(later), Some(Silence::Own), "it came back, but late");
        peers.beat(node(1), own(later - now), later);
        assert_eq!(peers.silence(later), None);
    }

    #[test]
    fn who_lives_and_is_not_heard_is_silent_until_it_is_dead() {
        let (mut peers, now) = two();
        let later = now + SILENT * 2;
        peers.beat(node(1), own(later - now), later);
        assert_eq!(peers.silence(later), Some(Silence::Of(node(2))));
        assert!(peers.take_gone(later).is_empty() && peers.agents_elsewhere(later), "it lives");
        assert!(peers.listed(&[node(1)], later), "somebody is missing");
        assert_eq!(peers.silence(later), None);
        assert_eq!(peers.take_gone(later), [node(2)]);
        assert!(peers.take_gone(later).is_empty());
        assert!(peers.agents_elsewhere(later + GRACE / 2), "they may come to another one");
        assert!(!peers.agents_elsewhere(later + GRACE));
    }

    #[test]
    fn the_people_of_a_silent_node_do_not_stay_for_ever() {
        let (mut peers, now) = two();
        let later = now + PEOPLE_STAY + BEAT;
        peers.beat(node(1), own(later - now), later);
        assert_eq!(peers.take_gone(later), [node(2)]);
        assert_eq!(peers.silence(later), Some(Silence::Of(node(2))), "it lives all the same");
        assert!(peers.take_gone(later).is_empty(), "once");
        peers.beat(node(2), lost(0), later);
        assert_eq!(peers.silence(later), None);
    }

    #[test]
    fn a_new_node_has_a_moment_to_be_heard() {
        let (mut peers, now) = two();
        peers.listed(&[node(1), node(2), node(3)], now);
        assert_eq!(peers.silence(now + FIRST_WORD), None);
        assert_eq!(peers.silence(now + FIRST_WORD + Duration::from_millis(1)), Some(Silence::Of(node(3))));
    }

    #[test]
    fn who_leaves_is_not_missed() {
        let (mut peers, now) = two();
        assert_eq!(peers.beat(node(2), Beat { leaving: true, ..lost(0) }, now), Heard::Left);
        let later = now + SILENT * 2;
        peers.beat(node(1), own(later - now), later);
        assert_eq!(peers.beat(node(2), lost(0), later), Heard::Nothing, "a belated word");
        assert_eq!((peers.silence(later), peers.others(later)), (None, 0));
        assert!(peers.agents_elsewhere(now + GRACE / 2) && !peers.agents_elsewhere(now + GRACE));
    }

    #[test]
    fn what_a_node_could_not_say_is_noticed() {
        let (mut peers, now) = two();
        assert_eq!(peers.beat(node(2), lost(3), now), Heard::Lost);
        assert_eq!(peers.beat(node(2), lost(3), now), Heard::Nothing);
        assert_eq!(peers.beat(node(3), lost(1), now), Heard::Lost, "before it was heard first");
        assert_eq!(peers.beat(node(1), lost(9), now), Heard::Nothing, "this node knows what it said");
        assert_eq!(peers.others(now), 2);
    }
}
