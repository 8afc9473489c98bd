//! What the hub counts. Who looks at it, and whether anybody does, is the gateway's business.

use metrics::{Counter, counter, describe_counter};

/// Handles of the counters, fetched once: counting is an addition.
pub(crate) struct Metrics {
    pub committed: Counter,
    pub delivered: Counter,
    pub moved_on: Counter,
    pub caught_up: Counter,
    pub asked: Counter,
}

impl Metrics {
    /// Counts into the recorder that is installed by now, or nowhere.
    pub(crate) fn new() -> Self {
        describe_counter!("hubbub_entries_committed_total", "Entries that this node appended to logs.");
        describe_counter!("hubbub_deliveries_total", "Entries handed to connections of this node.");
        describe_counter!(
            "hubbub_appends_overtaken_total",
            "Appends decided again because another node was first."
        );
        describe_counter!("hubbub_gaps_read_total", "Times a session was read from the store to catch up.");
        describe_counter!(
            "hubbub_store_questions_total",
            "Questions to the store for what other nodes committed: one for all followed sessions."
        );
        Self {
            committed: counter!("hubbub_entries_committed_total"),
            delivered: counter!("hubbub_deliveries_total"),
            moved_on: counter!("hubbub_appends_overtaken_total"),
            caught_up: counter!("hubbub_gaps_read_total"),
            asked: counter!("hubbub_store_questions_total"),
        }
    }
}
