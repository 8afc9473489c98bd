//! Which chats there are, where each goes on, and who reads them.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use loadtest::{client::Caller, participant::Participant};
use protocol::{Seq, SessionId};
use rand::{RngExt as _, rngs::StdRng};

/// One customer's chat: a session, and those that continued it when it was closed.
pub(crate) struct Chat {
    pub(crate) number: usize,
    pub(crate) customer: Caller,
    /// The last one is where it goes on.
    pub(crate) sessions: Vec<SessionId>,
    readers: Vec<Arc<Participant>>,
}

/// What happens in a customer's chat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Notes are written, and the chat is not ended: a note into one that went on elsewhere would be refused for good.
    pub(crate) notes: bool,
    /// Only the customer writes, at one node and now and then. Readers elsewhere depend on the link, or on the store in
    /// its place: nothing that they write themselves brings them what they missed.
    pub(crate) quiet: bool,
}

impl Rules {
    pub(crate) const fn of(customer: usize) -> Self {
        Self { notes: customer.is_multiple_of(2), quiet: customer % 3 == 1 }
    }
}

#[derive(Default)]
pub(crate) struct Board(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    chats: Vec<Chat>,
    team: Vec<Arc<Participant>>,
}

impl Board {
    /// A new chat, which the team reads from now on.
    pub(crate) async fn add(
        &self,
        number: usize,
        session: SessionId,
        customer: Caller,
        readers: Vec<Arc<Participant>>,
    ) {
        let team = {
            let mut inner = self.0.lock().unwrap();
            inner.chats.push(Chat { number, customer, sessions: vec![session], readers });
            inner.team.clone()
        };
        follow(&team, session).await;
    }

    /// A chat goes on in another session, if that is news.
    pub(crate) async fn went_on(&self, from: SessionId, to: SessionId) {
        let readers = {
            let mut inner = self.0.lock().unwrap();
            let team = inner.team.clone();
            let Some(chat) = inner.chats.iter_mut().find(|chat| chat.sessions.contains(&from)) else {
                return;
            };
            if chat.sessions.contains(&to) {
                return;
            }
            chat.sessions.push(to);
            [team, chat.readers.clone()].concat()
        };
        follow(&readers, to).await;
    }

    /// One more who reads everything.
    pub(crate) async fn join(&self, member: &Arc<Participant>) {
        let sessions: Vec<_> = {
            let mut inner = self.0.lock().unwrap();
            inner.team.push(member.clone());
            inner.chats.iter().flat_map(|chat| chat.sessions.clone()).collect()
        };
        for session in sessions {
            member.follow(session, Some(Seq::ZERO)).await;
        }
    }

    /// Where a customer's chat goes on.
    pub(crate) fn head(&self, number: usize) -> Option<SessionId> {
        let inner = self.0.lock().unwrap();
        inner.chats.iter().find(|chat| chat.number == number)?.sessions.last().copied()
    }

    /// Any chat that the team writes in; half of the time the first one, so that several do at once.
    pub(crate) fn any(&self, random: &mut StdRng) -> Option<(SessionId, Rules)> {
        let inner = self.0.lock().unwrap();
        let open: Vec<&Chat> = inner.chats.iter().filter(|chat| !Rules::of(chat.number).quiet).collect();
        if open.is_empty() {
            return None;
        }
        let at = if random.random_bool(0.5) { 0 } else { random.random_range(0..open.len()) };
        Some((*open[at].sessions.last()?, Rules::of(open[at].number)))
    }

    /// The sessions of quiet chats.
    pub(crate) fn quiet(&self) -> HashSet<SessionId> {
        let inner = self.0.lock().unwrap();
        let quiet = inner.chats.iter().filter(|chat| Rules::of(chat.number).quiet);
        quiet.flat_map(|chat| chat.sessions.clone()).collect()
    }

    /// Every session, with its customer.
    pub(crate) fn sessions(&self) -> Vec<(SessionId, Caller)> {
        let inner = self.0.lock().unwrap();
        let all = inner.chats.iter();
        all.flat_map(|chat| chat.sessions.iter().map(|&session| (session, chat.customer.clone()))).collect()
    }
}

async fn follow(readers: &[Arc<Participant>], session: SessionId) {
    for reader in readers {
        reader.follow(session, Some(Seq::ZERO)).await;
    }
}
