//! All lists that are watched on this node, and who watches them. Each is kept once, whoever and however many watch
//! it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use persistence::{Session, SessionPage, Store};
use protocol::{AgentId, ConnectionId, SessionId, View};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    News,
    list::{Difference, List, Page, Row},
    view::view_filter,
};
use crate::{Caller, HubError, due::Current};

/// Until a list that could not be read is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// How old a list's count may become at its watchers, where they cannot count for themselves.
const COUNT_AGE: Duration = Duration::from_secs(5);
/// Changes that are remembered while a list is read; beyond it, it is read once more.
const MEANWHILE: usize = 10_000;
/// What may wait for one connection: a few whole lists that it asked for, and one look at what changed.
pub(super) const QUEUE: usize = 16;

/// Who sees the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    view: View,
    /// The agent whose it is, or to whose eyes it is restricted.
    of: Option<AgentId>,
    limit: u32,
}

impl Key {
    fn new(view: View, caller: &Caller, limit: u32) -> Self {
        let of = match (view, caller) {
            (View::Mine, Caller::Agent { agent, .. }) => Some(agent.id),
            // What nobody has taken is open to the whole team.
            (View::Unassigned, _) => None,
            (View::All | View::Waiting | View::Snoozed | View::Mine, _) => caller.restricted_to(),
        };
        Self { view, of, limit }
    }
}

/// One list among those that are watched. Never used again, so that what was read for one is not taken for another.
pub(super) type ListId = u64;

/// What is sent to one connection in one go: which of its lists, by the number it gave it, and what.
pub(super) type Pieces = Vec<(u64, News)>;

/// A list to be read, and how.
pub(super) struct Reading {
    pub list: ListId,
    pub view: View,
    pub caller: Caller,
    pub limit: u32,
}

pub(super) struct Desk {
    rules: Arc<Current>,
    keys: HashMap<Key, ListId>,
    lists: HashMap<ListId, Watched>,
    connections: HashMap<ConnectionId, Connection>,
    next_id: ListId,
    /// Somebody is to be told more, later.
    pub(super) unfinished: bool,
    /// Nothing is told any more.
    stopped: bool,
}

struct Connection {
    news: mpsc::Sender<Pieces>,
    /// Its lists, by the number it gave them.
    lists: HashMap<u64, ListId>,
}

struct Watched {
    key: Key,
    list: List,
    caller: Caller,
    watchers: Vec<Watcher>,
    /// It is to be read (again), and not before this moment.
    wanted: Option<Instant>,
    reading: bool,
    /// What changed since it is being read.
    meanwhile: HashMap<SessionId, Arc<Row>>,
    counted_at: Instant,
    changed_since_count: bool,
}

struct Watcher {
    connection: ConnectionId,
    number: u64,
    /// What it was brought to; `None` until it was given the whole list.
    has: Option<Arc<Page>>,
    /// The count that it was given, and when.
    total: (u64, Instant),
    /// The reading under way began after it asked.
    answered_by_reading: bool,
}

