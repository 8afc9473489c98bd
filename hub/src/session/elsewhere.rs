//! The session as other nodes tell of it: what they committed, what they signal, and what they are told.

use std::{sync::Arc, time::Duration};

use persistence::NodeId;
use protocol::{Seq, SessionId};
use tokio::time::Instant;

use super::actor::Actor;
use crate::{Caller, HubError, Link, Message, Publication, Signal};

/// How long what the store said is taken for true without being told of changes.
const FRESH: Duration = Duration::from_millis(500);

/// The session's place on the link; given up when dropped.
pub(super) struct Following {
    link: Arc<dyn Link>,
    session: SessionId,
}

impl Following {
    fn begin(link: &Arc<dyn Link>, session: SessionId) -> Self {
        link.follow(session);
        Self { link: link.clone(), session }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.link.unfollow(self.session);
    }
}

impl Actor {
    /// Keeps the link and whoever looks from outside true to what is here.
    pub(super) fn tell_nodes(&mut self) {
        let followed = !self.followers.nobody();
        self.known.set(&self.session, followed);
        let Some(link) = &self.hub.link else { return };
        let id = self.session.id;
        if followed && self.following.is_none() {
            self.following = Some(Following::begin(link, id));
        } else if !followed && self.following.take().is_some() {
            self.followers.forget_elsewhere();
        }
        for signal in self.followers.take_signals() {
            link.publish(self.hub.node, Message::Signal { session: id, signal });
        }
    }

    /// Refuses who may not see the session. Where another node may have changed it unheard, or tells of it in this
    /// moment, the store is asked first. What a customer may see never changes, so no stranger can make us ask.
    pub(super) async fn admit(&mut self, caller: &Caller) -> Result<(), HubError> {
        let unheard = self.following.is_none() && self.asked_at.elapsed() > FRESH;
        let refused = matches!(caller, Caller::Agent { .. }) && !caller.may_see(&self.session);
        if self.hub.link.is_some() && (unheard || refused) {
            self.catch_up().await?;
        }
        if caller.may_see(&self.session) { Ok(()) } else { Err(HubError::NotFound) }
    }

    /// Takes what another node committed, if it is next; beyond a gap, waits for the gap or reads it.
    pub(super) async fn remote(&mut self, publication: Publication) {
        if self.following.is_none() {
            // Nobody here waits for it; who comes is told by the store.
            return self.hub.inbox.changed(&publication.session);
        }
        let first = publication.entries.first().map(|entry| entry.seq);
        if first == Some(self.session.last_seq.next()) {
            for entry in &publication.entries {
                self.advance(entry);
            }
        }
        let last = publication.entries.last().map_or(Seq::ZERO, |entry| entry.seq);
        if publication.session.last_seq.max(last) > self.session.last_seq {
            if self.keep_ahead(&publication) {
                return;
            }
            // A failure is tried again by the clock.
            let _ = self.catch_up().await;
            return;
        }
        if publication.session.version > self.session.version
            && publication.session.last_seq == self.session.last_seq
        {
            self.adopt(&publication.session);
        }
        self.hub.inbox.changed(&self.session);
    }

    /// Takes what another node signals.
    pub(super) fn signalled(&mut self, from: NodeId, signal: Signal) {
        let now = Instant::now();
        match signal {
            Signal::Typing { who, on } => self.followers.set_typing(&self.session, &who, on, now),
            Signal::Read { who, seq } => {
                // The node where it was read stores it.
                let session = Arc::make_mut(&mut self.session);
                let (seq, position) = (seq.min(session.last_seq), session.read.of_mut(who.kind));
                if *position < seq {
                    *position = seq;
                    self.followers.read(&self.session, who);
                }
            }
            Signal::Delivered { side, seq } => self.followers.delivered_elsewhere(&self.session, side, seq),
            Signal::Here { people, asks } => {
                self.followers.here_elsewhere(&self.session, from, people, now);
                if asks {
                    self.followers.say_who_is_here();
                }
            }
        }
    }
}
