//! Agents sign in and out, change passwords, are shut out; and what the server says of it.

use std::time::{Duration, Instant};

use loadtest::client::{AgentClient, Answer, Credential, Failure};
use protocol::{ErrorCode, rest::ChangePassword};
use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, Engine, TestServer, on_both_stores};

fn set_cookie(answer: &Answer) -> Vec<String> {
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    cookies[0].to_str().unwrap().split(';').map(|part| part.trim().to_owned()).collect()
}

fn cookie_of(agent: &AgentClient) -> &str {
    let Credential::Cookie(cookie) = agent.credential() else { panic!("an agent has a cookie") };
    cookie
}

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current: current.into(), new: new.into() }
}

async fn is_out(agent: &AgentClient) {
    for request in
        [agent.request("GET", "/auth/me"), agent.request("GET", "/sessions"), agent.request("GET", "/agents")]
    {
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status, answer.problem().unwrap().code), (401, ErrorCode::Unauthenticated));
    }
    let Err(Failure::Closed(closed)) = agent.websocket().connect().await else { panic!("it is welcome") };
    assert_eq!(closed.code, Some(4500));
}

#[tokio::test]
async fn the_cookie_is_for_http_and_for_us() {
    let server = TestServer::start(Engine::Sqlite).await;
    let answer = server.client().try_login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap();
    let cookie = set_cookie(&answer);
    let (name, token) = cookie[0].split_once('=').unwrap();
    assert_eq!(name, "hubbub_login");
    assert!(
        token.len() >= 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.iter().any(|part| part == attribute), "{attribute}: {cookie:?}");
    }
    // Over plain http a browser would throw a Secure cookie away; without Domain it is for this host only.
    assert!(!cookie.iter().any(|part| part == "Secure" || part.starts_with("Domain")), "{cookie:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let me: Value = answer.json().unwrap();
    assert_eq!((&me["email"], &me["password_change_required"]), (&json!(ADMIN_EMAIL), &json!(false)));
    assert_eq!((&me["you"]["kind"], &me["you"]["role"]), (&json!("agent"), &json!("admin")));
    assert!(!answer.text().contains(token), "the token is in the body");

    let secure = TestServer::start_with(Engine::Sqlite, &["--public-url=https://chat.example"]).await;
    let answer = secure.client().try_login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap();
    assert!(set_cookie(&answer).iter().any(|part| part == "Secure"));
    let agent = secure.admin().await;
    let answer = agent.request("POST", "/auth/logout").send().await.unwrap();
    let gone = set_cookie(&answer);
    assert!(gone[0] == "hubbub_login=" && gone.iter().any(|part| part == "Max-Age=0"), "{gone:?}");
    assert!(gone.iter().any(|part| part == "Secure"));
}

/// Each login is a new id, one that was planted opens nothing, and none outlives its logout.
#[tokio::test]
async fn each_login_is_its_own() {
    let server = TestServer::start(Engine::Sqlite).await;
    let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let login = json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
    let login =
        server.client().request("POST", "/api/v1/auth/login").cookie("hubbub_login", planted).json(&login);
    let given = login.send().await.unwrap().sets_cookie("hubbub_login").unwrap();
    assert_ne!(given, planted);
    let answer = server
        .client()
        .request("GET", "/api/v1/auth/me")
        .cookie("hubbub_login", planted)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 401);

    let (one, two) = (server.admin().await, server.admin().await);
    assert_ne!(cookie_of(&one), cookie_of(&two));
    let mut socket = one.websocket().connect().await.unwrap();
    let mut other = two.websocket().connect().await.unwrap();
    one.logout().await.unwrap();
    let closed = socket.closed().await.unwrap();
    assert_eq!((closed.code, closed.bye.unwrap().reason.as_str()), (Some(4500), "bad_credential"));
    is_out(&one).await;
    two.auth_me().await.unwrap();
    other.send(&protocol::ClientFrame::Ping).await.unwrap();
    other.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();
    // Twice is no error worth showing, but there is nobody any more.
    let again = one.logout().await.unwrap_err();
    assert_eq!(again.status(), Some(401));
}

