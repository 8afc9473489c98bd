//! What was measured, as tables: on the terminal and in `docs/performance.md`.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, ensure};

use crate::{
    cells::{Cell, Cells, Spread},
    goals::{Goal, Limit, Line, Unit},
    loads::{Besides, LOADS, Load, What},
    machine,
    servers::Subject,
};

const BEGIN: &str = "<!-- measured:begin -->";
const END: &str = "<!-- measured:end -->";

/// A line of a goal, ready to be shown.
pub(crate) struct Judged {
    goal: &'static str,
    what: &'static str,
    of: &'static str,
    value: String,
    must: String,
    aim: String,
    verdict: &'static str,
}

impl Judged {
    fn new(goal: &Goal, line: &Line, cells: &Cells) -> Self {
        let spread = line.value.of(cells);
        let unit = |value: f64| line.unit.write(value);
        let sign = |limit: Limit| if matches!(limit, Limit::AtMost { .. }) { "≤" } else { "≥" };
        let (must, aim) = match line.limit {
            None => (String::new(), String::new()),
            Some(limit @ (Limit::AtMost { must, aim } | Limit::AtLeast { must, aim })) => {
                (format!("{} {}", sign(limit), unit(must)), format!("{} {}", sign(limit), unit(aim)))
            }
        };
        let verdict = match (line.limit, spread.summary()) {
            (_, None) => "not measured",
            (None, _) => "",
            (Some(limit), Some((median, ..))) => match limit.judge(median) {
                (_, true) => "aim reached",
                (true, false) => "met",
                (false, false) => "**missed**",
            },
        };
        Self {
            goal: goal.name,
            what: goal.what,
            of: line.of,
            value: write_spread(&spread, unit),
            must,
            aim,
            verdict,
        }
    }
}

