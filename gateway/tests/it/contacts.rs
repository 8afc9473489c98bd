//! Contacts as the team keeps them, seen from outside: who may see whom, what a merge opens (nothing), what a block ends.

use std::time::Duration;

use loadtest::client::{AgentClient, Answer, Caller};
use protocol::{
    CloseCode, ContactId, EntryKind, ErrorCode, Event, ServerFrame, SessionId, ViewName,
    rest::{Contact, Page, SessionContext, StartedSession},
};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    identity::verified,
    support::{TestServer, on_both_stores},
};

const PATIENCE: Duration = Duration::from_secs(20);

async fn ask(agent: &AgentClient, method: &str, contact: ContactId, rest: &str, body: Value) -> Answer {
    let request = agent.request(method, &format!("/contacts/{contact}{rest}"));
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}

async fn done(agent: &AgentClient, method: &str, contact: ContactId, rest: &str, body: Value) -> Contact {
    let answer = ask(agent, method, contact, rest, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

async fn context(agent: &AgentClient, session: SessionId) -> SessionContext {
    agent.on_session("GET", session, "/context").read().await.unwrap()
}

async fn listed(agent: &AgentClient, query: &[(&str, &str)]) -> Page<Contact> {
    let request = agent.request("GET", "/contacts");
    query.iter().fold(request, |request, (name, value)| request.query(name, value)).read().await.unwrap()
}

/// The names of all of them, in this order, a page of one at a time.
async fn everybody(agent: &AgentClient, sort: &str) -> Vec<String> {
    let mut page = listed(agent, &[("sort", sort), ("limit", "1")]).await;
    let mut names = Vec::new();
    for _ in 0..page.total {
        names.extend(page.items.into_iter().filter_map(|one| one.name));
        let Some(cursor) = page.next_cursor else { break };
        page = listed(agent, &[("sort", sort), ("limit", "1"), ("cursor", &cursor)]).await;
    }
    names
}

fn refused(answer: &Answer) -> ErrorCode {
    answer.problem().unwrap_or_else(|| panic!("{}", answer.text())).code
}

fn field(answer: &Answer) -> String {
    answer.problem().unwrap_or_else(|| panic!("{}", answer.text())).errors[0].field.clone()
}

async fn try_start(server: &TestServer, body: Value) -> Answer {
    server.client().request("POST", "/api/v1/sites/demo/sessions").json(&body).send().await.unwrap()
}

async fn try_say(customer: &Caller, session: SessionId) -> Answer {
    let send = json!({ "id": Uuid::now_v7(), "body": "hello?" });
    customer.on_session("POST", session, "/messages").json(&send).send().await.unwrap()
}

/// Asks until it is allowed; the clock of the server decides when.
async fn until_said(customer: &Caller, session: SessionId) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = try_say(customer, session).await;
        if answer.status == 201 {
            return;
        }
        assert!(answer.status == 403 && Instant::now() < deadline, "{}", answer.text());
        tokio::task::yield_now().await;
    }
}

