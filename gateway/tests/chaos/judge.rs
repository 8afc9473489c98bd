//! What became of it: everybody has everything, and every promise was kept over the whole history.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::Context as _;
use futures_util::future::join_all;
use loadtest::{
    checker::{self, Rule},
    client::{Caller, Failure, Server},
    history::{Evidence, FinalLog, Line, Record, What},
};
use protocol::{Audience, EntryKind, SessionId, SessionSummary, Status, ViewName, rest::Page};
use tokio::time::{Instant, sleep};

use crate::{
    faults::{Account, Stage},
    script::Part,
    talk::{LISTS, Seat, Talk},
};

/// How long everybody may take to catch up when nobody speaks any more.
const QUIESCENCE: Duration = Duration::from_secs(30);
/// How long a request of the judge's own is tried.
const ASKING: Duration = Duration::from_secs(20);
/// A client that was silenced notices, and its answer may have been under way for as long as it waits.
const AFTER_SILENCE: Duration = Duration::from_secs(12);

/// What a round came to.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) tries: usize,
    pub(crate) sends: usize,
    pub(crate) acks: usize,
    pub(crate) duplicates: usize,
    pub(crate) refusals: usize,
    pub(crate) deliveries: usize,
    pub(crate) reconnects: usize,
    pub(crate) sessions: usize,
    pub(crate) judged: usize,
    /// From a send to its ack or refusal, while its connection stood, and neither clients nor nodes were held up.
    pub(crate) slowest_answer: Duration,
}

impl Sums {
    fn answered(&mut self, since: Option<Duration>, at: Duration, account: &Account) {
        let Some(since) = since else { return };
        let held_up = |part| account.any(part, Duration::ZERO, (since, at));
        if !held_up(Part::Client) && !held_up(Part::Node) {
            self.slowest_answer = self.slowest_answer.max(at - since);
        }
    }
}

/// Waits for quiet, reads all logs, and judges. Answers the breaches.
pub(crate) async fn judge(stage: &Stage, talk: &Talk) -> anyhow::Result<(Sums, Evidence, Vec<String>)> {
    let mut breaches = Vec::new();
    let logs = logs(stage, talk).await?;
    let seats = talk.seats.lock().unwrap().clone();
    let caught_up = seats.iter().flat_map(|seat| {
        logs.iter().filter_map(|log| {
            let visible = |line: &&Line| seat.audience == Audience::Team || line.kind != EntryKind::Note;
            let last = log.team.iter().rev().find(visible)?.seq;
            let follows = seat.participant.seen().chat(log.session).is_some();
            follows.then(|| seat.participant.wait_for_seq(QUIESCENCE, log.session, last))
        })
    });
    // Who did not catch up is for the checker to say.
    join_all(caught_up).await;
    for seat in seats.iter().filter(|seat| seat.audience == Audience::Team) {
        for view in LISTS {
            if let Err(difference) = list_is_true(stage, seat, view).await {
                breaches.push(format!("{}'s list {}: {difference:#}", seat.name, view.as_str()));
            }
        }
    }

    let (actors, mut records) = talk.history.so_far();
    excuse_the_silenced(&mut records, &stage.account);
    let evidence = Evidence { actors, records, logs };
    let verdict = checker::check(&evidence);
    for finding in &verdict.findings {
        for breach in &finding.breaches {
            breaches.push(format!("promise {}, {:?}: {breach}", finding.rule.promise(), finding.rule));
        }
    }
    let mut sums = sums(&evidence, &stage.account);
    sums.judged = verdict.findings.iter().map(|finding| finding.checked).sum();
    for rule in [Rule::AckedIsStored, Rule::RealTime, Rule::NothingSkipped] {
        let judged = verdict.findings.iter().find(|finding| finding.rule == rule);
        if judged.is_none_or(|finding| finding.checked == 0) {
            breaches.push(format!("nothing was at stake: {rule:?} had nothing to judge"));
        }
    }
    Ok((sums, evidence, breaches))
}

/// Each log as the team reads it at one node, and as its customer reads it at the next.
async fn logs(stage: &Stage, talk: &Talk) -> anyhow::Result<Vec<FinalLog>> {
    let nodes = &stage.cluster.nodes;
    let mut logs = Vec::new();
    for (number, (session, customer)) in talk.board.sessions().into_iter().enumerate() {
        let here = nodes[number % nodes.len()].direct()?;
        let there = nodes[(number + 1) % nodes.len()].direct()?;
        let member = stage.cluster.member_at(number, here);
        let customer = Caller::new(there, customer.credential().clone());
        let team = whole(&member, session).await.context("read by the team")?;
        let theirs = whole(&customer, session).await.context("read by the customer")?;
        logs.push(FinalLog { session, team, customer: Some(theirs) });
    }
    Ok(logs)
}

async fn whole(caller: &Caller, session: SessionId) -> anyhow::Result<Vec<Line>> {
    let log = patiently(|| caller.whole_log(session)).await;
    Ok(log.with_context(|| format!("the log of {session}"))?.iter().map(Line::from).collect())
}

