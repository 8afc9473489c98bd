//! Goals G7 and G17 (the store's part): the log writer against the fastest way that each engine has for the same rows
//! of `entries`, in turn, on stores that flush every commit to the disk.
//!
//! `cargo bench -p persistence --bench goals [-- --json] [--rows N …] [--turns N] [postgres] [sqlite]`
//!
//! The writer does more than it is compared with: it looks for every message's id, locks and changes its session's row,
//! and answers. So each engine's way stands here alone, as the goals say, and with that change.

#[path = "fixture/cpu.rs"]
mod cpu;
mod fixture;

use std::time::{Duration, Instant};

use persistence::{Append, LogWriter, testing::Engine};
use sqlx::{PgConnection, SqliteConnection};

use fixture::{Bench, SESSIONS, postgres, raw, sqlite};

/// Rows of one turn of one way, at least one batch.
const TURN_ROWS: usize = 10_000;
/// Batches of one turn, at most.
const TURN_BATCHES: usize = 200;

struct Options {
    json: bool,
    rows: Vec<usize>,
    turns: usize,
    engines: Vec<Engine>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self { json: false, rows: Vec::new(), turns: 5, engines: Vec::new() };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number follows");
            match word.as_str() {
                "--json" => options.json = true,
                "--rows" => options.rows.push(usize::clamp(number(), 1, SESSIONS)),
                "--turns" => options.turns = number().max(1),
                "postgres" => options.engines.push(Engine::Postgres),
                "sqlite" => options.engines.push(Engine::Sqlite),
                // What cargo says to every benchmark.
                "--bench" => {}
                other => panic!("{other:?} is no option: --json, --rows N, --turns N, postgres, sqlite"),
            }
        }
        if options.rows.is_empty() {
            options.rows = vec![SESSIONS, 50, 10, 1];
        }
        if options.engines.is_empty() {
            options.engines = vec![Engine::Postgres, Engine::Sqlite];
        }
        options
    }
}

/// One way of writing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Writer,
    Copy,
    CopyAndUpdate,
    InsertEach,
    InsertEachAndUpdate,
    InsertAtOnce,
}

impl Way {
    /// The writer first, then what the goal compares it with.
    fn all(engine: Engine) -> &'static [Self] {
        match engine {
            Engine::Postgres => &[Self::Writer, Self::Copy, Self::CopyAndUpdate],
            Engine::Sqlite => {
                &[Self::Writer, Self::InsertEach, Self::InsertEachAndUpdate, Self::InsertAtOnce]
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Copy => "copy",
            Self::CopyAndUpdate => "copy_and_update",
            Self::InsertEach => "insert_each",
            Self::InsertEachAndUpdate => "insert_each_and_update",
            Self::InsertAtOnce => "insert_at_once",
        }
    }
}

enum Raw {
    Postgres(Box<PgConnection>),
    Sqlite(SqliteConnection),
}

/// What one way did, turn by turn.
#[derive(Default)]
struct Measured {
    rows_s: Vec<f64>,
    /// µs of CPU per row: this process's, which on SQLite is all, and the processes' of Postgres.
    own_cpu: Vec<f64>,
    store_cpu: Vec<f64>,
}

/// Writes these batches in this way; only the writing is timed.
async fn turn(way: Way, writer: &LogWriter, raw: &mut Raw, batches: Vec<Vec<Append>>) -> Duration {
    let rows: Vec<_> = batches.iter().map(|appends| raw::rows(appends)).collect();
    match raw {
        Raw::Postgres(conn) => {
            let texts: Vec<_> = rows.iter().map(|rows| raw::copy_text(rows)).collect();
            let begun = Instant::now();
            match way {
                Way::Copy => {
                    for text in &texts {
                        raw::copy(conn, text).await;
                    }
                }
                Way::CopyAndUpdate => {
                    for (text, rows) in texts.iter().zip(&rows) {
                        raw::copy_and_update(conn, text, rows).await;
                    }
                }
                _ => {
                    for appends in batches {
                        fixture::write(writer, appends).await;
                    }
                }
            }
            begun.elapsed()
        }
        Raw::Sqlite(conn) => {
            let begun = Instant::now();
            match way {
                Way::InsertEach | Way::InsertEachAndUpdate => {
                    for rows in &rows {
                        raw::insert_each(conn, rows, way == Way::InsertEachAndUpdate).await;
                    }
                }
                Way::InsertAtOnce => {
                    for rows in &rows {
                        raw::insert_at_once(conn, rows).await;
                    }
                }
                _ => {
                    for appends in batches {
                        fixture::write(writer, appends).await;
                    }
                }
            }
            begun.elapsed()
        }
    }
}

