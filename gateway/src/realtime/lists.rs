//! The lists that one agent's WebSocket keeps live: what was shown, and what changed since.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use hub::{Caller, Changes, InboxWatch, ListChange, Shown, view_filter};
use persistence::{Session, SessionPage};
use protocol::{Audience, ServerFrame, View, limits};
use tokio::time::Instant;

use super::socket;
use crate::{app::App, error::ApiError};

/// Between two looks at what changed: at most four a second and session (contract §4).
const PAUSE: Duration = Duration::from_millis(1_000 / limits::SUMMARIES_PER_SECOND as u64);

/// Until a list that could not be read is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Sessions that a list may hold beyond what was asked for, as they come.
const SPARE: usize = 500;

/// The lists of one connection.
pub(super) struct Lists {
    watch: InboxWatch,
    views: HashMap<View, Watched>,
    /// Lists being read: until they are here, changes wait, so that none is told before its list.
    loading: u32,
    next_look: Instant,
    dirty: bool,
}

/// One list.
#[derive(Default)]
struct Watched {
    shown: Shown,
    limit: u32,
    /// How many there were when it was sent; `None`: it is to be sent whatever it holds.
    total: Option<u64>,
    /// It could not be read anew; again soon.
    again: bool,
}

/// A list that was read.
pub(super) struct Loaded {
    pub view: View,
    pub page: Result<SessionPage, ApiError>,
}

/// Reads a list as `caller` may see it.
pub(super) async fn load(app: App, caller: Caller, view: View, limit: u32) -> Loaded {
    let (filter, order) = view_filter(view, &caller);
    let page = app.store.list_sessions(&filter, order, None, limit).await.map_err(ApiError::from);
    Loaded { view, page }
}

impl Lists {
    pub(super) fn new(watch: InboxWatch) -> Self {
        Self { watch, views: HashMap::new(), loading: 0, next_look: Instant::now(), dirty: false }
    }

    /// Begins to watch a list; it must be loaded next. False if there are too many.
    pub(super) fn begin(&mut self, view: View, limit: u32) -> bool {
        if self.views.len() >= limits::WATCHED && !self.views.contains_key(&view) {
            return false;
        }
        let watched = self.views.entry(view).or_default();
        (watched.limit, watched.total) = (limit, None);
        self.loading += 1;
        true
    }

    pub(super) fn end(&mut self, view: View) {
        self.views.remove(&view);
    }

    /// Takes a list that was read, and says what to write.
    pub(super) fn loaded(&mut self, Loaded { view, page }: Loaded) -> Option<Bytes> {
        self.loading = self.loading.saturating_sub(1);
        let watched = self.views.get_mut(&view)?;
        watched.again = false;
        match page {
            // Read anew to be sure, and nothing was missed.
            Ok(page) if watched.total == Some(page.total) && watched.shown.is(&page.items) => None,
            Ok(page) => {
                watched.shown.replace(&page.items);
                watched.total = Some(page.total);
                Some(socket::bytes(&ServerFrame::Listed {
                    view,
                    more: page.total > page.items.len() as u64,
                    total: page.total,
                    sessions: page.items.iter().map(|session| session.summary(Audience::Team)).collect(),
                }))
            }
            // Whoever has the list goes on having it while the store is away.
            Err(error) if error.code.retryable() && watched.total.is_some() => {
                watched.again = true;
                self.dirty = true;
                self.next_look = Instant::now() + AGAIN;
                None
            }
            Err(error) => {
                self.views.remove(&view);
                Some(socket::bytes(&super::error_frame(&error, None, None)))
            }
        }
    }

    /// Waits until there is something to look at, and it is time to. Cancel-safe.
    pub(super) async fn ready(&mut self) {
        if self.loading > 0 {
            std::future::pending::<()>().await;
        }
        if !self.dirty {
            self.watch.changed().await;
            self.dirty = true;
        }
        tokio::time::sleep_until(self.next_look).await;
    }

    /// What changed, as frames; and the lists to read anew, which must be loaded next.
    pub(super) fn changes(&mut self, caller: &Caller) -> (Vec<Bytes>, Vec<(View, u32)>) {
        self.dirty = false;
        self.next_look = Instant::now() + PAUSE;
        let mut frames = Vec::new();
        let overflowed = match self.watch.take() {
            Changes::Sessions(sessions) => {
                for session in &sessions {
                    self.changed(caller, session, &mut frames);
                }
                false
            }
            Changes::Overflowed => true,
        };
        // A list that has grown far beyond what was asked for is cut back to it.
        let outgrown = |shown: &Shown, limit: u32| shown.len() > limit as usize + SPARE;
        let again: Vec<_> = self
            .views
            .iter()
            .filter(|(_, watched)| overflowed || watched.again || outgrown(&watched.shown, watched.limit))
            .map(|(view, watched)| (*view, watched.limit))
            .collect();
        self.loading += u32::try_from(again.len()).unwrap_or(u32::MAX);
        (frames, again)
    }

    fn changed(&mut self, caller: &Caller, session: &Session, frames: &mut Vec<Bytes>) {
        // One frame is for all lists, so what is older than any of them is for none: it would bring the session into a
        // list that knows it has left.
        let newest = self.views.values().filter_map(|watched| watched.shown.knows(session.id)).max();
        if newest.is_some_and(|newest| newest > session.version) {
            return;
        }
        let mut show = false;
        for (view, watched) in &mut self.views {
            match watched.shown.update(*view, caller, session) {
                ListChange::Show => show = true,
                ListChange::Remove => {
                    frames.push(socket::bytes(&ServerFrame::Removed { view: *view, session: session.id }));
                }
                ListChange::Nothing => {}
            }
        }
        if show {
            frames.push(socket::bytes(&ServerFrame::Session { session: session.summary(Audience::Team) }));
        }
    }
}
