//! Members are changed: by whom, within which limits, and what it does to their connections.

use loadtest::client::Failure;
use protocol::{ErrorCode, rest::Agent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ask, assert_code, assert_fields, id, invite, one, team};
use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, Engine, TestServer, on_both_stores};

on_both_stores! {
    async fn everything_of_a_member_can_be_changed(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let path = format!("/agents/{}", id(&bo));
        let before = one(&admin, id(&bo)).await;
        assert_eq!((before.max_chats, before.languages.len(), before.avatar_url.as_deref()), (5, 0, None));
        let group: protocol::rest::Team =
            admin.request("POST", "/teams").json(&json!({ "name": "Returns" })).read().await.unwrap();
        let edit = json!({
            "email": "BOB@example.com", "name": " Bob 🚲 ", "max_chats": 100, "languages": ["zh-hant-tw", "DE"],
            "signature": " Bob\r\nReturns ", "avatar_url": "https://img.example/bob.png", "teams": [group.id], "shoe_size": 44,
        });
        let changed: Agent = ask(&admin, "PATCH", &path, &edit).await.json().unwrap();
        assert_eq!((changed.name.as_str(), changed.email.as_deref()), ("Bob 🚲", Some("bob@example.com")));
        assert_eq!((changed.max_chats, changed.languages.join(" ").as_str()), (100, "zh-Hant-TW de"));
        assert_eq!(changed.signature.as_deref(), Some("Bob\nReturns"));
        assert_eq!(changed.avatar_url.as_deref(), Some("https://img.example/bob.png"));
        assert_eq!(changed.teams[0].id, group.id);
        assert!(changed.updated_at > before.updated_at);
        assert_eq!(one(&admin, id(&bo)).await, changed);
        bo.auth_me().await.unwrap();
        server.client().login("bob@example.com", ADMIN_PASSWORD).await.unwrap();
        // What is left out stays, what is null or empty goes.
        let edit = json!({ "avatar_url": null, "signature": "", "languages": [], "teams": [], "max_chats": 0 });
        let changed: Agent = ask(&admin, "PATCH", &path, &edit).await.json().unwrap();
        assert_eq!((changed.avatar_url, changed.signature.as_deref()), (None, Some("")));
        assert_eq!((changed.languages.len(), changed.teams.len(), changed.max_chats), (0, 0, 0));
        assert_eq!(changed.name, "Bob 🚲");
        let taken = ask(&admin, "PATCH", &path, &json!({ "email": ADMIN_EMAIL })).await;
        assert_code(&taken, ErrorCode::Conflict, "another's e-mail");
        let taken = json!({ "email": "Bob@example.com", "name": "Bob", "role": "agent" });
        assert_code(&ask(&admin, "POST", "/agents", &taken).await, ErrorCode::Conflict, "another's e-mail");
        let nobody = ask(&admin, "PATCH", &format!("/agents/{}", Uuid::now_v7()), &json!({})).await;
        assert_code(&nobody, ErrorCode::NotFound, "nobody");
    }

    /// Colleagues see who somebody is, not how to reach them; a little of oneself one changes oneself.
    async fn oneself_and_others(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let boss = server.member("supervisor", "boss@example.com", "Boss").await;
        let seen = one(&boss, id(&bo)).await;
        assert_eq!(seen.name, "Bo");
        assert_eq!((seen.email, seen.invited, seen.created_at, seen.signature), (None, None, None, None));
        assert_eq!(one(&bo, id(&bo)).await.email.as_deref(), Some("bo@example.com"));
        let emails = |agents: Vec<Agent>| agents.into_iter().filter_map(|agent| agent.email).collect::<Vec<_>>();
        assert_eq!(emails(team(&admin).await).len(), 3);
        assert_eq!(emails(team(&bo).await), ["bo@example.com"]);

        let own = format!("/agents/{}", id(&bo));
        let edit = json!({
            "name": "Bo B", "signature": "Bo", "avatar_url": "https://img.example/bo.png", "languages": ["en"],
        });
        let changed: Agent = ask(&bo, "PATCH", &own, &edit).await.json().unwrap();
        assert_eq!((changed.name.as_str(), changed.languages.as_slice()), ("Bo B", &["en".to_owned()][..]));
        for reserved in [
            json!({ "role": "admin" }), json!({ "disabled": false }), json!({ "max_chats": 1 }), json!({ "teams": [] }),
            json!({ "email": "b@example.com" }), json!({ "name": "Bo", "role": "agent" }),
        ] {
            assert_code(&ask(&bo, "PATCH", &own, &reserved).await, ErrorCode::Forbidden, &reserved.to_string());
        }
        let answer = ask(&boss, "PATCH", &own, &json!({ "name": "Not Bo" })).await;
        assert_code(&answer, ErrorCode::Forbidden, "a supervisor");
        let missing = ask(&bo, "PATCH", &format!("/agents/{}", Uuid::now_v7()), &json!({})).await;
        assert_code(&missing, ErrorCode::NotFound, "nobody");
        assert_eq!(one(&bo, id(&bo)).await.name, "Bo B");

        // Skills are the supervisors', too.
        for name in ["Bikes", "Deutsch"] {
            admin.request("POST", "/skills").json(&json!({ "name": name })).done().await.unwrap();
        }
        let skills = format!("{own}/skills");
        let list = json!([{ "skill": "deutsch", "level": 5 }, { "skill": " Bikes ", "level": 1 }]);
        let changed: Agent = ask(&boss, "PUT", &skills, &list).await.json().unwrap();
        assert_eq!(changed.email, None);
        let held: Vec<_> = changed.skills.iter().map(|skill| (skill.name.as_str(), skill.level)).collect();
        assert_eq!(held, [("Bikes", 1), ("Deutsch", 5)]);
        let by_id = json!([{ "skill": changed.skills[0].id, "level": 2 }]);
        let changed: Agent = ask(&boss, "PUT", &skills, &by_id).await.json().unwrap();
        assert_eq!((changed.skills.len(), changed.skills[0].level), (1, 2));
        assert_code(&ask(&bo, "PUT", &skills, &json!([])).await, ErrorCode::Forbidden, "oneself");
    }

    async fn the_last_admin_stays(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let path = format!("/agents/{}", id(&admin));
        // One who has not come yet cannot take over.
        invite(&admin, "later@example.com", "admin").await;
        for edit in [json!({ "disabled": true }), json!({ "role": "supervisor" }), json!({ "role": "agent", "name": "X" })] {
            assert_code(&ask(&admin, "PATCH", &path, &edit).await, ErrorCode::LastAdmin, &edit.to_string());
        }
        let answer = admin.request("DELETE", &path).send().await.unwrap();
        assert_code(&answer, ErrorCode::LastAdmin, "disabled");
        assert_eq!(one(&admin, id(&admin)).await.name, "Admin", "nothing of it was done");
        let second = server.member("admin", "second@example.com", "Second").await;
        assert_eq!(ask(&admin, "PATCH", &path, &json!({ "role": "agent" })).await.status, 200);
        assert_eq!(admin.auth_me().await.unwrap_err().status(), Some(401), "another role ends the logins");
        let demoted = server.admin().await;
        assert_code(&ask(&demoted, "PATCH", &path, &json!({ "role": "admin" })).await, ErrorCode::Forbidden, "no admin now");
        let path = format!("/agents/{}", id(&second));
        assert_code(&second.request("DELETE", &path).send().await.unwrap(), ErrorCode::LastAdmin, "the last now");
    }

    /// Whoever is shut out, or gets another role, is out at once, also where they were already.
    async fn connections_end_with_the_right_to_them(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("supervisor", "bo@example.com", "Bo").await;
        let stays = server.member("agent", "stays@example.com", "Stays").await;
        let path = format!("/agents/{}", id(&bo));
        let mut other = stays.websocket().connect().await.unwrap();
        let mut socket = bo.websocket().connect().await.unwrap();
        assert_eq!(ask(&admin, "PATCH", &path, &json!({ "role": "agent" })).await.status, 200);
        assert_eq!(socket.closed().await.unwrap().code, Some(4500));

        let bo = server.client().login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        let mut socket = bo.websocket().connect().await.unwrap();
        for _ in 0..2 {
            assert_eq!(admin.request("DELETE", &path).send().await.unwrap().status, 204);
        }
        assert_eq!(socket.closed().await.unwrap().code, Some(4500));
        assert_eq!(bo.auth_me().await.unwrap_err().status(), Some(401));
        let Err(Failure::Closed(closed)) = bo.websocket().connect().await else { panic!("it is welcome") };
        assert_eq!(closed.code, Some(4500));
        assert_eq!(server.client().try_login("bo@example.com", ADMIN_PASSWORD).await.unwrap().status, 401);
        assert!(one(&stays, id(&bo)).await.disabled, "logs name them, so they are still there");

        let back: Agent = ask(&admin, "PATCH", &path, &json!({ "disabled": false })).await.json().unwrap();
        assert!(!back.disabled);
        assert_eq!(bo.auth_me().await.unwrap_err().status(), Some(401), "the old login stays ended");
        server.client().login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        other.send(&protocol::ClientFrame::Ping).await.unwrap();
        other.expect(|frame| (*frame == protocol::ServerFrame::Pong).then_some(())).await.unwrap();
    }
}

