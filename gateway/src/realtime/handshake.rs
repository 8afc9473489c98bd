//! GET `/ws`: who may have a WebSocket at all. All else is told after accepting, where a page can hear it.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use hyper::upgrade::OnUpgrade;
use protocol::{CloseCode, ErrorCode, SUBPROTOCOL, SUBPROTOCOL_FAMILY};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Goodbye, socket, websocket};
use crate::{
    app::{App, Peer},
    auth::ClientAddress,
    error::ApiError,
};

pub(crate) async fn upgrade(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let (parts, _) = request.into_parts();
    let refused = |why: &str| ApiError::new(ErrorCode::BadRequest, why);
    let key = key(&parts).map_err(refused)?;
    let version = offered_version(&parts.headers).ok_or_else(|| {
        ApiError::new(ErrorCode::BadRequest, format!("Offer the subprotocol {SUBPROTOCOL}."))
    })?;
    if app.draining.is_cancelled() {
        return Err(ApiError {
            retry_after: Some(Duration::from_secs(1)),
            ..ApiError::new(ErrorCode::Draining, "The server is restarting.")
        });
    }
    let peer = parts.extensions.get::<Peer>();
    let peer = peer.ok_or_else(|| ApiError::new(ErrorCode::Internal, "no peer"))?;
    let address = ClientAddress::of(peer, &parts.headers, &app);
    let counted = app.per_address.count(address.key())?;
    let (accept, known) = (derive_accept_key(key.as_bytes()), version == SUBPROTOCOL);
    let text = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| refused("A header of the handshake is not text."))
    };
    let answer = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, text(&accept)?),
        (header::SEC_WEBSOCKET_PROTOCOL, text(version)?),
    ];
    let (peer, headers) = (peer.clone(), parts.headers);
    peer.becomes(Box::new(move |upgraded| {
        Box::pin(async move {
            let _counted = counted;
            let socket = Box::pin(socket::open(upgraded)).await;
            if known {
                websocket::serve(app, socket, headers, address.0).await;
            } else {
                Box::pin(socket::close(socket, Goodbye::now(CloseCode::Version))).await;
            }
        })
    }));
    Ok((StatusCode::SWITCHING_PROTOCOLS, answer).into_response())
}

/// The key of a handshake that is one (RFC 6455 §4.2.1).
fn key(parts: &Parts) -> Result<&HeaderValue, &'static str> {
    let names = |header: HeaderName, word: &str| {
        let values = parts.headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
    };
    if parts.method != Method::GET {
        return Err("A WebSocket begins with GET.");
    }
    if !names(header::CONNECTION, "upgrade") || !names(header::UPGRADE, "websocket") {
        return Err("This is for WebSockets: ask with `Connection: Upgrade` and `Upgrade: websocket`.");
    }
    if parts.headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err("Only version 13 of the WebSocket protocol is spoken here.");
    }
    if parts.extensions.get::<OnUpgrade>().is_none() {
        return Err("This connection cannot be upgraded: ask in HTTP/1.1.");
    }
    parts.headers.get(header::SEC_WEBSOCKET_KEY).ok_or("The header `Sec-WebSocket-Key` is missing.")
}

/// The subprotocol to answer with: ours, or another version of it, to be refused where the client can hear it.
fn offered_version(headers: &HeaderMap) -> Option<&str> {
    let offered = || {
        let values = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter();
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
    };
    let ours = offered().find(|version| *version == SUBPROTOCOL);
    ours.or_else(|| offered().find(|version| version.starts_with(SUBPROTOCOL_FAMILY)))
}
