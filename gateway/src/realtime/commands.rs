//! What a client's frame leads to: checked, handed to the hub in order, answered when the hub has answered.

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::Pin,
};

use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use hub::{Caller, Follower, From, Step};
use protocol::{
    ClientFrame, EntryId, ErrorCode, Follow, Seq, ServerFrame, SessionId, View, limits, rest::Sent,
};

use super::{
    bad_frame, error_frame,
    lists::{self, Lists, Loaded},
    socket,
};
use crate::{api::messages, app::App, error::ApiError};

/// Frames that wait for the hub's answer; beyond it, the connection is told that it is too much.
const IN_PROGRESS: usize = 64;

/// What came of a frame.
pub(super) enum Finished {
    /// Write these.
    Frames(Vec<Bytes>),
    /// A step on the way to a session's live stream.
    Step { session: SessionId, step: Result<Step, hub::HubError> },
    /// A list was read.
    Listed(Loaded),
    /// A message was stored in another session than asked for: follow that one too.
    Elsewhere { ack: Bytes, session: SessionId },
}

/// Where a connection stands with a session that it follows. One step at a time, so that two streams of one session
/// never mix: what the client asks meanwhile waits for the step's end.
pub(super) enum Following {
    Stepping { then: Option<Then> },
    Live,
}

/// What the client asked while a step was under way.
#[derive(Clone, Copy)]
pub(super) enum Then {
    Open(From),
    Leave,
}

type Work = Pin<Box<dyn Future<Output = Finished> + Send>>;

/// The frames of one connection.
pub(super) struct Commands {
    pub app: App,
    pub follower: Follower,
    pub following: HashMap<SessionId, Following>,
    pub lists: Option<Lists>,
    pub in_progress: FuturesUnordered<Work>,
}

fn from(after: Option<Seq>, epoch: Option<protocol::Epoch>) -> From {
    match after {
        Some(seq) => From::After { seq, epoch },
        None => From::Latest(limits::OPEN_ENTRIES),
    }
}

impl Commands {
    /// Takes one frame; what can be said at once is returned.
    pub(super) fn take(&mut self, text: &str) -> Option<Bytes> {
        let Ok(frame) = serde_json::from_str::<ClientFrame>(text) else {
            return Some(socket::bytes(&bad_frame()));
        };
        let refused = match frame {
            ClientFrame::Ping => return Some(socket::bytes(&ServerFrame::Pong)),
            // Said already; a second one changes nothing.
            ClientFrame::Hello { .. } => return Some(socket::bytes(&bad_frame())),
            ClientFrame::Leave { session } => {
                self.leave(session);
                return None;
            }
            ClientFrame::Unwatch { view } => {
                if let Some(lists) = &mut self.lists {
                    lists.end(view);
                }
                return None;
            }
            ClientFrame::Open { session, after, epoch } => self
                .open(Follow { id: session, after, epoch })
                .err()
                .map(|error| (error, None, Some(session))),
            ClientFrame::Watch { view, limit } => {
                self.watch(view, limit).err().map(|error| (error, None, None))
            }
            ClientFrame::Send { id, session, body, attachments, note } => self
                .send(id, session, &body, &attachments, note)
                .err()
                .map(|error| (error, Some(id), Some(session))),
            ClientFrame::Typing { session, on } => {
                self.typing(session, on).err().map(|e| (e, None, Some(session)))
            }
            ClientFrame::Read { session, seq } => {
                self.read(session, seq).err().map(|e| (e, None, Some(session)))
            }
        };
        refused.map(|(error, id, session)| socket::bytes(&error_frame(&error, id, session)))
    }

    fn begin(&self, work: impl Future<Output = Finished> + Send + 'static) -> Result<(), ApiError> {
        if self.in_progress.len() >= IN_PROGRESS {
            return Err(hub::HubError::Overloaded.into());
        }
        self.in_progress.push(Box::pin(work));
        Ok(())
    }

    /// Begins to follow a session; one that is followed already begins anew.
    pub(super) fn open(&mut self, Follow { id, after, epoch }: Follow) -> Result<(), ApiError> {
        let from = from(after, epoch);
        if self.following.len() >= limits::FOLLOWED && !self.following.contains_key(&id) {
            return Err(ApiError::invalid(
                "session",
                format!("is one too many: {} at once is the limit of a connection", limits::FOLLOWED),
            ));
        }
        match self.following.get_mut(&id) {
            Some(Following::Stepping { then }) => *then = Some(Then::Open(from)),
            // The session ends an earlier stream of the connection when it hears of the new one.
            Some(Following::Live) | None => {
                self.begin(self.step(id, from, true))?;
                self.following.insert(id, Following::Stepping { then: None });
            }
        }
        Ok(())
    }

