//! Files and pages: what they carry for browsers, how they are cached, and that nothing else is served.

use loadtest::client::{Answer, Request};

use crate::support::{Engine, TestServer, raw::exchange};

async fn assets(server: &TestServer) -> Vec<String> {
    let mut found = Vec::new();
    for page in ["/console", "/demo", "/api/docs"] {
        let html = server.client().request("GET", page).send().await.unwrap().text();
        found.extend(html.split(['"', '\'']).filter(|word| word.starts_with("/assets/")).map(str::to_owned));
    }
    assert!(found.len() >= 2, "the pages name no assets");
    found
}

async fn get(server: &TestServer, path: &str) -> Answer {
    server.client().request("GET", path).send().await.unwrap()
}

/// Every answer, whatever it is, says what browsers must not do with it.
#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let server = TestServer::start(Engine::Sqlite).await;
    let secure = TestServer::start_with(Engine::Sqlite, &["--public-url=https://chat.example"]).await;
    let (customer, started) = server.customer("Ana", "+447700900118").await;
    let asset = assets(&server).await.remove(0);
    let id = started.session.id;
    let any = |method: &str, path: &str| server.client().request(method, path);
    let requests: Vec<Request> = vec![
        any("GET", "/console"),
        any("GET", "/console/sessions/x"),
        any("GET", "/demo"),
        any("GET", "/widget.js"),
        any("GET", &asset),
        any("GET", "/nowhere"),
        any("GET", "/assets/nowhere"),
        any("GET", "/api/v1/nowhere"),
        any("DELETE", "/api/v1/me"),
        any("GET", "/api/v1/me"),
        any("OPTIONS", "/api/v1/me")
            .header("access-control-request-method", "GET")
            .origin("http://localhost"),
        any("GET", "/api/v1/sites/demo"),
        any("GET", "/healthz"),
        any("GET", "/readyz"),
        any("GET", "/ws"),
        any("HEAD", "/console"),
        any("POST", "/api/v1/auth/login").body("text/plain", "x"),
        customer.request("GET", "/me"),
        customer.on_session("GET", id, "/transcript"),
        customer.on_session("POST", id, "/typing").body("application/json", vec![b' '; 300_000]),
    ];
    for request in requests {
        let what = format!("{request:?}");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
        assert!(answer.header("referrer-policy").is_some(), "{what}");
        assert_eq!(
            answer.header("strict-transport-security"),
            None,
            "{what}: over plain http it means nothing"
        );
        assert!(answer.header("cache-control").is_some(), "{what}");
        assert_eq!(answer.header("server"), None, "{what}");
    }
    let two_hosts =
        exchange(&server, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n").await;
    assert!(two_hosts.head.to_lowercase().contains("x-content-type-options: nosniff"), "{two_hosts:?}");
    for path in ["/console", "/api/v1/me", "/nowhere"] {
        let hsts = get(&secure, path).await;
        assert!(hsts.header("strict-transport-security").unwrap().starts_with("max-age=3"), "{path}");
    }
}

/// Our own pages run nothing that is not a file of ours, and are framed by nobody.
#[tokio::test]
async fn pages_have_a_strict_policy() {
    let server = TestServer::start(Engine::Sqlite).await;
    for page in ["/console", "/console/", "/console/sessions/x", "/console/a/b/c", "/demo", "/api/docs"] {
        let answer = get(&server, page).await;
        assert_eq!(answer.header("content-type"), Some("text/html"), "{page}");
        let policy = answer.header("content-security-policy").unwrap();
        let directives: Vec<_> = policy.split(';').map(str::trim).collect();
        for wanted in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(directives.contains(&wanted), "{page}: {wanted} is not in {policy}");
        }
        for never in ["unsafe-inline", "unsafe-eval", "*", "http:", "https:", "blob:"] {
            assert!(!policy.contains(never), "{page}: {policy}");
        }
        let html = answer.text();
        // What the policy would stop must not be there.
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
            assert!(!html.contains(inline), "{page}: {inline}");
        }
        for script in html.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains("src="), "{page}: an inline script: <script{tag}>");
        }
    }
}

