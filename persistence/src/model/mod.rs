//! What the store keeps, as values: no SQL here, and nothing that goes over the wire as it is.

mod customers;
mod desk;
mod lists;
mod sessions;

pub use customers::{ContactClaim, Grant, NewGrant, StoredStart, TokenHash};
pub use desk::{Agent, Site};
pub use lists::{AssigneeFilter, ListCursor, SessionFilter, SessionOrder, SessionPage};
pub use sessions::{
    Append, Appended, Continuation, NewSession, ReadMark, ReadMarked, Session, SessionChange, StoredId,
    Unread,
};
