//! What the team is told of a customer's surroundings: pages, browser, language, and the customer's other chats.

use loadtest::client::{Answer, Caller, introduction};
use protocol::{
    ErrorCode, SessionId, SessionSummary,
    rest::{Page, PageContext, SessionContext, StartSession},
};
use serde_json::{Value, json};

use crate::support::{TestServer, on_both_stores};

async fn on_page(caller: &Caller, session: SessionId, body: Value) -> Answer {
    caller.on_session("POST", session, "/page").json(&body).send().await.unwrap()
}

async fn context(caller: &Caller, session: SessionId) -> SessionContext {
    let answer = caller.on_session("GET", session, "/context").send().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

async fn related(caller: &Caller, session: SessionId, query: &[(&str, &str)]) -> Page<SessionSummary> {
    let request = caller.on_session("GET", session, "/related");
    let request = query.iter().fold(request, |request, (name, value)| request.query(name, value));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(&answer.text()).unwrap()
}

on_both_stores! {
    async fn the_team_sees_where_the_customer_is(engine: Engine) {
        let server = TestServer::start(engine).await;
        let agent = server.admin().await;
        let start = StartSession {
            locale: Some("pt-BR".into()),
            page: Some(PageContext {
                url: Some("https://ana:pw@shop.example/a?b=1&token=t#top".into()),
                title: Some("A raincoat".into()),
                referrer: Some("javascript:alert(1)".into()),
            }),
            fields: Some([("order".into(), "12".into())].into()),
            ..introduction("Ana", "+447700900118")
        };
        let (ana, started) = server.client().start("demo", start).await.unwrap();
        let session = started.session.id;
        let began = context(agent.caller(), session).await;
        assert_eq!(began.page.url.as_deref(), Some("https://shop.example/a?b=1"));
        assert_eq!((began.page.title.as_deref(), began.page.referrer), (Some("A raincoat"), None));
        assert_eq!((began.locale.as_deref(), began.fields["order"].as_str()), (Some("pt-BR"), "12"));
        assert_eq!((began.pages.len(), began.claimed_external_id), (0, None));

        // Pages come as they are seen, and the newest 20 stay.
        for n in 0..22 {
            let page = json!({ "url": format!("https://shop.example/{n}#x"), "title": format!("Page {n}") });
            assert_eq!(on_page(&ana, session, page).await.status, 204, "{n}");
        }
        let pages = context(agent.caller(), session).await.pages;
        let urls: Vec<_> = pages.iter().map(|page| page.url.as_str()).collect();
        assert_eq!((urls.len(), urls[0], urls[19]), (20, "https://shop.example/21", "https://shop.example/2"));
        assert!(pages.is_sorted_by(|a, b| a.seen_at > b.seen_at));
        assert_eq!(pages[0].title.as_deref(), Some("Page 21"));

        // What is none is refused by name; and who goes on too fast waits.
        for (body, field) in [
            (json!({ "url": "javascript:alert(1)" }), "url"),
            (json!({ "url": format!("https://shop.example/{}", "x".repeat(2_000)) }), "url"),
            (json!({ "url": "https://shop.example/", "title": "x".repeat(2_001) }), "title"),
        ] {
            let problem = on_page(&ana, session, body.clone()).await.problem().unwrap();
            assert_eq!((problem.code, problem.errors[0].field.as_str()), (ErrorCode::Invalid, field), "{body}");
        }
        let fast = json!({ "url": "https://shop.example/fast" });
        let mut last = on_page(&ana, session, fast.clone()).await;
        for _ in 0..10 {
            last = on_page(&ana, session, fast.clone()).await;
        }
        assert_eq!(last.problem().unwrap().code, ErrorCode::RateLimited);

        // It goes on with the customer.
        ana.close(session).await.unwrap();
        let next = ana.say(session, "one more thing").await.unwrap().session;
        let carried = context(agent.caller(), next).await;
        assert_eq!((carried.page.title.as_deref(), carried.locale.as_deref()), (Some("A raincoat"), Some("pt-BR")));
    }

    async fn the_customers_other_chats_are_found(engine: Engine) {
        let server = TestServer::start(engine).await;
        let su = server.member("supervisor", "su@shop.example", "Su").await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let mut chats = Vec::new();
        for _ in 0..4 {
            chats.push(server.customer("Ana", "+447700900118").await.1.session.id);
        }
        let (_, other) = server.customer("Ben", "+447700900119").await;
        su.claim(chats[1]).await.unwrap();
        let ids = |page: &Page<SessionSummary>| page.items.iter().map(|item| item.id).collect::<Vec<_>>();
        let all = related(su.caller(), chats[3], &[]).await;
        assert_eq!((ids(&all), all.total, all.next_cursor), (vec![chats[2], chats[1], chats[0]], 3, None));
        let his = related(bo.caller(), chats[3], &[]).await;
        assert_eq!((ids(&his), his.total), (vec![chats[2], chats[0]], 2), "without what is not his to see");
        let first = related(su.caller(), chats[3], &[("limit", "2")]).await;
        assert_eq!((ids(&first), first.total), (vec![chats[2], chats[1]], 3));
        let cursor = first.next_cursor.unwrap();
        let rest = related(su.caller(), chats[3], &[("limit", "2"), ("cursor", &cursor)]).await;
        assert_eq!((ids(&rest), rest.next_cursor), (vec![chats[0]], None));
        assert_eq!(related(su.caller(), other.session.id, &[]).await.total, 0);
    }
}
