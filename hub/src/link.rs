//! How the nodes of a cluster tell each other what was committed.
//!
//! A link is a hint (promise 7): it may lose, double, delay or reorder. An actor takes what is next, drops what is
//! older, and reads a gap from the store.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use persistence::Session;
use protocol::Entry;
use uuid::Uuid;

use crate::Hub;

/// What one node committed to one session.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The session after it.
    pub session: Arc<Session>,
    /// The new entries, in order; empty if only read positions moved.
    pub entries: Vec<Arc<Entry>>,
}

/// The way to the other nodes.
pub trait Link: Send + Sync + 'static {
    /// Tells the other nodes. Never waits: publishing must not delay an ack.
    fn publish(&self, from: Uuid, publication: &Publication);
}

/// Links hubs of one process. With one hub, which is how a single node runs, it has nobody to tell.
#[derive(Default)]
pub struct InProcessLink {
    nodes: Mutex<Vec<Weak<crate::Inner>>>,
}

impl InProcessLink {
    /// Makes `hub` hear what the others publish.
    pub fn join(&self, hub: &Hub) {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&hub.inner));
    }
}

impl Link for InProcessLink {
    fn publish(&self, from: Uuid, publication: &Publication) {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        for inner in nodes.iter().filter_map(Weak::upgrade).filter(|inner| inner.node != from) {
            Hub { inner }.receive(publication.clone());
        }
    }
}
