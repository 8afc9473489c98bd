//! What a message costs in the hub: the rules, the followers' queues, and the whole way from a sender to all followers
//! and back. `cargo bench -p hub`.

use std::sync::Arc;

use bytes::Bytes;
use divan::{Bencher, black_box, counter::ItemsCount};
use hub::{
    Caller, Clock, Config, Follower, From, Hub, Outbound, OutboundReader, Outgoing, QueueLimits, Start, Step,
    outbound,
    state::{self, Action, Decision},
};
use persistence::{
    Grant, LogWriter, Session, Site, WriterConfig,
    testing::{Engine, TestStore},
};
use protocol::{
    AgentId, AgentRef, Channel, ConnectionId, ContactId, EntryId, GrantId, MessageBody, Role, Seq, SessionId,
    SiteId, UtcMillis, encode_entry,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// A message of 120 bytes.
const TEXT: &str = "A message as long as they usually are: it asks when the order of last Tuesday will arrive, since \
                    it should have been there.";

fn main() {
    divan::main();
}

fn message() -> Action {
    let body = MessageBody::parse(TEXT, 1_000).expect("it is short enough");
    Action::Message { id: EntryId::new(Uuid::now_v7()), body }
}

fn session(caller: &Caller) -> Session {
    let Caller::Customer(grant) = caller else { panic!("a customer's") };
    state::empty(SessionId::new(Uuid::now_v7()), grant, "shop", Channel::Web, UtcMillis::new(1))
}

fn customer() -> Caller {
    Caller::Customer(Arc::new(Grant {
        id: GrantId::new(Uuid::now_v7()),
        site_id: SiteId::new(Uuid::now_v7()),
        contact_id: ContactId::new(Uuid::now_v7()),
        verified: false,
        name: Some("Ana".into()),
        phone: None,
        email: None,
        blocked_until: None,
    }))
}

/// When everything happens.
const NOW: UtcMillis = UtcMillis::new(2);

/// The rules alone: what a message leads to, its place in the log, and the row after it.
#[divan::bench]
fn decide_and_extend(bencher: Bencher<'_, '_>) {
    let caller = customer();
    let before = session(&caller);
    let action = message();
    bencher.with_inputs(|| before.clone()).bench_local_values(|mut session| {
        let Ok(Decision::Append(drafts)) = state::decide(&session, &caller, black_box(&action), NOW) else {
            panic!("a customer may say something")
        };
        let mut log = Vec::with_capacity(1);
        state::extend(&mut session, &mut log, drafts, &caller.sender(), NOW, Uuid::now_v7);
        let change = state::change(&session, &log);
        (session, log, change)
    });
}

/// The same bytes into every follower's queue, and out of it.
#[divan::bench(args = [1, 2, 50, 500])]
fn fan_out(bencher: Bencher<'_, '_>, followers: usize) {
    let caller = customer();
    let mut after = session(&caller);
    let mut log = Vec::new();
    let body = MessageBody::parse(TEXT, 1_000).expect("it is short enough");
    let id = EntryId::new(Uuid::now_v7());
    let Ok(Decision::Append(drafts)) = state::decide(&after, &caller, &Action::Message { id, body }, NOW)
    else {
        panic!("a customer may say something")
    };
    state::extend(&mut after, &mut log, drafts, &caller.sender(), NOW, Uuid::now_v7);
    let mut queues: Vec<_> = (0..followers).map(|_| outbound(QueueLimits::default())).collect();
    bencher.counter(ItemsCount::new(followers)).bench_local(|| {
        let frame = Bytes::from(encode_entry(after.id, &log[0]));
        for (queue, _) in &queues {
            queue.push(frame.clone());
        }
        for (_, reader) in &mut queues {
            black_box(reader.try_recv());
        }
    });
}

/// A hub on a throw-away SQLite, and a session that so many agents follow.
struct Chat {
    runtime: Runtime,
    hub: Hub,
    customer: Caller,
    session: SessionId,
    followers: Vec<OutboundReader>,
    _test: TestStore,
}

impl Chat {
    fn open(followers: usize) -> Self {
        // One thread, and SQLite's own: what is measured is work, not where it is done.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (hub, customer, session, followers, test) = runtime.block_on(async {
            let test = TestStore::new(Engine::Sqlite).await;
            let (writer, _task) = LogWriter::start(test.store.clone(), WriterConfig::default());
            let hub = Hub::new(test.store.clone(), writer, None, Clock::system(), Config::default());
            let (customer, session) = begin(&test, &hub).await;
            let mut readers = Vec::new();
            for number in 0..followers {
                let (outbound, reader) = outbound(QueueLimits::default());
                follow(&hub, number, outbound, session).await;
                readers.push(reader);
            }
            (hub, customer, session, readers, test)
        });
        Self { runtime, hub, customer, session, followers, _test: test }
    }

    /// Says something and waits until all have heard it and the sender knows that it is stored.
    fn say(&mut self) {
        let Self { runtime, hub, customer, session, followers, .. } = self;
        runtime.block_on(async {
            hub.act(customer.clone(), *session, message()).await.expect("it is stored");
            for follower in followers {
                // The entry, and signals that came before it.
                while follower.recv().await.is_some_and(|next| !is_entry(&next)) {}
            }
        });
    }
}

async fn begin(test: &TestStore, hub: &Hub) -> (Caller, SessionId) {
    let site = Site {
        id: SiteId::new(Uuid::now_v7()),
        key: "shop".into(),
        name: "Shop".into(),
        color: "#336699".into(),
        greeting: "Hi".into(),
        prechat: Vec::new(),
        allowed_origins: Vec::new(),
        identity_secrets: Vec::new(),
        hours: None,
        created_at: UtcMillis::new(1),
    };
    test.store.create_site(&site).await.expect("a site");
    let start = Start {
        site: Arc::new(site),
        channel: Channel::Web,
        verified_external_id: None,
        name: Some("Ana".into()),
        phone: None,
        email: None,
        start_key: None,
        token: [0; 32],
        message: None,
        locale: None,
        context: serde_json::json!({}),
    };
    let started = hub.start(start).await.expect("a session");
    (Caller::Customer(started.grant.into()), started.session.id)
}

async fn follow(hub: &Hub, number: usize, outbound: Outbound, session: SessionId) {
    let agent = AgentRef { id: AgentId::new(Uuid::now_v7()), name: format!("Bo {number}") };
    let caller = Caller::Agent { agent: agent.into(), role: Role::Supervisor, sees_all: true };
    let follower =
        Follower { connection: ConnectionId::new(Uuid::now_v7()), caller, outbound, unseen: false };
    let mut from = From::After { seq: Seq::ZERO, epoch: None };
    while let Step::Page { next, .. } = hub.follow(&follower, session, from, true).await.expect("it follows")
    {
        from = next;
    }
}

/// From `Hub::act` over a commit that is flushed to the disk to the answer and every follower's queue.
#[divan::bench(args = [1, 50], sample_size = 1)]
fn act_to_all_followers(bencher: Bencher<'_, '_>, followers: usize) {
    let mut chat = Chat::open(followers);
    bencher.counter(ItemsCount::new(followers)).bench_local(|| chat.say());
}

fn is_entry(next: &Outgoing) -> bool {
    matches!(next, Outgoing::Frame(frame) if frame.starts_with(br#"{"type":"entry""#))
}
