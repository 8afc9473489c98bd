//! The workspace's settings, kept in memory: each second's looks need them, and some commands.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use persistence::StoreError;
use protocol::{
    AgentId, Role, limits,
    rest::{EditSettings, OpeningHours, RoutingSettings, Settings},
};
use tokio::time::{Duration, Instant};

use crate::{Hours, Hub, Rules};

/// How old the copy may be: the time that another node's change takes to arrive here.
const FRESH: Duration = Duration::from_secs(1);
/// How old the copy of the sites' opening hours may be.
const HOURS_FRESH: Duration = Duration::from_secs(10);

/// The copy, and when it was read.
#[derive(Default)]
pub(crate) struct KnownSettings(Mutex<(Arc<Settings>, Option<Instant>)>);

/// What the clock goes by beside the settings, and when it was read: the opening hours of all sites that have any, as they
/// are stored and ready to be asked, and who leads the team.
#[derive(Default)]
pub(crate) struct KnownHours {
    leads: Arc<[AgentId]>,
    stored: HashMap<protocol::SiteId, OpeningHours>,
    compiled: Arc<HashMap<protocol::SiteId, Hours>>,
    read: Option<Instant>,
}

impl KnownSettings {
    fn take(&self, settings: Settings) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (Arc::new(settings), Some(Instant::now()));
    }

    pub(crate) fn routing(&self) -> RoutingSettings {
        self.known().0.routing.clone()
    }

    fn known(&self) -> (Arc<Settings>, Option<Instant>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hub {
    /// As they were a moment ago; at the start of the server, as they are if nobody set anything.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings.known().0
    }

    /// Changes the workspace's settings, and says what they are then.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn change_settings(&self, edit: &EditSettings) -> Result<Settings, StoreError> {
        let settings = self.inner.store.change_settings(|settings| settings.with(edit.clone())).await?;
        self.inner.settings.take(settings.clone());
        self.inner.rules.take(self.rules_of(&settings));
        self.inner.duty.wake();
        Ok(settings)
    }

    /// Reads them if the copy is old. For what looks at the workspace every second or so.
    pub(crate) async fn fresh_settings(&self) -> Result<Arc<Settings>, StoreError> {
        match self.inner.settings.known() {
            (settings, Some(read)) if read.elapsed() < FRESH => Ok(settings),
            _ => {
                self.inner.settings.take(self.inner.store.settings().await?);
                Ok(self.settings())
            }
        }
    }

    /// Reads what the clock goes by, if the copies are old.
    pub(crate) async fn fresh_rules(&self) -> Result<(), StoreError> {
        let settings = self.fresh_settings().await?;
        let fresh = self.known_hours().read.is_some_and(|read| read.elapsed() < HOURS_FRESH);
        if !fresh {
            let sites = self.inner.store.sites().await?;
            let stored = sites.into_iter().filter_map(|site| Some((site.id, site.hours?))).collect();
            let team = self.inner.store.agents().await?;
            let leads = team.into_iter().filter(|one| !one.disabled && one.role != Role::Agent);
            let leads = leads.map(|one| one.id).take(limits::MENTIONS).collect();
            let mut known = self.known_hours();
            known.leads = leads;
            known.read = Some(Instant::now());
            if known.stored != stored {
                // Those that cannot be read were complained of by who serves the site.
                let compiled =
                    stored.iter().filter_map(|(site, hours)| Some((*site, Hours::compile(hours).ok()?)));
                known.compiled = Arc::new(compiled.collect());
                known.stored = stored;
            }
        }
        self.inner.rules.take(self.rules_of(&settings));
        self.fresh_automation().await
    }

    /// The opening hours of all sites that have any, ready to be asked.
    pub(crate) fn compiled_hours(&self) -> Arc<HashMap<protocol::SiteId, Hours>> {
        self.known_hours().compiled.clone()
    }

    fn rules_of(&self, settings: &Settings) -> Rules {
        let known = self.known_hours();
        Rules::new(settings, known.compiled.clone()).led_by(known.leads.clone())
    }

    fn known_hours(&self) -> std::sync::MutexGuard<'_, KnownHours> {
        self.inner.hours.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
