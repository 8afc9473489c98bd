//! What the clock does, on real stores: to many sessions, by one of two nodes, once each; and what is read for it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use hub::{Caller, Clock, Hub, Rules, state::Action};
use persistence::on_both_engines;
use protocol::{
    Audience, Channel, Entry, Event, NotificationKind, Sender, SessionId, Status, UtcMillis,
    rest::EditSettings,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    fixture::{SOON, Shop, log, node_at, say},
    nodes::Cluster,
};

const MINUTE: Duration = Duration::from_secs(60);
const LONG: Duration = Duration::from_secs(600);

fn clock() -> Clock {
    Clock::manual(UtcMillis::new(1_795_161_600_000))
}

fn edit(settings: Value) -> EditSettings {
    serde_json::from_value::<EditSettings>(settings).unwrap().checked().unwrap()
}

/// First answer in an hour, warned ten minutes before; a chat ends after half an hour.
fn levels() -> EditSettings {
    edit(json!({
        "sla": [{
            "name": "All", "targets": { "first_response_s": 3_600 }, "warn_before_s": 600,
            "escalate": ["raise_priority"],
        }],
        "reminders": { "unassigned_after_s": 1_800, "unresolved_after_s": null },
    }))
}

fn words(log: &[Entry]) -> Vec<&'static str> {
    let word = |entry: &Entry| match &entry.event {
        None => Some("+"),
        Some(Event::SlaWarned { .. }) => Some("warned"),
        Some(Event::SlaBreached { .. }) => Some("breached"),
        Some(Event::PriorityChanged { .. }) => Some("raised"),
        Some(Event::Reminded { .. }) => Some("reminded"),
        Some(Event::Ending { .. }) => Some("ending"),
        Some(Event::Closed { .. }) => Some("closed"),
        Some(_) => None,
    };
    log.iter().filter_map(word).collect()
}

/// Time goes by, and every node looks, again and again, until none has anything left to do.
async fn pass(nodes: &[Hub], minutes: u32) {
    nodes[0].clock().advance(MINUTE * minutes);
    for _ in 0..4 {
        for rung in join_all(nodes.iter().map(Hub::ring)).await {
            rung.unwrap();
        }
        nodes[0].clock().advance(Duration::from_secs(6));
    }
}

on_both_engines! {
    async fn each_thing_happens_once_on_two_nodes(test) {
        let cluster = Cluster::start_at(&test, 31, clock()).await;
        let [a, b] = &cluster.nodes;
        a.change_settings(&levels()).await.unwrap();
        // The other hears of it in its own time.
        let deadline = Instant::now() + SOON;
        while b.settings().sla.is_empty() {
            assert!(Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(50)).await;
            b.attend().await.unwrap();
        }
        let mut sessions = Vec::new();
        for n in 0..10 {
            let (ana, session) = cluster.shop.start(&cluster.nodes[n % 2]).await;
            say(&cluster.nodes[n % 2], &ana, session, "anybody there?").await.unwrap();
            sessions.push(session);
        }
        // One is answered in time, on a node that did not begin it.
        say(b, &cluster.shop.agent(0), sessions[0], "here I am").await.unwrap();
        pass(&cluster.nodes, 20).await;
        for session in &sessions {
            assert_eq!(words(&log(&test.store, *session).await)[1..], [&[][..], &["+"]][usize::from(*session == sessions[0])][..]);
        }
        pass(&cluster.nodes, 15).await;
        pass(&cluster.nodes, 20).await;
        pass(&cluster.nodes, 20).await;
        pass(&cluster.nodes, 300).await;
        for session in &sessions[1..] {
            let log = log(&test.store, *session).await;
            assert_eq!(words(&log), ["+", "reminded", "warned", "breached", "raised"], "{log:#?}");
        }
        let answered = log(&test.store, sessions[0]).await;
        assert_eq!(words(&answered), ["+", "+", "reminded", "ending", "+", "+", "closed"], "{answered:#?}");
        let said: Vec<_> = answered.iter().filter(|entry| entry.visible_to(Audience::Customer)).map(|entry| entry.body.as_str()).collect();
        assert!(said.contains(&"This chat will end in 5 minutes unless you write."), "{said:?}");
        // Nobody held them: those who lead were told of each thing, once.
        let lead = cluster.shop.agents[0].id;
        let (told, count) = test.store.notifications(lead, true, None, 100).await.unwrap();
        assert!(told.iter().all(|one| one.kind == NotificationKind::Due && one.from == Sender::System), "{told:#?}");
        assert_eq!((told.len(), count.unread), (9 * 3 + 1, 9 * 3 + 1));
    }
}

