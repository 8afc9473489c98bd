//! Promise 5: everything after a cursor, once, in order, then the live stream, whichever way it is asked for.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use loadtest::client::{Caller, Incoming, Poll, WsConnection};
use persistence::testing::Engine;
use protocol::{Entry, EntryKind, Epoch, Follow, Seq, ServerFrame, SessionId, rest::StartedSession};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

/// How long a reader may take to be told something. No promise has a tighter one.
const SOON: Duration = Duration::from_secs(5);

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.get()).collect()
}

fn after(entries: &[Entry], cursor: Seq) -> Vec<Entry> {
    entries.iter().filter(|entry| entry.seq > cursor).cloned().collect()
}

/// So many messages by this caller, a few at a time.
async fn say(caller: &Caller, session: SessionId, count: usize) {
    let sends = (0..count).map(|n| async move { caller.say(session, &format!("{n}")).await.unwrap() });
    let sent = stream::iter(sends).buffer_unordered(16);
    assert_eq!(sent.count().await, count);
}

/// The next entries of a session as they come: out of `opened` and `entry` frames, in the order of the wire.
async fn next_entries(socket: &mut WsConnection, session: SessionId) -> Vec<Entry> {
    loop {
        match socket.recv().await.unwrap() {
            ServerFrame::Opened { session: summary, entries, reset, .. } if summary.id == session => {
                assert!(!reset);
                if !entries.is_empty() {
                    return entries;
                }
            }
            ServerFrame::Entry { session: of, entry } if of == session => return vec![entry],
            ServerFrame::Error { code, message, .. } => panic!("{code:?}: {message}"),
            _ => {}
        }
    }
}

/// A chat in which the team talks to each other, too; its log as the team reads it.
async fn chat(server: &TestServer, phone: &str) -> (Caller, StartedSession, Vec<Entry>) {
    let (ana, started) = server.customer("Ana", phone).await;
    let session = started.session.id;
    let agent = server.admin().await;
    agent.claim(session).await.unwrap();
    for n in 0..6 {
        ana.say(session, &format!("question {n}")).await.unwrap();
        agent.note(session, "between us").await.unwrap();
        agent.say(session, &format!("answer {n}")).await.unwrap();
        if n % 2 == 0 {
            agent.note(session, "one more").await.unwrap();
        }
    }
    agent.note(session, "the last word is ours").await.unwrap();
    let log = agent.whole_log(session).await.unwrap();
    (ana, started, log)
}

