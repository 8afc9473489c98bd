//! How many frames a connection may say a second: far more than a person can cause, far less than a flood.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::ApiError;

/// Frames at once.
const BURST: f64 = 200.0;
/// Frames a second after that.
const PER_SECOND: f64 = 50.0;

/// A token bucket (one a connection, so it is two numbers and no allocation).
pub(super) struct Pace {
    tokens: f64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { tokens: BURST, at: now }
    }

    /// Whether one more frame is all right.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        self.tokens = (self.tokens + now.duration_since(self.at).as_secs_f64() * PER_SECOND).min(BURST);
        self.at = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// The refusal of what goes beyond it.
pub(super) fn too_fast(wait: Duration) -> ApiError {
    ApiError::too_fast(format!("{PER_SECOND} frames a second is the limit of a connection."), wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_pace() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert_eq!((0..1_000).filter(|_| pace.allows(start)).count(), 200);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..1_000).filter(|_| pace.allows(later)).count(), 50);
    }
}
