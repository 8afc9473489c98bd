//! Pages of other origins: cookies serve our own pages only, tokens only where the site allows it (contract §3).

use loadtest::client::{Answer, Failure};
use protocol::ErrorCode;
use serde_json::json;

use super::{Owner, World};
use crate::support::{Engine, TestServer};

const SHOP: &str = "https://shop.example";

/// Origins that look like the shop's or like ours.
fn strangers(server: &TestServer) -> Vec<String> {
    let own = &server.url;
    let port = server.address().port();
    [
        "https://evil.example",
        "null",
        "",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example/",
        "https://shop.example@evil.example",
        "https://shop.example.",
        "https://SHOP.example.evil.example",
        "http://localhost.evil.example",
        "http://localhost:1@evil.example",
        "file://",
        "chrome-extension://abc",
        "https://shop.example, https://evil.example",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("{own}.evil.example"),
        format!("http://127.0.0.1:{}", port.wrapping_add(1).max(1)),
        "http://127.0.0.1".to_owned(),
        format!("http://evil.example:{port}"),
    ])
    .collect()
}

async fn world_with_a_shop() -> World {
    let world = World::new(TestServer::start(Engine::Sqlite).await).await;
    let sites: serde_json::Value = world.admin.request("GET", "/sites").read().await.unwrap();
    let demo = sites["items"].as_array().unwrap().iter().find(|site| site["key"] == "demo").unwrap();
    let id = demo["id"].as_str().unwrap();
    let allow = json!({ "allowed_origins": [SHOP] });
    world.admin.request("PATCH", &format!("/sites/{id}")).json(&allow).done().await.unwrap();
    world
}

fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 403, "{what}: {}", answer.text());
    assert_eq!(answer.problem().unwrap().code, ErrorCode::OriginRefused, "{what}");
}

#[tokio::test]
async fn a_login_serves_our_own_pages_only() {
    let world = world_with_a_shop().await;
    let chat = world.chat(Owner).await;
    let id = chat.id;
    let own = world.client.origin();
    let requests = |origin: Option<&str>, fetch_site: Option<&str>| {
        let with = |mut request: loadtest::client::Request| {
            if let Some(origin) = origin {
                request = request.origin(origin);
            }
            if let Some(site) = fetch_site {
                request = request.header("sec-fetch-site", site);
            }
            request
        };
        let admin = &world.admin;
        vec![
            with(admin.request("GET", "/auth/me")),
            with(admin.request("GET", "/sessions")),
            with(admin.request("GET", "/agents")),
            with(admin.on_session("GET", id, "/entries")),
            with(admin.on_session("GET", id, "/transcript")),
            with(admin.on_session("GET", id, "/events").query("wait", "0")),
            with(admin.on_session("POST", id, "/claim")),
            with(admin.on_session("POST", id, "/typing").json(&json!({ "on": true }))),
            with(admin.on_session("PATCH", id, "").json(&json!({}))),
            with(admin.request("POST", "/events").json(&json!({ "wait": 0 }))),
        ]
    };
    // The site's own page is a stranger to the console, too.
    for origin in strangers(&world.server).iter().map(String::as_str).chain([SHOP]) {
        for request in requests(Some(origin), None) {
            let what = format!("{origin}: {request:?}");
            let answer = request.send().await.unwrap();
            refused(&answer, &what);
            chat.assert_hidden(&answer.text(), &what);
        }
        let login = json!({ "email": "admin@localhost", "password": "correct horse battery" });
        let login = world.client.request("POST", "/api/v1/auth/login").origin(origin).json(&login);
        let answer = login.send().await.unwrap();
        refused(&answer, "a login");
        assert_eq!(answer.header("set-cookie"), None);
        let socket = world.admin.websocket().origin(origin).connect().await;
        let Err(Failure::Closed(closed)) = socket else { panic!("{origin}: {socket:?}") };
        assert_eq!(
            (closed.code, closed.bye.unwrap().reason.as_str()),
            (Some(4501), "origin_refused"),
            "{origin}"
        );
    }
    for site in ["cross-site", "same-site", "", "nonsense"] {
        for request in requests(None, Some(site)).into_iter().chain(requests(Some(&own), Some(site))) {
            let what = format!("{site}: {request:?}");
            refused(&request.send().await.unwrap(), &what);
        }
        let socket = world.admin.websocket().header("sec-fetch-site", site).connect().await;
        let Err(Failure::Closed(closed)) = socket else { panic!("{site}: {socket:?}") };
        assert_eq!(closed.code, Some(4501), "{site}");
    }
    for (origin, site) in [(None, None), (Some(own.as_str()), Some("same-origin")), (None, Some("none"))] {
        for request in requests(origin, site) {
            let what = format!("{request:?}");
            assert!(request.send().await.unwrap().status < 300, "{what}");
        }
    }
    world.admin.websocket().origin(&own).header("sec-fetch-site", "same-origin").connect().await.unwrap();
    world.admin.logout().await.unwrap();
}

