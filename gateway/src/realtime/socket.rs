//! Reading, writing and closing one WebSocket: its buffers, batches, deadlines, and the last word.

use std::{pin::pin, task::Poll, time::Duration};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use futures_util::{SinkExt as _, StreamExt as _};
use hub::OutboundReader;
use protocol::{CloseCode, ServerFrame, limits};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        error::CapacityError,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use super::{About, Goodbye, error_frame};
use crate::{
    error::ApiError,
    server::{Patient, Upgraded},
};

/// One WebSocket.
pub(super) struct WebSocket {
    /// Writes only control frames and last words itself: what is long goes past it, in a [`Batch`].
    inner: WebSocketStream<Patient<TcpStream>>,
    /// The rest of a batch. Nothing else may be written before it.
    unwritten: BytesMut,
}

/// Bytes read at once, held as long as the connection lives, and zeroed before each reading: a long message takes
/// several, most take one.
const READ_BUFFER: usize = 1024;
/// Most that the library holds for a peer that takes nothing: it answers pings as long as there is room.
const WRITE_BUFFER_MAX: usize = 16 * 1024;
/// Room of a batch: an entry, a receipt and an ack.
const USUAL: usize = 1024;
/// Frames that a batch takes from the queue.
pub(super) const BATCH: usize = 64;
/// A peer that takes nothing for this long is too slow, however empty its queue.
const WRITE_TIME: Duration = Duration::from_secs(20);
/// How long the last word and the peer's answer to it may take.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// The peer is gone, or must go.
pub(super) enum Broken {
    Gone,
    TooSlow,
}

impl Broken {
    /// The goodbye, if there is anybody to say it to.
    pub(super) fn goodbye(self) -> Option<Goodbye> {
        match self {
            Self::Gone => None,
            Self::TooSlow => Some(Goodbye::now(CloseCode::TooSlow)),
        }
    }
}

/// Takes over a connection whose handshake was answered.
pub(super) async fn open(Upgraded { stream, read }: Upgraded) -> Box<WebSocket> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(Some(limits::FRAME_BYTES))
        .max_frame_size(Some(limits::FRAME_BYTES));
    // A copy: it is nearly always empty, and the reading would go on in HTTP's buffer of 8 KiB.
    let read = read.to_vec();
    let inner = WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await;
    Box::new(WebSocket { inner, unwritten: BytesMut::new() })
}

impl WebSocket {
    /// What the peer says next; `None` when it is gone. Cancel-safe.
    pub(super) async fn recv(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        self.inner.next().await
    }

    pub(super) async fn send(&mut self, frame: &ServerFrame) -> Result<(), tungstenite::Error> {
        self.inner.send(text(frame)).await
    }

    /// Writes all that was begun.
    async fn flush(&mut self) -> Result<(), tungstenite::Error> {
        // Whatever the library began to say comes before the batch, which was not begun then.
        self.inner.flush().await?;
        while !self.unwritten.is_empty() {
            // Not `write_buf`: for one piece of memory, the kernel's vectored way is the longer one.
            match self.inner.get_mut().write(&self.unwritten).await? {
                0 => return Err(tungstenite::Error::ConnectionClosed),
                written => self.unwritten.advance(written),
            }
        }
        self.unwritten = BytesMut::new();
        Ok(())
    }
}

fn text(frame: &ServerFrame) -> Message {
    Message::Text(frame.encode().into())
}

async fn in_time(
    queue: &OutboundReader,
    write: impl Future<Output = Result<(), tungstenite::Error>>,
) -> Result<(), Broken> {
    if queue.is_slow() {
        return Err(Broken::TooSlow);
    }
    let mut write = pin!(write);
    // Most can be written at once, and then there is nothing to set a timer for.
    if let Poll::Ready(written) = futures_util::poll!(&mut write) {
        return written.map_err(|_| Broken::Gone);
    }
    tokio::select! {
        written = &mut write => written.map_err(|_| Broken::Gone),
        () = queue.slow() => Err(Broken::TooSlow),
        () = tokio::time::sleep(WRITE_TIME) => Err(Broken::TooSlow),
    }
}

