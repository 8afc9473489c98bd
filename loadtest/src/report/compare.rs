//! Two runs side by side: what became better, what worse, and whether that is within what was allowed.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;

use super::{
    FIGURES, Run, figures, less_is_better,
    text::{Paint, folded, plain},
    unit, units, words,
};

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The earlier run, or the one that is the yardstick.
    pub a: Side,
    /// The one that is judged.
    pub b: Side,
    /// Why they cannot be compared, or only with care; in sentences.
    pub remarks: Vec<String>,
    /// Every figure that at least one of them has, in the order of [`FIGURES`].
    pub figures: Vec<Difference>,
    /// The budgets, and whether they held.
    pub budgets: Vec<Allowance>,
    /// Whether all budgets held.
    pub passed: bool,
}

/// Which run stands on a side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The scenario's name.
    pub scenario: String,
    /// hubbub, floor, nchan or socketio.
    pub peer: String,
    /// When it began.
    pub began_at: String,
    /// The version of the tool.
    pub version: String,
    /// Whether it passed on its own.
    pub passed: bool,
}

/// A figure of both runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Its name.
    pub figure: &'static str,
    /// In the first; `None` if it was not measured.
    pub a: Option<f64>,
    /// In the second; `None` if it was not measured.
    pub b: Option<f64>,
    /// How much larger the second is, in percent of the first; `None` also if the first is 0 and the second not.
    pub percent: Option<f64>,
    /// What that means.
    pub change: Change,
}

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The second is better.
    Better,
    /// The second is worse.
    Worse,
    /// Less than a twentieth of a percent between them.
    Same,
    /// One of them did not measure it, or it is no number.
    Unknown,
}

impl Change {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Unknown => "",
        }
    }
}

/// How much worse a figure may be, and whether that held.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allowance {
    /// The figure's name.
    pub figure: String,
    /// How much worse the second may be, in percent of the first.
    pub percent: f64,
    /// The worst that is allowed; `None` if the first run did not measure it.
    pub limit: Option<f64>,
    /// What the second measured.
    pub measured: Option<f64>,
    /// Whether it held. What was not measured did not.
    pub held: bool,
}

impl Comparison {
    /// Holds `b` against `a`. Budgets are percents by the names of [`FIGURES`]: so much worse may `b` be.
    pub fn of(a: &Run, b: &Run, budgets: &BTreeMap<String, f64>) -> Self {
        let (in_a, in_b) = (figures(a), figures(b));
        let both = |name: &str| (in_a.get(name).copied(), in_b.get(name).copied());
        let differences = FIGURES.iter().map(|name| Difference::of(name, both(name)));
        let budgets: Vec<_> =
            budgets.iter().map(|(name, percent)| Allowance::of(name, *percent, both(name))).collect();
        Self {
            a: Side::of(a),
            b: Side::of(b),
            remarks: remarks(a, b),
            figures: differences.filter(|figure| figure.a.or(figure.b).is_some()).collect(),
            passed: budgets.iter().all(|budget| budget.held),
            budgets,
        }
    }

    /// As a table for people, in at most 80 columns; with colours for a terminal.
    pub fn table(&self, colours: bool) -> String {
        let paint = Paint(colours);
        let mut text = String::new();
        for (name, side) in [("A", &self.a), ("B", &self.b)] {
            text.push_str(&folded(&format!("{name}  "), "   ", &side.words()));
        }
        for budget in self.budgets.iter().filter(|budget| !budget.held) {
            text.push('\n');
            text.push_str(&paint.bad(folded("BROKEN  ", "        ", &budget.words()).trim_end()));
        }
        if self.budgets.iter().any(|budget| !budget.held) {
            text.push('\n');
        }
        if !self.remarks.is_empty() {
            text.push('\n');
        }
        for remark in &self.remarks {
            text.push_str(&folded("! ", "  ", &plain(remark)));
        }
        let head = format!("{:<31}{:>13}{:>13}{:>14}", "figure", "A", "B", "B against A");
        let _ = writeln!(text, "\n{}", paint.head(&head));
        for figure in &self.figures {
            let unit = match unit(figure.figure) {
                "" => String::new(),
                unit => format!(", {unit}"),
            };
            let _ = write!(
                text,
                "{:<31}{:>13}{:>13}{:>14}",
                format!("{}{unit}", figure.figure),
                units::number_or_not(figure.a),
                units::number_or_not(figure.b),
                figure.percent.map(units::change).unwrap_or_default(),
            );
            let word = figure.change.word();
            let word = match figure.change {
                Change::Better => paint.good(word),
                Change::Worse => paint.bad(word),
                Change::Same | Change::Unknown => word.to_owned(),
            };
            text.truncate(text.trim_end().len());
            let _ = if word.is_empty() { writeln!(text) } else { writeln!(text, "  {word}") };
        }
        for budget in self.budgets.iter().filter(|budget| budget.held) {
            text.push_str(&folded("\nheld  ", "      ", &budget.words()));
        }
        text
    }
}

