//! What a participant has seen, for those who wait for it.

use std::{collections::BTreeMap, fmt};

use protocol::{Entry, Seq, SessionId, SessionSummary, Status, View, ViewName, You};
use uuid::Uuid;

/// A session as a participant has it.
#[derive(Debug, Clone, Default)]
pub struct Chat {
    /// In order, each once.
    pub entries: Vec<Entry>,
    /// Everything visible up to here is in `entries`, from wherever they begin.
    pub cursor: Option<Seq>,
    /// The newest summary.
    pub summary: Option<SessionSummary>,
    /// How often the server could not serve the cursor.
    pub resets: u32,
}

/// Everything that a participant has seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// By session.
    pub chats: BTreeMap<SessionId, Chat>,
    /// The lists that are watched; the order is the server's at first, later that of arrival.
    pub lists: Vec<(View, Vec<SessionSummary>)>,
    /// Connected now.
    pub connected: bool,
    /// How many connections there were so far.
    pub links: u64,
    /// Came into a list of which the server tells what is in it; its summary is still to come.
    pub(super) awaited: Vec<(View, SessionId)>,
    /// Why the participant will not come back.
    pub gave_up: Option<String>,
    /// Who the server takes it for.
    pub you: Option<You>,
}

impl Seen {
    /// A session, if it was opened.
    pub fn chat(&self, session: SessionId) -> Option<&Chat> {
        self.chats.get(&session)
    }

    /// A list, if it was answered.
    pub fn list(&self, view: &View) -> Option<&[SessionSummary]> {
        self.lists.iter().find(|(of, _)| of == view).map(|(_, sessions)| sessions.as_slice())
    }

    /// Replaces a list.
    pub(super) fn listed(&mut self, view: View, sessions: Vec<SessionSummary>) {
        self.lists.retain(|(of, _)| *of != view);
        self.lists.push((view, sessions));
    }

    /// A session came into a list of which the server tells what is in it.
    pub(super) fn added(&mut self, view: View, session: SessionId) {
        self.awaited.push((view, session));
    }

    /// A session left a list.
    pub(super) fn removed(&mut self, view: &View, session: SessionId) {
        for (of, sessions) in &mut self.lists {
            if of == view {
                sessions.retain(|summary| summary.id != session);
            }
        }
    }

    /// A session changed: it is renewed where it is listed, and joins the lists that it belongs to now.
    /// Leaving is told by the server (`removed`).
    pub(super) fn changed(&mut self, summary: &SessionSummary) {
        let me = self.you.as_ref().map(|you| you.id);
        for (view, sessions) in &mut self.lists {
            let listed = sessions.iter().any(|held| held.id == summary.id);
            let told = || self.awaited.iter().any(|(of, id)| of == view && *id == summary.id);
            if !listed && (belongs(view, summary, me) || told()) {
                sessions.push(summary.clone());
            }
        }
        self.awaited.retain(|(_, id)| *id != summary.id);
        self.renewed(summary);
    }

    /// A session as it is now, from elsewhere than the lists: it joins none, since the server, which may not have
    /// told of it there, would never say that it left.
    pub(super) fn renewed(&mut self, summary: &SessionSummary) {
        let listed = self.lists.iter_mut().flat_map(|(_, sessions)| sessions);
        for held in listed.filter(|held| held.id == summary.id && held.version <= summary.version) {
            *held = summary.clone();
        }
        if let Some(chat) = self.chats.get_mut(&summary.id)
            && chat.summary.as_ref().is_none_or(|held| held.version <= summary.version)
        {
            chat.summary = Some(summary.clone());
        }
    }
}

/// Whether a session belongs to a list, by what anybody can see of it.
fn belongs(view: &View, summary: &SessionSummary, me: Option<Uuid>) -> bool {
    let live = matches!(summary.status, Status::Open | Status::InProgress);
    let holder = summary.assignee.as_ref().map(|agent| agent.id.uuid());
    let snoozed = summary.ticket.as_ref().is_some_and(|ticket| ticket.snoozed_until.is_some());
    let View::Named(name) = view else { return false };
    match name {
        ViewName::Mine => live && !snoozed && holder.is_some() && holder == me,
        ViewName::Unassigned => live && !snoozed && holder.is_none(),
        ViewName::Waiting => live && !snoozed && summary.waiting_since.is_some(),
        ViewName::Snoozed => live && snoozed,
        ViewName::Mentions => false,
        ViewName::All => true,
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} links, {}", self.links, if self.connected { "connected" } else { "not connected" })?;
        if let Some(why) = &self.gave_up {
            write!(f, ", gave up: {why}")?;
        }
        for (session, chat) in &self.chats {
            let cursor = chat.cursor.unwrap_or_default();
            write!(f, "\n  {session}: {} entries up to {cursor}", chat.entries.len())?;
            for entry in chat.entries.iter().rev().take(5).rev() {
                write!(f, "\n    {} {:?} {:?}", entry.seq, entry.kind, entry.body)?;
            }
        }
        for (view, sessions) in &self.lists {
            write!(f, "\n  {view:?}: {} sessions", sessions.len())?;
        }
        Ok(())
    }
}