/// Text frames on their way to one peer, to be written in one go.
#[derive(Default)]
pub(super) struct Batch {
    bytes: BytesMut,
}

impl Batch {
    /// Adds a frame of UTF-8.
    pub(super) fn add(&mut self, frame: &[u8]) {
        const WHOLE_TEXT: u8 = 0x81;
        let (short, long) = (u16::try_from(frame.len()), frame.len() as u64);
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(USUAL);
        }
        self.bytes.reserve(10 + frame.len());
        // RFC 6455 §5.2: a length of 7 bits, or a mark and 16 or 64 bits.
        match short {
            Ok(length @ 0..126) => self.bytes.put_slice(&[WHOLE_TEXT, length.to_be_bytes()[1]]),
            Ok(length) => {
                self.bytes.put_slice(&[WHOLE_TEXT, 126]);
                self.bytes.put_u16(length);
            }
            Err(_) => {
                self.bytes.put_slice(&[WHOLE_TEXT, 127]);
                self.bytes.put_u64(long);
            }
        }
        self.bytes.extend_from_slice(frame);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Extend<Bytes> for Batch {
    fn extend<T: IntoIterator<Item = Bytes>>(&mut self, frames: T) {
        for frame in frames {
            self.add(&frame);
        }
    }
}

/// Writes these frames.
pub(super) async fn write(
    socket: &mut WebSocket,
    batch: Batch,
    queue: &OutboundReader,
) -> Result<(), Broken> {
    socket.unwritten = batch.bytes;
    in_time(queue, socket.flush()).await
}

/// Pings a quiet peer.
pub(super) async fn ping(socket: &mut WebSocket, queue: &OutboundReader) -> Result<(), Broken> {
    in_time(queue, socket.inner.send(Message::Ping(Bytes::new()))).await
}

/// Names the limit that ends a connection: a close code has no room for it (contract §5).
pub(super) async fn name_limit(socket: &mut WebSocket, error: &ApiError) {
    let frame = error_frame(error, About::Nothing);
    // If it cannot be written, the close code must do.
    let _ = tokio::time::timeout(CLOSE_TIME, socket.send(&frame)).await;
}

/// Says `bye` and closes, where the socket can still take it.
pub(super) async fn close(mut socket: Box<WebSocket>, goodbye: Goodbye) {
    let Goodbye { code, .. } = goodbye;
    let last_words = async {
        socket.flush().await?;
        socket.inner.feed(text(&goodbye.frame())).await?;
        let frame = CloseFrame { code: code.code().into(), reason: Utf8Bytes::from_static(code.reason()) };
        socket.inner.feed(Message::Close(Some(frame))).await?;
        socket.inner.flush().await
    };
    if let Ok(Ok(())) = tokio::time::timeout(CLOSE_TIME, last_words).await {
        // Until the peer has answered, dropping the socket could destroy what is on its way to it.
        let answered = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = tokio::time::timeout(CLOSE_TIME, answered).await;
    }
}

/// Answers the peer's close with one (RFC 6455 §5.5.1), or its browser would take a farewell for an accident.
pub(super) async fn answer_close(socket: &mut WebSocket) {
    // The answer is made when the close is read, and written when the next thing is asked for.
    let written = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = tokio::time::timeout(CLOSE_TIME, written).await;
}

/// How to answer what could not be read; `None` if nobody is there to be answered.
pub(super) fn unreadable(error: &tungstenite::Error) -> Option<CloseCode> {
    match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(CloseCode::TooBig),
        tungstenite::Error::Utf8(_) => Some(CloseCode::BadUtf8),
        _ => None,
    }
}

/// A frame's bytes.
pub(super) fn bytes(frame: &ServerFrame) -> Bytes {
    Bytes::from(frame.encode())
}
