//! What the store is asked before somebody is refused, or told that nothing changes.

use protocol::Seq;

use super::{
    actor::Actor,
    appends::{Fate, Landed, Pending},
};
use crate::HubError;

impl Actor {
    /// Asks the store whether what the rules refuse now was stored when they did not.
    pub(super) fn start_recall(&mut self, pending: Pending, refusal: HubError) {
        let (store, session, id) = (self.hub.store.clone(), self.session.id, pending.action.id());
        let seen = self.session.last_seq;
        self.appends.flight = Some(Box::pin(async move {
            let outcome = match id {
                Some(id) => store.find_entry(session, id).await,
                None => Ok(None),
            };
            Landed::Recall { pending, refusal, seen, outcome }
        }));
    }

    /// Answers what needs nothing stored, as of the entry `seen`. An append is held against the store's truth, this is
    /// not: where other nodes may have changed the session, the store is asked first.
    pub(super) fn settle(&mut self, placed: Vec<(Pending, Fate)>, seen: Seq) {
        if self.hub.link.is_none() || placed.is_empty() {
            return self.answer_all(placed);
        }
        let (store, session) = (self.hub.store.clone(), self.session.id);
        self.appends.flight = Some(Box::pin(async move {
            let outcome = store.positions(&[session]).await;
            Landed::Look { placed, seen, outcome }
        }));
    }
}
