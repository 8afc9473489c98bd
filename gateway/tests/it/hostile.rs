//! What only an enemy, or a broken program, sends: the server answers or closes, goes on serving everybody else, and
//! nothing that somebody typed ever becomes code.

use std::{collections::BTreeMap, fs, time::Duration};

use loadtest::client::{Incoming, WsConnection};
use protocol::{ClientFrame, EntryId, ErrorCode, ServerFrame, SessionId, rest::StartedSession};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

use crate::support::{
    Engine, TestServer, on_both_stores,
    raw::{CLOSE, RawSocket, TEXT, exchange, frame, to_the_end},
};

/// Frames that the server is thrown.
const FRAMES: usize = 22_500;
/// On one connection: fewer than it may send at once.
const BATCH: usize = 150;

/// The server lives, has nothing to regret, and has not grown.
async fn assert_unharmed(server: &TestServer, resident_before: u64) {
    assert_eq!(server.client().request("GET", "/readyz").send().await.unwrap().status, 200);
    let said = server.said();
    for word in ["panicked", "ERROR", "500 Internal"] {
        let line = said.lines().find(|line| line.contains(word));
        assert_eq!(line, None);
    }
    let resident = resident(server);
    assert!(resident < resident_before + 64 * 1024, "{resident_before} KiB grew to {resident} KiB");
}

/// Memory of the process, in KiB.
fn resident(server: &TestServer) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Valid frames to spoil.
fn valid(session: SessionId) -> Vec<Value> {
    let id = Uuid::now_v7();
    vec![
        json!({ "type": "hello", "token": "x", "sessions": [{ "id": session, "after": 1, "epoch": id }], "client": { "name": "n", "version": "v" } }),
        json!({ "type": "open", "session": session, "after": 1, "epoch": id }),
        json!({ "type": "leave", "session": session }),
        json!({ "type": "watch", "view": "all", "limit": 10 }),
        json!({ "type": "watch", "view": "mine", "limit": 0 }),
        json!({ "type": "send", "id": id, "session": session, "body": " " }),
        json!({ "type": "send", "id": id, "session": id, "body": "to nobody", "note": true }),
        json!({ "type": "read", "session": id, "seq": u64::MAX }),
        json!({ "type": "unwatch", "view": "all" }),
        json!({ "type": "send", "id": id, "session": session, "body": "hello", "attachments": [], "note": false }),
        json!({ "type": "typing", "session": session, "on": true }),
        json!({ "type": "read", "session": session, "seq": 1 }),
        json!({ "type": "ping" }),
    ]
}

/// A value that does not belong there.
fn strange(random: &mut StdRng) -> Value {
    match random.random_range(0..16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1.5e300),
        6 => json!(9_007_199_254_740_993_u64),
        7 => json!(""),
        8 => json!("\u{0}"),
        9 => json!("\u{202e}\u{feff}\u{fffd}"),
        10 => json!("x".repeat(random.random_range(0..20_000))),
        11 => json!(Uuid::from_u128(random.random())),
        12 => json!([]),
        13 => json!({}),
        14 => json!({ "type": "send", "__proto__": { "x": 1 } }),
        _ => json!(["hello", 1, null, { "id": [] }]),
    }
}

/// Changes one place of a value, however deep.
fn spoil(value: &mut Value, random: &mut StdRng) {
    let deeper = random.random_bool(0.6);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(random.random_range(0..fields.len())).unwrap().clone();
            match random.random_range(0..5) {
                _ if deeper => spoil(&mut fields[&key], random),
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(key, strange(random))),
                2 => {
                    let value = fields.remove(&key).unwrap();
                    fields.insert(format!("{key} "), value);
                }
                3 => drop(fields.insert("extra".into(), strange(random))),
                _ => {
                    let whole = Value::Object(fields.clone());
                    fields.insert(key, whole);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = random.random_range(0..items.len());
            match random.random_range(0..3) {
                _ if deeper => spoil(&mut items[at], random),
                0 => drop(items.remove(at)),
                1 => items.extend(items.clone()),
                _ => items[at] = strange(random),
            }
        }
        other => *other = strange(random),
    }
}

