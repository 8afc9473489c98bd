//! The client and the checker against a server that is wrong on demand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fake;
mod hubbub;
mod probe;
mod run;
mod verify;
