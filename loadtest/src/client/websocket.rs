//! A WebSocket in the hands of a test: nothing is read, answered or sent that was not asked for.
//!
//! There is no task behind a connection. While nobody calls a method that receives, nothing is read from
//! the socket, not even the server's pings: that is how a slow reader is played.

use std::{collections::VecDeque, fmt, time::Duration};

use futures_util::{SinkExt, StreamExt};
use protocol::{ClientFrame, ClientInfo, CloseCode, EntryId, Follow, ServerFrame, SessionId};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{
            CloseFrame,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};
use uuid::Uuid;

use super::{Failure, Welcome, frames};

/// How long a test waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many of the last frames are kept for the accusation when an expectation fails.
const TRANSCRIPT: usize = 60;

/// What came from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are frames, and few are held at once")]
pub enum Incoming {
    /// A frame of ours.
    Frame(ServerFrame),
    /// Text that is none; a client ignores it, since newer servers know more types.
    Strange(String),
    /// A WebSocket ping. It is answered when the next frame is read or sent.
    Ping,
    /// A WebSocket pong.
    Pong(Vec<u8>),
}

/// The frame that announces a close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bye {
    /// The word of the close code.
    pub reason: String,
    /// When to come back.
    pub retry_after_ms: u64,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code; none if the line went dead without one.
    pub code: Option<u16>,
    /// The close frame's reason, or what the line died of.
    pub reason: String,
    /// The `bye` before it.
    pub bye: Option<Bye>,
}

impl Closed {
    /// Whether a client may come back.
    pub fn may_reconnect(&self) -> bool {
        self.code.is_none_or(CloseCode::may_reconnect)
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.reason),
            None => write!(f, "no close frame, {}", self.reason),
        }
    }
}

/// An open WebSocket, after the upgrade.
#[derive(Debug)]
pub struct WsConnection {
    stream: WebSocketStream<TcpStream>,
    /// Read from the socket, but not yet taken: expectations may be met out of order.
    pub(super) inbox: VecDeque<ServerFrame>,
    transcript: VecDeque<String>,
    welcome: Option<Welcome>,
    bye: Option<Bye>,
    closed: Option<Closed>,
    pub(super) patience: Duration,
}

