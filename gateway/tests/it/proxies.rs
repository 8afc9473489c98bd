//! Behind a real nginx, Caddy and HAProxy, each with its file from `docs/deploy`, over TLS.

use std::time::Duration;

use futures_util::future::join_all;
use loadtest::client::{AgentClient, Caller, Failure, Incoming, Server, WsConnection, introduction};
use persistence::testing::{self, TestPostgres};
use protocol::{ErrorCode, Seq, ServerFrame, SessionId};
use reqwest::Url;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Engine, TestServer, UNHURRIED,
    proxy::{Kind, TestProxy},
};

/// What a proxy's health check may need to notice something, many times over.
const NOTICED: Duration = Duration::from_secs(20);
/// Seconds of silence. The files allow 90, which no test has the time for; careless ones are found out by these.
const HELD: u32 = 12;
/// As docs/deploy says.
const BEHIND: [&str; 2] = ["--public-url=https://chat.example.com", "--trusted-proxies=127.0.0.1/32"];
const OURS: &str = "https://chat.example.com";

/// Makes a test per proxy of each function.
macro_rules! behind_each_proxy {
    ($($(#[$doc:meta])* async fn $name:ident($kind:ident: Kind) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn story($kind: Kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn nginx() {
                story(Kind::Nginx).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn caddy() {
                story(Kind::Caddy).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn haproxy() {
                story(Kind::HaProxy).await;
            }
        }
    )+};
}

fn flags(more: &[&'static str]) -> Vec<&'static str> {
    let given = |flag: &&str| more.iter().any(|more| more.split('=').next() == flag.split('=').next());
    UNHURRIED.into_iter().filter(|flag| !given(flag)).chain(BEHIND).chain(more.iter().copied()).collect()
}

/// One node behind a proxy.
async fn one_node(kind: Kind, more: &[&'static str]) -> (TestServer, TestProxy) {
    let node = TestServer::start_with(Engine::Sqlite, &flags(more)).await;
    let proxy = TestProxy::start(kind, &[node.address()]).await;
    (node, proxy)
}

/// Two nodes on one store behind a proxy.
async fn two_nodes(kind: Kind, more: &[&'static str]) -> ([TestServer; 2], TestProxy) {
    let (store, _) = testing::empty(Engine::Postgres).await;
    let one = TestServer::start_on(store.clone(), None, &flags(more)).await;
    let two = TestServer::start_on(store, None, &flags(more)).await;
    let proxy = TestProxy::start(kind, &[one.address(), two.address()]).await;
    ([one, two], proxy)
}

async fn customer(at: &Server) -> (Caller, SessionId) {
    let (caller, started) = at.start("demo", introduction("Ana", "+447700900118")).await.unwrap();
    (caller, started.session.id)
}

async fn agent(at: &Server) -> AgentClient {
    at.login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap()
}

async fn follow(who: &Caller, session: SessionId) -> WsConnection {
    let mut socket = who.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap();
    socket.opened(session).await.unwrap();
    socket
}

/// Says something on one socket, and waits for it on both.
async fn talk(from: &mut WsConnection, to: &mut WsConnection, session: SessionId, body: &str) {
    let id = from.say(session, body).await.unwrap();
    from.acked(id).await.unwrap();
    assert_eq!(to.entry(session, |entry| entry.id == id).await.unwrap().body, body);
}

/// Whether a socket that was not read for a while still answers.
async fn is_alive(socket: &mut WsConnection) -> bool {
    // What is sent into a line that is dead may be lost without a word; reading tells.
    let _ = socket.send_ping(*b"?").await;
    let answered = async {
        loop {
            match socket.next().await {
                Ok(Incoming::Pong(_)) => return true,
                Ok(_) => {}
                Err(_closed) => return false,
            }
        }
    };
    tokio::time::timeout(NOTICED, answered).await.expect("neither alive nor dead")
}

behind_each_proxy! {
    async fn a_chat_goes_both_ways(kind: Kind) {
        let (_node, proxy) = one_node(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let agent = agent(proxy.ben()).await;
        let mut hers = follow(&ana, session).await;
        let mut theirs = follow(&agent, session).await;
        talk(&mut hers, &mut theirs, session, "Is it in stock?").await;
        talk(&mut theirs, &mut hers, session, &"It is.".repeat(1_000)).await;

        // Who has typed no https is told.
        let answer = proxy.plain().request("GET", "/demo?x=1").header("host", "chat.example.com").send().await.unwrap();
        assert!(matches!(answer.status, 301 | 308), "{answer:?}");
        let there: Url = answer.header("location").unwrap().parse().unwrap();
        assert_eq!((there.scheme(), there.path(), there.query()), ("https", "/demo", Some("x=1")));
        assert_eq!(there.host_str(), Some("chat.example.com"));
    }

    /// A long-poll is answered when there is something, not when its time is over.
    async fn a_long_poll_is_answered_at_once(kind: Kind) {
        let (_node, proxy) = one_node(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let agent = agent(proxy.ben()).await;
        let mut theirs = follow(&agent, session).await;
        let began = Instant::now();
        let poll = ana.poll(session).after(Seq::new(1)).wait(30);
        let polling = tokio::spawn(async move {
            let mut poll = poll;
            poll.entries(Duration::from_secs(60)).await
        });
        // As long as it is held she is here.
        let here = |frame: &ServerFrame| matches!(frame, ServerFrame::Presence { online: true, .. }).then_some(());
        theirs.expect(here).await.unwrap();
        let said = theirs.say(session, "There you are.").await.unwrap();
        let entries = polling.await.unwrap().unwrap();
        assert!(entries.iter().any(|entry| entry.id == said), "{entries:?}");
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }

    /// Whatever a client writes, its rate is that of its address and of nobody else; even in a network that is trusted.
    async fn a_clients_address_cannot_be_forged(kind: Kind) {
        let (_node, proxy) = one_node(kind, &["--starts-per-minute=2", "--trusted-proxies=127.0.0.0/8"]).await;
        let start = |at: &Server| {
            at.request("POST", "/api/v1/sites/demo/sessions").json(&introduction("Ana", "+447700900118"))
        };
        let mut taken = 0;
        for n in 0..20 {
            let other = format!("203.0.113.{n}");
            let request = start(proxy.ana())
                .header("x-forwarded-for", &other)
                .header("x-forwarded-for", format!("{other}, 127.0.0.1"))
                .header("forwarded", format!("for={other}"))
                .header("x-real-ip", &other);
            match request.send().await.unwrap().status {
                201 => taken += 1,
                429 => {}
                status => panic!("{status}"),
            }
        }
        // One more if half a minute has passed.
        assert!((2..=3).contains(&taken), "{taken} of 20");
        assert_eq!(start(proxy.ben()).send().await.unwrap().status, 201);
    }

    /// It is Hubbub that refuses a body, in words that its clients understand.
    async fn a_body_has_a_size(kind: Kind) {
        let (_node, proxy) = one_node(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let typing = |bytes: usize| {
            let body = format!("{{\"on\":true}}{}", " ".repeat(bytes - 11));
            ana.on_session("POST", session, "/typing").body("application/json", body).send()
        };
        assert_eq!(typing(262_144).await.unwrap().status, 204);
        for bytes in [262_145, 900_000] {
            let answer = typing(bytes).await.unwrap();
            assert_eq!((answer.status, answer.refusal().code()), (413, Some(ErrorCode::TooLarge)), "{}", answer.text());
        }
        // A flood is cut off; whoever sends it may or may not see why.
        match typing(16 << 20).await {
            Ok(answer) => assert!(matches!(answer.status, 413 | 502), "{} {}", answer.status, answer.text()),
            Err(failure) => assert!(matches!(failure, Failure::Unreachable(_)), "{failure}"),
        }
    }

    /// A node hangs up on who sends a lot to where nothing is wanted. The proxy must not take it for dead because of that.
    async fn a_flood_shuts_nobody_out(kind: Kind) {
        let (_nodes, proxy) = two_nodes(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        for n in 0..4 {
            // nginx passes on up to 1 MiB, the others anything.
            let flood = [1_000_000, 1_000_000, 8 << 20].map(|bytes| {
                let request = proxy.ben().request("POST", "/nothing-here");
                request.body("application/json", vec![b' '; bytes]).send()
            });
            drop(join_all(flood).await);
            ana.say(session, &format!("{n}")).await.unwrap();
            assert_eq!(ana.session(session).await.unwrap().id, session);
        }
    }

    /// The public address is the one that counts, for pages and for cookies.
    async fn origins_are_checked(kind: Kind) {
        let (_node, proxy) = one_node(kind, &[]).await;
        let start = |origin: &str| {
            let request = proxy.ana().request("POST", "/api/v1/sites/demo/sessions").origin(origin);
            request.json(&introduction("Ana", "+447700900118")).send()
        };
        let answer = start(OURS).await.unwrap();
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
        assert!(answer.header("strict-transport-security").is_some());
        let answer = start("https://evil.example").await.unwrap();
        assert_eq!((answer.status, answer.refusal().code()), (403, Some(ErrorCode::OriginRefused)));

        let login = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
        let sign_in = |origin| proxy.ben().request("POST", "/api/v1/auth/login").origin(origin).json(&login).send();
        let answer = sign_in(OURS).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("set-cookie").unwrap().contains("; Secure"));
        assert_eq!(sign_in("https://evil.example").await.unwrap().status, 403);

        let agent = agent(proxy.ben()).await;
        agent.websocket().origin(OURS).connect().await.unwrap();
        let refused = agent.websocket().origin("https://evil.example").connect().await.unwrap_err();
        assert!(matches!(&refused, Failure::Closed(closed) if closed.code == Some(4501)), "{refused}");
    }

    /// Without a public address it is the one that was asked for.
    async fn the_host_arrives_as_it_was_asked_for(kind: Kind) {
        let node = TestServer::start_with(Engine::Sqlite, &["--trusted-proxies=127.0.0.1/32"]).await;
        let proxy = TestProxy::start(kind, &[node.address()]).await;
        for (origin, status) in [(proxy.ben().origin(), 200), (node.client().origin(), 403)] {
            let login = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
            let login = proxy.ben().request("POST", "/api/v1/auth/login").origin(&origin).json(&login);
            assert_eq!(login.send().await.unwrap().status, status, "{origin}");
        }
    }

    /// Whoever was on a node that is gone finds the other one, and a request that one refuses is given to the other.
    async fn another_node_takes_over(kind: Kind) {
        let ([mut one, _two], proxy) = two_nodes(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let mut pages = Vec::new();
        for _ in 0..4 {
            pages.push(follow(&ana, session).await);
        }
        one.kill().await;
        let deadline = Instant::now() + NOTICED;
        for n in 0..10 {
            assert_eq!(ana.session(session).await.unwrap().id, session);
            while let Err(failure) = ana.say(session, &format!("{n}")).await {
                // Caddy 2.6 cannot give a body to another node, until its check finds that one gone.
                assert!(kind == Kind::Caddy && failure.status() == Some(502), "{failure}");
                assert!(Instant::now() < deadline, "the proxy does not notice");
            }
        }
        let mut moved = 0;
        for page in &mut pages {
            if !is_alive(page).await {
                *page = follow(&ana, session).await;
                moved += 1;
            }
        }
        assert!((1..=3).contains(&moved), "new WebSockets go where there are fewest, but {moved} of 4 were on one node");
        let (first, rest) = pages.split_at_mut(1);
        talk(&mut first[0], &mut rest[0], session, "Still there?").await;
        talk(&mut rest[0], &mut first[0], session, "Still there.").await;
    }

    /// SIGTERM: nobody new comes to that node, and nobody is turned away by it.
    async fn a_draining_node_gets_nobody_new(kind: Kind) {
        let ([mut one, two], proxy) = two_nodes(kind, &["--drain-seconds=600"]).await;
        let (ana, session) = customer(proxy.ana()).await;
        // Whom it shall ask to go elsewhere, in the course of ten minutes.
        let _here = follow(&Caller::new(one.client(), ana.credential().clone()), session).await;
        one.terminate().await;
        let deadline = Instant::now() + NOTICED;
        while one.client().request("GET", "/readyz").send().await.unwrap().status != 503 {
            assert!(Instant::now() < deadline, "/readyz says ready");
        }
        let (mut opened, mut refused) = (Vec::new(), 0);
        while opened.len() < 8 {
            match ana.websocket().follow(session, Some(Seq::ZERO), None).connect().await {
                Ok(socket) => opened.push(socket),
                Err(failure) => {
                    assert_eq!(failure.code(), Some(ErrorCode::Draining), "{failure}");
                    assert!(Instant::now() < deadline, "the proxy does not notice");
                    opened.clear();
                    refused += 1;
                }
            }
            ana.say(session, "Hello?").await.unwrap();
        }
        // Caddy cannot try another node after an answer, until its check has found this one not ready.
        assert!(refused == 0 || kind == Kind::Caddy, "{refused} were turned away");
        proxy.finds_the_first_not_ready().await;
        one.kill().await;
        for socket in &mut opened {
            socket.opened(session).await.unwrap();
            let id = socket.say(session, "I am on the other node.").await.unwrap();
            socket.acked(id).await.unwrap();
        }
        drop(two);
    }

    /// A reload of the proxy's configuration: a certificate was renewed, a node came or went.
    async fn a_reload_disturbs_nobody(kind: Kind) {
        let (_node, proxy) = one_node(kind, &[]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let mut before = follow(&ana, session).await;
        proxy.reload().await;
        if kind == Kind::Caddy {
            // Before 2.7 it ends them all at once (README.md); they come back.
            before.closed().await.unwrap();
            before = follow(&ana, session).await;
        }
        let mut after = follow(&ana, session).await;
        talk(&mut before, &mut after, session, "Did you notice?").await;
        talk(&mut after, &mut before, session, "What?").await;
    }
}

/// A long-poll is held for as long as it asks, and a WebSocket on which nothing is said stays, through each of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_connections_are_kept() {
    let node = TestServer::start_with(Engine::Sqlite, &flags(&[])).await;
    let quiet = async |kind| {
        let proxy = TestProxy::start(kind, &[node.address()]).await;
        let (ana, session) = customer(proxy.ana()).await;
        let mut socket = follow(&ana, session).await;
        // The place in line is news, but only once.
        while ana.poll(session).after(Seq::new(1)).wait(1).next().await.unwrap().queue.is_none() {}
        let began = Instant::now();
        let poll = ana.poll(session).after(Seq::new(1)).wait(HELD).next().await.unwrap();
        assert_eq!(poll.entries, [], "{kind:?}");
        assert!(began.elapsed() >= Duration::from_secs(HELD.into()), "{kind:?}: {:?}", began.elapsed());
        let id = socket.say(session, "Hello?").await.unwrap();
        socket.acked(id).await.unwrap();
    };
    tokio::join!(quiet(Kind::Nginx), quiet(Kind::Caddy), quiet(Kind::HaProxy));
}

/// With the database away no node is ready; then it is Hubbub that says so, and not the proxy. Everything goes on when it
/// is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_database_away_the_answer_is_hubbubs() {
    let postgres = TestPostgres::start();
    let node = TestServer::start_on(postgres.create_database().await, None, &flags(&[])).await;
    let mut behind = Vec::new();
    for kind in [Kind::Nginx, Kind::Caddy, Kind::HaProxy] {
        let proxy = TestProxy::start(kind, &[node.address()]).await;
        let (ana, session) = customer(proxy.ana()).await;
        behind.push((proxy, ana, session));
    }
    let refused = async |ana: &Caller, session| {
        let failure = ana.say(session, "Hello?").await.unwrap_err();
        assert_eq!(failure.code(), Some(ErrorCode::StoreUnavailable), "{failure}");
    };

    postgres.stop_immediate();
    for (proxy, ana, session) in &behind {
        refused(ana, *session).await;
        proxy.finds_nobody_ready().await;
        refused(ana, *session).await;
        assert_eq!(proxy.ana().request("GET", "/demo").send().await.unwrap().status, 200);
    }

    postgres.start_again();
    for (_, ana, session) in &behind {
        let deadline = Instant::now() + NOTICED;
        while let Err(failure) = ana.say(*session, "Hello again.").await {
            assert!(Instant::now() < deadline, "{failure}");
        }
    }
}
