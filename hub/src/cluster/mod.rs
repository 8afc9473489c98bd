//! The node among others: it says that it lives, hears who else does, and turns to the store when the link falls
//! silent (promise 7).
//!
//! A beat goes through the link, the way of everything else. As long as this node hears its own and those of all
//! nodes that the store lists as living, it hears what they commit. When it does not, it asks the store, once for all
//! sessions that somebody follows here, until it has heard everybody for a while.

mod peers;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use persistence::{NodeId, StoreError};
use protocol::SessionId;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior},
};

use crate::{
    Hub, Inner,
    link::{Beat, Message},
    session::{Command, InFlight, NotTaken, landing},
};
use peers::{BEAT, Heard, Peers};

pub use peers::Silence;

/// A node that has not told the store for so long that it lives is dead.
const LIFE: Duration = Duration::from_secs(4);
/// How often it tells the store, and hears who else did.
const LISTING: Duration = Duration::from_millis(900);
/// How often the store is asked for what happened elsewhere while somebody is silent. With the time that it takes to
/// notice the silence less than the two seconds of promise 7.
const ASK: Duration = Duration::from_millis(600);
/// How many of these times lists are read anew.
const LISTS: u32 = 2;
/// How long all must be heard before they are believed to be.
const SETTLED: Duration = Duration::from_secs(2);
/// Silence that is worth a line in the log: without a break, and with breaks that were too short to be believed.
const WORTH_A_LINE: Duration = Duration::from_millis(1_500);
const ALSO_WORTH_A_LINE: Duration = Duration::from_secs(10);
/// Sessions in one question.
const TOGETHER: usize = 10_000;
/// How long a node that ends waits to hear itself say so.
const LAST_WORD: Duration = Duration::from_millis(500);

/// How the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkHealth {
    /// There is none: this node is alone.
    Alone,
    /// It carries what all nodes say.
    Well {
        /// How many other nodes are heard.
        others: usize,
    },
    /// It does not; the store is asked instead.
    Silent {
        /// Who is not heard; `None`: everybody is again, and it is waited whether that lasts.
        who: Option<Silence>,
        /// For how long.
        since: Duration,
        /// How many other nodes are heard all the same.
        others: usize,
    },
}

/// What the node knows of the others.
pub(crate) struct Cluster {
    state: Mutex<State>,
    wake: Notify,
    /// This node's last beat came back.
    said_goodbye: Notify,
}

struct State {
    peers: Peers,
    silent: Option<Silent>,
    check: Check,
}

struct Silent {
    since: Instant,
    who: Option<Silence>,
    /// Since when somebody is not heard, without a break.
    unheard_since: Instant,
    told: bool,
    /// Since when all are heard again.
    heard_since: Option<Instant>,
}

impl Silent {
    fn since(now: Instant, who: Option<Silence>) -> Self {
        Self { since: now, who, unheard_since: now, told: false, heard_since: None }
    }
}

/// What the store is to be asked for.
#[derive(Default)]
struct Check {
    everything: bool,
    sessions: HashSet<SessionId>,
}

