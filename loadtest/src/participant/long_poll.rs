//! The same client without a WebSocket: one request that waits for news, one at a time that sends.

use std::{future::pending, time::Duration};

use futures_util::future::{BoxFuture, FutureExt};
use protocol::{
    ClientFrame, EntryId, ErrorCode, SessionId,
    rest::{PollAnswer, PollRequest, PollSession, PollView, Sent, SessionEvents},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use crate::client::{Caller, ErrorFrame, Failure};

use super::{
    Outgoing,
    core::{Command, Core, End, Stage},
    outbox::ANSWER,
};

/// A pause between requests, whatever the server says: nobody wants to be hammered.
const LEAST_PAUSE: Duration = Duration::from_millis(5);

enum News {
    One(Box<SessionEvents>),
    Many(PollAnswer),
}

enum Post {
    Send(EntryId, Result<Sent, Failure>),
    /// Nothing came for as long as a send may take.
    Late(EntryId),
    /// Signals are nobody's promise.
    Signal,
}

/// The names of the lists' contents that were seen last.
type Versions = Vec<(protocol::View, String)>;

pub(super) async fn run(core: &mut Core, commands: &mut mpsc::Receiver<Command>) -> End {
    let mut polling: Option<BoxFuture<'static, Result<News, Failure>>> = None;
    let mut posting: Option<BoxFuture<'static, Post>> = None;
    let mut next_poll = Instant::now();
    let mut versions = Versions::new();
    let mut linked = false;
    loop {
        if posting.is_none() {
            posting = post(core);
        }
        let nothing_to_ask = core.follows.is_empty() && core.views.is_empty();
        if polling.is_none() && !nothing_to_ask && Instant::now() >= next_poll {
            polling = Some(poll(core, &versions));
        }
        let attention = [
            core.due().filter(|_| posting.is_none()),
            Some(next_poll).filter(|_| polling.is_none() && !nothing_to_ask),
        ];
        let attention = attention.into_iter().flatten().min();
        tokio::select! {
            news = wait(&mut polling) => {
                polling = None;
                match news {
                    Ok(news) => {
                        if !linked {
                            linked = true;
                            core.linked(None);
                        }
                        next_poll = Instant::now() + take_news(core, &mut versions, news).max(LEAST_PAUSE);
                    }
                    Err(failure) => return ended(&failure),
                }
            }
            post = wait(&mut posting) => {
                posting = None;
                match post {
                    Post::Send(_, Ok(sent)) => core.acked(sent),
                    Post::Send(id, Err(failure)) => match refused(id, &failure) {
                        Some(error) => core.refused(error),
                        None => return ended(&failure),
                    },
                    Post::Late(id) => {
                        core.unanswered(id);
                        return End::Lost { why: format!("{id} was not answered in time"), wait: None };
                    }
                    Post::Signal => {}
                }
            }
            command = commands.recv() => match command {
                // What is asked for has changed; the cursor is the acknowledgement, so nothing is lost.
                Some(command @ (Command::Follow { .. } | Command::Leave { .. } | Command::Watch { .. })) => {
                    let _ = core.take(command);
                    polling = None;
                    next_poll = Instant::now();
                }
                Some(command) => if let Some(end) = core.take(command) {
                    return end;
                },
                None => return End::Stop,
            },
            () = tokio::time::sleep_until(attention.unwrap_or_else(Instant::now)), if attention.is_some() => {}
        }
    }
}

/// Waits for a request that may not be there.
async fn wait<T>(request: &mut Option<BoxFuture<'static, T>>) -> T {
    match request {
        Some(request) => request.await,
        None => pending().await,
    }
}

fn post(core: &mut Core) -> Option<BoxFuture<'static, Post>> {
    let caller = core.caller.clone();
    if let Some(Outgoing { id, session, body, kind }) = core.next_send() {
        return Some(
            async move {
                match timeout(ANSWER, caller.send(session, id, &body, kind)).await {
                    Ok(sent) => Post::Send(id, sent),
                    Err(_) => Post::Late(id),
                }
            }
            .boxed(),
        );
    }
    let signal = core.signals.pop_front()?;
    Some(tell(caller, signal).map(|()| Post::Signal).boxed())
}

