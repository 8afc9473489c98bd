//! Every route, by everybody.

use std::collections::BTreeSet;

use protocol::ErrorCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ACTORS, Actor, AgentOfIt, Chat, Disabled, JunkToken, Nobody, Owner, World, every_route, is_token,
};
use crate::{
    files,
    support::{ADMIN_PASSWORD, TestServer, on_both_stores},
};

/// A route, and what each actor is answered, in the order of [`ACTORS`]:
/// nobody, junk | owner, other customer, other site's | agent: own, free, other's | supervisor, admin | one-time, disabled.
struct Row {
    route: &'static str,
    body: fn() -> Value,
    expected: &'static str,
}

const fn row(route: &'static str, body: fn() -> Value, expected: &'static str) -> Row {
    Row { route, body, expected }
}

fn nothing() -> Value {
    Value::Null
}

fn password() -> Value {
    json!({ "password": ADMIN_PASSWORD })
}

fn new_agent() -> Value {
    json!({ "email": format!("{}@example.com", Uuid::now_v7()), "name": "Somebody new", "role": "agent" })
}

fn new_group() -> Value {
    json!({ "name": Uuid::now_v7() })
}

fn new_canned() -> Value {
    json!({ "shortcut": Uuid::now_v7(), "body": "Hello {{contact.name}}" })
}

fn new_rule() -> Value {
    json!({ "name": Uuid::now_v7(), "on": ["reopened"], "actions": [{ "type": "tags", "add": ["again"] }] })
}

fn try_rule() -> Value {
    json!({ "session_id": Uuid::nil(), "on": ["rated"], "actions": [{ "type": "assign", "agent_id": null }] })
}

fn new_macro() -> Value {
    json!({ "name": Uuid::now_v7(), "actions": [{ "type": "tags", "add": ["done"] }] })
}

fn new_view() -> Value {
    json!({ "name": Uuid::now_v7(), "filter": { "tag": "refund" } })
}

fn new_contact() -> Value {
    json!({ "site": "demo", "name": "Somebody new" })
}

fn new_attribute() -> Value {
    json!({ "of": "contact", "key": format!("k-{}", Uuid::now_v7()), "label": "Plan", "kind": "text" })
}

fn send() -> Value {
    json!({ "id": Uuid::now_v7(), "body": "hello" })
}

/// What one may see: the usual line.
const READ: &str = "401 401 | 200 404 404 | 200 200 404 | 200 200 | pwd 401";
/// The same, of a signal.
const SIGNAL: &str = "401 401 | 204 404 404 | 204 204 404 | 204 204 | pwd 401";
/// What of a chat is the team's to read.
const OF_THE_TEAM: &str = "401 401 | 403 404 404 | 200 200 404 | 200 200 | pwd 401";
/// What is the admins'.
const ADMINS: &str = "401 401 | 404 404 404 | 403 403 403 | 403 200 | pwd 401";
/// What every agent reads.
const TEAM: &str = "401 401 | 404 404 404 | 200 200 200 | 200 200 | pwd 401";
/// What supervisors and admins change.
const LEADS: &str = "401 401 | 404 404 404 | 403 403 403 | 200 200 | pwd 401";
const EVERYBODY: &str = "200 200 | 200 200 200 | 200 200 200 | 200 200 | 200 200";

