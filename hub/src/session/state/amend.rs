//! What can still be done to what was said: change it, or take it away.

use persistence::Session;
use protocol::{Entry, EntryId, EntryKind, Event, MessageBody, Sender, Seq, Status, UtcMillis, limits};

use super::{Decision, Draft};
use crate::{Caller, HubError};

/// A change of one entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amend {
    /// Which.
    pub entry: EntryId,
    /// Its new text; `None`: it is taken away.
    pub body: Option<MessageBody>,
    /// The entry as the log has it now, if it does: the session's actor finds it.
    pub target: Option<Entry>,
}

pub(super) fn amend(
    session: &Session,
    caller: &Caller,
    amend: &Amend,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    let target = amend.target.as_ref().filter(|entry| entry.visible_to(caller.audience()));
    let target = target.ok_or(HubError::NotFound)?;
    let note = match target.kind {
        EntryKind::Message => false,
        EntryKind::Note => true,
        EntryKind::Event => return Err(HubError::Forbidden("Only what somebody said can be changed.")),
    };
    let supervises = caller.supervises();
    let authored = match (&target.sender, caller) {
        (Sender::Customer { id, .. }, Caller::Customer(grant)) => *id == grant.contact_id,
        (Sender::Agent { id, .. }, Caller::Agent { agent, .. }) => *id == agent.id,
        _ => false,
    };
    let takes_away = amend.body.is_none();
    if !(authored || (supervises && takes_away)) {
        return Err(HubError::Forbidden("Only its author can change it."));
    }
    if session.status == Status::Closed {
        return Err(HubError::WrongStatus {
            status: session.status,
            hint: "what was said in it stays as it is.",
        });
    }
    if target.deleted_at.is_some() {
        return if takes_away { Ok(Decision::Nothing) } else { Err(HubError::EntryDeleted) };
    }
    if !(supervises && takes_away) && now.since(target.created_at) > limits::AMEND_TIME {
        return Err(HubError::TooLate("It can be changed within 15 minutes."));
    }
    let (entry, seq) = (target.id, target.seq);
    let event = match &amend.body {
        Some(body) if body.as_str() == target.body => return Ok(Decision::Nothing),
        Some(body) => Event::Edited { entry, seq, body: body.as_str().to_owned(), note },
        None => Event::Deleted { entry, seq, note },
    };
    Ok(Decision::Append(vec![Draft::event(event)]))
}

/// The preview in lists is of the newest text.
pub(super) fn said_anew(session: &mut Session, seq: Seq, body: &str) {
    if let Some(last) = session.last_message.as_mut().filter(|last| last.seq == seq) {
        last.preview = protocol::preview(body);
    }
}
