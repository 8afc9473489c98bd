//! The store goes away and comes back: acked is durable, nothing is doubled, every append is answered in time
//! (promises 1, 3 and 8).

use std::{
    sync::{Arc, Mutex},
    thread::ThreadId,
    time::{Duration, Instant},
};

use persistence::{
    Appended, LogWriter, ReadMark, StoreError, WriterConfig,
    testing::{Engine, TestPostgres, TestStore},
};
use protocol::{PartyKind, Seq, SessionId};
use tokio::time::sleep;

use crate::{
    fixture::{Shop, committed, unread, uuid, writer},
    load::{Load, node},
    proxy::Proxy,
};

async fn in_background(server: &Arc<TestPostgres>, act: fn(&TestPostgres)) {
    let server = server.clone();
    tokio::task::spawn_blocking(move || act(&server)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed_under_load() {
    let server = Arc::new(TestPostgres::start_durable());
    let url = server.create_database().await;
    let store = node(&url).await;
    let load = Load::start([store.clone(), node(&url).await], 8).await;
    for _ in 0..3 {
        sleep(Duration::from_millis(500)).await;
        in_background(&server, TestPostgres::kill).await;
        sleep(Duration::from_millis(300)).await;
        in_background(&server, TestPostgres::start_again).await;
        let took = load.commits_again().await;
        assert!(took < Duration::from_secs(2), "back after {took:?}");
    }
    let seen = load.end(&store).await;
    assert!(seen.unavailable > 0);
    assert!(seen.slowest < Duration::from_secs(5), "{:?}", seen.slowest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_cuts_all_connections_under_load() {
    let server = TestPostgres::start();
    let url = server.create_database().await;
    let store = node(&url).await;
    let load = Load::start([store.clone(), node(&url).await], 8).await;
    for _ in 0..5 {
        load.commits_again().await;
        assert!(server.cut_all().await > 0);
        let took = load.commits_again().await;
        assert!(took < Duration::from_secs(2), "back after {took:?}");
        store.ping().await.unwrap();
    }
    let seen = load.end(&store).await;
    assert!(seen.slowest < Duration::from_secs(5), "{:?}", seen.slowest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_silent_for_six_seconds() {
    let server = Arc::new(TestPostgres::start());
    let url = server.create_database().await;
    let store = node(&url).await;
    let load = Load::start([store.clone(), node(&url).await], 8).await;
    sleep(Duration::from_millis(500)).await;
    in_background(&server, TestPostgres::stall).await;
    let stalled = Instant::now();
    let asked = Instant::now();
    let read = store.session(SessionId::new(uuid())).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    sleep(Duration::from_secs(6).saturating_sub(stalled.elapsed())).await;
    in_background(&server, TestPostgres::resume).await;
    let took = load.commits_again().await;
    assert!(took < Duration::from_secs(2), "back after {took:?}");
    store.ping().await.unwrap();
    sleep(Duration::from_millis(300)).await;
    let seen = load.end(&store).await;
    assert!(seen.unavailable > 0);
    assert!(seen.slowest < Duration::from_secs(5), "{:?}", seen.slowest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_appends_are_answered_at_once() {
    let server = Arc::new(TestPostgres::start());
    let store = node(&server.create_database().await).await;
    let shop = Shop::open(&store).await;
    let session = shop.start(100).await.id;
    let writer = writer(&store);
    committed(writer.append(shop.message(session, 1, PartyKind::Customer, "one")).await);
    in_background(&server, TestPostgres::stop_immediate).await;
    // The first that meets it may hope for its return until its own time is over.
    let first = writer.append(shop.message(session, 2, PartyKind::Customer, "two"));
    sleep(Duration::from_millis(300)).await;
    for _ in 0..3 {
        let asked = Instant::now();
        let answers: Vec<_> =
            (0..2_000).map(|_| writer.append(shop.message(session, 2, PartyKind::Customer, "x"))).collect();
        for answer in answers {
            let refused = answer.await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        }
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    let mark = ReadMark { session, reader: PartyKind::Agent, seq: Seq::new(2) };
    assert!(matches!(writer.mark_read(mark).await, Err(StoreError::Unavailable(_))));
    // It comes back within the first one's time, and so the first one is written after all.
    in_background(&server, TestPostgres::start_again).await;
    assert_eq!(committed(first.await), (3, unread(0, 2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_while_nothing_is_written_is_not_noticed() {
    let server = Arc::new(TestPostgres::start());
    let store = node(&server.create_database().await).await;
    let shop = Shop::open(&store).await;
    let session = shop.start(100).await.id;
    let writer = writer(&store);
    committed(writer.append(shop.message(session, 1, PartyKind::Customer, "one")).await);
    let mark = ReadMark { session, reader: PartyKind::Agent, seq: Seq::new(2) };
    for (seq, way) in [(2, TestPostgres::stop_immediate as fn(&TestPostgres)), (3, TestPostgres::kill)] {
        in_background(&server, way).await;
        in_background(&server, TestPostgres::start_again).await;
        committed(writer.append(shop.message(session, seq, PartyKind::Customer, "next")).await);
        in_background(&server, way).await;
        in_background(&server, TestPostgres::start_again).await;
        assert_eq!(writer.mark_read(mark).await.unwrap().read.team, Seq::new(2));
        assert!(store.session(session).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_asked_for() {
    let server = TestPostgres::shared();
    let url = server.create_database().await;
    let direct = node(&url).await;
    let shop = Shop::open(&direct).await;
    let (a, b) = (shop.start(100).await.id, shop.start(100).await.id);
    let proxy = Proxy::start(server.port()).await;
    let cut = node(&url.replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port))).await;
    let writer = writer(&cut);
    let last_seq = async |session| direct.session(session).await.unwrap().unwrap().last_seq.get();
    let stored = async |session, seq| {
        let asked = Instant::now();
        while last_seq(session).await != seq {
            assert!(asked.elapsed() < Duration::from_secs(10), "it was never stored");
            sleep(Duration::from_millis(5)).await;
        }
    };
    committed(writer.append(shop.message(a, 1, PartyKind::Customer, "warm")).await);
    committed(writer.append(shop.message(b, 1, PartyKind::Customer, "warm")).await);

    // It is committed, but nobody says so, and then the connection is gone.
    proxy.swallow("lost");
    let first = writer.append(shop.message(a, 2, PartyKind::Customer, "lost"));
    let first = tokio::spawn(first);
    stored(a, 3).await;
    proxy.cut();
    assert_eq!(committed(first.await.unwrap()), (3, unread(0, 2)));
    assert_eq!(last_seq(a).await, 3);

    // The same, and another node goes on before it can be asked.
    proxy.swallow("lost too");
    let second = tokio::spawn(writer.append(shop.message(b, 2, PartyKind::Customer, "lost too")));
    stored(b, 3).await;
    let other = crate::fixture::writer(&direct);
    committed(other.append(shop.message(b, 3, PartyKind::Agent, "meanwhile")).await);
    proxy.cut();
    assert_eq!(second.await.unwrap().unwrap(), Appended::Overtaken, "it was stored");
    assert_eq!(last_seq(b).await, 4);

    // It is not committed, since the same send was, in the same place, by another node, where it came too.
    let send = shop.message(a, 3, PartyKind::Customer, "twice");
    let mut there = send.clone();
    let entry = Arc::make_mut(&mut there.entries[0]);
    entry.created_at = protocol::UtcMillis::new(entry.created_at.get() + 1);
    proxy.drop_from("twice");
    let third = tokio::spawn(writer.append(send));
    proxy.dropped().await;
    committed(other.append(there).await);
    proxy.cut();
    assert_eq!(third.await.unwrap().unwrap(), Appended::MovedOn, "that was another's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_holds_does_not_stop_the_others_for_long() {
    let test = TestStore::new(Engine::Postgres).await;
    let shop = Shop::open(&test.store).await;
    let (held, free) = (shop.start(100).await.id, shop.start(100).await.id);
    let writer = writer(&test.store);
    let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("select 1 from sessions where id = $1 for update")
        .bind(held.uuid())
        .execute(&mut *tx)
        .await
        .unwrap();
    let asked = Instant::now();
    let refused = writer.append(shop.message(held, 1, PartyKind::Customer, "one")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    committed(writer.append(shop.message(free, 1, PartyKind::Customer, "one")).await);
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    tx.rollback().await.unwrap();
    committed(writer.append(shop.message(held, 1, PartyKind::Customer, "one")).await);
}

// One thread, so that all is queued before the writer takes any.
#[tokio::test]
async fn what_applied_is_known_whatever_becomes_of_the_rest() {
    let test = TestStore::new(Engine::Postgres).await;
    let shop = Shop::open(&test.store).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(shop.start(100).await.id);
    }
    let [free, held, late, unreadable] = sessions[..] else { unreachable!("as many as were started") };
    let writer = writer(&test.store);
    let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
    let says = |session, expected| shop.message(session, expected, PartyKind::Customer, "hi");

    // Only whoever asks why an append does not apply waits for the row.
    let mut tx = pool.begin().await.unwrap();
    let hold = sqlx::query("select 1 from sessions where id = $1 for update").bind(held.uuid());
    hold.execute(&mut *tx).await.unwrap();
    let (applies, waits) = (writer.append(says(free, 1)), writer.append(says(held, 7)));
    assert_eq!(committed(applies.await), (2, unread(0, 1)));
    let unknown = waits.await;
    assert!(matches!(unknown, Err(StoreError::Unavailable(_))), "{unknown:?}");
    tx.rollback().await.unwrap();

    // What cannot be answered fails alone.
    let known = says(unreadable, 1);
    committed(writer.append(known.clone()).await);
    let spoil =
        sqlx::query("update entries set seq = -2 where session_id = $1 and seq = 2").bind(unreadable.uuid());
    assert_eq!(spoil.execute(&pool).await.unwrap().rows_affected(), 1);
    let mut again = says(unreadable, 2);
    Arc::make_mut(&mut again.entries[0]).id = known.entries[0].id;
    let answers = [says(free, 2), says(late, 7), again, says(held, 1)].map(|append| writer.append(append));
    let [applies, moved_on, refused, applies_too] = answers;
    assert_eq!(committed(applies.await), (3, unread(0, 2)));
    assert_eq!(moved_on.await.unwrap(), Appended::MovedOn);
    let refused = refused.await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(committed(applies_too.await), (2, unread(0, 1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_locked_for_six_seconds() {
    let test = TestStore::new(Engine::Sqlite).await;
    let load = Load::start([test.store.clone(), test.other_node().await], 8).await;
    sleep(Duration::from_millis(300)).await;
    let options: sqlx::sqlite::SqliteConnectOptions = test.url.parse().unwrap();
    let pool = sqlx::SqlitePool::connect_with(options.busy_timeout(Duration::from_secs(10))).await.unwrap();
    let lock = pool.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    sleep(Duration::from_secs(6)).await;
    lock.rollback().await.unwrap();
    let took = load.commits_again().await;
    assert!(took < Duration::from_secs(2), "back after {took:?}");
    let seen = load.end(&test.store).await;
    assert!(seen.unavailable > 0);
    assert!(seen.slowest < Duration::from_secs(5), "{:?}", seen.slowest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_stuck_the_queue_has_an_end() {
    let test = TestStore::new(Engine::Sqlite).await;
    let shop = Shop::open(&test.store).await;
    let session = shop.start(100).await.id;
    let (writer, _task) =
        LogWriter::start(test.store.clone(), WriterConfig { queue: 16, ..Default::default() });
    let pool = sqlx::SqlitePool::connect(&test.url).await.unwrap();
    let lock = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let asked = Instant::now();
    let answers: Vec<_> =
        (0..200).map(|_| writer.append(shop.message(session, 1, PartyKind::Agent, "x"))).collect();
    let mut overloaded = 0;
    for answer in answers {
        match answer.await {
            Err(StoreError::Overloaded) => overloaded += 1,
            Err(StoreError::Unavailable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(overloaded >= 100, "{overloaded}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    lock.rollback().await.unwrap();
    committed(writer.append(shop.message(session, 1, PartyKind::Agent, "x")).await);
}

/// The lines that the server's own log would show by default, with the thread that wrote each. It is the whole
/// process's: tracing remembers for all threads that nobody listens to a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(ThreadId, String)>>>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, about: &tracing::Metadata<'_>) -> bool {
        about.target().starts_with("persistence") && *about.level() <= tracing::Level::INFO
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let line = (std::thread::current().id(), event.metadata().level().to_string());
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

// One thread, so that its lines are this story's.
#[tokio::test]
async fn going_and_coming_is_a_line_each() {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).unwrap();
    let server = Arc::new(TestPostgres::start());
    let store = node(&server.create_database().await).await;
    let shop = Shop::open(&store).await;
    let session = shop.start(100).await.id;
    let writer = writer(&store);
    for seq in [1, 2] {
        in_background(&server, TestPostgres::stop_immediate).await;
        let hopes = writer.append(shop.message(session, seq, PartyKind::Customer, "one"));
        for _ in 0..20 {
            drop(writer.append(shop.message(session, seq, PartyKind::Customer, "x")).await);
            sleep(Duration::from_millis(20)).await;
        }
        in_background(&server, TestPostgres::start_again).await;
        committed(hopes.await);
    }
    let here = std::thread::current().id();
    let lines = lines.0.lock().unwrap();
    let levels: Vec<_> = lines.iter().filter(|line| line.0 == here).map(|line| line.1.as_str()).collect();
    assert_eq!(levels, ["WARN", "INFO", "WARN", "INFO"]);
}
