//! The link over Redis pub/sub: one connection speaks, one listens, both are made anew whenever either is in doubt.
//!
//! Nothing is stored in Redis, so one that comes back empty is as good as before. Each session has a channel (sharded
//! where the server can), followed only while people follow the session here; summaries for lists and signs of life
//! have one each.

mod listen;
mod speak;
mod wire;

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt,
    future::Future,
    str::FromStr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use persistence::NodeId;
use protocol::SessionId;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, IntoConnectionInfo as _, ProtocolVersion, RedisError,
    RedisResult,
};
use tokio::sync::{Notify, mpsc};

use crate::{Hub, Inner, Link, link::Message};
use wire::Channels;

/// Messages that wait for the speaking connection; beyond it they are lost, and the others told how many.
const OUTGOING: usize = 4_096;
/// How long Redis may take for an answer, or for a connection.
const ANSWER: Duration = Duration::from_secs(2);
/// Pauses between tries to connect: short, since a try at a dead server costs nothing.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The address of a Redis server: `redis://[user:password@]host[:port][/db]`, or `rediss://…` for TLS. It may hold a
/// password, so it is not printed.
#[derive(Clone)]
pub struct RedisUrl(Client);

impl FromStr for RedisUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let info = text.into_connection_info().map_err(|error| {
            // Only what cannot be its password.
            let scheme = text.split(':').next().unwrap_or_default();
            let said = error.detail().unwrap_or("it cannot be parsed");
            format!(
                "must be redis://HOST or rediss://HOST; of this {scheme:?} address Redis' client says: {said}"
            )
        })?;
        // Since version 3 of the protocol, what is published comes over a connection that can be asked as well.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Client::open(info.set_redis_settings(settings)).map(Self).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl")
    }
}

/// The way to the other nodes over one Redis server. Made at once; connects, and connects again, once it is
/// [joined](RedisLink::join).
pub struct RedisLink {
    client: Client,
    outgoing: mpsc::Sender<(NodeId, Message)>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<(NodeId, Message)>>,
    wanted: Wanted,
    up: AtomicBool,
    lost: AtomicU64,
}

/// The sessions to hear of.
#[derive(Default)]
struct Wanted {
    sessions: Mutex<WantedSessions>,
    changed: Notify,
}

#[derive(Default)]
struct WantedSessions {
    /// With how often each is: an actor that ends may overlap with the next one of its session.
    all: HashMap<SessionId, u32>,
    /// Those that came or went since the listener looked, if it is there to look.
    changed: Option<HashSet<SessionId>>,
}

impl RedisLink {
    /// A link over this server. Whether it answers is found out later, again and again.
    pub fn new(url: &RedisUrl) -> Self {
        let (outgoing, waiting) = mpsc::channel(OUTGOING);
        Self {
            client: url.0.clone(),
            outgoing,
            waiting: tokio::sync::Mutex::new(waiting),
            wanted: Wanted::default(),
            up: AtomicBool::new(false),
            lost: AtomicU64::new(0),
        }
    }

    /// Makes `hub`, which must have been made with this link, one node among others, until it ends.
    pub fn join(self: &Arc<Self>, hub: &Hub) {
        hub.live_among_others();
        let task = self.clone().run(Arc::downgrade(&hub.inner), hub.inner.node, Channels::new(hub.epoch()));
        let stop = hub.inner.left.clone();
        hub.inner.hints.spawn(async move { stop.run_until_cancelled(task).await });
    }

