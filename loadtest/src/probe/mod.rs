//! What a run costs the machine: CPU and memory of processes and their descendants, who listens on an address, and
//! a server's own counters. Linux's `/proc` is read and nothing else; where a process may not be looked at, that is
//! said instead of guessed.

mod listener;
mod machine;
pub mod metrics;
mod processes;
mod stat;

pub use listener::listener_of;
pub use machine::{busy, machine};
pub use processes::{Memory, Processes};
