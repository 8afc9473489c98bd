//! The servers of a run: nodes, their store, what links them, and the wires between all of these.

use std::{ffi::OsString, path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use loadtest::client::{AgentClient, Caller, Server};
use persistence::testing::{TestPostgres, TestRedis};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt as _, process::Command, time::Instant};

use crate::{
    disk::Disk,
    node::{Node, Recipe},
    wire::{Nodes, Wire},
};

const ADMIN: &str = "admin@localhost";
const PASSWORD: &str = "correct horse battery";
/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(60);

/// Rates out of the way, and clients that notice within seconds when a line is dead.
const FLAGS: [&str; 12] = [
    "--customer-send-burst=100000",
    "--customer-sends-per-minute=100000",
    "--agent-sends-per-minute=100000",
    "--starts-per-minute=100000",
    "--login-tries-per-minute=100000",
    "--connections-per-contact=1000",
    "--connections-per-address=5000",
    "--max-connections=5000",
    "--heartbeat-seconds=2",
    "--presence-grace-seconds=1",
    "--drain-seconds=1",
    "--log-format=text",
];

/// What the nodes are.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    pub(crate) hubbub: PathBuf,
    pub(crate) log: String,
}

/// Where the truth is.
pub(crate) enum Store {
    Postgres(Arc<TestPostgres>),
    Sqlite(Option<Arc<Disk>>),
}

pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Arc<Node>>,
    pub(crate) balancer: Arc<Nodes>,
    pub(crate) store: Store,
    pub(crate) redis: Option<Arc<TestRedis>>,
    /// Whoever does something to the store's process holds it.
    pub(crate) store_turn: tokio::sync::Mutex<()>,
    /// The same for Redis.
    pub(crate) redis_turn: tokio::sync::Mutex<()>,
    /// Members of the team, signed in.
    pub(crate) team: Vec<AgentClient>,
    /// With which the site proves who its visitors are.
    pub(crate) identity_secret: String,
    _folder: TempDir,
}

