//! The commands of `hubbub-loadtest`, one file each. A command answers whether all was well.

pub(crate) mod capacity;
pub(crate) mod compare;
pub(crate) mod floor;
mod password;
pub(crate) mod run;
pub(crate) mod scenarios;
pub(crate) mod verify;
