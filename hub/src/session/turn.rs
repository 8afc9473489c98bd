//! The last resort of a command that lost race after race to other nodes: it is decided by the session as it is in the
//! store, while nobody else can append.

use std::sync::Arc;

use persistence::{Append, Appended, Session};
use protocol::Entry;

use super::{
    actor::Actor,
    ahead::Row,
    appends::{Fate, Landed, Pending, stored_id},
    refusal::Refusal,
    state::{self, Action, Decision},
};
use crate::HubError;

/// Files that another message took meanwhile are refused by the store.
fn rests_on_the_log(action: &Action) -> bool {
    match action {
        Action::Amend(_) | Action::Reply(_) => true,
        Action::Attached(attached) => rests_on_the_log(&attached.said),
        _ => false,
    }
}

impl Actor {
    pub(super) fn start_turn(&mut self, pending: Pending) {
        let (store, clock, session) = (self.hub.store.clone(), self.hub.clock.clone(), self.session.id);
        let (known, automation) = (self.session.last_seq, self.hub.automation.automation());
        self.appends.flight = Some(Box::pin(async move {
            let mut entries = Vec::new();
            let decide = |row: &Session| {
                if row.last_seq != known && rests_on_the_log(&pending.action) {
                    // It rests on what stands in between.
                    return None;
                }
                let now = clock.now();
                let decision = state::decide(row, &pending.caller, &pending.action, now);
                // What leads to no append, or elsewhere, is decided as ever, once this node has caught up.
                let Ok(Decision::Append(drafts)) = decision else { return None };
                let mut after = row.clone();
                let sender = pending.caller.sender();
                state::extend(&mut after, &mut entries, drafts, &sender, now, || clock.mint());
                automation.follow(&mut after, &mut entries, 0, now, || clock.mint());
                let change = state::change(&after, &entries);
                Some(Append {
                    session,
                    expected: row.last_seq,
                    entries: entries.clone(),
                    change,
                    exact: true,
                })
            };
            let outcome = store.append_in_turn(session, decide).await;
            Landed::Turn { pending, entries, outcome }
        }));
    }

    /// Takes the outcome. A refusal ends the session.
    pub(super) async fn turn_landed(
        &mut self,
        pending: Pending,
        entries: &[Arc<Entry>],
        outcome: Appended,
    ) -> Option<Refusal> {
        match outcome {
            Appended::Committed { version, unread } => {
                self.hub.metrics.committed.increment(entries.len() as u64);
                let id = pending.action.id();
                let own = entries.iter().rev().find(|entry| id.is_none_or(|id| entry.id == id));
                let fate = own.map_or(Fate::Unchanged, |entry| Fate::Stored(stored_id(entry)));
                let answers = vec![(pending, fate)];
                self.committed_behind(entries, Row { version, unread, answers });
                // A failure is tried again by the clock; whoever waits is answered then.
                let _ = self.catch_up().await;
            }
            Appended::Missing => {
                pending.outcome.tell(Err(HubError::NotFound));
                return Some(Refusal::Missing);
            }
            Appended::MovedOn | Appended::Duplicates(_) | Appended::Behind { .. } | Appended::Overtaken => {
                let again = Pending { lost: 0, ..pending };
                self.decide_again(std::iter::once(again)).await;
            }
        }
        None
    }
}
