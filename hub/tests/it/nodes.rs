//! Two nodes on one store, with a link between them that may do anything but lie (promises 2 and 7).

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use hub::{
    Caller, Clock, Done, Follower, Hub, HubError, Link, Message, QueueLimits,
    state::{self, Action, Note},
};
use persistence::{
    Append, LogWriter, NodeId, Session, WriterConfig, on_both_engines,
    testing::{Engine, TestStore},
};
use protocol::{ConnectionId, EntryId, Event, MessageBody, Role, Sender, Seq, SessionId, Status, UtcMillis};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

use crate::fixture::{Reader, SOON, Shop, log, node, node_at, say};

const LONG: Duration = Duration::from_secs(60);

/// The way from one node to the other: loses, doubles, delays and reorders, until it is told to be good.
struct FaultyLink {
    to: OnceLock<Hub>,
    random: Mutex<StdRng>,
    faulty: AtomicBool,
}

impl FaultyLink {
    fn new(seed: u64) -> Arc<Self> {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        Arc::new(Self { to: OnceLock::new(), random, faulty: AtomicBool::new(true) })
    }
}

impl Link for FaultyLink {
    fn publish(&self, from: NodeId, message: Message) {
        let Some(to) = self.to.get() else { return };
        if !self.faulty.load(Ordering::Relaxed) {
            return to.receive(from, message);
        }
        let mut random = self.random.lock().unwrap();
        let copies = match random.random_range(0..10) {
            0..3 => 0,
            3..8 => 1,
            _ => 2,
        };
        for _ in 0..copies {
            let (to, message) = (to.clone(), message.clone());
            let delay = Duration::from_millis(random.random_range(0..40));
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                to.receive(from, message);
            });
        }
    }

    fn follow(&self, _session: SessionId) {}
    fn unfollow(&self, _session: SessionId) {}
}

pub(crate) struct Cluster {
    pub(crate) nodes: [Hub; 2],
    links: [Arc<FaultyLink>; 2],
    pub(crate) shop: Shop,
}

impl Cluster {
    async fn start(test: &TestStore, seed: u64) -> Self {
        Self::start_at(test, seed, Clock::system()).await
    }

    /// Both go by this clock.
    pub(crate) async fn start_at(test: &TestStore, seed: u64, clock: Clock) -> Self {
        let shop = Shop::open(&test.store).await;
        let links = [FaultyLink::new(seed), FaultyLink::new(seed + 1)];
        let stores = [test.store.clone(), test.other_node().await];
        let [a, b] = [0, 1].map(|n| node_at(&stores[n], Some(links[n].clone()), LONG, clock.clone()));
        let _ = links[0].to.set(b.clone());
        let _ = links[1].to.set(a.clone());
        Self { nodes: [a, b], links, shop }
    }

    fn be_good(&self) {
        self.links.iter().for_each(|link| link.faulty.store(false, Ordering::Relaxed));
    }
}

