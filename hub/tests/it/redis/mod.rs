//! Nodes of one process over a real Redis: what they follow, what they lose, and that nobody misses it in the end
//! (promises 2 and 7).

mod channels;
mod losses;

use std::{sync::Arc, time::Duration};

use hub::{Hub, LinkHealth, RedisLink};
use persistence::{
    Store,
    testing::{Engine, TestRedis, TestStore},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Instant,
};

use crate::fixture::{Shop, node};

/// How long something may take that takes some seconds when a link is ill.
const PATIENCE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(300);

struct Node {
    hub: Hub,
    link: Arc<RedisLink>,
}

struct Cluster {
    redis: TestRedis,
    test: TestStore,
    shop: Shop,
    nodes: Vec<Node>,
}

impl Cluster {
    /// So many nodes, who hear each other.
    async fn start(count: usize) -> Self {
        Self::start_as(&vec![""; count]).await
    }

    /// A node for each user, as in `name:password@`.
    async fn start_as(users: &[&str]) -> Self {
        let redis = tokio::task::spawn_blocking(TestRedis::start).await.unwrap();
        ask(&redis, "ACL SETUSER plain on >secret ~* &* +@all -ssubscribe -spublish").await;
        let test = TestStore::new(Engine::Postgres).await;
        let shop = Shop::open(&test.store).await;
        let mut cluster = Self { redis, test, shop, nodes: Vec::new() };
        for user in users {
            let store = cluster.test.other_node().await;
            let url = cluster.redis.url().replace("redis://", &format!("redis://{user}"));
            cluster.nodes.push(join(&store, &url));
        }
        cluster
    }

    async fn all_are_well(&self) {
        let others = self.nodes.len() - 1;
        for node in &self.nodes {
            let well = || (node.hub.link_health() == LinkHealth::Well { others }).then_some(());
            until("all nodes hear each other", well).await;
        }
    }

    async fn all_are_silent(&self) {
        for node in &self.nodes {
            let silent = || matches!(node.hub.link_health(), LinkHealth::Silent { .. }).then_some(());
            until("the link is found silent", silent).await;
        }
    }

    fn hub(&self, node: usize) -> &Hub {
        &self.nodes[node].hub
    }
}

fn join(store: &Store, url: &str) -> Node {
    let link = Arc::new(RedisLink::new(&url.parse().unwrap()));
    let hub = node(store, Some(link.clone()), LONG);
    link.join(&hub);
    Node { hub, link }
}

/// Asks again and again: nobody tells of these things.
async fn until<T>(what: &str, met: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = met() {
            return value;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What Redis answers to a command, as it comes over the wire.
async fn ask(redis: &TestRedis, command: &str) -> String {
    let asking = async {
        let mut socket = TcpStream::connect(("127.0.0.1", redis.port())).await.unwrap();
        socket.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await.expect("Redis answers");
    assert!(!answer.starts_with('-'), "{command}: {answer}");
    answer
}

/// The ids of the connections that listen.
async fn listeners(redis: &TestRedis) -> Vec<u64> {
    let list = ask(redis, "CLIENT LIST TYPE pubsub").await;
    let ids = list.lines().filter_map(|line| line.strip_prefix("id=")?.split(' ').next()?.parse().ok());
    ids.collect()
}
