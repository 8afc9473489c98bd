//! Servers on one Postgres and one Redis, and what becomes of that Redis.

use std::{net::SocketAddr, time::Duration};

use loadtest::client::{AgentClient, Caller};
use persistence::testing::{TestPostgres, TestRedis};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Instant,
};

use super::{
    ADMIN_EMAIL, ADMIN_PASSWORD, TestServer, UNHURRIED,
    wire::{Weather, Wire},
};

/// How long anything may take that takes some seconds when all is well, on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Two servers or more. Each reaches Redis by a wire of its own.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<TestServer>,
    pub(crate) wires: Vec<Wire>,
    /// None: it was killed.
    redis: Option<TestRedis>,
    database: String,
    /// What each is started with, besides what makes them a cluster.
    flags: Vec<String>,
}

impl Cluster {
    /// Two servers that hear each other. Who goes away is taken to be there for so many seconds.
    pub(crate) async fn start(grace: u32) -> Self {
        Self::start_with(grace, &[]).await
    }

    /// The same with more flags.
    pub(crate) async fn start_with(grace: u32, flags: &[&str]) -> Self {
        let cluster = Self::prepare(grace, 2, flags).await;
        cluster.link_is("ok").await;
        cluster
    }

    /// Two servers whose Redis is not there yet.
    pub(crate) async fn start_without_redis() -> Self {
        let mut cluster = Self::prepare(1, 0, &[]).await;
        cluster.kill_redis().await;
        for _ in 0..2 {
            cluster.add_node().await;
        }
        cluster
    }

    async fn prepare(grace: u32, nodes: usize, flags: &[&str]) -> Self {
        let redis = tokio::task::spawn_blocking(TestRedis::start).await.unwrap();
        let database = TestPostgres::shared().create_database().await;
        let mut flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--presence-grace-seconds={grace}"));
        let mut cluster = Self { nodes: Vec::new(), wires: Vec::new(), redis: Some(redis), database, flags };
        for _ in 0..nodes {
            cluster.add_node().await;
        }
        cluster
    }

    /// Starts one more.
    pub(crate) async fn add_node(&mut self) {
        let nowhere = ([127, 0, 0, 1], 1).into();
        let wire = Wire::to(self.redis.as_ref().map_or(nowhere, address)).await;
        if self.redis.is_none() {
            wire.turns(Weather::Cut);
        }
        let redis = format!("--redis-url=redis://{}/", wire.address());
        let mut flags: Vec<_> =
            UNHURRIED.into_iter().filter(|flag| !flag.starts_with("--presence-grace-seconds")).collect();
        flags.extend(self.flags.iter().map(String::as_str));
        flags.push(&redis);
        self.nodes.push(TestServer::start_on(self.database.clone(), None, &flags).await);
        self.wires.push(wire);
    }

    /// Kills Redis. Its port is not waited for, since somebody else may take it meanwhile: the wires refuse.
    pub(crate) async fn kill_redis(&mut self) {
        let redis = self.redis.take();
        tokio::task::spawn_blocking(move || drop(redis)).await.unwrap();
        self.wires.iter().for_each(|wire| wire.turns(Weather::Cut));
    }

    /// An empty Redis, at the same addresses as the one that was killed.
    pub(crate) async fn start_redis_again(&mut self) {
        let redis = tokio::task::spawn_blocking(TestRedis::start).await.unwrap();
        for wire in &self.wires {
            wire.leads_to(address(&redis));
            wire.turns(Weather::Fair);
        }
        self.redis = Some(redis);
    }

    /// Redis hangs: connections stand, new ones can be made, nothing is answered.
    pub(crate) fn hang_redis(&self) {
        self.redis.as_ref().unwrap().stall();
    }

    pub(crate) fn let_redis_go_on(&self) {
        self.redis.as_ref().unwrap().resume();
    }

    /// What Redis answers to a command.
    pub(crate) async fn ask_redis(&self, command: &str) -> String {
        let asking = async {
            let mut socket = TcpStream::connect(address(self.redis.as_ref().unwrap())).await.unwrap();
            socket.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.unwrap();
            let mut answer = String::new();
            socket.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await.expect("Redis answers");
        assert!(!answer.starts_with('-'), "{command}: {answer}");
        answer
    }

    /// What a server says of its link, in a `/readyz` that must be good.
    pub(crate) async fn link(&self, node: usize) -> Value {
        let answer = self.nodes[node].client().request("GET", "/readyz").send().await.unwrap();
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap();
        assert_eq!(answer.status, 200, "the store is there: {body}");
        body["link"].clone()
    }

    /// Waits until all servers say so of their link, and hear each other if it is `ok`.
    pub(crate) async fn link_is(&self, state: &str) {
        for node in 0..self.nodes.len() {
            self.link_of(node, state).await;
        }
    }

    /// Waits until this server says so of its link, and hears all others if it is `ok`.
    pub(crate) async fn link_of(&self, node: usize, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let link = self.link(node).await;
            if link["state"] == state && (state != "ok" || link["other_nodes"] == self.nodes.len() - 1) {
                return;
            }
            assert!(Instant::now() < deadline, "the link of server {node} is {link}, not {state}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The lines of a server's log that tell of its link: its warnings and its all-clears.
    pub(crate) fn told_of_link(&self, node: usize) -> (usize, usize) {
        let said = self.nodes[node].said();
        let lines = |level: &str| {
            said.lines()
                .filter(|line| line.contains(level) && line.contains("the link between nodes"))
                .count()
        };
        (lines("WARN"), lines("INFO"))
    }

    /// The same person, at another server.
    pub(crate) fn at(&self, node: usize, who: &Caller) -> Caller {
        Caller::new(self.nodes[node].client(), who.credential().clone())
    }

    /// The first admin, signed in at this server.
    pub(crate) async fn admin(&self, node: usize) -> AgentClient {
        self.nodes[node].client().login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap()
    }
}

fn address(redis: &TestRedis) -> SocketAddr {
    ([127, 0, 0, 1], redis.port()).into()
}