/// Changes the text itself, in ways that no value could be written.
fn garble(text: &str, random: &mut StdRng) -> String {
    let cut = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let at = cut(random.random_range(0..=text.len()));
    let (before, after) = text.split_at(at);
    match random.random_range(0..12) {
        0 => before.to_owned(),
        1 => after.to_owned(),
        2 => format!("{before}{before}{after}"),
        3 => format!("{before}\\ud800{after}"),
        4 => format!("{before}\u{0}{after}"),
        5 => format!("{before}{}{after}", char::from(random.random_range(0x20..0x7f_u8))),
        6 => format!("{text}{text}"),
        7 => text.replacen('{', "{\"type\":\"ping\",", 1),
        8 => text.replace(':', ":-"),
        9 => format!("{}{text}{}", "[".repeat(3_000), "]".repeat(3_000)),
        10 => text.replacen(":", &format!(":{}1{},\"x\":", "{\"a\":".repeat(500), "}".repeat(500)), 1),
        _ => text.replace(char::is_numeric, "1e308"),
    }
}

fn hostile_frame(session: SessionId, random: &mut StdRng) -> String {
    let mut frames = valid(session);
    let mut frame = frames.swap_remove(random.random_range(0..frames.len()));
    for _ in 0..random.random_range(0..4) {
        spoil(&mut frame, random);
    }
    let text = frame.to_string();
    if random.random_bool(0.3) { garble(&text, random) } else { text }
}

/// Sends something that is answered when all before it was taken, and sees what came until then.
async fn settle(socket: &mut WsConnection, session: SessionId, codes: &mut BTreeMap<&'static str, u32>) {
    let id = EntryId::new(Uuid::now_v7());
    socket.say_as(id, session, "still here", false).await.unwrap();
    loop {
        let incoming =
            tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("nothing comes");
        match incoming.unwrap() {
            Incoming::Frame(ServerFrame::Ack { id: acked, .. }) if acked == id => return,
            // What was sent before has to be answered first.
            Incoming::Frame(ServerFrame::Error { code: ErrorCode::Overloaded, id: of, .. })
                if of == Some(id) =>
            {
                socket.say_as(id, session, "still here", false).await.unwrap();
            }
            Incoming::Frame(ServerFrame::Error { code, message, .. }) => {
                assert_ne!(code, ErrorCode::Internal, "{message}");
                assert!(!message.contains("panick") && !message.contains("sqlx"), "{message}");
                *codes.entry(code.as_str()).or_default() += 1;
            }
            Incoming::Strange(text) => panic!("no frame of ours: {text}"),
            Incoming::Frame(_) | Incoming::Ping | Incoming::Pong(_) => {}
        }
    }
}

on_both_stores! {
    /// Frames that are nearly right, wrong, or nothing at all: the connection stays open, and is answered.
    async fn spoiled_frames_are_answered(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (customer, started) = server.customer("Ana", "+447700900118").await;
        let (healthy, theirs) = server.customer("Ben", "+447700900119").await;
        let admin = server.admin().await;
        let mut beside = healthy.websocket().connect().await.unwrap();
        let mut random = StdRng::seed_from_u64(31);
        let mut codes = BTreeMap::new();
        let before = resident(&server);
        // Half of them on each store.
        for round in 0..FRAMES / BATCH / 2 {
            // Whoever throws frames about may lose its chat on the way: each round has one of its own.
            let (session, mut socket) = if round % 3 == 0 {
                (started.session.id, admin.websocket().connect().await.unwrap())
            } else {
                (started.session.id, customer.websocket().connect().await.unwrap())
            };
            for _ in 0..BATCH {
                let text = hostile_frame(session, &mut random);
                if text.len() < 60_000 {
                    socket.send_text(text).await.unwrap();
                }
            }
            settle(&mut socket, session, &mut codes).await;
            let id = beside.say(theirs.session.id, "undisturbed").await.unwrap();
            beside.acked(id).await.unwrap();
            beside.take_inbox();
        }
        // It must have come through to the rules, not only to the parser.
        for code in ["bad_frame", "not_found", "invalid", "forbidden"] {
            assert!(codes.get(code).is_some_and(|count| *count > 10), "{code}: {codes:?}");
        }
        assert_unharmed(&server, before).await;
    }
}

