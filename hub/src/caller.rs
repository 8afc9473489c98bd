//! Who asks, and what they may see.

use std::sync::Arc;

use persistence::{Grant, Session, Uploader};
use protocol::{AgentId, AgentRef, Audience, Party, PartyKind, Role, Sender};

/// The one who asks, proven by the gateway. Cheap to clone: every action carries one.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A customer, by token.
    Customer(Arc<Grant>),
    /// A member of the team, by login.
    Agent {
        /// Who.
        agent: Arc<AgentRef>,
        /// What they may do.
        role: Role,
        /// The workspace lets every agent see every session (contract §2).
        sees_all: bool,
    },
    /// Hubbub itself, by a rule or a timer.
    System,
}

impl Caller {
    /// Whether the session exists for this caller. What it may not see, it cannot do anything to.
    pub fn may_see(&self, session: &Session) -> bool {
        match self {
            Self::Customer(grant) => {
                session.grant_id == grant.id
                    || (grant.verified
                        && session.contact.verified
                        && session.site_id == grant.site_id
                        && session.contact.id == grant.contact_id)
            }
            Self::Agent { agent, .. } => match self.restricted_to() {
                Some(_) => session.assignee.as_ref().is_none_or(|holder| holder.id == agent.id),
                None => true,
            },
            Self::System => true,
        }
    }

    /// The agent to whose own and unassigned sessions the caller is restricted, if it is.
    pub fn restricted_to(&self) -> Option<AgentId> {
        match self {
            Self::Customer(_) | Self::System => None,
            Self::Agent { agent, role, sees_all } => match role {
                Role::Agent => (!sees_all).then_some(agent.id),
                Role::Supervisor | Role::Admin => None,
            },
        }
    }

    /// Whether the caller may look on unseen, join, and take away what others said.
    pub const fn supervises(&self) -> bool {
        matches!(self, Self::Agent { role: Role::Supervisor | Role::Admin, .. })
    }

    /// The caller as one who uploads files; Hubbub itself has none.
    pub fn uploader(&self) -> Option<Uploader> {
        match self {
            Self::Customer(grant) => Some(Uploader::Customer(grant.id)),
            Self::Agent { agent, .. } => Some(Uploader::Agent(agent.id)),
            Self::System => None,
        }
    }

    /// For whose eyes the caller's readings are made.
    pub const fn audience(&self) -> Audience {
        match self {
            Self::Customer(_) => Audience::Customer,
            Self::Agent { .. } | Self::System => Audience::Team,
        }
    }

    /// Which side the caller is on.
    pub const fn side(&self) -> PartyKind {
        match self {
            Self::Customer(_) => PartyKind::Customer,
            Self::Agent { .. } | Self::System => PartyKind::Agent,
        }
    }

    /// The caller in a signal.
    pub fn party(&self) -> Party {
        match self {
            Self::Customer(grant) => Party {
                kind: PartyKind::Customer,
                id: Some(grant.contact_id.uuid()),
                name: grant.name.clone(),
            },
            Self::Agent { agent, .. } => {
                Party { kind: PartyKind::Agent, id: Some(agent.id.uuid()), name: Some(agent.name.clone()) }
            }
            Self::System => Party { kind: PartyKind::Agent, id: None, name: None },
        }
    }

    /// The caller as the sender of an entry.
    pub fn sender(&self) -> Sender {
        match self {
            Self::Customer(grant) => Sender::Customer { id: grant.contact_id, name: grant.name.clone() },
            Self::Agent { agent, .. } => Sender::Agent { id: agent.id, name: Some(agent.name.clone()) },
            Self::System => Sender::System,
        }
    }
}
