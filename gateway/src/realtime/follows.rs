//! The sessions that one WebSocket follows, and the way there: one step of one session at a time.
//!
//! A step may read a page from the store. It runs in a task of its own, since a connection that waits for its peer
//! polls nothing else, and must not hold the store's connections meanwhile. The next step waits until the last one's
//! frames are written, so that a slow reader costs one page, however much it asked for.

use std::collections::VecDeque;

use bytes::Bytes;
use hub::{Caller, Follower, Fresh, From, HubError, Step};
use protocol::{ErrorCode, Follow, SessionId, limits};
use tokio_util::task::AbortOnDropHandle;

use super::{About, error_frame, socket};
use crate::{app::App, error::ApiError};

/// Where a connection stands with a session that it follows.
enum State {
    /// In line for its next step.
    Waiting { from: From, first: bool },
    /// A step is under way. Two streams of one session must never mix: what the client asks meanwhile waits.
    Stepping { then: Option<Then> },
    /// Everything comes by itself.
    Live,
}

/// What the client asked while a step was under way.
enum Then {
    Open(From),
    Leave,
}

/// A step's outcome; `None` if its task died, which is logged where it happened.
pub(super) type Stepped = (SessionId, Option<Result<Step, HubError>>);

/// The sessions that one connection follows. Leaves them all when dropped.
pub(super) struct Follows {
    app: App,
    follower: Follower,
    /// A list: a customer has one, and nobody has many.
    sessions: Vec<(SessionId, State)>,
    line: VecDeque<SessionId>,
    /// Those that it looks at without being seen.
    unseen: Vec<SessionId>,
    /// What was read of sessions in line.
    fresh: Vec<Fresh>,
    step: Option<(SessionId, AbortOnDropHandle<Result<Step, HubError>>)>,
}

impl Follows {
    pub(super) fn new(app: App, follower: Follower) -> Self {
        Self {
            app,
            follower,
            sessions: Vec::new(),
            line: VecDeque::new(),
            unseen: Vec::new(),
            fresh: Vec::new(),
            step: None,
        }
    }

    pub(super) fn has(&self, session: SessionId) -> bool {
        self.sessions.iter().any(|(id, _)| *id == session)
    }

    pub(super) fn is_unseen(&self, session: SessionId) -> bool {
        self.unseen.contains(&session)
    }

    fn get_mut(&mut self, session: SessionId) -> Option<&mut State> {
        self.sessions.iter_mut().find(|(id, _)| *id == session).map(|(_, state)| state)
    }

    fn insert(&mut self, session: SessionId, state: State) -> Option<State> {
        if let Some(before) = self.get_mut(session) {
            return Some(std::mem::replace(before, state));
        }
        if self.sessions.is_empty() {
            self.sessions.reserve_exact(1);
        }
        self.sessions.push((session, state));
        None
    }

    fn remove(&mut self, session: SessionId) -> Option<State> {
        let index = self.sessions.iter().position(|(id, _)| *id == session)?;
        Some(self.sessions.swap_remove(index).1)
    }

    /// Begins to follow a session; one that is followed already begins anew.
    ///
    /// # Errors
    /// One too many, or one who may not look on unseen.
    pub(super) fn open(&mut self, Follow { id, after, epoch, unseen }: Follow) -> Result<(), ApiError> {
        may_look_on(&self.follower.caller, unseen)?;
        let from = match after {
            Some(seq) => From::After { seq, epoch },
            None => From::Latest(limits::OPEN_ENTRIES),
        };
        let full = self.sessions.len() >= limits::FOLLOWED;
        match self.get_mut(id) {
            None if full => {
                return Err(ApiError::invalid(
                    "session",
                    format!("is one too many: {} at once is the limit of a connection", limits::FOLLOWED),
                ));
            }
            Some(State::Stepping { then }) => *then = Some(Then::Open(from)),
            Some(waiting @ State::Waiting { .. }) => *waiting = State::Waiting { from, first: true },
            // The session ends an earlier stream of the connection when it hears of the new one.
            Some(State::Live) | None => self.wait(id, from, true),
        }
        self.unseen.retain(|other| *other != id);
        if unseen {
            self.unseen.push(id);
        }
        Ok(())
    }

    /// Takes what was just read of a session that was opened. It has not changed much when its turn comes.
    pub(super) fn know(&mut self, fresh: Fresh) {
        self.fresh.push(fresh);
    }

