//! A day in the life of a shop, on each store: customers who wrote overnight, fifty agents who come in the morning, hand
//! chats over, put them back, go to lunch and lose their network, and two thousand customers in all. At the end, the logs
//! tell who held what when, and the promises of routing are checked against them.
//!
//! A test of its own, so that nothing else is slow while it runs.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod agents;
mod customers;
mod judge;
#[path = "../it/support/server.rs"]
#[expect(dead_code, reason = "the other tests need more of it")]
mod server;

/// In place of the one that the other tests have: here a thousand requests a second are not looked at.
mod document {
    pub(crate) fn judge(_: &loadtest::client::Exchange<'_>) {}
}

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use loadtest::client::AgentClient;
use persistence::testing::Engine;
use protocol::{Event, Priority, SessionId, rest::Site};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

use agents::{Agent, Deeds};
use customers::Customers;
use server::{TestServer, UNHURRIED};

const AGENTS: usize = 50;
const CUSTOMERS: usize = 2_000;
/// Of them those who write before anybody is there.
const OVERNIGHT: usize = 300;
/// The key of the site whose chats are offered; those of the other one are given.
const OFFERED: &str = "offered";
/// The key of the site for whose customers nobody has the skill until the evening.
const ELVES: &str = "elves";
/// Requests at a time of those who set the day up, and who read its logs.
const AT_ONCE: usize = 24;
/// How long the evening may take: until everybody was served.
const EVENING: Duration = Duration::from_secs(180);

/// One day after the other: each wants the machine for itself.
static TURN: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let _turn = TURN.lock().await;
    day(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let _turn = TURN.lock().await;
    day(Engine::Postgres).await;
}

async fn day(engine: Engine) {
    let seed: u64 = rand::random();
    println!("the day of seed {seed} on {engine:?}");
    let routing = ["--routing=automatic", "--offline-after-seconds=1", "--return-after-seconds=1"];
    let flags = [UNHURRIED.as_slice(), &routing].concat();
    let server = TestServer::start_with(engine, &flags).await;
    let boss = server.admin().await;
    takes_at_most(&boss, &boss, 0).await;
    let team = team(&server, &boss, seed).await;

    let site = json!({ "key": OFFERED, "name": "Where agents may decline" });
    let site: Site = boss.request("POST", "/sites").json(&site).read().await.unwrap();
    let elves = json!({ "key": ELVES, "name": "Where nobody knows the language yet" });
    let elves: Site = boss.request("POST", "/sites").json(&elves).read().await.unwrap();
    boss.request("POST", "/skills").json(&json!({ "name": "Elvish" })).done().await.unwrap();
    let elvish = json!([{ "skill": "Elvish", "level": 1 }]);
    let settings = json!({
        "routing": {
            "sites": { site.id.to_string(): { "mode": "offer" }, elves.id.to_string(): { "skills": elvish } },
            "offer_seconds": 5,
        },
        "sla": [{
            "name": "A minute", "targets": { "first_response_s": 60 }, "warn_before_s": 30, "escalate": ["raise_priority"],
        }],
    });
    boss.request("PATCH", "/settings").json(&settings).done().await.unwrap();

    // The night.
    let customers = Arc::new(Customers::new(&server, ["demo", OFFERED], seed));
    customers.arrive(0..OVERNIGHT).await;
    let urgent = some_are_urgent(&boss, &customers, seed).await;
    assert!(urgent > 0);
    let elves = customers.elves(3).await;

    // The morning, and the day.
    let (end, ended) = watch::channel(false);
    let ids: Arc<[_]> = team.iter().map(|(agent, _)| agent.who().you.id).collect();
    let working: Vec<_> = team
        .iter()
        .enumerate()
        .map(|(n, (client, _))| {
            let agent = Agent::new(client.clone(), ids.clone(), seed ^ (n as u64 + 1));
            tokio::spawn(agent.work(ended.clone()))
        })
        .collect();
    customers.arrive(OVERNIGHT..CUSTOMERS).await;
    customers.come_back(&boss).await;

    // The evening.
    everybody_is_served(&boss, elves.len()).await;
    for elf in &elves {
        promised_in_vain(&boss, *elf).await;
    }
    let one = &team[0].0;
    let path = format!("/agents/{}/skills", one.who().you.id);
    boss.request("PUT", &path).json(&elvish).done().await.unwrap();
    everybody_is_served(&boss, 0).await;
    end.send(true).unwrap();
    let mut deeds = Deeds::default();
    for work in working {
        deeds += work.await.unwrap();
    }
    let logs = logs(&boss, customers.sessions()).await;
    let maxima = team.iter().map(|(agent, max)| (agent.who().you.id, *max)).collect();
    let day = judge::judge(&logs, &maxima, &elves, &customers.said());
    println!("{deeds:?}\n{day:?}");
    let Deeds { answers, transfers, returns, lunches, cuts, accepts, declines, silences } = deeds;
    let all = [answers, transfers, returns, lunches, cuts, accepts, declines, silences];
    assert!(all.iter().all(|count| *count > 0), "a dull day");
    assert!(day.returned > 0, "nobody's chats went back in line");
}

/// Fifty agents, and how many chats each takes at once.
async fn team(server: &TestServer, boss: &AgentClient, seed: u64) -> Vec<(AgentClient, u32)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let maxima: Vec<u32> = (0..AGENTS).map(|_| rng.random_range(2..=6)).collect();
    let come = stream::iter(maxima.into_iter().enumerate()).map(async |(n, max)| {
        let agent = server.member("agent", &format!("agent{n}@shop.example"), &format!("Agent {n}")).await;
        takes_at_most(boss, &agent, max).await;
        (agent, max)
    });
    come.buffer_unordered(4).collect().await
}

