//! Saved views, as those have them who keep them, and as lists that are watched.

use loadtest::client::{AgentClient, Answer, WsConnection};
use protocol::{
    ClientFrame, ErrorCode, ServerFrame, SessionId, SessionSort, SessionSummary, View, ViewFilter, ViewId,
    ViewName, limits,
    rest::{Page, PollRequest, PollView, SavedView, SessionsPage},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestServer, on_both_stores};

pub(crate) async fn ask(agent: &AgentClient, method: &str, path: &str, body: Value) -> Answer {
    let request = agent.request(method, path);
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.unwrap()
}

pub(crate) async fn saved(agent: &AgentClient, name: &str, shared: bool, filter: Value) -> SavedView {
    let body = json!({ "name": name, "shared": shared, "filter": filter });
    let answer = ask(agent, "POST", "/views", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

async fn names(agent: &AgentClient) -> Vec<String> {
    let page: Page<SavedView> = agent.request("GET", "/views").read().await.unwrap();
    assert_eq!(page.total as usize, page.items.len());
    page.items.into_iter().map(|view| view.name).collect()
}

async fn found(agent: &AgentClient, view: &str, limit: usize) -> (Vec<SessionId>, u64) {
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let request =
            agent.request("GET", "/sessions").query("view", view).query("limit", &limit.to_string());
        let request = cursor.iter().fold(request, |request, cursor| request.query("cursor", cursor));
        let page: SessionsPage = request.read().await.unwrap();
        assert!(page.items.len() <= limit);
        found.extend(page.items.into_iter().map(|item| item.session.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return (found, page.total);
        }
    }
}

async fn patch(agent: &AgentClient, session: SessionId, change: Value) {
    let answer = ask(agent, "PATCH", &format!("/sessions/{session}"), change).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

pub(crate) async fn counted(desk: &mut WsConnection, wanted: &View, number: u64) {
    let counted = desk.expect(|frame| match frame {
        ServerFrame::Listed { view, sessions, total, .. } if view == wanted => {
            assert!(sessions.is_empty(), "none was asked for");
            (*total == number).then_some(())
        }
        ServerFrame::Session { .. } => panic!("none was asked for: {frame:?}"),
        _ => None,
    });
    counted.await.unwrap();
}

async fn comes(desk: &mut WsConnection, list: &View, id: SessionId) -> SessionSummary {
    // Of a list that is cut, the whole may be told in place of what changed.
    let added = desk.expect(|frame| match frame {
        ServerFrame::Added { view, session } if view == list && *session == id => Some(None),
        ServerFrame::Listed { view, sessions, .. } if view == list => {
            sessions.iter().find(|session| session.id == id).cloned().map(Some)
        }
        _ => None,
    });
    if let Some(shown) = added.await.unwrap() {
        return shown;
    }
    let shown = desk.expect(|frame| match frame {
        ServerFrame::Session { session } if session.id == id => Some(session.clone()),
        _ => None,
    });
    shown.await.unwrap()
}

async fn leaves(desk: &mut WsConnection, list: &View, id: SessionId) {
    let removed = desk.expect(|frame| match frame {
        ServerFrame::Removed { view, session } if view == list && *session == id => Some(()),
        ServerFrame::Listed { view, sessions, .. } if view == list => {
            sessions.iter().all(|session| session.id != id).then_some(())
        }
        _ => None,
    });
    removed.await.unwrap();
}

pub(crate) async fn told_of_views(desk: &mut WsConnection) {
    desk.expect(|frame| matches!(frame, ServerFrame::ViewsChanged).then_some(())).await.unwrap();
}

async fn not_kept(desk: &mut WsConnection, list: &View) -> (ErrorCode, String) {
    let refused = desk.expect(|frame| match frame {
        ServerFrame::Error { code, message, view: Some(view), .. } if view == list => {
            Some((*code, message.clone()))
        }
        _ => None,
    });
    refused.await.unwrap()
}

on_both_stores! {
    async fn each_keeps_their_own_and_the_leads_keep_everybodys(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (admin, bo, cleo) = (
            server.admin().await,
            server.member("agent", "bo@shop.example", "Bo").await,
            server.member("supervisor", "cleo@shop.example", "Cleo").await,
        );
        assert!(names(&bo).await.is_empty());
        let filter = json!({ "status": ["open", "in_progress"], "tag": " Refund ", "category": "" });
        let refunds = saved(&cleo, " Refunds ", true, filter).await;
        assert_eq!((refunds.name.as_str(), refunds.owner_id), ("Refunds", None));
        assert_eq!(serde_json::to_value(&refunds.filter).unwrap(), json!({ "status": ["open", "in_progress"], "tag": "refund" }));
        let own = saved(&bo, "Refunds", false, json!({ "assignee": "me" })).await;
        let vip = saved(&admin, "VIP", true, json!({ "priority": ["urgent"] })).await;
        assert_eq!(names(&bo).await, ["Refunds", "VIP", "Refunds"]);
        assert_eq!(names(&cleo).await, ["Refunds", "VIP"]);

        // Who may do what to which.
        for (who, id, status) in [(&bo, refunds.id, 403), (&cleo, own.id, 404), (&admin, own.id, 404)] {
            let path = format!("/views/{id}");
            assert_eq!(ask(who, "PATCH", &path, json!({ "name": "Mine" })).await.status, status);
            assert_eq!(ask(who, "DELETE", &path, Value::Null).await.status, status);
            assert_eq!(ask(who, "GET", &path, Value::Null).await.status, if status == 403 { 200 } else { 404 });
            let listed = who.request("GET", "/sessions").query("view", &id.to_string()).send().await.unwrap();
            assert_eq!(listed.status, if status == 403 { 200 } else { 404 });
        }
        let refused = ask(&bo, "PATCH", &format!("/views/{}", own.id), json!({ "shared": true })).await;
        assert_eq!(refused.status, 403);
        assert_eq!(ask(&bo, "PUT", "/views/order", json!({ "shared": true, "views": [] })).await.status, 403);

        // In another order, and with one that was one's own.
        let order = json!({ "shared": true, "views": [vip.id, refunds.id] });
        let ordered: Page<SavedView> = ask(&cleo, "PUT", "/views/order", order).await.json().unwrap();
        assert_eq!(ordered.items[0].id, vip.id);
        let late = saved(&admin, "Late", false, json!({ "sort": "waiting" })).await;
        let shared = ask(&admin, "PATCH", &format!("/views/{}", late.id), json!({ "shared": true })).await;
        assert_eq!(shared.json::<SavedView>().unwrap().owner_id, None);
        assert_eq!(names(&bo).await, ["VIP", "Refunds", "Late", "Refunds"]);
        let taken = ask(&cleo, "PATCH", &format!("/views/{}", late.id), json!({ "name": "refunds" })).await;
        assert_eq!(taken.problem().unwrap().code, ErrorCode::Conflict);
        assert_eq!(ask(&cleo, "DELETE", &format!("/views/{}", late.id), Value::Null).await.status, 204);
        assert_eq!(ask(&cleo, "DELETE", &format!("/views/{}", late.id), Value::Null).await.status, 404);
        assert_eq!(names(&bo).await, ["VIP", "Refunds", "Refunds"]);
    }

    async fn what_cannot_be_a_view_is_told_field_by_field(engine: Engine) {
        let server = TestServer::start(engine).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let own = saved(&bo, "Own", false, json!({})).await;
        let path = format!("/views/{}", own.id);
        let nobody = Uuid::now_v7();
        for (body, fields) in [
            (json!({ "filter": {} }), vec!["name"]),
            (json!({ "name": "x" }), vec!["filter"]),
            (json!({ "name": " ", "filter": {} }), vec!["name"]),
            (json!({ "name": "x".repeat(61), "filter": {} }), vec!["name"]),
            (json!({ "name": "x", "filter": { "tag": "x".repeat(41), "category": "a\nb" } }), vec!["filter.tag", "filter.category"]),
            (json!({ "name": "x", "filter": { "site": "elsewhere", "team": nobody, "assignee": nobody } }), vec!["filter.site", "filter.team", "filter.assignee"]),
        ] {
            let answer = ask(&bo, "POST", "/views", body.clone()).await;
            let problem = answer.problem().unwrap_or_else(|| panic!("{body}: {}", answer.text()));
            let named: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!((problem.code, named), (ErrorCode::Invalid, fields), "{body}");
        }
        for filter in [json!({ "q": "refund" }), json!({ "status": ["gone"] }), json!({ "assignee": "you" }), json!([]), json!("mine")] {
            let answer = ask(&bo, "PATCH", &path, json!({ "filter": filter })).await;
            assert_eq!(answer.problem().map(|problem| problem.code), Some(ErrorCode::Invalid), "{filter}");
        }
        for views in [json!([]), json!([own.id, own.id]), json!([own.id, nobody]), json!([nobody])] {
            let answer = ask(&bo, "PUT", "/views/order", json!({ "shared": false, "views": views })).await;
            assert_eq!(answer.problem().unwrap().errors[0].field, "views");
        }
        for (query, field) in [(["view", "yours"], "view"), (["tag", &"x".repeat(41)], "tag")] {
            let answer = bo.request("GET", "/sessions").query(query[0], query[1]).send().await.unwrap();
            assert_eq!(answer.problem().unwrap().errors[0].field, field);
        }
        let both = bo.request("GET", "/sessions").query("view", "mine").query("tag", "x").send().await.unwrap();
        assert_eq!(both.problem().unwrap().errors[0].field, "tag");
        for n in 1..limits::VIEWS {
            saved(&bo, &format!("View {n}"), false, json!({})).await;
        }
        let full = ask(&bo, "POST", "/views", json!({ "name": "One more", "filter": {} })).await;
        assert_eq!(full.problem().unwrap().errors[0].field, "views");
        assert_eq!(ask(&bo, "PATCH", &path, json!({ "name": "Still" })).await.status, 200);
    }

    async fn a_view_is_kept_live_with_its_number(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (admin, bo) = (server.admin().await, server.member("agent", "bo@shop.example", "Bo").await);
        let mut sessions = Vec::new();
        for n in 0..4 {
            sessions.push(server.customer("Ana", &format!("+4477009008{n:02}")).await.1.session.id);
        }
        let refunds = saved(&admin, "Refunds", true, json!({ "tag": "refund", "sort": "recent" })).await;
        let view = View::Saved(refunds.id);
        let mut desks = [admin.websocket().connect().await.unwrap(), bo.websocket().connect().await.unwrap()];
        let [list, number] = &mut desks;
        let listed = list.watch(view.clone(), Some(2)).await.unwrap();
        assert_eq!((listed.total, listed.sessions.len()), (0, 0));
        number.watch(view.clone(), Some(0)).await.unwrap();
        for (n, session) in sessions.iter().enumerate() {
            patch(&admin, *session, json!({ "tags": ["refund"] })).await;
            assert_eq!(comes(list, &view, *session).await.id, *session);
            counted(number, &view, n as u64 + 1).await;
        }
        let newest: Vec<_> = sessions.iter().rev().copied().collect();
        assert_eq!(found(&admin, &refunds.id.to_string(), 3).await, (newest.clone(), 4));
        // The two that are shown go; those behind them are told.
        patch(&bo, sessions[3], json!({ "tags": [] })).await;
        leaves(list, &view, sessions[3]).await;
        counted(number, &view, 3).await;
        patch(&bo, sessions[2], json!({ "tags": ["other"] })).await;
        leaves(list, &view, sessions[2]).await;

        // It asks for something else: whoever watches it is given that, whole.
        let change = json!({ "filter": { "tag": "other", "sort": "waiting" }, "name": "Others" });
        assert_eq!(ask(&admin, "PATCH", &format!("/views/{}", refunds.id), change).await.status, 200);
        told_of_views(number).await;
        counted(number, &view, 0).await;
        let anew = list.expect(|frame| match frame {
            ServerFrame::Listed { view: of, sort: SessionSort::Waiting, sessions, .. } if *of == view => Some(sessions.len()),
            _ => None,
        });
        assert_eq!(anew.await.unwrap(), 0, "nobody waits in it");

        // A filter that nobody saved is a list as well; and by long-poll all are the same.
        let filter = ViewFilter { tag: Some("other".into()), ..ViewFilter::default() };
        let by_tag = View::Filter(filter.into());
        let listed = number.watch(by_tag.clone(), None).await.unwrap();
        assert_eq!(listed.sessions.iter().map(|session| session.id).collect::<Vec<_>>(), [sessions[2]]);
        let asked = |limit, version: Option<String>| PollView { view: by_tag.clone(), limit, version };
        let poll = |views| PollRequest { views, wait: Some(5), ..PollRequest::default() };
        let polled = bo.poll_many(&poll(vec![asked(Some(0), None)])).await.unwrap().views.remove(0);
        assert_eq!((polled.sessions.len(), polled.total, polled.sort), (0, 1, SessionSort::Recent));
        let waiting = tokio::spawn({
            let (bo, request) = (bo.clone(), poll(vec![asked(Some(0), Some(polled.version))]));
            async move { bo.poll_many(&request).await.unwrap().views.remove(0).total }
        });
        patch(&admin, sessions[0], json!({ "tags": ["other"] })).await;
        assert_eq!(waiting.await.unwrap(), 2);
        comes(number, &by_tag, sessions[0]).await;
        assert_eq!(found(&bo, "all", 10).await.1, 4);

        // Changes of two at once are both kept.
        let path = format!("/views/{}", refunds.id);
        let (named, narrowed) = tokio::join!(
            ask(&admin, "PATCH", &path, json!({ "name": "Others at last" })),
            ask(&admin, "PATCH", &path, json!({ "filter": { "tag": "none" } })),
        );
        assert_eq!((named.status, narrowed.status), (200, 200));
        let both: SavedView = admin.request("GET", &path).read().await.unwrap();
        assert_eq!((both.name.as_str(), both.filter.tag.as_deref()), ("Others at last", Some("none")));

        // It is gone for whoever does not have it any more.
        assert_eq!(ask(&admin, "DELETE", &format!("/views/{}", refunds.id), Value::Null).await.status, 204);
        assert_eq!(not_kept(number, &view).await.0, ErrorCode::NotFound);
        let never = View::Saved(ViewId::new(Uuid::now_v7()));
        number.send(&ClientFrame::Watch { view: never.clone(), limit: None }).await.unwrap();
        assert_eq!(not_kept(number, &never).await.0, ErrorCode::NotFound);
        let gone = [&view, &never].map(|view| PollView { view: view.clone(), limit: None, version: None });
        let polled = bo.poll_many(&poll(vec![gone[0].clone(), asked(None, None), gone[1].clone()])).await.unwrap();
        assert_eq!((polled.views.len(), polled.missing_views.len()), (1, 2), "the others are told");
        let nowhere = ViewFilter { site: Some("elsewhere".into()), ..ViewFilter::default() };
        let long = ViewFilter { tag: Some("x".repeat(41)), ..ViewFilter::default() };
        for filter in [nowhere, long] {
            let view = View::Filter(filter.into());
            number.send(&ClientFrame::Watch { view: view.clone(), limit: None }).await.unwrap();
            assert_eq!(not_kept(number, &view).await.0, ErrorCode::Invalid);
        }
        // What was watched beside it goes on.
        patch(&admin, sessions[0], json!({ "tags": [] })).await;
        leaves(number, &by_tag, sessions[0]).await;
    }

    async fn nobody_finds_in_a_view_what_they_may_not_see(engine: Engine) {
        let server = TestServer::start(engine).await;
        let (admin, bo) = (server.admin().await, server.member("agent", "bo@shop.example", "Bo").await);
        let everything = saved(&admin, "Everything", true, json!({})).await;
        let mine = saved(&admin, "Mine", true, json!({ "assignee": "me" })).await;
        let (held, free) = (
            server.customer("Ana", "+447700900870").await.1.session.id,
            server.customer("Ben", "+447700900871").await.1.session.id,
        );
        let mut desk = bo.websocket().connect().await.unwrap();
        let view = View::Saved(everything.id);
        assert_eq!(desk.watch(view.clone(), Some(0)).await.unwrap().total, 2);
        admin.claim(held).await.unwrap();
        counted(&mut desk, &view, 1).await;
        for (agent, id, expected) in [
            (&bo, everything.id, vec![free]),
            (&bo, mine.id, vec![]),
            (&admin, mine.id, vec![held]),
        ] {
            assert_eq!(found(agent, &id.to_string(), 10).await.0, expected);
        }
        let listed = desk.watch(view.clone(), None).await.unwrap();
        assert_eq!(listed.sessions.iter().map(|session| session.id).collect::<Vec<_>>(), [free]);

        // A note that names Bo shows him the chat, as long as he may see it.
        let mentions = View::Named(ViewName::Mentions);
        assert_eq!(desk.watch(mentions.clone(), None).await.unwrap().total, 0);
        let note = json!({ "id": Uuid::now_v7(), "body": "@Bo", "mentions": [bo.who().you.id] });
        assert_eq!(ask(&admin, "POST", &format!("/sessions/{free}/notes"), note).await.status, 201);
        comes(&mut desk, &mentions, free).await;
        assert_eq!(found(&bo, "mentions", 10).await, (vec![free], 1));
        assert_eq!(found(&admin, "mentions", 10).await, (vec![], 0));
        admin.claim(free).await.unwrap();
        leaves(&mut desk, &mentions, free).await;
        assert_eq!(found(&bo, "mentions", 10).await, (vec![], 0));
    }
}
