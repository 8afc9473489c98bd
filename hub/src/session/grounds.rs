//! What some decisions rest on beyond the session's row: an entry of the log, or files, as they are now. They are read from the store
//! once, and followed from there by what this actor hears.

use std::{iter::once, sync::Arc};

use persistence::File;
use protocol::{Audience, Entry, EntryKind, Sender, Seq};

use super::{
    actor::Actor,
    appends::{Landed, Pending},
    state::Action,
};
use crate::Caller;

/// What the store said of it.
pub(super) struct Grounds {
    /// As of which entry.
    as_of: Seq,
    entry: Option<Entry>,
    files: Vec<File>,
}

impl Actor {
    /// Lays before an action what it rests on, with what is about to be appended before it; false if the store is to
    /// be asked first.
    pub(super) fn lay_grounds(&self, pending: &mut Pending, before: &[Arc<Entry>]) -> bool {
        let Pending { caller, action, grounds, .. } = pending;
        match action {
            Action::Amend(amend) => {
                let Some(Grounds { as_of, entry, .. }) = grounds else { return false };
                let Some(since) = self.recent.after(*as_of, Audience::Team) else { return false };
                amend.target.clone_from(entry);
                for later in since.iter().chain(before) {
                    let amended = amend.target.as_ref().and_then(|entry| entry.amended_by(later));
                    amend.target = amended.or(amend.target.take());
                }
                true
            }
            Action::Reply(reply) => {
                let (as_of, found) = match grounds {
                    Some(Grounds { as_of, entry, .. }) => (*as_of, entry.clone()),
                    None => (reply.after, None),
                };
                let Some(since) = self.recent.after(as_of, Audience::Team) else { return false };
                let mut answers = since.iter().chain(before).filter(|entry| is_answer(entry, caller));
                reply.answer = found.or_else(|| answers.next().map(|entry| Entry::clone(entry)));
                true
            }
            Action::Attached(attached) => {
                let Some(Grounds { as_of, entry, files }) = grounds else { return false };
                let Some(since) = self.recent.after(*as_of, Audience::Team) else { return false };
                let later = || since.iter().chain(before);
                let taken = later().flat_map(|entry| entry.attachments.iter().map(|file| file.id));
                attached.taken = taken.collect();
                attached.found.clone_from(files);
                if let Action::Reply(reply) = &mut attached.said {
                    let answer = || later().find(|entry| is_answer(entry, caller));
                    reply.answer = entry.clone().or_else(|| answer().map(|entry| Entry::clone(entry)));
                }
                true
            }
            _ => true,
        }
    }

    /// Asks the store for what an action rests on.
    pub(super) fn start_look_up(&mut self, pending: Pending) {
        let (store, session, as_of) = (self.hub.store.clone(), self.session.id, self.session.last_seq);
        self.appends.flight = Some(Box::pin(async move {
            let (said, files) = match &pending.action {
                Action::Attached(attached) => (&attached.said, attached.files.as_slice()),
                action => (action, [].as_slice()),
            };
            let entry = async || match (said, &pending.caller) {
                (Action::Amend(amend), _) => store.entry(session, amend.entry, Audience::Team).await,
                (Action::Reply(reply), Caller::Agent { agent, .. }) => {
                    store.reply_after(session, reply.after, agent.id).await
                }
                _ => Ok(None),
            };
            let found = async || Ok((entry().await?, store.files(files).await?));
            let outcome = found().await.map(|(entry, files)| Box::new(Grounds { as_of, entry, files }));
            Landed::LookUp { pending, outcome }
        }));
    }

    /// Takes what the store said, and decides.
    pub(super) fn looked_up(&mut self, pending: Pending, grounds: Grounds) {
        self.appends.again(once(Pending { grounds: Some(grounds), ..pending }));
    }
}

/// Whether it is said to the customer by another agent.
fn is_answer(entry: &Entry, caller: &Caller) -> bool {
    let Caller::Agent { agent, .. } = caller else { return false };
    entry.kind == EntryKind::Message && matches!(&entry.sender, Sender::Agent { id, .. } if *id != agent.id)
}
