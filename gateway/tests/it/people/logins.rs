//! An agent's own logins: told apart, and ended.

use std::time::{Duration, Instant};

use loadtest::client::{Caller, Credential};
use protocol::{
    ErrorCode,
    rest::{AgentLogin, Page},
};
use serde_json::json;
use uuid::Uuid;

use super::{assert_code, tamper};
use crate::support::{ADMIN_PASSWORD, Engine, TestServer, on_both_stores};

async fn login(server: &TestServer, browser: &str) -> Caller {
    let body = json!({ "email": "bo@example.com", "password": ADMIN_PASSWORD });
    let request = server.client().request("POST", "/api/v1/auth/login").header("user-agent", browser);
    let answer = request.json(&body).send().await.unwrap();
    let cookie = answer.sets_cookie("hubbub_login").unwrap();
    Caller::new(server.client(), Credential::Cookie(cookie))
}

async fn logins(caller: &Caller) -> Vec<AgentLogin> {
    let page: Page<AgentLogin> = caller.request("GET", "/auth/logins").read().await.unwrap();
    assert_eq!((page.total, page.next_cursor), (page.items.len() as u64, None));
    assert_eq!(page.items.iter().filter(|login| login.current).count(), 1);
    page.items
}

on_both_stores! {
    async fn each_can_be_ended(engine: Engine) {
        let server = TestServer::start(engine).await;
        let first = server.member("agent", "bo@example.com", "Bo").await;
        let stranger = server.member("agent", "ana@example.com", "Ana").await;
        let (phone, tablet) = (login(&server, "Phone/1").await, login(&server, &"Tablet".repeat(100)).await);
        let listed = logins(&phone).await;
        assert_eq!(listed.len(), 3);
        let by_label = |label: &str| listed.iter().find(|login| login.label.starts_with(label)).unwrap();
        assert!(by_label("Phone/1").current);
        assert_eq!(by_label("Tablet").label.len(), 200, "as much of it as is kept");
        assert!(listed.iter().all(|login| login.seen_at >= login.created_at));

        let mut lost = tablet.websocket().connect().await.unwrap();
        let mut stays = first.websocket().connect().await.unwrap();
        let path = format!("/auth/logins/{}", by_label("Tablet").id);
        let anothers = stranger.request("DELETE", &path).send().await.unwrap();
        assert_code(&anothers, ErrorCode::NotFound, "another's");
        let nobodys = phone.request("DELETE", &format!("/auth/logins/{}", Uuid::now_v7())).send().await.unwrap();
        assert_eq!((nobodys.status, nobodys.text()), (404, anothers.text()), "told from nobody's by nothing");
        assert_eq!(phone.request("DELETE", &path).send().await.unwrap().status, 204);
        assert_eq!(lost.closed().await.unwrap().code, Some(4500));
        let gone = tablet.request("GET", "/auth/me").send().await.unwrap();
        assert_code(&gone, ErrorCode::Unauthenticated, "ended");
        assert_code(&phone.request("DELETE", &path).send().await.unwrap(), ErrorCode::NotFound, "again");
        stays.send(&protocol::ClientFrame::Ping).await.unwrap();
        stays.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();

        // Everywhere else at once.
        assert_eq!(phone.request("DELETE", "/auth/logins").send().await.unwrap().status, 204);
        assert_eq!(stays.closed().await.unwrap().code, Some(4500));
        assert_eq!(first.auth_me().await.unwrap_err().status(), Some(401));
        assert_eq!(logins(&phone).await.len(), 1);
        stranger.auth_me().await.unwrap();

        // The one that asks, by its name: as signing out.
        let own = logins(&phone).await.remove(0).id;
        assert_eq!(phone.request("DELETE", &format!("/auth/logins/{own}")).send().await.unwrap().status, 204);
        assert_eq!(phone.request("GET", "/auth/logins").send().await.unwrap().status, 401);
    }
}

/// Each use would be a write, so it is noted every five minutes.
#[tokio::test]
async fn their_use_is_noted_now_and_then() {
    let server = TestServer::start(Engine::Sqlite).await;
    let bo = server.member("agent", "bo@example.com", "Bo").await;
    tamper(&server, "update logins set seen_at_ms = seen_at_ms - 240000").await;
    let minutes_ago = logins(&bo).await.remove(0).seen_at;
    assert_eq!(logins(&bo).await.remove(0).seen_at, minutes_ago);
    tamper(&server, "update logins set seen_at_ms = seen_at_ms - 120000").await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while logins(&bo).await.remove(0).seen_at <= minutes_ago {
        assert!(Instant::now() < deadline, "it is not noted");
    }
}
