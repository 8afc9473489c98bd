//! Accepting connections. `axum::serve` would do, but it never times out a half-sent request head, knows no limit of
//! connections, and cannot tell when upgraded sockets are done.

mod held;
mod patient;

use std::{
    convert::Infallible,
    future::{pending, poll_fn},
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use bytes::Bytes;
use hyper::{
    body::Incoming,
    server::conn::http1::{Connection, Parts},
    service::service_fn,
};
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

use self::held::{Manner, Resumed, Rewound};
pub(crate) use self::{
    held::{Held, Waiting},
    patient::Patient,
};
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

/// A connection that has left HTTP.
pub(crate) struct Upgraded {
    pub stream: Patient<TcpStream>,
    /// What the peer said already.
    pub read: Bytes,
}

/// What becomes of an upgraded connection.
pub(crate) type Afterwards = Box<dyn FnOnce(Upgraded) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

async fn serve(socket: TcpStream, peer: Peer, _place: Place, router: Router, stop: CancellationToken) {
    // In a box of its own that is gone afterwards: HTTP takes many times the memory of a quiet WebSocket.
    let upgraded = Box::pin(until_upgraded(socket, peer, router, stop)).await;
    if let Some((upgraded, afterwards)) = upgraded {
        afterwards(upgraded).await;
    }
}

/// What a connection leaves HTTP for.
pub(crate) enum Next {
    /// Something else, for good.
    Upgrade(Afterwards),
    /// To wait for the answer to a request.
    Wait(Box<Waiting>),
}

/// Answers requests until the connection ends or is upgraded.
async fn until_upgraded(
    socket: TcpStream,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) -> Option<(Upgraded, Afterwards)> {
    // A chat message is one small packet; waiting to fill it helps nobody.
    let _ = socket.set_nodelay(true);
    let mut stream = Patient::new(socket, WRITE_TIME);
    let mut resumed = Resumed::default();
    loop {
        let (left, next) = Box::pin(http(stream, resumed, &peer, &router, &stop)).await?;
        match next {
            Next::Upgrade(afterwards) => return Some((left, afterwards)),
            Next::Wait(waiting) => {
                stream = left.stream;
                resumed = waiting.answered(&stream, left.read).await?;
            }
        }
    }
}

/// Answers requests until the connection ends or leaves HTTP.
async fn http(
    stream: Patient<TcpStream>,
    Resumed { answer, read }: Resumed,
    peer: &Peer,
    router: &Router,
    stop: &CancellationToken,
) -> Option<(Upgraded, Next)> {
    let answer = Mutex::new(answer);
    let service = service_fn(|mut request: Request<Incoming>| {
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (router, peer) = (router.clone(), peer.clone());
        Box::pin(async move {
            if let Some(answer) = answer {
                return Ok::<_, Infallible>(held::give(answer, request.map(Body::new)).await);
            }
            let manner = Manner::of(&request);
            request.extensions_mut().insert(peer.clone());
            let Ok(mut response) = router.oneshot(request.map(Body::new)).await;
            if let Some(waiting) = Waiting::of(&mut response, &manner) {
                peer.waits(waiting);
                pending::<()>().await;
            }
            Ok(response)
        })
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .max_buf_size(limits::HEADER_BYTES)
        .half_close(false);
    let flushed = Arc::new(AtomicBool::new(true));
    let stream = Rewound::new(stream, read, flushed.clone());
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    // Not hyper's own way of upgrading, which leaves the socket behind two boxes and a second task.
    let left =
        |connection: &mut _, cx: &mut Context<'_>| match Connection::poll_without_shutdown(connection, cx) {
            // An answer before it may still be on its way.
            Poll::Pending if peer.is_waiting() && flushed.load(Ordering::Relaxed) => Poll::Ready(Ok(())),
            polled => polled,
        };
    let ended = tokio::select! {
        biased;
        ended = poll_fn(|cx| left(&mut connection, cx)) => ended,
        () = stop.cancelled() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|cx| left(&mut connection, cx)).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
        return None;
    }
    let Parts { io, read_buf, .. } = connection.into_parts();
    let (mut stream, unread) = io.into_inner().into_parts();
    let next = peer.next();
    if next.is_none() {
        let _ = stream.shutdown().await;
    }
    let read = if unread.is_empty() { read_buf } else { [read_buf, unread].concat().into() };
    Some((Upgraded { stream, read }, next?))
}
