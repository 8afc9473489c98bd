//! The store: SQLite and Postgres behind one API, the log writer, and migrations.
//!
//! The only crate that knows SQL.

mod error;
mod model;

pub use error::StoreError;
pub use model::{
    Agent, Append, Appended, AssigneeFilter, ContactClaim, Continuation, Grant, ListCursor, NewGrant, NewSession,
    ReadMark, ReadMarked, Session, SessionChange, SessionFilter, SessionOrder, SessionPage, Site, StoredId, StoredStart,
    TokenHash, Unread,
};
