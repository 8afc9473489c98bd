//! What a run's history counts up to.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hdrhistogram::Histogram;
use protocol::{EntryId, ErrorCode, SessionId};

use crate::history::{ActorId, Evidence, What};

/// Longer than any run.
const LONGEST_US: u64 = 3_600_000_000;

/// How long something took, over many times.
#[derive(Debug, Clone)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        let histogram = Histogram::new_with_max(LONGEST_US, 3);
        // The bounds are constants within what the crate allows (max ≥ 2, at most 5 digits).
        Self(histogram.expect("constant bounds are valid"))
    }
}

impl Latency {
    fn add(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
    }

    /// How many were measured.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time in milliseconds within which this share was done; `quantile` is 0–1.
    pub fn ms(&self, quantile: f64) -> f64 {
        Duration::from_micros(self.0.value_at_quantile(quantile)).as_secs_f64() * 1_000.0
    }

    /// The longest, in milliseconds.
    pub fn max_ms(&self) -> f64 {
        Duration::from_micros(self.0.max()).as_secs_f64() * 1_000.0
    }
}

/// What a run counts up to.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Different sends.
    pub sends: usize,
    /// Tries of them.
    pub tries: usize,
    /// Different sends that were acked.
    pub acked: usize,
    /// Acks that said "duplicate".
    pub duplicates: usize,
    /// Entries that arrived at readers.
    pub deliveries: usize,
    /// Connections beyond each participant's first.
    pub reconnects: usize,
    /// How often somebody was told to wait.
    pub rate_limited: usize,
    /// Other refusals that may succeed later, by word.
    pub retryable: BTreeMap<String, usize>,
    /// Sends that got no answer for long, and were sent again.
    pub unanswered: usize,
    /// From a send to its ack; only of sends that needed one try.
    pub send_to_ack: Latency,
    /// From a send to its arrival at each other reader who was following then; only of sends that needed
    /// one try. Readers who were reconnecting are in it.
    pub send_to_delivery: Latency,
}

impl Numbers {
    /// Counts a run.
    pub fn of(evidence: &Evidence) -> Self {
        let mut numbers = Self::default();
        let mut tries: BTreeMap<EntryId, (Duration, ActorId, usize)> = BTreeMap::new();
        for record in &evidence.records {
            if let What::Tried { id, .. } = record.what {
                tries.entry(id).or_insert((record.at, record.actor, 0)).2 += 1;
            }
        }
        let once = |id: &EntryId| tries.get(id).filter(|(_, _, count)| *count == 1);
        let mut links: BTreeMap<ActorId, usize> = BTreeMap::new();
        let mut acked: BTreeSet<EntryId> = BTreeSet::new();
        let mut following: BTreeMap<(ActorId, SessionId), Duration> = BTreeMap::new();
        for record in &evidence.records {
            match &record.what {
                What::Tried { .. } => numbers.tries += 1,
                What::Acked { id, duplicate, .. } => {
                    numbers.duplicates += usize::from(*duplicate);
                    if let (true, Some((tried, ..))) = (acked.insert(*id), once(id)) {
                        numbers.send_to_ack.add(record.at.saturating_sub(*tried));
                    }
                }
                What::Followed { session, .. } => {
                    following.insert((record.actor, *session), record.at);
                }
                What::Saw { session, line, .. } => {
                    numbers.deliveries += 1;
                    let since = following.get(&(record.actor, *session));
                    if let (Some((tried, sender, _)), Some(since)) = (once(&line.id), since)
                        && *sender != record.actor
                        && since < tried
                    {
                        numbers.send_to_delivery.add(record.at.saturating_sub(*tried));
                    }
                }
                What::Linked { .. } => *links.entry(record.actor).or_default() += 1,
                What::Refused { code, .. } if code == ErrorCode::RateLimited.as_str() => {
                    numbers.rate_limited += 1;
                }
                What::Refused { code, retryable: true, .. } => {
                    *numbers.retryable.entry(code.clone()).or_default() += 1;
                }
                What::Unanswered { .. } => numbers.unanswered += 1,
                What::Refused { retryable: false, .. }
                | What::Started { .. }
                | What::Unlinked { .. }
                | What::Left { .. }
                | What::Reset { .. } => {}
            }
        }
        numbers.sends = tries.len();
        numbers.acked = acked.len();
        numbers.reconnects = links.values().map(|count| count.saturating_sub(1)).sum();
        numbers
    }
}
