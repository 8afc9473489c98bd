//! Finding sessions: what is found, by whom, and what is not any more.

use std::time::Duration;

use loadtest::client::{AgentClient, Caller};
use protocol::{
    ErrorCode, Seq, SessionId,
    rest::{MatchField, SessionsPage},
};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{TestServer, cluster::Cluster, on_both_stores};

/// How long it may take until what was said is found.
const SOON: Duration = Duration::from_secs(20);

async fn page(agent: &AgentClient, query: &[(&str, &str)]) -> SessionsPage {
    let request = agent.request("GET", "/sessions");
    query.iter().fold(request, |request, (name, value)| request.query(name, *value)).read().await.unwrap()
}

async fn found(agent: &AgentClient, text: &str) -> Vec<SessionId> {
    page(agent, &[("q", text)]).await.items.into_iter().map(|item| item.session.id).collect()
}

/// Waits until these are what is found.
async fn finds(agent: &AgentClient, text: &str, expected: &[SessionId]) {
    let deadline = Instant::now() + SOON;
    let sorted = |mut ids: Vec<SessionId>| {
        ids.sort();
        ids
    };
    let expected = sorted(expected.to_vec());
    loop {
        let found = sorted(found(agent, text).await);
        if found == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{text:?} finds {found:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn say(who: &Caller, session: SessionId, body: &str) -> protocol::EntryId {
    who.say(session, body).await.unwrap().id
}

on_both_stores! {
    async fn what_is_said_noted_and_known_is_found(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, first) = server.customer("Nguyễn Thị Ánh", "+84912345678").await;
        let first = first.session.id;
        let (bea, second) = server.customer("Beatrice", "+447700900118").await;
        let second = second.session.id;
        say(&ana, first, "Where is my parcel, please?").await;
        say(&bea, second, "The raincoat is too small").await;
        admin.note(second, "offered a parcel stamp").await.unwrap();
        let patch = json!({ "subject": "Returns", "tags": ["vip"], "category": "Clothes" });
        admin.on_session("PATCH", second, "").json(&patch).done().await.unwrap();
        finds(&admin, "parcel", &[first, second]).await;
        finds(&admin, "vip", &[second]).await;
        for (text, expected) in [
            ("where parc", vec![first]),
            ("\"my parcel\"", vec![first]),
            ("nguyn", vec![first]),
            ("anh nguyen", vec![first]),
            ("0912 345 678", vec![first]),
            ("+84 912-345-678", vec![first]),
            ("beatrize", vec![second]),
            ("returns clothes", vec![second]),
            ("#2", vec![second]),
            ("rain", vec![second]),
            ("rain parcel", vec![]),
        ] {
            assert_eq!(found(&admin, text).await, expected, "{text}");
        }
        let one = page(&admin, &[("q", "raincoat")]).await;
        assert_eq!((one.total, one.total_is_exact, one.next_cursor), (1, true, None));
        let hit = one.items[0].found.clone().unwrap();
        assert_eq!((hit.field, hit.seq), (MatchField::Entry, Some(Seq::new(2))));
        let marked: Vec<_> = hit.snippet.iter().map(|part| (part.text.as_str(), part.hit)).collect();
        assert_eq!(marked, [("The ", false), ("raincoat", true), (" is too small", false)]);
        let listed = page(&admin, &[]).await;
        assert!(listed.total_is_exact && listed.items.iter().all(|item| item.found.is_none()));

        let by_phone = page(&admin, &[("phone", "07700 900118")]).await;
        assert_eq!(by_phone.items.len(), 1);
        assert_eq!(by_phone.items[0].found.as_ref().unwrap().field, MatchField::Phone);
        admin.claim(second).await.unwrap();
        for (query, expected) in [
            (vec![("q", "parcel"), ("phone", "07700 900118")], vec![second]),
            (vec![("q", "nguyn"), ("phone", "07700 900118")], vec![]),
            (vec![("q", "parcel"), ("assignee", "me")], vec![second]),
            (vec![("q", "parcel"), ("assignee", "none")], vec![first]),
            (vec![("q", "parcel"), ("tag", "vip"), ("sort", "recent")], vec![second]),
            (vec![("q", "parcel"), ("status", "closed")], vec![]),
            (vec![("q", "parcel"), ("channel", "web"), ("from", "2020-01-01T00:00:00Z")], vec![second, first]),
            (vec![("q", "parcel"), ("to", "2020-01-01T00:00:00Z")], vec![]),
        ] {
            let mut found: Vec<_> = page(&admin, &query).await.items.into_iter().map(|item| item.session.id).collect();
            found.sort_by_key(|id| *id == first);
            assert_eq!(found, expected, "{query:?}");
        }
        let text = "x".repeat(201);
        for (query, field, limit) in [
            (vec![("q", text.as_str())], "q", "200"),
            (vec![("q", "a b c d e f g h i j k l m")], "q", "12"),
            (vec![("phone", "12")], "phone", "4"),
            (vec![("q", "a"), ("phone", "12")], "phone", "4"),
            (vec![("q", text.as_str()), ("phone", "1234")], "q", "200"),
            (vec![("q", "a"), ("sort", "waiting")], "sort", "relevance"),
            (vec![("q", "a"), ("cursor", "1.2.3")], "cursor", "next_cursor"),
            (vec![("q", "a"), ("from", "yesterday")], "from", "time"),
        ] {
            let request = admin.request("GET", "/sessions");
            let answer = query.iter().fold(request, |request, (name, value)| request.query(name, *value)).send().await.unwrap();
            let problem = answer.problem().unwrap();
            assert_eq!((answer.status, problem.errors[0].field.as_str()), (422, field));
            assert!(problem.errors[0].message.contains(limit), "{problem:?}");
        }
    }

    async fn only_what_one_may_see_is_found(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@example.com", "Bo").await;
        let cleo = server.member("agent", "cleo@example.com", "Cleo").await;
        let su = server.member("supervisor", "su@example.com", "Su").await;
        let (ana, started) = server.customer("Anastasia", "+447700900118").await;
        let session = started.session.id;
        say(&ana, session, "the secret word").await;
        bo.note(session, "a hidden remark").await.unwrap();
        finds(&admin, "hidden", &[session]).await;
        let words = ["secret", "hidden", "anastasia", "anastasja", "900118", "#1"];
        for text in words {
            for agent in [&bo, &cleo, &su] {
                assert_eq!(found(agent, text).await, [session], "{text}");
            }
        }
        bo.claim(session).await.unwrap();
        for text in words {
            assert_eq!(found(&cleo, text).await, [], "{text} is in Bo's chat");
            for agent in [&bo, &su, &admin] {
                assert_eq!(found(agent, text).await, [session], "{text}");
            }
        }
        let refused = ana.request("GET", "/sessions").query("q", "secret").send().await.unwrap();
        assert_eq!(refused.problem().unwrap().code, ErrorCode::Forbidden);
    }

    async fn what_was_edited_or_deleted_is_gone_at_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900118").await;
        let session = started.session.id;
        let entry = say(&ana, session, "my card is 4111").await;
        finds(&admin, "card", &[session]).await;
        let edit = json!({ "body": "never mind" });
        ana.on_session("PATCH", session, &format!("/entries/{entry}")).json(&edit).done().await.unwrap();
        assert_eq!(found(&admin, "card").await, []);
        finds(&admin, "never", &[session]).await;
        assert_eq!(found(&admin, "card").await, []);
        ana.on_session("DELETE", session, &format!("/entries/{entry}")).done().await.unwrap();
        assert_eq!(found(&admin, "never").await, []);
        say(&ana, session, "goodbye").await;
        finds(&admin, "goodbye", &[session]).await;
        assert_eq!((found(&admin, "never").await, found(&admin, "card").await), (vec![], vec![]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_takes_the_other_finds() {
    let cluster = Cluster::start(1).await;
    let admins = [cluster.admin(0).await, cluster.admin(1).await];
    let mut sessions = Vec::new();
    for (n, node) in cluster.nodes.iter().enumerate() {
        let (ana, started) = node.customer("Ana", &format!("+44770090011{n}")).await;
        say(&ana, started.session.id, "from either side").await;
        sessions.push(started.session.id);
    }
    for admin in &admins {
        finds(admin, "either", &sessions).await;
    }
}
