//! One customer of the run, from the start of the session to the last word.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use protocol::{Audience, Entry, Event, Seq, SessionId, Status, rest::StartSession};
use tokio::sync::oneshot;

use crate::{
    client::Caller,
    history::What,
    participant::{Options as Begin, Outgoing, Participant},
};

use super::{
    POLL_WAIT_S, Shared, patiently,
    plan::{Ending, words},
};

/// How long the customer waits to see what the agent did. The load's own time-out is the real limit.
const SEEN: Duration = Duration::from_secs(30);

pub(super) async fn run(
    shared: &Shared,
    number: usize,
    tell_session: oneshot::Sender<SessionId>,
    said_all: oneshot::Sender<()>,
    answered: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    let script = &shared.plan.scripts[number];
    let who = format!("customer {number}");
    let recorder = shared.history.actor(&who, Audience::Customer);
    let start = StartSession {
        name: Some(format!("Load test {number}")),
        phone: Some(script.phone.clone()),
        email: Some(format!("loadtest-{number}@example.com")),
        message: script.first_message.then(|| format!("{who} needs help")),
        ..StartSession::default()
    };
    let (caller, started) =
        patiently(&recorder, || shared.server.start(&shared.site, start.clone())).await.context("start")?;
    let session = started.session.id;
    recorder.record(What::Started { session, message: start.message.clone() });
    shared.session(session, &caller);
    let begin = Begin {
        transport: script.transport,
        follow: vec![(session, Some(Seq::ZERO))],
        seed: shared.plan.seed ^ (0xC0_000 + number as u64),
        poll_wait_s: POLL_WAIT_S,
        ..Begin::default()
    };
    let participant = shared.sit(&caller, recorder, begin);
    let _ = tell_session.send(session);

    talk(shared, number, &participant, session).await?;
    let _ = said_all.send(());
    answered.await.context("the desk gave up")?;
    match script.ending {
        Ending::Open => Ok(()),
        Ending::Reopened => {
            sees(&participant, session, |event| {
                matches!(event, Event::StatusChanged { to: Status::Resolved, .. })
            })
            .await?;
            participant.say(session, format!("{who} asks again")).await?;
            sees(&participant, session, |event| matches!(event, Event::Reopened { .. })).await
        }
        Ending::Continued => go_on(shared, &caller, &participant, session, &who).await,
    }
}

async fn talk(
    shared: &Shared,
    number: usize,
    participant: &Arc<Participant>,
    session: SessionId,
) -> anyhow::Result<()> {
    let script = &shared.plan.scripts[number];
    let who = format!("customer {number}");
    let mut row = Vec::new();
    for message in 0..shared.plan.messages {
        if let Some((at, transport)) = script.switch
            && at == message
        {
            participant.use_transport(transport).await;
        }
        participant.typing(session, true).await;
        let outgoing = Outgoing::message(session, words(&who, message));
        row.push(participant.send(outgoing.clone()).await);
        if script.cuts.contains(&message) {
            participant.cut().await;
        }
        if script.in_a_row.contains(&message) && message + 1 < shared.plan.messages {
            continue;
        }
        let mut last = Seq::ZERO;
        for sending in row.drain(..) {
            last = sending.answer().await?.seq;
        }
        if script.repeats.contains(&message) {
            let again = Outgoing { body: format!("{} (repeated)", outgoing.body), ..outgoing };
            let sent = participant.send(again).await.answer().await?;
            ensure!(sent.duplicate, "a repeated send was acked as a new one, at {}", sent.seq);
        }
        participant.read(session, last).await;
    }
    Ok(())
}

/// The chat was closed: what is said now begins a new session, and saying it again does not begin another.
async fn go_on(
    shared: &Shared,
    caller: &Caller,
    participant: &Participant,
    session: SessionId,
    who: &str,
) -> anyhow::Result<()> {
    sees(participant, session, |event| matches!(event, Event::Closed { .. })).await?;
    let outgoing = Outgoing::message(session, format!("{who} has one more question"));
    let first = participant.send(outgoing.clone()).await.answer().await?;
    ensure!(first.session != session, "a message to a closed session was stored in it, at {}", first.seq);
    shared.session(first.session, caller);
    participant.follow(first.session, Some(Seq::ZERO)).await;
    let again = participant.send(outgoing).await.answer().await?;
    ensure!(again.duplicate, "the retry of a message to a closed session was acked as a new one");
    participant.wait_for_seq(SEEN, first.session, first.seq).await
}

async fn sees(
    participant: &Participant,
    session: SessionId,
    condition: impl Fn(&Event) -> bool,
) -> anyhow::Result<()> {
    let happened = |entry: &Entry| entry.event.as_ref().is_some_and(&condition);
    participant
        .wait_for(SEEN, |seen| seen.chat(session)?.entries.iter().any(happened).then_some(()))
        .await
        .context("an event that the customer should see")
}
