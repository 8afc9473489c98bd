//! The command line (contract §6): words, variables, refusals, and what the first start tells.

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use loadtest::client::Server;
use persistence::testing::Engine;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

use crate::support::{ADMIN_PASSWORD, TestServer};

const PATIENCE: Duration = Duration::from_secs(30);

/// The program in an empty environment, and in a folder of its own.
fn hubbub(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubbub"));
    command.env_clear().current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(command: &mut Command) -> Output {
    tokio::time::timeout(PATIENCE, command.output()).await.expect("it does not end").unwrap()
}

async fn with_input(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it does not end").unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Ends with this status, having said one clear line, and nothing else.
#[track_caller]
fn assert_refused(output: &Output, status: i32, named: &str, what: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{what}: {said}");
    assert_eq!(said.lines().count(), 1, "{what}: {said}");
    assert!(said.starts_with("error: ") && said.contains(named), "{what}: {said}");
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{what}: {said}");
    assert_eq!(text(&output.stdout), "", "{what}");
}

/// A server that was started by hand, and what it printed when it was ready.
struct Started {
    process: Child,
    greeting: Vec<String>,
}

impl Started {
    async fn new(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut greeting: Vec<String> = Vec::new();
        let ready = async {
            // The greeting ends with an empty line, and begins with one.
            while greeting.len() < 2
                || !greeting.last().unwrap().is_empty()
                || !greeting.iter().any(|line| line.contains("Console"))
            {
                greeting.push(lines.next_line().await.unwrap().expect("it ended instead of starting"));
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("it does not start");
        Self { process, greeting }
    }

    fn told(&self, word: &str) -> Option<&str> {
        self.greeting.iter().find_map(|line| line.trim().strip_prefix(word)).map(str::trim)
    }

    fn client(&self) -> Server {
        Server::new(self.told("Console").unwrap().trim_end_matches("/console")).unwrap()
    }

    async fn stop(mut self) {
        let pid = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        let status =
            tokio::time::timeout(PATIENCE, self.process.wait()).await.expect("it does not stop").unwrap();
        assert_eq!(status.code(), Some(0), "SIGTERM is an orderly end");
    }
}

#[tokio::test]
async fn the_first_start_tells_how_to_get_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let serve = || {
        let mut command = hubbub(folder.path());
        command.args(["--listen", "127.0.0.1:0", "--drain-seconds", "0"]);
        command
    };
    let first = Started::new(&mut serve()).await;
    assert_eq!(first.told("Sign in as"), Some("admin@localhost"));
    assert!(first.told("Demo shop").unwrap().ends_with("/demo"));
    let password = first.told("Password").unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(password.len() >= 20, "{password}");
    for word in ["Demo shop", "Console"] {
        let address = first.told(word).unwrap();
        let path = address.splitn(4, '/').nth(3).unwrap();
        let page = first.client().request("GET", &format!("/{path}")).send().await.unwrap();
        assert!(
            page.status == 200 && page.header("content-type").unwrap().starts_with("text/html"),
            "{address}"
        );
    }
    let admin = first.client().login("admin@localhost", &password).await.unwrap();
    assert!(admin.who().password_change_required);
    let admin = first.client().first_login("admin@localhost", &password, ADMIN_PASSWORD).await.unwrap();
    assert!(!admin.who().password_change_required);
    first.stop().await;
    assert!(folder.path().join("data/hubbub.db").exists());

    let second = Started::new(&mut serve()).await;
    assert_eq!((second.told("Password"), second.told("Sign in as")), (None, None), "{:?}", second.greeting);
    assert!(!second.greeting.join("\n").contains(&password));
    second.client().login("admin@localhost", ADMIN_PASSWORD).await.unwrap();
    second.stop().await;
}

#[tokio::test]
async fn every_setting_has_a_variable_and_flags_beat_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = hubbub(folder.path());
    command
        .env("HUBBUB_LISTEN", "127.0.0.1:0")
        .env("HUBBUB_DATA_DIR", "elsewhere/deep")
        .env("HUBBUB_ADMIN_EMAIL", "Boss@Example.com")
        .env("HUBBUB_ADMIN_PASSWORD", "given by variable")
        .env("HUBBUB_MESSAGE_CHARS", "10")
        .env("HUBBUB_TRUSTED_PROXIES", "10.0.0.0/8,192.168.0.0/16")
        .env("HUBBUB_AGENTS_SEE_ALL", "true")
        .env("HUBBUB_DRAIN_SECONDS", "0")
        .env("HUBBUB_LOG", "warn")
        .env("HUBBUB_LOG_FORMAT", "json")
        .args(["serve", "--message-chars", "20"]);
    let server = Started::new(&mut command).await;
    assert!(folder.path().join("elsewhere/deep/hubbub.db").exists());
    assert_eq!(server.told("Sign in as"), Some("boss@example.com"));
    // What the operator gave is not shown again, and need not be changed.
    assert!(!server.greeting.join("\n").contains("given by variable"));
    let boss = server.client().login("boss@example.com", "given by variable").await.unwrap();
    assert!(!boss.who().password_change_required);
    assert_eq!(server.client().site("demo").await.unwrap().message_chars, 20);
    server.stop().await;

    for (variable, bad) in [
        ("HUBBUB_LISTEN", "nonsense"),
        ("HUBBUB_MESSAGE_CHARS", "many"),
        ("HUBBUB_TRUSTED_PROXIES", "the office"),
        ("HUBBUB_LOG_FORMAT", "xml"),
        ("HUBBUB_PUBLIC_URL", "chat.example"),
    ] {
        let output = run(hubbub(folder.path()).env(variable, bad)).await;
        assert_refused(&output, 2, bad, variable);
    }
}

#[tokio::test]
async fn bad_values_end_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a-file"), "").unwrap();
    for (words, named) in [
        (&["--listen", "nonsense"][..], "--listen"),
        (&["--listen", "127.0.0.1"], "--listen"),
        (&["--listen", "127.0.0.1:99999"], "--listen"),
        (&["--no-such-flag"], "--no-such-flag"),
        (&["no-such-word"], "no-such-word"),
        (&["serve", "extra"], "extra"),
        (&["--public-url", "ftp://chat.example"], "--public-url"),
        (&["--public-url", "https://chat.example/path"], "--public-url"),
        (&["--public-url", "https://user@chat.example"], "--public-url"),
        (&["--trusted-proxies", "10.0.0.0/8,the office"], "--trusted-proxies"),
        (&["--trusted-proxies", "10.0.0.0/99"], "--trusted-proxies"),
        (&["--log-format", "xml"], "--log-format"),
        (&["--log", "hub=loud"], "--log"),
        (&["--heartbeat-seconds", "0"], "--heartbeat-seconds"),
        (&["--hello-seconds", "0"], "--hello-seconds"),
        (&["--drain-seconds=-1"], "--drain-seconds"),
        (&["--drain-seconds", "601"], "--drain-seconds"),
        (&["--presence-grace-seconds", "3601"], "--presence-grace-seconds"),
        (&["--presence-grace-seconds", "18446744073709551615"], "--presence-grace-seconds"),
        (&["--max-connections", "0"], "--max-connections"),
        (&["--max-connections", "18446744073709551615"], "--max-connections"),
        (&["--message-chars", "0"], "--message-chars"),
        (&["--message-chars", "100001"], "--message-chars"),
        (&["--connections-per-contact", "0"], "--connections-per-contact"),
        (&["--connections-per-address", "4294967295"], "--connections-per-address"),
        (&["--customer-send-burst", "4294967295"], "--customer-send-burst"),
        (&["--login-tries-per-minute", "0"], "--login-tries-per-minute"),
        (&["--forwarded-header", "x-real-ip"], "--forwarded-header"),
        (&["--public-url", "*"], "--public-url"),
        (&["--customer-send-burst", "0"], "--customer-send-burst"),
        (&["--starts-per-minute", "0"], "--starts-per-minute"),
        (&["--message-chars", "x"], "--message-chars"),
        (&["--database-url", "mysql://localhost/chat"], "--database-url"),
        (&["--database-url", "nonsense"], "--database-url"),
        (&["--admin-email", "nonsense"], "--admin-email"),
        (&["--admin-password", "short"], "--admin-password"),
        (&["agent"], "agent"),
        (&["agent", "add"], "--email"),
        (&["agent", "add", "--email", "a@b"], "--name"),
        (&["agent", "add", "--email", "a@b", "--name", "A", "--role", "king"], "king"),
        (&["agent", "add", "--email", "nonsense", "--name", "A"], "--email"),
        (&["agent", "add", "--email", "a@b", "--name", " "], "--name"),
        (&["agent", "disable"], "--email"),
        (&["migrate", "--database-url", "mysql://localhost/chat"], "--database-url"),
    ] {
        let mut command = hubbub(folder.path());
        command.args(words);
        if words[0].starts_with("--") && words[0] != "--listen" {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let output = run(&mut command).await;
        assert_refused(&output, 2, named, &words.join(" "));
    }
    // What only the machine can refuse is one line, too.
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(hubbub(folder.path()).args(["--listen", &address])).await;
    assert_refused(&output, 1, &address, "an address in use");
    for folder_given in ["/proc/nowhere", "a-file", "a-file/below"] {
        let output =
            run(hubbub(folder.path()).args(["--listen", "127.0.0.1:0", "--data-dir", folder_given])).await;
        assert_refused(&output, 2, folder_given, folder_given);
    }
}

/// What a setting may be it can be, and a start that is given a bad secret does not show it.
#[tokio::test]
async fn the_largest_values_are_worked_with() {
    let flags = [
        "--presence-grace-seconds=3600",
        "--heartbeat-seconds=300",
        "--hello-seconds=300",
        "--message-chars=100000",
        "--customer-send-burst=1000000",
        "--customer-sends-per-minute=1",
        "--agent-sends-per-minute=1000000",
        "--starts-per-minute=1000000",
        "--login-failures=1000000",
        "--login-tries-per-minute=1000000",
        "--connections-per-contact=1000000",
        "--connections-per-address=1000000",
        "--max-connections=1000000",
        "--drain-seconds=600",
    ];
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let (ana, started) = server.customer("Ana", "+447700900118").await;
    let mut socket = ana.websocket().connect().await.unwrap();
    let sent = socket.say(started.session.id, &"x".repeat(60_000)).await.unwrap();
    socket.acked(sent).await.unwrap();
    server.admin().await.say(started.session.id, "hello").await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    for secret in [["--admin-password", "s3cret"], ["--database-url", "mysql://u:s3cret@h/d"]] {
        let output = run(hubbub(folder.path()).args(secret)).await;
        assert_refused(&output, 2, secret[0], secret[0]);
        assert!(!text(&output.stderr).contains("s3cret"), "{output:?}");
    }
}

/// Every setting is in the help with its default and its variable.
#[tokio::test]
async fn help_names_defaults_and_variables() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&["--help"][..], &["serve", "--help"]] {
        let output = run(hubbub(folder.path()).args(words)).await;
        assert_eq!(output.status.code(), Some(0));
        let help = text(&output.stdout);
        // An option's paragraph goes to the next one's flag.
        let options: Vec<_> = help
            .lines()
            .enumerate()
            .filter_map(|(at, line)| {
                let flag = line.trim_start().strip_prefix("-h, ").unwrap_or(line.trim_start());
                flag.starts_with("--").then(|| (at, flag.split([' ', '=']).next().unwrap().to_owned()))
            })
            .collect();
        assert!(options.len() > 20, "{help}");
        for (at, (line, flag)) in options.iter().enumerate() {
            if ["--help", "--version"].contains(&flag.as_str()) {
                continue;
            }
            let end = options.get(at + 1).map_or(usize::MAX, |(next, _)| *next);
            let paragraph: Vec<_> = help.lines().take(end).skip(*line).collect();
            let paragraph = paragraph.join("\n");
            let variable =
                format!("HUBBUB_{}", flag.trim_start_matches('-').replace('-', "_").to_uppercase());
            assert!(
                paragraph.contains(&format!("[env: {variable}")),
                "{flag} has no {variable}: {paragraph}"
            );
            let takes_a_value = paragraph.contains('<');
            assert!(paragraph.contains("[default: ") || !takes_a_value, "{flag} has no default: {paragraph}");
        }
        for listed in ["127.0.0.1:8080", "admin@localhost", "HUBBUB_DATABASE_URL", "8000"] {
            assert!(help.contains(listed), "{listed}: {help}");
        }
    }
    let output = run(hubbub(folder.path()).arg("--help")).await;
    for word in ["serve", "migrate", "agent"] {
        assert!(text(&output.stdout).contains(word));
    }
    // A secret in the environment is not printed for whoever looks over the shoulder.
    let output = run(hubbub(folder.path())
        .env("HUBBUB_ADMIN_PASSWORD", "s3cret")
        .env("HUBBUB_DATABASE_URL", "postgres://u:s3cret@h/d")
        .arg("--help"))
    .await;
    assert!(!text(&output.stdout).contains("s3cret"));
    for words in [
        &["agent", "add", "--help"][..],
        &["agent", "list", "--help"],
        &["agent", "disable", "--help"],
        &["agent", "password", "--help"],
        &["migrate", "--help"],
    ] {
        let output = run(hubbub(folder.path()).args(words)).await;
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(text(&output.stdout).contains("HUBBUB_DATABASE_URL"), "{words:?}");
    }
    let output = run(hubbub(folder.path()).arg("--version")).await;
    assert!(output.status.success() && text(&output.stdout).starts_with("hubbub "));
}

