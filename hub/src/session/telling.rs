//! Who is told of what was committed, beside those who follow the session: lists, other nodes, and agents in person.

use std::sync::Arc;

use protocol::{Entry, Notification};

use super::actor::Actor;
use crate::{Message, Publication};

impl Actor {
    /// Tells lists and other nodes what the session is like now.
    pub(super) fn changed(&self, entries: Vec<Arc<Entry>>) {
        self.hub.inbox.changed(&self.session);
        for entry in &entries {
            self.notify(entry);
        }
        if entries.iter().any(|entry| entry.event.is_some()) {
            self.hub.called_to_duty();
        }
        if let Some(link) = &self.hub.link {
            let publication = Publication { session: self.session.clone(), entries };
            link.publish(self.hub.node, Message::Committed(publication));
        }
    }

    /// Tells in person whom an entry is for. Whoever is not connected finds it in the store.
    fn notify(&self, entry: &Entry) {
        for (agent, kind) in entry.notifies() {
            let notification = Notification {
                kind,
                session: self.session.id,
                seq: entry.seq,
                number: self.session.number,
                contact: self.session.contact.name.clone(),
                from: entry.sender.clone(),
                preview: entry.preview(),
                created_at: entry.created_at,
                read_at: None,
            };
            self.hub.told(agent, &notification);
            if let Some(link) = &self.hub.link {
                link.publish(self.hub.node, Message::Told { agent, notification: notification.into() });
            }
        }
    }
}
