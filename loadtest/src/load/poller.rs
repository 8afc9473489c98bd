//! A customer who is there all the time and polls: one request held open, another one for each message.

use std::{rc::Rc, time::Duration};

use protocol::{EntryId, EntryKind, SessionId};

use super::{
    marker::Marker,
    world::{Phase, World},
};
use crate::client::{Caller, Failure};

/// Before another try.
const PAUSE: Duration = Duration::from_millis(200);

/// Stays until the end of the run.
pub(super) async fn stay(world: Rc<World>, index: usize, caller: Caller) {
    let Ok(session) = world.members.borrow()[index].session.parse::<SessionId>() else { return };
    let talking = tokio::task::spawn_local(talk(world.clone(), index, session, caller.clone()));
    let begun = world.now();
    let mut poll = caller.poll(session).wait(20);
    let mut connected = false;
    while world.phase.get() != Phase::End {
        match poll.next().await {
            Ok(events) => {
                for entry in &events.entries {
                    Marker::all(entry.body.as_bytes()).for_each(|marker| world.message(index, marker));
                }
                if !std::mem::replace(&mut connected, true) {
                    world.members.borrow_mut()[index].was_here = true;
                    let mut slice = world.slice.borrow_mut();
                    slice.tick.connected += 1;
                    slice.tick.made += 1;
                    slice.connect.saturating_record(world.now().saturating_sub(begun).max(1));
                }
            }
            Err(failure) => {
                world.error(&word(&failure));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    talking.abort();
}

async fn talk(world: Rc<World>, index: usize, session: SessionId, caller: Caller) {
    let wake = world.members.borrow()[index].wake.clone();
    loop {
        while world.next_to_say(index).is_none() && world.oldest_unanswered(index).is_none() {
            wake.notified().await;
        }
        let Some((number, text)) = world.oldest_unanswered(index) else { continue };
        let id = EntryId::new(world.id(index, number));
        match caller.send(session, id, &text, EntryKind::Message).await {
            Ok(_) => {
                world.acked(index, number);
                if let Some(pause) = world.thinks() {
                    tokio::time::sleep(pause).await;
                    world.is_due(index, world.now());
                }
            }
            Err(failure) => {
                world.error(&word(&failure));
                let for_good = matches!(&failure, Failure::Refused(refusal) if !refusal.retryable());
                world.refused(index, number, (!for_good).then_some(0));
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A failure as reports count it.
pub(super) fn word(failure: &Failure) -> String {
    match failure {
        Failure::Refused(refusal) => match refusal.code() {
            Some(code) => code.as_str().to_owned(),
            None => format!("http_{}", refusal.status),
        },
        Failure::Unreachable(_) => "connect_failed".to_owned(),
        _ => "failed".to_owned(),
    }
}
