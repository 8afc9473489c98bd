//! The answer: how many nodes, what everything has to carry, and what gives way first.

use serde::Serialize;

use super::{
    failures::Failures,
    load::{Load, Size},
    plan::Plan,
    writer::Writer,
};

/// Nodes beyond which nobody has tried to think.
const MOST_NODES: u32 = 4_096;
/// Share of a machine's memory that is planned for.
const MEMORY: f64 = 0.8;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Something that can be full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resource {
    /// What.
    pub name: &'static str,
    /// 1: full.
    pub used: f64,
    /// All nodes share it, or each has to carry the whole of it: more of them do not help.
    pub shared: bool,
    /// What is used of what.
    pub detail: String,
    /// What to do when it is full.
    pub remedy: &'static str,
}

/// What a size needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// How large it is.
    pub size: Size,
    /// Nodes that carry it; one more, if there is more than one, so that one may die.
    pub nodes: u32,
    /// Whether so many nodes are enough. If not, no number is, as long as the fullest resource stays as it is.
    pub enough: bool,
    /// Rates.
    pub load: Load,
    /// Cores kept busy on each node.
    pub cores_per_node: f64,
    /// Connections of each node.
    pub connections_per_node: f64,
    /// Memory of each node, the kernel's for its sockets included.
    pub node_bytes: f64,
    /// The log writer of each node.
    pub writer: Writer,
    /// Cores kept busy in Redis, which has one to use.
    pub redis_cores: f64,
    /// Memory of Redis for its subscriptions.
    pub redis_bytes: f64,
    /// Cores kept busy in Postgres.
    pub store_cores: f64,
    /// Statements of all log writers a second.
    pub commits: f64,
    /// Write-ahead log, bytes a second.
    pub wal_bytes: f64,
    /// What a day adds to the disk.
    pub disk_bytes_a_day: f64,
    /// The fullest first.
    pub resources: Vec<Resource>,
    /// When something fails.
    pub failures: Failures,
}

impl Answer {
    /// The answer for a size, on so many nodes, or on as many as it takes.
    pub fn of(plan: &Plan, size: Size, nodes: Option<u32>) -> Self {
        let (nodes, enough) = match nodes {
            Some(nodes) => (nodes, Carried::by(plan, size, nodes).fits(plan)),
            None => match needed(plan, size) {
                Some(1) => (1, true),
                Some(more) => (more + 1, true),
                None => (as_if_nobody_listened(plan, size), false),
            },
        };
        let carried = Carried::by(plan, size, nodes);
        let resources = carried.resources(plan);
        let Carried { load, writer, cores, node_bytes, connections, store_cores, redis_cores, .. } = carried;
        let (costs, busy) = (&plan.costs, plan.workload.busy_hours * 3_600.0);
        let disk = load.appends * costs.entry_disk_bytes.value + load.starts * costs.chat_disk_bytes.value;
        Self {
            size,
            nodes,
            enough,
            cores_per_node: cores,
            connections_per_node: connections,
            node_bytes,
            writer,
            redis_cores,
            redis_bytes: load.link.subscriptions * costs.redis_subscription_bytes.value,
            store_cores,
            commits: writer.commits * load.nodes,
            wal_bytes: wal(plan, &load),
            disk_bytes_a_day: disk * busy,
            failures: Failures::of(plan, size, &load, cores, store_cores),
            resources,
            load,
        }
    }

    /// The fullest.
    pub fn first_to_give_way(&self) -> Option<&Resource> {
        self.resources.first()
    }
}

/// The nodes that are enough, if any number is.
fn needed(plan: &Plan, size: Size) -> Option<u32> {
    for nodes in fewest(plan, size)..=MOST_NODES {
        let carried = Carried::by(plan, size, nodes);
        if carried.fits(plan) {
            return Some(nodes);
        }
        if carried.each > plan.machine.target {
            // What every node does grows with their number.
            break;
        }
    }
    None
}

