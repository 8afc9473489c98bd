//! Connections that say nothing (contract §4).

use std::time::Duration;

use loadtest::client::{Credential, Incoming, WsConnection};
use persistence::testing::Engine;
use protocol::ClientFrame;
use tokio::time::Instant;

use crate::support::{
    TestServer,
    raw::{RawSocket, TEXT},
};

const BEAT: Duration = Duration::from_secs(1);
/// How long something may take on top of its own time.
const SOON: Duration = Duration::from_secs(5);

async fn hurried() -> TestServer {
    TestServer::start_with(Engine::Sqlite, &["--heartbeat-seconds=1", "--hello-seconds=1"]).await
}

async fn next(socket: &mut WsConnection) -> Incoming {
    tokio::time::timeout(SOON, socket.next()).await.expect("nothing came").unwrap()
}

#[tokio::test]
async fn who_answers_stays_and_who_is_silent_goes() {
    let server = hurried().await;
    let (ana, _) = server.customer("Ana", "+447700900801").await;
    let mut answers = ana.websocket().connect().await.unwrap();
    assert_eq!(answers.welcome().unwrap().heartbeat_s, 1);
    let mut silent = RawSocket::open(&server, "").await;
    let Credential::Token(token) = ana.credential() else { panic!("a customer has a token") };
    silent.send(TEXT, format!(r#"{{"type":"hello","token":"{token}"}}"#).as_bytes()).await;
    let began = Instant::now();
    // It hears the pings, and answers none.
    let silent = tokio::spawn(async move { (silent.closed().await, began.elapsed()) });
    let mut pings = 0;
    while began.elapsed() < BEAT * 5 {
        pings += usize::from(next(&mut answers).await == Incoming::Ping);
    }
    assert!((3..=7).contains(&pings), "{pings} pings in {:?}", began.elapsed());
    let (closed, after) = silent.await.unwrap();
    assert_eq!(closed, (4000, "heartbeat_missed".to_owned()));
    assert!(after >= BEAT * 2 && after < BEAT * 2 + SOON, "{after:?}");

    // A page cannot send WebSocket pings: its own are answered.
    answers.send(&ClientFrame::Ping).await.unwrap();
    answers.expect(|frame| matches!(frame, protocol::ServerFrame::Pong).then_some(())).await.unwrap();
}

#[tokio::test]
async fn who_does_not_say_hello_goes() {
    let server = hurried().await;
    let (ana, _) = server.customer("Ana", "+447700900802").await;
    let mut socket = ana.websocket().upgrade().await.unwrap();
    let began = Instant::now();
    let closed = socket.closed().await.unwrap();
    assert_eq!(closed.code, Some(4002), "{closed}");
    assert_eq!(closed.bye.unwrap().reason, "hello_missing");
    assert!(began.elapsed() < BEAT + SOON);
    // Nor who says something else first; in time is in time.
    let mut socket = ana.websocket().upgrade().await.unwrap();
    socket.send(&ClientFrame::Ping).await.unwrap();
    assert_eq!(socket.closed().await.unwrap().code, Some(4002));
    assert!(ana.websocket().connect().await.is_ok());
}