pub(crate) fn judge<'a>(goals: impl Iterator<Item = &'a Goal>, cells: &Cells) -> Vec<Judged> {
    goals.flat_map(|goal| goal.lines.iter().map(|line| Judged::new(goal, line, cells))).collect()
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Times => format!("{value:.2} ×"),
            Self::Percent => format!("{:.0} %", value * 100.0),
            Self::Commits => format!("{value:.1} T"),
            Self::Kib => format!("{value:.1} KiB"),
            Self::Seconds => format!("{value:.2} s"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// Median, and the least and the most where they differ.
fn write_spread(spread: &Spread, write: impl Fn(f64) -> String) -> String {
    let Some((median, least, most)) = spread.summary() else { return "–".to_owned() };
    let (median, least, most) = (write(median), write(least), write(most));
    if least == most { median } else { format!("{median} ({least} – {most})") }
}

/// For the terminal.
pub(crate) fn table(judged: &[Judged]) -> String {
    let mut text = String::new();
    let mut last = "";
    for Judged { goal, what, of, value, must, aim, verdict } in judged {
        if *goal != last {
            let _ = writeln!(text, "\n{goal}  {what}");
            last = goal;
        }
        let against = if must.is_empty() { String::new() } else { format!("must {must:<10} aim {aim:<10}") };
        let _ = writeln!(text, "     {of:<38} {value:<34} {against:<32} {}", verdict.trim_matches('*'));
    }
    text
}

/// Figures that a load is told by, with their heads and digits.
const COLUMNS: &[(&str, &str, usize)] = &[
    ("server_us_per_delivery", "CPU-µs/delivery", 1),
    ("total_us_per_delivery", "with the store", 1),
    ("delivered_per_s", "deliveries/s", 0),
    ("ack_p50_ms", "ack p50 ms", 2),
    ("ack_p99_ms", "ack p99 ms", 2),
    ("delivery_p50_ms", "delivery p50 ms", 2),
    ("delivery_p99_ms", "delivery p99 ms", 2),
    ("commit_ms", "one commit (T) ms", 2),
    ("server_us_per_accept", "CPU-µs/accept", 0),
    ("total_us_per_accept", "with the store", 0),
    ("server_kib_per_connection", "KiB/connection", 1),
    ("server_us_per_reconnect", "CPU-µs/reconnect", 0),
    ("reconnect_p99_ms", "reconnect p99 ms", 0),
    ("statements_per_s", "store statements/s", 0),
    ("ready_s", "ready s", 2),
    ("writer_rows_s", "writer rows/s", 0),
    ("copy_rows_s", "COPY rows/s", 0),
    ("copy_and_update_rows_s", "COPY and update rows/s", 0),
    ("insert_each_rows_s", "inserted one by one rows/s", 0),
    ("insert_at_once_rows_s", "many in a statement rows/s", 0),
    ("lost", "lost", 0),
    ("doubled", "doubled", 0),
    ("out_of_order", "out of order", 0),
    ("reconnects", "reconnects", 0),
    ("tool_cores", "the load's cores", 2),
    ("others_cores", "others' cores", 2),
];

/// Those that a killed server is judged by.
const COUNTS: [&str; 4] = ["lost", "doubled", "out_of_order", "reconnects"];

/// Those of a load; the others say nothing there.
fn columns(load: &Load) -> impl Iterator<Item = &'static (&'static str, &'static str, usize)> {
    let (idle, connecting) = (load.name.starts_with("idle"), ["_accept", "_kib_per_connection"]);
    let about = move |name: &str| match load.what {
        What::Play { besides: Besides::Kill, .. } => COUNTS.contains(&name) || name.starts_with("ack_"),
        What::Play { .. } if idle => connecting.iter().any(|part| name.contains(part)),
        What::Play { .. } if load.name == "storm" => {
            name.contains("reconnect") || name.contains("statements")
        }
        What::Play { .. } if load.name == "calm" => name.contains("statements"),
        What::Play { .. } => {
            let elsewhere = connecting.iter().any(|part| name.contains(part)) || name.contains("statements");
            !elsewhere && !COUNTS.contains(&name)
        }
        What::Start | What::Store => true,
    };
    COLUMNS.iter().filter(move |(name, ..)| name.ends_with("_cores") || about(name))
}

/// A cell in a line, while more is to come.
pub(crate) fn line(load: &Load, cell: &Cell) -> String {
    let figures = columns(load).filter_map(|(name, head, digits)| {
        let value = cell.figures.get(*name)?;
        Some(format!("{head} {value:.digits$}"))
    });
    format!("{:<14} {:<18} {}", load.name, cell.subject, figures.collect::<Vec<_>>().join(", "))
}

/// The figures of a load on each of its servers.
fn figures(load: &Load, cells: &Cells) -> Option<String> {
    let on: Vec<Subject> =
        load.on.iter().copied().filter(|subject| cells.iter().any(|it| it.is(load, *subject))).collect();
    let columns: Vec<_> = columns(load)
        .filter(|(name, ..)| on.iter().any(|it| cells.spread(load.name, *it, name).summary().is_some()))
        .collect();
    if columns.is_empty() {
        return None;
    }
    let mut text = format!("\n**{}**: {}\n\n", load.name, load.about);
    let of_load = cells.iter().filter(|cell| cell.load == load.name && !cell.command.is_empty());
    for command in of_load.map(|cell| cell.command.as_str()).collect::<BTreeSet<_>>() {
        let _ = writeln!(text, "`{command}`\n");
    }
    text.push_str("| server |");
    for (_, head, _) in &columns {
        let _ = write!(text, " {head} |");
    }
    let _ = write!(text, "\n| --- |{}", " ---: |".repeat(columns.len()));
    for subject in on {
        let _ = write!(text, "\n| {subject} |");
        for (name, _, digits) in &columns {
            let spread = cells.spread(load.name, subject, name);
            let _ = write!(text, " {} |", write_spread(&spread, |value| format!("{value:.digits$}")));
        }
    }
    Some(text + "\n")
}

/// What stands between the markers.
pub(crate) fn measured(judged: &[Judged], cells: &Cells, commands: &[&str]) -> String {
    let mut text = String::from("\n| | |\n| --- | --- |\n");
    for (name, value) in machine::facts() {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    let list = |of: fn(&Cell) -> &str| {
        let set: BTreeSet<&str> = cells.iter().map(of).collect();
        set.into_iter().collect::<Vec<_>>().join("; ")
    };
    let _ = writeln!(text, "| Measured on | {} |", list(|cell| &cell.date));
    let _ = writeln!(text, "| Commit | {} |", list(|cell| &cell.commit));
    let _ = writeln!(text, "| Repetitions | {}: median (least – most) |", cells.repetitions());
    let _ = writeln!(text, "\n```sh\n{}\n```\n\n### The goals\n", commands.join("\n"));
    text.push_str(
        "| | what | of | measured | must | aim | |\n| --- | --- | --- | ---: | ---: | ---: | --- |\n",
    );
    let mut last = "";
    for Judged { goal, what, of, value, must, aim, verdict } in judged {
        let (name, what) = if *goal == last { ("", "") } else { (*goal, *what) };
        let _ = writeln!(text, "| {name} | {what} | {of} | {value} | {must} | {aim} | {verdict} |");
        last = goal;
    }
    text.push_str("\n### The figures behind them\n");
    LOADS.iter().filter_map(|load| figures(load, cells)).for_each(|table| text.push_str(&table));
    let remarks: BTreeSet<String> = cells
        .iter()
        .flat_map(|cell| {
            let told = |remark: &String| format!("{}, {}: {remark}", cell.load, cell.subject);
            cell.remarks.iter().map(told).collect::<Vec<_>>()
        })
        .collect();
    if !remarks.is_empty() {
        text.push_str("\n### What the runs remarked\n\n");
        for remark in remarks {
            let _ = writeln!(text, "- {remark}");
        }
    }
    text.push('\n');
    text
}

/// Puts the text between the markers of the page, which is made if it is not there.
pub(crate) fn write(path: &Path, measured: &str) -> anyhow::Result<()> {
    let page = fs::read_to_string(path).unwrap_or_else(|_| format!("# Performance\n\n{BEGIN}\n{END}\n"));
    let markers = || format!("{} has no {BEGIN} and {END}", path.display());
    let (before, rest) = page.split_once(BEGIN).with_context(markers)?;
    let (_, after) = rest.split_once(END).with_context(markers)?;
    ensure!(!after.contains(BEGIN), "{} has {BEGIN} twice", path.display());
    fs::write(path, format!("{before}{BEGIN}\n{measured}{END}{after}"))
        .with_context(|| path.display().to_string())
}
