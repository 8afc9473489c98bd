//! The people of the team: invited, changed, sorted, shut out; their doors and second factors.

mod groups;
mod invitations;
mod logins;
mod members;
pub(crate) mod second_factor;

use loadtest::client::{AgentClient, Answer, Caller, Credential};
use protocol::{
    AgentId, ErrorCode,
    rest::{Agent, InvitedAgent, Link, Page},
};
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::support::TestServer;

/// The token in a link's fragment.
fn token(link: &Link) -> &str {
    link.url.split_once('#').expect("a link has a fragment").1
}

async fn invite(admin: &AgentClient, email: &str, role: &str) -> InvitedAgent {
    let new = json!({ "email": email, "name": "Newcomer", "role": role });
    admin.request("POST", "/agents").json(&new).read().await.unwrap()
}

async fn welcome(server: &TestServer, token: &str) -> Answer {
    let body = json!({ "token": token });
    server.client().request("POST", "/api/v1/auth/welcome").json(&body).send().await.unwrap()
}

async fn accept(server: &TestServer, body: Value) -> Answer {
    server.client().request("POST", "/api/v1/auth/welcome/accept").json(&body).send().await.unwrap()
}

/// Somebody with the cookie that an answer set.
fn signed_in(server: &TestServer, answer: &Answer) -> Caller {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.sets_cookie("hubbub_login").expect("the cookie of a login");
    Caller::new(server.client(), Credential::Cookie(cookie))
}

fn id(agent: &AgentClient) -> AgentId {
    AgentId::new(agent.who().you.id)
}

async fn team(reader: &Caller) -> Vec<Agent> {
    let page: Page<Agent> = reader.request("GET", "/agents").read().await.unwrap();
    assert_eq!((page.total, page.next_cursor), (page.items.len() as u64, None));
    page.items
}

async fn one(reader: &Caller, id: AgentId) -> Agent {
    reader.request("GET", &format!("/agents/{id}")).read().await.unwrap()
}

#[track_caller]
fn assert_code(answer: &Answer, code: ErrorCode, what: &str) {
    let found = answer.problem().map(|problem| problem.code);
    assert_eq!((answer.status, found), (code.status(), Some(code)), "{what}: {}", answer.text());
}

/// Refused because of exactly these fields.
#[track_caller]
fn assert_fields(answer: &Answer, fields: &[&str], what: &str) {
    assert_code(answer, ErrorCode::Invalid, what);
    let problem = answer.problem().unwrap();
    let named: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(named, fields, "{what}: {}", answer.text());
}

async fn ask(caller: &Caller, method: &str, path: &str, body: &Value) -> Answer {
    caller.request(method, path).json(body).send().await.unwrap()
}

/// What only time does otherwise, done to the store of a server on SQLite.
async fn tamper(server: &TestServer, statement: &'static str) {
    let mut conn = SqliteConnection::connect(server.database_url()).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}
