//! Saved views and mentions over two servers: what changes at one is told at the other.

use protocol::{ServerFrame, SessionId, View, ViewName};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    support::cluster::{Cluster, PATIENCE},
    views::{ask, counted, saved, told_of_views},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_at_one_server_is_told_at_the_other() {
    let cluster = Cluster::start(1).await;
    let (here, there) = (cluster.admin(0).await, cluster.admin(1).await);
    let bo = cluster.nodes[1].member("agent", "bo@shop.example", "Bo").await;
    let mut chats: Vec<SessionId> = Vec::new();
    for phone in ["+447700900880", "+447700900881"] {
        chats.push(cluster.nodes[chats.len()].customer("Ana", phone).await.1.session.id);
    }
    let mut desk = bo.websocket().connect().await.unwrap();
    desk.set_patience(PATIENCE);
    let refunds = saved(&here, "Refunds", true, json!({ "tag": "refund" })).await;
    told_of_views(&mut desk).await;
    let (view, path) = (View::Saved(refunds.id), format!("/views/{}", refunds.id));
    assert_eq!(desk.watch(view.clone(), Some(0)).await.unwrap().total, 0);
    for (number, chat) in chats.iter().enumerate() {
        let tagged = ask(&here, "PATCH", &format!("/sessions/{chat}"), json!({ "tags": ["refund"] })).await;
        assert_eq!(tagged.status, 200);
        counted(&mut desk, &view, number as u64 + 1).await;
    }
    let change = json!({ "filter": { "tag": "none" } });
    assert_eq!(ask(&here, "PATCH", &path, change).await.status, 200);
    counted(&mut desk, &view, 0).await;

    let mentions = View::Named(ViewName::Mentions);
    assert_eq!(desk.watch(mentions.clone(), None).await.unwrap().total, 0);
    let note = json!({ "id": Uuid::now_v7(), "body": "@Bo", "mentions": [bo.who().you.id] });
    assert_eq!(ask(&here, "POST", &format!("/sessions/{}/notes", chats[0]), note).await.status, 201);
    let named = desk.expect(|frame| match frame {
        ServerFrame::Added { view, session } if *view == mentions => Some(*session),
        _ => None,
    });
    assert_eq!(named.await.unwrap(), chats[0]);

    assert_eq!(ask(&there, "DELETE", &path, Value::Null).await.status, 204);
    let gone = desk.expect(|frame| match frame {
        ServerFrame::Error { view: Some(of), .. } if *of == view => Some(()),
        _ => None,
    });
    gone.await.unwrap();
    assert_eq!(ask(&here, "GET", &path, Value::Null).await.status, 404);
}
