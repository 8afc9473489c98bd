//! The workspace's settings, kept in memory: each second's looks need them, and some commands.

use std::sync::{Arc, Mutex, PoisonError};

use persistence::StoreError;
use protocol::rest::{EditSettings, RoutingSettings, Settings};
use tokio::time::{Duration, Instant};

use crate::Hub;

/// How old the copy may be: the time that another node's change takes to arrive here.
const FRESH: Duration = Duration::from_secs(1);

/// The copy, and when it was read.
#[derive(Default)]
pub(crate) struct KnownSettings(Mutex<(Arc<Settings>, Option<Instant>)>);

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
}
