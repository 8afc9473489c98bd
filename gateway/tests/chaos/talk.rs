//! The people of a round: customers, some with a second tab, and members of the team, on both transports and on all
//! nodes. They insist on everything they say, and all that they do and see goes into the history.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, bail};
use loadtest::{
    client::{Caller, Server},
    history::{ActorId, History, What},
    participant::{Options, Outgoing, Participant, Sending, Transport},
};
use protocol::{
    Audience, Seq, SessionId, ViewName,
    rest::{Identity, StartSession},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    asks::{INSIST, begin, identity_hash, work},
    board::{Board, Rules},
    cluster::Cluster,
    wire::Wire,
};

/// The lists that members of the team watch.
pub(crate) const LISTS: [ViewName; 3] = [ViewName::Unassigned, ViewName::Waiting, ViewName::Mine];

/// How many take part, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) customers: usize,
    pub(crate) team: usize,
    /// Late ones come within it.
    pub(crate) within: Duration,
    pub(crate) seed: u64,
    /// Tells the contacts of one round from those of another.
    pub(crate) run: u32,
    /// Clocks stay as they are, so that what the server remembers for minutes is remembered.
    pub(crate) clocks_are_right: bool,
}

/// Somebody who reads.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) name: String,
    pub(crate) actor: ActorId,
    pub(crate) audience: Audience,
    pub(crate) participant: Arc<Participant>,
    pub(crate) wire: Arc<Wire>,
    /// Of the team: what its lists are compared by.
    pub(crate) caller: Caller,
}

pub(crate) struct Talk {
    pub(crate) history: History,
    pub(crate) board: Board,
    pub(crate) seats: Mutex<Vec<Seat>>,
    cluster: Arc<Cluster>,
    crowd: Crowd,
    /// Counts up when everything is well again, and once more for the end.
    phase: watch::Sender<u32>,
    /// The phase of each speaker's last words that were acked.
    spoke: watch::Sender<Vec<u32>>,
}

/// Says that nobody shall begin anything more.
const END: u32 = 2;

impl Talk {
    pub(crate) fn new(cluster: Arc<Cluster>, crowd: Crowd) -> Arc<Self> {
        Arc::new(Self {
            history: History::new(),
            board: Board::default(),
            seats: Mutex::default(),
            cluster,
            crowd,
            phase: watch::Sender::new(0),
            spoke: watch::Sender::new(vec![0; crowd.customers + crowd.team]),
        })
    }

    /// Links of the clients: one each, and one for each second tab.
    pub(crate) async fn wires(&self) -> anyhow::Result<Vec<Arc<Wire>>> {
        let mut wires = Vec::new();
        for number in 0..2 * self.crowd.customers + self.crowd.team {
            let nodes = self.cluster.balancer.clone();
            let home = number % self.cluster.nodes.len();
            wires.push(Arc::new(Wire::balanced(nodes, home, self.seed(0xB0 + number)).await?));
        }
        Ok(wires)
    }

    fn seed(&self, salt: usize) -> u64 {
        self.crowd.seed ^ ((salt as u64 + 1) << 40)
    }

    /// Everybody comes, talks, and goes on until the end; a task that fails says what was broken.
    pub(crate) fn begin(self: &Arc<Self>, wires: &[Arc<Wire>]) -> JoinSet<anyhow::Result<()>> {
        let Crowd { customers, team, .. } = self.crowd;
        let mut tasks = JoinSet::new();
        for number in 0..team {
            let (talk, wire) = (self.clone(), wires[2 * customers + number].clone());
            tasks.spawn(async move {
                talk.member(number, wire).await.with_context(|| format!("member {number} of the team"))
            });
        }
        for number in 0..customers {
            let (talk, wires) = (self.clone(), [wires[2 * number].clone(), wires[2 * number + 1].clone()]);
            tasks.spawn(async move {
                talk.customer(number, wires).await.with_context(|| format!("customer {number}"))
            });
        }
        tasks
    }

    /// All is well again: waits until everybody has said something since, and it was acked.
    pub(crate) async fn everybody_speaks(&self, within: Duration) -> anyhow::Result<()> {
        self.phase.send_modify(|phase| *phase = 1);
        let mut spoke = self.spoke.subscribe();
        let all = spoke.wait_for(|spoke| spoke.iter().all(|&phase| phase >= 1));
        if timeout(within, all).await.is_err() {
            let silent: Vec<_> = self.spoke.borrow().iter().map(|&phase| phase >= 1).collect();
            bail!("not everybody was heard again within {within:?} (customers, then the team): {silent:?}");
        }
        Ok(())
    }

