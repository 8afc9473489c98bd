//! Getting a WebSocket: the upgrade with whatever headers, and the `hello`.

use std::time::Duration;

use protocol::{Epoch, Follow, SUBPROTOCOL, Seq, SessionId};
use reqwest::Url;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        error::ProtocolError,
        http::{HeaderName, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::WebSocketConfig,
    },
};

use super::{Answer, Credential, Failure, LOGIN_COOKIE, Server, WsConnection};

/// How long the upgrade may take.
const UPGRADE: Duration = Duration::from_secs(10);
/// The server's frames have no limit in the contract; this one is against a server gone mad.
const LARGEST_FRAME: usize = 16 << 20;

/// A WebSocket that is being put together.
#[derive(Debug, Clone)]
#[must_use = "nothing is connected until `connect` or `upgrade`"]
pub struct Connect {
    server: Server,
    path: String,
    protocol: Option<String>,
    headers: Vec<(String, String)>,
    token: Option<String>,
    follow: Vec<Follow>,
    receive_buffer: Option<u32>,
}

impl Connect {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            path: "/ws".into(),
            protocol: Some(SUBPROTOCOL.into()),
            headers: Vec::new(),
            token: None,
            follow: Vec::new(),
            receive_buffer: None,
        }
    }

    /// A token goes into the `hello`, a login into the cookie.
    pub fn credential(mut self, credential: &Credential) -> Self {
        match credential {
            Credential::None => self,
            Credential::Token(token) => {
                self.token = Some(token.clone());
                self
            }
            Credential::Cookie(value) => self.header("cookie", format!("{LOGIN_COOKIE}={value}")),
        }
    }

    /// Follows a session from a cursor, as part of the `hello`.
    pub fn follow(mut self, session: SessionId, after: Option<Seq>, epoch: Option<Epoch>) -> Self {
        self.follow.push(Follow { id: session, after, epoch, unseen: false });
        self
    }

    /// With another header: `Origin`, `X-Forwarded-For`, …
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// As if from a page of this origin.
    pub fn origin(self, origin: &str) -> Self {
        self.header("origin", origin)
    }

    /// Offers another subprotocol, or (`None`) no one.
    pub fn protocol(mut self, protocol: Option<&str>) -> Self {
        self.protocol = protocol.map(str::to_owned);
        self
    }

    /// Asks for another path than `/ws`, such as one with a query.
    pub fn path(mut self, path: &str) -> Self {
        self.path = path.into();
        self
    }

    /// With a small receive buffer in the kernel, so that a client that does not read soon looks slow.
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Connects, says `hello`, and waits for the `welcome`.
    ///
    /// # Errors
    /// The upgrade was refused, or the server closed the connection instead.
    pub async fn connect(self) -> Result<WsConnection, Failure> {
        let (token, follow) = (self.token.clone(), self.follow.clone());
        let mut connection = self.upgrade().await?;
        connection.hello(token, follow).await?;
        Ok(connection)
    }

    /// Connects and says nothing.
    ///
    /// # Errors
    /// No answer, or the upgrade was refused with an HTTP status.
    pub async fn upgrade(self) -> Result<WsConnection, Failure> {
        let mut url =
            self.server.base().join(&self.path).map_err(|error| Failure::Impossible(error.to_string()))?;
        let stream = async {
            let stream = tcp(&url, self.receive_buffer).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        let stream = tokio::time::timeout(UPGRADE, stream)
            .await
            .map_err(|_| Failure::Unreachable("the connection took too long".into()))?
            .map_err(|error: std::io::Error| Failure::Unreachable(error.to_string()))?;

        // Cannot fail: both schemes are special ones (URL standard §4.1).
        let _ = url.set_scheme("ws");
        let mut request =
            url.as_str().into_client_request().map_err(|error| Failure::Impossible(error.to_string()))?;
        let headers = request.headers_mut();
        if let Some(protocol) = &self.protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, header_value(protocol)?);
        }
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Failure::Impossible(format!("{name:?} is not a header's name")))?;
            headers.append(name, header_value(value)?);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_FRAME))
            .max_frame_size(Some(LARGEST_FRAME))
            .read_buffer_size(8 << 10)
            .write_buffer_size(0);
        let upgrade = client_async_with_config(request, stream, Some(config));
        match tokio::time::timeout(UPGRADE, upgrade).await {
            Ok(Ok((stream, _))) => Ok(WsConnection::new(stream)),
            Ok(Err(tungstenite::Error::Http(response))) => {
                let (head, body) = response.into_parts();
                let body = body.unwrap_or_default();
                let answer = Answer { status: head.status.as_u16(), headers: head.headers, body };
                Err(Failure::Refused(Box::new(answer.refusal())))
            }
            // The line went dead in the middle of the answer.
            Ok(Err(tungstenite::Error::Protocol(error @ ProtocolError::HandshakeIncomplete))) => {
                Err(Failure::Unreachable(error.to_string()))
            }
            Ok(Err(tungstenite::Error::Protocol(error))) => Err(Failure::Unintelligible(error.to_string())),
            Ok(Err(error)) => Err(Failure::Unreachable(error.to_string())),
            Err(_) => Err(Failure::Unreachable("the upgrade took too long".into())),
        }
    }
}

fn header_value(value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value)
        .map_err(|_| Failure::Impossible(format!("{value:?} is not a header's value")))
}

/// A TCP connection whose receive buffer is set before the handshake, when it still decides the window.
async fn tcp(url: &Url, receive_buffer: Option<u32>) -> std::io::Result<TcpStream> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host((host, url.port_or_known_default().unwrap_or(80))).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}
