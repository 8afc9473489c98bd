//! A WebSocket from its `hello` to its end: one task a connection (contract §4).

use std::{net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use hub::{AgentHere, Caller, Follower, Fresh, OutboundReader, QueueLimits, outbound};
use persistence::{Arrival, TokenHash};
use protocol::{
    ClientFrame, CloseCode, ConnectionId, ContactId, Entry, ErrorCode, Follow, PartyKind, ServerFrame, You,
};
use tokio::{sync::oneshot, time::Instant};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{
    Goodbye, Registered,
    arrivals::Arrived,
    bad_frame,
    commands::{Commands, Finished},
    follows::{Follows, Stepped},
    lists::Lists,
    pace::{self, Pace},
    socket::{self, Batch, Broken, WebSocket},
};
use crate::{
    app::App,
    auth::{self, Login, origin},
    error::ApiError,
    rate_limit::CountGuard,
};

/// Speaks with the peer until one of them ends it.
pub(super) async fn serve(app: App, socket: Box<WebSocket>, headers: HeaderMap, address: IpAddr) {
    // In boxes: what happens once need not take memory as long as the connection lives.
    let Some((mut socket, mut connection)) = Box::pin(begin(app, socket, headers, address)).await else {
        return;
    };
    let ended = connection.run(&mut socket).await;
    tracing::debug!(
        connection.id = %connection.commands.follower.connection,
        reason = ended.map_or("gone", |bye| bye.code.reason()),
        "a WebSocket ended"
    );
    drop(connection);
    if let Some(goodbye) = ended {
        Box::pin(socket::close(socket, goodbye)).await;
    }
}

/// From the first frame to the `welcome`; `None` if it has ended already.
async fn begin(
    app: App,
    mut socket: Box<WebSocket>,
    headers: HeaderMap,
    address: IpAddr,
) -> Option<(Box<WebSocket>, Box<Connection>)> {
    match introduce(&app, &mut socket, &headers, address).await {
        Ok(connection) => Some((socket, connection)),
        Err(Some(goodbye)) => {
            socket::close(socket, goodbye).await;
            None
        }
        Err(None) => None,
    }
}

/// `Err(None)`: nobody is there to say goodbye to.
async fn introduce(
    app: &App,
    socket: &mut WebSocket,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Box<Connection>, Option<Goodbye>> {
    let hello_time = Duration::from_secs(app.config.hello_seconds);
    let said = tokio::select! {
        said = tokio::time::timeout(hello_time, hello(socket)) => said,
        () = app.draining.cancelled() => return Err(Some(Goodbye::RESTART)),
    };
    let (token, follows) = match said {
        Ok(said) => said.map_err(|code| code.map(Goodbye::now))?,
        Err(_elapsed) => return Err(Some(Goodbye::now(CloseCode::HelloMissing))),
    };
    let who = identify(app, headers, token.as_deref()).await.map_err(Some)?;
    let contact = match &who.caller {
        Caller::Agent { .. } => None,
        Caller::Customer(grant) => match app.per_contact.count(grant.contact_id) {
            Ok(counted) => Some(counted),
            Err(refusal) => {
                let retry_after = refusal.retry_after.unwrap_or_default();
                socket::name_limit(socket, &refusal).await;
                return Err(Some(Goodbye { code: CloseCode::RateLimited, retry_after }));
            }
        },
    };
    let id = ConnectionId::new(app.hub.clock().mint());
    tracing::debug!(connection.id = %id, client.address = %address, "a WebSocket said hello");
    let (registered, told) = app.connections.register(id, who.login);
    if app.draining.is_cancelled() {
        // Too late to be told with the others.
        return Err(Some(Goodbye::RESTART));
    }
    let (outbound, queue) = outbound(QueueLimits::default());
    let follower = Follower { connection: id, caller: who.caller, outbound };
    let mut connection = Box::new(Connection {
        commands: Commands {
            follows: Follows::new(app.clone(), follower.clone()),
            follower,
            lists: None,
            in_progress: FuturesUnordered::new(),
            app: app.clone(),
        },
        queue,
        told,
        _registered: registered,
        _contact: contact,
        _here: who.here,
    });
    match connection.welcome(socket, who.sessions, follows).await {
        Ok(()) => Ok(connection),
        Err(broken) => Err(broken.goodbye()),
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
                    socket.send(&bad_frame()).await.map_err(|_| None)?;
                }
            },
            Some(Ok(Message::Binary(_))) => return Err(Some(CloseCode::Unsupported)),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) => {
                socket::answer_close(socket).await;
                return Err(None);
            }
            None => return Err(None),
            Some(Err(error)) => return Err(socket::unreadable(&error)),
        }
    }
}

