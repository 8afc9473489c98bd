//! Promise 8, and 1 through it: the store goes away in the middle of everything and comes back. Sends are answered in
//! time and truly, and the chat mends itself.

use std::{process::Stdio, sync::Arc, time::Duration};

use loadtest::client::{Caller, Failure, Server, WsConnection};
use persistence::testing::{Engine, SqliteLock, TestPostgres};
use protocol::{EntryId, EntryKind, ErrorCode, SessionId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt as _, BufReader, Lines},
    process::Command,
    time::Instant,
};

use crate::support::{ADMIN_PASSWORD, Load, TestServer, UNHURRIED};

/// Promise 8.
const ANSWER: Duration = Duration::from_secs(5);
/// How long the store is silent.
const SILENCE: Duration = Duration::from_secs(6);
/// How long all may take to be well again.
const RECOVERY: Duration = Duration::from_secs(15);

async fn postgres(act: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(act).await.unwrap();
}

async fn own_postgres() -> Arc<TestPostgres> {
    Arc::new(tokio::task::spawn_blocking(TestPostgres::start).await.unwrap())
}

/// Somebody who speaks while the store is away.
struct Probe {
    caller: Caller,
    session: SessionId,
    socket: WsConnection,
    unanswered: Vec<EntryId>,
}

impl Probe {
    async fn new(server: &TestServer) -> Self {
        let (caller, started) = server.customer("Probe", "+447700900200").await;
        let mut socket = caller.websocket().connect().await.unwrap();
        socket.set_patience(Duration::from_secs(20));
        Self { caller, session: started.session.id, socket, unanswered: Vec::new() }
    }

    /// Sends by both ways: each is refused in time, and says that it may succeed later.
    async fn is_refused_in_time(&mut self) {
        let by_socket = self.socket.say(self.session, "by WebSocket").await.unwrap();
        let by_post = EntryId::new(uuid::Uuid::now_v7());
        let began = Instant::now();
        let (socket, post) =
            tokio::join!(async { (self.socket.refused().await.unwrap(), began.elapsed()) }, async {
                let sent = self.caller.send(self.session, by_post, "by POST", EntryKind::Message).await;
                (sent, began.elapsed())
            },);
        assert_eq!(socket.0.id, Some(by_socket));
        assert!(socket.0.retryable && away(socket.0.code), "{:?}", socket.0);
        let refused = post.0.unwrap_err();
        assert!(refused.retryable() && refused.code().is_some_and(away), "{refused}");
        assert!(socket.1 <= ANSWER && post.1 <= ANSWER, "{:?} and {:?}", socket.1, post.1);
        self.unanswered.extend([by_socket, by_post]);
    }

    /// What was refused can be sent again under its id, and is there once.
    async fn succeeds_later(mut self) {
        for id in &self.unanswered {
            let sent = insist(&self.caller, self.session, *id).await;
            self.socket.entry(self.session, |entry| entry.id == *id && entry.seq == sent).await.unwrap();
        }
        let log = self.caller.whole_log(self.session).await.unwrap();
        for id in self.unanswered {
            assert_eq!(log.iter().filter(|entry| entry.id == id).count(), 1);
        }
    }
}

fn away(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::StoreUnavailable | ErrorCode::Overloaded)
}

