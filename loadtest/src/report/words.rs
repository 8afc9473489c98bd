//! What a run says in words and lines, whether on a terminal or on a page.

use super::{Connecting, Cost, Counts, Machine, Run, Spread, units};

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
    if run.was_silent() {
        sentences.push("Nobody heard anything: nothing was tested.".to_owned());
    }
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

/// What the reader must know to trust the figures, in sentences.
pub(super) fn remarks(run: &Run) -> Vec<String> {
    let Connecting { wanted, made, .. } = run.connecting;
    let missing = (made < wanted).then(|| {
        let [made, wanted] = [made, wanted].map(units::count);
        format!(
            "Only {made} of {wanted} connections could be made: the load was smaller than the scenario's."
        )
    });
    missing.into_iter().chain(run.remarks.iter().cloned()).collect()
}

/// The machine, in a line.
pub(super) fn machine(run: &Run) -> String {
    let Machine { cpu, cores, kernel, memory_mib } = &run.machine;
    format!("{cores} × {cpu}, {}, Linux {kernel}", units::memory(*memory_mib as f64 * 1_024.0))
}

/// RFC 3339 without its seconds; anything else as it is.
pub(super) fn began(at: &str) -> String {
    match (at.get(..10), at.get(10..11), at.get(11..16), at.ends_with('Z')) {
        (Some(day), Some("T"), Some(time), true) => format!("{day}, {time} UTC"),
        _ => at.to_owned(),
    }
}

/// How many connected, in a line.
pub(super) fn connected(run: &Run) -> String {
    let Connecting { wanted, made, seconds, .. } = run.connecting;
    let [made, wanted] = [made, wanted].map(units::count);
    format!("{made} of {wanted} connected in {}", units::time((seconds * 10.0).round() / 10.0))
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
