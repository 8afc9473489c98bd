//! The OpenAPI document is whole: every route is in it, with a row in the matrix, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{every_route, routes};
use crate::support::{
    Engine, TestServer,
    document::{DOCUMENT, TABLE, faults},
};

/// For people and browsers, not for programs.
const PAGES: &[&str] = &[
    "GET /widget.js",
    "GET /assets/{*path}",
    "GET /console",
    "GET /console/",
    "GET /console/{*place}",
    "GET /demo",
    "GET /api/docs",
    // In words only: OpenAPI knows no WebSocket.
    "GET /ws",
];

/// Every method and path of the document.
fn documented() -> BTreeSet<String> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let routes = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    routes.collect()
}

#[test]
fn every_route_is_in_the_document() {
    let documented = documented();
    let mut faults = Vec::new();
    for route in every_route().difference(&documented).filter(|route| !PAGES.contains(&route.as_str())) {
        let (method, path) = route.split_once(' ').unwrap();
        let (method, path) = (method.to_lowercase(), path.replace("/api/v1", ""));
        faults.push(format!(
            "{route} is in gateway/src/router.rs, but not in the OpenAPI document. Add its row to a file of {TABLE}, \
             `{method}(\"{path}\", \"anId\", \"What it does\").by(Who::…).takes::<Body>().answers::<Answer>(),` as its \
             neighbours are, and run `make types`."
        ));
    }
    for route in documented.difference(&every_route()) {
        faults.push(format!(
            "{route} is no route any more: take its row out of {TABLE}, and run `make types`."
        ));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_matrix_and_the_document_agree() {
    for route in documented() {
        let Some(expected) = routes::expected_of(&route) else { continue };
        let (method, path) = route.split_once(' ').unwrap();
        let operation = &DOCUMENT["paths"][path][method.to_lowercase()];
        // The first two columns of the matrix have no credential.
        let open = expected.iter().all(|words| !words.starts_with("401 401"));
        assert_eq!(open, operation["security"] == json!([]), "{route}: who may call it? {TABLE}");
        for status in expected.iter().flat_map(|words| words.split_whitespace()) {
            if status.parse::<u16>().is_ok() {
                assert!(operation["responses"].get(status).is_some(), "{route}: {status} is not in {TABLE}");
            }
        }
    }
}

/// What the document gives as examples is what it asks for.
#[test]
fn examples_are_valid() {
    fn look(value: &Value, found: &mut usize) {
        match value {
            Value::Object(object) => {
                for example in object.get("examples").and_then(Value::as_array).into_iter().flatten() {
                    let faults = faults(value, example, false);
                    assert!(faults.is_empty(), "{example}: {faults:?}");
                    *found += 1;
                }
                object.values().for_each(|value| look(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| look(item, found)),
            _ => {}
        }
    }
    let mut found = 0;
    look(&DOCUMENT["components"]["schemas"], &mut found);
    assert!(found > 5);
}

#[tokio::test]
async fn the_server_hands_it_out() {
    let server = TestServer::start(Engine::Sqlite).await;
    let ask = || server.client().request("GET", "/api/openapi.json");
    let whole = ask().send().await.unwrap();
    assert_eq!((whole.status, whole.text().as_str()), (200, protocol::OPENAPI));
    let small = ask().header("accept-encoding", "br").send().await.unwrap();
    assert_eq!(small.header("content-encoding"), Some("br"));
    assert!(small.body.len() < whole.body.len() / 5, "{} bytes", small.body.len());
    let known = ask().header("if-none-match", whole.header("etag").unwrap()).send().await.unwrap();
    assert_eq!((known.status, known.body.len()), (304, 0));
}
