//! Customers who come, wait, chat and leave, and the agents who have several of them at once.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Duration,
};

use anyhow::Context as _;
use protocol::{Audience, Seq, SessionId, Status, ViewName};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::Notify;

use super::{
    marker::Marker,
    poller,
    world::{Phase, World},
};
use crate::{
    client::{AgentClient, Failure, Server, introduction},
    history::{History, What},
    participant::{Options as Begin, Participant, Transport},
    scenario::Visits,
};

/// How long one side waits to see what the other one said.
const PATIENCE: Duration = Duration::from_secs(60);
/// Visits after which an agent goes home and another one takes the place: what somebody saw is kept until then.
const SHIFT: u32 = 40;
/// The places of the two in a chat.
const CUSTOMER: u32 = 0;
const AGENT: u32 = 1;

/// Where visits happen.
pub(super) struct Office {
    world: Rc<World>,
    servers: Vec<Server>,
    agents: Vec<AgentClient>,
    /// The agents at work. One who went home stays until the last of the chats is over.
    desks: RefCell<Vec<Rc<Desk>>>,
    visits: Visits,
    begun: Cell<u32>,
    /// The load is over: who thinks of what to say next says nothing more.
    over: Notify,
}

/// An agent at work.
struct Desk {
    world: Rc<World>,
    client: AgentClient,
    participant: Participant,
    history: History,
    visits: Cell<u32>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        judge(&self.world, &self.history);
    }
}

impl Office {
    /// Agents come to work.
    pub(super) fn open(
        world: Rc<World>,
        servers: Vec<Server>,
        agents: Vec<AgentClient>,
        visits: Visits,
    ) -> Rc<Self> {
        let desks = world.plan.share(visits.agents).max(1);
        let office = Self {
            world,
            servers,
            agents,
            desks: RefCell::default(),
            visits,
            begun: Cell::new(0),
            over: Notify::new(),
        };
        let desks = (0..desks).map(|number| office.desk(number)).collect();
        office.desks.replace(desks);
        Rc::new(office)
    }

    fn desk(&self, number: u32) -> Rc<Desk> {
        let client = self.agents[number as usize % self.agents.len()].clone();
        let history = History::new();
        let begin =
            Begin { watch: vec![ViewName::Unassigned.into()], seed: number.into(), ..Begin::default() };
        let recorder = history.actor(format!("agent {number}"), Audience::Team);
        let participant = Participant::join(client.caller(), recorder, begin);
        Rc::new(Desk { world: self.world.clone(), client, participant, history, visits: Cell::new(0) })
    }

    /// The load is over: chats end with what was said so far.
    pub(super) fn settle(&self) {
        self.over.notify_waiters();
    }

    /// Agents go home, and what they saw is judged.
    pub(super) fn close(&self) {
        self.desks.borrow_mut().clear();
    }

    /// The agent whose turn it is; somebody new, if the last one's shift is over.
    fn agent(&self, number: u32) -> Rc<Desk> {
        let place = number as usize % self.desks.borrow().len();
        let desk = self.desks.borrow()[place].clone();
        desk.visits.set(desk.visits.get() + 1);
        if desk.visits.get() < SHIFT {
            return desk;
        }
        let new = self.desk(number);
        self.desks.borrow_mut()[place] = new.clone();
        new
    }

    /// Lets customers arrive (Poisson) as long as there is load.
    pub(super) async fn receive(self: Rc<Self>) {
        let plan = &self.world.plan;
        let mut random = StdRng::seed_from_u64(plan.seed ^ 3 ^ (u64::from(plan.worker) << 32));
        let per_s = self.visits.per_minute / 60.0 / f64::from(plan.workers);
        let mut at = tokio::time::Instant::now();
        if per_s <= 0.0 {
            return;
        }
        loop {
            at += exponential(&mut random, 1.0 / per_s);
            tokio::time::sleep_until(at).await;
            if self.world.phase.get() != Phase::Load {
                return;
            }
            let number = self.begun.get();
            self.begun.set(number + 1);
            let visit = self.clone().visit(number, random.random());
            tokio::task::spawn_local(visit);
        }
    }

    async fn visit(self: Rc<Self>, number: u32, seed: u64) {
        let world = &self.world;
        world.begin_visit();
        let history = History::new();
        let said = match self.chat(number, seed, &history).await {
            Ok(()) => None,
            Err(error) => Some(match error.downcast_ref::<Failure>() {
                Some(failure) => poller::word(failure),
                // A side that does not see what was acked is what this is all about.
                None => "visit_not_finished".to_owned(),
            }),
        };
        if let Some(word) = said {
            world.error(&word);
        }
        judge(world, &history);
        world.end_visit();
    }