/// Fewer have no room for the connections.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
fn fewest(plan: &Plan, size: Size) -> u32 {
    let people = size.customers + size.agents;
    (people / plan.machine.node_connections).ceil().clamp(1.0, f64::from(MOST_NODES)) as u32
}

/// Enough for everything that nodes share: a number to show what is wrong with.
fn as_if_nobody_listened(plan: &Plan, size: Size) -> u32 {
    let carries = |nodes: &u32| {
        let carried = Carried::by(plan, size, *nodes);
        let shared = carried.cores - carried.each;
        shared <= plan.machine.target * plan.machine.node_cores && carried.has_room(plan)
    };
    (fewest(plan, size)..=MOST_NODES).find(carries).unwrap_or(MOST_NODES) + 1
}

/// Bytes a second of Postgres' write-ahead log.
fn wal(plan: &Plan, load: &Load) -> f64 {
    let costs = &plan.costs;
    load.appends * costs.entry_wal_bytes.value
        + load.marks * costs.mark_wal_bytes.value
        + load.starts * costs.start_wal_bytes.value
}

/// What so many nodes have to carry.
struct Carried {
    load: Load,
    writer: Writer,
    /// Of one node.
    cores: f64,
    each: f64,
    hearing: f64,
    node_bytes: f64,
    connections: f64,
    store_cores: f64,
    redis_cores: f64,
}

impl Carried {
    fn by(plan: &Plan, size: Size, nodes: u32) -> Self {
        let n = f64::from(nodes);
        let (load, costs) = (Load::of(plan, size, n), &plan.costs);
        let writer = Writer::steady(plan, load.appends / n, load.marks / n);
        let work = load.node_work(costs);
        let polling = size.customers * plan.workload.poll_share / n;
        let sockets = (size.customers + size.agents) / n - polling;
        let node_bytes = costs.process_mib.kib() * 1024.0
            + sockets * (costs.connection_kib.kib() + costs.connection_kernel_kib.kib())
            + polling * costs.poll_kib.kib();
        Self {
            writer,
            cores: work.shared / n + work.each + writer.commits * costs.commit_us.us(),
            each: work.each,
            hearing: work.hearing,
            node_bytes,
            connections: sockets + polling,
            store_cores: writer.store_cores * n + load.store_reads(plan),
            redis_cores: load.link.redis_cores(costs, n),
            load,
        }
    }

    fn fits(&self, plan: &Plan) -> bool {
        let most = plan.machine.target;
        self.cores <= most * plan.machine.node_cores && self.hearing <= most && self.has_room(plan)
    }

    fn has_room(&self, plan: &Plan) -> bool {
        self.node_bytes <= MEMORY * plan.machine.node_memory_gib * GIB
            && self.connections <= plan.machine.node_connections
            && self.writer.of_most <= plan.machine.target
    }

