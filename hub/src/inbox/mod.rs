//! The agents' lists. A node keeps each list once, in memory, and tells all who watch it what changed, at most four
//! times a second.
//!
//! A change costs one map insert, however many watch; what it means to a list is found once, a summary is encoded
//! once, and a connection is handed what it lacks. Of a list that is cut, no more is told than a page of it can show.
//! Nothing is kept, and nothing runs, while nobody watches.

mod desk;
mod list;
mod view;
mod watched;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use persistence::{Session, Store};
use protocol::{AgentId, ConnectionId, SessionId, View, ViewId, limits};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub use list::{Difference, Page, Row};
pub use view::Question;

use crate::{Caller, Hub, HubError, due::Current};
use desk::{Desk, Pieces};

/// Between two looks at what changed (contract §4).
const PAUSE: Duration = Duration::from_millis(1_000 / limits::SUMMARIES_PER_SECOND as u64);
/// The same while so much changes that nobody can read it.
const BUSY_PAUSE: Duration = Duration::from_secs(1);
/// Changed sessions a second from which on that is so.
const BUSY: u32 = 200;
/// Changed sessions that are gathered; beyond it, the lists are read anew.
const GATHERED: usize = 10_000;
/// Sessions of which the last told version is remembered, at least, so that belated older news are not told.
const REMEMBERED: usize = 5_000;
/// Lists read from the store at a time.
const READINGS: usize = 4;

/// Everybody who watches lists on this node.
pub(crate) struct Inbox {
    /// Somebody watches. Set before the first list is read, so that what changes afterwards is gathered.
    watched: AtomicBool,
    gathered: Mutex<Gathered>,
    desk: Mutex<Desk>,
    wake: Notify,
    running: AtomicBool,
}

/// What changed since it was told last.
#[derive(Default)]
struct Gathered {
    sessions: HashMap<SessionId, Arc<Session>>,
    overflowed: bool,
    /// The newest versions that came, of late and before that.
    newest: HashMap<SessionId, u64>,
    newest_before: HashMap<SessionId, u64>,
}

impl Gathered {
    /// Takes a session as it is now, unless a newer version of it came before.
    fn take(&mut self, session: &Arc<Session>) {
        let known = self.newest.get(&session.id).or_else(|| self.newest_before.get(&session.id));
        if known.is_some_and(|known| *known > session.version) || self.overflowed {
            return;
        }
        if self.newest.len() >= REMEMBERED {
            self.newest_before = std::mem::take(&mut self.newest);
        }
        self.newest.insert(session.id, session.version);
        if self.sessions.len() >= GATHERED {
            self.read_anew();
        } else {
            self.sessions.insert(session.id, session.clone());
        }
    }

    fn read_anew(&mut self) {
        self.sessions = HashMap::new();
        self.overflowed = true;
    }
}

/// What a connection is told of a list that it watches.
#[derive(Debug, Clone)]
pub enum News {
    /// The list, whole: the answer to watching it, or in place of many changes.
    Listed(Arc<Page>),
    /// What changed in it.
    Changed {
        /// Since it was told last.
        difference: Arc<Difference>,
        /// The list with it.
        page: Arc<Page>,
    },
    /// It could not be read, and is not watched.
    Failed(HubError),
}

/// The lists that one connection watches, until this is dropped.
pub struct InboxWatch {
    inbox: Arc<Inbox>,
    connection: ConnectionId,
    caller: Caller,
    news: mpsc::Receiver<Pieces>,
    /// Each by the number under which it was asked for.
    views: HashMap<View, u64>,
    next_number: u64,
}

impl Hub {
    /// A connection that will watch lists, as `caller`, an agent, may see them.
    pub fn watch_inbox(&self, connection: ConnectionId, caller: Caller) -> InboxWatch {
        let inbox = self.inner.inbox.clone();
        let (sender, news) = mpsc::channel(desk::QUEUE);
        inbox.desk().arrive(connection, caller.clone(), sender);
        if !inbox.running.swap(true, Ordering::Relaxed) {
            let (store, stop) = (self.inner.store.clone(), self.inner.stop.clone());
            self.inner.tasks.spawn(run(inbox.clone(), store, stop));
        }
        InboxWatch { inbox, connection, caller, news, views: HashMap::new(), next_number: 0 }
    }
}

impl Inbox {
    pub(crate) fn new(rules: Arc<Current>) -> Self {
        Self {
            watched: AtomicBool::new(false),
            gathered: Mutex::default(),
            desk: Mutex::new(Desk::new(rules)),
            wake: Notify::new(),
            running: AtomicBool::new(false),
        }
    }

    pub(crate) fn changed(&self, session: &Arc<Session>) {
        self.gather(|gathered| gathered.take(session));
    }

    /// Something may have changed that nobody told: every list is to be read anew.
    pub(crate) fn read_anew(&self) {
        self.gather(Gathered::read_anew);
    }

    /// A saved view asks for something else, or is gone.
    pub(crate) fn view_changed(&self, id: ViewId) {
        self.desk().view_changed(id);
        self.wake.notify_one();
    }

