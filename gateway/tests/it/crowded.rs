//! Much at once on one connection: many sessions, long gaps, stalled readers, several reasons to wake.

use std::time::Duration;

use protocol::{
    ClientFrame, Follow, Seq, ServerFrame, SessionId, ViewName, limits,
    rest::{PollRequest, PollSession, PollView},
};

use crate::support::{TestServer, on_both_stores};

/// The longest text that JSON doubles in size.
fn heavy() -> String {
    "\"".repeat(limits::MESSAGE_CHARS)
}

fn follow_all(sessions: &[SessionId], after: Option<Seq>) -> Vec<Follow> {
    sessions.iter().map(|id| Follow { id: *id, after, epoch: None, unseen: false }).collect()
}

on_both_stores! {
    /// The documented limit of sessions in a `hello` is served, a customer's own among them.
    async fn a_hello_opens_as_many_sessions_as_it_may(engine: Engine) {
        let server = TestServer::start(engine).await;
        let mut sessions = Vec::new();
        for n in 0..limits::FOLLOWED {
            let (_, started) = server.customer("Ana", &format!("+4477009{n:05}")).await;
            sessions.push(started.session.id);
        }
        let agent = server.admin().await;
        let mut connect = agent.websocket();
        for session in &sessions {
            connect = connect.follow(*session, Some(Seq::ZERO), None);
        }
        let mut desk = connect.connect().await.unwrap();
        for session in &sessions {
            let opened = desk.opened(*session).await.unwrap();
            assert_eq!(opened.entries.len(), 1);
        }
        let said = agent.say(sessions[99], "hello").await.unwrap();
        desk.entry(sessions[99], |entry| entry.id == said.id).await.unwrap();
    }

    /// A link that blinked comes back, however long the gap is and whoever else follows: a gap larger than the
    /// connection's queue must not look like a reader who is too slow.
    async fn a_heavy_gap_is_no_slow_reader(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900601").await;
        let session = started.session.id;
        let agent = server.admin().await;
        // Somebody else keeps the session, and its recent entries, in memory.
        let mut other = ana.websocket().follow(session, None, None).connect().await.unwrap();
        other.opened(session).await.unwrap();
        let mut last = Seq::ZERO;
        for _ in 0..30 {
            last = agent.say(session, &heavy()).await.unwrap().seq;
        }
        for after in [Seq::ZERO, Seq::new(1), Seq::new(last.get() - 10), Seq::new(last.get() - 20)] {
            let mut back = agent.websocket().follow(session, Some(after), None).connect().await.unwrap();
            let mut seen = back.opened(session).await.unwrap().entries.last().map(|entry| entry.seq);
            while seen != Some(last) {
                let next = back.entry(session, |_| true).await.unwrap();
                assert!(Some(next.seq) > seen);
                seen = Some(next.seq);
            }
            let live = ana.say(session, "still there?").await.unwrap();
            back.entry(session, |entry| entry.id == live.id).await.unwrap();
            last = live.seq;
        }
    }

    /// One socket that asks for many long logs and reads none of them holds nothing that others need.
    async fn a_stalled_socket_keeps_nobody_from_the_store(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let mut sessions = Vec::new();
        for n in 0..12 {
            let (_, started) = server.customer("Ana", &format!("+44770090{n:04}")).await;
            let session = started.session.id;
            for _ in 0..40 {
                agent.say(session, &heavy()).await.unwrap();
            }
            sessions.push(session);
        }
        let mut stalled = agent.websocket().receive_buffer(4 << 10).upgrade().await.unwrap();
        let token = None;
        // The cookie travels with the upgrade; nothing is read from here on.
        stalled.send(&ClientFrame::Hello { token, sessions: follow_all(&sessions, Some(Seq::ZERO)), client: None }).await.unwrap();
        for view in ViewName::ALL {
            stalled.send(&ClientFrame::Watch { view: (*view).into(), limit: Some(200) }).await.unwrap();
        }
        for n in 0..30 {
            let (ben, started) = server.customer("Ben", &format!("+44770091{n:04}")).await;
            let asked = std::time::Instant::now();
            ben.say(started.session.id, "anybody?").await.unwrap();
            assert_eq!(ben.whole_log(started.session.id).await.unwrap().len(), 2);
            assert!(asked.elapsed() < Duration::from_secs(5), "promise 8: {:?}", asked.elapsed());
        }
    }

    /// A long-poll over sessions and lists hears of a list though a session woke it in the same moment.
    async fn a_long_poll_hears_of_lists_whatever_woke_it(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900701").await;
        let session = started.session.id;
        let ask = |views, sessions| PollRequest { sessions, views, wait: Some(0) };
        let view = |version| vec![PollView { view: ViewName::Unassigned.into(), limit: None, version }];
        let first = agent.poll_many(&ask(view(None), Vec::new())).await.unwrap();
        let mut version = first.views[0].version.clone();
        let cursor = agent.whole_log(session).await.unwrap().last().unwrap().seq;
        for n in 0..5 {
            let followed = PollSession { id: session, after: Some(cursor), epoch: None, state: None, unseen: false };
            let request = PollRequest { sessions: vec![followed], views: view(Some(version.clone())), wait: Some(20) };
            let poll = tokio::spawn({
                let agent = server.admin().await;
                async move { agent.poll_many(&request).await.unwrap() }
            });
            // In the same moment: a list changes, and the followed session signals.
            let (_, other) = server.customer("Ben", &format!("+4477009008{n:02}")).await;
            ana.typing(session, true).await.unwrap();
            ana.typing(session, false).await.unwrap();
            let mut answer = poll.await.unwrap();
            // What woke it may have been the signal; then the list is in the next answer, at once. So it is when
            // the list was read while Ben's chat began: counted with it, and shown without.
            let asked = std::time::Instant::now();
            loop {
                if let Some(listed) = answer.views.pop() {
                    version = listed.version;
                    if listed.sessions.iter().any(|summary| summary.id == other.session.id) {
                        break;
                    }
                }
                assert!(asked.elapsed() < Duration::from_secs(5), "the list never showed it");
                answer = agent.poll_many(&ask(view(Some(version.clone())), Vec::new())).await.unwrap();
            }
        }
    }

    /// The rest of the team looks on unseen: a customer is told by name only of the agent who holds the chat.
    async fn onlookers_are_not_named_to_customers(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, started) = server.customer("Ana", "+447700900801").await;
        let session = started.session.id;
        let holder = server.member("agent", "holder@example.com", "Holder").await;
        let onlooker = server.member("supervisor", "onlooker@example.com", "Onlooker").await;
        holder.claim(session).await.unwrap();
        let mut customer = ana.websocket().follow(session, None, None).connect().await.unwrap();
        customer.opened(session).await.unwrap();
        let asked = ana.say(session, "anybody there?").await.unwrap();
        onlooker.typing(session, true).await.unwrap();
        onlooker.read(session, asked.seq).await.unwrap();
        let named = |frame: &ServerFrame| match frame {
            ServerFrame::Receipt { who, seq, .. } if *seq >= asked.seq => Some(who.name.clone()),
            ServerFrame::Typing { who, on: true, .. } => Some(who.name.clone()),
            _ => None,
        };
        assert_eq!(customer.expect(named).await.unwrap(), None, "the team has read; who of it is its own business");
        holder.typing(session, true).await.unwrap();
        assert_eq!(customer.expect(named).await.unwrap().as_deref(), Some("Holder"));
    }
}
