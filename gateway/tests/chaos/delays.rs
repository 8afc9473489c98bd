//! How long a message takes to readers at other nodes, while all is well and while only Redis is ill (promise 7).

use std::{
    collections::{HashMap, HashSet},
    fmt,
    time::Duration,
};

use loadtest::history::{ActorId, Evidence, Record, What};
use protocol::{EntryId, SessionId};
use tokio::time::Instant;

use crate::{
    faults::{Account, Happened},
    script::Part,
    talk::Seat,
};

/// After a fault of another kind, this long is not judged: its victims are still on their way back.
const AFTERMATH: Duration = Duration::from_secs(4);
/// Promise 7 says 2 s; a machine that is busy with everything else at once gets more.
pub(crate) const BOUND: Duration = Duration::from_secs(5);
/// And this is what nearly all of a run must come within, with nothing wrong and without Redis.
const MOST: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(3)];

/// Delays from an ack to the sight of it elsewhere.
#[derive(Debug, Default, Clone)]
pub(crate) struct Delays(Vec<Duration>);

impl Delays {
    pub(crate) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
        self.0.sort_unstable();
    }

    pub(crate) fn largest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// All but one in a hundred came within it.
    pub(crate) fn most(&self) -> Duration {
        self.percentile(0.99)
    }

    fn percentile(&self, part: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = (sorted.len() as f64 * part) as usize;
        sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl Across {
    /// What is wrong with promise 7, over a whole run.
    pub(crate) fn breach(&self) -> Option<String> {
        let [well, without_redis] = MOST;
        if self.well.most() > well {
            return Some(format!("promise 7: with nothing wrong, {}", self.well));
        }
        let slow = self.without_redis.most() > without_redis;
        slow.then(|| format!("promise 7: without Redis, {}", self.without_redis))
    }
}

impl fmt::Display for Delays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |part| self.percentile(part).as_secs_f64() * 1_000.0;
        let largest = self.largest().as_secs_f64() * 1_000.0;
        let (half, most) = (ms(0.5), ms(0.99));
        write!(f, "{} deliveries, p50 {half:.0} ms, p99 {most:.0} ms, largest {largest:.0} ms", self.count())
    }
}

/// Across nodes, with nothing wrong and with Redis ill. Of quiet chats: in others, what readers write themselves brings
/// them what the link does not.
#[derive(Debug, Default, Clone)]
pub(crate) struct Across {
    pub(crate) well: Delays,
    pub(crate) without_redis: Delays,
}

struct Reader<'a> {
    seat: &'a Seat,
    /// Since when the present connection stands.
    linked: Option<Duration>,
}

/// Looks at each entry that a connected reader at another node than its sender's was shown live.
pub(crate) fn across(
    evidence: &Evidence,
    began: Instant,
    seats: &[Seat],
    quiet: &HashSet<SessionId>,
    account: &Account,
) -> Across {
    let happened = account.happened();
    let mut readers: HashMap<ActorId, Reader<'_>> =
        seats.iter().map(|seat| (seat.actor, Reader { seat, linked: None })).collect();
    let mut acked: HashMap<(SessionId, EntryId), (Duration, ActorId)> = HashMap::new();
    let mut across = Across::default();
    for Record { at, actor, what } in &evidence.records {
        match what {
            What::Linked { .. } => {
                if let Some(reader) = readers.get_mut(actor) {
                    reader.linked = Some(*at);
                }
            }
            What::Unlinked { .. } => {
                if let Some(reader) = readers.get_mut(actor) {
                    reader.linked = None;
                }
            }
            What::Acked { id, session, duplicate: false, .. } => {
                acked.insert((*session, *id), (*at, *actor));
            }
            What::Saw { session, line, .. } if quiet.contains(session) => {
                let Some((since, sender)) = acked.get(&(*session, line.id)).copied() else { continue };
                let (Some(reader), Some(sender)) = (readers.get(actor), readers.get(&sender)) else {
                    continue;
                };
                let live = reader.linked.is_some_and(|linked| linked < since);
                let elsewhere =
                    reader.seat.wire.node_at(began + since) != sender.seat.wire.node_at(began + since);
                if !(live && elsewhere) {
                    continue;
                }
                match circumstances(&happened, since, *at) {
                    Circumstances::Well => across.well.0.push(*at - since),
                    Circumstances::RedisIll => across.without_redis.0.push(*at - since),
                    Circumstances::Other => {}
                }
            }
            What::Started { .. }
            | What::Followed { .. }
            | What::Left { .. }
            | What::Tried { .. }
            | What::Acked { .. }
            | What::Refused { .. }
            | What::Unanswered { .. }
            | What::Saw { .. }
            | What::Reset { .. } => {}
        }
    }
    across
}

enum Circumstances {
    Well,
    RedisIll,
    Other,
}

fn circumstances(happened: &[Happened], from: Duration, to: Duration) -> Circumstances {
    let near = |it: &&Happened| it.from <= to && from <= it.to.saturating_add(AFTERMATH);
    if happened.iter().filter(near).any(|it| it.fault.part() != Part::Redis) {
        return Circumstances::Other;
    }
    if happened.iter().any(|it| it.from <= from && from <= it.to) {
        return Circumstances::RedisIll;
    }
    if happened.iter().any(|it| near(&it)) { Circumstances::Other } else { Circumstances::Well }
}
