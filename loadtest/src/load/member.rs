//! One who is there all the time, over a WebSocket: connects, says what is due, hears what comes, and comes back.

use std::{rc::Rc, time::Duration};

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, Follow, SUBPROTOCOL, SessionId, ViewName};
use tokio::{sync::Semaphore, time::Instant};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{
    link::{Route, Socket},
    plan::Peer,
    world::{Phase, Reaction, World},
};
use crate::client::LOGIN_COOKIE;

/// How long a connection may take until its session is open.
const PATIENCE: Duration = Duration::from_secs(30);
/// Before another try.
const PAUSE: Duration = Duration::from_millis(100);
/// What a slow reader does after each frame.
const SLOW: Duration = Duration::from_secs(1);
/// Frames heard before anything is said again.
const TOGETHER: usize = 64;

/// Who a connection is.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// A customer, by the token.
    Customer(Rc<str>),
    /// An agent, by the login.
    Agent(Rc<str>),
    /// Nobody: other servers ask no one.
    Anybody,
}

/// What a connection is there for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Member of a session, by its place in the world.
    Member(usize),
    /// An agent who watches a list.
    Watcher,
}

/// Everything that a connection needs to be made.
pub(super) struct Seat {
    pub(super) world: Rc<World>,
    pub(super) role: Role,
    pub(super) who: Who,
    pub(super) route: Route,
    /// Among all connections of all workers.
    pub(super) number: usize,
    /// So that not all knock at once, but for a storm.
    pub(super) gate: Rc<Semaphore>,
}

enum End {
    Cut,
    Lost,
    Over,
}

/// Stays until the end of the run.
pub(super) async fn stay(seat: Seat) {
    let world = seat.world.clone();
    // When the last connection was lost; none before the first one was made.
    let mut lost_at: Option<u64> = None;
    let mut made = false;
    loop {
        let knocking = if lost_at.is_none() { seat.gate.acquire().await.ok() } else { None };
        if world.phase.get() == Phase::End {
            return;
        }
        let begun = world.now();
        let socket = match tokio::time::timeout(PATIENCE, seat.join()).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(why)) => {
                world.error(why);
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(_) => {
                world.error("no_answer_to_hello");
                continue;
            }
        };
        drop(knocking);
        if let Role::Member(index) = seat.role {
            world.members.borrow_mut()[index].was_here = true;
            world.slice.borrow_mut().tick.linked += u64::from(!made);
        }
        {
            let mut slice = world.slice.borrow_mut();
            slice.tick.connected += 1;
            match lost_at {
                Some(lost_at) => {
                    slice.tick.reconnects += 1;
                    slice.reconnect.saturating_record(world.now().saturating_sub(lost_at).max(1));
                }
                None => slice.connect.saturating_record(world.now().saturating_sub(begun).max(1)),
            }
            slice.tick.made += u64::from(!made);
            made = true;
        }
        let end = seat.talk(socket).await;
        world.slice.borrow_mut().tick.connected -= 1;
        match end {
            End::Over => return,
            End::Cut => {}
            End::Lost => world.error("connection_lost"),
        }
        lost_at = Some(world.now());
    }
}

impl Seat {
    fn member(&self) -> Option<usize> {
        match self.role {
            Role::Member(index) => Some(index),
            Role::Watcher => None,
        }
    }

    /// Connects, says who it is, and waits until the session is open.
    async fn join(&self) -> Result<Socket, &'static str> {
        let world = &self.world;
        let session = self.member().map(|index| world.members.borrow()[index].session.clone());
        let name = session.as_deref().unwrap_or_default();
        let (path, headers) = match world.peer() {
            Peer::Hubbub => {
                let mut headers = vec![("sec-websocket-protocol", SUBPROTOCOL.to_owned())];
                if let Who::Agent(login) = &self.who {
                    headers.push(("cookie", format!("{LOGIN_COOKIE}={login}")));
                }
                ("/ws".to_owned(), headers)
            }
            Peer::Floor | Peer::Nchan => (format!("/room/{name}"), Vec::new()),
            Peer::Socketio => (format!("/socket.io/?EIO=4&transport=websocket&room={name}"), Vec::new()),
        };
        let mut socket = self.route.open(self.number, &path, &headers).await?;
        match world.peer() {
            Peer::Floor | Peer::Nchan => return Ok(socket),
            Peer::Hubbub => {
                let hello = self.hello()?;
                write(&mut socket, hello).await?;
                if matches!(self.role, Role::Watcher) {
                    let watch = ClientFrame::Watch { view: ViewName::All.into(), limit: None };
                    write(&mut socket, text(&watch)?).await?;
                }
            }
            Peer::Socketio => {}
        }
        loop {
            let frame = socket.next().await.ok_or("closed_at_hello")?.map_err(|_| "closed_at_hello")?;
            let Message::Text(text) = frame else { continue };
            match self.member() {
                Some(index) => match world.hear(index, &text) {
                    Some(Reaction::Ready) => return Ok(socket),
                    Some(Reaction::Answer(answer)) => write(&mut socket, answer.to_owned()).await?,
                    Some(Reaction::SayAgain(_) | Reaction::Think(_)) | None => {}
                },
                None if text.starts_with(r#"{"type":"listed""#) => return Ok(socket),
                None => {}
            }
        }
    }

