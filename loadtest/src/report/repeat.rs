//! What somebody needs to play a run again: its scenario as TOML, and the command line.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::Run;

/// The scenario as it was played, `--set` included. Read again, it is the same scenario.
pub(super) fn scenario(run: &Run) -> String {
    let mut text = String::new();
    if let Ok(Value::Object(scenario)) = serde_json::to_value(&run.scenario) {
        let (tables, lines): (Vec<_>, Vec<_>) = scenario.iter().partition(|(_, value)| value.is_object());
        for (name, value) in lines {
            line(&mut text, name, value);
        }
        for (name, value) in tables {
            let Value::Object(lines) = value else { continue };
            let _ = write!(text, "\n[{}]\n", key(name));
            lines.iter().for_each(|(name, value)| line(&mut text, name, value));
        }
    }
    text
}

/// Plays it again with the scenario in a file. Passwords are not in a run, so they are not here.
pub(super) fn command(run: &Run) -> String {
    let mut text = "hubbub-loadtest run --scenario scenario.toml".to_owned();
    for url in &run.target.urls {
        let _ = write!(text, " \\\n  --url {}", quoted(url));
    }
    let peer = quoted(&run.target.peer);
    let _ = write!(text, " \\\n  --peer {peer} --workers {} --seed {}", run.workers, run.seed);
    text
}

/// As a shell takes it as one word.
fn quoted(word: &str) -> String {
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || ":/.-_".contains(letter);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn line(text: &mut String, name: &str, value: &Value) {
    if !value.is_null() {
        let _ = writeln!(text, "{} = {}", key(name), inline(value));
    }
}

fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { string(name) }
}

fn inline(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", list(items.iter().map(inline).collect())),
        Value::Object(fields) => format!("{{ {} }}", list(pairs(fields))),
        // Numbers and truth are written alike in both. TOML has no null: a scenario leaves out what is not there.
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn pairs(fields: &Map<String, Value>) -> Vec<String> {
    let there = fields.iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect()
}

/// JSON's escapes are TOML's; only DEL is free in the one and not in the other.
fn string(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', r"\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::{Machine, Target},
        scenario::{SHIPPED, Scenario},
    };

    fn run(scenario: Scenario) -> Run {
        Run {
            version: "1".to_owned(),
            began_at: String::new(),
            scenario,
            target: Target { peer: "hubbub".to_owned(), urls: vec!["http://h/?a=b'c".to_owned()] },
            machine: Machine::default(),
            workers: 1,
            seed: 7,
            connecting: Default::default(),
            counts: Default::default(),
            measured: Default::default(),
            moments: Vec::new(),
            cost: None,
            metrics: Default::default(),
            verdicts: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn a_scenario_that_was_written_is_the_one_that_was_played() {
        for shipped in SHIPPED {
            let mut played = Scenario::load(shipped.name, &[]).unwrap();
            played.about.push_str("\u{7f} \"quoted\" \\ and\nlines \u{1f600}");
            let text = scenario(&run(played.clone()));
            assert_eq!(Scenario::parse("other", &text, &[]).unwrap(), played, "{text}");
        }
    }

    #[test]
    fn a_command_line_is_one_for_the_shell_too() {
        let run = run(Scenario::load("steady", &[]).unwrap());
        let line = command(&run).replace("\\\n  ", "");
        assert!(line.ends_with(r"--url 'http://h/?a=b'\''c' --peer hubbub --workers 1 --seed 7"), "{line}");
    }
}
