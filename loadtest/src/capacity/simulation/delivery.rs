//! The way to the reader: from a commit through the link to the other node, and to agents' lists everywhere.

use rand::RngExt;

use super::{
    events::Event,
    people::{EntryId, NodeId},
    servers::{Nanos, nanos},
    world::{Entry, HAND, Kind, World},
};

impl World {
    pub(super) fn told(&mut self, now: Nanos, id: EntryId, node: NodeId) {
        let (sent_at, delivered) = (self.entry(id).sent_at, self.entry(id).delivered);
        if !self.node(node).alive {
            return self.untold(now, id);
        }
        if !std::mem::replace(&mut self.entry(id).acked, true) {
            self.outcome.acked += 1;
            match &mut self.returns {
                Some(returns) => returns.ack.took(sent_at, now),
                None => self.ack.took(sent_at, now),
            }
        }
        let reader = self.reader(id);
        let at = self.people.node_of(reader);
        self.publish(now, node, at.filter(|at| *at != node).is_some().then_some(id));
        match at {
            _ if delivered => {}
            None => self.waits_for_reader(id),
            Some(at) if at == node => self.events.at(now, Event::Handed(id, node)),
            Some(_) => {}
        }
    }

    /// Tells the other nodes, if there are any; `id` is passed on to its reader.
    pub(super) fn publish(&mut self, now: Nanos, node: NodeId, id: Option<EntryId>) {
        if self.nodes.len() < 2 {
            return;
        }
        let costs = &self.plan.costs;
        let hearing = if id.is_some() { 2.0 } else { 1.0 };
        let service = costs.redis_publish_us.us() + hearing * costs.redis_deliver_us.us();
        let echo = costs.echo_us.us();
        let passed = self.redis.visit(now, service) + 2 * self.half_way;
        self.node(node).hearing.visit(now, echo);
        if let Some(id) = id {
            self.events.at(passed, Event::Passed(id, node));
        }
        self.changed(now, node);
    }

    pub(super) fn waits_for_reader(&mut self, id: EntryId) {
        let reader = self.reader(id);
        self.entry(id).waited = true;
        self.people.away(reader).to_read.push(id);
    }

    pub(super) fn passed(&mut self, now: Nanos, id: EntryId, from: NodeId) {
        let reader = self.reader(id);
        let Some(node) = self.people.node_of(reader) else { return self.waits_for_reader(id) };
        if node == from {
            return self.events.at(now, Event::Handed(id, node));
        }
        let (hear, pushes) = (self.plan.costs.hear_us.us(), self.plan.server.pushes);
        let hearing = &mut self.node(node).hearing;
        if hearing.wait_s(now) > pushes * hear {
            self.outcome.link_lost += 1;
            let pause = self.random.random::<f64>() * self.plan.server.ask_s;
            return self.events.at(now + nanos(pause), Event::Asked(id));
        }
        let heard = hearing.visit(now, hear);
        self.events.at(heard, Event::Handed(id, node));
    }

    pub(super) fn asked(&mut self, now: Nanos, id: EntryId) {
        let reader = self.reader(id);
        if self.entry(id).delivered {
            return;
        }
        let service = self.plan.costs.store_read_us.us();
        let read = self.store.visit(now, service) + 2 * self.half_way;
        match self.people.node_of(reader) {
            None => self.waits_for_reader(id),
            Some(node) => self.events.at(read, Event::Handed(id, node)),
        }
    }

    pub(super) fn handed(&mut self, now: Nanos, id: EntryId, node: NodeId) {
        let reader = self.reader(id);
        if self.entry(id).delivered {
            return;
        }
        match self.people.node_of(reader) {
            None => return self.waits_for_reader(id),
            // They came back to another one meanwhile.
            Some(at) if at != node => return self.events.at(now, Event::Handed(id, at)),
            Some(_) => {}
        }
        let service = self.part(HAND);
        let shown = self.node(node).cores.visit(now, service);
        let entry = self.entry(id);
        entry.delivered = true;
        let Entry { sent_at, session, kind, waited, node: committed_at, .. } = *entry;
        self.outcome.delivered += 1;
        if !waited {
            match (&mut self.returns, committed_at == node) {
                (None, true) => self.delivery.took(sent_at, shown),
                (None, false) => self.across.took(sent_at, shown),
                (Some(returns), false) => returns.across.took(sent_at, shown),
                (Some(_), true) => {}
            }
        }
        if kind == Kind::Change || shown >= self.until {
            return;
        }
        let work = self.plan.workload.clone();
        if self.random.random::<f64>() < work.marks_per_message {
            let read = shown + self.exponential(work.read_seconds);
            self.events.at(read, Event::Read(session));
        }
        if kind == Kind::Customer {
            let mut replies = work.replies;
            while replies > 0.0 && self.random.random::<f64>() < replies {
                let answered = shown + self.exponential(work.think_seconds);
                self.new_entry(answered, session, Kind::Agent);
                replies -= 1.0;
            }
        }
    }

    /// A chat changed, which lists everywhere must know: at once after a quiet time, else with the others.
    pub(super) fn changed(&mut self, now: Nanos, node: NodeId) {
        let state = self.node(node);
        state.changed += 1;
        if state.changed == 1 {
            let at = state.summaries_due.max(now);
            self.events.at(at, Event::Summaries(node));
        }
    }

    pub(super) fn summaries(&mut self, now: Nanos, node: NodeId) {
        let looks = nanos(self.plan.server.list_looks_s);
        let state = self.node(node);
        let changed = f64::from(std::mem::take(&mut state.changed));
        state.summaries_due = now + looks;
        if !state.alive {
            return;
        }
        let costs = &self.plan.costs;
        #[expect(clippy::cast_precision_loss, reason = "far fewer")]
        let nodes = self.nodes.iter().filter(|node| node.alive).count() as f64;
        self.redis.visit(now, changed * (costs.redis_publish_us.us() + nodes * costs.redis_deliver_us.us()));
        for (other, heard) in (0..).zip(&mut self.nodes).filter(|(_, heard)| heard.alive) {
            let hear = if other == node { 0.0 } else { costs.hear_us.us() };
            heard.hearing.visit(now, changed * hear);
        }
    }
}
