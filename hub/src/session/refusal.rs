//! The answers to commands that no actor takes.

use super::Command;
use crate::HubError;

/// Why a session could not be run.
pub(super) enum Refusal {
    Missing,
    Unreadable(HubError),
    Stopping,
}

impl Refusal {
    pub(super) fn error(&self) -> HubError {
        match self {
            Self::Missing => HubError::NotFound,
            Self::Unreadable(HubError::Internal) => HubError::Internal,
            Self::Unreadable(_) | Self::Stopping => HubError::Unavailable,
        }
    }
}

pub(super) fn refuse(command: Command, refusal: &Refusal) {
    answer_error(command, refusal.error());
}

/// Answers a command for which the session's mailbox has no room.
pub(crate) fn overloaded(command: Command) {
    answer_error(command, HubError::Overloaded);
}

/// Answers a command that reached no session. A reply nobody waits for is dropped.
fn answer_error(command: Command, error: HubError) {
    match command {
        Command::Act { outcome, .. } => outcome.tell(Err(error)),
        Command::Follow { reply, .. } => drop(reply.send(Err(error))),
        Command::Look { reply, .. } => drop(reply.send(Err(error))),
        Command::Typing { reply, .. } | Command::Read { reply, .. } => drop(reply.send(Err(error))),
        Command::Leave { .. }
        | Command::Remote(_)
        | Command::Placed(_)
        | Command::Signal { .. }
        | Command::Exchange
        | Command::NodeGone(_) => {}
    }
}
