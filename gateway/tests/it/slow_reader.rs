//! Promise 6: a reader that does not keep up is sent away and resumes; nobody waits for it, and it costs little.

use std::time::Duration;

use loadtest::client::{Caller, Incoming, WsConnection};
use persistence::testing::Engine;
use protocol::{ClientFrame, Entry, Seq, ServerFrame, SessionId};
use tokio::time::Instant;

use crate::support::{TestServer, UNHURRIED};

/// Promise 8's, since none is tighter.
const PROMPTLY: Duration = Duration::from_secs(5);

/// Kilobytes of the process's memory that are in use.
fn memory(server: &TestServer) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A server that says why it ends a connection.
async fn server() -> TestServer {
    let mut flags = UNHURRIED.to_vec();
    flags.retain(|flag| !flag.starts_with("--log="));
    flags.push("--log=info,gateway=debug");
    TestServer::start_with(Engine::Sqlite, &flags).await
}

/// A socket with next to no room, that follows a session and then stops reading.
async fn stops_reading(who: &Caller, session: SessionId) -> WsConnection {
    let narrow = who.websocket().receive_buffer(4 << 10).follow(session, Some(Seq::ZERO), None);
    let mut socket = narrow.connect().await.unwrap();
    socket.opened(session).await.unwrap();
    socket
}

fn sent_away(server: &TestServer) -> usize {
    server.said().matches("too_slow").count()
}

/// Reads what is left of a connection that was sent away: the entries in order, and the close if it arrives.
async fn what_is_left(mut socket: WsConnection, session: SessionId) -> (Vec<Entry>, Option<u16>) {
    let mut entries = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_secs(30), socket.next()).await.expect("it is still open") {
            Ok(Incoming::Frame(ServerFrame::Entry { session: of, entry })) if of == session => {
                entries.push(entry);
            }
            Ok(_) => {}
            Err(closed) => return (entries, closed.code),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_sent_away_and_resumes_while_others_are_served() {
    const SLOW: usize = 10;
    let server = server().await;
    let (ana, started) = server.customer("Ana", "+447700900501").await;
    let session = started.session.id;
    let agent = server.admin().await;
    let mut slow = Vec::new();
    for n in 0..SLOW {
        let who = if n % 2 == 0 { &ana } else { agent.caller() };
        slow.push(stops_reading(who, session).await);
    }
    let mut good = ana.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap();
    good.opened(session).await.unwrap();
    let mut poll = ana.poll(session).after(Seq::new(1)).wait(30);

    // As long as it takes to fill what the kernel keeps for each of them, and the queue behind it.
    let body = "m".repeat(8_000);
    let mut slowest = Duration::ZERO;
    let mut messages = 0;
    while sent_away(&server) < SLOW {
        messages += 1;
        assert!(messages < 2_000, "{} of {SLOW} were sent away", sent_away(&server));
        let said = Instant::now();
        let sent = agent.say(session, &body).await.unwrap();
        good.entry(session, |entry| entry.seq == sent.seq).await.unwrap();
        if messages % 10 == 1 {
            while poll.cursor().unwrap() < sent.seq {
                poll.next().await.unwrap();
            }
        }
        slowest = slowest.max(said.elapsed());
    }
    assert!(slowest < PROMPTLY, "others waited {slowest:?}");

    let log = agent.whole_log(session).await.unwrap();
    for (n, socket) in slow.into_iter().enumerate() {
        let (mut seen, code) = what_is_left(socket, session).await;
        assert!(matches!(code, None | Some(4001)), "{code:?}");
        let cursor = seen.last().map_or(Seq::new(1), |entry| entry.seq);
        assert!(cursor < log.last().unwrap().seq, "it was not slow at all");
        let who = if n % 2 == 0 { &ana } else { agent.caller() };
        let mut again = who.websocket().follow(session, Some(cursor), None).connect().await.unwrap();
        let opened = again.opened(session).await.unwrap();
        assert!(!opened.reset);
        seen.extend(opened.entries);
        while seen.len() < log.len() - 1 {
            seen.push(again.entry(session, |_| true).await.unwrap());
        }
        assert!(seen.iter().eq(&log[1..]), "a gap or a double after resuming from {cursor}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_ask_and_do_not_read_cost_little() {
    const SLOW: usize = 50;
    const OPENS: u64 = 40;
    let server = server().await;
    let (ana, started) = server.customer("Ana", "+447700900502").await;
    let session = started.session.id;
    let agent = server.admin().await;
    let body = "m".repeat(8_000);
    for _ in 0..110 {
        agent.say(session, &body).await.unwrap();
    }
    let before = memory(&server);
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut socket = agent.websocket().receive_buffer(4 << 10).connect().await.unwrap();
        // Each asks for 800 KB again and again: 1.6 GB in all, for who keeps it.
        for after in 0..OPENS {
            let open =
                ClientFrame::Open { session, after: Some(Seq::new(after % 3)), epoch: None, unseen: false };
            socket.send(&open).await.unwrap();
        }
        slow.push(socket);
    }
    // While they are stuck, everybody else is served.
    for n in 0..20 {
        let asked = Instant::now();
        let sent = ana.say(session, &format!("{n}")).await.unwrap();
        let read = ana.entries(session, Seq::new(sent.seq.get() - 1), 1).await.unwrap();
        assert_eq!(read[0].id, sent.id);
        assert!(asked.elapsed() < PROMPTLY);
    }
    let grown = memory(&server).saturating_sub(before) / 1024;
    assert!(grown < 400, "{SLOW} readers who do not read cost {grown} MB");
}