on_both_stores! {
    /// A new password ends the agent's other logins, and their WebSockets within seconds; the one that changed it stays.
    async fn a_new_password_ends_the_other_logins(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (here, there) = (server.admin().await, server.admin().await);
        let someone = server.member("agent", "someone@example.com", "Someone").await;
        let mut mine = here.websocket().connect().await.unwrap();
        let mut lost = there.websocket().connect().await.unwrap();
        here.change_password(change(ADMIN_PASSWORD, "a longer password")).await.unwrap();
        let since = Instant::now();
        is_out(&there).await;
        assert_eq!(lost.closed().await.unwrap().code, Some(4500));
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        here.auth_me().await.unwrap();
        someone.auth_me().await.unwrap();
        mine.send(&protocol::ClientFrame::Ping).await.unwrap();
        mine.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();
        let old = server.client().try_login(ADMIN_EMAIL, ADMIN_PASSWORD).await.unwrap();
        assert_eq!(old.status, 401);
        server.client().login(ADMIN_EMAIL, "a longer password").await.unwrap();
        let same = here.change_password(change("a longer password", "a longer password")).await.unwrap_err();
        assert_eq!(same.refusal().unwrap().fields(), ["new"]);
    }

    /// Whoever is shut out on the command line is out within seconds, on every way in, also of a request that was held.
    async fn who_is_shut_out_is_out(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.member("agent", "gone@example.com", "Gone").await;
        let stays = server.member("agent", "stays@example.com", "Stays").await;
        let (customer, started) = server.customer("Ana", "+447700900118").await;
        let id = started.session.id;
        let mut socket = agent.websocket().follow(id, None, None).connect().await.unwrap();
        socket.opened(id).await.unwrap();
        let mut other = stays.websocket().connect().await.unwrap();
        let holding = [
            agent.poll(id).after(started.session.last_seq).wait(30).request(),
            agent.request("POST", "/events").json(&json!({
                "sessions": [{ "id": id, "after": started.session.last_seq }], "views": [], "wait": 30,
            })),
        ]
        .map(|request| tokio::spawn(request.send()));
        until_here(&stays, id, &agent).await;

        let output = server.cli(&["agent", "disable", "--email", "gone@example.com"]).await;
        let since = Instant::now();
        assert!(output.status.success());
        is_out(&agent).await;
        assert_eq!(socket.closed().await.unwrap().code, Some(4500));
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
        customer.say(id, "not for those who are gone").await.unwrap();
        for held in holding {
            let answer = held.await.unwrap().unwrap();
            assert!(!answer.text().contains("not for those"), "{}", answer.text());
            assert_eq!(answer.status, 401, "{}", answer.text());
        }
        for heard in socket.take_inbox() {
            assert!(!heard.encode().contains("not for those"), "{heard:?}");
        }
        assert_eq!(server.client().try_login("gone@example.com", ADMIN_PASSWORD).await.unwrap().status, 401);
        other.send(&protocol::ClientFrame::Ping).await.unwrap();
        other.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();

        // Let in again: the old logins stay ended only as long as the door is shut; the password is the same.
        let output = server.cli(&["agent", "disable", "--undo", "--email", "gone@example.com"]).await;
        assert!(output.status.success());
        server.client().login("gone@example.com", ADMIN_PASSWORD).await.unwrap();

        // A password set by the operator ends every login, too.
        let mut socket = stays.websocket().connect().await.unwrap();
        let words = ["agent", "password", "--email", "stays@example.com", "--password-stdin"];
        let output = server.cli_with_input(&words, "set by the operator").await;
        assert!(output.status.success(), "{output:?}");
        assert_eq!(socket.closed().await.unwrap().code, Some(4500));
        is_out(&stays).await;
        server.client().login("stays@example.com", "set by the operator").await.unwrap();
    }
}

/// Waits until the agent's held requests follow the chat: the team is told who is here.
async fn until_here(witness: &AgentClient, session: protocol::SessionId, agent: &AgentClient) {
    let mut poll = witness.poll(session).wait(0);
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let events = poll.next().await.unwrap();
        if events.presence.iter().any(|here| here.who.id == Some(agent.who().you.id)) {
            return;
        }
        assert!(Instant::now() < deadline, "{:?}", events.presence);
    }
}

/// The one-time password opens nothing but its own change.
#[tokio::test]
async fn a_one_time_password_must_be_changed() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.member("agent", "new@example.com", "New One").await;
    let output = server.cli(&["agent", "password", "--email", "New@Example.com"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("Password")).unwrap();
    let once = line.split_whitespace().nth(1).unwrap();
    let agent = server.client().login("new@example.com", once).await.unwrap();
    assert!(agent.who().password_change_required && agent.auth_me().await.unwrap().password_change_required);
    let refused = agent.request("GET", "/sessions").send().await.unwrap();
    assert_eq!(refused.problem().unwrap().code, ErrorCode::PasswordChangeRequired);
    let Err(Failure::Closed(closed)) = agent.websocket().connect().await else { panic!("it is welcome") };
    assert_eq!(closed.code, Some(4500));
    for (current, new, field) in [
        ("not the password", "a new password", "current"),
        (once, "short", "new"),
        (once, &"x".repeat(201), "new"),
        (once, once, "new"),
    ] {
        let failure = agent.change_password(change(current, new)).await.unwrap_err();
        assert_eq!(failure.refusal().unwrap().fields(), [field]);
    }
    agent.change_password(change(once, "a new password")).await.unwrap();
    assert!(!agent.auth_me().await.unwrap().password_change_required);
    agent.sessions(&[]).await.unwrap();
    agent.websocket().connect().await.unwrap();
    assert_eq!(server.client().try_login("new@example.com", once).await.unwrap().status, 401);
}

