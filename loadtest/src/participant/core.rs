//! The state that outlives connections: cursors, the outbox, what was seen.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use protocol::{
    ClientFrame, Entry, EntryId, Epoch, ErrorCode, Problem, Seq, SessionId, SessionSummary, View, You,
    rest::Sent,
};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    client::{Caller, ErrorFrame, Failure, Refusal},
    history::{Line, Recorder, What},
};

use super::{
    Options, Outgoing, Seen, Transport,
    backoff::Backoff,
    long_poll,
    outbox::{Answer, Outbox},
    websocket,
};

/// How long to wait after a retryable refusal that does not say.
const RETRY: Duration = Duration::from_secs(1);
/// Signals that wait for the connection; older ones are worth nothing.
const SIGNALS: usize = 16;

/// What the handle asks of the task.
#[derive(Debug)]
pub(super) enum Command {
    Follow { session: SessionId, after: Option<Seq> },
    Leave { session: SessionId },
    Watch { view: View },
    Send { outgoing: Outgoing, answer: Answer },
    Signal(ClientFrame),
    Cut,
    Use(Transport),
}

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// The handle is gone.
    Stop,
    /// Broken on purpose.
    Cut,
    /// Another transport from here on.
    Switched,
    /// Come back, but not before `wait`.
    Lost { why: String, wait: Option<Duration> },
    /// Never come back.
    Refused { why: String },
}

/// How far a session is followed over the present connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Wanted,
    Asked,
    Live,
}

#[derive(Debug)]
pub(super) struct Following {
    pub(super) after: Option<Seq>,
    pub(super) epoch: Option<Epoch>,
    pub(super) state: Option<String>,
    pub(super) stage: Stage,
    /// To be asked for again, but not before.
    pub(super) not_before: Option<Instant>,
}

impl Following {
    /// Whether it is to be asked for now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.stage == Stage::Wanted && self.not_before.is_none_or(|at| at <= now)
    }
}

pub(super) struct Core {
    pub(super) caller: Caller,
    pub(super) transport: Transport,
    pub(super) poll_wait_s: u32,
    pub(super) follows: BTreeMap<SessionId, Following>,
    pub(super) views: Vec<View>,
    pub(super) signals: VecDeque<ClientFrame>,
    /// When to ask for the lists again: a refusal does not say which one it was.
    pub(super) watch_again: Option<Instant>,
    pub(super) seen: watch::Sender<Seen>,
    outbox: Outbox,
    recorder: Recorder,
    backoff: Backoff,
    link: u64,
}

/// The task: one connection after another.
pub(super) async fn run(mut core: Core, mut commands: mpsc::Receiver<Command>) {
    loop {
        core.begin_link();
        let end = match core.transport {
            Transport::WebSocket => websocket::run(&mut core, &mut commands).await,
            Transport::LongPoll => long_poll::run(&mut core, &mut commands).await,
        };
        let pause = core.end_link(end);
        let Some(pause) = pause else { break };
        if core.pause(pause, &mut commands).await {
            break;
        }
    }
}

impl Core {
    pub(super) fn new(
        caller: Caller,
        recorder: Recorder,
        options: Options,
        seen: watch::Sender<Seen>,
    ) -> Self {
        let mut core = Self {
            caller,
            transport: options.transport,
            poll_wait_s: options.poll_wait_s,
            follows: BTreeMap::new(),
            views: options.watch,
            signals: VecDeque::new(),
            watch_again: None,
            seen,
            outbox: Outbox::default(),
            recorder,
            backoff: Backoff::new(options.seed, options.longest_pause),
            link: 0,
        };
        for (session, after) in options.follow {
            let _ = core.take(Command::Follow { session, after });
        }
        core
    }

    fn begin_link(&mut self) {
        self.link += 1;
        self.signals.clear();
        self.watch_again = None;
        for following in self.follows.values_mut() {
            following.stage = Stage::Wanted;
            following.not_before = None;
        }
        self.outbox.disconnected(Instant::now());
    }

