//! The hub from outside: its rules alone, and live sessions on real stores.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod automation;
mod clock;
mod due;
mod fixture;
mod inbox;
mod life;
mod merging;
mod nodes;
mod redis;
mod routing;
mod rules;
mod rules_files;
mod rules_said;
