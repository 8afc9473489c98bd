//! A whole run against a right server passes; against each wrong one, it names what is wrong.

use std::time::Duration;

use loadtest::{
    checker::Rule,
    history::History,
    verify::{Mix, Options, Report, run},
};

use crate::fake::{Fake, Fault};

async fn verify(fault: Fault, mix: Mix, timeout: Duration) -> Report {
    let fake = Fake::start(fault).await;
    let options = Options {
        url: fake.url.clone(),
        site: "demo".into(),
        email: "admin@localhost".into(),
        password: "irrelevant".into(),
        customers: 6,
        agents: 3,
        messages: 8,
        seed: 11,
        mix,
        reconnects: 14,
        timeout,
    };
    run(&options, &History::new()).await.unwrap()
}

async fn breaks(fault: Fault, mix: Mix, rule: Rule) {
    // Who waits for what never comes is waited for; what did happen is judged all the same.
    let report = verify(fault, mix, Duration::from_secs(4)).await;
    assert!(report.verdict.broken().contains(&rule), "{fault:?} should break {rule:?}:\n{report}");
}

#[tokio::test]
async fn a_right_server_passes_over_each_transport() {
    for mix in [Mix::Mixed, Mix::WebSocket, Mix::LongPoll] {
        let report = verify(Fault::None, mix, Duration::from_secs(30)).await;
        assert!(report.passed(), "{mix:?}:\n{report}");
        assert!(report.numbers.reconnects > 0 && report.numbers.duplicates > 0, "{report}");
        assert_eq!(report.listed, 6, "{report}");
    }
}

#[tokio::test]
async fn waiting_where_the_server_asks_for_it_is_no_failure() {
    let report = verify(Fault::Limits, Mix::Mixed, Duration::from_secs(60)).await;
    assert!(report.passed() && report.numbers.rate_limited > 5, "{report}");
}

#[tokio::test]
async fn a_server_that_restarts_costs_nothing() {
    let report = verify(Fault::Restarts, Mix::WebSocket, Duration::from_secs(60)).await;
    assert!(report.passed() && report.numbers.reconnects > 14, "{report}");
}

#[tokio::test]
async fn a_lost_ack_is_named() {
    breaks(Fault::LosesAcked, Mix::Mixed, Rule::AckedIsStored).await;
}

#[tokio::test]
async fn a_second_copy_is_named() {
    breaks(Fault::StoresTwice, Mix::WebSocket, Rule::OneSeqPerId).await;
}

#[tokio::test]
async fn a_skipped_frame_is_named() {
    breaks(Fault::SkipsLive, Mix::WebSocket, Rule::NothingSkipped).await;
}

#[tokio::test]
async fn a_hole_after_resuming_is_named() {
    breaks(Fault::ResumesTooFar, Mix::WebSocket, Rule::ResumedWhole).await;
}

#[tokio::test]
async fn a_repetition_after_resuming_is_named() {
    breaks(Fault::ResumesTooEarly, Mix::WebSocket, Rule::InOrder).await;
}

#[tokio::test]
async fn a_note_that_leaks_is_named() {
    breaks(Fault::ShowsNotes, Mix::Mixed, Rule::NotesHidden).await;
}

#[tokio::test]
async fn a_transport_that_tells_another_story_is_named() {
    breaks(Fault::TwistsLongPolls, Mix::Mixed, Rule::SameForAll).await;
}

#[tokio::test]
async fn words_that_nobody_said_are_named() {
    breaks(Fault::MakesThingsUp, Mix::Mixed, Rule::NoPhantoms).await;
}

#[tokio::test]
async fn a_retry_that_looks_new_is_named() {
    breaks(Fault::ForgetsDuplicates, Mix::Mixed, Rule::DuplicateFlag).await;
}
