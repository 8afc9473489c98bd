//! A small mixed load against a running server, judged at the end.
//!
//! Customers start sessions and talk; agents find them in their lists, claim them, answer and write
//! notes. On the way connections are cut in the middle of sends, sends are repeated on purpose, and
//! some participants change their transport. When nothing moves any more, every session's log is read
//! by both sides, and the checker has the last word.

mod customer;
mod desk;
mod numbers;
mod plan;
mod report;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use protocol::{Audience, ErrorCode, SessionId, ViewName};
use tokio::{sync::oneshot, task::JoinSet};

use crate::{
    checker,
    client::{AgentClient, Caller, Failure, Server},
    history::{Evidence, FinalLog, History, Line, Recorder, What},
    participant::{Options as Begin, Participant},
};

pub use numbers::{Latency, Numbers};
pub use plan::Mix;
pub use report::Report;

use plan::Plan;

/// How long every reader may take to catch up once nobody speaks any more.
const QUIESCENCE: Duration = Duration::from_secs(10);
/// How long a long-poll of the run asks to be held: long enough to be one, short enough to be many.
const POLL_WAIT_S: u32 = 5;

/// What to run, and against what.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's address.
    pub url: String,
    /// The site's key.
    pub site: String,
    /// The agents' common login.
    pub email: String,
    /// Its password.
    pub password: String,
    /// How many customers, one session each.
    pub customers: usize,
    /// How many agents' programs, all under the one login.
    pub agents: usize,
    /// Messages of each customer; the team answers every second one.
    pub messages: usize,
    /// The same seed plans the same run.
    pub seed: u64,
    /// Who speaks what.
    pub mix: Mix,
    /// How many connections are cut on the way.
    pub reconnects: usize,
    /// How long the load may take.
    pub timeout: Duration,
}

/// Somebody at the table, kept for the end of the run.
struct Seat {
    participant: Arc<Participant>,
    audience: Audience,
}

/// What all tasks of a run share.
struct Shared {
    server: Server,
    site: String,
    agent: AgentClient,
    history: History,
    plan: Plan,
    desks: Vec<Arc<Participant>>,
    seats: Mutex<Vec<Seat>>,
    /// Every session that there turned out to be, with a customer who may read it.
    sessions: Mutex<Vec<(SessionId, Caller)>>,
    /// Sessions that an agent's list showed in time.
    listed: Mutex<BTreeSet<SessionId>>,
}

impl Shared {
    fn sit(&self, caller: &Caller, recorder: Recorder, begin: Begin) -> Arc<Participant> {
        let audience = Audience::Customer;
        let participant = Arc::new(Participant::join(caller, recorder, begin));
        let seat = Seat { participant: participant.clone(), audience };
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).push(seat);
        participant
    }

    fn session(&self, session: SessionId, customer: &Caller) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.iter().all(|(known, _)| *known != session) {
            sessions.push((session, customer.clone()));
        }
    }
}

/// Runs the load and judges it. The caller may watch `history` grow.
///
/// # Errors
/// The server cannot be reached, the login or the site is refused: the run could not begin.
pub async fn run(options: &Options, history: &History) -> anyhow::Result<Report> {
    let server = Server::new(&options.url)?;
    let site = server.site(&options.site).await;
    site.with_context(|| format!("site {:?} at {}", options.site, options.url))?;
    let agent = server.login(&options.email, &options.password).await;
    let agent = agent.with_context(|| format!("login of {}", options.email))?;
    anyhow::ensure!(
        !agent.who().password_change_required,
        "{} must change the one-time password before anything else: log in at {}/console",
        options.email,
        options.url.trim_end_matches('/'),
    );

    let plan = Plan::new(options);
    let (mut desks, mut seats) = (Vec::new(), Vec::new());
    for number in 0..options.agents {
        let begin = Begin {
            transport: options.mix.of_agent(number),
            watch: vec![ViewName::Unassigned.into(), ViewName::Waiting.into()],
            seed: options.seed ^ (0xA0 + number as u64),
            poll_wait_s: POLL_WAIT_S,
            ..Begin::default()
        };
        let recorder = history.actor(format!("agent {number}"), Audience::Team);
        let participant = Arc::new(Participant::join(agent.caller(), recorder, begin));
        seats.push(Seat { participant: participant.clone(), audience: Audience::Team });
        desks.push(participant);
    }
    let shared = Arc::new(Shared {
        server,
        site: options.site.clone(),
        agent,
        history: history.clone(),
        plan,
        desks,
        seats: Mutex::new(seats),
        sessions: Mutex::default(),
        listed: Mutex::default(),
    });

    let mut unfinished = load(&shared, options).await;
    let logs = settle(&shared, QUIESCENCE.min(options.timeout), &mut unfinished).await;
    let (actors, records) = history.so_far();
    let evidence = Evidence { actors, records, logs };
    let verdict = checker::check(&evidence);
    let numbers = Numbers::of(&evidence);
    let listed = shared.listed.lock().unwrap_or_else(PoisonError::into_inner).len();
    Ok(Report { verdict, numbers, unfinished, listed, took: history.elapsed(), options: options.clone() })
}

