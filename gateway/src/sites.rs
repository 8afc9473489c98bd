//! The sites, kept in memory: they are few, and every customer's request needs one.

use std::{
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use persistence::{Site, Store, StoreError};
use protocol::SiteId;

/// How old the copy may be: the time that another node's edit takes to arrive here.
const FRESH: Duration = Duration::from_secs(2);

type Copy = Option<(Instant, Arc<[Arc<Site>]>)>;

/// A short-lived copy of all sites.
pub(crate) struct Sites {
    store: Store,
    copy: RwLock<Copy>,
}

impl Sites {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, copy: RwLock::default() }
    }

    pub(crate) async fn all(&self) -> Result<Arc<[Arc<Site>]>, StoreError> {
        let known = self.copy.read().ok().and_then(|copy| copy.clone());
        if let Some((read_at, sites)) = &known
            && read_at.elapsed() < FRESH
        {
            return Ok(sites.clone());
        }
        match (self.store.sites().await, known) {
            (Ok(sites), _) => {
                let sites: Arc<[Arc<Site>]> = sites.into_iter().map(Arc::new).collect();
                self.keep(Some((Instant::now(), sites.clone())));
                Ok(sites)
            }
            // With the store away, what was true is better than nothing.
            (Err(_), Some((_, sites))) => Ok(sites),
            (Err(error), None) => Err(error),
        }
    }

    pub(crate) async fn by_key(&self, key: &str) -> Result<Option<Arc<Site>>, StoreError> {
        Ok(self.all().await?.iter().find(|site| site.key == key).cloned())
    }

    pub(crate) async fn by_id(&self, id: SiteId) -> Result<Option<Arc<Site>>, StoreError> {
        Ok(self.all().await?.iter().find(|site| site.id == id).cloned())
    }

    /// After an edit here: the next question reads anew.
    pub(crate) fn forget(&self) {
        self.keep(None);
    }

    fn keep(&self, copy: Copy) {
        if let Ok(mut kept) = self.copy.write() {
            *kept = copy;
        }
    }
}
