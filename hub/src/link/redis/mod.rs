//! The link over Redis pub/sub: one connection speaks, one listens, both are made anew whenever either is in doubt.
//!
//! Nothing is stored in Redis, so one that comes back empty is as good as before. Each session has a channel (sharded
//! where the server can), followed only while people follow the session here; summaries for lists and signs of life
//! have one each.

mod listen;
mod speak;
mod wire;

use std::{
    collections::HashSet,
    fmt,
    future::Future,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use persistence::NodeId;
use protocol::SessionId;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, IntoConnectionInfo as _, ProtocolVersion, RedisError,
    RedisResult, aio::MultiplexedConnection,
};
use tokio::sync::{Mutex as Taken, Notify, mpsc};

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
    waiting: Taken<mpsc::Receiver<(NodeId, Message)>>,
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
    all: HashSet<SessionId>,
    /// Those that came or went since the listener looked.
    changed: HashSet<SessionId>,
}

impl RedisLink {
    /// A link over this server. Whether it answers is found out later, again and again.
    pub fn new(url: &RedisUrl) -> Self {
        let (outgoing, waiting) = mpsc::channel(OUTGOING);
        Self {
            client: url.0.clone(),
            outgoing,
            waiting: Taken::new(waiting),
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
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.connect(&hub, node, &channels).await {
                Ok(connected) => {
                    pause = FIRST_PAUSE;
                    let error = connected.await;
                    // What was on its way, or waited to be summed up, may not have arrived: the others shall ask.
                    self.lost.fetch_add(1, Ordering::Relaxed);
                    error
                }
                Err(error) => error,
            };
            self.up.store(false, Ordering::Relaxed);
            tracing::debug!(%error, "the connection to Redis ended");
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
        let mut stale = 0;
        while waiting.try_recv().is_ok() {
            stale += 1;
        }
        self.lost.fetch_add(stale, Ordering::Relaxed);
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
        if !self.up.load(Ordering::Relaxed) || self.outgoing.try_send((from, message)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn follow(&self, session: SessionId) {
        self.wanted.change(|all| all.insert(session), session);
    }

    fn unfollow(&self, session: SessionId) {
        self.wanted.change(|all| all.remove(&session), session);
    }

    fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Wanted {
    fn change(&self, change: impl FnOnce(&mut HashSet<SessionId>) -> bool, session: SessionId) {
        let mut wanted = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut wanted.all) {
            wanted.changed.insert(session);
            drop(wanted);
            self.changed.notify_one();
        }
    }

    fn everything(&self) -> Vec<SessionId> {
        let mut wanted = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.changed.clear();
        wanted.all.iter().copied().collect()
    }

    /// What came or went: the session, and whether it is wanted now.
    fn changes(&self) -> Vec<(SessionId, bool)> {
        let mut wanted = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = std::mem::take(&mut wanted.changed);
        changed.into_iter().map(|session| (session, wanted.all.contains(&session))).collect()
    }
}

/// A failure of the link's own finding.
fn failure(what: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, what))
}

/// Something that can only fail.
enum Never {}

fn command(word: &'static str, channel: &str) -> Cmd {
    let mut command = redis::cmd(word);
    command.arg(channel);
    command
}

type Connection = MultiplexedConnection;
