//! Every limit of contract §5: at it and one beyond, on both transports, and every refusal names it.

use std::time::{Duration, Instant};

use loadtest::client::{Answer, Caller, Failure, Refusal, Request, introduction};
use protocol::{
    ClientFrame, EntryId, EntryKind, ErrorCode, Follow, Seq, ServerFrame, SessionId, View, ViewFilter,
    ViewName, limits, rest::StartedSession,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use uuid::Uuid;

use crate::support::{
    ADMIN_PASSWORD, Engine, TestServer,
    raw::{self, RawSocket, TEXT, exchange, frame},
};

async fn with_flags(flags: &[&str]) -> TestServer {
    TestServer::start_with(Engine::Sqlite, flags).await
}

fn refusal(failure: Failure) -> Refusal {
    let Failure::Refused(refusal) = failure else { panic!("{failure}") };
    *refusal
}

/// A refusal of this code, that names these.
fn assert_refused(answer: &Answer, code: ErrorCode, named: &[&str]) {
    let problem = answer.problem().unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
    assert_eq!((answer.status, problem.code), (code.status(), code), "{problem:?}");
    for name in named {
        let told = problem.detail.contains(name) || problem.errors.iter().any(|error| error.field == *name);
        assert!(told, "{name} is not named: {problem:?}");
    }
}

async fn say_over_http(caller: &Caller, session: SessionId, body: &str) -> Answer {
    let send = json!({ "id": Uuid::now_v7(), "body": body });
    caller.on_session("POST", session, "/messages").json(&send).send().await.unwrap()
}

/// 8,000 characters after trimming, however many bytes they take; control characters are refused.
#[tokio::test]
async fn a_message_has_a_length() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let mut socket = customer.websocket().connect().await.unwrap();
    socket.opened(id).await.unwrap();
    for letter in ["x", "é", "😀"] {
        let fits = format!(" \n{}\t\n ", letter.repeat(8_000));
        let answer = say_over_http(&customer, id, &fits).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let sent = socket.say(id, &fits).await.unwrap();
        socket.acked(sent).await.unwrap();
        let entry = socket.entry(id, |entry| entry.id == sent).await.unwrap();
        assert_eq!(entry.body, letter.repeat(8_000), "trimmed, and nothing else");

        let beyond = letter.repeat(8_001);
        assert_refused(&say_over_http(&customer, id, &beyond).await, ErrorCode::Invalid, &["body", "8000"]);
        let sent = socket.say(id, &beyond).await.unwrap();
        let error = socket.refused().await.unwrap();
        assert_eq!((error.code, error.id, error.retryable), (ErrorCode::Invalid, Some(sent), false));
        assert!(error.message.contains("8000"), "{}", error.message);
        let start = json!({ "name": "Ana", "phone": "+447700900118", "message": beyond });
        let answer =
            server.client().request("POST", "/api/v1/sites/demo/sessions").json(&start).send().await.unwrap();
        assert_refused(&answer, ErrorCode::Invalid, &["message", "8000"]);
    }
    for bad in ["a\u{0}b", "a\u{1b}[31mb", "a\u{7}b", "a\rb", "a\u{7f}b", "a\u{85}b", "", " \n\t "] {
        let answer = say_over_http(&customer, id, bad).await;
        assert_refused(&answer, ErrorCode::Invalid, &["body"]);
        socket.say(id, bad).await.unwrap();
        assert_eq!(socket.refused().await.unwrap().code, ErrorCode::Invalid, "{bad:?}");
    }
    let sent = socket.say(id, "a\r\nb\tc").await.unwrap();
    assert_eq!(socket.entry(id, |entry| entry.id == sent).await.unwrap().body, "a\nb\tc");
}