    fn leave(&mut self, session: SessionId) {
        if let Entry::Occupied(mut following) = self.following.entry(session) {
            match following.get_mut() {
                Following::Stepping { then } => *then = Some(Then::Leave),
                Following::Live => {
                    following.remove();
                    self.app.hub.leave(self.follower.connection, session);
                }
            }
        }
    }

    fn step(
        &self,
        session: SessionId,
        from: From,
        first: bool,
    ) -> impl Future<Output = Finished> + Send + 'static {
        let (hub, follower) = (self.app.hub.clone(), self.follower.clone());
        async move { Finished::Step { session, step: hub.follow(&follower, session, from, first).await } }
    }

    /// Takes a step's outcome and says what to write, after all that is queued.
    pub(super) fn stepped(&mut self, session: SessionId, step: Result<Step, hub::HubError>) -> Vec<Bytes> {
        let Some(Following::Stepping { then }) = self.following.get(&session) else { return Vec::new() };
        let then = *then;
        let (frames, next) = match step {
            Ok(Step::Live) => {
                match then {
                    None => drop(self.following.insert(session, Following::Live)),
                    Some(_) => self.app.hub.leave(self.follower.connection, session),
                }
                (Vec::new(), None)
            }
            Ok(Step::Page { frames, next }) => (frames, Some((next, false))),
            Err(error) => {
                if then.is_none() {
                    self.following.remove(&session);
                }
                (vec![socket::bytes(&error_frame(&error.into(), None, Some(session)))], None)
            }
        };
        let next = match then {
            None => next,
            Some(Then::Open(from)) => Some((from, true)),
            Some(Then::Leave) => {
                self.following.remove(&session);
                None
            }
        };
        if let Some((from, first)) = next {
            self.following.insert(session, Following::Stepping { then: None });
            self.in_progress.push(Box::pin(self.step(session, from, first)));
        }
        frames
    }

    fn watch(&mut self, view: View, limit: Option<u32>) -> Result<(), ApiError> {
        if matches!(self.follower.caller, Caller::Customer(_)) {
            return Err(ApiError::new(ErrorCode::Forbidden, "Lists are the team's."));
        }
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT);
        if !(1..=limits::PAGE_MAX).contains(&limit) {
            return Err(ApiError::invalid(
                "limit",
                format!("must be a number from 1 to {}", limits::PAGE_MAX),
            ));
        }
        let lists =
            self.lists.get_or_insert_with(|| Lists::new(self.app.hub.watch_inbox(self.follower.connection)));
        if !lists.begin(view, limit) {
            return Err(ApiError::invalid("view", format!("is one too many: {} at once", limits::WATCHED)));
        }
        self.load(view, limit);
        Ok(())
    }

    /// Reads a list (again).
    pub(super) fn load(&self, view: View, limit: u32) {
        let list = lists::load(self.app.clone(), self.follower.caller.clone(), view, limit);
        self.in_progress.push(Box::pin(async move { Finished::Listed(list.await) }));
    }

    fn send(
        &self,
        id: EntryId,
        session: SessionId,
        body: &str,
        attachments: &[uuid::Uuid],
        note: bool,
    ) -> Result<(), ApiError> {
        let caller = &self.follower.caller;
        let action = messages::checked(&self.app, caller, session, id, body, attachments, note)?;
        // Queued here and now, so that sends of one connection keep their order.
        let stored = self.app.hub.act(caller.clone(), session, action);
        self.begin(async move {
            match stored.await.map_err(ApiError::from).and_then(|done| messages::sent(&done)) {
                Ok(Sent { id, session: stored_in, seq, created_at, duplicate }) => {
                    let frame = ServerFrame::Ack { id, session: stored_in, seq, created_at, duplicate };
                    let ack = socket::bytes(&frame);
                    if stored_in == session {
                        Finished::Frames(vec![ack])
                    } else {
                        Finished::Elsewhere { ack, session: stored_in }
                    }
                }
                Err(error) => {
                    Finished::Frames(vec![socket::bytes(&error_frame(&error, Some(id), Some(session)))])
                }
            }
        })
    }

    fn typing(&self, session: SessionId, on: bool) -> Result<(), ApiError> {
        let (hub, caller) = (self.app.hub.clone(), self.follower.caller.clone());
        self.begin(async move { signalled(hub.typing(caller, session, on).await, session) })
    }

    fn read(&self, session: SessionId, seq: Seq) -> Result<(), ApiError> {
        let (hub, caller) = (self.app.hub.clone(), self.follower.caller.clone());
        self.begin(async move { signalled(hub.read(caller, session, seq).await, session) })
    }
}

fn signalled(done: Result<(), hub::HubError>, session: SessionId) -> Finished {
    Finished::Frames(match done {
        Ok(()) => Vec::new(),
        Err(error) => vec![socket::bytes(&error_frame(&error.into(), None, Some(session)))],
    })
}

impl Drop for Commands {
    fn drop(&mut self) {
        for (session, _) in self.following.drain() {
            self.app.hub.leave(self.follower.connection, session);
        }
    }
}