on_both_stores! {
    async fn every_cursor_is_served_exactly(engine: Engine) {
        let mut server = TestServer::start(engine).await;
        let (ana, started, log) = chat(&server, "+447700900401").await;
        let (session, epoch) = (started.session.id, started.epoch);
        let agent = server.admin().await;
        let hers: Vec<_> = log.iter().filter(|entry| entry.kind != EntryKind::Note).cloned().collect();
        assert_eq!(hers, ana.whole_log(session).await.unwrap());
        let last = log.last().unwrap().seq;
        // As the actor remembers it, and as only the store does.
        for crashed in [false, true] {
            if crashed {
                server.kill().await;
                server.start_again().await;
            }
            for (who, visible) in [(&ana, &hers), (agent.caller(), &log)] {
                for cursor in (0..=last.get()).map(Seq::new) {
                    let mut socket =
                        who.websocket().follow(session, Some(cursor), Some(epoch)).connect().await.unwrap();
                    let opened = socket.opened(session).await.unwrap();
                    assert_eq!(opened.entries, after(visible, cursor), "WebSocket after {cursor}");
                    assert!(!opened.reset);
                    assert_eq!(opened.more, cursor > Seq::ZERO, "older ones exist, after {cursor}");
                    let mut poll = who.poll(session).after(cursor).epoch(epoch).wait(0);
                    let events = poll.next().await.unwrap();
                    assert_eq!(events.entries, after(visible, cursor), "long-poll after {cursor}");
                    assert_eq!((events.reset, events.last_seq), (false, last));
                    let read = who.entries(session, cursor, 200).await.unwrap();
                    assert_eq!(read, after(visible, cursor), "history after {cursor}");
                }
            }
        }
    }

    /// WebSocket, long-poll, WebSocket … while others talk: nothing is lost and nothing doubled at any change.
    async fn a_reader_changes_its_transport_in_mid_stream(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900402").await;
        let (session, epoch) = (started.session.id, started.epoch);
        let agent = server.admin().await;
        let talk = async {
            for n in 0..150 {
                agent.say(session, &format!("{n}")).await.unwrap();
                if n % 7 == 0 {
                    agent.note(session, "hm").await.unwrap();
                }
            }
        };
        let read = async {
            let mut random = StdRng::seed_from_u64(4);
            let mut seen: Vec<Entry> = Vec::new();
            let mut by_socket = true;
            while seen.iter().filter(|entry| entry.kind == EntryKind::Message).count() < 150 {
                let cursor = seen.last().map_or(Seq::ZERO, |entry| entry.seq);
                let rounds = random.random_range(1..6);
                if by_socket {
                    let follow = ana.websocket().follow(session, Some(cursor), Some(epoch));
                    let mut socket = follow.connect().await.unwrap();
                    for _ in 0..rounds {
                        seen.extend(next_entries(&mut socket, session).await);
                        if seen.iter().filter(|entry| entry.kind == EntryKind::Message).count() >= 150 {
                            break;
                        }
                    }
                    socket.cut();
                } else {
                    let mut poll = ana.poll(session).after(cursor).epoch(epoch).wait(1);
                    for _ in 0..rounds {
                        seen.extend(poll.next().await.unwrap().entries);
                    }
                }
                by_socket = !by_socket;
            }
            seen
        };
        let ((), seen) = tokio::join!(talk, read);
        assert_eq!(seqs(&seen), seqs(&ana.whole_log(session).await.unwrap()));
    }

    async fn a_cursor_that_cannot_be_served_is_reset(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900403").await;
        let (session, epoch) = (started.session.id, started.epoch);
        say(&ana, session, 70).await;
        let log = ana.whole_log(session).await.unwrap();
        let last_ones = log[log.len() - 50..].to_vec();
        let (last, elsewhere) = (log.last().unwrap().seq, Epoch::new(Uuid::now_v7()));
        let cursors = [
            (Seq::new(3), Some(elsewhere), "of another store"),
            (last, Some(elsewhere), "of another store, at the end"),
            (last.next(), Some(epoch), "from the future"),
            (Seq::new(1_000_000), None, "from the far future"),
        ];
        for (cursor, of, what) in cursors {
            let mut socket = ana.websocket().follow(session, Some(cursor), of).connect().await.unwrap();
            let opened = socket.opened(session).await.unwrap();
            assert!(opened.reset && opened.more, "{what}");
            assert_eq!(opened.entries, last_ones, "{what}");

            let mut poll = ana.poll(session).after(cursor).wait(5);
            if let Some(of) = of {
                poll = poll.epoch(of);
            }
            let events = poll.next().await.unwrap();
            assert!(events.reset, "{what}");
            assert_eq!((events.entries, events.last_seq, events.epoch), (last_ones.clone(), last, epoch));
            // From there it goes on.
            let events = poll.wait(0).next().await.unwrap();
            assert_eq!((events.reset, events.entries.len()), (false, 0), "{what}");
        }
        let mut socket = ana.websocket().follow(session, Some(Seq::new(9_999)), None).connect().await.unwrap();
        socket.opened(session).await.unwrap();
        let sent = ana.say(session, "go on").await.unwrap();
        socket.entry(session, |entry| entry.seq == sent.seq).await.unwrap();
    }

    /// 1,000 entries: the first page in `opened`, the rest as `entry`, in order, then live; while others talk.
    async fn a_long_gap_is_caught_up_while_more_comes(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900404").await;
        let session = started.session.id;
        let agent = server.admin().await;
        say(&agent, session, 1_000).await;
        let reads = async {
            let by_socket = async {
                let mut socket =
                    ana.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap();
                let opened = socket.opened(session).await.unwrap();
                assert!(!opened.reset && !opened.more);
                assert!((1..1_000).contains(&opened.entries.len()), "a page, not all at once");
                let mut seen = opened.entries;
                while seen.last().unwrap().body != "the end" {
                    seen.extend(next_entries(&mut socket, session).await);
                }
                seen
            };
            // Opened twice, the second time from the beginning: the later one counts, and is whole from there.
            let opened_twice = async {
                let mut socket = ana.websocket().connect().await.unwrap();
                socket.opened(session).await.unwrap();
                let again = Follow { id: session, after: Some(Seq::ZERO), epoch: None, unseen: false };
                let mut seen = socket.open(again).await.unwrap().entries;
                socket.take_inbox();
                while seen.last().unwrap().body != "the end" {
                    seen.extend(next_entries(&mut socket, session).await);
                }
                seen
            };
            let by_poll = async {
                let mut poll = ana.poll(session).after(Seq::ZERO).wait(5);
                let mut seen: Vec<Entry> = Vec::new();
                while seen.last().is_none_or(|entry| entry.body != "the end") {
                    let entries = poll.next().await.unwrap().entries;
                    assert!(entries.len() <= 200, "a page, not all at once");
                    seen.extend(entries);
                }
                seen
            };
            tokio::join!(by_socket, opened_twice, by_poll)
        };
        let talk = async {
            say(&agent, session, 300).await;
            agent.say(session, "the end").await.unwrap();
        };
        let ((by_socket, opened_twice, by_poll), ()) = tokio::join!(reads, talk);
        let log = ana.whole_log(session).await.unwrap();
        assert!(log.len() > 1_300);
        assert_eq!(seqs(&by_socket), seqs(&log));
        assert_eq!(seqs(&by_poll), seqs(&log));
        assert_eq!(seqs(&opened_twice), seqs(&log));
    }

    /// However often and fast a client opens and leaves, each stream after an `opened` is whole.
    async fn opening_again_and_again_doubles_nothing(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900405").await;
        let session = started.session.id;
        let agent = server.admin().await;
        say(&agent, session, 450).await;
        let mut socket = agent.websocket().connect().await.unwrap();
        let open = |after: u64| protocol::ClientFrame::Open { session, after: Some(Seq::new(after)), epoch: None, unseen: false };
        for after in [0, 0, 100, 7] {
            socket.send(&open(after)).await.unwrap();
        }
        socket.send(&protocol::ClientFrame::Leave { session }).await.unwrap();
        socket.send(&open(0)).await.unwrap();
        socket.send(&protocol::ClientFrame::Leave { session }).await.unwrap();
        socket.send(&open(3)).await.unwrap();
        let last = ana.say(session, "the end").await.unwrap().seq;
        // Streams may be given up in favour of later ones, but each is whole as far as it goes.
        let deadline = Instant::now() + SOON;
        let mut cursor: Option<Seq> = None;
        loop {
            let incoming = tokio::time::timeout_at(deadline, socket.next()).await;
            match incoming.expect("the last stream never came to its end").unwrap() {
                Incoming::Frame(ServerFrame::Opened { entries, .. }) => {
                    let first = entries.first().unwrap().seq;
                    cursor = Some(entries.last().unwrap().seq);
                    assert_eq!(entries.len() as u64, cursor.unwrap().get() - first.get() + 1);
                    if first == Seq::new(4) && cursor == Some(last) {
                        break;
                    }
                }
                Incoming::Frame(ServerFrame::Entry { entry, .. }) => {
                    assert_eq!(Some(entry.seq), cursor.map(Seq::next), "after {cursor:?}");
                    cursor = Some(entry.seq);
                    if entry.seq == last {
                        break;
                    }
                }
                _ => {}
            }
        }
        // And the last one lives on, alone.
        for _ in 0..3 {
            let next = ana.say(session, "more").await.unwrap().seq;
            let entry = socket.entry(session, |_| true).await.unwrap();
            assert_eq!(entry.seq, next);
        }
    }

    async fn a_customer_skips_what_the_team_says_to_each_other(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900406").await;
        let session = started.session.id;
        let agent = server.admin().await;
        ana.say(session, "hello").await.unwrap();
        let notes = (0..250).map(|n| {
            let agent = &agent;
            async move { agent.note(session, &format!("note {n}")).await.unwrap() }
        });
        assert_eq!(stream::iter(notes).buffer_unordered(16).count().await, 250);
        let head = agent.session(session).await.unwrap().last_seq;
        assert_eq!(head, Seq::new(252));

        let mut socket = ana.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap();
        assert_eq!(seqs(&socket.opened(session).await.unwrap().entries), [1, 2]);
        let mut stale = ana.websocket().follow(session, Some(Seq::new(2)), None).connect().await.unwrap();
        assert!(stale.opened(session).await.unwrap().entries.is_empty());
        // She is told where she stands in line, once; it does not change.
        while ana.poll(session).after(Seq::new(2)).wait(1).next().await.unwrap().queue.is_none() {}
        // Nothing is new to her, so she waits, and does so behind the notes.
        let mut poll = ana.poll(session).after(Seq::new(2)).wait(1);
        let asked = Instant::now();
        let events = poll.next().await.unwrap();
        assert!(events.entries.is_empty() && !events.reset);
        assert_eq!(events.last_seq, head);
        assert!(asked.elapsed() >= Duration::from_millis(900), "it was answered without news");

        let mut poll = ana.poll(session).after(Seq::new(2)).wait(30);
        let polled = tokio::spawn(async move { poll.next().await });
        let sent = agent.say(session, "here").await.unwrap();
        // Her first answer: the status changes with it.
        let both = [sent.seq.get() - 1, sent.seq.get()];
        assert_eq!(seqs(&polled.await.unwrap().unwrap().entries), both);
        for socket in [&mut socket, &mut stale] {
            for seq in both {
                assert_eq!(socket.entry(session, |_| true).await.unwrap().seq.get(), seq);
            }
        }
    }
}

