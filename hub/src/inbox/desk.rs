//! All lists that are watched on this node, and who watches them. Each is kept once, whoever and however many watch
//! it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use persistence::{Session, SessionPage, Store};
use protocol::{AgentId, ConnectionId, View, ViewId, ViewName, limits};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::task::AbortOnDropHandle;

use super::{
    News,
    list::{List, Rows},
    view::Question,
    watched::{MEANWHILE, Watched, Watcher},
};
use crate::{Caller, HubError, due::Current};

/// Until a list that could not be read is tried again.
pub(super) const AGAIN: Duration = Duration::from_secs(1);
/// What may wait for one connection: each list whole, as it asked for it, and one look at what changed.
pub(super) const QUEUE: usize = limits::WATCHED + 1;

/// Who sees the same list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    view: View,
    /// The agent whose it is.
    of: Option<AgentId>,
    /// The agent to whose eyes it is restricted.
    eyes: Option<AgentId>,
    limit: u32,
}

impl Key {
    fn new(view: &View, caller: &Caller, limit: u32) -> Self {
        let me = match caller {
            Caller::Agent { agent, .. } => Some(agent.id),
            Caller::Customer(_) | Caller::System => None,
        };
        let (of, eyes) = match view {
            // What one holds, and what nobody has taken, is open to everybody.
            View::Named(ViewName::Mine) => (me, None),
            View::Named(ViewName::Unassigned) => (None, None),
            View::Named(ViewName::Mentions) => (me, caller.restricted_to()),
            View::Named(ViewName::All | ViewName::Waiting | ViewName::Snoozed) => {
                (None, caller.restricted_to())
            }
            // Whether all find the same in it is known once it is read: then it is shared.
            View::Saved(_) => (me, caller.restricted_to()),
            View::Filter(filter) => (me.filter(|_| filter.is_personal()), caller.restricted_to()),
        };
        Self { view: view.clone(), of, eyes, limit }
    }
}

impl Key {
    /// The same list, for whoever has these eyes.
    fn of_all(&self) -> Self {
        Self { of: None, ..self.clone() }
    }
}

/// One list among those that are watched. Never used again, so that what was read for one is not taken for another.
pub(super) type ListId = u64;

/// What is sent to one connection in one go: which of its lists, by the number it gave it, and what.
pub(super) type Pieces = Vec<(u64, News)>;

/// A list to be read, and how.
pub(super) struct Reading {
    pub list: ListId,
    view: View,
    caller: Caller,
    limit: u32,
}

pub(super) struct Desk {
    rules: Arc<Current>,
    rows: Rows,
    keys: HashMap<Key, ListId>,
    lists: HashMap<ListId, Watched>,
    connections: HashMap<ConnectionId, Connection>,
    next_id: ListId,
    /// Somebody is to be told more, later.
    pub(super) unfinished: bool,
    /// Nothing is told any more.
    stopped: bool,
}

pub(super) struct Connection {
    pub news: mpsc::Sender<Pieces>,
    caller: Caller,
    /// Its lists, by the number it gave them.
    pub lists: HashMap<u64, ListId>,
}