on_both_engines! {
    async fn all_readers_of_both_nodes_have_one_log(test) {
        let cluster = Cluster::start(&test, 11).await;
        let [a, b] = &cluster.nodes;
        for _ in 0..3 {
            let (ana, session) = cluster.shop.start(a).await;
            let mut readers = Vec::new();
            for hub in [a, b] {
                readers.push(Reader::follow(hub, &ana, session).await);
                readers.push(Reader::follow(hub, &cluster.shop.agent(0), session).await);
            }
            // Two of each side on each node, each insisting as a client does.
            let speakers = (0..8).map(|n| {
                let who = if n % 2 == 0 { ana.clone() } else { cluster.shop.agent(n % 4 / 2) };
                let hub = cluster.nodes[n / 4].clone();
                async move {
                    let mut acked = Vec::new();
                    for i in 0..20 {
                        let (at, seq) = loop {
                            match say(&hub, &who, session, &format!("{n}: {i}")).await {
                                Ok(sent) => break sent,
                                Err(HubError::Unavailable | HubError::Overloaded) => {}
                                Err(error) => panic!("{error}"),
                            }
                        };
                        assert_eq!(at, session);
                        acked.push(seq);
                    }
                    assert!(acked.is_sorted_by(|a, b| a < b), "{acked:?}");
                    acked
                }
            });
            let acked = join_all(speakers).await;
            // Nobody asks the store again and again here, so the last word has to get through.
            cluster.be_good();
            let (_, last) = say(a, &ana, session, "the end").await.unwrap();
            let stored = log(&test.store, session).await;
            assert_eq!(stored.last().unwrap().seq, last);
            for seq in acked.into_iter().flatten() {
                assert!(stored.iter().any(|entry| entry.seq == seq));
            }
            for reader in &mut readers {
                reader.reaches(last).await;
                assert_eq!(reader.seen, stored);
            }
            cluster.links.iter().for_each(|link| link.faulty.store(true, Ordering::Relaxed));
        }
    }

    async fn nobody_loses_every_race_for_a_chat(test) {
        let cluster = Cluster::start(&test, 14).await;
        cluster.be_good();
        let [a, b] = &cluster.nodes;
        let (ana, session) = cluster.shop.start(a).await;
        let agent = cluster.shop.agent(0);
        say(b, &agent, session, "hello").await.unwrap();
        let mut readers = [Reader::follow(a, &agent, session).await, Reader::follow(b, &agent, session).await];
        // Each says the next as soon as the last is stored, so every append meets one of the other node.
        let speakers = [(a, &ana), (b, &agent)].map(|(hub, who)| async move {
            for n in 0..200 {
                say(hub, who, session, &n.to_string()).await.expect("nobody is told to try again");
            }
        });
        // What is no message must be where it was decided.
        let notes = async {
            for n in 0..20 {
                let (id, body) = (EntryId::new(Uuid::now_v7()), MessageBody::parse(&n.to_string(), 10).unwrap());
                a.act(cluster.shop.agent(1), session, Action::Note(Note { id, body, mentions: Vec::new() }.into())).await.expect("nor here");
            }
        };
        tokio::join!(join_all(speakers), notes);
        let stored = log(&test.store, session).await;
        let last = stored.last().unwrap().seq;
        for reader in &mut readers {
            reader.reaches(last).await;
            assert_eq!(reader.seen, stored);
        }
        let row = test.store.session(session).await.unwrap().unwrap();
        assert_eq!((row.unread.customer, row.unread.team), (201, 200));
    }

    async fn of_two_who_claim_on_two_nodes_one_wins(test) {
        let cluster = Cluster::start(&test, 12).await;
        let [a, b] = &cluster.nodes;
        for _ in 0..10 {
            let (_, session) = cluster.shop.start(a).await;
            let (bo, cleo) = (cluster.shop.agent(0), cluster.shop.agent(1));
            let (one, other) =
                tokio::join!(a.act(bo, session, Action::Claim), b.act(cleo, session, Action::Claim));
            let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
            let Done::Changed(won) = won.unwrap() else { panic!("a claim changes") };
            let holder = won.assignee.clone().unwrap().name;
            assert!(matches!(lost, Err(HubError::AlreadyClaimed { holder: named }) if named == holder));
            let stored = log(&test.store, session).await;
            assert_eq!(stored.len(), 2, "{stored:?}");
        }
    }

    async fn a_chat_that_ended_goes_on_in_one_session_for_both_nodes(test) {
        let cluster = Cluster::start(&test, 13).await;
        let [a, b] = &cluster.nodes;
        for _ in 0..10 {
            let (ana, old) = cluster.shop.start(a).await;
            let agent = cluster.shop.agent(0);
            a.act(agent.clone(), old, Action::SetStatus(Status::Closed)).await.unwrap();
            let sends = (0..8).map(|n| {
                let (hub, who) = (&cluster.nodes[n % 2], if n < 4 { &ana } else { &agent });
                async move { say(hub, who, old, &format!("{n}")).await.unwrap() }
            });
            let sent = join_all(sends).await;
            let next = sent[0].0;
            assert!(next != old && sent.iter().all(|(session, _)| *session == next), "{sent:?}");
            let stored = log(&test.store, next).await;
            for (_, seq) in &sent {
                assert_eq!(sent.iter().filter(|(_, other)| other == seq).count(), 1);
                assert!(stored.iter().any(|entry| entry.seq == *seq && entry.event.is_none()));
            }
            let ends = log(&test.store, old).await;
            let continued = ends.iter().filter(|entry| matches!(entry.event, Some(Event::Continued { .. })));
            assert_eq!(continued.count(), 1);
            // And both nodes know.
            assert_eq!(say(b, &ana, old, "and on").await.unwrap().0, next);
            assert_eq!(stored.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=stored.len() as u64).map(Seq::new).collect::<Vec<_>>());
        }
    }
}

/// The way from one node to nobody: keeps what was told of sessions.
#[derive(Default)]
struct Told(Mutex<Vec<Arc<Session>>>);

impl Link for Told {
    fn publish(&self, _from: NodeId, message: Message) {
        if let Message::Committed(publication) = message {
            self.0.lock().unwrap().push(publication.session);
        }
    }

    fn follow(&self, _session: SessionId) {}
    fn unfollow(&self, _session: SessionId) {}
}

