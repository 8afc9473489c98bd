//! Somebody who sits in a chat by either transport and sees what it brings.

use std::time::Duration;

use loadtest::{
    client::{Caller, WsConnection},
    participant::Transport,
};
use protocol::{
    ClientFrame, Entry, EntryId, EntryKind, PartyKind, Seq, ServerFrame, SessionId,
    rest::{Sent, SessionEvents},
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use uuid::Uuid;

use super::cluster::PATIENCE;

/// Answers to long-polls that wait to be looked at.
const ANSWERS: usize = 1_000;

/// Something that passes: typing, presence, receipts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    /// The side types, or has stopped.
    Types(PartyKind, bool),
    /// Somebody of the side is here, or went.
    Here(PartyKind, bool),
    /// The side has it, and has not read it.
    Has(PartyKind, Seq),
    /// The side has read it.
    Read(PartyKind, Seq),
}

impl Sign {
    fn in_frame(self, frame: &ServerFrame) -> bool {
        match (self, frame) {
            (Self::Types(side, is), ServerFrame::Typing { who, on, .. }) => who.kind == side && *on == is,
            (Self::Here(side, is), ServerFrame::Presence { who, online, .. }) => {
                who.kind == side && *online == is
            }
            (Self::Has(side, at), ServerFrame::Receipt { who, seq, delivered, .. }) => {
                who.kind == side && *seq < at && *delivered >= at
            }
            (Self::Read(side, at), ServerFrame::Receipt { who, seq, .. }) => who.kind == side && *seq >= at,
            _ => false,
        }
    }

    fn in_events(self, events: &SessionEvents) -> bool {
        let receipt = |side| events.receipts.iter().find(|receipt| receipt.who.kind == side);
        match self {
            Self::Types(side, is) => events.typing.iter().any(|who| who.kind == side) == is,
            Self::Here(side, is) => events.presence.iter().any(|here| here.who.kind == side) == is,
            Self::Has(side, at) => receipt(side).is_some_and(|r| r.seq < at && r.delivered >= at),
            Self::Read(side, at) => receipt(side).is_some_and(|r| r.seq >= at),
        }
    }
}

enum Eyes {
    Socket(Box<WsConnection>),
    /// Asks again and again, looked at or not: who does not ask is not there.
    Poll {
        answers: mpsc::Receiver<SessionEvents>,
        asking: JoinHandle<()>,
        last: Option<Box<SessionEvents>>,
    },
}

/// Somebody in a chat, from its beginning.
pub(crate) struct Seat {
    pub(crate) who: Caller,
    pub(crate) session: SessionId,
    eyes: Eyes,
    seen: Vec<Entry>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Eyes::Poll { asking, .. } = &self.eyes {
            asking.abort();
        }
    }
}

impl Seat {
    pub(crate) async fn take(who: Caller, session: SessionId, transport: Transport) -> Self {
        let (eyes, seen) = match transport {
            Transport::WebSocket => {
                let connect = who.websocket().follow(session, Some(Seq::ZERO), None);
                let mut socket = connect.connect().await.unwrap();
                socket.set_patience(PATIENCE);
                let opened = socket.opened(session).await.unwrap();
                (Eyes::Socket(Box::new(socket)), opened.entries)
            }
            Transport::LongPoll => {
                let (answer, answers) = mpsc::channel(ANSWERS);
                let mut poll = who.poll(session).after(Seq::ZERO).wait(5);
                let asking = tokio::spawn(async move {
                    while let Ok(events) = poll.next().await {
                        if answer.send(events).await.is_err() {
                            return;
                        }
                    }
                });
                (Eyes::Poll { answers, asking, last: None }, Vec::new())
            }
        };
        Self { who, session, eyes, seen }
    }

    /// Says something by the same transport, and waits until it is stored.
    pub(crate) async fn say(&mut self, body: &str) -> Sent {
        self.send(body, EntryKind::Message).await
    }

