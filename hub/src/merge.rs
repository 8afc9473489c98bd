//! Merging two sessions: decided by both as they are in the store, appended to both in one transaction, and then told.

use std::{sync::Arc, time::Duration};

use persistence::{Append, Session, TwoAppends};
use protocol::{Entry, SessionId};

use crate::{
    Caller, Hub, HubError, Message, Publication,
    state::{self, Both},
};

/// How long after a failure a statement may still take effect: longer than the database lets one run.
const UNCERTAIN: Duration = Duration::from_secs(6);

impl Hub {
    /// Lets a session go on in another one of the same customer, and says how that one is after it. Nothing happens if it
    /// does already.
    ///
    /// # Errors
    /// The rule against it, or that the store did not answer: then it may still take effect, and may be asked for again.
    pub async fn merge(
        &self,
        caller: &Caller,
        source: SessionId,
        into: SessionId,
    ) -> Result<Session, HubError> {
        if source == into {
            // Else it could be told whether there is one.
            self.session(caller, source).await?;
            return Err(HubError::NotMergeable("A chat cannot be merged with itself."));
        }
        let decide =
            |[source, target]: [&Session; 2], messages| state::merge(source, target, messages, caller);
        let [_, target] = self.append_to_two(caller, [source, into], decide).await?;
        Ok(target)
    }

    /// Undoes that a session was merged into another one, and says how it is after it. What was written to the other one
    /// meanwhile stays there.
    ///
    /// # Errors
    /// As of [`Hub::merge`].
    pub async fn unmerge(&self, caller: &Caller, source: SessionId) -> Result<Session, HubError> {
        let session = self.session(caller, source).await?;
        if let Caller::Customer(_) = caller {
            return Err(HubError::Forbidden("Only the team can merge chats."));
        }
        let Some(merged) = &session.ticket.work.merged_into else {
            return Err(HubError::NotMergeable("It is not merged."));
        };
        let now = self.inner.clock.now();
        let decide =
            |[source, target]: [&Session; 2], _| state::unmerge(source, target, caller, now).map(Some);
        let [source, _] = self.append_to_two(caller, [source, merged.session_id], decide).await?;
        Ok(source)
    }

    async fn append_to_two(
        &self,
        caller: &Caller,
        pair: [SessionId; 2],
        decide: impl FnOnce([&Session; 2], u64) -> Result<Option<Both>, HubError> + Send,
    ) -> Result<[Session; 2], HubError> {
        let clock = &self.inner.clock;
        let mut logs: [Vec<Arc<Entry>>; 2] = Default::default();
        let stored = self.inner.store.append_to_two(pair, |rows, messages| {
            let Some(Both { source, target }) = decide(rows, messages)? else { return Ok(None) };
            let now = clock.now();
            let mut next = None;
            let mut append = |row: &Session, drafts, entries: &mut Vec<Arc<Entry>>| {
                let mut after = row.clone();
                state::extend(&mut after, entries, drafts, &caller.sender(), now, || clock.mint());
                if row.id == pair[0] {
                    next = after.next;
                }
                let change = state::change(&after, entries);
                Append {
                    session: row.id,
                    expected: row.last_seq,
                    entries: entries.clone(),
                    change,
                    exact: true,
                }
            };
            let [source_log, target_log] = &mut logs;
            let appends = [append(rows[0], source, source_log), append(rows[1], target, target_log)];
            Ok(Some(TwoAppends { appends, next }))
        });
        match stored.await {
            Ok(None) => Err(HubError::NotFound),
            Ok(Some(Err(refusal))) => Err(refusal),
            Ok(Some(Ok(rows))) => {
                for (row, entries) in rows.iter().zip(logs) {
                    self.tell_of(row.clone(), entries);
                }
                Ok(rows)
            }
            Err(error) => {
                if error.retryable() {
                    self.tell_later(pair);
                }
                Err(error.into())
            }
        }
    }

    /// Tells those who follow a session, here and on the other nodes, and lists, of what was appended without its actor.
    pub(crate) fn tell_of(&self, row: Session, entries: Vec<Arc<Entry>>) {
        let (id, session) = (row.id, Arc::new(row));
        self.inner.metrics.committed.increment(entries.len() as u64);
        self.inner.inbox.changed(&session);
        // Also where there is none: one that begins now with what somebody read before would not know of it.
        self.registered(id, None).mark_stale();
        if let Some(link) = &self.inner.link {
            let publication = Publication { session, entries };
            link.publish(self.inner.node, Message::Committed(publication));
        }
        self.inner.called_to_duty();
    }

    /// What was not acked may still be stored, and nobody else will tell of it.
    fn tell_later(&self, pair: [SessionId; 2]) {
        let hub = self.clone();
        self.inner.tasks.spawn(async move {
            let stopped = hub.inner.stop.cancelled();
            if tokio::time::timeout(UNCERTAIN, stopped).await.is_ok() {
                return;
            }
            for id in pair {
                // When the store does not answer, the next message in it tells.
                if let Ok(Some(row)) = hub.inner.store.session(id).await {
                    hub.tell_of(row, Vec::new());
                }
            }
        });
    }
}
