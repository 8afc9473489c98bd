//! A WebSocket from its `hello` to its end: one task a connection (contract §4).

use std::{collections::HashSet, net::IpAddr, pin::pin, time::Duration};

use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::StreamExt as _;
use hub::{AgentHere, Caller, Follower, OutboundReader, Outgoing, QueueLimits, outbound};
use protocol::{CloseCode, ConnectionId, ContactId, Follow, Party, ServerFrame, You};
use tokio::{sync::oneshot, time::Instant};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{
    Goodbye, Registered,
    commands::Commands,
    follows::Stepped,
    hello::{Sessions, hello, identify},
    lists::Lists,
    pace::{self, Pace},
    socket::{self, Batch, Broken, WebSocket},
};
use crate::{app::App, rate_limit::CountGuard};

/// How long the `welcome` waits for the first session.
const SOON: Duration = Duration::from_millis(5);

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
    // Who comes back says where to go on: the last entries would be read in vain.
    let latest = follows.iter().all(|follow| follow.after.is_none());
    let who = identify(app, headers, token.as_deref(), latest).await.map_err(Some)?;
    let contact = match &who.caller {
        Caller::Agent { .. } | Caller::System => None,
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
    let customer = match &who.caller {
        Caller::Customer(grant) => Some(grant.contact_id),
        Caller::Agent { .. } | Caller::System => None,
    };
    let (registered, told) = app.connections.register(id, who.login, customer);
    if app.draining.is_cancelled() {
        // Too late to be told with the others.
        return Err(Some(Goodbye::RESTART));
    }
    let (outbound, queue) = outbound(QueueLimits::default());
    if let Some(here) = &who.here {
        app.hub.agent_hears(here, &outbound);
    }
    let follower = Follower { connection: id, caller: who.caller, outbound, unseen: false };
    let mut connection = Box::new(Connection {
        commands: Commands::new(app.clone(), follower),
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
    Queued(Option<Outgoing>),
    Finished(Option<Bytes>),
    Stepped(Stepped),
    Lists,
    Tick,
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
                message = socket.recv() => Woken::Heard(message),
                next = self.queue.next() => Woken::Queued(next.ok().flatten()),
                Some(finished) = self.commands.in_progress.next(), if !self.commands.in_progress.is_empty() => {
                    Woken::Finished(finished)
                }
                stepped = self.commands.follows.stepped() => Woken::Stepped(stepped),
                () = lists_ready(self.commands.lists.as_mut()) => Woken::Lists,
                () = &mut tick => Woken::Tick,
            };
            let mut batch = Batch::default();
            match woken {
                Woken::Told(goodbye) => return goodbye,
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
                            if let Some(by) = self.commands.answer_by()
                                && by < tick.deadline()
                            {
                                tick.as_mut().reset(by);
                            }
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
                Woken::Queued(Some(next)) => self.put(next, &mut batch),
                Woken::Queued(None) => return Some(Goodbye::now(CloseCode::TooSlow)),
                Woken::Finished(finished) => batch.extend(finished),
                Woken::Stepped(stepped) => {
                    // A page comes past the queue: what an earlier stream of the session left in it goes first.
                    while let Some(next) = self.queue.try_recv() {
                        self.put(next, &mut batch);
                    }
                    batch.extend(self.commands.follows.take(stepped));
                }
                Woken::Lists => batch.extend(self.commands.lists.iter_mut().flat_map(Lists::changes)),
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
                    batch.extend(self.commands.give_up(now));
                    let wake = ping_at.min(heard_at + silence);
                    tick.as_mut().reset(self.commands.answer_by().map_or(wake, |by| by.min(wake)));
                }
            }
            self.gather(&mut batch);
            if batch.is_empty() {
                continue;
            }
            if let Err(broken) = socket::write(socket, batch, &self.queue).await {
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
        let Party { kind, id, name } = follower.caller.party();
        let role = if let Caller::Agent { role, .. } = &follower.caller { Some(*role) } else { None };
        let you = You { kind, id: id.unwrap_or_default(), name, role };
        // Named twice, the last one counts: each may bring a page, past the queue and its limits.
        let mut named = HashSet::new();
        follows.reverse();
        follows.retain(|follow| named.insert(follow.id));
        follows.reverse();
        // A customer's own session is opened by `hello` (contract §4), from the start if no cursor was given.
        let Sessions { all, latest } = sessions;
        let own = all.first().map(|own| own.session.id);
        if let Some(own) = own
            && !follows.iter().any(|follow| follow.id == own)
        {
            follows.push(Follow { id: own, after: None, epoch: None, unseen: false });
        }
        let audience = follower.caller.audience();
        let frame = ServerFrame::Welcome {
            connection: follower.connection,
            you,
            epoch: app.hub.epoch(),
            heartbeat_s: app.config.heartbeat_seconds,
            time: app.hub.clock().now(),
            sessions: all.iter().map(|fresh| app.hub.summary(&fresh.session, audience)).collect(),
        };
        let mut batch = Batch::default();
        batch.extend([socket::bytes(&frame)]);
        let hub = app.hub.clone();
        for follow in follows {
            let Follow { id, after, .. } = follow;
            if let Err(error) = self.commands.follows.open(follow) {
                batch.extend([socket::bytes(&super::error_frame(&error, super::About::Session(id)))]);
                continue;
            }
            let Some(fresh) = all.iter().find(|fresh| fresh.session.id == id) else { continue };
            if own == Some(id)
                && after.is_none()
                && let Some(latest) = &latest
            {
                let step = hub.begin(audience, &fresh.session, latest);
                batch.extend(self.commands.follows.begun(id, step));
            }
            self.commands.follows.know(fresh.clone());
        }
        // The first session is soon there, and then all of it is one packet.
        self.commands.follows.go_on();
        if let Ok(stepped) = tokio::time::timeout(SOON, self.commands.follows.stepped()).await {
            batch.extend(self.commands.follows.take(stepped));
        }
        self.gather(&mut batch);
        socket::write(socket, batch, &self.queue).await
    }

    /// What waits in the queue goes with what is written anyway: one write wakes nobody twice.
    fn gather(&mut self, batch: &mut Batch) {
        for _ in 0..socket::BATCH {
            let Some(next) = self.queue.try_recv() else { return };
            self.put(next, batch);
        }
    }

    fn put(&mut self, next: Outgoing, batch: &mut Batch) {
        match next {
            Outgoing::Frame(frame) => batch.add(&frame),
            Outgoing::Answer(answered) => batch.extend(self.commands.answered(answered)),
        }
    }
}
