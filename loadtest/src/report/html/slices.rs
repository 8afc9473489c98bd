//! The run in time, in as many slices as a plot can show.

use super::super::{Moment, Probed};

/// The most that are drawn: more cannot be told apart, and a week would make a page of many megabytes.
pub(super) const MOST: usize = 240;

/// Neighbours put together until they are few enough. Counts are added up; of times the largest stands for all, so
/// that no stall is averaged away; what was in use is weighed by the time it was.
pub(super) fn thinned(moments: &[Moment], most: usize) -> Vec<Moment> {
    let together = moments.len().div_ceil(most.max(1)).max(1);
    moments.chunks(together).map(merged).collect()
}

fn merged(moments: &[Moment]) -> Moment {
    let sum = |of: fn(&Moment) -> u64| moments.iter().map(of).sum();
    let largest = |of: fn(&Moment) -> Option<f64>| moments.iter().filter_map(of).reduce(f64::max);
    let last = moments.last().cloned().unwrap_or_default();
    let mean = |of: fn(&Probed) -> Option<f64>| {
        let known = moments.iter().filter_map(|moment| Some((of(&moment.probed)?, moment.seconds)));
        let (weighed, time) = known.fold((0.0, 0.0), |(weighed, time), (value, seconds)| {
            (weighed + value * seconds, time + seconds)
        });
        (time > 0.0).then(|| weighed / time)
    };
    Moment {
        at_s: last.at_s,
        seconds: moments.iter().map(|moment| moment.seconds).sum(),
        connected: last.connected,
        sent: sum(|moment| moment.sent),
        acked: sum(|moment| moment.acked),
        delivered: sum(|moment| moment.delivered),
        p50_ms: largest(|moment| moment.p50_ms),
        p99_ms: largest(|moment| moment.p99_ms),
        ack_p99_ms: largest(|moment| moment.ack_p99_ms),
        probed: Probed {
            server_cores: mean(|probed| probed.server_cores),
            store_cores: mean(|probed| probed.store_cores),
            server_kib: moments.iter().filter_map(|moment| moment.probed.server_kib).reduce(f64::max),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_and_no_stall_is_lost_by_putting_slices_together() {
        let moments: Vec<_> = (0..1_000)
            .map(|at| Moment {
                at_s: f64::from(at),
                seconds: 1.0,
                delivered: 10,
                p99_ms: (at % 2 == 0).then_some(if at == 500 { 900.0 } else { 2.0 }),
                probed: Probed { server_cores: Some(0.5), ..Probed::default() },
                ..Moment::default()
            })
            .collect();
        let few = thinned(&moments, 240);
        assert!(few.len() <= 240);
        assert_eq!(few.iter().map(|moment| moment.delivered).sum::<u64>(), 10_000);
        assert_eq!(few.iter().filter(|moment| moment.p99_ms == Some(900.0)).count(), 1);
        assert!(few.iter().all(|moment| moment.probed.server_cores == Some(0.5)));
        assert!((few.iter().map(|moment| moment.seconds).sum::<f64>() - 1_000.0).abs() < 1e-6);
        assert_eq!(thinned(&moments[..5], 240), &moments[..5]);
        assert!(thinned(&[], 240).is_empty());
    }
}
