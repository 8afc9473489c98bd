//! The answers as a person reads them.

use std::fmt::Write as _;

use super::{
    answer::Answer,
    limits::Limit,
    plan::{Basis, Plan},
};

/// Resources named in an answer about one size.
const NAMED: usize = 6;
/// Columns of a terminal.
const WIDTH: usize = 100;

/// A row of the table: what it is called, and how it is read from an answer.
type Row = (&'static str, fn(&Answer) -> String);

const ROWS: [Row; 25] = [
    ("agents", |a| count(a.size.agents)),
    ("messages/s", |a| count(a.load.messages)),
    ("new connections/s", |a| count(a.load.connects)),
    ("nodes", |a| if a.enough { a.nodes.to_string() } else { format!("{} (not enough)", a.nodes) }),
    ("  cores busy on each", |a| format!("{:.2}", a.cores_per_node)),
    ("  memory of each", |a| bytes(a.node_bytes)),
    ("  connections of each", |a| count(a.connections_per_node)),
    ("Redis: core", |a| percent(a.redis_cores)),
    ("  publications/s", |a| count(a.load.link.publications())),
    ("    of them presence/s", |a| count(a.load.link.presence)),
    ("  subscriptions", |a| count(a.load.link.subscriptions)),
    ("  out", |a| format!("{}/s", bytes(a.load.link.bytes_out))),
    ("Postgres: cores busy", |a| format!("{:.1}", a.store_cores)),
    ("  commits/s", |a| count(a.commits)),
    ("  rows/s", |a| count(a.load.appends + a.load.marks)),
    ("  rows a commit turn", |a| format!("{:.1}", a.writer.rows_per_turn)),
    ("  WAL", |a| format!("{}/s", bytes(a.wal_bytes))),
    ("  disk a day", |a| bytes(a.disk_bytes_a_day)),
    ("  lists read anew/s", |a| count(a.load.list_reads)),
    ("a node dies: clients back", |a| count(a.failures.storm_clients)),
    ("  all back after", |a| seconds(a.failures.storm_s)),
    ("  limited by", |a| a.failures.storm_limit.to_owned()),
    ("without Redis: round of asking", |a| seconds(a.failures.silent_round_s)),
    ("  Postgres' cores, chats + lists", |a| {
        format!("{:.1} + {:.1}", a.failures.silent_store_cores, a.failures.silent_list_cores)
    }),
    ("fullest", |a| {
        a.first_to_give_way()
            .map_or_else(String::new, |first| format!("{} {}", first.name, percent(first.used)))
    }),
];

/// Several sizes side by side.
pub(super) fn table(answers: &[Answer]) -> String {
    let mut lines = vec![line("customers at once", answers, |answer| count(answer.size.customers))];
    lines.extend(ROWS.iter().map(|(name, read)| line(name, answers, read)));
    let widths: Vec<usize> = (0..=answers.len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        let (first, rest) = (&line[0], &line[1..]);
        let mut shown = format!("{first:<width$}", width = widths[0]);
        for (cell, width) in rest.iter().zip(&widths[1..]) {
            let _ = write!(shown, "  {cell:>width$}");
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
    text
}

fn line(name: &str, answers: &[Answer], read: impl Fn(&Answer) -> String) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(answers.iter().map(read)).collect()
}

/// One size: its table, and what is fullest.
pub(super) fn explained(answer: &Answer) -> String {
    let mut text = table(std::slice::from_ref(answer));
    text.push_str("\nFullest first:\n");
    for resource in answer.resources.iter().take(NAMED) {
        let _ = writeln!(text, "  {:>6}  {}: {}", percent(resource.used), resource.name, resource.detail);
    }
    if answer.failures.storm_repeats && answer.nodes > 1 {
        text.push_str(
            "When a node dies, some of its clients wait longer than they are willing to, and come again.\n",
        );
    }
    text
}

/// What fills up as it grows.
pub(super) fn grown(limits: &[Limit]) -> String {
    let mut text =
        "In one cluster that grows with the same habits, nodes added as needed, full at:\n".to_owned();
    for Limit { name, customers, remedy } in limits {
        let _ = writeln!(text, "  {:>6} customers  {name}: {remedy}", count(*customers));
    }
    if limits.is_empty() {
        text.push_str("  nothing, up to a hundred million customers\n");
    }
    text
}

/// What the figures rest on.
pub(super) fn basis(plan: &Plan) -> String {
    let all = plan.costs.all();
    let assumed: Vec<_> =
        all.iter().filter(|(_, cost)| cost.basis == Basis::Assumed).map(|(name, _)| *name).collect();
    let measured = all.len() - assumed.len();
    let mut text = format!("{measured} costs measured, {} assumed:", assumed.len());
    let mut width = text.len();
    for name in assumed {
        if width + 1 + name.len() > WIDTH {
            text.push_str("\n ");
            width = 1;
        }
        width += 1 + name.len();
        text.push(' ');
        text.push_str(name);
    }
    text.push('\n');
    text
}

pub(super) fn count(number: f64) -> String {
    match number {
        n if n >= 1e10 => format!("{:.0} G", n / 1e9),
        n if n >= 1e7 => format!("{:.0} M", n / 1e6),
        n if n >= 1e6 => format!("{:.1} M", n / 1e6),
        n if n >= 1e4 => format!("{:.0} k", n / 1e3),
        n if n >= 10.0 || n == 0.0 => format!("{n:.0}"),
        n => format!("{n:.1}"),
    }
}

fn bytes(number: f64) -> String {
    let (number, unit) = match number {
        n if n >= 1e12 => (n / 1e12, "TB"),
        n if n >= 1e9 => (n / 1e9, "GB"),
        n if n >= 1e6 => (n / 1e6, "MB"),
        n => (n / 1e3, "kB"),
    };
    if number >= 10.0 || number == 0.0 {
        format!("{number:.0} {unit}")
    } else {
        format!("{number:.1} {unit}")
    }
}

pub(super) fn percent(share: f64) -> String {
    if share >= 0.1 || share == 0.0 {
        format!("{:.0} %", share * 100.0)
    } else {
        format!("{:.1} %", share * 100.0)
    }
}

pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "never".to_owned(),
        0.0 => "-".to_owned(),
        s if s < 10.0 => format!("{s:.1} s"),
        s => format!("{s:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::load::Size;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, 3.25, 66.0, 9_999.0, 12_345.0, 4e6, 5e7, 3e10].map(count),
            ["0", "3.2", "66", "9999", "12 k", "4.0 M", "50 M", "30 G"]
        );
        assert_eq!([0.0, 1_500.0, 2e7, 3.21e9].map(bytes), ["0 kB", "1.5 kB", "20 MB", "3.2 GB"]);
        assert_eq!([0.5, 12.0, f64::INFINITY].map(seconds), ["0.5 s", "12 s", "never"]);
        assert_eq!([0.004, 0.42, 17.0].map(percent), ["0.4 %", "42 %", "1700 %"]);
    }

    #[test]
    fn every_size_has_a_column() {
        let plan = Plan::read(None, &[]).unwrap();
        let answers = [1e4, 1e5].map(|customers| Answer::of(&plan, Size { customers, agents: 400.0 }, None));
        let table = table(&answers);
        assert_eq!(table.lines().count(), ROWS.len() + 1);
        assert!(
            table.lines().next().is_some_and(|line| line.contains("10 k") && line.ends_with("100 k")),
            "{table}"
        );
        let explained = explained(&answers[0]);
        assert!(explained.contains("Fullest first"), "{explained}");
    }
}
