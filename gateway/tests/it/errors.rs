//! Every error code and every close code that this version can send is provoked over the wire at least once, and every
//! refusal over HTTP has the one shape (RFC 9457).

use std::{
    collections::BTreeSet,
    sync::{Mutex, OnceLock},
    time::Instant,
};

use loadtest::client::{Answer, Failure, Request, WsConnection};
use persistence::testing::{SqliteLock, TestPostgres};
use protocol::{CloseCode, ErrorCode, ServerFrame};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use crate::{
    files,
    support::{
        ADMIN_PASSWORD, Engine, TestServer,
        raw::{self, RawSocket, TEXT},
    },
};

/// Codes that nothing outside can provoke.
const NEVER: &[(ErrorCode, &str)] = &[
    (ErrorCode::TooLate, "a quarter of an hour has to pass; the hub's rules are shown by their own tests"),
    (ErrorCode::Internal, "a defect of ours; a test that can provoke it is a bug report"),
];
const NEVER_CLOSED: &[(CloseCode, &str)] = &[
    (CloseCode::Normal, "the server never ends a connection without a reason"),
    (CloseCode::Internal, "a defect of ours"),
    (CloseCode::Replaced, "no newer connection takes an older one's place in this version"),
];

/// What was seen while provoking.
#[derive(Default)]
struct Seen {
    errors: Mutex<BTreeSet<&'static str>>,
    closes: Mutex<BTreeSet<u16>>,
}

impl Seen {
    /// Checks a refusal's shape, and notes its code.
    async fn refused(&self, request: Request, code: ErrorCode) -> Answer {
        let what = format!("{request:?}");
        let answer = request.send().await.unwrap();
        assert_problem(&answer, code, &what);
        self.errors.lock().unwrap().insert(code.as_str());
        answer
    }

    async fn error_frame(&self, socket: &mut WsConnection, code: ErrorCode) {
        let error = socket.refused().await.unwrap();
        assert_eq!(error.code, code, "{error:?}");
        assert_eq!(error.retryable, code.retryable(), "{error:?}");
        self.errors.lock().unwrap().insert(code.as_str());
    }

    /// The close code, and the `bye` before it.
    async fn closed(&self, socket: &mut WsConnection, code: CloseCode) {
        let closed = socket.closed().await.unwrap();
        assert_eq!(closed.code, Some(code.code()), "{closed:?}");
        assert_eq!(closed.reason, code.reason());
        assert_eq!(closed.bye.map(|bye| bye.reason).as_deref(), Some(code.reason()), "no bye");
        self.closes.lock().unwrap().insert(code.code());
    }
}

/// Exactly these members, under the right content type, and words for people.
fn assert_problem(answer: &Answer, code: ErrorCode, what: &str) {
    let text = answer.text();
    assert_eq!(answer.status, code.status(), "{what}: {text}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}: {text}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    let problem: Value = answer.json().unwrap();
    let members: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["code", "detail", "errors", "status", "title", "type"], "{what}");
    assert_eq!(problem["code"], code.as_str(), "{what}");
    assert_eq!(problem["status"], code.status(), "{what}");
    assert_eq!(problem["title"], code.title(), "{what}");
    assert_eq!(problem["type"], format!("urn:hubbub:problem:{}", code.as_str()), "{what}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.len() > 10 && !detail.contains("sqlx") && !detail.contains(".rs"), "{what}: {detail}");
    assert_eq!(
        problem["errors"].as_array().unwrap().is_empty(),
        code != ErrorCode::Invalid,
        "{what}: {text}"
    );
    let waits = matches!(code, ErrorCode::RateLimited | ErrorCode::TooManyConnections);
    if waits || code.status() == 503 {
        assert!(answer.header("retry-after").and_then(|wait| wait.parse::<u64>().ok()).is_some(), "{what}");
    }
}

/// One test, so that what was never seen can be named in the end. Its parts take place at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_code_is_provoked() {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    let seen = SEEN.get_or_init(Seen::default);
    tokio::join!(
        by_the_rules(seen),
        by_the_team(seen),
        by_files(seen),
        by_slowness(seen),
        by_a_store_that_cannot_write(seen),
        by_a_store_that_is_gone(seen),
        by_stopping(seen),
        by_silence(seen),
        by_not_reading(seen),
    );
    let errors = seen.errors.lock().unwrap();
    let unseen: Vec<_> =
        ErrorCode::ALL.iter().filter(|code| !errors.contains(code.as_str())).copied().collect();
    assert_eq!(unseen, NEVER.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "never provoked");
    let closes = seen.closes.lock().unwrap();
    let unseen: Vec<_> =
        CloseCode::ALL.iter().filter(|code| !closes.contains(&code.code())).copied().collect();
    assert_eq!(unseen, NEVER_CLOSED.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "never provoked");
}