    /// An agent was told something in person, maybe that a note names them.
    pub(crate) fn notified(&self, agent: AgentId) {
        if self.watched.load(Ordering::Acquire) {
            self.desk().notified(agent);
            self.wake.notify_one();
        }
    }

    fn gather(&self, take: impl FnOnce(&mut Gathered)) {
        if !self.watched.load(Ordering::Acquire) {
            return;
        }
        let mut gathered = self.gathered();
        let waiting = gathered.overflowed || !gathered.sessions.is_empty();
        take(&mut gathered);
        drop(gathered);
        if !waiting {
            self.wake.notify_one();
        }
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what gathered; how many sessions that were.
    fn tell(&self) -> usize {
        let mut gathered = self.gathered();
        let sessions: Vec<_> = std::mem::take(&mut gathered.sessions).into_values().collect();
        let overflowed = std::mem::take(&mut gathered.overflowed);
        drop(gathered);
        let mut desk = self.desk();
        if overflowed {
            desk.read_anew();
        }
        desk.tell(&sessions);
        sessions.len()
    }

    fn nobody_watches(&self, desk: &Desk) {
        if desk.is_empty() {
            self.watched.store(false, Ordering::Release);
            *self.gathered() = Gathered::default();
        }
    }
}

/// Keeps the lists until the hub stops. Waits for ever while nobody watches.
async fn run(inbox: Arc<Inbox>, store: Store, stop: CancellationToken) {
    let mut readings = JoinSet::new();
    let mut told_at = Instant::now();
    let mut pause = PAUSE;
    // Something was read or gathered, and is to be told.
    let mut news = false;
    loop {
        let next_reading = {
            let mut desk = inbox.desk();
            while readings.len() < READINGS {
                let Some(reading) = desk.next_reading() else { break };
                readings.spawn(desk::read(store.clone(), reading));
            }
            desk.next_reading_at().filter(|_| readings.len() < READINGS)
        };
        let tell_at = news.then_some(told_at + pause);
        let due = tell_at.into_iter().chain(next_reading).min();
        let lapse = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return inbox.desk().stop(),
            () = inbox.wake.notified() => news = true,
            Some(read) = readings.join_next() => {
                if let Ok((list, answer)) = read {
                    inbox.desk().read(list, answer);
                    news = true;
                }
            }
            () = lapse => {}
        }
        let now = Instant::now();
        if news && told_at + pause <= now {
            let changed = u32::try_from(inbox.tell()).unwrap_or(u32::MAX);
            let busy = f64::from(changed) > f64::from(BUSY) * now.duration_since(told_at).as_secs_f64();
            pause = if busy { BUSY_PAUSE } else { PAUSE };
            told_at = now;
            news = inbox.desk().unfinished;
        }
    }
}

impl InboxWatch {
    /// Begins to watch a list, or begins anew. With a limit of 0 only how many it has is told.
    pub fn watch(&mut self, view: View, limit: u32) {
        self.end(&view);
        if matches!(self.caller, Caller::Customer(_)) {
            return;
        }
        self.next_number += 1;
        let mut desk = self.inbox.desk();
        self.inbox.watched.store(true, Ordering::Release);
        desk.watch(self.connection, self.next_number, &view, limit);
        self.views.insert(view, self.next_number);
        drop(desk);
        self.inbox.wake.notify_one();
    }

    /// Whose lists these are.
    pub fn is_watched(&self, view: &View) -> bool {
        self.views.contains_key(view)
    }

    /// How many lists are watched.
    pub fn count(&self) -> usize {
        self.views.len()
    }

    /// Stops watching a list.
    pub fn end(&mut self, view: &View) {
        if let Some(number) = self.views.remove(view) {
            let mut desk = self.inbox.desk();
            desk.end(self.connection, number);
            self.inbox.nobody_watches(&desk);
        }
    }

    /// Waits for news of one or more of the lists. Cancel-safe.
    pub async fn next(&mut self) -> Vec<(View, News)> {
        loop {
            let Some(pieces) = self.news.recv().await else {
                if self.views.is_empty() {
                    std::future::pending::<()>().await;
                }
                // The hub stops.
                let failed = |view| (view, News::Failed(HubError::Unavailable));
                return self.views.drain().map(|(view, _)| failed(view)).collect();
            };
            let news = self.current(pieces);
            if !news.is_empty() {
                return news;
            }
        }
    }

    /// Without what came of lists that are not watched any more, or are watched anew.
    fn current(&mut self, pieces: Pieces) -> Vec<(View, News)> {
        let views = &mut self.views;
        let named = pieces.into_iter().filter_map(|(number, news)| {
            let view = views.iter().find(|(_, watched)| **watched == number)?.0.clone();
            if let News::Failed(_) = news {
                views.remove(&view);
            }
            Some((view, news))
        });
        named.collect()
    }
}

impl Drop for InboxWatch {
    fn drop(&mut self) {
        let mut desk = self.inbox.desk();
        desk.depart(self.connection);
        self.inbox.nobody_watches(&desk);
    }
}
