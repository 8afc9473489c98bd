//! Entries that are durable but not next here: where people talk at once on two nodes, each node knows its own entry
//! before it is told what stands in front of it. They are kept until then, and not for long: the link may have lost it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use persistence::{Session, Unread};
use protocol::{Entry, Seq};
use tokio::time::Instant;

use super::{
    actor::Actor,
    appends::{Fate, Pending},
};
use crate::Publication;

/// How long the other nodes have to tell what is missing. Then the store is asked. Nodes that are busy need a while, and
/// to ask makes them busier.
const PATIENCE: Duration = Duration::from_millis(500);
/// Entries kept; beyond it, the store is asked at once.
const KEPT: usize = 256;

/// The entries behind a gap, in their order.
#[derive(Default)]
pub(super) struct Ahead {
    kept: BTreeMap<Seq, Kept>,
    /// While there are any: when the store is asked for the gap, if it is still there.
    pub(super) ask_at: Option<Instant>,
}

struct Kept {
    entry: Arc<Entry>,
    from: From,
}

enum From {
    /// Committed here, which nobody knows yet; with what the last of what was committed together has to say.
    Here(Option<Row>),
    /// Told by another node; the row after it, if it is the last of what was told.
    Elsewhere(Option<Arc<Session>>),
}

/// The session's row after an append, and who waits for the append.
pub(super) struct Row {
    pub(super) version: u64,
    pub(super) unread: Unread,
    /// They are answered when what stands in front is shown, too: else people could talk faster than the nodes tell
    /// each other, and the nodes would fall behind more and more.
    pub(super) answers: Vec<(Pending, Fate)>,
}

impl Actor {
    /// Keeps what was committed here, perhaps behind entries of others.
    pub(super) fn committed_behind(&mut self, entries: &[Arc<Entry>], row: Row) {
        let Some((last, before)) = entries.split_last() else { return };
        for entry in before {
            self.ahead.kept.insert(entry.seq, Kept { entry: entry.clone(), from: From::Here(None) });
        }
        self.ahead.kept.insert(last.seq, Kept { entry: last.clone(), from: From::Here(Some(row)) });
    }

    /// Keeps what another node committed behind a gap; false if it is not to be kept.
    pub(super) fn keep_ahead(&mut self, publication: &Publication) -> bool {
        let (Some(first), Some(last)) = (publication.entries.first(), publication.entries.last()) else {
            return false;
        };
        let fits = self.ahead.kept.len() + publication.entries.len() <= KEPT;
        if !fits || first.seq <= self.session.last_seq.next() || publication.session.last_seq != last.seq {
            return false;
        }
        for entry in &publication.entries {
            let row = (entry.seq == last.seq).then(|| publication.session.clone());
            let kept = Kept { entry: entry.clone(), from: From::Elsewhere(row) };
            // What was committed here is still to be told.
            self.ahead.kept.entry(entry.seq).or_insert(kept);
        }
        true
    }

    /// Takes what is next by now, and tells of what was committed here.
    pub(super) fn fold_ahead(&mut self) {
        while let Some(first) = self.ahead.kept.first_entry() {
            let next = self.session.last_seq.next();
            if *first.key() > next {
                self.ahead.ask_at.get_or_insert_with(|| Instant::now() + PATIENCE);
                return;
            }
            let (seq, Kept { entry, from }) = first.remove_entry();
            // What is left may wait for another gap.
            self.ahead.ask_at = None;
            if seq == next {
                self.advance(&entry);
            }
            match from {
                From::Here(None) => self.changed(vec![entry]),
                From::Here(Some(Row { version, unread, answers })) => {
                    if version == self.session.version + 1 {
                        let session = Arc::make_mut(&mut self.session);
                        (session.version, session.unread) = (version, unread);
                    } else if version > self.session.version {
                        // More is behind that version than is known here.
                        self.ask_soon();
                    }
                    self.changed(vec![entry]);
                    self.answer_all(answers);
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
        for Kept { entry, from } in std::mem::take(&mut self.ahead.kept).into_values() {
            if let From::Here(row) = from {
                self.changed(vec![entry]);
                self.answer_all(row.map(|row| row.answers).unwrap_or_default());
            }
        }
    }
}