async fn tell(caller: Caller, signal: ClientFrame) {
    let _ = match signal {
        ClientFrame::Typing { session, on } => caller.typing(session, on).await,
        ClientFrame::Read { session, seq } => caller.read(session, seq).await,
        ClientFrame::Hello { .. }
        | ClientFrame::Open { .. }
        | ClientFrame::Leave { .. }
        | ClientFrame::Watch { .. }
        | ClientFrame::Unwatch { .. }
        | ClientFrame::Send { .. }
        | ClientFrame::Availability { .. }
        | ClientFrame::Ping => Ok(()),
    };
}

/// One session alone goes by its own path, several things at once by POST `/events`.
fn poll(core: &mut Core, versions: &Versions) -> BoxFuture<'static, Result<News, Failure>> {
    let caller = core.caller.clone();
    let wait = core.poll_wait_s;
    for following in core.follows.values_mut() {
        following.stage = Stage::Live;
    }
    if let (1, true, Some((&session, following))) =
        (core.follows.len(), core.views.is_empty(), core.follows.first_key_value())
    {
        let mut poll = caller.poll(session).wait(wait);
        if let Some(after) = following.after {
            poll = poll.after(after);
            if let Some(epoch) = following.epoch {
                poll = poll.epoch(epoch);
            }
        }
        if let Some(state) = &following.state {
            poll = poll.state(state);
        }
        return async move { poll.next().await.map(|events| News::One(Box::new(events))) }.boxed();
    }
    let sessions = core.follows.iter().map(|(&id, following)| PollSession {
        id,
        after: following.after,
        epoch: following.epoch.filter(|_| following.after.is_some()),
        state: following.state.clone(),
        unseen: false,
    });
    let views = core.views.iter().map(|view| PollView {
        view: view.clone(),
        limit: None,
        version: versions.iter().find(|(of, _)| of == view).map(|(_, version)| version.clone()),
    });
    let request = PollRequest { sessions: sessions.collect(), views: views.collect(), wait: Some(wait) };
    async move { caller.poll_many(&request).await.map(News::Many) }.boxed()
}

/// Answers how long to wait before the next request.
fn take_news(core: &mut Core, versions: &mut Versions, news: News) -> Duration {
    match news {
        News::One(events) => take_events(core, *events),
        News::Many(answer) => {
            let more = answer.sessions.iter().any(|events| !events.entries.is_empty());
            for events in answer.sessions {
                take_events(core, events);
            }
            for list in answer.views {
                versions.retain(|(view, _)| *view != list.view);
                versions.push((list.view.clone(), list.version));
                core.seen.send_modify(|seen| seen.listed(list.view, list.sessions));
            }
            for session in answer.missing {
                core.follows.remove(&session);
                core.refused(missing(session));
            }
            if more { Duration::ZERO } else { Duration::from_millis(answer.retry_after_ms) }
        }
    }
}

fn take_events(core: &mut Core, events: SessionEvents) -> Duration {
    let session = events.session.id;
    core.opened(events.epoch, events.reset, &events.session, &events.entries);
    core.advance(session, events.last_seq, events.state);
    // At most a page comes at once, so there may be more.
    if events.entries.is_empty() { Duration::from_millis(events.retry_after_ms) } else { Duration::ZERO }
}

fn missing(session: SessionId) -> ErrorFrame {
    ErrorFrame {
        code: ErrorCode::NotFound,
        message: format!("{session} is missing in the answer to POST /events"),
        id: None,
        session: Some(session),
        retryable: false,
        retry_after_ms: None,
    }
}

/// A refused send, as a WebSocket would tell it; none if the answer itself is missing.
fn refused(id: EntryId, failure: &Failure) -> Option<ErrorFrame> {
    let refusal = failure.refusal()?;
    Some(ErrorFrame {
        code: refusal.code().unwrap_or(ErrorCode::Internal),
        message: refusal.to_string(),
        id: Some(id),
        session: None,
        retryable: refusal.retryable(),
        retry_after_ms: refusal.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
    })
}

fn ended(failure: &Failure) -> End {
    let why = failure.to_string();
    if failure.retryable() { End::Lost { why, wait: failure.retry_after() } } else { End::Refused { why } }
}