async fn by_the_rules(seen: &Seen) {
    let flags = ["--login-failures=1", "--starts-per-minute=4", "--connections-per-contact=1"];
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let client = server.client();
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let admin = server.admin().await;
    let one = server.member("supervisor", "one@example.com", "One").await;
    let invited = server.one_time("new@example.com").await;
    let hello = json!({ "id": Uuid::now_v7(), "body": "hello" });
    let starts = "/api/v1/sites/demo/sessions";
    let login = json!({ "email": "nobody@example.com", "password": "not the password" });

    let malformed = customer.on_session("POST", id, "/messages").body("application/json", "{\"id\":");
    seen.refused(malformed, ErrorCode::BadRequest).await;
    seen.refused(client.request("GET", "/api/v1/me"), ErrorCode::Unauthenticated).await;
    seen.refused(client.request("POST", "/api/v1/auth/login").json(&login), ErrorCode::BadLogin).await;
    seen.refused(client.request("POST", "/api/v1/auth/login").json(&login), ErrorCode::RateLimited).await;
    seen.refused(customer.on_session("POST", id, "/notes").json(&hello), ErrorCode::Forbidden).await;
    seen.refused(customer.request("GET", "/me").origin("https://evil.example"), ErrorCode::OriginRefused)
        .await;
    let liar =
        json!({ "name": "A", "phone": "+447700900118", "identity": { "external_id": "1", "hash": "00" } });
    seen.refused(client.request("POST", starts).json(&liar), ErrorCode::IdentityMismatch).await;
    seen.refused(invited.request("GET", "/sessions"), ErrorCode::PasswordChangeRequired).await;
    seen.refused(customer.request("GET", "/nowhere"), ErrorCode::NotFound).await;
    seen.refused(customer.request("DELETE", "/me"), ErrorCode::MethodNotAllowed).await;
    // Nobody was asked.
    seen.refused(one.on_session("POST", id, "/accept"), ErrorCode::OfferOver).await;
    admin.claim(id).await.unwrap();
    seen.refused(one.on_session("POST", id, "/claim"), ErrorCode::AlreadyClaimed).await;
    let itself = json!({ "into": id });
    seen.refused(admin.on_session("POST", id, "/merge").json(&itself), ErrorCode::NotMergeable).await;
    let rating = json!({ "score": 5 });
    seen.refused(customer.on_session("POST", id, "/rating").json(&rating), ErrorCode::WrongStatus).await;
    seen.refused(admin.request("POST", "/sites").json(&json!({ "key": "demo" })), ErrorCode::Conflict).await;
    let own = format!("/agents/{}", admin.who().you.id);
    seen.refused(admin.request("DELETE", &own), ErrorCode::LastAdmin).await;
    let link = client.request("POST", "/api/v1/auth/welcome").json(&json!({ "token": "no link" }));
    seen.refused(link, ErrorCode::LinkExpired).await;
    crate::people::second_factor::begin(&one).await;
    let login = json!({ "email": "one@example.com", "password": ADMIN_PASSWORD });
    seen.refused(client.request("POST", "/api/v1/auth/login").json(&login), ErrorCode::TotpRequired).await;
    let big = customer.on_session("POST", id, "/messages").body("application/json", vec![b' '; 300_000]);
    seen.refused(big, ErrorCode::TooLarge).await;
    let form = customer.on_session("POST", id, "/read").form(&[("seq", "1")]);
    seen.refused(form, ErrorCode::UnsupportedType).await;
    seen.refused(client.request("POST", starts).json(&json!({})), ErrorCode::Invalid).await;

    let mut socket = customer.websocket().connect().await.unwrap();
    socket.send_text("what?").await.unwrap();
    seen.error_frame(&mut socket, ErrorCode::BadFrame).await;
    let poll = customer.on_session("GET", id, "/events").query("wait", "0");
    seen.refused(poll, ErrorCode::TooManyConnections).await;
    let mut second = customer.websocket().upgrade().await.unwrap();
    second.send_text(json!({ "type": "hello", "token": started.token }).to_string()).await.unwrap();
    seen.error_frame(&mut second, ErrorCode::TooManyConnections).await;
    seen.closed(&mut second, CloseCode::RateLimited).await;

    socket.send_binary([1, 2, 3]).await.unwrap();
    seen.closed(&mut socket, CloseCode::Unsupported).await;
    let hello = async || one.websocket().connect().await.unwrap();
    let mut socket = hello().await;
    socket.send_text_bytes([b'"', 0xff, 0xfe, b'"']).await.unwrap();
    seen.closed(&mut socket, CloseCode::BadUtf8).await;
    let mut socket = hello().await;
    socket.send_oversized(70_000).await.unwrap();
    seen.closed(&mut socket, CloseCode::TooBig).await;
    let mut socket = one.websocket().upgrade().await.unwrap();
    socket.send_text("{\"type\":\"ping\"}").await.unwrap();
    seen.closed(&mut socket, CloseCode::HelloMissing).await;
    let mut socket = client.bearer("junk").websocket().upgrade().await.unwrap();
    socket.send_text("{\"type\":\"hello\",\"token\":\"junk\"}").await.unwrap();
    seen.closed(&mut socket, CloseCode::BadCredential).await;
    let mut socket = one.websocket().origin("https://evil.example").upgrade().await.unwrap();
    socket.send_text("{\"type\":\"hello\"}").await.unwrap();
    seen.closed(&mut socket, CloseCode::OriginRefused).await;
    let mut socket = one.websocket().protocol(Some("hubbub.v99")).upgrade().await.unwrap();
    seen.closed(&mut socket, CloseCode::Version).await;
    let none = one.websocket().protocol(None).upgrade().await;
    assert_eq!(none.unwrap_err().code(), Some(ErrorCode::BadRequest));
    let foreign = one.websocket().protocol(Some("soap")).upgrade().await;
    assert_eq!(foreign.unwrap_err().code(), Some(ErrorCode::BadRequest));
    assert_eq!(client.request("GET", "/ws").send().await.unwrap().status, 400);
}