/// Every field has its limit, and a refusal names both.
#[tokio::test]
async fn every_field_has_its_limit() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    let bo = server.member("agent", "bo@example.com", "Bo").await;
    let path = format!("/agents/{}", id(&bo));
    let missing = Uuid::now_v7();
    let cases: Vec<(Value, &str, &str)> = vec![
        (json!({ "email": "nonsense" }), "email", "e-mail"),
        (json!({ "email": format!("{}@example.com", "x".repeat(250)) }), "email", "254"),
        (json!({ "email": "a\u{0}@example.com" }), "email", "control"),
        (json!({ "email": 1 }), "email", "string"),
        (json!({ "name": " " }), "name", "empty"),
        (json!({ "name": "x".repeat(101) }), "name", "100"),
        (json!({ "name": "a\u{0}b" }), "name", "control"),
        (json!({ "name": "a\u{1b}[31mb" }), "name", "control"),
        (json!({ "name": "a\u{85}b" }), "name", "control"),
        (json!({ "name": "a\nb" }), "name", "one line"),
        (json!({ "name": "a\tb" }), "name", "one line"),
        (json!({ "role": "king" }), "role", "king"),
        (json!({ "disabled": "yes" }), "disabled", "boolean"),
        (json!({ "max_chats": 101 }), "max_chats", "0 to 100"),
        (json!({ "max_chats": -1 }), "max_chats", ""),
        (json!({ "max_chats": 1.5 }), "max_chats", ""),
        (json!({ "max_chats": 4_294_967_296_u64 }), "max_chats", ""),
        (json!({ "languages": vec!["en"; 21] }), "languages", "20"),
        (json!({ "languages": ["en", "english language"] }), "languages[1]", "pt-BR"),
        (json!({ "languages": ["e\u{0}n"] }), "languages[0]", "pt-BR"),
        (json!({ "languages": [format!("en-{}", "abcdefgh-".repeat(5))] }), "languages[0]", "35"),
        (json!({ "signature": "x".repeat(501) }), "signature", "500"),
        (json!({ "signature": "a\u{7}b" }), "signature", "control"),
        (json!({ "avatar_url": "http://img.example/x.png" }), "avatar_url", "https://"),
        (json!({ "avatar_url": "javascript:alert(1)" }), "avatar_url", "https://"),
        (json!({ "avatar_url": "" }), "avatar_url", "https://"),
        (json!({ "avatar_url": format!("https://img.example/{}", "x".repeat(500)) }), "avatar_url", "500"),
        (json!({ "avatar_url": "https://img.example/\u{0}" }), "avatar_url", "control"),
        (json!({ "teams": [missing] }), "teams[0]", "no team"),
        (json!({ "teams": ["x"] }), "teams[0]", ""),
        (json!({ "teams": vec![missing; 201] }), "teams", "200"),
    ];
    for (wrong, field, word) in &cases {
        let answer = ask(&admin, "PATCH", &path, wrong).await;
        assert_fields(&answer, &[field], &wrong.to_string());
        assert!(answer.text().contains(word), "{wrong}: {}", answer.text());
    }
    assert_eq!(one(&admin, id(&bo)).await.name, "Bo");
    // The same of a new one, all faults at once.
    let new = |more: Value| {
        let mut body = json!({ "email": "new@example.com", "name": "New", "role": "agent" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (wrong, field, _) in &cases {
        if ["signature", "avatar_url", "disabled"].contains(field) {
            continue;
        }
        let answer = ask(&admin, "POST", "/agents", &new(wrong.clone())).await;
        assert_fields(&answer, &[field], &wrong.to_string());
    }
    let wrong = json!({
        "email": "x", "name": "", "max_chats": 500, "languages": ["?"], "teams": [missing],
        "skills": [{ "skill": "none", "level": 1 }],
    });
    let all = ["email", "name", "max_chats", "languages[0]", "teams[0]", "skills[0].skill"];
    assert_fields(&ask(&admin, "POST", "/agents", &new(wrong)).await, &all, "all of it");
    for field in ["email", "name", "role"] {
        let mut body = new(json!({}));
        body.as_object_mut().unwrap().remove(field);
        assert_fields(&ask(&admin, "POST", "/agents", &body).await, &[field], field);
    }

    admin.request("POST", "/skills").json(&json!({ "name": "Bikes" })).done().await.unwrap();
    let bikes = |level: Value| json!({ "skill": "bikes", "level": level });
    for (wrong, field, word) in [
        (json!([bikes(json!(0))]), "[0].level", "1 to 5"),
        (json!([bikes(json!(6))]), "[0].level", "1 to 5"),
        (json!([bikes(json!(256))]), "[0].level", ""),
        (json!([bikes(json!(1)), bikes(json!(2))]), "[1].skill", "twice"),
        (json!([{ "skill": "", "level": 1 }]), "[0].skill", "no skill"),
        (json!([{ "skill": missing, "level": 1 }]), "[0].skill", "no skill"),
        (json!(vec![bikes(json!(1)); 51]), "body", "50"),
        (json!({}), "body", ""),
    ] {
        let answer = ask(&admin, "PUT", &format!("{path}/skills"), &wrong).await;
        assert_fields(&answer, &[field], &wrong.to_string());
        assert!(answer.text().contains(word), "{wrong}: {}", answer.text());
    }
    let answer = ask(&admin, "PUT", &format!("/agents/{missing}/skills"), &json!([])).await;
    assert_code(&answer, ErrorCode::NotFound, "nobody");
    let answer = admin.request("GET", "/agents").query("role", "agent").send().await.unwrap();
    assert_fields(&answer, &["role"], "a filter that is none");
}
