//! The fake's WebSocket.

use std::collections::BTreeMap;

use futures_util::{SinkExt, StreamExt};
use protocol::{
    Audience, ClientFrame, ConnectionId, ErrorCode, PartyKind, SUBPROTOCOL, Seq, ServerFrame, SessionId,
    UtcMillis, You, rest::Sent,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::HeaderValue,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};
use uuid::Uuid;

use super::{Fault, Shared, audience};

struct Connection {
    shared: Shared,
    who: Audience,
    followed: BTreeMap<SessionId, Seq>,
    /// The summaries that a watcher was sent, by version.
    watching: Option<BTreeMap<SessionId, u64>>,
    out: Vec<ServerFrame>,
}

pub(super) async fn serve(shared: Shared, stream: TcpStream) {
    let mut who = Audience::Customer;
    #[expect(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
    let accept = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        let cookie = request.headers().get("cookie").and_then(|cookie| cookie.to_str().ok());
        who = audience(cookie.and_then(|cookie| cookie.strip_prefix("hubbub_login=")));
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr_async(stream, accept).await else { return };
    let mut changed = shared.changed.subscribe();
    let mut connection =
        Connection { shared, who, followed: BTreeMap::new(), watching: None, out: Vec::new() };
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => connection.take(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            _ = changed.changed() => connection.tell(),
        }
        for frame in connection.out.drain(..) {
            if socket.send(Message::text(frame.encode())).await.is_err() {
                return;
            }
        }
        if connection.restarts() {
            let bye = ServerFrame::Bye { reason: "restart".into(), retry_after_ms: 20 };
            let _ = socket.send(Message::text(bye.encode())).await;
            let code = CloseCode::from(1012);
            let _ = socket.close(Some(CloseFrame { code, reason: "restart".into() })).await;
            return;
        }
    }
}

impl Connection {
    fn take(&mut self, frame: ClientFrame) {
        match frame {
            ClientFrame::Hello { sessions, .. } => {
                let epoch = self.shared.look().epoch;
                self.out.push(ServerFrame::Welcome {
                    connection: ConnectionId::new(Uuid::now_v7()),
                    you: You { kind: PartyKind::Agent, id: Uuid::nil(), name: None, role: None },
                    epoch,
                    heartbeat_s: 25,
                    time: UtcMillis::default(),
                    sessions: Vec::new(),
                });
                sessions.into_iter().for_each(|follow| self.open(follow.id, follow.after));
            }
            ClientFrame::Open { session, after, .. } => self.open(session, after),
            ClientFrame::Leave { session } => drop(self.followed.remove(&session)),
            ClientFrame::Watch { view, .. } => {
                self.out.push(ServerFrame::Listed {
                    view,
                    sort: protocol::SessionSort::Recent,
                    sessions: Vec::new(),
                    total: 0,
                    more: true,
                });
                self.watching = Some(BTreeMap::new());
                self.tell();
            }
            ClientFrame::Send { id, session, .. } if self.limited() => {
                self.out.push(ServerFrame::Error {
                    view: None,
                    code: ErrorCode::RateLimited,
                    message: "wait".into(),
                    id: Some(id),
                    session: Some(session),
                    retryable: true,
                    retry_after_ms: Some(30),
                });
            }
            ClientFrame::Send { id, session, body, note, .. } => {
                let sent = self.shared.change(|world| world.send(self.who, session, id, &body, note));
                let Sent { id, session, seq, created_at, duplicate } = sent;
                self.out.push(ServerFrame::Ack { id, session, seq, created_at, duplicate });
            }
            ClientFrame::Availability { .. } => {}
            ClientFrame::Ping => self.out.push(ServerFrame::Pong),
            ClientFrame::Unwatch { .. } | ClientFrame::Typing { .. } | ClientFrame::Read { .. } => {}
        }
    }

    fn limited(&self) -> bool {
        let mut world = self.shared.look();
        world.fault == Fault::Limits && world.every(5)
    }

    fn restarts(&self) -> bool {
        let mut world = self.shared.look();
        world.fault == Fault::Restarts && world.every(40)
    }

    fn open(&mut self, session: SessionId, after: Option<Seq>) {
        let world = self.shared.look();
        let mut from = after.unwrap_or_default();
        if world.fault == Fault::ResumesTooEarly && from.get() > 0 {
            from = Seq::new(from.get() - 1);
        }
        let mut entries = world.after(session, from, self.who);
        let end = entries.last().map_or(from, |entry| entry.seq);
        if world.fault == Fault::ResumesTooFar && from.get() > 0 && entries.len() > 1 {
            entries.remove(0);
        }
        self.followed.insert(session, end.max(after.unwrap_or_default()));
        let session = world.summary(session);
        self.out.push(ServerFrame::Opened { session, entries, more: false, reset: false });
    }

    fn tell(&mut self) {
        let mut world = self.shared.look();
        for (&session, cursor) in &mut self.followed {
            for entry in world.after(session, *cursor, self.who) {
                *cursor = entry.seq;
                if world.fault != Fault::SkipsLive || !world.every(7) {
                    self.out.push(ServerFrame::Entry { session, entry });
                }
            }
        }
        let Some(sent) = &mut self.watching else { return };
        for &session in world.rooms.keys() {
            let summary = world.summary(session);
            if sent.insert(session, summary.version) != Some(summary.version) {
                self.out.push(ServerFrame::Session { session: summary });
            }
        }
    }
}
