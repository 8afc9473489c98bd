//! The eight promises, by the reference client's checker.

use loadtest::{history::History, verify};

use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, TestServer, on_both_stores};

on_both_stores! {
    /// Promises 1–6 under a mixed load with cut links, retries and both transports.
    async fn a_mixed_load_keeps_every_promise(engine: Engine) {
        promises_hold(&TestServer::start(engine).await).await;
    }

    /// One thread is another runtime, in which nothing may wait for another thread.
    async fn so_it_does_on_one_thread(engine: Engine) {
        promises_hold(&TestServer::start_with(engine, &["--threads=1"]).await).await;
    }
}

async fn promises_hold(server: &TestServer) {
    let options = verify::Options {
        url: server.url.clone(),
        site: "demo".to_owned(),
        email: ADMIN_EMAIL.to_owned(),
        password: ADMIN_PASSWORD.to_owned(),
        customers: 12,
        agents: 3,
        messages: 12,
        seed: 1,
        mix: verify::Mix::Mixed,
        reconnects: 20,
        timeout: std::time::Duration::from_secs(60),
    };
    let report = verify::run(&options, &History::new()).await.unwrap();
    assert!(report.passed(), "{report}");
}