/// The first frame decides, and whatever it is, it is refused in words or with a code of ours.
#[tokio::test]
async fn spoiled_hellos_open_nothing() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let mut random = StdRng::seed_from_u64(32);
    let before = resident(&server);
    let mut ends = BTreeMap::<String, u32>::new();
    for _ in 0..300 {
        let mut frames = valid(started.session.id);
        let first = if random.random_bool(0.7) { 0 } else { random.random_range(1..frames.len()) };
        let mut hello = frames.swap_remove(first);
        if first == 0 {
            hello["token"] = json!(started.token[1..]);
            spoil(&mut hello, &mut random);
        }
        let mut text = hello.to_string();
        if random.random_bool(0.3) {
            text = garble(&text, &mut random);
        }
        let mut socket = RawSocket::open(&server, "").await;
        socket.send(TEXT, text.as_bytes()).await;
        let end = match socket.frame().await {
            Some((TEXT, said)) => {
                let said: Value = serde_json::from_slice(&said).unwrap();
                match said["type"].as_str().unwrap() {
                    "error" => said["code"].as_str().unwrap().to_owned(),
                    "bye" => socket.closed().await.0.to_string(),
                    other => panic!("{other} in answer to {text}"),
                }
            }
            other => panic!("{other:?} in answer to {text}"),
        };
        *ends.entry(end).or_default() += 1;
    }
    assert!(ends.keys().all(|end| ["bad_frame", "4002", "4500"].contains(&end.as_str())), "{ends:?}");
    assert!(ends.len() == 3, "{ends:?}");
    assert_unharmed(&server, before).await;
}

/// Bits that RFC 6455 forbids: each ends its own connection, with a code where there is one.
#[tokio::test]
async fn broken_websockets_end_alone() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let mut beside = customer.websocket().connect().await.unwrap();
    let before = resident(&server);
    let unmasked = b"\x81\x0f{\"type\":\"ping\"}".to_vec();
    let head = |first: u8, second: u8, rest: &[u8]| [&[first, 0x80 | second], rest, &[0; 4]].concat();
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("reserved bit 1", frame(0xC1, b"x"), &[0, 1002]),
        ("reserved bit 2", frame(0xA1, b"x"), &[0, 1002]),
        ("reserved bit 3", frame(0x91, b"x"), &[0, 1002]),
        ("reserved opcode 3", frame(0x83, b"x"), &[0, 1002]),
        ("reserved opcode 11", frame(0x8B, b"x"), &[0, 1002]),
        ("unmasked", unmasked, &[0, 1002]),
        ("a long ping", frame(0x89, &[0; 126]), &[0, 1002]),
        ("a fragmented ping", frame(0x09, b"x"), &[0, 1002]),
        ("a continuation of nothing", frame(0x80, b"x"), &[0, 1002]),
        ("two beginnings", [frame(0x01, b"x"), frame(0x81, b"y")].concat(), &[0, 1002]),
        ("a length of 2^63", head(0x81, 127, &[0xff; 8]), &[0, 1002, 1009]),
        ("a length of 2^40", head(0x81, 127, &[0, 0, 1, 0, 0, 0, 0, 0]), &[0, 1009]),
        ("a close of one byte", frame(0x88, &[3]), &[0, 1002]),
        ("a close code of nobody", frame(0x88, &[0, 5]), &[0, 1002]),
        ("a binary frame", frame(0x82, b"x"), &[1003]),
        ("no UTF-8", frame(0x81, &[b'"', 0xc0, 0xaf, b'"']), &[1007]),
        ("half a surrogate", frame(0x81, b"\xed\xa0\x80"), &[1007]),
        ("half a character at the end", frame(0x81, b"\"\xe2\x82"), &[1007]),
        ("no UTF-8 in pieces", [frame(0x01, b"\"\xe2"), frame(0x80, b"\x28\xa1\"")].concat(), &[1007]),
    ];
    let hello = json!({ "type": "hello", "token": started.token }).to_string();
    for greeted in [true, false] {
        for (what, bytes, codes) in &cases {
            let mut socket = RawSocket::open(&server, "").await;
            if greeted {
                socket.send(TEXT, hello.as_bytes()).await;
                assert_eq!(socket.json().await["type"], "welcome");
            }
            socket.send_bytes(bytes).await;
            let (code, bye) = socket.closed().await;
            assert!(codes.contains(&code), "{what}: {code} {bye}");
            beside.send(&ClientFrame::Ping).await.unwrap();
            beside.expect(|frame| (*frame == ServerFrame::Pong).then_some(())).await.unwrap();
        }
    }
    // A million pieces of nothing are still one frame, and no more than its limit.
    let mut socket = RawSocket::open(&server, "").await;
    socket.send_bytes(&frame(0x01, b"")).await;
    for _ in 0..2_000 {
        socket.send_bytes(&frame(0x00, b" ").repeat(50)).await;
    }
    assert_eq!(socket.closed().await.0, 1009);
    // A close is answered by a close.
    let mut socket = RawSocket::open(&server, "").await;
    socket.send(CLOSE, &[0x03, 0xe8]).await;
    assert_eq!(socket.closed().await.0, 1000);
    assert_unharmed(&server, before).await;
}

