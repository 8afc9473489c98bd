//! Which charts a run has, and two runs have together.

use super::{
    super::{Moment, Run, Spread, units},
    axis::Axis,
    chart::{Chart, Line, Row},
    markup::{Markup, html},
    slices::{MOST, thinned},
};

/// A named line over time: what it takes from a slice.
type Taken = (&'static str, fn(&Moment) -> Option<f64>);

/// What a chart over time shows.
struct Plan {
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    log: bool,
    lines: &'static [Taken],
}

const TIMES: Plan = Plan {
    id: "times",
    title: "Times, as the run went on",
    unit: "ms",
    log: true,
    lines: &[
        ("delivery p99", |moment| moment.p99_ms),
        ("delivery p50", |moment| moment.p50_ms),
        ("ack p99", |moment| moment.ack_p99_ms),
    ],
};

const MESSAGES: Plan = Plan {
    id: "messages",
    title: "Messages",
    unit: "a second",
    log: false,
    lines: &[
        ("delivered", |moment| a_second(moment.delivered, moment)),
        ("said", |moment| a_second(moment.sent, moment)),
        ("acknowledged", |moment| a_second(moment.acked, moment)),
    ],
};

const CONNECTIONS: Plan = Plan {
    id: "connections",
    title: "Connections",
    unit: "open",
    log: false,
    lines: &[("connections", |moment| Some(moment.connected as f64))],
};

const CPU: Plan = Plan {
    id: "cpu",
    title: "Processors in use",
    unit: "CPU",
    log: false,
    lines: &[("server", |moment| moment.probed.server_cores), ("store", |moment| moment.probed.store_cores)],
};

const MEMORY: Plan = Plan {
    id: "memory",
    title: "Memory of the server",
    unit: "MiB, PSS",
    log: false,
    lines: &[("server", |moment| moment.probed.server_kib.map(|kib| kib / 1_024.0))],
};

fn a_second(many: u64, moment: &Moment) -> Option<f64> {
    (moment.seconds > 0.0).then(|| many as f64 / moment.seconds)
}

/// The percentiles that are read from a distribution's chart.
const READ: [f64; 9] = [0.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0];

/// All charts of a run.
pub(super) fn of(run: &Run) -> Markup {
    let moments = thinned(&run.moments, MOST);
    let mut out = Markup::default();
    let mut missing = Vec::new();
    html!(out, "<div class=\"charts\">");
    for plan in [&TIMES, &MESSAGES] {
        over_time(&mut out, &mut missing, plan, run, &moments);
        if plan.id == TIMES.id {
            let spreads = [("delivery", &run.measured.delivery), ("ack", &run.measured.ack)];
            let mut spreads: Vec<_> = spreads.map(|(name, spread)| (name.to_owned(), spread)).into();
            if run.measured.reconnect.count > 0 {
                spreads.push(("reconnect".to_owned(), &run.measured.reconnect));
            }
            match distribution("distribution", "Times, by percentile", &spreads) {
                Some(chart) => html!(out, "{}", chart.drawn()),
                None => missing.push("Times, by percentile"),
            }
        }
    }
    for plan in [&CONNECTIONS, &CPU, &MEMORY] {
        over_time(&mut out, &mut missing, plan, run, &moments);
    }
    html!(out, "</div>");
    if !missing.is_empty() {
        html!(out, "<p class=\"note\">Not measured, so not drawn: {}.</p>", missing.join("; "));
    }
    let together = run.moments.len().div_ceil(MOST);
    if together > 1 {
        html!(
            out,
            "<p class=\"note\">Each point stands for {} slices of the run; of times, the largest of them.</p>",
            together
        );
    }
    out
}

fn over_time(out: &mut Markup, missing: &mut Vec<&'static str>, plan: &Plan, run: &Run, moments: &[Moment]) {
    let lines = plan.lines.iter().map(|(name, take)| {
        let points = moments.iter().map(|moment| (middle(moment), take(moment))).collect();
        Line { name: (*name).to_owned(), points }
    });
    let rows = moments.iter().map(|moment| Row {
        name: ended(moment),
        from: moment.at_s - moment.seconds,
        to: moment.at_s,
        values: plan.lines.iter().map(|(_, take)| take(moment)).collect(),
    });
    match timed(plan, plan.title.to_owned(), run, lines.collect(), rows.collect()) {
        Some(chart) => html!(out, "{}", chart.drawn()),
        None => missing.push(plan.title),
    }
}

/// A chart over time, with the phases of a run; nothing if there is nothing to draw.
fn timed(plan: &Plan, title: String, run: &Run, lines: Vec<Line>, mut rows: Vec<Row>) -> Option<Chart> {
    let known = |line: &Line| line.points.iter().any(|(_, value)| value.is_some());
    let there: Vec<bool> = lines.iter().map(known).collect();
    if !there.contains(&true) {
        return None;
    }
    for row in &mut rows {
        let mut there = there.iter();
        row.values.retain(|_| there.next().is_some_and(|there| *there));
    }
    let lines: Vec<_> = lines.into_iter().filter(known).collect();
    let values = || lines.iter().flat_map(|line| line.points.iter().filter_map(|(_, value)| *value));
    let about = lines.iter().map(|line| course(line, plan.unit)).collect::<Vec<_>>().join(" ");
    let y = if plan.log { Axis::log(values()) } else { Axis::from_zero(values().fold(0.0, f64::max)) };
    let from = rows.iter().map(|row| row.from).fold(0.0, f64::min);
    let to = rows.iter().map(|row| row.to).fold(run.measured.seconds, f64::max);
    let mut shaded = Vec::new();
    if from < 0.0 {
        shaded.push((from, 0.0));
    }
    if to > run.measured.seconds && run.measured.seconds > 0.0 {
        shaded.push((run.measured.seconds, to));
    }
    Some(Chart {
        id: plan.id,
        title,
        unit: plan.unit,
        along: "until",
        about,
        x: Axis::time(from, to),
        y,
        lines,
        shaded,
        happened: run.scenario.cut_all_at_s.map(|at| (at, "all links cut")).into_iter().collect(),
        rows,
    })
}

fn course(line: &Line, unit: &str) -> String {
    let values = || line.points.iter().filter_map(|(_, value)| *value);
    let least = values().fold(f64::INFINITY, f64::min);
    let most = values().fold(0.0, f64::max);
    let last = values().next_back().unwrap_or_default();
    let [least, most, last] = [least, most, last].map(units::number);
    format!("{}: between {least} and {most} ({unit}), {last} at the end.", line.name)
}

/// Distributions as curves over percentiles; nothing if all are empty.
fn distribution(id: &'static str, title: &str, spreads: &[(String, &Spread)]) -> Option<Chart> {
    let spreads: Vec<_> = spreads.iter().filter(|(_, spread)| spread.count > 0).collect();
    let most = spreads.iter().map(|(_, spread)| spread.count).max()?;
    let tell = |(name, spread): &&(String, &Spread)| {
        let [half, p99, max] = [spread.p50, spread.p99, spread.max].map(units::number);
        format!("{name}: half within {half} ms, 99 of 100 within {p99} ms, the longest {max} ms.")
    };
    let line = |(name, spread): &&(String, &Spread)| Line {
        name: name.clone(),
        points: spread.curve.iter().map(|(percentile, ms)| (*percentile, Some(*ms))).collect(),
    };
    let read: Vec<f64> =
        READ.into_iter().filter(|read| *read >= 100.0 || (100.0 - read) * most as f64 >= 100.0).collect();
    let rows = read.iter().enumerate().map(|(place, percentile)| Row {
        name: if *percentile >= 100.0 { "100 % (the longest)".to_owned() } else { format!("{percentile} %") },
        from: *percentile,
        to: read.get(place + 1).copied().unwrap_or(100.0),
        values: spreads.iter().map(|(_, spread)| at(spread, *percentile)).collect(),
    });
    Some(Chart {
        id,
        title: title.to_owned(),
        unit: "ms",
        along: "percentile",
        about: spreads.iter().map(tell).collect::<Vec<_>>().join(" "),
        x: Axis::percentiles(most),
        y: Axis::log(spreads.iter().flat_map(|(_, spread)| spread.curve.iter().map(|(_, ms)| *ms))),
        lines: spreads.iter().map(line).collect(),
        shaded: Vec::new(),
        happened: Vec::new(),
        rows: rows.collect(),
    })
}

/// Where a distribution stands at a percentile. What is quoted elsewhere is the same here; the curve's own steps would
/// differ a little.
fn at(spread: &Spread, percentile: f64) -> Option<f64> {
    let Spread { min, p50, p90, p95, p99, p999, max, .. } = *spread;
    let quoted = [(0.0, min), (50.0, p50), (90.0, p90), (95.0, p95), (99.0, p99), (99.9, p999), (100.0, max)];
    let quoted = quoted.into_iter().find(|(quoted, _)| (quoted - percentile).abs() < 1e-9);
    let reached = || spread.curve.iter().copied().find(|(reached, _)| *reached >= percentile);
    quoted.or_else(reached).map(|(_, ms)| ms)
}

/// The charts of two runs, each line twice.
pub(super) fn of_both(a: &Run, b: &Run) -> Markup {
    let mut out = Markup::default();
    html!(out, "<div class=\"charts\">");
    for (id, title, of) in [
        ("delivery", "Delivery, by percentile", (|run| &run.measured.delivery) as fn(&Run) -> &Spread),
        ("ack", "Ack, by percentile", |run| &run.measured.ack),
    ] {
        let spreads = [("B".to_owned(), of(b)), ("A".to_owned(), of(a))];
        if let Some(chart) = distribution(id, title, &spreads) {
            html!(out, "{}", chart.drawn());
        }
    }
    let (of_a, of_b) = (thinned(&a.moments, MOST), thinned(&b.moments, MOST));
    for plan in [&TIMES, &MESSAGES, &CPU, &MEMORY] {
        let Some((name, take)) = plan.lines.first() else { continue };
        let points =
            |moments: &[Moment]| moments.iter().map(|moment| (middle(moment), take(moment))).collect();
        let lines = [("B", &of_b), ("A", &of_a)]
            .map(|(run, moments)| Line { name: run.to_owned(), points: points(moments) });
        let rows = of_b.iter().map(|moment| Row {
            name: ended(moment),
            from: moment.at_s - moment.seconds,
            to: moment.at_s,
            values: vec![take(moment), beside(&of_a, moment).and_then(take)],
        });
        let title =
            if plan.lines.len() > 1 { format!("{}: {name}", plan.title) } else { plan.title.to_owned() };
        if let Some(chart) = timed(plan, title, b, lines.into(), rows.collect()) {
            html!(out, "{}", chart.drawn());
        }
    }
    html!(out, "</div>");
    out
}

/// The slice of the other run that was at the same time.
fn beside<'a>(moments: &'a [Moment], of: &Moment) -> Option<&'a Moment> {
    let middle_of = middle(of);
    moments.iter().find(|moment| middle_of <= moment.at_s && middle_of > moment.at_s - moment.seconds)
}

fn middle(moment: &Moment) -> f64 {
    moment.at_s - moment.seconds / 2.0
}

fn ended(moment: &Moment) -> String {
    let sign = if moment.at_s < 0.0 { "-" } else { "" };
    format!("{sign}{}", units::time((moment.at_s.abs() * 10.0).round() / 10.0))
}