    async fn run(self: Arc<Self>, hub: Weak<Inner>, node: NodeId, channels: Channels) {
        let (mut pause, mut told) = (FIRST_PAUSE, false);
        loop {
            match self.connect(&hub, node, &channels).await {
                Ok(connected) => {
                    (pause, told) = (FIRST_PAUSE, false);
                    let error = connected.await;
                    tracing::debug!(%error, "the connection to Redis ended");
                    self.up.store(false, Ordering::Relaxed);
                    self.wanted.end();
                    // What was on its way, or waited to be summed up, may not have arrived: the others shall ask.
                    self.lost.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    // Once in each outage: nothing else says what is wrong with the address, the password, the server.
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(%error, "no connection to Redis: trying on");
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Connects twice and subscribes to everything wanted; the answer runs until something fails.
    async fn connect<'a>(
        &'a self,
        hub: &'a Weak<Inner>,
        node: NodeId,
        channels: &'a Channels,
    ) -> RedisResult<impl Future<Output = RedisError> + use<'a>> {
        let (pushes, pushed) = listen::pushes();
        let config = || {
            AsyncConnectionConfig::new()
                .set_connection_timeout(Some(ANSWER))
                .set_response_timeout(Some(ANSWER))
        };
        let client = &self.client;
        let mut listening =
            client.get_multiplexed_async_connection_with_config(&config().set_push_sender(pushes)).await?;
        let speaking = client.get_multiplexed_async_connection_with_config(&config()).await?;
        let sharded = listen::begin(&mut listening, channels).await?;

        // What waited is older than what the others will be told to ask the store for.
        let mut waiting = self.waiting.lock().await;
        while let Ok((_, message)) = waiting.try_recv() {
            self.lost.fetch_add(commits(&message), Ordering::Relaxed);
        }
        self.up.store(true, Ordering::Relaxed);
        if let Some(inner) = hub.upgrade() {
            inner.cluster.missed_something();
        }

        Ok(async move {
            let subscriber = listen::Subscriber::new(listening, channels, sharded, &self.wanted);
            let ended = tokio::try_join!(
                speak::run(speaking, &mut waiting, channels, sharded, &self.lost),
                subscriber.run(),
                listen::run(pushed, hub, node, channels),
            );
            match ended {
                Err(error) => error,
                Ok((never, ..)) => match never {},
            }
        })
    }
}

impl Link for RedisLink {
    fn publish(&self, from: NodeId, message: Message) {
        let commits = commits(&message);
        // Signals must not take the place of what is committed.
        let signal = matches!(message, Message::Signal { .. });
        let crowded = signal && self.outgoing.capacity() < OUTGOING / 2;
        let up = self.up.load(Ordering::Relaxed);
        if !up || crowded || self.outgoing.try_send((from, message)).is_err() {
            self.lost.fetch_add(commits, Ordering::Relaxed);
        }
    }

    fn follow(&self, session: SessionId) {
        let mut wanted = self.wanted.lock();
        let times = wanted.all.entry(session).or_insert(0);
        *times += 1;
        if *times == 1 {
            self.wanted.changed(wanted, session);
        }
    }

    fn unfollow(&self, session: SessionId) {
        let mut wanted = self.wanted.lock();
        if let Entry::Occupied(mut times) = wanted.all.entry(session) {
            *times.get_mut() -= 1;
            if *times.get() == 0 {
                times.remove();
                self.wanted.changed(wanted, session);
            }
        }
    }

    fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Wanted {
    fn lock(&self) -> MutexGuard<'_, WantedSessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, mut wanted: MutexGuard<'_, WantedSessions>, session: SessionId) {
        if let Some(changed) = &mut wanted.changed {
            changed.insert(session);
            drop(wanted);
            self.changed.notify_one();
        }
    }

    /// All that is wanted. From now on changes are kept.
    fn begin(&self) -> Vec<SessionId> {
        let mut wanted = self.lock();
        wanted.changed = Some(HashSet::new());
        wanted.all.keys().copied().collect()
    }

    /// What came or went: the session, and whether it is wanted now.
    fn changes(&self) -> Vec<(SessionId, bool)> {
        let mut wanted = self.lock();
        let changed = wanted.changed.as_mut().map(std::mem::take).unwrap_or_default();
        changed.into_iter().map(|session| (session, wanted.all.contains_key(&session))).collect()
    }

    /// Nobody listens any more.
    fn end(&self) {
        self.lock().changed = None;
    }
}

/// A failure of the link's own finding.
fn failure(what: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, what))
}

/// How many commits a message tells of.
fn commits(message: &Message) -> u64 {
    u64::from(matches!(message, Message::Committed(_)))
}

fn command(word: &'static str, channel: &str) -> Cmd {
    let mut command = redis::cmd(word);
    command.arg(channel);
    command
}
