//! Load tests by the binary, of a server that speaks the contract.

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
