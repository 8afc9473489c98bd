//! Who may do what: every route and every client frame, by everybody.
//!
//! What may not be seen is answered exactly as if it were not there; what may be seen but not done, with 403. Every
//! chat carries canaries in all that a customer says, and no answer to somebody without a right to it may hold one.

mod document;
mod frames;
mod origins;
mod routes;

use loadtest::client::{AgentClient, Caller, Credential, Server};
use protocol::{
    SessionId,
    rest::{StartSession, StartedSession},
};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};
use uuid::Uuid;

use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, TestServer};

/// Somebody who asks about one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    Nobody,
    JunkToken,
    /// The chat's own customer.
    Owner,
    /// Another customer of the same site.
    OtherCustomer,
    /// A customer of another site.
    ForeignCustomer,
    /// Role agent; holds the chat.
    AgentOfIt,
    /// Role agent; nobody holds the chat.
    AgentFree,
    /// Role agent; another agent holds the chat.
    AgentOther,
    /// Another agent holds the chat.
    Supervisor,
    /// Another agent holds the chat.
    Admin,
    /// An agent who must change the password first.
    OneTime,
    /// An agent who was signed in and then shut out.
    Disabled,
}

use Actor::{
    Admin, AgentFree, AgentOfIt, AgentOther, Disabled, ForeignCustomer, JunkToken, Nobody, OneTime,
    OtherCustomer, Owner, Supervisor,
};

/// The order of the columns in the tables.
const ACTORS: [Actor; 12] = [
    Nobody,
    JunkToken,
    Owner,
    OtherCustomer,
    ForeignCustomer,
    AgentOfIt,
    AgentFree,
    AgentOther,
    Supervisor,
    Admin,
    OneTime,
    Disabled,
];

impl Actor {
    /// Whether the chat is there for them.
    fn sees(self) -> bool {
        matches!(self, Owner | AgentOfIt | AgentFree | Supervisor | Admin)
    }
}

/// A server with two sites and one of everybody.
struct World {
    server: TestServer,
    client: Server,
    other_customer: Caller,
    foreign_customer: Caller,
    agent: AgentClient,
    holder: AgentClient,
    supervisor: AgentClient,
    admin: AgentClient,
    one_time: Caller,
    disabled: Caller,
    chats: AtomicU32,
}

/// One chat, made for one cell of the table.
struct Chat {
    id: SessionId,
    owner: Caller,
    started: StartedSession,
    /// What only those who see the chat may read.
    canaries: Vec<String>,
}

impl World {
    async fn new(server: TestServer) -> Self {
        let client = server.client();
        let admin = server.admin().await;
        let shop = serde_json::json!({ "key": "other-shop", "name": "Other shop" });
        admin.request("POST", "/sites").json(&shop).done().await.unwrap();
        let say = |phone: &str| loadtest::client::introduction("Somebody", phone);
        let (other_customer, _) = client.start("demo", say("+447700900001")).await.unwrap();
        let (foreign_customer, _) = client.start("other-shop", say("+447700900002")).await.unwrap();
        let agent = server.member("agent", "agent@example.com", "Agnes").await;
        let holder = server.member("agent", "holder@example.com", "Holger").await;
        let supervisor = server.member("supervisor", "super@example.com", "Susan").await;
        let disabled = server.member("agent", "gone@example.com", "Gone").await.caller().clone();
        let output = server.cli(&["agent", "disable", "--email", "gone@example.com"]).await;
        assert!(output.status.success());
        let one_time = one_time_login(&server).await;
        let chats = AtomicU32::new(0);
        Self {
            server,
            client,
            other_customer,
            foreign_customer,
            agent,
            holder,
            supervisor,
            admin,
            one_time,
            disabled,
            chats,
        }
    }

    /// A new chat, held by whom the actor's name says.
    async fn chat(&self, actor: Actor) -> Chat {
        let number = self.chats.fetch_add(1, Ordering::Relaxed);
        let canaries = vec![
            format!("Canary Name {number:05}"),
            format!("+4477{number:08}"),
            format!("canary-mail-{number:05}@example.com"),
            format!("canary message {number:05}"),
        ];
        let start = StartSession {
            name: Some(canaries[0].clone()),
            phone: Some(canaries[1].clone()),
            email: Some(canaries[2].clone()),
            message: Some(canaries[3].clone()),
            ..StartSession::default()
        };
        let (owner, started) = self.client.start("demo", start).await.unwrap();
        let id = started.session.id;
        match actor {
            AgentOfIt => self.agent.claim(id).await.unwrap(),
            AgentOther | Supervisor | Admin => self.holder.claim(id).await.unwrap(),
            _ => {}
        }
        Chat { id, owner, started, canaries }
    }

    fn caller(&self, actor: Actor, chat: &Chat) -> Caller {
        match actor {
            Nobody => self.client.stranger(),
            // Of a token's shape, but nobody's.
            JunkToken => self.client.bearer("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            Owner => chat.owner.clone(),
            OtherCustomer => self.other_customer.clone(),
            ForeignCustomer => self.foreign_customer.clone(),
            AgentOfIt | AgentFree | AgentOther => self.agent.caller().clone(),
            Supervisor => self.supervisor.caller().clone(),
            Admin => self.admin.caller().clone(),
            OneTime => self.one_time.clone(),
            Disabled => self.disabled.clone(),
        }
    }

    /// A login of the actor's own, to be ended by the test; for those who cannot sign in, the usual credential.
    async fn fresh_login(&self, actor: Actor, chat: &Chat) -> Caller {
        let email = match actor {
            AgentOfIt | AgentFree | AgentOther => "agent@example.com",
            Supervisor => "super@example.com",
            Admin => ADMIN_EMAIL,
            OneTime => return one_time_login(&self.server).await,
            _ => return self.caller(actor, chat),
        };
        self.client.login(email, ADMIN_PASSWORD).await.unwrap().caller().clone()
    }
}

/// A new agent who was given a one-time password, signed in with it.
async fn one_time_login(server: &TestServer) -> Caller {
    let email = format!("{}@example.com", Uuid::now_v7());
    let agent = server.one_time(&email).await;
    assert!(agent.who().password_change_required);
    agent.caller().clone()
}

impl Chat {
    /// Fails if an answer to somebody without a right to the chat holds something of it.
    fn assert_hidden(&self, text: &str, what: &str) {
        for canary in &self.canaries {
            assert!(!text.contains(canary.as_str()), "{what}: {canary} in {text}");
        }
    }
}

/// Every method and path of the server, as the source of its router has them.
fn every_route() -> BTreeSet<String> {
    let source = include_str!("../../../src/router.rs");
    let mut prefix = "/api/v1";
    let mut routes = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with(".nest(") {
            prefix = "";
        }
        let Some(rest) = line.strip_prefix(".route(\"") else { continue };
        let (path, handlers) = rest.split_once('"').unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if handlers.contains(&format!("{method}(")) {
                routes.insert(format!("{} {prefix}{path}", method.to_uppercase()));
            }
        }
        assert!(handlers.contains('('), "a route over several lines is not understood here: {line}");
    }
    assert!(routes.len() > 30, "the router is not understood any more");
    routes
}

fn is_token(caller: &Caller) -> bool {
    matches!(caller.credential(), Credential::Token(_))
}
