//! The node's task among the others: beats, tells the store that it lives, looks who is silent, and makes up for what
//! the link did not carry.

use std::{sync::Arc, time::Duration};

use persistence::{NodeId, StoreError};
use protocol::SessionId;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Check, Cluster, peers::BEAT};
use crate::{
    Hub, Inner, Link,
    link::{Beat, Message},
    session::{Command, InFlight, landing},
};

/// A node that has not told the store for so long that it lives is dead.
pub(super) const LIFE: Duration = Duration::from_secs(4);
/// How often it tells the store, and hears who else did.
const LISTING: Duration = Duration::from_millis(600);
/// How often the store is asked for what happened elsewhere while somebody is silent. With the time that it takes to
/// notice the silence less than the two seconds of promise 7.
const ASK: Duration = Duration::from_millis(600);
/// How often lists may be read anew, for whatever reason: each is a question of its own.
const LISTS: Duration = Duration::from_millis(1_200);
/// Sessions in one question.
const TOGETHER: usize = 10_000;
/// Sessions whose people are exchanged between two beats: spread, so that the link has room for messages in between.
const EXCHANGED: usize = 200;

type Listing = InFlight<Result<Vec<NodeId>, StoreError>>;

struct Life {
    hub: Hub,
    link: Arc<dyn Link>,
    next_listing: Instant,
    listing: Option<Listing>,
    next_ask: Instant,
    next_lists: Instant,
    asking: Option<InFlight<Check>>,
}

/// Lives among the others until `stop`; then what it told the store last has arrived there.
pub(crate) async fn run(hub: Hub, stop: CancellationToken) {
    let Some(link) = hub.inner.link.clone() else { return };
    let now = Instant::now();
    let mut life =
        Life { hub, link, next_listing: now, listing: None, next_ask: now, next_lists: now, asking: None };
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = beat.tick() => {
                life.beat();
                life.exchange();
            }
            () = life.hub.inner.cluster.wake.notified() => {}
            listed = landing(life.listing.as_mut()) => life.listed(listed),
            again = landing(life.asking.as_mut()) => life.asked(again),
        }
        life.go_on();
    }
    if let Some(listing) = life.listing {
        // A node that says after its goodbye that it lives would be missed.
        let _ = tokio::time::timeout(LIFE, listing).await;
    }
}

impl Life {
    fn cluster(&self) -> &Cluster {
        &self.hub.inner.cluster
    }

    fn beat(&self) {
        let inner = &self.hub.inner;
        let said = Beat {
            at_ms: u64::try_from(inner.cluster.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            agents: inner.people.anybody(),
            lost: self.link.lost(),
            leaving: false,
        };
        self.link.publish(inner.node, Message::Beat(said));
    }

    fn listed(&mut self, listed: Result<Vec<NodeId>, StoreError>) {
        self.listing = None;
        let mut state = self.cluster().state();
        match listed {
            Ok(living) => {
                if state.peers.listed(&living, Instant::now()) {
                    state.check.everything();
                }
            }
            // What was committed while the store did not answer may have been said by nobody.
            Err(_) => state.check.everything(),
        }
    }

    fn asked(&mut self, again: Check) {
        self.asking = None;
        let mut state = self.cluster().state();
        state.check.everything |= again.everything;
        state.check.sessions.extend(again.sessions);
    }

    fn go_on(&mut self) {
        let now = Instant::now();
        if self.listing.is_none() && now >= self.next_listing {
            self.next_listing = now + LISTING;
            let (store, node) = (self.hub.inner.store.clone(), self.hub.inner.node);
            self.listing = Some(Box::pin(async move { store.beat(node, LIFE).await }));
        }
        let (gone, well_again) = self.cluster().look(now);
        for node in gone {
            self.hub.node_gone(node);
        }
        if well_again {
            let followed = self.followed();
            self.cluster().state().check.people.extend(followed);
            // Whether they did, nobody said meanwhile.
            self.hub.inner.views_changed(None, None);
        }
        self.check(now);
    }

    /// Starts what is to be made up for, if it is time to.
    fn check(&mut self, now: Instant) {
        let mut state = self.cluster().state();
        let silent = state.silent.is_some();
        if silent && now >= self.next_ask {
            state.check.everything();
        }
        let lists = state.check.lists && now >= self.next_lists;
        if lists {
            state.check.lists = false;
        }
        let something = state.check.everything || !state.check.sessions.is_empty();
        let question = (something && self.asking.is_none()).then(|| {
            let sessions = std::mem::take(&mut state.check.sessions);
            Check { everything: std::mem::take(&mut state.check.everything), sessions, ..Check::default() }
        });
        drop(state);
        if lists {
            self.next_lists = now + LISTS;
            self.hub.inner.inbox.read_anew();
        }
        if let Some(question) = question {
            self.next_ask = now + ASK;
            let sessions = if question.everything {
                self.followed()
            } else {
                question.sessions.iter().copied().collect()
            };
            self.asking = Some(Box::pin(ask(self.hub.inner.clone(), question, sessions)));
        }
    }

    fn followed(&self) -> Vec<SessionId> {
        let live = self.hub.inner.sessions.iter().filter(|live| live.is_followed());
        live.map(|live| *live.key()).collect()
    }

    /// Tells the other nodes who follows what here, and asks them for the same, where hints were missed.
    fn exchange(&self) {
        let mut state = self.cluster().state();
        if state.silent.is_some() {
            return;
        }
        let some: Vec<_> = state.check.people.iter().take(EXCHANGED).copied().collect();
        for session in &some {
            state.check.people.remove(session);
        }
        drop(state);
        for session in some {
            self.hub.tell_live(session, Command::Exchange);
        }
    }
}

/// Asks the store how far sessions are, and tells those that are behind. Answers what has to be asked again.
async fn ask(hub: Arc<Inner>, question: Check, sessions: Vec<SessionId>) -> Check {
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
                return question;
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the store refused to say how far sessions are");
            }
        }
    }
    Check::default()
}
