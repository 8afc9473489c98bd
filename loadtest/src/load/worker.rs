//! A worker process: takes orders on standard input, does its share, reports on standard output.

use std::{rc::Rc, time::Duration};

use anyhow::{Context as _, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::lookup_host,
    sync::Semaphore,
    task::LocalSet,
};

use super::{
    awake::stay_awake,
    link::Route,
    member::{self, Role, Seat, Who},
    pacer,
    plan::{Order, Peer, Plan, Word},
    poller,
    visits::Office,
    world::{Phase, World},
};
use crate::{
    client::{AgentClient, Credential, Server, introduction},
    scenario::{Messages, Rate, Senders},
};

/// How often it reports.
pub(super) const TICK: Duration = Duration::from_millis(250);
/// Connections that are being made at the same time.
const KNOCKING: usize = 64;
/// Sessions that are being started at the same time.
const STARTING: usize = 16;

/// Works until it is told to finish, or standard input ends.
///
/// # Errors
/// It cannot be told what to do, or cannot report.
pub async fn work() -> anyhow::Result<()> {
    LocalSet::new().run_until(orders()).await
}

async fn orders() -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let plan: Plan = match lines.next_line().await? {
        Some(line) => serde_json::from_str(&line).context("the plan")?,
        None => bail!("this is for `hubbub-loadtest run`, which starts it by itself"),
    };
    let mut worker = Worker::new(plan).await?;
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            biased;
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let order: Order = serde_json::from_str(&line).context("an order")?;
                // What was before it is reported before it.
                say(&Word::Tick(Box::new(worker.world.tick()))).await?;
                let obeyed = tokio::select! {
                    biased;
                    obeyed = worker.obey(order) => obeyed,
                    // Nobody says anything before this is done: the coordinator is gone.
                    line = lines.next_line() => match line? {
                        Some(_) => bail!("an order came before {order:?} was done"),
                        None => return Ok(()),
                    },
                };
                match obeyed {
                    Ok(()) => {}
                    Err(error) => {
                        say(&Word::Failed(format!("{error:#}"))).await?;
                        return Ok(());
                    }
                }
                if order == Order::Finish {
                    let mut tick = worker.world.tick();
                    (tick.lost, tick.unanswered) = worker.world.lost();
                    say(&Word::Tick(Box::new(tick))).await?;
                    say(&Word::Done(order)).await?;
                    return Ok(());
                }
                say(&Word::Done(order)).await?;
            }
            _ = ticks.tick() => say(&Word::Tick(Box::new(worker.world.tick()))).await?,
        }
    }
}

async fn say(word: &Word) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    let mut out = tokio::io::stdout();
    out.write_all(&line).await?;
    out.flush().await?;
    Ok(())
}

struct Worker {
    world: Rc<World>,
    servers: Vec<Server>,
    routes: Vec<Route>,
    /// An agent at each server.
    agents: Vec<AgentClient>,
    /// Their logins.
    logins: Vec<Rc<str>>,
    office: Option<Rc<Office>>,
    /// Customers' tokens, by session.
    tokens: Vec<Rc<str>>,
}

impl Worker {
    async fn new(plan: Plan) -> anyhow::Result<Self> {
        let mut random = StdRng::seed_from_u64(plan.seed);
        let nonce = random.random_range(0..1 << 47) << 1;
        let servers = plan.urls.iter().map(Server::new).collect::<Result<Vec<_>, _>>()?;
        let mut routes = Vec::new();
        for server in &servers {
            let url = server.base();
            let host = url.host_str().context("the address has no host")?;
            let port = url.port_or_known_default().unwrap_or(80);
            let to = lookup_host((host.trim_matches(['[', ']']), port)).await?.next();
            routes.push(Route { to: to.context("the host has no address")?, host: format!("{host}:{port}") });
        }
        let world = Rc::new(World::new(plan, nonce));
        Ok(Self {
            world,
            servers,
            routes,
            agents: Vec::new(),
            logins: Vec::new(),
            office: None,
            tokens: Vec::new(),
        })
    }

    async fn obey(&mut self, order: Order) -> anyhow::Result<()> {
        let world = &self.world;
        match order {
            Order::Prepare => self.prepare().await?,
            Order::Connect => self.connect(),
            Order::Load => self.load(),
            Order::Measure => {}
            Order::Cut => {
                world.cut_at.set(Some(world.now()));
                self.wake_all();
            }
            Order::Settle => {
                world.phase.set(Phase::Settle);
                if let Some(office) = &self.office {
                    office.settle();
                }
            }
            Order::Finish => {
                world.phase.set(Phase::End);
                self.wake_all();
                if let Some(office) = self.office.take() {
                    office.close();
                }
            }
        }
        Ok(())
    }

    fn wake_all(&self) {
        for member in self.world.members.borrow().iter() {
            member.wake.notify_one();
        }
    }

    /// Sessions, logins: what there must be before anybody connects.
    async fn prepare(&mut self) -> anyhow::Result<()> {
        let world = self.world.clone();
        let plan = &world.plan;
        let sessions = plan.share(plan.scenario.people.sessions);
        let names: Vec<Rc<str>> = if plan.peer == Peer::Hubbub {
            self.log_in().await?;
            let started = self.start_sessions(sessions).await?;
            self.tokens = started.iter().map(|(_, token)| token.clone()).collect();
            started.into_iter().map(|(session, _)| session).collect()
        } else {
            let nonce = self.world.nonce;
            (0..sessions).map(|session| format!("{nonce:x}-{}-{session}", plan.worker).into()).collect()
        };
        let people = &plan.scenario.people;
        let mut random = StdRng::seed_from_u64(plan.seed ^ 1);
        for session in names {
            for place in 0..people.members {
                let slow = place > 0 && people.slow > 0.0 && random.random_bool(people.slow);
                let sends = !slow
                    && match people.senders {
                        Senders::All => true,
                        Senders::Customers => place == 0,
                        Senders::Agents => place > 0,
                    };
                self.world.add(session.clone(), place, slow, sends);
            }
        }
        Ok(())
    }

