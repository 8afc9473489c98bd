//! A TCP link that can be cut, or fall silent in one direction.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// What a wire does to those who speak over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Everything goes through.
    Fair,
    /// Every connection is reset, and new ones are.
    Cut,
    /// What the one who connected says vanishes.
    Mute,
    /// What it is answered vanishes.
    Deaf,
}

/// A wire on a port of its own. Ends, with its connections, when dropped.
pub(crate) struct Wire {
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// A wire to there.
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, target) = (watch::Sender::new(Weather::Fair), Arc::new(Mutex::new(target)));
        let accepting = tokio::spawn(accept(listener, target.clone(), weather.subscribe()));
        Self { address, target, weather, accepting }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// New connections go there.
    pub(crate) fn leads_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = target;
    }

    pub(crate) fn turns(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: Arc<Mutex<SocketAddr>>, weather: watch::Receiver<Weather>) {
    // Connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                let target = *target.lock().unwrap();
                connections.spawn(carry(client, target, weather.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut client: TcpStream, target: SocketAddr, mut weather: watch::Receiver<Weather>) {
    let cut = *weather.borrow() == Weather::Cut;
    if !cut && let Ok(mut server) = TcpStream::connect(target).await {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (client_in, client_out) = client.split();
        let (server_in, server_out) = server.split();
        let up = pump(client_in, server_out, weather.clone(), Weather::Mute);
        let down = pump(server_in, client_out, weather.clone(), Weather::Deaf);
        let ended = tokio::select! {
            ended = async { tokio::try_join!(up, down) } => ended.is_ok(),
            _ = weather.wait_for(|weather| *weather == Weather::Cut) => false,
        };
        if ended {
            return;
        }
        let _ = server.set_zero_linger();
    }
    let _ = client.set_zero_linger();
}

/// One way, until its end; an error resets the connection.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut weather: watch::Receiver<Weather>,
    swallows: Weather,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    let mut lost = false;
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read?,
            changed = weather.changed() => {
                if changed.is_err() || lost && *weather.borrow() != swallows {
                    // What comes now would make no sense without what is missing.
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
                continue;
            }
        };
        if read == 0 {
            return to.shutdown().await;
        }
        if *weather.borrow() == swallows {
            lost = true;
        } else {
            to.write_all(&buffer[..read]).await?;
        }
    }
}
