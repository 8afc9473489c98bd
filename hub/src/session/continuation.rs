//! How a chat goes on when a message comes after its end: the closed log gets its last entry, a new one its first.

use std::sync::Arc;

use persistence::{Append, Appended, Continuation, NewSession, Session, StoredId};
use protocol::{AgentRef, Entry, EntryId, Event, SessionId};

use super::{
    Command, Done,
    actor::Actor,
    appends::{Landed, Pending},
    state::{self, Action, Decision, Draft},
};
use crate::{Automation, Caller, Clock, Hub, HubError};

/// The move of `old` into a new session that begins with the caller's message, the new session after it, and where that
/// message will be.
pub(super) fn continuation(
    old: &Session,
    caller: &Caller,
    id: EntryId,
    message: &Action,
    automation: &Automation,
    clock: &Clock,
) -> (Continuation, Arc<Session>, StoredId) {
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
        drafts.push(Draft::event(Event::Assigned { agent: Some(AgentRef::clone(agent)) }));
    }
    state::extend(&mut begun, &mut begins, drafts, &sender, now, mint);
    if let Ok(Decision::Append(drafts)) = state::decide(&begun, caller, message, now) {
        state::extend(&mut begun, &mut begins, drafts, &sender, now, mint);
    }
    automation.follow(&mut begun, &mut begins, 0, now, mint);

    let own = begins.iter().find(|entry| entry.id == id);
    let stored =
        StoredId { id, seq: own.map_or(begun.last_seq, |entry| entry.seq), created_at: begun.updated_at };
    let append = Append {
        session: old.id,
        expected: old.last_seq,
        change: state::change(&closed, &ends),
        entries: ends,
        exact: true,
    };
    let change = state::change(&begun, &begins);
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
        change,
        entries: begins,
    };
    // As the store will have it.
    (begun.version, begun.unread, begun.previous) = (1, next.change.unread_added, Some(old.id));
    (Continuation { append, next }, Arc::new(begun), stored)
}

/// Where a message to a closed session went.
pub(super) enum Continued {
    /// It is in the old log: a retry of a send from before the end.
    Duplicate(StoredId),
    /// Somebody continued the session already.
    GoesOnIn(SessionId),
    /// A new session began with it; the old one's row is at this version.
    Begun { next: Arc<Session>, stored: StoredId, version: u64 },
    /// Its files cannot go with it.
    Refused(HubError),
    /// The log moved; look again.
    MovedOn,
}

impl Actor {
    /// A message to a closed session: finds or begins the session that carries on.
    pub(super) fn start_elsewhere(&mut self, pending: Pending) {
        let Some(id) = pending.action.id() else {
            return pending.outcome.tell(Err(HubError::Internal));
        };
        let said = pending.action.clone().elsewhere();
        let refusal = match &said {
            Action::Attached(attached) => {
                attached.attachments(&self.session, &pending.caller, self.hub.clock.now()).err()
            }
            _ => None,
        };
        let (store, session) = (self.hub.store.clone(), self.session.clone());
        let automation = self.hub.automation.automation();
        let (continuation, begun, stored) =
            continuation(&self.session, &pending.caller, id, &said, &automation, &self.hub.clock);
        let event = continuation.append.entries[0].clone();
        // Where a session was merged, its customer may not be one who may see the other.
        let next = match &pending.caller {
            Caller::Customer(_) => session.next,
            Caller::Agent { .. } | Caller::System => session.goes_on_in(),
        };
        let work = async move {
            if let Some(stored) = store.find_entry(session.id, id).await? {
                return Ok(Continued::Duplicate(stored));
            }
            if let Some(next) = next {
                return Ok(Continued::GoesOnIn(next));
            }
            if let Some(refusal) = refusal {
                return Ok(Continued::Refused(refusal));
            }
            Ok(match store.continue_session(&continuation).await? {
                Appended::Committed { version, .. } => {
                    // The store gave it its number. It has begun, whatever this read says.
                    let next = store.session(begun.id).await.ok().flatten().map_or(begun, Arc::new);
                    Continued::Begun { next, stored, version }
                }
                Appended::Behind { .. }
                | Appended::Overtaken
                | Appended::MovedOn
                | Appended::Duplicates(_)
                | Appended::Missing => Continued::MovedOn,
            })
        };
        self.appends.flight = Some(Box::pin(async move {
            let outcome = work.await;
            Landed::Continue { pending, event, outcome }
        }));
    }

    pub(super) async fn continue_landed(&mut self, pending: Pending, event: &Arc<Entry>, outcome: Continued) {
        match outcome {
            Continued::Duplicate(stored) => self.answer_duplicate(pending, stored),
            Continued::GoesOnIn(next) => {
                let Pending { caller, action, outcome, .. } = pending;
                // The other log has other seqs.
                let mut action = action.elsewhere();
                if let Action::Attached(attached) = &mut action {
                    attached.asked.get_or_insert(self.session.id);
                }
                Hub { inner: self.hub.clone() }.tell(next, Command::Act { caller, action, outcome });
            }
            Continued::Begun { next, stored, version } => {
                if event.seq == self.session.last_seq.next() {
                    self.advance(event);
                }
                let missed = version > self.session.version + 1;
                if version == self.session.version + 1 {
                    Arc::make_mut(&mut self.session).version = version;
                }
                self.changed(vec![event.clone()]);
                let done = Done::Sent { session: next.id, stored, duplicate: false };
                Hub { inner: self.hub.clone() }.announce(next);
                self.hub.begun();
                pending.outcome.tell(Ok(done));
                if missed {
                    // More is behind that version than is known here. A failure is tried again by the clock.
                    let _ = self.catch_up().await;
                    self.changed(Vec::new());
                }
            }
            Continued::Refused(refusal) => pending.outcome.tell(Err(refusal)),
            Continued::MovedOn => self.decide_again(std::iter::once(pending)).await,
        }
    }
}