/// The sessions of one who says hello, as just read.
#[derive(Default)]
struct Sessions {
    /// The newest first.
    all: Vec<Fresh>,
    /// The last entries of the newest.
    latest: Vec<Arc<Entry>>,
}

struct Who {
    caller: Caller,
    /// A customer's.
    sessions: Sessions,
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
        let bad = || Goodbye::now(CloseCode::BadCredential);
        let token = auth::token::hash(token).ok_or_else(bad)?;
        let Arrived { arrival, asked_at } = app.arrivals.of(token).await.map_err(goodbye)?.ok_or_else(bad)?;
        let Arrival { grant, sessions, latest } = arrival;
        let site = app.sites.by_id(grant.site_id).await.map_err(|error| goodbye(error.into()))?;
        origin::allowed_for_site(headers, app, &*site.ok_or_else(bad)?).map_err(goodbye)?;
        let fresh = |session| Fresh { session: Arc::new(session), asked_at };
        let sessions = Sessions {
            all: sessions.into_iter().map(fresh).collect(),
            latest: latest.into_iter().map(Arc::new).collect(),
        };
        return Ok(Who { caller: Caller::Customer(grant), sessions, login: None, here: None });
    }
    // A page of another site must not use the agent's cookie (cross-site WebSocket hijacking).
    origin::same_origin(headers, app).map_err(goodbye)?;
    let login = Login::of(app, headers).await.map_err(goodbye)?;
    let agent = auth::password_settled(login.agent).map_err(goodbye)?;
    let here = Some(app.hub.agent_here(agent.id));
    Ok(Who {
        caller: app.agent_caller(&agent),
        sessions: Sessions::default(),
        login: Some(login.token),
        here,
    })
}

/// A WebSocket that has said hello.
struct Connection {
    commands: Commands,
    queue: OutboundReader,
    told: oneshot::Receiver<Goodbye>,
    _registered: Registered,
    _contact: Option<CountGuard<ContactId>>,
    _here: Option<AgentHere>,
}

