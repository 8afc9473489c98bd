//! A discrete-event simulation of a cluster, to check the arithmetic where no machine at hand is large enough.
//!
//! One by one are simulated: messages and other entries of logs, from the sender through node, log writer, Postgres and
//! Redis to the reader on another node; read positions; summaries for lists; and everybody who comes back after a
//! node's death, with the pauses of the real client. The rest is a mean load that slows the servers down: idle
//! connections, page loads, typing, presence, beats, agents' lists.
//!
//! It is scaled down in time, not in size: a minute of a million customers tells as much as an hour, since an hour is
//! sixty such minutes. Customers write at random times with exponential pauses, so who writes next can be drawn from
//! all; agents answer after an exponential pause of thinking.

mod commits;
mod delivery;
mod events;
mod node;
mod outcome;
mod people;
mod returning;
mod servers;
mod world;

pub use outcome::{Death, Latency, Outcome, Used};

use super::{answer::Answer, plan::Plan};
use world::World;

/// What to simulate.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Plays the same again.
    pub seed: u64,
    /// Simulated seconds.
    pub seconds: f64,
    /// When a node dies; `None`: none does.
    pub death_at: Option<f64>,
}

/// Plays what the answer is about. `None`: there is nothing to play, or too much of it to count.
pub fn simulate(plan: &Plan, answer: &Answer, options: Options) -> Option<Outcome> {
    World::new(plan, answer, options)?.play()
}
