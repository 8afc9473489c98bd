//! One list that is watched, and what each of those who watch it was given of it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use protocol::{ConnectionId, SessionId};
use tokio::{sync::mpsc::error::TrySendError, time::Instant};

use super::{
    News,
    desk::{AGAIN, Connection, Key, Pieces},
    list::{Difference, List, Page, Row},
};
use crate::{Caller, HubError};

/// How old a list's count may become at its watchers, where they cannot count for themselves.
const COUNT_AGE: Duration = Duration::from_secs(5);
/// The same of a list of which only the number is shown: how many there are beyond a hundred nobody looks at.
const BARE_COUNT_AGE: Duration = Duration::from_secs(30);
/// How often a number that is all that is shown may change.
const BARE_PAUSE: Duration = Duration::from_secs(1);
/// Changes that are remembered while a list is read; beyond it, it is read once more.
pub(super) const MEANWHILE: usize = 10_000;

pub(super) struct Watched {
    pub key: Key,
    pub list: List,
    pub caller: Caller,
    pub watchers: Vec<Watcher>,
    /// It is to be read (again), and not before this moment.
    pub wanted: Option<Instant>,
    pub reading: bool,
    /// What changed since it is being read.
    pub meanwhile: HashMap<SessionId, Arc<Row>>,
    pub counted_at: Instant,
    pub changed_since_count: bool,
}

pub(super) struct Watcher {
    pub connection: ConnectionId,
    pub number: u64,
    /// What it was brought to; `None` until it was given the whole list.
    pub has: Option<Arc<Page>>,
    /// The count that it was given, and when.
    pub total: (u64, Instant),
    /// The reading under way began after it asked.
    pub answered_by_reading: bool,
}

impl Watched {
    pub(super) fn take(&mut self, rows: &[Arc<Row>], now: Instant) {
        for row in rows {
            self.list.apply(row);
        }
        if self.reading && self.meanwhile.len() < MEANWHILE {
            self.meanwhile.extend(rows.iter().map(|row| (row.session().id, row.clone())));
        }
        self.changed_since_count |= !rows.is_empty();
        if self.list.is_short() && !self.reading {
            self.wanted = Some(now);
        }
        self.count_again(now);
    }

    /// Has a list counted by the store, in time, of which not all is known.
    pub(super) fn count_again(&mut self, now: Instant) {
        let age = if self.list.is_bare() { BARE_COUNT_AGE } else { COUNT_AGE };
        if self.changed_since_count && self.list.is_cut() && !self.reading && self.wanted.is_none() {
            self.wanted = Some(now.max(self.counted_at + age));
        }
    }

    /// Gives the whole list to those who asked before it was read.
    pub(super) fn answer(&mut self, connections: &HashMap<ConnectionId, Connection>) {
        let (page, now) = (self.list.page(), Instant::now());
        for watcher in self.watchers.iter_mut().filter(|watcher| watcher.answered_by_reading) {
            watcher.answered_by_reading = false;
            let whole = vec![(watcher.number, News::Listed(page.clone()))];
            match connections.get(&watcher.connection).map(|connection| connection.news.try_send(whole)) {
                Some(Ok(())) => {
                    (watcher.has, watcher.total) = (Some(page.clone()), (page.total(), now));
                }
                // It asks more than it takes; what it has, if anything, is of no use.
                Some(Err(_)) | None => {
                    watcher.has = None;
                    self.wanted = Some(now + AGAIN);
                }
            }
        }
    }

    /// Tells those who asked before it was read that it could not be.
    pub(super) fn refuse(&mut self, error: &HubError, connections: &mut HashMap<ConnectionId, Connection>) {
        for watcher in self.watchers.iter_mut().filter(|watcher| watcher.answered_by_reading) {
            let Some(connection) = connections.get_mut(&watcher.connection) else { continue };
            let failed = vec![(watcher.number, News::Failed(error.clone()))];
            if let Err(TrySendError::Full(_)) = connection.news.try_send(failed) {
                // Told nothing it would wait for ever: the next reading answers it.
                watcher.answered_by_reading = false;
            } else {
                connection.lists.remove(&watcher.number);
            }
        }
    }

    /// Adds what each watcher lacks to what its connection is told. True if somebody is to be told more, later.
    pub(super) fn tell(
        &mut self,
        connections: &HashMap<ConnectionId, Connection>,
        told: &mut HashMap<ConnectionId, Pieces>,
        now: Instant,
    ) -> bool {
        let page = self.list.page();
        let pause = if self.list.is_bare() { BARE_PAUSE } else { COUNT_AGE };
        let mut unfinished = false;
        // Nearly all of them have the same page.
        let mut last: Option<(Arc<Page>, Arc<Difference>)> = None;
        for watcher in &mut self.watchers {
            let Some(has) = &watcher.has else { continue };
            // Where there are more than are shown, a client cannot count for itself.
            let miscounted = watcher.total.0 != page.total() && (has.more() || page.more());
            let recount = miscounted && watcher.total.1 + pause <= now;
            unfinished |= miscounted && !recount;
            if Arc::ptr_eq(has, &page) && !recount {
                continue;
            }
            if !connections.get(&watcher.connection).is_some_and(Connection::has_room) {
                unfinished = true;
                continue;
            }
            let news = if recount {
                watcher.total = (page.total(), now);
                Some(News::Listed(page.clone()))
            } else {
                let known = last.take().filter(|(from, _)| Arc::ptr_eq(from, has));
                let (from, difference) =
                    known.unwrap_or_else(|| (has.clone(), Arc::new(self.list.difference(has, &page))));
                last = Some((from, difference.clone()));
                let changed = !difference.is_empty() || has.total() != page.total();
                changed.then(|| News::Changed { difference, page: page.clone() })
            };
            watcher.has = Some(page.clone());
            if let Some(news) = news {
                told.entry(watcher.connection).or_default().push((watcher.number, news));
            }
        }
        unfinished
    }
}
