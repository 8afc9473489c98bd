//! Agents: signing in, and the list of them.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Role, UtcMillis, You};

/// POST `/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Login {
    /// The agent's e-mail.
    pub email: String,
    /// The password.
    pub password: String,
}

/// POST `/auth/password`: an agent's own password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ChangePassword {
    /// The one in force.
    pub current: String,
    /// The new one: 10 to 200 characters.
    pub new: String,
}

/// GET `/auth/me`, and the answer to a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AgentMe {
    /// Who.
    pub you: You,
    /// The e-mail.
    pub email: String,
    /// Nothing but `/auth/…` works until the password was changed.
    pub password_change_required: bool,
}

/// A member of the team, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// The login name.
    pub email: String,
    /// The display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// May not log in.
    pub disabled: bool,
    /// When they were added.
    pub created_at: UtcMillis,
}