    /// Nobody begins anything more; what is said is still insisted on.
    pub(crate) fn end(&self) {
        self.phase.send_modify(|phase| *phase = END);
    }

    fn phase(&self) -> u32 {
        *self.phase.borrow()
    }

    fn heard(&self, speaker: usize, phase: u32) {
        self.spoke.send_modify(|spoke| spoke[speaker] = spoke[speaker].max(phase));
    }

    fn seat(
        &self,
        name: &str,
        audience: Audience,
        wire: &Arc<Wire>,
        caller: &Caller,
        follow: Vec<(SessionId, Option<Seq>)>,
        number: usize,
    ) -> Arc<Participant> {
        let recorder = self.history.actor(name, audience);
        let actor = recorder.actor();
        let options = Options {
            transport: transport(number),
            follow,
            watch: if audience == Audience::Team { LISTS.map(Into::into).to_vec() } else { Vec::new() },
            seed: self.seed(number),
            poll_wait_s: 5,
            longest_pause: Duration::from_secs(2),
        };
        let participant = Arc::new(Participant::join(caller, recorder, options));
        let (name, wire, caller) = (name.to_owned(), wire.clone(), caller.clone());
        let seat = Seat { name, actor, audience, participant: participant.clone(), wire, caller };
        self.seats.lock().unwrap().push(seat);
        participant
    }

    async fn customer(self: Arc<Self>, number: usize, wires: [Arc<Wire>; 2]) -> anyhow::Result<()> {
        let mut random = StdRng::seed_from_u64(self.seed(0x1000 + number));
        // Every third one comes while things go wrong.
        if number % 3 == 2 {
            sleep(self.crowd.within.mul_f64(random.random())).await;
        }
        let name = format!("customer {number}");
        let server = Server::new(format!("http://{}", wires[0].address()))?;
        let recorder = self.history.actor(format!("{name}, starting"), Audience::Customer);
        let start = self.introduction(number, &name, random.random_bool(0.5));
        let started = begin(&server, &recorder, &start).await?;
        let session = started.session.id;
        if self.crowd.clocks_are_right && random.random_bool(0.5) {
            let again = begin(&server, &recorder, &start).await?;
            if again.session.id != session {
                bail!("a start that was tried again began another session: {session}, {}", again.session.id);
            }
        }
        recorder.record(What::Started { session, message: start.message });

        let follow = vec![(session, Some(Seq::ZERO))];
        let caller = server.bearer(&started.token);
        let main = self.seat(&name, Audience::Customer, &wires[0], &caller, follow.clone(), number);
        let mut readers = vec![main.clone()];
        let mut tab = None;
        if number.is_multiple_of(2) {
            let server = Server::new(format!("http://{}", wires[1].address()))?;
            let caller = server.bearer(&started.token);
            let name = format!("{name}, second tab");
            let second = self.seat(&name, Audience::Customer, &wires[1], &caller, follow, number + 1);
            readers.push(second.clone());
            tab = Some(second);
        }
        self.board.add(number, session, caller, readers).await;

        let quiet = Rules::of(number).quiet;
        let mut said = 0;
        while self.phase() < END {
            let phase = self.phase();
            let session = self.board.head(number).context("the chat is on the board")?;
            let mut row = Vec::new();
            let mut last = None;
            for _ in 0..random.random_range(1..=3) {
                said += 1;
                let outgoing = Outgoing::message(session, words(&name, said));
                // The same from two tabs at once is one send, whatever they say.
                if let Some(tab) = tab.as_ref().filter(|_| !quiet && random.random_bool(0.3)) {
                    let body = format!("{} (second tab)", outgoing.body);
                    row.push(tab.send(Outgoing { body, ..outgoing.clone() }).await);
                }
                row.push(main.send(outgoing.clone()).await);
                last = Some(outgoing);
            }
            self.misbehave(&main, &mut random, session, number).await;
            let seq = self.answers(row, session).await?;
            if let Some(outgoing) = last.filter(|_| random.random_bool(0.1)) {
                let again = Outgoing { body: format!("{} (again)", outgoing.body), ..outgoing };
                self.answers(vec![main.send(again).await], session).await?;
            }
            self.heard(number, phase);
            main.read(session, seq).await;
            breath(&mut random).await;
            if quiet {
                sleep(Duration::from_millis(random.random_range(0..400))).await;
            }
        }
        Ok(())
    }

