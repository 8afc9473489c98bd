//! The reference client of Hubbub's contract, and the tool that checks its promises.
//!
//! Nothing here knows how the server is made: only the words of [`protocol`] and what the contract
//! promises. So whatever works here works for a stranger, and a test that drives the server through
//! [`client`] is a test of the contract.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`client`] | REST, WebSocket and long-poll, one call at a time; for tests and small programs |
//! | [`participant`] | a client that reconnects, resumes and retries, on either transport |
//! | [`history`] | what everybody did and saw during a run |
//! | [`checker`] | judges a history by the promises; pure |
//! | [`verify`] | a small mixed load that is judged at the end |
//! | [`load`] | the engine of load tests: many connections, every delivery checked |
//! | [`floor`] | the yardstick: a relay that stores nothing |
//! | [`scenario`] | what a load test does, as TOML |
//! | [`probe`] | what a run costs the machine: CPU, memory, a server's counters |
//! | [`report`] | what came of one, as it is kept, shown and compared |
//! | [`capacity`] | what a size needs, and what breaks first; computed and simulated |

pub mod capacity;
pub mod checker;
pub mod client;
pub mod floor;
pub mod history;
pub mod load;
pub mod participant;
pub mod probe;
pub mod report;
pub mod scenario;
pub mod verify;
