//! Bytes on a socket, for what no well-behaved client would send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::TestServer;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back before the server closed.
#[derive(Debug, Clone)]
pub(crate) struct RawAnswer {
    /// 0 if the server closed without an answer.
    pub(crate) status: u16,
    /// Status line and headers, as they came.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl RawAnswer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// Sends these bytes, and reads until the server closes.
pub(crate) async fn exchange(server: &TestServer, bytes: &[u8]) -> RawAnswer {
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    // A server that refuses early may close before all is sent.
    let _ = socket.write_all(bytes).await;
    RawAnswer::parse(&to_the_end(&mut socket).await)
}

/// All that comes until the server closes, however it does.
pub(crate) async fn to_the_end(socket: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let reading = async {
        let mut buffer = [0_u8; 8192];
        while let Ok(read @ 1..) = socket.read(&mut buffer).await {
            all.extend_from_slice(&buffer[..read]);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the server neither answered nor closed");
    all
}

/// A WebSocket whose every bit is the test's. It answers no ping.
pub(crate) struct RawSocket {
    stream: TcpStream,
    read: Vec<u8>,
}

pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;

impl RawSocket {
    /// After the upgrade, with these headers besides.
    pub(crate) async fn open(server: &TestServer, headers: &str) -> Self {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: hubbub.v1\r\n{headers}\r\n",
            server.address()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut socket = Self { stream, read: Vec::new() };
        let head = loop {
            if let Some(end) = socket.read.windows(4).position(|at| at == b"\r\n\r\n") {
                break socket.read.drain(..end + 4).collect::<Vec<_>>();
            }
            assert!(socket.more().await, "no answer to the upgrade");
        };
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        socket
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0_u8; 8192];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
        match read.expect("the server neither spoke nor closed") {
            Ok(read @ 1..) => {
                self.read.extend_from_slice(&buffer[..read]);
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    /// Sends a whole masked frame.
    pub(crate) async fn send(&mut self, opcode: u8, payload: &[u8]) {
        self.send_bytes(&frame(0x80 | opcode, payload)).await;
    }

    /// Sends any bytes; a server that has closed meanwhile does not matter.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next frame; `None` when the line is dead.
    pub(crate) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let [first, second, ..] = self.read[..] {
                let (length, head) = match second & 0x7f {
                    126 => (self.read.get(2..4).map(|b| usize::from(b[0]) << 8 | usize::from(b[1])), 4),
                    127 => (
                        self.read
                            .get(2..10)
                            .map(|b| b.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))),
                        10,
                    ),
                    short => (Some(usize::from(short)), 2),
                };
                if let Some(end) = length.map(|length| head + length).filter(|end| self.read.len() >= *end) {
                    let frame: Vec<u8> = self.read.drain(..end).collect();
                    return Some((first & 0x0f, frame[head..].to_vec()));
                }
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// The next text frame as JSON.
    pub(crate) async fn json(&mut self) -> serde_json::Value {
        loop {
            match self.frame().await.expect("the line is dead") {
                (TEXT, payload) => return serde_json::from_slice(&payload).unwrap(),
                (CLOSE, payload) => panic!("closed: {payload:?}"),
                _ => {}
            }
        }
    }

    /// The code that the server closes with, and the reason of the `bye` before it. 0: the line went dead.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        let mut bye = String::new();
        loop {
            match self.frame().await {
                None => return (0, bye),
                Some((CLOSE, payload)) if payload.len() >= 2 => {
                    return (u16::from(payload[0]) << 8 | u16::from(payload[1]), bye);
                }
                Some((TEXT, payload)) => {
                    let frame: serde_json::Value = serde_json::from_slice(&payload).unwrap();
                    if frame["type"] == "bye" {
                        bye = frame["reason"].as_str().unwrap().to_owned();
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// A masked frame; `first` holds the flags and the opcode.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x12, 0x34, 0x56, 0x78];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
