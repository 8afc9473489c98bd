//! How a chat goes on when a message comes after its end: the closed log gets its last entry, a new one its first.

use persistence::{Append, Continuation, NewSession, Session, StoredId};
use protocol::{EntryId, Event, MessageBody, SessionId};

use super::state::{self, Action, Decision, Draft};
use crate::{Caller, Clock};

/// The move of `old` into a new session that begins with the caller's message, and where that message will be.
pub(super) fn continuation(
    old: &Session,
    caller: &Caller,
    id: EntryId,
    body: &MessageBody,
    clock: &Clock,
) -> (Continuation, StoredId) {
    let next = SessionId::new(clock.mint());
    let (sender, now) = (caller.sender(), clock.now().max(old.updated_at));
    let mint = || clock.mint();

    let mut closed = Session::clone(old);
    let mut ends = Vec::new();
    let continued = Draft::event(Event::Continued { session_id: next });
    state::extend(&mut closed, &mut ends, vec![continued], &sender, now, mint);

    let mut begun = state::successor(old, next, now);
    let mut begins = Vec::new();
    let started = Event::Started { channel: old.channel, previous_session_id: Some(old.id) };
    let mut drafts = vec![Draft::event(started)];
    if let Caller::Agent { agent, .. } = caller {
        // Who takes a closed chat up again holds the new one.
        drafts.push(Draft::event(Event::Assigned { agent: Some(agent.clone()) }));
    }
    state::extend(&mut begun, &mut begins, drafts, &sender, now, mint);
    let message = Action::Message { id, body: body.clone() };
    if let Ok(Decision::Append(drafts)) = state::decide(&begun, caller, &message) {
        state::extend(&mut begun, &mut begins, drafts, &sender, now, mint);
    }

    let stored = StoredId { id, seq: begun.last_seq, created_at: begun.updated_at };
    let append = Append {
        session: old.id,
        expected: old.last_seq,
        change: state::change(&closed, &ends),
        entries: ends,
    };
    let next = NewSession {
        id: next,
        site_id: old.site_id,
        grant_id: old.grant_id,
        contact_id: old.contact.id,
        channel: old.channel,
        previous: Some(old.id),
        locale: None,
        context: serde_json::json!({}),
        created_at: now,
        change: state::change(&begun, &begins),
        entries: begins,
    };
    (Continuation { append, next }, stored)
}
