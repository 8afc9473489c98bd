//! From the store's columns to values. What cannot be read was not written by this version: `Refused`.

use std::str::FromStr;

use protocol::{Seq, UtcMillis};

use crate::{StoreError, TokenHash};

pub(crate) fn unreadable(reason: String) -> StoreError {
    StoreError::Refused(sqlx::Error::Decode(reason.into()))
}

/// One of the contract's words.
pub(crate) fn word<T: FromStr<Err = String>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|reason| unreadable(format!("{text:?} {reason}")))
}

/// A column that must be there because another is.
pub(crate) fn present<T>(column: Option<T>, name: &str) -> Result<T, StoreError> {
    column.ok_or_else(|| unreadable(format!("{name} is missing")))
}

/// A name as names are compared: they are the same however they are capitalised. Not the engines' `lower`: SQLite's knows
/// ASCII only.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

pub(crate) fn hash(bytes: Vec<u8>) -> Result<TokenHash, StoreError> {
    bytes.try_into().map_err(|bytes: Vec<u8>| unreadable(format!("a hash of {} bytes", bytes.len())))
}

pub(crate) fn unsigned(column: i64) -> Result<u64, StoreError> {
    column.try_into().map_err(|_| unreadable(format!("{column} is negative")))
}

pub(crate) fn seq(column: i64) -> Result<Seq, StoreError> {
    unsigned(column).map(Seq::new)
}

/// A count of unread messages.
pub(crate) fn count(column: i64) -> Result<u32, StoreError> {
    column.try_into().map_err(|_| unreadable(format!("{column} is no count")))
}

pub(crate) fn time(column: Option<i64>) -> Option<UtcMillis> {
    column.map(UtcMillis::new)
}

/// A place in a log, or a number that only grows, as both engines store it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
