//! SIGTERM: nobody new, a goodbye to everybody, nothing that was acked is lost, and an end.

use std::time::Duration;

use protocol::ErrorCode;
use tokio::time::Instant;

use crate::support::{Engine, Load, TestServer, UNHURRIED, on_both_stores};

/// Longer than the drain that the test asks for.
const SOON: Duration = Duration::from_secs(10);

fn with_drain(seconds: &'static str) -> Vec<&'static str> {
    let mut flags = UNHURRIED.to_vec();
    flags.retain(|flag| !flag.starts_with("--drain-seconds"));
    flags.push(seconds);
    flags
}

on_both_stores! {
    async fn a_stop_under_load_loses_nothing(engine: Engine) {
        let mut server = TestServer::start_with(engine, &with_drain("--drain-seconds=2")).await;
        let load = Load::start(&server, 6, 6).await;
        for round in 0..2 {
            let (ana, started) = server.customer("Ana", "+447700900901").await;
            let mut socket = ana.websocket().connect().await.unwrap();
            socket.opened(started.session.id).await.unwrap();
            let mut says_nothing = ana.websocket().upgrade().await.unwrap();
            let waiting = ana.poll(started.session.id).after(started.session.last_seq).wait(30);
            let waiting = tokio::spawn({
                let mut poll = waiting.clone();
                async move { poll.next().await }
            });
            load.acks(30).await;

            server.terminate().await;
            let began = Instant::now();
            let client = server.client();
            while client.request("GET", "/readyz").send().await.unwrap().status != 503 {
                assert!(began.elapsed() < SOON, "/readyz says ready");
            }
            // Who comes now is sent elsewhere.
            let refused = ana.websocket().connect().await.unwrap_err();
            assert_eq!(refused.code(), Some(ErrorCode::Draining), "{refused}");
            assert!(refused.retry_after().is_some());
            for socket in [&mut socket, &mut says_nothing] {
                let closed = socket.closed().await.unwrap();
                assert_eq!(closed.code, Some(1012), "{closed}");
                let bye = closed.bye.unwrap();
                assert_eq!(bye.reason, "restart");
                assert!(bye.retry_after_ms > 0);
            }
            // A long-poll that was held is answered, and told when to come back.
            let events = waiting.await.unwrap().unwrap();
            assert!(events.retry_after_ms > 0, "{events:?}");
            assert_eq!(server.ended().await, Some(0), "round {round}");
            assert!(began.elapsed() < SOON);
            server.start_again().await;
        }
        load.acks(30).await;
        load.end().await;
    }
}

/// An orderly end leaves one file, so that a copy of it is a copy of everything.
#[tokio::test]
async fn a_stop_folds_the_write_ahead_log() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+447700900903").await;
    ana.say(started.session.id, "hello").await.unwrap();
    let log = format!("{}-wal", server.database_url().strip_prefix("sqlite://").unwrap());
    assert!(std::fs::exists(&log).unwrap());
    server.terminate().await;
    assert_eq!(server.ended().await, Some(0));
    assert!(!std::fs::exists(&log).unwrap());
}

#[tokio::test]
async fn a_second_sigterm_ends_at_once() {
    let mut server = TestServer::start_with(Engine::Sqlite, &with_drain("--drain-seconds=600")).await;
    let (ana, started) = server.customer("Ana", "+447700900902").await;
    let sent = ana.say(started.session.id, "hello").await.unwrap();
    let mut socket = ana.websocket().connect().await.unwrap();
    server.terminate().await;
    assert_eq!(socket.closed().await.unwrap().code, Some(1012));
    let asked = Instant::now();
    server.terminate().await;
    let code = server.ended().await;
    assert!(code.is_some_and(|code| code != 0), "{code:?}");
    assert!(asked.elapsed() < SOON);
    server.start_again().await;
    assert_eq!(ana.whole_log(started.session.id).await.unwrap().last().unwrap().id, sent.id);
}
