//! What the store keeps, as values: no SQL here, and nothing that goes to a client as it is.

mod canned;
mod customers;
mod desk;
mod files;
mod lists;
mod nodes;
mod people;
mod sessions;

pub use canned::{
    CannedCursor, CannedFile, CannedFileKept, CannedFilter, CannedKept, CannedOrder, CannedOwner, CannedPage,
    CannedReader, CannedText,
};
pub use customers::{Arrival, ContactClaim, Grant, NewGrant, StoredContext, StoredStart, TokenHash};
pub use desk::{Agent, Site};
pub(crate) use files::KeptFile;
pub use files::{File, FileEntry, Uploader};
pub use lists::{AssigneeFilter, ListCursor, SessionCounts, SessionFilter, SessionOrder, SessionPage};
pub use nodes::{Lease, NodeId};
pub use people::{
    HeldSkill, ListedLogin, Member, MemberEdit, MemberEdited, NewLink, NewLogin, NewMember, Profile, Skill,
    Team, Totp, ValidLogin,
};
pub use sessions::{
    Append, Appended, Changed, Continuation, NewSession, Position, ReadMark, ReadMarked, Said, Session,
    SessionChange, StoredId, UnderWay, Unread,
};
