//! GET `/ws`: one task a connection (contract §4).

use std::{net::IpAddr, time::Duration};

use axum::{
    Extension,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use hub::{AgentHere, Caller, Follower, OutboundReader, QueueLimits, outbound};
use persistence::TokenHash;
use protocol::{
    Audience, ClientFrame, CloseCode, ConnectionId, ErrorCode, Follow, PartyKind, SUBPROTOCOL,
    SUBPROTOCOL_FAMILY, ServerFrame, SessionSummary, You, limits,
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    Goodbye, bad_frame,
    commands::{Commands, Finished},
    follows::{Follows, Stepped},
    lists::Lists,
    pace::{self, Pace},
    socket::{self, Broken},
};
use crate::{
    app::{App, Peer},
    auth::{self, ClientAddress, Login, origin},
    error::ApiError,
    rate_limit::{AddressKey, CountGuard},
};

/// Bytes of the read and write buffers: the default of 128 KiB is the price of a whole idle connection many times over.
const BUFFER: usize = 4 * 1024;
/// Most that is buffered for writing: a batch of frames, among them a page of the longest messages.
const WRITE_BUFFER_MAX: usize = 16 * 1024 * 1024;
/// Sessions of a customer named in the `welcome`.
const WELCOME_SESSIONS: u32 = 20;

pub(crate) async fn upgrade(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    address: ClientAddress,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|rejection| ApiError::new(ErrorCode::BadRequest, rejection.body_text()))?;
    let version = offered_version(&headers).ok_or_else(|| {
        ApiError::new(ErrorCode::BadRequest, format!("Offer the subprotocol {SUBPROTOCOL}."))
    })?;
    if app.draining.is_cancelled() {
        return Err(ApiError {
            retry_after: Some(Duration::from_secs(1)),
            ..ApiError::new(ErrorCode::Draining, "The server is restarting.")
        });
    }
    let counted = app.per_address.count(address.key())?;
    let known = version == SUBPROTOCOL;
    let upgrade = upgrade
        .protocols([version])
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(limits::FRAME_BYTES)
        .max_frame_size(limits::FRAME_BYTES);
    let tasks = app.tasks.clone();
    Ok(upgrade.on_upgrade(move |socket| {
        // Tracked, so that a stop waits until the last word is said.
        tasks.track_future(async move {
            if known {
                serve(app, socket, headers, address.0, counted, peer).await;
            } else {
                socket::close(socket, Goodbye::now(CloseCode::Version)).await;
            }
        })
    }))
}

/// The subprotocol to answer with: ours, or another version of it, to be refused where the client can hear it.
fn offered_version(headers: &HeaderMap) -> Option<String> {
    let offered: Vec<&str> = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let ours = offered.iter().find(|version| **version == SUBPROTOCOL);
    ours.or_else(|| offered.iter().find(|version| version.starts_with(SUBPROTOCOL_FAMILY)))
        .map(|version| (*version).to_owned())
}

async fn serve(
    app: App,
    mut socket: WebSocket,
    headers: HeaderMap,
    address: IpAddr,
    _counted: CountGuard<AddressKey>,
    peer: Peer,
) {
    // The request is over, but the connection keeps its place.
    let _place = peer.place;
    let hello_time = Duration::from_secs(app.config.hello_seconds);
    let draining = app.draining.clone();
    let said = tokio::select! {
        said = tokio::time::timeout(hello_time, hello(&mut socket)) => said,
        () = draining.cancelled() => Ok(Err(Some(CloseCode::Restart))),
    };
    let (token, follows) = match said {
        Ok(Ok(hello)) => hello,
        Ok(Err(Some(CloseCode::Restart))) => return socket::close(socket, Goodbye::RESTART).await,
        Ok(Err(Some(code))) => return socket::close(socket, Goodbye::now(code)).await,
        Ok(Err(None)) => return,
        Err(_elapsed) => return socket::close(socket, Goodbye::now(CloseCode::HelloMissing)).await,
    };
    let who = match identify(&app, &headers, token.as_deref()).await {
        Ok(who) => who,
        Err(goodbye) => return socket::close(socket, goodbye).await,
    };
    drop(headers);
    let _contact = match &who.caller {
        Caller::Agent { .. } => None,
        Caller::Customer(grant) => match app.per_contact.count(grant.contact_id) {
            Ok(counted) => Some(counted),
            Err(refusal) => {
                let retry_after = refusal.retry_after.unwrap_or_default();
                socket::name_limit(&mut socket, &refusal).await;
                return socket::close(socket, Goodbye { code: CloseCode::RateLimited, retry_after }).await;
            }
        },
    };
    let id = ConnectionId::new(app.hub.clock().mint());
    tracing::debug!(connection.id = %id, client.address = %address, "a WebSocket said hello");
    let (_registered, told) = app.connections.register(id, who.login);
    if draining.is_cancelled() {
        // Too late to be told with the others.
        return socket::close(socket, Goodbye::RESTART).await;
    }
    let (outbound, queue) = outbound(QueueLimits::default());
    let follower = Follower { connection: id, caller: who.caller, outbound };
    let connection = Connection {
        commands: Commands {
            follows: Follows::new(app.clone(), follower.clone()),
            follower,
            lists: None,
            in_progress: FuturesUnordered::new(),
            app: app.clone(),
        },
        queue,
        told,
        _here: who.here,
    };
    let ended = connection.run(&mut socket, who.sessions, follows).await;
    tracing::debug!(connection.id = %id, reason = ended.map_or("gone", |bye| bye.code.reason()), "a WebSocket ended");
    if let Some(goodbye) = ended {
        socket::close(socket, goodbye).await;
    }
}

