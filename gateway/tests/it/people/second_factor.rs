//! The second factor: codes of an authenticator, each once, and recovery codes.

use hub::Clock;
use loadtest::client::{AgentClient, Answer};
use protocol::{
    ErrorCode,
    rest::{Link, NewTotp, RecoveryCodes, Welcome},
};
use serde_json::json;

use super::{accept, ask, assert_code, assert_fields, id, one, signed_in, token, welcome};
use crate::support::{ADMIN_PASSWORD, Engine, TestServer, UNHURRIED, on_both_stores};

/// What an authenticator shows, or will show so many half minutes from now.
pub(crate) fn code(secret: &str, later: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(Clock::system().now().get()).unwrap() / 1_000;
    totp.generate(now + 30 * later).to_string()
}

/// Gives an agent, whose password is the usual one, a second factor: the secret, and the recovery codes. The code of now
/// is used by it; the next one is not.
pub(crate) async fn begin(agent: &AgentClient) -> (String, Vec<String>) {
    let password = json!({ "password": ADMIN_PASSWORD });
    let new: NewTotp = agent.request("POST", "/auth/totp").json(&password).read().await.unwrap();
    let confirm = json!({ "code": code(&new.secret, 0) });
    let codes: RecoveryCodes =
        agent.request("POST", "/auth/totp/confirm").json(&confirm).read().await.unwrap();
    (new.secret, codes.recovery_codes)
}

async fn login(server: &TestServer, email: &str, totp: &str) -> Answer {
    let body = json!({ "email": email, "password": ADMIN_PASSWORD, "totp": totp });
    server.client().request("POST", "/api/v1/auth/login").json(&body).send().await.unwrap()
}

/// Six digits that are not those of these minutes.
fn wrong(secret: &str) -> String {
    let near: Vec<_> = (0..4).map(|later| code(secret, later)).collect();
    let mut tries = (0..10).map(|n| format!("{n}{n}{n}00{n}"));
    tries.find(|code| !near.contains(code)).unwrap()
}

on_both_stores! {
    async fn each_code_opens_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let bare = async || server.client().try_login("bo@example.com", ADMIN_PASSWORD).await;
        let answer = ask(&bo, "POST", "/auth/totp", &json!({ "password": "not the password" })).await;
        assert_fields(&answer, &["password"], "a cookie alone");
        let answer = ask(&bo, "POST", "/auth/totp/confirm", &json!({ "code": "123456" })).await;
        assert_fields(&answer, &["code"], "nothing was begun");
        let first: NewTotp =
            bo.request("POST", "/auth/totp").json(&json!({ "password": ADMIN_PASSWORD })).read().await.unwrap();
        assert!(first.url.starts_with("otpauth://totp/Hubbub:bo%40example.com?secret="), "{}", first.url);
        assert!(first.url.contains(&first.secret));
        let answer = ask(&bo, "POST", "/auth/totp/confirm", &json!({ "code": wrong(&first.secret) })).await;
        assert_fields(&answer, &["code"], "a wrong code");
        assert_eq!(bare().await.unwrap().status, 200, "it counts only once a code of it was given");
        assert!(!bo.auth_me().await.unwrap().second_factor);

        // Begun anew: the first secret is worth nothing.
        let (secret, codes) = begin(&bo).await;
        assert_ne!(secret, first.secret);
        let mut distinct = codes.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((codes.len(), distinct.len()), (10, 10));
        assert!(bo.auth_me().await.unwrap().second_factor);
        let again = ask(&bo, "POST", "/auth/totp", &json!({ "password": ADMIN_PASSWORD })).await;
        assert_code(&again, ErrorCode::Conflict, "there is one");

        assert_code(&bare().await.unwrap(), ErrorCode::TotpRequired, "no code");
        assert_code(&login(&server, "bo@example.com", " ").await, ErrorCode::TotpRequired, "no code");
        assert_code(&login(&server, "bo@example.com", &code(&first.secret, 0)).await, ErrorCode::BadLogin, "of another secret");
        let used = code(&secret, 0);
        assert_code(&login(&server, "bo@example.com", &used).await, ErrorCode::BadLogin, "the one that confirmed it");
        let next = code(&secret, 1);
        let spaced = format!(" {} {} ", &next[..3], &next[3..]);
        let answer = login(&server, "bo@example.com", &spaced).await;
        signed_in(&server, &answer);
        assert!(answer.json::<protocol::rest::AgentMe>().unwrap().second_factor);
        assert_code(&login(&server, "bo@example.com", &next).await, ErrorCode::BadLogin, "a replay");

        let written = codes[0].to_uppercase().replace('-', " ");
        signed_in(&server, &login(&server, "bo@example.com", &written).await);
        assert_code(&login(&server, "bo@example.com", &codes[0]).await, ErrorCode::BadLogin, "a recovery code again");
        signed_in(&server, &login(&server, "bo@example.com", &codes[1]).await);
        // Another's codes are nothing here, and the password is still asked for.
        let ana = server.member("agent", "ana@example.com", "Ana").await;
        begin(&ana).await;
        assert_code(&login(&server, "ana@example.com", &codes[2]).await, ErrorCode::BadLogin, "another's");
        let body = json!({ "email": "bo@example.com", "password": "not the password", "totp": codes[2] });
        let answer = server.client().request("POST", "/api/v1/auth/login").json(&body).send().await.unwrap();
        assert_code(&answer, ErrorCode::BadLogin, "a wrong password");
        signed_in(&server, &login(&server, "bo@example.com", &codes[2]).await);
    }

    async fn a_reset_by_link_asks_for_a_code(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let (secret, codes) = begin(&bo).await;
        assert_eq!(one(&admin, id(&bo)).await.second_factor, Some(true));
        let link: Link =
            admin.request("POST", &format!("/agents/{}/password-reset", id(&bo))).read().await.unwrap();
        let opened: Welcome = welcome(&server, token(&link)).await.json().unwrap();
        assert!(opened.second_factor);
        let mut body = json!({ "token": token(&link), "password": "another password" });
        assert_code(&accept(&server, body.clone()).await, ErrorCode::TotpRequired, "no code");
        body["totp"] = wrong(&secret).into();
        assert_code(&accept(&server, body.clone()).await, ErrorCode::BadLogin, "a wrong code");
        body["totp"] = codes[0].clone().into();
        let fresh = signed_in(&server, &accept(&server, body).await);

        // It stays until it is taken away, which takes the password.
        let answer = ask(&fresh, "DELETE", "/auth/totp", &json!({ "password": ADMIN_PASSWORD })).await;
        assert_fields(&answer, &["password"], "the old password");
        let answer = ask(&fresh, "DELETE", "/auth/totp", &json!({ "password": "another password" })).await;
        assert_eq!(answer.status, 204);
        server.client().login("bo@example.com", "another password").await.unwrap();
    }

    /// Whoever has lost both is helped by an admin, and an admin by the operator.
    async fn a_lost_authenticator_can_be_replaced(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        begin(&bo).await;
        begin(&admin).await;
        let own = admin.request("DELETE", &format!("/agents/{}/totp", id(&admin))).send().await.unwrap();
        assert_code(&own, ErrorCode::Forbidden, "not one's own without the password");
        let answer = admin.request("DELETE", &format!("/agents/{}/totp", id(&bo))).send().await.unwrap();
        assert_eq!(answer.status, 204);
        server.client().login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
        begin(&bo).await;
        let missing = admin.request("DELETE", &format!("/agents/{}/totp", uuid::Uuid::now_v7())).send().await;
        assert_code(&missing.unwrap(), ErrorCode::NotFound, "nobody's");

        let email = crate::support::ADMIN_EMAIL;
        let words = ["agent", "password", "--email", email, "--password-stdin", "--remove-totp"];
        let output = server.cli_with_input(&words, "set by the operator").await;
        assert!(output.status.success(), "{output:?}");
        server.client().login(email, "set by the operator").await.unwrap();
    }
}

