//! One WebSocket connection, made as cheaply as it can be.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{client::IntoClientRequest as _, http::HeaderValue, protocol::WebSocketConfig},
};

pub(super) type Socket = WebSocketStream<TcpStream>;

/// As on the server's side: the default of 128 KiB would make the tool the larger of the two.
const BUFFER: usize = 4 * 1024;
/// Connections from one loopback address: ports are 16 bits, and some 28,000 of them are given out by themselves.
const PER_ADDRESS: usize = 20_000;

/// Where to connect, and from where.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// The server.
    pub(super) to: SocketAddr,
    /// As the `Host` header has it.
    pub(super) host: String,
}

impl Route {
    /// The address to come from: on loopback another one for each 20,000 connections.
    fn from(&self, index: usize) -> Option<SocketAddr> {
        let IpAddr::V4(to) = self.to.ip() else { return None };
        let step = u8::try_from(index / PER_ADDRESS).unwrap_or(u8::MAX);
        (to.is_loopback() && step > 0).then(|| SocketAddr::from((Ipv4Addr::new(127, 0, 1, step), 0)))
    }

    /// Connects and upgrades.
    ///
    /// # Errors
    /// A word for the report.
    pub(super) async fn open(
        &self,
        index: usize,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Socket, &'static str> {
        let stream = self.tcp(index).await.map_err(|_| "connect_failed")?;
        let mut request =
            format!("ws://{}{path}", self.host).into_client_request().map_err(|_| "bad_address")?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| "bad_header")?;
            request.headers_mut().insert(*name, value);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(1 << 20))
            .max_frame_size(Some(1 << 20));
        let (socket, _) =
            client_async_with_config(request, stream, Some(config)).await.map_err(|_| "upgrade_failed")?;
        Ok(socket)
    }

    async fn tcp(&self, index: usize) -> std::io::Result<TcpStream> {
        let socket = if self.to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(from) = self.from(index) {
            socket.bind(from)?;
        }
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