/// Lists take the newest version of what they are told. So a version must never come with less than what it holds in
/// the store, whatever the node that tells of it has missed.
#[tokio::test]
async fn what_is_told_of_a_session_is_as_new_as_it_says() {
    let test = TestStore::new(Engine::Sqlite).await;
    let shop = Shop::open(&test.store).await;
    let links = [Arc::<Told>::default(), Arc::<Told>::default()];
    let [a, b] = [0, 1].map(|n| node(&test.store, Some(links[n].clone()), LONG));
    let (ana, session) = shop.start(&a).await;
    let agent = shop.agent(0);
    let told_truly = async |teller: usize| {
        let row = test.store.session(session).await.unwrap().unwrap();
        let told =
            || links[teller].0.lock().unwrap().iter().find(|told| told.version == row.version).cloned();
        let deadline = tokio::time::Instant::now() + SOON;
        let told = loop {
            if let Some(told) = told() {
                break told;
            }
            assert!(tokio::time::Instant::now() < deadline, "version {} is never told", row.version);
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert_eq!((told.last_seq, told.read, told.unread), (row.last_seq, row.read, row.unread));
    };
    let read_is_stored = async |seq: Seq| {
        let deadline = tokio::time::Instant::now() + SOON;
        while test.store.session(session).await.unwrap().unwrap().read.team < seq {
            assert!(tokio::time::Instant::now() < deadline, "the read position is never stored");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Both have it in memory, and hear nothing of each other from here on.
    say(&b, &ana, session, "one").await.unwrap();
    let (_, two) = say(&a, &ana, session, "two").await.unwrap();
    // Something was said that the one who reads has not heard of.
    let (_, three) = say(&a, &ana, session, "three").await.unwrap();
    b.read(agent.clone(), session, Seq::new(2)).await.unwrap();
    read_is_stored(Seq::new(2)).await;
    told_truly(1).await;
    // Something was read that the one who speaks has not heard of.
    b.read(agent.clone(), session, two).await.unwrap();
    read_is_stored(two).await;
    say(&a, &ana, session, "four").await.unwrap();
    told_truly(0).await;
    a.read(agent, session, three).await.unwrap();
    read_is_stored(three).await;
    told_truly(0).await;
}

/// Another node hands a session over; this one, which has it in memory and was told nothing, lets in whom it is open to
/// now, and nobody else.
#[tokio::test]
async fn who_may_see_a_session_is_not_taken_from_memory() {
    let test = TestStore::new(Engine::Sqlite).await;
    let shop = Shop::open(&test.store).await;
    let hub = node(&test.store, Some(Arc::<Told>::default()), LONG);
    let (elsewhere, _task) = LogWriter::start(test.store.clone(), WriterConfig::default());
    let [bo, cleo] = [0, 1].map(|n: usize| Caller::Agent {
        agent: shop.agents[n].clone().into(),
        role: Role::Agent,
        sees_all: false,
    });
    let hand_over = async |session: SessionId, to: usize| {
        let mut after = test.store.session(session).await.unwrap().unwrap();
        let (expected, mut entries) = (after.last_seq, Vec::new());
        let drafts = vec![state::Draft::event(Event::Assigned { agent: Some(shop.agents[to].clone()) })];
        state::extend(&mut after, &mut entries, drafts, &Sender::System, UtcMillis::new(1), Uuid::now_v7);
        let change = state::change(&after, &entries);
        elsewhere.append(Append { session, expected, entries, change, exact: false }).await.unwrap();
    };
    // Each way of asking is the first after the change.
    for way in 0..4 {
        let (_, session) = shop.start(&hub).await;
        hub.act(cleo.clone(), session, Action::Claim).await.unwrap();
        hand_over(session, 0).await;
        match way {
            0 => drop(say(&hub, &bo, session, "mine now").await.unwrap()),
            1 => hub.typing(bo.clone(), session, true).await.unwrap(),
            2 => hub.read(bo.clone(), session, Seq::new(3)).await.unwrap(),
            _ => Reader::follow(&hub, &bo, session).await.reaches(Seq::new(3)).await,
        }
        hand_over(session, 1).await;
        let (outbound, mut queue) = hub::outbound(QueueLimits::default());
        let connection = ConnectionId::new(Uuid::now_v7());
        let follower = Follower { connection, caller: bo.clone(), outbound, unseen: false };
        let from = hub::From::After { seq: Seq::ZERO, epoch: None };
        if way < 3 {
            let refused = hub.follow(&follower, session, from, true).await;
            assert!(matches!(refused, Err(HubError::NotFound)), "{refused:?}");
            assert!(queue.try_recv().is_none());
        }
        let refused = say(&hub, &bo, session, "still mine?").await;
        assert!(matches!(refused, Err(HubError::NotFound)), "{refused:?}");
    }
}