impl Side {
    fn of(run: &Run) -> Self {
        Self {
            scenario: run.scenario.name.clone(),
            peer: run.target.peer.clone(),
            began_at: run.began_at.clone(),
            version: run.version.clone(),
            passed: run.passed(),
        }
    }

    /// What it is, in a line.
    pub(super) fn words(&self) -> String {
        let Self { scenario, peer, began_at, version, passed } = self;
        let passed = if *passed { "passed" } else { "FAILED on its own" };
        let began = words::began(began_at);
        plain(&format!("{scenario}, against {peer}, {began}, tool {version}: {passed}"))
    }
}

impl Difference {
    fn of(figure: &'static str, (a, b): (Option<f64>, Option<f64>)) -> Self {
        let finite = |(from, to): &(f64, f64)| from.is_finite() && to.is_finite();
        let Some((from, to)) = a.zip(b).filter(finite) else {
            return Self { figure, a, b, percent: None, change: Change::Unknown };
        };
        let difference = to - from;
        let percent = match from.abs() {
            0.0 => (to == 0.0).then_some(0.0),
            size => Some(difference / size * 100.0),
        };
        let change = if percent.is_some_and(|percent| percent.abs() < 0.05) {
            Change::Same
        } else if (difference < 0.0) == less_is_better(figure) {
            Change::Better
        } else {
            Change::Worse
        };
        Self { figure, a, b, percent, change }
    }
}

impl Allowance {
    fn of(figure: &str, percent: f64, (a, b): (Option<f64>, Option<f64>)) -> Self {
        let less = less_is_better(figure);
        let limit = a.map(|a| {
            // Of the size, so that a figure below zero is not asked to become better instead.
            let room = a.abs() * percent / 100.0;
            if less { a + room } else { a - room }
        });
        let held = limit.zip(b).is_some_and(|(limit, b)| if less { b <= limit } else { b >= limit });
        Self { figure: figure.to_owned(), percent, limit, measured: b, held }
    }

    /// What was allowed and what came of it, in a line.
    pub(super) fn words(&self) -> String {
        let Self { figure, percent, limit, measured, .. } = self;
        let most = if less_is_better(figure) { "at most" } else { "at least" };
        let limit = match limit {
            Some(limit) => format!("{most} {} allowed", units::number(*limit)),
            None => "not measured in A".to_owned(),
        };
        let measured = match measured {
            Some(measured) => format!("{} measured", units::number(*measured)),
            None => "not measured in B".to_owned(),
        };
        format!("{figure} (B within {} % of A): {limit}, {measured}", units::number(*percent))
    }
}

/// Differences in scenarios that are named; the rest is counted.
const NAMED: usize = 4;