/// Handshakes that ask for a WebSocket, but not as RFC 6455 does.
#[tokio::test]
async fn broken_handshakes_are_refused() {
    let server = TestServer::start(Engine::Sqlite).await;
    let lines = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: hubbub.v1",
    ];
    let ask = async |method: &str, version: &str, lines: &[&str]| {
        let request = format!("{method} /ws {version}\r\nHost: x\r\n{}\r\n\r\n", lines.join("\r\n"));
        exchange(&server, request.as_bytes()).await.status
    };
    for missing in 0..lines.len() {
        let mut rest = lines.to_vec();
        rest.remove(missing);
        // Whoever does not ask to upgrade keeps the connection.
        rest.push("X: y\r\nConnection: close");
        let status = ask("GET", "HTTP/1.1", &rest).await;
        assert!((400..500).contains(&status), "without {}: {status}", lines[missing]);
    }
    let mut old = lines;
    old[2] = "Sec-WebSocket-Version: 8";
    assert!(
        (400..500)
            .contains(&ask("GET", "HTTP/1.1", &[&old[..], &["X: y\r\nConnection: close"]].concat()).await)
    );
    assert_eq!(
        ask("POST", "HTTP/1.1", &[&lines[..], &["Content-Length: 0\r\nConnection: close"]].concat()).await,
        405
    );
}

