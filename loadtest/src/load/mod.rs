//! The engine: many connections, little cost for each, every delivery checked.
//!
//! A run is one coordinator ([`run`]) and some worker processes ([`worker`]), which have a share of the sessions
//! each and share nothing. Within a worker everything happens on one thread.
//!
//! | module | what it is |
//! | --- | --- |
//! | `plan` | what coordinator and workers say to each other |
//! | `coordinator` | starts workers and says when |
//! | `watch`, `sums` | what the server's processes cost; what all workers reported |
//! | `worker` | the process: reads orders, reports four times a second |
//! | `world` | the state of a worker: members, what they said and heard |
//! | `pacer` | when to say something, in an open loop |
//! | `member`, `poller` | one connection for the length of the run, over WebSocket or long-poll |
//! | `link` | a WebSocket connection, made as cheaply as it can be |
//! | `visits` | customers who come and go, and the agents they talk to |
//! | `marker` | what a message carries so that it is known when it arrives |
//! | `peer` | the words of each server |
//! | `tally` | lost, doubled, out of order |

mod awake;
mod coordinator;
mod link;
mod marker;
mod member;
mod pacer;
mod peer;
mod plan;
mod poller;
mod sums;
mod tally;
mod visits;
mod watch;
mod worker;
mod world;

pub use coordinator::{Options, run};
pub use plan::Peer;
pub use worker::work;
