//! When to come back: full jitter, doubling from half a second to half a minute (contract §4).

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};

const FIRST: Duration = Duration::from_millis(500);
/// What the contract asks for.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// The pauses between tries to connect.
#[derive(Debug)]
pub(super) struct Backoff {
    random: StdRng,
    ceiling: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new(seed: u64, longest: Duration) -> Self {
        Self { random: StdRng::seed_from_u64(seed), ceiling: FIRST.min(longest), longest }
    }

    /// The next pause: anything up to a ceiling that doubles.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.ceiling.mul_f64(self.random.random());
        self.ceiling = (self.ceiling * 2).min(self.longest);
        pause
    }

    /// A connection stood: the next break is a new one.
    pub(super) fn reset(&mut self) {
        self.ceiling = FIRST.min(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_below_a_ceiling_that_doubles_up_to_half_a_minute() {
        let mut backoff = Backoff::new(7, LONGEST);
        for ceiling_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            assert!(backoff.pause() <= Duration::from_millis(ceiling_ms));
        }
        backoff.reset();
        assert!(backoff.pause() <= FIRST);
    }
}