type Hello = (Option<String>, Vec<Follow>);

/// Waits for the first frame. `Err(None)`: the peer is gone.
async fn hello(socket: &mut WebSocket) -> Result<Hello, Option<CloseCode>> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Hello { token, sessions, client: _ }) => return Ok((token, sessions)),
                Ok(_) => return Err(Some(CloseCode::HelloMissing)),
                Err(_) => {
                    let frame = Message::Text(bad_frame().encode().into());
                    socket.send(frame).await.map_err(|_| None)?;
                }
            },
            Some(Ok(Message::Binary(_))) => return Err(Some(CloseCode::Unsupported)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_))) => {
                socket::answer_close(socket).await;
                return Err(None);
            }
            None => return Err(None),
            Some(Err(error)) => return Err(socket::unreadable(error)),
        }
    }
}

struct Who {
    caller: Caller,
    /// A customer's, for the `welcome`.
    sessions: Vec<SessionSummary>,
    login: Option<TokenHash>,
    here: Option<AgentHere>,
}

async fn identify(app: &App, headers: &HeaderMap, token: Option<&str>) -> Result<Who, Goodbye> {
    let goodbye = |error: ApiError| match error.code {
        ErrorCode::OriginRefused => Goodbye::now(CloseCode::OriginRefused),
        ErrorCode::StoreUnavailable | ErrorCode::Overloaded => {
            Goodbye { code: CloseCode::Overloaded, retry_after: Duration::from_secs(1) }
        }
        ErrorCode::Internal => Goodbye::now(CloseCode::Internal),
        _ => Goodbye::now(CloseCode::BadCredential),
    };
    if let Some(token) = token {
        let customer = auth::customer_of(app, token).await.map_err(goodbye)?;
        let (grant, site) = customer.ok_or(Goodbye::now(CloseCode::BadCredential))?;
        origin::allowed_for_site(headers, app, &site).map_err(goodbye)?;
        let sessions = app.store.sessions_of_grant(&grant, WELCOME_SESSIONS).await;
        let sessions = sessions.map_err(|error| goodbye(error.into()))?;
        let sessions = sessions.iter().map(|session| session.summary(Audience::Customer)).collect();
        return Ok(Who { caller: Caller::Customer(grant), sessions, login: None, here: None });
    }
    // A page of another site must not use the agent's cookie (cross-site WebSocket hijacking).
    origin::same_origin(headers, app).map_err(goodbye)?;
    let login = Login::of(app, headers).await.map_err(goodbye)?;
    let agent = auth::password_settled(login.agent).map_err(goodbye)?;
    let here = Some(app.hub.agent_here(agent.id));
    Ok(Who { caller: app.agent_caller(&agent), sessions: Vec::new(), login: Some(login.token), here })
}

/// A WebSocket that has said hello.
struct Connection {
    commands: Commands,
    queue: OutboundReader,
    told: mpsc::Receiver<Goodbye>,
    _here: Option<AgentHere>,
}

/// What woke the connection's task.
enum Woken {
    Heard(Option<Result<Message, axum::Error>>),
    Queued(Option<Bytes>),
    Finished(Finished),
    Stepped(Stepped),
    Lists,
    Tick,
    TooSlow,
    Told(Option<Goodbye>),
}

async fn lists_ready(lists: Option<&mut Lists>) {
    match lists {
        Some(lists) => lists.ready().await,
        None => std::future::pending().await,
    }
}