impl Desk {
    pub(super) fn new(rules: Arc<Current>) -> Self {
        Self {
            rules,
            rows: Rows::default(),
            keys: HashMap::new(),
            lists: HashMap::new(),
            connections: HashMap::new(),
            next_id: 0,
            unfinished: false,
            stopped: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// A connection that can watch lists.
    pub(super) fn arrive(&mut self, connection: ConnectionId, caller: Caller, news: mpsc::Sender<Pieces>) {
        if !self.stopped {
            self.connections.insert(connection, Connection { news, caller, lists: HashMap::new() });
        }
    }

    pub(super) fn depart(&mut self, connection: ConnectionId) {
        let Some(gone) = self.connections.remove(&connection) else { return };
        for list in gone.lists.into_values() {
            self.unwatch(list, connection);
        }
    }

    pub(super) fn watch(&mut self, connection: ConnectionId, number: u64, view: &View, limit: u32) {
        let Some(watching) = self.connections.get_mut(&connection) else { return };
        let now = Instant::now();
        let caller = &watching.caller;
        let mut key = Key::new(view, caller, limit);
        if matches!(view, View::Saved(_)) && self.keys.contains_key(&key.of_all()) {
            key = key.of_all();
        }
        let id = *self.keys.entry(key.clone()).or_insert_with(|| {
            self.next_id += 1;
            self.next_id
        });
        let watched = self.lists.entry(id).or_insert_with(|| Watched {
            key,
            list: List::new(view.clone(), limit),
            caller: caller.clone(),
            watchers: Vec::new(),
            wanted: None,
            reading: false,
            meanwhile: HashMap::new(),
            counted_at: now,
            changed_since_count: false,
        });
        watching.lists.insert(number, id);
        let total = (0, now);
        watched.watchers.push(Watcher { connection, number, has: None, total, answered_by_reading: false });
        // Whatever was committed before it asked is in its list, so the store is asked now.
        watched.wanted = Some(now);
    }

    pub(super) fn end(&mut self, connection: ConnectionId, number: u64) {
        let watching = self.connections.get_mut(&connection);
        if let Some(list) = watching.and_then(|watching| watching.lists.remove(&number)) {
            let others = |watcher: &Watcher| watcher.connection != connection || watcher.number != number;
            self.keep_watchers(list, others);
        }
    }

    fn unwatch(&mut self, list: ListId, connection: ConnectionId) {
        self.keep_watchers(list, |watcher| watcher.connection != connection);
    }

    /// Forgets a list when nobody watches it any more.
    fn keep_watchers(&mut self, id: ListId, keep: impl Fn(&Watcher) -> bool) {
        let Some(watched) = self.lists.get_mut(&id) else { return };
        watched.watchers.retain(|watcher| keep(watcher));
        if watched.watchers.is_empty() {
            self.keys.remove(&watched.key);
            self.lists.remove(&id);
        }
    }

    /// Tells nobody anything any more: whoever waits hears that.
    pub(super) fn stop(&mut self) {
        *self = Self { stopped: true, ..Self::new(self.rules.clone()) };
    }

    /// Every list is to be read anew.
    pub(super) fn read_anew(&mut self) {
        self.want(|_| true);
    }

    /// A saved view asks for something else, or is gone.
    pub(super) fn view_changed(&mut self, id: ViewId) {
        let view = View::Saved(id);
        // Those who found the same in it may not do so any more.
        let shared = self.lists.iter().filter(|(_, list)| list.key.view == view && list.key.of.is_none());
        for list in shared.map(|(list, _)| *list).collect::<Vec<_>>() {
            let Some(parted) = self.lists.remove(&list) else { continue };
            self.keys.remove(&parted.key);
            for watcher in parted.watchers {
                self.watch(watcher.connection, watcher.number, &view, parted.key.limit);
            }
        }
        self.want(|key| key.view == view);
    }

    /// Makes one list of those in which the same is found, whoever looks; which that is.
    fn share(&mut self, id: ListId) -> ListId {
        let Some(watched) = self.lists.get_mut(&id) else { return id };
        let key = watched.key.of_all();
        let target = *self.keys.entry(key.clone()).or_insert(id);
        if target == id && watched.key != key {
            self.keys.remove(&watched.key);
            watched.key = key.clone();
        }
        let same = |list: &Watched| list.key != key && list.key.of_all() == key;
        let others = self.lists.iter().filter(|(_, list)| same(list)).map(|(id, _)| *id);
        let mut joined = Vec::new();
        for other in others.collect::<Vec<_>>() {
            let Some(list) = self.lists.remove(&other) else { continue };
            self.keys.remove(&list.key);
            joined.extend(list.watchers);
        }
        for watcher in &mut joined {
            // The reading that would have answered it is of no use.
            watcher.answered_by_reading = false;
            if let Some(connection) = self.connections.get_mut(&watcher.connection) {
                connection.lists.insert(watcher.number, target);
            }
        }
        if let Some(list) = self.lists.get_mut(&target).filter(|_| !joined.is_empty()) {
            list.watchers.extend(joined);
            list.wanted = Some(Instant::now());
        }
        target
    }

    /// An agent was told something in person, maybe that a note names them.
    pub(super) fn notified(&mut self, agent: AgentId) {
        self.want(|key| key.of == Some(agent) && key.view == View::Named(ViewName::Mentions));
    }

    fn want(&mut self, which: impl Fn(&Key) -> bool) {
        let now = Instant::now();
        for watched in self.lists.values_mut().filter(|watched| which(&watched.key)) {
            watched.wanted = Some(now);
        }
    }

    /// A list that is to be read now; the caller reads it.
    pub(super) fn next_reading(&mut self) -> Option<Reading> {
        let now = Instant::now();
        let due = |watched: &Watched| !watched.reading && watched.wanted.is_some_and(|at| at <= now);
        // The one that has waited longest, or some would never have their turn.
        let due = self.lists.iter_mut().filter(|(_, watched)| due(watched));
        let (id, watched) = due.min_by_key(|(_, watched)| watched.wanted)?;
        watched.wanted = None;
        watched.reading = true;
        for watcher in watched.watchers.iter_mut().filter(|watcher| watcher.has.is_none()) {
            watcher.answered_by_reading = true;
        }
        let (view, caller) = (watched.key.view.clone(), watched.caller.clone());
        Some(Reading { list: *id, view, caller, limit: watched.list.reads() })
    }

    /// When the next list is to be read.
    pub(super) fn next_reading_at(&self) -> Option<Instant> {
        self.lists.values().filter(|watched| !watched.reading).filter_map(|watched| watched.wanted).min()
    }

    /// Takes a list that was read, and answers those who wait for it.
    pub(super) fn read(&mut self, id: ListId, answer: Answer) {
        if answer.as_ref().is_ok_and(|(question, _)| question.is_common) && self.share(id) != id {
            return;
        }
        let Some(watched) = self.lists.get_mut(&id) else { return };
        watched.reading = false;
        let meanwhile = std::mem::take(&mut watched.meanwhile);
        match answer {
            Ok((question, page)) => {
                let now = Instant::now();
                if meanwhile.len() >= MEANWHILE {
                    watched.wanted = Some(now);
                }
                let row = |session| self.rows.row(session, &self.rules);
                if watched.list.replace(question, page, row) {
                    // Who has none of it waits for a reading that began after it asked.
                    let having = watched.watchers.iter_mut().filter(|watcher| watcher.has.is_some());
                    having.for_each(|watcher| watcher.answered_by_reading = true);
                }
                for row in meanwhile.values() {
                    watched.list.apply(row);
                }
                (watched.counted_at, watched.changed_since_count) = (now, !meanwhile.is_empty());
                watched.count_again(now);
                watched.answer(&self.connections);
            }
            Err(error) => {
                // Whoever has the list goes on having it while the store is away.
                watched.wanted = Some(Instant::now() + AGAIN);
                if matches!(error, HubError::NoSuchList) {
                    watched.watchers.iter_mut().for_each(|watcher| watcher.answered_by_reading = true);
                }
                watched.refuse(&error, &mut self.connections);
                self.keep_watchers(id, |watcher| !watcher.answered_by_reading);
            }
        }
    }

    /// Takes what changed and tells everybody.
    pub(super) fn tell(&mut self, changes: &[Arc<Session>]) {
        let now = Instant::now();
        let rows: Vec<_> =
            changes.iter().map(|session| self.rows.row(session.clone(), &self.rules)).collect();
        let mut told: HashMap<ConnectionId, Pieces> = HashMap::new();
        self.unfinished = false;
        for watched in self.lists.values_mut() {
            watched.take(&rows, now);
            self.unfinished |= watched.tell(&self.connections, &mut told, now);
        }
        for (connection, pieces) in told {
            if let Some(Connection { news, .. }) = self.connections.get(&connection) {
                // There was room, and nobody else fills it.
                let _ = news.try_send(pieces);
            }
        }
    }
}

impl Connection {
    /// At most one look at what changed waits for it.
    pub(super) fn has_room(&self) -> bool {
        self.news.capacity() >= QUEUE - 1
    }
}

/// What a list asks, and what the store says.
pub(super) type Answer = Result<(Question, SessionPage), HubError>;

/// Asks the store for a list.
pub(super) async fn read(store: Store, reading: Reading) -> (ListId, Answer) {
    let Reading { list, view, caller, limit } = reading;
    let asking = async move {
        let question = Question::of(&store, &view, &caller).await?;
        let page = store.list_sessions(&question.filter, question.order, None, limit).await?;
        Ok((question, page))
    };
    // In a task of its own, so that a list is not waited for whose reading died.
    let answer = AbortOnDropHandle::new(tokio::spawn(asking)).await;
    (list, answer.unwrap_or(Err(HubError::Internal)))
}
