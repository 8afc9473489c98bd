//! What is due by the clock. Due times follow from what is stored; every node looks for them, and one acts. What is done
//! is an append like any other, decided by the session as it is then: done twice, it happens once.

use std::time::Duration;

use persistence::{Lease, StoreError};

use crate::{Caller, Done, Hub, HubError, state::Action};

/// Most that is done in one look; what is left is due in the next.
const TOGETHER: u32 = 200;
/// How long one node goes on being the one who acts, after its last look.
const HELD: Duration = Duration::from_secs(5);

impl Hub {
    /// Does what is due: takes up what was put aside until now, warns, reminds and ends. To be called every second or
    /// so.
    ///
    /// # Errors
    /// `Unavailable`: what was not done is still due.
    pub async fn ring(&self) -> Result<(), StoreError> {
        self.fresh_rules().await?;
        let mut watch = self.inner.watch.lock().await;
        let snoozed = self.inner.store.snoozed_until(self.clock().now(), TOGETHER).await?;
        let due = watch.look(self, TOGETHER as usize).await?;
        // Nobody has to write anything as long as nothing is due.
        if snoozed.is_empty() && due.is_empty()
            || !self.inner.store.claim(Lease::Timers, self.inner.node, HELD).await?
        {
            return Ok(());
        }
        for (session, until) in snoozed {
            match self.act(Caller::System, session, Action::Wake(until)).await {
                Ok(_) | Err(HubError::NotFound) => {}
                Err(error) => {
                    tracing::warn!(%error, session.id = %session, "a session could not be taken up again");
                }
            }
        }
        // All are on their way before the first has arrived, so that the store can take them together.
        let rules = watch.rules();
        let ring = |session| (session, self.act(Caller::System, session, Action::Ring(rules.clone())));
        let ringing: Vec<_> = due.into_iter().map(ring).collect();
        for (session, rung) in ringing {
            match rung.await {
                Ok(Done::Changed(now)) => watch.done(session, rules.next(&(&*now).into())),
                Ok(Done::Sent { .. }) | Err(HubError::NotFound) => watch.done(session, None),
                Err(error) => {
                    tracing::warn!(%error, session.id = %session, "what was due of a session could not be done");
                }
            }
        }
        Ok(())
    }
}