impl Desk {
    pub(super) fn new(rules: Arc<Current>) -> Self {
        Self {
            rules,
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
    pub(super) fn arrive(&mut self, connection: ConnectionId, news: mpsc::Sender<Pieces>) {
        if !self.stopped {
            self.connections.insert(connection, Connection { news, lists: HashMap::new() });
        }
    }

    pub(super) fn depart(&mut self, connection: ConnectionId) {
        let Some(gone) = self.connections.remove(&connection) else { return };
        for list in gone.lists.into_values() {
            self.unwatch(list, connection);
        }
    }

    pub(super) fn watch(
        &mut self,
        connection: ConnectionId,
        number: u64,
        caller: &Caller,
        view: View,
        limit: u32,
    ) {
        let Some(watching) = self.connections.get_mut(&connection) else { return };
        let now = Instant::now();
        let key = Key::new(view, caller, limit);
        let id = *self.keys.entry(key).or_insert_with(|| {
            self.next_id += 1;
            self.next_id
        });
        watching.lists.insert(number, id);
        let watched = self.lists.entry(id).or_insert_with(|| Watched {
            key,
            list: List::new(view, caller.clone(), limit, self.rules.clone()),
            caller: caller.clone(),
            watchers: Vec::new(),
            wanted: None,
            reading: false,
            meanwhile: HashMap::new(),
            counted_at: now,
            changed_since_count: false,
        });
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
        let now = Instant::now();
        for watched in self.lists.values_mut() {
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
        let (view, caller) = (watched.key.view, watched.caller.clone());
        Some(Reading { list: *id, view, caller, limit: watched.list.reads() })
    }

    /// When the next list is to be read.
    pub(super) fn next_reading_at(&self) -> Option<Instant> {
        self.lists.values().filter(|watched| !watched.reading).filter_map(|watched| watched.wanted).min()
    }

    /// Takes a list that was read, and answers those who wait for it.
    pub(super) fn read(&mut self, id: ListId, page: Result<SessionPage, HubError>) {
        let Some(watched) = self.lists.get_mut(&id) else { return };
        watched.reading = false;
        let meanwhile = std::mem::take(&mut watched.meanwhile);
        match page {
            Ok(page) => {
                let now = Instant::now();
                if meanwhile.len() >= MEANWHILE {
                    watched.wanted = Some(now);
                }
                watched.list.replace(page);
                for row in meanwhile.values() {
                    watched.list.apply(row);
                }
                (watched.counted_at, watched.changed_since_count) = (now, false);
                watched.answer(&self.connections);
            }
            Err(error) => {
                // Whoever has the list goes on having it while the store is away.
                watched.wanted = Some(Instant::now() + AGAIN);
                watched.refuse(&error, &mut self.connections);
                self.keep_watchers(id, |watcher| !watcher.answered_by_reading);
            }
        }
    }

    /// Takes what changed and tells everybody.
    pub(super) fn tell(&mut self, changes: &[Arc<Session>]) {
        let now = Instant::now();
        let rows: Vec<_> =
            changes.iter().map(|session| Row::new(session.clone(), self.rules.clone())).collect();
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
    fn has_room(&self) -> bool {
        self.news.capacity() >= QUEUE - 1
    }
}

impl Watched {
    fn take(&mut self, rows: &[Arc<Row>], now: Instant) {
        for row in rows {
            self.list.apply(row);
        }
        if self.reading && self.meanwhile.len() < MEANWHILE {
            self.meanwhile.extend(rows.iter().map(|row| (row.session().id, row.clone())));
        }
        self.changed_since_count |= !rows.is_empty();
        let recount = self.changed_since_count && self.list.is_cut() && self.counted_at + COUNT_AGE <= now;
        if (recount || self.list.is_short()) && !self.reading && self.wanted.is_none() {
            self.wanted = Some(now);
        }
    }

    /// Gives the whole list to those who asked before it was read.
    fn answer(&mut self, connections: &HashMap<ConnectionId, Connection>) {
        let (page, now) = (self.list.page(), Instant::now());
        for watcher in self.watchers.iter_mut().filter(|watcher| watcher.answered_by_reading) {
            watcher.answered_by_reading = false;
            let whole = vec![(watcher.number, News::Listed(page.clone()))];
            match connections.get(&watcher.connection).map(|connection| connection.news.try_send(whole)) {
                Some(Ok(())) => {
                    (watcher.has, watcher.total) = (Some(page.clone()), (page.total(), now));
                }
                // It asks more than it takes.
                Some(Err(_)) | None => self.wanted = Some(now + AGAIN),
            }
        }
    }

    /// Tells those who asked before it was read that it could not be.
    fn refuse(&mut self, error: &HubError, connections: &mut HashMap<ConnectionId, Connection>) {
        for watcher in self.watchers.iter_mut().filter(|watcher| watcher.answered_by_reading) {
            let Some(connection) = connections.get_mut(&watcher.connection) else { continue };
            let failed = vec![(watcher.number, News::Failed(error.clone()))];
            if let Err(TrySendError::Full(_)) = connection.news.try_send(failed) {
                // Told nothing it would wait for ever: the next reading answers it.
                watcher.answered_by_reading = false;
            } else {
                connection.lists.remove(&watcher.number);
            }
        }
    }

    /// Adds what each watcher lacks to what its connection is told. True if somebody is to be told more, later.
    fn tell(
        &mut self,
        connections: &HashMap<ConnectionId, Connection>,
        told: &mut HashMap<ConnectionId, Pieces>,
        now: Instant,
    ) -> bool {
        let page = self.list.page();
        let mut unfinished = false;
        // Nearly all of them have the same page.
        let mut last: Option<(Arc<Page>, Arc<Difference>)> = None;
        for watcher in &mut self.watchers {
            let Some(has) = &watcher.has else { continue };
            // Where there are more than are shown, a client cannot count for itself.
            let miscounted = watcher.total.0 != page.total() && (has.more() || page.more());
            let recount = miscounted && watcher.total.1 + COUNT_AGE <= now;
            unfinished |= miscounted && !recount;
            if Arc::ptr_eq(has, &page) && !recount {
                continue;
            }
            if !connections.get(&watcher.connection).is_some_and(Connection::has_room) {
                unfinished = true;
                continue;
            }
            let news = if recount {
                watcher.total = (page.total(), now);
                Some(News::Listed(page.clone()))
            } else {
                let known = last.take().filter(|(from, _)| Arc::ptr_eq(from, has));
                let (from, difference) =
                    known.unwrap_or_else(|| (has.clone(), Arc::new(self.list.difference(has, &page))));
                last = Some((from, difference.clone()));
                let changed = !difference.is_empty() || has.total() != page.total();
                changed.then(|| News::Changed { difference, page: page.clone() })
            };
            watcher.has = Some(page.clone());
            if let Some(news) = news {
                told.entry(watcher.connection).or_default().push((watcher.number, news));
            }
        }
        unfinished
    }
}

/// Asks the store for a list.
pub(super) async fn read(store: Store, reading: Reading) -> (ListId, Result<SessionPage, HubError>) {
    let Reading { list, view, caller, limit } = reading;
    let (filter, order) = view_filter(view, &caller);
    let question =
        async move { store.list_sessions(&filter, order, None, limit).await.map_err(HubError::from) };
    // In a task of its own, so that a list is not waited for whose reading died.
    let answer = AbortOnDropHandle::new(tokio::spawn(question)).await;
    (list, answer.unwrap_or(Err(HubError::Internal)))
}
