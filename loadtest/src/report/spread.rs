//! A distribution of times: percentiles to be quoted, and the curve behind them to be drawn.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// A distribution of times, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// The least.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// Half are at most this.
    pub p50: f64,
    /// 90 of 100 are.
    pub p90: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p999: f64,
    /// The largest.
    pub max: f64,
    /// The whole curve: (percentile from 0 to 100, milliseconds), ever closer together towards 100.
    pub curve: Vec<(f64, f64)>,
}

impl Spread {
    /// Of a histogram of microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        if histogram.is_empty() {
            return Self::default();
        }
        let ms = |micros: u64| micros as f64 / 1_000.0;
        let at = |percentile| ms(histogram.value_at_percentile(percentile));
        let curve = histogram
            .iter_quantiles(4)
            .map(|step| (step.quantile_iterated_to() * 100.0, ms(step.value_iterated_to())));
        Self {
            count: histogram.len(),
            min: ms(histogram.min()),
            mean: histogram.mean() / 1_000.0,
            p50: at(50.0),
            p90: at(90.0),
            p95: at(95.0),
            p99: at(99.0),
            p999: at(99.9),
            max: ms(histogram.max()),
            curve: curve.collect(),
        }
    }
}