on_both_stores! {
    /// Whatever is typed into the form, it is a login that failed: no store chokes on it, and none is told from another.
    async fn a_login_of_nonsense_fails_like_any_other(engine: Engine) {
        let server = TestServer::start_with(engine, &["--login-failures=1000"]).await;
        let known = server.client().try_login(ADMIN_EMAIL, "not the password").await.unwrap();
        for email in [
            "nobody@example.com", "", " ", "admin", "a\u{0}b@example.com", "\u{0}", "'; drop table agents; --", "%", "_dmin@localhost",
            "admin@localhost\u{0}", "ADMIN@localhost'", "\u{202e}admin@localhost", &format!("{}@x", "x".repeat(300)), &"@".repeat(10_000),
            "admin@localhost\n", "[\"admin@localhost\"]", "😀@example.com",
        ] {
            let answer = server.client().try_login(email, "not the password").await.unwrap();
            assert_eq!(answer.status, 401, "{email:?}: {}", answer.text());
            let told = |answer: &Answer| {
                let problem = answer.problem().unwrap();
                (problem.code, problem.title, problem.errors)
            };
            assert_eq!(told(&answer), told(&known), "{email:?}");
        }
        for password in ["", "\u{0}", &"x".repeat(1_001), &"é".repeat(100_000), ADMIN_PASSWORD.to_uppercase().as_str(), " correct horse battery"] {
            assert_eq!(server.client().try_login(ADMIN_EMAIL, password).await.unwrap().status, 401, "{password:.20?}");
        }
        assert_eq!(server.client().try_login(" Admin@LocalHost ", ADMIN_PASSWORD).await.unwrap().status, 200);
        assert!(!server.said().contains("ERROR"), "{}", server.said());
    }
}

/// An unknown account takes as long as a known one: both hash a password.
#[tokio::test]
async fn an_unknown_account_takes_as_long() {
    let server = TestServer::start_with(Engine::Sqlite, &["--login-failures=1000"]).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..15 {
        for (at, email) in [ADMIN_EMAIL, "nobody@localhost"].into_iter().enumerate() {
            let began = Instant::now();
            assert_eq!(server.client().try_login(email, "not the password").await.unwrap().status, 401);
            times[at].push(began.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    // Without the decoy the unknown one is faster by far more than half.
    assert!(unknown > known / 2 && known > unknown / 2, "{known:?} and {unknown:?}");
}

/// At its usual level the log has no lines of those who built the parts.
#[tokio::test]
async fn the_log_is_as_quiet_as_it_was_told() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900778").await;
    let mut socket = customer.websocket().connect().await.unwrap();
    socket.opened(started.session.id).await.unwrap();
    socket.close().await;
    // Something that is logged, after the socket's end.
    server.admin().await;
    let said = server.said();
    assert!(said.contains("an agent signed in"), "{said}");
    assert!(!said.contains("DEBUG") && !said.contains("TRACE"), "{said}");
}

/// The log tells what happened, but neither what was said nor what opens a door; not even at its most talkative.
#[tokio::test]
async fn the_log_keeps_secrets() {
    for level in ["--log=debug", "--log=trace", "--log=trace,tungstenite=trace"] {
        let server = TestServer::start_with(Engine::Sqlite, &[level, "--starts-per-minute=100"]).await;
        let secrets = ["Canary Message", "canary-mail", "Canary Name", "7700900777", "canary password"];
        let start = json!({
            "name": "Canary Name", "phone": "+447700900777", "email": "canary-mail@example.com", "message": "Canary Message one",
        });
        let answer =
            server.client().request("POST", "/api/v1/sites/demo/sessions").json(&start).send().await.unwrap();
        let started: protocol::rest::StartedSession = answer.json().unwrap();
        let id = started.session.id;
        let customer = server.client().bearer(&started.token);
        let mut socket = customer.websocket().connect().await.unwrap();
        socket.opened(id).await.unwrap();
        let sent = socket.say(id, "Canary Message two").await.unwrap();
        socket.acked(sent).await.unwrap();
        socket.send_text("{\"type\":\"Canary Message three\"}").await.unwrap();
        socket.refused().await.unwrap();
        customer.say(id, "Canary Message four").await.unwrap();
        let admin = server.admin().await;
        admin.note(id, "Canary Message five").await.unwrap();
        admin.request("GET", &format!("/sessions/{id}/transcript")).done().await.unwrap();
        server.client().try_login("canary-mail@example.com", "canary password").await.unwrap();
        let bad = json!({ "id": "Canary Message six" });
        customer.on_session("POST", id, "/messages").json(&bad).send().await.unwrap();
        let said = server.said();
        assert!(said.contains("DEBUG"), "the log is silent, so this shows nothing");
        for secret in secrets.iter().chain([&started.token.as_str(), &cookie_of(&admin), &ADMIN_PASSWORD]) {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            let line = said.lines().find(|line| line.contains(secret) || line.to_lowercase().contains(&hex));
            assert_eq!(line, None, "{level}: {secret} is in the log");
        }
    }
}
