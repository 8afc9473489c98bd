//! The agents' lists: who is interested hears of changed sessions, coalesced.
//!
//! A change costs one map insert per watching connection, whatever the number of messages; each connection takes
//! what gathered at its own pace.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use dashmap::DashMap;
use persistence::{AssigneeFilter, Session, SessionFilter, SessionOrder};
use protocol::{ConnectionId, SessionId, Status, View};
use tokio::sync::Notify;

use crate::Caller;

/// Changed sessions that wait for one connection; beyond it, the connection reads its lists anew.
const PENDING: usize = 1_000;

const ACTIVE: [Status; 2] = [Status::Open, Status::InProgress];

/// Everybody who watches lists on this node.
#[derive(Default)]
pub(crate) struct Inbox {
    watchers: DashMap<ConnectionId, Arc<Watcher>>,
}

#[derive(Default)]
struct Watcher {
    pending: Mutex<Pending>,
    wake: Notify,
}

#[derive(Default)]
struct Pending {
    sessions: HashMap<SessionId, Arc<Session>>,
    overflowed: bool,
}

/// What gathered since it was last taken.
#[derive(Debug)]
pub enum Changes {
    /// These sessions, as they are now.
    Sessions(Vec<Arc<Session>>),
    /// Too much: read the lists anew.
    Overflowed,
}

/// One connection's interest in changed sessions; ends when dropped.
pub struct InboxWatch {
    inbox: Arc<Inbox>,
    connection: ConnectionId,
    watcher: Arc<Watcher>,
}

impl Inbox {
    pub(crate) fn watch(self: &Arc<Self>, connection: ConnectionId) -> InboxWatch {
        let watcher = Arc::<Watcher>::default();
        self.watchers.insert(connection, watcher.clone());
        InboxWatch { inbox: self.clone(), connection, watcher }
    }

    pub(crate) fn changed(&self, session: &Arc<Session>) {
        for watcher in &self.watchers {
            let mut pending = watcher.pending.lock().unwrap_or_else(PoisonError::into_inner);
            if pending.sessions.len() >= PENDING {
                pending.sessions.clear();
                pending.overflowed = true;
            }
            if !pending.overflowed {
                let newest = pending.sessions.entry(session.id).or_insert_with(|| session.clone());
                if newest.version < session.version {
                    *newest = session.clone();
                }
            }
            drop(pending);
            watcher.wake.notify_one();
        }
    }
}

impl Inbox {
    /// Something may have changed that nobody told: every list is to be read anew.
    pub(crate) fn read_anew(&self) {
        for watcher in &self.watchers {
            let mut pending = watcher.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.sessions.clear();
            pending.overflowed = true;
            drop(pending);
            watcher.wake.notify_one();
        }
    }
}

impl InboxWatch {
    /// Waits until something changed. Cancel-safe.
    pub async fn changed(&self) {
        self.watcher.wake.notified().await;
    }

    /// Takes what gathered.
    pub fn take(&self) -> Changes {
        let pending =
            std::mem::take(&mut *self.watcher.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.overflowed {
            Changes::Overflowed
        } else {
            Changes::Sessions(pending.sessions.into_values().collect())
        }
    }
}

impl Drop for InboxWatch {
    fn drop(&mut self) {
        self.inbox.watchers.remove(&self.connection);
    }
}

/// The store's question for a list, as `caller` may see it.
pub fn view_filter(view: View, caller: &Caller) -> (SessionFilter, SessionOrder) {
    let me = match caller {
        Caller::Agent { agent, .. } => AssigneeFilter::Agent(agent.id),
        Caller::Customer(_) => AssigneeFilter::Nobody,
    };
    let mut filter = SessionFilter { visible_to: caller.restricted_to(), ..SessionFilter::default() };
    match view {
        View::All => return (filter, SessionOrder::Recent),
        View::Mine => filter.assignee = me,
        View::Unassigned => filter.assignee = AssigneeFilter::Nobody,
        View::Waiting => filter.waiting = true,
    }
    filter.statuses = ACTIVE.to_vec();
    let order = if view == View::Waiting { SessionOrder::Waiting } else { SessionOrder::Recent };
    (filter, order)
}

/// Whether a session belongs to a list: the same rule as [`view_filter`], for one session in memory.
pub fn view_holds(view: View, caller: &Caller, session: &Session) -> bool {
    let Caller::Agent { agent, .. } = caller else { return false };
    caller.may_see(session)
        && match view {
            View::All => true,
            View::Mine => {
                ACTIVE.contains(&session.status)
                    && session.assignee.as_ref().is_some_and(|holder| holder.id == agent.id)
            }
            View::Unassigned => ACTIVE.contains(&session.status) && session.assignee.is_none(),
            View::Waiting => ACTIVE.contains(&session.status) && session.waiting_since.is_some(),
        }
}

/// Sessions known not to be in a list, remembered so that older news of them do not bring them (back) into it.
const ABSENT: usize = 1_000;

/// What one connection has been shown of one list.
#[derive(Debug, Default)]
pub struct Shown {
    /// The version shown of each.
    sessions: HashMap<SessionId, u64>,
    /// The version at which they were not in it.
    absent: HashMap<SessionId, u64>,
}

/// What a changed session means to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListChange {
    /// It is in the list: show it as it is now.
    Show,
    /// It left the list.
    Remove,
    /// Nothing new.
    Nothing,
}

impl Shown {
    /// Remembers the whole list as it was sent.
    pub fn replace(&mut self, sessions: &[Session]) {
        self.sessions = sessions.iter().map(|session| (session.id, session.version)).collect();
        self.absent.retain(|session, _| !self.sessions.contains_key(session));
    }

    /// Whether this is the list as it was shown.
    pub fn is(&self, sessions: &[Session]) -> bool {
        let shown = |session: &Session| self.sessions.get(&session.id) == Some(&session.version);
        self.sessions.len() == sessions.len() && sessions.iter().all(shown)
    }

    /// How many sessions the connection takes for shown.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// The newest version that is known of a session, in the list or out of it.
    pub fn knows(&self, session: SessionId) -> Option<u64> {
        self.sessions.get(&session).max(self.absent.get(&session)).copied()
    }

    /// What `session` means to `view`, and remembers that it was told.
    pub fn update(&mut self, view: View, caller: &Caller, session: &Session) -> ListChange {
        let (id, version) = (session.id, session.version);
        // A list read from the store after the change may already hold it.
        if self.knows(id).is_some_and(|known| known >= version) {
            return ListChange::Nothing;
        }
        if view_holds(view, caller, session) {
            self.absent.remove(&id);
            self.sessions.insert(id, version);
            return ListChange::Show;
        }
        if self.absent.len() >= ABSENT {
            self.absent.clear();
        }
        self.absent.insert(id, version);
        if self.sessions.remove(&id).is_some() { ListChange::Remove } else { ListChange::Nothing }
    }
}
