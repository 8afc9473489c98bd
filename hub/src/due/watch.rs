//! Which sessions are to be looked at when. A node keeps in memory when something is next due of a session, and learns
//! of changes by reading those that were changed of late; so messages pay nothing for it, and what stays as it is, is
//! read once in a while.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use persistence::{Changed, StoreError};
use protocol::{SessionId, Status, UtcMillis};

use super::Rules;
use crate::Hub;

/// How often what was changed is read.
const LOOK: Duration = Duration::from_secs(5);
/// How far each look goes back behind the last: longer than an append may take, and than clocks of nodes are apart.
const OVERLAP: Duration = Duration::from_secs(15);
/// How often all sessions that go on are read, whatever was missed.
const SWEEP: Duration = Duration::from_secs(10 * 60);
/// Sessions that are read together, and how often in a row.
const PAGE: u32 = 500;
const PAGES: usize = 4;
/// Sessions of which it is known when something is due; beyond it, the next sweep finds those that are due later.
const KEPT: usize = 100_000;

/// Those that go on, and those that can be re-opened.
const STATUSES: [Status; 3] = [Status::Open, Status::InProgress, Status::Resolved];

/// What this node knows of what is due when.
#[derive(Default)]
pub(crate) struct Watch {
    rules: Arc<Rules>,
    /// Up to where the sessions of each status were read, in the order in which they were changed; `None`: all.
    reading: [Option<Changed>; STATUSES.len()],
    looked_at: Option<UtcMillis>,
    swept_at: Option<UtcMillis>,
    alarms: Alarms,
}

/// When something is next due of which session.
#[derive(Default)]
struct Alarms {
    by_session: HashMap<SessionId, UtcMillis>,
    in_order: BTreeSet<(UtcMillis, SessionId)>,
}

impl Alarms {
    fn set(&mut self, session: SessionId, at: Option<UtcMillis>) {
        if let Some(before) = self.by_session.remove(&session) {
            self.in_order.remove(&(before, session));
        }
        if let Some(at) = at {
            self.by_session.insert(session, at);
            self.in_order.insert((at, session));
        }
        if self.in_order.len() > KEPT
            && let Some((_, last)) = self.in_order.pop_last()
        {
            self.by_session.remove(&last);
        }
    }

    fn due(&self, now: UtcMillis, most: usize) -> Vec<SessionId> {
        self.in_order
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, session)| *session)
            .take(most)
            .collect()
    }
}

impl Watch {
    /// Sets out to read what is to be read now.
    fn begin(&mut self, rules: Arc<Rules>, now: UtcMillis) {
        // A clock that was set back says nothing of how long ago anything was.
        let over =
            |last: Option<UtcMillis>, pause| last.is_none_or(|last| now < last || now.since(last) >= pause);
        if !Arc::ptr_eq(&self.rules, &rules) || over(self.swept_at, SWEEP) {
            (self.rules, self.swept_at, self.looked_at) = (rules, Some(now), Some(now));
            self.reading = [Some(Changed::default()); STATUSES.len()];
        } else if self.reading.iter().all(Option::is_none) && over(self.looked_at, LOOK) {
            let since = self.looked_at.unwrap_or(now).minus(OVERLAP);
            self.looked_at = Some(now);
            self.reading = [Some(Changed { at: since, ..Changed::default() }); STATUSES.len()];
        }
    }

    /// Reads on, and says of which sessions something is due now, the longest due first.
    pub(crate) async fn look(&mut self, hub: &Hub, most: usize) -> Result<Vec<SessionId>, StoreError> {
        let now = hub.clock().now();
        self.begin(hub.inner.rules.rules(), now);
        for (status, reading) in STATUSES.into_iter().zip(&mut self.reading) {
            for _ in 0..PAGES {
                let Some(from) = *reading else { break };
                let read = hub.inner.store.changed_since(status, from, PAGE).await?;
                let more = read.len() >= PAGE as usize;
                *reading =
                    read.last().filter(|_| more).map(|last| Changed { at: last.updated_at, id: last.id });
                for session in read {
                    self.alarms.set(session.id, self.rules.next(&session));
                }
            }
        }
        Ok(self.alarms.due(now, most))
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.clone()
    }

    /// What was due is done, or is no longer: something is due of the session then, or nothing.
    pub(crate) fn done(&mut self, session: SessionId, next: Option<UtcMillis>) {
        self.alarms.set(session, next);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn of_too_many_the_latest_are_let_go() {
        let mut alarms = Alarms::default();
        let session = |n: u128| SessionId::new(Uuid::from_u128(n));
        for n in 0..=KEPT as u128 {
            alarms.set(session(n), Some(UtcMillis::new(1_000_000 - n as i64)));
        }
        assert_eq!(alarms.in_order.len(), KEPT);
        assert_eq!(alarms.by_session.len(), KEPT);
        assert!(!alarms.by_session.contains_key(&session(0)), "it was the last to be due");
        alarms.set(session(7), None);
        alarms.set(session(8), Some(UtcMillis::new(1)));
        assert_eq!((alarms.in_order.len(), alarms.by_session.len()), (KEPT - 1, KEPT - 1));
        assert_eq!(alarms.due(UtcMillis::new(1), 10), [session(8)]);
    }
}