    async fn chat(&self, number: u32, seed: u64, history: &History) -> anyhow::Result<()> {
        let mut random = StdRng::seed_from_u64(seed);
        let plan = &self.world.plan;
        let server = &self.servers[number as usize % self.servers.len()];
        let phone = format!(
            "+888{:05}{:02}{:05}",
            self.world.nonce % 100_000,
            50 + plan.worker % 50,
            number % 100_000
        );
        let (caller, started) =
            server.start(&plan.site, introduction(&format!("Visitor {number}"), &phone)).await?;
        let session = started.session.id;
        let polls = random.random_bool(self.visits.long_poll);
        let begin = Begin {
            transport: if polls { Transport::LongPoll } else { Transport::WebSocket },
            follow: vec![(session, Some(Seq::ZERO))],
            seed,
            ..Begin::default()
        };
        let recorder = history.actor("customer", Audience::Customer);
        let customer = Participant::join(&caller, recorder, begin);
        let desk = self.agent(number);
        desk.participant.follow(session, Some(Seq::ZERO)).await;
        desk.client.claim(session).await?;
        for number in 0..self.visits.messages {
            self.say(session, &customer, &desk.participant, CUSTOMER, number).await?;
            if !self.goes_on(exponential(&mut random, self.visits.answer_s)).await {
                break;
            }
            self.say(session, &desk.participant, &customer, AGENT, number).await?;
            if !self.goes_on(exponential(&mut random, self.visits.think_s)).await {
                break;
            }
        }
        desk.client.set_status(session, Status::Closed).await?;
        desk.participant.leave(session).await;
        customer.stop().await;
        Ok(())
    }

    /// Whether, after so long, there is still load.
    async fn goes_on(&self, after: Duration) -> bool {
        let loaded = || self.world.phase.get() == Phase::Load;
        if loaded() {
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = self.over.notified() => {}
            }
        }
        loaded()
    }

    /// One side says something, the other one sees it.
    async fn say(
        &self,
        session: SessionId,
        from: &Participant,
        to: &Participant,
        member: u32,
        number: u32,
    ) -> anyhow::Result<()> {
        if self.visits.signals {
            from.typing(session, true).await;
        }
        let marker = Marker { member, number, due: self.world.now() };
        let mut text = String::new();
        marker.write(&mut text, self.visits.chars);
        self.world.visit_sent();
        let sending = from.say(session, text.trim());
        let (safe, seen) = (Cell::new(false), Cell::new(false));
        let acked = async {
            let sent = sending.await.inspect_err(|_| self.world.visit_refused())?;
            self.world.visit_acked(marker, seen.get());
            safe.set(true);
            anyhow::Ok(sent.seq)
        };
        let sees = async {
            let body = text.trim();
            let waited = to.wait_for(PATIENCE, |seen| {
                let entries = &seen.chat(session)?.entries;
                entries.iter().rev().any(|entry| entry.body == body).then_some(())
            });
            waited.await.context("the other side does not see what was said")?;
            self.world.visit_delivered(marker, safe.get());
            seen.set(true);
            anyhow::Ok(())
        };
        let (seq, ()) = tokio::try_join!(acked, sees)?;
        if self.visits.signals {
            to.read(session, seq).await;
        }
        Ok(())
    }
}

impl World {
    /// A customer came.
    fn begin_visit(&self) {
        self.visiting.set(self.visiting.get() + 1);
        self.slice.borrow_mut().tick.connected += 1;
    }

    /// A customer left.
    fn end_visit(&self) {
        self.visiting.set(self.visiting.get() - 1);
        let mut slice = self.slice.borrow_mut();
        slice.tick.visits += 1;
        slice.tick.connected -= 1;
    }

    /// Somebody says something in a visit.
    fn visit_sent(&self) {
        self.outstanding.set(self.outstanding.get() + 1);
        self.slice.borrow_mut().tick.sent += 1;
    }

    /// It will not be stored.
    fn visit_refused(&self) {
        self.outstanding.set(self.outstanding.get() - 1);
    }

    /// It is safe; the other one may have seen it before.
    fn visit_acked(&self, marker: Marker, seen: bool) {
        self.outstanding.set(self.outstanding.get() - 1);
        self.visits_unseen.set(self.visits_unseen.get() + u64::from(!seen));
        let mut slice = self.slice.borrow_mut();
        slice.tick.acked += 1;
        slice.ack.saturating_record(self.now().saturating_sub(marker.due).max(1));
    }

    /// The other one sees it; it may be safe already.
    fn visit_delivered(&self, marker: Marker, safe: bool) {
        self.visits_unseen.set(self.visits_unseen.get() - u64::from(safe));
        let mut slice = self.slice.borrow_mut();
        slice.tick.delivered += 1;
        slice.delivery.saturating_record(self.now().saturating_sub(marker.due).max(1));
    }

    /// Seen twice in a visit.
    fn visit_doubled(&self) {
        self.slice.borrow_mut().tick.doubled += 1;
    }

    /// Seen after something younger in a visit.
    fn visit_out_of_order(&self) {
        self.slice.borrow_mut().tick.out_of_order += 1;
    }
}

/// Counts what somebody saw twice, or after something younger.
fn judge(world: &World, history: &History) {
    let (_, records) = history.so_far();
    let mut seen: HashMap<SessionId, Vec<Seq>> = HashMap::new();
    for record in &records {
        if let What::Saw { session, line, .. } = &record.what {
            let before = seen.entry(*session).or_default();
            if before.contains(&line.seq) {
                world.visit_doubled();
            } else if before.last().is_some_and(|last| *last > line.seq) {
                world.visit_out_of_order();
            }
            before.push(line.seq);
        }
    }
}

fn exponential(random: &mut StdRng, mean_s: f64) -> Duration {
    let uniform: f64 = random.random();
    // Nobody takes longer than ten times the mean: a run must end.
    Duration::from_secs_f64((-(1.0 - uniform).ln() * mean_s).min(10.0 * mean_s))
}
