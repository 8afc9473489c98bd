//! Long-polling: a connection that lives for one request (contract §3). It attaches at a seq, waits, answers,
//! detaches. Stateless, so that any node may answer the next one.

mod many;

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use hub::{AgentHere, Caller, Follower, From, OutboundReader, Polled, QueueLimits, Snapshot, outbound};
use protocol::{
    CloseCode, ConnectionId, Entry, Epoch, ErrorCode, Seq, SessionId, limits,
    rest::{PollSession, SessionEvents},
};
use tokio::{sync::oneshot, time::Instant};

pub(crate) use self::many::events_of_many;
use super::{Goodbye, Registered, follows::may_look_on};
use crate::{
    api::{PathId, body::NoBody, entries::SEQ_MAX, query::Query},
    app::App,
    auth::{Asking, ClientAddress, LoginCookie},
    blocks,
    error::ApiError,
    rate_limit::{AddressKey, CountGuard},
    server::Held,
};

/// How long an answer waits for more of the same burst: the frames of one send (its entry, the end of typing, the
/// receipt) are one answer.
const GATHER: Duration = Duration::from_millis(10);
/// What a client waits when the server is about to stop.
const DRAIN_RETRY_MS: u64 = 1_000;

/// Who polls.
pub(crate) struct Asker {
    caller: Caller,
    address: ClientAddress,
    login: LoginCookie,
}

impl FromRequestParts<App> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Asking(caller) = Asking::from_request_parts(parts, app).await?;
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let Ok(login) = LoginCookie::from_request_parts(parts, app).await;
        Ok(Self { caller, address, login })
    }
}

/// GET `/sessions/{id}/events`.
pub(crate) async fn events(
    State(app): State<App>,
    asker: Asker,
    PathId(id): PathId<SessionId>,
    mut query: Query,
    NoBody: NoBody,
) -> Result<Response, ApiError> {
    let after = query.number("after", 0..=SEQ_MAX)?.map(Seq::new);
    let epoch = query.parse::<Epoch>("epoch", "a UUID")?;
    let wait = query.number("wait", 0..=limits::POLL_WAIT.as_secs())?;
    let state = query.text("state");
    query.finish()?;
    let asked = PollSession { id, after, epoch, state, unseen: false };
    let deadline = Instant::now() + wait.map_or(limits::POLL_WAIT_DEFAULT, Duration::from_secs);
    let mut poll = Poll::attach(&app, asker)?;
    let mut found = poll.look(&asked).await?;
    if found.is_news() || poll.is_over(deadline) {
        poll.still_signed_in()?;
        return Ok(axum::Json(poll.answer_one(found)).into_response());
    }
    Ok(Held::new(async move {
        if poll.woken(deadline).await {
            Box::pin(poll.look_again(&asked, &mut found)).await?;
        }
        poll.still_signed_in()?;
        Ok::<_, ApiError>(axum::Json(poll.answer_one(found)))
    })
    .into_response())
}

/// One session, and what the client knows of its signals.
struct Found {
    polled: Polled,
    state: String,
    known_state: String,
}

impl Found {
    fn is_news(&self) -> bool {
        self.polled.reset || !self.polled.snapshot.entries.is_empty() || self.state != self.known_state
    }
}

/// One request's stay; whatever happens, it leaves the sessions it followed.
struct Poll {
    app: App,
    follower: Follower,
    queue: OutboundReader,
    following: Vec<SessionId>,
    told: oneshot::Receiver<Goodbye>,
    goodbye: Option<Goodbye>,
    _registered: Registered,
    _here: Option<AgentHere>,
    _counted: (CountGuard<AddressKey>, Option<CountGuard<protocol::ContactId>>),
}

impl Drop for Poll {
    fn drop(&mut self) {
        for session in self.following.drain(..) {
            self.app.hub.leave(self.follower.connection, session);
        }
    }
}

impl Poll {
    fn attach(
        app: &App,
        Asker { caller, address, login: LoginCookie(login) }: Asker,
    ) -> Result<Self, ApiError> {
        blocks::not_blocked(app, &caller)?;
        let by_address = app.per_address.count(address.key())?;
        let (by_contact, here) = match &caller {
            Caller::Customer(grant) => (Some(app.per_contact.count(grant.contact_id)?), None),
            Caller::Agent { agent, .. } => (None, Some(app.hub.agent_here(agent.id))),
            Caller::System => (None, None),
        };
        // Nothing is read from the queue but that something came; should it overflow, the request is answered.
        let (outbound, queue) = outbound(QueueLimits::default());
        let connection = ConnectionId::new(app.hub.clock().mint());
        let customer = match &caller {
            Caller::Customer(grant) => Some(grant.contact_id),
            Caller::Agent { .. } | Caller::System => None,
        };
        let (registered, told) = app.connections.register(connection, login, customer);
        Ok(Self {
            told,
            goodbye: None,
            _registered: registered,
            app: app.clone(),
            follower: Follower { connection, caller, outbound, unseen: false },
            queue,
            following: Vec::new(),
            _here: here,
            _counted: (by_address, by_contact),
        })
    }

