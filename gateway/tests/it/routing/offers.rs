//! Offers: to one agent after the other, accepted once, whichever server they are at.

use loadtest::client::AgentClient;
use protocol::{Availability, OfferEnd, ServerFrame};
use serde_json::json;

use super::{BRISK, asked, chat, ended, held, id_of, is, post, set_routing, takes_at_most, words};
use crate::support::{TestServer, cluster::Cluster, on_both_stores};

const OFFER: [&str; 6] = ["--routing", "offer", BRISK[0], BRISK[1], BRISK[2], BRISK[3]];

/// Bo and Cleo, and an admin who takes nothing.
async fn team(server: &TestServer) -> [AgentClient; 3] {
    let admin = server.admin().await;
    takes_at_most(&admin, &admin, 0).await;
    let bo = server.member("agent", "bo@shop.example", "Bo").await;
    let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
    takes_at_most(&admin, &cleo, 1).await;
    [admin, bo, cleo]
}

on_both_stores! {
    async fn declined_by_one_and_accepted_by_the_next(engine: Engine) {
        let server = TestServer::start_with(engine, &OFFER).await;
        let [admin, bo, cleo] = team(&server).await;
        let mut at_bo = bo.websocket().connect().await.unwrap();
        let (ana, session) = chat(&server, 0).await;
        assert_eq!(asked(&mut at_bo).await, session);
        let now = admin.session(session).await.unwrap();
        let offers = now.ticket.unwrap().work.offers;
        assert_eq!(offers.standing.map(|offer| offer.agent.id), Some(id_of(&bo)));
        let not_asked = post(&cleo, session, "/accept", json!({})).await;
        assert_eq!((not_asked.status, not_asked.problem().unwrap().code.as_str()), (409, "offer_over"));

        // Who comes back is told again.
        drop(at_bo);
        let mut at_bo = bo.websocket().connect().await.unwrap();
        assert_eq!(asked(&mut at_bo).await, session);
        let mut at_cleo = cleo.websocket().connect().await.unwrap();
        assert_eq!(post(&bo, session, "/decline", json!({})).await.status, 200);
        assert_eq!(ended(&mut at_bo).await, (session, OfferEnd::Declined));
        assert_eq!(post(&bo, session, "/accept", json!({})).await.status, 409, "too late to think again");
        assert_eq!(asked(&mut at_cleo).await, session);
        assert_eq!(post(&cleo, session, "/accept", json!({})).await.status, 200);
        assert_eq!(ended(&mut at_cleo).await, (session, OfferEnd::Accepted));
        held(&admin, session, Some(&cleo)).await;
        assert_eq!(post(&cleo, session, "/accept", json!({})).await.status, 200, "said twice is said once");

        let log = admin.whole_log(session).await.unwrap();
        let expected = [
            "started", "routed", "offer offered", "offer declined", "routed", "offer offered", "offer accepted",
            "assigned",
        ];
        assert_eq!(words(&log), expected);
        let seen = ana.whole_log(session).await.unwrap();
        assert_eq!(words(&seen), ["started", "assigned"], "who declined is not for customers");

        // An offer keeps a place free: she takes one at a time, and he is asked next.
        let (_, second) = chat(&server, 1).await;
        assert_eq!(asked(&mut at_bo).await, second);
        let standing = admin.session(second).await.unwrap().ticket.unwrap().work.offers.standing;
        assert_eq!(standing.map(|offer| offer.agent.id), Some(id_of(&bo)));
        // He takes it by hand, which is the same.
        bo.claim(second).await.unwrap();
        assert_eq!(ended(&mut at_bo).await, (second, OfferEnd::Accepted));
        let log = admin.whole_log(second).await.unwrap();
        assert_eq!(words(&log), ["started", "routed", "offer offered", "offer accepted", "assigned"]);
    }

    async fn left_unanswered_it_goes_to_the_next(engine: Engine) {
        let server = TestServer::start_with(engine, &OFFER).await;
        let [admin, bo, cleo] = team(&server).await;
        // What absent agents hold would go back in line.
        let _at_admin = admin.websocket().connect().await.unwrap();
        set_routing(&admin, json!({ "offer_seconds": 5, "away_after_unanswered": 1 })).await;
        let mut at_bo = bo.websocket().connect().await.unwrap();
        let (_, session) = chat(&server, 0).await;
        assert_eq!(asked(&mut at_bo).await, session);
        let mut at_cleo = cleo.websocket().connect().await.unwrap();
        assert_eq!(ended(&mut at_bo).await, (session, OfferEnd::Unanswered));
        assert_eq!(asked(&mut at_cleo).await, session);
        let away = at_bo.expect(|frame| match frame {
            ServerFrame::Availability { agent, status: Availability::Away, .. } => {
                (agent.id == id_of(&bo)).then_some(())
            }
            _ => None,
        });
        away.await.unwrap();
        // A colleague who sees it takes it by hand: it is not hers to answer any more.
        admin.claim(session).await.unwrap();
        assert_eq!(ended(&mut at_cleo).await, (session, OfferEnd::Withdrawn));
        assert_eq!(post(&cleo, session, "/accept", json!({})).await.status, 404, "the admin's, which she may not see");
    }

    async fn whoever_is_faster_has_it(engine: Engine) {
        let server = TestServer::start_with(engine, &OFFER).await;
        let [admin, bo, _] = team(&server).await;
        // What absent agents hold would go back in line.
        let _at_admin = admin.websocket().connect().await.unwrap();
        let mut at_bo = bo.websocket().connect().await.unwrap();
        for n in 0..8 {
            let (_, session) = chat(&server, n).await;
            assert_eq!(asked(&mut at_bo).await, session);
            let (claim, accept) = tokio::join!(admin.claim(session), post(&bo, session, "/accept", json!({})));
            let holder = is(&admin, session, |now| now.assignee.is_some()).await.assignee.unwrap();
            let his = holder.id == id_of(&bo);
            assert_eq!((claim.is_err(), accept.status == 200), (his, his), "{}", accept.text());
            let end = if his { OfferEnd::Accepted } else { OfferEnd::Withdrawn };
            assert_eq!(ended(&mut at_bo).await, (session, end));
            let log = admin.whole_log(session).await.unwrap();
            assert_eq!(words(&log).iter().filter(|word| *word == "assigned").count(), 1);
            admin.request("POST", &format!("/sessions/{session}/close")).done().await.unwrap();
        }
    }
}

