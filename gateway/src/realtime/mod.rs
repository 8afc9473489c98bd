//! Live connections. A WebSocket and a long-poll are two ways to the same follower of the hub: nothing behind this
//! module can tell them apart.

mod arrivals;
mod commands;
mod follows;
pub(crate) mod handshake;
mod hello;
mod lists;
pub(crate) mod long_poll;
mod pace;
mod socket;
mod websocket;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dashmap::DashMap;
use persistence::TokenHash;
use protocol::{CloseCode, ConnectionId, ContactId, EntryId, ErrorCode, ServerFrame, SessionId, View};
use tokio::sync::oneshot;

pub(crate) use self::arrivals::Arrivals;
use crate::error::ApiError;

/// Why a connection is to end, and when the client may come back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goodbye {
    pub code: CloseCode,
    pub retry_after: Duration,
}

impl Goodbye {
    /// The server goes, and comes back soon.
    pub(crate) const RESTART: Self = Self { code: CloseCode::Restart, retry_after: Duration::from_secs(1) };

    pub(crate) const fn now(code: CloseCode) -> Self {
        Self { code, retry_after: Duration::ZERO }
    }

    pub(crate) fn frame(self) -> ServerFrame {
        ServerFrame::Bye {
            reason: self.code.reason().to_owned(),
            retry_after_ms: u64::try_from(self.retry_after.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The WebSockets of this node, so that they can be told to end.
#[derive(Default)]
pub(crate) struct Connections {
    live: Arc<DashMap<ConnectionId, Live>>,
}

struct Live {
    /// Taken when it is told.
    goodbye: Mutex<Option<oneshot::Sender<Goodbye>>>,
    login: Option<TokenHash>,
    /// The customer, by the name under which they came.
    contact: Option<ContactId>,
}

impl Live {
    fn tell(&self, goodbye: Goodbye) {
        let told = self.goodbye.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It may be ending by itself.
        let _ = told.map(|told| told.send(goodbye));
    }
}

/// A registered connection; forgotten when dropped.
pub(crate) struct Registered {
    live: Arc<DashMap<ConnectionId, Live>>,
    id: ConnectionId,
}

impl Connections {
    /// Registers a connection; it hears on the receiver when it is to end.
    pub(crate) fn register(
        &self,
        id: ConnectionId,
        login: Option<TokenHash>,
        contact: Option<ContactId>,
    ) -> (Registered, oneshot::Receiver<Goodbye>) {
        let (goodbye, told) = oneshot::channel();
        self.live.insert(id, Live { goodbye: Mutex::new(Some(goodbye)), login, contact });
        (Registered { live: self.live.clone(), id }, told)
    }

    pub(crate) fn count(&self) -> usize {
        self.live.len()
    }

    /// The logins of the agents' browsers that are connected.
    pub(crate) fn logins(&self) -> HashSet<TokenHash> {
        self.live.iter().filter_map(|live| live.login).collect()
    }

    /// Ends the connections of one login.
    pub(crate) fn close_login(&self, login: &TokenHash) {
        self.close_where(CloseCode::BadCredential, |live| live.login.as_ref() == Some(login));
    }

    /// Ends the connections of these logins.
    pub(crate) fn close_logins(&self, ended: &HashSet<TokenHash>) {
        self.close_where(CloseCode::BadCredential, |live| {
            live.login.as_ref().is_some_and(|login| ended.contains(login))
        });
    }

    /// Ends the connections of these customers, who were blocked.
    pub(crate) fn close_contacts(&self, blocked: &[ContactId]) {
        if !blocked.is_empty() {
            let blocked: HashSet<_> = blocked.iter().collect();
            self.close_where(CloseCode::Blocked, |live| {
                live.contact.as_ref().is_some_and(|contact| blocked.contains(contact))
            });
        }
    }

    fn close_where(&self, code: CloseCode, matches: impl Fn(&Live) -> bool) {
        for live in self.live.iter().filter(|live| matches(live)) {
            live.tell(Goodbye::now(code));
        }
    }

    /// Asks everybody to go elsewhere, spread over `time`, so that they do not all arrive there at once.
    pub(crate) async fn drain(&self, time: Duration) {
        let everybody: Vec<ConnectionId> = self.live.iter().map(|live| *live.key()).collect();
        let Ok(count) = u32::try_from(everybody.len()) else { return };
        if count == 0 {
            return;
        }
        let pause = time / count;
        for connection in everybody {
            if let Some(live) = self.live.get(&connection) {
                live.tell(Goodbye::RESTART);
            }
            tokio::time::sleep(pause).await;
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.live.remove(&self.id);
    }
}

/// What a refusal answers.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// The connection, or a frame that names nothing.
    Nothing,
    /// What was asked of a session.
    Session(SessionId),
    /// A send.
    Send(EntryId, SessionId),
    /// A list that is not kept live.
    List(View),
}

/// A refusal as a frame.
pub(crate) fn error_frame(error: &ApiError, about: About) -> ServerFrame {
    let (id, session, view) = match about {
        About::Nothing => (None, None, None),
        About::Session(session) => (None, Some(session), None),
        About::Send(id, session) => (Some(id), Some(session), None),
        About::List(view) => (None, None, Some(view)),
    };
    ServerFrame::Error {
        code: error.code,
        message: error.detail.clone(),
        id,
        session,
        view,
        retryable: error.code.retryable(),
        retry_after_ms: error.retry_after_ms(),
    }
}

/// Refuses a filter that no session could fit by its own rules.
fn check(view: &View) -> Result<(), ApiError> {
    match view {
        View::Filter(filter) => filter.check().map_err(ApiError::invalid_all),
        View::Named(_) | View::Saved(_) => Ok(()),
    }
}

fn bad_frame() -> ServerFrame {
    let error = ApiError::new(ErrorCode::BadFrame, "This is not a frame of hubbub.v1.");
    error_frame(&error, About::Nothing)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Whoever signs in while the store is asked about the others is not ended by its answer.
    #[test]
    fn only_the_logins_that_were_asked_about_can_be_ended() {
        let connections = Connections::default();
        let connect = |login| connections.register(ConnectionId::new(Uuid::now_v7()), login, None);
        let (_customer, mut customer) = connect(None);
        let (_one, mut one) = connect(Some([1; 32]));
        let (_two, mut two) = connect(Some([2; 32]));
        let asked = connections.logins();
        assert_eq!(asked, HashSet::from([[1; 32], [2; 32]]));
        let (_fresh, mut fresh) = connect(Some([3; 32]));
        let valid = HashSet::from([[2; 32]]);
        connections.close_logins(&asked.difference(&valid).copied().collect());
        assert_eq!(one.try_recv().unwrap().code, CloseCode::BadCredential);
        assert!(two.try_recv().is_err() && fresh.try_recv().is_err() && customer.try_recv().is_err());
    }
}
