//! The newest entries of a session, kept by its actor so that a short gap is served without the store.

use std::{collections::VecDeque, sync::Arc};

use protocol::{Audience, Entry, Event, Seq};

/// Entries kept; together with `BYTES`, what one live session may cost.
const ENTRIES: usize = 128;
/// Bytes of what they hold.
const BYTES: usize = 256 * 1024;

/// The last entries of one log, without gaps.
pub(super) struct Recent {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// Everything after this is in `entries`.
    floor: Seq,
}

impl Recent {
    /// Knows nothing up to `floor`.
    pub(super) fn new(floor: Seq) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, floor }
    }

    pub(super) fn push(&mut self, entry: Arc<Entry>) {
        if let Some(Event::Edited { seq, .. } | Event::Deleted { seq, .. }) = &entry.event {
            let known = self.entries.iter_mut().rev().take_while(|known| known.seq >= *seq);
            for known in known {
                if let Some(amended) = known.amended_by(&entry) {
                    self.bytes = self.bytes + amended.weight() - known.weight();
                    *known = Arc::new(amended);
                }
            }
        }
        self.bytes += entry.weight();
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES || self.bytes > BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.weight();
            self.floor = oldest.seq;
        }
    }

    /// The visible entries after `after`, or `None` if some are only in the store.
    pub(super) fn after(&self, after: Seq, audience: Audience) -> Option<Vec<Arc<Entry>>> {
        (after >= self.floor).then(|| {
            let known = usize::try_from(after.get() - self.floor.get()).unwrap_or(usize::MAX);
            self.entries.iter().skip(known).filter(|entry| entry.visible_to(audience)).cloned().collect()
        })
    }
}
