//! A whole chat between two servers, by every pair of transports.

use futures_util::future::join_all;
use loadtest::{
    client::AgentClient,
    participant::Transport::{self, LongPoll, WebSocket},
};
use protocol::{Entry, EntryKind, Event, PartyKind, Status};

use crate::support::{
    cluster::Cluster,
    seat::{Seat, Sign},
};

const CUSTOMER: PartyKind = PartyKind::Customer;
const AGENT: PartyKind = PartyKind::Agent;

fn is(event: impl Fn(&Event) -> bool) -> impl Fn(&Entry) -> bool {
    move |entry| entry.event.as_ref().is_some_and(&event)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_and_an_agent_on_two_servers() {
    let cluster = Cluster::start(2).await;
    let agents = [cluster.admin(0).await, cluster.admin(1).await];
    let pairs = [(WebSocket, WebSocket), (WebSocket, LongPoll), (LongPoll, WebSocket), (LongPoll, LongPoll)];
    let chats = pairs.into_iter().enumerate().map(|(n, (customers, agents_))| {
        // The customer is now at the one, now at the other.
        whole_chat(&cluster, n % 2, &agents[1 - n % 2], customers, agents_, format!("+44770090080{n}"))
    });
    join_all(chats).await;
}

async fn whole_chat(
    cluster: &Cluster,
    here: usize,
    bo: &AgentClient,
    customers: Transport,
    agents: Transport,
    phone: String,
) {
    let (caller, started) = cluster.nodes[here].customer("Ana", &phone).await;
    let session = started.session.id;
    let mut agent = Seat::take(bo.caller().clone(), session, agents).await;
    let mut ana = Seat::take(caller.clone(), session, customers).await;
    agent.notices(Sign::Here(CUSTOMER, true)).await;

    // What is said, and what is not for the customer.
    ana.say("hello").await;
    agent.hears("hello").await;
    agent.send("who is this?", EntryKind::Note).await;
    let answer = agent.say("hi").await;
    ana.hears("hi").await;

    // How far it came: handed over, then read; both ways.
    agent.notices(Sign::Has(CUSTOMER, answer.seq)).await;
    ana.reads(answer.seq).await;
    agent.notices(Sign::Read(CUSTOMER, answer.seq)).await;
    let asked = ana.say("are you there?").await;
    agent.hears("are you there?").await;
    ana.notices(Sign::Has(AGENT, asked.seq)).await;
    agent.reads(asked.seq).await;
    ana.notices(Sign::Read(AGENT, asked.seq)).await;

    // Who holds the chat is shown to the customer.
    bo.claim(session).await.unwrap();
    ana.sees(is(|event| matches!(event, Event::Assigned { agent: Some(_) }))).await;
    ana.notices(Sign::Here(AGENT, true)).await;

    // Typing: it shows, ends with a word, and lapses without one.
    agent.types(true).await;
    ana.notices(Sign::Types(AGENT, true)).await;
    agent.say("one moment").await;
    ana.notices(Sign::Types(AGENT, false)).await;
    ana.hears("one moment").await;
    ana.types(true).await;
    agent.notices(Sign::Types(CUSTOMER, true)).await;
    agent.notices(Sign::Types(CUSTOMER, false)).await;

    // Done, not done, and over.
    bo.set_status(session, Status::Resolved).await.unwrap();
    ana.sees(is(|event| matches!(event, Event::StatusChanged { to: Status::Resolved, .. }))).await;
    ana.say("one more thing").await;
    for seat in [&mut ana, &mut agent] {
        seat.sees(is(|event| matches!(event, Event::Reopened { to: Status::InProgress }))).await;
        seat.hears("one more thing").await;
    }
    bo.set_status(session, Status::Closed).await.unwrap();
    ana.sees(is(|event| matches!(event, Event::Closed { .. }))).await;

    // It goes on in another one.
    let again = ana.say("hello again").await;
    assert_ne!(again.session, session);
    let next =
        is(move |event| matches!(event, Event::Continued { session_id } if *session_id == again.session));
    agent.sees(&next).await;
    ana.sees(&next).await;
    let mut agent_there = Seat::take(bo.caller().clone(), again.session, agents).await;
    agent_there.hears("hello again").await;
    let mut ana_there = Seat::take(caller.clone(), again.session, customers).await;
    agent_there.say("welcome back").await;
    ana_there.hears("welcome back").await;

    // One log, wherever it is read; and each saw all of it that is theirs.
    for node in 0..2 {
        let team = cluster.at(node, bo.caller()).whole_log(session).await.unwrap();
        assert_eq!(agent.seen(), team);
        let customers = cluster.at(node, &caller).whole_log(session).await.unwrap();
        assert_eq!(ana.seen(), customers);
        assert_eq!(team.len(), customers.len() + 1, "the note");
    }

    // By WebSocket she follows the new chat from both places.
    ana.cut();
    ana_there.cut();
    agent_there.notices(Sign::Here(CUSTOMER, false)).await;
}
