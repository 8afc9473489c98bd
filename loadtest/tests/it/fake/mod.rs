//! A server of just enough of the contract to try the client and the checker on: one process, no store,
//! and wrong on demand.

mod http;
mod socket;
mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use protocol::Audience;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

pub(crate) use world::Fault;

use world::World;

pub(crate) const COOKIE: &str = "the-agent";

/// A running fake; it stops when dropped.
pub(crate) struct Fake {
    pub(crate) url: String,
    accepting: JoinHandle<()>,
}

/// The world, and a bell that rings when it changed.
#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    changed: Arc<watch::Sender<u64>>,
}

impl Shared {
    fn look(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let value = change(&mut self.look());
        self.changed.send_modify(|version| *version += 1);
        value
    }
}

impl Fake {
    pub(crate) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared =
            Shared { world: Arc::new(Mutex::new(World::new(fault))), changed: Arc::new(watch::channel(0).0) };
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(shared.clone(), stream));
            }
        });
        Self { url, accepting }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(shared: Shared, stream: TcpStream) {
    let mut head = [0; 8];
    // Peeked, not read, so that tungstenite finds its request whole.
    while stream.peek(&mut head).await.is_ok_and(|bytes| bytes > 0 && bytes < head.len()) {}
    if head.starts_with(b"GET /ws ") {
        socket::serve(shared, stream).await;
    } else {
        http::serve(shared, stream).await;
    }
}

fn audience(credential: Option<&str>) -> Audience {
    if credential == Some(COOKIE) { Audience::Team } else { Audience::Customer }
}
