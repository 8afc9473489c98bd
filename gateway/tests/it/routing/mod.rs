//! How chats find whoever answers them: offers, teams and skills, and what becomes of those for whom nobody is here.

mod later;
mod needs;
mod offers;

use std::time::Duration;

use loadtest::client::{AgentClient, Answer, Caller, WsConnection};
use protocol::{AgentId, Entry, Event, OfferEnd, ServerFrame, SessionId, SessionSummary, rest::Settings};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::TestServer;

const SOON: Duration = Duration::from_secs(15);

/// With what tests of the whole desk have in common: who leaves is gone at once.
const BRISK: [&str; 4] = ["--offline-after-seconds", "1", "--return-after-seconds", "2"];

fn id_of(agent: &AgentClient) -> AgentId {
    AgentId::new(agent.who().you.id)
}

async fn takes_at_most(admin: &AgentClient, who: &AgentClient, max: u32) {
    let path = format!("/agents/{}", who.who().you.id);
    admin.request("PATCH", &path).json(&json!({ "max_chats": max })).done().await.unwrap();
}

async fn chat(server: &TestServer, n: usize) -> (Caller, SessionId) {
    let (ana, started) = server.customer(&format!("Ana {n}"), &format!("+44770090080{n:02}")).await;
    (ana, started.session.id)
}

async fn post(agent: &Caller, session: SessionId, rest: &str, body: Value) -> Answer {
    agent.on_session("POST", session, rest).json(&body).send().await.unwrap()
}

async fn set_routing(admin: &AgentClient, routing: Value) -> Settings {
    let edit = json!({ "routing": routing });
    admin.request("PATCH", "/settings").json(&edit).read().await.unwrap()
}

/// A team or skill, by its id.
async fn made(admin: &AgentClient, path: &str, body: Value) -> String {
    let made: Value = admin.request("POST", path).json(&body).read().await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

async fn is(
    board: &AgentClient,
    session: SessionId,
    what: impl Fn(&SessionSummary) -> bool,
) -> SessionSummary {
    let deadline = Instant::now() + SOON;
    loop {
        let now = board.session(session).await.unwrap();
        if what(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "never: {now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn held(board: &AgentClient, session: SessionId, by: Option<&AgentClient>) {
    is(board, session, |now| now.assignee.as_ref().map(|agent| agent.id) == by.map(id_of)).await;
}

/// The next offer that this agent is told of.
async fn asked(desk: &mut WsConnection) -> SessionId {
    let offer = desk.expect(|frame| match frame {
        ServerFrame::Offer { session, .. } => Some(session.id),
        _ => None,
    });
    offer.await.unwrap()
}

async fn ended(desk: &mut WsConnection) -> (SessionId, OfferEnd) {
    let ended = desk.expect(|frame| match frame {
        ServerFrame::OfferEnded { session, end } => Some((*session, *end)),
        _ => None,
    });
    ended.await.unwrap()
}

/// The words of the events in a log, in their order.
fn words(log: &[Entry]) -> Vec<String> {
    let word = |event: &Event| {
        let json = serde_json::to_value(event).unwrap();
        let end = json["offer"]["end"].as_str().or(json["offer"]["type"].as_str());
        let word = json["type"].as_str().unwrap().to_owned();
        end.map_or(word.clone(), |end| format!("{word} {end}"))
    };
    log.iter().filter_map(|entry| entry.event.as_ref().map(word)).collect()
}