async fn insist(caller: &Caller, session: SessionId, id: EntryId) -> protocol::Seq {
    let deadline = Instant::now() + RECOVERY;
    loop {
        match caller.send(session, id, "again", EntryKind::Message).await {
            Ok(sent) => return sent.seq,
            Err(failure) => {
                assert!(failure.retryable() && Instant::now() < deadline, "{failure}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn readiness(server: &Server) -> u16 {
    server.request("GET", "/readyz").send().await.unwrap().status
}

/// There is no event to wait for: whoever balances load asks again and again, too.
async fn becomes(server: &Server, status: u16) {
    let deadline = Instant::now() + RECOVERY;
    while readiness(server).await != status {
        assert!(Instant::now() < deadline, "/readyz never said {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The store is silent for a while, then goes on as if nothing had been.
async fn silence(server: TestServer, begin: impl AsyncFnOnce(), end: impl AsyncFnOnce()) {
    let load = Load::start(&server, 4, 2).await;
    let mut probe = Probe::new(&server).await;
    load.acks(40).await;
    assert_eq!(readiness(&server.client()).await, 200);
    begin().await;
    let since = Instant::now();
    let client = server.client();
    tokio::join!(probe.is_refused_in_time(), becomes(&client, 503));
    // It lasts as long as it lasts.
    tokio::time::sleep_until(since + SILENCE).await;
    end().await;
    becomes(&server.client(), 200).await;
    load.acks(40).await;
    probe.succeeds_later().await;
    load.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_silent() {
    let store = own_postgres().await;
    let server = TestServer::start_on(store.create_database().await, None, &UNHURRIED).await;
    let (stalled, resumed) = (store.clone(), store.clone());
    silence(
        server,
        async || postgres(move || stalled.stall()).await,
        async || postgres(move || resumed.resume()).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_else_writes_to_the_sqlite_file() {
    let server = TestServer::start(Engine::Sqlite).await;
    let url = server.database_url().to_owned();
    let lock = std::cell::Cell::new(None);
    silence(
        server,
        async || lock.set(Some(SqliteLock::hold(&url).await)),
        async || lock.take().unwrap().release().await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_killed_in_mid_load() {
    let store = own_postgres().await;
    let server = TestServer::start_on(store.create_database().await, None, &UNHURRIED).await;
    let load = Load::start(&server, 6, 3).await;
    let mut random = StdRng::seed_from_u64(3);
    for _ in 0..5 {
        load.acks(random.random_range(1..80)).await;
        let killed = store.clone();
        postgres(move || killed.kill()).await;
        becomes(&server.client(), 503).await;
        let started = store.clone();
        postgres(move || started.start_again()).await;
        becomes(&server.client(), 200).await;
    }
    load.acks(50).await;
    load.end().await;
}

/// What is known of a site is told while the store is away, and only now and then does somebody wait for it in vain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_site_is_told_while_the_store_is_silent() {
    let store = own_postgres().await;
    let server = TestServer::start_on(store.create_database().await, None, &UNHURRIED).await;
    server.client().site("demo").await.unwrap();
    let stalled = store.clone();
    postgres(move || stalled.stall()).await;
    let began = Instant::now();
    let mut slow = 0;
    while began.elapsed() < SILENCE {
        let asked = Instant::now();
        // Pages of many shops at once.
        let all = (0..20).map(|_| async { server.client().site("demo").await.unwrap() });
        futures_util::future::join_all(all).await;
        if asked.elapsed() > Duration::from_secs(1) {
            slow += 1;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(slow <= 3, "{slow} rounds waited for the store in {:?}", began.elapsed());
    let resumed = store.clone();
    postgres(move || resumed.resume()).await;
    becomes(&server.client(), 200).await;
}

/// Who connects while the store is away hears why, and when to come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_cannot_be_served_is_told_to_come_back() {
    let store = own_postgres().await;
    let server = TestServer::start_on(store.create_database().await, None, &UNHURRIED).await;
    let (caller, started) = server.customer("Ana", "+447700900201").await;
    let killed = store.clone();
    postgres(move || killed.kill()).await;
    let failure = caller.websocket().connect().await.unwrap_err();
    let Failure::Closed(closed) = failure else { panic!("{failure}") };
    assert_eq!(closed.code, Some(1013), "{closed}");
    assert!(closed.bye.is_some_and(|bye| bye.retry_after_ms > 0));
    let refused = caller.poll(started.session.id).next().await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::StoreUnavailable), "{refused}");
    let started_again = store.clone();
    postgres(move || started_again.start_again()).await;
    becomes(&server.client(), 200).await;
    let mut socket = caller.websocket().connect().await.unwrap();
    assert_eq!(socket.opened(started.session.id).await.unwrap().entries, started.entries);
}

async fn said(lines: &mut Lines<impl AsyncBufRead + Unpin>, words: &str) -> String {
    let found = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(words) {
                return line;
            }
        }
        panic!("it ended and never said {words:?}");
    };
    tokio::time::timeout(Duration::from_secs(30), found)
        .await
        .unwrap_or_else(|_| panic!("it never said {words:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_first_waits_for_its_store() {
    let store = own_postgres().await;
    let url = store.create_database().await;
    let killed = store.clone();
    postgres(move || killed.kill()).await;
    let mut process = Command::new(env!("CARGO_BIN_EXE_hubbub"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &url,
            "--admin-password",
            ADMIN_PASSWORD,
        ])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut stdout = BufReader::new(process.stdout.take().unwrap()).lines();
    let waiting = said(&mut stderr, "waiting for it").await;
    let at = waiting.find("server.address=").unwrap() + "server.address=".len();
    let address = waiting[at..].split(' ').next().unwrap();
    // Whoever watches the process is answered meanwhile, and whoever needs the store is told to come back.
    let client = Server::new(format!("http://{address}")).unwrap();
    assert_eq!(client.request("GET", "/healthz").send().await.unwrap().status, 200);
    assert_eq!(readiness(&client).await, 503);
    for path in ["/api/v1/sites/demo", "/ws", "/console"] {
        let answer = client.request("GET", path).send().await.unwrap();
        let problem = answer.problem().unwrap_or_else(|| panic!("{path}: {}", answer.text()));
        assert_eq!((answer.status, problem.code), (503, ErrorCode::StoreUnavailable), "{path}");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
    let started = store.clone();
    postgres(move || started.start_again()).await;
    let console = said(&mut stdout, "/console").await;
    let at = console.find("http://").unwrap();
    let client = Server::new(console[at..].trim().trim_end_matches("/console")).unwrap();
    assert_eq!(readiness(&client).await, 200);
    assert!(client.site("demo").await.is_ok());
}
