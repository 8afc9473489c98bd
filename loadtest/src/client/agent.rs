//! A member of the team: what only agents can ask.

use std::ops::Deref;

use protocol::{
    EntryId, EntryKind, SessionId, SessionSummary, Status,
    rest::{AgentMe, ChangePassword, Page, PatchSession, Sent},
};
use uuid::Uuid;

use super::{Caller, Failure};

/// The cookie of an agent's login (contract §2).
pub const LOGIN_COOKIE: &str = "hubbub_login";

/// An agent who is logged in. Everything that a [`Caller`] can do, and more.
#[derive(Debug, Clone)]
pub struct AgentClient {
    caller: Caller,
    me: AgentMe,
}

impl Deref for AgentClient {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl AgentClient {
    pub(super) fn new(caller: Caller, me: AgentMe) -> Self {
        Self { caller, me }
    }

    /// The agent as somebody with a credential.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the login answered.
    pub fn who(&self) -> &AgentMe {
        &self.me
    }

    /// Who the server takes this login for now.
    ///
    /// # Errors
    /// No answer, or a refusal (401: logged out).
    pub async fn auth_me(&self) -> Result<AgentMe, Failure> {
        self.request("GET", "/auth/me").read().await
    }

    /// Ends the login.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn logout(&self) -> Result<(), Failure> {
        self.request("POST", "/auth/logout").json(&serde_json::json!({})).done().await.map(drop)
    }

    /// Changes the agent's own password.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn change_password(&self, change: ChangePassword) -> Result<(), Failure> {
        self.request("POST", "/auth/password").json(&change).done().await.map(drop)
    }

    /// A page of the list of sessions, narrowed by query parameters as in the contract.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn sessions(&self, query: &[(&str, &str)]) -> Result<Page<SessionSummary>, Failure> {
        let request = self.request("GET", "/sessions");
        query.iter().fold(request, |request, (name, value)| request.query(name, value)).read().await
    }

    /// Takes a session.
    ///
    /// # Errors
    /// No answer, or a refusal (409 `already_claimed`).
    pub async fn claim(&self, session: SessionId) -> Result<(), Failure> {
        self.on_session("POST", session, "/claim").json(&serde_json::json!({})).done().await.map(drop)
    }

    /// Changes a session's status.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn set_status(&self, session: SessionId, status: Status) -> Result<(), Failure> {
        let patch = PatchSession { status: Some(status), ..PatchSession::default() };
        self.on_session("PATCH", session, "").json(&patch).done().await.map(drop)
    }

    /// Writes a note for the team under a new id.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn note(&self, session: SessionId, body: &str) -> Result<Sent, Failure> {
        self.send(session, EntryId::new(Uuid::now_v7()), body, EntryKind::Note).await
    }
}
