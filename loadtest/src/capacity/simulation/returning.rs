//! A node dies, and those who were connected to it come back to the others.

use rand::RngExt;

use super::{
    events::Event,
    node::Row,
    outcome::{Returns, Times},
    people::{NodeId, Person},
    servers::{Nanos, nanos, seconds},
    world::World,
};

/// Of the cost of a connection: up to its hello, and after the store was asked.
const HELLO: f64 = 0.7;
const WELCOME: f64 = 0.3;
/// What a refusal asks a client to wait, before its own pause.
const RETRY_AFTER_S: f64 = 1.0;

impl World {
    pub(super) fn dies(&mut self, now: Nanos, node: NodeId) {
        self.measure(now);
        let (Some(back), Some(ack), Some(across)) = (Times::new(), Times::new(), Times::new()) else {
            return;
        };
        let cut_off = self.people.cut_off(node);
        self.returns = Some(Returns {
            at: now,
            clients: cut_off.len() as u64,
            failed_tries: 0,
            last: None,
            back,
            ack,
            across,
        });
        #[expect(clippy::cast_precision_loss, reason = "far fewer")]
        let nodes = self.nodes.len() as f64;
        for other in &mut self.nodes {
            other.cores.more_background(nodes / (nodes - 1.0));
        }
        let dead = self.node(node);
        dead.alive = false;
        let unwritten = dead.writer.abandon();
        dead.waiting.clear();
        for row in unwritten {
            if let Row::Append(id, _) = row {
                self.send(now, id);
            }
        }
        for person in cut_off {
            self.tries_later(now, person);
        }
    }

    fn tries_later(&mut self, now: Nanos, person: Person) {
        let pause = self.people.pause(person, &self.plan.server, &mut self.random);
        self.events.at(now + pause, Event::Tries(person));
    }

    pub(super) fn tries(&mut self, now: Nanos, person: Person) {
        self.people.tries(person, now);
        let alive: Vec<NodeId> =
            (0..).zip(&self.nodes).filter(|(_, node)| node.alive).map(|(node, _)| node).collect();
        let node = alive[self.random.random_range(0..alive.len())];
        let service = self.plan.costs.accept_us.us() * HELLO;
        let done = self.node(node).cores.visit(now, service);
        self.events.at(done, Event::Accepted(person, node));
    }

    pub(super) fn accepted(&mut self, now: Nanos, person: Person, node: NodeId) {
        #[expect(clippy::cast_precision_loss, reason = "far fewer")]
        if (self.node(node).reading as f64) < self.plan.server.pool {
            self.asks_store(now, person, node);
        } else {
            self.node(node).waiting.push_back((person, now));
        }
    }

    fn asks_store(&mut self, now: Nanos, person: Person, node: NodeId) {
        self.node(node).reading += 1;
        let reads = self.plan.server.reads_per_connect;
        let answered = self.store.visit(now, reads * self.plan.costs.store_read_us.us());
        let round_trips = nanos(reads * self.plan.machine.round_trip_ms * 1e-3);
        self.events.at(answered + round_trips, Event::Known(person, node));
    }

    pub(super) fn known(&mut self, now: Nanos, person: Person, node: NodeId) {
        let service = self.plan.costs.accept_us.us() * WELCOME;
        let state = self.node(node);
        state.reading -= 1;
        let done = state.cores.visit(now, service);
        self.events.at(done, Event::Welcome(person, node));
        while let Some((next, since)) = self.node(node).waiting.pop_front() {
            if seconds(now - since) <= self.plan.server.acquire_s {
                self.asks_store(now, next, node);
                break;
            }
            self.failed();
            self.tries_later(now + nanos(RETRY_AFTER_S), next);
        }
    }

    fn failed(&mut self) {
        if let Some(returns) = &mut self.returns {
            returns.failed_tries += 1;
        }
    }

    pub(super) fn welcome(&mut self, now: Nanos, person: Person, node: NodeId) {
        let given_up_at = self.people.tried_at(person) + nanos(self.plan.server.welcome_s);
        if now > given_up_at {
            // The client had given up by then, and the work was in vain.
            self.failed();
            let pause = self.people.pause(person, &self.plan.server, &mut self.random);
            return self.events.at((given_up_at + pause).max(now), Event::Tries(person));
        }
        let away = self.people.back(person, node);
        if let Some(returns) = &mut self.returns {
            returns.back.took(returns.at, now);
            returns.last = returns.last.max(Some(now));
        }
        for id in away.to_read {
            self.events.at(now, Event::Handed(id, node));
        }
        for id in away.to_send {
            self.send(now, id);
        }
    }
}
