//! Rules of the house that no lint knows: the arrows between crates, the length of files, settings that are written
//! down.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What each crate may build on (ARCHITECTURE.md). A new arrow is a decision: change it there and here.
const ARROWS: [(&str, &[&str]); 5] = [
    ("protocol", &[]),
    ("persistence", &["protocol"]),
    ("hub", &["persistence", "protocol"]),
    ("gateway", &["hub", "persistence", "protocol"]),
    ("loadtest", &["protocol"]),
];

/// Crates of others that only one of ours may know.
const OWNED: [(&str, &str); 3] = [("sqlx", "persistence"), ("axum", "gateway"), ("tower-http", "gateway")];

/// A file past this is asking to be two.
const LINES: usize = 420;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Each crate's dependencies that are built into it, by name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let built_in = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
            let names = built_in.map(|d| d["name"].as_str().unwrap().to_owned()).collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

#[test]
fn arrows_point_down() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(ours, found, "a new crate needs its place in ARROWS");
    for (name, allowed) in ARROWS {
        let arrows: Vec<_> = dependencies[name].iter().filter(|d| ours.contains(d.as_str())).collect();
        for arrow in arrows {
            assert!(allowed.contains(&arrow.as_str()), "{name} must not know {arrow}");
        }
    }
    for (theirs, owner) in OWNED {
        let users: Vec<_> =
            dependencies.iter().filter(|(_, all)| all.contains(theirs)).map(|(name, _)| name).collect();
        assert_eq!(users, [owner], "{theirs} is {owner}'s alone");
    }
}

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        let skipped = ["target", "node_modules", "dist", "tests", "e2e"];
        if entry.file_type().unwrap().is_dir() {
            let generated = path.ends_with("web/src/protocol");
            if !(skipped.contains(&name.as_str()) || generated || name.starts_with('.')) {
                files(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending))
            && !name.contains(".test.")
            && name != "tests.rs"
        {
            found.push(path);
        }
    }
}

#[test]
fn files_are_short() {
    let mut found = Vec::new();
    for folder in ["protocol", "persistence", "hub", "gateway", "loadtest", "web/src"] {
        files(&root().join(folder), &[".rs", ".ts", ".tsx", ".css", ".sql"], &mut found);
    }
    assert!(found.len() > 100, "only {} files were looked at", found.len());
    let long: Vec<_> = found
        .iter()
        .filter(|path| fs::read_to_string(path).unwrap().lines().count() > LINES)
        .map(|path| path.strip_prefix(root()).unwrap().to_owned())
        .collect();
    assert!(long.is_empty(), "past {LINES} lines: {long:?}");
}

#[test]
fn every_setting_is_written_down() {
    let help = Command::new(env!("CARGO_BIN_EXE_hubbub")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let in_help: BTreeSet<&str> =
        help.split("[env: ").skip(1).map(|rest| rest.split(['=', ']']).next().unwrap()).collect();
    assert!(in_help.len() > 10, "{help}");
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let in_example: BTreeSet<&str> = example
        .lines()
        .map(|line| line.trim_start_matches('#'))
        .filter(|line| line.starts_with("HUBBUB_"))
        .map(|line| line.split('=').next().unwrap())
        .collect();
    assert_eq!(in_help, in_example, ".env.example and --help must name the same settings");
}
