//! One WebSocket of a participant, from the upgrade to its end.

use std::time::Duration;

use protocol::{ClientFrame, EntryKind, ServerFrame, rest::Sent};
use tokio::{sync::mpsc, time::Instant};

use crate::client::{Closed, ErrorFrame, Failure, Incoming, Welcome, WsConnection};

use super::{
    Outgoing,
    core::{Command, Core, End, Stage},
};

/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// Sessions that the `hello` names; the contract's servers take 100, the rest is opened afterwards.
const IN_HELLO: usize = 50;

pub(super) async fn run(core: &mut Core, commands: &mut mpsc::Receiver<Command>) -> End {
    let (mut connection, welcome) = match connect(core).await {
        Ok(connected) => connected,
        Err(end) => return end,
    };
    core.linked(Some(welcome.you.clone()));
    for frame in connection.take_inbox() {
        take_frame(core, &welcome, frame);
    }
    let mut watched = 0;
    let mut heard = Instant::now();
    let heartbeat = Duration::from_secs(welcome.heartbeat_s.clamp(1, 60).into());
    let mut pings = tokio::time::interval_at(Instant::now() + heartbeat, heartbeat);
    loop {
        if let Err(error) = catch_up(core, &mut connection, &mut watched).await {
            return End::Lost { why: error.to_string(), wait: None };
        }
        let due = core.due().unwrap_or_else(|| Instant::now() + heartbeat);
        tokio::select! {
            incoming = connection.next() => {
                heard = Instant::now();
                match incoming {
                    Ok(Incoming::Frame(frame)) => take_frame(core, &welcome, frame),
                    Ok(Incoming::Strange(_) | Incoming::Ping | Incoming::Pong(_)) => {}
                    Err(closed) => return ended(&closed),
                }
            }
            command = commands.recv() => match command.map(|command| core.take(command)) {
                Some(None) => {}
                Some(Some(End::Cut)) => {
                    connection.cut();
                    return End::Cut;
                }
                Some(Some(end)) => {
                    goodbye(connection).await;
                    return end;
                }
                None => {
                    goodbye(connection).await;
                    return End::Stop;
                }
            },
            () = tokio::time::sleep_until(due) => core.overdue(),
            _ = pings.tick() => {
                if heard.elapsed() > heartbeat * 2 {
                    connection.cut();
                    return End::Lost { why: "the server was silent".into(), wait: None };
                }
                if let Err(error) = connection.send(&ClientFrame::Ping).await {
                    return End::Lost { why: error.to_string(), wait: None };
                }
            }
        }
    }
}

async fn connect(core: &mut Core) -> Result<(WsConnection, Welcome), End> {
    let mut connect = core.caller.websocket();
    for (session, following) in core.follows.iter_mut().take(IN_HELLO) {
        connect =
            connect.follow(*session, following.after, following.epoch.filter(|_| following.after.is_some()));
        following.stage = Stage::Asked;
    }
    let connection = connect.connect().await.map_err(|failure| match failure {
        Failure::Closed(closed) => ended(&closed),
        failure if failure.retryable() => End::Lost { why: failure.to_string(), wait: failure.retry_after() },
        failure => End::Refused { why: failure.to_string() },
    })?;
    match connection.welcome().cloned() {
        Some(welcome) => Ok((connection, welcome)),
        None => Err(End::Lost { why: "no welcome came".into(), wait: None }),
    }
}

fn ended(closed: &Closed) -> End {
    let why = closed.to_string();
    if closed.may_reconnect() {
        let wait = closed.bye.as_ref().map(|bye| Duration::from_millis(bye.retry_after_ms));
        End::Lost { why, wait }
    } else {
        End::Refused { why }
    }
}

async fn goodbye(mut connection: WsConnection) {
    connection.set_patience(GOODBYE);
    connection.close().await;
}

/// Says what the server does not know yet: what is followed and watched, and what is to be sent.
async fn catch_up(core: &mut Core, connection: &mut WsConnection, watched: &mut usize) -> anyhow::Result<()> {
    while let Some(signal) = core.signals.pop_front() {
        connection.send(&signal).await?;
    }
    let now = Instant::now();
    for (&session, following) in core.follows.iter_mut().filter(|(_, it)| it.is_due(now)) {
        (following.stage, following.not_before) = (Stage::Asked, None);
        let epoch = following.epoch.filter(|_| following.after.is_some());
        connection.send(&ClientFrame::Open { session, after: following.after, epoch, unseen: false }).await?;
    }
    if core.watch_again.is_some_and(|at| at <= now) {
        (core.watch_again, *watched) = (None, 0);
    }
    while let Some(view) = core.views.get(*watched).cloned() {
        *watched += 1;
        connection.send(&ClientFrame::Watch { view, limit: None }).await?;
    }
    while let Some(Outgoing { id, session, body, kind }) = core.next_send() {
        connection.say_as(id, session, &body, kind == EntryKind::Note).await?;
    }
    Ok(())
}

fn take_frame(core: &mut Core, welcome: &Welcome, frame: ServerFrame) {
    match frame {
        ServerFrame::Opened { session, entries, more: _, reset } => {
            match core.follows.get(&session.id).map(|following| following.stage) {
                Some(Stage::Asked) => core.opened(welcome.epoch, reset, &session, &entries),
                Some(Stage::Live) => core.opened_again(&session, &entries),
                // A session that the server opens of itself is read only once it was asked for.
                Some(Stage::Wanted) | None => {}
            }
        }
        ServerFrame::Entry { session, entry } => core.entry(session, &entry),
        ServerFrame::Ack { id, session, seq, created_at, duplicate } => {
            core.acked(Sent { id, session, seq, created_at, duplicate });
        }
        ServerFrame::Listed { view, sessions, .. } => {
            core.seen.send_modify(|seen| seen.listed(view, sessions));
        }
        ServerFrame::Session { session } => core.seen.send_modify(|seen| seen.changed(&session)),
        ServerFrame::Removed { view, session } => core.seen.send_modify(|seen| seen.removed(&view, session)),
        ServerFrame::Added { view, session } => core.seen.send_modify(|seen| seen.added(view, session)),
        ServerFrame::Error { code, message, id, session, retryable, retry_after_ms, .. } => {
            core.refused(ErrorFrame { code, message, id, session, retryable, retry_after_ms });
        }
        // Signals are nobody's promise; the `bye` is kept by the connection.
        ServerFrame::Welcome { .. }
        | ServerFrame::Typing { .. }
        | ServerFrame::Receipt { .. }
        | ServerFrame::Presence { .. }
        | ServerFrame::ViewsChanged
        | ServerFrame::Queue { .. }
        | ServerFrame::QueueLeft { .. }
        | ServerFrame::Offer { .. }
        | ServerFrame::OfferEnded { .. }
        | ServerFrame::Availability { .. }
        | ServerFrame::Pong
        | ServerFrame::Notification { .. }
        | ServerFrame::Bye { .. } => {}
    }
}
