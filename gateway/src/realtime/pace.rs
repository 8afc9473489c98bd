//! How many frames a connection may say a second: far more than a person can cause, far less than a flood.

use std::{num::NonZeroU32, time::Duration};

use tokio::time::Instant;

use crate::error::ApiError;

/// Frames at once, in seconds of the pace.
const BURST: f64 = 4.0;

/// A token bucket (one a connection, so it is three numbers and no allocation).
pub(super) struct Pace {
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(per_second: NonZeroU32, now: Instant) -> Self {
        let per_second = f64::from(per_second.get());
        Self { per_second, tokens: per_second * BURST, at: now }
    }

    /// Whether one more frame is all right.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let since = now.duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * self.per_second).min(self.per_second * BURST);
        self.at = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// The refusal of what goes beyond it.
pub(super) fn too_fast(per_second: NonZeroU32, wait: Duration) -> ApiError {
    ApiError::too_fast(format!("{per_second} frames a second is the limit of a connection."), wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_pace() {
        let start = Instant::now();
        let rate = |per_second| NonZeroU32::new(per_second).unwrap();
        for (per_second, burst) in [(50, 200), (1, 4)] {
            let mut pace = Pace::new(rate(per_second), start);
            assert_eq!((0..1_000).filter(|_| pace.allows(start)).count(), burst);
            let later = start + Duration::from_secs(1);
            assert_eq!((0..1_000).filter(|_| pace.allows(later)).count(), per_second as usize);
        }
    }
}
