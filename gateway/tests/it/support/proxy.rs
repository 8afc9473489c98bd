//! A real proxy in front of the nodes of a test, with its file from `docs/deploy` as it stands there: only names and
//! addresses are filled in.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use loadtest::client::Server;
use tokio::{net::TcpStream, time::Instant};

use super::keeper::Kept;

/// How long a proxy may take to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
    HaProxy,
}

/// A proxy that speaks https as in production, and another one on its far side that plays the browsers: it takes plain
/// http (all that the reference client speaks), checks the certificate, and comes from an address of its own.
pub(crate) struct TestProxy {
    kind: Kind,
    ana: Server,
    ben: Server,
    plain: Server,
    /// Where Caddy is told to reload.
    admin: SocketAddr,
    proxy: Kept,
    browsers: Kept,
    folder: PathBuf,
}

impl TestProxy {
    /// In front of these nodes; a single one fills both places.
    pub(crate) async fn start(kind: Kind, nodes: &[SocketAddr]) -> Self {
        let mut failures = Vec::new();
        // Somebody may take a free port before the proxy does.
        for _ in 0..3 {
            match Self::try_start(kind, nodes).await {
                Ok(proxy) => return proxy,
                Err(said) => failures.push(said),
            }
        }
        panic!("{kind:?} did not start (apt-get install nginx caddy haproxy):\n{}", failures.join("\n"));
    }

    async fn try_start(kind: Kind, nodes: &[SocketAddr]) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("hubbub-proxy-").tempdir().unwrap().keep();
        let ports = free_ports();
        make_certificate(&folder);
        let nodes = [nodes[0], *nodes.last().unwrap()];
        let proxy = match kind {
            Kind::Nginx => nginx(&folder, nodes, &ports),
            Kind::Caddy => caddy(&folder, nodes, &ports),
            Kind::HaProxy => haproxy(&folder, nodes, &ports),
        };
        let browsers = browsers(&folder, &ports);
        let server = |port: SocketAddr| Server::new(format!("http://{port}")).unwrap();
        let started = Self {
            kind,
            ana: server(ports.ana),
            ben: server(ports.ben),
            plain: server(ports.plain),
            admin: ports.admin,
            proxy,
            browsers,
            folder,
        };
        let up = async {
            let mut again = tokio::time::interval(AGAIN);
            while started.proxy.is_running() {
                again.tick().await;
                let there = TcpStream::connect(ports.plain).await.is_ok()
                    && TcpStream::connect(ports.ana).await.is_ok();
                if there
                    && started
                        .ana
                        .request("GET", "/healthz")
                        .send()
                        .await
                        .is_ok_and(|answer| answer.status == 200)
                {
                    return true;
                }
            }
            false
        };
        match tokio::time::timeout(PATIENCE, up).await {
            Ok(true) => Ok(started),
            _ => Err(started.proxy.said() + &started.browsers.said()),
        }
    }

    /// The service, as a browser at 127.0.0.2 finds it.
    pub(crate) fn ana(&self) -> &Server {
        &self.ana
    }

    /// The service, as a browser at 127.0.0.3 finds it.
    pub(crate) fn ben(&self) -> &Server {
        &self.ben
    }

    /// The port for those who have typed no https.
    pub(crate) fn plain(&self) -> &Server {
        &self.plain
    }

    /// Waits until its health check has found that the first node is not ready. nginx has none.
    pub(crate) async fn finds_the_first_not_ready(&self) {
        match self.kind {
            Kind::Nginx => {}
            Kind::Caddy => self.says("health_checker.active", 1).await,
            Kind::HaProxy => self.says("Server nodes/hubbub1 is DOWN", 1).await,
        }
    }

    /// Waits until its health check has found that no node is ready. nginx has none.
    pub(crate) async fn finds_nobody_ready(&self) {
        match self.kind {
            Kind::Nginx => {}
            // One line a node and check.
            Kind::Caddy => self.says("health_checker.active", 2).await,
            Kind::HaProxy => self.says("0 active and", 1).await,
        }
    }

    /// Waits until its log has these words so many times.
    async fn says(&self, words: &str, times: usize) {
        let (deadline, mut again) = (Instant::now() + PATIENCE, tokio::time::interval(AGAIN));
        while self.proxy.said().matches(words).count() < times {
            assert!(Instant::now() < deadline, "{words:?} is not in its log");
            again.tick().await;
        }
    }

    /// Reads its configuration anew, once, as the package's unit does it, and waits until that is done.
    pub(crate) async fn reload(&self) {
        match self.kind {
            Kind::Nginx => {
                self.proxy.reload();
                self.says("gracefully shutting down", 1).await;
            }
            Kind::HaProxy => {
                self.proxy.reexec();
                self.says("Proxy hubbub stopped", 1).await;
            }
            Kind::Caddy => self.reload_caddy().await,
        }
    }

    async fn reload_caddy(&self) {
        let reload = tokio::process::Command::new("caddy")
            .args(["reload", "--force", "--address", &self.admin.to_string(), "--config"])
            .arg(self.folder.join("Caddyfile"))
            .kill_on_drop(true)
            .output();
        let done = tokio::time::timeout(PATIENCE, reload).await.expect("no reload").unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for TestProxy {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {:?} said:\n{}{}---", self.kind, self.proxy.said(), self.browsers.said());
        }
    }
}

