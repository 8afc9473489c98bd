use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use loadtest::report::{Comparison, Run, html, table};

use crate::example;

/// A folder with a run, of the test's own.
fn kept(name: &str, run: &Run) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    run.write(&folder).unwrap();
    folder
}

fn tool(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hubbub-loadtest")).args(arguments).output().unwrap()
}

fn text(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

fn slower() -> Run {
    let mut run = example::run();
    run.measured.ack.p99 *= 1.2;
    run.measured.delivered *= 2;
    run
}

#[test]
fn a_run_is_read_as_it_was_written() {
    for run in [example::run(), example::wrecked()] {
        let folder = kept("kept", &run);
        let read = Run::read(&folder).unwrap();
        assert_eq!(table(&read, false), table(&run, false));
        assert_eq!(html(&read).len(), html(&run).len());
        assert_eq!((&read.scenario, &read.counts), (&run.scenario, &run.counts));
        assert_eq!(Run::read(&folder.join("run.json")).unwrap().moments.len(), run.moments.len());
        assert!(std::fs::read_to_string(folder.join("report.html")).unwrap().starts_with("<!doctype html>"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn the_exit_status_is_the_judgement() {
    let (a, b, other) =
        (kept("a", &example::run()), kept("b", &slower()), kept("other", &example::wrecked()));
    let nothing = a.join("nothing");
    let broken = a.join("broken.json");
    std::fs::write(&broken, "{}").unwrap();
    let page = a.join("both.html");
    let [a, b, other, nothing, broken, page] =
        [&a, &b, &other, &nothing, &broken, &page].map(|path| path.to_str().unwrap());
    let cases: [(&[&str], i32, &str); 11] = [
        (&[a, b], 0, "worse"),
        (&[a, b, "--budget", "ack_p99_ms=25"], 0, "held"),
        (&[a, b, "--budget", "ack_p99_ms=10"], 1, "BROKEN"),
        (&[a, b, "--budget", "delivered_per_s=0", "--budget", "lost=0"], 0, "better"),
        (&[b, a, "--budget", "delivered_per_s=10"], 1, "BROKEN"),
        (&[a, other, "--budget", "ack_p99_ms=1000"], 1, "allowed, not measured"),
        (&[a, b, "--budget", "ack_p99_ms=-50"], 1, "BROKEN"),
        (&[a, nothing], 2, "nothing"),
        (&[a, broken], 2, "is no run of this tool"),
        (&[a, b, "--budget", "speed=1"], 2, "is no figure"),
        (&[a, b, "--out", page], 0, "figure"),
    ];
    for (arguments, status, words) in cases {
        let output = tool(&[&["compare"], arguments].concat());
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!said.contains('\u{1b}'), "no colours where there is no terminal");
        assert!(text(&output.stdout).lines().all(|line| line.chars().count() <= 80), "{said}");
    }
    assert!(std::fs::read_to_string(page).unwrap().contains("B against A"));

    let output = tool(&["compare", a, b, "--budget", "ack_p99_ms=10", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["passed"]), (Some(1), &false.into()));
    let ack =
        json["figures"].as_array().unwrap().iter().find(|figure| figure["figure"] == "ack_p99_ms").unwrap();
    assert_eq!(ack["change"], "worse");
    assert!((ack["percent"].as_f64().unwrap() - 20.0).abs() < 1e-6);
    for folder in [a, b, other] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn runs_that_have_little_in_common_are_said_to() {
    let remarks = |a: &Run, b: &Run| Comparison::of(a, b, &[].into()).remarks.join("\n");
    let run = example::run();
    assert_eq!(remarks(&run, &run), "");
    let said = remarks(&run, &example::wrecked());
    for words in ["another scenario", "another peer", "another machine"] {
        assert!(said.contains(words), "{said}");
    }
    let mut set = run.clone();
    set.scenario.people.sessions = 10;
    set.scenario.budgets.clear();
    assert!(remarks(&run, &set).contains("people.sessions 5000 in A and 10 in B"), "{}", remarks(&run, &set));
    assert!(!remarks(&run, &set).contains("budgets"));
}

#[test]
fn scenarios_are_listed_and_printed() {
    let listed = tool(&["scenarios"]);
    assert!(listed.status.success() && text(&listed.stdout).contains("steady"));
    let one = tool(&["scenarios", "storm"]);
    assert!(one.status.success() && text(&one.stdout).contains("cut_all_at_s = 3"));
    assert_eq!(tool(&["scenarios", "unheard-of"]).status.code(), Some(2));
}
