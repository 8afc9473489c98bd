//! Talk without end, to do things to a server meanwhile: customers and agents on both transports who reconnect by
//! themselves and insist on every send. Judged by the checker at the end.

use std::{sync::Arc, time::Duration};

use loadtest::{
    checker,
    client::{AgentClient, Caller, introduction},
    history::{Evidence, FinalLog, History, Line},
    participant::{Options, Outgoing, Participant, Transport},
};
use protocol::{Audience, EntryKind, Seq, SessionId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{sync::watch, task::JoinHandle};

use super::TestServer;

/// How long the next acks may take: a server that starts again on a busy machine, and full-jitter backoff before it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a reader may take to catch up at the end.
const QUIESCENCE: Duration = Duration::from_secs(20);

struct Seat {
    participant: Arc<Participant>,
    audience: Audience,
    sessions: Vec<SessionId>,
}

/// What is going on at a server.
pub(crate) struct Load {
    history: History,
    admin: AgentClient,
    customers: Vec<(SessionId, Caller)>,
    seats: Vec<Seat>,
    talkers: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    acked: watch::Sender<usize>,
}

impl Load {
    /// Customers, one session each, and two agents who follow them all; every second one of each on long-poll.
    pub(crate) async fn start(server: &TestServer, customers: usize, seed: u64) -> Self {
        let mut load = Self {
            history: History::new(),
            admin: server.admin().await,
            customers: Vec::new(),
            seats: Vec::new(),
            talkers: Vec::new(),
            stop: watch::Sender::new(false),
            acked: watch::Sender::new(0),
        };
        for number in 0..customers {
            let who = introduction(&format!("Customer {number}"), &format!("+4477009001{number:02}"));
            let (caller, started) = server.client().start("demo", who).await.unwrap();
            let session = started.session.id;
            load.customers.push((session, caller.clone()));
            load.seat(&caller, Audience::Customer, vec![session], number, seed);
        }
        let all: Vec<_> = load.customers.iter().map(|(session, _)| *session).collect();
        let admin = load.admin.caller().clone();
        for number in 0..2 {
            load.seat(&admin, Audience::Team, all.clone(), number, seed);
        }
        load
    }

    fn seat(&mut self, who: &Caller, audience: Audience, on: Vec<SessionId>, number: usize, seed: u64) {
        let name = format!("{audience:?} {number}");
        let seed = seed ^ ((self.seats.len() as u64 + 1) << 32);
        let transport = if number.is_multiple_of(2) { Transport::WebSocket } else { Transport::LongPoll };
        let follow = on.iter().map(|&session| (session, Some(Seq::ZERO))).collect();
        let options = Options { transport, follow, seed, poll_wait_s: 5, ..Options::default() };
        let recorder = self.history.actor(&name, audience);
        let participant = Arc::new(Participant::join(who, recorder, options));
        self.seats.push(Seat { participant: participant.clone(), audience, sessions: on.clone() });
        let (stop, acked) = (self.stop.subscribe(), self.acked.clone());
        self.talkers.push(tokio::spawn(talk(participant, on, name, audience, seed, stop, acked)));
    }

    /// How many sends were acked so far.
    pub(crate) fn acked(&self) -> usize {
        *self.acked.borrow()
    }

    /// Waits until so many more sends are acked.
    pub(crate) async fn acks(&self, more: usize) {
        let until = self.acked() + more;
        let mut acked = self.acked.subscribe();
        let reached = tokio::time::timeout(PATIENCE, acked.wait_for(|acked| *acked >= until)).await;
        assert!(reached.is_ok(), "{} of {until} acks came; nobody is answered any more", self.acked());
    }

    /// Ends the talk once every send is acked, waits until every reader has everything, and judges.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        for talker in self.talkers {
            let ended = tokio::time::timeout(PATIENCE, talker).await;
            ended.expect("a send was never answered").unwrap();
        }
        let mut logs = Vec::new();
        for (session, customer) in &self.customers {
            let team = lines(&self.admin, *session).await;
            let customer = lines(customer, *session).await;
            logs.push(FinalLog { session: *session, team, customer: Some(customer) });
        }
        for seat in &self.seats {
            for log in logs.iter().filter(|log| seat.sessions.contains(&log.session)) {
                let visible = |line: &&Line| seat.audience == Audience::Team || line.kind != EntryKind::Note;
                let last = log.team.iter().rev().find(visible).unwrap().seq;
                // Who did not catch up is for the checker to say.
                drop(seat.participant.wait_for_seq(QUIESCENCE, log.session, last).await);
            }
        }
        let (actors, records) = self.history.so_far();
        checker::check(&Evidence { actors, records, logs }).demand().unwrap();
    }
}

async fn lines(caller: &Caller, session: SessionId) -> Vec<Line> {
    caller.whole_log(session).await.unwrap().iter().map(Line::from).collect()
}

/// One to three sends in a row, each insisted on, at the pace of a quick hand: under the 50 frames a second that one
/// connection may say.
async fn talk(
    participant: Arc<Participant>,
    sessions: Vec<SessionId>,
    name: String,
    audience: Audience,
    seed: u64,
    stop: watch::Receiver<bool>,
    acked: watch::Sender<usize>,
) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut said = 0;
    while !*stop.borrow() {
        let session = sessions[random.random_range(0..sessions.len())];
        let mut row = Vec::new();
        for _ in 0..random.random_range(1..=3) {
            said += 1;
            let outgoing = match audience {
                Audience::Team if random.random_bool(0.2) => {
                    Outgoing::note(session, format!("{name}: note {said}"))
                }
                _ => Outgoing::message(session, format!("{name}: {said}")),
            };
            row.push(participant.send(outgoing).await);
        }
        for sending in row {
            let answer = sending.answer().await;
            assert!(answer.is_ok(), "{answer:?}; {name}: {}", *participant.seen());
            acked.send_modify(|acked| *acked += 1);
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(40..120))).await;
    }
}