    fn resources(&self, plan: &Plan) -> Vec<Resource> {
        let (machine, server, load) = (&plan.machine, &plan.server, &self.load);
        let store_connections = load.nodes * (server.pool + 1.0);
        let pending = load.changes * server.list_scope * server.list_looks_s;
        let wal = wal(plan, load);
        let mut all = vec![
            Resource {
                name: "a node's cores",
                shared: false,
                used: self.cores / machine.node_cores,
                detail: format!("{:.2} of {}", self.cores, machine.node_cores),
                remedy: "more nodes, as long as it is not what every node does",
            },
            Resource {
                name: "hearing the other nodes",
                shared: true,
                used: self.hearing,
                detail: format!("one task a node, {:.2} of a core", self.hearing),
                remedy: "to be built: lists told by site or team, and heard only where an agent watches them",
            },
            Resource {
                name: "a node's memory",
                shared: false,
                used: self.node_bytes / (machine.node_memory_gib * GIB),
                detail: format!("{:.1} of {} GiB", self.node_bytes / GIB, machine.node_memory_gib),
                remedy: "more nodes, or more memory",
            },
            Resource {
                name: "a node's connections",
                shared: false,
                used: self.connections / machine.node_connections,
                detail: format!("{:.0} of {}", self.connections, machine.node_connections),
                remedy: "more nodes; --max-connections, LimitNOFILE, and addresses between proxy and node",
            },
            Resource {
                name: "a log writer",
                shared: false,
                used: self.writer.of_most,
                detail: format!(
                    "{:.1} rows a turn of {:.1} ms",
                    self.writer.rows_per_turn,
                    self.writer.turn_s * 1e3
                ),
                remedy: "more nodes: each has one",
            },
            Resource {
                name: "agents' lists",
                shared: true,
                used: pending / server.list_pending,
                detail: format!(
                    "{pending:.0} changed chats between two looks, of {}; beyond it lists are read anew",
                    server.list_pending
                ),
                remedy: "several clusters, by site; to be built: lists told by site or team",
            },
            Resource {
                name: "Postgres' cores",
                shared: true,
                used: self.store_cores / machine.store_cores,
                detail: format!("{:.1} of {}", self.store_cores, machine.store_cores),
                remedy: "a larger machine, several clusters by site; to be built: sessions in several databases",
            },
            Resource {
                name: "Postgres' connections",
                shared: true,
                used: store_connections / machine.store_connections,
                detail: format!("{store_connections:.0} of {}", machine.store_connections),
                remedy: "max_connections, or larger nodes; to be built: a size of the pool that can be set",
            },
            Resource {
                name: "Postgres' log",
                shared: true,
                used: wal / machine.store_bytes_per_second,
                detail: format!("{:.1} MB/s", wal / 1e6),
                remedy: "a faster disk, several clusters by site",
            },
        ];
        if load.nodes > 1.0 {
            all.push(Resource {
                name: "Redis' core",
                shared: true,
                used: self.redis_cores,
                detail: format!("{:.2} of 1", self.redis_cores),
                remedy: "several clusters by site; to be built: several Redis servers, sessions divided among them",
            });
            all.push(Resource {
                name: "Redis' network",
                shared: true,
                used: load.link.bytes_out / machine.redis_bytes_per_second,
                detail: format!("{:.1} MB/s out", load.link.bytes_out / 1e6),
                remedy: "a faster network; to be built: summaries only for nodes where an agent watches",
            });
        }
        all.sort_by(|one, other| other.used.total_cmp(&one.used));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(customers: f64, nodes: Option<u32>) -> Answer {
        let plan = Plan::read(None, &[]).unwrap();
        Answer::of(&plan, Size { customers, agents: customers / 25.0 }, nodes)
    }

    #[test]
    fn more_customers_need_more_of_everything() {
        let answers: Vec<_> = [1e4, 1e5, 1e6].into_iter().map(|customers| answer(customers, None)).collect();
        for pair in answers.windows(2) {
            assert!(pair[0].nodes < pair[1].nodes);
            assert!(pair[0].store_cores < pair[1].store_cores);
            assert!(
                pair[0].wal_bytes < pair[1].wal_bytes && pair[0].disk_bytes_a_day < pair[1].disk_bytes_a_day
            );
        }
    }

    #[test]
    fn the_nodes_that_are_asked_for_have_room() {
        for customers in [1e3, 1e4, 1e5] {
            let answer = answer(customers, None);
            assert!(answer.enough, "{customers}");
            let full = |name: &str| answer.resources.iter().any(|r| r.name == name && r.used > 0.8);
            assert!(!full("a node's cores") && !full("a node's memory") && !full("a node's connections"));
        }
    }

    #[test]
    fn too_few_nodes_are_said_to_be() {
        let answer = answer(1e5, Some(1));
        assert!(!answer.enough && answer.nodes == 1);
        assert_eq!(answer.first_to_give_way().unwrap().name, "a node's connections");
    }

    #[test]
    fn the_fullest_comes_first() {
        let used: Vec<_> = answer(1e6, None).resources.iter().map(|resource| resource.used).collect();
        assert!(used.is_sorted_by(|one, other| one >= other), "{used:?}");
    }
}
