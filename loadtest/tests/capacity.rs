//! The scale model: the arithmetic and the simulation, held against each other and against what must always hold.

use loadtest::capacity::{Answer, Options, Outcome, Plan, Size, simulate};

fn plan(settings: &[&str]) -> Plan {
    let settings: Vec<_> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    Plan::read(None, &settings).expect("the shipped costs and these settings")
}

fn play(plan: &Plan, customers: f64, agents: f64, nodes: u32, death_at: Option<f64>) -> (Answer, Outcome) {
    let answer = Answer::of(plan, Size { customers, agents }, Some(nodes));
    let options = Options { seed: 7, seconds: 20.0, death_at };
    let outcome = simulate(plan, &answer, options).expect("somebody is there");
    (answer, outcome)
}

fn about(what: &str, simulated: f64, computed: f64, within: f64) {
    let far = (simulated - computed).abs() > within * computed;
    assert!(!far, "{what}: simulated {simulated}, computed {computed}");
}

fn all_arrive(outcome: &Outcome) {
    assert!(outcome.sent > 1_000, "{outcome}");
    assert_eq!((outcome.acked, outcome.delivered), (outcome.sent, outcome.sent), "{outcome}");
}

#[test]
fn what_is_sent_is_delivered_once_and_what_is_used_is_what_was_computed() {
    // From hardly anything to batches of several rows; one node and several.
    for (customers, agents, nodes, messages) in [
        (20_000.0, 800.0, 1, 0.2),
        (60_000.0, 100.0, 3, 1.0),
        (100_000.0, 4_000.0, 6, 0.2),
        (40_000.0, 10.0, 2, 6.0),
    ] {
        let plan = plan(&[&format!("workload.messages_per_minute={messages}")]);
        let (answer, outcome) = play(&plan, customers, agents, nodes, None);
        all_arrive(&outcome);
        let case = |what: &str| format!("{what}, {customers} customers on {nodes} nodes");
        about(&case("nodes"), outcome.used.nodes, outcome.expected.nodes, 0.05);
        about(&case("Postgres"), outcome.used.store, outcome.expected.store, 0.08);
        if nodes > 1 {
            about(&case("Redis"), outcome.used.redis, outcome.expected.redis, 0.05);
            about(&case("hearing"), outcome.used.hearing, outcome.expected.hearing, 0.1);
        }
        about(&case("commits"), outcome.commits, answer.commits, 0.1);
    }
}

#[test]
fn the_same_seed_plays_the_same() {
    let plan = plan(&[]);
    let outcomes = [(); 2].map(|()| play(&plan, 50_000.0, 500.0, 4, Some(10.0)).1);
    assert_eq!(outcomes[0], outcomes[1]);
}

#[test]
fn nothing_is_lost_when_a_node_dies_and_everybody_comes_back() {
    let plan = plan(&["workload.messages_per_minute=2"]);
    let (answer, outcome) = play(&plan, 60_000.0, 600.0, 3, Some(8.0));
    all_arrive(&outcome);
    let death = outcome.death.unwrap();
    about("cut off", f64::from(u32::try_from(death.clients).unwrap()), answer.failures.storm_clients, 0.02);
    let all_back = death.all_back_s.unwrap();
    assert!(death.half_back_s <= death.most_back_s && death.most_back_s <= all_back * 1.01);
    // Sums know nothing of waiting: not shorter than they say, and not much longer.
    let computed = answer.failures.storm_s;
    assert!((0.9 * computed..3.0 * computed).contains(&all_back), "{all_back} {computed}");
}

#[test]
fn a_store_that_is_too_small_makes_clients_come_in_vain_and_all_are_back_in_the_end() {
    // One core, and about a millisecond of it for each of 20,000 clients, who wait for eight seconds at most.
    let plan =
        plan(&["machine.store_cores=1", "costs.store_read_us=300", "workload.page_loads_per_minute=0"]);
    let (answer, outcome) = play(&plan, 40_000.0, 10.0, 2, Some(5.0));
    all_arrive(&outcome);
    let death = outcome.death.unwrap();
    assert!(answer.failures.storm_repeats && answer.failures.storm_limit == "Postgres' cores");
    assert!(death.failed_tries > 1_000, "{death:?}");
    assert!(death.all_back_s.is_some_and(|all_back| all_back > answer.failures.storm_s), "{death:?}");
}

#[test]
fn what_is_too_much_shows_as_waiting() {
    let busy = plan(&["costs.delivery_us=2000", "machine.node_cores=1", "workload.messages_per_minute=1"]);
    let (answer, outcome) = play(&busy, 20_000.0, 10.0, 1, None);
    assert!(!answer.enough && answer.first_to_give_way().unwrap().name == "a node's cores");
    assert!(outcome.used.nodes > 1.0 && outcome.ack.p50_ms > 1_000.0, "{outcome}");
    all_arrive(&outcome);
}

#[test]
fn appends_of_one_chat_from_two_nodes_race_and_both_are_stored() {
    // Few chats and very talkative ones, and commits that take long: customer and agent write at once.
    let plan =
        plan(&["workload.messages_per_minute=60", "workload.think_seconds=1", "costs.store_flush_ms=20"]);
    let (_, outcome) = play(&plan, 200.0, 20.0, 2, None);
    all_arrive(&outcome);
    assert!(outcome.moved_on > 10, "{outcome}");
}

#[test]
fn there_is_nothing_to_simulate_without_customers() {
    let plan = plan(&[]);
    let answer = Answer::of(&plan, Size { customers: 0.0, agents: 0.0 }, Some(1));
    assert_eq!(simulate(&plan, &answer, Options { seed: 1, seconds: 1.0, death_at: None }), None);
}
