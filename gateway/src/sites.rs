//! The sites, kept in memory: they are few, and every customer's request needs one.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hub::Hours;
use persistence::{Site, Store, StoreError};
use protocol::SiteId;

/// How old the copy may be: the time that another node's edit takes to arrive here.
const FRESH: Duration = Duration::from_secs(2);

type All = Arc<[KnownSite]>;

/// A site, with what is made of its settings once.
#[derive(Clone)]
pub(crate) struct KnownSite {
    pub site: Arc<Site>,
    /// `None`: always open.
    pub hours: Option<Arc<Hours>>,
}

impl Deref for KnownSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl KnownSite {
    /// What was made of an earlier copy holds as long as the setting is the same.
    fn new(site: Site, earlier: Option<&All>) -> Self {
        let same = earlier
            .and_then(|all| all.iter().find(|known| known.id == site.id && known.site.hours == site.hours));
        let hours = match same {
            Some(known) => known.hours.clone(),
            None => site.hours.as_ref().and_then(|hours| match Hours::compile(hours) {
                Ok(hours) => Some(Arc::new(hours)),
                // They were checked when they were set: only a database that another program wrote can have them.
                Err(fault) => {
                    tracing::error!(
                        site = site.key,
                        "opening hours are not kept: {} {}",
                        fault.field,
                        fault.message
                    );
                    None
                }
            }),
        };
        Self { site: Arc::new(site), hours }
    }
}

/// A short-lived copy of all sites.
pub(crate) struct Sites {
    store: Store,
    known: Mutex<Known>,
    /// Held by the one who asks the store: others make do with the copy, or wait for the answer if there is none.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    sites: Option<All>,
    /// When the store was asked, whether or not it answered: one that is away is not asked by every request.
    asked_at: Option<Instant>,
    /// The copy lacks an edit made here.
    outdated: bool,
    /// Counts the edits made here, so that what was read before one is not taken for what is true after it.
    edits: u64,
}

impl Known {
    /// What the store said, or that it said nothing, a moment ago.
    fn fresh(&self) -> Option<Result<All, StoreError>> {
        let fresh = self.asked_at.is_some_and(|at| at.elapsed() < FRESH);
        fresh.then(|| self.sites.clone().ok_or(StoreError::Unavailable(None)))
    }
}

impl Sites {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    pub(crate) async fn all(&self) -> Result<All, StoreError> {
        let copy = {
            let known = self.known();
            if let Some(fresh) = known.fresh() {
                return fresh;
            }
            known.sites.clone().filter(|_| !known.outdated)
        };
        let _asking = match (self.asking.try_lock(), copy) {
            (Ok(asking), _) => asking,
            (Err(_), Some(copy)) => return Ok(copy),
            (Err(_), None) => self.asking.lock().await,
        };
        let edits = {
            let known = self.known();
            if let Some(fresh) = known.fresh() {
                return fresh;
            }
            known.edits
        };
        let answer = self.store.sites().await;
        let mut known = self.known();
        let current = known.edits == edits;
        if current {
            known.asked_at = Some(Instant::now());
        }
        match answer {
            Ok(sites) => {
                let earlier = known.sites.as_ref();
                let sites: All = sites.into_iter().map(|site| KnownSite::new(site, earlier)).collect();
                if current {
                    known.sites = Some(sites.clone());
                    known.outdated = false;
                }
                Ok(sites)
            }
            // With the store away, what was true is better than nothing.
            Err(error) => known.sites.clone().ok_or(error),
        }
    }

    pub(crate) async fn by_key(&self, key: &str) -> Result<Option<KnownSite>, StoreError> {
        Ok(self.all().await?.iter().find(|site| site.key == key).cloned())
    }

    pub(crate) async fn by_id(&self, id: SiteId) -> Result<Option<KnownSite>, StoreError> {
        Ok(self.all().await?.iter().find(|site| site.id == id).cloned())
    }

    /// After an edit here: the next question reads anew.
    pub(crate) fn forget(&self) {
        let mut known = self.known();
        known.asked_at = None;
        known.outdated = true;
        known.edits += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
