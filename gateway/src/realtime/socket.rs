//! Writing to and closing one WebSocket: batches, deadlines, and the last word.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt as _;
use hub::OutboundReader;
use protocol::{CloseCode, ServerFrame};
use tokio_tungstenite::tungstenite::{self, error::CapacityError};
use tokio_util::sync::CancellationToken;

use super::{Goodbye, error_frame};
use crate::error::ApiError;

/// Frames written before a flush.
const BATCH: usize = 64;
/// A peer that takes nothing for this long is too slow, however empty its queue.
const WRITE_TIME: Duration = Duration::from_secs(20);
/// How long the last word and the peer's answer to it may take.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// The peer is gone, or must go.
pub(super) enum Broken {
    Gone,
    TooSlow,
}

fn text(frame: Bytes) -> Message {
    // Frames are encoded by serde_json, so they are UTF-8.
    Message::Text(Utf8Bytes::try_from(frame).unwrap_or_default())
}

async fn in_time(
    slow: &CancellationToken,
    write: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), Broken> {
    tokio::select! {
        biased;
        () = slow.cancelled() => Err(Broken::TooSlow),
        written = tokio::time::timeout(WRITE_TIME, write) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Broken::Gone),
            Err(_elapsed) => Err(Broken::TooSlow),
        },
    }
}

/// Writes these frames and what waits in the queue, then flushes once.
pub(super) async fn write(
    socket: &mut WebSocket,
    frames: impl IntoIterator<Item = Bytes>,
    queue: &mut OutboundReader,
) -> Result<(), Broken> {
    let slow = queue.too_slow();
    in_time(&slow, async {
        for frame in frames {
            socket.feed(text(frame)).await?;
        }
        for _ in 0..BATCH {
            let Some(frame) = queue.try_recv() else { break };
            socket.feed(text(frame)).await?;
        }
        socket.flush().await
    })
    .await
}

/// Pings a quiet peer.
pub(super) async fn ping(socket: &mut WebSocket, queue: &OutboundReader) -> Result<(), Broken> {
    in_time(&queue.too_slow(), socket.send(Message::Ping(Bytes::new()))).await
}

/// Names the limit that ends a connection: a close code has no room for it (contract §5).
pub(super) async fn name_limit(socket: &mut WebSocket, error: &ApiError) {
    let frame = text(bytes(&error_frame(error, None, None)));
    // If it cannot be written, the close code must do.
    let _ = tokio::time::timeout(CLOSE_TIME, socket.send(frame)).await;
}

/// Says `bye` and closes, where the socket can still take it.
pub(super) async fn close(mut socket: WebSocket, goodbye: Goodbye) {
    let Goodbye { code, .. } = goodbye;
    let last_words = async {
        socket.feed(text(goodbye.frame().encode().into())).await?;
        let frame = CloseFrame { code: code.code(), reason: Utf8Bytes::from_static(code.reason()) };
        socket.feed(Message::Close(Some(frame))).await?;
        socket.flush().await
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
pub(super) fn unreadable(error: axum::Error) -> Option<CloseCode> {
    match error.into_inner().downcast::<tungstenite::Error>().map(|error| *error) {
        Ok(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => Some(CloseCode::TooBig),
        Ok(tungstenite::Error::Utf8(_)) => Some(CloseCode::BadUtf8),
        Ok(_) | Err(_) => None,
    }
}

/// A frame's bytes.
pub(super) fn bytes(frame: &ServerFrame) -> Bytes {
    Bytes::from(frame.encode())
}