/// A long-poll that is being held: it was sent, and has no answer yet.
async fn held(mut poll: Poll) -> tokio::task::JoinHandle<(Poll, protocol::rest::SessionEvents)> {
    tokio::spawn(async move {
        let events = poll.next().await.unwrap();
        (poll, events)
    })
}

/// What happens behind a long-poll happens on either store.
mod long_poll {
    use super::*;

    async fn start(phone: &str) -> (TestServer, Caller, loadtest::client::AgentClient, SessionId, Poll) {
        let server = TestServer::start(Engine::Sqlite).await;
        let (ana, started) = server.customer("Ana", phone).await;
        let session = started.session.id;
        let agent = server.admin().await;
        // The agent is here all the time, so that it is not presence that wakes anybody.
        agent.claim(session).await.unwrap();
        let mut poll = ana.poll(session).after(Seq::ZERO).epoch(started.epoch).wait(30);
        while !poll.next().await.unwrap().entries.is_empty() {
            poll = poll.wait(0);
        }
        (server, ana, agent, session, poll.wait(30))
    }

    #[tokio::test]
    async fn is_held_and_woken_by_what_happens() {
        let (_server, ana, agent, session, poll) = start("+447700900411").await;

        // Each is held until its event, which comes whenever the request has arrived or not: the state tells.
        let asked = Instant::now();
        let waiting = held(poll).await;
        agent.typing(session, true).await.unwrap();
        let (poll, events) = waiting.await.unwrap();
        assert_eq!(events.typing.len(), 1, "{events:?}");

        let waiting = held(poll).await;
        agent.typing(session, false).await.unwrap();
        let (mut poll, mut events) = waiting.await.unwrap();
        assert!(events.typing.is_empty(), "{events:?}");

        let sent = ana.say(session, "hello").await.unwrap();
        while events.last_seq < sent.seq {
            events = poll.next().await.unwrap();
        }
        assert_eq!(seqs(&events.entries), [sent.seq.get()]);

        let waiting = held(poll).await;
        agent.read(session, sent.seq).await.unwrap();
        let (poll, events) = waiting.await.unwrap();
        let read_by_team = events.receipts.iter().find(|r| r.who.kind == protocol::PartyKind::Agent).unwrap();
        assert_eq!(read_by_team.seq, sent.seq, "{events:?}");
        assert!(asked.elapsed() < Duration::from_secs(25), "it was held to the end");
        drop(poll);
    }