on_both_engines! {
    async fn two_nodes_that_both_act_do_it_once(test) {
        let cluster = Cluster::start_at(&test, 32, clock()).await;
        let [a, b] = &cluster.nodes;
        let settings = a.change_settings(&levels()).await.unwrap();
        let rules = Arc::new(Rules::new(&settings, Arc::default()));
        for _ in 0..10 {
            let (ana, session) = cluster.shop.start(a).await;
            say(a, &ana, session, "anybody there?").await.unwrap();
            say(b, &ana, session, "hello?").await.unwrap();
            a.clock().advance(MINUTE * 70);
            let ring = |hub: &Hub| hub.act(Caller::System, session, Action::Ring(rules.clone()));
            for rung in join_all([ring(a), ring(b), ring(a), ring(b)]).await {
                rung.unwrap();
            }
            let log = log(&test.store, session).await;
            assert_eq!(words(&log), ["+", "+", "breached", "raised", "reminded"], "{log:#?}");
        }
    }
}

on_both_engines! {
    async fn sessions_from_before_are_found_and_more_than_one_look_takes(test) {
        let shop = Shop::open(&test.store).await;
        let clock = clock();
        let first = node_at(&test.store, None, LONG, clock.clone());
        first.change_settings(&levels()).await.unwrap();
        let mut sessions = Vec::new();
        for _ in 0..450 {
            sessions.push(shop.start(&first).await.1);
        }
        first.shutdown().await;
        clock.advance(MINUTE * 120);
        let next = node_at(&test.store, None, LONG, clock.clone());
        // Who acts stays the one who acts for a while.
        let deadline = Instant::now() + SOON;
        let breached = async |session: SessionId| words(&log(&test.store, session).await).contains(&"breached");
        loop {
            next.ring().await.unwrap();
            let mut left = sessions.len();
            for session in &sessions {
                left -= usize::from(breached(*session).await);
            }
            if left == 0 {
                break;
            }
            assert!(Instant::now() < deadline, "{left} are left");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        clock.advance(LONG * 100);
        next.ring().await.unwrap();
        for session in &sessions {
            assert_eq!(words(&log(&test.store, *session).await), ["breached", "raised", "reminded"]);
        }
    }
}

on_both_engines! {
    async fn other_settings_count_for_what_is_there(test) {
        let shop = Shop::open(&test.store).await;
        let hub = node_at(&test.store, None, LONG, clock());
        let nodes = std::slice::from_ref(&hub);
        hub.change_settings(&edit(json!({ "closing": { "inactive_after_s": null, "reopen_window_s": null } }))).await.unwrap();
        let (ana, session) = shop.start(&hub).await;
        say(&hub, &ana, session, "hello").await.unwrap();
        say(&hub, &shop.agent(0), session, "hello").await.unwrap();
        pass(nodes, 600).await;
        assert_eq!(words(&log(&test.store, session).await), ["+", "+", "reminded"]);
        hub.change_settings(&edit(json!({ "closing": { "resolve_after_s": 60 } }))).await.unwrap();
        pass(nodes, 0).await;
        assert_eq!(test.store.session(session).await.unwrap().unwrap().status, Status::Resolved);
        pass(nodes, 3 * 24 * 60).await;
        let closed = test.store.session(session).await.unwrap().unwrap();
        assert_eq!(closed.status, Status::Closed);
        // What was said is of another session now.
        let (elsewhere, _) = say(&hub, &ana, session, "one more thing").await.unwrap();
        assert_ne!(elsewhere, session);
    }
}

on_both_engines! {
    async fn a_word_ends_a_chat_where_there_are_no_buttons(test) {
        let shop = Shop::open(&test.store).await;
        let hub = node_at(&test.store, None, LONG, clock());
        hub.ring().await.unwrap();
        let (ana, web) = shop.start(&hub).await;
        say(&hub, &ana, web, "Done!").await.unwrap();
        assert_eq!(test.store.session(web).await.unwrap().unwrap().status, Status::Open, "the web has a button");

        let (ana, session) = shop.start_by(&hub, Channel::Api).await;
        say(&hub, &ana, session, "I am done").await.unwrap();
        say(&hub, &shop.agent(0), session, "done").await.unwrap();
        let (at, seq) = say(&hub, &ana, session, " Done! ").await.unwrap();
        let entries = log(&test.store, session).await;
        let own = entries.iter().find(|entry| entry.seq == seq).unwrap();
        assert_eq!((at, own.body.as_str()), (session, "Done!"), "what is acked is the customer's own");
        let said: Vec<_> = entries[own.seq.get() as usize..].iter().map(|entry| entry.body.as_str()).collect();
        assert_eq!(said, ["This chat has ended. Write at any time to begin a new one.", ""]);
        assert_eq!(test.store.session(session).await.unwrap().unwrap().status, Status::Closed);

        // Said once more, it begins a chat that is over at once: nobody has to answer.
        let (next, _) = say(&hub, &ana, session, "exit").await.unwrap();
        assert_ne!(next, session);
        assert_eq!(test.store.session(next).await.unwrap().unwrap().status, Status::Closed);
        assert_eq!(words(&log(&test.store, next).await), ["+", "+", "closed"]);
    }
}
