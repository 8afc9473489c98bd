//! When to say something, in an open loop: Poisson arrivals on a thread of their own, since the runtime's timers are
//! a millisecond apart and a commit is shorter than that.

use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::mpsc;

use crate::scenario::Rate;

/// Arrivals that wait for the worker. Beyond it the pacer waits, but what is late keeps the time at which it was due.
const QUEUE: usize = 16 * 1024;

/// A message that is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// Which of the senders.
    pub(super) sender: u32,
    /// When: microseconds of the worker's clock.
    pub(super) at: u64,
}

/// Begins; ends when the receiver is dropped. The rates are those of this worker; the first one begins after
/// `warm_up`, and holds during it too.
pub(super) fn start(
    rates: Vec<Rate>,
    warm_up: Duration,
    senders: u32,
    zero: Instant,
    seed: u64,
) -> mpsc::Receiver<Due> {
    let (queue, arrivals) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        let mut random = StdRng::seed_from_u64(seed);
        // In seconds since `zero`.
        let mut at = zero.elapsed().as_secs_f64();
        let begin = at + warm_up.as_secs_f64();
        if senders == 0 {
            return;
        }
        loop {
            let (rate, until) = next_change(&rates, at, begin);
            let uniform: f64 = random.random();
            // The exponential distribution, by its inverse.
            let next = at - (1.0 - uniform).ln() / rate;
            if !next.is_finite() && !until.is_finite() {
                return;
            }
            if next >= until {
                // Memoryless: at a new rate it may begin anew.
                at = until;
                continue;
            }
            at = next;
            let wait = Duration::from_secs_f64(at).saturating_sub(zero.elapsed());
            if !wait.is_zero() {
                #[expect(clippy::disallowed_methods, reason = "a thread of its own, whose business is time")]
                std::thread::sleep(wait);
            }
            let due = Due { sender: random.random_range(0..senders), at: (at * 1e6) as u64 };
            if queue.blocking_send(due).is_err() {
                return;
            }
        }
    });
    arrivals
}

/// The rate at `at`, and until when it holds, where the rates begin at `begin`.
fn next_change(rates: &[Rate], at: f64, begin: f64) -> (f64, f64) {
    let (rate, until) = rate_at(rates, at - begin);
    // A step forward in any case: what is added and taken away again may come out a little smaller.
    (rate, (begin + until).max(at.next_up()))
}

/// The rate at a time after the warm-up, and until when it holds.
fn rate_at(rates: &[Rate], at: f64) -> (f64, f64) {
    let mut end = 0.0;
    for (place, rate) in rates.iter().enumerate() {
        let last = place + 1 == rates.len();
        end = if last || rate.for_s <= 0.0 { f64::INFINITY } else { end + rate.for_s };
        if at < end {
            return (rate.per_s, end);
        }
    }
    (0.0, f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_each_other_and_the_last_one_holds() {
        let rates = [Rate { per_s: 1.0, for_s: 2.0 }, Rate { per_s: 9.0, for_s: 1.0 }];
        assert_eq!(rate_at(&rates, -5.0), (1.0, 2.0));
        assert_eq!(rate_at(&rates, 1.9), (1.0, 2.0));
        assert_eq!(rate_at(&rates, 2.0), (9.0, f64::INFINITY));
        assert_eq!(rate_at(&rates, 99.0), (9.0, f64::INFINITY));
    }

    #[test]
    fn a_change_of_rate_is_passed_whatever_rounding_does() {
        let rates = [Rate { per_s: 1.0, for_s: 30.0 }, Rate { per_s: 9.0, for_s: 0.0 }];
        // The end of the first rate, added and taken away again, is before itself.
        let first_until = 10.0 + 2_f64.powi(-48);
        let end = next_change(&rates, 10.0, first_until).1;
        assert!((end - 40.0).abs() < f64::EPSILON && end - first_until < 30.0);
        let mut at = end;
        for _ in 0..10 {
            let (rate, until) = next_change(&rates, at, first_until);
            if rate > 1.0 {
                return;
            }
            assert!(until > at);
            at = until;
        }
        panic!("still the first rate at {at}");
    }

    #[tokio::test]
    async fn arrivals_come_in_order_and_at_their_rate() {
        let mut arrivals =
            start(vec![Rate { per_s: 20_000.0, for_s: 0.0 }], Duration::ZERO, 3, Instant::now(), 7);
        let mut last = 0;
        for _ in 0..2_000 {
            let due = arrivals.recv().await.unwrap();
            assert!(due.at >= last && due.sender < 3);
            last = due.at;
        }
        // 2,000 arrivals of 50 µs: 100 ms, by the clock they carry, however late they come.
        assert!((60_000..200_000).contains(&last), "{last}");
    }
}
