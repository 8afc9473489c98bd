//! Several things that happen to a session at once, each by the rules of its own: what a macro and an automation rule do.

use std::{sync::Arc, time::Duration};

use persistence::Session;
use protocol::{
    AgentRef, Entry, EntryId, EntryKind, Event, Filled, MessageBody, Status, Template, UtcMillis, limits,
};
use uuid::Uuid;

use super::{Action, Assignment, Decision, Draft, Macro, Note, Update, decide, extend};
use crate::{Caller, Filling, HubError};

/// One thing to do, with whom and what it names looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Change what the team notes.
    Update(Box<Update>),
    /// Put it aside for so long.
    Snooze(Duration),
    /// Give it to another holder.
    Assign(Assignment),
    /// Whoever does it holds it.
    AssignMe,
    /// The customer reads this.
    Message(Template),
    /// The team reads this.
    Note(Template),
    /// Whom or what it names is not there any more.
    Gone(&'static str),
}

/// What came of some effects, one after the other.
#[derive(Debug, Default)]
pub struct Effects {
    /// What is appended.
    pub drafts: Vec<Draft>,
    /// Of each, how many of these are its own, or the rule that stands against it.
    pub outcomes: Vec<Result<usize, HubError>>,
}

impl Effects {
    /// What comes of doing `effects` to `session`. What cannot be done is left out.
    pub fn of(
        session: &Session,
        caller: &Caller,
        effects: &[Effect],
        filling: &Filling,
        now: UtcMillis,
    ) -> Self {
        let mut done = Self::default();
        let mut after = session.clone();
        let (sender, mut log) = (caller.sender(), Vec::<Arc<Entry>>::new());
        for effect in effects {
            let outcome = effect.drafts(&after, caller, filling, now).map(|drafts| {
                let own = drafts.len();
                extend(&mut after, &mut log, drafts.clone(), &sender, now, Uuid::nil);
                done.drafts.extend(drafts);
                own
            });
            done.outcomes.push(outcome);
        }
        done
    }
}

impl Effect {
    fn drafts(
        &self,
        session: &Session,
        caller: &Caller,
        filling: &Filling,
        now: UtcMillis,
    ) -> Result<Vec<Draft>, HubError> {
        let id = EntryId::new(Uuid::nil());
        let action = match self {
            Self::Update(update) => Action::Update(update.clone()),
            Self::Snooze(time) => Action::Update(Box::new(Update {
                snoozed_until: Some(Some(now.plus(*time))),
                ..Update::default()
            })),
            Self::Assign(to) => Action::Assign(Box::new(to.clone())),
            Self::AssignMe => match caller {
                Caller::Agent { agent, .. } => {
                    Action::Assign(Box::new(Assignment::Assign(Some(AgentRef::clone(agent)))))
                }
                Caller::Customer(_) | Caller::System => {
                    return Err(HubError::Forbidden("Only an agent can hold a chat."));
                }
            },
            Self::Message(_) if session.status == Status::Closed => {
                return Err(HubError::WrongStatus {
                    status: session.status,
                    hint: "nothing is said any more in it.",
                });
            }
            Self::Message(text) => Action::Message { id, body: filled(text, session, caller, filling)? },
            Self::Note(text) => {
                let body = filled(text, session, caller, filling)?;
                Action::Note(Box::new(Note { id, body, mentions: Vec::new() }))
            }
            Self::Gone(what) => return Err(HubError::Forbidden(what)),
        };
        let mut drafts = match decide(session, caller, &action, now)? {
            Decision::Append(drafts) => drafts,
            Decision::Nothing | Decision::Elsewhere => Vec::new(),
        };
        // Each message and note gets an id of its own.
        for draft in drafts.iter_mut().filter(|draft| draft.kind != EntryKind::Event) {
            draft.id = None;
        }
        Ok(drafts)
    }
}

fn filled(
    text: &Template,
    session: &Session,
    caller: &Caller,
    filling: &Filling,
) -> Result<MessageBody, HubError> {
    let agent = match caller {
        Caller::Agent { agent, .. } => Some(&**agent),
        Caller::Customer(_) | Caller::System => session.assignee.as_ref(),
    };
    let Filled { body, missing } =
        text.fill(|variable| filling.value(variable, session, agent), &filling.blanks);
    if let Some(part) = missing.first() {
        return Err(HubError::NotKnown { what: part.name.clone() });
    }
    MessageBody::parse(&body, limits::MESSAGE_CHARS)
        .map_err(|_| HubError::Limit { field: "characters in a message", limit: limits::MESSAGE_CHARS })
}

/// A macro does all that it says, or nothing: the first rule against one of its actions stands against it.
pub(super) fn run_macro(
    session: &Session,
    caller: &Caller,
    run: &Macro,
    now: UtcMillis,
) -> Result<Decision, HubError> {
    if !matches!(caller, Caller::Agent { .. }) {
        return Err(HubError::Forbidden("Macros are the team's."));
    }
    let Effects { drafts, outcomes } = Effects::of(session, caller, &run.effects, &run.filling, now);
    outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
    if drafts.is_empty() {
        return Ok(Decision::Nothing);
    }
    let ran = Draft { id: Some(run.id), ..Draft::event(Event::MacroRan { ran: run.ran.clone() }) };
    Ok(Decision::Append([ran].into_iter().chain(drafts).collect()))
}
