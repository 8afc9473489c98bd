//! The commands of `hubbub-loadtest`, one file each. A command answers whether all was well.

pub(crate) mod compare;
pub(crate) mod scenarios;
