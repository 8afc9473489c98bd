//! A run that never was, with everything in it that a run can have.

use std::{collections::BTreeMap, f64::consts::TAU};

use hdrhistogram::Histogram;
use loadtest::{
    report::{Connecting, Cost, Counts, Delivered, Machine, Metric, Moment, Probed, Run, Spread, Target},
    scenario::Scenario,
};

/// Words of somebody who means harm.
pub(crate) const STRANGER: &str = "\"><script>alert(1)</script>&\u{1b}[31m'";

/// A quiet run of the storm, in which everything held.
pub(crate) fn run() -> Run {
    let mut run = Run {
        version: "0.1.0".to_owned(),
        began_at: "2026-11-20T10:56:01.123Z".to_owned(),
        scenario: Scenario::load("storm", &[]).unwrap(),
        target: Target { peer: "hubbub".to_owned(), urls: vec!["http://127.0.0.1:8080".to_owned()] },
        machine: Machine {
            cpu: "A processor".to_owned(),
            cores: 2,
            kernel: "6.1.0".to_owned(),
            memory_mib: 7_936,
        },
        workers: 1,
        seed: 4_711,
        connecting: Connecting {
            wanted: 5_000,
            made: 5_000,
            seconds: 2.345,
            each: spread(5_000, 900.0),
            server_us_each: Some(212.4),
            store_us_each: Some(31.0),
            server_kib_each: Some(11.2),
            server_kib_before: Some(31_240.0),
        },
        counts: Counts {
            sent: 85_000,
            acked: 85_000,
            delivered: 85_000,
            errors: BTreeMap::from([("rate_limited".to_owned(), 12), ("overloaded".to_owned(), 3)]),
            reconnects: 5_000,
            ..Counts::default()
        },
        measured: Delivered {
            seconds: 15.0,
            sent: 75_000,
            acked: 75_000,
            delivered: 75_000,
            delivery: spread(75_000, 2_400.0),
            ack: spread(75_000, 1_600.0),
            reconnect: spread(5_000, 400_000.0),
            tool_cores: 0.61,
        },
        moments: (-7..=60).map(moment).collect(),
        cost: Some(Cost {
            server_cpu_s: 9.3,
            store_cpu_s: Some(2.1),
            server_us_per_delivery: Some(18.24),
            total_us_per_delivery: Some(31.07),
            server_us_per_reconnect: Some(240.0),
            server_kib: (84_000.0, 91_500.0),
            others_cores: 0.04,
        }),
        metrics: BTreeMap::from([
            ("hubbub_entries_committed_total".to_owned(), Metric { before: 10_012.0, after: 85_012.0 }),
            (
                "hubbub_connections{transport=\"websocket\"}".to_owned(),
                Metric { before: 5_000.0, after: 4_999.0 },
            ),
            ("hubbub_commit_seconds_sum".to_owned(), Metric { before: 1.25, after: 9.125 }),
            ("hubbub_node_info".to_owned(), Metric { before: 1.0, after: 1.0 }),
        ]),
        verdicts: Vec::new(),
        remarks: Vec::new(),
    };
    let budgets = BTreeMap::from([("ack_p99_ms".to_owned(), 1_000.0), ("lost".to_owned(), 0.0)]);
    run.judge(&budgets);
    assert!(run.passed());
    run
}

/// One in which all went wrong that can, told by a stranger, and hardly anything could be measured.
pub(crate) fn wrecked() -> Run {
    let mut run = run();
    run.scenario.name = STRANGER.to_owned();
    run.scenario.about = STRANGER.to_owned();
    run.scenario.cut_all_at_s = None;
    run.target = Target { peer: STRANGER.to_owned(), urls: vec![STRANGER.to_owned(), "http://b".to_owned()] };
    run.machine.cpu = STRANGER.to_owned();
    run.began_at = STRANGER.to_owned();
    run.counts = Counts {
        lost: 3,
        doubled: 1,
        out_of_order: 2,
        errors: BTreeMap::from([(STRANGER.to_owned(), 7)]),
        ..run.counts
    };
    run.connecting = Connecting { wanted: 10, ..Connecting::default() };
    run.measured = Delivered { seconds: 15.0, ..Delivered::default() };
    run.moments = Vec::new();
    run.cost = None;
    run.metrics = BTreeMap::from([(STRANGER.to_owned(), Metric { before: f64::NAN, after: 1e300 })]);
    run.remarks = vec![format!("{STRANGER} {}", "many words ".repeat(20))];
    run.judge(&BTreeMap::from([("ack_p99_ms".to_owned(), 5.0), ("lost".to_owned(), 0.0)]));
    run
}

fn spread(count: u64, typical_us: f64) -> Spread {
    let mut histogram = Histogram::<u64>::new_with_max(60_000_000, 3).unwrap();
    for place in 0..count {
        // A long tail, as times have: one of a thousand takes a good deal longer.
        let rank = (place as f64 + 0.5) / count as f64;
        histogram.record((typical_us * (0.4 + 0.35 * -(1.0 - rank).ln())) as u64).unwrap();
    }
    Spread::of(&histogram)
}

fn moment(quarter: i32) -> Moment {
    let at_s = f64::from(quarter) / 4.0;
    let wave = (at_s / 15.0 * TAU).sin();
    let storm = (3.0..4.0).contains(&at_s);
    let rate = if storm { 200.0 } else { 1_250.0 + 60.0 * wave };
    Moment {
        at_s,
        seconds: 0.25,
        connected: if storm { 1_200 } else { 5_000 },
        sent: 1_250,
        acked: rate as u64,
        delivered: rate as u64,
        p50_ms: (!storm).then_some(1.2 + 0.2 * wave),
        p99_ms: (!storm).then_some(if at_s < 5.0 && at_s > 3.0 { 180.0 } else { 9.0 + 3.0 * wave }),
        ack_p99_ms: (!storm).then_some(5.5 - wave),
        probed: Probed {
            server_cores: Some(if storm { 0.98 } else { 0.6 + 0.05 * wave }),
            store_cores: Some(0.14),
            server_kib: Some(84_000.0 + 120.0 * f64::from(quarter)),
        },
    }
}
