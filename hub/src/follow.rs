//! Following a session: from a cursor to the live stream, whatever lies between (promise 5).
//!
//! A short gap comes from the actor. A long one is read from the store a page at a time, at the reader's pace, until
//! the actor can take over without a hole. A long-poll does the same for the length of one request.

use std::sync::Arc;

use bytes::Bytes;
use persistence::Session;
use protocol::{Audience, ConnectionId, Entry, EntryId, Seq, ServerFrame, SessionId, encode_entry, limits};
use tokio::time::Instant;

use crate::{
    Answered, Caller, From, Hub, HubError, Inner, Outbound, Snapshot,
    session::{Command, Follow, Followed, Mode, NotTaken},
};

/// Entries of one page from the store.
const PAGE: u32 = 100;

/// A connection, as one that can follow sessions.
#[derive(Debug, Clone)]
pub struct Follower {
    /// The connection.
    pub connection: ConnectionId,
    /// Whose it is.
    pub caller: Caller,
    /// The way out to it.
    pub outbound: Outbound,
    /// Without being seen by anybody; a supervisor's privilege, or it is not heeded.
    pub unseen: bool,
}

/// A session as the store had it a moment ago: who follows it next need not ask again.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// As it was read.
    pub session: Arc<Session>,
    /// When the store was asked, or before.
    pub asked_at: Instant,
}

/// One step from a cursor towards the live stream.
#[derive(Debug)]
pub enum Step {
    /// Arrived: all that was missing is in the queue, and what comes next will be.
    Live,
    /// Write these frames, then take the next step from there.
    Page {
        /// An `opened` frame if this was the first step, else `entry` frames.
        frames: Vec<Bytes>,
        /// The cursor after them.
        next: From,
    },
}

/// A session as one long-poll finds it.
#[derive(Debug)]
pub struct Polled {
    /// The session and its signals.
    pub snapshot: Snapshot,
    /// The cursor could not be served: the entries are the last ones.
    pub reset: bool,
    /// The cursor for the next request.
    pub cursor: Seq,
}

/// The `opened` frame: `after` is the cursor that was served, `None` for "the last entries".
pub(crate) fn opened_frame(
    hub: &Inner,
    session: &Session,
    audience: Audience,
    entries: &[Arc<Entry>],
    after: Option<Seq>,
    reset: bool,
) -> Bytes {
    let before_first = match (entries.first(), after) {
        (Some(first), _) => first.seq > Seq::new(1),
        (None, Some(after)) => after > Seq::ZERO,
        (None, None) => false,
    };
    let frame = ServerFrame::Opened {
        session: hub.rules.summary(session, audience),
        entries: entries.iter().map(|entry| hub.signed(entry).into_owned()).collect(),
        more: before_first,
        reset,
    };
    Bytes::from(frame.encode())
}

impl Hub {
    /// Takes one step of following `session`; `first` until a page was written.
    ///
    /// # Errors
    /// Not there, or not the caller's to see; or the store does not answer.
    pub async fn follow(
        &self,
        follower: &Follower,
        session: SessionId,
        from: From,
        first: bool,
    ) -> Result<Step, HubError> {
        self.follow_knowing(follower, session, from, first, None).await
    }

    /// The same, with what was just read of the session.
    ///
    /// # Errors
    /// As [`Hub::follow`].
    pub async fn follow_knowing(
        &self,
        follower: &Follower,
        session: SessionId,
        from: From,
        first: bool,
        fresh: Option<Fresh>,
    ) -> Result<Step, HubError> {
        let mode = if first { Mode::Open } else { Mode::CatchUp };
        let (row, reset) = match self.ask_to_follow(follower, session, from, mode, fresh).await? {
            Followed::Live(_) => return Ok(Step::Live),
            Followed::Behind { session, reset } => (session, reset),
        };
        let audience = follower.caller.audience();
        let (entries, cursor) = self.page(&row, from, reset, audience).await?;
        let frames = if first {
            let after = match from {
                From::After { seq, .. } if !reset => Some(seq),
                From::After { .. } | From::Latest(_) => None,
            };
            vec![opened_frame(&self.inner, &row, audience, &entries, after, reset)]
        } else {
            let encoded = |entry: &Arc<Entry>| encode_entry(session, &self.inner.signed(entry)).into();
            entries.iter().map(encoded).collect()
        };
        Ok(Step::Page { frames, next: From::After { seq: cursor, epoch: None } })
    }

    /// The first step of following a session from its last entries, by somebody who has just read it and them, in this
    /// order, and may see it.
    pub fn begin(&self, audience: Audience, session: &Session, latest: &[Arc<Entry>]) -> Step {
        let cursor = latest.last().map_or(session.last_seq, |last| last.seq.max(session.last_seq));
        Step::Page {
            frames: vec![opened_frame(&self.inner, session, audience, latest, None, false)],
            next: From::After { seq: cursor, epoch: None },
        }
    }

