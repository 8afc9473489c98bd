//! The workspace's settings: who may change them, what stays, and that they count at once.

use std::time::Duration;

use protocol::{ErrorCode, RoutingMode, rest::Settings};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{TestServer, on_both_stores};

const SOON: Duration = Duration::from_secs(10);

on_both_stores! {
    async fn settings_are_kept_and_count_at_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let before: Settings = admin.request("GET", "/settings").read().await.unwrap();
        assert_eq!(before, Settings::default());
        let _desk = admin.websocket().connect().await.unwrap();
        let (_, waits) = server.customer("Ana", "+447700900801").await;

        let edit = json!({ "routing": { "mode": "automatic" } });
        let after: Settings = admin.request("PATCH", "/settings").json(&edit).read().await.unwrap();
        assert_eq!(after.routing.mode, Some(RoutingMode::Automatic));
        let deadline = Instant::now() + SOON;
        while admin.session(waits.session.id).await.unwrap().assignee.is_none() {
            assert!(Instant::now() < deadline, "the chat still waits");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }

        let same: Settings = admin.request("PATCH", "/settings").json(&json!({})).read().await.unwrap();
        assert_eq!(same, after, "what is not named stays");
        for refused in [json!({ "routng": {} }), json!({ "routing": { "mode": "luck" } }), json!({ "routing": { "mod": null } }), json!({ "reminders": [null, null] })] {
            let answer = admin.request("PATCH", "/settings").json(&refused).send().await.unwrap();
            assert_eq!(answer.status, 422, "{refused}: {}", answer.text());
            let problem: protocol::Problem = answer.json().unwrap();
            assert_eq!(problem.code, ErrorCode::Invalid);
        }
        let read: Settings = admin.request("GET", "/settings").read().await.unwrap();
        assert_eq!(read, after);
    }
}
