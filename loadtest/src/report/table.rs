//! A run as text: the table at the end of `run`, and the list of scenarios.

use std::fmt::Write;

use super::{
    Run, Spread,
    text::{Paint, cut, folded, plain},
    unit, units,
    words::{self, failures, spreads},
};
use crate::scenario::{SHIPPED, Scenario};

/// The run as a table for people, what went wrong first, in at most 80 columns; with colours for a terminal.
pub fn table(run: &Run, colours: bool) -> String {
    let paint = Paint(colours);
    let mut text = String::new();
    head(&mut text, run);
    wrong(&mut text, run, paint);
    remarks(&mut text, run);
    latencies(&mut text, run, paint);
    counted(&mut text, run, paint);
    costs(&mut text, run, paint);
    held(&mut text, run, paint);
    text
}

/// All shipped scenarios with what they are for.
pub fn scenarios() -> String {
    let mut text = String::new();
    for shipped in SHIPPED {
        let about = Scenario::parse(shipped.name, shipped.text, &[]).map(|scenario| scenario.about);
        let first = format!("{:<14}", shipped.name);
        text.push_str(&folded(&first, &" ".repeat(14), &about.unwrap_or_default()));
    }
    let next =
        "`scenarios NAME` prints one as TOML, to be changed; `run --scenario FILE` plays what came of it.";
    text + "\n" + &folded("", "", next)
}

fn head(text: &mut String, run: &Run) {
    let Run { version, began_at, target, workers, seed, .. } = run;
    let urls = target.urls.join(", ");
    let what = format!("{}, against {} at {urls}", run.scenario.name, target.peer);
    text.push_str(&folded("", "", &plain(&what)));
    let how = format!(
        "{began_at}, {} of load measured, {}, seed {seed}, tool {version}",
        units::time(run.measured.seconds),
        units::counted((*workers).into(), "worker", "workers"),
    );
    text.push_str(&folded("", "", &plain(&how)));
    text.push_str(&folded("", "", &plain(&words::machine(run))));
    text.push_str(&folded("", "", &words::connected(run)));
}

fn wrong(text: &mut String, run: &Run, paint: Paint) {
    text.push('\n');
    if run.passed() {
        let words = if run.verdicts.is_empty() { "" } else { ", and every budget held" };
        let words = format!("PASSED: nothing lost, doubled or out of order{words}.");
        let _ = writeln!(text, "{}", paint.good(&words));
        return;
    }
    let _ = writeln!(text, "{}", paint.bad("FAILED"));
    for sentence in failures(run) {
        text.push_str(&paint.bad(folded("  - ", "    ", &sentence).trim_end()));
        text.push('\n');
    }
}

fn remarks(text: &mut String, run: &Run) {
    let remarks = words::remarks(run);
    if !remarks.is_empty() {
        text.push_str("\nTo be known:\n");
    }
    for remark in &remarks {
        text.push_str(&folded("  - ", "    ", &plain(remark)));
    }
}

fn latencies(text: &mut String, run: &Run, paint: Paint) {
    let head = format!(
        "{:<12}{:>12}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "Times in ms", "count", "p50", "p90", "p99", "p99.9", "max", "mean"
    );
    let _ = writeln!(text, "\n{}", paint.head(&head));
    for (name, spread) in spreads(run) {
        let Spread { count, p50, p90, p99, p999, max, mean, .. } = spread;
        if *count == 0 {
            let _ = writeln!(text, "{name:<12}{:>12}", units::NOT_MEASURED);
            continue;
        }
        let _ = write!(text, "{name:<12}{:>12}", units::count(*count));
        for value in [p50, p90, p99, p999, max, mean] {
            let _ = write!(text, "{:>9}", units::number(*value));
        }
        text.push('\n');
    }
}

fn counted(text: &mut String, run: &Run, paint: Paint) {
    let head = format!("{:<24}{:>16}{:>16}{:>16}", "Messages", "measured", "a second", "whole load");
    let _ = writeln!(text, "\n{}", paint.head(&head));
    let (part, whole) = (&run.measured, &run.counts);
    for (name, measured, all) in [
        ("said", part.sent, whole.sent),
        ("acknowledged", part.acked, whole.acked),
        ("delivered", part.delivered, whole.delivered),
    ] {
        let rate = (part.seconds > 0.0).then(|| measured as f64 / part.seconds);
        let (measured, rate) = (units::count(measured), units::number_or_not(rate));
        let _ = writeln!(text, "{name:<24}{measured:>16}{rate:>16}{:>16}", units::count(all));
    }
    for (name, value) in [
        ("lost", whole.lost),
        ("doubled", whole.doubled),
        ("out of order", whole.out_of_order),
        ("unanswered", whole.unanswered),
        ("reconnects", whole.reconnects),
        ("visits", whole.visits),
    ] {
        let _ = writeln!(text, "{name:<56}{:>16}", units::count(value));
    }
    for (name, value) in &whole.errors {
        let name = format!("error: {}", cut(&plain(name), 46));
        let _ = writeln!(text, "{name:<56}{:>16}", units::count(*value));
    }
}

fn costs(text: &mut String, run: &Run, paint: Paint) {
    let _ = writeln!(text, "\n{}", paint.head("Cost"));
    for (name, value) in words::costs(run) {
        let _ = writeln!(text, "{name:<44}{value:>28}");
    }
}

fn held(text: &mut String, run: &Run, paint: Paint) {
    if run.verdicts.is_empty() {
        return;
    }
    let head = format!("{:<34}{:>14}{:>16}{:>8}", "Budgets", "at most", "measured", "");
    let _ = writeln!(text, "\n{}", paint.head(&head).trim_end());
    for verdict in &run.verdicts {
        let name = match unit(&verdict.figure) {
            "" => verdict.figure.clone(),
            unit => format!("{}, {unit}", verdict.figure),
        };
        let word = if verdict.held() { paint.good("held") } else { paint.bad("BROKEN") };
        let (budget, measured) = (units::number(verdict.budget), units::number_or_not(verdict.measured));
        let _ = writeln!(text, "{:<34}{budget:>14}{measured:>16}  {word}", cut(&plain(&name), 33));
    }
}
