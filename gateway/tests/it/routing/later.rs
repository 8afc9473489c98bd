//! What becomes of those for whom nobody is here, and of those who wait for too long.

use loadtest::client::{Caller, WsConnection};
use protocol::{Event, Seq, ServerFrame, SessionId, TakenBecause, UtcMillis};
use serde_json::{Value, json};

use super::{BRISK, chat, held, id_of, is, made, set_routing, takes_at_most, words};
use crate::support::{TestServer, on_both_stores};

const DAY: i64 = 86_400_000;

fn flags(mode: &'static str, messages: &'static str) -> Vec<&'static str> {
    let mut flags = vec!["--routing", mode, "--take-messages", messages];
    flags.extend(BRISK);
    flags
}

/// The customer's widget, which has everything from the beginning.
async fn widget(ana: &Caller, session: SessionId) -> WsConnection {
    ana.websocket().follow(session, Some(Seq::ZERO), None).connect().await.unwrap()
}

/// That the chat was taken as a message, as the customer is told.
async fn taken(widget: &mut WsConnection) -> (TakenBecause, Option<UtcMillis>) {
    let of = |event: &Option<Event>| match event {
        Some(Event::TakenAsMessage { because, opens_at }) => Some((*because, *opens_at)),
        _ => None,
    };
    let taken = widget.expect(|frame| match frame {
        ServerFrame::Entry { entry, .. } => of(&entry.event),
        ServerFrame::Opened { entries, .. } => entries.iter().find_map(|entry| of(&entry.event)),
        _ => None,
    });
    taken.await.unwrap()
}

