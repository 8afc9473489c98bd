//! A customer who is there all the time and polls: one request held open, another one for each message.

use std::{rc::Rc, time::Duration};

use protocol::{EntryId, EntryKind, SessionId};
use tokio::sync::Semaphore;

use super::{
    marker::Marker,
    world::{Phase, World},
};
use crate::client::{Caller, Failure};

/// Before another try.
const PAUSE: Duration = Duration::from_millis(200);

/// Stays until the end of the run. Its first poll waits at the gate, as new connections do.
pub(super) async fn stay(world: Rc<World>, index: usize, caller: Caller, gate: Rc<Semaphore>) {
    let Ok(session) = world.members.borrow()[index].session.parse::<SessionId>() else { return };
    let talking = tokio::task::spawn_local(talk(world.clone(), index, session, caller.clone()));
    let mut knocking = gate.acquire().await.ok();
    let begun = world.now();
    let mut poll = caller.poll(session).wait(20);
    let (mut made, mut connected) = (false, false);
    while world.phase.get() != Phase::End {
        match poll.next().await {
            Ok(events) => {
                for entry in &events.entries {
                    Marker::all(entry.body.as_bytes()).for_each(|marker| world.message(index, marker));
                }
                let mut slice = world.slice.borrow_mut();
                if !std::mem::replace(&mut connected, true) {
                    slice.tick.connected += 1;
                }
                if !std::mem::replace(&mut made, true) {
                    drop(knocking.take());
                    world.members.borrow_mut()[index].was_here = true;
                    slice.tick.made += 1;
                    slice.connect.saturating_record(world.now().saturating_sub(begun).max(1));
                }
            }
            Err(failure) => {
                world.error(&word(&failure));
                if std::mem::take(&mut connected) {
                    world.slice.borrow_mut().tick.connected -= 1;
                }
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

#[cfg(test)]
mod tests {
    use protocol::{
        Channel, ContactId, ContactSummary, Epoch, ReadPositions, Seq, SessionSummary, Status, UtcMillis,
        rest::SessionEvents,
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        task::LocalSet,
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        client::Server,
        load::plan::{Peer, Plan},
        scenario::Scenario,
    };

    fn nothing_new(id: SessionId) -> SessionEvents {
        let contact = ContactSummary {
            id: ContactId::new(Uuid::nil()),
            name: None,
            phone: None,
            email: None,
            verified: false,
            blocked_until: None,
        };
        let session = SessionSummary {
            id,
            site: "demo".into(),
            channel: Channel::Web,
            status: Status::Open,
            contact,
            assignee: None,
            number: 1,
            ticket: None,
            sla: None,
            last_seq: Seq::new(1),
            version: 1,
            last_message: None,
            unread: 0,
            read: ReadPositions::default(),
            waiting_since: None,
            previous_session_id: None,
            next_session_id: None,
            created_at: UtcMillis::default(),
            updated_at: UtcMillis::default(),
            closed_at: None,
            rating: None,
        };
        SessionEvents {
            epoch: Epoch::new(Uuid::nil()),
            reset: false,
            last_seq: Seq::new(1),
            entries: Vec::new(),
            typing: Vec::new(),
            presence: Vec::new(),
            receipts: Vec::new(),
            session,
            queue: None,
            state: String::new(),
            retry_after_ms: 0,
        }
    }

    /// The next poll, asked and not answered yet.
    async fn asked(listener: &TcpListener) -> TcpStream {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut head).await.unwrap() > 0);
        }
        stream
    }

    async fn answer(mut stream: TcpStream, status: u16, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn who_is_not_answered_is_not_connected() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let text = "about = \"x\"\n[people]\nsessions = 1\nmembers = 1";
        let plan = Plan {
            scenario: Scenario::parse("x", text, &[]).unwrap(),
            peer: Peer::Hubbub,
            urls: vec![url.clone()],
            site: "demo".into(),
            email: String::new(),
            password: None,
            seed: 1,
            worker: 0,
            workers: 1,
        };
        let session = SessionId::new(Uuid::from_u128(1));
        let events = serde_json::to_string(&nothing_new(session)).unwrap();
        let world = Rc::new(World::new(plan, 0));
        world.add(session.to_string().into(), 0, false, false);
        let caller = Server::new(&url).unwrap().bearer("token");
        let connected = || world.slice.borrow().tick.connected;
        let story = async {
            let polling =
                tokio::task::spawn_local(stay(world.clone(), 0, caller, Rc::new(Semaphore::new(1))));
            // What was answered has its effect before the next poll.
            for (status, after) in [(200, 1), (503, 0), (503, 0), (200, 1), (200, 1)] {
                answer(asked(&listener).await, status, &events).await;
                let next = asked(&listener).await;
                assert_eq!(connected(), after, "after {status}");
                answer(next, status, &events).await;
            }
            polling.abort();
        };
        let tasks = LocalSet::new();
        tokio::time::timeout(Duration::from_secs(30), tasks.run_until(story)).await.unwrap();
        assert_eq!(world.slice.borrow().tick.made, 1);
    }
}
