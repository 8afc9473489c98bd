//! What can be done to a contact, and what comes of it.

use std::collections::BTreeMap;

use protocol::{ContactId, UtcMillis, rest::ContactBlock};

use crate::Session;

/// What an agent changes of a contact; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactEdit {
    /// The name.
    pub name: Option<Option<String>>,
    /// E.164.
    pub phone: Option<Option<String>>,
    /// Lower-case.
    pub email: Option<Option<String>>,
    /// In the host's words.
    pub account_status: Option<Option<String>>,
    /// Attributes that come or change, and (none) those that go.
    pub attributes: BTreeMap<String, Option<String>>,
}

/// What is done to a contact.
#[derive(Debug, Clone)]
pub enum ContactChange {
    /// Changes it, if it is of this version.
    Edit(ContactEdit, Option<u64>),
    /// Keeps it from writing.
    Block(ContactBlock),
    /// Lets it write again.
    Unblock,
    /// Lets it go on in another one.
    Merge(ContactId),
    /// Undoes that.
    Unmerge,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactRefusal {
    /// There is no such contact.
    Missing,
    /// There is no contact into which it could be merged under that id.
    OtherMissing,
    /// It is of another version, or went on in another one.
    ChangedMeanwhile,
    /// Another contact has this phone number.
    PhoneTaken,
    /// It would have more attributes than it may.
    TooManyAttributes,
    /// The rule against a merge, or against undoing it.
    NotMergeable(&'static str),
}

/// A session came to another contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Whose it was.
    pub from: ContactId,
    /// Whose it is.
    pub to: ContactId,
    /// That contact's name.
    pub name: Option<String>,
    /// A merge was undone.
    pub undone: bool,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct ContactChanged {
    /// The contact to look at from now on; the one that was asked for, or the one into which it was merged.
    pub contact: ContactId,
    /// The sessions that changed with it, as they are.
    pub sessions: Vec<Session>,
    /// Under whose names its customers are connected.
    pub people: Vec<ContactId>,
    /// Until when it is blocked.
    pub blocked_until: Option<UtcMillis>,
}
