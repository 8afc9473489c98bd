//! One action on many sessions.

use std::time::Duration;

use futures_util::future::join_all;
use loadtest::client::{AgentClient, Answer};
use protocol::{
    ErrorCode, Event, Priority, Sender, SessionId, Status,
    rest::{Bulk, BulkState},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::{TestServer, cluster::Cluster, on_both_stores};

const SOON: Duration = Duration::from_secs(20);

async fn try_begin(agent: &AgentClient, body: Value) -> Answer {
    agent.request("POST", "/sessions/bulk").json(&body).send().await.unwrap()
}

async fn begin(agent: &AgentClient, body: Value) -> Bulk {
    let answer = try_begin(agent, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

/// How it is when it does not go on any more.
async fn ended(agent: &AgentClient, bulk: &Bulk) -> Bulk {
    let deadline = Instant::now() + SOON;
    let mut before = 0;
    loop {
        let now: Bulk = agent.request("GET", &format!("/bulk/{}", bulk.id)).read().await.unwrap();
        assert!(before <= now.done + now.failed && now.done + now.failed <= now.total, "{now:?}");
        before = now.done + now.failed;
        if now.state != BulkState::Running {
            return now;
        }
        assert!(Instant::now() < deadline, "it never ends: {now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn chats(server: &TestServer, number: usize) -> Vec<SessionId> {
    let starts = (0..number).map(|n| async move {
        server.customer(&format!("Ana {n}"), &format!("+4477009{n:05}")).await.1.session.id
    });
    join_all(starts).await
}

on_both_stores! {
    async fn it_happens_to_each_by_itself_and_is_counted(engine: Engine) {
        let server = TestServer::start_with(engine, &["--starts-per-minute=1000"]).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let all = chats(&server, 45).await;
        su.claim(all[0]).await.unwrap();
        su.set_status(all[1], Status::Closed).await.unwrap();
        let done = |bulk: &Bulk| (bulk.state, bulk.total, bulk.done, bulk.failed);

        // With Bo's rights: one is not his to see.
        let bulk = begin(&bo, json!({ "ids": all, "action": { "type": "priority", "priority": "high" } })).await;
        assert_eq!((bulk.state, bulk.total), (BulkState::Running, 45));
        let bulk = ended(&bo, &bulk).await;
        assert_eq!(done(&bulk), (BulkState::Done, 45, 44, 1));
        assert_eq!((bulk.errors.len(), bulk.errors[0].session_id, bulk.errors[0].code), (1, all[0], ErrorCode::NotFound));
        assert!(bulk.ended_at.is_some());
        let log = su.whole_log(all[7]).await.unwrap();
        let last = log.last().unwrap();
        assert!(matches!(last.event, Some(Event::PriorityChanged { to: Priority::High, .. })));
        assert!(matches!(&last.sender, Sender::Agent { name: Some(name), .. } if name == "Bo"));
        assert_eq!(su.session(all[0]).await.unwrap().ticket.unwrap().priority, Priority::Normal);
        let answer = su.request("GET", &format!("/bulk/{}", bulk.id)).send().await.unwrap();
        assert_eq!(answer.status, 404, "it is another's");

        // Tags beside those that each has; twice the same is once.
        let tagged = json!({ "ids": [all[2], all[3], all[2]], "action": { "type": "tags", "add": [" VIP "], "remove": ["gone"] } });
        let bulk = begin(&su, tagged).await;
        assert_eq!(done(&ended(&su, &bulk).await), (BulkState::Done, 2, 2, 0));
        let found = su.sessions(&[("tag", "vip")]).await.unwrap();
        assert_eq!(found.total, 2);

        // By a filter, as lists have it.
        let bulk = begin(&su, json!({ "filter": { "tag": "vip" }, "action": { "type": "assign", "agent_id": bo.who().you.id } })).await;
        assert_eq!(done(&ended(&su, &bulk).await), (BulkState::Done, 2, 2, 0));
        assert_eq!(bo.sessions(&[("assignee", "me")]).await.unwrap().total, 2);
        let bulk = begin(&su, json!({ "filter": { "assignee": bo.who().you.id }, "action": { "type": "assign", "agent_id": null } })).await;
        assert_eq!(done(&ended(&su, &bulk).await), (BulkState::Done, 2, 2, 0));
        let bulk = begin(&su, json!({ "filter": { "tag": "nobody has it" }, "action": { "type": "assign", "agent_id": null } })).await;
        assert_eq!(done(&ended(&su, &bulk).await), (BulkState::Done, 0, 0, 0));

        // Many failures: all counted, some told.
        for status in ["closed", "open"] {
            let bulk = begin(&su, json!({ "ids": all, "action": { "type": "status", "status": status } })).await;
            let bulk = ended(&su, &bulk).await;
            match status {
                "closed" => assert_eq!(done(&bulk), (BulkState::Done, 45, 45, 0), "{bulk:?}"),
                _ => {
                    assert_eq!(done(&bulk), (BulkState::Done, 45, 0, 45));
                    assert_eq!(bulk.errors.len(), 20);
                    assert!(bulk.errors.iter().all(|error| error.code == ErrorCode::WrongStatus));
                }
            }
        }
    }

    async fn what_cannot_begin_is_refused_by_name(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let ids = |number: usize| (0..number).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
        let high = json!({ "type": "priority", "priority": "high" });
        for (body, field) in [
            (json!({ "action": high }), "ids"),
            (json!({ "ids": ids(1), "filter": {}, "action": high }), "ids"),
            (json!({ "ids": [], "action": high }), "ids"),
            (json!({ "ids": ids(1_001), "action": high }), "ids"),
            (json!({ "filter": { "colour": "red" }, "action": high }), "colour"),
            (json!({ "filter": { "status": "odd" }, "action": high }), "status"),
            (json!({ "ids": ids(1), "action": { "type": "tags" } }), "action.add"),
            (json!({ "ids": ids(1), "action": { "type": "tags", "add": ["a,b"] } }), "tags"),
            (json!({ "ids": ids(1), "action": { "type": "assign", "agent_id": Uuid::now_v7() } }), "agent_id"),
        ] {
            let answer = try_begin(&su, body.clone()).await;
            let problem = answer.problem().unwrap_or_else(|| panic!("{body}: {}", answer.text()));
            assert_eq!((answer.status, problem.errors[0].field.as_str()), (422, field), "{body}");
        }
        // Two at a time; the others wait.
        let many = (0..4).map(|_| try_begin(&su, json!({ "ids": ids(1_000), "action": high })));
        let answers = join_all(many).await;
        let begun: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(begun.len(), 2);
        let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
        assert_eq!(refused.problem().unwrap().code, ErrorCode::RateLimited);
        assert!(refused.header("retry-after").is_some());
        for answer in begun {
            let bulk: Bulk = serde_json::from_str(&answer.text()).unwrap();
            let bulk = ended(&su, &bulk).await;
            assert_eq!((bulk.state, bulk.done, bulk.failed), (BulkState::Done, 0, 1_000));
        }
        assert_eq!(try_begin(&su, json!({ "ids": ids(1), "action": high })).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_tells_how_far_it_is_and_that_it_stopped() {
    let mut cluster = Cluster::start(1).await;
    let agents = [cluster.admin(0).await, cluster.admin(1).await];
    let ids: Vec<_> = (0..1_000).map(|_| Uuid::now_v7()).collect();
    let body = json!({ "ids": ids, "action": { "type": "priority", "priority": "high" } });
    let bulk = begin(&agents[0], body).await;
    cluster.nodes[0].terminate().await;
    // Long before a job that is not heard of is taken for lost.
    let stopped = ended(&agents[1], &bulk).await;
    assert_eq!(stopped.state == BulkState::Done, stopped.failed == 1_000, "{stopped:?}");
    assert!(stopped.ended_at.is_some(), "it said so itself");
    assert_eq!(cluster.nodes[0].ended().await, Some(0));
}
