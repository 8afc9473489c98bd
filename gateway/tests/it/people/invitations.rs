//! Links that open a door once: from the admin who makes one to the member who signs in by it.

use hub::Clock;
use protocol::{
    ErrorCode,
    rest::{AgentMe, InvitedAgent, Link, LinkKind, Welcome},
};
use serde_json::json;

use super::{
    accept, ask, assert_code, assert_fields, id, invite, one, signed_in, tamper, team, token, welcome,
};
use crate::support::{ADMIN_PASSWORD, Engine, TestServer, on_both_stores};

on_both_stores! {
    async fn an_invitation_is_accepted_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (client, admin) = (server.client(), server.admin().await);
        let team_made: protocol::rest::Team =
            admin.request("POST", "/teams").json(&json!({ "name": "Returns" })).read().await.unwrap();
        let skill: protocol::rest::Skill =
            admin.request("POST", "/skills").json(&json!({ "name": "Bikes" })).read().await.unwrap();
        let new = json!({
            "email": " Bo@Example.com ", "name": " Bo ", "role": "supervisor", "max_chats": 0, "languages": ["PT-br", "en", "pt-BR"],
            "teams": [team_made.id, team_made.id], "skills": [{ "skill": "BIKES", "level": 3 }],
        });
        let answer = admin.request("POST", "/agents").json(&new).done().await.unwrap();
        assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")));
        let InvitedAgent { agent, invitation } = answer.json().unwrap();
        assert_eq!((agent.name.as_str(), agent.email.as_deref()), ("Bo", Some("bo@example.com")));
        assert_eq!((agent.max_chats, agent.languages.as_slice()), (0, &["pt-BR".to_owned(), "en".to_owned()][..]));
        assert_eq!((agent.teams.len(), agent.teams[0].name.as_str()), (1, "Returns"));
        assert_eq!((agent.skills[0].id, agent.skills[0].level), (skill.id, 3));
        assert_eq!((agent.invited, agent.disabled, agent.second_factor), (Some(true), false, Some(false)));
        assert_eq!(agent, one(&admin, agent.id).await);
        assert!(invitation.url.starts_with(&format!("{}/console/welcome#", server.url)), "{}", invitation.url);
        let lasts = invitation.expires_at.since(Clock::system().now());
        assert!(lasts.as_secs() > 7 * 24 * 3_600 - 600 && lasts.as_secs() <= 7 * 24 * 3_600, "{lasts:?}");

        // Without a password nobody gets in, not even with an empty one.
        for password in ["", "not the password"] {
            assert_code(&client.try_login("bo@example.com", password).await.unwrap(), ErrorCode::BadLogin, password);
        }
        let page = client.request("GET", "/console/welcome").send().await.unwrap();
        assert_eq!(page.status, 200);
        let opened: Welcome = welcome(&server, token(&invitation)).await.json().unwrap();
        let expected =
            Welcome { kind: LinkKind::Invitation, name: "Bo".into(), email: "bo@example.com".into(), second_factor: false };
        assert_eq!(opened, expected);

        // What cannot be taken does not use the link up.
        let token = token(&invitation);
        for (body, field) in [
            (json!({ "token": token, "password": "short" }), "password"),
            (json!({ "token": token, "password": "x".repeat(201) }), "password"),
            (json!({ "token": token, "password": "a good password", "name": " " }), "name"),
            (json!({ "token": token, "password": "a good password", "name": "a\u{0}b" }), "name"),
            (json!({ "token": token, "password": "a good password", "name": "x".repeat(101) }), "name"),
            (json!({ "token": token }), "password"),
        ] {
            assert_fields(&accept(&server, body).await, &[field], field);
        }
        let good = json!({ "token": token, "password": "a good password", "name": "Bo B" });
        let answer = accept(&server, good.clone()).await;
        let bo = signed_in(&server, &answer);
        let me: AgentMe = answer.json().unwrap();
        assert_eq!((me.you.name.as_deref(), me.password_change_required, me.second_factor), (Some("Bo B"), false, false));
        assert_eq!(team(&bo).await.len(), 2);
        assert_eq!(one(&bo, agent.id).await.invited, Some(false));
        client.login("bo@example.com", "a good password").await.unwrap();

        assert_code(&accept(&server, good).await, ErrorCode::LinkExpired, "again");
        assert_code(&welcome(&server, token).await, ErrorCode::LinkExpired, "again");
        let again = ask(&admin, "POST", &format!("/agents/{}/invitation", agent.id), &json!({})).await;
        assert_code(&again, ErrorCode::Conflict, "who has a password needs no invitation");
        assert!(!server.said().contains(token), "the token is in the log");
    }

    async fn a_new_invitation_ends_the_older_one(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let first = invite(&admin, "bo@example.com", "agent").await;
        let path = format!("/agents/{}/invitation", first.agent.id);
        let answer = ask(&admin, "POST", &path, &json!({})).await;
        assert_eq!(answer.status, 201);
        let second: Link = answer.json().unwrap();
        let password = "a good password";
        let old = accept(&server, json!({ "token": token(&first.invitation), "password": password })).await;
        assert_code(&old, ErrorCode::LinkExpired, "the older one");
        signed_in(&server, &accept(&server, json!({ "token": token(&second), "password": password })).await);
    }

    /// The old password works until the link is used; then every login is ended, its sockets at once.
    async fn a_reset_ends_all_logins(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let other = server.client().login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        let answer = ask(&admin, "POST", &format!("/agents/{}/password-reset", id(&bo)), &json!({})).await;
        assert_eq!(answer.status, 201);
        let link: Link = answer.json().unwrap();
        let lasts = link.expires_at.since(Clock::system().now());
        assert!((3_000..=3_600).contains(&lasts.as_secs()), "{lasts:?}");
        let mut socket = bo.websocket().connect().await.unwrap();
        let mut admins = admin.websocket().connect().await.unwrap();
        other.auth_me().await.unwrap();
        server.client().login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        let opened: Welcome = welcome(&server, token(&link)).await.json().unwrap();
        assert_eq!((opened.kind, opened.name.as_str()), (LinkKind::Reset, "Bo"));

        let answer = accept(&server, json!({ "token": token(&link), "password": "another password" })).await;
        let fresh = signed_in(&server, &answer);
        assert_eq!(socket.closed().await.unwrap().code, Some(4500));
        for ended in [&bo, &other] {
            assert_eq!(ended.auth_me().await.unwrap_err().status(), Some(401));
        }
        team(&fresh).await;
        let old = server.client().try_login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        assert_code(&old, ErrorCode::BadLogin, "the old password");
        let again = accept(&server, json!({ "token": token(&link), "password": "another password" })).await;
        assert_code(&again, ErrorCode::LinkExpired, "again");
        // Nobody else notices.
        admins.send(&protocol::ClientFrame::Ping).await.unwrap();
        admins.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();
    }
}

