//! Saved views: who is told that they changed. They are kept by the store, and read by the inbox.

use protocol::{AgentId, Notification, ServerFrame, ViewId};

use crate::{Hub, Inner, link::Message};

impl Hub {
    /// Tells, here and on the other nodes, that saved views are not what they were: to `of`, whose they are, or to
    /// everybody. `changed` asks for something else now, or is gone: whoever watches it is given what it is.
    pub fn views_changed(&self, of: Option<AgentId>, changed: Option<ViewId>) {
        self.inner.views_changed(of, changed);
        if let Some(link) = &self.inner.link {
            link.publish(self.inner.node, Message::Views { of, changed });
        }
    }
}

impl Inner {
    /// The same on this node alone.
    pub(crate) fn views_changed(&self, of: Option<AgentId>, changed: Option<ViewId>) {
        if let Some(view) = changed {
            self.inbox.view_changed(view);
        }
        let frame = || ServerFrame::ViewsChanged.encode().into();
        match of {
            Some(agent) => self.people.tell_one(agent, frame),
            None => self.people.tell(&frame()),
        }
    }

    /// An agent is told something in person, on this node.
    pub(crate) fn told(&self, agent: AgentId, notification: &Notification) {
        // Of whatever kind it is: beyond so many, it takes the place of an older one.
        self.inbox.notified(agent);
        self.people.notify(agent, notification);
    }
}
