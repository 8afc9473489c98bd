//! The lists that one agent's WebSocket keeps live, as frames. What is in them is the hub's to know.

use std::collections::HashMap;

use bytes::Bytes;
use hub::{InboxWatch, News};
use protocol::{ServerFrame, SessionId, View, limits};

use super::{About, error_frame, socket};

/// The lists of one connection.
pub(super) struct Lists {
    watch: InboxWatch,
    news: Vec<(View, News)>,
}

impl Lists {
    pub(super) fn new(watch: InboxWatch) -> Self {
        Self { watch, news: Vec::new() }
    }

    /// Begins to watch a list. False if there are too many.
    pub(super) fn begin(&mut self, view: View, limit: u32) -> bool {
        if self.watch.count() >= limits::WATCHED && !self.watch.is_watched(&view) {
            return false;
        }
        self.watch.watch(view, limit);
        true
    }

    pub(super) fn end(&mut self, view: &View) {
        self.watch.end(view);
    }

    /// Waits until there is something to tell. Cancel-safe.
    pub(super) async fn ready(&mut self) {
        self.news = self.watch.next().await;
    }

    /// What came, as frames.
    pub(super) fn changes(&mut self) -> Vec<Bytes> {
        let news = std::mem::take(&mut self.news);
        let mut frames = Vec::new();
        // First what is in which list: one frame of a session is for all of them, and comes behind.
        for (view, news) in &news {
            match news {
                News::Listed(page) => frames.push(page.frame()),
                News::Changed { difference, .. } => {
                    frames.extend(
                        difference.removed.iter().map(|id| {
                            socket::bytes(&ServerFrame::Removed { view: view.clone(), session: *id })
                        }),
                    );
                    let added = difference.added.iter().filter(|_| view.is_told());
                    frames.extend(
                        added.map(|id| {
                            socket::bytes(&ServerFrame::Added { view: view.clone(), session: *id })
                        }),
                    );
                }
                News::Failed(error) => {
                    let frame = error_frame(&error.clone().into(), About::List(view.clone()));
                    frames.push(socket::bytes(&frame));
                }
            }
        }
        let mut untold = newest(&news);
        for (_, news) in &news {
            let News::Changed { difference, .. } = news else { continue };
            let shown = difference.shown.iter().map(|row| (row, row.session()));
            let shown = shown.filter(|(_, session)| {
                untold.get(&session.id) == Some(&session.version) && untold.remove(&session.id).is_some()
            });
            frames.extend(shown.map(|(row, _)| row.frame()));
        }
        frames
    }
}

/// The version in which each session is shown: one frame is for all lists, and one list may have been read later than
/// another.
fn newest(news: &[(View, News)]) -> HashMap<SessionId, u64> {
    let mut newest = HashMap::new();
    for (_, news) in news {
        let News::Changed { difference, .. } = news else { continue };
        for session in difference.shown.iter().map(|row| row.session()) {
            let version = newest.entry(session.id).or_insert(session.version);
            *version = session.version.max(*version);
        }
    }
    newest
}
