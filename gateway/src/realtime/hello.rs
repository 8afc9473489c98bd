//! The first frame of a WebSocket: who it is, and what they may see.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use hub::{AgentHere, Caller, Fresh};
use persistence::{Arrival, TokenHash};
use protocol::{ClientFrame, CloseCode, Entry, ErrorCode, Follow};
use tokio_tungstenite::tungstenite::Message;

use super::{
    Goodbye,
    arrivals::Arrived,
    bad_frame,
    socket::{self, WebSocket},
};
use crate::{
    app::App,
    auth::{self, Login, origin},
    error::ApiError,
};

pub(super) type Hello = (Option<String>, Vec<Follow>);

/// Waits for the first frame. `Err(None)`: the peer is gone.
pub(super) async fn hello(socket: &mut WebSocket) -> Result<Hello, Option<CloseCode>> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(ClientFrame::Hello { token, sessions, client: _ }) => return Ok((token, sessions)),
                Ok(_) => return Err(Some(CloseCode::HelloMissing)),
                Err(_) => {
                    socket.send(&bad_frame()).await.map_err(|_| None)?;
                }
            },
            Some(Ok(Message::Binary(_))) => return Err(Some(CloseCode::Unsupported)),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) => {
                socket::answer_close(socket).await;
                return Err(None);
            }
            None => return Err(None),
            Some(Err(error)) => return Err(socket::unreadable(&error)),
        }
    }
}

/// The sessions of one who says hello, as just read.
#[derive(Default)]
pub(super) struct Sessions {
    /// The newest first.
    pub(super) all: Vec<Fresh>,
    /// The last entries of the newest, if they were read.
    pub(super) latest: Option<Vec<Arc<Entry>>>,
}

pub(super) struct Who {
    pub(super) caller: Caller,
    /// A customer's.
    pub(super) sessions: Sessions,
    pub(super) login: Option<TokenHash>,
    pub(super) here: Option<AgentHere>,
}

/// Finds out who says hello; `latest`: and reads the last entries of a customer's newest session.
pub(super) async fn identify(
    app: &App,
    headers: &HeaderMap,
    token: Option<&str>,
    latest: bool,
) -> Result<Who, Goodbye> {
    let goodbye = |error: ApiError| match error.code {
        ErrorCode::OriginRefused => Goodbye::now(CloseCode::OriginRefused),
        ErrorCode::StoreUnavailable | ErrorCode::Overloaded => {
            Goodbye { code: CloseCode::Overloaded, retry_after: Duration::from_secs(1) }
        }
        ErrorCode::Internal => Goodbye::now(CloseCode::Internal),
        _ => Goodbye::now(CloseCode::BadCredential),
    };
    if let Some(token) = token {
        let bad = || Goodbye::now(CloseCode::BadCredential);
        let token = auth::token::hash(token).ok_or_else(bad)?;
        let Arrived { arrival, asked_at } =
            app.arrivals.of(token, latest).await.map_err(goodbye)?.ok_or_else(bad)?;
        let Arrival { grant, sessions, latest: entries } = arrival;
        let site = app.sites.by_id(grant.site_id).await.map_err(|error| goodbye(error.into()))?;
        origin::allowed_for_site(headers, app, &*site.ok_or_else(bad)?).map_err(goodbye)?;
        if grant.is_blocked(app.hub.clock().now()) {
            return Err(Goodbye::now(CloseCode::Blocked));
        }
        let fresh = |session| Fresh { session: Arc::new(session), asked_at };
        let sessions = Sessions {
            all: sessions.into_iter().map(fresh).collect(),
            latest: latest.then(|| entries.into_iter().map(Arc::new).collect()),
        };
        return Ok(Who { caller: Caller::Customer(grant.into()), sessions, login: None, here: None });
    }
    // A page of another site must not use the agent's cookie (cross-site WebSocket hijacking).
    origin::same_origin(headers, app).map_err(goodbye)?;
    let login = Login::of(app, headers).await.map_err(goodbye)?;
    let agent = auth::password_settled(login.agent).map_err(goodbye)?;
    let here = Some(app.hub.agent_here(agent.id));
    Ok(Who {
        caller: app.agent_caller(&agent),
        sessions: Sessions::default(),
        login: Some(login.token),
        here,
    })
}
