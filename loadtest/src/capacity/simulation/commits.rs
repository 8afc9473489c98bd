//! The way into the store: log writers, row locks, Postgres' cores, its disk.

use rand::RngExt;

use super::{
    events::Event,
    node::Row,
    people::{EntryId, NodeId, Person},
    servers::{Nanos, nanos},
    world::{ACK, DECIDE, World},
};

/// From a node's death until the others ask the store for what it committed last: three beats, and a little.
const NOTICED_S: f64 = 1.0;
/// The pause of a client whose send was refused: so long and as much again at random (web/src/client/outbox.ts).
const REFUSED_S: f64 = 1.0;

impl World {
    pub(super) fn decided(&mut self, now: Nanos, id: EntryId, node: NodeId) {
        if !self.node(node).alive {
            // The sender sends again, when they are back.
            return self.send(now, id);
        }
        if self.entry(id).stored {
            // A twin of what is there: acked, and nothing else.
            return self.events.at(now, Event::Told(id, node));
        }
        let session = self.entry(id).session;
        #[expect(clippy::cast_precision_loss, reason = "far fewer")]
        if self.node(node).writer.waiting() as f64 >= self.plan.server.writer_queue {
            self.outcome.refused += 1;
            let pause = REFUSED_S * (1.0 + self.random.random::<f64>());
            return self.events.at(now + nanos(pause), Event::Send(id));
        }
        self.write(now, node, Row::Append(id, session));
    }

    pub(super) fn read(&mut self, now: Nanos, session: Person) {
        if let Some(node) = self.people.node_of(session) {
            self.write(now, node, Row::Mark(session));
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a batch of hundreds")]
    fn most(&self) -> usize {
        (self.plan.server.writer_batch as usize).max(1)
    }

    fn write(&mut self, now: Nanos, node: NodeId, row: Row) {
        let most = self.most();
        if self.node(node).writer.push(row, most) {
            self.events.at(now + self.half_way, Event::Arrived(node));
        }
    }

    /// A statement is at Postgres: it waits for rows that another holds, and takes all of its own at once.
    pub(super) fn arrived(&mut self, now: Nanos, node: NodeId) {
        let statement = std::mem::take(&mut self.node(node).writer.statement);
        let held_by = |row: &Row| self.locks.get(&row.session()).copied();
        let holder = statement.iter().find_map(held_by);
        if let Some(holder) = holder {
            for row in &statement {
                if let Row::Append(id, session) = row
                    && self.locks.contains_key(session)
                {
                    self.overtaken.insert(*id);
                }
            }
            self.node(node).writer.statement = statement;
            self.blocked.entry(holder).or_default().push(node);
            return;
        }
        let costs = &self.plan.costs;
        let mut service = costs.store_commit_us.us();
        for row in &statement {
            self.locks.insert(row.session(), node);
            service += match row {
                Row::Append(..) => costs.store_row_us.us(),
                Row::Mark(_) => costs.store_mark_us.us(),
            };
        }
        self.rows += statement.len() as u64;
        self.statements += 1;
        self.node(node).writer.statement = statement;
        let computed = self.store.visit(now, service);
        self.events.at(computed, Event::Computed(node));
    }

    /// A statement is on the disk, and its writer has the answer.
    pub(super) fn committed(&mut self, now: Nanos, node: NodeId) {
        let statement = std::mem::take(&mut self.node(node).writer.statement);
        for row in &statement {
            self.locks.remove(&row.session());
        }
        for blocked in self.blocked.remove(&node).unwrap_or_default() {
            self.events.at(now, Event::Arrived(blocked));
        }
        let (commit, ack) = (self.plan.costs.commit_us.us(), self.part(ACK));
        let alive = self.node(node).alive;
        if alive {
            self.node(node).cores.visit(now, commit);
        }
        for row in statement {
            match row {
                Row::Append(id, _) if self.overtaken.remove(&id) => self.decide_again(now, id, node),
                Row::Append(id, _) => {
                    let entry = self.entry(id);
                    (entry.stored, entry.node) = (true, node);
                    let told = if alive { self.node(node).cores.visit(now, ack) } else { now };
                    self.events.at(told, Event::Told(id, node));
                }
                Row::Mark(_) if alive => self.marked(now, node),
                Row::Mark(_) => {}
            }
        }
        let most = self.most();
        if alive && self.node(node).writer.go_on(most) {
            self.events.at(now + self.half_way, Event::Arrived(node));
        }
    }

    /// Another node's append came first: what was missed is read, and the command decided again.
    fn decide_again(&mut self, now: Nanos, id: EntryId, node: NodeId) {
        self.outcome.moved_on += 1;
        let (read, decide) = (self.plan.costs.store_read_us.us(), self.part(DECIDE));
        let read = self.store.visit(now, read) + 2 * self.half_way;
        // What deciding takes is small against the reading.
        self.events.at(read + nanos(decide), Event::Decided(id, node));
    }

    /// A read position is stored: the other side's node and all lists are told.
    fn marked(&mut self, now: Nanos, node: NodeId) {
        let others = self.nodes.len();
        self.publish(now, node, None);
        if others > 1 {
            let other = self.random.random_range(0..others);
            if other != usize::from(node) && self.nodes[other].alive {
                let costs = &self.plan.costs;
                let (hear, deliver) = (costs.hear_us.us(), costs.redis_deliver_us.us());
                self.redis.visit(now, deliver);
                self.nodes[other].hearing.visit(now, hear);
            }
        }
    }

    /// A node died before it could tell of what it had committed: its sender sends again, and the others ask.
    pub(super) fn untold(&mut self, now: Nanos, id: EntryId) {
        if !self.entry(id).acked {
            self.send(now, id);
        }
        if self.entry(id).stored && !self.entry(id).delivered {
            let pause = NOTICED_S + self.random.random::<f64>() * self.plan.server.ask_s;
            self.events.at(now + nanos(pause), Event::Asked(id));
        }
    }
}