    async fn log_in(&mut self) -> anyhow::Result<()> {
        let world = self.world.clone();
        let plan = &world.plan;
        let people = &plan.scenario.people;
        if people.members < 2 && people.watchers == 0 && plan.scenario.visits.is_none() {
            return Ok(());
        }
        let password = plan.password.as_deref().context(
            "an agent's password is missing: --agent-password-stdin, HUBBUB_LOADTEST_AGENT_PASSWORD or --agent-password",
        )?;
        for server in &self.servers {
            let agent = server.login(&plan.email, password).await.context("logging the agent in")?;
            match agent.caller().credential() {
                Credential::Cookie(login) => self.logins.push(login.as_str().into()),
                Credential::None | Credential::Token(_) => bail!("the login gave no cookie"),
            }
            self.agents.push(agent);
        }
        Ok(())
    }

    async fn start_sessions(&self, sessions: u32) -> anyhow::Result<Vec<(Rc<str>, Rc<str>)>> {
        let plan = &self.world.plan;
        // +888 belongs to no country, so nobody's phone is in a load test; twelve digits after it at most.
        let run = self.world.nonce % 100_000;
        let starting = stream::iter(0..sessions).map(|number| {
            let server = self.server(number).clone();
            let (name, phone) = (
                format!("Load {number}"),
                format!("+888{run:05}{:02}{:05}", plan.worker % 100, number % 100_000),
            );
            async move {
                let started = server.start(&plan.site, introduction(&name, &phone)).await;
                let (_, started) = started.context("starting a session")?;
                anyhow::Ok((started.session.id.to_string().into(), started.token.as_str().into()))
            }
        });
        starting.buffered(STARTING).try_collect().await
    }

    fn server(&self, number: u32) -> &Server {
        &self.servers[number as usize % self.servers.len()]
    }

    fn connect(&mut self) {
        let world = self.world.clone();
        let plan = &world.plan;
        let people = &plan.scenario.people;
        let gate = Rc::new(Semaphore::new(KNOCKING));
        let mut random = StdRng::seed_from_u64(plan.seed ^ 2);
        let members = world.members.borrow().len();
        for index in 0..members {
            let place = world.members.borrow()[index].place as usize;
            let session = index / people.members as usize;
            // Neighbours in a session are at different servers, where there are several.
            let server = (session + place) % self.servers.len();
            let hubbub = plan.peer == Peer::Hubbub;
            if hubbub && place == 0 && people.long_poll > 0.0 && random.random_bool(people.long_poll) {
                let caller = self.servers[server].bearer(self.tokens[session].as_ref());
                tokio::task::spawn_local(poller::stay(world.clone(), index, caller, gate.clone()));
                continue;
            }
            let who = match (hubbub, place) {
                (false, _) => Who::Anybody,
                (true, 0) => Who::Customer(self.tokens[session].clone()),
                (true, _) => Who::Agent(self.logins[server].clone()),
            };
            self.seat(Role::Member(index), who, server, index, &gate);
        }
        if let Some(visits) = &plan.scenario.visits {
            let (servers, agents) = (self.servers.clone(), self.agents.clone());
            self.office = Some(Office::open(world.clone(), servers, agents, visits.clone()));
        }
        if plan.peer == Peer::Hubbub {
            for watcher in 0..plan.share(people.watchers) as usize {
                let server = watcher % self.servers.len();
                let who = Who::Agent(self.logins[server].clone());
                self.seat(Role::Watcher, who, server, members + watcher, &gate);
            }
        }
    }

    fn seat(&self, role: Role, who: Who, server: usize, index: usize, gate: &Rc<Semaphore>) {
        let seat = Seat {
            world: self.world.clone(),
            role,
            who,
            route: self.routes[server].clone(),
            number: index * self.world.plan.workers as usize + self.world.plan.worker as usize,
            gate: gate.clone(),
        };
        tokio::task::spawn_local(member::stay(seat));
    }

    fn load(&self) {
        let world = &self.world;
        world.phase.set(Phase::Load);
        if let Some(office) = &self.office {
            tokio::task::spawn_local(office.clone().receive());
        }
        let senders: Vec<usize> = {
            let members = world.members.borrow();
            let sends = members.iter().enumerate().filter(|(_, member)| member.sends);
            sends.map(|(index, _)| index).collect()
        };
        match &world.plan.scenario.messages {
            Messages::None => {}
            Messages::Closed { .. } => {
                let world = world.clone();
                tokio::task::spawn_local(async move { stay_awake(&world).await });
                for sender in senders {
                    self.world.is_due(sender, self.world.now());
                }
            }
            Messages::Open { rates, .. } => {
                let plan = &world.plan;
                let all = f64::from(plan.workers);
                let rates = rates.iter().map(|rate| Rate { per_s: rate.per_s / all, ..*rate }).collect();
                let warm_up = Duration::from_secs_f64(plan.scenario.time.warm_up_s);
                let seed = plan.seed ^ (u64::from(plan.worker) << 32);
                let count = senders.len() as u32;
                let mut due = pacer::start(rates, warm_up, count, world.zero, seed);
                let world = world.clone();
                tokio::task::spawn_local(async move {
                    while let Some(next) = due.recv().await {
                        if world.phase.get() != Phase::Load {
                            return;
                        }
                        world.is_due(senders[next.sender as usize], next.at);
                    }
                });
            }
        }
    }
}
