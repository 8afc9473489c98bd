//! Keeping the processor awake in a closed loop. A server that is slower than this tool would be charged for waking it
//! again and again, by an interrupt to another processor, and one that is faster would not: a fifth of what a message
//! costs, and nothing that a customer far away would cause.

use super::world::{Phase, World};

/// Microseconds that a look for news takes, at most, where there is none.
const TURN_US: u64 = 200;

/// Stays awake as long as the load lasts, and counts the time in which there was nothing else to do.
pub(super) async fn stay_awake(world: &World) {
    let (mut at, mut before) = (world.now(), world.heard());
    while world.phase.get() == Phase::Load {
        tokio::task::yield_now().await;
        let (now, heard) = (world.now(), world.heard());
        let turn = now.saturating_sub(at);
        // A longer turn is one in which the processor was somebody else's.
        if heard == before && turn < TURN_US {
            world.slice.borrow_mut().tick.spare_us += turn;
        }
        (at, before) = (now, heard);
    }
}
