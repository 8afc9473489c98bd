//! The team's side of one session: find it, claim it, answer, end it.

use std::{sync::PoisonError, time::Duration};

use anyhow::Context;
use protocol::{Audience, EntryKind, ErrorCode, Sender, Seq, SessionId, Status, ViewName};
use tokio::sync::oneshot;

use crate::participant::{Outgoing, Participant, Seen};

use super::{
    Shared, patiently,
    plan::{Ending, words},
};

/// How long a list may take to show a new session. A list longer than a page may never show it.
const LISTED: Duration = Duration::from_secs(5);
/// How long to wait for a customer's next message; the load's own time-out is the real limit.
const NEXT: Duration = Duration::from_secs(600);

pub(super) async fn run(
    shared: &Shared,
    number: usize,
    session: oneshot::Receiver<SessionId>,
    said_all: oneshot::Receiver<()>,
    answered: oneshot::Sender<()>,
) -> anyhow::Result<()> {
    let script = &shared.plan.scripts[number];
    let desk = &shared.desks[number % shared.desks.len()];
    let colleague = &shared.desks[(number + 1) % shared.desks.len()];
    // The customer's task says what went wrong, if it ended without a session.
    let Ok(session) = session.await else { return Ok(()) };

    if desk.wait_for(LISTED, |seen| shown(seen, session)).await.is_ok() {
        shared.listed.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
    }
    let recorder = shared.history.actor(format!("claimer {number}"), Audience::Team);
    match patiently(&recorder, || shared.agent.claim(session)).await {
        Err(failure) if failure.code() != Some(ErrorCode::AlreadyClaimed) => {
            return Err(failure).context("claim");
        }
        _ => {}
    }
    desk.follow(session, Some(Seq::ZERO)).await;
    if shared.desks.len() > 1 {
        colleague.follow(session, Some(Seq::ZERO)).await;
    }

    let who = format!("agent for {number}");
    for answer in 0..shared.plan.messages / 2 {
        let expected = (answer + 1) * 2;
        desk.wait_for(NEXT, |seen| (said(seen, session) >= expected).then_some(())).await?;
        let sending = desk.send(Outgoing::message(session, words(&who, answer))).await;
        if script.desk_cuts.contains(&answer) {
            desk.cut().await;
        }
        let sent = sending.answer().await.context("answer")?;
        desk.read(session, sent.seq).await;
        if answer % 3 == 1 {
            note(colleague, session, format!("note {answer} on {number}")).await?;
        }
    }
    // An answer lost on the way is told by the customer's task.
    if said_all.await.is_ok() {
        end(shared, desk, session, script.ending).await?;
    }
    let _ = answered.send(());
    Ok(())
}

fn shown(seen: &Seen, session: SessionId) -> Option<()> {
    let lists =
        [ViewName::Unassigned, ViewName::Waiting].into_iter().filter_map(|name| seen.list(&name.into()));
    lists.flatten().any(|summary| summary.id == session).then_some(())
}

/// How many messages of the customer this agent has seen.
fn said(seen: &Seen, session: SessionId) -> usize {
    let entries = seen.chat(session).map_or(&[][..], |chat| &chat.entries);
    let by_customer = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Message && matches!(entry.sender, Sender::Customer { .. }));
    by_customer.count()
}

async fn note(colleague: &Participant, session: SessionId, body: String) -> anyhow::Result<()> {
    colleague.send(Outgoing::note(session, body)).await.answer().await.context("note").map(drop)
}

async fn end(shared: &Shared, desk: &Participant, session: SessionId, ending: Ending) -> anyhow::Result<()> {
    // A customer with fewer than two messages was not answered: the session is still open, and only a
    // session in progress can be resolved.
    if shared.plan.messages < 2 && ending != Ending::Open {
        desk.say(session, "here I am").await.context("answer")?;
    }
    match ending {
        Ending::Open => Ok(()),
        Ending::Reopened => shared.agent.set_status(session, Status::Resolved).await.context("resolve"),
        Ending::Continued => shared.agent.close(session).await.context("close"),
    }
}
