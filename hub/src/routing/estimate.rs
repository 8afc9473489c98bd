//! How long a wait may be, from how fast the queue moved lately.

use std::{collections::VecDeque, time::Duration};

use protocol::UtcMillis;

/// What is measured first: the more recent, the truer.
const LATELY: Duration = Duration::from_mins(15);
/// What is measured if too little happened lately.
const BEFORE: Duration = Duration::from_mins(60);
/// With fewer than this many taken there is nothing to go by.
const SAMPLES: usize = 5;
/// As many as are kept; who needs more for an hour has enough of the last minutes.
const KEPT: usize = 512;
/// Who waited less was given away at once, which says nothing about a queue.
const WAITED: Duration = Duration::from_secs(5);
/// Nobody can tell more than this ahead from the last hour.
const LONGEST: Duration = Duration::from_mins(120);

/// What was lately taken from a lane of the queue.
#[derive(Debug, Clone)]
pub struct Recent {
    /// In the order of being told. Each: since when it had been waiting, and when it was taken.
    taken: VecDeque<(UtcMillis, UtcMillis)>,
    /// All that was taken after this time is known.
    known_from: UtcMillis,
}

impl Recent {
    /// Nothing was taken since this time, as far as is known yet.
    pub const fn since(known_from: UtcMillis) -> Self {
        Self { taken: VecDeque::new(), known_from }
    }

    /// A session that had been waiting was taken, or offered and accepted.
    pub fn taken(&mut self, waiting_since: UtcMillis, at: UtcMillis) {
        if at.since(waiting_since) < WAITED {
            return;
        }
        if self.taken.len() == KEPT
            && let Some((_, at)) = self.taken.pop_front()
        {
            self.known_from = self.known_from.max(at);
        }
        self.taken.push_back((waiting_since, at));
    }

    /// How long somebody may still have to wait who has so many `ahead`, while the first of them has been waiting since
    /// `first_since`. Whole minutes, and coarser the longer it is; never too short by rounding. `None`: we can't tell.
    ///
    /// The rate is that of the time when anybody waited at all: that agents had nothing to do for half an hour does not
    /// make them slow. And if nobody was taken for a while, it falls.
    pub fn estimate(
        &self,
        ahead: u32,
        first_since: UtcMillis,
        online: u32,
        now: UtcMillis,
    ) -> Option<Duration> {
        if online == 0 {
            return None;
        }
        let (count, busy) = [LATELY, BEFORE]
            .into_iter()
            .map(|window| self.measure(before(now, window), first_since, now))
            .find(|(count, _)| *count >= SAMPLES)?;
        let places = u128::from(ahead) + 1;
        let millis = (busy.as_millis() * places).div_ceil(u128::try_from(count).ok()?);
        rounded(Duration::from_millis(u64::try_from(millis).ok()?))
    }

    /// How many were taken from this time on, and for how long of it anybody waited.
    fn measure(&self, from: UtcMillis, first_since: UtcMillis, now: UtcMillis) -> (usize, Duration) {
        let from = from.max(self.known_from);
        let taken: Vec<_> = self.taken.iter().filter(|(_, at)| *at > from && *at <= now).collect();
        let mut waits: Vec<(UtcMillis, UtcMillis)> =
            taken.iter().map(|(since, at)| ((*since).max(from), *at)).collect();
        waits.push((first_since.max(from), now));
        waits.sort_unstable();
        let (mut busy, mut counted) = (Duration::ZERO, from);
        for (since, at) in waits {
            busy += at.since(since.max(counted));
            counted = counted.max(at);
        }
        (taken.len(), busy)
    }
}

fn before(now: UtcMillis, window: Duration) -> UtcMillis {
    UtcMillis::new(now.get().saturating_sub(i64::try_from(window.as_millis()).unwrap_or(i64::MAX)))
}

/// As coarse as it is uncertain, and never less than it was.
fn rounded(wait: Duration) -> Option<Duration> {
    let step = match wait.as_secs() {
        0..=600 => 60,
        601..=1_800 => 300,
        _ => 900,
    };
    let steps = wait.as_millis().div_ceil(step * 1_000).max(1);
    let rounded = Duration::from_secs(u64::try_from(steps * step).ok()?);
    (rounded <= LONGEST).then_some(rounded)
}
