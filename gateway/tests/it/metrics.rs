//! `/metrics`: on its own listener alone, and true.

use loadtest::client::Server;
use tokio::time::{Duration, Instant};

use crate::support::{Engine, TestServer, UNHURRIED};

/// The value of one line.
fn value(page: &str, name: &str) -> f64 {
    let line = page.lines().find(|line| line.split(' ').next() == Some(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{page}")).split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_happens_is_counted() {
    let mut flags = UNHURRIED.to_vec();
    flags.push("--metrics-listen=127.0.0.1:0");
    let server = TestServer::start_with(Engine::Sqlite, &flags).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    let address = loop {
        let said = server.said();
        if let Some((_, rest)) = said.split_once("metrics.address=") {
            break rest.split_whitespace().next().unwrap().to_owned();
        }
        assert!(Instant::now() < deadline, "{said}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let metrics = Server::new(format!("http://{address}")).unwrap();
    let page = async || {
        let answer = metrics.request("GET", "/metrics").send().await.unwrap();
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body.to_vec()).unwrap()
    };
    assert!(page().await.contains("# HELP hubbub_deliveries_total"));

    let (ana, started) = server.customer("Ana", "+447700900801").await;
    let mut socket = ana.websocket().follow(started.session.id, None, None).connect().await.unwrap();
    socket.opened(started.session.id).await.unwrap();
    let sent = ana.say(started.session.id, "hello").await.unwrap();
    socket.entry(started.session.id, |entry| entry.id == sent.id).await.unwrap();
    let counted = page().await;
    assert_eq!(value(&counted, "hubbub_entries_committed_total"), 1.0);
    let asked = value(&counted, "hubbub_store_statements_total");
    ana.say(started.session.id, "again").await.unwrap();
    assert!(value(&page().await, "hubbub_store_statements_total") > asked);
    assert_eq!(value(&counted, "hubbub_deliveries_total"), 1.0);
    assert_eq!(value(&counted, "hubbub_connections"), 1.0);
    assert_eq!(value(&counted, "hubbub_live_sessions"), 1.0);
    assert_eq!(value(&counted, "hubbub_draining"), 0.0);
    assert!(!counted.contains("hubbub_link_up"), "a node that is alone has no link");

    // It is not for the public, and the public's pages are not there.
    let public = server.client().request("GET", "/metrics").send().await.unwrap();
    assert_eq!(public.status, 404);
    assert_eq!(metrics.request("GET", "/console").send().await.unwrap().status, 404);
}

#[tokio::test]
async fn an_address_that_is_taken_ends_the_start() {
    let server = TestServer::start(Engine::Sqlite).await;
    let taken = server.address().to_string();
    let output = server.cli(&["serve", "--listen=127.0.0.1:0", "--metrics-listen", &taken]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--metrics-listen"), "{said}");
}