    async fn member(self: Arc<Self>, number: usize, wire: Arc<Wire>) -> anyhow::Result<()> {
        let mut random = StdRng::seed_from_u64(self.seed(0x2000 + number));
        if number > 1 && number + 1 == self.crowd.team {
            // One begins in the midst of it, and has to read all that was said.
            sleep(self.crowd.within.mul_f64(random.random())).await;
        }
        let name = format!("member {number}");
        let server = Server::new(format!("http://{}", wire.address()))?;
        let caller = self.cluster.member_at(number, server);
        let participant = self.seat(&name, Audience::Team, &wire, &caller, Vec::new(), number);
        self.board.join(&participant).await;
        let recorder = self.history.actor(format!("{name}, by REST"), Audience::Team);

        let mut said = 0;
        while self.phase() < END {
            let phase = self.phase();
            if let Some((session, rules)) = self.board.any(&mut random) {
                let mut row = Vec::new();
                for _ in 0..random.random_range(1..=2) {
                    said += 1;
                    let note = rules.notes && random.random_bool(0.3);
                    let make = if note { Outgoing::note } else { Outgoing::message };
                    row.push(participant.send(make(session, words(&name, said))).await);
                }
                self.misbehave(&participant, &mut random, session, number).await;
                let seq = self.answers(row, session).await?;
                self.heard(self.crowd.customers + number, phase);
                participant.read(session, seq).await;
                if random.random_bool(0.15) {
                    work(&caller, &recorder, session, !rules.notes, &mut random).await?;
                }
            }
            breath(&mut random).await;
        }
        Ok(())
    }

    /// Waits until all are acked; a chat may turn out to have gone on elsewhere. Answers the last place.
    async fn answers(&self, row: Vec<Sending>, session: SessionId) -> anyhow::Result<Seq> {
        let mut last = Seq::ZERO;
        for sending in row {
            let answer = timeout(INSIST, sending.answer()).await;
            let sent = answer.map_err(|_| anyhow::anyhow!("a send was not acked within {INSIST:?}"))??;
            if sent.session != session {
                self.board.went_on(session, sent.session).await;
            }
            last = last.max(sent.seq);
        }
        Ok(last)
    }

    /// What real clients do in the midst of a send.
    async fn misbehave(
        &self,
        participant: &Participant,
        random: &mut StdRng,
        session: SessionId,
        number: usize,
    ) {
        match random.random_range(0..40) {
            0 => participant.cut().await,
            1 => {
                // Changes over and back.
                let other = transport(number + random.random_range(0..2));
                participant.use_transport(other).await;
            }
            2..10 => participant.typing(session, true).await,
            _ => {}
        }
    }

    fn introduction(&self, number: usize, name: &str, verified: bool) -> StartSession {
        let Crowd { run, seed, .. } = self.crowd;
        let external_id = format!("{run}-{seed}-{number}");
        let hash = verified.then(|| identity_hash(&self.cluster.identity_secret, &external_id));
        StartSession {
            id: Some(Uuid::now_v7()),
            name: Some(name.to_owned()),
            // +888 belongs to no country.
            phone: Some(format!("+888{:07}{number:03}", run % 10_000_000)),
            message: number.is_multiple_of(2).then(|| format!("{name} needs help")),
            identity: verified.then_some(Identity {
                external_id,
                hash,
                attributes: Default::default(),
                account_status: None,
            }),
            ..StartSession::default()
        }
    }
}

fn transport(number: usize) -> Transport {
    if number.is_multiple_of(2) { Transport::WebSocket } else { Transport::LongPoll }
}

fn words(name: &str, number: usize) -> String {
    match number % 16 {
        7 => format!("{name}: {number}{}", " and so on".repeat(300)),
        _ => format!("{name}: {number}"),
    }
}

async fn breath(random: &mut StdRng) {
    sleep(Duration::from_millis(random.random_range(40..200))).await;
}
