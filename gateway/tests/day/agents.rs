//! What agents do: take what they are given, answer it, hand it over, put it back, go to lunch, lose their network.

use std::{collections::HashSet, ops::AddAssign, sync::Arc, time::Duration};

use loadtest::client::{AgentClient, Failure, Incoming, WsConnection};
use protocol::{
    Availability, ClientFrame, ErrorCode, ServerFrame, SessionId, SessionSummary, Status, ViewName,
    rest::Page,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;
use tokio::{sync::watch, task::JoinSet, time::sleep};
use uuid::Uuid;

/// What was done, by one or all.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) answers: u32,
    pub(crate) transfers: u32,
    pub(crate) returns: u32,
    pub(crate) lunches: u32,
    pub(crate) cuts: u32,
    pub(crate) accepts: u32,
    pub(crate) declines: u32,
    /// Offers that were left unanswered.
    pub(crate) silences: u32,
}

impl AddAssign for Deeds {
    fn add_assign(&mut self, other: Self) {
        let Self { answers, transfers, returns, lunches, cuts, accepts, declines, silences } = other;
        self.answers += answers;
        self.transfers += transfers;
        self.returns += returns;
        self.lunches += lunches;
        self.cuts += cuts;
        self.accepts += accepts;
        self.declines += declines;
        self.silences += silences;
    }
}

#[derive(Clone, Copy)]
enum Deed {
    Answer,
    Transfer(Uuid),
    Return,
}

/// One agent.
pub(crate) struct Agent {
    client: AgentClient,
    team: Arc<[Uuid]>,
    rng: StdRng,
    deeds: Deeds,
    /// Chats that are being worked on.
    busy: HashSet<SessionId>,
    work: JoinSet<SessionId>,
    /// Answers to offers under way.
    answers: JoinSet<()>,
}

impl Agent {
    pub(crate) fn new(client: AgentClient, team: Arc<[Uuid]>, seed: u64) -> Self {
        Self {
            client,
            team,
            rng: StdRng::seed_from_u64(seed),
            deeds: Deeds::default(),
            busy: HashSet::new(),
            work: JoinSet::new(),
            answers: JoinSet::new(),
        }
    }

    /// Works until the day ends.
    pub(crate) async fn work(mut self, mut ended: watch::Receiver<bool>) -> Deeds {
        // The team comes within two seconds.
        sleep(Duration::from_millis(self.rng.random_range(0..2_000))).await;
        let mut desk = self.sit_down().await;
        let lunch = sleep(Duration::from_millis(self.rng.random_range(500..6_000)));
        tokio::pin!(lunch);
        let mut ate = !self.rng.random_bool(0.5);
        loop {
            tokio::select! {
                _ = ended.changed() => break,
                incoming = desk.next() => match incoming {
                    Ok(Incoming::Frame(frame)) => self.hears(frame),
                    Ok(_) => {}
                    Err(closed) => panic!("the server ended an agent's connection: {closed}"),
                },
                Some(done) = self.work.join_next() => {
                    let session = done.unwrap();
                    self.busy.remove(&session);
                    // It may be theirs still, or again.
                    self.look_again().await;
                }
                Some(done) = self.answers.join_next() => done.unwrap(),
                () = &mut lunch, if !ate => {
                    ate = true;
                    desk = self.pause(desk).await;
                }
            }
        }
        self.work.shutdown().await;
        self.deeds
    }

    async fn sit_down(&mut self) -> WsConnection {
        let mut desk = self.client.websocket().connect().await.unwrap();
        desk.send(&ClientFrame::Watch { view: ViewName::Mine.into(), limit: Some(50) }).await.unwrap();
        desk
    }

