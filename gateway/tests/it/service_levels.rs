//! Service levels, reminders and the end of a chat, as they are set and seen from outside.

use loadtest::client::AgentClient;
use protocol::{
    Channel, ErrorCode, SessionId, SessionSummary, SlaState, Status, ViewName,
    rest::{Settings, StartedSession},
};
use serde_json::{Value, json};

use crate::support::{TestServer, on_both_stores};

async fn set(admin: &AgentClient, edit: Value) -> Settings {
    admin.request("PATCH", "/settings").json(&edit).read().await.unwrap()
}

fn level(name: &str, seconds: u32) -> Value {
    json!({ "name": name, "targets": { "first_response_s": seconds, "resolution_s": 86_400 }, "warn_before_s": 30 })
}

async fn summary(agent: &AgentClient, session: SessionId) -> SessionSummary {
    agent.session(session).await.unwrap()
}

on_both_stores! {
    async fn the_team_sees_what_was_promised(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (ana, started) = server.customer("Ana", "+447700900131").await;
        let session = started.session.id;
        assert_eq!(summary(&admin, session).await.sla, None);

        let set = set(&admin, json!({ "sla": [
            { "name": " VIP ", "when": { "tags": ["vip"] }, "targets": { "first_response_s": 120 } },
            level("All", 3_600),
        ] })).await;
        assert_eq!(set.sla[0].name, "VIP");
        ana.say(session, "Hello?").await.unwrap();
        let now = summary(&admin, session).await;
        let sla = now.sla.clone().unwrap();
        assert_eq!((sla.policy.as_str(), sla.next_response), ("All", None));
        let first = sla.first_response.unwrap();
        assert_eq!(first.due_at.since(now.created_at).as_secs(), 3_600);
        assert_eq!(first.due_at.since(first.warn_at.unwrap()).as_secs(), 30);
        assert_eq!((first.met_at, first.state), (None, SlaState::Fine));

        // In lists as well; and a customer is told nothing of it.
        let mut desk = admin.websocket().connect().await.unwrap();
        let listed = desk.watch(ViewName::Waiting, None).await.unwrap();
        assert_eq!(listed.sessions[0].sla.as_ref().unwrap().policy, "All");
        let customers = ana.session(session).await.unwrap();
        assert_eq!((customers.sla, customers.ticket), (None, None));

        let tags = json!({ "tags": ["vip"] });
        let patched: SessionSummary = admin.on_session("PATCH", session, "").json(&tags).read().await.unwrap();
        assert_eq!(patched.sla.unwrap().policy, "VIP");
        admin.say(session, "Here I am").await.unwrap();
        let now = summary(&admin, session).await;
        assert_eq!(now.sla.unwrap().first_response.unwrap().met_at, now.last_message.map(|last| last.created_at));
        let raw = admin.on_session("GET", session, "").send().await.unwrap().text();
        assert!(!raw.contains("course"), "what the clock remembers is its own: {raw}");
    }
}

on_both_stores! {
    async fn every_fault_is_named_and_nothing_is_kept(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        for (edit, fields) in [
            (json!({ "sla": [level("A", 3_600), level("A", 59)] }), &["sla[1].targets.first_response_s"][..]),
            (json!({ "sla": [level("A", 3_600), level("A", 60)] }), &["sla[1].name"]),
            (json!({ "reminders": { "unassigned_after_s": 1 }, "closing": { "inactive_after_s": 1 } }),
                &["reminders.unassigned_after_s", "closing.inactive_after_s", "closing.warn_before_s"]),
            (json!({ "closing": { "text": "" } }), &["closing"]),
            (json!({ "reminders": { "unassigned_after_s": -1 } }), &["reminders.unassigned_after_s"]),
        ] {
            let answer = admin.request("PATCH", "/settings").json(&edit).send().await.unwrap();
            let problem = answer.problem().unwrap();
            assert_eq!((answer.status, problem.code), (422, ErrorCode::Invalid), "{edit}");
            let named: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
            assert!(fields.iter().all(|field| named.iter().any(|name| name.starts_with(field))), "{edit}: {named:?}");
        }
        let kept: Settings = admin.request("GET", "/settings").read().await.unwrap();
        assert_eq!(kept, Settings::default());
    }
}

on_both_stores! {
    async fn a_program_can_start_a_chat_that_a_word_ends(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let start = |channel: &str| {
            let body = json!({ "name": "Ana", "phone": "+447700900132", "channel": channel, "message": "Hello" });
            server.client().request("POST", "/api/v1/sites/demo/sessions").json(&body)
        };
        for channel in ["whatsapp", "email", "pigeon"] {
            let problem = start(channel).send().await.unwrap().problem().unwrap();
            assert_eq!((problem.code, problem.errors[0].field.as_str()), (ErrorCode::Invalid, "channel"), "{channel}");
        }
        let started: StartedSession = start("api").read().await.unwrap();
        assert_eq!(started.session.channel, Channel::Api);
        set(&admin, json!({ "closing": { "commands": ["Stop it"], "closing_text": "Bye" } })).await;
        let ana = server.client().bearer(&started.token);
        ana.say(started.session.id, "done").await.unwrap();
        assert_eq!(summary(&admin, started.session.id).await.status, Status::Open, "another word counts now");
        ana.say(started.session.id, "stop IT.").await.unwrap();
        let over = summary(&admin, started.session.id).await;
        assert_eq!((over.status, over.last_message.unwrap().preview.as_str()), (Status::Closed, "Bye"));
        let said = ana.whole_log(started.session.id).await.unwrap();
        assert!(said.iter().any(|entry| entry.body == "stop IT."), "it is kept as well");
    }
}
