//! What is measured: Hubbub in its forms, the floor, and the peers. Each starts fresh and alone on the servers' core.

use std::{fmt, fs, net::TcpListener, path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use crate::{
    machine::{self, Core},
    process::{Folder, Process},
};

/// The first admin, whom the load's agents sign in as.
pub(crate) const ADMIN: &str = "admin@localhost";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Limits are for strangers; a load is let in.
const OPEN: [&str; 13] = [
    "--customer-send-burst=1000000",
    "--customer-sends-per-minute=1000000",
    "--agent-sends-per-minute=1000000",
    "--starts-per-minute=1000000",
    "--login-failures=1000000",
    "--login-tries-per-minute=1000000",
    "--connections-per-contact=1000000",
    "--connections-per-address=1000000",
    "--max-connections=1000000",
    "--frames-per-second=100000",
    "--agents-see-all",
    "--drain-seconds=0",
    "--log=warn",
];

/// A server to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Subject {
    /// The relay that keeps nothing: `hubbub-loadtest floor`
    Floor,
    /// Hubbub on its embedded store
    Sqlite,
    /// Hubbub on Postgres, which flushes every commit
    Postgres,
    /// Two nodes of Hubbub on one Postgres and one Redis
    Cluster,
    /// nginx with nchan
    Nchan,
    /// socket.io on node
    Socketio,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Floor => "floor",
            Self::Sqlite => "Hubbub, SQLite",
            Self::Postgres => "Hubbub, Postgres",
            Self::Cluster => "Hubbub, two nodes",
            Self::Nchan => "nchan",
            Self::Socketio => "socket.io",
        })
    }
}

impl Subject {
    /// As on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What `hubbub-loadtest` calls it.
    pub(crate) fn peer(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Sqlite | Self::Postgres | Self::Cluster => "hubbub",
            Self::Nchan => "nchan",
            Self::Socketio => "socketio",
        }
    }
}

/// Where the programs are.
pub(crate) struct Programs {
    pub(crate) hubbub: PathBuf,
    pub(crate) loadtest: PathBuf,
    /// The folder of peers' files.
    pub(crate) peers: PathBuf,
    pub(crate) server_core: Core,
}

impl Programs {
    /// Says why this one cannot be measured here.
    pub(crate) fn lacks(&self, subject: Subject) -> Option<String> {
        let installed = |program: &str| machine::find(program).is_some();
        let lacks =
            |what: &str, package: &str| Some(format!("{what} is not installed: apt-get install {package}"));
        match subject {
            Subject::Floor | Subject::Sqlite => None,
            Subject::Postgres | Subject::Cluster if machine::postgres_programs().is_none() => {
                lacks("Postgres", "postgresql")
            }
            Subject::Cluster if !installed("redis-server") => lacks("Redis", "redis-server"),
            Subject::Postgres | Subject::Cluster => None,
            Subject::Nchan if !installed("nginx") => lacks("nginx", "nginx"),
            Subject::Nchan if !PathBuf::from("/usr/lib/nginx/modules/ngx_nchan_module.so").exists() => {
                lacks("nchan", "libnginx-mod-nchan")
            }
            Subject::Nchan => None,
            Subject::Socketio if !installed("node") => lacks("node", "nodejs"),
            Subject::Socketio => match machine::install_socketio(&self.peers.join("socketio")) {
                Ok(()) => None,
                Err(error) => Some(format!("socket.io cannot be installed: {error:#}")),
            },
        }
    }

    /// Starts it; it takes connections when this returns.
    pub(crate) async fn start(&self, subject: Subject) -> anyhow::Result<Running> {
        let mut running = Running::new()?;
        match subject {
            Subject::Floor => {
                let port = quiet_port()?;
                let words =
                    [self.loadtest.display().to_string(), "floor".into(), "--listen".into(), at(port)];
                running.serve(self.process("floor", &running.folder, &words)?, port).await?;
            }
            Subject::Sqlite => {
                let url = format!("sqlite://{}", running.folder.join("hubbub.db"));
                running.database_url = Some(url);
                self.add_node(&mut running).await?;
            }
            Subject::Postgres => {
                self.add_postgres(&mut running).await?;
                self.add_node(&mut running).await?;
            }
            Subject::Cluster => {
                self.add_postgres(&mut running).await?;
                self.add_redis(&mut running).await?;
                self.add_node(&mut running).await?;
                self.add_node(&mut running).await?;
                running.nodes_hear_each_other().await?;
            }
            Subject::Nchan => self.add_nchan(&mut running).await?,
            Subject::Socketio => {
                let port = quiet_port()?;
                let node = machine::find("node").context("node is not installed")?;
                let server = self.peers.join("socketio/server.mjs").display().to_string();
                let words = [node, server, port.to_string()];
                running.serve(self.process("socketio", &running.folder, &words)?, port).await?;
            }
        }
        Ok(running)
    }