impl Connection {
    /// Runs until the connection ends; `None` if nobody is there to say goodbye to.
    async fn run(
        mut self,
        socket: &mut WebSocket,
        sessions: Vec<SessionSummary>,
        follows: Vec<Follow>,
    ) -> Option<Goodbye> {
        match self.welcome(socket, sessions, follows).await {
            Ok(()) => {}
            Err(Broken::Gone) => return None,
            Err(Broken::TooSlow) => return Some(Goodbye::now(CloseCode::TooSlow)),
        }
        let slow = self.queue.too_slow();
        let (heartbeat, silence) = (self.commands.app.config.heartbeat(), self.commands.app.config.silence());
        let mut heard_at = Instant::now();
        let mut ping_at = heard_at + heartbeat;
        let mut pace = Pace::new(heard_at);
        loop {
            if self.queue.is_empty() {
                self.commands.follows.go_on();
            }
            let woken = tokio::select! {
                goodbye = self.told.recv() => Woken::Told(goodbye),
                () = slow.cancelled() => Woken::TooSlow,
                message = socket.recv() => Woken::Heard(message),
                frame = self.queue.recv() => Woken::Queued(frame),
                Some(finished) = self.commands.in_progress.next() => Woken::Finished(finished),
                stepped = self.commands.follows.stepped() => Woken::Stepped(stepped),
                () = lists_ready(self.commands.lists.as_mut()) => Woken::Lists,
                () = tokio::time::sleep_until(ping_at.min(heard_at + silence)) => Woken::Tick,
            };
            let frames = match woken {
                Woken::Told(goodbye) => return goodbye,
                Woken::TooSlow => return Some(Goodbye::now(CloseCode::TooSlow)),
                Woken::Heard(message) => {
                    heard_at = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => {
                            if !pace.allows(heard_at) {
                                let retry_after = Duration::from_secs(5);
                                socket::name_limit(socket, &pace::too_fast(retry_after)).await;
                                return Some(Goodbye { code: CloseCode::RateLimited, retry_after });
                            }
                            self.commands.take(&text).into_iter().collect()
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                        Some(Ok(Message::Binary(_))) => return Some(Goodbye::now(CloseCode::Unsupported)),
                        Some(Ok(Message::Close(_))) => {
                            socket::answer_close(socket).await;
                            return None;
                        }
                        None => return None,
                        Some(Err(error)) => return socket::unreadable(error).map(Goodbye::now),
                    }
                }
                Woken::Queued(frame) => frame.into_iter().collect(),
                Woken::Finished(finished) => self.finished(finished),
                Woken::Stepped(stepped) => {
                    // A page comes past the queue: what an earlier stream of the session left in it goes first.
                    let mut frames: Vec<_> = std::iter::from_fn(|| self.queue.try_recv()).collect();
                    frames.extend(self.commands.follows.take(stepped));
                    frames
                }
                Woken::Lists => self.list_changes(),
                Woken::Tick => {
                    if heard_at.elapsed() >= silence {
                        return Some(Goodbye::now(CloseCode::HeartbeatMissed));
                    }
                    if ping_at <= Instant::now() {
                        ping_at = Instant::now() + heartbeat;
                        match socket::ping(socket, &self.queue).await {
                            Ok(()) => {}
                            Err(Broken::Gone) => return None,
                            Err(Broken::TooSlow) => return Some(Goodbye::now(CloseCode::TooSlow)),
                        }
                    }
                    continue;
                }
            };
            if frames.is_empty() {
                continue;
            }
            match socket::write(socket, frames, &mut self.queue).await {
                Ok(()) => {}
                Err(Broken::Gone) => return None,
                Err(Broken::TooSlow) => return Some(Goodbye::now(CloseCode::TooSlow)),
            }
        }
    }

    async fn welcome(
        &mut self,
        socket: &mut WebSocket,
        sessions: Vec<SessionSummary>,
        mut follows: Vec<Follow>,
    ) -> Result<(), Broken> {
        let Commands { app, follower, .. } = &self.commands;
        let you = match &follower.caller {
            Caller::Agent { agent, role, .. } => You {
                kind: PartyKind::Agent,
                id: agent.id.uuid(),
                name: Some(agent.name.clone()),
                role: Some(*role),
            },
            Caller::Customer(grant) => You {
                kind: PartyKind::Customer,
                id: grant.contact_id.uuid(),
                name: grant.name.clone(),
                role: None,
            },
        };
        // A customer's own session is opened by `hello` (contract §4), from the start if no cursor was given.
        if let Some(own) = sessions.first()
            && !follows.iter().any(|follow| follow.id == own.id)
        {
            follows.push(Follow { id: own.id, after: None, epoch: None });
        }
        let frame = ServerFrame::Welcome {
            connection: follower.connection,
            you,
            epoch: app.hub.epoch(),
            heartbeat_s: app.config.heartbeat_seconds,
            time: app.hub.clock().now(),
            sessions,
        };
        let mut frames = vec![socket::bytes(&frame)];
        for follow in follows {
            if let Err(error) = self.commands.follows.open(follow) {
                frames.push(socket::bytes(&super::error_frame(&error, None, Some(follow.id))));
            }
        }
        socket::write(socket, frames, &mut self.queue).await
    }

    fn finished(&mut self, finished: Finished) -> Vec<Bytes> {
        match finished {
            Finished::Frames(frames) => frames,
            Finished::Listed(loaded) => {
                self.commands.lists.as_mut().and_then(|lists| lists.loaded(loaded)).into_iter().collect()
            }
            Finished::Elsewhere { ack, session } => {
                if !self.commands.follows.has(session) {
                    // Beyond the limit the client can still open it itself.
                    let _ = self.commands.follows.open(Follow { id: session, after: None, epoch: None });
                }
                vec![ack]
            }
        }
    }

    fn list_changes(&mut self) -> Vec<Bytes> {
        let Some(lists) = &mut self.commands.lists else { return Vec::new() };
        let (frames, again) = lists.changes(&self.commands.follower.caller);
        for (view, limit) in again {
            self.commands.load(view, limit);
        }
        frames
    }
}
