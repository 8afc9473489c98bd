//! A shop, its people, and nodes to talk through.

use std::{sync::Arc, time::Duration};

use hub::{
    Caller, Clock, Config, Done, Follower, Hub, HubError, InboxWatch, Link, News, OutboundReader, Outgoing,
    Page, QueueLimits, Start, Step, state::Action,
};
use persistence::{Agent, LogWriter, Session, Site, Store, WriterConfig, testing::TestStore};
use protocol::{
    AgentId, AgentRef, Audience, Channel, ConnectionId, Entry, EntryId, MessageBody, Role, Seq, ServerFrame,
    SessionId, SiteId, UtcMillis, View, ViewName,
};
use uuid::Uuid;

/// How long something that must happen may take.
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) struct Shop {
    pub(crate) site: Arc<Site>,
    pub(crate) agents: Vec<AgentRef>,
}

impl Shop {
    pub(crate) async fn open(store: &Store) -> Self {
        let site = Site {
            id: SiteId::new(Uuid::now_v7()),
            key: "shop".into(),
            name: "Ana's Shop".into(),
            color: "#336699".into(),
            greeting: "Hi".into(),
            prechat: Vec::new(),
            allowed_origins: Vec::new(),
            identity_secrets: Vec::new(),
            hours: None,
            created_at: UtcMillis::new(1),
        };
        store.create_site(&site).await.unwrap();
        let mut agents = Vec::new();
        for name in ["Bo", "Cleo"] {
            let id = AgentId::new(Uuid::now_v7());
            let agent = Agent {
                id,
                email: format!("{name}@shop.example").to_lowercase(),
                name: name.into(),
                role: Role::Supervisor,
                password_hash: String::new(),
                must_change_password: false,
                disabled: false,
                created_at: UtcMillis::new(1),
            };
            store.create_agent(&agent).await.unwrap();
            agents.push(AgentRef { id, name: name.into() });
        }
        Self { site: Arc::new(site), agents }
    }

    pub(crate) fn agent(&self, number: usize) -> Caller {
        Caller::Agent { agent: self.agents[number].clone().into(), role: Role::Supervisor, sees_all: true }
    }

    /// A new customer with a new session.
    pub(crate) async fn start(&self, hub: &Hub) -> (Caller, SessionId) {
        self.start_by(hub, Channel::Web).await
    }

    pub(crate) async fn start_by(&self, hub: &Hub, channel: Channel) -> (Caller, SessionId) {
        let mut token = [0; 32];
        token[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        let start = Start {
            site: self.site.clone(),
            channel,
            verified_external_id: None,
            name: Some("Ana".into()),
            phone: None,
            email: None,
            start_key: None,
            token,
            message: None,
            locale: None,
            context: serde_json::json!({}),
        };
        let started = hub.start(start).await.unwrap();
        (Caller::Customer(started.grant.into()), started.session.id)
    }
}

/// A node on this store.
pub(crate) fn node(store: &Store, link: Option<Arc<dyn Link>>, idle_after: Duration) -> Hub {
    node_at(store, link, idle_after, Clock::system())
}

/// A node that goes by this clock.
pub(crate) fn node_at(store: &Store, link: Option<Arc<dyn Link>>, idle_after: Duration, clock: Clock) -> Hub {
    let (writer, _task) = LogWriter::start(store.clone(), WriterConfig::default());
    let config = Config { presence_grace: Duration::ZERO, idle_after, ..Config::default() };
    Hub::new(store.clone(), writer, link, clock, config)
}

/// A node alone on a store of its own.
pub(crate) async fn alone(test: &TestStore, idle_after: Duration) -> (Hub, Shop) {
    let shop = Shop::open(&test.store).await;
    (node(&test.store, None, idle_after), shop)
}

pub(crate) fn message(body: &str) -> Action {
    Action::Message { id: EntryId::new(Uuid::now_v7()), body: MessageBody::parse(body, 1_000).unwrap() }
}

pub(crate) async fn say(
    hub: &Hub,
    who: &Caller,
    session: SessionId,
    body: &str,
) -> Result<(SessionId, Seq), HubError> {
    match hub.act(who.clone(), session, message(body)).await? {
        Done::Sent { session, stored, .. } => Ok((session, stored.seq)),
        Done::Changed(_) => panic!("a message is sent"),
    }
}

pub(crate) async fn log(store: &Store, session: SessionId) -> Vec<Entry> {
    store.entries_after(session, Seq::ZERO, 100_000, Audience::Team).await.unwrap()
}

/// Reads a session as a connection does.
pub(crate) struct Reader {
    hub: Hub,
    follower: Follower,
    queue: OutboundReader,
    session: SessionId,
    pub(crate) seen: Vec<Entry>,
}

impl Reader {
    pub(crate) async fn follow(hub: &Hub, who: &Caller, session: SessionId) -> Self {
        let (outbound, queue) = hub::outbound(QueueLimits { frames: 100_000, bytes: 100 << 20 });
        let follower = Follower {
            connection: ConnectionId::new(Uuid::now_v7()),
            caller: who.clone(),
            outbound,
            unseen: false,
        };
        let mut reader = Self { hub: hub.clone(), follower, queue, session, seen: Vec::new() };
        let mut from = hub::From::After { seq: Seq::ZERO, epoch: None };
        let mut first = true;
        while let Step::Page { frames, next } =
            hub.follow(&reader.follower, session, from, first).await.unwrap()
        {
            frames.iter().for_each(|frame| reader.take(frame));
            (from, first) = (next, false);
        }
        reader
    }

