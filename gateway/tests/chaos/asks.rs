//! Requests that are insisted on: starts of sessions, and what the team does to chats besides writing in them.

use std::time::Duration;

use anyhow::Context as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use loadtest::{
    client::{Caller, Failure, Server},
    history::{Recorder, What},
};
use protocol::{
    SessionId, Status,
    rest::{PatchSession, StartSession, StartedSession},
};
use rand::{RngExt as _, rngs::StdRng};
use sha2::Sha256;
use tokio::time::{Instant, sleep};

/// How long an answer to a single request may take before it is asked for again.
const ANSWER: Duration = Duration::from_secs(5);
/// How long anything that is insisted on may take in all: the promised minute, after the longest round.
pub(crate) const INSIST: Duration = Duration::from_secs(120);
/// Between tries that were refused without a word on when to come back.
const AGAIN: Duration = Duration::from_millis(300);

/// What proves to a site who its visitor is.
pub(crate) fn identity_hash(secret: &str, external_id: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(external_id.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Starts a session, however often it has to be tried.
pub(crate) async fn begin(
    server: &Server,
    recorder: &Recorder,
    start: &StartSession,
) -> anyhow::Result<StartedSession> {
    insist(recorder, || async {
        let request = server.request("POST", "/api/v1/sites/demo/sessions").json(start);
        request.timeout(ANSWER).read().await
    })
    .await
    .context("a start")
}

/// Something that a member of the team does to a chat, besides writing in it.
pub(crate) async fn work(
    caller: &Caller,
    recorder: &Recorder,
    session: SessionId,
    may_end: bool,
    random: &mut StdRng,
) -> anyhow::Result<()> {
    let to = match random.random_range(0..6) {
        0..3 => None,
        3 => Some(Status::InProgress),
        4 if may_end => Some(Status::Closed),
        _ => Some(Status::Resolved),
    };
    let done = insist(recorder, || async {
        let request = match to {
            None => caller.on_session("POST", session, "/claim").json(&serde_json::json!({})),
            Some(status) => {
                let patch = PatchSession { status: Some(status), ..PatchSession::default() };
                caller.on_session("PATCH", session, "").json(&patch)
            }
        };
        request.timeout(ANSWER).done().await
    });
    match done.await {
        // Somebody else was there first.
        Err(failure) if failure.status() == Some(409) => Ok(()),
        done => done.map(drop).context("a claim or a change of status"),
    }
}

/// Asks until there is an answer that another try would not change.
async fn insist<T, F: Future<Output = Result<T, Failure>>>(
    recorder: &Recorder,
    mut ask: impl FnMut() -> F,
) -> Result<T, Failure> {
    let deadline = Instant::now() + INSIST;
    loop {
        match ask().await {
            Err(failure) if failure.retryable() && Instant::now() < deadline => {
                recorder.record(What::Refused {
                    id: None,
                    code: failure.code().map_or("unreachable", |code| code.as_str()).to_owned(),
                    message: failure.to_string(),
                    retryable: true,
                });
                sleep(failure.retry_after().unwrap_or(AGAIN).min(Duration::from_secs(2))).await;
            }
            done => return done,
        }
    }
}
