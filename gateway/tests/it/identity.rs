//! Who a customer is: what a site vouches for, what somebody merely claims, and what neither may reach.

use hmac::{Hmac, KeyInit as _, Mac as _};
use loadtest::client::{AgentClient, Caller, Failure};
use protocol::{ErrorCode, rest::StartedSession};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

const PHONE: &str = "+447700900118";

async fn site(admin: &AgentClient, key: &str) -> Value {
    let sites: Value = admin.request("GET", "/sites").read().await.unwrap();
    sites["items"].as_array().unwrap().iter().find(|site| site["key"] == key).unwrap().clone()
}

fn hash(secret: &str, external_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(external_id.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn try_start(server: &TestServer, body: Value) -> Result<(Caller, StartedSession), Failure> {
    let request = server.client().request("POST", "/api/v1/sites/demo/sessions").json(&body);
    let started: StartedSession = request.read().await?;
    Ok((server.client().bearer(&started.token), started))
}

async fn start(server: &TestServer, body: Value) -> (Caller, StartedSession) {
    try_start(server, body).await.unwrap()
}

/// A chat of a customer whom the site vouches for.
pub(crate) async fn verified(
    server: &TestServer,
    admin: &AgentClient,
    external_id: &str,
) -> (Caller, StartedSession) {
    let secret = site(admin, "demo").await["identity_secrets"][0].as_str().unwrap().to_owned();
    let identity = json!({ "external_id": external_id, "hash": hash(&secret, external_id) });
    start(server, json!({ "name": "Ana", "phone": PHONE, "identity": identity })).await
}

on_both_stores! {
    async fn a_hash_proves_who_somebody_is(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let demo = site(&admin, "demo").await;
        let secret = demo["identity_secrets"][0].as_str().unwrap();
        assert!(secret.len() >= 64, "256 bits in hex");
        let who = |external_id: &str, hash: Option<String>| json!({
            "name": "Ana", "phone": PHONE, "identity": { "external_id": external_id, "hash": hash },
        });
        let (one, first) = start(&server, who("user-1", Some(hash(secret, "user-1")))).await;
        assert!(first.contact.verified && first.session.contact.verified);
        // Upper case is the same hash.
        let (two, second) = start(&server, who("user-1", Some(hash(secret, "user-1").to_uppercase()))).await;
        assert_eq!(first.contact.id, second.contact.id, "the same person");
        // A verified token reaches all of the contact's chats, on every way.
        assert_eq!(one.me().await.unwrap().sessions.len(), 2);
        one.say(second.session.id, "from the first token").await.unwrap();
        assert_eq!(two.whole_log(first.session.id).await.unwrap().len(), 1);
        let mut socket = one.websocket().follow(second.session.id, None, None).connect().await.unwrap();
        socket.opened(second.session.id).await.unwrap();

        for (id, wrong) in [
            ("user-1", hash("another secret", "user-1")),
            ("user-1", hash(secret, "user-2")),
            ("user-1", hash(secret, "")),
            ("user-1 ", hash(secret, "user-1")),
            ("user-1", hash(secret, "user-1")[..63].to_owned()),
            ("user-1", format!("{}0", hash(secret, "user-1"))),
            ("user-1", String::new()),
            ("user-1", "0".repeat(64)),
            ("user-1", "+f".repeat(32)),
            ("user-1", "é".repeat(32)),
            ("user-1", "nonsense".to_owned()),
        ] {
            let failure = try_start(&server, who(id, Some(wrong.clone()))).await.unwrap_err();
            assert_eq!((failure.status(), failure.code()), (Some(403), Some(ErrorCode::IdentityMismatch)), "{wrong}");
        }
        // One site's secret proves nothing to another.
        admin.request("POST", "/sites").json(&json!({ "key": "other" })).done().await.unwrap();
        let other = server.client().request("POST", "/api/v1/sites/other/sessions");
        let answer = other.json(&who("user-1", Some(hash(secret, "user-1")))).send().await.unwrap();
        assert_eq!(answer.status, 403);
        let secret = site(&admin, "other").await["identity_secrets"][0].as_str().unwrap().to_owned();
        let other = server.client().request("POST", "/api/v1/sites/other/sessions");
        let theirs: StartedSession = other.json(&who("user-1", Some(hash(&secret, "user-1")))).read().await.unwrap();
        assert_ne!(theirs.contact.id, first.contact.id);
        let stranger = server.client().bearer(&theirs.token);
        assert_eq!(stranger.session(first.session.id).await.unwrap_err().status(), Some(404));
        assert_eq!(stranger.me().await.unwrap().sessions.len(), 1);
        for bad in ["", &"x".repeat(201), "a\u{0}b", "a\nb"] {
            let failure = try_start(&server, who(bad, None)).await.unwrap_err();
            assert_eq!(failure.refusal().unwrap().fields(), ["identity.external_id"], "{bad:?}");
        }
    }

    async fn a_claim_proves_nothing(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let secret = site(&admin, "demo").await["identity_secrets"][0].as_str().unwrap().to_owned();
        let (ana, verified) = start(&server, json!({
            "name": "Ana Verified", "phone": PHONE, "email": "ana@example.com", "message": "a verified secret",
            "identity": { "external_id": "user-1", "hash": hash(&secret, "user-1") },
        })).await;
        // The same id without a hash, the same phone, the same mail: a stranger each time.
        for claim in [
            json!({ "name": "Mallory", "phone": PHONE, "email": "ana@example.com", "identity": { "external_id": "user-1" } }),
            json!({ "name": "Mallory", "phone": PHONE, "email": "mallory@example.com" }),
            json!({ "name": "Mallory", "phone": "+447700900666", "identity": { "external_id": "user-1", "hash": null } }),
        ] {
            let (mallory, claimed) = start(&server, claim).await;
            assert!(!claimed.contact.verified && !claimed.session.contact.verified);
            assert_ne!(claimed.contact.id, verified.contact.id, "merged with a verified contact");
            let me = mallory.request("GET", "/me").done().await.unwrap().text();
            assert!(!me.contains("Ana Verified") && !me.contains("a verified secret"), "{me}");
            assert_eq!(mallory.me().await.unwrap().sessions.len(), 1);
            assert_eq!(mallory.session(verified.session.id).await.unwrap_err().status(), Some(404));
        }
        let known = admin.session(verified.session.id).await.unwrap().contact;
        assert_eq!((known.name.as_deref(), known.phone.as_deref(), known.email.as_deref(), known.verified), (Some("Ana Verified"), Some(PHONE), Some("ana@example.com"), true));
        assert_eq!(ana.me().await.unwrap().sessions.len(), 1, "what others claim is not hers");
    }

    /// Knowing a phone opens nothing, and gives nothing away that is stored under it.
    async fn knowing_a_phone_opens_nothing(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (ana, hers) = start(&server, json!({ "name": "Ana", "phone": PHONE, "email": "ana@example.com", "message": "a secret" })).await;
        ana.say(hers.session.id, "another secret").await.unwrap();
        let answer = server.client().request("POST", "/api/v1/sites/demo/sessions")
            .json(&json!({ "name": "Mallory", "phone": "0044 (7700) 900-118" })).send().await.unwrap();
        let said = answer.text();
        let started: StartedSession = answer.json().unwrap();
        assert_eq!(started.contact.phone.as_deref(), Some(PHONE), "what was said, in E.164");
        let mallory = server.client().bearer(&started.token);
        let mut heard = vec![said];
        heard.push(mallory.request("GET", "/me").done().await.unwrap().text());
        for rest in ["", "/entries", "/events?after=0&wait=0", "/transcript"] {
            heard.push(mallory.on_session("GET", started.session.id, rest).done().await.unwrap().text());
        }
        let mut socket = mallory.websocket().connect().await.unwrap();
        heard.push(format!("{:?}", socket.welcome().unwrap()));
        heard.push(format!("{:?}", socket.opened(started.session.id).await.unwrap()));
        for text in heard {
            for stored in ["Ana", "ana@example.com", "secret", &hers.session.id.to_string()] {
                assert!(!text.contains(stored), "{stored} is given away: {text}");
            }
        }
        assert_eq!(mallory.me().await.unwrap().sessions.len(), 1);
        assert_eq!(mallory.session(hers.session.id).await.unwrap_err().status(), Some(404));
        // Nor does the id of the contact tell since when there is one: it holds no time.
        for contact in [hers.contact.id, started.contact.id] {
            assert_eq!(contact.uuid().get_version_num(), 4, "{contact}");
        }
        // What Mallory said of herself is not what Ana said.
        let me = ana.me().await.unwrap();
        assert_eq!((me.contact.name.as_deref(), me.contact.email.as_deref(), me.sessions.len()), (Some("Ana"), Some("ana@example.com"), 1));
        // The team sees one contact with both chats.
        let admin = server.admin().await;
        let both = [admin.session(hers.session.id).await.unwrap(), admin.session(started.session.id).await.unwrap()];
        assert_eq!(both[0].contact.id, both[1].contact.id);
    }

    /// A start that was not answered is made again under the same id: the same chat, and a token that works.
    async fn a_start_can_be_made_again(engine: Engine) {
        let server = TestServer::start(engine).await;
        let id = Uuid::now_v7();
        let body = json!({ "id": id, "name": "Ana", "phone": PHONE, "message": "hello" });
        let (one, first) = start(&server, body.clone()).await;
        let (two, again) = start(&server, body.clone()).await;
        assert_eq!((first.session.id, first.contact.id), (again.session.id, again.contact.id));
        assert_ne!(first.token, again.token, "the first token is known as a hash only");
        assert_eq!(first.entries, again.entries);
        for caller in [&one, &two] {
            assert_eq!(caller.me().await.unwrap().sessions.len(), 1);
            caller.say(first.session.id, "I am here").await.unwrap();
        }
        // Otherwise written is the same, another person is not.
        let same = json!({ "id": id, "name": " Ana ", "phone": "0044 7700 900118", "message": "hello" });
        assert_eq!(start(&server, same).await.1.session.id, first.session.id);
        for other in [
            json!({ "id": id, "name": "Ana", "phone": "+447700900119", "message": "hello" }),
            json!({ "id": id, "name": "Mallory", "phone": PHONE, "message": "hello" }),
            json!({ "id": id, "name": "Ana", "phone": PHONE, "email": "ana@example.com", "message": "hello" }),
        ] {
            let failure = try_start(&server, other.clone()).await.unwrap_err();
            assert_eq!(failure.code(), Some(ErrorCode::Forbidden), "{other}");
        }
        // On another site the id is another start's.
        let admin = server.admin().await;
        admin.request("POST", "/sites").json(&json!({ "key": "other" })).done().await.unwrap();
        let there: StartedSession = server.client().request("POST", "/api/v1/sites/other/sessions").json(&body).read().await.unwrap();
        assert_ne!(there.session.id, first.session.id);
        // At the same time, too, it is one chat.
        let body = json!({ "id": Uuid::now_v7(), "name": "Ben", "phone": "+447700900120" });
        let all = (0..8).map(|_| {
            let request = server.client().request("POST", "/api/v1/sites/demo/sessions").json(&body);
            tokio::spawn(async move { request.read::<StartedSession>().await.unwrap().session.id })
        }).collect::<Vec<_>>();
        let mut ids = std::collections::HashSet::new();
        for one in all {
            ids.insert(one.await.unwrap());
        }
        assert_eq!(ids.len(), 1);
    }

    /// Making a verified start again needs the proof again: the id alone, with what the form said, is not enough.
    async fn a_verified_start_is_made_again_by_its_person_only(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let secret = site(&admin, "demo").await["identity_secrets"][0].as_str().unwrap().to_owned();
        let (plain, verified) = (Uuid::now_v7(), Uuid::now_v7());
        let body = |id: Uuid, identity: Option<(&str, bool)>| json!({
            "id": id, "name": "Ana", "phone": PHONE,
            "identity": identity.map(|(who, proven)| json!({ "external_id": who, "hash": proven.then(|| hash(&secret, who)) })),
        });
        let (_, first) = start(&server, body(verified, Some(("user-1", true)))).await;
        let (_, again) = start(&server, body(verified, Some(("user-1", true)))).await;
        assert_eq!((first.session.id, again.contact.verified), (again.session.id, true));
        for other in [None, Some(("user-1", false)), Some(("user-2", true))] {
            let failure = try_start(&server, body(verified, other)).await.unwrap_err();
            assert_eq!(failure.code(), Some(ErrorCode::Forbidden), "{other:?}");
        }
        start(&server, body(plain, None)).await;
        let failure = try_start(&server, body(plain, Some(("user-1", true)))).await.unwrap_err();
        assert_eq!(failure.code(), Some(ErrorCode::Forbidden));
    }
}

/// Only admins see what signs identities.
#[tokio::test]
async fn secrets_are_the_admins() {
    let server = TestServer::start(crate::support::Engine::Sqlite).await;
    let admin = server.admin().await;
    let secret = site(&admin, "demo").await["identity_secrets"][0].as_str().unwrap().to_owned();
    let supervisor = server.member("supervisor", "s@example.com", "Susan").await;
    let theirs = site(&supervisor, "demo").await;
    assert!(theirs["name"].is_string() && theirs.get("identity_secrets").is_none(), "{theirs}");
    let public = server.client().request("GET", "/api/v1/sites/demo").send().await.unwrap().text();
    assert!(!public.contains(&secret));
    assert!(!server.said().contains(&secret));
}
