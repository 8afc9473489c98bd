//! The node among others: it says that it lives, hears who else does, and turns to the store when the link falls
//! silent (promise 7).
//!
//! A beat goes through the link, the way of everything else. As long as this node hears its own and those of all
//! nodes that the store lists as living, it hears what they commit. When it does not, it asks the store, once for all
//! sessions that somebody follows here, until it has heard everybody for a while.

mod life;
mod peers;

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use persistence::{NodeId, StoreError};
use protocol::SessionId;
use tokio::{sync::Notify, time::Instant};

use crate::{
    Hub,
    link::{Beat, Message},
    session::{Command, NotTaken},
};
use peers::{Heard, Peers};

pub(crate) use life::run;

pub use peers::Silence;

/// How long all must be heard before they are believed to be.
const SETTLED: Duration = Duration::from_secs(2);
/// Silence that is worth a line in the log: without a break, and with breaks that were too short to be believed.
const WORTH_A_LINE: Duration = Duration::from_millis(1_500);
const ALSO_WORTH_A_LINE: Duration = Duration::from_secs(10);
/// How long a node that ends waits to hear itself say so.
const LAST_WORD: Duration = Duration::from_millis(500);

/// How the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkHealth {
    /// There is none: this node is alone.
    Alone,
    /// There is none, but there are other nodes, of which this one hears nothing: a mistake of the operator's.
    Missing,
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
    /// What beats count their time from.
    started: Instant,
    state: Mutex<State>,
    wake: Notify,
    /// This node's last beat came back.
    said_goodbye: Notify,
}

struct State {
    /// On a node without a link: since when there are others.
    others_since: Option<Instant>,
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

/// What is to be made up for.
#[derive(Default)]
struct Check {
    /// The store is to be asked for all sessions that are followed here.
    everything: bool,
    /// The store is to be asked for these.
    sessions: HashSet<SessionId>,
    /// Lists are to be read anew.
    lists: bool,
    /// The people of these are to be exchanged with the other nodes.
    people: HashSet<SessionId>,
}

impl Check {
    fn everything(&mut self) {
        (self.everything, self.lists) = (true, true);
    }
}

impl Cluster {
    pub(crate) fn new(me: NodeId, grace: Duration) -> Self {
        let started = Instant::now();
        let silent = Silent::since(started, Some(Silence::Own));
        let peers = Peers::new(me, started, grace);
        let state = State { others_since: None, peers, silent: Some(silent), check: Check::default() };
        Self { started, state: Mutex::new(state), wake: Notify::new(), said_goodbye: Notify::new() }
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
        let heard = state.peers.beat(from, beat, Instant::now());
        if heard != Heard::Nothing {
            // Who ends may have had more to say than it could.
            state.check.everything();
            drop(state);
            self.wake.notify_one();
        }
        (heard == Heard::Left).then_some(from)
    }

    /// The link was not there for a moment.
    pub(crate) fn missed_something(&self) {
        self.state().check.everything();
        self.wake.notify_one();
    }

    /// The store is to be asked for the session; and its people are to be exchanged, now or when all are heard.
    pub(crate) fn check(&self, session: SessionId, people: bool) {
        let mut state = self.state();
        state.check.sessions.insert(session);
        if people && state.silent.is_none() {
            state.check.people.insert(session);
        }
        drop(state);
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

    /// Of a node without a link: whether the store lists others.
    fn without_link(&self, others: bool) {
        let mut state = self.state();
        let before = not_alone(&state);
        if others {
            state.others_since.get_or_insert_with(Instant::now);
        } else {
            state.others_since = None;
        }
        if not_alone(&state) && !before {
            tracing::error!(
                "other nodes work on this store, and this one has no link to them: \
                 what they commit reaches nobody here until it is read; start all with the same --redis-url"
            );
        }
    }

    fn is_not_alone(&self) -> bool {
        not_alone(&self.state())
    }

    /// Looks whether somebody is silent. What follows from it: people of nodes that are gone; and whether all are
    /// heard again now.
    fn look(&self, now: Instant) -> (Vec<NodeId>, bool) {
        let mut state = self.state();
        let who = state.peers.silence(now);
        let gone = state.peers.take_gone(now);
        if !gone.is_empty() {
            state.check.everything();
        }
        let mut well_again = false;
        match (&mut state.silent, who) {
            (None, None) => {}
            (None, Some(_)) => {
                state.silent = Some(Silent::since(now, who));
                state.check.everything();
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
                    state.check.everything();
                    well_again = true;
                }
            }
        }
        (gone, well_again)
    }
}

/// Longer than what a node that was killed and started again leaves behind.
fn not_alone(state: &State) -> bool {
    state.others_since.is_some_and(|since| since.elapsed() > life::LIFE * 3 / 2)
}

fn describe(who: Option<Silence>) -> String {
    match who {
        None => "nobody".to_owned(),
        Some(Silence::Own) => "what this node says does not come back".to_owned(),
        Some(Silence::Of(node)) => format!("node {node} lives but is not heard"),
    }
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
            Message::Told { agent, notification } => inner.told(agent, &notification),
            Message::Views { of, changed } => inner.views_changed(of, changed),
            Message::Blocked { contacts } => inner.blocked.tell(&contacts),
            Message::Signal { session, signal } => self.tell_live(session, Command::Signal { from, signal }),
        }
    }

    /// The link hears of the session from now on: what happened before is asked for.
    pub fn listening(&self, session: SessionId) {
        self.inner.cluster.check(session, true);
    }

    /// Something happened to the session that could not be read.
    pub(crate) fn outdated(&self, session: SessionId) {
        self.inner.cluster.check(session, false);
    }

    /// How the link to the other nodes is.
    pub fn link_health(&self) -> LinkHealth {
        match &self.inner.link {
            Some(_) => self.inner.cluster.health(),
            None if self.inner.cluster.is_not_alone() => LinkHealth::Missing,
            None => LinkHealth::Alone,
        }
    }

    /// For a node without a link on a store that others could share: tells the store that it lives, so that nodes with
    /// a link know of it, and looks whether there are any. To be called every second or two.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn look_for_others(&self) -> Result<(), StoreError> {
        let living = self.inner.store.beat(self.inner.node, life::LIFE).await?;
        self.inner.cluster.without_link(living.len() > 1);
        Ok(())
    }

    /// Tells the session's actor if it lives here. A hint may be lost when its mailbox is full.
    pub(crate) fn tell_live(&self, session: SessionId, command: Command) {
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
            let last = Beat { lost: link.lost(), leaving: true, ..Beat::default() };
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
                let beat = Beat { at_ms: millis, ..Beat::default() };
                cluster.state().peers.beat(*node, beat, now);
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
