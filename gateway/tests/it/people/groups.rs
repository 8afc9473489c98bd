//! Teams and skills.

use protocol::{
    ErrorCode,
    rest::{Page, Skill, Team},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ask, assert_code, assert_fields, id, one};
use crate::support::{Engine, TestServer, on_both_stores};

on_both_stores! {
    async fn a_team_is_made_changed_and_dissolved(engine: Engine) {
        let server = TestServer::start(engine).await;
        let boss = server.member("supervisor", "boss@example.com", "Boss").await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let members = json!([id(&bo), id(&boss), id(&bo)]);
        let answer = ask(&boss, "POST", "/teams", &json!({ "name": " Returns ", "members": members })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let returns: Team = answer.json().unwrap();
        assert_eq!((returns.name.as_str(), returns.members.len()), ("Returns", 2));
        let path = format!("/teams/{}", returns.id);
        let read: Team = bo.request("GET", &path).read().await.unwrap();
        assert_eq!(read, returns);
        let all: Page<Team> = bo.request("GET", "/teams").read().await.unwrap();
        assert_eq!((all.total, all.items), (1, vec![returns.clone()]));
        assert_eq!(one(&bo, id(&boss)).await.teams[0].id, returns.id);

        assert_code(&ask(&boss, "POST", "/teams", &json!({ "name": "RETURNS" })).await, ErrorCode::Conflict, "the same name");
        let changed: Team = ask(&boss, "PATCH", &path, &json!({ "members": [id(&boss)] })).await.json().unwrap();
        assert_eq!((changed.name.as_str(), changed.members), ("Returns", vec![id(&boss)]));
        let changed: Team = ask(&boss, "PATCH", &path, &json!({ "name": "RETURNS" })).await.json().unwrap();
        assert_eq!((changed.name.as_str(), changed.members.len()), ("RETURNS", 1));
        assert_eq!(boss.request("DELETE", &path).send().await.unwrap().status, 204);
        for (method, body) in [("GET", json!({})), ("PATCH", json!({})), ("DELETE", json!({}))] {
            assert_code(&ask(&boss, method, &path, &body).await, ErrorCode::NotFound, method);
        }
        assert!(one(&bo, id(&boss)).await.teams.is_empty());
    }

    async fn a_question_that_is_not_understood_is_refused(engine: Engine) {
        let server = TestServer::start(engine).await;
        let boss = server.member("supervisor", "boss@example.com", "Boss").await;
        let (ana, _) = server.customer("Ana", "+447700900133").await;
        let made = async |kind: &str| -> Value {
            boss.request("POST", kind).json(&json!({ "name": "Bikes" })).read().await.unwrap()
        };
        let of = |kind: &str, made: &Value| format!("{kind}/{}", made["id"].as_str().unwrap());
        let own = format!("/agents/{}", id(&boss));
        let (team, skill) = (of("/teams", &made("/teams").await), of("/skills", &made("/skills").await));
        let asked = ["/auth/me", &own, &team, &skill].map(|path| (boss.request("GET", path), path));
        for (request, path) in asked.into_iter().chain([(ana.request("GET", "/me"), "/me")]) {
            assert_fields(&request.query("colour", "red").send().await.unwrap(), &["colour"], path);
        }
    }

    async fn a_skill_is_made_renamed_and_deleted(engine: Engine) {
        let server = TestServer::start(engine).await;
        let boss = server.member("supervisor", "boss@example.com", "Boss").await;
        let bikes: Skill =
            boss.request("POST", "/skills").json(&json!({ "name": " Bikes " })).read().await.unwrap();
        assert_eq!((bikes.name.as_str(), bikes.agents), ("Bikes", 0));
        let path = format!("/skills/{}", bikes.id);
        let own = format!("/agents/{}/skills", id(&boss));
        assert_eq!(ask(&boss, "PUT", &own, &json!([{ "skill": "Bikes", "level": 4 }])).await.status, 200);
        assert_code(&ask(&boss, "POST", "/skills", &json!({ "name": "bikes" })).await, ErrorCode::Conflict, "the same name");
        let renamed: Skill = ask(&boss, "PATCH", &path, &json!({ "name": "E-Bikes" })).await.json().unwrap();
        assert_eq!((renamed.name.as_str(), renamed.agents), ("E-Bikes", 1));
        let all: Page<Skill> = boss.request("GET", "/skills").read().await.unwrap();
        assert_eq!((all.total, all.items), (1, vec![renamed]));
        assert_eq!(boss.request("DELETE", &path).send().await.unwrap().status, 204);
        for (method, body) in [("GET", json!({})), ("PATCH", json!({ "name": "x" })), ("DELETE", json!({}))] {
            assert_code(&ask(&boss, method, &path, &body).await, ErrorCode::NotFound, method);
        }
        assert!(one(&boss, id(&boss)).await.skills.is_empty());
    }
}

/// Names, members and numbers have their limits, and a refusal names them.
#[tokio::test]
async fn groups_have_their_limits() {
    let server = TestServer::start(Engine::Sqlite).await;
    let admin = server.admin().await;
    for (path, field) in [("/teams", "teams"), ("/skills", "skills")] {
        let long = "é".repeat(61);
        let names: [(Value, &str); 7] = [
            (json!(""), "empty"),
            (json!(" \u{a0}"), "empty"),
            (json!(long), "60"),
            (json!("a\u{0}b"), "control"),
            (json!("a\u{1b}b"), "control"),
            (json!("a\nb"), "one line"),
            (json!(1), ""),
        ];
        for (name, word) in names {
            let answer = ask(&admin, "POST", path, &json!({ "name": name })).await;
            assert_fields(&answer, &["name"], &name.to_string());
            assert!(answer.text().contains(word), "{name}: {}", answer.text());
        }
        assert_fields(&ask(&admin, "POST", path, &json!({})).await, &["name"], "no name");
        assert_eq!(ask(&admin, "POST", path, &json!({ "name": "é".repeat(60) })).await.status, 201);
        for n in 1..200 {
            assert_eq!(
                ask(&admin, "POST", path, &json!({ "name": format!("Number {n}") })).await.status,
                201
            );
        }
        let answer = ask(&admin, "POST", path, &json!({ "name": "One more" })).await;
        assert_fields(&answer, &[field], "one more");
        assert!(answer.text().contains("200"), "{}", answer.text());
    }
    let teams: Page<Team> = admin.request("GET", "/teams").read().await.unwrap();
    let path = format!("/teams/{}", teams.items[0].id);
    for (members, field, word) in [
        (json!([Uuid::now_v7()]), "members[0]", "no agent"),
        (json!([id(&admin), "x"]), "members[1]", ""),
        (json!(vec![id(&admin); 201]), "members", "200"),
    ] {
        let answer = ask(&admin, "PATCH", &path, &json!({ "members": members })).await;
        assert_fields(&answer, &[field], field);
        assert!(answer.text().contains(word), "{}", answer.text());
    }
}