#[tokio::test]
async fn members_are_added_listed_shut_out_and_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let agent = async |words: &[&str], input: &str| {
        with_input(hubbub(folder.path()).arg("agent").args(words), input).await
    };
    let add =
        |email| ["add", "--email", email, "--name", "Tess Smith", "--role", "supervisor", "--password-stdin"];
    for (password, named) in
        [("", "no password"), ("\n", "no password"), ("short\n", "10"), (&"x".repeat(201), "200")]
    {
        let output = agent(&add("tess@example.com"), password).await;
        assert_refused(&output, 1, named, password);
    }
    let output = agent(&add("Tess@Example.com"), "a good password\r\n").await;
    assert!(output.status.success(), "{output:?}");
    assert!(!text(&output.stdout).contains("a good password"));
    let output = agent(&add("tess@example.com"), "a good password\n").await;
    assert_refused(&output, 1, "tess@example.com", "the same again");
    let output = agent(
        &["add", "--email", "new@example.com", "--name", "New", "--public-url", "https://chat.example/"],
        "",
    )
    .await;
    let invitation = text(&output.stdout);
    assert!(
        invitation.contains("https://chat.example/console") && invitation.contains("new@example.com"),
        "{invitation}"
    );

    let list = async || text(&agent(&["list"], "").await.stdout).to_owned();
    let line = |list: &str, email: &str| list.lines().find(|line| line.ends_with(email)).unwrap().to_owned();
    let listed = list().await;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let tess = line(&listed, "tess@example.com");
    assert!(tess.contains("Tess Smith") && tess.contains("supervisor") && tess.contains("active"), "{tess}");
    assert!(line(&listed, "new@example.com").contains("invited"), "{listed}");
    assert!(!listed.contains("argon2"));

    for words in [["disable", "--email", "nobody@example.com"], ["password", "--email", "nobody@example.com"]]
    {
        assert_refused(&agent(&words, "").await, 1, "nobody@example.com", words[0]);
    }
    assert!(agent(&["disable", "--email", "TESS@example.com"], "").await.status.success());
    assert!(line(&list().await, "tess@example.com").contains("disabled"));
    assert!(agent(&["disable", "--undo", "--email", "tess@example.com"], "").await.status.success());
    assert!(line(&list().await, "tess@example.com").contains("active"));
    let output = agent(&["password", "--email", "tess@example.com"], "").await;
    assert!(text(&output.stdout).contains("first login only"), "{output:?}");
    assert!(line(&list().await, "tess@example.com").contains("invited"));
}

#[tokio::test]
async fn migrating_is_done_once_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = run(hubbub(folder.path()).arg("migrate")).await;
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output.stdout).lines().count(), 1);
        assert_eq!(text(&output.stderr), "");
    }
    assert!(folder.path().join("data/hubbub.db").exists());
    // While a server runs on it, too.
    let server = TestServer::start(Engine::Sqlite).await;
    let output = server.cli(&["migrate"]).await;
    assert!(output.status.success(), "{output:?}");
    server.customer("Ana", "+447700900118").await;
}
