//! What a client's frame leads to: checked, handed to the hub in order, answered when the hub has answered.

use std::{collections::VecDeque, pin::Pin};

use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use hub::{Answered, Caller, Follower, HubError};
use protocol::{
    Availability, ClientFrame, EntryId, ErrorCode, Follow, Seq, ServerFrame, SessionId, View, limits,
    rest::{SendMessage, Sent},
};
use tokio::time::Instant;

use super::{About, bad_frame, check, error_frame, follows::Follows, lists::Lists, socket};
use crate::{api::messages, app::App, error::ApiError};

/// Frames that wait for the hub's answer; beyond it, the connection is told that it is too much.
const IN_PROGRESS: usize = 64;

/// A send whose answer is to come.
struct Awaited {
    id: EntryId,
    session: SessionId,
    /// Until then somebody is told (promise 8).
    until: Instant,
}

/// What a frame leads to in a while: a frame to answer with, or nothing.
type Work = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// The frames of one connection.
pub(super) struct Commands {
    pub app: App,
    pub follower: Follower,
    pub follows: Follows,
    pub lists: Option<Lists>,
    pub in_progress: FuturesUnordered<Work>,
    /// Oldest first.
    sends: VecDeque<Awaited>,
}

impl Commands {
    pub(super) fn new(app: App, follower: Follower) -> Self {
        Self {
            follows: Follows::new(app.clone(), follower.clone()),
            app,
            follower,
            lists: None,
            in_progress: FuturesUnordered::new(),
            sends: VecDeque::new(),
        }
    }

    /// Takes one frame; what can be said at once is returned.
    pub(super) fn take(&mut self, text: &str) -> Option<Bytes> {
        let Ok(frame) = serde_json::from_str::<ClientFrame>(text) else {
            return Some(socket::bytes(&bad_frame()));
        };
        if !matches!(frame, ClientFrame::Ping) {
            self.app.hub.notice(&self.follower.caller);
        }
        let refused = match frame {
            ClientFrame::Ping => return Some(socket::bytes(&ServerFrame::Pong)),
            // Said already; a second one changes nothing.
            ClientFrame::Hello { .. } => return Some(socket::bytes(&bad_frame())),
            ClientFrame::Leave { session } => {
                self.follows.leave(session);
                return None;
            }
            ClientFrame::Unwatch { view } => {
                if let Some(lists) = &mut self.lists {
                    lists.end(&view);
                }
                return None;
            }
            ClientFrame::Availability { status } => {
                self.choose(status).err().map(|error| (error, About::Nothing))
            }
            ClientFrame::Open { session, after, epoch, unseen } => self
                .follows
                .open(Follow { id: session, after, epoch, unseen })
                .err()
                .map(|error| (error, About::Session(session))),
            ClientFrame::Watch { view, limit } => {
                self.watch(view.clone(), limit).err().map(|error| (error, About::List(view)))
            }
            ClientFrame::Send { id, session, body, attachments, note, mentions, after } => self
                .send(session, SendMessage { id, body, attachments, mentions, after }, note)
                .err()
                .map(|error| (error, About::Send(id, session))),
            ClientFrame::Typing { session, on } => {
                self.typing(session, on).err().map(|error| (error, About::Session(session)))
            }
            ClientFrame::Read { session, seq } => {
                self.read(session, seq).err().map(|error| (error, About::Session(session)))
            }
        };
        refused.map(|(error, about)| socket::bytes(&error_frame(&error, about)))
    }

    /// Before anything is begun: a refusal means that nothing was.
    fn room(&self) -> Result<(), ApiError> {
        let waiting = self.in_progress.len() + self.sends.len();
        if waiting >= IN_PROGRESS { Err(HubError::Overloaded.into()) } else { Ok(()) }
    }

    fn begin(&self, work: impl Future<Output = Option<Bytes>> + Send + 'static) {
        self.in_progress.push(Box::pin(work));
    }

    fn watch(&mut self, view: View, limit: Option<u32>) -> Result<(), ApiError> {
        if matches!(self.follower.caller, Caller::Customer(_)) {
            return Err(ApiError::new(ErrorCode::Forbidden, "Lists are the team's."));
        }
        let limit = limit.unwrap_or(limits::PAGE_DEFAULT);
        if limit > limits::PAGE_MAX {
            let message = format!("must be a number from 0 to {}", limits::PAGE_MAX);
            return Err(ApiError::invalid("limit", message));
        }
        check(&view)?;
        let Follower { connection, caller, .. } = &self.follower;
        let watch = || self.app.hub.watch_inbox(*connection, caller.clone());
        let lists = self.lists.get_or_insert_with(|| Lists::new(watch()));
        if !lists.begin(view, limit) {
            return Err(ApiError::invalid("view", format!("is one too many: {} at once", limits::WATCHED)));
        }
        Ok(())
    }