/// What woke the connection's task.
enum Woken {
    Heard(Option<Result<Message, tungstenite::Error>>),
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
    async fn run(&mut self, socket: &mut WebSocket) -> Option<Goodbye> {
        let slow = self.queue.too_slow();
        let (heartbeat, silence) = (self.commands.app.config.heartbeat(), self.commands.app.config.silence());
        let mut heard_at = Instant::now();
        let mut ping_at = heard_at + heartbeat;
        let per_second = self.commands.app.config.limits.frames_per_second;
        let mut pace = Pace::new(per_second, heard_at);
        // One timer, looked at when it is due: to set it by every frame would cost more than some frames.
        let mut tick = pin!(tokio::time::sleep_until(ping_at));
        loop {
            if self.queue.is_empty() {
                self.commands.follows.go_on();
            }
            let woken = tokio::select! {
                goodbye = &mut self.told => Woken::Told(goodbye.ok()),
                () = slow.cancelled() => Woken::TooSlow,
                message = socket.recv() => Woken::Heard(message),
                frame = self.queue.recv() => Woken::Queued(frame),
                Some(finished) = self.commands.in_progress.next() => Woken::Finished(finished),
                stepped = self.commands.follows.stepped() => Woken::Stepped(stepped),
                () = lists_ready(self.commands.lists.as_mut()) => Woken::Lists,
                () = &mut tick => Woken::Tick,
            };
            let mut batch = Batch::default();
            match woken {
                Woken::Told(goodbye) => return goodbye,
                Woken::TooSlow => return Some(Goodbye::now(CloseCode::TooSlow)),
                Woken::Heard(message) => {
                    heard_at = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => {
                            if !pace.allows(heard_at) {
                                let retry_after = Duration::from_secs(5);
                                Box::pin(socket::name_limit(
                                    socket,
                                    &pace::too_fast(per_second, retry_after),
                                ))
                                .await;
                                return Some(Goodbye { code: CloseCode::RateLimited, retry_after });
                            }
                            batch.extend(self.commands.take(&text));
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Binary(_))) => return Some(Goodbye::now(CloseCode::Unsupported)),
                        Some(Ok(Message::Close(_))) => {
                            Box::pin(socket::answer_close(socket)).await;
                            return None;
                        }
                        None => return None,
                        Some(Err(error)) => return socket::unreadable(&error).map(Goodbye::now),
                    }
                }
                Woken::Queued(frame) => batch.extend(frame),
                Woken::Finished(finished) => batch.extend(self.finished(finished)),
                Woken::Stepped(stepped) => {
                    // A page comes past the queue: what an earlier stream of the session left in it goes first.
                    batch.extend(std::iter::from_fn(|| self.queue.try_recv()));
                    batch.extend(self.commands.follows.take(stepped));
                }
                Woken::Lists => batch.extend(self.list_changes()),
                Woken::Tick => {
                    let now = Instant::now();
                    if now.duration_since(heard_at) >= silence {
                        return Some(Goodbye::now(CloseCode::HeartbeatMissed));
                    }
                    if ping_at <= now {
                        ping_at = now + heartbeat;
                        if let Err(broken) = socket::ping(socket, &self.queue).await {
                            return broken.goodbye();
                        }
                    }
                    tick.as_mut().reset(ping_at.min(heard_at + silence));
                }
            }
            if batch.is_empty() {
                continue;
            }
            if let Err(broken) = socket::write(socket, batch, &mut self.queue).await {
                return broken.goodbye();
            }
        }
    }

    async fn welcome(
        &mut self,
        socket: &mut WebSocket,
        sessions: Sessions,
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
        let Sessions { all, latest } = sessions;
        let own = all.first().map(|own| own.session.id);
        if let Some(own) = own
            && !follows.iter().any(|follow| follow.id == own)
        {
            follows.push(Follow { id: own, after: None, epoch: None });
        }
        let audience = follower.caller.audience();
        let frame = ServerFrame::Welcome {
            connection: follower.connection,
            you,
            epoch: app.hub.epoch(),
            heartbeat_s: app.config.heartbeat_seconds,
            time: app.hub.clock().now(),
            sessions: all.iter().map(|fresh| fresh.session.summary(audience)).collect(),
        };
        let mut batch = Batch::default();
        batch.extend([socket::bytes(&frame)]);
        let hub = app.hub.clone();
        for follow in follows {
            let Follow { id, after, .. } = follow;
            if let Err(error) = self.commands.follows.open(follow) {
                batch.extend([socket::bytes(&super::error_frame(&error, None, Some(id)))]);
                continue;
            }
            let Some(fresh) = all.iter().find(|fresh| fresh.session.id == id) else { continue };
            if own == Some(id) && after.is_none() {
                let step = hub.begin(audience, &fresh.session, &latest);
                batch.extend(self.commands.follows.begun(id, step));
            }
            self.commands.follows.know(fresh.clone());
        }
        socket::write(socket, batch, &mut self.queue).await
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