    /// Takes the first step of a session in line, made from what was just read, and says what to write.
    pub(super) fn begun(&mut self, session: SessionId, step: Step) -> Vec<Bytes> {
        let Step::Page { frames, next } = step else { return Vec::new() };
        if let Some(State::Waiting { from, first }) = self.get_mut(session) {
            (*from, *first) = (next, false);
        }
        frames
    }

    pub(super) fn leave(&mut self, session: SessionId) {
        match self.get_mut(session) {
            None => {}
            Some(State::Stepping { then }) => *then = Some(Then::Leave),
            Some(State::Waiting { .. } | State::Live) => self.forget(session),
        }
    }

    fn wait(&mut self, session: SessionId, from: From, first: bool) {
        self.insert(session, State::Waiting { from, first });
        self.line.push_back(session);
    }

    fn forget(&mut self, session: SessionId) {
        self.remove(session);
        self.unseen.retain(|other| *other != session);
        self.line.retain(|waiting| *waiting != session);
        self.app.hub.leave(self.follower.connection, session);
    }

    /// Takes the next step, if none is under way.
    pub(super) fn go_on(&mut self) {
        if self.step.is_some() {
            return;
        }
        let Some(session) = self.line.pop_front() else { return };
        let Some(State::Waiting { from, first }) = self.insert(session, State::Stepping { then: None })
        else {
            return;
        };
        let known = self.fresh.iter().position(|fresh| fresh.session.id == session);
        let fresh = known.map(|index| self.fresh.swap_remove(index));
        if self.line.is_empty() {
            // Most stand in line once in their life.
            (self.line, self.fresh) = (VecDeque::new(), Vec::new());
        }
        let unseen = self.is_unseen(session);
        let (hub, follower) = (self.app.hub.clone(), Follower { unseen, ..self.follower.clone() });
        let step = async move { hub.follow_knowing(&follower, session, from, first, fresh).await };
        let step = self.app.tasks.spawn(step);
        self.step = Some((session, AbortOnDropHandle::new(step)));
    }

    /// Waits for the step under way, for ever if there is none. Cancel-safe.
    pub(super) async fn stepped(&mut self) -> Stepped {
        match &mut self.step {
            Some((session, step)) => {
                let stepped = (*session, step.await.ok());
                self.step = None;
                stepped
            }
            None => std::future::pending().await,
        }
    }

    /// Takes a step's outcome and says what to write, after all that is queued.
    pub(super) fn take(&mut self, (session, step): Stepped) -> Vec<Bytes> {
        let Some(State::Stepping { then }) = self.remove(session) else { return Vec::new() };
        let (frames, next) = match step.unwrap_or(Err(HubError::Internal)) {
            Ok(Step::Live) => (Vec::new(), Ok(State::Live)),
            Ok(Step::Page { frames, next }) => (frames, Ok(State::Waiting { from: next, first: false })),
            Err(error) => {
                (vec![socket::bytes(&error_frame(&error.into(), About::Session(session)))], Err(()))
            }
        };
        match (then, next) {
            (Some(Then::Leave), _) => self.forget(session),
            (Some(Then::Open(from)), _) => self.wait(session, from, true),
            (None, Ok(State::Waiting { from, first })) => self.wait(session, from, first),
            (None, Ok(state)) => drop(self.insert(session, state)),
            (None, Err(())) => {}
        }
        frames
    }
}

/// Refuses who may not look on without being seen.
///
/// # Errors
/// They may not.
pub(super) fn may_look_on(caller: &Caller, unseen: bool) -> Result<(), ApiError> {
    if unseen && !caller.supervises() {
        return Err(ApiError::new(ErrorCode::Forbidden, "Only a supervisor can look on unseen."));
    }
    Ok(())
}

impl Drop for Follows {
    fn drop(&mut self) {
        let (hub, connection) = (self.app.hub.clone(), self.follower.connection);
        let stepping = self.step.take();
        for (session, _) in self.sessions.drain(..) {
            if stepping.as_ref().is_none_or(|(under_way, _)| *under_way != session) {
                hub.leave(connection, session);
            }
        }
        if let Some((session, step)) = stepping {
            // A leave that overtook the step's own asking would leave a follower behind that nobody is.
            step.abort();
            self.app.tasks.spawn(async move {
                let _ = step.await;
                hub.leave(connection, session);
            });
        }
    }
}