/// What agents get in each other's way with.
async fn by_files(seen: &Seen) {
    let scanner = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flag = format!("--scanner=tcp://{}", scanner.local_addr().unwrap());
    let server = TestServer::start_with(Engine::Sqlite, &[&flag]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let upload = || {
        files::form(customer.on_session("POST", started.session.id, "/attachments"), "a.txt", b"hello world")
    };
    let answers = |said: &'static [u8]| async {
        let (mut socket, _) = scanner.accept().await.unwrap();
        let mut asked = [0; 29];
        socket.read_exact(&mut asked).await.unwrap();
        socket.write_all(said).await.unwrap();
    };
    tokio::join!(seen.refused(upload(), ErrorCode::Infected), answers(b"stream: A FOUND\0"));
    let (file, ()) = tokio::join!(upload().read::<Value>(), answers(b"stream: OK\0"));
    let file = format!("/attachments/{}", file.unwrap()["id"].as_str().unwrap());
    let beyond = customer.request("GET", &file).header("range", "bytes=99-");
    seen.refused(beyond, ErrorCode::RangeNotSatisfiable).await;
    drop(scanner);
    seen.refused(upload(), ErrorCode::ScannerUnavailable).await;

    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    // A file is where the folder should be.
    std::fs::write(server.files(), "in the way").unwrap();
    let upload = files::form(customer.on_session("POST", started.session.id, "/attachments"), "a.txt", b"x");
    seen.refused(upload, ErrorCode::FilesUnavailable).await;
}