/// Everybody talks until all is said or the time is up. Answers what was not finished.
async fn load(shared: &Arc<Shared>, options: &Options) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for number in 0..options.customers {
        let (tell_session, session) = oneshot::channel();
        let (customer_done, said_all) = oneshot::channel();
        let (desk_done, answered) = oneshot::channel();
        let (here, there) = (shared.clone(), shared.clone());
        tasks.spawn(async move {
            let talk = customer::run(&here, number, tell_session, customer_done, answered).await;
            talk.with_context(|| format!("customer {number}"))
        });
        tasks.spawn(async move {
            let serve = desk::run(&there, number, session, said_all, desk_done).await;
            serve.with_context(|| format!("desk of customer {number}"))
        });
    }
    let mut unfinished = Vec::new();
    let all = async {
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => unfinished.push(format!("{error:#}")),
                Err(error) => unfinished.push(error.to_string()),
            }
        }
    };
    if tokio::time::timeout(options.timeout, all).await.is_err() {
        unfinished.push(format!("the load was not done after {:?}", options.timeout));
    }
    unfinished
}

/// Waits until every reader has everything, then reads the logs as both sides see them.
async fn settle(shared: &Shared, within: Duration, unfinished: &mut Vec<String>) -> Vec<FinalLog> {
    let sessions = shared.sessions.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut ends = Vec::new();
    for (session, _) in &sessions {
        if let Ok(log) = log_of(&shared.agent, *session).await {
            ends.push((*session, log));
        }
    }
    let seats = std::mem::take(&mut *shared.seats.lock().unwrap_or_else(PoisonError::into_inner));
    let caught_up = seats.iter().flat_map(|seat| {
        ends.iter().filter_map(|(session, log)| {
            let visible =
                |line: &&Line| seat.audience == Audience::Team || line.kind != protocol::EntryKind::Note;
            let last = log.iter().rev().find(visible)?.seq;
            let follows = seat.participant.seen().chat(*session).is_some();
            follows.then(|| seat.participant.wait_for_seq(within, *session, last))
        })
    });
    // Who did not catch up is for the checker to say.
    futures_util::future::join_all(caught_up).await;

    let mut logs = Vec::new();
    for (session, customer) in sessions {
        let team = log_of(&shared.agent, session).await;
        let theirs = log_of(&customer, session).await;
        match (team, theirs) {
            (Ok(team), Ok(theirs)) => logs.push(FinalLog { session, team, customer: Some(theirs) }),
            (Err(error), _) => unfinished.push(format!("the log of {session} as an agent: {error}")),
            (_, Err(error)) => unfinished.push(format!("the log of {session} as its customer: {error}")),
        }
    }
    logs
}

async fn log_of(caller: &Caller, session: SessionId) -> Result<Vec<Line>, Failure> {
    Ok(caller.whole_log(session).await?.iter().map(Line::from).collect())
}

/// Calls until it is not told to wait any more: rate limits are the server's right, not a failure.
async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    recorder: &Recorder,
    mut call: impl FnMut() -> F,
) -> Result<T, Failure> {
    loop {
        match call().await {
            Err(failure) if failure.code() == Some(ErrorCode::RateLimited) => {
                recorder.record(What::Refused {
                    id: None,
                    code: ErrorCode::RateLimited.as_str().into(),
                    message: failure.to_string(),
                    retryable: true,
                });
                tokio::time::sleep(failure.retry_after().unwrap_or(Duration::from_secs(1))).await;
            }
            result => return result,
        }
    }
}
