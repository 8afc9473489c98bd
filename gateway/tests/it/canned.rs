//! Canned answers over HTTP: whose they are, what becomes of their variables and blanks, and files of them.

use loadtest::client::{AgentClient, Answer};
use protocol::{
    ErrorCode, FieldError, SessionId, limits,
    rest::{
        CannedAnswer, CannedCategory, CannedFile, CannedScope, ImportedCanned, MissingPart, Page,
        RenderedCanned,
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

async fn make(agent: &AgentClient, body: Value) -> CannedAnswer {
    let answer = agent.request("POST", "/canned").json(&body).send().await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

async fn list(agent: &AgentClient, query: &[(&str, &str)]) -> Vec<CannedAnswer> {
    let ask =
        query.iter().fold(agent.request("GET", "/canned"), |ask, (name, value)| ask.query(name, *value));
    let page: Page<CannedAnswer> = ask.read().await.unwrap();
    assert_eq!((page.total, page.next_cursor), (page.items.len() as u64, None));
    page.items
}

fn shortcuts(answers: &[CannedAnswer]) -> Vec<&str> {
    answers.iter().map(|answer| answer.shortcut.as_str()).collect()
}

#[track_caller]
fn refused(answer: &Answer, code: ErrorCode, field: &str) -> String {
    let problem = answer.problem().unwrap();
    assert_eq!(problem.code, code, "{}", answer.text());
    let fault = problem.errors.into_iter().find(|fault| fault.field == field);
    let FieldError { message, .. } = fault.unwrap_or_else(|| panic!("not of {field}: {}", answer.text()));
    message
}

async fn render(agent: &AgentClient, canned: &CannedAnswer, body: Value) -> Answer {
    agent.request("POST", &format!("/canned/{}/render", canned.id)).json(&body).send().await.unwrap()
}

async fn rendered(
    agent: &AgentClient,
    canned: &CannedAnswer,
    session: SessionId,
    blanks: Value,
) -> RenderedCanned {
    let answer = render(agent, canned, json!({ "session_id": session, "blanks": blanks })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

on_both_stores! {
    async fn everybody_has_their_own_and_leads_make_the_others(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cy = server.member("agent", "cy@shop.example", "Cy").await;
        let team: Value = su.request("POST", "/teams")
            .json(&json!({ "name": "Returns", "members": [bo.who().you.id] })).read().await.unwrap();

        let own = make(&bo, json!({ "shortcut": " HELLO ", "body": " Hi\r\nyou ", "category": "Greetings" })).await;
        assert_eq!((own.shortcut.as_str(), own.body.as_str(), own.scope), ("hello", "Hi\nyou", CannedScope::Personal));
        let teams = make(&su, json!({ "shortcut": "hello", "body": "t", "scope": "team", "team_id": team["id"] })).await;
        let all = make(&su, json!({ "shortcut": "hello", "body": "a", "scope": "all", "title": "Greeting" })).await;
        assert_eq!(teams.team.as_ref().unwrap().name, "Returns");
        for scope in [json!({ "scope": "all" }), json!({ "scope": "team", "team_id": team["id"] })] {
            let mut body = json!({ "shortcut": "x", "body": "x" });
            body.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
            let answer = bo.request("POST", "/canned").json(&body).send().await.unwrap();
            assert_eq!((answer.status, answer.problem().unwrap().code), (403, ErrorCode::Forbidden));
            let path = format!("/canned/{}", own.id);
            assert_eq!(bo.request("PATCH", &path).json(&scope).send().await.unwrap().status, 403);
        }
        let twin = bo.request("POST", "/canned").json(&json!({ "shortcut": "Hello", "body": "x" })).send().await.unwrap();
        assert_eq!((twin.status, twin.problem().unwrap().code), (409, ErrorCode::Conflict));

        let ids = |answers: &[CannedAnswer]| answers.iter().map(|answer| answer.id).collect::<Vec<_>>();
        assert_eq!(ids(&list(&bo, &[("usable", "true")]).await), [own.id]);
        let seen = list(&bo, &[]).await;
        assert_eq!(seen.iter().map(|answer| answer.shadowed).collect::<Vec<_>>().len(), 3);
        assert_eq!(seen.iter().filter(|answer| answer.shadowed).count(), 2);
        assert_eq!(ids(&list(&cy, &[]).await), [all.id]);
        let mut led = ids(&list(&su, &[]).await);
        led.sort_unstable();
        let mut expected = vec![teams.id, all.id];
        expected.sort_unstable();
        assert_eq!(led, expected, "somebody's own is theirs");

        // What may not be seen is not there; what may be seen but not done is forbidden.
        for (agent, canned, status) in [(&cy, &own, 404), (&su, &own, 404), (&cy, &teams, 404), (&bo, &teams, 403), (&bo, &all, 403)] {
            let path = format!("/canned/{}", canned.id);
            let edit = agent.request("PATCH", &path).json(&json!({ "title": "x" })).send().await.unwrap();
            let delete = agent.request("DELETE", &path).send().await.unwrap();
            let read = agent.request("GET", &path).send().await.unwrap();
            assert_eq!((edit.status, delete.status, read.status == 404), (status, status, status == 404));
        }
        for route in ["used", "render"] {
            let path = format!("/canned/{}/{route}", own.id);
            let answer = cy.request("POST", &path).json(&json!({ "session_id": Uuid::now_v7() })).send().await.unwrap();
            assert_eq!(answer.status, 404);
        }

        let path = format!("/canned/{}", teams.id);
        let edit = |body: Value| su.request("PATCH", &path).json(&body);
        let edited: CannedAnswer = edit(json!({ "shortcut": "back", "category": "Post" })).read().await.unwrap();
        assert_eq!((edited.shortcut.as_str(), edited.body.as_str(), edited.scope), ("back", "t", CannedScope::Team));
        let clash = edit(json!({ "shortcut": "hello", "scope": "all" })).send().await.unwrap();
        assert_eq!(clash.status, 409);
        refused(&edit(json!({ "scope": "all", "team_id": team["id"] })).send().await.unwrap(), ErrorCode::Invalid, "team_id");
        refused(&edit(json!({ "team_id": Uuid::now_v7() })).send().await.unwrap(), ErrorCode::Invalid, "team_id");
        let public: CannedAnswer = edit(json!({ "scope": "all", "category": "" })).read().await.unwrap();
        assert_eq!((public.scope, public.team, public.category.as_str()), (CannedScope::All, None, ""));
        refused(&edit(json!({ "scope": "team" })).send().await.unwrap(), ErrorCode::Invalid, "team_id");

        let categories: Page<CannedCategory> = bo.request("GET", "/canned/categories").read().await.unwrap();
        assert_eq!(categories.items, [CannedCategory { name: "Greetings".into(), answers: 1 }]);
        bo.request("DELETE", &format!("/canned/{}", own.id)).done().await.unwrap();
        assert_eq!(shortcuts(&list(&bo, &[]).await), ["back", "hello"]);
    }

    async fn they_are_searched_sorted_and_paged(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        for (shortcut, category, body) in [("refund", "Money", "Your money is on its way"), ("refund-late", "money", "Sorry"), ("bye", "", "Any refund questions?")] {
            make(&bo, json!({ "shortcut": shortcut, "body": body, "category": category })).await;
        }
        let all = list(&bo, &[]).await;
        assert_eq!(shortcuts(&all), ["bye", "refund", "refund-late"]);
        for at in [2, 2, 0] {
            bo.request("POST", &format!("/canned/{}/used", all[at].id)).done().await.unwrap();
        }
        for (query, expected) in [
            (&[("sort", "uses")][..], &["refund-late", "bye", "refund"][..]),
            (&[("sort", "recent")], &["bye", "refund-late", "refund"]),
            (&[("sort", "match"), ("q", "ref")], &["refund-late", "refund", "bye"]),
            (&[("sort", "match"), ("q", "Refund")], &["refund", "refund-late", "bye"]),
            (&[("q", "money way")], &["refund"]),
            (&[("category", "MONEY")], &["refund", "refund-late"]),
            (&[("scope", "all")], &[]),
        ] {
            assert_eq!(shortcuts(&list(&bo, query).await), expected, "{query:?}");
        }
        let mut paged: Vec<CannedAnswer> = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..3 {
            let mut ask = bo.request("GET", "/canned").query("limit", "1").query("sort", "recent");
            if let Some(cursor) = &cursor {
                ask = ask.query("cursor", cursor);
            }
            let page: Page<CannedAnswer> = ask.read().await.unwrap();
            assert_eq!(page.total, 3);
            paged.extend(page.items);
            cursor = page.next_cursor;
        }
        assert_eq!((shortcuts(&paged), cursor), (vec!["bye", "refund-late", "refund"], None));
        assert_eq!((paged[1].uses, paged[2].last_used_at), (2, None));
        let long = "x".repeat(limits::SEARCH_CHARS + 1);
        for (name, value) in [("q", long.as_str()), ("q", "\0"), ("category", "\0"), ("scope", "mine"), ("sort", "luck"), ("usable", "yes"), ("team", "x"), ("cursor", "x"), ("limit", "0")] {
            let answer = bo.request("GET", "/canned").query(name, value).send().await.unwrap();
            refused(&answer, ErrorCode::Invalid, name);
        }
    }

    async fn what_cannot_be_kept_is_refused_by_name(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let whole = json!({ "shortcut": "x", "body": "x" });
        for (field, value, word) in [
            ("shortcut", json!("a b"), "letters"),
            ("shortcut", json!("/x"), "letters"),
            ("shortcut", json!("x".repeat(limits::SHORTCUT_CHARS + 1)), "40"),
            ("shortcut", json!(""), "empty"),
            ("title", json!("x".repeat(limits::CANNED_TITLE_CHARS + 1)), "100"),
            ("title", json!("a\nb"), "one line"),
            ("category", json!("x".repeat(limits::CATEGORY_CHARS + 1)), "60"),
            ("body", json!("x".repeat(limits::MESSAGE_CHARS + 1)), "8000"),
            ("body", json!("a\0b"), "control"),
            ("body", json!("Hi {{customer.name}}"), "{{customer.name}}"),
            ("body", json!("Hi {{contact.name"), "\\{{"),
            ("team_id", json!(Uuid::now_v7()), "scope"),
        ] {
            let mut body = whole.clone();
            body[field] = value;
            let answer = bo.request("POST", "/canned").json(&body).send().await.unwrap();
            let message = refused(&answer, ErrorCode::Invalid, field);
            assert!(message.contains(word), "{field}: {message}");
        }
        for missing in ["shortcut", "body"] {
            let mut body = whole.clone();
            body.as_object_mut().unwrap().remove(missing);
            let answer = bo.request("POST", "/canned").json(&body).send().await.unwrap();
            assert_eq!(refused(&answer, ErrorCode::Invalid, missing), "is missing");
        }
        make(&bo, json!({ "shortcut": "Größe_2-日本", "body": "Any letters" })).await;
    }

    async fn variables_and_blanks_are_filled_in(engine: Engine) {
        let server = TestServer::start(engine).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo Berg").await;
        admin.request("PATCH", &format!("/agents/{}", bo.who().you.id))
            .json(&json!({ "signature": "Bo, your shop" })).done().await.unwrap();
        // A name that is a template, and markup, is a name.
        let (_, started) = server.customer("{{agent.name}} <b>Ana</b>", "+447700900801").await;
        let session = started.session.id;
        bo.request("PATCH", &format!("/sessions/{session}"))
            .json(&json!({ "subject": "A bike", "attributes": { "order no": "A-1" } })).done().await.unwrap();
        let canned = make(&bo, json!({
            "shortcut": "all",
            "body": "{{contact.name}}|{{contact.first_name}}|{{contact.phone}}|{{contact.email | none}}|{{agent.name}}|\
                     {{agent.first_name}}|{{agent.signature}}|{{session.subject}}|{{attributes.order no}}|\\{{x}}|{{? size}}",
        })).await;
        let filled = rendered(&bo, &canned, session, json!({ "size": "{{contact.name}}" })).await;
        assert_eq!(
            (filled.body.as_str(), filled.missing),
            ("{{agent.name}} <b>Ana</b>|{{agent.name}}|+447700900801|none|Bo Berg|Bo|Bo, your shop|A bike|A-1|{{x}}|{{contact.name}}", vec![])
        );
        let canned = make(&bo, json!({
            "shortcut": "gaps",
            "body": "#{{session.number}} {{site.name}}: {{contact.email}} {{? order number}}, {{? order number}} {{attributes.none | -}}",
        })).await;
        let filled = rendered(&bo, &canned, session, json!({})).await;
        let summary: Value = bo.request("GET", &format!("/sessions/{session}")).read().await.unwrap();
        let head = format!("#{} ", summary["number"]);
        assert!(filled.body.starts_with(&head), "{}", filled.body);
        assert!(filled.body.ends_with(": [contact.email] [order number], [order number] -"), "{}", filled.body);
        let names: Vec<_> = filled.missing.iter().map(|part| (part.name.as_str(), part.blank)).collect();
        assert_eq!(names, [("contact.email", false), ("order number", true), ("order number", true)]);
        for MissingPart { name, at, length, .. } in &filled.missing {
            assert_eq!(filled.body.chars().skip(*at).take(*length).collect::<String>(), format!("[{name}]"));
        }

        for (blanks, field) in [
            (json!({ "order": "x" }), "blanks.order"),
            (json!({ "order number": "a\nb" }), "blanks.order number"),
            (json!({ "order number": "x".repeat(limits::BLANK_VALUE_CHARS + 1) }), "blanks.order number"),
            (Value::Object((0..=limits::BLANKS).map(|n| (n.to_string(), json!("x"))).collect()), "blanks"),
        ] {
            let answer = render(&bo, &canned, json!({ "session_id": session, "blanks": blanks })).await;
            refused(&answer, ErrorCode::Invalid, field);
        }
        let long = make(&bo, json!({ "shortcut": "long", "body": format!("{}{{{{?a}}}}", "x".repeat(limits::MESSAGE_CHARS - 10)) })).await;
        let answer = render(&bo, &long, json!({ "session_id": session, "blanks": { "a": "y".repeat(11) } })).await;
        assert!(refused(&answer, ErrorCode::Invalid, "body").contains("8001"));
        let answer = render(&bo, &canned, json!({ "session_id": Uuid::now_v7() })).await;
        assert_eq!(answer.status, 404);

        let preview = |body: &str| bo.request("POST", "/canned/preview").json(&json!({ "body": body }));
        let shown: RenderedCanned = preview("Hi {{contact.first_name}}, {{? when}} {{agent.name}}").read().await.unwrap();
        assert_eq!(shown.body, "Hi Ana, [when] Bo Berg");
        refused(&preview("{{who}}").send().await.unwrap(), ErrorCode::Invalid, "body");
    }

    async fn they_go_to_files_and_come_back(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        su.request("POST", "/teams").json(&json!({ "name": "Returns" })).done().await.unwrap();
        let import = |agent: &AgentClient, kind: &str, body: &str, existing: &str| {
            agent.request("POST", "/canned/import").query("existing", existing).body(kind, body)
        };
        let sheet = "\u{feff}Short_Code; content".replace("Short_Code", "short_code") + "\r\nhi;\"Hello; \"\"you\"\"\r\nthere\"\r\n";
        let done: ImportedCanned = import(&su, "text/csv", &sheet, "refuse").read().await.unwrap();
        assert_eq!(done, ImportedCanned { created: 1, replaced: 0 });
        let rows = json!({ "items": [
            { "shortcut": "-sum", "title": "=1+1", "category": "'@x", "body": "=SUM(A1)\n\"quoted\", {{contact.name | you}}", "scope": "all" },
            { "shortcut": "back", "body": "1; 2", "scope": "team", "team": "returns" },
        ] });
        import(&su, "application/json", &rows.to_string(), "refuse").done().await.unwrap();

        let csv = su.request("GET", "/canned/export").query("format", "csv").send().await.unwrap();
        assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"canned-answers.csv\""));
        assert!(csv.text().starts_with("shortcut,title,category,body,scope,team\r\n'-sum,'=1+1,''@x,\"'=SUM(A1)\n"), "{}", csv.text());
        let before: CannedFile = su.request("GET", "/canned/export").read().await.unwrap();
        assert_eq!(before.items.len(), 3);
        // A twin of anything is refused with its row, and nothing of the file is kept.
        let more = format!("{}new,,,new,all,\r\n", csv.text());
        let clash = import(&su, "text/csv", &more, "refuse").send().await.unwrap();
        assert_eq!((clash.status, clash.problem().unwrap().errors.len()), (409, 3));
        refused(&clash, ErrorCode::Conflict, "row 2: shortcut");
        let done: ImportedCanned = import(&su, "text/csv; charset=utf-8", &more, "replace").read().await.unwrap();
        assert_eq!(done, ImportedCanned { created: 1, replaced: 3 });
        let mut after: CannedFile = su.request("GET", "/canned/export").read().await.unwrap();
        after.items.retain(|row| row.shortcut != "new");
        assert_eq!(after, before, "what was written to a spreadsheet is read back");
        let empty: CannedFile = bo.request("GET", "/canned/export").query("scope", "personal").read().await.unwrap();
        assert!(empty.items.is_empty());

        let wrong = "shortcut,body,scope,team\na b,x,,\nok,x,,\nok,{{x}},team,\nx,x,everyone,\nx,x,team,none\nx,x,,Returns\n";
        let answer = import(&su, "text/csv", wrong, "refuse").send().await.unwrap();
        let fields: Vec<_> = answer.problem().unwrap().errors.into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["row 2: shortcut", "row 4: team", "row 5: scope", "row 6: team", "row 7: team"]);
        for (kind, body, status) in [
            ("text/csv", "shortcut,body\na\n", 422),
            ("text/csv", "name,text\na,b\n", 422),
            ("text/csv", "shortcut,text\n", 422),
            ("text/csv", "", 422),
            ("text/csv", "Shortcut,BODY\n", 200),
            ("application/json", "[]", 422),
            ("application/json", "{", 400),
            ("application/json", r#"{"items":[{"shortcut":"a"}]}"#, 422),
            ("text/plain", "a", 415),
        ] {
            let answer = import(&su, kind, body, "refuse").send().await.unwrap();
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
        }
        let not_utf8 = su.request("POST", "/canned/import").body("text/csv", b"shortcut,body\n\xff,x\n".to_vec()).send().await.unwrap();
        refused(&not_utf8, ErrorCode::Invalid, "body");
        let large = " ".repeat(limits::CANNED_FILE_BYTES + 1);
        let answer = import(&su, "application/json", &large, "refuse").send().await.unwrap();
        assert_eq!(answer.status, 413, "{}", answer.text());
        refused(&su.request("POST", "/canned/import").query("existing", "x").json(&json!({ "items": [] })).send().await.unwrap(), ErrorCode::Invalid, "existing");

        // An agent brings their own only.
        let answer = import(&bo, "text/csv", "shortcut,body,scope\na,a,\nb,b,all\n", "refuse").send().await.unwrap();
        assert_eq!(answer.status, 403);
        assert!(list(&bo, &[("scope", "personal")]).await.is_empty());
        let many = (0..=limits::CANNED_PERSONAL).map(|n| format!("n{n},x\n")).collect::<String>();
        let answer = import(&bo, "text/csv", &format!("shortcut,body\n{many}"), "refuse").send().await.unwrap();
        assert!(refused(&answer, ErrorCode::Invalid, "canned").contains("200"), "{}", answer.text());
    }
}