/// Wrong, used and expired ones are answered alike, and only so many can be tried.
#[tokio::test]
async fn links_cannot_be_guessed() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let junk = ["", "x", "#", "a\u{0}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"x".repeat(10_000)];
    let mut texts = Vec::new();
    for token in &junk[..5] {
        let answer = welcome(&server, token).await;
        assert_code(&answer, ErrorCode::LinkExpired, token);
        texts.push(answer.text());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for answer in [
        welcome(&server, junk[5]).await,
        accept(&server, json!({ "token": junk[4], "password": "a good password" })).await,
    ] {
        assert_code(&answer, ErrorCode::RateLimited, "too many");
        assert!(answer.header("retry-after").is_some());
    }
    // It is about links: whoever is signed in, or signs in, does not notice.
    server.admin().await;
    invite(&admin, "bo@example.com", "agent").await;
}

#[tokio::test]
async fn links_expire() {
    let server = TestServer::start(Engine::Sqlite).await;
    let invited = invite(&server.admin().await, "bo@example.com", "agent").await;
    tamper(&server, "update agent_tokens set expires_at_ms = expires_at_ms - 7 * 24 * 3600000").await;
    let token = token(&invited.invitation);
    assert_code(&welcome(&server, token).await, ErrorCode::LinkExpired, "a week later");
    let answer = accept(&server, json!({ "token": token, "password": "a good password" })).await;
    assert_code(&answer, ErrorCode::LinkExpired, "a week later");
}

/// A link names the server as its people know it, and other sites' pages cannot use one.
#[tokio::test]
async fn links_lead_to_where_the_server_is() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let origin = server.client().origin();
    let new = |email: &str| json!({ "email": email, "name": "Bo", "role": "agent" });
    let request = admin.request("POST", "/agents").origin(&origin).json(&new("bo@example.com"));
    let invited: InvitedAgent = request.read().await.unwrap();
    assert!(invited.invitation.url.starts_with(&format!("{origin}/console/welcome#")));
    let body = json!({ "token": token(&invited.invitation), "password": "a good password" });
    for path in ["/api/v1/auth/welcome", "/api/v1/auth/welcome/accept"] {
        let request = server.client().request("POST", path).origin("https://evil.example").json(&body);
        assert_code(&request.send().await.unwrap(), ErrorCode::OriginRefused, path);
    }
    let public = TestServer::start_with(Engine::Sqlite, &["--public-url=https://chat.example"]).await;
    let invited = invite(&public.admin().await, "bo@example.com", "agent").await;
    assert!(invited.invitation.url.starts_with("https://chat.example/console/welcome#"));
}

/// On the command line, too; and who is shut out cannot come back by a link.
#[tokio::test]
async fn the_operator_invites_on_the_command_line() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let words = ["agent", "add", "--email", "Bo@Example.com", "--name", "Bo", "--role", "supervisor"];
    let output = server.cli(&[&words[..], &["--public-url", &server.url]].concat()).await;
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("bo@example.com") && !said.contains("Password"), "{said}");
    let url = said.lines().map(str::trim).find(|line| line.starts_with(&server.url)).unwrap();
    let token = url.strip_prefix(&format!("{}/console/welcome#", server.url)).unwrap();
    let bo = team(&admin).await.pop().unwrap();
    assert_eq!((bo.email.as_deref(), bo.invited), (Some("bo@example.com"), Some(true)));

    let path = format!("/agents/{}", bo.id);
    admin.request("DELETE", &path).done().await.unwrap();
    let body = json!({ "token": token, "password": "a good password" });
    assert_code(&accept(&server, body).await, ErrorCode::LinkExpired, "shut out");
    assert_eq!(ask(&admin, "PATCH", &path, &json!({ "disabled": false })).await.status, 200);
    let link: Link = admin.request("POST", &format!("{path}/invitation")).read().await.unwrap();
    let body = json!({ "token": super::token(&link), "password": "a good password" });
    signed_in(&server, &accept(&server, body).await);
}
