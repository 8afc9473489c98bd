//! What each agent has for themselves, and supervisors and admins keep for everybody.

use persistence::Agent;
use protocol::{AgentId, ErrorCode, Role};

use crate::error::ApiError;

/// Whose it is to be: everybody's (`None`), or this agent's own.
///
/// # Errors
/// `forbidden`: everybody's is not for this agent to keep.
pub(super) fn owner(agent: &Agent, shared: bool, what: &str) -> Result<Option<AgentId>, ApiError> {
    match (shared, agent.role) {
        (true, Role::Agent) => {
            let message = format!("Only supervisors and admins keep everybody's {what}.");
            Err(ApiError::new(ErrorCode::Forbidden, message))
        }
        (true, Role::Supervisor | Role::Admin) => Ok(None),
        (false, _) => Ok(Some(agent.id)),
    }
}

/// Whether this agent has it: it is everybody's, or their own.
pub(super) fn has(agent: &Agent, owner: Option<AgentId>) -> bool {
    owner.is_none_or(|owner| owner == agent.id)
}
