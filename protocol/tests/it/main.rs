//! The wire, from outside: exact JSON of everything, round trips, and what strangers may send.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod anything;
mod bodies;
mod frames;
mod hours;
mod numbers;
mod people;
mod routing;
mod samples;
mod settings;
mod sla;