impl Cluster {
    pub(crate) fn new(me: NodeId, grace: Duration) -> Self {
        let silent = Silent::since(Instant::now(), Some(Silence::Own));
        let state = State { peers: Peers::new(me, grace), silent: Some(silent), check: Check::default() };
        Self { state: Mutex::new(state), wake: Notify::new(), said_goodbye: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A beat came.
    pub(crate) fn heard(&self, me: NodeId, from: NodeId, beat: Beat) -> Option<NodeId> {
        if from == me && beat.leaving {
            self.said_goodbye.notify_one();
            return None;
        }
        let mut state = self.state();
        match state.peers.beat(from, beat, Instant::now()) {
            Heard::Nothing => None,
            Heard::Lost => {
                state.check.everything = true;
                drop(state);
                self.wake.notify_one();
                None
            }
            Heard::Left => Some(from),
        }
    }

    /// The link was not there for a moment.
    pub(crate) fn missed_something(&self) {
        self.state().check.everything = true;
        self.wake.notify_one();
    }

    /// The store is to be asked for the session.
    pub(crate) fn check(&self, session: SessionId) {
        self.state().check.sessions.insert(session);
        self.wake.notify_one();
    }

    pub(crate) fn agents_elsewhere(&self) -> bool {
        self.state().peers.agents_elsewhere(Instant::now())
    }

    pub(crate) fn health(&self) -> LinkHealth {
        let (state, now) = (self.state(), Instant::now());
        let others = state.peers.others(now);
        match &state.silent {
            None => LinkHealth::Well { others },
            Some(silent) => LinkHealth::Silent { who: silent.who, since: now - silent.since, others },
        }
    }

    /// Looks whether somebody is silent. What follows from it: people of nodes that are gone; and whether all are
    /// heard again now.
    fn look(&self, now: Instant) -> (Vec<NodeId>, bool) {
        let mut state = self.state();
        let who = state.peers.silence(now);
        let gone = state.peers.take_gone(now);
        let mut well_again = false;
        match (&mut state.silent, who) {
            (None, None) => {}
            (None, Some(_)) => {
                state.silent = Some(Silent::since(now, who));
                state.check.everything = true;
            }
            (Some(silent), Some(_)) => {
                silent.who = who;
                if silent.heard_since.take().is_some() {
                    silent.unheard_since = now;
                }
                let worth_a_line =
                    now - silent.unheard_since > WORTH_A_LINE || now - silent.since > ALSO_WORTH_A_LINE;
                if !silent.told && worth_a_line {
                    silent.told = true;
                    tracing::warn!(who = %describe(who), "the link between nodes is silent: asking the store instead");
                }
            }
            (Some(silent), None) => {
                silent.who = None;
                let since = *silent.heard_since.get_or_insert(now);
                if now - since >= SETTLED {
                    if silent.told {
                        let seconds = (now - silent.since).as_secs();
                        tracing::info!(seconds, "the link between nodes carries again");
                    }
                    state.silent = None;
                    state.check.everything = true;
                    well_again = true;
                }
            }
        }
        (gone, well_again)
    }

    fn silent(&self) -> bool {
        self.state().silent.is_some()
    }

    fn take_check(&self) -> Check {
        std::mem::take(&mut self.state().check)
    }
}

fn describe(who: Option<Silence>) -> String {
    match who {
        None => "nobody".to_owned(),
        Some(Silence::Own) => "what this node says does not come back".to_owned(),
        Some(Silence::Of(node)) => format!("node {node} lives but is not heard"),
    }
}

/// Lives among the others, for ever.
pub(crate) async fn run(hub: Hub) {
    let inner = &*hub.inner;
    let (Some(link), cluster) = (&inner.link, &inner.cluster) else { return };
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_listing = Instant::now();
    let mut listing: Option<InFlight<Result<Vec<NodeId>, StoreError>>> = None;
    let mut next_ask = Instant::now();
    let mut asks = 0_u32;
    let mut asking: Option<InFlight<Check>> = None;
    loop {
        tokio::select! {
            _ = beat.tick() => {
                let said = Beat { agents: inner.people.agents(), lost: link.lost(), leaving: false };
                link.publish(inner.node, Message::Beat(said));
            }
            () = cluster.wake.notified() => {}
            listed = landing(listing.as_mut()) => {
                listing = None;
                // While the store is away nothing is committed anywhere, so nothing is missed.
                if let Ok(living) = listed {
                    cluster.state().peers.listed(&living, Instant::now());
                }
            }
            again = landing(asking.as_mut()) => {
                asking = None;
                let mut state = cluster.state();
                state.check.everything |= again.everything;
                state.check.sessions.extend(again.sessions);
            }
        }
        let now = Instant::now();
        // Who is about to leave must not say after it that it lives.
        if listing.is_none() && now >= next_listing && !inner.stop.is_cancelled() {
            next_listing = now + LISTING;
            let (store, node) = (inner.store.clone(), inner.node);
            listing = Some(Box::pin(async move { store.beat(node, LIFE).await }));
        }
        let (gone, well_again) = cluster.look(now);
        for node in gone {
            hub.node_gone(node);
        }
        if well_again {
            inner.inbox.read_anew();
            exchange(&hub);
        }
        if asking.is_none() {
            let mut check = cluster.take_check();
            if now >= next_ask && cluster.silent() {
                next_ask = now + ASK;
                check.everything = true;
                if asks.is_multiple_of(LISTS) {
                    inner.inbox.read_anew();
                }
                asks = asks.wrapping_add(1);
            } else if check.everything {
                inner.inbox.read_anew();
            }
            if check.everything || !check.sessions.is_empty() {
                asking = Some(Box::pin(ask(hub.inner.clone(), check)));
            }
        }
    }
}

/// Asks the store how far sessions are, and tells those that are behind. Answers what could not be asked.
async fn ask(hub: Arc<Inner>, check: Check) -> Check {
    let sessions: Vec<_> = if check.everything {
        hub.sessions.iter().filter(|live| live.is_followed()).map(|live| *live.key()).collect()
    } else {
        check.sessions.iter().copied().collect()
    };
    for some in sessions.chunks(TOGETHER) {
        hub.metrics.asked.increment(1);
        match hub.store.positions(some).await {
            Ok(positions) => {
                for position in positions {
                    if let Some(live) = hub.sessions.get(&position.session) {
                        live.is_at(position.last_seq, position.version);
                    }
                }
            }
            Err(error) if error.retryable() => {
                tokio::time::sleep(BEAT).await;
                return check;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store refused to say how far sessions are"
                );
                return Check::default();
            }
        }
    }
    Check::default()
}

/// Tells the other nodes who follows what here, and asks them for the same, since hints were missed. Spread, so that
/// the link has room for messages in between.
fn exchange(hub: &Hub) {
    const TOGETHER: usize = 200;
    let live: Vec<_> =
        hub.inner.sessions.iter().filter(|live| live.is_followed()).map(|live| *live.key()).collect();
    let told = hub.clone();
    hub.inner.hints.spawn(hub.inner.left.clone().run_until_cancelled_owned(async move {
        for some in live.chunks(TOGETHER) {
            for session in some {
                told.tell_live(*session, Command::Exchange);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }));
}

impl Hub {
    /// Takes what a node said: another, or this one, whose own words may come back to it.
    pub fn receive(&self, from: NodeId, message: Message) {
        let inner = &self.inner;
        match message {
            Message::Beat(beat) => {
                if let Some(left) = inner.cluster.heard(inner.node, from, beat) {
                    self.node_gone(left);
                }
            }
            _ if from == inner.node => {}
            Message::Committed(publication) => self.committed_elsewhere(publication),
            Message::Signal { session, signal } => self.tell_live(session, Command::Signal { from, signal }),
        }
    }

    /// The link hears of the session from now on: what happened before is asked for.
    pub fn listening(&self, session: SessionId) {
        self.inner.cluster.check(session);
        // Else all are told in good order when everybody is heard.
        if !self.inner.cluster.silent() {
            self.tell_live(session, Command::Exchange);
        }
    }

    /// How the link to the other nodes is.
    pub fn link_health(&self) -> LinkHealth {
        if self.inner.link.is_some() { self.inner.cluster.health() } else { LinkHealth::Alone }
    }

    /// Tells the session's actor if it lives here. A hint may be lost when its mailbox is full.
    fn tell_live(&self, session: SessionId, command: Command) {
        if let Some(live) = self.inner.sessions.get(&session) {
            let _ = live.tell(command);
        }
    }

    /// The people of a node are not there any more.
    fn node_gone(&self, node: NodeId) {
        for live in self.inner.sessions.iter().filter(|live| live.is_followed()) {
            if let Err(NotTaken::Full(command)) = live.tell(Command::NodeGone(node)) {
                let handle = live.clone();
                self.inner.hints.spawn(async move { handle.tell_patiently(command).await });
            }
        }
    }

    /// Says goodbye to the other nodes, so that nobody waits for this one's silence to mean its death.
    pub(crate) async fn say_goodbye(&self) {
        let inner = &*self.inner;
        if let Some(link) = &inner.link {
            let last = Beat { agents: Vec::new(), lost: link.lost(), leaving: true };
            link.publish(inner.node, Message::Beat(last));
            let heard = tokio::time::timeout(LAST_WORD, inner.cluster.said_goodbye.notified());
            // Without either, the others find out by themselves.
            let _ = tokio::join!(heard, tokio::time::timeout(LAST_WORD, inner.store.leave(inner.node)));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_moment_of_silence_between_others_is_not_worth_a_line() {
        let [me, other] = [1, 2].map(|n| NodeId::new(Uuid::from_u128(n)));
        let (cluster, began) = (Cluster::new(me, Duration::ZERO), Instant::now());
        let told = |millis: u64, heard: &[NodeId]| {
            let now = began + Duration::from_millis(millis);
            for node in heard {
                cluster.state().peers.beat(*node, Beat::default(), now);
            }
            cluster.look(now);
            cluster.state().silent.as_ref().is_some_and(|silent| silent.told)
        };
        cluster.state().peers.listed(&[me, other], began);
        assert!(!told(1_200, &[]), "it begins");
        assert!(!told(1_400, &[me, other]));
        assert!(!told(2_500, &[me]), "the other is late, and was heard a moment ago");
        assert!(!told(3_900, &[me]));
        assert!(told(4_100, &[me]), "that is too long");
    }
}