/// `ID` is the chat's, `SITE` the demo site's, `NEW` something not used before.
const ROWS: &[Row] = &[
    row("GET /sites/{site}", nothing, EVERYBODY),
    row("PATCH /sites/{site}", || json!({ "greeting": "Hello" }), ADMINS),
    row(
        "POST /sites/{site}/sessions",
        || json!({ "name": "Somebody new", "phone": "+447700900999" }),
        "201 201 | 201 201 201 | 201 201 201 | 201 201 | 201 201",
    ),
    row("GET /me", nothing, "401 401 | 200 200 200 | 403 403 403 | 403 403 | pwd 401"),
    row("GET /sessions/{id}", nothing, READ),
    row(
        "PATCH /sessions/{id}",
        || json!({ "status": "resolved" }),
        "401 401 | 403 404 404 | 200 200 404 | 200 200 | pwd 401",
    ),
    row("GET /sessions/{id}/entries", nothing, READ),
    // Of what the customer said.
    row(
        "PATCH /sessions/{id}/entries/{entry}",
        || json!({ "body": "said otherwise" }),
        "401 401 | 200 404 404 | 403 403 404 | 403 403 | pwd 401",
    ),
    row(
        "DELETE /sessions/{id}/entries/{entry}",
        nothing,
        "401 401 | 204 404 404 | 403 403 404 | 204 204 | pwd 401",
    ),
    row(
        "GET /sessions/{id}/entries/{entry}/history",
        nothing,
        "401 401 | 403 404 404 | 403 403 404 | 200 200 | pwd 401",
    ),
    row("GET /sessions/{id}/events", nothing, READ),
    // What may not be seen is named as missing, as if it were not there.
    row("POST /events", nothing, "401 401 | 200 mis mis | 200 200 mis | 200 200 | pwd 401"),
    row("POST /sessions/{id}/messages", send, "401 401 | 201 404 404 | 201 201 404 | 201 201 | pwd 401"),
    // A file that came with what the customer said; that of a note is `files::rights`.
    row(
        "POST /sessions/{id}/attachments",
        nothing,
        "401 401 | 201 404 404 | 201 201 404 | 201 201 | pwd 401",
    ),
    row("GET /attachments/{attachment}", nothing, READ),
    row("GET /attachments/{attachment}/thumbnail", nothing, READ),
    row(
        "DELETE /attachments/{attachment}",
        nothing,
        "401 401 | 403 404 404 | 403 403 404 | 403 403 | pwd 401",
    ),
    row("POST /sessions/{id}/typing", || json!({ "on": true }), SIGNAL),
    row("POST /sessions/{id}/read", || json!({ "seq": 1 }), SIGNAL),
    row("POST /sessions/{id}/close", nothing, READ),
    row(
        "POST /sessions/{id}/rating",
        || json!({ "score": 5 }),
        "401 401 | sta 404 404 | 403 403 404 | 403 403 | pwd 401",
    ),
    row("GET /sessions/{id}/transcript", nothing, READ),
    row(
        "POST /sessions/{id}/page",
        || json!({ "url": "https://shop.example/" }),
        "401 401 | 204 404 404 | 403 403 404 | 403 403 | pwd 401",
    ),
    row("GET /sessions/{id}/context", nothing, OF_THE_TEAM),
    row("GET /sessions/{id}/related", nothing, OF_THE_TEAM),
    row(
        "POST /auth/login",
        || json!({ "email": format!("{}@example.com", Uuid::now_v7()), "password": "not the password" }),
        "bad bad | bad bad bad | bad bad bad | bad bad | bad bad",
    ),
    row("POST /auth/logout", nothing, "401 401 | 401 401 401 | 204 204 204 | 204 204 | 204 401"),
    row("GET /auth/me", nothing, "401 401 | 401 401 401 | 200 200 200 | 200 200 | 200 401"),
    row(
        "POST /auth/password",
        || json!({ "current": "not the password", "new": "another password" }),
        "401 401 | 401 401 401 | 422 422 422 | 422 422 | 422 401",
    ),
    row("GET /sessions", nothing, "401 401 | 403 403 403 | 200 200 200 | 200 200 | pwd 401"),
    row("POST /sessions/{id}/claim", nothing, "401 401 | 403 404 404 | 200 200 404 | tak tak | pwd 401"),
    row(
        "PATCH /sessions/{id}",
        || json!({ "priority": "high", "tags": ["vip"], "subject": "a matter" }),
        "401 401 | 403 404 404 | 200 200 404 | 200 200 | pwd 401",
    ),
    row("POST /sessions/{id}/join", nothing, "401 401 | 403 404 404 | 403 403 404 | 200 200 | pwd 401"),
    row("GET /notifications", nothing, TEAM),
    row("POST /notifications/read", || json!({}), "401 401 | 404 404 404 | 204 204 204 | 204 204 | pwd 401"),
    row(
        "POST /sessions/{id}/assign",
        || json!({ "agent_id": null }),
        "401 401 | 403 404 404 | 200 200 404 | 200 200 | pwd 401",
    ),
    // To nobody whom there is.
    row(
        "POST /sessions/{id}/transfer",
        || json!({ "agent_id": Uuid::now_v7() }),
        "401 401 | 403 404 404 | 422 422 404 | 422 422 | pwd 401",
    ),
    // Into one that is not there; what is may be seen in `merging`.
    row(
        "POST /sessions/{id}/merge",
        || json!({ "into": Uuid::now_v7() }),
        "401 401 | 404 404 404 | 404 404 404 | 404 404 | pwd 401",
    ),
    row("POST /sessions/{id}/unmerge", nothing, "401 401 | 403 404 404 | mrg mrg 404 | mrg mrg | pwd 401"),
    // They are not asked.
    row("POST /sessions/{id}/accept", nothing, "401 401 | 403 404 404 | 200 ovr 404 | tak tak | pwd 401"),
    row("POST /sessions/{id}/decline", nothing, "401 401 | 403 404 404 | ovr ovr 404 | tak tak | pwd 401"),
    row("POST /sessions/{id}/notes", send, "401 401 | 403 404 404 | 201 201 404 | 201 201 | pwd 401"),
    row(
        "POST /sessions/bulk",
        || json!({ "ids": [Uuid::now_v7()], "action": { "type": "priority", "priority": "high" } }),
        "401 401 | 404 404 404 | 201 201 201 | 201 201 | pwd 401",
    ),
    row("GET /bulk/{bulk}", nothing, "401 401 | 404 404 404 | 404 404 404 | 404 404 | pwd 401"),
    row("GET /canned", nothing, TEAM),
    row("POST /canned", new_canned, "401 401 | 404 404 404 | 201 201 201 | 201 201 | pwd 401"),
    row("GET /canned/categories", nothing, TEAM),
    row("POST /canned/preview", || json!({ "body": "Hi {{contact.name}}" }), TEAM),
    row("GET /canned/export", nothing, TEAM),
    row("POST /canned/import", || json!({ "items": [] }), TEAM),
    // Of one that is for all.
    row("GET /canned/{canned}", nothing, TEAM),
    row("PATCH /canned/{canned}", || json!({ "title": "Hello" }), LEADS),
    row("DELETE /canned/{canned}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("POST /canned/{canned}/render", nothing, "401 401 | 404 404 404 | 200 200 404 | 200 200 | pwd 401"),
    row(
        "POST /canned/{canned}/attachments",
        nothing,
        "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401",
    ),
    row("POST /canned/{canned}/attach", nothing, "401 401 | 404 404 404 | 201 201 404 | 201 201 | pwd 401"),
    row("POST /canned/{canned}/used", nothing, "401 401 | 404 404 404 | 204 204 204 | 204 204 | pwd 401"),
    row("GET /settings", nothing, TEAM),
    row("PATCH /settings", || json!({ "routing": { "mode": null } }), ADMINS),
    row("GET /agents", nothing, TEAM),
    row("POST /agents", new_agent, "401 401 | 404 404 404 | 403 403 403 | 403 201 | pwd 401"),
    row("GET /agents/{agent}", nothing, TEAM),
    row("PATCH /agents/{agent}", || json!({ "name": "Newcomer" }), ADMINS),
    row("PUT /agents/{agent}/skills", || json!([]), LEADS),
    row(
        "POST /agents/{agent}/invitation",
        nothing,
        "401 401 | 404 404 404 | 403 403 403 | 403 201 | pwd 401",
    ),
    row(
        "POST /agents/{agent}/password-reset",
        nothing,
        "401 401 | 404 404 404 | 403 403 403 | 403 201 | pwd 401",
    ),
    row("DELETE /agents/{agent}/totp", nothing, "401 401 | 404 404 404 | 403 403 403 | 403 204 | pwd 401"),
    row("DELETE /agents/{agent}", nothing, "401 401 | 404 404 404 | 403 403 403 | 403 204 | pwd 401"),
    row("GET /teams", nothing, TEAM),
    row("POST /teams", new_group, "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401"),
    row("GET /teams/{team}", nothing, TEAM),
    row("PATCH /teams/{team}", new_group, LEADS),
    row("DELETE /teams/{team}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /skills", nothing, TEAM),
    row("POST /skills", new_group, "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401"),
    row("GET /skills/{skill}", nothing, TEAM),
    row("PATCH /skills/{skill}", new_group, LEADS),
    row("DELETE /skills/{skill}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /rules", nothing, TEAM),
    row("POST /rules", new_rule, "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401"),
    row(
        "PUT /rules/order",
        || json!({ "rules": [] }),
        "401 401 | 404 404 404 | 403 403 403 | 422 422 | pwd 401",
    ),
    row("POST /rules/try", try_rule, LEADS),
    row("GET /rules/{rule}", nothing, TEAM),
    row("PATCH /rules/{rule}", new_rule, LEADS),
    row("DELETE /rules/{rule}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /views", nothing, TEAM),
    row("POST /views", new_view, "401 401 | 404 404 404 | 201 201 201 | 201 201 | pwd 401"),
    // Of one that is everybody's, and of none at all.
    row(
        "PUT /views/order",
        || json!({ "shared": true, "views": [Uuid::nil()] }),
        "401 401 | 404 404 404 | 403 403 403 | 422 422 | pwd 401",
    ),
    row("GET /views/{view}", nothing, TEAM),
    row("PATCH /views/{view}", new_view, LEADS),
    row("DELETE /views/{view}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /macros", nothing, TEAM),
    row("POST /macros", new_macro, "401 401 | 404 404 404 | 201 201 201 | 201 201 | pwd 401"),
    row("GET /macros/{macro}", nothing, TEAM),
    row("PATCH /macros/{macro}", new_macro, LEADS),
    row("DELETE /macros/{macro}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row(
        "POST /sessions/{id}/macros/{macro}",
        || json!({ "id": Uuid::now_v7() }),
        "401 401 | 404 404 404 | 200 200 404 | 200 200 | pwd 401",
    ),
    row(
        "POST /sessions/{id}/macros/{macro}/preview",
        || json!({}),
        "401 401 | 404 404 404 | 200 200 404 | 200 200 | pwd 401",
    ),
    // Of those who never chatted; of others, who may see one of their chats (`contacts`).
    row("GET /contacts", nothing, TEAM),
    row("POST /contacts", new_contact, "401 401 | 404 404 404 | 201 201 201 | 201 201 | pwd 401"),
    row(
        "POST /contacts",
        || json!({ "site": "demo", "external_id": Uuid::now_v7() }),
        "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401",
    ),
    row("GET /contacts/{contact}", nothing, TEAM),
    row("PATCH /contacts/{contact}", || json!({ "name": "Newcomer" }), TEAM),
    row("DELETE /contacts/{contact}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /contacts/{contact}/sessions", nothing, TEAM),
    row("POST /contacts/{contact}/block", || json!({ "reason": "spam" }), TEAM),
    row("POST /contacts/{contact}/unblock", nothing, TEAM),
    // Into one that is not there.
    row(
        "POST /contacts/{contact}/merge",
        || json!({ "into": Uuid::now_v7() }),
        "401 401 | 404 404 404 | 404 404 404 | 404 404 | pwd 401",
    ),
    row(
        "POST /contacts/{contact}/unmerge",
        nothing,
        "401 401 | 404 404 404 | mrg mrg mrg | mrg mrg | pwd 401",
    ),
    row("GET /attributes", nothing, TEAM),
    row("POST /attributes", new_attribute, "401 401 | 404 404 404 | 403 403 403 | 201 201 | pwd 401"),
    row("PATCH /attributes/{attribute}", || json!({ "label": "Tariff" }), LEADS),
    row("DELETE /attributes/{attribute}", nothing, "401 401 | 404 404 404 | 403 403 403 | 204 204 | pwd 401"),
    row("GET /agents/workload", nothing, TEAM),
    row(
        "PUT /agents/me/availability",
        || json!({ "status": "online" }),
        "401 401 | 404 404 404 | 204 204 204 | 204 204 | pwd 401",
    ),
    row(
        "GET /agents/{agent}/availability",
        nothing,
        "401 401 | 404 404 404 | 403 403 403 | 200 200 | pwd 401",
    ),
    row("GET /sites", nothing, TEAM),
    row(
        "POST /sites",
        || json!({ "key": format!("s-{}", Uuid::now_v7()) }),
        "401 401 | 404 404 404 | 403 403 403 | 403 201 | pwd 401",
    ),
    // A link is a door for whoever has it; a password that is too short does not use it up.
    row("POST /auth/welcome", nothing, EVERYBODY),
    row("POST /auth/welcome/accept", nothing, "422 422 | 422 422 422 | 422 422 422 | 422 422 | 422 422"),
    // The one-time password is another, so that theirs is wrong.
    row("POST /auth/totp", password, "401 401 | 401 401 401 | 200 200 200 | 200 200 | 422 401"),
    row("DELETE /auth/totp", password, "401 401 | 401 401 401 | 204 204 204 | 204 204 | 422 401"),
    row(
        "POST /auth/totp/confirm",
        || json!({ "code": "123456" }),
        "401 401 | 401 401 401 | 422 422 422 | 422 422 | 422 401",
    ),
    row("GET /auth/logins", nothing, "401 401 | 401 401 401 | 200 200 200 | 200 200 | 200 401"),
    row("DELETE /auth/logins/{login}", nothing, "401 401 | 401 401 401 | 404 404 404 | 404 404 | 404 401"),
    // The last one: it ends the logins that the rows before it need.
    row("DELETE /auth/logins", nothing, "401 401 | 401 401 401 | 204 204 204 | 204 204 | 204 401"),
];

/// Routes beyond the API that answer everybody alike. `/ws` has its own table.
const PUBLIC: &[&str] = &[
    "GET /widget.js",
    "GET /assets/{*path}",
    "GET /console",
    "GET /console/",
    "GET /console/{*place}",
    "GET /demo",
    "GET /healthz",
    "GET /readyz",
    "GET /api/openapi.json",
    "GET /api/docs",
];

fn expected(word: &str) -> (u16, Option<ErrorCode>) {
    match word {
        "401" => (401, Some(ErrorCode::Unauthenticated)),
        "bad" => (401, Some(ErrorCode::BadLogin)),
        "403" => (403, Some(ErrorCode::Forbidden)),
        "pwd" => (403, Some(ErrorCode::PasswordChangeRequired)),
        "404" => (404, Some(ErrorCode::NotFound)),
        "ovr" => (409, Some(ErrorCode::OfferOver)),
        "tak" => (409, Some(ErrorCode::AlreadyClaimed)),
        "sta" => (409, Some(ErrorCode::WrongStatus)),
        "mrg" => (409, Some(ErrorCode::NotMergeable)),
        "422" => (422, Some(ErrorCode::Invalid)),
        "mis" => (200, None),
        status => (status.parse().unwrap(), None),
    }
}

impl Row {
    fn words(&self) -> [(Actor, &'static str); 12] {
        let words: Vec<_> = self.expected.split_whitespace().filter(|word| *word != "|").collect();
        assert_eq!(words.len(), ACTORS.len(), "{}", self.route);
        std::array::from_fn(|at| (ACTORS[at], words[at]))
    }

    async fn check(&self, world: &World, actor: Actor, word: &str, site: &str) {
        let what = format!("{} by {actor:?}", self.route);
        let chat = world.chat(actor).await;
        let caller = match self.route {
            "POST /auth/logout" | "DELETE /auth/logins" => world.fresh_login(actor, &chat).await,
            _ => world.caller(actor, &chat),
        };
        let target = if self.route.contains("{entry}") {
            chat.started.entries[1].id.to_string()
        } else if self.route.contains("{attachment}") {
            files::sent(&chat.owner, chat.id, &files::picture()).await.id.to_string()
        } else {
            self.target(world).await
        };
        let ask = |id: String| {
            let (method, path) = self.route.split_once(' ').unwrap();
            // The widget's site is named by its key, the admin's by its id.
            let site = if method == "PATCH" { site } else { "demo" };
            let path = path.replace("{site}", site).replace("{id}", &id);
            let target = if id == chat.id.to_string() { target.as_str() } else { id.as_str() };
            let path = [
                "{agent}",
                "{attachment}",
                "{attribute}",
                "{bulk}",
                "{canned}",
                "{contact}",
                "{entry}",
                "{login}",
                "{macro}",
                "{rule}",
                "{skill}",
                "{team}",
                "{view}",
            ]
            .iter()
            .fold(path, |path, name| path.replace(name, target));
            let request = caller.request(method, &path);
            match self.route {
                "POST /events" => request.json(&json!({ "sessions": [{ "id": id, "after": 0 }], "wait": 0 })),
                "GET /sessions/{id}/events" => request.query("wait", "0").query("after", "0"),
                "POST /canned/{canned}/render" | "POST /canned/{canned}/attach" => {
                    request.json(&json!({ "session_id": id }))
                }
                "GET /sessions" | "GET /contacts" => request.query("limit", "200"),
                "POST /sessions/{id}/attachments" | "POST /canned/{canned}/attachments" => {
                    files::form(request, "photo.png", &files::picture())
                }
                "POST /auth/welcome" => request.json(&json!({ "token": target })),
                "POST /auth/welcome/accept" => request.json(&json!({ "token": target, "password": "short" })),
                _ if (self.body)().is_null() => request,
                "POST /rules/try" => {
                    let mut body = (self.body)();
                    body["session_id"] = id.into();
                    request.json(&body)
                }
                _ => request.json(&(self.body)()),
            }
        };
        let answer = ask(chat.id.to_string()).send().await.unwrap();
        let text = answer.text();
        let (status, code) = expected(word);
        let problem = answer.problem();
        assert_eq!(
            (answer.status, problem.as_ref().map(|problem| problem.code)),
            (status, code),
            "{what}: {text}"
        );

        if !actor.sees() {
            chat.assert_hidden(&text, &what);
            chat.assert_hidden(&format!("{:?}", answer.headers), &what);
        }
        if word == "404" {
            let missing = ask(Uuid::now_v7().to_string()).send().await.unwrap();
            assert_eq!((missing.status, missing.text()), (404, text.clone()), "{what}: not as a missing one");
        }
        self.check_content(&what, actor, word, &chat, &text);
        if is_token(&caller) {
            assert_eq!(answer.header("set-cookie"), None, "{what}");
        }
    }

    /// The id of what the route is about, where that is no chat; or the token of a link.
    async fn target(&self, world: &World) -> String {
        let made = async |path: &str, body: Value| -> Value {
            world.admin.request("POST", path).json(&body).read().await.unwrap()
        };
        if self.route.starts_with("POST /auth/welcome") {
            let agent = made("/agents", new_agent()).await;
            let url = agent["invitation"]["url"].as_str().unwrap();
            return url.split_once('#').unwrap().1.to_owned();
        }
        let made = if self.route.contains("{agent}") {
            made("/agents", new_agent()).await["agent"].clone()
        } else if self.route.contains("{team}") {
            made("/teams", new_group()).await
        } else if self.route.contains("{canned}") {
            let mut canned = new_canned();
            canned["scope"] = "all".into();
            made("/canned", canned).await
        } else if self.route.contains("{skill}") {
            made("/skills", new_group()).await
        } else if self.route.contains("{rule}") {
            made("/rules", new_rule()).await
        } else if self.route.contains("{macro}") {
            let mut shared = new_macro();
            shared["shared"] = true.into();
            made("/macros", shared).await
        } else if self.route.contains("{view}") {
            let mut shared = new_view();
            shared["shared"] = true.into();
            made("/views", shared).await
        } else if self.route.contains("{contact}") {
            made("/contacts", new_contact()).await
        } else if self.route.contains("{attribute}") {
            made("/attributes", new_attribute()).await
        } else {
            return Uuid::now_v7().to_string();
        };
        made["id"].as_str().unwrap().to_owned()
    }

    /// What a 200 of the lists and readings holds.
    fn check_content(&self, what: &str, actor: Actor, word: &str, chat: &Chat, text: &str) {
        let message = &chat.canaries[3];
        match self.route {
            "POST /events" if word == "mis" => {
                let answer: Value = serde_json::from_str(text).unwrap();
                assert_eq!(
                    (&answer["missing"], &answer["sessions"]),
                    (&json!([chat.id]), &json!([])),
                    "{what}"
                );
            }
            "GET /sessions/{id}/entries"
            | "GET /sessions/{id}/events"
            | "GET /sessions/{id}/transcript"
            | "POST /events"
                if word == "200" =>
            {
                assert!(text.contains(message), "{what}: {text}");
            }
            "GET /sessions" if word == "200" => {
                assert_eq!(text.contains(&chat.id.to_string()), actor.sees(), "{what}: {text}");
                assert_eq!(text.contains(&chat.canaries[1]), actor.sees(), "{what}: {text}");
            }
            "GET /contacts" if word == "200" => {
                assert_eq!(text.contains(&chat.canaries[1]), actor.sees(), "{what}: {text}");
            }
            "GET /me" if word == "200" => {
                assert_eq!(text.contains(&chat.canaries[1]), actor == Owner, "{what}: {text}");
            }
            "GET /agents" | "GET /agents/{agent}" if word == "200" => {
                // Who one's colleagues are is for all of the team, how to reach and shut them out for admins.
                for private in ["created_at", "invited"] {
                    assert_eq!(
                        text.contains(private),
                        actor == Actor::Admin || self.route == "GET /agents",
                        "{what}: {text}"
                    );
                }
                assert_eq!(
                    text.contains("gone@example.com"),
                    actor == Actor::Admin && self.route == "GET /agents"
                );
                assert!(!text.contains("argon2") && !text.contains("password"), "{what}: {text}");
            }
            "GET /sites" if word == "200" => {
                assert_eq!(text.contains("identity_secrets"), actor == Actor::Admin, "{what}: {text}");
            }
            "GET /sites/{site}" => {
                assert!(!text.contains("identity_secrets"), "{what}: {text}");
            }
            _ => {}
        }
    }
}

on_both_stores! {
    async fn every_route_by_everybody(engine: Engine) {
        let world = World::new(TestServer::start(engine).await).await;
        let sites: Value = world.admin.request("GET", "/sites").read().await.unwrap();
        let demo = sites["items"].as_array().unwrap().iter().find(|site| site["key"] == "demo").unwrap();
        let site = demo["id"].as_str().unwrap();
        for row in ROWS {
            for (actor, word) in row.words() {
                row.check(&world, actor, word, site).await;
            }
        }
    }
}

/// A credential in the wrong place opens nothing.
#[tokio::test]
async fn tokens_and_cookies_are_not_exchangeable() {
    use loadtest::client::Credential;

    let world = World::new(TestServer::start(crate::support::Engine::Sqlite).await).await;
    let chat = world.chat(Owner).await;
    let Credential::Token(token) = chat.owner.credential() else { panic!("a customer has a token") };
    let Credential::Cookie(cookie) = world.admin.credential() else { panic!("an agent has a cookie") };
    let path = format!("/api/v1/sessions/{}", chat.id);
    let get = |path: &str| world.client.request("GET", path);

    assert_eq!(get(&path).cookie("hubbub_login", token).send().await.unwrap().status, 401);
    assert_eq!(get(&path).bearer(cookie).send().await.unwrap().status, 401);
    // Never in a URL (contract §2).
    for name in ["token", "access_token", "authorization"] {
        let answer = get(&path).query(name, token).send().await.unwrap();
        assert_eq!(answer.status, 401, "{name}");
    }
    // A bearer that opens nothing is not mended by a cookie that would.
    let mixed = get(&path).bearer("junk").cookie("hubbub_login", cookie);
    assert_eq!(mixed.send().await.unwrap().status, 401);
    for scheme in ["Basic", "Token", "Bearer Bearer"] {
        let answer = get(&path).header("authorization", format!("{scheme} {token}")).send().await.unwrap();
        assert_eq!(answer.status, 401, "{scheme}");
    }
    assert_eq!(
        get(&path).header("authorization", format!("bearer {token}")).send().await.unwrap().status,
        200
    );
    assert!(chat.started.token.len() >= 43, "256 bits");
    assert!(
        !Actor::sees(Nobody) && !Actor::sees(JunkToken) && !Actor::sees(Disabled) && Actor::sees(AgentOfIt)
    );
}

/// Whoever adds a route adds a row: the table is compared with the source of the router.
#[test]
fn every_route_has_a_row() {
    let routes = every_route();
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|row| row.route.replacen(' ', " /api/v1", 1))
        .chain(PUBLIC.iter().copied().chain(["GET /ws"]).map(str::to_owned))
        .collect();
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "no rows in the matrix: {missing:#?}");
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(gone.is_empty(), "no routes any more: {gone:#?}");
}

