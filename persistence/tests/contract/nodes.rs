//! Which nodes live, and which of them does the work that only one may do.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use persistence::{
    Lease, NodeId, Store, on_both_engines,
    testing::{Engine, TestStore},
};
use tokio::time::sleep;

use crate::fixture::uuid;

/// Longer than any story.
const LONG: Duration = Duration::from_secs(3_600);
/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(300);

fn node() -> NodeId {
    NodeId::new(uuid())
}

fn sorted<const N: usize>(mut nodes: [NodeId; N]) -> [NodeId; N] {
    nodes.sort_unstable();
    nodes
}

/// Asks until it is so.
async fn until<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let from = Instant::now();
    while !ask().await {
        assert!(from.elapsed() < Duration::from_secs(10), "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// All of them at once, by turns on the two connections to the store; answers who got it.
async fn race(stores: &[Store; 2], nodes: &[NodeId]) -> Vec<NodeId> {
    let claims: Vec<_> = nodes
        .iter()
        .enumerate()
        .map(|(n, &node)| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.claim(Lease::Sweep, node, LONG).await.unwrap().then_some(node) })
        })
        .collect();
    let mut holders = Vec::new();
    for claim in claims {
        holders.extend(claim.await.unwrap());
    }
    holders
}

on_both_engines! {
    async fn a_node_lives_as_long_as_it_says_so(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b, c) = (node(), node(), node());
        assert_eq!(here.beat(a, LONG).await.unwrap(), [a]);
        assert_eq!(there.beat(b, LONG).await.unwrap(), sorted([a, b]));
        let silent = Instant::now();
        assert_eq!(there.beat(c, LONG).await.unwrap(), sorted([a, b, c]));
        // Two go on and are not forgotten. The third is, but not before its time.
        until("the silent node is forgotten", || async {
            let said = Instant::now();
            here.beat(a, LONG).await.unwrap();
            let living = there.beat(b, SHORT).await.unwrap();
            assert!(living.contains(&b));
            assert!(living.contains(&a) || said.elapsed() >= SHORT);
            assert!(living.contains(&c) || silent.elapsed() >= SHORT);
            !living.contains(&c)
        })
        .await;
        assert_eq!(here.beat(a, LONG).await.unwrap(), sorted([a, b]), "forgotten by all");
        assert_eq!(here.beat(c, LONG).await.unwrap(), sorted([a, b, c]), "it may come back");
    }

    async fn a_node_that_leaves_is_forgotten_at_once(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b) = (node(), node());
        here.beat(a, LONG).await.unwrap();
        assert_eq!(there.beat(b, LONG).await.unwrap(), sorted([a, b]));
        assert!(here.claim(Lease::Sweep, a, LONG).await.unwrap());
        // Another one's leaving gives nothing of this one's back.
        there.leave(node()).await.unwrap();
        assert!(!there.claim(Lease::Sweep, b, LONG).await.unwrap());
        here.leave(a).await.unwrap();
        here.leave(a).await.unwrap();
        assert_eq!(there.beat(b, LONG).await.unwrap(), [b]);
        assert!(there.claim(Lease::Sweep, b, LONG).await.unwrap());
    }

    async fn nodes_that_all_took_each_other_for_dead_come_back_at_once(test) {
        let stores = [test.store.clone(), test.other_node().await];
        let nodes: Vec<_> = (0..8).map(|_| node()).collect();
        for _ in 0..20 {
            for node in &nodes {
                stores[0].beat(*node, LONG).await.unwrap();
            }
            let beats: Vec<_> = nodes
                .iter()
                .enumerate()
                .map(|(n, &node)| {
                    let store = stores[n % 2].clone();
                    // Whoever has not been heard in this very millisecond.
                    tokio::spawn(async move { store.beat(node, Duration::ZERO).await })
                })
                .collect();
            for (beat, node) in beats.into_iter().zip(&nodes) {
                assert!(beat.await.unwrap().unwrap().contains(node));
            }
        }
    }

    async fn a_lease_is_renewed_or_given_back(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b) = (node(), node());
        assert!(here.claim(Lease::Sweep, a, LONG).await.unwrap());
        assert!(here.claim(Lease::Sweep, a, LONG).await.unwrap(), "its holder renews it");
        assert!(!there.claim(Lease::Sweep, b, LONG).await.unwrap());
        there.give_back(Lease::Sweep, b).await.unwrap();
        assert!(!there.claim(Lease::Sweep, b, LONG).await.unwrap(), "nobody gives back what another holds");
        here.give_back(Lease::Sweep, a).await.unwrap();
        assert!(there.claim(Lease::Sweep, b, LONG).await.unwrap());
        assert!(!here.claim(Lease::Sweep, a, LONG).await.unwrap());
    }

    async fn of_many_who_claim_at_once_one_gets_it(test) {
        let stores = [test.store.clone(), test.other_node().await];
        let nodes: Vec<_> = (0..12).map(|_| node()).collect();
        for round in 0..20 {
            let holders = race(&stores, &nodes).await;
            assert_eq!(holders.len(), 1, "round {round}: {holders:?}");
            assert_eq!(race(&stores, &nodes).await, holders, "it is held");
            stores[round % 2].give_back(Lease::Sweep, holders[0]).await.unwrap();
        }
    }

    async fn what_a_dead_node_held_goes_to_one_other_in_time(test) {
        let stores = [test.store.clone(), test.other_node().await];
        let nodes: Vec<_> = (0..6).map(|_| node()).collect();
        let dead = node();
        assert!(stores[0].claim(Lease::Sweep, dead, LONG).await.unwrap());
        // A shorter time is a renewal, too; from now it is dead.
        let claimed = Instant::now();
        assert!(stores[0].claim(Lease::Sweep, dead, SHORT).await.unwrap());
        until("its claim runs out", || async {
            let holders = race(&stores, &nodes).await;
            assert!(holders.len() <= 1, "{holders:?}");
            assert!(holders.is_empty() || claimed.elapsed() >= SHORT, "too early");
            holders.len() == 1
        })
        .await;
        assert!(!stores[0].claim(Lease::Sweep, dead, LONG).await.unwrap(), "it comes too late");
        stores[0].leave(dead).await.unwrap();
        assert_eq!(race(&stores, &nodes).await.len(), 1, "and has nothing to give back");
    }

    async fn a_lease_that_is_renewed_does_not_run_out(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b) = (node(), node());
        let from = Instant::now();
        while from.elapsed() < SHORT * 3 {
            let renewed = Instant::now();
            assert!(here.claim(Lease::Sweep, a, SHORT).await.unwrap());
            // Unless this very test was held up.
            if there.claim(Lease::Sweep, b, SHORT).await.unwrap() {
                assert!(renewed.elapsed() >= SHORT, "too early");
                there.give_back(Lease::Sweep, b).await.unwrap();
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_waits_for_no_other_to_say_that_it_lives() {
    let test = TestStore::new(Engine::Postgres).await;
    let (a, b) = (node(), node());
    test.store.beat(a, LONG).await.unwrap();
    let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    // The other is just about to say so, and would wait for this one in turn.
    sqlx::query("select 1 from nodes where id = $1 for update")
        .bind(a.uuid())
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(test.store.beat(b, LONG).await.unwrap(), sorted([a, b]));
    assert_eq!(test.store.beat(b, Duration::ZERO).await.unwrap(), [b]);
    tx.rollback().await.unwrap();
    assert_eq!(test.store.beat(b, LONG).await.unwrap(), sorted([a, b]), "it was not forgotten");
    assert_eq!(test.store.beat(b, Duration::ZERO).await.unwrap(), [b]);
    assert_eq!(test.store.beat(b, LONG).await.unwrap(), [b], "now it is");
}
