//! The figures of a run by name: what budgets are set for, and what two runs are compared by.

use std::collections::BTreeMap;

use super::Run;

/// The names of all figures. Of each, less is better, but for `delivered_per_s`.
pub const FIGURES: &[&str] = &[
    "lost",
    "doubled",
    "out_of_order",
    "unanswered",
    "errors",
    "reconnects",
    "delivered_per_s",
    "delivery_p50_ms",
    "delivery_p99_ms",
    "delivery_max_ms",
    "ack_p50_ms",
    "ack_p99_ms",
    "ack_max_ms",
    "connect_p99_ms",
    "reconnect_p99_ms",
    "server_us_per_delivery",
    "total_us_per_delivery",
    "server_us_per_accept",
    "server_us_per_reconnect",
    "server_kib_per_connection",
    "server_memory_mib",
    "server_memory_growth_percent",
];

/// Whether of this figure less is better.
pub fn less_is_better(name: &str) -> bool {
    name != "delivered_per_s"
}

/// The unit of a figure, as it is written behind its number; nothing for a count.
pub fn unit(name: &str) -> &'static str {
    match name {
        "delivered_per_s" => "/s",
        "server_kib_per_connection" => "KiB",
        "server_memory_mib" => "MiB",
        "server_memory_growth_percent" => "%",
        _ if name.ends_with("_ms") => "ms",
        _ if name.contains("_us_per_") => "µs",
        _ => "",
    }
}

/// What was measured, by the names of [`FIGURES`]; what was not is left out.
pub fn figures(run: &Run) -> BTreeMap<&'static str, f64> {
    let count = |value: u64| Some(value as f64);
    let timed = |spread: &super::Spread, value: f64| (spread.count > 0).then_some(value);
    let Run { counts, measured, connecting, cost, .. } = run;
    let memory = cost.map(|cost| cost.server_kib);
    let all = [
        ("lost", count(counts.lost)),
        ("doubled", count(counts.doubled)),
        ("out_of_order", count(counts.out_of_order)),
        ("unanswered", count(counts.unanswered)),
        ("errors", count(counts.errors.values().sum())),
        ("reconnects", count(counts.reconnects)),
        ("delivered_per_s", (measured.seconds > 0.0).then(|| measured.delivered as f64 / measured.seconds)),
        ("delivery_p50_ms", timed(&measured.delivery, measured.delivery.p50)),
        ("delivery_p99_ms", timed(&measured.delivery, measured.delivery.p99)),
        ("delivery_max_ms", timed(&measured.delivery, measured.delivery.max)),
        ("ack_p50_ms", timed(&measured.ack, measured.ack.p50)),
        ("ack_p99_ms", timed(&measured.ack, measured.ack.p99)),
        ("ack_max_ms", timed(&measured.ack, measured.ack.max)),
        ("connect_p99_ms", timed(&connecting.each, connecting.each.p99)),
        ("reconnect_p99_ms", timed(&measured.reconnect, measured.reconnect.p99)),
        ("server_us_per_delivery", cost.and_then(|cost| cost.server_us_per_delivery)),
        ("total_us_per_delivery", cost.and_then(|cost| cost.total_us_per_delivery)),
        ("server_us_per_accept", connecting.server_us_each),
        ("server_us_per_reconnect", cost.and_then(|cost| cost.server_us_per_reconnect)),
        ("server_kib_per_connection", connecting.server_kib_each),
        ("server_memory_mib", memory.map(|(_, after)| after / 1_024.0)),
        (
            "server_memory_growth_percent",
            memory.filter(|(before, _)| *before > 0.0).map(|(before, after)| (after / before - 1.0) * 100.0),
        ),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_promised() {
        let text = include_str!("figures.rs");
        for name in FIGURES {
            assert_eq!(text.matches(&format!("\"{name}\"")).count().min(2), 2, "{name} is never measured");
        }
    }
}