    async fn look(&mut self, asked: &PollSession) -> Result<Found, ApiError> {
        let from = match asked.after {
            Some(seq) => From::After { seq, epoch: asked.epoch },
            None => From::Latest(limits::OPEN_ENTRIES),
        };
        // Before asking: should the request be dropped while the hub answers, leaving undoes it.
        self.following.push(asked.id);
        may_look_on(&self.follower.caller, asked.unseen)?;
        let follower = Follower { unseen: asked.unseen, ..self.follower.clone() };
        let polled = self.app.hub.poll(&follower, asked.id, from).await?;
        let state = self.state_of(&polled.snapshot);
        // Who does not say what it knows is told of what changes from now on.
        let known_state = asked.state.clone().unwrap_or_else(|| state.clone());
        Ok(Found { polled, state, known_state })
    }

    async fn look_again(&self, asked: &PollSession, found: &mut Found) -> Result<(), ApiError> {
        let after = asked.after.unwrap_or(found.polled.cursor);
        found.polled = self.app.hub.poll_again(&self.follower.caller, asked.id, after).await?;
        found.state = self.state_of(&found.polled.snapshot);
        Ok(())
    }

    fn is_over(&self, deadline: Instant) -> bool {
        Instant::now() >= deadline
            || self.app.draining.is_cancelled()
            || self.queue.is_slow()
            || self.goodbye.is_some()
    }

    /// # Errors
    /// The login ended, or the customer was blocked, while the request was held: what came since is not for it.
    fn still_signed_in(&mut self) -> Result<(), ApiError> {
        // It may have been told in the same moment as something else.
        match self.goodbye.or_else(|| self.told.try_recv().ok()) {
            Some(Goodbye { code: CloseCode::BadCredential, .. }) => {
                Err(ApiError::new(ErrorCode::Unauthenticated, "The login has ended. Sign in again."))
            }
            Some(Goodbye { code: CloseCode::Blocked, .. }) => Err(blocks::refusal()),
            _ => Ok(()),
        }
    }

    /// Waits until something comes, then a little for the rest of it. False if nothing came in time.
    async fn woken(&mut self, deadline: Instant) -> bool {
        let woken = tokio::select! {
            _ = self.queue.next() => true,
            Ok(goodbye) = &mut self.told, if self.goodbye.is_none() => {
                self.goodbye = Some(goodbye);
                false
            }
            () = self.app.draining.cancelled() => false,
            () = tokio::time::sleep_until(deadline) => false,
        };
        if woken {
            tokio::time::sleep(GATHER).await;
            while self.queue.try_recv().is_some() {}
        }
        woken
    }

    /// Names what a snapshot says beyond its entries. The same on every node of one version of the program.
    fn state_of(&self, snapshot: &Snapshot) -> String {
        let mut hasher = DefaultHasher::new();
        let mut typing: Vec<_> = snapshot.typing.iter().map(|who| who.id).collect();
        let mut presence: Vec<_> = snapshot.presence.iter().map(|here| (here.who.id, here.online)).collect();
        typing.sort_unstable();
        presence.sort_unstable();
        (typing, presence).hash(&mut hasher);
        for receipt in &snapshot.receipts {
            receipt.seq.hash(&mut hasher);
            // What was handed to one's own side is no news.
            if receipt.who.kind != self.follower.caller.side() {
                receipt.delivered.hash(&mut hasher);
            }
        }
        snapshot.place.hash(&mut hasher);
        snapshot.session.version.hash(&mut hasher);
        format!("{:x}", hasher.finish())
    }

    fn signed(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        self.app.hub.sign(&mut entry);
        entry
    }

    fn answer_one(&self, found: Found) -> SessionEvents {
        let Found { polled: Polled { snapshot, reset, cursor }, state, known_state: _ } = found;
        SessionEvents {
            epoch: self.app.hub.epoch(),
            reset,
            entries: snapshot.entries.iter().map(|entry| self.signed(entry)).collect(),
            last_seq: cursor,
            typing: snapshot.typing,
            presence: snapshot.presence,
            receipts: snapshot.receipts,
            session: self.app.hub.summary(&snapshot.session, self.follower.caller.audience()),
            queue: snapshot.place,
            state,
            retry_after_ms: self.retry_after_ms(),
        }
    }

    fn retry_after_ms(&self) -> u64 {
        if self.app.draining.is_cancelled() { DRAIN_RETRY_MS } else { 0 }
    }
}
