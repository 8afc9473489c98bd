//! The rules as they are now, and sessions as the team sees them under these rules.

use std::sync::{Arc, Mutex, PoisonError};

use persistence::Session;
use protocol::{Audience, SessionSummary};

use super::Rules;
use crate::{Clock, Hub};

/// The rules that this node goes by.
#[derive(Debug)]
pub(crate) struct Current {
    rules: Mutex<Arc<Rules>>,
    clock: Clock,
}

impl Current {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { rules: Mutex::default(), clock }
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes other rules; the same leave everything as it is.
    pub(crate) fn take(&self, rules: Rules) {
        let mut current = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if **current != rules {
            *current = Arc::new(rules);
        }
    }

    /// The session as this audience may see it.
    pub(crate) fn summary(&self, session: &Session, audience: Audience) -> SessionSummary {
        let summary = session.summary(audience);
        match audience {
            Audience::Customer => summary,
            Audience::Team => {
                SessionSummary { sla: self.rules().standing(session, self.clock.now()), ..summary }
            }
        }
    }
}

impl Hub {
    /// The session as this audience may see it; to the team also how it stands with what was promised of it.
    pub fn summary(&self, session: &Session, audience: Audience) -> SessionSummary {
        self.inner.rules.summary(session, audience)
    }
}