#[tokio::test]
async fn a_setting_moves_the_length_of_a_message() {
    let server = with_flags(&["--message-chars=10"]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    assert_eq!(server.client().site("demo").await.unwrap().message_chars, 10);
    assert_eq!(say_over_http(&customer, started.session.id, "0123456789").await.status, 201);
    let answer = say_over_http(&customer, started.session.id, "0123456789x").await;
    assert_refused(&answer, ErrorCode::Invalid, &["body", "10"]);
}

/// A burst of 10, then 30 a minute, whatever the transport; the wait that is named is enough.
#[tokio::test]
async fn a_customer_has_a_rate() {
    let server = with_flags(&[]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let mut socket = customer.websocket().connect().await.unwrap();
    let began = Instant::now();
    let mut taken = 0_u32;
    let refused = loop {
        let sent = socket.say(id, "quick").await.unwrap();
        match socket.acked(sent).await {
            Ok(_) => taken += 1,
            Err(_) => break Instant::now(),
        }
        assert!(taken < 40, "there is no limit");
    };
    // Two seconds give one more.
    let earned = u32::try_from(began.elapsed().as_secs() / 2).unwrap() + 1;
    assert!((10..=10 + earned).contains(&taken), "{taken} in {:?}", refused - began);

    let sent = socket.say(id, "too quick").await.unwrap();
    let error = socket.refused().await.unwrap();
    assert_eq!((error.code, error.id, error.session), (ErrorCode::RateLimited, Some(sent), Some(id)));
    assert!(error.retryable && error.message.contains("10") && error.message.contains("30"), "{error:?}");
    let wait = Duration::from_millis(error.retry_after_ms.unwrap());
    assert!((1..=2_000).contains(&wait.as_millis()), "{wait:?}");
    let answer = say_over_http(&customer, id, "the other way").await;
    assert_refused(&answer, ErrorCode::RateLimited, &["10", "30"]);
    assert!(matches!(answer.header("retry-after"), Some("1" | "2")), "{:?}", answer.headers);

    // Honest: whoever waits that long is taken.
    tokio::time::sleep(wait).await;
    assert_eq!(say_over_http(&customer, id, "patient").await.status, 201);

    // Everybody has a rate of their own.
    let (other, theirs) = server.customer("Ben", "+447700900119").await;
    assert_eq!(say_over_http(&other, theirs.session.id, "hello").await.status, 201);
    // What is no message costs nothing.
    for _ in 0..30 {
        other.typing(theirs.session.id, true).await.unwrap();
        other.read(theirs.session.id, Seq::new(1)).await.unwrap();
    }
    assert_eq!(say_over_http(&other, theirs.session.id, "still").await.status, 201);
}

/// 20 a minute per agent and chat.
#[tokio::test]
async fn an_agent_has_a_rate_in_each_chat() {
    let server = with_flags(&[]).await;
    let (_, one) = server.customer("Ana", "+447700900118").await;
    let (_, two) = server.customer("Ben", "+447700900119").await;
    let admin = server.admin().await;
    let began = Instant::now();
    let mut taken = 0_u32;
    let refused = loop {
        let kind = if taken.is_multiple_of(2) { EntryKind::Message } else { EntryKind::Note };
        match admin.send(one.session.id, EntryId::new(Uuid::now_v7()), "quick", kind).await {
            Ok(_) => taken += 1,
            Err(failure) => break refusal(failure),
        }
        assert!(taken < 60, "there is no limit");
    };
    let earned = u32::try_from(began.elapsed().as_secs() / 3).unwrap() + 1;
    assert!((20..=20 + earned).contains(&taken), "{taken}");
    assert_eq!(refused.code(), Some(ErrorCode::RateLimited));
    assert!(refused.problem.unwrap().detail.contains("20"));
    assert!((1..=3).contains(&refused.retry_after.unwrap().as_secs()));
    let mut socket = admin.websocket().connect().await.unwrap();
    socket.say(one.session.id, "the other way").await.unwrap();
    assert_eq!(socket.refused().await.unwrap().code, ErrorCode::RateLimited);
    admin.say(two.session.id, "another chat").await.unwrap();
}

fn start(server: &TestServer, forwarded: Option<(&str, &str)>) -> Request {
    let request = server.client().request("POST", "/api/v1/sites/demo/sessions");
    let request = request.json(&introduction("Ana", "+447700900118"));
    match forwarded {
        Some((name, value)) => request.header(name, value),
        None => request,
    }
}

async fn start_until_refused(server: &TestServer, forwarded: Option<(&str, &str)>) -> (u32, Answer) {
    for taken in 0..40 {
        let answer = start(server, forwarded).send().await.unwrap();
        if answer.status != 201 {
            return (taken, answer);
        }
    }
    panic!("there is no limit");
}

/// 10 starts a minute from one address: of the peer, whatever a stranger claims in a header.
#[tokio::test]
async fn an_address_has_a_rate_of_starts() {
    let server = with_flags(&[]).await;
    let (taken, answer) = start_until_refused(&server, None).await;
    // Six seconds give one more.
    assert!((10..=12).contains(&taken), "{taken}");
    assert_refused(&answer, ErrorCode::RateLimited, &["10"]);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    for spoofed in
        [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9"), ("x-real-ip", "203.0.113.9")]
    {
        let answer = start(&server, Some(spoofed)).send().await.unwrap();
        assert_refused(&answer, ErrorCode::RateLimited, &["10"]);
    }
}

/// Behind a trusted proxy the client is who the proxy says.
#[tokio::test]
async fn behind_a_proxy_limits_follow_the_client() {
    let server = with_flags(&[
        "--trusted-proxies=127.0.0.0/8",
        "--starts-per-minute=2",
        "--connections-per-address=2",
    ])
    .await;
    let clients = [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "203.0.113.10, 127.0.0.1"),
        // What the client itself put in front is not believed.
        ("x-forwarded-for", "1.2.3.4, 203.0.113.11"),
        ("x-forwarded-for", "[2001:db8:1:1::7]:4711"),
    ];
    for client in clients {
        let (taken, answer) = start_until_refused(&server, Some(client)).await;
        assert!((2..=3).contains(&taken), "{client:?}: {taken}");
        assert_refused(&answer, ErrorCode::RateLimited, &["2"]);
    }
    // The same clients by other words.
    for same in [
        ("x-forwarded-for", "5.6.7.8, 203.0.113.11"),
        ("x-forwarded-for", "::ffff:203.0.113.9"),
        // A whole /64 is one customer's.
        ("x-forwarded-for", "2001:db8:1:1:ffff::1"),
    ] {
        let answer = start(&server, Some(same)).send().await.unwrap();
        assert_eq!(answer.status, 429, "{same:?}");
    }
    assert_eq!(
        start(&server, Some(("x-forwarded-for", "2001:db8:1:2::1"))).send().await.unwrap().status,
        201
    );

    // What proxies pass through as it came is the client's own word.
    let spoofed = start(&server, Some(("x-forwarded-for", "203.0.113.9")));
    let answer = spoofed.header("forwarded", "for=203.0.113.77").send().await.unwrap();
    assert_refused(&answer, ErrorCode::RateLimited, &["2"]);

    let upgrade = |from: &'static str| server.client().websocket().header("x-forwarded-for", from).upgrade();
    let _held = [upgrade("198.51.100.1").await.unwrap(), upgrade("198.51.100.1").await.unwrap()];
    let refused = refusal(upgrade("198.51.100.1").await.unwrap_err());
    assert_eq!((refused.status, refused.code()), (429, Some(ErrorCode::TooManyConnections)));
    upgrade("198.51.100.2").await.unwrap();
}

/// Where the proxy says it in `Forwarded`, that is what is believed, and nothing else.
#[tokio::test]
async fn a_proxy_may_speak_as_the_standard_says() {
    let server = with_flags(&[
        "--trusted-proxies=127.0.0.0/8",
        "--forwarded-header=forwarded",
        "--starts-per-minute=2",
    ])
    .await;
    for client in ["for=203.0.113.12;proto=https", "for=\"[2001:db8:1:1::7]:4711\""] {
        let (taken, answer) = start_until_refused(&server, Some(("forwarded", client))).await;
        assert!((2..=3).contains(&taken), "{client:?}: {taken}");
        assert_refused(&answer, ErrorCode::RateLimited, &["2"]);
    }
    let same = start(&server, Some(("forwarded", "for=9.9.9.9, for=203.0.113.12")));
    let answer = same.header("x-forwarded-for", "203.0.113.78").send().await.unwrap();
    assert_eq!(answer.status, 429);
}

/// 30 logins a minute from one address, whoever they are for: each takes a core for a while.
#[tokio::test]
async fn an_address_has_a_rate_of_logins() {
    let server = with_flags(&["--trusted-proxies=127.0.0.0/8", "--login-tries-per-minute=3"]).await;
    let login = |number: u32, from: &str| {
        let body = json!({ "email": format!("nobody{number}@localhost"), "password": "not the password" });
        let request = server.client().request("POST", "/api/v1/auth/login");
        request.header("x-forwarded-for", from).json(&body).send()
    };
    let mut refused = None;
    for number in 0..10 {
        let answer = login(number, "203.0.113.1").await.unwrap();
        if answer.status != 401 {
            refused = Some((number, answer));
            break;
        }
    }
    let (taken, answer) = refused.expect("there is no limit");
    assert!((3..=4).contains(&taken), "{taken}");
    assert_refused(&answer, ErrorCode::RateLimited, &["3"]);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(login(99, "203.0.113.2").await.unwrap().status, 401, "another address need not wait");
}

/// A rating is a line of the log, and counted as a message.
#[tokio::test]
async fn ratings_have_a_rate() {
    let server = with_flags(&["--customer-send-burst=3", "--customer-sends-per-minute=1"]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    assert_eq!(customer.on_session("POST", started.session.id, "/close").send().await.unwrap().status, 200);
    let rate = |score: u32| {
        customer.on_session("POST", started.session.id, "/rating").json(&json!({ "score": score })).send()
    };
    let mut refused = None;
    for score in (1..=5).cycle().take(10) {
        let answer = rate(score).await.unwrap();
        if answer.status != 204 {
            refused = Some(answer);
            break;
        }
    }
    assert_refused(&refused.expect("there is no limit"), ErrorCode::RateLimited, &["3"]);
}

/// Five failures an account and address, then a wait, even for the right password; and known and unknown accounts
/// are treated alike.
#[tokio::test]
async fn a_login_has_a_few_tries() {
    let server = with_flags(&["--trusted-proxies=127.0.0.0/8"]).await;
    let login = |email: &str, password: &str, from: &str| {
        let body = json!({ "email": email, "password": password });
        server
            .client()
            .request("POST", "/api/v1/auth/login")
            .header("x-forwarded-for", from)
            .json(&body)
            .send()
    };
    let mut told = Vec::new();
    for email in ["admin@localhost", "nobody@localhost"] {
        let mut words = Vec::new();
        for _ in 0..5 {
            let answer = login(email, "not the password", "203.0.113.1").await.unwrap();
            assert_eq!((answer.status, answer.problem().unwrap().code), (401, ErrorCode::BadLogin));
            words.push(answer.text());
        }
        let answer = login(email, ADMIN_PASSWORD, "203.0.113.1").await.unwrap();
        assert_refused(&answer, ErrorCode::RateLimited, &["5"]);
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((20..=30).contains(&wait), "{wait}");
        assert_eq!(answer.header("set-cookie"), None);
        words.push(answer.text());
        told.push(words);
    }
    assert_eq!(told[0], told[1], "an account can be told from none");
    // Neither another account nor another address has to wait.
    assert_eq!(login("Admin@LOCALHOST ", ADMIN_PASSWORD, "203.0.113.2").await.unwrap().status, 200);
    assert_eq!(login("other@localhost", "x", "203.0.113.1").await.unwrap().status, 401);
    // Writing the name otherwise is no new account.
    assert_eq!(login(" ADMIN@localhost", ADMIN_PASSWORD, "203.0.113.1").await.unwrap().status, 429);
}

/// Guesses at the same time are counted as those one after another.
#[tokio::test]
async fn logins_at_once_are_counted_too() {
    let server = with_flags(&[]).await;
    let guesses = (0..40).map(|_| {
        let client = server.client();
        tokio::spawn(
            async move { client.try_login("admin@localhost", "not the password").await.unwrap().status },
        )
    });
    let mut statuses = Vec::new();
    for guess in guesses.collect::<Vec<_>>() {
        statuses.push(guess.await.unwrap());
    }
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(401), count(429)), (5, 35), "{statuses:?}");
}

/// The password in force can be guessed through a stolen cookie no faster than at the door.
#[tokio::test]
async fn changing_a_password_has_a_few_tries() {
    let server = with_flags(&[]).await;
    let admin = server.admin().await;
    let change = json!({ "current": "not the password", "new": "another password" });
    for _ in 0..5 {
        let answer = admin.request("POST", "/auth/password").json(&change).send().await.unwrap();
        assert_refused(&answer, ErrorCode::Invalid, &["current"]);
    }
    let answer = admin.request("POST", "/auth/password").json(&change).send().await.unwrap();
    assert_refused(&answer, ErrorCode::RateLimited, &["5"]);
}

/// Waits until the server has noticed that a connection went: there is nothing else that would tell.
async fn until_accepted<T>(mut try_it: impl AsyncFnMut() -> Result<T, Failure>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match try_it().await {
            Ok(done) => return done,
            Err(failure) => assert!(Instant::now() < deadline, "{failure}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// 20 connections a contact, on both transports together.
#[tokio::test]
async fn a_contact_has_some_connections() {
    let server = with_flags(&["--starts-per-minute=100"]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(customer.websocket().connect().await.unwrap());
    }
    let mut one_more = customer.websocket().upgrade().await.unwrap();
    let Err(Failure::Closed(closed)) = one_more.hello(Some(started.token.clone()), vec![]).await else {
        panic!("the 21st is welcome")
    };
    assert_eq!(closed.code, Some(4003));
    let bye = closed.bye.unwrap();
    assert!(bye.reason == "rate_limited" && bye.retry_after_ms > 0, "{bye:?}");
    let error = one_more.refused().await.unwrap();
    assert!(error.code == ErrorCode::TooManyConnections && error.message.contains("20"), "{error:?}");
    let answer = customer.poll(id).wait(0).request().send().await.unwrap();
    assert_refused(&answer, ErrorCode::TooManyConnections, &["20"]);
    assert!(answer.header("retry-after").is_some());
    let many = customer.request("POST", "/events").json(&json!({ "wait": 0 })).send().await.unwrap();
    assert_refused(&many, ErrorCode::TooManyConnections, &["20"]);
    // What is no connection goes on, and so does everybody else.
    customer.say(id, "still here").await.unwrap();
    let (other, theirs) = server.customer("Ben", "+447700900119").await;
    other.poll(theirs.session.id).wait(0).next().await.unwrap();
    // A place that was given back can be taken.
    held.pop().unwrap().cut();
    until_accepted(async || customer.websocket().connect().await).await;
}

/// 200 connections an address.
#[tokio::test]
async fn an_address_has_some_connections() {
    let server = with_flags(&[]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let mut held = Vec::new();
    // Those who have said nothing yet count: what costs is the connection.
    for _ in 0..200 {
        held.push(RawSocket::open(&server, "").await);
    }
    let refused = refusal(customer.websocket().connect().await.unwrap_err());
    assert_eq!((refused.status, refused.code()), (429, Some(ErrorCode::TooManyConnections)));
    assert!(refused.problem.unwrap().detail.contains("200"));
    assert!(refused.retry_after.is_some());
    let answer = customer.poll(started.session.id).wait(0).request().send().await.unwrap();
    assert_refused(&answer, ErrorCode::TooManyConnections, &["200"]);
    // An address with no place left for connections can still ask.
    customer.say(started.session.id, "still here").await.unwrap();
    held.pop();
    until_accepted(async || customer.websocket().connect().await).await;
}

/// Connections that ask for nothing count too: one address can take its own places, and no more.
#[tokio::test]
async fn an_address_cannot_take_every_place() {
    let server = with_flags(&["--connections-per-address=3", "--max-connections=20"]).await;
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(TcpStream::connect(server.address()).await.unwrap());
    }
    let mut surplus = TcpStream::connect(server.address()).await.unwrap();
    assert!(raw::to_the_end(&mut surplus).await.is_empty());
    // A place that was given back can be taken.
    silent.pop();
    let deadline = Instant::now() + Duration::from_secs(10);
    while exchange(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status
        != 200
    {
        assert!(Instant::now() < deadline, "the place was not given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whoever asks and asks and never reads is given up.
#[tokio::test]
async fn answers_must_be_taken() {
    let server = with_flags(&[]).await;
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    let ask = "GET /console HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let began = Instant::now();
    let asking = async { while socket.write_all(ask.as_bytes()).await.is_ok() {} };
    let given_up = tokio::time::timeout(Duration::from_secs(60), asking).await;
    assert!(given_up.is_ok(), "it waits for ever");
    assert!(began.elapsed() > Duration::from_secs(20), "{:?}", began.elapsed());
}

/// More connections than the server shall ever have are closed at once, and those that are there go on.
#[tokio::test]
async fn a_server_has_some_connections() {
    let server = with_flags(&["--max-connections=3"]).await;
    let mut one = RawSocket::open(&server, "").await;
    let _two = RawSocket::open(&server, "").await;
    let _three = RawSocket::open(&server, "").await;
    assert_eq!(exchange(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.status, 0);
    one.send(TEXT, b"?").await;
    assert_eq!(one.json().await["code"], "bad_frame");
    drop(one);
    let deadline = Instant::now() + Duration::from_secs(10);
    while exchange(&server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status
        != 200
    {
        assert!(Instant::now() < deadline, "the place was not given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A frame of 64 KiB is taken, one more byte is 1009: whole or in pieces, and however much comes behind it.
#[tokio::test]
async fn a_frame_has_a_size() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, _) = server.customer("Ana", "+447700900118").await;
    let ping = |bytes: usize| format!("{{\"type\":\"ping\"{}}}", " ".repeat(bytes - 15));
    let mut socket = customer.websocket().connect().await.unwrap();
    assert_eq!(ping(65_536).len(), 65_536);
    socket.send_text(ping(65_536)).await.unwrap();
    socket.expect(|frame| (*frame == ServerFrame::Pong).then_some(())).await.unwrap();
    for bytes in [65_537, 1 << 20, 8 << 20] {
        let mut socket = customer.websocket().connect().await.unwrap();
        // The server may have closed before all was sent.
        let _ = socket.send_text(ping(bytes)).await;
        let closed = socket.closed().await.unwrap();
        assert_eq!(closed.code, Some(1009), "{bytes}: {closed:?}");
        assert_eq!(closed.bye.unwrap().reason, "frame_too_big");
    }
    let mut raw = RawSocket::open(&server, "").await;
    let half = vec![b' '; 40_000];
    // The first piece of a text, then the second and last.
    raw.send_bytes(&frame(0x01, &half)).await;
    raw.send_bytes(&frame(0x80, &half)).await;
    assert_eq!(raw.closed().await, (1009, "frame_too_big".to_owned()));
}

/// Frames have a pace, too: far more than a person causes, far less than a flood.
#[tokio::test]
async fn frames_have_a_pace() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, _) = server.customer("Ana", "+447700900118").await;
    let mut socket = customer.websocket().connect().await.unwrap();
    for _ in 0..1_000 {
        if socket.send(&ClientFrame::Ping).await.is_err() {
            break;
        }
    }
    let closed = socket.closed().await.unwrap();
    assert_eq!(closed.code, Some(4003), "{closed:?}");
    assert!(closed.bye.unwrap().retry_after_ms > 0);
    let error = socket.refused().await.unwrap();
    assert!(error.code == ErrorCode::RateLimited && error.message.contains("50"), "{error:?}");
    let pongs = socket.take_inbox().into_iter().filter(|frame| *frame == ServerFrame::Pong).count();
    assert!((200..900).contains(&pongs), "{pongs}");
}

/// An operator may set another.
#[tokio::test]
async fn the_pace_of_frames_is_a_setting() {
    let server = TestServer::start_with(Engine::Sqlite, &["--frames-per-second=2"]).await;
    let (customer, _) = server.customer("Ana", "+447700900118").await;
    let mut socket = customer.websocket().connect().await.unwrap();
    for _ in 0..20 {
        if socket.send(&ClientFrame::Ping).await.is_err() {
            break;
        }
    }
    assert_eq!(socket.closed().await.unwrap().code, Some(4003));
    let error = socket.refused().await.unwrap();
    assert!(error.message.starts_with("2 frames a second"), "{error:?}");
}

/// One connection follows 100 chats.
#[tokio::test]
async fn a_connection_follows_some_chats() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let mut chats: Vec<StartedSession> = Vec::new();
    for _ in 0..101 {
        chats.push(server.customer("Ana", "+447700900118").await.1);
    }
    let mut socket = admin.websocket().connect().await.unwrap();
    for chat in &chats[..100] {
        socket.open(Follow { id: chat.session.id, after: None, epoch: None, unseen: false }).await.unwrap();
    }
    let last = chats[100].session.id;
    socket.send(&ClientFrame::Open { session: last, after: None, epoch: None, unseen: false }).await.unwrap();
    let error = socket.refused().await.unwrap();
    assert_eq!((error.code, error.session), (ErrorCode::Invalid, Some(last)));
    assert!(error.message.contains("100"), "{}", error.message);
    socket.send(&ClientFrame::Leave { session: chats[0].session.id }).await.unwrap();
    socket.open(Follow { id: last, after: None, epoch: None, unseen: false }).await.unwrap();

    let ask = |count: usize| {
        let sessions: Vec<_> = chats[..count].iter().map(|chat| json!({ "id": chat.session.id })).collect();
        admin.request("POST", "/events").json(&json!({ "sessions": sessions, "wait": 0 })).send()
    };
    assert_eq!(ask(100).await.unwrap().status, 200);
    assert_refused(&ask(101).await.unwrap(), ErrorCode::Invalid, &["sessions", "100"]);
}

/// A head of 16 KiB.
#[tokio::test]
async fn a_head_has_a_size() {
    let server = TestServer::start(Engine::Sqlite).await;
    let head = |bytes: usize| {
        let start = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ";
        format!("{start}{}\r\n\r\n", "a".repeat(bytes - start.len() - 4))
    };
    assert_eq!(exchange(&server, head(15 * 1024).as_bytes()).await.status, 200);
    assert_eq!(exchange(&server, head(17 * 1024).as_bytes()).await.status, 431);
    assert_eq!(exchange(&server, head(1024 * 1024).as_bytes()).await.status, 431);
    let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert_eq!(exchange(&server, many.as_bytes()).await.status, 431);
    let path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(20_000));
    assert!((400..500).contains(&exchange(&server, path.as_bytes()).await.status));
}

/// A head must be there within 10 s, whether it stands still, drips, or never begins; others do not notice.
#[tokio::test]
async fn a_head_has_a_time() {
    let server = TestServer::start(Engine::Sqlite).await;
    let silent = async |first: &[u8]| {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(first).await.unwrap();
        let began = Instant::now();
        raw::to_the_end(&mut socket).await;
        began.elapsed()
    };
    let dripping = async {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let began = Instant::now();
        let _ = socket.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await;
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            if socket.write_all(b"a").await.is_err() || began.elapsed() > Duration::from_secs(30) {
                return began.elapsed();
            }
        }
    };
    let (begun, never, dripped) =
        tokio::join!(silent(b"GET /healthz HTTP/1.1\r\nHost: x\r\n"), silent(b""), dripping);
    for (how, took) in [("begun", begun), ("never begun", never), ("dripping", dripped)] {
        assert!((9..16).contains(&took.as_secs()), "{how}: {took:?}");
    }
}

/// A body of 256 KiB, with its length told or in chunks.
#[tokio::test]
async fn a_body_has_a_size() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let body = |bytes: usize| format!("{{\"on\":true}}{}", " ".repeat(bytes - 11));
    let typing = |bytes| {
        customer
            .on_session("POST", started.session.id, "/typing")
            .body("application/json", body(bytes))
            .send()
    };
    assert_eq!(typing(262_144).await.unwrap().status, 204);
    assert_refused(&typing(262_145).await.unwrap(), ErrorCode::TooLarge, &["262144"]);
    assert_refused(&typing(900_000).await.unwrap(), ErrorCode::TooLarge, &["262144"]);
    // A flood is cut off; whoever sends it may or may not see why.
    match typing(16 << 20).await {
        Ok(answer) => assert_refused(&answer, ErrorCode::TooLarge, &["262144"]),
        Err(failure) => assert!(matches!(failure, Failure::Unreachable(_)), "{failure}"),
    }
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, " ".repeat(65_536));
    let request = format!(
        "POST /api/v1/sessions/{}/typing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        started.session.id,
        started.token,
        chunk.repeat(5)
    );
    let answer = exchange(&server, request.as_bytes()).await;
    assert_eq!(answer.status, 413, "{answer:?}");
}

/// What no site's key or file's name can be names nothing.
#[tokio::test]
async fn paths_are_checked() {
    let server = TestServer::start(Engine::Sqlite).await;
    for path in ["/api/v1/sites/%FF", "/api/v1/sites/%00", "/api/v1/sessions/%FF", "/assets/%FF"] {
        let answer = server.client().request("GET", path).send().await.unwrap();
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert!(matches!(answer.status, 401 | 404), "{path}: {}", answer.status);
    }
    let start = json!({ "name": "Ana", "phone": "+447700900118" });
    let start = server.client().request("POST", "/api/v1/sites/%FF/sessions").json(&start);
    assert_refused(&start.send().await.unwrap(), ErrorCode::NotFound, &[]);
}

/// What is asked in a query or filter must mean something; the refusal names it.
#[tokio::test]
async fn queries_are_checked() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let admin = server.admin().await;
    let id = started.session.id;
    let ask = async |path: &str| admin.request("GET", path).send().await.unwrap();
    for path in ["/sessions".to_owned(), format!("/sessions/{id}/entries")] {
        for fits in ["1", "200"] {
            assert_eq!(ask(&format!("{path}?limit={fits}")).await.status, 200);
        }
        for bad in ["0", "201", "-1", "x", "1.5", "", "99999999999999999999"] {
            assert_refused(&ask(&format!("{path}?limit={bad}")).await, ErrorCode::Invalid, &["limit", "200"]);
        }
    }
    for (query, named) in [
        ("status=bogus", "status"),
        ("status=open,bogus", "status"),
        ("status=OPEN", "status"),
        ("assignee=bogus", "assignee"),
        ("site=bogus", "site"),
        ("sort=bogus", "sort"),
        ("cursor=bogus", "cursor"),
        ("cursor=1.2", "cursor"),
        ("colour=green", "colour"),
        ("limit=1&colour=green", "colour"),
    ] {
        assert_refused(&ask(&format!("/sessions?{query}")).await, ErrorCode::Invalid, &[named]);
    }
    for (rest, named) in [
        ("?x=1", "x"),
        ("/entries?after=x", "after"),
        ("/entries?after=-1", "after"),
        ("/entries?after=9007199254740992", "after"),
        ("/entries?before=x", "before"),
        ("/entries?after=1&before=2", "before"),
        ("/entries?cursor=x", "cursor"),
        ("/entries?x=1", "x"),
        ("/events?wait=31", "wait"),
        ("/events?wait=-1", "wait"),
        ("/events?after=x&wait=0", "after"),
        ("/events?epoch=x&wait=0", "epoch"),
        ("/events?x=1&wait=0", "x"),
        ("/transcript?format=pdf", "format"),
        ("/transcript?format=", "format"),
        ("/transcript?x=1", "x"),
    ] {
        assert_refused(&ask(&format!("/sessions/{id}{rest}")).await, ErrorCode::Invalid, &[named]);
    }
    for path in ["/agents", "/sites"] {
        assert_refused(&ask(&format!("{path}?x=1")).await, ErrorCode::Invalid, &["x"]);
    }
    for (body, named) in [
        (json!({ "wait": 31 }), "wait"),
        (json!({ "wait": -1 }), "wait"),
        (json!({ "wait": "soon" }), "wait"),
        (json!({ "sessions": [{ "id": "x" }] }), "sessions[0].id"),
        (json!({ "views": [{ "view": "bogus" }] }), "views[0].view"),
        (json!({ "views": [{ "view": "all", "limit": 201 }] }), "limit from 0 to 200"),
        (json!({ "views": [{ "view": "all" }, { "view": "mine" }, { "view": "all", "limit": 0 }] }), "twice"),
        (json!({ "views": [{ "view": { "tag": "x".repeat(41) } }] }), "tag"),
        (
            json!({ "views": (0..121).map(|n| json!({ "view": { "tag": n.to_string() } })).collect::<Vec<_>>() }),
            "120",
        ),
    ] {
        let answer = admin.request("POST", "/events").json(&body).send().await.unwrap();
        assert_refused(&answer, ErrorCode::Invalid, &[named]);
    }
    let rate = |score: serde_json::Value| {
        customer.on_session("POST", id, "/rating").json(&json!({ "score": score })).send()
    };
    for bad in [json!(0), json!(6), json!(-1), json!(256), json!(4.5), json!("5"), json!(null)] {
        assert_refused(&rate(bad).await.unwrap(), ErrorCode::Invalid, &["score"]);
    }
    let comment = json!({ "score": 5, "comment": "x".repeat(2_001) });
    let answer = customer.on_session("POST", id, "/rating").json(&comment).send().await.unwrap();
    assert_refused(&answer, ErrorCode::Invalid, &["comment", "2000"]);
    let attached = json!({ "id": Uuid::now_v7(), "body": "x", "attachments": vec![Uuid::now_v7(); 11] });
    let answer = customer.on_session("POST", id, "/messages").json(&attached).send().await.unwrap();
    assert_refused(&answer, ErrorCode::Invalid, &["attachments", "10"]);
    let mut socket = admin.websocket().connect().await.unwrap();
    let watch = |view: View, limit| ClientFrame::Watch { view, limit: Some(limit) };
    socket.send(&watch(ViewName::All.into(), 201)).await.unwrap();
    let error = socket.refused().await.unwrap();
    assert!(error.code == ErrorCode::Invalid && error.message.contains("200"), "{error:?}");
    let tagged =
        |n: usize| View::Filter(ViewFilter { tag: Some(n.to_string()), ..ViewFilter::default() }.into());
    for n in 0..=limits::WATCHED {
        socket.send(&watch(tagged(n), 0)).await.unwrap();
    }
    let error = socket.refused().await.unwrap();
    assert!(error.code == ErrorCode::Invalid && error.message.contains("120 at once"), "{error:?}");
    // One that is watched already is no other.
    socket.watch(tagged(0), Some(0)).await.unwrap();
}

/// All faults of the pre-chat form are told together, so that a person can mend them together.
#[tokio::test]
async fn every_fault_of_a_form_is_named() {
    let server = TestServer::start(Engine::Sqlite).await;
    let start = async |body: serde_json::Value| {
        server.client().request("POST", "/api/v1/sites/demo/sessions").json(&body).send().await.unwrap()
    };
    let fields = |count: usize| -> serde_json::Map<_, _> {
        (0..count).map(|n| (format!("f{n}"), json!("x"))).collect()
    };
    let fits = json!({
        "name": "n".repeat(100), "phone": "+123456789012345", "email": format!("{}@example.com", "e".repeat(242)),
        "message": "m".repeat(8_000), "locale": "l".repeat(35),
        "page": { "url": "u".repeat(2_000), "title": "t".repeat(2_000), "referrer": "r".repeat(2_000) },
        "fields": fields(20),
    });
    let answer = start(fits).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let long = json!({
        "name": "n".repeat(101), "phone": "+1234567890123456", "email": format!("{}@example.com", "e".repeat(243)),
        "message": "m".repeat(8_001), "locale": "l".repeat(36),
        "page": { "url": "u".repeat(2_001), "title": "t".repeat(2_001), "referrer": "r".repeat(2_001) },
        "fields": { "a": "x".repeat(2_001), "b".repeat(51): "x", "": "x" },
    });
    let answer = start(long).await;
    assert_refused(
        &answer,
        ErrorCode::Invalid,
        &[
            "name",
            "phone",
            "email",
            "message",
            "locale",
            "page.url",
            "page.title",
            "page.referrer",
            "fields.a",
        ],
    );
    let problem = answer.problem().unwrap();
    assert_eq!(problem.errors.len(), 11, "each once: {problem:?}");
    for number in ["100", "15", "254", "8000", "35", "2000", "50"] {
        assert!(problem.detail.contains(number), "{number}: {}", problem.detail);
    }
    assert_refused(
        &start(json!({ "name": "A", "phone": "+447700900118", "fields": fields(21) })).await,
        ErrorCode::Invalid,
        &["fields", "20"],
    );
    assert_refused(&start(json!({})).await, ErrorCode::Invalid, &["name", "phone"]);
    assert_refused(
        &start(json!({ "name": " ", "phone": "\t" })).await,
        ErrorCode::Invalid,
        &["name", "phone"],
    );
    let lines = json!({ "name": "two\nlines", "phone": "+44 7700\n900118", "email": "a@b\nc" });
    assert_refused(&start(lines).await, ErrorCode::Invalid, &["name", "phone", "email"]);
}
