//! A block holds on every server at once.

use loadtest::client::Caller;
use protocol::{CloseCode, ErrorCode, SessionId};
use serde_json::json;
use uuid::Uuid;

use crate::support::cluster::{Cluster, PATIENCE};

async fn refused(customer: &Caller, session: SessionId) {
    let send = json!({ "id": Uuid::now_v7(), "body": "hello?" });
    let answer = customer.on_session("POST", session, "/messages").json(&send).send().await.unwrap();
    assert_eq!(answer.problem().map(|problem| problem.code), Some(ErrorCode::Blocked), "{}", answer.text());
}

/// Blocked at one server, with the customer at the other.
async fn blocked_across(cluster: &Cluster, phone: &str) {
    let (eve, started) = cluster.nodes[1].customer("Eve", phone).await;
    let session = started.session.id;
    let mut socket = eve.websocket().connect().await.unwrap();
    socket.set_patience(PATIENCE);
    socket.opened(session).await.unwrap();
    let admin = cluster.admin(0).await;
    let path = format!("/contacts/{}/block", started.contact.id);
    admin.request("POST", &path).json(&json!({ "reason": "spam" })).done().await.unwrap();
    refused(&eve, session).await;
    refused(&cluster.at(0, &eve), session).await;
    assert_eq!(socket.closed().await.unwrap().code, Some(CloseCode::Blocked.code()));
    let again = json!({ "name": "Eve", "phone": phone });
    for node in &cluster.nodes {
        let start =
            node.client().request("POST", "/api/v1/sites/demo/sessions").json(&again).send().await.unwrap();
        assert_eq!(start.problem().map(|problem| problem.code), Some(ErrorCode::Blocked));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_blocked_at_one_server_is_at_the_other() {
    let mut cluster = Cluster::start(1).await;
    blocked_across(&cluster, "+447700900970").await;
    cluster.kill_redis().await;
    blocked_across(&cluster, "+447700900971").await;
}
