//! What Hubbub does by itself, and what an agent does in one step: rules and macros.

use loadtest::client::{AgentClient, Answer, Caller};
use protocol::{
    AgentId, Entry, EntryKind, ErrorCode, Event, Priority, Sender, Seq, SessionId, Status,
    rest::{Macro, MacroRun, Page, Rule, RuleTrial, StartedSession},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

pub(crate) async fn post(agent: &AgentClient, path: &str, body: Value) -> Answer {
    agent.request("POST", path).json(&body).send().await.unwrap()
}

pub(crate) async fn rule(agent: &AgentClient, body: Value) -> Rule {
    let answer = post(agent, "/rules", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

pub(crate) async fn new_macro(agent: &AgentClient, body: Value) -> Macro {
    let answer = post(agent, "/macros", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

pub(crate) async fn refused(answer: Answer, field: &str) {
    assert_eq!(answer.status, 422, "{field}: {}", answer.text());
    let problem = answer.problem().unwrap();
    assert_eq!(problem.code, ErrorCode::Invalid);
    assert!(problem.errors.iter().any(|error| error.field == field), "{field}: {problem:?}");
}

pub(crate) async fn begins(server: &TestServer, phone: &str, message: &str) -> (Caller, StartedSession) {
    let said = json!({ "name": "Ana Lima", "phone": phone, "message": message, "locale": "pt-BR",
        "page": { "url": "https://shop.example/checkout?card=secret", "title": "Pay" } });
    server.client().start("demo", serde_json::from_value(said).unwrap()).await.unwrap()
}

fn events(log: &[Entry]) -> Vec<&Event> {
    log.iter().filter_map(|entry| entry.event.as_ref()).collect()
}

/// Which rules acted, and because of which entry.
pub(crate) fn automated(log: &[Entry]) -> Vec<(String, Seq)> {
    let of = |entry: &Entry| match &entry.event {
        Some(Event::Automated { rule, because, .. }) => Some((rule.name.clone(), *because)),
        _ => None,
    };
    log.iter().filter_map(of).collect()
}

pub(crate) async fn run(agent: &AgentClient, session: SessionId, id: &Macro, key: Uuid) -> Answer {
    post(agent, &format!("/sessions/{session}/macros/{}", id.id), json!({ "id": key })).await
}

on_both_stores! {
    /// What set it off and what it did are one: who reads the log after the ack finds both.
    async fn a_rule_tags_and_assigns_what_it_fits(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let bo_id = bo.who().you.id;
        let made = rule(&admin, json!({
            "name": "Broken things",
            "on": ["started", "customer_message"],
            "all": [
                { "field": "message", "test": "contains", "values": ["broken", "kaputt"] },
                { "field": "page", "test": "contains", "values": ["/checkout"] },
                { "field": "language", "test": "is", "values": ["pt"] },
            ],
            "actions": [
                { "type": "tags", "add": [" damage "] },
                { "type": "priority", "priority": "urgent" },
                { "type": "assign", "agent_id": bo_id },
                { "type": "message", "body": "Sorry to hear that!" },
                { "type": "note", "body": "Ask for a picture." },
            ],
        })).await;
        assert!(made.enabled && made.does.any.is_empty(), "{made:?}");

        let (_, other) = begins(&server, "+447700900701", "Is it blue?").await;
        let log = admin.whole_log(other.session.id).await.unwrap();
        assert_eq!(automated(&log), [], "{log:?}");

        let (ana, begun) = begins(&server, "+447700900702", "It came BROKEN").await;
        let id = begun.session.id;
        let log = admin.whole_log(id).await.unwrap();
        let said = log.iter().find(|entry| entry.kind == EntryKind::Message).unwrap().seq;
        assert_eq!(automated(&log), [("Broken things".to_owned(), said)]);
        let now = admin.session(id).await.unwrap();
        let ticket = now.ticket.clone().unwrap();
        assert_eq!((ticket.tags.as_slice(), ticket.priority), (&["damage".to_owned()][..], Priority::Urgent));
        assert_eq!(ticket.work.page.as_deref(), Some("https://shop.example/checkout"), "nothing secret");
        assert_eq!(now.assignee.unwrap().name, "Bo");
        assert!(now.waiting_since.is_some(), "Hubbub's own words answer nobody");

        // The customer is told what is theirs, and nothing of rules.
        let hers = ana.entries(id, Seq::ZERO, 50).await.unwrap();
        let told: Vec<_> = hers.iter().filter(|entry| entry.kind == EntryKind::Message).collect();
        assert_eq!(told.last().unwrap().body, "Sorry to hear that!");
        assert!(matches!(told.last().unwrap().sender, Sender::System));
        let answer = ana.request("GET", &format!("/sessions/{id}/entries")).send().await.unwrap();
        let started = serde_json::to_string(&begun).unwrap();
        for text in [answer.text(), started] {
            for hidden in ["Broken things", "automated", "damage", "Ask for a picture", "checkout"] {
                assert!(!text.contains(hidden), "{hidden} in {text}");
            }
        }

        // Later, by a message; the same again changes nothing but that it is said again.
        ana.say(id, "Still broken").await.unwrap();
        let log = admin.whole_log(id).await.unwrap();
        assert_eq!(automated(&log).len(), 2);
        assert_eq!(events(&log).iter().filter(|event| matches!(event, Event::Tagged { .. })).count(), 1);

        // Out of force, it does nothing; away, too.
        let off: Rule = admin.request("PATCH", &format!("/rules/{}", made.id))
            .json(&json!({ "enabled": false })).read().await.unwrap();
        assert!(!off.enabled && off.does == made.does);
        ana.say(id, "broken broken").await.unwrap();
        assert_eq!(automated(&admin.whole_log(id).await.unwrap()).len(), 2);
        let gone = admin.request("DELETE", &format!("/rules/{}", made.id)).send().await.unwrap();
        assert_eq!(gone.status, 204);
        assert_eq!(admin.request("GET", &format!("/rules/{}", made.id)).send().await.unwrap().status, 404);
    }

    async fn rules_are_asked_in_their_order_and_stop_in_a_circle(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let to = |tag: &str, from: &str| json!({
            "name": format!("To {tag}"), "on": ["tagged"],
            "all": [{ "field": "tag", "test": "is", "values": [from] }],
            "actions": [{ "type": "tags", "add": [tag], "remove": [from] }],
        });
        let first = rule(&admin, to("b", "a")).await;
        let second = rule(&admin, to("a", "b")).await;
        let (_, begun) = begins(&server, "+447700900703", "Hello").await;
        let id = begun.session.id;
        let tag = async |tags: &[&str]| {
            let path = format!("/sessions/{id}");
            admin.request("PATCH", &path).json(&json!({ "tags": tags })).done().await.unwrap();
            admin.session(id).await.unwrap().ticket.unwrap().tags
        };
        assert_eq!(tag(&["a"]).await, ["a"], "to b, and back by the second");
        assert_eq!(automated(&admin.whole_log(id).await.unwrap()).len(), 2);
        let order = json!({ "rules": [second.id, first.id] });
        let page: Page<Rule> = admin.request("PUT", "/rules/order").json(&order).read().await.unwrap();
        assert_eq!(page.items.iter().map(|rule| rule.id).collect::<Vec<_>>(), [second.id, first.id]);
        for n in 0..30 {
            tag(if n % 2 == 0 { &[] } else { &["a"] }).await;
        }
        let runs = automated(&admin.whole_log(id).await.unwrap()).len();
        assert!(runs <= 2 * 20, "{runs} runs within the hour");
        let wrong = admin.request("PUT", "/rules/order").json(&json!({ "rules": [second.id] })).send().await.unwrap();
        refused(wrong, "rules").await;
    }

    async fn what_a_rule_names_may_go_and_it_says_so(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let team: Value = admin.request("POST", "/teams").json(&json!({ "name": "Returns" })).read().await.unwrap();
        let made = rule(&admin, json!({
            "name": "Give it to Bo", "on": ["started"],
            "actions": [
                { "type": "assign", "agent_id": bo.who().you.id },
                { "type": "team", "team_id": team["id"] },
                { "type": "category", "category": "Returns" },
            ],
        })).await;
        let path = format!("/agents/{}", bo.who().you.id);
        admin.request("DELETE", &path).done().await.unwrap();
        admin.request("DELETE", &format!("/teams/{}", team["id"].as_str().unwrap())).done().await.unwrap();
        // A change of the rules lets what they name be looked up again.
        let renamed = json!({ "name": "Give it to somebody" });
        admin.request("PATCH", &format!("/rules/{}", made.id)).json(&renamed).done().await.unwrap();
        let (_, begun) = begins(&server, "+447700900704", "Hello").await;
        let log = admin.whole_log(begun.session.id).await.unwrap();
        let skipped = log.iter().find_map(|entry| match &entry.event {
            Some(Event::Automated { skipped, .. }) => Some(skipped.clone()),
            _ => None,
        });
        let skipped: Vec<_> = skipped.unwrap().into_iter().map(|it| it.action).collect();
        assert_eq!(skipped, ["assign", "team"]);
        assert_eq!(admin.session(begun.session.id).await.unwrap().ticket.unwrap().category.as_deref(), Some("Returns"));
    }

    async fn a_rule_can_be_tried_without_doing_it(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (_, begun) = begins(&server, "+447700900705", "My order is late").await;
        let id = begun.session.id;
        let before = admin.whole_log(id).await.unwrap();
        let tried: RuleTrial = post(&admin, "/rules/try", json!({
            "session_id": id,
            "on": ["customer_message"],
            "all": [{ "field": "message", "test": "contains", "values": ["late"] }],
            "any": [
                { "field": "status", "test": "is", "values": ["closed"] },
                { "field": "site", "test": "is", "values": ["demo"] },
            ],
            "actions": [{ "type": "tags", "add": ["late"] }, { "type": "assign", "agent_id": null }, { "type": "status", "status": "in_progress" }],
        })).await.json().unwrap();
        assert!(tried.fits);
        assert_eq!((tried.all, tried.any), (vec![true], vec![false, true]));
        let changes: Vec<_> = tried.actions.iter().map(|it| (it.action.as_str(), it.changes)).collect();
        assert_eq!(changes, [("tags", true), ("assign", false), ("status", true)]);
        assert_eq!(admin.whole_log(id).await.unwrap(), before, "nothing was done");
    }

    async fn what_a_rule_may_not_be_is_named(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let with = |part: &str, value: Value| {
            let mut rule = json!({ "name": "R", "on": ["started"], "actions": [{ "type": "tags", "add": ["x"] }] });
            rule[part] = value;
            rule
        };
        let condition = |value: Value| with("all", json!([value]));
        let action = |value: Value| with("actions", json!([value]));
        let long = "x".repeat(9_000);
        for (body, field) in [
            (with("name", json!("  ")), "name"),
            (with("name", json!("x".repeat(61))), "name"),
            (with("on", json!([])), "on"),
            (with("actions", json!([])), "actions"),
            (with("actions", json!(vec![json!({ "type": "tags", "add": ["x"] }); 11])), "actions"),
            (with("all", json!(vec![json!({ "field": "tag", "test": "is_set" }); 21])), "all"),
            (condition(json!({ "field": "status", "test": "contains", "values": ["open"] })), "all[0].test"),
            (condition(json!({ "field": "status", "test": "is", "values": ["gone"] })), "all[0].values[0]"),
            (condition(json!({ "field": "status", "test": "is", "values": [] })), "all[0].values"),
            (condition(json!({ "field": "tag", "test": "is_set", "values": ["x"] })), "all[0].values"),
            (condition(json!({ "field": "attribute", "test": "is", "values": ["x"] })), "all[0].name"),
            (condition(json!({ "field": "rating", "test": "at_least", "values": ["6"] })), "all[0].values[0]"),
            (condition(json!({ "field": "agent", "test": "is", "values": ["Bo"] })), "all[0].values[0]"),
            (condition(json!({ "field": "name", "test": "is", "values": vec!["x"; 51] })), "all[0].values"),
            (condition(json!({ "field": "name", "test": "is", "values": ["x".repeat(201)] })), "all[0].values[0]"),
            (action(json!({ "type": "assign", "agent_id": Uuid::now_v7() })), "actions[0].agent_id"),
            (action(json!({ "type": "team", "team_id": Uuid::now_v7() })), "actions[0].team_id"),
            (action(json!({ "type": "assign_me" })), "actions[0].type"),
            (action(json!({ "type": "tags" })), "actions[0].add"),
            (action(json!({ "type": "tags", "add": ["x".repeat(41)] })), "actions[0].add[0]"),
            (action(json!({ "type": "snooze", "minutes": 0 })), "actions[0].minutes"),
            (action(json!({ "type": "message", "body": " " })), "actions[0].body"),
            (action(json!({ "type": "note", "body": long })), "actions[0].body"),
            (action(json!({ "type": "note", "body": "Hi {{contact.shoe_size}}" })), "actions[0].body"),
            (action(json!({ "type": "note", "body": "Your order {{? order number}}" })), "actions[0].body"),
            (action(json!({ "type": "skills", "skills": [{ "skill": "flying", "level": 1 }] })), "actions[0].skills[0].skill"),
        ] {
            refused(post(&admin, "/rules", body).await, field).await;
        }
        for unreadable in [action(json!({ "type": "explode" })), with("on", json!(["doomsday"])), condition(json!(["tag"]))] {
            let answer = post(&admin, "/rules", unreadable).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
        }
        rule(&admin, with("name", json!("Twice"))).await;
        let answer = post(&admin, "/rules", with("name", json!("TWICE"))).await;
        assert_eq!((answer.status, answer.problem().unwrap().code), (409, ErrorCode::Conflict));
        for n in 1..100 {
            rule(&admin, with("name", json!(format!("Rule {n}")))).await;
        }
        refused(post(&admin, "/rules", with("name", json!("One too many"))).await, "rules").await;
    }

    async fn a_macro_does_all_or_nothing_and_once(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
        let done = new_macro(&bo, json!({ "name": "Sent a new one", "actions": [
            { "type": "assign_me" },
            { "type": "message", "body": "A new one is on its way, {{contact.first_name | dear}}. {{agent.name}}, {{site.name}}" },
            { "type": "tags", "add": ["replaced"] },
            { "type": "attribute", "name": "outcome", "value": "replaced" },
            { "type": "status", "status": "resolved" },
        ] })).await;
        assert_eq!(done.owner_id, Some(AgentId::new(bo.who().you.id)));
        let (ana, begun) = begins(&server, "+447700900706", "It broke").await;
        let id = begun.session.id;
        let key = Uuid::now_v7();
        let first: MacroRun = run(&bo, id, &done, key).await.json().unwrap();
        assert!(first.seq.is_some() && !first.duplicate);
        let log = su.whole_log(id).await.unwrap();
        let at = log.iter().position(|entry| Some(entry.seq) == first.seq).unwrap();
        assert!(matches!(&log[at].event, Some(Event::MacroRan { ran }) if ran.name == "Sent a new one"));
        assert!(log[at..].iter().all(|entry| matches!(&entry.sender, Sender::Agent { name: Some(name), .. } if name == "Bo")));
        let now = su.session(id).await.unwrap();
        assert_eq!((now.status, now.assignee.unwrap().name.as_str()), (Status::Resolved, "Bo"));
        let ticket = now.ticket.unwrap();
        assert_eq!(ticket.work.attributes.get("outcome").map(String::as_str), Some("replaced"));
        let hers = ana.entries(id, Seq::ZERO, 50).await.unwrap();
        assert!(hers.iter().any(|entry| entry.body == "A new one is on its way, Ana. Bo, Tern & Tide"));

        // The same request again is the same run.
        let again: MacroRun = run(&bo, id, &done, key).await.json().unwrap();
        assert_eq!((again.seq, again.duplicate), (first.seq, true));
        assert_eq!(su.whole_log(id).await.unwrap().len(), log.len());

        // A colleague neither sees nor runs what is Bo's own.
        assert_eq!(run(&cleo, id, &done, Uuid::now_v7()).await.status, 404);
        let page: Page<Macro> = cleo.request("GET", "/macros").read().await.unwrap();
        assert_eq!(page.total, 0);

        // What is not known, and has no default, is not said.
        let unknown = new_macro(&bo, json!({ "name": "Mail", "actions": [
            { "type": "tags", "add": ["mailed"] }, { "type": "message", "body": "To {{contact.email}}" },
        ] })).await;
        let answer = run(&bo, id, &unknown, Uuid::now_v7()).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains("contact.email"), "{}", answer.text());

        // One action that cannot be done stands against all of them.
        ana.close(id).await.unwrap();
        let length = su.whole_log(id).await.unwrap().len();
        let answer = run(&bo, id, &done, Uuid::now_v7()).await;
        assert_eq!((answer.status, answer.problem().unwrap().code), (409, ErrorCode::WrongStatus));
        assert_eq!(su.whole_log(id).await.unwrap().len(), length);

        // Everybody's are made by those who lead.
        let shared = json!({ "name": "VIP", "shared": true, "actions": [{ "type": "tags", "add": ["vip"] }] });
        assert_eq!(post(&bo, "/macros", shared.clone()).await.status, 403);
        let vip = new_macro(&su, shared).await;
        assert_eq!(vip.owner_id, None);
        let (_, other) = begins(&server, "+447700900707", "Hello").await;
        let ran: MacroRun = run(&cleo, other.session.id, &vip, Uuid::now_v7()).await.json().unwrap();
        assert!(ran.seq.is_some());
        let nothing: MacroRun = run(&cleo, other.session.id, &vip, Uuid::now_v7()).await.json().unwrap();
        assert_eq!((nothing.seq, nothing.duplicate), (None, false), "it was so already");
        assert_eq!(cleo.request("DELETE", &format!("/macros/{}", vip.id)).send().await.unwrap().status, 403);
        let mine: Macro = su.request("PATCH", &format!("/macros/{}", vip.id)).json(&json!({ "shared": false })).read().await.unwrap();
        assert_eq!(mine.owner_id, Some(AgentId::new(su.who().you.id)));
        assert_eq!(run(&cleo, other.session.id, &vip, Uuid::now_v7()).await.status, 404);
    }
}
