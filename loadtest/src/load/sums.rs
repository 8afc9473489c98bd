//! What all workers report, added up: over the whole run, within the measured time, and slice by slice.

use std::{collections::BTreeMap, time::Instant};

use hdrhistogram::Histogram;

use super::plan::{self, Tick};
use crate::report::{Counts, Delivered, Moment, Probed, Spread};

/// A slice is never shorter, in seconds: workers report four times as often as this.
const SHORTEST: f64 = 1.0;

struct Histograms {
    delivery: Histogram<u64>,
    ack: Histogram<u64>,
    reconnect: Histogram<u64>,
}

impl Histograms {
    fn new() -> Self {
        Self { delivery: plan::histogram(), ack: plan::histogram(), reconnect: plan::histogram() }
    }

    fn add(&mut self, tick: &Tick) {
        tick.delivery.add_to(&mut self.delivery);
        tick.ack.add_to(&mut self.ack);
        tick.reconnect.add_to(&mut self.reconnect);
    }
}

pub(super) struct Sums {
    counts: Counts,
    made: u64,
    linked: u64,
    connect: Histogram<u64>,
    /// The last word of each worker.
    connected: Vec<u64>,
    awaited: Vec<u64>,
    measuring: bool,
    measured: Delivered,
    measured_from: Option<Instant>,
    spare_us: u64,
    times: Histograms,
    moments: Vec<Moment>,
    /// The slice that is filling.
    moment: Moment,
    moment_times: Histograms,
    moment_from: Option<Instant>,
    /// When the slice began, as reports count.
    at_s: f64,
    length: f64,
}

impl Sums {
    /// With slices of about this many seconds.
    pub(super) fn new(slice: f64, workers: usize) -> Self {
        Self {
            counts: Counts::default(),
            made: 0,
            linked: 0,
            connect: plan::histogram(),
            connected: vec![0; workers],
            awaited: vec![0; workers],
            measuring: false,
            measured: Delivered::default(),
            measured_from: None,
            spare_us: 0,
            times: Histograms::new(),
            moments: Vec::new(),
            moment: Moment::default(),
            moment_times: Histograms::new(),
            moment_from: None,
            at_s: 0.0,
            length: slice.max(SHORTEST),
        }
    }

    pub(super) fn add(&mut self, worker: usize, tick: &Tick) {
        self.connected[worker] = tick.connected;
        self.awaited[worker] = tick.awaited;
        self.made += tick.made;
        self.linked += tick.linked;
        tick.connect.add_to(&mut self.connect);
        let counts = &mut self.counts;
        counts.sent += tick.sent;
        counts.acked += tick.acked;
        counts.delivered += tick.delivered;
        counts.doubled += tick.doubled;
        counts.out_of_order += tick.out_of_order;
        counts.reconnects += tick.reconnects;
        counts.visits += tick.visits;
        counts.lost += tick.lost;
        counts.unanswered += tick.unanswered;
        for (code, count) in &tick.errors {
            *counts.errors.entry(code.clone()).or_default() += count;
        }
        if self.measuring {
            self.measured.sent += tick.sent;
            self.measured.acked += tick.acked;
            self.measured.delivered += tick.delivered;
            self.spare_us += tick.spare_us;
            self.times.add(tick);
        }
        self.moment.sent += tick.sent;
        self.moment.acked += tick.acked;
        self.moment.delivered += tick.delivered;
        self.moment_times.add(tick);
    }

    /// The load begins, so many seconds from the beginning of the measured time.
    pub(super) fn begin(&mut self, at_s: f64) {
        self.at_s = at_s;
        self.new_slice();
    }

    pub(super) fn measure(&mut self) {
        self.measuring = true;
        self.measured_from = Some(Instant::now());
        self.at_s = 0.0;
        self.new_slice();
    }

    fn new_slice(&mut self) {
        self.moment = Moment::default();
        self.moment_times = Histograms::new();
        self.moment_from = Some(Instant::now());
    }

    pub(super) fn end_measuring(&mut self) {
        self.measuring = false;
        self.measured.seconds = self.measured_from.map_or(0.0, |from| from.elapsed().as_secs_f64());
    }

    /// Closes the slice if it is full, and answers it.
    pub(super) fn slice(&mut self, probe: impl FnOnce() -> Probed) -> Option<&Moment> {
        let seconds = self.moment_from?.elapsed().as_secs_f64();
        if seconds < self.length {
            return None;
        }
        self.at_s += seconds;
        let at = |times: &Histogram<u64>, percentile| {
            (!times.is_empty()).then(|| times.value_at_percentile(percentile) as f64 / 1_000.0)
        };
        let moment = Moment {
            at_s: self.at_s,
            seconds,
            connected: self.connected.iter().sum(),
            p50_ms: at(&self.moment_times.delivery, 50.0),
            p99_ms: at(&self.moment_times.delivery, 99.0),
            ack_p99_ms: at(&self.moment_times.ack, 99.0),
            probed: probe(),
            ..std::mem::take(&mut self.moment)
        };
        self.moments.push(moment);
        self.new_slice();
        self.moments.last()
    }

    /// The slice that is filling, as far as it is.
    pub(super) fn unfinished(&self) -> Moment {
        Moment { connected: self.connected.iter().sum(), ..self.moment.clone() }
    }

    pub(super) fn failures(&self) -> u64 {
        self.counts.errors.values().sum()
    }

    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Members with a link that can be cut: who polls has none.
    pub(super) fn linked(&self) -> u64 {
        self.linked
    }

    pub(super) fn reconnects(&self) -> u64 {
        self.counts.reconnects
    }

    pub(super) fn awaited(&self) -> u64 {
        self.awaited.iter().sum()
    }

    pub(super) fn errors(&self) -> BTreeMap<String, u64> {
        self.counts.errors.clone()
    }

    pub(super) fn connects(&self) -> Spread {
        Spread::of(&self.connect)
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    pub(super) fn measured(&self) -> Delivered {
        Delivered {
            delivery: Spread::of(&self.times.delivery),
            ack: Spread::of(&self.times.ack),
            reconnect: Spread::of(&self.times.reconnect),
            ..self.measured.clone()
        }
    }

    /// Processors that the workers kept awake in the measured time, without anything to do.
    pub(super) fn spare_cores(&self) -> f64 {
        self.spare_us as f64 / 1e6 / self.measured.seconds.max(f64::MIN_POSITIVE)
    }

    pub(super) fn take_moments(&mut self) -> Vec<Moment> {
        std::mem::take(&mut self.moments)
    }
}
