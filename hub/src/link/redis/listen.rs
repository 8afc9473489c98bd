//! Hearing: which channels, and what comes over them.

use std::{
    convert::Infallible,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use persistence::NodeId;
use protocol::SessionId;
use redis::{
    ErrorKind, Pipeline, PushInfo, PushKind, RedisError, RedisResult, Value, aio::MultiplexedConnection,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{
    Wanted, command, failure,
    wire::{Channel, Channels, beginning, said},
};
use crate::{Hub, Inner};

/// Pushes that wait to be taken. Beyond it the connection is given up: what was missed is read from the store.
const PUSHES: usize = 16_384;
/// Channels subscribed to in one pipeline; pushes taken in one turn.
const TOGETHER: usize = 512;
/// Without this node's own beat for so long the connection is made anew: a half-open one looks healthy for ever.
const DEAF: Duration = Duration::from_secs(3);

/// What Redis pushes, in a bounded queue.
pub(super) struct Pushed {
    queue: mpsc::Receiver<PushInfo>,
    overflowed: Arc<AtomicBool>,
}

pub(super) fn pushes() -> (impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static, Pushed) {
    let (sender, queue) = mpsc::channel(PUSHES);
    let overflowed = Arc::<AtomicBool>::default();
    let flag = overflowed.clone();
    let push = move |info| {
        sender.try_send(info).map_err(|error| {
            if matches!(error, mpsc::error::TrySendError::Full(_)) {
                flag.store(true, Ordering::Relaxed);
            }
        })
    };
    (push, Pushed { queue, overflowed })
}

/// Subscribes to what every node hears; answers whether the server knows sharded channels (Redis 7 and later).
pub(super) async fn begin(redis: &mut MultiplexedConnection, channels: &Channels) -> RedisResult<bool> {
    let nodes = channels.name(Channel::Nodes);
    let sharded = match command("SSUBSCRIBE", &nodes).query_async::<Value>(redis).await {
        Ok(_) => true,
        Err(error) if matches!(error.kind(), ErrorKind::Server(_)) => {
            command("SUBSCRIBE", &nodes).query_async::<Value>(redis).await?;
            false
        }
        Err(error) => return Err(error),
    };
    let subscribe = if sharded { "SSUBSCRIBE" } else { "SUBSCRIBE" };
    command(subscribe, &channels.name(Channel::Inbox)).query_async::<Value>(redis).await?;
    Ok(sharded)
}

/// Keeps the connection subscribed to the sessions that are wanted.
pub(super) struct Subscriber<'a> {
    redis: MultiplexedConnection,
    channels: &'a Channels,
    wanted: &'a Wanted,
    words: (&'static str, &'static str),
}

impl<'a> Subscriber<'a> {
    pub(super) fn new(
        redis: MultiplexedConnection,
        channels: &'a Channels,
        sharded: bool,
        wanted: &'a Wanted,
    ) -> Self {
        let words = if sharded { ("SSUBSCRIBE", "SUNSUBSCRIBE") } else { ("SUBSCRIBE", "UNSUBSCRIBE") };
        Self { redis, channels, wanted, words }
    }

    pub(super) async fn run(mut self) -> Result<Infallible, RedisError> {
        let everything: Vec<_> = self.wanted.begin().into_iter().map(|session| (session, true)).collect();
        self.tell(&everything).await?;
        loop {
            self.wanted.changed.notified().await;
            let changes = self.wanted.changes();
            self.tell(&changes).await?;
        }
    }

    async fn tell(&mut self, changes: &[(SessionId, bool)]) -> Result<(), RedisError> {
        for some in changes.chunks(TOGETHER) {
            let mut pipeline = Pipeline::with_capacity(some.len());
            for (session, wanted) in some {
                let word = if *wanted { self.words.0 } else { self.words.1 };
                pipeline.cmd(word).arg(self.channels.name(Channel::Session(*session)));
            }
            pipeline.query_async::<Vec<Value>>(&mut self.redis).await?;
        }
        Ok(())
    }
}

/// Hands what is pushed to the hub, until the connection ends or falls silent.
pub(super) async fn run(
    mut pushed: Pushed,
    hub: &Weak<Inner>,
    node: NodeId,
    channels: &Channels,
) -> Result<Infallible, RedisError> {
    let own = beginning(node);
    let mut deaf_at = Instant::now() + DEAF;
    let mut taken = Vec::new();
    loop {
        // Tasks take turns, and this one must not fall behind what all others send.
        let some = timeout_at(deaf_at, pushed.queue.recv_many(&mut taken, TOGETHER)).await;
        if some.map_err(|_elapsed| failure("this node's own beat does not come back"))? == 0 {
            return Err(failure("the connection is gone"));
        }
        if pushed.overflowed.load(Ordering::Relaxed) {
            return Err(failure("more came than could be taken"));
        }
        let Some(inner) = hub.upgrade() else { return Err(failure("the hub is gone")) };
        let hub = Hub { inner };
        for push in taken.drain(..) {
            if take(&hub, channels, &own, push)? {
                deaf_at = Instant::now() + DEAF;
            }
        }
    }
}

/// Hands one push to the hub; answers whether it was a beat of this node's own.
fn take(hub: &Hub, channels: &Channels, own: &[u8], push: PushInfo) -> Result<bool, RedisError> {
    let PushInfo { kind, data } = push;
    let Some(Value::BulkString(name)) = data.first() else {
        if kind == PushKind::Disconnection {
            return Err(failure("Redis closed the connection"));
        }
        return Ok(false);
    };
    let Some(channel) = channels.parse(name) else { return Ok(false) };
    match (kind, channel, data.get(1)) {
        (PushKind::Subscribe | PushKind::SSubscribe, Channel::Session(session), _) => {
            hub.listening(session);
        }
        (PushKind::Message | PushKind::SMessage, channel, Some(Value::BulkString(words))) => {
            let own = words.starts_with(own);
            if own && channel != Channel::Nodes {
                return Ok(false);
            }
            match (said(words), channel) {
                (Some((from, message)), _) => hub.receive(from, message),
                // Another version's words: they say at least that something happened there.
                (None, Channel::Session(session)) => hub.outdated(session),
                (None, Channel::Nodes | Channel::Inbox) => {}
            }
            return Ok(own);
        }
        _ => {}
    }
    Ok(false)
}
