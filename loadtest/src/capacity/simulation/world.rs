//! The cluster and its people, and the way of an entry through it.

use std::collections::{HashMap, HashSet};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    Options,
    events::{Event, Events},
    node::{LogWriter, Node},
    outcome::{Outcome, Returns, Times, Used},
    people::{EntryId, NodeId, People, Person},
    servers::{Flush, Nanos, Workers, nanos, seconds},
};
use crate::capacity::{answer::Answer, load::Load, plan::Plan};

/// Of the time that a message costs its node: reading and deciding it, acking it, handing it to the reader.
pub(super) const DECIDE: f64 = 0.4;
pub(super) const ACK: f64 = 0.3;
pub(super) const HAND: f64 = 0.3;
/// Events after which a simulation is given up: minutes of computing.
const MOST_EVENTS: u64 = 400_000_000;
/// What is still on its way at the end may take so long.
const DRAIN_S: f64 = 600.0;

/// Who an entry is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Customer,
    Agent,
    /// The agent's doing, and no message: nobody answers it.
    Change,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) sent_at: Nanos,
    /// Named by its customer.
    pub(super) session: Person,
    pub(super) kind: Kind,
    pub(super) stored: bool,
    pub(super) acked: bool,
    pub(super) delivered: bool,
    /// It waited for a reader who was away: that says nothing about the cluster.
    pub(super) waited: bool,
    /// Where it was committed.
    pub(super) node: NodeId,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) random: StdRng,
    pub(super) events: Events,
    pub(super) people: People,
    pub(super) nodes: Vec<Node>,
    pub(super) redis: Workers,
    pub(super) store: Workers,
    pub(super) disk: Flush,
    /// Which node's statement holds a session's row.
    pub(super) locks: HashMap<Person, NodeId>,
    /// Whose statements wait for that of a node.
    pub(super) blocked: HashMap<NodeId, Vec<NodeId>>,
    /// Appends that lost a race.
    pub(super) overtaken: HashSet<EntryId>,
    pub(super) entries: Vec<Entry>,
    pub(super) half_way: Nanos,
    pub(super) outcome: Outcome,
    pub(super) returns: Option<Returns>,
    pub(super) rows: u64,
    pub(super) statements: u64,
    customers: u32,
    write_rate: f64,
    change_rate: f64,
    pub(super) until: Nanos,
    measured: bool,
    pub(super) ack: Times,
    pub(super) delivery: Times,
    pub(super) across: Times,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the largest")]
fn whole(number: f64) -> Option<u32> {
    (0.0..=f64::from(u32::MAX / 4)).contains(&number).then_some(number as u32)
}

