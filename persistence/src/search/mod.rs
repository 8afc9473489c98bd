//! Finding sessions by what was said in them, who the customer is, and what the team noted.
//!
//! Each message and note is a document, and so is each session's head: its number, customer, subject, category and tags.
//! Documents are numbered as they come, and every word is indexed together with its *slice*, the 32,768 documents that
//! its own is one of; of heads, which are a tenth of all, four times as many. So a search goes from the newest slice to
//! the oldest and stops when a page is full: a word that is said every day costs no more than a slice or two, and a rare
//! one a look into the index for each slice. That is the same for FTS5 and for Postgres, which both hand out what they
//! found in no useful order otherwise.
//!
//! The index only suggests. What is answered was matched with the text as it stands in the log now, by the same rules
//! (`query`), so what was edited or taken away a moment ago is neither found nor shown.

mod dialect;
mod few;
mod find;
mod head;
mod index;
#[cfg(test)]
mod plans;
mod query;
mod step;
mod typos;
mod window;
mod words;

pub use find::{FoundPage, FoundSession, Search, SearchCursor};
pub use index::{IndexProgress, Unindexed};
pub use query::SearchQuery;

/// Documents of a slice: two to the power of this.
const fn slice_bits(of_head: bool) -> u32 {
    if of_head { 17 } else { 15 }
}

fn slice(of_head: bool, doc: i64) -> i64 {
    doc >> slice_bits(of_head)
}

/// What a word of a slice begins with; always as long, so that it ends where the word begins.
fn mark(of_head: bool, slice: i64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut mark = String::from(if of_head { "h" } else { "t" });
    for place in (0..4).rev() {
        mark.push(char::from(DIGITS[(slice / 36_i64.pow(place) % 36) as usize]));
    }
    mark
}