/// What each actor is answered by a route of the API, a line a row; nothing for what is everybody's.
pub(super) fn expected_of(route: &str) -> Option<Vec<&'static str>> {
    let rows = ROWS.iter().filter(|row| row.route.replacen(' ', " /api/v1", 1) == route);
    let expected: Vec<_> = rows.map(|row| row.expected).collect();
    (!expected.is_empty()).then_some(expected)
}

/// What is everybody's is the same for everybody, and holds nobody's data.
#[tokio::test]
async fn public_pages_are_the_same_for_everybody() {
    let world = World::new(TestServer::start(crate::support::Engine::Sqlite).await).await;
    let demo = world.client.request("GET", "/demo").send().await.unwrap().text();
    let asset = demo.split('"').find(|word| word.starts_with("/assets/")).unwrap().to_owned();
    for route in PUBLIC {
        let path = route.strip_prefix("GET ").unwrap();
        let path = path.replace("/assets/{*path}", &asset).replace("{*place}", "sessions/x");
        let mut first = None;
        for actor in ACTORS {
            let chat = world.chat(actor).await;
            let caller = world.caller(actor, &chat);
            let answer =
                world.client.request("GET", &path).credential(caller.credential()).send().await.unwrap();
            assert_eq!(answer.status, 200, "{path} by {actor:?}");
            let first = first.get_or_insert_with(|| answer.body.clone());
            assert!(*first == answer.body, "{path} differs for {actor:?}");
            chat.assert_hidden(&answer.text(), &path);
        }
    }
}

