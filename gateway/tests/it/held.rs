//! Long-polls that wait: what HTTP promises about a connection holds for one that has left HTTP meanwhile.

use std::time::Duration;

use loadtest::client::{AgentClient, Caller, Credential};
use persistence::testing::Engine;
use protocol::{PartyKind, SessionId};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::support::{TestServer, raw};

/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

struct Chat {
    server: TestServer,
    agent: AgentClient,
    customer: Caller,
    session: SessionId,
}

impl Chat {
    async fn start() -> Self {
        // Who goes is gone, so that it can be waited for.
        let server = TestServer::start_with(Engine::Sqlite, &["--presence-grace-seconds=0"]).await;
        let (customer, started) = server.customer("Ana", "+447700900118").await;
        let agent = server.admin().await;
        Self { server, agent, customer, session: started.session.id }
    }

    /// The head of a customer's request, without the empty line.
    fn head(&self, request: &str) -> String {
        let Credential::Token(token) = self.customer.credential() else { panic!("a customer has a token") };
        let address = self.server.address();
        format!("{request}\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n", token.as_str())
    }

    /// A long-poll with nothing to tell, which is held.
    async fn poll(&self, method: &str, version: &str, headers: &str) -> String {
        let last = self.customer.session(self.session).await.unwrap().last_seq;
        let path = format!("/api/v1/sessions/{}/events?after={last}&wait=30", self.session);
        format!("{}{headers}\r\n", self.head(&format!("{method} {path} {version}")))
    }

    /// Waits until the team sees the customer, who is there for nothing but a long-poll; or sees them no more.
    async fn until_here(&self, here: bool) {
        let mut team = self.agent.poll(self.session).wait(20);
        let looking = async {
            loop {
                let presence = team.next().await.unwrap().presence;
                if here == presence.iter().any(|one| one.who.kind == PartyKind::Customer && one.online) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("the customer neither came nor went");
    }

    /// Sends these bytes, has the agent say something when the long-poll among them is held, and reads to the end.
    async fn answers(&self, requests: &str, said: &str) -> String {
        let mut socket = TcpStream::connect(self.server.address()).await.unwrap();
        socket.write_all(requests.as_bytes()).await.unwrap();
        self.until_here(true).await;
        self.agent.say(self.session, said).await.unwrap();
        String::from_utf8_lossy(&raw::to_the_end(&mut socket).await).into_owned()
    }
}

#[tokio::test]
async fn a_request_keeps_its_place_in_the_pipeline() {
    let chat = Chat::start().await;
    let (first, last) = (chat.head("GET /healthz HTTP/1.1"), chat.head("GET /api/v1/me HTTP/1.1"));
    let poll = chat.poll("GET", "HTTP/1.1", "").await;
    let answers = chat.answers(&format!("{first}\r\n{poll}{last}Connection: close\r\n\r\n"), "hello").await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 3, "{answers}");
    let at = |text: &str| answers.find(text).unwrap_or_else(|| panic!("no {text}: {answers}"));
    assert!(at("HTTP/1.1") < at("hello") && at("hello") < at("\"contact\""), "{answers}");
}

/// The body of a GET means nothing, and nothing of it is taken for the next request.
#[tokio::test]
async fn a_body_is_no_request() {
    let chat = Chat::start().await;
    let body = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = chat.head("GET /api/v1/me HTTP/1.1");
    for (headers, body) in [
        (format!("Content-Length: {}\r\n", body.len()), body.to_owned()),
        ("Transfer-Encoding: chunked\r\n".to_owned(), format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())),
    ] {
        let poll = chat.poll("GET", "HTTP/1.1", &headers).await;
        let answers = chat.answers(&format!("{poll}{body}{last}Connection: close\r\n\r\n"), "hello").await;
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{answers}");
        assert!(answers.contains("hello") && answers.contains("\"contact\""), "{answers}");
        chat.until_here(false).await;
    }
}

#[tokio::test]
async fn answers_as_it_was_asked() {
    let chat = Chat::start().await;
    let headers = format!(
        "Origin: http://{}\r\nAccept-Encoding: br;q=0, gzip\r\nConnection: close\r\n",
        chat.server.address()
    );
    let long = "tell me more ".repeat(200);
    let poll = chat.poll("GET", "HTTP/1.1", &headers).await;
    let answer = chat.answers(&poll, &long).await;
    let head = answer.split_once("\r\n\r\n").unwrap().0.to_lowercase();
    for line in [
        "connection: close",
        "content-encoding: gzip",
        "content-type: application/json",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "referrer-policy: strict-origin-when-cross-origin",
        &format!("access-control-allow-origin: http://{}", chat.server.address()),
    ] {
        assert_eq!(head.matches(line).count(), 1, "{line}: {head}");
    }
    let names: Vec<_> = head.lines().skip(1).filter_map(|line| line.split(':').next()).collect();
    let once = |name: &str| names.iter().filter(|one| **one == name).count() == 1;
    assert!(once("content-type") && once("cache-control") && once("date"), "{head}");
    assert!(head.contains("accept-encoding") && head.contains("origin"), "{head}");

    // Who asks in HTTP/1.0 is answered and left.
    chat.until_here(false).await;
    let poll = chat.poll("GET", "HTTP/1.0", "").await;
    let answer = chat.answers(&poll, "hello").await;
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.contains("hello"), "{answer}");
    // Who asks for the head is given no more.
    chat.until_here(false).await;
    let poll = chat.poll("HEAD", "HTTP/1.1", "Connection: close\r\n").await;
    let answer = chat.answers(&poll, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn who_hangs_up_is_gone() {
    let chat = Chat::start().await;
    for more in ["", "GET /healthz HTTP/1.1\r\n"] {
        let mut socket = TcpStream::connect(chat.server.address()).await.unwrap();
        socket.write_all(chat.poll("GET", "HTTP/1.1", "").await.as_bytes()).await.unwrap();
        chat.until_here(true).await;
        // Who says something more is still there, and who says it and goes is found out when he is answered.
        socket.write_all(more.as_bytes()).await.unwrap();
        drop(socket);
        if !more.is_empty() {
            chat.agent.say(chat.session, "hello").await.unwrap();
        }
        chat.until_here(false).await;
    }
}

#[tokio::test]
async fn a_connection_goes_on_after_it() {
    let chat = Chat::start().await;
    let poll = chat.poll("GET", "HTTP/1.1", "Connection: close\r\n").await;
    let again = poll.replace("Connection: close\r\n", "");
    // Each is answered by the same message, or at once by it.
    let answers = chat.answers(&format!("{}{poll}", again.repeat(20)), "hello").await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 21, "{answers}");
    assert_eq!(answers.matches("\"body\":\"hello\"").count(), 21, "{answers}");
}