    /// Answers how long to wait before the next connection; none: there is none.
    fn end_link(&mut self, end: End) -> Option<Duration> {
        let (why, pause) = match end {
            End::Stop => ("stopped".into(), None),
            End::Cut => ("cut on purpose".into(), Some(self.backoff.pause())),
            End::Switched => ("another transport".into(), Some(Duration::ZERO)),
            End::Lost { why, wait } => (why, Some(self.backoff.pause() + wait.unwrap_or_default())),
            End::Refused { why } => {
                self.recorder.record(What::Refused {
                    id: None,
                    code: "closed".into(),
                    message: why.clone(),
                    retryable: false,
                });
                self.seen.send_modify(|seen| seen.gave_up = Some(why.clone()));
                (why, None)
            }
        };
        self.recorder.record(What::Unlinked { why });
        self.seen.send_modify(|seen| seen.connected = false);
        pause
    }

    /// Waits between connections, taking commands; answers whether to stop.
    async fn pause(&mut self, pause: Duration, commands: &mut mpsc::Receiver<Command>) -> bool {
        let deadline = Instant::now() + pause;
        while Instant::now() < deadline {
            match tokio::time::timeout_at(deadline, commands.recv()).await {
                // A cut is nothing to one who is not connected.
                Ok(Some(command)) => {
                    if let Some(End::Switched) = self.take(command) {
                        return false;
                    }
                }
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
        false
    }

    /// The connection stands.
    pub(super) fn linked(&mut self, you: Option<You>) {
        self.backoff.reset();
        self.recorder.record(What::Linked { link: self.link });
        self.seen.send_modify(|seen| {
            seen.connected = true;
            seen.links += 1;
            seen.you = you.or(seen.you.take());
        });
    }

    /// Takes a command; answers the end of the connection if it asks for one.
    pub(super) fn take(&mut self, command: Command) -> Option<End> {
        match command {
            Command::Follow { session, after } => {
                self.recorder.record(What::Followed { session, after });
                let (epoch, state, stage, not_before) = (None, None, Stage::Wanted, None);
                let following = Following { after, epoch, state, stage, not_before };
                self.follows.insert(session, following);
                self.seen.send_modify(|seen| drop(seen.chats.remove(&session)));
            }
            Command::Leave { session } => {
                self.recorder.record(What::Left { session });
                self.follows.remove(&session);
                self.push_signal(ClientFrame::Leave { session });
            }
            Command::Watch { view } => {
                if !self.views.contains(&view) {
                    self.views.push(view);
                }
            }
            Command::Send { outgoing, answer } => {
                self.outbox.push(outgoing, answer, Instant::now());
            }
            Command::Signal(frame) => self.push_signal(frame),
            Command::Cut => return Some(End::Cut),
            Command::Use(transport) => {
                self.transport = transport;
                return Some(End::Switched);
            }
        }
        None
    }

    fn push_signal(&mut self, frame: ClientFrame) {
        if self.signals.len() == SIGNALS {
            self.signals.pop_front();
        }
        self.signals.push_back(frame);
    }

    // Reading.

    /// A session's answer to following it: entries after the cursor, or from the server's own beginning.
    pub(super) fn opened(&mut self, epoch: Epoch, reset: bool, summary: &SessionSummary, entries: &[Entry]) {
        let session = summary.id;
        let Some(following) = self.follows.get_mut(&session) else { return };
        following.stage = Stage::Live;
        // Without a cursor there is nothing that could be reset.
        if reset && following.after.is_some() {
            let epoch_changed = following.epoch.is_some_and(|held| held != epoch);
            self.recorder.record(What::Reset { session, epoch_changed });
            self.seen.send_modify(|seen| {
                let chat = seen.chats.entry(session).or_default();
                chat.entries.clear();
                chat.resets += 1;
            });
            following.after = None;
        }
        following.epoch = Some(epoch);
        let cursor = following.after;
        self.seen.send_modify(|seen| {
            seen.chats.entry(session).or_default().cursor = cursor;
            seen.renewed(summary);
        });
        entries.iter().for_each(|entry| self.entry(session, entry));
    }

    /// The server opened a session of itself, as it does where a chat goes on, while our own request was under way:
    /// there are two answers, and the later one is where the stream goes on. What both hold is not news.
    pub(super) fn opened_again(&mut self, summary: &SessionSummary, entries: &[Entry]) {
        let session = summary.id;
        let Some(after) = self.follows.get(&session).map(|following| following.after) else { return };
        self.seen.send_modify(|seen| seen.renewed(summary));
        let news = entries.iter().filter(|entry| after.is_none_or(|after| entry.seq > after));
        news.for_each(|entry| self.entry(session, entry));
    }

    /// One more entry of a session that is followed.
    pub(super) fn entry(&mut self, session: SessionId, entry: &Entry) {
        let Some(following) = self.follows.get_mut(&session).filter(|it| it.stage == Stage::Live) else {
            return;
        };
        // Recorded as it came: whether it is the right one is the checker's affair.
        self.recorder.record(What::Saw { session, line: Line::from(entry), link: self.link });
        if following.after.is_some_and(|after| entry.seq <= after) {
            return;
        }
        following.after = Some(entry.seq);
        self.seen.send_modify(|seen| {
            let chat = seen.chats.entry(session).or_default();
            chat.entries.push(entry.clone());
            chat.cursor = Some(entry.seq);
        });
    }

    /// The cursor that a long-poll names, which may be past entries that this reader may not see.
    pub(super) fn advance(&mut self, session: SessionId, last_seq: Seq, state: String) {
        let Some(following) = self.follows.get_mut(&session) else { return };
        following.state = Some(state);
        following.after = following.after.max(Some(last_seq));
        let cursor = following.after;
        self.seen.send_modify(|seen| seen.chats.entry(session).or_default().cursor = cursor);
    }

    // Sending.

    /// The next send that is due, recorded as tried.
    pub(super) fn next_send(&mut self) -> Option<Outgoing> {
        let outgoing = self.outbox.next(Instant::now())?;
        let Outgoing { id, session, body, kind } = outgoing.clone();
        self.recorder.record(What::Tried { session, id, body, kind, link: self.link });
        Some(outgoing)
    }

    /// When something wants attention again: a wait is over, or an answer overdue.
    pub(super) fn due(&self) -> Option<Instant> {
        let wanted = self.follows.values().filter(|following| following.stage == Stage::Wanted);
        let again = wanted.filter_map(|following| following.not_before);
        again.chain(self.outbox.due()).chain(self.watch_again).min()
    }

    /// Sends that were not answered in time are sent again.
    pub(super) fn overdue(&mut self) {
        for id in self.outbox.overdue(Instant::now()) {
            self.unanswered(id);
        }
    }

    /// No answer came to a send while its connection stood.
    pub(super) fn unanswered(&self, id: EntryId) {
        self.recorder.record(What::Unanswered { id });
    }

    /// A send is stored.
    pub(super) fn acked(&mut self, sent: Sent) {
        let Sent { id, session, seq, duplicate, .. } = sent;
        self.recorder.record(What::Acked { id, session, seq, duplicate });
        if let Some(answer) = self.outbox.take(id) {
            let _ = answer.send(Ok(sent));
        }
    }

    /// Something was refused. What may succeed later is asked for again then; else, of a send, its sender is told.
    pub(super) fn refused(&mut self, error: ErrorFrame) {
        let ErrorFrame { code, message, id, session, retryable, retry_after_ms } = error;
        let word = code.as_str().to_owned();
        self.recorder.record(What::Refused { id, code: word, message: message.clone(), retryable });
        let later = Instant::now() + retry_after_ms.map_or(RETRY, Duration::from_millis);
        match (id, session) {
            (Some(id), _) if retryable => self.outbox.again(id, later),
            (Some(id), _) => {
                if let Some(answer) = self.outbox.take(id) {
                    let _ = answer.send(Err(refusal(code, message)));
                }
            }
            (None, Some(session)) if retryable => {
                if let Some(following) = self.follows.get_mut(&session) {
                    (following.stage, following.not_before) = (Stage::Wanted, Some(later));
                }
            }
            (None, None) if retryable => self.watch_again = Some(later),
            (None, _) => {}
        }
    }
}

/// A refused frame, told as the same refusal over HTTP would be.
fn refusal(code: ErrorCode, detail: String) -> Failure {
    let (kind, title, status) = (String::new(), code.title().to_owned(), code.status());
    let problem = Problem { kind, title, status, code, detail, errors: Vec::new() };
    Failure::Refused(Box::new(Refusal {
        status,
        problem: Some(problem),
        retry_after: None,
        body: String::new(),
    }))
}
