//! For whom a chat is: teams, skills, languages; and how each site's and team's chats find their agents.

use protocol::{Because, Event, SessionSummary, SkipReason, rest::Page};
use serde_json::{Value, json};

use super::{BRISK, chat, held, id_of, is, made, post, set_routing, takes_at_most, words};
use crate::support::{TestServer, on_both_stores};

const AUTOMATIC: [&str; 6] = ["--routing", "automatic", BRISK[0], BRISK[1], BRISK[2], BRISK[3]];

on_both_stores! {
    async fn handed_on_to_a_team_and_to_a_skill(engine: Engine) {
        let server = TestServer::start_with(engine, &AUTOMATIC).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let cleo = server.member("agent", "cleo@shop.example", "Cleo").await;
        let billing = made(&admin, "/teams", json!({ "name": "Billing", "members": [id_of(&bo), id_of(&cleo)] })).await;
        let law = made(&admin, "/skills", json!({ "name": "Law" })).await;
        let _at_bo = bo.websocket().connect().await.unwrap();
        let (ana, session) = chat(&server, 0).await;
        held(&admin, session, Some(&bo)).await;

        for (body, field) in [
            (json!({}), "agent_id"),
            (json!({ "agent_id": id_of(&cleo), "team_id": billing }), "agent_id"),
            (json!({ "team_id": law }), "team_id"),
            (json!({ "skill": "juggling" }), "skill"),
            (json!({ "skill": "law", "level": 6 }), "level"),
        ] {
            let refused = post(&bo, session, "/transfer", body.clone()).await;
            assert_eq!((refused.status, &*refused.problem().unwrap().errors[0].field), (422, field), "{body}");
        }
        let body = json!({ "team_id": billing, "note": "about the invoice" });
        assert_eq!(post(&bo, session, "/transfer", body).await.status, 200);
        let now = is(&admin, session, |now| now.assignee.is_none()).await;
        assert_eq!(now.ticket.as_ref().unwrap().work.team.as_ref().unwrap().name, "Billing");
        assert!(now.ticket.unwrap().queued_since.is_some());
        // He is of the team too, but it was he who handed it on; she has it as soon as she is there.
        let at_cleo = cleo.websocket().connect().await.unwrap();
        held(&admin, session, Some(&cleo)).await;
        let log = admin.whole_log(session).await.unwrap();
        assert_eq!(words(&log)[3..], ["assigned", "handed_on", "routed", "assigned"]);
        let Some(Event::Routed { why }) = log.iter().rev().find_map(|entry| {
            entry.event.clone().filter(|event| matches!(event, Event::Routed { .. }))
        }) else { panic!("{log:?}") };
        assert!(why.skipped.iter().any(|one| one.agent.name == "Bo" && one.reason == SkipReason::HandedOn));
        assert!(why.skipped.iter().any(|one| one.reason == SkipReason::NotInTeam), "{why:?}");
        assert_eq!(why.chosen.as_ref().unwrap().because, Because::OnlyOne);
        let text = ana.on_session("GET", session, "/entries").send().await.unwrap().text();
        assert!(!text.contains("handed_on") && !text.contains("invoice"), "{text}");

        // To whoever knows law, at level 3: nobody does yet.
        let body = json!({ "skill": "law", "level": 3 });
        assert_eq!(post(&cleo, session, "/transfer", body).await.status, 200);
        is(&admin, session, |now| now.assignee.is_none()).await;
        let path = format!("/agents/{}/skills", id_of(&bo));
        admin.request("PUT", &path).json(&json!([{ "skill": law, "level": 4 }])).done().await.unwrap();
        held(&admin, session, Some(&bo)).await;
        let work = admin.session(session).await.unwrap().ticket.unwrap().work;
        assert_eq!((work.team, work.skills[0].level, &*work.skills[0].skill.name), (None, 3, "Law"));
        drop(at_cleo);
    }

    async fn a_team_has_its_list_and_its_end(engine: Engine) {
        let server = TestServer::start_with(engine, &AUTOMATIC).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let billing = made(&admin, "/teams", json!({ "name": "Billing" })).await;
        let (_, session) = chat(&server, 0).await;
        let (_, other) = chat(&server, 1).await;
        let patch = async |body: Value| admin.on_session("PATCH", session, "").json(&body).send().await.unwrap();
        for (body, field) in [
            (json!({ "team_id": id_of(&admin) }), "team_id"),
            (json!({ "skills": [{ "skill": "juggling", "level": 1 }] }), "skills[0].skill"),
            (json!({ "language": "not a language" }), "language"),
        ] {
            let refused = patch(body.clone()).await;
            assert_eq!((refused.status, &*refused.problem().unwrap().errors[0].field), (422, field), "{body}");
        }
        assert_eq!(patch(json!({ "team_id": billing, "language": "de-at" })).await.status, 200);
        let path = format!("/sessions?team={billing}");
        let list: Page<SessionSummary> = admin.request("GET", &path).read().await.unwrap();
        assert_eq!((list.total, list.items[0].id), (1, session));
        let work = list.items[0].ticket.clone().unwrap().work;
        assert_eq!((work.team.unwrap().name, work.language.unwrap()), ("Billing".to_owned(), "de-AT".to_owned()));
        let wrong = admin.request("GET", "/sessions?team=billing").send().await.unwrap();
        assert_eq!(wrong.status, 422);

        // Nobody is in the team; with the team gone, it is anybody's.
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let _at_bo = bo.websocket().connect().await.unwrap();
        held(&admin, other, Some(&bo)).await;
        held(&admin, session, None).await;
        admin.request("DELETE", &format!("/teams/{billing}")).done().await.unwrap();
        held(&admin, session, Some(&bo)).await;
        assert_eq!(patch(json!({ "team_id": null })).await.status, 200);
        let log = admin.whole_log(session).await.unwrap();
        assert_eq!(words(&log).last().unwrap(), "team_changed");
    }

    async fn each_site_and_team_in_its_own_way(engine: Engine) {
        let server = TestServer::start_with(engine, &BRISK).await;
        let admin = server.admin().await;
        takes_at_most(&admin, &admin, 0).await;
        let bo = server.member("agent", "bo@shop.example", "Bo").await;
        let team = made(&admin, "/teams", json!({ "name": "Billing", "members": [id_of(&bo)] })).await;
        let sites: Value = admin.request("GET", "/sites").read().await.unwrap();
        let site = sites["items"][0]["id"].as_str().unwrap().to_owned();
        for routing in [
            json!({ "offer_seconds": 1 }),
            json!({ "max_wait_s": 0 }),
            json!({ "away_after_unanswered": 0 }),
            json!({ "teams": { (site.clone()): { "mode": "manual" } } }),
            json!({ "sites": { (team.clone()): { "mode": "manual" } } }),
            json!({ "sites": { (site.clone()): { "team": site } } }),
            json!({ "sites": { (site.clone()): { "skills": [{ "skill": "juggling", "level": 1 }] } } }),
            json!({ "fallback": { "type": "team", "team_id": site } }),
            json!({ "mode": "by magic" }),
        ] {
            let body = json!({ "routing": routing });
            let refused = admin.request("PATCH", "/settings").json(&body).send().await.unwrap();
            assert_eq!(refused.status, 422, "{body}: {}", refused.text());
        }
        let _at_bo = bo.websocket().connect().await.unwrap();
        // By hand for all, but at this site they are for Billing, which is given its chats.
        let routing = json!({ "sites": { (site.clone()): { "team": team } }, "teams": { (team.clone()): { "mode": "automatic" } } });
        let set = set_routing(&admin, routing).await;
        assert_eq!((set.routing.sites.len(), set.routing.teams.len()), (1, 1));
        let (ana, session) = chat(&server, 0).await;
        held(&admin, session, Some(&bo)).await;
        assert_eq!(words(&ana.whole_log(session).await.unwrap()), ["started", "assigned"]);
        let log = admin.whole_log(session).await.unwrap();
        assert_eq!(words(&log), ["started", "team_changed", "routed", "assigned"]);

        // A chat that goes on is for them still.
        ana.close(session).await.unwrap();
        let sent = ana.say(session, "one more thing").await.unwrap();
        held(&admin, sent.session, Some(&bo)).await;

        let routing = json!({ "mode": "automatic", "sites": { (site): { "mode": "manual" } } });
        set_routing(&admin, routing).await;
        let (_, by_hand) = chat(&server, 1).await;
        let body = json!({ "priority": "high" });
        admin.on_session("PATCH", by_hand, "").json(&body).done().await.unwrap();
        let shop = json!({ "key": "other-shop", "name": "Other shop" });
        admin.request("POST", "/sites").json(&shop).done().await.unwrap();
        let start = loadtest::client::introduction("Eve", "+447700900877");
        let (_, given) = server.client().start("other-shop", start).await.unwrap();
        held(&admin, given.session.id, Some(&bo)).await;
        held(&admin, by_hand, None).await;
    }
}
