//! What can be asked of a session.

use std::sync::Arc;

use protocol::{AgentId, Entry, EntryId, MacroRef, MessageBody, Routed, Seq, Status, UtcMillis};

use super::{Amend, Assignment, Attached, Effect, Step, Update};
use crate::{Filling, Rules};

/// A message that knows what was said before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Chosen by the client.
    pub id: EntryId,
    /// What.
    pub body: MessageBody,
    /// What it knows of.
    pub after: Seq,
    /// The first thing that a colleague said behind that: the session's actor finds it.
    pub answer: Option<Entry>,
}

/// Something for the team only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Chosen by the client.
    pub id: EntryId,
    /// What.
    pub body: MessageBody,
    /// Whom it names.
    pub mentions: Vec<AgentId>,
}

/// The last words of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// What the customer says.
    pub body: MessageBody,
    /// What Hubbub says to it.
    pub answer: String,
}

/// Several things to do in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Chosen by the client.
    pub id: EntryId,
    /// Which macro it is.
    pub ran: MacroRef,
    /// What to do, in this order.
    pub effects: Vec<Effect>,
    /// What its texts are filled in with.
    pub filling: Filling,
}

/// What somebody wants to happen to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Say something to the other side.
    Message {
        /// Chosen by the client.
        id: EntryId,
        /// What.
        body: MessageBody,
    },
    /// The same, unless a colleague has said something that it does not know of (agents).
    Reply(Box<Reply>),
    /// Write something for the team only.
    Note(Box<Note>),
    /// One of these three, with files.
    Attached(Box<Attached>),
    /// Change what was said, or take it away.
    Amend(Box<Amend>),
    /// Take part, where one could look on unseen.
    Join,
    /// Take the session.
    Claim,
    /// Move it along, or end it.
    SetStatus(Status),
    /// Change what the team notes, and the status.
    Update(Box<Update>),
    /// Give it to another holder.
    Assign(Box<Assignment>),
    /// Give it to the agent who was chosen, unless somebody holds it by now.
    Route(Box<Routed>),
    /// Put it back in line, unless its holder is another by now.
    Return {
        /// Who held it.
        holder: AgentId,
        /// Why they do not go on.
        why: Box<Routed>,
    },
    /// Answer an offer to take it: yes or no.
    Answer(bool),
    /// Move it along in line.
    Step(Box<Step>),
    /// Say something that ends the session, on a channel that has no buttons; with these words of Hubbub's own.
    Farewell {
        /// Chosen by the client.
        id: EntryId,
        /// What is said.
        words: Box<Farewell>,
    },
    /// Do several things at once, all of them or none.
    Macro(Box<Macro>),
    /// Do what is due by the clock.
    Ring(Arc<Rules>),
    /// Take it up again: it was put aside until this time. Nothing if that has changed.
    Wake(UtcMillis),
    /// Say how it was.
    Rate {
        /// 1 to 5.
        score: u8,
        /// In words.
        comment: Option<String>,
    },
}

impl Action {
    /// The same to a session whose log is another one: there, an agent's reply knows of nothing.
    #[must_use]
    pub(crate) fn elsewhere(self) -> Self {
        match self {
            Self::Reply(reply) => Self::Message { id: reply.id, body: reply.body },
            Self::Attached(attached) => {
                let Attached { said, .. } = *attached;
                Self::Attached(Box::new(Attached { said: said.elsewhere(), ..*attached }))
            }
            action => action,
        }
    }

    /// The client's id, where the action has one: what makes a retry the same send (promise 3).
    pub const fn id(&self) -> Option<EntryId> {
        match self {
            Self::Message { id, .. } | Self::Farewell { id, .. } => Some(*id),
            Self::Reply(reply) => Some(reply.id),
            Self::Note(note) => Some(note.id),
            Self::Macro(run) => Some(run.id),
            Self::Attached(attached) => attached.said.id(),
            Self::Amend(_)
            | Self::Join
            | Self::Claim
            | Self::SetStatus(_)
            | Self::Update(_)
            | Self::Assign(_)
            | Self::Answer(_)
            | Self::Step(_)
            | Self::Wake(_)
            | Self::Ring(_)
            | Self::Route(_)
            | Self::Return { .. }
            | Self::Rate { .. } => None,
        }
    }
}
