//! Customers: contacts, and the credentials that open their sessions.

use protocol::{ContactId, ContactSummary, Entry, GrantId, SessionId, SiteId, UtcMillis};
use uuid::Uuid;

use super::Session;

/// SHA-256 of a token: the only form in which the store knows one.
pub type TokenHash = [u8; 32];

/// A credential to create together with its first session.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// The new id.
    pub id: GrantId,
    /// Its site.
    pub site_id: SiteId,
    /// Whose it is.
    pub contact_id: ContactId,
    /// The site has vouched for who it is.
    pub verified: bool,
    /// As said at the start.
    pub name: Option<String>,
    /// As said at the start, E.164.
    pub phone: Option<String>,
    /// As said at the start.
    pub email: Option<String>,
    /// The start's own id, if the client gave one: unique within the site.
    pub start_key: Option<Uuid>,
    /// The first token's hash.
    pub token: TokenHash,
}

/// What a customer's token opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant.
    pub id: GrantId,
    /// Its site.
    pub site_id: SiteId,
    /// Whose it is.
    pub contact_id: ContactId,
    /// The site has vouched for who it is: then it opens all of the contact's sessions.
    pub verified: bool,
    /// As said at the start.
    pub name: Option<String>,
    /// As said at the start, E.164.
    pub phone: Option<String>,
    /// As said at the start.
    pub email: Option<String>,
    /// The team has blocked the customer until then.
    pub blocked_until: Option<UtcMillis>,
}

impl Grant {
    /// The customer, as said at the start: all that this customer is shown of the contact.
    pub fn contact(&self) -> ContactSummary {
        ContactSummary {
            id: self.contact_id,
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            verified: self.verified,
            blocked_until: None,
        }
    }

    /// Whether the team has blocked the customer.
    pub fn is_blocked(&self, now: UtcMillis) -> bool {
        self.blocked_until.is_some_and(|until| until > now)
    }
}

/// What a connection must know to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// What its token opens.
    pub grant: Grant,
    /// The sessions, the newest first.
    pub sessions: Vec<Session>,
    /// The last entries of the newest session, in order.
    pub latest: Vec<Entry>,
}

/// What a session began with.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredContext {
    /// The page and extra fields, as JSON for the team.
    pub context: serde_json::Value,
    /// BCP 47.
    pub locale: Option<String>,
}

/// A start that was stored before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStart {
    /// Its grant.
    pub grant: Grant,
    /// The site's own id of the person, if the site vouched for them.
    pub external_id: Option<String>,
    /// Its session.
    pub session_id: SessionId,
    /// When.
    pub created_at: UtcMillis,
}

/// A person to find or create.
#[derive(Debug, Clone)]
pub struct ContactClaim {
    /// The site.
    pub site_id: SiteId,
    /// The site's own id of the person, if its hash was checked.
    pub verified_external_id: Option<String>,
    /// As said; updates what is stored.
    pub name: Option<String>,
    /// E.164; finds an unverified contact.
    pub phone: Option<String>,
    /// As said; updates what is stored.
    pub email: Option<String>,
    /// The id to use if the person is new.
    pub new_id: ContactId,
}