impl World {
    /// The cluster of an answer. `None`: nobody is there, or too many to count.
    pub(super) fn new(plan: &Plan, answer: &Answer, options: Options) -> Option<Self> {
        let (load, costs, machine) = (&answer.load, &plan.costs, &plan.machine);
        let (customers, agents) = (whole(answer.size.customers)?, whole(answer.size.agents)?.max(1));
        let count = NodeId::try_from(answer.nodes).ok().filter(|count| *count > 0)?;
        if customers == 0 {
            return None;
        }
        let mut random = StdRng::seed_from_u64(options.seed);
        let people = People::new(customers, agents, count, &mut random);

        let (n, work) = (load.nodes, load.node_work(costs));
        let appends = load.appends / n * costs.delivery_us.us();
        let cores = (work.shared / n + work.each - appends) / machine.node_cores;
        let hearing = Self::other_hearing(plan, load);
        let simulated = load.appends + load.marks;
        let others_said = Load {
            link: crate::capacity::load::LinkLoad {
                commits: load.link.commits - if n > 1.0 { simulated } else { 0.0 },
                summaries: load.link.summaries - if n > 1.0 { simulated } else { 0.0 },
                heard_elsewhere: load.link.heard_elsewhere
                    - if n > 1.0 { simulated * (1.0 - 1.0 / n) } else { 0.0 },
                echoes: load.link.echoes - if n > 1.0 { simulated } else { 0.0 },
                ..load.link.clone()
            },
            ..load.clone()
        };
        // Nodes were not started in the same moment, so they do not tell lists in the same moment.
        let mut node = |_| Node {
            alive: true,
            cores: Workers::new(whole(machine.node_cores).unwrap_or(1) as usize, cores),
            hearing: Workers::new(1, hearing),
            writer: LogWriter::default(),
            reading: 0,
            waiting: std::collections::VecDeque::new(),
            changed: 0,
            summaries_due: nanos(random.random::<f64>() * plan.server.list_looks_s),
        };
        let nodes = (0..count).map(&mut node).collect();
        let until = nanos(options.seconds);
        let mut events = Events::default();
        events.at(0, Event::Writes);
        events.at(0, Event::Changes);
        if let Some(death_at) = options.death_at.filter(|_| count > 1) {
            events.at(nanos(death_at).min(until), Event::Dies(0));
        }
        Some(Self {
            nodes,
            redis: Workers::new(1, others_said.link.redis_cores(costs, n)),
            store: Workers::new(
                whole(machine.store_cores).unwrap_or(1) as usize,
                load.store_reads(plan) / machine.store_cores,
            ),
            disk: Flush::new(costs.store_flush_ms.ms()),
            locks: HashMap::new(),
            blocked: HashMap::new(),
            overtaken: HashSet::new(),
            entries: Vec::new(),
            half_way: nanos(machine.round_trip_ms * 1e-3 / 2.0),
            outcome: Outcome {
                seed: options.seed,
                seconds: options.seconds,
                nodes: u32::from(count),
                sent: 0,
                acked: 0,
                delivered: 0,
                refused: 0,
                moved_on: 0,
                link_lost: 0,
                commits: 0.0,
                rows_per_commit: 0.0,
                used: Used::default(),
                expected: Used {
                    nodes: answer.cores_per_node / machine.node_cores,
                    hearing: work.hearing,
                    redis: answer.redis_cores,
                    store: answer.store_cores / machine.store_cores,
                },
                ack: Default::default(),
                delivery: Default::default(),
                across: Default::default(),
                death: None,
            },
            returns: None,
            rows: 0,
            statements: 0,
            customers,
            write_rate: f64::from(customers) * plan.workload.messages_per_minute / 60.0,
            change_rate: load.starts * plan.server.entries_per_chat,
            until,
            measured: false,
            ack: Times::new()?,
            delivery: Times::new()?,
            across: Times::new()?,
            plan: plan.clone(),
            random,
            events,
            people,
        })
    }

    /// What a node hears besides what is simulated one by one: signals, presence, beats, chats that begin.
    fn other_hearing(plan: &Plan, load: &Load) -> f64 {
        let (costs, link, n) = (&plan.costs, &load.link, load.nodes);
        if n <= 1.0 {
            return 0.0;
        }
        let (simulated, elsewhere) = (load.appends + load.marks, 1.0 - 1.0 / n);
        let heard = (link.heard_elsewhere - simulated * elsewhere) * costs.hear_us.us()
            + (link.echoes - simulated) * costs.echo_us.us();
        let starts = load.starts * elsewhere * costs.hear_us.us();
        heard / n + link.beats * costs.hear_us.us() + starts
    }

    /// What is under way at the beginning, as it is at any time: answers that agents think of, messages being read.
    /// What is left of an exponential time is exponential again.
    fn begin_in_the_middle(&mut self) {
        let work = self.plan.workload.clone();
        let answers = self.write_rate * work.replies;
        let marks = (self.write_rate + answers) * work.marks_per_message;
        for _ in 0..whole(answers * work.think_seconds).unwrap_or(0) {
            let (at, session) =
                (self.exponential(work.think_seconds), self.random.random_range(0..self.customers));
            self.new_entry(at, session, Kind::Agent);
        }
        for _ in 0..whole(marks * work.read_seconds).unwrap_or(0) {
            let (at, session) =
                (self.exponential(work.read_seconds), self.random.random_range(0..self.customers));
            self.events.at(at, Event::Read(session));
        }
    }

    pub(super) fn play(mut self) -> Option<Outcome> {
        self.begin_in_the_middle();
        let (mut left, end) = (MOST_EVENTS, self.until + nanos(DRAIN_S));
        while let Some((now, event)) = self.events.next() {
            left -= 1;
            if left == 0 || now > end {
                break;
            }
            if now >= self.until {
                self.measure(self.until);
            }
            self.happens(now, event);
        }
        self.measure(self.until);
        self.outcome.ack = self.ack.summary();
        self.outcome.delivery = self.delivery.summary();
        self.outcome.across = self.across.summary();
        let everybody = self.people.count_away() == 0;
        self.outcome.death = self.returns.as_ref().map(|returns| returns.summary(everybody));
        Some(self.outcome)
    }