    fn choose(&self, status: Availability) -> Result<(), ApiError> {
        let Caller::Agent { agent, .. } = &self.follower.caller else {
            return Err(ApiError::new(ErrorCode::Forbidden, "Only the team says whether it is there."));
        };
        self.room()?;
        let (hub, agent) = (self.app.hub.clone(), agent.id);
        self.begin(async move {
            let chosen = hub.choose_availability(agent, status).await;
            chosen.err().map(|error| socket::bytes(&error_frame(&error.into(), About::Nothing)))
        });
        Ok(())
    }

    fn send(&mut self, session: SessionId, send: SendMessage, note: bool) -> Result<(), ApiError> {
        self.room()?;
        let id = send.id;
        let action = messages::checked(&self.app, &self.follower.caller, session, send, note)?;
        match messages::mentions(&action) {
            mentions if !mentions.is_empty() => {
                // Who is named is asked of the store: such a note may come behind what is said after it.
                let (app, follower, mentions) =
                    (self.app.clone(), self.follower.clone(), mentions.to_owned());
                self.begin(async move {
                    match messages::may_mention(&app, &follower.caller, session, &mentions).await {
                        Ok(()) => app.hub.send(&follower, session, id, action),
                        Err(error) => app.hub.refuse(&follower, session, id, error),
                    }
                    None
                });
            }
            // Queued here and now, so that sends of one connection keep their order.
            _ => self.app.hub.send(&self.follower, session, id, action),
        }
        self.sends.push_back(Awaited { id, session, until: Instant::now() + hub::ANSWER_TIME });
        Ok(())
    }

    /// What became of a send, as it came through the queue; nothing, if its time was over.
    pub(super) fn answered(&mut self, Answered { id, session, done }: Answered) -> Option<Bytes> {
        let place = self.sends.iter().position(|send| send.id == id && send.session == session)?;
        self.sends.remove(place);
        let frame = match done.map_err(ApiError::from).and_then(|done| messages::sent(&done)) {
            Ok(Sent { id, session: stored_in, seq, created_at, duplicate }) => {
                if stored_in != session && !self.follows.has(stored_in) {
                    // Beyond the limit the client can still open it itself.
                    let _ =
                        self.follows.open(Follow { id: stored_in, after: None, epoch: None, unseen: false });
                }
                ServerFrame::Ack { id, session: stored_in, seq, created_at, duplicate }
            }
            Err(error) => error_frame(&error, About::Send(id, session)),
        };
        Some(socket::bytes(&frame))
    }

    /// Until when the oldest send must be answered.
    pub(super) fn answer_by(&self) -> Option<Instant> {
        self.sends.front().map(|send| send.until)
    }

    /// Gives up the sends whose time is over: they may still take effect, and may be sent again.
    pub(super) fn give_up(&mut self, now: Instant) -> Vec<Bytes> {
        let mut frames = Vec::new();
        while let Some(Awaited { id, session, .. }) = self.sends.pop_front_if(|send| send.until <= now) {
            let error = ApiError::from(HubError::Unavailable);
            frames.push(socket::bytes(&error_frame(&error, About::Send(id, session))));
        }
        frames
    }

    fn typing(&self, session: SessionId, on: bool) -> Result<(), ApiError> {
        if self.follows.is_unseen(session) {
            return Ok(());
        }
        self.room()?;
        let (hub, caller) = (self.app.hub.clone(), self.follower.caller.clone());
        self.begin(async move { signalled(hub.typing(caller, session, on).await, session) });
        Ok(())
    }

    fn read(&self, session: SessionId, seq: Seq) -> Result<(), ApiError> {
        if self.follows.is_unseen(session) {
            return Ok(());
        }
        self.room()?;
        let (hub, caller) = (self.app.hub.clone(), self.follower.caller.clone());
        self.begin(async move { signalled(hub.read(caller, session, seq).await, session) });
        Ok(())
    }
}

fn signalled(done: Result<(), HubError>, session: SessionId) -> Option<Bytes> {
    done.err().map(|error| socket::bytes(&error_frame(&error.into(), About::Session(session))))
}