    #[tokio::test]
    async fn answers_at_once_when_behind() {
        let (_server, _ana, agent, session, poll) = start("+447700900412").await;
        let sent = agent.say(session, "while you were away").await.unwrap();
        let asked = Instant::now();
        let events = poll.clone().next().await.unwrap();
        assert_eq!(events.entries.last().unwrap().seq, sent.seq);
        assert!(asked.elapsed() < SOON);
        // The answer got lost: the same question, the same answer. The cursor is the acknowledgement.
        for _ in 0..3 {
            assert_eq!(poll.clone().next().await.unwrap().entries, events.entries);
        }
        let request = poll.request();
        let answer = request.send().await.unwrap();
        drop(answer);
        assert_eq!(poll.clone().next().await.unwrap().entries, events.entries);
    }

    #[tokio::test]
    async fn one_that_breaks_off_loses_nothing() {
        let (_server, _ana, agent, session, poll) = start("+447700900413").await;
        let mut seen = Vec::new();
        let mut poll = poll;
        for n in 0..20 {
            let waiting = held(poll.clone()).await;
            if n % 2 == 0 {
                // So that some break off before they are held, and some while they are answered.
                tokio::task::yield_now().await;
            }
            let sent = agent.say(session, &format!("{n}")).await.unwrap();
            waiting.abort();
            drop(waiting.await);
            while seen.last() != Some(&sent.seq) {
                seen.extend(poll.next().await.unwrap().entries.iter().map(|entry| entry.seq));
            }
        }
        assert!(seen.windows(2).all(|pair| pair[0].next() == pair[1]), "{seen:?}");
    }
}
