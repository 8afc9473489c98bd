//! The walk through the API in docs/api.md: its commands are run as they stand there, and what is shown below them came back.

use std::{fmt::Write as _, fs, path::Path, process::Stdio};

use serde_json::Value;
use tokio::process::Command;

use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, TestServer, on_both_stores};

/// Stands for what differs each time.
const ANY: &str = "…";

/// Commands, and what the page says their last line of JSON is.
struct Step {
    commands: String,
    shown: Option<Value>,
}

/// The blocks of the section, but for the first, which says where the server is.
fn steps() -> Vec<Step> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Ten minutes with curl\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut steps = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "sh" => steps.push(Step { commands: text.to_owned(), shown: None }),
            "json" => {
                let step: &mut Step = steps.last_mut().unwrap();
                step.shown = Some(serde_json::from_str(text).unwrap());
            }
            other => panic!("a block of {other:?}"),
        }
    }
    assert!(steps[0].commands.starts_with("HUBBUB="));
    steps.split_off(1)
}

fn fits(shown: &Value, came: &Value) -> bool {
    match (shown, came) {
        (Value::String(any), _) if any == ANY => true,
        (Value::Object(shown), Value::Object(came)) => {
            shown.iter().all(|(name, shown)| came.get(name).is_some_and(|came| fits(shown, came)))
        }
        (Value::Array(shown), Value::Array(came)) => {
            shown.len() == came.len() && shown.iter().zip(came).all(|(shown, came)| fits(shown, came))
        }
        _ => shown == came,
    }
}

/// The last JSON value of an output.
fn last(output: &str) -> Option<Value> {
    let values = serde_json::Deserializer::from_str(output).into_iter::<Value>();
    values.map_while(Result::ok).last()
}

on_both_stores! {
    async fn the_walk_through_the_api_goes_as_it_is_written(engine: Engine) {
        let server = TestServer::start(engine).await;
        let steps = steps();
        assert!(steps.len() >= 12, "only {} steps", steps.len());
        let folder = tempfile::tempdir().unwrap();
        let mut script = String::from("set -euo pipefail\n");
        for (number, step) in steps.iter().enumerate() {
            // In one shell, so that each step has what the ones before it noted.
            writeln!(script, "{{\n{}\n}} > {number}.out", step.commands).unwrap();
        }
        let done = Command::new("bash")
            .arg("-c")
            .arg(&script)
            .env("HUBBUB", format!("http://{}", server.address()))
            .env("EMAIL", ADMIN_EMAIL)
            .env("PASSWORD", ADMIN_PASSWORD)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
        for (number, step) in steps.iter().enumerate() {
            let output = fs::read_to_string(folder.path().join(format!("{number}.out")));
            let output = output.unwrap_or_else(|_| panic!("step {number} was not reached: {complaint}"));
            if let Some(shown) = &step.shown {
                let came = last(&output).unwrap_or_else(|| panic!("step {number} said {output:?}: {complaint}"));
                assert!(fits(shown, &came), "step {number}: the page shows {shown}, and {came} came back");
            }
        }
        assert!(done.status.success(), "{complaint}");
    }
}

#[test]
fn what_is_shown_is_held_against_what_came() {
    let fits = |shown: &str, came: &str| {
        fits(&serde_json::from_str(shown).unwrap(), &serde_json::from_str(came).unwrap())
    };
    assert!(fits(r#"{"a": "…", "b": [1]}"#, r#"{"a": 7, "b": [1], "c": 0}"#));
    assert!(!fits(r#"{"a": 1}"#, r#"{"a": 2}"#));
    assert!(!fits(r#"{"a": 1}"#, "{}"));
    assert!(!fits("[1]", "[1, 2]"));
    assert_eq!(last("1 {\"a\": 2}\n3\nx"), Some(Value::from(3)));
}
