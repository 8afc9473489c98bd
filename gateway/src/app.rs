//! What every request can reach.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hub::{Caller, FileUrls, Hub};
use persistence::Store;
use protocol::ContactId;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::Serve,
    files::Files,
    rate_limit::{AddressKey, Counted, RateLimits},
    readiness::Readiness,
    realtime::{Arrivals, Connections},
    server::{Afterwards, Next, Waiting},
    sites::Sites,
};

/// The running server, as handlers see it; cheap to clone.
pub(crate) type App = Arc<AppState>;

pub(crate) struct AppState {
    pub config: Serve,
    pub store: Store,
    pub hub: Hub,
    pub files: Files,
    /// Signs where files are read.
    pub urls: FileUrls,
    pub sites: Sites,
    pub readiness: Readiness,
    pub rates: RateLimits,
    pub per_contact: Counted<ContactId>,
    pub per_address: Counted<AddressKey>,
    pub connections: Connections,
    pub arrivals: Arrivals,
    /// Password hashing takes memory and a core: only so many at a time.
    pub hashing: Arc<Semaphore>,
    /// The use of so many logins is noted at a time.
    pub noting: Arc<Semaphore>,
    /// A valid hash of nothing, so that an unknown account takes as long as a known one.
    pub decoy_hash: String,
    /// Set when the server begins to stop.
    pub draining: CancellationToken,
    pub tasks: TaskTracker,
}

impl AppState {
    /// The agent as one who asks the hub.
    pub(crate) fn agent_caller(&self, agent: &persistence::Agent) -> Caller {
        Caller::Agent {
            agent: protocol::AgentRef { id: agent.id, name: agent.name.clone() }.into(),
            role: agent.role,
            sees_all: self.config.agents_see_all,
        }
    }
}

/// The TCP connection that a request came over.
#[derive(Clone)]
pub(crate) struct Peer {
    pub address: SocketAddr,
    next: Arc<Mutex<Option<Next>>>,
}

impl Peer {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, next: Arc::default() }
    }

    /// After the answer to this request, which is 101, the connection becomes this.
    pub(crate) fn becomes(&self, afterwards: Afterwards) {
        *self.lock() = Some(Next::Upgrade(afterwards));
    }

    /// This request is not answered yet: the connection waits.
    pub(crate) fn waits(&self, waiting: Waiting) {
        *self.lock() = Some(Next::Wait(Box::new(waiting)));
    }

    pub(crate) fn is_waiting(&self) -> bool {
        matches!(*self.lock(), Some(Next::Wait(_)))
    }

    /// What the connection does now that it has left HTTP.
    pub(crate) fn next(&self) -> Option<Next> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Next>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