on_both_stores! {
    async fn with_nobody_here_it_is_a_message_and_is_answered_later(engine: Engine) {
        let server = TestServer::start_with(engine, &flags("automatic", "true")).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let mut chats = Vec::new();
        for n in 0..3 {
            let (ana, session) = chat(&server, n).await;
            let mut at_ana = widget(&ana, session).await;
            assert_eq!(taken(&mut at_ana).await, (TakenBecause::Away, None));
            ana.say(session, "then I write it down here").await.unwrap();
            chats.push((ana, session, at_ana));
        }
        // Once, and no place in line is told: there is nobody to wait for.
        let (ana, session, _) = &chats[0];
        ana.say(*session, "and one thing more").await.unwrap();
        let now = admin.session(*session).await.unwrap().ticket.unwrap();
        assert_eq!(now.work.as_message, Some(TakenBecause::Away));
        assert!(now.queued_since.is_some());
        let log = ana.whole_log(*session).await.unwrap();
        assert_eq!(words(&log), ["started", "taken_as_message"]);

        // The next morning whoever comes is given them, the first one first.
        takes_at_most(&admin, &bo, 2).await;
        let _at_bo = bo.websocket().connect().await.unwrap();
        held(&admin, chats[0].1, Some(&bo)).await;
        held(&admin, chats[1].1, Some(&bo)).await;
        held(&admin, chats[2].1, None).await;
        bo.say(chats[0].1, "Good morning").await.unwrap();
        bo.caller().close(chats[0].1).await.unwrap();
        held(&admin, chats[2].1, Some(&bo)).await;
        for (ana, session, at_ana) in &mut chats {
            assert!(!at_ana.take_inbox().iter().any(|frame| matches!(frame, ServerFrame::Queue { .. })));
            let log = ana.whole_log(*session).await.unwrap();
            assert!(log.iter().any(|entry| entry.body == "then I write it down here"), "nothing typed is lost");
            assert_eq!(admin.session(*session).await.unwrap().ticket.unwrap().work.as_message, None);
        }
    }

    async fn outside_hours_the_customer_is_told_when_it_opens(engine: Engine) {
        let server = TestServer::start_with(engine, &flags("manual", "true")).await;
        let admin = server.admin().await;
        let _desk = admin.websocket().connect().await.unwrap();
        let today = hub::Clock::system().now().get() / DAY * DAY;
        let day = |n: i64| UtcMillis::new(today + n * DAY);
        let holidays: Vec<_> = (-1..3).map(|n| json!({ "date": day(n).to_string()[..10] })).collect();
        let sites: Value = admin.request("GET", "/sites").read().await.unwrap();
        let path = format!("/sites/{}", sites["items"][0]["id"].as_str().unwrap());
        let hours = json!({ "hours": { "time_zone": "UTC", "always": true, "holidays": holidays } });
        admin.request("PATCH", &path).json(&hours).done().await.unwrap();
        let (ana, session) = chat(&server, 0).await;
        let mut at_ana = widget(&ana, session).await;
        assert_eq!(taken(&mut at_ana).await, (TakenBecause::Closed, Some(day(3))));
        ana.say(session, "until then").await.unwrap();
        // Whoever works late may answer all the same.
        admin.claim(session).await.unwrap();
        assert_eq!(admin.session(session).await.unwrap().ticket.unwrap().work.as_message, None);
    }

    async fn a_wait_that_is_too_long_ends_as_is_set(engine: Engine) {
        let server = TestServer::start_with(engine, &flags("automatic", "false")).await;
        let admin = server.admin().await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        takes_at_most(&admin, &admin, 0).await;
        let others = made(&admin, "/teams", json!({ "name": "Others", "members": [id_of(&bo)] })).await;
        let first = made(&admin, "/teams", json!({ "name": "First" })).await;
        let _desks = [admin.websocket().connect().await.unwrap(), bo.websocket().connect().await.unwrap()];
        set_routing(&admin, json!({ "max_wait_s": 5, "fallback": { "type": "team", "team_id": others } })).await;
        takes_at_most(&admin, &bo, 1).await;
        let (_, session) = chat(&server, 0).await;
        held(&admin, session, Some(&bo)).await;
        let hand_on = json!({ "team_id": first });
        admin.on_session("POST", session, "/transfer").json(&hand_on).done().await.unwrap();
        held(&admin, session, Some(&bo)).await;
        let log = admin.whole_log(session).await.unwrap();
        assert_eq!(words(&log)[3..], ["assigned", "handed_on", "waited_too_long", "routed", "assigned"]);

        set_routing(&admin, json!({ "max_wait_s": 5 })).await;
        let (ana, waits) = chat(&server, 1).await;
        let mut at_ana = widget(&ana, waits).await;
        let place = at_ana.expect(|frame| matches!(frame, ServerFrame::Queue { position: 1, .. }).then_some(()));
        place.await.unwrap();
        assert_eq!(taken(&mut at_ana).await, (TakenBecause::Waited, None));
        let left = at_ana.expect(|frame| matches!(frame, ServerFrame::QueueLeft { .. }).then_some(()));
        left.await.unwrap();
        bo.caller().close(session).await.unwrap();
        held(&admin, waits, Some(&bo)).await;
        assert_eq!(words(&ana.whole_log(waits).await.unwrap()), ["started", "taken_as_message", "assigned"]);
    }

    async fn a_long_poll_tells_the_place_in_line(engine: Engine) {
        let server = TestServer::start_with(engine, &flags("manual", "false")).await;
        let admin = server.admin().await;
        let _desk = admin.websocket().connect().await.unwrap();
        let (first, before) = chat(&server, 0).await;
        let (ana, session) = chat(&server, 1).await;
        let mut poll = ana.poll(session).after(Seq::ZERO).wait(20);
        let place = async |poll: &mut loadtest::client::Poll, expected: Option<u32>| {
            loop {
                let answer = poll.next().await.unwrap();
                if answer.queue.map(|place| place.position) == expected {
                    return;
                }
            }
        };
        place(&mut poll, Some(2)).await;
        first.close(before).await.unwrap();
        place(&mut poll, Some(1)).await;
        admin.claim(session).await.unwrap();
        place(&mut poll, None).await;
        is(&admin, session, |now| now.assignee.is_some()).await;
    }
}
