//! What is due by the clock. Due times stand in the store; every node looks for them, and one acts. What is done is an
//! append like any other, which says what it rests on: done twice, it happens once.

use std::time::Duration;

use persistence::{Lease, StoreError};

use crate::{Caller, Hub, HubError, state::Action};

/// Most that is done in one look; what is left is due in the next.
const TOGETHER: u32 = 200;
/// How long one node goes on being the one who acts, after its last look.
const HELD: Duration = Duration::from_secs(5);

impl Hub {
    /// Does what is due: takes up what was put aside until now. To be called every second or so.
    ///
    /// # Errors
    /// `Unavailable`: what was not done is still due.
    pub async fn ring(&self) -> Result<(), StoreError> {
        let due = self.inner.store.snoozed_until(self.clock().now(), TOGETHER).await?;
        // Nobody has to write anything as long as nothing is due.
        if due.is_empty() || !self.inner.store.claim(Lease::Timers, self.inner.node, HELD).await? {
            return Ok(());
        }
        for (session, until) in due {
            match self.act(Caller::System, session, Action::Wake(until)).await {
                Ok(_) | Err(HubError::NotFound) => {}
                Err(error) => {
                    tracing::warn!(%error, session.id = %session, "a session could not be taken up again");
                }
            }
        }
        Ok(())
    }
}
