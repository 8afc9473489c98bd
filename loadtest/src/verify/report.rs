//! The end of a run, as a table for people.

use std::{fmt, time::Duration};

use crate::checker::{Rule, Verdict};

use super::{Latency, Numbers, Options};

/// Breaches of one rule that are told; the history has the rest.
const TOLD: usize = 5;

/// How a run went.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the checker says.
    pub verdict: Verdict,
    /// What the run counts up to.
    pub numbers: Numbers,
    /// What did not come to its end.
    pub unfinished: Vec<String>,
    /// Sessions that an agent's list showed in time.
    pub listed: usize,
    /// How long it took.
    pub took: Duration,
    /// What was asked for.
    pub options: Options,
}

impl Report {
    /// No promise was broken and everything was finished.
    pub fn passed(&self) -> bool {
        self.verdict.passed() && self.unfinished.is_empty()
    }
}

fn promise(number: u8) -> &'static str {
    match number {
        1 => "Acked means durable",
        2 => "One order",
        3 => "Send is idempotent",
        4 => "Nobody sees what is not stored",
        5 => "Resume is exact",
        6 => "No silent drop",
        8 => "Overload answers",
        _ => "The run itself",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { url, site, seed, customers, agents, .. } = &self.options;
        writeln!(
            f,
            "{url}, site {site}: {customers} customers, {agents} agents, seed {seed}, {:.1} s\n",
            self.took.as_secs_f64()
        )?;
        writeln!(f, "{:<62} {:>8} {:>8}", "promise", "checked", "broken")?;
        for number in [1, 2, 3, 4, 5, 6, 8, 0] {
            let findings = self.verdict.findings.iter().filter(|finding| finding.rule.promise() == number);
            let sum = findings.clone().fold((0, 0), |(checked, broken), finding| {
                (checked + finding.checked, broken + finding.breaches.len())
            });
            let mark = if sum.1 == 0 { "pass" } else { "FAIL" };
            let name = match number {
                0 => promise(0).to_owned(),
                _ => format!("{number} {}", promise(number)),
            };
            writeln!(f, "{mark}  {name:<56} {:>8} {:>8}", sum.0, sum.1)?;
            for finding in findings {
                writeln!(
                    f,
                    "        {:<54} {:>8} {:>8}",
                    finding.rule.words(),
                    finding.checked,
                    finding.breaches.len()
                )?;
            }
        }
        writeln!(
            f,
            "7, 8 need faults that this tool does not make: a lost Redis, a lost store, overload.\n"
        )?;
        self.numbers(f)?;
        for (rule, breaches) in self.verdict.findings.iter().map(|finding| (finding.rule, &finding.breaches))
        {
            told(f, rule, breaches)?;
        }
        if !self.unfinished.is_empty() {
            writeln!(f, "\nNot finished:")?;
            self.unfinished.iter().try_for_each(|what| writeln!(f, "  - {what}"))?;
        }
        let end = if self.passed() { "\nEvery promise that was at stake was kept." } else { "\nFAILED." };
        writeln!(f, "{end}")
    }
}

impl Report {
    fn numbers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = &self.numbers;
        let Numbers { sends, tries, acked, duplicates, deliveries, reconnects, .. } = numbers;
        writeln!(f, "sends {sends} in {tries} tries, acked {acked}, acks of duplicates {duplicates}")?;
        writeln!(f, "deliveries {deliveries}, reconnects {reconnects}")?;
        writeln!(
            f,
            "found in an agent's list in time: {} of {} sessions",
            self.listed, self.options.customers
        )?;
        if numbers.rate_limited > 0 {
            writeln!(f, "rate limits: told to wait {} times, waited and went on", numbers.rate_limited)?;
        }
        if numbers.unanswered > 0 {
            writeln!(f, "sends without an answer within 10 s, sent again: {}", numbers.unanswered)?;
        }
        for (code, count) in &numbers.retryable {
            writeln!(f, "refused for the moment with {code}: {count}")?;
        }
        latency(f, "send → ack", &numbers.send_to_ack)?;
        latency(f, "send → delivery", &numbers.send_to_delivery)
    }
}

fn latency(f: &mut fmt::Formatter<'_>, name: &str, latency: &Latency) -> fmt::Result {
    if latency.is_empty() {
        return writeln!(f, "{name}: nothing to measure");
    }
    let [p50, p99] = [0.5, 0.99].map(|quantile| latency.ms(quantile));
    writeln!(
        f,
        "{name}: p50 {p50:.1} ms, p99 {p99:.1} ms, longest {:.1} ms, of {}",
        latency.max_ms(),
        latency.len()
    )
}

fn told(f: &mut fmt::Formatter<'_>, rule: Rule, breaches: &[String]) -> fmt::Result {
    if breaches.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nBroken: {}", rule.words())?;
    breaches.iter().take(TOLD).try_for_each(|breach| writeln!(f, "  - {breach}"))?;
    match breaches.len().checked_sub(TOLD) {
        Some(more) if more > 0 => writeln!(f, "  … and {more} more"),
        _ => Ok(()),
    }
}