on_both_stores! {
    async fn who_answers_reads_whom_they_talk_to(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let plan = json!({ "of": "contact", "key": "plan", "label": "Plan", "kind": "list", "choices": ["gold", "tin"] });
        admin.request("POST", "/attributes").json(&plan).done().await.unwrap();

        let (ana, first) = server.customer("Ana", "+447700900118").await;
        admin.claim(first.session.id).await.unwrap();
        admin.caller().say(first.session.id, "Hello Ana").await.unwrap();
        admin.set_status(first.session.id, protocol::Status::Resolved).await.unwrap();
        ana.rate(first.session.id, 4, Some("quick")).await.unwrap();
        let (_, open) = server.customer("Ana", "+447700900118").await;
        let start = json!({
            "name": "Ana Pérez", "phone": "+44 7700 900118", "email": "ana@shop.example", "message": "hello",
            "identity": { "external_id": "user-7", "attributes": { "plan": "gold", "orders": "12" }, "account_status": "overdue" },
        });
        let answer = try_start(&server, start).await;
        let last: StartedSession = answer.json().unwrap();
        let id = last.session.id;
        let found = context(&admin, id).await;
        let contact = found.contact.unwrap();
        assert_eq!((contact.name.as_deref(), contact.phone.as_deref(), contact.email.as_deref()), (Some("Ana Pérez"), Some("+447700900118"), Some("ana@shop.example")));
        assert!(!contact.verified && contact.attributes.is_empty() && contact.account_status.is_none(), "what a page says is said by a page");
        assert_eq!((found.claimed_external_id.as_deref(), found.claimed_account_status.as_deref()), (Some("user-7"), Some("overdue")));
        assert_eq!((found.claimed_attributes["plan"].as_str(), found.claimed_attributes["orders"].as_str()), ("gold", "12"));
        let history = found.history;
        assert_eq!((history.sessions, history.hidden), (2, 0));
        assert_eq!((history.open[0].id, history.open.len(), history.earlier[0].id), (open.session.id, 1, first.session.id));
        assert_eq!((history.ratings[0].score, history.ratings[0].comment.as_deref(), history.ratings[0].session_id), (4, Some("quick"), first.session.id));
        assert!(history.first_seen_at < history.last_seen_at);

        // What Bo may not see is counted, not shown.
        let his = context(&bo, id).await.history;
        assert_eq!((his.sessions, his.hidden, his.open.len(), his.earlier.len(), his.ratings.len()), (2, 1, 1, 0, 0));

        // What the team says is known.
        let edit = json!({ "version": contact.version, "account_status": "active", "attributes": { "plan": "tin" } });
        let now = done(&bo, "PATCH", contact.id, "", edit).await;
        assert_eq!((now.account_status.as_deref(), now.attributes["plan"].as_str(), now.version), (Some("active"), "tin", contact.version + 1));
        assert_eq!(context(&admin, id).await.contact.unwrap().attributes["plan"], "tin");
        let list: Page<Value> = admin.request("GET", "/attributes").read().await.unwrap();
        let definition = list.items[0]["id"].as_str().unwrap().to_owned();
        admin.request("DELETE", &format!("/attributes/{definition}")).done().await.unwrap();
        assert!(context(&admin, id).await.contact.unwrap().attributes.is_empty(), "hidden");
        admin.request("POST", "/attributes").json(&plan).done().await.unwrap();
        assert_eq!(context(&admin, id).await.contact.unwrap().attributes["plan"], "tin", "and there again");

        for (identity, wrong) in [
            (json!({ "external_id": "7", "account_status": "x".repeat(61) }), "identity.account_status"),
            (json!({ "external_id": "7", "attributes": { "plan": "x".repeat(501) } }), "identity.attributes.plan"),
            (json!({ "external_id": "7", "attributes": (0..21).map(|n| (n.to_string(), "x")).collect::<std::collections::BTreeMap<_, _>>() }), "identity.attributes"),
        ] {
            let answer = try_start(&server, json!({ "name": "A", "phone": "+447700900119", "identity": identity })).await;
            assert_eq!((answer.status, field(&answer).as_str()), (422, wrong));
        }
    }

    async fn a_merge_opens_nothing_to_customers(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (known, vouched) = verified(&server, &admin, "user-1").await;
        let (stranger, claimed) = server.customer("Ann", "+447700900200").await;
        let (hers, theirs) = (vouched.session.id, claimed.session.id);
        known.say(hers, "a verified secret").await.unwrap();
        stranger.say(theirs, "a stranger's secret").await.unwrap();
        let mut desk = admin.websocket().follow(theirs, None, None).connect().await.unwrap();
        desk.opened(theirs).await.unwrap();
        let mut list = admin.websocket().connect().await.unwrap();
        list.watch(ViewName::All, None).await.unwrap();

        let upside_down = ask(&admin, "POST", vouched.contact.id, "/merge", json!({ "into": claimed.contact.id })).await;
        assert_eq!(refused(&upside_down), ErrorCode::NotMergeable);
        let one = done(&admin, "POST", claimed.contact.id, "/merge", json!({ "into": vouched.contact.id })).await;
        assert_eq!((one.id, one.merged[0].id, one.verified), (vouched.contact.id, claimed.contact.id, true));
        let told = desk.entry(theirs, |entry| matches!(entry.event, Some(Event::ContactChanged { .. }))).await.unwrap();
        let Some(Event::ContactChanged { from, to, undone, .. }) = told.event else { panic!("{told:?}") };
        assert_eq!((from, to, undone), (claimed.contact.id, vouched.contact.id, false));
        list.expect(|frame| match frame {
            ServerFrame::Session { session, .. } if session.id == theirs && session.contact.id == vouched.contact.id => Some(()),
            _ => None,
        }).await.unwrap();
        let summary = admin.session(theirs).await.unwrap();
        assert!(!summary.contact.verified, "nobody vouched for who began this chat");

        // Each sees what they saw before, by every way.
        for (who, own, others, id) in [(&known, hers, theirs, vouched.contact.id), (&stranger, theirs, hers, claimed.contact.id)] {
            assert_eq!(who.session(others).await.unwrap_err().status(), Some(404));
            assert_eq!(who.me().await.unwrap().sessions.len(), 1);
            assert_eq!(who.session(own).await.unwrap().contact.id, id, "and is told of no other contact");
            assert_eq!(try_say(who, others).await.status, 404);
            let mut socket = who.websocket().connect().await.unwrap();
            assert_eq!(socket.welcome().unwrap().sessions.len(), 1);
            let frame = socket.open(protocol::Follow { id: others, after: None, epoch: None, unseen: false }).await;
            assert!(frame.is_err(), "{frame:?}");
            let log = who.whole_log(own).await.unwrap();
            assert!(!format!("{log:?}").contains("ContactChanged"), "{log:?}");
        }
        // Nor does it when the team lets the chats go on as one.
        admin.on_session("POST", theirs, "/merge").json(&json!({ "into": hers })).done().await.unwrap();
        assert_eq!(stranger.session(hers).await.unwrap_err().status(), Some(404));
        let went = stranger.say(theirs, "still here?").await.unwrap().session;
        assert!(went != hers && went != theirs, "a chat of their own");
        assert_eq!(admin.session(went).await.unwrap().contact.id, vouched.contact.id);
        assert_eq!(known.me().await.unwrap().sessions.len(), 1);
        assert!(!format!("{:?}", known.whole_log(hers).await.unwrap()).contains("still here?"));

        let parted = done(&admin, "POST", claimed.contact.id, "/unmerge", Value::Null).await;
        assert_eq!((parted.id, parted.merged_into), (claimed.contact.id, None));
        for (session, contact) in [(hers, vouched.contact.id), (theirs, claimed.contact.id), (went, claimed.contact.id)] {
            assert_eq!(admin.session(session).await.unwrap().contact.id, contact);
        }
        let told = async |session| admin.whole_log(session).await.unwrap().into_iter()
            .filter(|entry| matches!(entry.event, Some(Event::ContactChanged { undone: true, .. }))).count();
        assert_eq!((told(went).await, told(theirs).await), (1, 0), "what is closed stays as it is");
        let kinds: Vec<_> = done(&admin, "GET", claimed.contact.id, "", Value::Null).await.log.into_iter()
            .map(|event| (serde_json::to_value(event.what).unwrap()["type"].as_str().unwrap().to_owned(), event.by.unwrap().name)).collect();
        let who = admin.who().you.name.clone().unwrap();
        assert_eq!(kinds, [("unmerged".to_owned(), who.clone()), ("merged".to_owned(), who)]);
    }

    async fn who_is_blocked_cannot_write_until_it_is_over(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (eve, started) = server.customer("Eve", "+447700900300").await;
        let (session, contact) = (started.session.id, started.contact.id);
        let mut desk = admin.websocket().follow(session, None, None).connect().await.unwrap();
        desk.opened(session).await.unwrap();
        let mut socket = eve.websocket().connect().await.unwrap();
        socket.opened(session).await.unwrap();
        let mut poll = eve.poll(session);
        poll.next().await.unwrap();
        let held = tokio::spawn(async move { poll.next().await });

        for (body, wrong) in [
            (json!({ "reason": " " }), "reason"),
            (json!({ "reason": "x".repeat(301) }), "reason"),
            (json!({ "reason": "spam", "until": "2020-01-01T00:00:00.000Z" }), "until"),
        ] {
            let answer = ask(&admin, "POST", contact, "/block", body).await;
            assert_eq!((answer.status, field(&answer).as_str()), (422, wrong));
        }
        let blocked = done(&admin, "POST", contact, "/block", json!({ "reason": "she swears" })).await.blocked.unwrap();
        assert_eq!((blocked.reason.as_str(), blocked.until, blocked.by.unwrap().id), ("she swears", None, protocol::AgentId::new(admin.who().you.id)));
        let closed = socket.closed().await.unwrap();
        assert_eq!((closed.code, closed.bye.unwrap().reason.as_str()), (Some(CloseCode::Blocked.code()), "blocked"));
        if let Err(failure) = held.await.unwrap() {
            assert_eq!(failure.code(), Some(ErrorCode::Blocked));
        }
        let told = desk.entry(session, |entry| matches!(entry.event, Some(Event::ContactBlocked { .. }))).await.unwrap();
        let Some(Event::ContactBlocked { reason, until: None }) = told.event else { panic!("{told:?}") };
        assert_eq!(reason, "she swears");
        let summary = admin.session(session).await.unwrap();
        assert!(summary.contact.blocked_until.is_some());

        // Whatever she tries; and she is told no more than that it is not available.
        let answers = [
            try_say(&eve, session).await,
            eve.on_session("POST", session, "/typing").json(&json!({ "on": true })).send().await.unwrap(),
            eve.on_session("POST", session, "/page").json(&json!({ "url": "https://shop.example/" })).send().await.unwrap(),
            eve.on_session("POST", session, "/close").send().await.unwrap(),
            eve.on_session("GET", session, "/events").query("wait", "0").send().await.unwrap(),
            try_start(&server, json!({ "name": "Nobody", "phone": "0044 7700 900300" })).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, refused(&answer)), (403, ErrorCode::Blocked));
            assert!(!answer.text().contains("swears"), "{}", answer.text());
        }
        let mut again = eve.websocket().upgrade().await.unwrap();
        again.send_text(json!({ "type": "hello", "token": started.token }).to_string()).await.unwrap();
        assert_eq!(again.closed().await.unwrap().code, Some(CloseCode::Blocked.code()));
        let log = format!("{:?}", eve.whole_log(session).await.unwrap());
        assert!(!log.contains("swears") && !log.contains("Blocked"), "what was said she may still read: {log}");
        assert!(eve.me().await.unwrap().contact.blocked_until.is_none());
        assert_eq!(try_start(&server, json!({ "name": "Bob", "phone": "+447700900301" })).await.status, 201);
        assert_eq!(listed(&admin, &[("blocked", "true")]).await.items[0].id, contact);

        // Lifted; and once more, for a moment.
        assert!(done(&admin, "POST", contact, "/unblock", Value::Null).await.blocked.is_none());
        until_said(&eve, session).await;
        let soon = admin.session(session).await.unwrap().updated_at.plus(Duration::from_secs(2));
        done(&admin, "POST", contact, "/block", json!({ "reason": "again", "until": soon })).await;
        assert_eq!(refused(&try_say(&eve, session).await), ErrorCode::Blocked);
        until_said(&eve, session).await;
        assert!(done(&admin, "GET", contact, "", Value::Null).await.blocked.is_none(), "it ended by itself");
    }

    async fn a_new_message_of_one_who_was_blocked_begins_no_new_chat(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let (eve, started) = server.customer("Eve", "+447700900302").await;
        eve.close(started.session.id).await.unwrap();
        done(&admin, "POST", started.contact.id, "/block", json!({ "reason": "spam" })).await;
        assert_eq!(refused(&try_say(&eve, started.session.id).await), ErrorCode::Blocked);
        assert_eq!(admin.session(started.session.id).await.unwrap().next_session_id, None);
        let (known, vouched) = verified(&server, &admin, "user-9").await;
        done(&admin, "POST", vouched.contact.id, "/block", json!({ "reason": "spam" })).await;
        assert_eq!(refused(&try_say(&known, vouched.session.id).await), ErrorCode::Blocked);
        let stranger = json!({ "name": "Eve", "phone": vouched.contact.phone });
        assert_eq!(refused(&try_start(&server, stranger).await), ErrorCode::Blocked, "by the number of somebody known");
    }

    async fn contacts_are_made_found_changed_and_deleted(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let make = async |who: &AgentClient, body: Value| who.request("POST", "/contacts").json(&body).send().await.unwrap();
        let answer = make(&bo, json!({ "site": "demo", "name": "Zoë Ångström", "phone": "+44 7700 900 400", "email": "Zoe@Shop.example" })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let zoe: Contact = answer.json().unwrap();
        assert_eq!((zoe.phone.as_deref(), zoe.email.as_deref(), zoe.verified), (Some("+447700900400"), Some("zoe@shop.example"), false));
        assert_eq!(refused(&make(&bo, json!({ "site": "demo", "phone": "+447700900400" })).await), ErrorCode::Conflict);
        for (body, wrong) in [
            (json!({ "site": "nowhere", "name": "A" }), "site"),
            (json!({ "site": "demo" }), "name"),
            (json!({ "site": "demo", "name": "A", "phone": "12" }), "phone"),
            (json!({ "site": "demo", "name": "A", "email": "nonsense" }), "email"),
            (json!({ "site": "demo", "name": "A", "attributes": { "plan": "gold" } }), "attributes.plan"),
            (json!({ "site": "demo", "name": "A", "account_status": "x".repeat(61) }), "account_status"),
        ] {
            let answer = make(&bo, body).await;
            assert_eq!((answer.status, field(&answer).as_str()), (422, wrong));
        }
        // Whoever chats under the number is her.
        let (_, hers) = server.customer("Zoe", "+447700900400").await;
        assert_eq!(hers.contact.id, zoe.id);
        for (name, value) in [("q", "angstrom z"), ("q", "07700 900400"), ("q", "zoe@sh"), ("name", "zoe"), ("phone", "+44 7700 900400"), ("email", "ZOE@shop.example")] {
            if value.starts_with("ang") {
                continue;
            }
            let page = listed(&bo, &[(name, value)]).await;
            assert_eq!((page.total, page.items[0].id), (1, zoe.id), "{name}={value}");
        }
        assert_eq!(listed(&bo, &[("q", "angstrom")]).await.total, 0, "she said another name since");
        for (name, value) in [("q", "--"), ("phone", "12"), ("email", "x"), ("sort", "age"), ("blocked", "maybe"), ("site", "nowhere"), ("cursor", "x"), ("limit", "0"), ("nonsense", "1")] {
            let answer = bo.request("GET", "/contacts").query(name, value).send().await.unwrap();
            assert_eq!((answer.status, field(&answer).as_str()), (422, name));
        }
        let edit = json!({ "version": done(&bo, "GET", zoe.id, "", Value::Null).await.version, "name": "Zoë", "email": null });
        let now = done(&bo, "PATCH", zoe.id, "", edit.clone()).await;
        assert_eq!((now.name.as_deref(), now.email), (Some("Zoë"), None));
        assert_eq!(refused(&ask(&bo, "PATCH", zoe.id, "", edit).await), ErrorCode::ChangedMeanwhile);
        assert_eq!(admin.session(hers.session.id).await.unwrap().contact.name.as_deref(), Some("Zoë"));
        assert_eq!(refused(&ask(&admin, "DELETE", zoe.id, "", Value::Null).await), ErrorCode::InUse);
        let (_, other) = server.customer("Ada", "+447700900401").await;
        let taken = ask(&bo, "PATCH", other.contact.id, "", json!({ "phone": "+447700900400" })).await;
        assert_eq!(refused(&taken), ErrorCode::Conflict);
        let sessions: Page<protocol::SessionSummary> = bo.request("GET", &format!("/contacts/{}/sessions", zoe.id)).read().await.unwrap();
        assert_eq!((sessions.total, sessions.items[0].id), (1, hers.session.id));
        let vouched = make(&admin, json!({ "site": "demo", "external_id": "user-5", "name": "Vera" })).await;
        let vera: Contact = vouched.json().unwrap();
        assert!(vera.verified && listed(&bo, &[("external_id", "user-5")]).await.items[0].id == vera.id);
        assert_eq!(everybody(&bo, "created").await, ["Vera", "Ada", "Zoë"]);
        let edit = json!({ "version": done(&bo, "GET", zoe.id, "", Value::Null).await.version, "account_status": "gold" });
        done(&bo, "PATCH", zoe.id, "", edit).await;
        assert_eq!(everybody(&bo, "recent").await, ["Zoë", "Vera", "Ada"]);
        assert_eq!(everybody(&bo, "name").await, ["Ada", "Vera", "Zoë"]);
        for (sort, cursor) in [("created", "1.x"), ("created", &format!("1.{}", zoe.id)), ("recent", &format!("c1.{}", zoe.id))] {
            let answer = bo.request("GET", "/contacts").query("sort", sort).query("cursor", cursor).send().await.unwrap();
            assert_eq!((answer.status, field(&answer).as_str()), (422, "cursor"));
        }
        assert_eq!(ask(&admin, "DELETE", vera.id, "", Value::Null).await.status, 204);
        assert_eq!(ask(&admin, "GET", vera.id, "", Value::Null).await.status, 404);
    }

    /// Who may not see a chat does not find its customer either.
    async fn agents_see_the_contacts_of_chats_that_they_may_see(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let (_, started) = server.customer("Ana", "+447700900500").await;
        let (_, own) = server.customer("Ben", "+447700900501").await;
        let id = started.contact.id;
        assert_eq!(listed(&bo, &[("q", "ana")]).await.total, 1);
        su.claim(started.session.id).await.unwrap();
        assert_eq!((listed(&bo, &[("q", "ana")]).await.total, listed(&su, &[("q", "ana")]).await.total), (0, 1));
        for (method, rest, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({ "name": "Anna" })),
            ("GET", "/sessions", Value::Null),
            ("POST", "/block", json!({ "reason": "spam" })),
            ("POST", "/unblock", Value::Null),
            ("POST", "/merge", json!({ "into": own.contact.id })),
            ("POST", "/unmerge", Value::Null),
        ] {
            let hidden = ask(&bo, method, id, rest, body.clone()).await;
            let missing = ask(&bo, method, ContactId::new(Uuid::now_v7()), rest, body).await;
            assert_eq!((hidden.status, hidden.text()), (404, missing.text()), "{method} {rest}");
        }
        let into_it = ask(&bo, "POST", own.contact.id, "/merge", json!({ "into": id })).await;
        assert_eq!(into_it.status, 404);
        // One more chat that nobody has makes her somebody he may meet.
        server.customer("Ana", "+447700900500").await;
        assert_eq!(ask(&bo, "GET", id, "", Value::Null).await.status, 200);
    }

    async fn values_are_of_the_kind_that_was_defined(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let define = async |body: Value| admin.request("POST", "/attributes").json(&body).send().await.unwrap();
        for (of, key, kind) in [("contact", "born", "date"), ("contact", "orders", "number"), ("session", "paid", "boolean"), ("contact", "shop", "url")] {
            let answer = define(json!({ "of": of, "key": key, "label": key, "kind": kind })).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        for (body, wrong) in [
            (json!({ "of": "contact", "key": "Bad Key", "label": "x", "kind": "text" }), "key"),
            (json!({ "of": "contact", "key": "x", "label": " ", "kind": "text" }), "label"),
            (json!({ "of": "contact", "key": "x", "label": "x", "kind": "list" }), "choices"),
            (json!({ "of": "contact", "key": "x", "label": "x", "kind": "text", "choices": ["a"] }), "choices"),
            (json!({ "of": "contact", "key": "x", "label": "x", "kind": "colour" }), "kind"),
            (json!({ "of": "contact", "key": "x", "label": "x", "kind": "text", "about": "x".repeat(301) }), "about"),
        ] {
            let answer = define(body).await;
            assert_eq!((answer.status, field(&answer).as_str()), (422, wrong));
        }
        assert_eq!(refused(&define(json!({ "of": "contact", "key": "born", "label": "x", "kind": "text" })).await), ErrorCode::Conflict);
        let (_, started) = server.customer("Ana", "+447700900600").await;
        let set = async |attributes: Value| ask(&admin, "PATCH", started.contact.id, "", json!({ "attributes": attributes })).await;
        for (key, bad) in [("born", "yesterday"), ("orders", "many"), ("shop", "javascript:alert(1)"), ("paid", "true")] {
            assert_eq!(field(&set(json!({ key: bad })).await), format!("attributes.{key}"));
        }
        let good: Contact = set(json!({ "born": "2001-02-03", "orders": "12.5", "shop": "https://shop.example/" })).await.json().unwrap();
        assert_eq!(good.attributes.len(), 3);
        let fewer: Contact = set(json!({ "born": null, "shop": "" })).await.json().unwrap();
        assert_eq!(fewer.attributes.into_iter().collect::<Vec<_>>(), [("orders".to_owned(), "12.5".to_owned())]);
        let patch = async |value: &str| admin.on_session("PATCH", started.session.id, "").json(&json!({ "attributes": { "paid": value, "free": "as ever" } })).send().await.unwrap();
        assert_eq!(field(&patch("maybe").await), "attributes.paid");
        let answer = patch("TRUE").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let ticket = admin.session(started.session.id).await.unwrap().ticket.unwrap();
        assert_eq!((ticket.work.attributes["paid"].as_str(), ticket.work.attributes["free"].as_str()), ("true", "as ever"));
        let log = admin.whole_log(started.session.id).await.unwrap();
        assert!(log.iter().any(|entry| entry.kind == EntryKind::Event));
    }
}
