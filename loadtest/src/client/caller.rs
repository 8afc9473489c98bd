//! Somebody with a credential, and the paths of a session that both sides share.

use protocol::{
    Entry, EntryId, EntryKind, Seq, SessionId, SessionSummary,
    rest::{CustomerMe, SendMessage, Sent, SetRating, SetRead, SetTyping},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Connect, Failure, Poll, Request, Server};

/// Most entries of one page (contract §3, lists).
const PAGE: u32 = 200;

/// What proves who is asking.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing does.
    None,
    /// A customer's token or an API token.
    Token(String),
    /// The value of an agent's login cookie.
    Cookie(String),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Token(_) => "Token(…)",
            Self::Cookie(_) => "Cookie(…)",
        })
    }
}

/// A page of a session's log. Read for its items alone, so that any envelope with `items` will do.
#[derive(Debug, Clone, Deserialize)]
pub struct EntriesPage {
    /// In the order of their seqs.
    pub items: Vec<Entry>,
}

/// Somebody with a credential at a server.
#[derive(Debug, Clone)]
pub struct Caller {
    server: Server,
    credential: Credential,
}

impl Caller {
    /// Somebody with this credential.
    pub fn new(server: Server, credential: Credential) -> Self {
        Self { server, credential }
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Any request below `/api/v1`, with the credential: `("GET", "/me")`.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.server.request(method, &format!("/api/v1{path}")).credential(&self.credential)
    }

    /// Any request below a session's path: `("POST", id, "/close")`.
    pub fn on_session(&self, method: &str, session: SessionId, rest: &str) -> Request {
        self.request(method, &format!("/sessions/{session}{rest}"))
    }

    /// A WebSocket to come, with the credential.
    pub fn websocket(&self) -> Connect {
        self.server.websocket().credential(&self.credential)
    }

    /// A long-poll of one session to come.
    pub fn poll(&self, session: SessionId) -> Poll {
        Poll::new(self.clone(), session)
    }

    /// The customer, its sessions, what it has not read.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn me(&self) -> Result<CustomerMe, Failure> {
        self.request("GET", "/me").read().await
    }

    /// The session's summary.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn session(&self, session: SessionId) -> Result<SessionSummary, Failure> {
        self.on_session("GET", session, "").read().await
    }

    /// One page of the log after a cursor.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn entries(&self, session: SessionId, after: Seq, limit: u32) -> Result<Vec<Entry>, Failure> {
        let request = self.on_session("GET", session, "/entries");
        let page: EntriesPage = request.query("after", &after).query("limit", &limit).read().await?;
        Ok(page.items)
    }

    /// The whole log, as this caller may see it.
    ///
    /// # Errors
    /// No answer, a refusal, or pages that do not go on where the last one ended.
    pub async fn whole_log(&self, session: SessionId) -> Result<Vec<Entry>, Failure> {
        let mut log: Vec<Entry> = Vec::new();
        loop {
            let after = log.last().map_or(Seq::ZERO, |entry| entry.seq);
            let page = self.entries(session, after, PAGE).await?;
            // A server that ignores `after` would keep this going for ever.
            if page.first().is_some_and(|entry| entry.seq <= after) {
                return Err(Failure::Unintelligible(format!("entries after {after} begin before it")));
            }
            if page.is_empty() {
                return Ok(log);
            }
            log.extend(page);
        }
    }

    /// Says something under a new id.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn say(&self, session: SessionId, body: &str) -> Result<Sent, Failure> {
        self.send(session, EntryId::new(Uuid::now_v7()), body, EntryKind::Message).await
    }

    /// Sends a message, or a note, under an id of the caller's choice: the same again is the same send.
    ///
    /// # Errors
    /// No answer (then nobody knows; send it again), or a refusal.
    pub async fn send(
        &self,
        session: SessionId,
        id: EntryId,
        body: &str,
        kind: EntryKind,
    ) -> Result<Sent, Failure> {
        let path = match kind {
            EntryKind::Message => "/messages",
            EntryKind::Note => "/notes",
            EntryKind::Event => return Err(Failure::Impossible("events are the server's to write".into())),
        };
        let message =
            SendMessage { id, body: body.into(), attachments: Vec::new(), mentions: Vec::new(), after: None };
        self.on_session("POST", session, path).json(&message).read().await
    }

    /// Started or stopped typing.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn typing(&self, session: SessionId, on: bool) -> Result<(), Failure> {
        self.on_session("POST", session, "/typing").json(&SetTyping { on }).done().await.map(drop)
    }

    /// Has read up to and including `seq`.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn read(&self, session: SessionId, seq: Seq) -> Result<(), Failure> {
        self.on_session("POST", session, "/read").json(&SetRead { seq }).done().await.map(drop)
    }

    /// Ends the session.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn close(&self, session: SessionId) -> Result<(), Failure> {
        self.on_session("POST", session, "/close").json(&serde_json::json!({})).done().await.map(drop)
    }

    /// Rates the session.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn rate(&self, session: SessionId, score: u8, comment: Option<&str>) -> Result<(), Failure> {
        let rating = SetRating { score, comment: comment.map(str::to_owned) };
        self.on_session("POST", session, "/rating").json(&rating).done().await.map(drop)
    }
}