async fn by_the_team(seen: &Seen) {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let other = server.member("supervisor", "other@example.com", "Otto").await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let said = admin.say(id, "hello").await.unwrap();
    let late = json!({ "id": Uuid::now_v7(), "body": "hello, too", "after": 1 });
    let reply = other.on_session("POST", id, "/messages").json(&late);
    seen.refused(reply, ErrorCode::AnsweredMeanwhile).await;
    let path = format!("/entries/{}", said.id);
    admin.on_session("DELETE", id, &path).done().await.unwrap();
    let edit = admin.on_session("PATCH", id, &path).json(&json!({ "body": "again" }));
    seen.refused(edit, ErrorCode::EntryDeleted).await;
    let contact = format!("/contacts/{}", started.contact.id);
    let late = json!({ "version": 77, "name": "Anna" });
    seen.refused(admin.request("PATCH", &contact).json(&late), ErrorCode::ChangedMeanwhile).await;
    seen.refused(admin.request("DELETE", &contact), ErrorCode::InUse).await;
    let mut socket = customer.websocket().connect().await.unwrap();
    let block = admin.request("POST", &format!("{contact}/block")).json(&json!({ "reason": "spam" }));
    block.done().await.unwrap();
    seen.closed(&mut socket, CloseCode::Blocked).await;
    let send = json!({ "id": Uuid::now_v7(), "body": "hello" });
    seen.refused(customer.on_session("POST", id, "/messages").json(&send), ErrorCode::Blocked).await;
}

