//! Time and new ids: the only place of the server that asks the system for either.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use protocol::UtcMillis;
use uuid::Uuid;

/// The wall clock, injected: production reads the system's, tests turn one by hand.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `now` until it is turned. Clones are the same clock.
    pub fn manual(now: UtcMillis) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(now.get()))))
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is told to use")]
    pub fn now(&self) -> UtcMillis {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                UtcMillis::new(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Source::Manual(millis) => UtcMillis::new(millis.load(Ordering::Relaxed)),
        }
    }

    /// Turns a manual clock forward; the system's clock turns itself.
    pub fn advance(&self, duration: Duration) {
        if let Source::Manual(millis) = &self.0 {
            millis.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    /// A new id, ordered by time (UUID version 7): kind to the store's indexes.
    pub fn mint(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// A new id that does not tell when it was made (UUID version 4): a contact's is shown to whoever knows the phone
    /// number, and must not say since when the person is a customer.
    pub fn mint_opaque(&self) -> Uuid {
        Uuid::new_v4()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