    fn take(&mut self, frame: &[u8]) {
        match serde_json::from_slice(frame).unwrap() {
            ServerFrame::Opened { entries, reset: false, .. } => self.seen.extend(entries),
            ServerFrame::Entry { session, entry } if session == self.session => self.seen.push(entry),
            ServerFrame::Opened { .. } | ServerFrame::Entry { .. } | ServerFrame::Error { .. } => {
                panic!("{}", String::from_utf8_lossy(frame))
            }
            _ => {}
        }
    }

    /// Reads until it has this entry; what it has by then is the log up to there.
    pub(crate) async fn reaches(&mut self, seq: Seq) {
        let reading = async {
            while self.seen.last().is_none_or(|entry| entry.seq < seq) {
                match self.queue.recv().await.unwrap() {
                    Outgoing::Frame(frame) => self.take(&frame),
                    Outgoing::Answer(answered) => panic!("nothing was sent: {answered:?}"),
                }
            }
        };
        let reached = tokio::time::timeout(SOON, reading).await;
        let last = self.seen.last().map(|entry| entry.seq);
        assert!(reached.is_ok(), "it has {last:?} and never got {seq}");
        let seqs: Vec<_> = self.seen.iter().map(|entry| entry.seq.get()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    }

    pub(crate) fn leave(&self) {
        self.hub.leave(self.follower.connection, self.session);
    }
}

/// The list of all sessions, as an agent is shown it.
pub(crate) struct AllSessions {
    watch: InboxWatch,
    /// How often it was told anything.
    pub(crate) told: usize,
    page: Arc<Page>,
}

impl AllSessions {
    pub(crate) async fn watch(hub: &Hub, who: &Caller) -> Self {
        let mut watch = hub.watch_inbox(ConnectionId::new(Uuid::now_v7()), who.clone());
        watch.watch(ViewName::All.into(), 50);
        match watch.next().await.remove(0) {
            (View::Named(ViewName::All), News::Listed(page)) => Self { watch, told: 0, page },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn sessions(&self) -> Vec<&Session> {
        self.page.rows().iter().map(|row| row.session()).collect()
    }

    /// Waits until it is so.
    pub(crate) async fn comes_to(&mut self, so: impl Fn(&[&Session]) -> bool) {
        let waiting = async {
            while !so(&self.sessions()) {
                for (_, news) in self.watch.next().await {
                    self.told += 1;
                    match news {
                        News::Listed(page) | News::Changed { page, .. } => self.page = page,
                        News::Failed(error) => panic!("{error}"),
                    }
                }
            }
        };
        let came = tokio::time::timeout(SOON, waiting).await;
        assert!(came.is_ok(), "the list stays {:#?}", self.sessions());
    }
}
