//! When something fails: a node dies and its clients come back to the others; Redis goes away.

use serde::Serialize;

use super::{
    load::{Load, Size},
    plan::Plan,
};

/// What failures ask of those that are left.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Failures {
    /// Clients of one node that come back at once.
    pub storm_clients: f64,
    /// How many the others can take a second; 0: there are no others.
    pub storm_rate: f64,
    /// What that is limited by.
    pub storm_limit: &'static str,
    /// Seconds until the last is back, if its process was killed: a machine that vanishes is noticed only after up to
    /// 35 s by the clients' own pings.
    pub storm_s: f64,
    /// Longer than a client waits for its welcome: some come again, and make it longer.
    pub storm_repeats: bool,
    /// Seconds of a round of asking the store for all followed sessions, while somebody is silent. Promised: 2 s
    /// until everybody has everything.
    pub silent_round_s: f64,
    /// Cores of the store that this takes.
    pub silent_store_cores: f64,
    /// Lists read anew a second meanwhile, and the cores of the store that they would take.
    pub silent_list_reads: f64,
    /// The cores of the store for those.
    pub silent_list_cores: f64,
}

impl Failures {
    /// Of nodes and a store that are as busy as this.
    pub(super) fn of(plan: &Plan, size: Size, load: &Load, node_cores: f64, store_cores: f64) -> Self {
        let (costs, server, machine) = (&plan.costs, &plan.server, &plan.machine);
        let nodes = load.nodes;
        let people = size.customers + size.agents;
        let storm_clients = people / nodes;
        let (mut storm_rate, mut storm_limit, mut storm_s) = (0.0, "there is no other node", f64::INFINITY);
        if nodes > 1.0 {
            let others = nodes - 1.0;
            // The others do the dead one's share already.
            let idle = (others * machine.node_cores - nodes * node_cores).max(0.0);
            let reads = server.reads_per_connect;
            let store_idle = (machine.store_cores - store_cores).max(0.0);
            let read_s = machine.round_trip_ms * 1e-3 + costs.store_read_us.us();
            let each = reads * costs.store_read_us.us() + costs.store_position_us.us();
            let offers = [
                (idle / costs.accept_us.us(), "nodes' cores"),
                (store_idle / each, "Postgres' cores"),
                (others * server.pool / (reads * read_s), "connections to Postgres"),
            ];
            let least = offers.into_iter().min_by(|one, other| one.0.total_cmp(&other.0));
            (storm_rate, storm_limit) = least.unwrap_or((0.0, ""));
            // Full jitter: nobody comes back before a time of up to `backoff_first_s` is over.
            storm_s = (storm_clients / storm_rate).max(server.backoff_first_s);
        }

        let followed = load.link.subscriptions / nodes;
        let asked_s = followed * costs.store_position_us.us()
            + (followed / 10_000.0).ceil() * machine.round_trip_ms * 1e-3;
        let silent_round_s = asked_s.max(server.ask_s);
        let alone = nodes <= 1.0;
        let silent_list_reads =
            if alone { 0.0 } else { size.agents * plan.workload.agent_views / server.lists_s };
        Self {
            storm_clients,
            storm_rate,
            storm_limit,
            storm_s,
            storm_repeats: storm_s > server.welcome_s,
            silent_round_s: if alone { 0.0 } else { silent_round_s },
            silent_store_cores: load.link.subscriptions * costs.store_position_us.us() / silent_round_s,
            silent_list_reads,
            silent_list_cores: silent_list_reads * costs.store_list_us.us(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(customers: f64, nodes: f64, settings: &[&str]) -> Failures {
        let settings: Vec<_> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let plan = Plan::read(None, &settings).unwrap();
        let size = Size { customers, agents: 0.0 };
        Failures::of(&plan, size, &Load::of(&plan, size, nodes), 1.0, 1.0)
    }

    #[test]
    fn a_storm_lasts_as_long_as_the_narrowest_way_in_takes() {
        // 3 others of 8 cores, of which 4 are busy: 20 idle, at 100 µs each.
        let storm =
            failures(1e6, 4.0, &["costs.accept_us=100", "machine.store_cores=1000", "server.pool=1000"]);
        assert_eq!((storm.storm_clients, storm.storm_limit), (250_000.0, "nodes' cores"));
        assert!(
            (storm.storm_rate - 200_000.0).abs() < 1e-6 && (storm.storm_s - 1.25).abs() < 1e-9,
            "{storm:?}"
        );
        // 15 idle cores, at 3 reads of 100 µs and a position of 0.
        let storm = failures(
            1e6,
            4.0,
            &[
                "costs.store_read_us=100",
                "costs.store_position_us=0",
                "costs.accept_us=1",
                "server.pool=1000",
            ],
        );
        assert_eq!(storm.storm_limit, "Postgres' cores");
        assert!(
            (storm.storm_rate - 50_000.0).abs() < 1e-6 && (storm.storm_s - 5.0).abs() < 1e-9,
            "{storm:?}"
        );
    }

    #[test]
    fn nobody_is_back_before_the_jitter_is_over() {
        assert_eq!(failures(100.0, 2.0, &[]).storm_s, 0.5);
        assert_eq!(failures(100.0, 1.0, &[]).storm_s, f64::INFINITY);
    }

    #[test]
    fn the_rounds_of_asking_get_longer_than_their_pause() {
        assert_eq!(failures(1e4, 4.0, &[]).silent_round_s, 0.6);
        let large = failures(4e6, 4.0, &[]);
        assert!((large.silent_round_s - (1e6 * 2e-6 + 100.0 * 0.2e-3)).abs() < 1e-9, "{large:?}");
    }
}
