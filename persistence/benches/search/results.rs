//! What was measured, kept from run to run, and the table of it for `docs/performance.md`.

use std::{fs, path::PathBuf};

use persistence::testing::Engine;
use serde_json::{Value, json};

/// The searches of one store and size.
pub(crate) struct Results {
    engine: Engine,
    entries: u64,
    /// How it was indexed, if it was.
    pub(crate) indexed: String,
    kinds: Vec<Kind>,
}

struct Kind {
    name: String,
    /// Milliseconds of each search.
    took: Vec<f64>,
}

/// The middle one of a hundred is 0.5.
pub(crate) fn share(took: &[f64], share: f64) -> f64 {
    let mut took = took.to_vec();
    took.sort_by(f64::total_cmp);
    took[((took.len() - 1) as f64 * share) as usize]
}

pub(crate) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "Postgres",
    }
}

fn pair(took: &[f64]) -> String {
    format!("{:.1} / {:.1}", share(took, 0.5), share(took, 0.95))
}

impl Results {
    pub(crate) fn new(engine: Engine, entries: u64) -> Self {
        Self { engine, entries, indexed: String::new(), kinds: Vec::new() }
    }

    pub(crate) fn add(&mut self, search: &str, filter: &str, took: Vec<f64>) {
        self.kinds.push(Kind { name: format!("{search} | {filter}"), took });
    }

    fn path(engine: Engine, entries: u64) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-search");
        fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{engine:?}-{entries}.json"))
    }

    /// Puts these in place of those of an earlier run.
    pub(crate) fn keep(&self) {
        let kinds = self.kinds.iter().map(|kind| json!([kind.name, kind.took])).collect::<Vec<_>>();
        fs::write(Self::path(self.engine, self.entries), json!([self.indexed, kinds]).to_string()).unwrap();
    }

    fn kept(engine: Engine, entries: u64) -> Option<Self> {
        let text = fs::read_to_string(Self::path(engine, entries)).ok()?;
        let (indexed, kinds): (String, Vec<(String, Vec<f64>)>) =
            serde_json::from_value(text.parse::<Value>().unwrap()).unwrap();
        let kinds = kinds.into_iter().map(|(name, took)| Kind { name, took }).collect();
        Some(Self { engine, entries, indexed, kinds })
    }

    /// The 95th of a hundred of all searches together.
    fn all(&self) -> f64 {
        let took: Vec<f64> = self.kinds.iter().flat_map(|kind| kind.took.iter().copied()).collect();
        share(&took, 0.95)
    }

    fn title(&self) -> String {
        let mut digits = self.entries.to_string();
        for place in (1..digits.len())
            .rev()
            .filter(|place| (digits.len() - place).is_multiple_of(3))
            .collect::<Vec<_>>()
        {
            digits.insert(place, ',');
        }
        format!("{}, {digits}", name(self.engine))
    }
}

/// All that is kept of these, as Markdown.
pub(crate) fn table(engines: &[Engine], sizes: &[u64]) -> String {
    let all = engines.iter().flat_map(|engine| sizes.iter().filter_map(|size| Results::kept(*engine, *size)));
    let all: Vec<Results> = all.collect();
    let Some(first) = all.first() else { return "nothing was measured yet".into() };
    let mut lines = Vec::new();
    for engine in engines {
        let of: Vec<&Results> = all.iter().filter(|results| results.engine == *engine).collect();
        for results in &of {
            let over = results.kinds.iter().filter(|kind| share(&kind.took, 0.95) >= 100.0).count();
            lines.push(format!(
                "- {}: 95th of a hundred of all searches together {:.1} ms; {over} of {} kinds take 100 ms or more{}{}",
                results.title(),
                results.all(),
                results.kinds.len(),
                if results.indexed.is_empty() { "" } else { "; indexed in " },
                results.indexed
            ));
        }
        if let [small, .., large] = of.as_slice() {
            let twice = |kind: &&Kind| {
                let same = small.kinds.iter().find(|one| one.name == kind.name);
                same.is_some_and(|same| share(&kind.took, 0.95) <= 2.0 * share(&same.took, 0.95))
            };
            lines.push(format!(
                "- {}: {:.2} times as long among {:.0} times the entries; for {} kinds at most twice as long",
                name(*engine),
                large.all() / small.all(),
                large.entries as f64 / small.entries as f64,
                large.kinds.iter().filter(twice).count()
            ));
        }
    }
    lines.extend([
        String::new(),
        format!("| search | filter | {} |", all.iter().map(Results::title).collect::<Vec<_>>().join(" | ")),
        format!("| --- | --- | {} |", vec!["--:"; all.len()].join(" | ")),
    ]);
    for kind in &first.kinds {
        let of = |results: &Results| {
            let same = results.kinds.iter().find(|one| one.name == kind.name);
            same.map_or("–".into(), |same| pair(&same.took))
        };
        lines.push(format!("| {} | {} |", kind.name, all.iter().map(of).collect::<Vec<_>>().join(" | ")));
    }
    lines.join("\n")
}
