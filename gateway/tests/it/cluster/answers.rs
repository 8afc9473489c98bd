//! What answers are made of, over two servers: what the team sets up at one holds at the other.

use std::time::Duration;

use loadtest::client::{AgentClient, Answer};
use protocol::{
    Event, SessionId,
    rest::{CannedAnswer, Macro, MacroRun, Page, RenderedCanned, Rule},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::cluster::{Cluster, PATIENCE};

/// Between two looks: a rule acts 20 times an hour in a chat, and must get there before that.
const LOOK: Duration = Duration::from_millis(200);

async fn send(agent: &AgentClient, method: &str, path: &str, body: &Value) -> Answer {
    agent.request(method, path).json(body).send().await.unwrap()
}

async fn made<T: serde::de::DeserializeOwned>(agent: &AgentClient, path: &str, body: Value) -> T {
    let answer = send(agent, "POST", path, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

/// Tags the chat with something new, and tells what rules noted because of that.
async fn noted(agent: &AgentClient, session: SessionId) -> Option<String> {
    let before = agent.whole_log(session).await.unwrap().len();
    let tag = json!({ "tags": [Uuid::now_v7()] });
    assert_eq!(send(agent, "PATCH", &format!("/sessions/{session}"), &tag).await.status, 200);
    let log = agent.whole_log(session).await.unwrap();
    log[before..].iter().find(|entry| entry.event.is_none()).map(|entry| entry.body.clone())
}

async fn until_noted(agent: &AgentClient, session: SessionId, expected: Option<&str>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = noted(agent, session).await;
        if now.as_deref() == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{now:?}, not {expected:?}");
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_is_the_same_at_both_servers() {
    let cluster = Cluster::start(1).await;
    let (here, there) = (cluster.admin(0).await, cluster.admin(1).await);
    let chat = async |phone: &str| cluster.nodes[1].customer("Ana", phone).await.1.session.id;
    let says = |text: &str| json!([{ "type": "note", "body": text }]);
    let rule: Rule =
        made(&here, "/rules", json!({ "name": "Note it", "on": ["tagged"], "actions": says("one") })).await;
    let path = format!("/rules/{}", rule.id);
    // A chat each: nothing that the rule did before stands against it.
    until_noted(&there, chat("+447700900960").await, Some("one")).await;
    assert_eq!(send(&here, "PATCH", &path, &json!({ "actions": says("two") })).await.status, 200);
    let session = chat("+447700900961").await;
    assert_eq!(noted(&here, session).await.as_deref(), Some("two"), "at once where it was changed");
    until_noted(&there, session, Some("two")).await;
    assert_eq!(send(&here, "PATCH", &path, &json!({ "enabled": false })).await.status, 200);
    let session = chat("+447700900962").await;
    assert_eq!(noted(&here, session).await, None);
    until_noted(&there, session, None).await;
    assert_eq!(send(&there, "PATCH", &path, &json!({ "enabled": true })).await.status, 200);
    until_noted(&here, chat("+447700900963").await, Some("two")).await;
    assert_eq!(send(&there, "DELETE", &path, &Value::Null).await.status, 204);
    until_noted(&here, chat("+447700900964").await, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_macro_that_both_servers_are_asked_for_runs_once() {
    let cluster = Cluster::start(1).await;
    let (here, there) = (cluster.admin(0).await, cluster.admin(1).await);
    let thanks = json!({ "name": "Thanks", "actions": [
        { "type": "message", "body": "Thank you for {{? what}}" }, { "type": "tags", "add": ["thanked"] },
    ] });
    let Macro { id, .. } = made(&here, "/macros", thanks).await;
    for round in 0..10 {
        let (_, started) = cluster.nodes[round % 2].customer("Ana", &format!("+4477009009{round:02}")).await;
        let session = started.session.id;
        let path = format!("/sessions/{session}/macros/{id}");
        let request = json!({ "id": Uuid::now_v7(), "blanks": { "what": format!("waiting {round}") } });
        let answers = tokio::join!(
            send(&here, "POST", &path, &request),
            send(&there, "POST", &path, &request),
            send(&here, "POST", &path, &request),
            send(&there, "POST", &path, &request),
        );
        let runs: Vec<MacroRun> =
            [answers.0, answers.1, answers.2, answers.3].iter().map(|one| one.json().unwrap()).collect();
        assert_eq!(runs.iter().filter(|run| !run.duplicate).count(), 1, "{runs:?}");
        assert!(runs[0].seq.is_some() && runs.iter().all(|run| run.seq == runs[0].seq), "{runs:?}");
        let log = there.whole_log(session).await.unwrap();
        let ran = log.iter().filter(|entry| matches!(entry.event, Some(Event::MacroRan { .. }))).count();
        let said = log.iter().filter(|entry| entry.body.starts_with("Thank you")).count();
        assert_eq!((ran, said), (1, 1), "{log:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attributes_and_canned_answers_are_the_same_at_both_servers() {
    let cluster = Cluster::start(1).await;
    let (here, there) = (cluster.admin(0).await, cluster.admin(1).await);
    let (_, started) = cluster.nodes[1].customer("Ana Lima", "+447700900980").await;
    let contact = format!("/contacts/{}", started.contact.id);
    let edit = json!({ "attributes": { "orders": "many" } });
    let defined: Value = made(
        &here,
        "/attributes",
        json!({ "of": "contact", "key": "orders", "label": "Orders", "kind": "number" }),
    )
    .await;
    let refused = send(&there, "PATCH", &contact, &edit).await;
    assert_eq!(refused.problem().unwrap().errors[0].field, "attributes.orders", "{}", refused.text());
    let more = json!({ "attributes": { "orders": "12.5" } });
    assert_eq!(send(&there, "PATCH", &contact, &more).await.status, 200);
    let path = format!("/attributes/{}", defined["id"].as_str().unwrap());
    assert_eq!(send(&there, "DELETE", &path, &Value::Null).await.status, 204);
    let gone = send(&here, "PATCH", &contact, &edit).await;
    assert_eq!(
        (gone.status, gone.problem().unwrap().errors.len()),
        (422, 1),
        "nobody knows it: {}",
        gone.text()
    );

    let hello = json!({ "shortcut": "hello", "scope": "all", "body": "Hello {{contact.first_name}}" });
    let answer: CannedAnswer = made(&here, "/canned", hello).await;
    let found: Page<CannedAnswer> = there.request("GET", "/canned").query("q", "hel").read().await.unwrap();
    assert_eq!(found.items.iter().map(|one| one.id).collect::<Vec<_>>(), [answer.id]);
    let render = format!("/canned/{}/render", answer.id);
    let said: RenderedCanned =
        send(&there, "POST", &render, &json!({ "session_id": started.session.id })).await.json().unwrap();
    assert_eq!(said.body, "Hello Ana");
    let path = format!("/canned/{}", answer.id);
    assert_eq!(send(&there, "PATCH", &path, &json!({ "body": "Hi!" })).await.status, 200);
    let said: RenderedCanned =
        send(&here, "POST", &render, &json!({ "session_id": started.session.id })).await.json().unwrap();
    assert_eq!(said.body, "Hi!");
}