impl Cluster {
    /// Nodes on one Postgres, which flushes as in production, and, if there are several, one Redis.
    pub(crate) async fn on_postgres(nodes: usize, servers: &Servers, began: Instant) -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(TestPostgres::start_durable).await?;
        let url = server.create_database().await;
        let database = url.rsplit('/').next().context("a database has a name")?.to_owned();
        let target = ([127, 0, 0, 1], server.port()).into();
        let redis = match nodes {
            1 => None,
            _ => Some(Arc::new(tokio::task::spawn_blocking(TestRedis::start).await?)),
        };
        let folder = tempfile::Builder::new().prefix("hubbub-chaos-").tempdir()?;
        let mut made = Vec::new();
        for number in 0..nodes {
            let wire = Wire::to(target).await?;
            let url = format!("postgres://hubbub@{}/{database}", wire.address());
            // One of several has a clock that nobody tampers with.
            let clock = (number > 0 || nodes == 1).then(|| folder.path().join(format!("clock-{number}")));
            let mut flags = flags(&url, &servers.log);
            let mut link = None;
            if let Some(redis) = &redis {
                let wire = Wire::to(([127, 0, 0, 1], redis.port()).into()).await?;
                flags.extend(["--redis-url".into(), format!("redis://{}/", wire.address()).into()]);
                link = Some(wire);
            }
            let recipe = Recipe { hubbub: servers.hubbub.clone(), flags, clock, disk: None };
            made.push(Arc::new(Node::new(number, recipe, Some(wire), link, began)?));
        }
        Self::start(made, Store::Postgres(Arc::new(server)), redis, folder).await
    }

    /// One node on SQLite, on a disk that can be full; or, where none can be mounted, on any.
    pub(crate) async fn on_sqlite(servers: &Servers, began: Instant) -> anyhow::Result<Self> {
        let disk = match Disk::mount().await {
            Ok(disk) => Some(Arc::new(disk)),
            Err(error) => {
                println!("no disk is filled here: {error:#}");
                None
            }
        };
        let folder = tempfile::Builder::new().prefix("hubbub-chaos-").tempdir()?;
        let data = disk.as_ref().map_or(folder.path(), |disk| disk.folder());
        let url = format!("sqlite://{}", data.join("hubbub.db").display());
        let clock = Some(folder.path().join("clock-0"));
        let recipe = Recipe {
            hubbub: servers.hubbub.clone(),
            flags: flags(&url, &servers.log),
            clock,
            disk: disk.clone(),
        };
        let node = Arc::new(Node::new(0, recipe, None, None, began)?);
        Self::start(vec![node], Store::Sqlite(disk), None, folder).await
    }

    /// One node on a Postgres of its own, with nothing done to it. Its memory is its own: SQLite's caches, which may
    /// take many megabytes until they are full, are not in it.
    pub(crate) async fn alone(servers: &Servers, began: Instant) -> anyhow::Result<Self> {
        let server = tokio::task::spawn_blocking(TestPostgres::start).await?;
        let url = server.create_database().await;
        let folder = tempfile::Builder::new().prefix("hubbub-chaos-").tempdir()?;
        let recipe = Recipe {
            hubbub: servers.hubbub.clone(),
            flags: flags(&url, &servers.log),
            clock: None,
            disk: None,
        };
        let node = Arc::new(Node::new(0, recipe, None, None, began)?);
        Self::start(vec![node], Store::Postgres(Arc::new(server)), None, folder).await
    }

    async fn start(
        nodes: Vec<Arc<Node>>,
        store: Store,
        redis: Option<Arc<TestRedis>>,
        folder: TempDir,
    ) -> anyhow::Result<Self> {
        let balancer = Nodes::new(nodes.iter().map(|node| node.address));
        for node in &nodes {
            node.step_clock(0)?;
            node.start().await?;
        }
        let mut cluster = Self {
            nodes,
            balancer,
            store,
            redis,
            store_turn: tokio::sync::Mutex::default(),
            redis_turn: tokio::sync::Mutex::default(),
            team: Vec::new(),
            identity_secret: String::new(),
            _folder: folder,
        };
        cluster.is_ready(START).await?;
        cluster.staff().await?;
        Ok(cluster)
    }

    /// Adds the team, whose members see every chat, and signs them in.
    async fn staff(&mut self) -> anyhow::Result<()> {
        let server = self.nodes[0].direct()?;
        let admin = server.login(ADMIN, PASSWORD).await?;
        // The clock is stepped by hours: chats would end by themselves, and nobody here said so.
        let quiet = serde_json::json!({
            "reminders": { "unassigned_after_s": null, "unresolved_after_s": null },
            "closing": { "inactive_after_s": null, "reopen_window_s": null },
        });
        admin.request("PATCH", "/settings").json(&quiet).done().await?;
        let sites: Sites = admin.request("GET", "/sites").read().await?;
        let secret = sites.items.into_iter().find(|site| site.key == "demo");
        self.identity_secret =
            secret.and_then(|site| site.identity_secrets.into_iter().next()).context("the site's secret")?;
        for name in ["Bo", "Cleo"] {
            let email = format!("{}@example.com", name.to_lowercase());
            self.add_member(name, &email).await?;
            self.team.push(server.login(&email, PASSWORD).await?);
        }
        self.team.push(admin);
        Ok(())
    }

    async fn add_member(&self, name: &str, email: &str) -> anyhow::Result<()> {
        let mut command: Command = self.nodes[0].program();
        command.args([
            "agent",
            "add",
            "--role=supervisor",
            "--name",
            name,
            "--email",
            email,
            "--password-stdin",
        ]);
        let mut child = command
            .args(self.nodes[0].store_flag())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("it was piped")?.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
        let output = child.wait_with_output().await?;
        ensure!(output.status.success(), "agent add: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// A member of the team, as over this server address.
    pub(crate) fn member_at(&self, number: usize, server: Server) -> Caller {
        Caller::new(server, self.team[number % self.team.len()].credential().clone())
    }

    /// Waits until every node says that it is ready.
    pub(crate) async fn is_ready(&self, within: Duration) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        for node in &self.nodes {
            while !node.is_ready().await {
                let said = || node.log.last(5).join("\n    ");
                ensure!(
                    Instant::now() < deadline,
                    "node {} is not ready after {within:?}; it said last:\n    {}",
                    node.number,
                    said()
                );
                if let Some(end) = node.ended_by_itself().await {
                    anyhow::bail!("node {} {end}; it said last:\n    {}", node.number, said());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Whatever is still ill gets well. The script has ended by then; this is for one that failed.
    pub(crate) async fn heal(&self) -> anyhow::Result<()> {
        for node in &self.nodes {
            for wire in [&node.postgres, &node.redis].into_iter().flatten() {
                wire.heal();
            }
            node.step_clock(0)?;
            if node.ended_by_itself().await.is_some() {
                node.start().await?;
            }
            self.balancer.serves(node.number, true);
        }
        Ok(())
    }
}

fn flags(database_url: &str, log: &str) -> Vec<OsString> {
    let own = ["--database-url", database_url, "--admin-password", PASSWORD, "--log", log];
    own.iter().chain(&FLAGS).map(OsString::from).collect()
}

/// As far as it is of interest here.
#[derive(Deserialize)]
struct Sites {
    items: Vec<Site>,
}

#[derive(Deserialize)]
struct Site {
    key: String,
    identity_secrets: Vec<String>,
}