    fn happens(&mut self, now: Nanos, event: Event) {
        match event {
            Event::Writes => self.writes(now, Kind::Customer, self.write_rate, event),
            Event::Changes => self.writes(now, Kind::Change, self.change_rate, event),
            Event::Send(entry) => self.send(now, entry),
            Event::Decided(entry, node) => self.decided(now, entry, node),
            Event::Arrived(node) => self.arrived(now, node),
            Event::Computed(node) => {
                let stored = self.disk.visit(now);
                self.events.at(stored + self.half_way, Event::Committed(node));
            }
            Event::Committed(node) => self.committed(now, node),
            Event::Told(entry, node) => self.told(now, entry, node),
            Event::Passed(entry, node) => self.passed(now, entry, node),
            Event::Handed(entry, node) => self.handed(now, entry, node),
            Event::Read(session) => self.read(now, session),
            Event::Asked(entry) => self.asked(now, entry),
            Event::Summaries(node) => self.summaries(now, node),
            Event::Dies(node) => self.dies(now, node),
            Event::Tries(person) => self.tries(now, person),
            Event::Accepted(person, node) => self.accepted(now, person, node),
            Event::Known(person, node) => self.known(now, person, node),
            Event::Welcome(person, node) => self.welcome(now, person, node),
        }
    }

    /// What was used until now, once.
    pub(super) fn measure(&mut self, now: Nanos) {
        if std::mem::replace(&mut self.measured, true) {
            return;
        }
        let time = seconds(now).max(1e-9);
        let nodes: f64 = self.nodes.iter().map(|node| node.cores.used(time)).sum();
        let hearing = self.nodes.iter().map(|node| node.hearing.used(time)).fold(0.0, f64::max);
        #[expect(clippy::cast_precision_loss, reason = "far fewer")]
        let (rows, statements, count) = (self.rows as f64, self.statements as f64, self.nodes.len() as f64);
        self.outcome.commits = statements / time;
        self.outcome.rows_per_commit = rows / statements.max(1.0);
        self.outcome.used = Used {
            nodes: nodes / count,
            hearing,
            redis: self.redis.used(time),
            store: self.store.used(time),
        };
    }

    /// The cost of a part of what a message costs its node.
    pub(super) fn part(&self, part: f64) -> f64 {
        self.plan.costs.delivery_us.us() * part
    }

    pub(super) fn exponential(&mut self, mean_s: f64) -> Nanos {
        nanos(-mean_s * (1.0 - self.random.random::<f64>()).ln())
    }

    fn writes(&mut self, now: Nanos, kind: Kind, rate: f64, again: Event) {
        if rate <= 0.0 {
            return;
        }
        let next = now + self.exponential(1.0 / rate);
        if next >= self.until {
            return;
        }
        self.events.at(next, again);
        let session = self.random.random_range(0..self.customers);
        self.new_entry(next, session, kind);
    }

    pub(super) fn new_entry(&mut self, at: Nanos, session: Person, kind: Kind) {
        let Ok(id) = EntryId::try_from(self.entries.len()) else { return };
        self.entries.push(Entry {
            sent_at: at,
            session,
            kind,
            stored: false,
            acked: false,
            delivered: false,
            waited: false,
            node: NodeId::MAX,
        });
        self.outcome.sent += 1;
        self.events.at(at, Event::Send(id));
    }

    pub(super) fn entry(&mut self, id: EntryId) -> &mut Entry {
        &mut self.entries[id as usize]
    }

    pub(super) fn node(&mut self, node: NodeId) -> &mut Node {
        &mut self.nodes[usize::from(node)]
    }

    fn sender(&mut self, id: EntryId) -> Person {
        let Entry { session, kind, .. } = *self.entry(id);
        if kind == Kind::Customer { session } else { self.people.agent_of(session) }
    }

    pub(super) fn reader(&mut self, id: EntryId) -> Person {
        let Entry { session, kind, .. } = *self.entry(id);
        if kind == Kind::Customer { self.people.agent_of(session) } else { session }
    }

    pub(super) fn send(&mut self, now: Nanos, id: EntryId) {
        let sender = self.sender(id);
        let Some(node) = self.people.node_of(sender) else {
            self.people.away(sender).to_send.push(id);
            return;
        };
        let service = self.part(DECIDE);
        let done = self.node(node).cores.visit(now, service);
        self.events.at(done, Event::Decided(id, node));
    }
}
