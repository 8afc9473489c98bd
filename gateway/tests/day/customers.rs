//! What customers do: write, wait, and some of them come back.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use loadtest::client::{AgentClient, Caller, Server, introduction};
use protocol::{EntryId, EntryKind, SessionId, Status};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{AT_ONCE, EVENING, server::TestServer};

/// How many of those who were served come back once.
const COME_BACK: usize = 100;

pub(crate) struct Customers {
    server: Server,
    seed: u64,
    /// The sites that they come to, one after the other.
    sites: [&'static str; 2],
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    chats: Vec<(Caller, SessionId)>,
    /// What was acked: where, and under which id.
    said: Vec<(SessionId, EntryId)>,
}

impl Customers {
    pub(crate) fn new(server: &TestServer, sites: [&'static str; 2], seed: u64) -> Self {
        Self { server: server.client(), seed, sites, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    /// Every session that there was.
    pub(crate) fn sessions(&self) -> Vec<SessionId> {
        let mut sessions: Vec<_> = self.known().chats.iter().map(|(_, session)| *session).collect();
        sessions.sort_unstable_by_key(|session| session.uuid());
        sessions.dedup();
        sessions
    }

    /// Every message that was acked.
    pub(crate) fn said(&self) -> Vec<(SessionId, EntryId)> {
        self.known().said.clone()
    }

    /// They come, some at a time, and say something.
    pub(crate) async fn arrive(&self, who: Range<usize>) {
        let come = stream::iter(who).map(async |n| {
            let mut rng = StdRng::seed_from_u64(self.seed ^ (n as u64) << 8);
            let introduction = introduction(&format!("Customer {n}"), &format!("+447700{n:06}"));
            let (caller, started) = self.server.start(self.sites[n % 2], introduction).await.unwrap();
            let session = started.session.id;
            self.known().chats.push((caller.clone(), session));
            self.say(&caller, session, "Where is my order?").await;
            // Some find it themselves.
            if rng.random_bool(0.03) {
                caller.close(session).await.unwrap();
            }
        });
        come.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Some come to a site for which nobody has the skill.
    pub(crate) async fn elves(&self, count: usize) -> Vec<SessionId> {
        let mut sessions = Vec::new();
        for n in 0..count {
            let introduction = introduction(&format!("Elf {n}"), &format!("+4477009002{n:02}"));
            let (caller, started) = self.server.start(crate::ELVES, introduction).await.unwrap();
            self.known().chats.push((caller.clone(), started.session.id));
            self.say(&caller, started.session.id, "Mae govannen").await;
            sessions.push(started.session.id);
        }
        sessions
    }

    /// Some whose chat is over have one more question.
    pub(crate) async fn come_back(&self, boss: &AgentClient) {
        let chats: Vec<_> = self.known().chats.iter().step_by(17).take(COME_BACK).cloned().collect();
        let come = stream::iter(chats).map(async |(caller, session)| {
            let deadline = Instant::now() + EVENING;
            loop {
                let now = boss.session(session).await.unwrap();
                if matches!(now.status, Status::Resolved | Status::Closed) {
                    break;
                }
                assert!(Instant::now() < deadline, "nobody served {now:#?}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.say(&caller, session, "One more thing.").await;
        });
        come.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    async fn say(&self, caller: &Caller, session: SessionId, words: &str) {
        let id = EntryId::new(Uuid::now_v7());
        let sent = caller.send(session, id, words, EntryKind::Message).await.unwrap();
        let mut known = self.known();
        known.said.push((sent.session, id));
        if sent.session != session {
            known.chats.push((caller.clone(), sent.session));
        }
    }
}
