//! What the team does to a contact, told to whoever looks on: its chats here and on the other nodes, and, when it is
//! blocked, the connections of its customers.

use std::{collections::HashMap, sync::Arc};

use persistence::{Append, ContactChange, ContactChanged, ContactRefusal, Moved, Session};
use protocol::{AgentRef, ContactId, Entry, Event, SessionId, UtcMillis};
use tokio::sync::broadcast;

use crate::{
    Caller, Hub, HubError, Message, Publication,
    state::{self, Draft},
};

/// Blocks that may wait to be heard of. Who misses one finds it in the store.
const WAITING: usize = 64;

/// Why nothing was done to a contact.
#[derive(Debug, Clone)]
pub enum ContactError {
    /// The rule against it.
    Refused(ContactRefusal),
    /// The store does not answer, or the caller is not of the team.
    Hub(HubError),
}

impl From<HubError> for ContactError {
    fn from(error: HubError) -> Self {
        Self::Hub(error)
    }
}

/// Who was blocked, as it happens.
pub struct Blocked(broadcast::Receiver<Arc<[ContactId]>>);

impl Blocked {
    /// The next who were blocked; `None`: some were missed, and the store knows who. Cancel-safe.
    pub async fn next(&mut self) -> Option<Arc<[ContactId]>> {
        self.0.recv().await.ok()
    }
}

/// The way to those who listen.
pub(crate) struct Tell(broadcast::Sender<Arc<[ContactId]>>);

impl Default for Tell {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
    }
}

impl Tell {
    pub(crate) fn tell(&self, contacts: &[ContactId]) {
        // Nobody may listen.
        let _ = self.0.send(contacts.into());
    }
}

impl Hub {
    /// Who is blocked from now on, on whichever node.
    pub fn blocked(&self) -> Blocked {
        Blocked(self.inner.blocked.0.subscribe())
    }

    /// Does something to a contact, durably, and tells of it. What becomes of its chats is in their logs.
    ///
    /// # Errors
    /// The rule against it, or that the store did not answer: then it may still be done.
    pub async fn change_contact(
        &self,
        caller: &Caller,
        contact: ContactId,
        change: &ContactChange,
    ) -> Result<ContactChanged, ContactError> {
        let Caller::Agent { agent, .. } = caller else { return Err(HubError::NotFound.into()) };
        let clock = &self.inner.clock;
        let now = clock.now();
        let mut logs: HashMap<SessionId, Vec<Arc<Entry>>> = HashMap::new();
        let append = |session: &Session, moved: Option<&Moved>| {
            let event = told(change, moved)?;
            let (mut after, mut entries) = (session.clone(), Vec::new());
            let drafts = vec![Draft::event(event)];
            state::extend(&mut after, &mut entries, drafts, &caller.sender(), now, || clock.mint());
            let append = Append {
                session: session.id,
                expected: session.last_seq,
                change: state::change(&after, &entries),
                entries: entries.clone(),
                exact: true,
            };
            logs.insert(session.id, entries);
            Some(append)
        };
        let by: &AgentRef = agent;
        let ids = [clock.mint(), clock.mint()];
        let done = self.inner.store.change_contact(contact, change, by, ids, now, append).await;
        let done = match done {
            Err(error) => return Err(HubError::from(error).into()),
            Ok(done) => done.map_err(ContactError::Refused)?,
        };
        for session in &done.sessions {
            match logs.remove(&session.id) {
                Some(entries) => self.tell_of(session.clone(), entries),
                None => self.tell_softly(session.clone()),
            }
        }
        if done.blocked_until.is_some_and(|until| until > now) {
            self.inner.blocked.tell(&done.people);
            if let Some(link) = &self.inner.link {
                link.publish(self.inner.node, Message::Blocked { contacts: done.people.clone() });
            }
        }
        Ok(done)
    }

    /// Tells of a session whose log has nothing new: where nobody looks at it, it is read when somebody does.
    fn tell_softly(&self, session: Session) {
        let id = session.id;
        let session = Arc::new(session);
        self.inner.inbox.changed(&session);
        if let Some(live) = self.inner.sessions.get(&id) {
            live.mark_stale();
        }
        if let Some(link) = &self.inner.link {
            link.publish(self.inner.node, Message::Committed(Publication { session, entries: Vec::new() }));
        }
    }

    /// Who is blocked of those who were since then: for whoever missed that they were.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn blocked_since(&self, at: UtcMillis) -> Result<Vec<ContactId>, HubError> {
        Ok(self.inner.store.blocked_since(at, self.inner.clock.now()).await?)
    }
}

/// What the log of a chat says of it.
fn told(change: &ContactChange, moved: Option<&Moved>) -> Option<Event> {
    match change {
        ContactChange::Edit(..) => None,
        ContactChange::Block(block) => {
            Some(Event::ContactBlocked { reason: block.reason.clone(), until: block.until })
        }
        ContactChange::Unblock => Some(Event::ContactUnblocked),
        ContactChange::Merge(_) | ContactChange::Unmerge => {
            let Moved { from, to, name, undone } = moved?.clone();
            Some(Event::ContactChanged { from, to, name, undone })
        }
    }
}
