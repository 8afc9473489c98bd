//! The eight promises, by the reference client's checker.

use loadtest::{history::History, verify};

use crate::support::{ADMIN_EMAIL, ADMIN_PASSWORD, TestServer, on_both_stores};

on_both_stores! {
    /// Promises 1–6 under a mixed load with cut links, retries and both transports.
    async fn a_mixed_load_keeps_every_promise(engine: Engine) {
        let server = TestServer::start(engine).await;
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
}
