//! The container files have no engine here to run them: what can be held against the rest of the repository is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::process::Command;

use crate::support::{Engine, TestServer};

/// What a stop may take beyond the drain before the process gives up by itself (docs/operating.md, Stopping).
const BEYOND_THE_DRAIN: u64 = 20;
const COMPOSE: [&str; 2] = ["compose.yaml", "compose.cluster.yaml"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lines that do something, with those that go on over several put together.
fn instructions(dockerfile: &str) -> Vec<String> {
    let lines = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#'));
    let whole = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    whole.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// The words of an instruction that are no flags.
fn words<'a>(instruction: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let (first, rest) = instruction.split_once(' ')?;
    (first == name).then(|| rest.split_whitespace().filter(|word| !word.starts_with("--")).collect())
}

/// `1.95.0-slim-bookworm` of the image `rust`.
fn tag(image: &str) -> String {
    let dockerfile = read("Dockerfile");
    let tags: Vec<_> = instructions(&dockerfile)
        .iter()
        .filter_map(|line| words(line, "FROM")?[0].strip_prefix(&format!("{image}:")).map(str::to_owned))
        .collect();
    assert_eq!(tags.len(), 1, "{image}: {tags:?}");
    tags[0].clone()
}

#[test]
fn the_image_is_built_with_the_versions_of_the_repository() {
    let toolchain = read("rust-toolchain.toml");
    let (_, channel) = toolchain.split_once("channel = \"").unwrap();
    let (channel, _) = channel.split_once('"').unwrap();
    let rust = tag("rust");
    assert_eq!(rust.split('-').next(), Some(channel));

    let package: serde_json::Value = serde_json::from_str(&read("web/package.json")).unwrap();
    let needed = package["engines"]["node"].as_str().unwrap().trim_start_matches(">=").to_owned();
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let node = tag("node");
    assert!(version(node.split('-').next().unwrap()) >= version(&needed), "{node} is older than {needed}");

    // The binary runs on the C library that it was linked with.
    let debian = tag("debian");
    let release = debian.strip_suffix("-slim").unwrap();
    assert!(rust.ends_with(release), "{rust} on {debian}");
}

/// Nothing is copied that is not there or is held back, and all that Cargo needs is.
#[test]
fn the_image_is_built_from_what_is_there() {
    let dockerfile = read("Dockerfile");
    let ignored = read(".dockerignore");
    let mut rules = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rules.next(), Some("*"), "only what is named goes to the builder");
    let let_in: Vec<_> = rules.map(|line| line.strip_prefix('!').unwrap()).collect();
    let mut copied = BTreeSet::new();
    for line in instructions(&dockerfile).iter().filter(|line| !line.contains("--from=")) {
        let Some(sources) = words(line, "COPY") else { continue };
        copied.extend(sources[..sources.len() - 1].iter().map(|source| (*source).to_owned()));
    }
    assert!(copied.len() > 5, "{copied:?}");
    for source in &copied {
        assert!(root().join(source).exists(), "{source} is not there");
        assert!(let_in.iter().any(|path| Path::new(source).starts_with(path)), "{source} is not let in");
    }
    for path in &let_in {
        assert!(copied.contains(*path), "{path} is let in for nothing");
    }
    let manifest = read("Cargo.toml");
    let (_, members) = manifest.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    for member in members.split(',').map(|member| member.trim().trim_matches('"')) {
        assert!(copied.contains(member), "{member} is not copied");
    }
}

/// A variable that is misspelt would be ignored without a word.
#[test]
fn every_variable_is_a_setting() {
    let example = read(".env.example");
    let settings: BTreeSet<_> = example
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("HUBBUB_"))
        .collect();
    let mut files = vec!["Dockerfile".into(), "compose.yaml".into(), "compose.cluster.yaml".into()];
    let deploy = fs::read_dir(root().join("docs/deploy")).unwrap();
    files.extend(deploy.map(|entry| entry.unwrap().path()));
    let mut named = 0;
    for file in &files {
        let text = read(file);
        let names = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        for name in names.filter(|name| name.starts_with("HUBBUB_")) {
            assert!(settings.contains(name), "{}: there is no setting {name}", file.display());
            named += 1;
        }
    }
    assert!(named > 10, "only {named} were found");
}

/// An engine that kills a node in the middle of its goodbyes spoils them.
#[test]
fn a_node_has_the_time_to_stop() {
    for file in COMPOSE {
        let text = read(file);
        let after = |what: &str| {
            let mut found = text.lines().filter_map(|line| line.trim().strip_prefix(what));
            found.next().unwrap_or_else(|| panic!("{file}: no {what}")).trim().to_owned()
        };
        let drain: u64 = after("HUBBUB_DRAIN_SECONDS:").parse().unwrap();
        let grace: u64 = after("stop_grace_period:").trim_end_matches('s').parse().unwrap();
        assert!(grace > drain + BEYOND_THE_DRAIN, "{file}: {grace} s for a drain of {drain} s");
    }
}

#[test]
fn links_lead_somewhere() {
    let folder = root().join("docs/deploy");
    let readme = read("docs/deploy/README.md");
    let targets: Vec<_> =
        readme.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()).collect();
    assert!(targets.len() > 5, "{targets:?}");
    for target in targets {
        assert!(folder.join(target).exists(), "{target}");
    }
}

#[tokio::test]
async fn a_containers_health_is_the_nodes() {
    let mut node = TestServer::start(Engine::Sqlite).await;
    let address = node.address();
    let asked = async |path: &str| {
        let check = Command::new("bash")
            .arg(root().join("docs/deploy/healthcheck"))
            .arg(path)
            .env("HUBBUB_LISTEN", format!("0.0.0.0:{}", address.port()))
            .kill_on_drop(true)
            .output();
        let output =
            tokio::time::timeout(Duration::from_secs(30), check).await.expect("it has no end").unwrap();
        output.status.success()
    };
    assert!(asked("/healthz").await && asked("/readyz").await);
    assert!(!asked("/nothing-here").await, "404 is not healthy");
    node.kill().await;
    assert!(!asked("/healthz").await, "nobody is there");
}