    fn process(&self, name: &str, folder: &Folder, words: &[String]) -> anyhow::Result<Process> {
        Process::start(name.to_owned(), folder, self.server_core, words)
    }

    /// Starts one more node on the store that is there.
    async fn add_node(&self, running: &mut Running) -> anyhow::Result<()> {
        let (port, metrics) = (quiet_port()?, quiet_port()?);
        let database = running.database_url.clone().context("a node has a store")?;
        let mut words =
            vec![self.hubbub.display().to_string(), "serve".into(), "--take-messages=false".into()];
        let own = [
            ("--listen", at(port)),
            ("--metrics-listen", at(metrics)),
            ("--database-url", database),
            ("--admin-password", PASSWORD.to_owned()),
        ];
        words.extend(own.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]));
        words.extend(running.redis_url.iter().map(|url| format!("--redis-url={url}")));
        words.extend(OPEN.map(str::to_owned));
        let node = Node { port, words };
        let process = self.process(&node.name(), &running.folder, &node.words)?;
        process.until(async || is_ready(&node.url("/readyz")).await).await?;
        running.nodes.push(node);
        running.metrics_urls.push(format!("http://{}/metrics", at(metrics)));
        running.urls.push(format!("http://{}", at(port)));
        running.servers.push(process);
        Ok(())
    }

    /// As it is installed, with its own defaults.
    async fn add_postgres(&self, running: &mut Running) -> anyhow::Result<()> {
        let programs = machine::postgres_programs().context("Postgres is not installed")?;
        let folder = Folder::new()?;
        // It refuses to run as root.
        let mut user = Vec::new();
        if machine::is_root() {
            user.extend(
                ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"].map(str::to_owned),
            );
            let owner =
                tokio::process::Command::new("chown").arg("postgres").arg(folder.path()).status().await?;
            ensure!(owner.success(), "there is no user postgres");
        }
        let data = folder.join("data");
        let initdb = format!("{programs}/initdb");
        let make = ["-D", &data, "-U", "hubbub", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"];
        let words: Vec<&str> = user.iter().map(String::as_str).chain([initdb.as_str()]).chain(make).collect();
        let made = tokio::process::Command::new(words[0]).args(&words[1..]).output().await?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = quiet_port()?;
        // Shared memory in files of its folder, so that nothing is left of it however it ends.
        let serve = ["-D", &data, "-k", &folder.join(""), "-c", "dynamic_shared_memory_type=mmap"];
        let mut words = user;
        words.push(format!("{programs}/postgres"));
        words.extend(serve.map(str::to_owned));
        words.extend(["-p".to_owned(), port.to_string(), "-c".into(), "listen_addresses=127.0.0.1".into()]);
        let process = self.process("postgres", &folder, &words)?;
        let (isready, port) = (format!("{programs}/pg_isready"), port.to_string());
        let ask = ["-q", "-h", "127.0.0.1", "-U", "hubbub", "-d", "postgres", "-p", &port];
        process.until(async || machine_says_yes(&isready, &ask).await).await?;
        running.database_url = Some(format!("postgres://hubbub@127.0.0.1:{port}/postgres"));
        running.stores.push(process);
        Ok(())
    }

    async fn add_redis(&self, running: &mut Running) -> anyhow::Result<()> {
        let port = quiet_port()?;
        let words = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port"];
        let mut words = words.map(str::to_owned).to_vec();
        words.extend([port.to_string(), "--dir".into(), running.folder.join("")]);
        let process = self.process("redis", &Folder::new()?, &words)?;
        process.until(async || takes_connections(port).await).await?;
        running.redis_url = Some(format!("redis://127.0.0.1:{port}/"));
        running.link = Some(process);
        Ok(())
    }

    async fn add_nchan(&self, running: &mut Running) -> anyhow::Result<()> {
        let port = quiet_port()?;
        let files: u64 =
            machine::said("sh", &["-c", "ulimit -Hn"]).and_then(|most| most.parse().ok()).unwrap_or(4096);
        let conf = fs::read_to_string(self.peers.join("nchan/nginx.conf"))?
            .replace("@PORT@", &port.to_string())
            .replace("@FOLDER@", &running.folder.path().display().to_string())
            .replace("@FILES@", &files.to_string())
            // Some files are not connections.
            .replace("@CONNECTIONS@", &(files - files / 50).to_string());
        let path = running.folder.join("nginx.conf");
        fs::write(&path, conf)?;
        let nginx = machine::find("nginx").context("nginx is not installed")?;
        let mut words = vec![nginx, "-e".into(), "stderr".into(), "-p".into(), running.folder.join("")];
        words.extend(["-c".to_owned(), path]);
        if machine::is_root() {
            words.extend(["-g", "user root root;"].map(str::to_owned));
        }
        running.serve(self.process("nginx", &running.folder, &words)?, port).await
    }
}

