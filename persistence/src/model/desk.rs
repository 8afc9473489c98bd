//! The workspace's own records: sites and the team.

use protocol::{
    AgentId, Role, SiteId, UtcMillis,
    rest::{OpeningHours, PrechatField},
};

/// A site: one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The site.
    pub id: SiteId,
    /// The public key, in the script tag.
    pub key: String,
    /// The shop's name.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The first words of the pre-chat form.
    pub greeting: String,
    /// What to ask before the chat.
    pub prechat: Vec<PrechatField>,
    /// Origins whose pages may use it.
    pub allowed_origins: Vec<String>,
    /// Secrets that sign identities, the newest first; at most two.
    pub identity_secrets: Vec<String>,
    /// Opening hours; `None`: always open.
    pub hours: Option<OpeningHours>,
    /// When it was made.
    pub created_at: UtcMillis,
}

/// A member of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// The login name, lower-case; unique.
    pub email: String,
    /// The display name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// argon2, PHC string. Empty: invited, and has not chosen one yet.
    pub password_hash: String,
    /// The password was made by somebody else and must be changed at the first login.
    pub must_change_password: bool,
    /// May not log in.
    pub disabled: bool,
    /// When they were added.
    pub created_at: UtcMillis,
}

impl Agent {
    /// Has not chosen a password yet, and so cannot sign in.
    pub fn is_invited(&self) -> bool {
        self.password_hash.is_empty()
    }
}