/// A wrong code counts as a wrong password does, and a login without a code forgives nothing.
#[tokio::test]
async fn codes_cannot_be_guessed() {
    let server = TestServer::start(Engine::Sqlite).await;
    let bo = server.member("agent", "bo@example.com", "Bo").await;
    let (secret, codes) = begin(&bo).await;
    let bad = wrong(&secret);
    for round in 0..5 {
        for _ in 0..3 {
            let answer = server.client().try_login("bo@example.com", ADMIN_PASSWORD).await.unwrap();
            assert_code(&answer, ErrorCode::TotpRequired, "no code");
        }
        let answer = login(&server, "bo@example.com", &bad).await;
        assert_code(&answer, ErrorCode::BadLogin, &format!("round {round}"));
    }
    for code in [&bad, &codes[0], ""] {
        let answer = login(&server, "bo@example.com", code).await;
        assert_code(&answer, ErrorCode::RateLimited, code);
        assert!(answer.header("retry-after").is_some());
    }
    // The same where a code confirms a second factor, or the password takes it away.
    let ana = server.member("agent", "ana@example.com", "Ana").await;
    let password = json!({ "password": ADMIN_PASSWORD });
    let new: NewTotp = ana.request("POST", "/auth/totp").json(&password).read().await.unwrap();
    for _ in 0..5 {
        let answer = ask(&ana, "POST", "/auth/totp/confirm", &json!({ "code": wrong(&new.secret) })).await;
        assert_fields(&answer, &["code"], "a wrong code");
    }
    let answer = ask(&ana, "POST", "/auth/totp/confirm", &json!({ "code": code(&new.secret, 0) })).await;
    assert_code(&answer, ErrorCode::RateLimited, "too many");
    assert_code(&ask(&ana, "DELETE", "/auth/totp", &password).await, ErrorCode::RateLimited, "too many");
}

/// Neither secrets nor codes nor tokens are in the log, however talkative it is.
#[tokio::test]
async fn the_log_keeps_secrets() {
    let mut flags = UNHURRIED.to_vec();
    flags.retain(|flag| !flag.starts_with("--log="));
    flags.push("--log=trace");
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let admin = server.admin().await;
    let (secret, codes) = begin(&admin).await;
    signed_in(&server, &login(&server, crate::support::ADMIN_EMAIL, &codes[0]).await);
    let invited = super::invite(&admin, "canary-mail@example.com", "agent").await;
    let token = token(&invited.invitation).to_owned();
    let body = json!({ "token": token, "password": "canary password" });
    signed_in(&server, &accept(&server, body).await);
    let said = server.said();
    assert!(said.contains("a link was used"), "the log is silent, so this shows nothing");
    for secret in [&secret, &codes[0], &codes[1], &token, "canary-mail", "canary password"] {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
}
