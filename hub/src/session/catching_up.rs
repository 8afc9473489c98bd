//! Reading from the store what nobody told: what other nodes committed unheard, and what was stored with an outcome
//! that is not known.

use std::sync::Arc;

use protocol::{Audience, Seq};
use tokio::time::Instant;

use super::actor::{ASK_AGAIN, Actor};
use crate::{Hub, HubError};

/// Questions to a store that says that it has less than before, until it is believed.
const ROUNDS: usize = 20;
/// Entries read from the store at once.
const PAGE: u64 = 200;

impl Actor {
    /// Reads from the store what was committed elsewhere, or with an outcome that was unknown, and delivers it.
    ///
    /// # Errors
    /// The store does not answer; nothing was skipped.
    pub(super) async fn catch_up(&mut self) -> Result<(), HubError> {
        // Until it is done: a failure, or a caller who goes away, must not make us forget to ask.
        self.ask_at = Some(Instant::now() + ASK_AGAIN);
        let id = self.session.id;
        self.hub.metrics.caught_up.increment(1);
        let before = self.session.last_seq;
        for _ in 0..ROUNDS {
            let asked_at = Instant::now();
            let row = self.hub.store.session(id).await?.ok_or(HubError::NotFound)?;
            while self.session.last_seq < row.last_seq {
                let after = self.session.last_seq;
                // No more than the row knows of: in a flood, the log would always be ahead of the row.
                let missing = PAGE.min(row.last_seq.get() - after.get());
                let page = self.hub.store.entries_after(id, after, missing as u32, Audience::Team).await?;
                if page.is_empty() {
                    tracing::error!(session.id = %id, stream.seq = after.get(), "the store has a gap");
                    return Err(HubError::Internal);
                }
                for entry in page {
                    self.advance(&Arc::new(entry));
                }
            }
            if self.session.last_seq == row.last_seq {
                (self.asked_at, self.ask_at) = (asked_at, None);
                if before < self.session.last_seq {
                    // As when an append lands.
                    self.last_used = Instant::now();
                }
                self.marks.stored(row.read);
                self.adopt(&row);
                self.caught_up(before);
                return Ok(());
            }
        }
        tracing::error!(session.id = %id, stream.seq = self.session.last_seq.get(), "the store has less than before");
        self.outlived = true;
        Err(HubError::Unavailable)
    }

    /// Tells of what was found, and asks on while something may still come of which nobody else will tell.
    fn caught_up(&mut self, before: Seq) {
        let Some(until) = self.uncertain_until else { return self.hub.inbox.changed(&self.session) };
        let now = Instant::now();
        if now < until {
            self.ask_at = Some(now + ASK_AGAIN);
        } else {
            self.uncertain_until = None;
        }
        if before < self.session.last_seq {
            self.changed(Vec::new());
            self.announce_next();
        } else {
            self.hub.inbox.changed(&self.session);
        }
    }

    /// Tells lists of the session that carries this one on, if somebody began it without knowing.
    fn announce_next(&self) {
        let Some(next) = self.session.next else { return };
        let hub = Hub { inner: self.hub.clone() };
        self.hub.tasks.spawn(async move {
            // When the store does not answer, the next message in it tells.
            if let Ok(Some(next)) = hub.inner.store.session(next).await {
                hub.announce(Arc::new(next));
            }
        });
    }

    /// Asks the store soon, but not again and again because of somebody who makes us.
    pub(super) fn ask_soon(&mut self) {
        let soon = Instant::now().max(self.asked_at + ASK_AGAIN);
        self.ask_at = Some(self.ask_at.map_or(soon, |at| at.min(soon)));
    }
}
