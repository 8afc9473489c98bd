//! Black-box tests: a real server process on both stores, real sockets, the public contract.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod automation;
mod bulk;
mod canned;
mod claims;
mod cli;
mod cluster;
mod contacts;
mod crash;
mod crowded;
mod deploy;
mod desk;
mod drain;
mod duty;
mod errors;
mod files;
mod heartbeat;
mod held;
mod hostile;
mod hours;
mod identity;
mod limits;
mod login;
mod matrix;
mod merging;
mod metrics;
mod pages;
mod people;
mod presence;
mod promises;
mod proxies;
mod resume;
mod routing;
mod said;
mod search;
mod sends;
mod service_levels;
mod settings;
mod slow_reader;
mod store_gone;
mod support;
mod surroundings;
mod tickets;
mod tidy;
mod transcript;
