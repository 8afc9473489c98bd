//! Things that take time: some workers and a queue before them; a disk that is flushed for all who wait.

/// Nanoseconds since the simulation began.
pub(super) type Nanos = u64;

/// Background load never leaves less than this of a server: beyond it nothing would ever end.
const LEAST_LEFT: f64 = 0.02;

/// Seconds as nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is below zero or beyond centuries is clamped"
)]
pub(super) fn nanos(seconds: f64) -> Nanos {
    (seconds * 1e9).round() as Nanos
}

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "exact for the first hundred days")]
pub(super) fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 * 1e-9
}

/// Workers that share one queue, first come first served. Whoever comes must come in the order of time: then it is
/// known at once when they will be done, and no queue has to be kept.
#[derive(Debug, Clone)]
pub(super) struct Workers {
    free_at: Vec<Nanos>,
    /// Share of each worker that is taken by what is not simulated one by one.
    background: f64,
    busy_s: f64,
}

impl Workers {
    /// So many, all free.
    pub(super) fn new(workers: usize, background: f64) -> Self {
        Self { free_at: vec![0; workers.max(1)], background, busy_s: 0.0 }
    }

    /// When what comes now and takes so long by itself will be done. What runs in the background slows it down.
    pub(super) fn visit(&mut self, now: Nanos, service_s: f64) -> Nanos {
        self.busy_s += service_s;
        let stretched = service_s / (1.0 - self.background).max(LEAST_LEFT);
        let mut first = 0;
        for worker in 1..self.free_at.len() {
            if self.free_at[worker] < self.free_at[first] {
                first = worker;
            }
        }
        let done = self.free_at[first].max(now) + nanos(stretched);
        self.free_at[first] = done;
        done
    }

    /// How long whoever comes now would wait.
    pub(super) fn wait_s(&self, now: Nanos) -> f64 {
        let first = self.free_at.iter().copied().min().unwrap_or(now);
        seconds(first.saturating_sub(now))
    }

    /// What runs in the background grows by this factor.
    pub(super) fn more_background(&mut self, factor: f64) {
        self.background *= factor;
    }

    /// Share of the workers' time that was used, of so many seconds.
    pub(super) fn used(&self, of_s: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody has that many cores")]
        let workers = self.free_at.len() as f64;
        self.background + self.busy_s / (workers * of_s)
    }
}

/// A disk: whoever comes while it is flushed waits for the next flush, which is for all of them.
#[derive(Debug, Clone)]
pub(super) struct Flush {
    takes: Nanos,
    began: Nanos,
    ends: Nanos,
}

impl Flush {
    /// One that takes so long.
    pub(super) fn new(takes_s: f64) -> Self {
        Self { takes: nanos(takes_s), began: 0, ends: 0 }
    }

    /// When what is written now is on the disk.
    pub(super) fn visit(&mut self, now: Nanos) -> Nanos {
        if now >= self.ends {
            (self.began, self.ends) = (now, now + self.takes);
        } else if now > self.began {
            (self.began, self.ends) = (self.ends, self.ends + self.takes);
        }
        // Else it has not begun yet, and takes everybody.
        self.ends
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;

    /// Mean wait of Poisson arrivals with exponential service.
    fn mean_wait(workers: usize, rate: f64, service_s: f64) -> (f64, f64) {
        let mut random = StdRng::seed_from_u64(7);
        let mut servers = Workers::new(workers, 0.0);
        let (mut now, mut waited, customers) = (0.0, 0.0, 400_000_u32);
        let mut exponential = |mean: f64| -mean * (1.0 - random.random::<f64>()).ln();
        for _ in 0..customers {
            now += exponential(1.0 / rate);
            waited += servers.wait_s(nanos(now));
            servers.visit(nanos(now), exponential(service_s));
        }
        (waited / f64::from(customers), servers.used(now))
    }

    fn about(left: f64, right: f64, within: f64) -> bool {
        (left - right).abs() <= within * right
    }

    #[test]
    fn one_worker_is_the_queue_of_the_textbook() {
        // M/M/1: use ρ = rate × service, mean wait = ρ × service / (1 - ρ).
        for rate in [300.0, 700.0] {
            let (wait, used) = mean_wait(1, rate, 1e-3);
            let rho: f64 = rate * 1e-3;
            assert!(about(used, rho, 0.01), "{used} {rho}");
            assert!(about(wait, rho * 1e-3 / (1.0 - rho), 0.05), "{rate}: {wait}");
        }
    }

    #[test]
    fn several_workers_are_too() {
        // M/M/c by Erlang's C formula: 4 workers, 3 of them busy.
        let (wait, used) = mean_wait(4, 3_000.0, 1e-3);
        let (load, workers) = (3.0_f64, 4.0);
        let full = load.powi(4) / 24.0 * workers / (workers - load);
        let waits = full / (1.0 + load + load.powi(2) / 2.0 + load.powi(3) / 6.0 + full);
        assert!(about(used, 0.75, 0.01), "{used}");
        assert!(about(wait, waits * 1e-3 / (workers - load), 0.05), "{wait}");
    }

    #[test]
    fn background_takes_its_share() {
        let mut servers = Workers::new(1, 0.5);
        assert_eq!(servers.visit(1_000, 1e-6), 3_000);
        assert!(about(servers.used(10e-6), 0.6, 1e-9));
        servers.more_background(2.0);
        assert!(servers.visit(3_000, 1e-6) > 3_000, "full, and still something is done");
    }

    #[test]
    fn a_flush_is_for_all_who_wait() {
        let mut disk = Flush::new(100e-9);
        assert_eq!(disk.visit(10), 110, "at once");
        assert_eq!(disk.visit(20), 210, "the next");
        assert_eq!(disk.visit(90), 210, "the same next");
        assert_eq!(disk.visit(110), 210, "it begins now, and has not");
        assert_eq!(disk.visit(111), 310);
        assert_eq!(disk.visit(1_000), 1_100);
    }
}
