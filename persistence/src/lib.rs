//! The store: SQLite and Postgres behind one API, the log writer, and migrations.
//!
//! The only crate that knows SQL. It asks no clock and mints no ids: times and ids are parameters. What nodes must
//! agree on by time (who lives, who holds a lease) goes by the database's clock.
//!
//! # Invariants
//!
//! - A session's log has the seqs 1, 2, 3 … and an id once; only [`LogWriter::append`], [`Store::create_session`],
//!   [`Store::continue_session`], [`Store::append_in_turn`] and [`Store::append_to_two`] write to it, and an append applies only at the seq that it expects.
//! - A session's row is what its log folds to; they change in one transaction.
//! - An answer that says "written" is given after the commit. [`StoreError::Unavailable`] says "not known".
//!
//! # To add a table
//!
//! A pair of migrations of the next number in `migrations/`, a module of its own for its statements (one text for
//! both engines where it can be, a pair in `dialect.rs` where not), its values in `model/`, and a story in
//! `tests/contract/`, which runs on both engines.

mod agents;
mod arrivals;
mod attributes;
mod automation;
mod bootstrap;
mod bulk;
mod canned;
mod changes;
mod contacts;
mod context;
mod dialect;
mod duty;
mod entries;
mod error;
mod files;
mod links;
mod lists;
mod logins;
mod members;
mod merging;
mod migrate;
mod model;
mod nodes;
mod notifications;
mod rows;
mod search;
mod second_factor;
mod sessions;
mod settings;
mod sites;
mod sqlite;
mod starts;
mod store;
mod teams;
mod turns;
mod views;
mod writer;

#[cfg(feature = "testing")]
pub mod testing;

pub use contacts::{
    Beginning, ContactChange, ContactChanged, ContactCursor, ContactEdit, ContactFilter, ContactOrder,
    ContactPage, ContactRefusal, History, MadeContact, Moved,
};
pub use duty::{OnDuty, Queued, StatusSince};
pub use error::StoreError;
pub use merging::TwoAppends;
pub use model::{
    Agent, Append, Appended, Arrival, AssigneeFilter, CannedCursor, CannedFile, CannedFileKept, CannedFilter,
    CannedKept, CannedOrder, CannedOwner, CannedPage, CannedReader, CannedText, Changed, ContactClaim,
    Continuation, File, FileEntry, Grant, HeldSkill, Lease, ListCursor, ListedLogin, Member, MemberEdit,
    MemberEdited, NewGrant, NewLink, NewLogin, NewMember, NewSession, NodeId, Position, Profile, ReadMark,
    ReadMarked, Said, Session, SessionChange, SessionCounts, SessionFilter, SessionOrder, SessionPage, Site,
    Skill, StoredContext, StoredId, StoredStart, Team, TokenHash, Totp, UnderWay, Unread, Uploader,
    ValidLogin,
};
pub use notifications::{NotificationCount, NotificationCursor};
pub use search::{FoundPage, FoundSession, IndexProgress, Search, SearchCursor, SearchQuery, Unindexed};
pub use store::Store;
pub use writer::{LogWriter, WriterConfig};
