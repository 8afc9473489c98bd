//! The yardstick: the least that a chat server in this stack can do. Rooms of WebSockets, and nothing else: no store,
//! no login, no order but that of arrival. What Hubbub costs is told as a multiple of it.
//!
//! A client connects to `/room/NAME`. The words up to the first space of each text frame are its sender's name for it;
//! the frame goes to every other member as it is, and `{"ack":"…"}` with the name goes to the sender.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    accept_hdr_async_with_config,
    tungstenite::{
        Message, Utf8Bytes,
        handshake::server::{ErrorResponse, Request, Response},
        protocol::WebSocketConfig,
    },
};

/// As small as Hubbub's own: the default of 128 KiB costs more than everything else together.
const BUFFER: usize = 4 * 1024;
/// Frames that wait for one member; beyond it, it misses some: nothing is promised here.
const QUEUE: usize = 4_096;
/// Frames written before a flush.
const BATCH: usize = 64;

type Room = HashMap<SocketAddr, mpsc::Sender<Utf8Bytes>>;
type Rooms = Arc<std::sync::Mutex<HashMap<String, Room>>>;

/// Serves until the listener fails.
///
/// # Errors
/// Accepting failed.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let rooms = Rooms::default();
    loop {
        let (stream, address) = listener.accept().await?;
        tokio::spawn(member(stream, address, rooms.clone()));
    }
}

/// Ends with nothing to say when the member is gone.
async fn member(stream: TcpStream, address: SocketAddr, rooms: Rooms) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut room = String::new();
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(Some(64 << 10))
        .max_frame_size(Some(64 << 10));
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let callback = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().path().clone_into(&mut room);
        Ok(response)
    };
    let mut socket = accept_hdr_async_with_config(stream, callback, Some(config)).await.ok()?;
    let (queue, mut waiting) = mpsc::channel(QUEUE);
    let place = Place { rooms, room, address };
    place.with(|room| room.insert(address, queue));
    loop {
        tokio::select! {
            frame = waiting.recv() => {
                socket.feed(Message::Text(frame?)).await.ok()?;
                for _ in 1..BATCH {
                    let Ok(frame) = waiting.try_recv() else { break };
                    socket.feed(Message::Text(frame)).await.ok()?;
                }
                socket.flush().await.ok()?;
            }
            heard = socket.next() => match heard?.ok()? {
                Message::Text(frame) => {
                    let name = frame.split(' ').next().unwrap_or_default();
                    let ack = Message::text(format!(r#"{{"ack":"{name}"}}"#));
                    place.with(|room| {
                        for (_, other) in room.iter().filter(|(member, _)| **member != address) {
                            let _ = other.try_send(frame.clone());
                        }
                    });
                    socket.send(ack).await.ok()?;
                }
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            },
        }
    }
}

/// A member's place in a room; empty again when dropped.
struct Place {
    rooms: Rooms,
    room: String,
    address: SocketAddr,
}

impl Place {
    fn with<T>(&self, act: impl FnOnce(&mut Room) -> T) -> Option<T> {
        let mut rooms = self.rooms.lock().ok()?;
        // Looked up first: an entry would need a name of its own for each message.
        if let Some(room) = rooms.get_mut(&self.room) {
            return Some(act(room));
        }
        Some(act(rooms.entry(self.room.clone()).or_default()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut rooms) = self.rooms.lock()
            && let Some(room) = rooms.get_mut(&self.room)
        {
            room.remove(&self.address);
            if room.is_empty() {
                rooms.remove(&self.room);
            }
        }
    }
}