async fn takes_at_most(boss: &AgentClient, agent: &AgentClient, max: u32) {
    let path = format!("/agents/{}", agent.who().you.id);
    boss.request("PATCH", &path).json(&json!({ "max_chats": max })).done().await.unwrap();
}

/// Every tenth of those who wrote overnight is found to be in a hurry.
async fn some_are_urgent(boss: &AgentClient, customers: &Customers, seed: u64) -> usize {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut urgent = 0;
    for session in customers.sessions() {
        if rng.random_bool(0.1) {
            let priority = [Priority::High, Priority::Urgent][urgent % 2];
            boss.on_session("PATCH", session, "")
                .json(&json!({ "priority": priority }))
                .done()
                .await
                .unwrap();
            urgent += 1;
        }
    }
    urgent
}

/// Waits until it is too late for somebody whom nobody can serve: the team was warned before, each once, and nobody was
/// given the chat.
async fn promised_in_vain(boss: &AgentClient, session: SessionId) {
    let deadline = Instant::now() + EVENING;
    loop {
        let log = boss.whole_log(session).await.unwrap();
        let events: Vec<_> = log.iter().filter_map(|entry| entry.event.as_ref()).collect();
        assert!(!events.iter().any(|event| matches!(event, Event::Assigned { .. })), "{events:?}");
        if let [Event::Started { .. }, Event::SkillsChanged { .. }, warned, breached, raised] =
            events.as_slice()
        {
            assert!(matches!(warned, Event::SlaWarned { .. }), "{warned:?}");
            assert!(matches!(breached, Event::SlaBreached { .. }), "{breached:?}");
            assert!(matches!(raised, Event::PriorityChanged { to: Priority::High, .. }), "{raised:?}");
            return;
        }
        assert!(events.len() < 5 && Instant::now() < deadline, "{events:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Waits until nothing is open but so many.
async fn everybody_is_served(boss: &AgentClient, but: usize) {
    let deadline = Instant::now() + EVENING;
    loop {
        let page = boss.sessions(&[("status", "open,in_progress"), ("limit", "5")]).await.unwrap();
        if page.total == but as u64 {
            return;
        }
        assert!(Instant::now() < deadline, "{} are not served, such as {:#?}", page.total, page.items);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn logs(boss: &AgentClient, sessions: Vec<SessionId>) -> Vec<(SessionId, Vec<protocol::Entry>)> {
    let read = stream::iter(sessions).map(async |session| (session, boss.whole_log(session).await.unwrap()));
    read.buffer_unordered(AT_ONCE).collect().await
}
