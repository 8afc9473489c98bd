//! The nodes of a cluster, and the works that only one of them may do.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One life of a node's process: whoever starts again is another node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(Uuid);

impl NodeId {
    /// Wraps a UUID that was minted or read elsewhere.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID itself.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({})", self.0)
    }
}

/// Work that only one node may do at a time; whoever does it holds its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lease {
    /// Old logins are deleted by one node at a time.
    Sweep,
    /// What is due by the clock is done by one node at a time.
    Timers,
    /// Sessions are given to agents by one node at a time.
    Routing,
    /// What was said is made findable by one node at a time.
    Search,
    /// Files that nobody needs any more are thrown away by one node at a time.
    Files,
}

impl Lease {
    /// Its name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Timers => "timers",
            Self::Routing => "routing",
            Self::Search => "search",
            Self::Files => "files",
        }
    }
}