    fn hello(&self) -> Result<String, &'static str> {
        let token = match &self.who {
            Who::Customer(token) => Some(token.as_ref().to_owned()),
            Who::Agent(_) | Who::Anybody => None,
        };
        let sessions = match self.member() {
            Some(index) => {
                let members = self.world.members.borrow();
                let member = &members[index];
                let id: SessionId = member.session.parse().map_err(|_| "bad_session")?;
                vec![Follow { id, after: member.cursor, epoch: member.epoch, unseen: false }]
            }
            None => Vec::new(),
        };
        text(&ClientFrame::Hello { token, sessions, client: None })
    }

    async fn talk(&self, mut socket: Socket) -> End {
        match self.role {
            Role::Watcher => self.watch(&mut socket).await,
            Role::Member(index) => {
                let again = self.world.unanswered(index);
                match self.take_part(index, &mut socket, again).await {
                    Ok(end) => end,
                    Err(_) if self.world.phase.get() == Phase::End => End::Over,
                    Err(_) => End::Lost,
                }
            }
        }
    }

    async fn watch(&self, socket: &mut Socket) -> End {
        loop {
            match socket.next().await {
                Some(Ok(_)) => {}
                _ if self.world.phase.get() == Phase::End => return End::Over,
                _ => return End::Lost,
            }
        }
    }

    async fn take_part(
        &self,
        index: usize,
        socket: &mut Socket,
        again: Vec<String>,
    ) -> Result<End, &'static str> {
        let world = &self.world;
        let (wake, slow) = {
            let members = world.members.borrow();
            (members[index].wake.clone(), members[index].slow)
        };
        let cut_before = world.cut_at.get();
        for frame in again {
            socket.feed(Message::text(frame)).await.map_err(|_| "lost")?;
        }
        socket.flush().await.map_err(|_| "lost")?;
        // When what was refused is said again. Many refusals are one repetition.
        let mut again_at: Option<Instant> = None;
        loop {
            let mut said = false;
            while let Some(frame) = world.next_to_say(index) {
                socket.feed(Message::text(frame)).await.map_err(|_| "lost")?;
                said = true;
            }
            if said {
                socket.flush().await.map_err(|_| "lost")?;
            }
            tokio::select! {
                biased;
                () = wake.notified() => {
                    if world.phase.get() == Phase::End {
                        return Ok(End::Over);
                    }
                    if world.cut_at.get() != cut_before {
                        return Ok(End::Cut);
                    }
                }
                () = tokio::time::sleep_until(again_at.unwrap_or_else(Instant::now)), if again_at.is_some() => {
                    again_at = None;
                    // What was said after it goes again too, so that the order stays; the server knows it by its id.
                    for frame in world.unanswered(index) {
                        socket.feed(Message::text(frame)).await.map_err(|_| "lost")?;
                    }
                    socket.flush().await.map_err(|_| "lost")?;
                }
                frame = socket.next() => {
                    self.heard(index, socket, frame, &mut again_at).await?;
                    for _ in 1..TOGETHER {
                        let Some(frame) = socket.next().now_or_never() else { break };
                        self.heard(index, socket, frame, &mut again_at).await?;
                        if slow {
                            break;
                        }
                    }
                    if slow && world.phase.get() == Phase::Load {
                        tokio::time::sleep(SLOW).await;
                    }
                }
            }
        }
    }

    async fn heard(
        &self,
        index: usize,
        socket: &mut Socket,
        frame: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
        again_at: &mut Option<Instant>,
    ) -> Result<(), &'static str> {
        let Message::Text(text) = frame.ok_or("closed")?.map_err(|_| "lost")? else { return Ok(()) };
        match self.world.hear(index, &text) {
            None | Some(Reaction::Ready) => Ok(()),
            Some(Reaction::Answer(answer)) => write(socket, answer.to_owned()).await,
            Some(Reaction::SayAgain(after_ms)) => {
                again_at.get_or_insert_with(|| Instant::now() + Duration::from_millis(after_ms));
                Ok(())
            }
            Some(Reaction::Think(pause)) => {
                let world = self.world.clone();
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(pause).await;
                    world.is_due(index, world.now());
                });
                Ok(())
            }
        }
    }
}

fn text(frame: &ClientFrame) -> Result<String, &'static str> {
    serde_json::to_string(frame).map_err(|_| "bad_frame")
}

async fn write(socket: &mut Socket, text: String) -> Result<(), &'static str> {
    socket
        .send(Message::Text(Bytes::from(text).try_into().map_err(|_| "bad_frame")?))
        .await
        .map_err(|_| "lost")
}