/// Requests that are none, ambiguous, or half there.
#[tokio::test]
async fn broken_requests_are_refused_or_cut() {
    let server = TestServer::start(Engine::Sqlite).await;
    let before = resident(&server);
    let ask = async |text: &str| exchange(&server, text.as_bytes()).await;
    for (text, allowed) in [
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", &[400][..]),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\nConnection: close\r\n\r\n", &[400]),
        ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", &[400]),
        ("GET /healthz HTTP/1.0\r\n\r\n", &[200]),
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[200, 400]),
        ("GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", &[0, 400, 505]),
        ("GET /healthz\r\n\r\n", &[0, 400]),
        ("G\u{0}T / HTTP/1.1\r\nHost: x\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\n Host: x\r\n\r\n", &[400]),
        ("GET / HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\n\r\n", &[400]),
        (
            "POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            &[400],
        ),
        ("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", &[400]),
        ("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1e9\r\n\r\n", &[400]),
        ("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", &[400]),
        ("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", &[400, 501]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 400, 505]),
        ("\u{16}\u{3}\u{1}\u{0}\u{5}hello", &[0, 400]),
        ("SSH-2.0-OpenSSH_9.9\r\n", &[0, 400]),
    ] {
        // The end of the request is the end of what comes: half a request is cut at once, not after 10 s.
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let answer = String::from_utf8_lossy(&to_the_end(&mut socket).await).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0_u16);
        // A client that hung up may not be answered at all.
        assert!(status == 0 || allowed.contains(&status), "{text:?}: {answer}");
    }
    assert_eq!(ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n").await.status, 400);
    assert_eq!(ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").await.status, 400);
    // A length and chunks: whichever counts, what is behind is not taken for another request's head.
    let smuggled = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = ask(smuggled).await;
    assert!((400..500).contains(&answer.status) && !answer.body.contains("HTTP/1.1 200"), "{answer:?}");
    // Nothing that was sent comes back as a header.
    for injection in [
        "/%0d%0aSet-Cookie:%20x=1",
        "/api/v1/sites/%0d%0aX-Evil:%201",
        "/console/%0d%0aX-Evil:%201",
        "/?x=%0d%0aX-Evil:%201",
    ] {
        let answer = ask(&format!("GET {injection} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        let head = answer.head.to_lowercase();
        assert!(
            answer.status < 500 && !head.contains("x-evil") && !head.contains("set-cookie"),
            "{answer:?}"
        );
    }
    let mut random = StdRng::seed_from_u64(33);
    let request = b"POST /api/v1/sites/demo/sessions?x=y HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    for round in 0..400 {
        let bytes = if round % 4 == 0 {
            let mut bytes = vec![0; random.random_range(1..2_000)];
            random.fill_bytes(&mut bytes);
            bytes
        } else {
            let mut bytes = request.to_vec();
            for _ in 0..random.random_range(1..8) {
                let at = random.random_range(0..bytes.len());
                match random.random_range(0..3) {
                    0 => bytes[at] = random.random(),
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, random.random()),
                }
            }
            bytes
        };
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let _ = socket.write_all(&bytes).await;
        let _ = socket.shutdown().await;
        let answer = String::from_utf8_lossy(&to_the_end(&mut socket).await).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 5"), "{bytes:?}: {answer}");
    }
    assert_unharmed(&server, before).await;
}

/// Hundreds of sockets that are open and say nothing, or half of something: everybody else is served as before.
#[tokio::test]
async fn half_open_sockets_disturb_nobody() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let mut held = Vec::new();
    for n in 0..600 {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let half: &[u8] = match n % 3 {
            0 => b"",
            1 => b"GET /api/v1/me HTTP/1.1\r\nHo",
            _ => b"POST /api/v1/sites/demo/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
        };
        socket.write_all(half).await.unwrap();
        held.push(socket);
    }
    let began = std::time::Instant::now();
    for _ in 0..20 {
        customer.say(started.session.id, "as before").await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut socket = customer.websocket().connect().await.unwrap();
    socket.opened(started.session.id).await.unwrap();
    // Some of them vanish in the ways that sockets do.
    for (n, socket) in held.into_iter().enumerate() {
        if n % 2 == 0 {
            socket.set_zero_linger().unwrap();
        }
        drop(socket);
    }
    customer.say(started.session.id, "and after").await.unwrap();
    assert_unharmed(&server, resident(&server)).await;
}

const SCRIPTS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></textarea><script>alert(1)</script>",
    "<!--<script>-->",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<a href=\"javascript:alert(1)\">x</a>",
    "x\u{2028}\u{2029}</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
];

const FORMULAS: &[&str] = &[
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "\"=1+1",
    "＝1+1",
];