/// A node, to start it again.
struct Node {
    port: u16,
    words: Vec<String>,
}

impl Node {
    fn name(&self) -> String {
        format!("hubbub-{}", self.port)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", at(self.port))
    }
}

/// Servers that run. All end when this is dropped.
pub(crate) struct Running {
    pub(crate) urls: Vec<String>,
    pub(crate) metrics_urls: Vec<String>,
    pub(crate) database_url: Option<String>,
    pub(crate) servers: Vec<Process>,
    pub(crate) stores: Vec<Process>,
    redis_url: Option<String>,
    link: Option<Process>,
    nodes: Vec<Node>,
    folder: Folder,
    /// Those that ended meanwhile; the first of them has the folder.
    ended: Vec<Process>,
}

impl Running {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            urls: Vec::new(),
            metrics_urls: Vec::new(),
            database_url: None,
            servers: Vec::new(),
            stores: Vec::new(),
            redis_url: None,
            link: None,
            nodes: Vec::new(),
            folder: Folder::new()?,
            ended: Vec::new(),
        })
    }

    async fn serve(&mut self, process: Process, port: u16) -> anyhow::Result<()> {
        process.until(async || takes_connections(port).await).await?;
        self.urls.push(format!("http://{}", at(port)));
        self.servers.push(process);
        Ok(())
    }

    /// How many connections the first node says that it has.
    pub(crate) async fn connections(&self) -> Option<f64> {
        let page = fetch(self.metrics_urls.first()?).await.ok()?;
        let line = page.lines().find_map(|line| line.strip_prefix("hubbub_connections "))?;
        line.trim().parse().ok()
    }

    /// Ends the (only) node by this signal.
    pub(crate) async fn end_node(&mut self, signal: &str) -> anyhow::Result<()> {
        let node = self.servers.pop().context("it is no node")?;
        node.end(signal).await?;
        self.ended.push(node);
        Ok(())
    }

    /// Starts the node that was ended again, where it was. Answers how long it took until it was ready.
    pub(crate) async fn start_node(&mut self, programs: &Programs) -> anyhow::Result<Duration> {
        let node = self.nodes.first().context("it is no node")?;
        let process = programs.process(&node.name(), &self.folder, &node.words)?;
        process.until(async || is_ready(&node.url("/readyz")).await).await?;
        let took = process.started.elapsed();
        self.servers.push(process);
        Ok(took)
    }

    async fn nodes_hear_each_other(&self) -> anyhow::Result<()> {
        let others = format!("\"other_nodes\":{}", self.nodes.len() - 1);
        for (node, process) in self.nodes.iter().zip(&self.servers) {
            process
                .until(async || fetch(&node.url("/readyz")).await.is_ok_and(|it| it.contains(&others)))
                .await?;
        }
        Ok(())
    }

    /// Ends the store in good order: killed, it would leave shared memory behind.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        self.servers.clear();
        for store in &self.stores {
            store.end("-QUIT").await?;
        }
        Ok(())
    }

    /// What the servers said last, for somebody who wonders.
    pub(crate) fn said(&self) -> String {
        let servers = self.servers.iter().chain(&self.stores).chain(&self.ended);
        servers.map(|it| format!("{}: {}", it.name, it.said())).collect::<Vec<_>>().join("\n")
    }
}

fn at(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

async fn takes_connections(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

async fn is_ready(url: &str) -> bool {
    fetch(url).await.is_ok()
}

/// The body of a good answer.
async fn fetch(url: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
    Ok(client.get(url).send().await?.error_for_status()?.text().await?)
}

async fn machine_says_yes(program: &str, words: &[&str]) -> bool {
    tokio::process::Command::new(program).args(words).status().await.is_ok_and(|status| status.success())
}

/// A free port that the kernel gives to nobody who asks for any: the load takes all of those.
fn quiet_port() -> anyhow::Result<u16> {
    for _ in 0..100 {
        let port = rand::rng().random_range(18_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no port is free")
}
