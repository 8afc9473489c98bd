//! Accepting connections. `axum::serve` would do, but it never times out a half-sent request head, knows no limit of
//! connections, and cannot tell when upgraded sockets are done.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request, response::IntoResponse as _};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use protocol::{ErrorCode, limits};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{
    app::{App, Peer},
    error::ApiError,
};

/// After an accept that failed for want of file descriptors: until some may have been given back.
const BREATH: Duration = Duration::from_millis(100);

/// Accepts until `stop`, then lets idle connections end. Connections in the middle of a request finish it.
pub(crate) async fn accept(listener: TcpListener, router: Router, app: App, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(app.config.limits.max_connections));
    loop {
        let (socket, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    accept_failed(&error).await;
                    continue;
                }
            },
            () = stop.cancelled() => return,
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            // Closing at once costs less than refusing in words, and a flood shall cost little.
            tracing::warn!(limit = app.config.limits.max_connections, "no place for another connection");
            continue;
        };
        let peer = Peer { address, place: Arc::new(place) };
        app.tasks.spawn(serve(socket, peer, router.clone(), stop.clone()));
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

async fn serve(socket: TcpStream, peer: Peer, router: Router, stop: CancellationToken) {
    // A chat message is one small packet; waiting to fill it helps nobody.
    let _ = socket.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        let router = router.clone();
        async move {
            if !names_one_host(&request) {
                let refusal = ApiError::new(ErrorCode::BadRequest, "Name one host in the Host header.");
                return Ok::<_, Infallible>(refusal.into_response());
            }
            router.oneshot(request.map(Body::new)).await
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIME)
        .max_buf_size(limits::HEADER_BYTES)
        .half_close(false);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// HTTP/1.1 asks for exactly one Host (RFC 9112 §3.2); origins are compared with it.
fn names_one_host<T>(request: &Request<T>) -> bool {
    let hosts = request.headers().get_all(http::header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() == http::Version::HTTP_10)
}
