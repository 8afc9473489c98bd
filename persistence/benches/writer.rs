//! The log writer's batches beside the fastest way that each engine has for the same rows. `cargo bench -p
//! persistence --bench writer`. All flush every commit to the disk.
//!
//! The writer also looks for every message's id, changes its session's row, and answers; COPY and INSERT alone do none
//! of that, so they stand here with and without that change.

mod fixture;

use divan::{Bencher, counter::ItemsCount};
use persistence::testing::Engine;
use tokio::runtime::Runtime;

use fixture::{Bench, SESSIONS, postgres, raw, sqlite};

/// Rows of a batch.
const ROWS: [usize; 4] = [1, 10, 50, SESSIONS];

fn main() {
    divan::main();
}

/// One thread, so that what is queued without a pause is one batch.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn log_writer(bencher: Bencher<'_, '_>, engine: Engine, rows: usize) {
    let runtime = runtime();
    let mut bench = runtime.block_on(Bench::open(engine));
    let writer = runtime.block_on(async { bench.writer() });
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| bench.messages(rows))
        .bench_local_values(|appends| runtime.block_on(fixture::write(&writer, appends)));
}

fn on_postgres(
    bencher: Bencher<'_, '_>,
    rows: usize,
    way: &impl AsyncFn(&mut sqlx::PgConnection, &[u8], &[raw::Row]),
) {
    let runtime = runtime();
    let mut bench = runtime.block_on(Bench::open(Engine::Postgres));
    let mut conn = runtime.block_on(postgres(&bench.url));
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| {
            let rows = raw::rows(&bench.messages(rows));
            (raw::copy_text(&rows), rows)
        })
        .bench_local_values(|(text, rows)| runtime.block_on(way(&mut conn, &text, &rows)));
}

fn on_sqlite(
    bencher: Bencher<'_, '_>,
    rows: usize,
    way: &impl AsyncFn(&mut sqlx::SqliteConnection, &[raw::Row]),
) {
    let runtime = runtime();
    let mut bench = runtime.block_on(Bench::open(Engine::Sqlite));
    let mut conn = runtime.block_on(sqlite(&bench.url));
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| raw::rows(&bench.messages(rows)))
        .bench_local_values(|rows| runtime.block_on(way(&mut conn, &rows)));
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn postgres_writer(bencher: Bencher<'_, '_>, rows: usize) {
    log_writer(bencher, Engine::Postgres, rows);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn postgres_copy(bencher: Bencher<'_, '_>, rows: usize) {
    on_postgres(bencher, rows, &async |conn, text, _| raw::copy(conn, text).await);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn postgres_copy_and_update(bencher: Bencher<'_, '_>, rows: usize) {
    on_postgres(bencher, rows, &raw::copy_and_update);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn sqlite_writer(bencher: Bencher<'_, '_>, rows: usize) {
    log_writer(bencher, Engine::Sqlite, rows);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn sqlite_insert_each(bencher: Bencher<'_, '_>, rows: usize) {
    on_sqlite(bencher, rows, &async |conn, rows| raw::insert_each(conn, rows, false).await);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn sqlite_insert_each_and_update(bencher: Bencher<'_, '_>, rows: usize) {
    on_sqlite(bencher, rows, &async |conn, rows| raw::insert_each(conn, rows, true).await);
}

#[divan::bench(args = ROWS, sample_size = 1)]
fn sqlite_insert_at_once(bencher: Bencher<'_, '_>, rows: usize) {
    on_sqlite(bencher, rows, &raw::insert_at_once);
}