#[tokio::test]
async fn files_are_cached_as_their_names_allow() {
    let server = TestServer::start(Engine::Sqlite).await;
    for asset in assets(&server).await {
        let answer = get(&server, &asset).await;
        assert_eq!(answer.status, 200, "{asset}");
        let cache = answer.header("cache-control").unwrap();
        assert!(cache.contains("immutable") && cache.contains("max-age=31536000"), "{asset}: {cache}");
        let kind = answer.header("content-type").unwrap();
        let expected = match asset.rsplit('.').next().unwrap() {
            "js" => "text/javascript",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            other => panic!("{other}"),
        };
        assert!(kind.starts_with(expected), "{asset}: {kind}");
    }
    for (path, cache) in [("/widget.js", "max-age=300"), ("/console", "no-cache"), ("/demo", "no-cache")] {
        let answer = get(&server, path).await;
        assert!(answer.header("cache-control").unwrap().contains(cache), "{path}");
        let etag = answer.header("etag").unwrap().to_owned();
        for known in [
            etag.clone(),
            format!("\"other\", {etag}"),
            etag.trim_start_matches("W/").to_owned(),
            "*".to_owned(),
        ] {
            let same =
                server.client().request("GET", path).header("if-none-match", &known).send().await.unwrap();
            assert_eq!((same.status, same.body.len()), (304, 0), "{path} with {known}");
            assert_eq!(same.header("etag"), Some(etag.as_str()), "{path}");
        }
        let other =
            server.client().request("GET", path).header("if-none-match", "\"other\"").send().await.unwrap();
        assert_eq!((other.status, &other.body), (200, &answer.body), "{path}");
    }
    // Any page on the web may load the embed and its parts; the console only our own.
    let widget = get(&server, "/widget.js").await;
    assert_eq!(widget.header("access-control-allow-origin"), Some("*"));
    assert_eq!(widget.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(get(&server, "/console").await.header("access-control-allow-origin"), None);
    // What somebody asked is nobody else's to keep.
    for path in ["/api/v1/sites/demo", "/api/v1/me", "/healthz", "/nowhere"] {
        assert_eq!(get(&server, path).await.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn what_is_worth_it_is_compressed() {
    let server = TestServer::start(Engine::Sqlite).await;
    for encoding in ["gzip", "br"] {
        let mut saved = 0;
        for asset in assets(&server).await {
            let plain = get(&server, &asset).await;
            assert_eq!(plain.header("content-encoding"), None);
            let packed = server
                .client()
                .request("GET", &asset)
                .header("accept-encoding", encoding)
                .send()
                .await
                .unwrap();
            if plain.body.len() > 2_000 {
                assert_eq!(packed.header("content-encoding"), Some(encoding), "{asset}");
                assert!(packed.body.len() < plain.body.len() * 2 / 3, "{asset}");
                saved += 1;
            }
            let vary = packed.header("vary").unwrap_or_default().to_lowercase();
            assert!(
                vary.contains("accept-encoding") || packed.header("content-encoding").is_none(),
                "{asset}: {vary}"
            );
            // Two forms of a file are not the same bytes, so no strong validator names both (RFC 9110 §8.8.1).
            if let Some(etag) = packed.header("etag") {
                assert!(etag.starts_with("W/"), "{asset}: {etag}");
            }
        }
        assert!(saved > 0, "nothing was large enough to show anything");
    }
}

/// Only what was built is served: no path leads out of it.
#[tokio::test]
async fn no_path_leads_out() {
    let server = TestServer::start(Engine::Sqlite).await;
    for path in [
        "/assets/../index.html",
        "/assets/../console/index.html",
        "/assets/%2e%2e/console/index.html",
        "/assets/..%2fconsole%2findex.html",
        "/assets/..%5cconsole%5cindex.html",
        "/assets/....//console/index.html",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/../../../../../../etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets/..%252f..%252fetc/passwd",
        "/assets/%00",
        "/assets/x%00.js",
        "/assets/",
        "/assets/.",
        "/assets/Cargo.toml",
        "/../Cargo.toml",
        "//etc/passwd",
        "/widget.js/../../Cargo.toml",
        "/demo/../Cargo.toml",
        "/data/hubbub.db",
        "/.env",
        "/.git/config",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = exchange(&server, request.as_bytes()).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        assert!(!answer.body.contains("root:") && !answer.body.contains("[package]"), "{path}: {answer:?}");
    }
    // Below the console everything is a place in it, and the page is the same.
    let console = get(&server, "/console").await.body;
    for path in
        ["/console/../Cargo.toml", "/console/%2e%2e/%2e%2e/etc/passwd", "/console/x/../../data/hubbub.db"]
    {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = exchange(&server, request.as_bytes()).await;
        assert_eq!((answer.status, answer.body.as_bytes()), (200, console.as_slice()), "{path}");
    }
}
