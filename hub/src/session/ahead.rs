//! Entries that are durable but not next here: where people talk at once on two nodes, each node knows its own entry
//! before it is told what stands in front of it. They are kept until then, and not for long: the link may have lost it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use persistence::{Session, Unread};
use protocol::{Entry, Seq};
use tokio::time::Instant;

use super::actor::Actor;
use crate::Publication;

/// How long the other nodes have to tell what is missing. Then the store is asked. Nodes that are busy need a while, and
/// to ask makes them busier.
const PATIENCE: Duration = Duration::from_millis(500);
/// Entries kept; beyond it, the store is asked at once.
const KEPT: usize = 256;

/// The entries behind a gap, in their order.
#[derive(Default)]
pub(super) struct Ahead(BTreeMap<Seq, Kept>);

struct Kept {
    entry: Arc<Entry>,
    from: From,
}

enum From {
    /// Committed here, which nobody knows yet: the row's version and unread counts after it, if it is the last of what
    /// was committed together.
    Here(Option<(u64, Unread)>),
    /// Told by another node; the row after it, if it is the last of what was told.
    Elsewhere(Option<Arc<Session>>),
}

impl Actor {
    /// Keeps what was committed here, perhaps behind entries of others.
    pub(super) fn committed_behind(&mut self, entries: &[Arc<Entry>], version: u64, unread: Unread) {
        for (left, entry) in (0..entries.len()).rev().zip(entries) {
            let from = From::Here((left == 0).then_some((version, unread)));
            self.ahead.0.insert(entry.seq, Kept { entry: entry.clone(), from });
        }
    }

    /// Keeps what another node committed behind a gap; false if it is not to be kept.
    pub(super) fn keep_ahead(&mut self, publication: &Publication) -> bool {
        let (Some(first), Some(last)) = (publication.entries.first(), publication.entries.last()) else {
            return false;
        };
        let fits = self.ahead.0.len() + publication.entries.len() <= KEPT;
        if !fits || first.seq <= self.session.last_seq.next() || publication.session.last_seq != last.seq {
            return false;
        }
        for entry in &publication.entries {
            let row = (entry.seq == last.seq).then(|| publication.session.clone());
            let kept = Kept { entry: entry.clone(), from: From::Elsewhere(row) };
            // What was committed here is still to be told.
            self.ahead.0.entry(entry.seq).or_insert(kept);
        }
        true
    }

    /// Takes what is next by now, and tells of what was committed here.
    pub(super) fn fold_ahead(&mut self) {
        while let Some(first) = self.ahead.0.first_entry() {
            let next = self.session.last_seq.next();
            if *first.key() > next {
                let soon = Instant::now() + PATIENCE;
                self.ask_at = Some(self.ask_at.map_or(soon, |at| at.min(soon)));
                return;
            }
            let (seq, Kept { entry, from }) = first.remove_entry();
            if seq == next {
                self.advance(&entry);
            }
            match from {
                From::Here(row) => {
                    match row {
                        Some((version, unread)) if version == self.session.version + 1 => {
                            let session = Arc::make_mut(&mut self.session);
                            (session.version, session.unread) = (version, unread);
                        }
                        // More is behind that version than is known here.
                        Some((version, _)) if version > self.session.version => self.ask_soon(),
                        _ => {}
                    }
                    self.changed(vec![entry]);
                }
                From::Elsewhere(row) => {
                    let row = row.filter(|row| {
                        row.version > self.session.version && row.last_seq == self.session.last_seq
                    });
                    if let Some(row) = row {
                        self.adopt(&row);
                    }
                    self.hub.inbox.changed(&self.session);
                }
            }
        }
    }

    /// Tells of what was committed here, before this ends without knowing what stands in front of it.
    pub(super) fn tell_ahead(&mut self) {
        for Kept { entry, from } in std::mem::take(&mut self.ahead.0).into_values() {
            if let From::Here(..) = from {
                self.changed(vec![entry]);
            }
        }
    }
}