/// A body that does not arrive: the time of the longest long-poll and a little more.
async fn by_slowness(seen: &Seen) {
    let server = TestServer::start(Engine::Sqlite).await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let mut socket = TcpStream::connect(server.address()).await.unwrap();
    let request = format!(
        "POST /api/v1/sessions/{}/typing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{",
        started.session.id, started.token
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let began = Instant::now();
    socket.readable().await.unwrap();
    let answer = String::from_utf8(raw::to_the_end(&mut socket).await).unwrap();
    assert!((34..45).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    seen.errors.lock().unwrap().insert(ErrorCode::RequestTimeout.as_str());
}

/// Another program holds the file's one place to write: sends are refused in time, and a connection that asks for more
/// than can wait is told so.
async fn by_a_store_that_cannot_write(seen: &Seen) {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let mut socket = customer.websocket().connect().await.unwrap();
    socket.opened(id).await.unwrap();
    let lock = SqliteLock::hold(server.database_url()).await;
    for _ in 0..80 {
        socket.say(id, "too much at once").await.unwrap();
    }
    seen.error_frame(&mut socket, ErrorCode::Overloaded).await;
    let send = json!({ "id": Uuid::now_v7(), "body": "hello" });
    seen.refused(customer.on_session("POST", id, "/messages").json(&send), ErrorCode::StoreUnavailable).await;
    lock.release().await;
}

async fn by_a_store_that_is_gone(seen: &Seen) {
    let postgres = std::sync::Arc::new(tokio::task::spawn_blocking(TestPostgres::start).await.unwrap());
    let url = postgres.create_database().await;
    let server = TestServer::start_on(url, None, &["--log=info"]).await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let mut socket = server.client().websocket().upgrade().await.unwrap();
    let gone = postgres.clone();
    tokio::task::spawn_blocking(move || gone.kill()).await.unwrap();
    let hello = json!({ "type": "hello", "token": started.token });
    socket.send_text(hello.to_string()).await.unwrap();
    seen.closed(&mut socket, CloseCode::Overloaded).await;
}

async fn by_stopping(seen: &Seen) {
    let mut server = TestServer::start_with(Engine::Sqlite, &["--drain-seconds=4"]).await;
    let client = server.client();
    let (customer, _) = server.customer("Ana", "+447700900118").await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(customer.websocket().connect().await.unwrap());
    }
    server.terminate().await;
    // Whichever is asked first: from then on the server is known to be stopping, for three seconds more.
    let first = futures(&mut sockets).await;
    seen.closed(&mut sockets[first], CloseCode::Restart).await;
    let refused = customer.websocket().upgrade().await.unwrap_err();
    let Failure::Refused(refusal) = &refused else { panic!("{refused}") };
    assert_eq!((refusal.status, refusal.code()), (503, Some(ErrorCode::Draining)));
    assert!(refusal.retry_after.is_some());
    seen.errors.lock().unwrap().insert(ErrorCode::Draining.as_str());
    let ready = client.request("GET", "/readyz").send().await.unwrap();
    assert_eq!((ready.status, ready.json::<Value>().unwrap()["draining"].clone()), (503, json!(true)));
    for socket in &mut sockets {
        seen.closed(socket, CloseCode::Restart).await;
    }
    assert_eq!(server.ended().await, Some(0));
}

/// The first of these to be told goodbye.
async fn futures(sockets: &mut [WsConnection]) -> usize {
    let [one, two, three, four] = sockets else { panic!("four") };
    let bye = |frame: &ServerFrame| matches!(frame, ServerFrame::Bye { .. }).then_some(());
    tokio::select! {
        _ = one.expect(bye) => 0,
        _ = two.expect(bye) => 1,
        _ = three.expect(bye) => 2,
        _ = four.expect(bye) => 3,
    }
}

/// Pings that nobody answers.
async fn by_silence(seen: &Seen) {
    let server =
        TestServer::start_with(Engine::Sqlite, &["--heartbeat-seconds=1", "--hello-seconds=1"]).await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let mut socket = RawSocket::open(&server, "").await;
    socket.send(TEXT, json!({ "type": "hello", "token": started.token }).to_string().as_bytes()).await;
    let began = Instant::now();
    let code = CloseCode::HeartbeatMissed;
    assert_eq!(socket.closed().await, (code.code(), code.reason().to_owned()));
    assert!((2..10).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    seen.closes.lock().unwrap().insert(code.code());
    // Somebody who never says hello.
    let mut socket = RawSocket::open(&server, "").await;
    assert_eq!(socket.closed().await, (CloseCode::HelloMissing.code(), "hello_missing".to_owned()));
}

/// A program that reads nothing while much is said, and reads again as soon as that was noticed.
async fn by_not_reading(seen: &Seen) {
    let server = TestServer::start_with(
        Engine::Sqlite,
        &["--customer-send-burst=100000", "--customer-sends-per-minute=100000", "--log=info,gateway=debug"],
    )
    .await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let admin = server.admin().await;
    let text = "x".repeat(8_000);
    let noticed = || server.said().matches("too_slow").count();
    // The last word is said where the socket can still take it, within a second: on a busy machine not each time.
    for _ in 0..5 {
        let before = noticed();
        let mut slow =
            admin.websocket().receive_buffer(4_096).follow(id, None, None).connect().await.unwrap();
        slow.opened(id).await.unwrap();
        for _ in 0..2_000 {
            customer.say(id, &text).await.unwrap();
            if noticed() > before {
                break;
            }
        }
        let closed = slow.closed().await.unwrap();
        if closed.code.is_some() {
            assert_eq!(closed.code, Some(CloseCode::TooSlow.code()), "{closed:?}");
            assert_eq!(closed.bye.unwrap().reason, "too_slow");
            seen.closes.lock().unwrap().insert(CloseCode::TooSlow.code());
            return;
        }
    }
}

/// Paths, methods and bodies that are wrong, each answered by its own code.
#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let server = TestServer::start(Engine::Sqlite).await;
    let client = server.client();
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let id = started.session.id;
    let admin = server.admin().await;
    for path in [
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me",
        "/api/v1/nowhere",
        "/assets/nowhere.js",
        "/assets/",
        "/favicon.ico",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = client.request(method, path).send().await.unwrap();
            let allowed = if path.starts_with("/assets/n") && method != "GET" {
                ErrorCode::MethodNotAllowed
            } else {
                ErrorCode::NotFound
            };
            assert_problem(&answer, allowed, &format!("{method} {path}"));
        }
    }
    for (method, path) in [
        ("PUT", "/api/v1/me".to_owned()),
        ("POST", "/api/v1/me".to_owned()),
        ("GET", "/api/v1/events".to_owned()),
        ("DELETE", format!("/api/v1/sessions/{id}")),
        ("GET", format!("/api/v1/sessions/{id}/messages")),
        ("GET", "/api/v1/auth/login".to_owned()),
        ("POST", "/console".to_owned()),
        ("DELETE", "/demo".to_owned()),
        ("POST", "/ws".to_owned()),
        ("PATCH", "/healthz".to_owned()),
        ("TRACE", "/api/v1/me".to_owned()),
        ("BREW", "/api/v1/me".to_owned()),
    ] {
        let answer = client.request(method, &path).send().await.unwrap();
        assert_problem(&answer, ErrorCode::MethodNotAllowed, &format!("{method} {path}"));
        assert!(answer.header("allow").is_some(), "{method} {path}: RFC 9110 §15.5.6");
    }
    for not_an_id in
        ["x", "1", "0", "%00", "null", &format!("{id}x"), &"a".repeat(5_000), "%F0%9F%98%80", "%ff"]
    {
        for rest in ["", "/entries", "/events", "/transcript"] {
            let path = format!("/sessions/{not_an_id}{rest}");
            let answer = admin.request("GET", &path).send().await.unwrap();
            assert_problem(&answer, ErrorCode::NotFound, &path);
        }
    }
    let message =
        |body: &str, kind: &str| customer.on_session("POST", id, "/messages").body(kind, body).send();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonp",
        "text/json",
    ] {
        assert_problem(&message("{}", kind).await.unwrap(), ErrorCode::UnsupportedType, kind);
    }
    let good = json!({ "id": Uuid::now_v7(), "body": "hello" }).to_string();
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=UTF-8"] {
        assert_eq!(message(&good, kind).await.unwrap().status, 201, "{kind}");
    }
    for malformed in
        ["", "{", "{\"id\":}", "nonsense", "{} {}", "{\"id\":\"\\ud800\"}", "\u{feff}{}", "{\"a\":1e999}"]
    {
        let answer = message(malformed, "application/json").await.unwrap();
        let code = answer.problem().unwrap().code;
        assert!(matches!(code, ErrorCode::BadRequest | ErrorCode::Invalid), "{malformed}: {answer:?}");
    }
    for (wrong, named) in [
        (json!({}), "id"),
        (json!({ "id": Uuid::now_v7() }), "body"),
        (json!({ "id": "x", "body": "y" }), "id"),
        (json!({ "id": 1, "body": "y" }), "id"),
        (json!({ "id": Uuid::now_v7(), "body": 1 }), "body"),
        (json!({ "id": Uuid::now_v7(), "body": null }), "body"),
        (json!({ "id": Uuid::now_v7(), "body": ["y"] }), "body"),
        (json!({ "id": Uuid::now_v7(), "body": "y", "attachments": "z" }), "attachments"),
        (json!({ "id": Uuid::now_v7(), "body": "y", "attachments": ["z"] }), "attachments[0]"),
        (json!({ "id": Uuid::now_v7(), "body": "y", "attachments": [Uuid::now_v7()] }), "attachments"),
        (json!("text"), "body"),
        (json!(1), "body"),
        (json!(null), "body"),
    ] {
        let answer = message(&wrong.to_string(), "application/json").await.unwrap();
        assert_problem(&answer, ErrorCode::Invalid, &wrong.to_string());
        assert_eq!(answer.problem().unwrap().errors[0].field, named, "{wrong}");
    }
    let site = json!({ "key": "new-shop" });
    let site: Value = admin.request("POST", "/sites").json(&site).read().await.unwrap();
    let path = format!("/sites/{}", site["id"].as_str().unwrap());
    for (wrong, named) in [
        (json!({ "key": "other" }), "key"),
        (json!({ "name": "" }), "name"),
        (json!({ "color": "green" }), "color"),
        (json!({ "greeting": "x".repeat(201) }), "greeting"),
        (
            json!({ "prechat": [{ "name": "name", "required": true }, { "name": "name", "required": false }] }),
            "prechat",
        ),
        (json!({ "prechat": [{ "name": "shoe_size", "required": true }] }), "prechat[0].name"),
        (json!({ "allowed_origins": ["*"] }), "allowed_origins"),
        (json!({ "allowed_origins": ["null"] }), "allowed_origins"),
        (json!({ "allowed_origins": ["https://shop.example/path"] }), "allowed_origins"),
        (json!({ "allowed_origins": ["https://user@shop.example"] }), "allowed_origins"),
        (json!({ "allowed_origins": vec!["https://shop.example"; 51] }), "allowed_origins"),
    ] {
        let answer = admin.request("PATCH", &path).json(&wrong).send().await.unwrap();
        assert_problem(&answer, ErrorCode::Invalid, &wrong.to_string());
        assert_eq!(answer.problem().unwrap().errors[0].field, named, "{wrong}");
    }
    for key in ["", "UPPER", "-x", "a b", "../x", &"k".repeat(51), "ü"] {
        let answer = admin.request("POST", "/sites").json(&json!({ "key": key })).send().await.unwrap();
        assert_problem(&answer, ErrorCode::Invalid, key);
    }
    let short = json!({ "current": ADMIN_PASSWORD, "new": "short" });
    let answer = admin.request("POST", "/auth/password").json(&short).send().await.unwrap();
    assert_problem(&answer, ErrorCode::Invalid, "a short password");
}