impl WsConnection {
    pub(super) fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self {
            stream,
            inbox: VecDeque::new(),
            transcript: VecDeque::new(),
            welcome: None,
            bye: None,
            closed: None,
            patience: PATIENCE,
        }
    }

    /// Waits this long in every expectation, instead of 10 s.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// The answer to the `hello`, once there was one.
    pub fn welcome(&self) -> Option<&Welcome> {
        self.welcome.as_ref()
    }

    /// Says `hello` and waits for the `welcome`.
    ///
    /// # Errors
    /// The server closed the connection instead, or did not answer.
    pub async fn hello(&mut self, token: Option<String>, sessions: Vec<Follow>) -> Result<Welcome, Failure> {
        let client = ClientInfo { name: "loadtest".into(), version: env!("CARGO_PKG_VERSION").into() };
        let _ = self.send(&ClientFrame::Hello { token, sessions, client: Some(client) }).await;
        let deadline = Instant::now() + self.patience;
        loop {
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(Incoming::Frame(frame))) => match frames::welcome(&frame) {
                    Some(welcome) => {
                        self.welcome = Some(welcome.clone());
                        return Ok(welcome);
                    }
                    None => self.inbox.push_back(frame),
                },
                Ok(Ok(Incoming::Strange(_) | Incoming::Ping | Incoming::Pong(_))) => {}
                Ok(Err(closed)) => return Err(Failure::Closed(closed)),
                Err(_) => return Err(Failure::Unreachable("no welcome came".into())),
            }
        }
    }

    // What goes out.

    /// Sends a frame.
    ///
    /// # Errors
    /// The line is dead, or the server has not read for the length of the patience.
    pub async fn send(&mut self, frame: &ClientFrame) -> anyhow::Result<()> {
        let text = serde_json::to_string(frame)?;
        match frame {
            // Transcripts end up in logs, tokens do not.
            ClientFrame::Hello { .. } => {
                self.note(">", "hello");
                self.send_message(Message::text(text)).await
            }
            _ => self.send_text(text).await,
        }
    }

    /// Sends any text.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_text(&mut self, text: impl Into<String>) -> anyhow::Result<()> {
        let text = text.into();
        self.note(">", &text);
        self.send_message(Message::text(text)).await
    }

    /// Sends a text frame of bytes that need not be UTF-8.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_text_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        let frame = Frame::message(bytes.into(), OpCode::Data(Data::Text), true);
        self.send_message(Message::Frame(frame)).await
    }

    /// Sends a binary frame.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_binary(&mut self, bytes: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.send_message(Message::binary(bytes.into())).await
    }

    /// Sends one text frame of so many bytes, of no meaning.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_oversized(&mut self, bytes: usize) -> anyhow::Result<()> {
        self.send_message(Message::text("x".repeat(bytes))).await
    }

    /// Sends a WebSocket ping.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_ping(&mut self, payload: impl Into<Vec<u8>>) -> anyhow::Result<()> {
        self.send_message(Message::Ping(payload.into().into())).await
    }

    async fn send_message(&mut self, message: Message) -> anyhow::Result<()> {
        match timeout(self.patience, self.stream.send(message)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => anyhow::bail!("the server does not read"),
        }
    }

    /// Says something under a new id, and answers the id.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn say(&mut self, session: SessionId, body: &str) -> anyhow::Result<EntryId> {
        let id = EntryId::new(Uuid::now_v7());
        self.say_as(id, session, body, false).await?;
        Ok(id)
    }

    /// Says something under an id of the caller's choice.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn say_as(
        &mut self,
        id: EntryId,
        session: SessionId,
        body: &str,
        note: bool,
    ) -> anyhow::Result<()> {
        let body = body.to_owned();
        self.send(&ClientFrame::Send {
            id,
            session,
            body,
            attachments: Vec::new(),
            note,
            mentions: Vec::new(),
            after: None,
        })
        .await
    }

    // What comes in.

    /// The next thing from the socket, whenever it comes; an error is the end. Takes nothing from what
    /// earlier expectations have put aside. Safe to cancel.
    ///
    /// # Errors
    /// The connection is over.
    pub async fn next(&mut self) -> Result<Incoming, Closed> {
        if let Some(closed) = &self.closed {
            return Err(closed.clone());
        }
        let incoming = loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(frame) => {
                        self.note("<", &text);
                        break Incoming::Frame(frame);
                    }
                    Err(_) => {
                        self.note("?", &text);
                        break Incoming::Strange(text.to_string());
                    }
                },
                Some(Ok(Message::Binary(bytes))) => {
                    break Incoming::Strange(format!("{} binary bytes", bytes.len()));
                }
                Some(Ok(Message::Ping(_))) => break Incoming::Ping,
                Some(Ok(Message::Pong(payload))) => break Incoming::Pong(payload.to_vec()),
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = match frame {
                        Some(CloseFrame { code, reason }) => (Some(code.into()), reason.to_string()),
                        None => (None, "an empty close frame".into()),
                    };
                    return Err(self.over(code, reason));
                }
                Some(Ok(Message::Frame(_))) => {}
                Some(Err(error)) => return Err(self.over(None, error.to_string())),
                None => return Err(self.over(None, "the line went dead".into())),
            }
        };
        if let Incoming::Frame(ServerFrame::Bye { reason, retry_after_ms }) = &incoming {
            self.bye = Some(Bye { reason: reason.clone(), retry_after_ms: *retry_after_ms });
        }
        Ok(incoming)
    }

    fn over(&mut self, code: Option<u16>, reason: String) -> Closed {
        let closed = Closed { code, reason, bye: self.bye.clone() };
        self.note("=", &closed.to_string());
        self.closed.insert(closed).clone()
    }

    // The end.

    /// Closes as RFC 6455 wants it, and waits for the server to agree.
    pub async fn close(mut self) {
        let _ = timeout(self.patience, self.stream.close(None)).await;
        let _ = self.closed().await;
    }

    /// Breaks the line without a word, as a lost network does: what was not read or sent is gone.
    pub fn cut(self) {
        // Without this the kernel would still deliver what is buffered and say goodbye.
        let _ = self.stream.get_ref().set_zero_linger();
    }

    fn note(&mut self, way: &str, text: &str) {
        if self.transcript.len() == TRANSCRIPT {
            self.transcript.pop_front();
        }
        let line: String = text.chars().take(400).collect();
        self.transcript.push_back(format!("{way} {line}"));
    }

    pub(super) fn told(&self) -> String {
        let mut told = String::from(" What was said (> sent, < received, ? unknown):");
        self.transcript.iter().for_each(|line| told.push_str(&format!("\n  {line}")));
        told
    }
}