/// What people type comes back as it was typed, as JSON text, and as a file in which nothing runs.
#[tokio::test]
async fn what_is_typed_stays_text() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    for script in SCRIPTS.iter().chain(FORMULAS) {
        let start = json!({
            "name": script, "phone": "+447700900118", "message": script, "page": { "url": script, "title": script.replace(['\u{2028}', '\u{2029}'], " ") },
            "fields": { "note": script },
        });
        let answer =
            server.client().request("POST", "/api/v1/sites/demo/sessions").json(&start).send().await.unwrap();
        assert_eq!(answer.status, 201, "{script}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let started: StartedSession = answer.json().unwrap();
        let id = started.session.id;
        assert_eq!(
            (started.contact.name.as_deref(), started.entries[1].body.as_str()),
            (Some(*script), *script)
        );
        let customer = server.client().bearer(&started.token);
        admin.say(id, script).await.unwrap();
        admin.set_status(id, protocol::Status::Resolved).await.unwrap();
        customer.rate(id, 1, Some(script)).await.unwrap();

        for format in ["html", "txt", "json", "csv"] {
            let answer =
                admin.on_session("GET", id, "/transcript").query("format", format).send().await.unwrap();
            let text = answer.text();
            assert!(
                answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"chat-")
            );
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            match format {
                "html" => assert_no_markup(&text, script),
                "csv" => assert_no_formula(&text, script),
                "json" => assert_eq!(answer.json::<Vec<protocol::Entry>>().unwrap()[1].body, *script),
                _ => assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8")),
            }
        }
        // Nor does a refusal hand it back as anything but JSON.
        let path = format!(
            "/sessions?status={}",
            reqwest::Url::parse_with_params("http://x/", [("q", script)]).unwrap().query().unwrap()
        );
        let refused = admin.request("GET", &path).send().await.unwrap();
        assert_eq!((refused.status, refused.header("content-type")), (422, Some("application/problem+json")));
    }
    let refused = server.client().request("GET", "/api/v1/me").origin("https://x/<script>alert(1)</script>");
    assert_eq!(refused.send().await.unwrap().header("content-type"), Some("application/problem+json"));
}

/// The page holds only the tags that we wrote.
fn assert_no_markup(html: &str, script: &str) {
    let ours = ["!doctype", "html", "head", "meta", "title", "body", "dl", "dt", "dd", "b", "time", "br"];
    for tag in html.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>', '\n']).next().unwrap();
        assert!(ours.contains(&name), "{script}: <{name} in {html}");
        let attributes = tag.split('>').next().unwrap();
        assert!(!attributes.contains(" on") && !attributes.contains("javascript"), "{script}: {attributes}");
    }
}

/// No cell begins as a formula does, whatever spreadsheet reads it.
fn assert_no_formula(csv: &str, script: &str) {
    let mut quoted = false;
    let mut cell = String::new();
    let mut cells = Vec::new();
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | '\r' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    assert!(!quoted && cells.len() > 20, "{script}: {csv}");
    for cell in cells {
        let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        assert!(!formula, "{script}: {cell} in {csv}");
    }
}

/// A line of a text transcript is the server's: nobody writes another one's words into it.
#[tokio::test]
async fn a_text_transcript_cannot_be_forged() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let forged = "hello\n[2026-01-01T00:00:00.000Z] Admin: we owe you a million";
    customer.say(started.session.id, forged).await.unwrap();
    let answer = customer
        .on_session("GET", started.session.id, "/transcript")
        .query("format", "txt")
        .send()
        .await
        .unwrap();
    let text = answer.text();
    assert!(text.contains("we owe you a million"), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("[2026-01-01")), "{text}");
}