    pub(crate) async fn send(&mut self, body: &str, kind: EntryKind) -> Sent {
        let id = EntryId::new(Uuid::now_v7());
        match &mut self.eyes {
            Eyes::Socket(socket) => {
                socket.say_as(id, self.session, body, kind == EntryKind::Note).await.unwrap();
                socket.acked(id).await.unwrap()
            }
            Eyes::Poll { .. } => self.who.send(self.session, id, body, kind).await.unwrap(),
        }
    }

    pub(crate) async fn types(&mut self, on: bool) {
        let session = self.session;
        match &mut self.eyes {
            Eyes::Socket(socket) => socket.send(&ClientFrame::Typing { session, on }).await.unwrap(),
            Eyes::Poll { .. } => self.who.typing(session, on).await.unwrap(),
        }
    }

    pub(crate) async fn reads(&mut self, seq: Seq) {
        let session = self.session;
        match &mut self.eyes {
            Eyes::Socket(socket) => socket.send(&ClientFrame::Read { session, seq }).await.unwrap(),
            Eyes::Poll { .. } => self.who.read(session, seq).await.unwrap(),
        }
    }

    /// Waits for an entry; the others that come are seen, too.
    pub(crate) async fn sees(&mut self, condition: impl Fn(&Entry) -> bool) -> Entry {
        if let Some(entry) = self.seen.iter().find(|entry| condition(entry)) {
            return entry.clone();
        }
        loop {
            let new = match &mut self.eyes {
                Eyes::Socket(socket) => vec![socket.entry(self.session, |_| true).await.unwrap()],
                Eyes::Poll { answers, last, .. } => {
                    let events = next(answers).await;
                    let entries = events.entries.clone();
                    *last = Some(Box::new(events));
                    entries
                }
            };
            let found = new.iter().find(|entry| condition(entry)).cloned();
            self.seen.extend(new);
            if let Some(entry) = found {
                return entry;
            }
        }
    }

    pub(crate) async fn hears(&mut self, body: &str) -> Entry {
        self.sees(|entry| entry.body == body).await
    }

    /// Waits for a sign.
    pub(crate) async fn notices(&mut self, sign: Sign) {
        match &mut self.eyes {
            Eyes::Socket(socket) => {
                let noticed = socket.expect(|frame| sign.in_frame(frame).then_some(())).await;
                noticed.unwrap_or_else(|error| panic!("{sign:?}: {error}"));
            }
            Eyes::Poll { answers, last, .. } => {
                while !last.as_ref().is_some_and(|events| sign.in_events(events)) {
                    let known = last.take();
                    let events = timeout(PATIENCE, answers.recv()).await;
                    let events = events.unwrap_or_else(|_| panic!("{sign:?} never came after {known:?}"));
                    let events = events.expect("it goes on asking");
                    self.seen.extend(events.entries.clone());
                    *last = Some(Box::new(events));
                }
            }
        }
    }

    /// What it has seen of the log: nothing twice, in order.
    pub(crate) fn seen(&self) -> &[Entry] {
        assert!(self.seen.is_sorted_by(|a, b| a.seq < b.seq), "{:?}", self.seen);
        &self.seen
    }

    /// Fails if anybody is told to come or go within this time.
    pub(crate) async fn nobody_comes_or_goes(&mut self, within: Duration) {
        let Eyes::Socket(socket) = &mut self.eyes else {
            panic!("a long-poll tells how it is, not what changed")
        };
        socket.expect_none(within, |frame| matches!(frame, ServerFrame::Presence { .. })).await.unwrap();
    }

    /// Goes without a word, as a lost network does.
    pub(crate) fn cut(mut self) {
        if let Eyes::Socket(socket) = std::mem::replace(&mut self.eyes, gone()) {
            socket.cut();
        }
    }
}

/// Eyes that see nothing any more.
fn gone() -> Eyes {
    Eyes::Poll { answers: mpsc::channel(1).1, asking: tokio::spawn(async {}), last: None }
}

async fn next(answers: &mut mpsc::Receiver<SessionEvents>) -> SessionEvents {
    timeout(PATIENCE, answers.recv()).await.expect("no answer brings it").expect("it goes on asking")
}