/// The server that asked is killed: the other one sees that the time is over, and asks the next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_goes_on_with_an_offer() {
    let mut flags = OFFER.to_vec();
    flags.truncate(4);
    let mut cluster = Cluster::start_with(1, &flags).await;
    let admin = cluster.admin(1).await;
    let bo = cluster.nodes[0].member("agent", "bo@shop.example", "Bo").await;
    let cleo = cluster.nodes[1].member("agent", "cleo@shop.example", "Cleo").await;
    takes_at_most(&admin, &admin, 0).await;
    takes_at_most(&admin, &cleo, 0).await;
    set_routing(&admin, json!({ "offer_seconds": 60 })).await;
    let mut at_bo = bo.websocket().connect().await.unwrap();
    let mut at_cleo = cleo.websocket().connect().await.unwrap();
    // He hears of it at his server, wherever it began and whoever asked.
    let (_, session) = chat(&cluster.nodes[1], 0).await;
    assert_eq!(asked(&mut at_bo).await, session);
    cluster.nodes[0].kill().await;
    takes_at_most(&admin, &cleo, 1).await;
    assert_eq!(asked(&mut at_cleo).await, session);
    assert_eq!(post(&cleo, session, "/accept", json!({})).await.status, 200);
    held(&admin, session, Some(&cleo)).await;
    let log = admin.whole_log(session).await.unwrap();
    assert!(words(&log).contains(&"offer gone".to_owned()), "{:?}", words(&log));
}