/// Strings that mean something to a store, a path or a format, in every place that takes a string.
#[tokio::test]
async fn no_string_means_more_than_its_letters() {
    let server = TestServer::start(Engine::Postgres).await;
    let admin = server.admin().await;
    let before = resident(&server);
    let strings = [
        "' or '1'='1",
        "'; drop table sessions; --",
        "\" or \"\"=\"",
        "$1",
        "%",
        "_",
        "\\",
        "\\'",
        "{\"$gt\":\"\"}",
        "1e400",
        "NaN",
        "null",
        "undefined",
        "true",
        "-1",
        "../../etc/passwd",
        "a\u{0}b",
        "\u{0}",
        "\u{fffe}",
        "ÿ",
        "𝕏",
        "\u{202e}",
        "x\r\ny",
    ];
    for string in strings {
        for (path, name) in [
            ("/sessions", "status"),
            ("/sessions", "assignee"),
            ("/sessions", "site"),
            ("/sessions", "sort"),
            ("/sessions", "cursor"),
            ("/sessions", "limit"),
            ("/sessions", "from"),
            ("/sessions", "channel"),
            ("/agents", "q"),
        ] {
            let answer = admin.request("GET", path).query(name, string).send().await.unwrap();
            assert_eq!(answer.status, 422, "{path}?{name}={string:?}: {}", answer.text());
        }
        // A search is for text, whatever it is.
        let found = admin.request("GET", "/sessions").query("q", string).send().await.unwrap();
        assert_eq!(found.status, 200, "{string:?}: {}", found.text());
        for path in ["sites", "sessions"] {
            let mut url = reqwest::Url::parse("http://x/").unwrap();
            url.path_segments_mut().unwrap().push(string);
            let answer = admin.request("GET", &format!("/{path}{}", url.path())).send().await.unwrap();
            assert!(matches!(answer.status, 404 | 200), "{path}: {string:?}: {}", answer.text());
            assert!(answer.status == 404 || url.path() == "/", "{path}: {string:?}");
        }
        let start = json!({ "name": string, "phone": "+447700900118", "email": string, "message": string, "locale": string, "fields": { string: string },
            "identity": { "external_id": string }, "page": { "url": string } });
        let answer =
            server.client().request("POST", "/api/v1/sites/demo/sessions").json(&start).send().await.unwrap();
        assert!(matches!(answer.status, 201 | 422), "{string:?}: {}", answer.text());
        let send = json!({ "id": Uuid::now_v7(), "body": string });
        let (customer, started) = server.customer("Ana", "+447700900118").await;
        let answer =
            customer.on_session("POST", started.session.id, "/messages").json(&send).send().await.unwrap();
        if answer.status == 201 {
            let log = customer.whole_log(started.session.id).await.unwrap();
            assert_eq!(log[1].body, string.replace("\r\n", "\n"), "stored as something else");
        } else {
            assert_eq!(answer.status, 422, "{string:?}: {}", answer.text());
        }
        let site = json!({ "key": format!("s{}", Uuid::now_v7().simple()), "name": string, "greeting": string, "color": string, "allowed_origins": [string] });
        let answer = admin.request("POST", "/sites").json(&site).send().await.unwrap();
        assert_eq!(answer.status, 422, "{string:?}: {}", answer.text());
        assert_eq!(server.client().try_login(string, string).await.unwrap().status, 401, "{string:?}");
    }
    assert_unharmed(&server, before).await;
}

/// Keeps the reader of sockets honest: what it is given byte by byte is the same.
#[tokio::test]
async fn frames_may_come_byte_by_byte() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (_, started) = server.customer("Ana", "+447700900118").await;
    let mut socket = RawSocket::open(&server, "").await;
    let hello = json!({ "type": "hello", "token": started.token }).to_string();
    for byte in frame(0x81, hello.as_bytes()) {
        socket.send_bytes(&[byte]).await;
    }
    assert_eq!(socket.json().await["type"], "welcome");
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain.set_nodelay(true).unwrap();
    for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" {
        plain.write_all(&[*byte]).await.unwrap();
    }
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_session_named_a_thousand_times_in_a_hello_is_opened_once() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (ana, started) = server.customer("Ana", "+44 7700 900123").await;
    let session = started.session.id;
    for _ in 0..10 {
        ana.say(session, &"x".repeat(8_000)).await.unwrap();
    }
    let before = resident(&server);
    let mut socket = ana.websocket().upgrade().await.unwrap();
    let follow = protocol::Follow { id: session, after: None, epoch: None, unseen: false };
    socket.hello(Some(started.token.clone()), vec![follow; 1_000]).await.unwrap();
    socket.send(&ClientFrame::Ping).await.unwrap();
    let mut opened = 0;
    loop {
        match socket.next().await.unwrap() {
            Incoming::Frame(ServerFrame::Opened { .. }) => opened += 1,
            Incoming::Frame(ServerFrame::Pong) => break,
            _ => {}
        }
    }
    assert_eq!(opened, 1);
    assert_unharmed(&server, before).await;
}
