//! What a run says in words and lines, whether on a terminal or on a page.

use super::{Cost, Counts, Run, Spread, units};

/// What went wrong, in sentences, the worst first. Empty if the run passed.
pub(super) fn failures(run: &Run) -> Vec<String> {
    let Counts { lost, doubled, out_of_order, .. } = run.counts;
    let told = [
        (lost, "lost: acknowledged, and not received by somebody who was there to the end"),
        (doubled, "doubled: received by one connection more than once"),
        (out_of_order, "out of order: received before an older one of the same sender"),
    ];
    let told = told.into_iter().filter(|(many, _)| *many > 0);
    let mut sentences: Vec<_> =
        told.map(|(many, what)| format!("{} {what}.", units::counted(many, "message", "messages"))).collect();
    for verdict in run.verdicts.iter().filter(|verdict| !verdict.held()) {
        let budget = units::number(verdict.budget);
        let measured = match verdict.measured {
            Some(measured) => format!("{} measured", units::number(measured)),
            None => "but it was not measured".to_owned(),
        };
        sentences.push(format!("Budget broken: {} at most {budget}, {measured}.", verdict.figure));
    }
    sentences
}

/// The distributions of a run by name; reconnects only where links were cut.
pub(super) fn spreads(run: &Run) -> Vec<(&'static str, &Spread)> {
    let mut all = vec![
        ("delivery", &run.measured.delivery),
        ("ack", &run.measured.ack),
        ("connect", &run.connecting.each),
    ];
    if run.scenario.cut_all_at_s.is_some() || run.measured.reconnect.count > 0 {
        all.push(("reconnect", &run.measured.reconnect));
    }
    all
}

/// What it cost the server, its store, and the tool: lines of a name and a value with its unit.
pub(super) fn costs(run: &Run) -> Vec<(&'static str, String)> {
    let Run { connecting, measured, .. } = run;
    let with = |value: Option<f64>, unit: &str| match value {
        Some(value) => format!("{} {unit}", units::number(value)),
        None => units::NOT_MEASURED.to_owned(),
    };
    let memory = |value: Option<f64>| value.map_or_else(|| units::NOT_MEASURED.to_owned(), units::memory);
    let cost = run.cost;
    let of = |value: fn(Cost) -> Option<f64>| cost.and_then(value);
    let seconds = measured.seconds;
    let cores = |cpu_s: Option<f64>| with(cpu_s.filter(|_| seconds > 0.0).map(|cpu| cpu / seconds), "CPU");
    let mut lines = vec![
        ("server, CPU a delivery", with(of(|cost| cost.server_us_per_delivery), "µs")),
        ("server and store, CPU a delivery", with(of(|cost| cost.total_us_per_delivery), "µs")),
        ("server, CPU an accept", with(connecting.server_us_each, "µs")),
        ("store, CPU an accept", with(connecting.store_us_each, "µs")),
        ("server, memory a connection", with(connecting.server_kib_each, "KiB")),
        ("server, memory before anybody connected", memory(connecting.server_kib_before)),
        ("server, memory at the beginning", memory(of(|cost| Some(cost.server_kib.0)))),
        ("server, memory at the end", memory(of(|cost| Some(cost.server_kib.1)))),
        ("server, processors in use", cores(of(|cost| Some(cost.server_cpu_s)))),
        ("store, processors in use", cores(of(|cost| cost.store_cpu_s))),
        ("this tool, processors in use", with(Some(measured.tool_cores), "CPU")),
        ("others on this machine, processors in use", with(of(|cost| Some(cost.others_cores)), "CPU")),
    ];
    if run.scenario.cut_all_at_s.is_some() {
        let reconnect = with(of(|cost| cost.server_us_per_reconnect), "µs");
        lines.insert(4, ("server, CPU a reconnect", reconnect));
    }
    lines
}