    /// Goes away for a while, or loses the network.
    async fn pause(&mut self, mut desk: WsConnection) -> WsConnection {
        if self.rng.random_bool(0.5) {
            self.deeds.lunches += 1;
            desk.send(&ClientFrame::Availability { status: Availability::Away }).await.unwrap();
            sleep(Duration::from_millis(self.rng.random_range(500..3_000))).await;
            desk.send(&ClientFrame::Availability { status: Availability::Online }).await.unwrap();
            return desk;
        }
        self.deeds.cuts += 1;
        desk.cut();
        // What they were doing is not done.
        self.work.shutdown().await;
        self.answers.shutdown().await;
        self.busy.clear();
        // A connection that was there a moment ago may be at another server: after a quarter of a minute nobody thinks so.
        sleep(Duration::from_millis(self.rng.random_range(500..20_000))).await;
        self.sit_down().await
    }

    fn hears(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Listed { sessions, .. } => sessions.iter().for_each(|session| self.begin(session)),
            ServerFrame::Session { session } => self.begin(&session),
            ServerFrame::Offer { session, .. } => self.is_asked(session.id),
            _ => {}
        }
    }

    /// Is offered a chat.
    fn is_asked(&mut self, session: SessionId) {
        let answer = match self.rng.random_range(0..100) {
            0..15 => {
                self.deeds.declines += 1;
                "/decline"
            }
            15..25 => {
                self.deeds.silences += 1;
                return;
            }
            _ => {
                self.deeds.accepts += 1;
                "/accept"
            }
        };
        let client = self.client.clone();
        let thinks = Duration::from_millis(self.rng.random_range(20..300));
        self.answers.spawn(async move {
            sleep(thinks).await;
            let said = client.on_session("POST", session, answer).json(&json!({})).done().await;
            // Whoever was too late, or is asked about what is over by now, is told so.
            if let Err(failure) = said {
                let over = [
                    ErrorCode::OfferOver,
                    ErrorCode::AlreadyClaimed,
                    ErrorCode::WrongStatus,
                    ErrorCode::NotFound,
                ];
                assert!(failure.code().is_some_and(|code| over.contains(&code)), "{failure}");
            }
        });
    }

    async fn look_again(&mut self) {
        let query = [("assignee", "me"), ("status", "open,in_progress")];
        let mine: Page<SessionSummary> = self.client.sessions(&query).await.unwrap();
        mine.items.iter().for_each(|session| self.begin(session));
    }

    fn begin(&mut self, session: &SessionSummary) {
        let mine = session.assignee.as_ref().is_some_and(|agent| agent.id.uuid() == self.client.who().you.id);
        if !mine
            || !matches!(session.status, Status::Open | Status::InProgress)
            || !self.busy.insert(session.id)
        {
            return;
        }
        let deed = match self.rng.random_range(0..100) {
            0..8 => Deed::Transfer(*self.team.choose(&mut self.rng).unwrap()),
            8..12 => Deed::Return,
            _ => Deed::Answer,
        };
        match deed {
            Deed::Answer => self.deeds.answers += 1,
            Deed::Transfer(_) => self.deeds.transfers += 1,
            Deed::Return => self.deeds.returns += 1,
        }
        let (client, session) = (self.client.clone(), session.id);
        let thinks = Duration::from_millis(self.rng.random_range(50..400));
        let ends = if self.rng.random_bool(0.5) { Status::Resolved } else { Status::Closed };
        self.work.spawn(async move {
            sleep(thinks).await;
            if let Err(failure) = handle(&client, session, deed, ends).await {
                // It went elsewhere meanwhile: its customer ended it, or it was put back in line.
                let code = failure.code();
                let gone = [ErrorCode::WrongStatus, ErrorCode::NotFound, ErrorCode::Forbidden];
                assert!(code.is_some_and(|code| gone.contains(&code)), "{failure}");
            }
            session
        });
    }
}

async fn handle(client: &AgentClient, session: SessionId, deed: Deed, ends: Status) -> Result<(), Failure> {
    let post = |rest: &str| client.on_session("POST", session, rest);
    match deed {
        Deed::Answer => {
            client.say(session, "It is on its way.").await?;
            client.set_status(session, ends).await
        }
        Deed::Transfer(to) => {
            let body = json!({ "agent_id": to, "note": "Yours, I think." });
            post("/transfer").json(&body).done().await.map(drop)
        }
        Deed::Return => post("/assign").json(&json!({ "agent_id": null })).done().await.map(drop),
    }
}