/// Addresses on which nobody listens, as far as one can know.
struct Ports {
    tls: SocketAddr,
    plain: SocketAddr,
    /// In the places of the second protocol family's.
    tls_too: SocketAddr,
    plain_too: SocketAddr,
    admin: SocketAddr,
    ana: SocketAddr,
    ben: SocketAddr,
}

fn free_ports() -> Ports {
    // All held at once, so that they are different ones.
    let held: [TcpListener; 7] =
        std::array::from_fn(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [tls, plain, tls_too, plain_too, admin, ana, ben] = held.map(|socket| socket.local_addr().unwrap());
    Ports { tls, plain, tls_too, plain_too, admin, ana, ben }
}

/// Signed by itself, for the name in the files and the address in the tests; in the three forms that proxies want.
fn make_certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args([
            "-subj",
            "/CN=chat.example.com",
            "-addext",
            "subjectAltName=DNS:chat.example.com,IP:127.0.0.1",
        ])
        .args(["-days", "30", "-keyout", "privkey.pem", "-out", "fullchain.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl is there (apt-get install openssl)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let [chain, key] =
        ["fullchain.pem", "privkey.pem"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    fs::write(folder.join("hubbub.pem"), chain + &key).unwrap();
}

/// A file of `docs/deploy`.
pub(crate) fn documented(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/deploy");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Puts a test's values in the places of the documented ones, all of which must be there.
fn fill(file: &str, values: &[(&str, String)]) -> String {
    let mut filled = file.to_owned();
    for (documented, value) in values {
        assert!(filled.contains(documented), "{documented:?} is not in the file any more");
        filled = filled.replace(documented, value);
    }
    filled
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn nginx(folder: &Path, nodes: [SocketAddr; 2], ports: &Ports) -> Kept {
    let there = folder.display();
    let site = fill(
        &documented("nginx.conf"),
        &[
            ("127.0.0.1:8080", nodes[0].to_string()),
            ("127.0.0.1:8081", nodes[1].to_string()),
            ("listen 80;", format!("listen {};", ports.plain)),
            ("listen [::]:80;", format!("listen {};", ports.plain_too)),
            ("listen 443 ssl", format!("listen {} ssl", ports.tls)),
            ("listen [::]:443 ssl", format!("listen {} ssl", ports.tls_too)),
            ("/etc/ssl/hubbub/", format!("{there}/")),
        ],
    );
    write(folder, "hubbub.conf", &site);
    // What README.md says of nginx.conf itself, and what makes it a guest of this folder.
    let readme = documented("README.md");
    let (_, main) = readme.split_once("```nginx\n").expect("README.md has lines for nginx.conf");
    let (main, _) = main.split_once("```").unwrap();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {there}/{kind};\n"))
        .concat();
    let main = format!(
        "user root root;\ndaemon off;\npid {there}/nginx.pid;\nerror_log stderr notice;\n{main}\n\
         http {{\naccess_log off;\n{temporary}include {there}/hubbub.conf;\n}}\n"
    );
    let main = write(folder, "main.conf", &main);
    Kept::start(
        folder,
        &["nginx", "-e", "stderr", "-p", &there.to_string(), "-c", &main.display().to_string()],
    )
}

fn caddy(folder: &Path, nodes: [SocketAddr; 2], ports: &Ports) -> Kept {
    let there = folder.display();
    // Its own authority is not wanted here; as root it would make itself at home among the machine's certificates.
    let options = format!(
        "\n{{\n admin {}\n http_port {}\n https_port {}\n default_bind 127.0.0.1\n auto_https disable_certs\n \
         skip_install_trust\n",
        ports.admin,
        ports.plain.port(),
        ports.tls.port()
    );
    let file = fill(
        &documented("Caddyfile"),
        &[
            ("127.0.0.1:8080", nodes[0].to_string()),
            ("127.0.0.1:8081", nodes[1].to_string()),
            ("\n{\n", options),
            (":chat.example.com}", ":chat.example.com, 127.0.0.1}".to_owned()),
            ("# tls /etc/ssl/hubbub/", "tls /etc/ssl/hubbub/".to_owned()),
            ("/etc/ssl/hubbub/", format!("{there}/")),
        ],
    );
    let file = write(folder, "Caddyfile", &file);
    Kept::start(folder, &["caddy", "run", "--config", &file.display().to_string()])
}

fn haproxy(folder: &Path, nodes: [SocketAddr; 2], ports: &Ports) -> Kept {
    let file = fill(
        &documented("haproxy.cfg"),
        &[
            ("127.0.0.1:8080", nodes[0].to_string()),
            ("127.0.0.1:8081", nodes[1].to_string()),
            ("bind :80\n", format!("bind {}\n", ports.plain)),
            ("bind [::]:80 v6only", format!("bind {}", ports.plain_too)),
            ("bind :443 ", format!("bind {} ", ports.tls)),
            ("bind [::]:443 v6only", format!("bind {}", ports.tls_too)),
            ("/etc/haproxy/hubbub.pem", folder.join("hubbub.pem").display().to_string()),
            ("maxconn 20000", "maxconn 500".to_owned()),
            // The tests need not be root.
            ("    user haproxy\n    group haproxy\n", String::new()),
        ],
    );
    let file = write(folder, "haproxy.cfg", &file);
    Kept::start(folder, &["haproxy", "-W", "-f", &file.display().to_string()])
}

/// Two browsers' ends of TLS, each from its own address.
fn browsers(folder: &Path, ports: &Ports) -> Kept {
    let browser = |name: &str, at: SocketAddr, from: &str| {
        format!(
            "listen {name}\n bind {at}\n server proxy {} source {from} ssl verify required ca-file {} \
             sni str(chat.example.com) verifyhost chat.example.com\n",
            ports.tls,
            folder.join("fullchain.pem").display()
        )
    };
    let file = format!(
        "defaults\n mode tcp\n timeout connect 10s\n timeout client 2m\n timeout server 2m\n{}{}",
        browser("ana", ports.ana, "127.0.0.2"),
        browser("ben", ports.ben, "127.0.0.3")
    );
    let file = write(folder, "browsers.cfg", &file);
    Kept::start(folder, &["haproxy", "-db", "-f", &file.display().to_string()])
}
