//! Saying: whatever waits goes into one pipeline, and while Redis takes that the next one gathers.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use persistence::{NodeId, Session};
use protocol::{SessionId, limits};
use redis::{Pipeline, RedisError, aio::MultiplexedConnection};
use tokio::{sync::mpsc, time::Instant};

use super::wire::{Channel, Channels, encode};
use crate::link::{Message, Publication};

/// Messages of one pipeline.
const TOGETHER: usize = 256;
/// Between two summaries of one session: lists show no more anyway (contract §4).
const SUMMARIES: Duration = Duration::from_millis(1_000 / limits::SUMMARIES_PER_SECOND as u64);

/// Sends what waits, until Redis does not take it.
pub(super) async fn run(
    mut redis: MultiplexedConnection,
    waiting: &mut mpsc::Receiver<(NodeId, Message)>,
    channels: &Channels,
    sharded: bool,
    lost: &AtomicU64,
) -> Result<Infallible, RedisError> {
    let publish = if sharded { "SPUBLISH" } else { "PUBLISH" };
    let mut batch = Vec::with_capacity(TOGETHER);
    let mut summaries = Summaries { newest: HashMap::new(), due: Instant::now() };
    loop {
        tokio::select! {
            _ = waiting.recv_many(&mut batch, TOGETHER) => {}
            () = tokio::time::sleep_until(summaries.due), if !summaries.newest.is_empty() => {}
        }
        let mut pipeline = Pipeline::with_capacity(batch.len() + 1);
        let mut count = 0;
        let mut say = |channel, words: Vec<u8>| {
            pipeline.cmd(publish).arg(channels.name(channel)).arg(words).ignore();
            count += 1;
        };
        for (from, message) in batch.drain(..) {
            let channel = match &message {
                Message::Beat(_) => Channel::Nodes,
                Message::Committed(publication) => {
                    summaries.add(from, publication.session.clone());
                    Channel::Session(publication.session.id)
                }
                Message::Told { .. } | Message::Blocked { .. } | Message::Views { .. } => Channel::Inbox,
                Message::Signal { session, .. } => Channel::Session(*session),
            };
            say(channel, encode(from, &message));
        }
        for (from, session) in summaries.take(Instant::now()) {
            say(
                Channel::Inbox,
                encode(from, &Message::Committed(Publication { session, entries: Vec::new() })),
            );
        }
        if pipeline.is_empty() {
            // Redis' client takes that for a mistake, and the connection would end of it.
            continue;
        }
        if let Err(error) = pipeline.query_async::<()>(&mut redis).await {
            lost.fetch_add(count, Ordering::Relaxed);
            return Err(error);
        }
    }
}

/// Sessions that changed since lists were told.
struct Summaries {
    newest: HashMap<SessionId, (NodeId, Arc<Session>)>,
    /// When the next may be told: at once after a quiet time.
    due: Instant,
}

impl Summaries {
    fn add(&mut self, from: NodeId, session: Arc<Session>) {
        self.newest.insert(session.id, (from, session));
    }

    /// Those that are to be told now; none if it is too early.
    fn take(&mut self, now: Instant) -> Vec<(NodeId, Arc<Session>)> {
        if self.newest.is_empty() || now < self.due {
            return Vec::new();
        }
        self.due = now + SUMMARIES;
        self.newest.drain().map(|(_, newest)| newest).collect()
    }
}
