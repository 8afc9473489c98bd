//! Black-box tests: a real server process on both stores, real sockets, the public contract.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod crash;
mod matrix;
mod promises;
mod resume;
mod sends;
mod store_gone;
mod support;
mod tidy;
