//! Accepting connections. `axum::serve` would do, but it never times out a half-sent request head, knows no limit of
//! connections, and cannot tell when upgraded sockets are done.

mod patient;

use std::{future::poll_fn, io, net::IpAddr, pin::Pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use bytes::Bytes;
use hyper::{body::Incoming, server::conn::http1::Parts, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use protocol::limits;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

pub(crate) use self::patient::Patient;
use crate::{
    app::Peer,
    client_address::is_trusted,
    config::Serve,
    rate_limit::{AddressKey, CountGuard, Counted},
};

/// After an accept that failed for want of file descriptors: until some may have been given back.
const BREATH: Duration = Duration::from_millis(100);

/// How long a peer may take nothing of what is written to it. More than a WebSocket's own patience, which can say why.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// TCP connections of one address, for each of its WebSockets and long-polls: whoever has all of those can still ask.
const PER_CONNECTION: u32 = 2;

/// The places for connections: so many in all, and so many of one address.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    limit: usize,
    per_peer: Counted<AddressKey>,
    /// A proxy's connections are those of many; their clients are counted when they are known.
    proxies: Vec<IpNet>,
}

/// One connection's place; free again when dropped.
pub(crate) struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_peer: Option<CountGuard<AddressKey>>,
}

impl Places {
    pub(crate) fn new(config: &Serve) -> Self {
        let limits = &config.limits;
        Self {
            all: Arc::new(Semaphore::new(limits.max_connections)),
            limit: limits.max_connections,
            per_peer: Counted::new(limits.connections_per_address * PER_CONNECTION, "address"),
            proxies: config.trusted_proxies.clone(),
        }
    }

    fn take(&self, peer: IpAddr) -> Option<Place> {
        let of_peer = if is_trusted(peer, &self.proxies) {
            None
        } else {
            let counted = self.per_peer.count(AddressKey::from(peer));
            Some(counted.inspect_err(|_| tracing::debug!("an address has too many connections")).ok()?)
        };
        let Ok(of_all) = self.all.clone().try_acquire_owned() else {
            tracing::warn!(limit = self.limit, "no place for another connection");
            return None;
        };
        Some(Place { _of_all: of_all, _of_peer: of_peer })
    }
}

/// Accepts until `stop`, then lets idle connections end, and gives the listener back. Connections in the middle of a
/// request finish it.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    places: Arc<Places>,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> TcpListener {
    loop {
        let (socket, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    accept_failed(&error).await;
                    continue;
                }
            },
            () = stop.cancelled() => return listener,
        };
        // Closing at once costs less than refusing in words, and a flood shall cost little.
        let Some(place) = places.take(address.ip()) else { continue };
        tasks.spawn(serve(socket, Peer::new(address), place, router.clone(), stop.clone()));
    }
}

async fn accept_failed(error: &io::Error) {
    match error.kind() {
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted => {}
        _ => {
            tracing::error!(%error, "accepting a connection failed");
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// A connection whose last answer made it something else than HTTP.
pub(crate) struct Upgraded {
    pub stream: Patient<TcpStream>,
    /// What the peer said already.
    pub read: Bytes,
}

/// What becomes of an upgraded connection.
pub(crate) type Afterwards = Box<dyn FnOnce(Upgraded) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

async fn serve(socket: TcpStream, peer: Peer, _place: Place, router: Router, stop: CancellationToken) {
    // In a box of its own that is gone afterwards: HTTP takes many times the memory of a quiet WebSocket.
    let upgraded = Box::pin(http(socket, peer, router, stop)).await;
    if let Some((upgraded, afterwards)) = upgraded {
        afterwards(upgraded).await;
    }
}

/// Answers requests until the connection ends or is upgraded.
async fn http(
    socket: TcpStream,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) -> Option<(Upgraded, Afterwards)> {
    // A chat message is one small packet; waiting to fill it helps nobody.
    let _ = socket.set_nodelay(true);
    let asking = peer.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(asking.clone());
        let router = router.clone();
        Box::pin(async move { router.oneshot(request.map(Body::new)).await })
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .max_buf_size(limits::HEADER_BYTES)
        .half_close(false);
    let socket = TokioIo::new(Patient::new(socket, WRITE_TIME));
    let mut connection = http.serve_connection(socket, service);
    // Not hyper's own way of upgrading, which leaves the socket behind two boxes and a second task.
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
        () = stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| connection.poll_without_shutdown(cx)).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
        return None;
    }
    let Parts { io, read_buf, .. } = connection.into_parts();
    let mut stream = io.into_inner();
    let afterwards = peer.afterwards();
    if afterwards.is_none() {
        let _ = stream.shutdown().await;
    }
    Some((Upgraded { stream, read: read_buf }, afterwards?))
}