fn remarks(a: &Run, b: &Run) -> Vec<String> {
    let pairs = [
        ("another scenario", a.scenario.name.clone(), b.scenario.name.clone()),
        ("another peer", a.target.peer.clone(), b.target.peer.clone()),
        ("another machine", words::machine(a), words::machine(b)),
        ("another number of workers", a.workers.to_string(), b.workers.to_string()),
    ];
    let differ = pairs.iter().filter(|(_, in_a, in_b)| in_a != in_b);
    let mut remarks: Vec<_> = differ
        .map(|(what, in_a, in_b)| format!("Not comparable as they stand: {what}, {in_a} in A, {in_b} in B."))
        .collect();
    let settings = settings(a, b);
    if a.scenario.name == b.scenario.name && !settings.is_empty() {
        let named = settings.iter().take(NAMED);
        let named: Vec<_> = named.map(|(key, a, b)| format!("{key} {a} in A and {b} in B")).collect();
        let more = match settings.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        remarks.push(format!("The scenario was set differently: {}{more}.", named.join("; ")));
    }
    for (name, run) in [("A", a), ("B", b)] {
        remarks.extend(run.remarks.iter().map(|remark| format!("{name}: {remark}")));
    }
    remarks
}

/// What the scenarios do not have in common, but for what is only words or judgement.
fn settings(a: &Run, b: &Run) -> Vec<(String, String, String)> {
    let [a, b] = [a, b].map(|run| {
        let mut flat = BTreeMap::new();
        if let Ok(mut scenario) = serde_json::to_value(&run.scenario) {
            if let Some(scenario) = scenario.as_object_mut() {
                scenario.retain(|name, _| !["name", "about", "budgets"].contains(&name.as_str()));
            }
            flatten("", &scenario, &mut flat);
        }
        flat
    });
    let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let of = |flat: &BTreeMap<String, String>, key: &str| {
        flat.get(key).cloned().unwrap_or_else(|| "nothing".to_owned())
    };
    let differ = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    differ.map(|key| (key.clone(), of(&a, key), of(&b, key))).collect()
}

fn flatten(path: &str, value: &serde_json::Value, flat: &mut BTreeMap<String, String>) {
    match value.as_object() {
        Some(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(&format!("{path}{dot}{name}"), value, flat);
            }
        }
        None => {
            flat.insert(path.to_owned(), value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(figure: &str, percent: f64, a: f64, b: f64) -> bool {
        Allowance::of(figure, percent, (Some(a), Some(b))).held
    }

    #[test]
    fn worse_is_more_of_what_should_be_less() {
        let change = |figure, a, b| Difference::of(figure, (Some(a), Some(b))).change;
        assert_eq!(change("ack_p99_ms", 10.0, 12.0), Change::Worse);
        assert_eq!(change("ack_p99_ms", 10.0, 8.0), Change::Better);
        assert_eq!(change("delivered_per_s", 10.0, 12.0), Change::Better);
        assert_eq!(change("delivered_per_s", 10.0, 8.0), Change::Worse);
        assert_eq!(change("lost", 0.0, 0.0), Change::Same);
        assert_eq!(change("lost", 0.0, 2.0), Change::Worse);
        assert_eq!(Difference::of("lost", (Some(0.0), Some(2.0))).percent, None);
        assert_eq!(Difference::of("lost", (Some(2.0), None)).change, Change::Unknown);
        assert_eq!(change("server_memory_growth_percent", -4.0, -2.0), Change::Worse);
    }

    #[test]
    fn budgets_give_room_to_the_worse_side_only() {
        assert!(allowance("ack_p99_ms", 10.0, 100.0, 110.0));
        assert!(!allowance("ack_p99_ms", 10.0, 100.0, 110.1));
        assert!(allowance("ack_p99_ms", 10.0, 100.0, 1.0));
        assert!(allowance("delivered_per_s", 10.0, 100.0, 90.0));
        assert!(!allowance("delivered_per_s", 10.0, 100.0, 89.9));
        assert!(allowance("delivered_per_s", 10.0, 100.0, 1_000.0));
        assert!(allowance("server_memory_growth_percent", 10.0, -2.0, -2.0));
        assert!(allowance("lost", 50.0, 0.0, 0.0));
        assert!(!allowance("lost", 50.0, 0.0, 1.0));
        assert!(!allowance("ack_p99_ms", 10.0, 100.0, f64::NAN));
        assert!(!Allowance::of("ack_p99_ms", 10.0, (None, Some(1.0))).held);
        assert!(!Allowance::of("ack_p99_ms", 10.0, (Some(1.0), None)).held);
    }
}