async fn measure(engine: Engine, rows: usize, turns: usize) -> Vec<(Way, Measured)> {
    let mut bench = Bench::open(engine).await;
    // A second one with the same sessions: what is written past the writer must not be in its way.
    let mut other = Bench::open(engine).await;
    let writer = bench.writer();
    let mut raw = match engine {
        Engine::Postgres => Raw::Postgres(Box::new(postgres(&other.url).await)),
        Engine::Sqlite => Raw::Sqlite(sqlite(&other.url).await),
    };
    let mut measured: Vec<_> = Way::all(engine).iter().map(|way| (*way, Measured::default())).collect();
    let batches = (TURN_ROWS / rows).clamp(1, TURN_BATCHES);
    // The first turn warms up.
    for number in 0..=turns {
        for (way, measured) in &mut measured {
            let chats = if *way == Way::Writer { &mut bench } else { &mut other };
            let work: Vec<_> = (0..batches).map(|_| chats.messages(rows)).collect();
            let before = cpus(&mut raw).await;
            let took = turn(*way, &writer, &mut raw, work).await;
            let after = cpus(&mut raw).await;
            if number > 0 {
                let written = (batches * rows) as f64;
                measured.rows_s.push(written / took.as_secs_f64());
                measured.own_cpu.push((after.0 - before.0).as_secs_f64() * 1e6 / written);
                measured.store_cpu.push(after.1.saturating_sub(before.1).as_secs_f64() * 1e6 / written);
            }
        }
    }
    measured
}

async fn cpus(raw: &mut Raw) -> (Duration, Duration) {
    let store = match raw {
        Raw::Postgres(conn) => cpu::postgres(conn).await,
        Raw::Sqlite(_) => Duration::ZERO,
    };
    (cpu::own(), store)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

fn spread(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{:.digits$} ({least:.digits$}–{most:.digits$})", median(values))
}

/// Turn by turn, so that what disturbed the machine disturbed both.
fn ratios(writer: &Measured, other: &Measured) -> Vec<f64> {
    writer.rows_s.iter().zip(&other.rows_s).map(|(writer, other)| writer / other).collect()
}

fn print_table(engine: Engine, rows: usize, measured: &[(Way, Measured)]) {
    println!("\n{engine:?}, {rows} rows a commit");
    let head = ("rows/s", "writer's share", "CPU-µs/row, own", "Postgres");
    println!("{:<24}{:>30}{:>26}{:>22}{:>22}", "", head.0, head.1, head.2, head.3);
    let writer = &measured[0].1;
    for (way, measured) in measured {
        let share = spread(&ratios(writer, measured), 2);
        let (own, store) = (spread(&measured.own_cpu, 1), spread(&measured.store_cpu, 1));
        println!("{:<24}{:>30}{share:>26}{own:>22}{store:>22}", way.name(), spread(&measured.rows_s, 0));
    }
}

fn print_json(engine: Engine, rows: usize, measured: &[(Way, Measured)]) {
    let goal = match engine {
        Engine::Postgres => "G7",
        Engine::Sqlite => "G17",
    };
    let mut line = serde_json::json!({ "goal": goal, "rows_a_batch": rows });
    for (way, measured) in measured {
        line[format!("{}_rows_s", way.name())] = measured.rows_s.clone().into();
        line[format!("{}_cpu_us_row", way.name())] = measured.own_cpu.clone().into();
        line[format!("{}_store_cpu_us_row", way.name())] = measured.store_cpu.clone().into();
    }
    line["ratio"] = ratios(&measured[0].1, &measured[1].1).into();
    println!("{line}");
}

fn main() {
    let options = Options::read();
    // One thread, so that what is queued without a pause is one batch.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for engine in options.engines {
        for &rows in &options.rows {
            let measured = runtime.block_on(measure(engine, rows, options.turns));
            if options.json {
                print_json(engine, rows, &measured);
            } else {
                print_table(engine, rows, &measured);
            }
        }
    }
}