#[tokio::test]
async fn a_token_serves_pages_that_its_site_allows() {
    let world = world_with_a_shop().await;
    let chat = world.chat(Owner).await;
    let own = world.client.origin();
    let requests = |origin: &str| {
        let start = json!({ "name": "Ana", "phone": "+447700900118" });
        vec![
            chat.owner.request("GET", "/me").origin(origin),
            chat.owner.on_session("GET", chat.id, "").origin(origin),
            chat.owner.on_session("POST", chat.id, "/typing").json(&json!({ "on": true })).origin(origin),
            chat.owner.on_session("GET", chat.id, "/events").query("wait", "0").origin(origin),
            chat.owner.request("POST", "/events").json(&json!({ "wait": 0 })).origin(origin),
            world.client.request("GET", "/api/v1/sites/demo").origin(origin),
            world.client.request("POST", "/api/v1/sites/demo/sessions").json(&start).origin(origin),
        ]
    };
    for origin in strangers(&world.server) {
        for request in requests(&origin) {
            let what = format!("{origin}: {request:?}");
            let answer = request.send().await.unwrap();
            refused(&answer, &what);
            chat.assert_hidden(&answer.text(), &what);
            assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
        }
        let socket = chat.owner.websocket().origin(&origin).connect().await;
        let Err(Failure::Closed(closed)) = socket else { panic!("{origin}: {socket:?}") };
        assert_eq!(closed.code, Some(4501), "{origin}");
    }
    for origin in [SHOP, own.as_str()] {
        for request in requests(origin) {
            let what = format!("{origin}: {request:?}");
            let answer = request.header("sec-fetch-site", "cross-site").send().await.unwrap();
            assert!(answer.status < 300, "{what}: {}", answer.text());
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{what}");
            assert_eq!(answer.header("vary").map(|vary| vary.contains("origin")), Some(true), "{what}");
            // No cookie ever crosses origins.
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{what}");
        }
        chat.owner.websocket().origin(origin).connect().await.unwrap();
    }
    // Allowed for one site is not allowed for another.
    let foreign = world.foreign_customer.request("GET", "/me").origin(SHOP).send().await.unwrap();
    refused(&foreign, "the other site's customer");
    let foreign = world.foreign_customer.websocket().origin(SHOP).connect().await;
    assert!(matches!(foreign, Err(Failure::Closed(closed)) if closed.code == Some(4501)));
    let foreign = world.client.request("GET", "/api/v1/sites/other-shop").origin(SHOP).send().await.unwrap();
    refused(&foreign, "the other site");
}

#[tokio::test]
async fn a_preflight_says_what_the_widget_may_do() {
    let world = world_with_a_shop().await;
    let preflight = |path: &str, origin: &str| {
        world
            .client
            .request("OPTIONS", path)
            .origin(origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .send()
    };
    for path in ["/api/v1/sites/demo/sessions", "/api/v1/me", "/api/v1/sessions/x/messages", "/api/v1/events"]
    {
        let answer = preflight(path, SHOP).await.unwrap();
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
        let headers = answer.header("access-control-allow-headers").unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
        assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert!(answer.header("vary").unwrap().contains("origin"));
        for stranger in strangers(&world.server) {
            let answer = preflight(path, &stranger).await.unwrap();
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!((allowed, answer.body.len()), (None, 0), "{stranger}");
        }
    }
}

/// Behind a public URL only that is our own, whatever the Host header says.
#[tokio::test]
async fn a_public_url_is_the_only_own_origin() {
    let server = TestServer::start_with(Engine::Sqlite, &["--public-url=https://chat.example"]).await;
    let admin = server.admin().await;
    let me = |origin: &str| admin.request("GET", "/auth/me").origin(origin).send();
    assert_eq!(me("https://chat.example").await.unwrap().status, 200);
    let by_address = server.client().origin();
    for bad in [
        "http://chat.example",
        "https://chat.example:444",
        by_address.as_str(),
        "https://chat.example.evil.example",
    ] {
        refused(&me(bad).await.unwrap(), bad);
    }
}