    /// Answers a send that is not to be done, as [`Hub::send`] would.
    pub fn refuse(&self, follower: &Follower, session: SessionId, id: EntryId, why: HubError) {
        follower.outbound.answer(Answered { id, session, done: Err(why) });
    }

    /// Stops following.
    pub fn leave(&self, connection: ConnectionId, session: SessionId) {
        // Only to an actor that lives: a session without one has no followers.
        let live = self.inner.sessions.get(&session).map(|handle| handle.clone());
        if let Some(handle) = live
            && let Err(NotTaken::Full(command)) =
                handle.tell(Command::Leave { connection, asked: Instant::now() })
        {
            // A follower that stays would be taken for present, and hold the session in memory, for ever.
            self.inner.tasks.spawn(async move { handle.tell_patiently(command).await });
        }
    }

    /// What a long-poll finds at once. If that is nothing new, the connection follows from here, and its queue
    /// wakes the request; it must leave in the end.
    ///
    /// # Errors
    /// Not there, or not the caller's to see; or the store does not answer.
    pub async fn poll(
        &self,
        follower: &Follower,
        session: SessionId,
        from: From,
    ) -> Result<Polled, HubError> {
        let audience = follower.caller.audience();
        let mut from = from;
        loop {
            let (row, reset) = match self.ask_to_follow(follower, session, from, Mode::Quiet, None).await? {
                Followed::Live(snapshot) => {
                    let cursor = snapshot.session.last_seq;
                    let reset = matches!(from, From::Latest(_));
                    return Ok(Polled { snapshot: *snapshot, reset, cursor });
                }
                Followed::Behind { session, reset } => (session, reset),
            };
            let reset = reset || matches!(from, From::Latest(_));
            let (entries, cursor) = self.page(&row, from, reset, audience).await?;
            if entries.is_empty() && !reset {
                // All that lay between is hidden from this reader.
                from = From::After { seq: cursor, epoch: None };
                continue;
            }
            let mut snapshot = self.look(&follower.caller, session, None).await?;
            snapshot.entries = entries;
            return Ok(Polled { snapshot, reset, cursor });
        }
    }

    /// The session and what came after `after`, at this moment.
    ///
    /// # Errors
    /// Not there, or not the caller's to see (any more); or the store does not answer.
    pub async fn poll_again(
        &self,
        caller: &Caller,
        session: SessionId,
        after: Seq,
    ) -> Result<Polled, HubError> {
        let mut snapshot = self.look(caller, session, Some(after)).await?;
        let mut cursor = snapshot.session.last_seq.max(after);
        if snapshot.entries.is_empty() && after < snapshot.session.last_seq {
            let from = From::After { seq: after, epoch: None };
            let row = snapshot.session.clone();
            (snapshot.entries, cursor) = self.page(&row, from, false, caller.audience()).await?;
        }
        Ok(Polled { snapshot, reset: false, cursor })
    }

    async fn look(
        &self,
        caller: &Caller,
        session: SessionId,
        after: Option<Seq>,
    ) -> Result<Snapshot, HubError> {
        let caller = caller.clone();
        self.ask(session, |reply| Command::Look { caller, after, reply }).await
    }

    async fn ask_to_follow(
        &self,
        follower: &Follower,
        session: SessionId,
        from: From,
        mode: Mode,
        fresh: Option<Fresh>,
    ) -> Result<Followed, HubError> {
        let Follower { connection, caller, outbound, unseen } = follower.clone();
        let unseen = unseen && caller.supervises();
        self.ask_knowing(session, fresh, |reply| Command::Follow {
            follow: Follow { caller, connection, outbound, unseen, from, mode, asked: Instant::now() },
            reply,
        })
        .await
    }

    /// A page from the store, and the cursor after it. `row` was read before the page, so that a short page holds
    /// all that is visible up to the row's last seq.
    async fn page(
        &self,
        row: &Session,
        from: From,
        reset: bool,
        audience: Audience,
    ) -> Result<(Vec<Arc<Entry>>, Seq), HubError> {
        let store = &self.inner.store;
        let (entries, full) = match from {
            From::After { seq, .. } if !reset => {
                let entries = store.entries_after(row.id, seq, PAGE, audience).await?;
                let full = entries.len() == PAGE as usize;
                (entries, full)
            }
            From::Latest(limit) => (store.entries_before(row.id, None, limit, audience).await?, false),
            From::After { .. } => {
                (store.entries_before(row.id, None, limits::OPEN_ENTRIES, audience).await?, false)
            }
        };
        let last = entries.last().map(|entry| entry.seq);
        let cursor = match last {
            Some(last) if full => last,
            Some(last) => last.max(row.last_seq),
            None => row.last_seq,
        };
        Ok((entries.into_iter().map(Arc::new).collect(), cursor))
    }
}