async fn patiently<T, F: Future<Output = Result<T, Failure>>>(ask: impl Fn() -> F) -> Result<T, Failure> {
    let deadline = Instant::now() + ASKING;
    loop {
        match ask().await {
            Err(failure) if failure.retryable() && Instant::now() < deadline => {
                sleep(Duration::from_millis(200)).await;
            }
            done => return done,
        }
    }
}

/// A list that was kept by events is what a fresh answer says, summaries included.
async fn list_is_true(stage: &Stage, seat: &Seat, view: ViewName) -> anyhow::Result<()> {
    let server = stage.cluster.nodes[0].direct()?;
    let caller = Caller::new(server, seat.caller.credential().clone());
    let fresh = patiently(|| fresh(&caller, view)).await?;
    let wanted: BTreeMap<SessionId, u64> =
        fresh.items.iter().map(|summary| (summary.id, summary.version)).collect();
    // A list has its length; what goes beyond it is not comparable.
    if fresh.total > wanted.len() as u64 || wanted.len() >= 50 {
        return Ok(());
    }
    let same = seat.participant.wait_for(QUIESCENCE / 2, |seen| {
        let held: BTreeMap<_, _> =
            seen.list(&view.into())?.iter().map(|summary| (summary.id, summary.version)).collect();
        (held == wanted).then_some(())
    });
    if same.await.is_ok() {
        return Ok(());
    }
    let seen = seat.participant.seen();
    let list: Vec<&SessionSummary> = seen.list(&view.into()).unwrap_or_default().iter().collect();
    let held: BTreeSet<_> = list.iter().map(|summary| (summary.id, summary.version)).collect();
    let wanted: BTreeSet<_> = wanted.into_iter().collect();
    let missing: Vec<_> = wanted.difference(&held).collect();
    let extra: Vec<_> = held.difference(&wanted).collect();
    anyhow::bail!("not what the store says; missing {missing:?}, instead {extra:?}")
}

async fn fresh(caller: &Caller, view: ViewName) -> Result<Page<SessionSummary>, Failure> {
    let request =
        caller.request("GET", "/sessions").query("limit", "200").query("status", "open,in_progress");
    let request = match view {
        ViewName::Unassigned => request.query("assignee", "none").query("snoozed", "false"),
        ViewName::Mine => request.query("assignee", "me").query("snoozed", "false"),
        ViewName::Waiting => request.query("sort", "waiting").query("snoozed", "false"),
        ViewName::Snoozed => request.query("snoozed", "true"),
        ViewName::All => request,
        ViewName::Mentions => request.query("view", "mentions"),
    };
    request.read().await
}

/// Ends what is left of the round, so that the lists of the next one are short.
pub(crate) async fn clear_the_desk(server: &Server, stage: &Stage) -> anyhow::Result<()> {
    let member = stage.cluster.member_at(0, server.clone());
    loop {
        let page = patiently(|| fresh(&member, ViewName::All)).await?;
        for summary in &page.items {
            let patch = serde_json::json!({ "status": Status::Closed });
            patiently(|| member.on_session("PATCH", summary.id, "").json(&patch).done()).await?;
        }
        if page.items.is_empty() {
            return Ok(());
        }
    }
}

/// Who was silenced, or at a node that stood still, can not expect its answers in time.
fn excuse_the_silenced(records: &mut Vec<Record>, account: &Account) {
    records.retain(|record| {
        let unanswered = matches!(record.what, What::Unanswered { .. });
        let span = (record.at, record.at);
        let excused =
            account.any(Part::Client, AFTER_SILENCE, span) || account.any(Part::Node, AFTER_SILENCE, span);
        !(unanswered && excused)
    });
}

fn sums(evidence: &Evidence, account: &Account) -> Sums {
    let mut sums = Sums { sessions: evidence.logs.len(), ..Sums::default() };
    let mut sends = BTreeSet::new();
    let mut links = BTreeSet::new();
    let mut waiting: BTreeMap<_, Duration> = BTreeMap::new();
    for Record { at, actor, what } in &evidence.records {
        match what {
            What::Tried { id, .. } => {
                sums.tries += 1;
                sends.insert(*id);
                waiting.insert((*actor, *id), *at);
            }
            What::Acked { id, duplicate, .. } => {
                sums.acks += 1;
                sums.duplicates += usize::from(*duplicate);
                sums.answered(waiting.remove(&(*actor, *id)), *at, account);
            }
            What::Refused { id, .. } => {
                sums.refusals += 1;
                sums.answered(id.and_then(|id| waiting.remove(&(*actor, id))), *at, account);
            }
            What::Unlinked { .. } => waiting.retain(|(of, _), _| of != actor),
            What::Linked { .. } => sums.reconnects += usize::from(!links.insert(*actor)),
            What::Saw { .. } => sums.deliveries += 1,
            What::Started { .. }
            | What::Followed { .. }
            | What::Left { .. }
            | What::Unanswered { .. }
            | What::Reset { .. } => {}
        }
    }
    sums.sends = sends.len();
    sums
}
