//! Which nodes live, and which of them does the work that only one may do.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use persistence::{Lease, NodeId, on_both_engines};
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
        assert!(from.elapsed() < Duration::from_secs(10), "{what}: never");
        sleep(Duration::from_millis(20)).await;
    }
}

on_both_engines! {
    async fn a_node_lives_as_long_as_it_says_so(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b) = (node(), node());
        assert_eq!(here.beat(a, SHORT).await.unwrap(), [a]);
        assert_eq!(there.beat(b, LONG).await.unwrap(), sorted([a, b]));
        // The one that goes on is not forgotten, the other is.
        until("the silent node is forgotten", || async {
            let living = here.beat(a, SHORT).await.unwrap();
            assert!(living.contains(&a));
            living == [a]
        })
        .await;
        assert_eq!(there.beat(b, LONG).await.unwrap(), sorted([a, b]), "it may come back");
    }

    async fn a_node_that_leaves_is_forgotten_at_once(test) {
        let (here, there) = (test.store.clone(), test.other_node().await);
        let (a, b) = (node(), node());
        here.beat(a, LONG).await.unwrap();
        assert_eq!(there.beat(b, LONG).await.unwrap(), sorted([a, b]));
        here.leave(a).await.unwrap();
        here.leave(a).await.unwrap();
        assert_eq!(there.beat(b, LONG).await.unwrap(), [b]);
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
}
