//! Load tests by the binary, of a server that speaks the contract.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    process::Command,
};

use crate::{
    fake::{Fake, Fault},
    run::{play, said},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_waits_for_links_and_who_polls_has_none() {
    let fake = Fake::start(Fault::None).await;
    let words = ["--url", &fake.url, "--scenario", "storm", "--seed", "1"];
    let people = ["--set", "people.sessions=20", "--set", "people.long_poll=0.5"];
    let times = ["--set", "time.measured_s=2", "--set", "cut_all_at_s=0.5"];
    let (output, run) = play(&[&words[..], &people, &times].concat()).await;
    let run = run.unwrap_or_else(|| panic!("{}", said(&output)));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(run.connecting.made, 20);
    let back = run.counts.reconnects;
    assert!((1..20).contains(&back), "{back} of 20 came back: some poll, some do not");
    let cost = run.cost.unwrap().server_us_per_reconnect;
    assert!(cost.is_some(), "all who had a link came back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visits_end_with_the_load_and_nothing_is_called_unanswered() {
    let fake = Fake::start(Fault::None).await;
    let words = ["--url", &fake.url, "--scenario", "support-day", "--seed", "1", "--agent-password", "x"];
    // Each would chat for hours.
    let visits =
        ["--set", "visits.per_minute=1200", "--set", "visits.agents=3", "--set", "visits.think_s=1000"];
    let times = ["--set", "time.warm_up_s=0.2", "--set", "time.measured_s=1.5", "--set", "time.settle_s=20"];
    let (output, run) = play(&[&words[..], &visits, &times].concat()).await;
    let run = run.unwrap_or_else(|| panic!("{}", said(&output)));
    assert!(output.status.success(), "{}", said(&output));
    let counts = run.counts;
    assert!(counts.visits > 5 && counts.sent >= counts.visits, "{counts:?}");
    assert_eq!((counts.acked, counts.delivered), (counts.sent, counts.sent), "{counts:?}");
    assert_eq!((counts.lost, counts.unanswered), (0, 0), "{counts:?}");
    assert!(counts.errors.is_empty(), "{counts:?}");
}

#[tokio::test]
async fn a_worker_ends_with_its_coordinator_while_it_prepares() {
    // It listens, and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_hubbub-loadtest"))
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let plan = serde_json::json!({
        "scenario": { "about": "x", "people": { "sessions": 1, "members": 1 } },
        "peer": "hubbub",
        "urls": [format!("http://{}", listener.local_addr().unwrap())],
        "site": "demo",
        "email": "admin@localhost",
        "password": null,
        "seed": 1,
        "worker": 0,
        "workers": 1,
    });
    let mut orders = worker.stdin.take().unwrap();
    orders.write_all(format!("{plan}\n\"prepare\"\n").as_bytes()).await.unwrap();
    let (mut asked, _) = listener.accept().await.unwrap();
    assert!(asked.read(&mut [0; 64]).await.unwrap() > 0, "it starts its session");
    drop(orders);
    let ended = tokio::time::timeout(Duration::from_secs(10), worker.wait()).await;
    assert!(ended.expect("it lives on").unwrap().success());
}