/// The workspace may let every agent see every chat (contract §2).
#[tokio::test]
async fn agents_see_all_when_the_workspace_says_so() {
    let flags = ["--agents-see-all", "--starts-per-minute=1000", "--presence-grace-seconds=1"];
    let server = TestServer::start_with(crate::support::Engine::Sqlite, &flags).await;
    let world = World::new(server).await;
    let chat = world.chat(Actor::AgentOther).await;
    assert_eq!(world.agent.session(chat.id).await.unwrap().id, chat.id);
    assert_eq!(world.agent.whole_log(chat.id).await.unwrap().len(), 3);
    let list = world.agent.sessions(&[]).await.unwrap();
    assert!(list.items.iter().any(|session| session.id == chat.id));
    let failure = world.agent.claim(chat.id).await.unwrap_err();
    assert_eq!(failure.code(), Some(ErrorCode::AlreadyClaimed));
    let mut socket = world.agent.websocket().connect().await.unwrap();
    let listed = socket.watch(protocol::ViewName::All, None).await.unwrap();
    assert!(listed.sessions.iter().any(|session| session.id == chat.id));
    // What is the admins' stays theirs.
    assert_eq!(
        world.agent.request("POST", "/sites").json(&json!({ "key": "more" })).send().await.unwrap().status,
        403
    );
    let other = world.other_customer.session(chat.id).await.unwrap_err();
    assert_eq!(other.status(), Some(404));
}
