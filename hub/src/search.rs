//! Sessions become findable some time after something was said in them: what was changed is read from the store, by
//! whichever node, and written into the index by one of them.

use std::time::Duration;

use persistence::{IndexProgress, Lease, StoreError};
use protocol::UtcMillis;
use tokio::time::Instant;

use crate::Hub;

/// Between two looks, while there is nothing to index.
const LOOK: Duration = Duration::from_secs(1);
/// Between two batches, in times of a batch: those who chat come first.
const REST: u32 = 3;
const REST_LEAST: Duration = Duration::from_millis(20);
/// How far each look goes back behind the last: longer than an append may take, and than clocks of nodes are apart.
const OVERLAP: Duration = Duration::from_secs(15);
/// How often, and how far back, it is looked for what was missed nevertheless.
const SWEEP: Duration = Duration::from_secs(10 * 60);
const SWEPT: Duration = Duration::from_secs(60 * 60);
/// How long one node goes on being the one who writes.
const HELD: Duration = Duration::from_secs(5);

/// What keeps the index true.
pub struct Indexer {
    hub: Hub,
    progress: Option<IndexProgress>,
    swept_at: UtcMillis,
}

impl Indexer {
    /// One that has not looked yet.
    pub fn new(hub: Hub) -> Self {
        let swept_at = hub.clock().now();
        Self { hub, progress: None, swept_at }
    }

    /// Looks, and indexes some of what it found. Answers how long to wait before the next look.
    ///
    /// # Errors
    /// `Unavailable`: try again.
    pub async fn look(&mut self) -> Result<Duration, StoreError> {
        let began = Instant::now();
        let (store, now) = (&self.hub.inner.store, self.hub.clock().now());
        let mut since = match self.progress {
            Some(progress) => progress.minus(OVERLAP),
            None => store.index_progress().await?.minus(SWEPT),
        };
        if now < self.swept_at || now.since(self.swept_at) >= SWEEP {
            (since, self.swept_at) = (since.minus(SWEPT), now);
        }
        let Some(batch) = store.unindexed(since, now).await? else {
            self.progress = Some(IndexProgress { sessions: now, contacts: now });
            return Ok(LOOK);
        };
        if !store.claim(Lease::Search, self.hub.inner.node, HELD).await? {
            // Somebody else does it; whether they did is seen in the next look.
            return Ok(LOOK);
        }
        if store.index(&batch).await? {
            self.progress = Some(batch.progress());
        }
        Ok(if batch.is_all() { LOOK } else { (began.elapsed() * REST).max(REST_LEAST) })
    }
}
